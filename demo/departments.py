"""How each department writes people down: what its file holds, and how often which trouble comes (domain.md 6)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Department:
    """One source of person records; shares are of its rows."""

    name: str  # department column
    source: str  # prefix of record keys
    birth: float = 1.0
    sex: float = 1.0
    ethnic: float = 0.0
    phone: float = 0.0
    address: float = 0.0
    card: float = 0.0
    household: float = 0.0
    area: float = 1.0
    old: float = 0.15  # rows with old facts: former address, former phone, second number
    name_variant: float = 0.012
    rural: bool = False  # phones of village cadres stand in
    forms: tuple[float, ...] = (50, 14, 12, 6, 8, 4, 3)  # weights of places.FORMS
    odd: tuple[float, ...] = (70, 10, 12, 8)  # weights of ways to write the last part
    sex_words: tuple[str, str] = ("1", "2")
    date_form: str = "digits"
    ids: dict[str, float] = field(default_factory=dict)


DEPARTMENTS: tuple[Department, ...] = (
    Department(
        "ps", "ps_person", ethnic=1, address=1, household=1, old=0.0, name_variant=0.003, forms=(92, 3, 2, 0, 1, 0, 2),
        ids={"id_missing": 0.0002, "id_15": 0.0002, "id_typo": 0.0008, "id_relative": 0.0, "id_excel": 0.0, "id_placeholder": 0.0},
    ),
    Department("hrss", "hrss_card", ethnic=1, phone=0.9, address=0.9, card=1, sex_words=("男", "女"), ids={"id_15": 0.002}),
    Department("hrss", "hrss_insured", birth=0.1, sex=0.1, old=0.3, name_variant=0.018, ids={"id_15": 0.02, "id_missing": 0.006}),
    Department("nhsa", "nhsa_insured", ethnic=0.8, phone=0.25, old=0.1, date_form="dashes", ids={"id_missing": 0.004}),
    Department(
        "ca", "ca_assist", birth=0.25, sex=0.5, phone=0.5, address=0.6, household=0.3, name_variant=0.025, rural=True, date_form="mixed",
        sex_words=("男", "女"), ids={"id_missing": 0.02, "id_typo": 0.006, "id_excel": 0.004, "id_relative": 0.01},
    ),
    Department(
        "fin", "fin_subsidy", birth=0.0, sex=0.0, phone=0.5, address=0.4, card=0.3, old=0.25, name_variant=0.02, rural=True,
        ids={"id_15": 0.015, "id_relative": 0.007, "id_excel": 0.002, "id_typo": 0.005},
    ),
    Department(
        "dpf", "dpf_cert", birth=0.6, sex=1, ethnic=0.5, phone=0.7, address=1, name_variant=0.015, date_form="dashes", sex_words=("男性", "女性"),
    ),
    Department(
        "ct", "ct_reader", birth=0.1, sex=0.4, phone=0.85, address=0.15, name_variant=0.02, date_form="slashes",
        ids={"id_missing": 0.05, "id_masked": 0.02, "id_typo": 0.006},
    ),
    Department("tr", "tr_concession", birth=0.3, sex=0.5, phone=0.4, card=0.95, ids={"id_masked": 0.01}),
    Department(
        "nhc", "nhc_ehealth", birth=0.8, sex=0.9, phone=0.95, address=0.3, date_form="dashes", sex_words=("M", "F"),
        ids={"id_missing": 0.012, "id_masked": 0.015},
    ),
)  # fmt: skip
