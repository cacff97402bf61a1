"""What delta runs alone serve after each night, and what a full run of the same records would serve."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from demo import labelled_enterprises, labelled_persons
from demo.chance import Chance
from matching.delta import match_all, rematch
from matching.model import Model, Setting
from matching.resolve import prepare, settle
from matching.state import Signature, State, open_state
from matching.survivorship import choose, read_authority
from tests.matching.subjects import shared

AS_OF = date(2026, 11, 1)
DAY = (AS_OF - date(1970, 1, 1)).days
SETTING = Setting(AS_OF)
Row = dict[str, str | None]


class Served:
    """What is served after each night: clusters, cases and golden files, kept up by delta runs alone."""

    def __init__(self, model: Model, folder: Path) -> None:
        self.model = model
        self.folder = folder
        self.records: dict[str, Row] = {}
        self.clusters: dict[str, frozenset[str]] = {}
        self.links: set[tuple[str, ...]] = set()
        self.reviews: set[tuple[str, ...]] = set()
        self.files: dict[str, list[str]] = {}
        self.judgements: pa.Table | None = None
        self.state: State | None = None
        self.looked = 0
        self.night = 0

    def table(self, keys: list[str]) -> pa.Table:
        names = ["record_key", *self.model.required, *self.model.optional]
        rows = [self.records[key] for key in keys]
        return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})

    def fetch(self, keys: pa.Array) -> pa.Table:
        return self.table([key for key in keys.to_pylist() if key in self.records])

    def full(
        self,
    ) -> tuple[dict[str, frozenset[str]], set[tuple[str, ...]], set[tuple[str, ...]], dict[str, list[str]]]:
        """Clusters, links, cases and golden files of a full run."""
        prepared = prepare(self.table(sorted(self.records)), self.model, SETTING, self.judgements)
        outcome = settle(prepared, self.model, judgements=self.judgements)
        clusters = sets_of(outcome.clusters)
        files = self.golden(clusters, sorted(clusters))
        return clusters, links_of(outcome.links()), cases_of(outcome.reviews()), files

    def golden(self, clusters: dict[str, frozenset[str]], keys: list[str]) -> dict[str, list[str]]:
        """Golden record and values behind it of each file of these records; a file is named by its smallest key."""
        table = with_reasons(self.table(keys), self.model.name)
        for name in ("department", "updated_at", "feed"):
            if name not in table.column_names:
                table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
        names = pa.array([min(clusters[key]) for key in keys], pa.string())
        crosswalk = pa.table({"record_key": pa.array(keys, pa.string()), "master_id": names})
        chosen = choose(table, crosswalk, read_authority(self.model.name))
        found: dict[str, list[str]] = {}
        for part in (chosen.masters, chosen.field_values):
            for row in part.to_pylist():
                found.setdefault(row["master_id"], []).append(str(row))
        return {name: sorted(rows) for name, rows in found.items()}

    def begin(self) -> None:
        matched = match_all(self.table(sorted(self.records)), self.model, SETTING, judgements=self.judgements)
        self.state = matched.keep(self.folder / "night-0", Signature.of(self.model, AS_OF))
        self.clusters, self.reviews = sets_of(matched.outcome.clusters), cases_of(matched.outcome.reviews())
        self.links = links_of(matched.outcome.links())
        self.files = self.golden(self.clusters, sorted(self.clusters))

    def run(self, changed: list[str]) -> None:
        assert self.state is not None
        self.night += 1
        delta = rematch(
            self.state,
            pa.array(changed, pa.string()),
            self.fetch,
            self.model,
            SETTING,
            judgements=self.judgements,
            most=1e6,
        )
        assert delta is not None
        assert delta.scope is not None
        scope = set(delta.scope.to_pylist())
        self.looked += len(scope)
        ended = {min(held) for key, held in self.clusters.items() if key in scope}
        self.clusters = {key: held for key, held in self.clusters.items() if key not in scope}
        fresh = sets_of(delta.outcome.clusters)
        self.clusters |= fresh
        self.files = {name: rows for name, rows in self.files.items() if name not in ended}
        self.files |= self.golden(fresh, sorted(fresh))
        self.reviews = {case for case in self.reviews if case[1] not in scope} | cases_of(delta.outcome.reviews())
        self.links = {link for link in self.links if link[0] not in scope} | links_of(delta.outcome.links())
        self.state = delta.keep(self.folder / f"night-{self.night}", self.state.signature)
        assert self.state == open_state(self.folder / f"night-{self.night}", self.state.signature)
        assert self.state.records == len(self.records)


REASONS = {
    "person": {"id_number": "id_reasons(std_id(id_number), std_date(birth_date), std_sex(sex))"},
    "enterprise": {
        "uscc": "uscc_reasons(std_uscc(uscc))",
        "organisation_code": "org_code_reasons(std_uscc(organisation_code))",
        "registration_no": "registration_no_reasons(std_uscc(registration_no))",
    },
}


def with_reasons(table: pa.Table, subject: str) -> pa.Table:
    """The records with what is wrong with their numbers, as the landing tables have it."""
    said = ", ".join(f"{sql} AS {field}_reasons" for field, sql in REASONS[subject].items())
    engine = shared().cursor()
    try:
        engine.register("given", table)
        return engine.sql(f"SELECT *, {said} FROM given").to_arrow_table()
    finally:
        engine.close()


def sets_of(clusters: pa.Table) -> dict[str, frozenset[str]]:
    members: dict[str, list[str]] = {}
    for key, cluster in zip(*(clusters.column(n).to_pylist() for n in ("record_key", "cluster_id")), strict=True):
        members.setdefault(cluster, []).append(key)
    return {key: whole for keys in members.values() for whole in [frozenset(keys)] for key in keys}


def links_of(links: pa.Table) -> set[tuple[str, ...]]:
    """Whoever is named first; a link is of no direction."""
    rows = links.select(["left_key", "right_key", "rule", "score", "reasons"]).to_pylist()
    found = {tuple(map(str, row.values())) for row in rows}
    return {(*sorted(row[:2]), *row[2:]) for row in found}


def cases_of(reviews: pa.Table) -> set[tuple[str, ...]]:
    rows = reviews.select(["review_kind", "left_key", "right_key", "score", "reason"]).to_pylist()
    return {tuple(str(value) for value in row.values()) for row in rows}


def made(subject: str, seed: int, count: int) -> list[Row]:
    if subject == "person":
        table = labelled_persons.make(Chance(seed), count, DAY, "dense" if seed % 2 else "spread")[0]
    else:
        table = labelled_enterprises.make(Chance(seed), count, DAY)[0]
    return [dict(row) for row in table.to_pylist()]
