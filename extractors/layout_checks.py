"""What each delivery is checked for, as the layout document tells the department: the contract's expectations in words."""

from __future__ import annotations

from extractors.contract import Contract, Expectation

CHECKS_HEADER = ("检查 check", "列 column", "限值 limit", "不符时 otherwise")
_SEVERITY = {"stop": "暂不入库 held", "warn": "提醒核对 to be looked at", "inform": "告知 noted"}
_WORDS = {
    "filled": ("有值的比例 share of rows with a value", "≥", "share"),
    "valid_id": ("号码校验通过的比例 share of valid numbers", "≥", "share"),
    "in_code_table": ("符合代码表的比例 share of values in the code table", "≥", "share"),
    "unique_key": ("主键不重复的比例 share of rows of a key of their own", "≥", "share"),
    "row_count_at_least": ("全量文件行数 rows of a full file", "≥", "rows"),
    "row_count_against_last": ("全量文件比上次减少 a full file is shorter than the last by", "≤", "share"),
    "row_count_rise_against_last": ("全量文件比上次增加 a full file is longer than the last by", "≤", "share"),
    "delta_size_against_usual": ("增量行数为同类日期的倍数 rows of a delta, times like days", "≤", "times"),
    "churn_against_usual": ("变动记录占比为同类日期的倍数 share of records changed, times like days", "≤", "times"),
    "delta_fall_against_usual": ("增量行数为同类日期的倍数 rows of a delta, times like days", "≥", "times"),
    "deletion_rate": ("增量中删除的比例 share of deletions in a delta", "≤", "share"),
    "reject_rate": ("无法入库的比例 share of rows that cannot be taken", "≤", "share"),
    "duplicate_rate": ("完全重复的比例 share of rows that repeat another", "≤", "share"),
    "fill_against_last": ("有值比例比上次下降 share with a value, fall against the last", "≤", "share"),
    "valid_against_last": ("校验通过比例比上次下降 share of valid numbers, fall against the last", "≤", "share"),
    "share_against_last": ("各代码占比比上次变动 shares of codes, change against the last", "≤", "share"),
    "arrived_in_time": ("业务日期早于当日 business date lies back", "≤", "days"),
}  # fmt: skip
_UNITS = {"rows": "{:g} 行 rows", "times": "{:g} 倍 times", "days": "{:g} 天 days"}


def check_rows(contract: Contract) -> list[tuple[str, ...]]:
    """One row an expectation, in the order of the contract: check, column of the file, limit, what follows."""
    sources = {column.field: column.source for column in contract.columns}
    rows: list[tuple[str, ...]] = []
    for rule in contract.expectations:
        words, limit = _told(rule)
        rows.append((words, "" if rule.field is None else sources[rule.field], limit, _SEVERITY[rule.severity]))
    return rows


def _told(rule: Expectation) -> tuple[str, str]:
    """Words and limit; a rule without words here is told by its name and what the contract gives."""
    given = [
        f"{name} {value}"
        for name, value in (("low", rule.low), ("high", rule.high), ("pattern", rule.pattern))
        if value is not None
    ]
    if rule.rule not in _WORDS or rule.limit is None:
        return rule.rule, ", ".join([*given, *([] if rule.limit is None else [f"{rule.limit:g}"])])
    words, sign, unit = _WORDS[rule.rule]
    limit = (
        f"{rule.limit:.4%}".rstrip("%").rstrip("0").rstrip(".") + " %"
        if unit == "share"
        else _UNITS[unit].format(rule.limit)
    )
    return words, f"{sign} {limit}"
