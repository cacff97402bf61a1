"""Rules that hold the departments' records of persons against the household register, which is the authority on identity."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.across import AcrossRule, Question
from quality.rules.mentions import Mention, other_mentions, own_mentions
from quality.rules.views import contracts, identified
from quality.verdict import Dimension, Severity

REGISTER = "ps_person"
# A number of 15 places and the 18 it became are one number (GB 11643).
_SAME_NUMBER = """(record.{number} = registered.id_number OR (length(record.{number}) = 15
    AND substr(record.{number}, 1, 6) || '19' || substr(record.{number}, 7) = substr(registered.id_number, 1, 17)))"""

# The birth date inside a number of 18 places; odd characters give none.
_BORN = """CASE WHEN substr(record.{number}, 7, 8) BETWEEN '19000101' AND '20991231'
    AND translate(substr(record.{number}, 7, 8), '0123456789', '') = ''
    AND substr(record.{number}, 11, 2) BETWEEN '01' AND '12' AND substr(record.{number}, 13, 2) BETWEEN '01' AND '28'
    THEN cast(substr(record.{number}, 7, 4) || '-' || substr(record.{number}, 11, 2) || '-'
        || substr(record.{number}, 13, 2) AS date) END"""


def _beside(mention: Mention, condition: str, field: str, also: str = "") -> Question:
    """The question of records whose person stands in the register and of whom `condition` is true."""
    if mention.is_own:
        records = f"of_{mention.feed} AS record JOIN registered ON registered.master_id = record.master_id"
    else:
        records = f"landing.{mention.feed} AS record JOIN registered ON registered.id_number = record.{mention.number}"
    query = (
        f"SELECT record.source_key, '{field}' AS field, '{REGISTER}:' || registered.registered_key AS other_key"
        f" FROM {records} {also} WHERE {condition}"
    )
    return Question(mention.feed, (REGISTER, mention.feed), query)


class NameAgainstRegister(AcrossRule):
    """A person's name is the one in the household register, or a former one."""

    id = "name_against_register"
    dimension = Dimension.CONSISTENCY
    severity = Severity.INFORM
    sentence = "姓名与公安户籍登记不一致。"
    advice = "请按户籍登记核对姓名，注意间隔号、生僻字；号码属于他人的，请核对证件号码。"

    def questions(self) -> Iterator[Question]:
        """Every name of a person, in every feed."""
        for mention in (*own_mentions(), *other_mentions()):
            name = f"record.{mention.name}"
            differs = f"{name} <> registered.name AND {name} IS DISTINCT FROM registered.former_name"
            yield _beside(mention, differs, mention.name)


class NameAgainstOthers(AcrossRule):
    """The records of a person whom the household register does not know bear one name."""

    id = "name_against_others"
    dimension = Dimension.CONSISTENCY
    severity = Severity.INFORM
    sentence = "该人不在本省户籍登记中，姓名与其他部门的多数记录不一致。"
    advice = "请核对本人证件上的姓名，注意间隔号、生僻字和曾用名。"

    def questions(self) -> Iterator[Question]:
        """Records with another name than most of their file; where names are even, the one that sorts first stands."""
        for mention in own_mentions():
            query = f"""
                SELECT record.source_key, '{mention.name}' AS field, usual_name.record_key AS other_key
                FROM unregistered AS record JOIN usual_name ON usual_name.master_id = record.master_id
                WHERE record.feed = '{mention.feed}' AND record.name <> usual_name.name"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)


class FormerNameUsed(AcrossRule):
    """A person's name is the present one, not the former one of the register."""

    id = "former_name_used"
    dimension = Dimension.TIMELINESS
    severity = Severity.INFORM
    sentence = "姓名为公安户籍登记的曾用名，未更新为现用名。"
    advice = "请按户籍登记更新姓名。"

    def questions(self) -> Iterator[Question]:
        """Every name of a person, in every feed."""
        for mention in (*own_mentions(), *other_mentions()):
            name = f"record.{mention.name}"
            yield _beside(mention, f"{name} = registered.former_name AND {name} <> registered.name", mention.name)


class NumberAgainstRegister(AcrossRule):
    """A person's number is the one in the household register, or one that the register lists as former.

    Somebody who is named beside the subject has no file of that record: a person of that name and birth date is sought.
    """

    id = "number_against_register"
    dimension = Dimension.CONSISTENCY
    sentence = "证件号码与公安户籍登记不一致，可能录错或误用他人号码。"
    advice = "请核对本人证件后订正号码。"

    def questions(self) -> Iterator[Question]:
        """The number of every record's subject; masked ones say nothing."""
        for mention in own_mentions():
            number = f"record.{mention.number}"
            differs = (
                f"{number} IS NOT NULL AND NOT {_SAME_NUMBER.format(number=mention.number)} AND {number} NOT LIKE '%*%'"
                f" AND former.master_id IS NULL"
            )
            former = (
                "LEFT JOIN former_number AS former ON former.master_id = record.master_id"
                f" AND former.id_number = {number}"
            )
            yield _beside(mention, differs, mention.number, former)
        for mention in other_mentions():
            query = f"""
                SELECT record.source_key, '{mention.number}' AS field,
                    '{REGISTER}:' || min(registered.registered_key) AS other_key
                FROM landing.{mention.feed} AS record JOIN registered ON registered.name = record.{mention.name}
                    AND registered.birth_date = {_BORN.format(number=mention.number)}
                LEFT JOIN landing.{REGISTER} AS holder ON holder.id_number = record.{mention.number}
                LEFT JOIN former_number AS former ON former.id_number = record.{mention.number}
                WHERE length(record.{mention.number}) = 18 AND holder.id_number IS NULL AND former.id_number IS NULL
                GROUP BY record.source_key"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)


class FormerNumberUsed(AcrossRule):
    """A person's number is the present one, not one that the household register lists as former."""

    id = "former_number_used"
    dimension = Dimension.TIMELINESS
    severity = Severity.INFORM
    sentence = "证件号码为公安已注销或变更的旧号码。"
    advice = "请核对本人证件，更新为现行公民身份号码，并保留旧号备查。"

    def questions(self) -> Iterator[Question]:
        """The number of every person named; so is the number of a registration that ended as a duplicate."""
        for mention in own_mentions():
            former = (
                "LEFT JOIN former_number AS former ON former.master_id = record.master_id"
                f" AND former.id_number = record.{mention.number}"
            )
            old = (
                "former.id_number <> registered.id_number OR (registered.cancel_reason = 'duplicate'"
                f" AND record.{mention.number} = registered.id_number)"
            )
            yield _beside(mention, old, mention.number, former)
        for mention in other_mentions():
            query = f"""
                SELECT record.source_key, '{mention.number}' AS field,
                    '{REGISTER}:' || registered.registered_key AS other_key
                FROM landing.{mention.feed} AS record
                JOIN former_number AS former ON former.id_number = record.{mention.number}
                JOIN registered ON registered.master_id = former.master_id
                    AND registered.id_number <> former.id_number"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)
            listed = f"LEFT JOIN former_number AS former ON former.id_number = record.{mention.number}"
            unlisted = "registered.cancel_reason = 'duplicate' AND former.id_number IS NULL"
            yield _beside(mention, unlisted, mention.number, listed)


class NumberOfAnother(AcrossRule):
    """A person's number is not that of another person in the household register."""

    id = "number_of_another"
    dimension = Dimension.UNIQUENESS
    sentence = "证件号码属于户籍登记中的另一人（亲属误用、重号或冒用）。"
    advice = "请核对本人证件后订正号码；确属重号的，请报公安机关核查。"

    def questions(self) -> Iterator[Question]:
        """The number of every record's subject."""
        for mention in own_mentions():
            query = f"""
                SELECT record.source_key, '{mention.number}' AS field,
                    '{REGISTER}:' || min(other.source_key) AS other_key
                FROM of_{mention.feed} AS record JOIN of_{REGISTER} AS other
                    ON other.id_number = record.{mention.number} AND other.master_id <> record.master_id
                GROUP BY record.source_key"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)


class NotInRegister(AcrossRule):
    """A person stands in the household register."""

    id = "not_in_register"
    dimension = Dimension.COMPLETENESS
    severity = Severity.INFORM
    sentence = "该人在公安户籍登记中未找到：非本省户籍，或姓名、号码有误。"
    advice = "请核对姓名和证件号码；省外户籍、港澳台居民和外国人请如实填写证件类型。"

    def questions(self) -> Iterator[Question]:
        """Every person named; a number of another province explains itself.

        Somebody named beside the subject is sought by the number, 18 places and unmasked, and by name with the birth date
        in the number: who is found so has another number, which is a finding of its own.
        """
        for mention in own_mentions():
            query = f"""
                SELECT record.source_key, '{mention.number}' AS field, cast(NULL AS varchar) AS other_key
                FROM of_{mention.feed} AS record LEFT JOIN registered_file AS known
                    ON known.master_id = record.master_id
                WHERE known.master_id IS NULL
                    AND (record.{mention.number} IS NULL OR record.{mention.number} LIKE '51%')"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)
        for mention in other_mentions():
            query = f"""
                SELECT DISTINCT record.source_key, '{mention.number}' AS field, cast(NULL AS varchar) AS other_key
                FROM landing.{mention.feed} AS record
                LEFT JOIN landing.{REGISTER} AS holder ON holder.id_number = record.{mention.number}
                LEFT JOIN former_number AS former ON former.id_number = record.{mention.number}
                LEFT JOIN registered ON registered.name = record.{mention.name}
                    AND registered.birth_date = {_BORN.format(number=mention.number)}
                WHERE length(record.{mention.number}) = 18 AND record.{mention.number} LIKE '51%'
                    AND record.{mention.number} NOT LIKE '%*%' AND holder.id_number IS NULL
                    AND former.id_number IS NULL AND registered.master_id IS NULL"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)


class BirthAgainstRegister(AcrossRule):
    """A person's birth date is the one in the household register."""

    id = "birth_against_register"
    dimension = Dimension.CONSISTENCY
    sentence = "出生日期与公安户籍登记不一致，常见于农历生日或默认一月一日。"
    advice = "请按户籍登记订正出生日期。"

    def questions(self) -> Iterator[Question]:
        """Every feed that sends birth dates."""
        for mention in _with_field("birth_date"):
            yield _beside(mention, "record.birth_date <> registered.birth_date", "birth_date")


class SexAgainstRegister(AcrossRule):
    """A person's sex is the one in the household register."""

    id = "sex_against_register"
    dimension = Dimension.CONSISTENCY
    sentence = "性别与公安户籍登记不一致。"
    advice = "请按户籍登记订正性别。"

    def questions(self) -> Iterator[Question]:
        """Every feed that sends the sex."""
        differs = "record.sex IN ('1', '2') AND registered.sex IN ('1', '2') AND record.sex <> registered.sex"
        for mention in _with_field("sex"):
            yield _beside(mention, differs, "sex")
        if "nhc_birth" in contracts():
            yield Question("nhc_birth", (REGISTER, "nhc_birth"), self._newborn())

    @staticmethod
    def _newborn() -> str:
        """A certificate of birth and the one child of that day in the mother's household."""
        return f"""
            SELECT source_key, 'sex' AS field, other_key FROM (
                SELECT record.source_key, min(record.sex) AS told, min(child.sex) AS registered_sex,
                    '{REGISTER}:' || min(child.source_key) AS other_key
                FROM landing.nhc_birth AS record
                JOIN landing.{REGISTER} AS mother ON mother.id_number = record.mother_id_number
                JOIN landing.{REGISTER} AS child ON child.household_no = mother.household_no
                    AND child.birth_date = cast(record.birth_time AS date)
                GROUP BY record.source_key HAVING count(*) = 1) AS born
            WHERE told IN ('1', '2') AND registered_sex IN ('1', '2') AND told <> registered_sex"""


def _with_field(field: str) -> list[Mention]:
    carry = {c.feed for c in identified("person") if any(one.name == field for one in c.fields)}
    return [mention for mention in own_mentions() if mention.feed in carry]


class RegisteredTwice(AcrossRule):
    """A person has one live household registration."""

    id = "registered_twice"
    dimension = Dimension.UNIQUENESS
    sentence = "同一人有两个及以上未注销的户籍登记（一人多号、双户口）。"
    advice = "请按重复户口清理规定核查，保留一个，其余注销并登记旧号。"

    def questions(self) -> Iterator[Question]:
        """Every live registration of such a person but the first, which stands beside it."""
        query = f"""
            SELECT one.source_key, 'id_number' AS field, '{REGISTER}:' || first.source_key AS other_key
            FROM of_{REGISTER} AS one JOIN (
                SELECT master_id, min(source_key) AS source_key FROM of_{REGISTER} WHERE cancel_reason IS NULL
                GROUP BY master_id HAVING count(*) > 1) AS first ON first.master_id = one.master_id
            WHERE one.cancel_reason IS NULL AND one.source_key <> first.source_key"""
        yield Question(REGISTER, (REGISTER,), query)


class DuplicateNotLinked(AcrossRule):
    """A registration that was cancelled as a duplicate is named by the one that stays."""

    id = "duplicate_not_linked"
    dimension = Dimension.CONSISTENCY
    severity = Severity.INFORM
    sentence = "户籍登记已按重复户口注销，但保留的登记未注明该旧号码。"
    advice = "请在保留的户籍登记中登记曾用号码，以便各部门归并。"

    def questions(self) -> Iterator[Question]:
        """Registrations cancelled as duplicates whose number no registration lists as former."""
        query = f"""
            SELECT one.source_key, 'former_id_number' AS field, cast(NULL AS varchar) AS other_key
            FROM landing.{REGISTER} AS one LEFT JOIN (
                SELECT DISTINCT former_id_number FROM landing.{REGISTER}) AS former
                ON former.former_id_number = one.id_number
            WHERE one.cancel_reason = 'duplicate' AND former.former_id_number IS NULL"""
        yield Question(REGISTER, (REGISTER,), query)
