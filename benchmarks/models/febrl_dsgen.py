"""FEBRL's newer generator (dsgen A and C): as febrl, with age and telephone number."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.models import febrl
from matching.general import slips
from matching.model import Block, Value

DIGITS = "nullif(regexp_replace(v, '[^0-9]', '', 'g'), '')"

MODEL = replace(
    febrl.MODEL,
    name="febrl_dsgen",
    required=(*febrl.COLUMNS, "phone_number"),
    values=(*febrl.MODEL.values, Value("phone", "phone_number", DIGITS)),
    comparisons=(*febrl.MODEL.comparisons, slips("phone", title="telephone number")),
    blocks=(*febrl.MODEL.blocks, Block("telephone", ("phone",))),
)
