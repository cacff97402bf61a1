"""Words and marks of the pages: field names, differences between two values, a pair of counts."""

from __future__ import annotations

from difflib import SequenceMatcher

from markupsafe import Markup, escape

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


def field_name(field: str) -> str:
    """What a steward reads for a field of the standard."""
    return FIELDS.get(field, field.replace("_", " "))


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
