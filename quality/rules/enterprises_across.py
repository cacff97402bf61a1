"""Rules across the departments' records of enterprises."""

from __future__ import annotations

from quality.rules.across import AcrossRule, Place
from quality.verdict import Dimension, Severity

# The register's one word on each enterprise; files with two registrations are left to the stewards.
_REGISTERED = """
registered AS (
    SELECT master_id, min(source_key) AS registered_key, min(name) AS name, min(former_name) AS former_name,
        min(uscc) AS uscc, min(status) AS status
    FROM {mr_entity} AS registered GROUP BY master_id HAVING count(*) = 1
)"""


class CreditCodeTwice(AcrossRule):
    """A credit code stands in one registration."""

    id = "credit_code_twice"
    dimension = Dimension.UNIQUENESS
    feed = "mr_entity"
    field = "uscc"
    feeds = ("mr_entity",)
    sentence = "同一统一社会信用代码登记在两个及以上市场主体名下。"
    advice = "请核对登记档案，订正录错的代码。"

    def broken(self, place: Place) -> str:
        """Every registration with such a code, with the first one beside it."""
        return f"""
            WITH coded AS (
                SELECT source_key, count(*) OVER (PARTITION BY uscc) AS times,
                    min(source_key) OVER (PARTITION BY uscc) AS first_key
                FROM {place.landing}.mr_entity WHERE uscc IS NOT NULL
            )
            SELECT source_key, 'mr_entity:' || first_key AS other_key FROM coded WHERE times > 1"""


class BranchWithoutParent(AcrossRule):
    """A branch in operation names the enterprise it belongs to."""

    id = "branch_without_parent"
    dimension = Dimension.COMPLETENESS
    feed = "mr_entity"
    field = "parent_uscc"
    feeds = ("mr_entity",)
    sentence = "分支机构未登记上级机构的统一社会信用代码。"
    advice = "请补录上级机构统一社会信用代码。"

    def broken(self, place: Place) -> str:
        """Branches (enterprise type 2xxx) still in the register without a parent's code."""
        return f"""
            SELECT source_key, cast(NULL AS varchar) AS other_key FROM {place.landing}.mr_entity
            WHERE enterprise_type LIKE '2%' AND parent_uscc IS NULL AND status IN ('in_operation', 'suspended')"""


class _Taxpayer(AcrossRule):
    dimension = Dimension.CONSISTENCY
    feed = "tax_payer"
    feeds = ("mr_entity", "tax_payer")
    differs: str

    def broken(self, place: Place) -> str:
        """Taxpayers whose value does not go with the register's for the same enterprise."""
        return f"""
            WITH {_REGISTERED.format(mr_entity=place.of("mr_entity"))}
            SELECT record.source_key, 'mr_entity:' || registered.registered_key AS other_key
            FROM {place.of(self.feed)} AS record JOIN registered ON registered.master_id = record.master_id
            WHERE {self.differs}"""


class DeregisteredButTaxed(_Taxpayer):
    """A deregistered enterprise is no normal taxpayer."""

    id = "deregistered_but_taxed"
    field = "tax_status"
    differs = "registered.status = 'deregistered' AND record.tax_status = 'normal'"
    sentence = "市场监管已注销，税务状态仍为正常。"
    advice = "请核查清税情况，办理税务注销或更正登记状态。"


class TaxpayerNameAgainstRegister(_Taxpayer):
    """A taxpayer's name is the one in the register, or the former one."""

    id = "taxpayer_name_against_register"
    field = "name"
    severity = Severity.INFORM
    differs = """record.name <> registered.name
        AND (registered.former_name IS NULL OR record.name <> registered.former_name)"""
    sentence = "纳税人名称与市场监管登记不一致。"
    advice = "请核对是否已更名未变更税务登记。"


class TaxpayerCodeAgainstRegister(_Taxpayer):
    """A taxpayer's credit code is the one in the register."""

    id = "taxpayer_code_against_register"
    field = "uscc"
    differs = "record.uscc <> registered.uscc"
    sentence = "纳税人统一社会信用代码与市场监管登记不一致。"
    advice = "请核对营业执照后订正代码。"


class TaxpayerNotRegistered(AcrossRule):
    """A taxpayer that is a unit or an individual business stands in the register."""

    id = "taxpayer_not_registered"
    dimension = Dimension.COMPLETENESS
    severity = Severity.INFORM
    feed = "tax_payer"
    field = "uscc"
    feeds = ("mr_entity", "tax_payer")
    sentence = "纳税人在市场监管登记中未找到。"
    advice = "请核对代码和名称；属社会组织、事业单位的，请注明登记机关。"

    def broken(self, place: Place) -> str:
        """Taxpayers in whose file there is no registration."""
        return f"""
            SELECT record.source_key, cast(NULL AS varchar) AS other_key FROM {place.of("tax_payer")} AS record
            WHERE record.tax_status = 'normal' AND record.taxpayer_type <> 'natural_person' AND NOT EXISTS (
                SELECT 1 FROM {place.of("mr_entity")} AS registered WHERE registered.master_id = record.master_id)"""


class LegalRepresentativeDead(AcrossRule):
    """The legal representative of an active taxpayer is not registered as dead."""

    id = "legal_representative_dead"
    dimension = Dimension.TIMELINESS
    feed = "tax_payer"
    field = "legal_rep_id"
    feeds = ("ps_person", "tax_payer")
    sentence = "法定代表人已登记死亡，企业仍为正常纳税人。"
    advice = "请通知企业办理法定代表人变更登记。"

    def broken(self, place: Place) -> str:
        """Active taxpayers whose representative's number is that of a dead person."""
        return f"""
            SELECT record.source_key, min('ps_person:' || registered.source_key) AS other_key
            FROM {place.landing}.tax_payer AS record
            JOIN {place.landing}.ps_person AS registered ON registered.id_number = record.legal_rep_id
            WHERE record.tax_status = 'normal' AND registered.cancel_reason = 'death'
            GROUP BY record.source_key"""
