"""Vocabularies and code lists the standard form rests on, as small files with their sources in README.md."""

from pathlib import Path

FOLDER = Path(__file__).parent


def path_of(name: str) -> Path:
    """The path of a reference file. FileNotFoundError names the missing file."""
    path = FOLDER / name
    if not path.exists():
        raise FileNotFoundError(f"extractors/reference has no file {name}; README.md there lists them all")
    return path
