"""Rules across the departments' records of persons."""

from __future__ import annotations

from quality.rules.across import AcrossRule, Place
from quality.verdict import Dimension, Severity

# The dead of the register: a death is recorded and no live registration of the same person is left.
_DEAD = """
dead AS (
    SELECT master_id, min(source_key) AS registered_key, max(cancel_date) AS cancel_date
    FROM {ps_person} AS registered GROUP BY master_id
    HAVING count(*) = count(cancel_reason) AND count(CASE WHEN cancel_reason = 'death' THEN 1 END) > 0
)"""
# The register's one word on each person; persons with two live registrations are left to the stewards.
_REGISTERED = """
registered AS (
    SELECT master_id, min(source_key) AS registered_key, min(name) AS name, min(former_name) AS former_name,
        min(id_number) AS id_number, min(former_id_number) AS former_id_number, min(birth_date) AS birth_date,
        min(sex) AS sex
    FROM {ps_person} AS registered WHERE cancel_reason IS NULL GROUP BY master_id HAVING count(*) = 1
)"""


class _Dead(AcrossRule):
    dimension = Dimension.CONSISTENCY
    still: str

    def broken(self, place: Place) -> str:
        """Records of the dead that are still in force."""
        return f"""
            WITH {_DEAD.format(ps_person=place.of("ps_person"))}
            SELECT record.source_key, 'ps_person:' || dead.registered_key AS other_key
            FROM {place.of(self.feed)} AS record JOIN dead ON dead.master_id = record.master_id WHERE {self.still}"""


class DeadWithActiveCard(_Dead):
    """A person registered as dead has no card in force."""

    id = "dead_with_active_card"
    feed = "hrss_card"
    field = "card_status"
    feeds = ("ps_person", "hrss_card")
    still = "record.card_status = 'normal'"
    sentence = "公安已登记死亡，社保卡仍为正常状态。"
    advice = "请核实后注销社保卡，并通知合作银行止付。"


class DeadButInsured(_Dead):
    """A person registered as dead has no medical insurance in force."""

    id = "dead_but_insured"
    feed = "nhsa_insured"
    field = "insured_state"
    feeds = ("ps_person", "nhsa_insured")
    still = "record.insured_state = 'normal'"
    sentence = "公安已登记死亡，医保仍为正常参保。"
    advice = "请核实后终止参保，并核查死亡后的结算记录。"


class DeadButAided(_Dead):
    """A person registered as dead is paid no social aid after the month of the death's registration."""

    id = "dead_but_aided"
    feed = "ca_assist"
    field = "assist_stop"
    feeds = ("ps_person", "ca_assist")
    still = """(record.assist_stop IS NULL OR record.assist_stop > cast(cast(
        extract(year FROM dead.cancel_date) * 100 + extract(month FROM dead.cancel_date) AS integer) AS varchar))"""
    sentence = "公安已登记死亡，救助待遇仍在发放。"
    advice = "请停发待遇，核查并追回死亡后发放的资金。"


class TwoActiveCards(AcrossRule):
    """A person has at most one physical card in force."""

    id = "two_active_cards"
    dimension = Dimension.UNIQUENESS
    feed = "hrss_card"
    field = "card_status"
    feeds = ("hrss_card",)
    sentence = "同一人持有两张及以上正常状态的社保卡。"
    advice = "请保留最近制发的一张，其余按补换或注销处理。"

    def broken(self, place: Place) -> str:
        """Every card in force of such a person, with the newest one beside it."""
        return f"""
            WITH active AS (
                SELECT source_key, count(*) OVER (PARTITION BY master_id) AS cards,
                    first_value(source_key) OVER (
                        PARTITION BY master_id ORDER BY card_issue_date DESC NULLS LAST, source_key) AS newest
                FROM {place.of("hrss_card")} AS card WHERE card_status = 'normal'
            )
            SELECT source_key, 'hrss_card:' || newest AS other_key FROM active WHERE cards > 1"""


class TwoInsurancesInForce(AcrossRule):
    """Residents' medical insurance is not in force beside the employees' or the retired cadres'."""

    id = "two_insurances_in_force"
    dimension = Dimension.CONSISTENCY
    feed = "nhsa_insured"
    field = "insurance_type"
    feeds = ("nhsa_insured",)
    sentence = "居民医保与职工医保（离休）同时处于正常参保状态。"
    advice = "请核实后暂停其中一项；就业参保的，居民医保应暂停。"

    def broken(self, place: Place) -> str:
        """Both insurances, each with the other beside it."""
        return f"""
            WITH in_force AS (
                SELECT master_id, source_key, insurance_type = '390' AS for_residents
                FROM {place.of("nhsa_insured")} AS insured
                WHERE insured_state = 'normal' AND insurance_type IN ('310', '340', '390')
            )
            SELECT one.source_key, 'nhsa_insured:' || min(other.source_key) AS other_key
            FROM in_force AS one JOIN in_force AS other
                ON other.master_id = one.master_id AND other.for_residents <> one.for_residents
            GROUP BY one.source_key"""


class AccountNotActivated(AcrossRule):
    """The bank account of a card in force has been activated by its holder."""

    id = "account_not_activated"
    dimension = Dimension.COMPLETENESS
    severity = Severity.INFORM
    feed = "hrss_card"
    field = "account_status"
    feeds = ("hrss_card",)
    sentence = "社保卡正常但金融账户未激活，惠民补贴将发放失败。"
    advice = "请提醒持卡人到合作银行网点激活金融账户。"

    def broken(self, place: Place) -> str:
        """Cards in force with an account not activated."""
        return f"""
            SELECT source_key, cast(NULL AS varchar) AS other_key FROM {place.landing}.hrss_card
            WHERE card_status = 'normal' AND account_status = 'inactive'"""


class SharedPhone(AcrossRule):
    """A phone number belongs to at most five persons."""

    id = "shared_phone"
    dimension = Dimension.ACCURACY
    severity = Severity.INFORM
    feed = "hrss_card"
    field = "phone"
    feeds = ("hrss_card",)
    sentence = "同一手机号码登记在五人以上名下，多为村组干部或经办人号码。"
    advice = "请补采本人或监护人的手机号码。"

    def broken(self, place: Place) -> str:
        """Records with a phone of more than five files."""
        return f"""
            WITH card AS (SELECT * FROM {place.of("hrss_card")} AS record WHERE phone IS NOT NULL),
            shared AS (SELECT phone FROM card GROUP BY phone HAVING count(DISTINCT master_id) > 5)
            SELECT card.source_key, cast(NULL AS varchar) AS other_key
            FROM card JOIN shared ON shared.phone = card.phone"""


class _AgainstRegister(AcrossRule):
    dimension = Dimension.CONSISTENCY
    differs: str

    def broken(self, place: Place) -> str:
        """Records whose value is not the register's for the same person."""
        return f"""
            WITH {_REGISTERED.format(ps_person=place.of("ps_person"))}
            SELECT record.source_key, 'ps_person:' || registered.registered_key AS other_key
            FROM {place.of(self.feed)} AS record JOIN registered ON registered.master_id = record.master_id
            WHERE {self.differs}"""


_NAME = """record.name <> registered.name
    AND (registered.former_name IS NULL OR record.name <> registered.former_name)"""
_NUMBER = """record.id_number <> registered.id_number
    AND (registered.former_id_number IS NULL OR record.id_number <> registered.former_id_number)"""


class _Name(_AgainstRegister):
    field = "name"
    severity = Severity.INFORM
    differs = _NAME
    sentence = "姓名与公安户籍登记不一致。"
    advice = "请按户籍登记核对姓名，注意间隔号、生僻字和曾用名。"


class _Number(_AgainstRegister):
    field = "id_number"
    differs = _NUMBER
    sentence = "证件号码与公安户籍登记不一致，可能录错或沿用旧号。"
    advice = "请核对本人证件后订正号码。"


class CardNameAgainstRegister(_Name):
    """The name of a card holder is the one in the household register, or the former one."""

    id = "card_name_against_register"
    feed = "hrss_card"
    feeds = ("ps_person", "hrss_card")


class InsuredNameAgainstRegister(_Name):
    """The name of an insured person is the one in the household register, or the former one."""

    id = "insured_name_against_register"
    feed = "nhsa_insured"
    feeds = ("ps_person", "nhsa_insured")


class AidedNameAgainstRegister(_Name):
    """The name of an aided person is the one in the household register, or the former one."""

    id = "aided_name_against_register"
    feed = "ca_assist"
    feeds = ("ps_person", "ca_assist")


class CardNumberAgainstRegister(_Number):
    """The identification number of a card holder is the one in the household register, or the former one."""

    id = "card_number_against_register"
    feed = "hrss_card"
    feeds = ("ps_person", "hrss_card")


class InsuredNumberAgainstRegister(_Number):
    """The identification number of an insured person is the one in the household register, or the former one."""

    id = "insured_number_against_register"
    feed = "nhsa_insured"
    feeds = ("ps_person", "nhsa_insured")


class AidedNumberAgainstRegister(_Number):
    """The identification number of an aided person is the one in the household register, or the former one."""

    id = "aided_number_against_register"
    feed = "ca_assist"
    feeds = ("ps_person", "ca_assist")


class CardBirthAgainstRegister(_AgainstRegister):
    """The birth date of a card holder is the one in the household register."""

    id = "card_birth_against_register"
    feed = "hrss_card"
    field = "birth_date"
    feeds = ("ps_person", "hrss_card")
    differs = "record.birth_date <> registered.birth_date"
    sentence = "出生日期与公安户籍登记不一致，常见于农历生日或默认一月一日。"
    advice = "请按户籍登记订正出生日期。"


class InsuredBirthAgainstRegister(CardBirthAgainstRegister):
    """The birth date of an insured person is the one in the household register."""

    id = "insured_birth_against_register"
    feed = "nhsa_insured"
    feeds = ("ps_person", "nhsa_insured")


class CardSexAgainstRegister(_AgainstRegister):
    """The sex of a card holder is the one in the household register."""

    id = "card_sex_against_register"
    feed = "hrss_card"
    field = "sex"
    feeds = ("ps_person", "hrss_card")
    differs = "record.sex IN ('1', '2') AND registered.sex IN ('1', '2') AND record.sex <> registered.sex"
    sentence = "性别与公安户籍登记不一致。"
    advice = "请按户籍登记订正性别。"


class InsuredSexAgainstRegister(CardSexAgainstRegister):
    """The sex of an insured person is the one in the household register."""

    id = "insured_sex_against_register"
    feed = "nhsa_insured"
    feeds = ("ps_person", "nhsa_insured")
