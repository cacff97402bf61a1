"""`python -m extractors compare OLD NEW`: an incompatible change of a contract is refused, naming the field."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.__main__ import main
from extractors.compatibility import compare
from extractors.contract import FEEDS_FOLDER, Contract
from tests.extractors.conftest import CONTRACTS
from tests.extractors.samples import DAY

Content = dict[str, Any]
Edit = Callable[[Content], None]


def content_of(feed: str) -> Content:
    content: Content = yaml.safe_load((FEEDS_FOLDER / f"{feed}.yml").read_text(encoding="utf-8"))
    return content


def column(content: Content, field: str) -> Content:
    found: Content = next(column for column in content["columns"] if column.get("field") == field)
    return found


def edited(edit: Edit, feed: str = "hrss_card", *, overlap: bool = False) -> Contract:
    content = content_of(feed)
    old = copy.deepcopy(content)
    edit(content)
    if overlap:
        earlier = {
            "version": "1",
            "valid_until": "2027-06-30",
            "columns": old["columns"],
            "form": old["form"],
            "op": old.get("op", "操作标志"),
        }
        content |= {"version": "2", "earlier": [earlier]}
    return Contract.model_validate(content)


def refused(new: Contract, feed: str = "hrss_card") -> list[str]:
    return [str(change) for change in compare(CONTRACTS[feed], new, as_of=DAY) if change.breaks]


def drop_phone(content: Content) -> None:
    content["columns"].remove(column(content, "phone"))
    content["authority"].remove("phone")


MEANING: list[tuple[Edit, str]] = [
    (drop_phone, "phone: field removed"),
    (lambda c: c.update(details_of="ps_person"), "details_of: None -> ps_person"),
    (lambda c: c.update(key=["card_number"]), "key: issue_area_code, card_number -> card_number"),
    (lambda c: column(c, "name").update(length=20), "name: length 50 -> 20"),
    (lambda c: column(c, "birth_date").update(length=8), "birth_date: any length -> 8"),
    (lambda c: column(c, "phone").update(required=True), "phone: became required"),
    (lambda c: column(c, "card_status")["codes"].update(lost=["2"]), "card_status: code 正式挂失 .* no longer known"),
    (lambda c: column(c, "card_status")["codes"].update(made=["1"], normal=["0"]), "card_status: code 0 meant made, now normal"),
    (lambda c: c.update(updated_column=None), "updated_column: updated_at -> None"),
    (lambda c: c.update(modes=["delta"]), "modes: full is no longer taken"),
]  # fmt: skip
LAYOUT: list[tuple[Edit, str]] = [
    (lambda c: column(c, "phone").update(source="联系电话"), "phone: column 手机号码 -> 联系电话"),
    (lambda c: c["columns"].insert(0, {"source": "备注", "english": "x", "ignored": "free text"}), "备注: column 备注 is new"),
    (lambda c: c.update(form={"kind": "csv", "encoding": "utf-8"}), "form: encoding gb18030 -> utf-8"),
    (lambda c: c.update(op="操作"), "op: 操作标志 -> 操作"),
]  # fmt: skip
FINE: list[Edit] = [
    lambda c: c.update(title="持卡人库"),
    lambda c: column(c, "name").update(length=100),
    lambda c: column(c, "card_status")["codes"]["lost"].append("挂失中"),
    lambda c: c.update(deadline="23:00", purpose="另一用途"),
    lambda c: c["columns"].append({"source": "备注", "english": "x", "ignored": "free text", "optional": True}),
    lambda c: c["expectations"].pop(),
]


@pytest.mark.parametrize(("edit", "said"), MEANING)
@pytest.mark.parametrize("overlap", [False, True])
def test_a_change_of_meaning_is_refused_with_or_without_an_overlap(edit: Edit, said: str, overlap: bool) -> None:
    if overlap and edit is drop_phone:
        pytest.skip("a contract whose earlier layout holds a field that is gone does not load at all")
    found = refused(edited(edit, overlap=overlap))
    assert len(found) >= 1
    assert any(re.match("REFUSED  " + said, line) for line in found), found


@pytest.mark.parametrize(("edit", "said"), LAYOUT)
def test_a_change_of_layout_needs_an_overlap(edit: Edit, said: str) -> None:
    found = refused(edited(edit))
    assert len(found) == 1
    assert found[0].startswith("REFUSED  " + said)
    assert "'earlier'" in found[0]
    assert refused(edited(edit, overlap=True)) == []


@pytest.mark.parametrize("edit", FINE)
def test_other_changes_are_told_and_fine(edit: Edit) -> None:
    assert refused(edited(edit)) == []


def test_no_change_is_no_change() -> None:
    for contract in CONTRACTS.values():
        assert compare(contract, contract, as_of=DAY) == []


def test_widths_and_order_of_fixed_columns_are_layout() -> None:
    def widen(content: Content) -> None:
        column(content, "name").update(width=60)

    def swap(content: Content) -> None:
        content["columns"][0], content["columns"][1] = content["columns"][1], content["columns"][0]

    assert "name: column 姓名 had 50 bytes, now 60" in refused(edited(widen, "ps_person"), "ps_person")[0]
    assert "columns: stand in another order" in refused(edited(swap, "ps_person"), "ps_person")[0]
    assert refused(edited(widen, "ps_person", overlap=True), "ps_person") == []


def test_the_overlap_must_hold_the_layout_in_force() -> None:
    new = edited(LAYOUT[0][0], overlap=True)
    other = new.earlier[0].model_copy(update={"columns": new.columns})
    assert any("is not the layout in force" in line for line in refused(new.model_copy(update={"earlier": (other,)})))


def test_an_overlap_may_not_be_cut_short() -> None:
    old = edited(LAYOUT[0][0], overlap=True)
    new = old.model_copy(update={"earlier": ()})
    (change,) = compare(old, new, as_of=DAY)
    assert "keep it till then" in str(change)
    (change,) = compare(old, new, as_of=dt.date(2027, 7, 1))
    assert not change.breaks


def test_the_command_refuses_by_its_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = content_of("hrss_card")
    drop_phone(content)
    new = tmp_path / "new.yml"
    new.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    old = FEEDS_FOLDER / "hrss_card.yml"
    assert main(["compare", str(old), str(new), "--as-of", "2026-11-01"]) == 1
    assert "REFUSED  phone: field removed" in capsys.readouterr().out
    assert main(["compare", str(old), str(old)]) == 0
    assert "no change" in capsys.readouterr().out
