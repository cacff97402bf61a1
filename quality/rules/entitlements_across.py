"""Rules across the departments' records of what a person holds and is paid: cards, insurances, aid, subsidies."""

from __future__ import annotations

from quality.rules.across import OneFeedRule
from quality.verdict import Dimension, Severity

_MONTH_OF_DEATH = (
    "cast(cast(extract(year FROM dead.died_on) * 100 + extract(month FROM dead.died_on) AS integer) AS varchar)"
)


class _Dead(OneFeedRule):
    dimension = Dimension.CONSISTENCY
    still: str

    @property
    def feeds(self) -> tuple[str, ...]:  # type: ignore[override]
        """The register and the feed itself."""
        return ("ps_person", self.feed)

    def broken(self) -> str:
        """Records of the dead that are still in force."""
        return f"""
            SELECT record.source_key, dead.told_by AS other_key
            FROM of_{self.feed} AS record JOIN dead ON dead.master_id = record.master_id WHERE {self.still}"""


class DeadWithActiveCard(_Dead):
    """A person registered as dead has no card in force."""

    id = "dead_with_active_card"
    feed = "hrss_card"
    field = "card_status"
    still = "record.card_status = 'normal'"
    sentence = "持卡人已登记死亡，社保卡仍为正常状态。"
    advice = "请核实后注销社保卡，并通知合作银行止付。"


class DeadButInsured(_Dead):
    """A person registered as dead has no medical insurance in force."""

    id = "dead_but_insured"
    feed = "nhsa_insured"
    field = "insured_state"
    still = "record.insured_state = 'normal'"
    sentence = "参保人已登记死亡，医保仍为正常参保。"
    advice = "请核实后终止参保，并核查死亡后的结算记录。"


class DeadButInSocialInsurance(_Dead):
    """A person registered as dead neither pays for social insurance nor draws a pension."""

    id = "dead_but_in_social_insurance"
    feed = "hrss_insured"
    field = "payment_state"
    still = "(record.payment_state IN ('paying', 'paused') OR record.benefit_state = 'receiving')"
    sentence = "参保人已登记死亡，社会保险关系未终止或待遇仍在享受。"
    advice = "请核实后终止参保关系，停发待遇并追回死亡后发放的资金。"


class DeadButAided(_Dead):
    """A person registered as dead is paid no social aid after the month of death."""

    id = "dead_but_aided"
    feed = "ca_assist"
    field = "assist_stop"
    still = f"(record.assist_stop IS NULL OR record.assist_stop > {_MONTH_OF_DEATH})"
    sentence = "救助对象已登记死亡，救助待遇仍在发放。"
    advice = "请停发待遇，核查并追回死亡后发放的资金。"


class DeadButPaidForAge(_Dead):
    """A person registered as dead stands in no list of allowances for the very old."""

    id = "dead_but_paid_for_age"
    feed = "ca_elder"
    field = "age_band"
    still = "TRUE"
    sentence = "老人已登记死亡，仍在高龄津贴发放名单中。"
    advice = "请停发津贴，核查并追回死亡后发放的资金。"


class DeadButAidedForMedicine(_Dead):
    """A person registered as dead is no subject of medical assistance any more."""

    id = "dead_but_aided_for_medicine"
    feed = "nhsa_assist"
    field = "valid_to"
    still = "(record.valid_to IS NULL OR record.valid_to > dead.died_on)"
    sentence = "医疗救助对象已登记死亡，救助身份仍有效。"
    advice = "请终止救助身份，并核查死亡后的救助结算。"


class DeadButSubsidised(_Dead):
    """No subsidy is paid to a person for the month of death or a later one."""

    id = "dead_but_subsidised"
    feed = "fin_subsidy"
    field = "pay_month"
    still = f"record.pay_month >= {_MONTH_OF_DEATH}"
    sentence = "补贴对象已登记死亡，仍列入死亡当月或以后月份的补贴发放。"
    advice = "请在发放前剔除，已发放的请核查追回；按规定可发至死亡当月的，请注明。"


class DeadButRegistered(_Dead):
    """A person whose death was certified, registered or followed by a funeral has no live household registration."""

    id = "dead_but_registered"
    feed = "ps_person"
    field = "cancel_reason"
    still = "record.cancel_reason IS NULL"
    sentence = "已有死亡登记、死亡医学证明或火化记录，户口尚未注销。"
    advice = "请核实后办理死亡注销登记；属他人误用号码的，请反馈。"


class TwoActiveCards(OneFeedRule):
    """A person has at most one physical card in force."""

    id = "two_active_cards"
    dimension = Dimension.UNIQUENESS
    feed = "hrss_card"
    field = "card_status"
    feeds = ("hrss_card",)
    sentence = "同一人持有两张及以上正常状态的社保卡。"
    advice = "请保留最近制发的一张，其余按补换或注销处理。"

    def broken(self) -> str:
        """Every card in force of such a person but the newest, which stands beside it."""
        return """
            SELECT source_key, 'hrss_card:' || newest AS other_key FROM (
                SELECT source_key, first_value(source_key) OVER (
                    PARTITION BY card.master_id ORDER BY card_issue_date DESC NULLS LAST, source_key) AS newest
                FROM of_hrss_card AS card JOIN (
                    SELECT master_id FROM of_hrss_card WHERE card_status = 'normal'
                    GROUP BY master_id HAVING count(*) > 1) AS often ON often.master_id = card.master_id
                WHERE card_status = 'normal') AS active
            WHERE source_key <> newest"""


class _ExcludingInsurances(OneFeedRule):
    dimension = Dimension.CONSISTENCY
    field = "insurance_type"
    in_force: str
    for_residents: str
    for_workers: tuple[str, ...]

    def broken(self) -> str:
        """Both insurances, each with the other beside it."""
        workers = ", ".join(f"'{kind}'" for kind in self.for_workers)
        return f"""
            SELECT one.source_key, '{self.feed}:' || min(other.source_key) AS other_key
            FROM of_{self.feed} AS one JOIN of_{self.feed} AS other ON other.master_id = one.master_id
                AND other.{self.in_force}
                AND ((one.insurance_type = '{self.for_residents}' AND other.insurance_type IN ({workers}))
                    OR (other.insurance_type = '{self.for_residents}' AND one.insurance_type IN ({workers})))
            WHERE one.{self.in_force} GROUP BY one.source_key"""


class TwoInsurancesInForce(_ExcludingInsurances):
    """Residents' medical insurance (390) is not in force beside the employees' (310) or the retired cadres' (340)."""

    id = "two_insurances_in_force"
    feed = "nhsa_insured"
    feeds = ("nhsa_insured",)
    in_force = "insured_state = 'normal'"
    for_residents = "390"
    for_workers = ("310", "340")
    sentence = "居民医保与职工医保（离休）同时处于正常参保状态。"
    advice = "请核实后暂停其中一项；就业参保的，居民医保应暂停。"


class TwoPensionsInForce(_ExcludingInsurances):
    """Residents' pension insurance (170) is not paid into beside the employees' (110) or the civil servants' (120)."""

    id = "two_pensions_in_force"
    feed = "hrss_insured"
    feeds = ("hrss_insured",)
    in_force = "payment_state = 'paying'"
    for_residents = "170"
    for_workers = ("110", "120")
    sentence = "居民养老保险与职工（机关事业单位）养老保险同时处于缴费状态。"
    advice = "请核实后终止其中一项，并按规定办理制度衔接或清退重复缴费。"


class CertificateOfAnother(OneFeedRule):
    """The number of a disability certificate holds the number, the category and the grade that the row gives beside it."""

    id = "certificate_of_another"
    dimension = Dimension.CONSISTENCY
    feed = "dpf_cert"
    field = "disability_cert_no"
    feeds = ("dpf_cert",)
    sentence = "残疾人证号与本行的身份证号、残疾类别或等级不一致。"
    advice = "请核对残疾人证；身份证号录错的请订正，重新评定的请换发新证号。"

    def broken(self) -> str:
        """Certificates of the form of their kind that say otherwise than their row; numbers of 15 places and masks say nothing."""
        return """
            SELECT source_key, cast(NULL AS varchar) AS other_key FROM landing.dpf_cert
            WHERE length(disability_cert_no) IN (20, 22)
                AND ((length(id_number) = 18 AND id_number NOT LIKE '%*%' AND substr(disability_cert_no, 1, 18) <> id_number)
                    OR substr(disability_cert_no, 19, 1) <> disability_category
                    OR substr(disability_cert_no, 20, 1) <> disability_grade)"""


class AccountNotActivated(OneFeedRule):
    """The bank account of a card in force has been activated by its holder."""

    id = "account_not_activated"
    dimension = Dimension.COMPLETENESS
    severity = Severity.INFORM
    feed = "hrss_card"
    field = "account_status"
    feeds = ("hrss_card",)
    sentence = "社保卡正常但金融账户未激活，惠民补贴将发放失败。"
    advice = "请提醒持卡人到合作银行网点激活金融账户。"

    def broken(self) -> str:
        """Cards in force with an account not activated."""
        return """
            SELECT source_key, cast(NULL AS varchar) AS other_key FROM landing.hrss_card
            WHERE card_status = 'normal' AND account_status = 'inactive'"""


class PaidIntoInactiveAccount(OneFeedRule):
    """A subsidy is not sent to an account that its holder never activated."""

    id = "paid_into_inactive_account"
    dimension = Dimension.COMPLETENESS
    feed = "fin_pay_result"
    field = "fail_reason"
    feeds = ("fin_pay_result",)
    sentence = "社保卡金融账户未激活，补贴发放失败。"
    advice = "请联系持卡人到合作银行网点激活金融账户后重新发放。"

    def broken(self) -> str:
        """Payments that failed for this reason, with the row that ordered them."""
        return """
            SELECT source_key, 'fin_subsidy:' || source_key AS other_key FROM landing.fin_pay_result
            WHERE fail_reason = 'not_activated'"""


class SharedBankCard(OneFeedRule):
    """Subsidies of one month go to at most five persons by one bank card."""

    id = "shared_bank_card"
    dimension = Dimension.ACCURACY
    severity = Severity.INFORM
    feed = "fin_subsidy"
    field = "bank_card_number"
    feeds = ("fin_subsidy",)
    sentence = "同一银行卡代收五人以上的补贴。"
    advice = "请改发至本人社保卡；确由监护人或集中供养机构代收的，请注明。"

    def broken(self) -> str:
        """Payments to a card that stands for more than five files."""
        return """
            SELECT paid.source_key, cast(NULL AS varchar) AS other_key FROM of_fin_subsidy AS paid JOIN (
                SELECT bank_card_number FROM of_fin_subsidy WHERE bank_card_number IS NOT NULL
                GROUP BY bank_card_number HAVING count(DISTINCT master_id) > 5) AS shared
                ON shared.bank_card_number = paid.bank_card_number"""
