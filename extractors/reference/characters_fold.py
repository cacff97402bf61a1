"""Fold public character lists into `character.parquet` and `surname.csv`.

Run once when the sources change: `python -m extractors.reference.characters_fold SOURCE_FOLDER` (folders `chars` and
`names` of the public files named in README.md; readings come from the installed pypinyin). Nothing at run time needs it.
"""

import csv
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pypinyin import Style
from pypinyin.pinyin_dict import pinyin_dict
from pypinyin.style import convert

HERE = Path(__file__).parent
MOST_LOOK_ALIKES = 12


def fold_characters(source: Path) -> None:
    """Write ch, simplified, readings, surname_reading, four_corner, look_alikes: one row per character."""
    simplified = _read_simplified(source / "chars")
    look_alikes = _read_look_alikes(source / "chars")
    four_corner = _read_four_corner(source / "chars")
    surname = {row["ch"]: row["reading"] for row in _rows(HERE / "surname_reading.csv") if len(row["ch"]) == 1}
    known = {chr(point) for point in pinyin_dict} | set(simplified) | set(four_corner) | set(look_alikes)
    characters = sorted(known)
    table = pa.table(
        {
            "ch": characters,
            "simplified": [simplified.get(ch, ch) for ch in characters],
            "readings": pa.array([_readings(ch) for ch in characters], pa.list_(pa.string())),
            "surname_reading": pa.array([surname.get(ch) for ch in characters], pa.string()),
            "four_corner": pa.array([four_corner.get(ch) for ch in characters], pa.string()),
            "look_alikes": pa.array([look_alikes.get(ch, []) for ch in characters], pa.list_(pa.string())),
        }
    )
    pq.write_table(table, HERE / "character.parquet", compression="zstd", compression_level=19)
    surnames = list(_rows(source / "names" / "surnames_1074.csv"))
    lines = ["surname,weight", *(f"{row['surname']},{float(row['weight']):g}" for row in surnames)]
    (HERE / "surname.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _readings(ch: str) -> list[str]:
    found: list[str] = []
    for tone_reading in pinyin_dict.get(ord(ch), "").split(","):
        plain = convert(tone_reading, Style.NORMAL, strict=False, default="") if tone_reading else ""
        plain = plain.replace("ü", "v").replace("ê", "e")
        if plain.isascii() and plain.isalpha() and plain not in found:
            found.append(plain)
    return found


def _read_simplified(folder: Path) -> dict[str, str]:
    """One step of OpenCC traditional -> simplified, own variants on top, then closed so that folding twice changes nothing."""
    fold: dict[str, str] = {}
    for line in (folder / "opencc_TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        source, _, targets = line.partition("\t")
        first = targets.split(" ")[0]
        if len(source) == 1 and len(first) == 1 and first != source:
            fold[source] = first
    for row in _rows(HERE / "variant.csv"):
        fold[row["variant"]] = row["usual"]
        fold.pop(row["usual"], None)
    for source in list(fold):
        seen, target = {source}, fold[source]
        while target in fold and target not in seen:
            seen.add(target)
            target = fold[target]
        fold[source] = target
    return {source: target for source, target in fold.items() if source != target}


def _read_look_alikes(folder: Path) -> dict[str, list[str]]:
    scores: dict[str, dict[str, float]] = {}
    pairs = json.loads((folder / "form_similar_placename_chars.json").read_text(encoding="utf-8"))["table"]
    for ch, others in pairs.items():
        for other, score in others:
            scores.setdefault(ch, {})[other] = float(score)
            scores.setdefault(other, {})[ch] = float(score)
    for line in (folder / "same_stroke.txt").read_text(encoding="utf-8").splitlines():
        group = [ch for ch in line.split() if len(ch) == 1]
        for ch in group:
            for other in group:
                if other != ch:
                    scores.setdefault(ch, {}).setdefault(other, 0.6)
    return {
        ch: sorted(others, key=lambda other: (-others[other], other))[:MOST_LOOK_ALIKES]
        for ch, others in scores.items()
        if len(ch) == 1
    }


def _read_four_corner(folder: Path) -> dict[str, str]:
    table = pq.read_table(folder / "char_features.parquet", columns=["char", "four_corner"])
    pairs = zip(table["char"].to_pylist(), table["four_corner"].to_pylist(), strict=True)
    return {ch: corners for ch, corners in pairs if corners and len(ch) == 1}


if __name__ == "__main__":
    fold_characters(Path(sys.argv[1]))
