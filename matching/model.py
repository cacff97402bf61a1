"""The declared model: everything the engine needs to know about a subject, as plain values and functions.

A model lists the standard values made from the received columns, the identifying number, the blocks that find
candidates, the comparisons with their ordered levels, and the rules that hold whatever the weights say.
The engine (profiles, groups, blocking, evidence, weights, clusters) knows nothing of persons or enterprises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from runtime.settings import read_memory

if TYPE_CHECKING:
    from matching.evidence import Evidence
    from matching.pairs import Pairs
    from matching.profiles import Profiles
    from matching.received import Received

Levels = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]
MISSING = -1
"""Level of a comparison where one side says nothing: no evidence for or against."""


@dataclass(frozen=True, slots=True)
class Value:
    """One standard value, computed once for each distinct received text of one source column.

    `sql` is a DuckDB expression over `v` (the received text, never null); its result is compared as text, null is
    'no evidence'. Values with the same `dictionary` share their codes, so that a name can meet a former name.
    A value of `layer` 1 may also use the values of the same source of layer 0 by name, and so on; a value that is not
    kept only serves those.
    `like`: the result is a text again, whose value is what that kept value of the same dictionary would be.
    """

    name: str
    source: str
    sql: str
    dictionary: str = ""
    layer: int = 0
    is_kept: bool = True
    like: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Shorter SQL to the same values for texts of a source whose form needs no work (`when`: a condition over `v`).

    `tidied`: SQL over `v` to a text of the same values, for texts of another form (blanks within a name); where `when`
    holds for that, it goes the short way in the text's place.
    `values` are as the model's of that source, by name; what none of them makes is null for such texts. They must agree
    with the model's own for every text that `when` holds for: the engine checks nothing, a property test does.
    """

    source: str
    when: str
    values: tuple[Value, ...]
    tidied: str = ""


@dataclass(frozen=True, slots=True)
class ByBytes:
    """A shortcut without SQL, for texts of fixed width: whole columns of their bytes tell everything.

    `function(connection, texts)`: which texts it tells, and all kept values of these that are not null, by name. The same
    law as for a Shortcut, held by the same test.
    """

    source: str
    function: Callable[[Any, pa.Array], tuple[Mask, dict[str, pa.Array]]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field's agreement. `function` maps pairs of profiles to levels; its docstring is what a steward reads.

    `levels` are named from the weakest (0, 'different') to the strongest; -1 is missing. When `frequency` names a
    value column, the chance of the highest level is the share of other subjects that hold the agreed value, at least
    `floor(profiles, codes)` (what the value's parts make likely: a name nobody else bears is still a name).
    `weak` levels (a masked name that fits) count between two groups only where nothing whole was compared: a group that
    also knows the whole name does not fit another whole name through the mask. `is_partial` marks the pairs of values of
    which one is not whole: that a masked name does not fit one of a group's names says nothing where it fits another.
    `by_chance(pairs, levels)`: share of strangers that would agree in as much as the two show (nan: the level tells enough).
    `is_stored`: how frequent its values are is learnt with the weights and part of the model file, so that a run's own
    records do not change it (for values that name nobody: names, counties; a telephone's holders are always counted).
    """

    name: str
    function: Callable[[Pairs], Levels]
    levels: tuple[str, ...]
    frequency: str = ""
    floor: Callable[[Profiles, npt.NDArray[np.int32]], npt.NDArray[np.float64]] | None = None
    weak: tuple[int, ...] = ()
    is_partial: Callable[[Pairs], Mask] | None = None
    is_stored: bool = False
    by_chance: Callable[[Pairs, Levels], npt.NDArray[np.float64]] | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Profiles that agree on all `columns` become candidates. `against` names the other side's columns if they differ.

    `among` 'open': at least one of the two has no settled number; 'all': any two. A key held by too many subjects is
    refined by the columns of `refine`, one after the other, and reported when that does not help.
    """

    name: str
    columns: tuple[str, ...]
    against: tuple[str, ...] = ()
    refine: tuple[str, ...] = ()
    among: Literal["open", "all"] = "open"
    most_pairs: int = 4000


@dataclass(frozen=True, slots=True)
class Words:
    """Profiles that share words of a text column, whatever their order: a block for names of goods, titles, memos.

    A word held by more than `most_holders` profiles brings nobody together. Two profiles meet if the words they share
    weigh at least `least` of the weight of the shorter text (weight: the rarer the more), each with its best `nearest`.
    """

    name: str
    column: str
    most_holders: int = 200
    least: float = 0.3
    nearest: int = 20


@dataclass(frozen=True, slots=True)
class Tie:
    """Subjects that share these values may bear on each other beyond the blocks; a delta run looks at them together.

    `within`: a subject is tied by any combination of its values, not only by those of one profile. `against`: the other
    side's columns where they differ.
    """

    name: str
    columns: tuple[str, ...]
    within: bool = False
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of evidence that precedes the weights: the first rule whose `when` holds decides the pair.

    Within one number a rule that is no bridge lets a stub join the best supported class only, never two of them.
    `kind`: the kind of case a steward gets from a rule whose verdict is review, if the score is not against it too, or
    `is_always`.
    """

    name: str
    verdict: Literal["same", "apart", "review"]
    when: Callable[[Evidence], Mask]
    sentence: str
    is_bridge: bool = True
    kind: str = "doubtful"
    is_always: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """The identifying number. Profiles that share `number` and every column of `same` are one subject at once.

    Others under one number are contested: `rules` decide pair by pair (same, or apart); the class with the largest
    `support` owns the number, the others lose it (their number is 'claimed' only) and are matched by the rest.
    `standing` int8 a profile: 1 its other values confirm the number, -1 they speak against it, 0 neither. A group owns
    its number when some profile confirms it, or none speaks against it; no cluster ever holds two different ones.
    `former`: a column of the number's dictionary with a number listed as the same subject's former one.
    `comparison`: the comparison that looks at the number itself (left out when pairs labelled by it teach weights).
    `told_by`: values that tell a number; records with none of them are never one profile, however alike: two records
    that say no more than a common name are two subjects until something links them.
    `lends`: a column of the number's owner that whoever claims the number gets as column `lent` (the family it is of).
    `is_explained`: which claimants, though they found a file of their own, need no steward to say whose the number is
    (None: all of them).
    A number held under more than `most_names` names (columns of `same`; for records, values `named`) is nobody's: it
    tells nothing, and `parts`, columns of pieces of it, bring nobody together.
    """

    number: str
    same: tuple[str, ...]
    rules: tuple[Rule, ...]
    support: Callable[[Profiles], npt.NDArray[np.int64]]
    standing: Callable[[Profiles], npt.NDArray[np.int8]]
    related_by: tuple[tuple[str, ...], ...] = ()
    former: str = ""
    comparison: str = ""
    told_by: tuple[str, ...] = ()
    lends: str = ""
    most_names: int = 40
    named: str = ""
    parts: tuple[str, ...] = ()
    is_explained: Callable[[Evidence], Mask] | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Posterior probabilities: at or above `accept` linked, at or above `review` shown to a steward."""

    accept: float = 0.98
    review: float = 0.60


@dataclass(frozen=True, slots=True)
class Model:
    """A declared model. `required` columns must exist; `optional` ones may be absent and count as empty.

    `population`: how many subjects the model speaks of, whatever share of them a run holds (0: as many as it learnt from).

    `prepare(received)` may put other columns in the place of those received; `derive(profiles, connection)` adds what needs several values;
    `adjust(evidence)` removes evidence that would count twice (a level set to -1); `review_kinds(evidence)` names cases.
    `ties`: what `derive` and the choice of golden values look at across subjects beyond blocks, numbers and frequencies.
    `is_coherent`: clusters in which more pairs speak against each other than for are parted (for models without a number,
    where likeness chains; not where records are so empty that parts of one subject have little in common; one round).
    `shortcuts`: how texts of plain form get the same values sooner. `longest`: sources that take longest, to begin with.
    `two_sided`: two tables without repeats are linked; a record of one meets at most one of the other (column `side`).
    """

    name: str
    version: str
    prefix: str
    required: tuple[str, ...]
    values: tuple[Value, ...]
    comparisons: tuple[Comparison, ...]
    blocks: tuple[Block | Words, ...]
    optional: tuple[str, ...] = ()
    identity: Identity | None = None
    rules: tuple[Rule, ...] = ()
    adjust: Callable[[Evidence], None] | None = None
    review_kinds: Callable[[Evidence], npt.NDArray[np.str_]] | None = None
    derive: Callable[[Profiles, Any], None] | None = None
    prepare: Callable[[Received], None] | None = None
    connect: Callable[..., Any] | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    rounds: int = 2
    two_sided: bool = False
    is_coherent: bool = False
    population: int = 0
    ties: tuple[Tie, ...] = ()
    shortcuts: tuple[Shortcut | ByBytes, ...] = ()
    longest: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """ValueError for a model of two tables that has no value `side`, or a value like none of its dictionary."""
        kept = {value.name: value.dictionary for value in self.values if value.is_kept and not value.like}
        for value in self.values:
            if value.like and (kept.get(value.like, "") != value.dictionary or not value.dictionary or value.layer):
                raise ValueError(
                    f"model {self.name}: value {value.name} is like {value.like}: that must be a kept value of the same "
                    f"dictionary ({value.dictionary!r}), and {value.name} of layer 0"
                )
        if self.two_sided and not any(value.name == "side" for value in self.values):
            raise ValueError(
                f"model {self.name} links two tables: add 'side' to `required` and Value('side', 'side', 'v') to `values`"
            )

    def sql_texts(self) -> list[str]:
        """Every SQL text of its values, the long way and by shortcuts."""
        short = [one for one in self.shortcuts if isinstance(one, Shortcut)]
        values = [*self.values, *(value for one in short for value in one.values)]
        return [value.sql for value in values] + [text for one in short for text in (one.when, one.tidied)]

    def comparison(self, name: str) -> int:
        """Position of a comparison; KeyError with the known names if there is none."""
        for position, comparison in enumerate(self.comparisons):
            if comparison.name == name:
                return position
        raise KeyError(f"model {self.name} has no comparison {name!r}; it has {[c.name for c in self.comparisons]}")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is told from outside: the day it is for, threads and memory."""

    as_of: date
    threads: int | None = None
    memory_limit: str | None = None

    @property
    def memory_bytes(self) -> int | None:
        """The memory limit as a number; None: not bounded. SettingError for a text that is no size."""
        return None if self.memory_limit is None else read_memory("memory limit", self.memory_limit)
