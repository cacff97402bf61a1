"""Value frequencies as part of the model: what a name or a county is worth does not hang on the records of one run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matching.keys import holders
from matching.model import Comparison, Model
from matching.profiles import Profiles

COMMON = 2e-5
"""Share of subjects from which a value is stored by itself; rarer ones are as likely as their parts make them."""
FEWEST = 8
"""Subjects that must hold a value before it is stored: fewer would tell of persons, not of the population."""
Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Frequencies:
    """`population`: subjects; `shares[comparison]`: share of subjects by value; `parts`: of names, first and later signs."""

    population: int = 0
    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)

    def told(self, profiles: Profiles, comparison: Comparison, codes: npt.NDArray[np.int32]) -> Floats | None:
        """Shares of the values with these codes; None if the run's own records count.

        A value too rare to be stored has the share of the rarest stored one, or 0 where its parts say how rare it is.
        """
        stored = self.shares.get(comparison.name)
        if not stored:
            return None
        least = min(stored.values()) if comparison.floor is None else 0.0
        return np.array([stored.get(text, least) for text in texts_of(profiles, comparison.frequency, codes)])


def texts_of(profiles: Profiles, column: str, codes: npt.NDArray[np.int32]) -> list[str]:
    """The values of codes as text; a column of bare numbers is its own text."""
    held = profiles[column]
    if not len(held.values):
        return [str(code) for code in codes.tolist()]
    return held.told(codes)


def learn(model: Model, profiles: Profiles, of_profile: npt.NDArray[np.integer], groups: int) -> Frequencies:
    """Frequencies of the values of all `is_stored` comparisons among the groups."""
    found = Frequencies(model.population or groups)
    for comparison in model.comparisons:
        if not comparison.is_stored:
            continue
        codes = profiles[comparison.frequency].codes
        wanted = np.flatnonzero(np.bincount(codes[codes >= 0])).astype(np.int32)
        often = holders(codes, of_profile, wanted)[wanted]
        common = (often >= FEWEST) & (often >= COMMON * groups)
        texts = texts_of(profiles, comparison.frequency, wanted[common])
        shares = dict(zip(texts, (often[common] / groups).tolist(), strict=True))
        found.shares[comparison.name] = dict(sorted(shares.items(), key=lambda pair: (-pair[1], pair[0])))
        if comparison.floor is not None:
            comparison.floor(profiles, wanted[:0])
    if "name_parts" in profiles.tables:
        first, later = profiles.tables["name_parts"]
        for name, shares in (("first", first), ("later", later)):
            kept = {sign: share for sign, share in shares.items() if share >= COMMON / 10 and sign.isprintable()}
            found.parts[name] = dict(sorted(kept.items(), key=lambda pair: (-pair[1], pair[0])))
    return found


def use(frequencies: Frequencies, profiles: Profiles) -> None:
    """Let the run's evidence weigh values by the model's frequencies."""
    if not frequencies.population:
        return
    profiles.tables["frequencies"] = frequencies
    if frequencies.parts:
        profiles.tables["name_parts"] = frequencies.parts["first"], frequencies.parts["later"]
