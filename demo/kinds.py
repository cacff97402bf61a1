"""The kinds of planted defects, one bit each, and the lists of them that the truth shows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from demo.chance import Bools, Ints
from demo.texts import plain

KINDS: tuple[str, ...] = (
    "id_missing", "id_placeholder", "id_15", "id_typo", "id_excel", "id_relative", "id_shared", "id_second",
    "id_masked", "id_form", "id_name_swapped", "sex_wrong", "birth_default", "birth_lunar", "birth_typo", "birth_missing",
    "date_form", "name_interpunct", "name_rare", "name_homophone", "name_look_alike", "name_traditional", "name_former",
    "name_note", "name_swapped", "name_dropped", "name_doubled", "name_syllable", "name_masked", "name_form",
    "phone_shared", "phone_old", "phone_form", "address_moved", "household_wrong", "code_unmapped", "duplicate_row",
    "key_conflict", "two_cards", "dead_but_active", "two_insurances", "bank_card_wrong", "mojibake", "truncated",
    "name_variant", "name_short", "name_renamed", "uscc_missing", "uscc_old_number", "uscc_typo", "uscc_form",
    "branch_as_parent", "name_only", "legal_rep_old", "status_old", "converted", "twin", "name_private_use",
    "columns_shifted", "account_inactive", "parent_missing", "id_settled",
)  # fmt: skip
assert len(KINDS) <= 63
BIT = {kind: np.int64(1 << i) for i, kind in enumerate(KINDS)}


def lists(flags: Ints) -> pa.Array:
    """A list of kind names for each bit mask, in the order of KINDS."""
    bits = (flags[:, None] >> np.arange(len(KINDS), dtype=np.int64)) & 1 == 1
    return listed(bits, KINDS)


def listed(bits: Bools, words: tuple[str, ...]) -> pa.Array:
    """A list column: the words whose bit is set in each row of `bits` (rows, words)."""
    rows, which = np.nonzero(bits)
    offsets = np.concatenate([[0], np.cumsum(bits.sum(axis=1))]).astype(np.int32)
    del rows
    return pa.ListArray.from_arrays(pa.array(offsets), plain(pa.array(words).take(pa.array(which))))
