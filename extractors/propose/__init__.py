"""A first contract from a sample file of a new department: what can be seen is filled in, what cannot is marked."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from extractors.fields import Subject
from extractors.held import HeldFault
from extractors.propose.columns import match_columns
from extractors.propose.form import ProposeError, guess_form
from extractors.propose.render import render
from extractors.propose.sample import read_sample
from extractors.readers.archives import unpacked

FEED_NAME = re.compile(r"[a-z]+(_[a-z]+)+")


def propose(path: Path, *, as_of: dt.date, feed: str | None = None, subject: Subject | None = None) -> str:
    """The YAML of a first contract for a sample file; every place that a person must fill in says FILL IN.

    Without `feed` its code is taken from the file's name (ct_reader_20261101.xml). Without `subject` it is enterprise if a
    column holds unified social credit codes and no header says person. No value of the sample stands in the text, codes
    of short lists excepted. Raises ProposeError saying what about the file cannot be understood and what to do.
    """
    found = FEED_NAME.match(path.stem)
    feed = feed or (found[0] if found else "new_feed")
    if not FEED_NAME.fullmatch(feed):
        raise ProposeError(f"feed {feed!r}: expected department and name in small letters, such as ct_reader")
    try:
        with unpacked(path) as file, read_sample(file, guess_form(file), as_of=as_of) as sample:
            matches = match_columns(sample, subject)
            return render(feed, path.name, sample, matches)
    except HeldFault as fault:  # an archive that cannot be unpacked
        raise ProposeError(f"{fault.message} ({fault.code})") from fault


__all__ = ["ProposeError", "propose"]
