"""Words and marks of the pages: field names, differences between two values, a pair of counts."""

from __future__ import annotations

import csv
from difflib import SequenceMatcher
from functools import cache

from markupsafe import Markup, escape

from extractors.fields import load_fields
from extractors.reference import path_of

FIELDS = {
    "name": "Name 姓名",
    "former_name": "Former name 曾用名",
    "sex": "Sex 性别",
    "ethnicity": "Ethnic group 民族",
    "birth_date": "Birth date 出生日期",
    "id_number": "Identity number 身份证号",
    "former_id_number": "Former number 原号码",
    "phone": "Phone 电话",
    "address": "Address 地址",
    "area_code": "Area 行政区划",
    "household_no": "Household 户号",
    "card_number": "Card 社保卡号",
    "updated_at": "Updated 更新时间",
    "uscc": "Unified code 统一代码",
    "registration_no": "Registration no. 注册号",
    "organisation_code": "Organisation code 组织机构代码",
    "legal_rep_name": "Legal representative 法定代表人",
    "legal_rep_id": "Their number 法人身份证号",
    "enterprise_type": "Type 类型",
    "status": "Status 状态",
    "parent_uscc": "Branch of 总公司",
    "life_state": "Alive or dead 生死状态",
    "death_date": "Day of death 死亡日期",
    "household_relation": "Relation to head 与户主关系",
    "marital_status": "Marital status 婚姻状况",
    "education": "Education 文化程度",
    "industry_code": "Industry 行业",
    "founded_date": "Founded 成立日期",
    "tax_status": "Tax state 税务状态",
}


CODE_TABLES = {
    "sex": "sex",
    "ethnicity": "ethnicity",
    "education": "education",
    "household_relation": "relation",
    "marital_status": "marital",
    "enterprise_type": "enterprise_type",
    "status": "enterprise_status",
}
"""Fields whose values are codes, by the table that has their names."""
KINDS = {
    "two_ids": "两个有效号码",
    "typo_id": "号码疑似录错",
    "shared_id": "一号多人",
    "no_id_single_evidence": "无号码且仅一项证据",
    "doubtful": "存疑",
}
STATES = {
    "open": "待办",
    "taken": "已领取",
    "deferred": "暂缓",
    "decided": "已判定",
    "gone": "已消除",
    "second": "待第二人",
    "same": "同一主体",
    "not_same": "不同主体",
    "unsure": "不确定",
}


@cache
def _chinese() -> dict[str, str]:
    return {name: field.chinese for subject in ("enterprise", "person") for name, field in load_fields(subject).items()}


@cache
def _codes() -> dict[tuple[str, str], str]:
    with path_of("code.csv").open(encoding="utf-8", newline="") as lines:
        return {(row["code_table"], row["code"]): row["name"] for row in csv.DictReader(lines)}


def field_name(field: str) -> str:
    """What a steward reads for a field of the standard: English, then the departments' word."""
    told = field.replace("_", " ").capitalize()
    return FIELDS.get(field, f"{told} {_chinese().get(field, '')}".rstrip())


def code_word(field: str, value: str) -> str:
    """The name of a code (女 for 2 of the field sex); empty for what is no code, or is masked."""
    return _codes().get((CODE_TABLES.get(field, ""), value), "")


def kind_name(kind: str) -> str:
    """A kind of case in Chinese; empty for one that has no word yet."""
    return KINDS.get(kind, "")


def state_name(state: str) -> str:
    """A state or verdict in Chinese; empty for one that has no word."""
    return STATES.get(state, "")


def marked(value: str, other: str | None) -> Markup:
    """A value with the characters marked that the other value does not have in the same place."""
    if other is None or value == other:
        return escape(value)
    parts = []
    for kind, start, end, _, _ in SequenceMatcher(None, value, other, autojunk=False).get_opcodes():
        piece = escape(value[start:end])
        parts.append(piece if kind == "equal" or not piece else Markup("<mark>{}</mark>").format(piece))
    return Markup("").join(parts)


def tone(reason: str) -> str:
    """Whether a reason speaks for one subject (for), against it (against), or neither (plain)."""
    if " different" in reason or "two subjects" in reason or " other" in reason:
        return "against"
    return "for" if " equal" in reason or " same" in reason else "plain"


def against_before(now: object, before: object) -> str:
    """The change from the night before, as +3, -2, or nothing."""
    try:
        change = int(str(now)) - int(str(before))
    except ValueError:
        return ""
    return f"{change:+,}" if change else "="
