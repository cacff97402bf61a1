"""Contracts load strictly, and say in which file and at which place they are wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.contract import FEEDS_FOLDER, ContractError, load_contract, load_contracts
from extractors.fields import load_fields
from extractors.readers import READERS

FEEDS = sorted(path.stem for path in FEEDS_FOLDER.glob("*.yml"))
FIRST_SLICE = {"ca_assist", "hrss_card", "mr_entity", "nhsa_insured", "ps_person", "tax_payer"}


def written(folder: Path, **changes: Any) -> Path:
    """A copy of a real contract with top-level keys replaced (None removes one)."""
    content = yaml.safe_load((FEEDS_FOLDER / "hrss_card.yml").read_text(encoding="utf-8")) | changes
    path = folder / "hrss_card.yml"
    path.write_text(
        yaml.safe_dump({key: value for key, value in content.items() if value is not None}, allow_unicode=True)
    )
    return path


def columns_of() -> list[dict[str, Any]]:
    contract = yaml.safe_load((FEEDS_FOLDER / "hrss_card.yml").read_text(encoding="utf-8"))
    return list(contract["columns"])


def test_the_first_slice_is_there_and_sorted() -> None:
    contracts = load_contracts()
    assert list(contracts) == sorted(contracts)
    assert set(contracts) >= FIRST_SLICE
    assert {contract.form.kind for contract in contracts.values()} <= set(READERS)


@pytest.mark.parametrize("feed", FEEDS)
def test_every_rule_says_what_set_its_limit(feed: str) -> None:
    contract = load_contracts()[feed]
    assert contract.expectations
    assert all(len(rule.set_by) > 5 for rule in contract.expectations)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": "blue"}, "colour"),
        ({"owner": None}, "owner"),
        ({"subject": "dog"}, "subject"),
        ({"deadline": "ten"}, "deadline"),
        ({"key": []}, "key"),
        ({"key": ["no_such_field"]}, "key: .*no_such_field"),
        ({"updated_column": "household_no"}, "updated_column: .*household_no"),
        ({"authority": ["uscc"]}, "authority: .*uscc"),
        ({"canonical": {"area_code": "area_code"}}, "canonical"),
        ({"form": {"kind": "parchment"}}, "form"),
        ({"form": {"kind": "csv", "encoding": "gbk"}}, "encoding"),
        ({"form": {"kind": "csv", "encoding": "gb18030", "colour": 1}}, "colour"),
        ({"form": {"kind": "fixed_width", "encoding": "gb18030"}}, "width"),
        ({"feed": "hrss_other"}, "must be named hrss_other"),
        ({"expectations": [{"rule": "filled", "field": "uscc", "severity": "warn", "set_by": "x"}]}, "expectations"),
        ({"expectations": [{"rule": "filled", "field": "name", "severity": "loud", "set_by": "x"}]}, "severity"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_place(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractError, match=r"(?s)hrss_card\.yml: .*" + said):
        load_contract(written(tmp_path, **changes))


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"source": "某列", "english": "x"}, "either 'field' or 'ignored'"),
        ({"source": "某列", "english": "x", "field": "phone", "ignored": "why"}, "either 'field' or 'ignored'"),
        ({"source": "某列", "english": "x", "field": "no_such_field"}, "no standard fields"),
        ({"source": "某列", "english": "x", "field": "name"}, "listed twice"),
        ({"source": "姓名", "english": "x", "field": "former_name"}, "listed twice"),
        ({"source": "某列", "english": "x", "field": "former_name", "width": 5}, "fixed-width"),
        ({"source": "某列", "english": "x", "field": "former_name", "length": 0}, "length"),
        ({"source": "某列", "english": "x", "field": "former_name", "colour": 1}, "colour"),
        ({"source": "某列", "english": "x", "field": "marital_status"}, "code_table"),
        ({"source": "某列", "english": "x", "field": "insured_state"}, "codes"),
        ({"source": "某列", "english": "x", "field": "marital_status", "code_table": "no_such_table"}, "no_such_table"),
        ({"source": "某列", "english": "x", "field": "insured_state", "codes": {"sleeping": ["1"]}}, "sleeping"),
        ({"source": "某列", "english": "x", "field": "insured_state", "codes": {"normal": ["1"], "ended": ["1"]}}, "two values"),
        ({"source": "某列", "english": "x", "field": "marital_status", "code_table": "marital", "codes": {"10": ["1"]}}, "not both"),
    ],
)  # fmt: skip
def test_a_wrong_column_is_refused(tmp_path: Path, column: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        load_contract(written(tmp_path, columns=[*columns_of(), column]))


@pytest.mark.parametrize("text", ["feed: [", "- a list", "", "feed: {a: b", "\t: x"])
def test_bad_yaml_is_said_with_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hrss_bad.yml"
    path.write_text(text)
    with pytest.raises(ContractError, match=r"hrss_bad\.yml: not a valid contract"):
        load_contract(path)
    with pytest.raises(ContractError, match=r"hrss_bad\.yml"):
        load_contracts(tmp_path)


def test_every_field_is_described_for_both_subjects() -> None:
    person, enterprise = load_fields("person"), load_fields("enterprise")
    assert list(person) == list(enterprise)
    assert (person["name"].chinese, enterprise["name"].chinese) == ("姓名", "名称")
    assert (person["name"].protection, enterprise["name"].protection) == ("personal", "open")
    for field in person.values():
        assert field.description
        assert field.chinese
        assert re.search("[一-鿿]{2}", field.description_chinese), f"{field.name}: the department reads it in Chinese"
        assert bool(field.values) == (field.kind == "choice")
        assert not field.form or (field.kind == "number_text" and re.compile(field.form))
    assert {name for name, field in person.items() if field.has_reasons} >= {
        "id_number",
        "uscc",
        "organisation_code",
        "registration_no",
    }
    assert (person["birth_date"].type, person["updated_at"].type, person["monthly_amount"].type) == (
        "date",
        "timestamp",
        "decimal",
    )


def test_identifiers_and_sensitive_fields_are_protected() -> None:
    fields = load_fields("person")
    assert {name for name, field in fields.items() if field.kind in ("id", "bank_card")} <= {
        name for name, field in fields.items() if field.protection == "identifier"
    }
    assert fields["ethnicity"].protection == fields["assist_kind"].protection == "sensitive"
