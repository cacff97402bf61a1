"""Rules on single landed records, one list of rows a feed: what is missing, old or written otherwise than agreed."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.contract import Contract
from quality.rules.across import AcrossRule, Question
from quality.rules.mentions import numbers_of
from quality.rules.views import contracts, identified
from quality.verdict import Dimension, Severity

NUMBERS = ("id", "uscc")
WRITTEN = ("id", "uscc", "person_name", "date", "month")
_BLANKS = " \u3000\t\u00a0\u200b"


def _listed(feed: str, field: str, condition: str) -> Question:
    return Question(
        feed,
        (feed,),
        f"SELECT source_key, '{field}' AS field, cast(NULL AS varchar) AS other_key FROM landing.{feed} WHERE {condition}",
    )


class NumberMissing(AcrossRule):
    """A record holds the identity number or credit code that its contract expects."""

    id = "number_missing"
    dimension = Dimension.COMPLETENESS
    severity = Severity.INFORM
    sentence = "证件号码（统一社会信用代码）缺失。"
    advice = "请补录号码；确无号码的，请填写证件类型和其他有效证件。"

    def questions(self) -> Iterator[Question]:
        """Every number that a contract expects to be filled; the employer's only where there is an employer."""
        for contract in contracts().values():
            kinds = {field.name: field.kind for field in contract.fields}
            for field in dict.fromkeys(e.field for e in contract.expectations if e.rule == "filled"):
                if field is None or kinds.get(field) not in NUMBERS:
                    continue
                beside = f"{field.removesuffix('_number').removesuffix('_uscc').removesuffix('_id')}_name"
                named = f" AND {beside} IS NOT NULL" if beside in kinds else ""
                yield _listed(contract.feed, field, f"{field} IS NULL{named}")


class OldNumberForm(AcrossRule):
    """An identity number has the 18 places in use since 1999, not the 15 of before (GB 11643)."""

    id = "old_number_form"
    dimension = Dimension.CONFORMITY
    severity = Severity.INFORM
    sentence = "证件号码为第一代15位号码。"
    advice = "请核对本人证件，更新为18位公民身份号码。"

    def questions(self) -> Iterator[Question]:
        """Every number of a person."""
        for contract in contracts().values():
            for number in numbers_of(contract):
                yield _listed(contract.feed, number, f"length({number}) = 15 AND {number} NOT LIKE '%*%'")


class WrittenOtherwise(AcrossRule):
    """A value is written in the agreed form: no blanks, full-width or invisible characters, one form of date."""

    id = "written_otherwise"
    dimension = Dimension.CONFORMITY
    severity = Severity.INFORM
    sentence = "内容可以识别，但书写形式与约定不一致（空格、全角、不可见字符、分隔符或日期格式）。"
    advice = "请按接口规范的书写形式导出。"

    def questions(self) -> Iterator[Question]:
        """Numbers, names, phones and dates whose received text had to be kept beside the standard form."""
        for contract in contracts().values():
            fields = self._fields(contract)
            if fields:
                parts = [
                    f"SELECT source_key, '{field}' AS field, cast(NULL AS varchar) AS other_key FROM odd"
                    f" WHERE {field} IS NOT NULL AND received ->> '{field}' IS NOT NULL"
                    for field in fields
                ]
                odd = f"SELECT source_key, {', '.join(fields)}, received FROM landing.{contract.feed}"
                query = f"WITH odd AS ({odd} WHERE received IS NOT NULL) {' UNION ALL '.join(parts)}"
                yield Question(contract.feed, (contract.feed,), query)

            for field in (one.name for one in contract.fields if one.kind == "company_name"):
                text = f"received ->> '{field}'"  # brackets and legal forms are written either way by right
                blanks = (
                    f"received IS NOT NULL AND {field} IS NOT NULL AND translate({text}, '{_BLANKS}', '') <> {text}"
                )
                yield _listed(contract.feed, field, blanks)

    @staticmethod
    def _fields(contract: Contract) -> list[str]:
        return [field.name for field in contract.fields if field.kind in WRITTEN]


class NoteInName(AcrossRule):
    """The name of an enterprise is its name, without a word on what became of it."""

    id = "note_in_name"
    dimension = Dimension.CONFORMITY
    severity = Severity.INFORM
    sentence = "单位名称中带有状态或类别备注（注销、吊销、筹、个体、迁出）。"
    advice = "请将状态填入状态栏，名称栏只填营业执照上的名称。"
    notes = ("注销", "吊销", "(筹", "（筹", "(个体", "（个体", "迁出")

    def questions(self) -> Iterator[Question]:
        """Every name of an enterprise whose received text had to be kept beside the standard form."""
        for contract in contracts().values():
            for field in (one.name for one in contract.fields if one.kind == "company_name"):
                noted = " OR ".join(f"received ->> '{field}' LIKE '%{note}%'" for note in self.notes)
                yield _listed(contract.feed, field, f"received IS NOT NULL AND {field} IS NOT NULL AND ({noted})")


class SharedPhone(AcrossRule):
    """A phone number belongs to at most five persons or enterprises."""

    id = "shared_phone"
    dimension = Dimension.ACCURACY
    severity = Severity.INFORM
    sentence = "同一手机号码登记在五人（户）以上名下，多为村组干部、经办人或代办机构号码。"
    advice = "请补采本人、监护人或企业自己的联系电话。"

    def questions(self) -> Iterator[Question]:
        """Every feed that sends phones."""
        for subject in ("person", "enterprise"):
            for contract in identified(subject):
                if any(field.name == "phone" for field in contract.fields):
                    query = f"""
                        SELECT one.source_key, 'phone' AS field, cast(NULL AS varchar) AS other_key
                        FROM landing.{contract.feed} AS one JOIN (
                            SELECT phone FROM of_{contract.feed} WHERE phone IS NOT NULL
                            GROUP BY phone HAVING count(DISTINCT master_id) > 5 OR count(DISTINCT name) > 5) AS shared ON shared.phone = one.phone"""
                    yield Question(contract.feed, (contract.feed,), query)
