"""What the renderers of dossiers share: rows with their keys of chance, persons' columns, codes with a few unknown ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demo import dates, places
from demo.chance import Bools, Chance, Ints
from demo.dossiers import Dossiers
from demo.feeds import Sent, person_texts
from demo.kinds import BIT
from demo.person_facts import phone_numbers
from demo.texts import Column, number, put, take
from demo.world import World

UNMAPPED = 0.004


@dataclass(frozen=True)
class Page:
    """Rows of one rendering; `older` rows show facts from before. `flags` and `owners` are filled by the columns."""

    world: World
    chance: Chance
    subject: Ints
    keys: Ints
    older: Bools
    flags: Ints
    owners: Ints

    def ids(self, rates: dict[str, float], shared: float = 0.0004, person: Ints | None = None) -> Column:
        """Identity numbers of the subjects with the feed's rates of trouble."""
        who = self.subject if person is None else person
        return person_texts.ids(
            self.chance, self.world.people, who, self.keys, rates, self.older, shared, self.flags, self.owners
        )

    def names(self, rate: float = 0.012, person: Ints | None = None) -> Column:
        """Names of the subjects, a share `rate` written otherwise."""
        who = self.subject if person is None else person
        return person_texts.names(self.chance, self.world.people, who, self.keys, rate, self.older, self.flags)

    def sexes(self, words: tuple[str, str] = ("1", "2")) -> Column:
        """Sex in the feed's words."""
        return person_texts.sexes(self.chance, self.world.people, self.subject, self.keys, words, 0.0008, self.flags)

    def births(self, form: int = dates.DIGITS) -> Column:
        """Birth dates of the subjects."""
        return person_texts.births(
            self.chance, self.world.people, self.subject, self.keys, form, 0.003, 0.005, self.flags
        )

    def phones(self, purpose: str, missing: float) -> Column:
        """Phones of the subjects, those of before in older rows; a share is missing."""
        life, people = self.world.life, self.world.people
        now = phone_numbers(self.chance, people, self.subject, self.world.first, life.phone)
        then = phone_numbers(self.chance, people, self.subject, self.world.first, life.phone - 1)
        text = number(np.where(self.older, then, now))
        none = np.flatnonzero(self.chance.hit(f"{purpose}/phone", self.subject, missing) & ~self.older)
        return put(text, none, take([""], np.zeros(len(none), dtype=np.int64)))

    def codes(self, purpose: str, text: Column, odd: Sequence[str]) -> Column:
        """Codes with a few that no table knows."""
        rows = np.flatnonzero(self.chance.hit(f"{purpose}/odd", self.keys, UNMAPPED))
        self.flags[rows] |= BIT["code_unmapped"]
        return put(text, rows, take(list(odd), self.chance.below(f"{purpose}/odd/which", self.keys[rows], len(odd))))

    def days(self, purpose: str, days: Ints, form: int, mixed: float = 0.0) -> Column:
        """Days in the feed's form, a share `mixed` in another; none for -1."""
        text = dates.of_days(days, form)
        rows = np.flatnonzero((days != -1) & self.chance.hit(f"{purpose}/mixed", self.keys, mixed))
        ways = self.chance.below(f"{purpose}/form", self.keys[rows], dates.WORDS)
        for way in range(dates.WORDS):
            some = rows[ways == way]
            if way != form and len(some):
                text = put(text, some, dates.of_days(days[some], way))
                self.flags[some] |= BIT["date_form"]
        return text

    def areas(self, person: Ints | None = None) -> Column:
        """Codes of the counties that the subjects are registered in."""
        people = self.world.people
        return number(places.counties().codes[people.county[self.subject if person is None else person]])

    def sent(self, keys: Column, columns: dict[str, Column]) -> Sent:
        """The rendered rows."""
        return Sent(columns, keys, self.subject, self.flags, self.owners)


def page_of(world: World, place: int, rows: Ints, older: Bools, subject: Ints) -> Page:
    """A page of rows about `subject`; `place` is the feed's number among those of chance, 10 to 60."""
    keys = (rows * 64 + place) * 8 + 4 * older.astype(np.int64)
    return Page(
        world, Chance(world.seed), subject, keys, older, np.zeros(len(rows), dtype=np.int64),
        np.full(len(rows), -1, dtype=np.int64),
    )  # fmt: skip


def open_page(
    world: World, feed: str, place: int, rows: Ints, older: Bools, by_person: bool = False
) -> tuple[Page, Dossiers]:
    """A page of rows of a dossier, and those rows of it; `by_person`: all rows of a person are spoilt alike."""
    table = world.dossiers[feed]
    taken = Dossiers(**{name: values[rows] for name, values in vars(table).items()})
    page = page_of(world, place, taken.subject if by_person else rows, older, taken.subject)
    return page, taken
