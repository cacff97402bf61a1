"""What a department reads: a finding's code in its own language, and what to do about it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from extractors.fields import read_yaml
from quality.rules import RULES
from quality.verdict import Dimension, State

DIMENSIONS = {
    Dimension.CONFORMITY: "规范性",
    Dimension.COMPLETENESS: "完整性",
    Dimension.ACCURACY: "准确性",
    Dimension.CONSISTENCY: "一致性",
    Dimension.TIMELINESS: "时效性",
    Dimension.UNIQUENESS: "唯一性",
}
VERDICTS = {State.PASS: "通过", State.WARN: "预警", State.STOP: "拦截"}
SUBJECTS = {"person": "个人主档", "enterprise": "企业主档"}
DEPARTMENTS = {
    "ps": "公安", "hrss": "人社", "nhsa": "医保", "ca": "民政", "mr": "市场监管", "tax": "税务", "nhc": "卫健",
    "dpf": "残联", "tr": "交通", "ct": "文旅", "fin": "财政", "steward": "数据管家", "platform": "平台运维",
}  # fmt: skip
LISTS = {
    "registration": "户籍登记", "death": "死亡信息", "address": "地址", "phone": "电话", "residence_permit": "居住证",
    "marriage": "婚姻登记", "birth": "出生医学证明", "card": "社会保障卡", "card_function": "卡应用功能",
    "insurance": "社会保险", "contribution": "缴费记录", "medical_insurance": "医疗保险", "medical_aid": "医疗救助",
    "ehealth_card": "电子健康卡", "employment": "就业失业", "disability": "残疾人证", "assistance": "社会救助",
    "elder_allowance": "高龄津贴", "subsidy": "惠民补贴", "subsidy_payment": "补贴发放", "concession": "交通优待",
    "library_reader": "读者证", "scenic_pass": "景区年卡", "enterprise_registration": "市场主体登记",
    "registry_change": "变更登记", "officer": "主要人员", "taxpayer": "纳税人登记", "collection": "社保费征缴",
    "penalty": "行政处罚",
}  # fmt: skip
"""Lists of the master files (tables of core) by their Chinese name, for those that have one here."""
SEVERITIES = {"stop": "严重", "warn": "一般", "inform": "提示"}
STATES = {
    "open": "待下发", "sent": "待答复", "answered": "已答复待验证", "corrected": "已更正", "accepted": "已认可",
    "disputed": "有异议", "expired": "逾期",
}  # fmt: skip


class _Told(dict[str, str]):
    """What stands in a rule's sentence where its numbers are not at hand."""

    def __missing__(self, key: str) -> str:
        return {"label": "该栏", "field": "该栏", "limit": "阈值", "observed": "（见检查明细）"}.get(key, "")


@cache
def _words() -> dict[str, Any]:
    return dict(read_yaml(Path(__file__).with_name("wording.yml")))


def wording(code: str) -> tuple[str, str]:
    """(what is wrong, what to do) in Chinese, for a rule's id or a code of the extraction; never empty."""
    if code in RULES:
        return RULES[code].sentence.format_map(_Told()), RULES[code].advice
    words = _words()
    if code in words["codes"]:
        wrong, advice = words["codes"][code]
        return str(wrong), str(advice)
    for beginning, field in sorted(words["beginnings"].items(), key=lambda pair: -len(pair[0])):
        ending = words["endings"].get(code.removeprefix(beginning))
        if code.startswith(beginning) and ending is not None:
            return f"{field}{ending}", str(words["ending_advice"])
    wrong, advice = words["other"]
    return f"{wrong}（{code}）", str(advice)
