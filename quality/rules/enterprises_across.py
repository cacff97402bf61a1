"""Rules across the departments' records of enterprises, held against the register of market participants."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.across import AcrossRule, OneFeedRule, Question
from quality.rules.views import identified
from quality.verdict import Dimension, Severity

REGISTER = "mr_entity"
NAMELESS = "无字号"  # an individual business may be registered without a name of its own
# A branch has a code of its own and is no legal person; its name begins with its parent's and goes on (domain 4).
BRANCH = "(name_ LIKE '%公司_%' OR name_ LIKE '%分公司' OR name_ LIKE '%分店' OR name_ LIKE '%营业部' OR name_ LIKE '%办事处' OR name_ LIKE '%项目部')"


_KNOWN = f"LEFT JOIN (SELECT DISTINCT master_id FROM of_{REGISTER}) AS known ON known.master_id = record.master_id"
_NAMES = f"SELECT name FROM landing.{REGISTER} UNION SELECT former_name FROM landing.{REGISTER}"


def _is_branch(name: str) -> str:
    return BRANCH.replace("name_", name)


def _beside(feed: str, field: str, condition: str) -> Question:
    query = (
        f"SELECT record.source_key, '{field}' AS field, '{REGISTER}:' || entity.source_key AS other_key"
        f" FROM of_{feed} AS record JOIN entity ON entity.master_id = record.master_id WHERE {condition}"
    )
    return Question(feed, (REGISTER, feed), query)


def _by_code(feed: str, field: str, code: str, condition: str) -> Question:
    """Records that name an enterprise by its code, the record being about it or not."""
    query = (
        f"SELECT record.source_key, '{field}' AS field, '{REGISTER}:' || min(entity.source_key) AS other_key"
        f" FROM landing.{feed} AS record JOIN landing.{REGISTER} AS entity ON entity.uscc = record.{code}"
        f" WHERE {condition} GROUP BY record.source_key"
    )
    return Question(feed, (REGISTER, feed), query)


def _others(field: str) -> list[str]:
    return [
        one.feed
        for one in identified("enterprise")
        if one.feed != REGISTER and any(known.name == field for known in one.fields)
    ]


class CreditCodeTwice(OneFeedRule):
    """A credit code stands in one registration."""

    id = "credit_code_twice"
    dimension = Dimension.UNIQUENESS
    feed = "mr_entity"
    field = "uscc"
    feeds = ("mr_entity",)
    sentence = "同一统一社会信用代码登记在两个及以上市场主体名下。"
    advice = "请核对登记档案，订正录错的代码。"

    def broken(self) -> str:
        """Every registration with such a code, with another one beside it."""
        return """
            SELECT one.source_key, 'mr_entity:' || CASE WHEN one.source_key = twice.first_key THEN twice.last_key
                ELSE twice.first_key END AS other_key
            FROM landing.mr_entity AS one JOIN (
                SELECT uscc, min(source_key) AS first_key, max(source_key) AS last_key FROM landing.mr_entity
                WHERE uscc IS NOT NULL GROUP BY uscc HAVING count(*) > 1) AS twice ON twice.uscc = one.uscc"""


class BranchWithoutParent(OneFeedRule):
    """A branch in operation names the enterprise it belongs to."""

    id = "branch_without_parent"
    dimension = Dimension.COMPLETENESS
    feed = "mr_entity"
    field = "parent_uscc"
    feeds = ("mr_entity",)
    sentence = "分支机构未登记上级机构的统一社会信用代码。"
    advice = "请补录上级机构统一社会信用代码。"

    def broken(self) -> str:
        """Branches (enterprise type 2xxx) still in the register without a parent's code."""
        return """
            SELECT source_key, cast(NULL AS varchar) AS other_key FROM landing.mr_entity
            WHERE enterprise_type LIKE '2%' AND parent_uscc IS NULL AND status IN ('in_operation', 'suspended')"""


class BranchUnderParentCode(AcrossRule):
    """A branch is reported under its own credit code, not under that of the enterprise it belongs to."""

    id = "branch_under_parent_code"
    dimension = Dimension.ACCURACY
    sentence = "分支机构以总公司的统一社会信用代码报送。"
    advice = "请改用分支机构自己的统一社会信用代码；总公司统一办理的，请另行注明。"

    def questions(self) -> Iterator[Question]:
        """Names that end like a branch's with the code of an enterprise that is none; in the register, the parent's."""
        for feed, name, code in (*((f, "name", "uscc") for f in _others("uscc")),
                                 ("hrss_insured", "employer_name", "employer_uscc")):  # fmt: skip
            other = f"{_is_branch(f'record.{name}')} AND NOT {_is_branch('entity.name')}"
            yield _by_code(feed, code, code, other)
        query = """
            SELECT one.source_key, 'uscc' AS field, 'mr_entity:' || min(entity.source_key) AS other_key
            FROM landing.mr_entity AS one JOIN landing.mr_entity AS entity
                ON entity.uscc = one.uscc AND entity.source_key <> one.source_key
            WHERE one.enterprise_type LIKE '2%' AND entity.enterprise_type NOT LIKE '2%' GROUP BY one.source_key"""
        yield Question(REGISTER, (REGISTER,), query)


class DeregisteredButTaxed(OneFeedRule):
    """A deregistered enterprise is no normal taxpayer."""

    id = "deregistered_but_taxed"
    dimension = Dimension.CONSISTENCY
    feed = "tax_payer"
    field = "tax_status"
    feeds = ("mr_entity", "tax_payer")
    sentence = "市场监管已注销，税务状态仍为正常。"
    advice = "请核查清税情况，办理税务注销或更正登记状态。"

    def broken(self) -> str:
        """Normal taxpayers whose registration has ended."""
        return """
            SELECT record.source_key, 'mr_entity:' || entity.source_key AS other_key
            FROM of_tax_payer AS record JOIN entity ON entity.master_id = record.master_id
            WHERE entity.status = 'deregistered' AND record.tax_status = 'normal'"""


class CompanyNameAgainstRegister(AcrossRule):
    """An enterprise's name is the one in the register, or a former one."""

    id = "company_name_against_register"
    dimension = Dimension.CONSISTENCY
    severity = Severity.INFORM
    sentence = "单位名称与市场监管登记不一致。"
    advice = "请按营业执照核对名称。"

    def questions(self) -> Iterator[Question]:
        """Every feed that names enterprises."""
        for feed in _others("name"):
            differs = (
                "record.name <> entity.name AND record.name IS DISTINCT FROM entity.former_name"
                f" AND entity.name <> '{NAMELESS}'"
            )
            yield _beside(feed, "name", differs)


class FormerCompanyNameUsed(AcrossRule):
    """An enterprise's name is the present one, not the former one of the register."""

    id = "former_company_name_used"
    dimension = Dimension.TIMELINESS
    severity = Severity.INFORM
    sentence = "单位名称为市场监管登记的曾用名，未随变更更新。"
    advice = "请核对营业执照，办理名称变更。"

    def questions(self) -> Iterator[Question]:
        """Every feed that names enterprises; of a record whose file has no registration, a former name that one alone had."""
        for feed in _others("name"):
            yield _beside(feed, "name", "record.name = entity.former_name AND record.name <> entity.name")
            query = f"""
                SELECT record.source_key, 'name' AS field, '{REGISTER}:' || min(former.source_key) AS other_key
                FROM of_{feed} AS record JOIN landing.{REGISTER} AS former ON former.former_name = record.name
                {_KNOWN}
                LEFT JOIN (SELECT DISTINCT name FROM landing.{REGISTER}) AS namesake ON namesake.name = record.name
                WHERE known.master_id IS NULL AND namesake.name IS NULL
                GROUP BY record.source_key HAVING count(*) = 1"""
            yield Question(feed, (REGISTER, feed), query)


class CodeAgainstRegister(AcrossRule):
    """An enterprise's credit code is the one in the register."""

    id = "code_against_register"
    dimension = Dimension.CONSISTENCY
    sentence = "统一社会信用代码与市场监管登记不一致。"
    advice = "请核对营业执照后订正代码。"

    def questions(self) -> Iterator[Question]:
        """Every feed that sends credit codes of its subjects; of employers, those with a name that is unique."""
        for feed in _others("uscc"):
            yield _beside(feed, "uscc", "record.uscc <> entity.uscc")
        employers = f"""
            SELECT record.source_key, 'employer_uscc' AS field, '{REGISTER}:' || entity.source_key AS other_key
            FROM landing.hrss_insured AS record JOIN (
                SELECT name, min(uscc) AS uscc, min(source_key) AS source_key FROM landing.{REGISTER}
                WHERE name <> '{NAMELESS}' GROUP BY name HAVING count(*) = 1) AS entity
                ON entity.name = record.employer_name
            WHERE record.employer_uscc <> entity.uscc"""
        yield Question("hrss_insured", (REGISTER, "hrss_insured"), employers)


class RepresentativeAgainstRegister(OneFeedRule):
    """A taxpayer's legal representative is the one in the register."""

    id = "representative_against_register"
    dimension = Dimension.TIMELINESS
    severity = Severity.INFORM
    feed = "tax_payer"
    field = "legal_rep_name"
    feeds = ("mr_entity", "tax_payer")
    sentence = "法定代表人与市场监管登记不一致，可能未随变更更新。"
    advice = "请核对营业执照，办理法定代表人变更登记。"

    def broken(self) -> str:
        """Taxpayers with another representative than their registration."""
        return """
            SELECT record.source_key, 'mr_entity:' || entity.source_key AS other_key
            FROM of_tax_payer AS record JOIN entity ON entity.master_id = record.master_id
            WHERE record.legal_rep_name <> entity.legal_rep_name"""


class EnterpriseNotRegistered(AcrossRule):
    """An enterprise stands in the register of market participants."""

    id = "enterprise_not_registered"
    dimension = Dimension.COMPLETENESS
    severity = Severity.INFORM
    sentence = "该单位在市场监管登记中未找到。"
    advice = "请核对代码和名称；属社会组织、事业单位的，请注明登记机关。"

    def questions(self) -> Iterator[Question]:
        """Records in whose file there is no registration and whose name none bears or bore.

        A code of another register than the market's explains itself.
        """
        for feed in _others("name"):
            query = f"""
                SELECT record.source_key, 'uscc' AS field, cast(NULL AS varchar) AS other_key
                FROM of_{feed} AS record {_KNOWN}
                LEFT JOIN ({_NAMES}) AS namesake ON namesake.name = record.name
                WHERE known.master_id IS NULL AND namesake.name IS NULL
                    AND (record.uscc IS NULL OR record.uscc LIKE '9%')"""
            yield Question(feed, (REGISTER, feed), query)


class LegalRepresentativeDead(OneFeedRule):
    """The legal representative of an active taxpayer is not registered as dead."""

    id = "legal_representative_dead"
    dimension = Dimension.TIMELINESS
    feed = "tax_payer"
    field = "legal_rep_id"
    feeds = ("ps_person", "tax_payer")
    sentence = "法定代表人已登记死亡，企业仍为正常纳税人。"
    advice = "请通知企业办理法定代表人变更登记。"

    def broken(self) -> str:
        """Active taxpayers whose representative's number is that of a dead person."""
        return """
            SELECT record.source_key, min(dead.told_by) AS other_key
            FROM landing.tax_payer AS record
            JOIN of_ps_person AS person ON person.id_number = record.legal_rep_id
            JOIN dead ON dead.master_id = person.master_id
            WHERE record.tax_status = 'normal' GROUP BY record.source_key"""
