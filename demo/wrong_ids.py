"""What goes wrong with identity numbers between a person and a department's file."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.chance import Chance, Ints
from demo.identifiers import first_generation
from demo.kinds import BIT
from demo.population import People
from demo.texts import Column, Digits, fill, from_digits, join, plain, put, take

# Shares of rows by kind; the order is the order of the draw, one kind a row. Domain.md 6, defects table.
RATES: dict[str, float] = {
    "id_missing": 0.005, "id_placeholder": 0.0006, "id_15": 0.003, "id_typo": 0.0035, "id_excel": 0.001,
    "id_relative": 0.003, "id_second": 0.0, "id_masked": 0.0, "id_form": 0.012,
}  # fmt: skip


def choose(
    chance: Chance, keys: Ints, department: Ints, rates: tuple[dict[str, float], ...]
) -> tuple[tuple[str, ...], Ints]:
    """(kinds, kind index a row or -1): one draw a row against the rates of its department (given by index)."""
    kinds = tuple(RATES)
    edges = np.cumsum(np.array([[{**RATES, **own}[k] for k in kinds] for own in rates]), axis=1)
    draw = chance.uniform("id/kind", keys)
    found = (draw[:, None] >= edges[department]).sum(axis=1)
    return kinds, np.where(found < len(kinds), found, -1).astype(np.int64)


def relative_of(chance: Chance, people: People, person: Ints, keys: Ints) -> Ints:
    """Whose number stands instead: the head's, spouse's or child's, -1 where there is none."""
    order = chance.below("id/which relative", keys, 3)
    first = np.choose(order, [people.head[person], people.spouse[person], people.first_child[person]])
    found = np.where((first < 0) | (first == person), people.head[person], first)
    found = np.where((found < 0) | (found == person), people.spouse[person], found)
    found = np.where((found < 0) | (found == person), people.first_child[person], found)
    return np.where(found == person, -1, found)


def mistype(chance: Chance, keys: Ints, numbers: Digits) -> Digits:
    """One digit typed wrong (60 %), two neighbours swapped (30 %) or the check character wrong (10 %)."""
    out = numbers.copy()
    row = np.arange(len(keys))
    how = chance.uniform("typo/how", keys)
    place = chance.below("typo/place", keys, 17)
    changed = (out[row, place] - 48 + chance.between("typo/by", keys, 1, 9)) % 10 + 48
    check = np.frombuffer(b"0123456789X", dtype=np.uint8)
    place = np.where(how >= 0.9, 17, place)
    last = check[(np.searchsorted(check, out[:, 17]) + chance.between("typo/check", keys, 1, 10)) % 11]
    swap = (how >= 0.6) & (how < 0.9)
    first = np.where(swap, np.minimum(place, 15), 0)
    same = swap & (out[row, first] == out[row, first + 1])
    write = ~swap | same
    out[row[write], place[write]] = np.where(how >= 0.9, last, changed)[write]
    rows = np.flatnonzero(swap & ~same)
    out[rows, first[rows]], out[rows, first[rows] + 1] = numbers[rows, first[rows] + 1], numbers[rows, first[rows]]
    return out.astype(np.uint8)


def write(
    chance: Chance,
    people: People,
    person: Ints,
    keys: Ints,
    numbers: Digits,
    kinds: tuple[str, ...],
    kind: Ints,
    flags: Ints,
    owners: Ints | None = None,
    placeholders: tuple[str, ...] = ("无", "不详", "暂无", "0", "111111111111111111", "123456789012345678"),
) -> Column:
    """The id column as sent: `numbers` with each row's kind of defect; sets the bits of what was really planted.

    `owners`, if given, is told the person whose number stands in rows with a relative's.
    """
    numbers = numbers.copy()

    def rows_of(name: str) -> Ints:
        return np.flatnonzero(kind == kinds.index(name))

    rows = rows_of("id_relative")
    other = relative_of(chance, people, person[rows], keys[rows])
    rows, other = rows[other >= 0], other[other >= 0]
    numbers[rows] = people.numbers[other]
    flags[rows] |= BIT["id_relative"]
    if owners is not None:
        owners[rows] = other
    rows = rows_of("id_typo")
    numbers[rows] = mistype(chance, keys[rows], numbers[rows])
    flags[rows] |= BIT["id_typo"]
    text = from_digits(numbers)
    rows = rows_of("id_15")
    rows = rows[numbers[rows, 6] == ord("1")]
    text = put(text, rows, from_digits(first_generation(numbers[rows])))
    flags[rows] |= BIT["id_15"]
    rows = rows_of("id_excel")
    cut = from_digits(numbers[rows, :15])
    short = join(from_digits(numbers[rows, :1]), ".", from_digits(numbers[rows, 1:6]), "E+17")
    long = join(from_digits(numbers[rows, :1]), ".", from_digits(numbers[rows, 1:15]), "E+17")
    way = chance.below("excel/how", keys[rows], 10)
    text = put(
        text, rows, plain(pc.if_else(pa.array(way < 6), join(cut, "000"), pc.if_else(pa.array(way < 9), long, short)))
    )
    flags[rows] |= BIT["id_excel"]
    rows = rows_of("id_masked")
    text = put(text, rows, masked(chance, keys[rows], numbers[rows]))
    flags[rows] |= BIT["id_masked"]
    text = _forms(chance, rows_of("id_form"), keys, text, flags)
    rows = rows_of("id_placeholder")
    text = put(text, rows, take(list(placeholders), chance.below("id/placeholder", keys[rows], len(placeholders))))
    flags[rows] |= BIT["id_placeholder"]
    rows = rows_of("id_missing")
    flags[rows] |= BIT["id_missing"]
    return fill(text, rows, None)


def masked(chance: Chance, keys: Ints, numbers: Digits) -> Column:
    """Numbers with the middle starred out: 3 + 4, 6 + 4 or 3 + 2 characters left."""
    way = chance.below("mask/how", keys, 10)
    ends = from_digits(numbers[:, 14:])
    common = join(from_digits(numbers[:, :3]), "*" * 11, ends)
    longer = join(from_digits(numbers[:, :6]), "*" * 8, ends)
    shorter = join(from_digits(numbers[:, :4]), "*" * 12, from_digits(numbers[:, 16:]))
    return plain(pc.if_else(pa.array(way < 7), common, pc.if_else(pa.array(way < 9), longer, shorter)))


_WIDE = {ord(str(d)): 0xFF10 + d for d in range(10)} | {ord("X"): 0xFF38}
CROSSES = ("x", "Ｘ", "ｘ", "Ⅹ", "×", "*")


def _forms(chance: Chance, rows: Ints, keys: Ints, text: Column, flags: Ints) -> Column:
    """Same number in another form: full-width, blanks, hyphens, a leading mark, another letter for X."""
    ways = chance.below("form/how", keys[rows], 9)
    source = text.take(pa.array(rows))
    cross = take(list(CROSSES), chance.below("form/cross", keys[rows], len(CROSSES)))
    ends = np.asarray(pc.ends_with(source, "X").to_numpy(zero_copy_only=False), dtype=bool)
    body = plain(pc.utf8_slice_codeunits(source, 0, 17))
    wide = source
    for narrow, broad in _WIDE.items():
        wide = plain(pc.replace_substring(wide, chr(narrow), chr(broad)))
    parts = [plain(pc.utf8_slice_codeunits(source, a, b)) for a, b in ((0, 6), (6, 14), (14, 18))]
    written = [
        wide, join(source, "  "), join("'", source), join(" ", source), join(source, "\t"), join(source, "\u200b"),
        join(parts[0], " ", parts[1], " ", parts[2]), join(parts[0], "-", parts[1], "-", parts[2]), join("=", source),
    ]  # fmt: skip
    out = plain(pc.choose(pa.array(ways), *written))
    out = plain(pc.if_else(pa.array(ends), join(body, cross), out))
    flags[rows] |= BIT["id_form"]
    return put(text, rows, out)
