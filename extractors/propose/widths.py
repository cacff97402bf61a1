"""Where the columns of fixed-width lines may begin: behind padding, at numbers of known length, where the script changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from extractors.standardise.soundness import ID_WEIGHTS

DAMAGED = 0.02  # share of lines in which an export may have cut a character
FULL = 0.9  # share of lines on which a number or a filled place must stand


def guess_widths(lines: Sequence[bytes], encoding: str) -> list[int]:
    """Widths in bytes of the columns of equally long lines; a person must compare them with the agreed layout."""
    length = len(lines[0])
    cuts = {0, length}
    taken: set[int] = set()
    for width, fits in ((18, _is_citizen_number), (14, _is_moment), (8, _is_day)):
        start = 0
        while start + width <= length:
            span = set(range(start, start + width))
            if not span & taken and _share(lines, start, width, fits) >= FULL:
                cuts |= {start, start + width}
                taken |= span
                start += width
            else:
                start += 1
    inside = _places_inside_characters(lines, encoding)
    for place in range(1, length):
        if place in inside or (place in taken and place - 1 in taken):
            continue
        blank_before, before = _blank_and_script(lines, place - 1)
        blank_here, here = _blank_and_script(lines, place)
        is_behind_padding = blank_before > 0.2 and blank_here < blank_before / 4
        if is_behind_padding or ({before, here} == {"digit", "wide"} and blank_before + blank_here < 0.2):
            cuts.add(place)
    return [end - start for start, end in pairwise(sorted(cuts))]


def _places_inside_characters(lines: Sequence[bytes], encoding: str) -> set[int]:
    """Places before which a cut would part a character, on more lines than exports damage."""
    counts: Counter[int] = Counter()
    for line in lines:
        end = 0
        for character in line.decode(encoding, errors="surrogateescape"):
            start, end = end, end + (1 if "\ud800" <= character <= "\udfff" else len(character.encode(encoding)))
            counts.update(range(start + 1, end))
    return {place for place, count in counts.items() if count > DAMAGED * len(lines)}


def _share(lines: Sequence[bytes], start: int, width: int, fits: Callable[[bytes], bool]) -> float:
    values = [line[start : start + width] for line in lines]
    filled = [value for value in values if value.strip()]
    return sum(map(fits, filled)) / len(filled) if len(filled) > len(lines) / 10 else 0.0


def _is_citizen_number(value: bytes) -> bool:
    if not value[:17].isdigit():
        return False
    rest = sum((digit - 48) * weight for digit, weight in zip(value, ID_WEIGHTS, strict=False)) % 11
    return value[17:18].upper() == b"10X98765432"[rest : rest + 1]


def _is_day(value: bytes) -> bool:
    return (
        value.isdigit() and 1880 <= int(value[:4]) <= 2099 and 1 <= int(value[4:6]) <= 12 and 1 <= int(value[6:8]) <= 31
    )


def _is_moment(value: bytes) -> bool:
    return _is_day(value[:8]) and value[8:].isdigit() and int(value[8:10]) < 24 and int(value[10:12]) < 60


def _blank_and_script(lines: Sequence[bytes], place: int) -> tuple[float, str]:
    """The share of lines that are blank at a place, and what most others hold there: digit, wide or other."""
    places = [line[place] for line in lines]
    digit = sum(48 <= byte <= 57 for byte in places) / len(lines)
    wide = sum(byte > 127 for byte in places) / len(lines)
    return places.count(32) / len(lines), max((digit, "digit"), (wide, "wide"), (0.5, "other"))[1]
