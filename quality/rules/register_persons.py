"""Rules that hold the departments' records of persons against the household register, which is the authority on identity."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.across import AcrossRule, Question
from quality.rules.mentions import REGISTER, Mention, beside_register, other_mentions, own_mentions
from quality.rules.views import contracts, identified
from quality.verdict import Dimension, Severity


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
            yield beside_register(mention, differs, mention.name)


class NameAgainstOthers(AcrossRule):
    """The records of a person whom the household register does not know bear one name."""

    id = "name_against_others"
    dimension = Dimension.CONSISTENCY
    severity = Severity.INFORM
    sentence = "该人不在本省户籍登记中，姓名与其他部门的多数记录不一致。"
    advice = "请核对本人证件上的姓名，注意间隔号、生僻字和曾用名。"

    def questions(self) -> Iterator[Question]:
        """Records with another name than most of their file; where names are even, the one that sorts first stands.

        Somebody named beside the subject is held against the files whose records bear that number, if all of them disagree.
        """
        for mention in own_mentions():
            query = f"""
                SELECT record.source_key, '{mention.name}' AS field, usual_name.record_key AS other_key
                FROM unregistered AS record JOIN usual_name ON usual_name.master_id = record.master_id
                WHERE record.feed = '{mention.feed}' AND record.name <> usual_name.name"""
            yield Question(mention.feed, (REGISTER, mention.feed), query)
        for mention in other_mentions():
            query = f"""
                SELECT record.source_key, '{mention.name}' AS field, min(usual_name.record_key) AS other_key
                FROM landing.{mention.feed} AS record
                JOIN (SELECT DISTINCT id_number, master_id FROM unregistered) AS bearer
                    ON bearer.id_number = record.{mention.number}
                JOIN usual_name ON usual_name.master_id = bearer.master_id
                WHERE record.{mention.name} IS NOT NULL
                GROUP BY record.source_key, record.{mention.name}
                HAVING count(CASE WHEN usual_name.name = record.{mention.name} THEN 1 END) = 0"""
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
            yield beside_register(
                mention, f"{name} = registered.former_name AND {name} <> registered.name", mention.name
            )


class BirthAgainstRegister(AcrossRule):
    """A person's birth date is the one in the household register."""

    id = "birth_against_register"
    dimension = Dimension.CONSISTENCY
    sentence = "出生日期与公安户籍登记不一致，常见于农历生日或默认一月一日。"
    advice = "请按户籍登记订正出生日期。"

    def questions(self) -> Iterator[Question]:
        """Every feed that sends birth dates."""
        for mention in _with_field("birth_date"):
            yield beside_register(mention, "record.birth_date <> registered.birth_date", "birth_date")


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
            yield beside_register(mention, differs, "sex")
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
