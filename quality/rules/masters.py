"""Rules on the staged masters of one night, on their rows and against the night before."""

from __future__ import annotations

from quality.rules.rule import Expectation, Facts, Limit, MasterFacts, MasterMeasureRule, Measure, RowRule
from quality.verdict import Dimension

STEWARD = "请数据管家在复核页面核查处理。"


class _AtMostOne(RowRule):
    """Of what the column counts, a master has one or none."""

    needs_field = False

    def expectation(self, limit: Limit, facts: Facts) -> Expectation:  # noqa: ARG002
        """At most one."""
        return Expectation("expect_column_values_to_be_between", {"min_value": 0, "max_value": 1})


class OneCurrentId(_AtMostOne):
    """A master holds at most one valid identification number or credit code."""

    id = "one_current_id"
    dimension = Dimension.CONSISTENCY
    message = "{observed} of the masters hold at most one valid number, at least {limit} expected"
    sentence = "只含一个有效号码的主档占{observed}，应不低于{limit}。"
    advice = "含多个有效号码的主档可能误并两人（户）；" + STEWARD

    def column(self, limit: Limit) -> str:  # noqa: ARG002
        """How many different valid numbers are held by the master, those of other masters in its rows left out."""
        return "valid_id_count"


class ClusterSize(RowRule):
    """A master has a believable number of records; the limit's `high` is the largest believable one."""

    id = "cluster_size"
    dimension = Dimension.ACCURACY
    needs_field = False
    message = "{observed} of the masters have a believable number of records, at least {limit} expected"
    sentence = "记录数合理的主档占{observed}，应不低于{limit}。"
    advice = "记录过多的主档多因共用电话、占位号码误并；" + STEWARD

    def column(self, limit: Limit) -> str:  # noqa: ARG002
        """How many records the master has."""
        return "record_count"

    def expectation(self, limit: Limit, facts: Facts) -> Expectation:  # noqa: ARG002
        """Between one and `high`; `ValueError` if the limit gives none."""
        if limit.high is None:
            raise ValueError(f"rule {self.id} needs high, the largest believable number of records")
        return Expectation("expect_column_values_to_be_between", {"min_value": 1, "max_value": limit.high})


class OneWord(_AtMostOne):
    """The records of a master agree on what can only be one: birth date and sex of a person, status of an enterprise."""

    id = "one_word"
    dimension = Dimension.CONSISTENCY
    message = "{observed} of the masters have records that agree on their facts, at least {limit} expected"
    sentence = "各部门事实一致（出生日期、性别或登记状态）的主档占{observed}，应不低于{limit}。"
    advice = "突降多为误并或某部门整批数据有误；请先核对当晚新到数据；" + STEWARD

    def column(self, limit: Limit) -> str:  # noqa: ARG002
        """The most different values that the master's records tell of one fact."""
        return "fact_count"


class BranchNamesParent(RowRule):
    """A branch's master names the enterprise it belongs to."""

    id = "branch_names_parent"
    dimension = Dimension.COMPLETENESS
    needs_field = False
    message = "{observed} of the branches name their parent, at least {limit} expected"
    sentence = "已登记上级机构的分支机构主档占{observed}，应不低于{limit}。"
    advice = "请市场监管部门补录分支机构的上级机构统一社会信用代码。"

    def column(self, limit: Limit) -> str:  # noqa: ARG002
        """1 where a branch names its parent, 0 where it does not, null for what is no branch."""
        return "names_parent"

    def expectation(self, limit: Limit, facts: Facts) -> Expectation:  # noqa: ARG002
        """Values are 1."""
        return Expectation("expect_column_values_to_be_in_set", {"value_set": [1.0]})


class LargestCluster(MasterMeasureRule):
    """No single master has swallowed a crowd."""

    id = "largest_cluster"
    dimension = Dimension.ACCURACY
    unit = "records"
    bound = "at_most"
    message = "the largest master has {observed} records, at most {limit} expected"
    sentence = "最大的主档含{observed}条记录，应不超过{limit}条。"
    advice = "极可能误并；" + STEWARD

    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:  # noqa: ARG002
        """The number of records of the largest master."""
        return Measure(facts.now.largest)


class MasterHasRecord(MasterMeasureRule):
    """No master is without a record."""

    id = "master_has_record"
    dimension = Dimension.CONSISTENCY
    unit = "records"
    bound = "at_most"
    message = "{observed} masters have no record, at most {limit} expected"
    sentence = "{observed}个主档没有来源记录，应为{limit}。"
    advice = "请工程师核查当晚的归档步骤，不发布。"

    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:  # noqa: ARG002
        """Masters the crosswalk leads no record to."""
        return Measure(facts.masters_without_record)


class RecordHasMaster(MasterMeasureRule):
    """No record is without a master."""

    id = "record_has_master"
    dimension = Dimension.COMPLETENESS
    unit = "records"
    bound = "at_most"
    message = "{observed} records have no master, at most {limit} expected"
    sentence = "{observed}条记录没有归入主档，应为{limit}。"
    advice = "请工程师核查当晚的匹配步骤，不发布。"

    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:  # noqa: ARG002
        """Records the crosswalk leads to no master."""
        return Measure(facts.records_without_master)


class MasterCountFall(MasterMeasureRule):
    """There are not many fewer masters than last night."""

    id = "master_count_against_last"
    dimension = Dimension.COMPLETENESS
    bound = "at_most"
    message = "there are {observed} fewer masters than last night, at most {limit} expected"
    sentence = "主档数比上一晚减少{observed}，应不超过{limit}。"
    advice = "请核对当晚是否有部门数据缺失或匹配过宽；" + STEWARD

    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:  # noqa: ARG002
        """By which share there are fewer masters than last night."""
        if facts.last is None or not facts.last.masters:
            return None
        return Measure(max(0.0, 1 - facts.now.masters / facts.last.masters))


class RecordsPerMaster(MasterMeasureRule):
    """The mean number of records of a master is about that of last night."""

    id = "records_per_master_against_last"
    dimension = Dimension.CONSISTENCY
    bound = "at_most"
    message = "the mean number of records of a master moved by {observed} against last night, at most {limit} expected"
    sentence = "每个主档的平均记录数比上一晚变动{observed}，应不超过{limit}。"
    advice = "突升多为误并、突降多为漏并；请核对匹配模型版本与新到数据；" + STEWARD

    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:  # noqa: ARG002
        """By which share the mean moved, up or down."""
        if facts.last is None or not facts.last.masters or not facts.last.records or not facts.now.masters:
            return None
        before, after = facts.last.records / facts.last.masters, facts.now.records / facts.now.masters
        return Measure(abs(after / before - 1))


class EventRate(MasterMeasureRule):
    """Of last night's masters only few saw a certain identity event tonight."""

    bound = "at_most"
    dimension = Dimension.CONSISTENCY
    kinds: tuple[str, ...]

    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:  # noqa: ARG002
        """Events of these kinds as a share of last night's masters."""
        if facts.last is None or not facts.last.masters:
            return None
        count = sum(facts.now.events.get(kind, 0) for kind in self.kinds)
        return Measure(count / facts.last.masters, facts.last.masters)


class Churn(EventRate):
    """Few of last night's master ids have gone tonight."""

    id = "churn"
    kinds = ("retired", "redirected")
    message = "{observed} of last night's master ids are gone, at most {limit} expected"
    sentence = "上一晚的主档编号有{observed}失效，应不超过{limit}。"
    advice = "请核对匹配模型版本和当晚删除的记录；" + STEWARD


class MergeRate(EventRate):
    """Few of last night's masters were merged tonight."""

    id = "merge_rate"
    kinds = ("merged",)
    message = "{observed} of last night's masters were merged, at most {limit} expected"
    sentence = "上一晚的主档有{observed}被合并，应不超过{limit}。"
    advice = "突增多为误并；" + STEWARD


class SplitRate(EventRate):
    """Few of last night's masters were split tonight."""

    id = "split_rate"
    kinds = ("split",)
    message = "{observed} of last night's masters were split, at most {limit} expected"
    sentence = "上一晚的主档有{observed}被拆分，应不超过{limit}。"
    advice = "突增多因关键字段整批变化；" + STEWARD


class MovedRate(MasterMeasureRule):
    """Few of last night's records have changed their file tonight, by mergers and splits."""

    id = "moved_rate"
    dimension = Dimension.CONSISTENCY
    bound = "at_most"
    message = "{observed} of last night's records moved to another file, at most {limit} expected"
    sentence = "上一晚的记录有{observed}换到另一主档，应不超过{limit}。"
    advice = "请核对匹配模型版本、当晚整批变化的字段；" + STEWARD

    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:  # noqa: ARG002
        """Records moved by mergers and splits as a share of last night's records."""
        if facts.last is None or not facts.last.records:
            return None
        return Measure(facts.now.events.get("records_moved", 0) / facts.last.records, facts.last.records)


class ReviewRate(MasterMeasureRule):
    """Few masters wait for a person's decision."""

    id = "review_rate"
    dimension = Dimension.CONSISTENCY
    bound = "at_most"
    message = "{observed} reviews a master are waiting, at most {limit} expected"
    sentence = "待人工复核的比例为{observed}，应不超过{limit}。"
    advice = "请安排数据管家处理复核队列；突增时请先核对来源数据。"

    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:  # noqa: ARG002
        """Waiting reviews divided by masters."""
        return Measure(facts.now.reviews / facts.now.masters, facts.now.masters) if facts.now.masters else None
