"""Rules on the identity numbers of persons, held against the household register: whose they are, former, twice, unknown."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.across import AcrossRule, Question
from quality.rules.mentions import REGISTER, Mention, beside_register, other_mentions, own_mentions
from quality.verdict import Dimension, Severity

# A number of 15 places and the 18 it became are one number (GB 11643).
_SAME_NUMBER = """(record.{number} = registered.id_number OR (length(record.{number}) = 15
    AND substr(record.{number}, 1, 6) || '19' || substr(record.{number}, 7) = substr(registered.id_number, 1, 17)))"""

# The birth date inside a number of 18 places; odd characters give none.
_BORN = """CASE WHEN substr(record.{number}, 7, 8) BETWEEN '19000101' AND '20991231'
    AND translate(substr(record.{number}, 7, 8), '0123456789', '') = ''
    AND substr(record.{number}, 11, 2) BETWEEN '01' AND '12' AND substr(record.{number}, 13, 2) BETWEEN '01' AND '28'
    THEN cast(substr(record.{number}, 7, 4) || '-' || substr(record.{number}, 11, 2) || '-'
        || substr(record.{number}, 13, 2) AS date) END"""

# Somebody named beside a subject whose number, of 18 places, the register holds for nobody and lists for nobody as former;
# `registered` is whoever bears the name and was born on the date in the number.
_SOUGHT = f"""landing.{{feed}} AS record
    LEFT JOIN landing.{REGISTER} AS holder ON holder.id_number = record.{{number}}
    LEFT JOIN former_number AS former ON former.id_number = record.{{number}}
    LEFT JOIN registered ON registered.name = record.{{name}} AND registered.birth_date = {_BORN}
    WHERE length(record.{{number}}) = 18 AND holder.id_number IS NULL AND former.id_number IS NULL"""


def _sought(mention: Mention) -> str:
    return _SOUGHT.format(feed=mention.feed, number=mention.number, name=mention.name)


def _listed(mention: Mention) -> str:
    """The join of the number, where the register lists it as a former one: of this person, if the record is theirs."""
    whose = "former.master_id = record.master_id AND " if mention.is_own else ""
    return f"LEFT JOIN former_number AS former ON {whose}former.id_number = record.{mention.number}"


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
            yield beside_register(mention, differs, mention.number, _listed(mention))
        for mention in other_mentions():
            query = f"""
                SELECT record.source_key, '{mention.number}' AS field,
                    '{REGISTER}:' || min(registered.registered_key) AS other_key
                FROM {_sought(mention)} AND registered.master_id IS NOT NULL GROUP BY record.source_key"""
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
            old = (
                "former.id_number <> registered.id_number OR (registered.cancel_reason = 'duplicate'"
                f" AND record.{mention.number} = registered.id_number)"
            )
            yield beside_register(mention, old, mention.number, _listed(mention))
        for mention in other_mentions():
            query = f"""
                SELECT record.source_key, '{mention.number}' AS field,
                    '{REGISTER}:' || registered.registered_key AS other_key
                FROM landing.{mention.feed} AS record
                JOIN former_number AS former ON former.id_number = record.{mention.number}
                JOIN registered ON registered.master_id = former.master_id
                    AND registered.id_number <> former.id_number"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)
            unlisted = "registered.cancel_reason = 'duplicate' AND former.id_number IS NULL"
            yield beside_register(mention, unlisted, mention.number, _listed(mention))


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
                FROM {_sought(mention)} AND record.{mention.number} LIKE '51%'
                    AND record.{mention.number} NOT LIKE '%*%' AND registered.master_id IS NULL"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)


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
