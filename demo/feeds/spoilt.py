"""Texts spoilt on the way that more than one feed shows: a wrong encoding, a comma that nobody quoted."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from demo.chance import Chance, Ints
from demo.kinds import BIT
from demo.texts import Column, join, plain, put, take

COMMA = "\U0010fffe"  # stands for a comma in a value that the writer of a CSV file does not quote
MARKS = ("锟斤拷", "ï¿½", "锟斤拷锟斤拷")


def mojibake(chance: Chance, keys: Ints, text: Column, rows: Ints, flags: Ints) -> Column:
    """The text with one character of `rows` turned into what a wrong conversion leaves."""
    source = text.take(rows)
    size = np.asarray(pc.fill_null(pc.utf8_length(source), 0).to_numpy(zero_copy_only=False), dtype=np.int64)
    rows, source = rows[size > 1], source.filter(size > 1)
    flags[rows] |= BIT["mojibake"]
    mark = take(list(MARKS), chance.below("mojibake", keys[rows], len(MARKS)))
    return put(
        text, rows, join(plain(pc.utf8_slice_codeunits(source, 0, 1)), mark, plain(pc.utf8_slice_codeunits(source, 2)))
    )


def with_comma(text: Column, rows: Ints, flags: Ints) -> Column:
    """The text with an unquoted comma in `rows`: the row has a column too many."""
    flags[rows] |= BIT["columns_shifted"]
    source = text.take(rows)
    first, rest = plain(pc.utf8_slice_codeunits(source, 0, 3)), plain(pc.utf8_slice_codeunits(source, 3))
    return put(text, rows, join(plain(pc.fill_null(first, "")), COMMA, plain(pc.fill_null(rest, ""))))
