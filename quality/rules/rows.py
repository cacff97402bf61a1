"""Rules on the rows of a delivery or of the staged masters, each an expectation on one column."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from quality.rules.rule import Expectation, Facts, FeedFacts, Limit, RowRule
from quality.verdict import Dimension

EPOCH = date(1970, 1, 1)


class Filled(RowRule):
    """The field has a value in enough records."""

    id = "filled"
    dimension = Dimension.COMPLETENESS
    counts_absent = True

    def column(self, limit: Limit) -> str:
        """A column made of the presence of values."""
        return f"{limit.field}_is_filled"

    def values(self, limit: Limit, rows: pa.Table) -> pa.ChunkedArray:
        """1 where there is a value, else null."""
        return pc.if_else(pc.is_valid(rows.column(str(limit.field))), 1.0, None)

    message = "{field} is filled in {observed} of the records, at least {limit} expected"
    sentence = "“{label}”有值的记录占{observed}，应不低于{limit}。"
    advice = "请核对导出是否漏取该栏；来源确无数值的，请补录。"

    def expectation(self, limit: Limit, facts: Facts) -> Expectation:  # noqa: ARG002
        """Values are not null."""
        return Expectation("expect_column_values_to_not_be_null", {})


class FillAgainstLast(Filled):
    """The field is not much emptier than in the last accepted delivery of its mode, or last night's masters."""

    id = "fill_against_last"
    unit = "points"
    message = "{field} is filled in {observed} of the records; the last delivery's share may fall by {limit}"
    sentence = "“{label}”有值的记录占{observed}，比上一批的降幅应不超过{limit}。"
    advice = "请核对本批导出条件和该栏取数来源；确属业务变化的，请告知数据治理人员调整阈值。"

    def share(self, limit: Limit, facts: Facts) -> float | None:
        """The last share of filled records less the drop the contract allows."""
        if facts.last is None or str(limit.field) not in facts.last.fill:
            return None
        return max(0.0, facts.last.fill[str(limit.field)] - limit.number)


class UniqueKey(RowRule):
    """No source key stands in two records of a delivery."""

    id = "unique_key"
    dimension = Dimension.UNIQUENESS
    needs_field = False
    message = "the source key is unique in {observed} of the records, {limit} expected"
    sentence = "主键不重复的记录占{observed}，应为{limit}。"
    advice = "请核对导出是否重复拼接；同一主键请只报送一条最新记录。"

    def column(self, limit: Limit) -> str:  # noqa: ARG002
        """The source key."""
        return "source_key"

    def expectation(self, limit: Limit, facts: Facts) -> Expectation:  # noqa: ARG002
        """Values occur once."""
        return Expectation("expect_column_values_to_be_unique", {})


class Unique(UniqueKey):
    """No value of the field stands in two rows."""

    id = "unique"
    needs_field = True
    message = "{field} is unique in {observed} of the rows that have one, at least {limit} expected"
    sentence = "“{label}”不重复的占{observed}，应不低于{limit}。"
    advice = "请核查重复的号码：同一人重复建档，或号码被他人冒用、误录。"

    def column(self, limit: Limit) -> str:
        """The field."""
        return f"{limit.field}"


class MatchesForm(RowRule):
    """The values have the written form the contract gives as a pattern."""

    id = "matches_form"
    dimension = Dimension.CONFORMITY
    message = "{field} has the expected form in {observed} of the filled records, at least {limit} expected"
    sentence = "“{label}”格式正确的占{observed}，应不低于{limit}。"
    advice = "请按接口规范核对该栏的长度和字符。"

    def expectation(self, limit: Limit, facts: Facts) -> Expectation:  # noqa: ARG002
        """Values match the pattern; `ValueError` if the limit gives none."""
        if limit.pattern is None:
            raise ValueError(f"rule {self.id} on {limit.field} needs a pattern")
        return Expectation("expect_column_values_to_match_regex", {"regex": limit.pattern})


class Between(RowRule):
    """The values lie between two bounds; a bound `as_of` is the day the gate judges for."""

    id = "between"
    dimension = Dimension.ACCURACY
    message = "{field} lies between its bounds in {observed} of the filled records, at least {limit} expected"
    sentence = "“{label}”在合理范围内的占{observed}，应不低于{limit}。"
    advice = "请核对超出范围的数值，常见原因是年份或小数点录错。"

    def column(self, limit: Limit) -> str:
        """A column made of the field as numbers."""
        return f"{limit.field}_as_number"

    def values(self, limit: Limit, rows: pa.Table) -> pa.ChunkedArray:
        """The values as numbers, dates and moments as days since 1970-01-01."""
        values = rows.column(str(limit.field))
        if pa.types.is_timestamp(values.type):
            values = values.cast(pa.date32(), safe=False)
        if pa.types.is_date32(values.type):
            values = values.cast(pa.int32())
        return values.cast(pa.float64())

    def expectation(self, limit: Limit, facts: Facts) -> Expectation:
        """Values are between `low` and `high`; `ValueError` if the limit gives neither."""
        if limit.low is None and limit.high is None:
            raise ValueError(f"rule {self.id} on {limit.field} needs low or high")
        return Expectation(
            "expect_column_values_to_be_between",
            {"min_value": self._bound(limit.low, facts), "max_value": self._bound(limit.high, facts)},
        )

    @staticmethod
    def _bound(written: str | float | None, facts: Facts) -> float | None:
        if not isinstance(written, str):
            return written
        day = facts.as_of if written == "as_of" else date.fromisoformat(written)
        return float((day - EPOCH).days)


class ValidId(RowRule):
    """The numbers of an id field pass every check: length, division, date, check character."""

    id = "valid_id"
    dimension = Dimension.ACCURACY
    message = "{field} is valid in {observed} of the filled records, at least {limit} expected"
    sentence = "“{label}”校验通过的占{observed}，应不低于{limit}。"
    advice = "请按清单核对证件号码；末位为000的多因表格软件丢失精度，请按文本重新导出。"

    def column(self, limit: Limit) -> str:
        """A column made of the reasons the extraction noted."""
        return f"{limit.field}_is_valid"

    def values(self, limit: Limit, rows: pa.Table) -> pa.ChunkedArray:
        """1 where no reason against the number was noted, 0 where one was, null where there is no number."""
        return pc.cast(validity(rows, str(limit.field)), pa.float64())

    def expectation(self, limit: Limit, facts: Facts) -> Expectation:  # noqa: ARG002
        """Values are 1."""
        return Expectation("expect_column_values_to_be_in_set", {"value_set": [1.0]})


class ValidAgainstLast(ValidId):
    """Not many more numbers are invalid than in the last accepted delivery of the same mode."""

    id = "valid_against_last"
    unit = "points"
    message = "{field} is valid in {observed} of the filled records; the last delivery's share may fall by {limit}"
    sentence = "“{label}”校验通过的占{observed}，比上一批的降幅应不超过{limit}。"

    def share(self, limit: Limit, facts: Facts) -> float | None:
        """The last share of valid numbers less the drop the contract allows."""
        if not isinstance(facts, FeedFacts):
            raise TypeError(f"rule {self.id} judges deliveries of a feed; it stands in the limits of masters")
        if facts.last is None or str(limit.field) not in facts.last.valid:
            return None
        return max(0.0, facts.last.valid[str(limit.field)] - limit.number)


def validity(rows: pa.Table, field: str) -> pa.ChunkedArray:
    """Whether each number of an id field is valid: a boolean column, null where the field is.

    `rows` holds `<field>` and `<field>_reasons` (a list of reason codes, empty or null for a valid number). Raises
    `KeyError` if either is missing.
    """
    number = rows.column(field)
    count = pc.fill_null(pc.list_value_length(rows.column(f"{field}_reasons")), 0)
    return pc.if_else(pc.is_valid(number), pc.equal(count, 0), pa.scalar(None, pa.bool_()))
