"""Rules on one number of a delivery: its size, its rejects, its punctuality, and each against the feed's own past."""

from __future__ import annotations

from datetime import date
from math import sqrt

from quality.rules.rule import FeedFacts, FeedMeasureRule, Limit, Measure
from quality.verdict import Dimension

# How many standard errors a share may move by chance alone: one false alarm in a thousand.
CHANCE = 3.3
UNMAPPED = "CODE_UNMAPPED"
# Sizes below this many rows a day move by chance as much as by trouble.
FEWEST_ROWS = 30
# A feed that usually changes less than this share of its records is a quiet one: five times next to nothing is no sign.
QUIET = 0.001


class RejectRate(FeedMeasureRule):
    """Few rows of a delivery could not become records."""

    id = "reject_rate"
    dimension = Dimension.CONFORMITY
    bound = "at_most"
    message = "{observed} of the rows were rejected, at most {limit} expected"
    sentence = "无法入库的行占{observed}，应不高于{limit}。"
    advice = "请按退回清单逐行订正；整批集中出现的，多为列错位、编码或导出设置有误。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """The share of rejected rows among the rows read."""
        return Measure(facts.now.rejected / facts.now.read, facts.now.read) if facts.now.read else None


class DuplicateRate(FeedMeasureRule):
    """Few rows of a delivery repeat another one exactly."""

    id = "duplicate_rate"
    dimension = Dimension.UNIQUENESS
    bound = "at_most"
    message = "{observed} of the rows repeat another row, at most {limit} expected"
    sentence = "完全重复的行占{observed}，应不高于{limit}。"
    advice = "请核对导出是否重复拼接或重复报送。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """The share of exact duplicates among the rows read."""
        return Measure(facts.now.duplicate / facts.now.read, facts.now.read) if facts.now.read else None


class FindingRate(FeedMeasureRule):
    """Few records have a certain finding of the extraction; the limit's `pattern` is the finding's code."""

    id = "finding_rate"
    dimension = Dimension.CONFORMITY
    bound = "at_most"
    needs_field = True
    message = "{observed} of the rows have the finding {code} on {field}, at most {limit} expected"
    sentence = "“{label}”存在问题（{code}）的行占{observed}，应不高于{limit}。"
    advice = "请按问题清单核对该栏，对照代码表和接口规范订正。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:
        """The share of findings with this field and code among the rows read."""
        if not facts.now.read:
            return None
        count = facts.findings.get((str(limit.field), str(limit.pattern)), 0)
        return Measure(count / facts.now.read, facts.now.read)


class InCodeTable(FeedMeasureRule):
    """The values of a coded field could be mapped to codes of its table.

    The extraction leaves a code it cannot map empty and notes the finding CODE_UNMAPPED: both are counted here.
    """

    id = "in_code_table"
    dimension = Dimension.CONFORMITY
    needs_field = True
    message = "{field} holds a code of its table in {observed} of the filled records, at least {limit} expected"
    sentence = "“{label}”符合代码表的占{observed}，应不低于{limit}。"
    advice = "请对照代码表订正；启用了新代码的，请先报送新版代码表。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:
        """The share of mapped codes among the codes sent; `KeyError` if the field is not coded."""
        field = str(limit.field)
        if field not in facts.coded:
            raise KeyError(f"rule {self.id}: field {field} is not coded; it cannot be judged by a code table")
        filled = round(facts.now.records * facts.now.fill.get(field, 0.0))
        other = round(facts.now.records * facts.now.shares.get(field, {}).get("other", 0.0))
        unmapped = facts.findings.get((field, UNMAPPED), 0)
        sent = filled + unmapped
        return Measure((filled - other) / sent, sent) if sent else None


class RowCountAtLeast(FeedMeasureRule):
    """A full delivery has at least so many records."""

    id = "row_count_at_least"
    dimension = Dimension.COMPLETENESS
    unit = "rows"
    message = "{observed} records arrived, at least {limit} expected"
    sentence = "全量文件有{observed}条有效记录，应不少于{limit}条。"
    advice = "请核对导出是否中断或条件有误，重新报送全量文件。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """The number of records of a full delivery."""
        return Measure(facts.now.records) if facts.now.mode == "full" else None


class RowCountAgainstLast(FeedMeasureRule):
    """A full delivery is not much shorter than the last accepted one."""

    id = "row_count_against_last"
    dimension = Dimension.COMPLETENESS
    bound = "at_most"
    message = "the full file has {observed} fewer records than the last accepted one, at most {limit} expected"
    sentence = "全量文件比上次少{observed}，降幅应不超过{limit}。"
    advice = "请核对是否漏报地区或导出中断；确属业务变化的，请书面说明后由工程师放行。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """By which share of the last file this one is shorter, 0 if it is longer."""
        if facts.now.mode != "full" or facts.last is None or not facts.last.records:
            return None
        return Measure(max(0.0, 1 - facts.now.records / facts.last.records))


class RowCountRiseAgainstLast(FeedMeasureRule):
    """A full delivery is not much longer than the last accepted one."""

    id = "row_count_rise_against_last"
    dimension = Dimension.UNIQUENESS
    bound = "at_most"
    message = "the full file has {observed} more records than the last accepted one, at most {limit} expected"
    sentence = "全量文件比上次多{observed}，增幅应不超过{limit}。"
    advice = "请核对是否重复导出，或混入历史、注销记录。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """By which share of the last file this one is longer, 0 if it is shorter."""
        if facts.now.mode != "full" or facts.last is None or not facts.last.records:
            return None
        return Measure(max(0.0, facts.now.records / facts.last.records - 1))


class DeltaSizeAgainstUsual(FeedMeasureRule):
    """A delta is not many times larger than those of comparable days."""

    id = "delta_size_against_usual"
    dimension = Dimension.CONSISTENCY
    unit = "factor"
    bound = "at_most"
    message = "the delta has {observed} times the rows of comparable days, at most {limit} expected"
    sentence = "增量文件行数是同类日期的{observed}倍，应不超过{limit}倍。"
    advice = "请核对是否误将全量作为增量报送；确有批量业务的，请说明。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """The rows of this delta in units of the usual size on such a day; a handful is never many times another."""
        if facts.now.mode != "delta" or not facts.usual:
            return None
        return Measure(facts.now.read / max(facts.usual, FEWEST_ROWS))


class DeltaFallAgainstUsual(FeedMeasureRule):
    """A delta is not a small part of those of comparable days."""

    id = "delta_fall_against_usual"
    dimension = Dimension.COMPLETENESS
    unit = "factor"
    bound = "at_least"
    message = "the delta has {observed} times the rows of comparable days, at least {limit} expected"
    sentence = "增量文件行数是同类日期的{observed}倍，应不低于{limit}倍。"
    advice = "请核对导出是否中断、是否漏报地区；确无业务的，请说明。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """The rows of this delta in units of the usual size on such a day; nothing where a handful is usual."""
        if facts.now.mode != "delta" or not facts.usual or facts.usual < FEWEST_ROWS:
            return None
        return Measure(facts.now.read / facts.usual)


class ChurnAgainstUsual(FeedMeasureRule):
    """A delivery does not change a many times larger share of the feed's records than those of comparable days."""

    id = "churn_against_usual"
    dimension = Dimension.CONSISTENCY
    unit = "factor"
    bound = "at_most"
    message = "the delivery changes {observed} times the share of records of comparable days, at most {limit} expected"
    sentence = "本批改动的记录占比是同类日期的{observed}倍，应不超过{limit}倍。"
    advice = "请核对是否批量刷新了某一栏、格式是否变动；确有批量业务的，请说明。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """The churn in units of the usual one on such a day; a usual one of nearly nothing counts as `QUIET`."""
        if facts.now.churn is None or facts.usual_churn is None or facts.now.read < FEWEST_ROWS:
            return None
        return Measure(facts.now.churn / max(facts.usual_churn, QUIET))


class DeletionRate(FeedMeasureRule):
    """A delta does not consist mostly of deletions."""

    id = "deletion_rate"
    dimension = Dimension.CONSISTENCY
    bound = "at_most"
    message = "{observed} of the delta's rows are deletions, at most {limit} expected"
    sentence = "增量文件中删除操作占{observed}，应不高于{limit}。"
    advice = "请核对操作标志是否填反；确需批量删除的，请书面说明后由工程师放行。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """The share of deletions among the rows of a delta."""
        rows = facts.now.records + facts.now.deletions
        return Measure(facts.now.deletions / rows, rows) if facts.now.mode == "delta" and rows else None


class ShareAgainstLast(FeedMeasureRule):
    """The shares of a field's codes are about those of the last accepted delivery of the same mode."""

    id = "share_against_last"
    dimension = Dimension.CONSISTENCY
    unit = "points"
    bound = "at_most"
    needs_field = True
    message = "a code's share of {field} moved by {observed} against the last delivery, at most {limit} expected"
    sentence = "“{label}”各代码占比与上一批相比变动{observed}，应不超过{limit}。"
    advice = "请核对代码取值规则是否调整、是否只导出了部分状态的记录。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:
        """The largest move of one code's share, less what chance explains in so many records."""
        field = str(limit.field)
        if facts.last is None or not facts.now.records or field not in facts.last.shares:
            return None
        now, last = facts.now.shares.get(field, {}), facts.last.shares[field]
        return Measure(max((self._move(now, last, code, facts) for code in {*now, *last}), default=0.0))

    @staticmethod
    def _move(now: dict[str, float], last: dict[str, float], code: str, facts: FeedFacts) -> float:
        before, after = last.get(code, 0.0), now.get(code, 0.0)
        spread = max(before * (1 - before), after * (1 - after))
        rows_before = facts.last.records if facts.last is not None else 0
        chance = CHANCE * sqrt(spread / facts.now.records + (spread / rows_before if rows_before else 0.0))
        return max(0.0, abs(after - before) - chance)


class ArrivedInTime(FeedMeasureRule):
    """The delivery speaks of a day not long before the one the gate judges for."""

    id = "arrived_in_time"
    dimension = Dimension.TIMELINESS
    unit = "days"
    bound = "at_most"
    message = "the business date lies {observed} days back, at most {limit} expected"
    sentence = "报送数据的业务日期早于当日{observed}天，应不超过{limit}天。"
    advice = "请按约定时限报送；延迟的请说明原因和预计时间。"

    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:  # noqa: ARG002
        """Days from the business date to the day of the run."""
        return Measure((facts.as_of - date.fromisoformat(facts.now.business_date)).days)
