"""Which departments hold a record of whom: rows of (person, department, copy), about 4.6 a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.chance import Chance, Ints
from demo.departments import DEPARTMENTS
from demo.population import People


@dataclass(frozen=True)
class Rows:
    """Rows in person order; `key` is the row's number for chance, the same in every run and subset."""

    person: Ints
    department: Ints
    copy: Ints  # 0 current, 1 older
    key: Ints

    def __len__(self) -> int:
        return len(self.person)


def rows_of(chance: Chance, people: People, today: int) -> Rows:
    """The rows of everybody."""
    count = len(people)
    person = np.arange(count)
    age = (today - people.birth) / 365.2425
    rural = ~people.urban
    rates: dict[str, tuple[np.ndarray, ...]] = {
        "ps_person": (np.full(count, 0.975),),
        "hrss_card": (np.where(age < 1, 0.5, 0.97), np.where(age < 8, 0.1, 0.45)),
        "hrss_insured": (np.where((age > 18) & (age < 75), 0.5, 0.05), np.where(age > 30, 0.08, 0.0)),
        "nhsa_insured": (np.where(age < 1, 0.7, 0.97), np.where(age > 20, 0.22, 0.05)),
        "ca_assist": (np.where(rural, 0.13, 0.05),),
        "fin_subsidy": (np.where(rural & (age > 18), 0.5, 0.06), np.where(rural & (age > 18), 0.15, 0.0)),
        "dpf_cert": (np.where(age > 50, 0.07, 0.02),),
        "ct_reader": (np.where((age > 6) & (age < 60), 0.2, 0.03),),
        "tr_concession": (np.where(age >= 65, 0.45, np.where((age > 6) & (age < 23), 0.12, 0.02)),),
        "nhc_ehealth": (np.where(age < 14, 0.5, 0.3),),
    }
    parts = []
    for d, department in enumerate(DEPARTMENTS):
        for copy, rate in enumerate(rates[department.source]):
            held = person[chance.hit(f"held/{department.source}/{copy}", person, rate)]
            parts.append(np.stack([held, np.full(len(held), d), np.full(len(held), copy)]))
    whole = np.hstack(parts)
    whole = whole[:, np.lexsort((whole[2], whole[1], whole[0]))]
    return Rows(whole[0], whole[1], whole[2], whole[0] * 64 + whole[1] * 4 + whole[2])
