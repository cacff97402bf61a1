"""Records in, clusters out: `resolve` runs every step of the matcher on an Arrow table."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching import profiles as profiling
from matching import report
from matching.drift import Drift, drift
from matching.groups import Groups, form
from matching.judgements import apply_judgements, mark_judged
from matching.keys import Ints
from matching.linking import Judged, Linked, link
from matching.model import Model, Setting
from matching.profiles import Column, InputError, Profiles
from matching.received import Received, check_columns
from matching.spill import Spill
from matching.train import train
from matching.weights import Weights, stored

__all__ = ["InputError", "Outcome", "Prepared", "Resolution", "load_model", "prepare", "resolve", "run"]


@dataclass(slots=True)
class Prepared:
    """Records as profiles and groups: what training, resolving and explaining share."""

    profiles: Profiles
    groups: Groups
    seconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer. `clusters` [record_key, cluster_id] one row a record, named by the cluster's smallest record_key;
    `links` [left_key, right_key, rule, score, reasons]; `reviews` [review_kind, left_key, right_key, score, reason];
    `findings` [code, detail, count].
    """

    clusters: pa.Table
    links: pa.Table
    reviews: pa.Table
    findings: pa.Table
    counts: dict[str, int]
    seconds: dict[str, float]


@dataclass(slots=True)
class Outcome:
    """A finished run before it is told: clusters are ready, links, reviews and findings are made when asked for."""

    clusters: pa.Table
    model: Model
    prepared: Prepared
    linked: Linked
    judged: Judged
    counts: dict[str, int]
    seconds: dict[str, float]
    drift: list[Drift] = field(default_factory=list)

    def links(self) -> pa.Table:
        """Every link kept, and what the number alone settled."""
        return report.links(self.model, self.prepared.profiles, self.prepared.groups, self.linked)

    def reviews(self) -> pa.Table:
        """What a steward must decide."""
        return report.reviews(self.model, self.prepared.profiles, self.prepared.groups, self.linked, self.judged)

    def findings(self) -> pa.Table:
        """Capped blocks, overshared numbers, cut texts and links, agreement that has drifted from the stored model."""
        cut = self.prepared.profiles.tables.get("cut")
        return report.findings(self.prepared.groups, self.linked, self.drift, cut)


def load_model(subject: str) -> Model:
    """The declared model of 'person' or 'enterprise'."""
    module = importlib.import_module(f"matching.models.{subject}")
    model: Model = module.MODEL
    return model


@contextmanager
def connecting(model: Model, setting: Setting) -> Iterator[Callable[[], Any]]:
    """A standardising connection in the making: what is called gives it; closed after the block."""
    with ThreadPoolExecutor(1) as pool:
        connected = pool.submit(profiling.connect, model, setting)
        try:
            yield connected.result
        finally:
            connected.result().close()


def prepare(
    records: pa.Table | Received, model: Model, setting: Setting, judgements: pa.Table | None = None
) -> Prepared:
    """Check, standardise, encode and group the records. InputError names the column at fault."""
    begin = time.perf_counter()
    with connecting(model, setting) as connected:
        checked = check_columns(records, model)
        if model.prepare is not None:
            model.prepare(checked)
        spill = Spill(setting.memory_bytes)
        seconds = {"check": time.perf_counter() - begin}
        begin = time.perf_counter()
        apart = mark_judged(checked.column("record_key"), judgements)
        keys = profiling.one_chunk(checked.take("record_key"), spill)
        cut: dict[str, int] = {}
        columns = profiling.standard_columns(checked, model, connected, spill, cut)
        spill.give_back()
        seconds["standardise and encode"] = time.perf_counter() - begin
        prepared = prepare_standard(columns, keys, model, setting, apart, connected(), spill)
        prepared.profiles.tables["cut"] = dict(sorted(cut.items()))
    prepared.seconds = seconds | prepared.seconds
    return prepared


def prepare_standard(
    columns: dict[str, Column],
    keys: pa.Array,
    model: Model,
    setting: Setting,
    apart: Ints,
    connection: Any,
    spill: Spill,
) -> Prepared:
    """Profiles and groups of records whose standard values are known; the columns are taken over."""
    begin = time.perf_counter()
    profiles = profiling.group(columns, keys, model, apart, connection, spill)
    profiles.tables["threads"] = setting.threads or os.cpu_count() or 1
    spill.give_back()
    seconds = {"profile": time.perf_counter() - begin}
    begin = time.perf_counter()
    if model.derive is not None:
        model.derive(profiles, connection)
        spill.give_back()
    seconds["derive"] = time.perf_counter() - begin
    begin = time.perf_counter()
    groups = form(model, profiles)
    spill.give_back()
    seconds["group"] = time.perf_counter() - begin
    return Prepared(profiles, groups, seconds)


def resolve(
    records: pa.Table,
    model: Model,
    *,
    as_of: date,
    weights: Weights | None = None,
    judgements: pa.Table | None = None,
    threads: int | None = None,
    memory_limit: str | None = None,
) -> Resolution:
    """Clusters of records that speak of the same subject, with links, reviews and findings.

    `records`: the model's canonical columns as text; `judgements`: [left_key, right_key, verdict, source] with verdict
    same, not_same or unsure, which beat every score. `weights` default to the model's stored file.
    Raises InputError for records that cannot be matched, naming column and row.
    """
    return told(run(records, model, Setting(as_of, threads, memory_limit), weights, judgements))


def told(outcome: Outcome) -> Resolution:
    """The outcome with the tables that people read."""
    begin = time.perf_counter()
    tables = outcome.links(), outcome.reviews(), outcome.findings()
    outcome.counts["reviews"] = tables[1].num_rows
    outcome.seconds["report"] = time.perf_counter() - begin
    return Resolution(outcome.clusters, *tables, outcome.counts, outcome.seconds)


def run(
    records: pa.Table | Received,
    model: Model,
    setting: Setting,
    weights: Weights | None = None,
    judgements: pa.Table | None = None,
    *,
    learns: bool = False,
) -> Outcome:
    """The same without making the tables that only people read. `learns`: weights are trained on these records first."""
    prepared = prepare(records, model, setting, judgements)
    if learns:
        begin = time.perf_counter()
        weights = train(model, prepared.profiles, prepared.groups, weights)
        prepared.profiles.spill.give_back()
        prepared.seconds["train"] = time.perf_counter() - begin
    return settle(prepared, model, weights, judgements)


def settle(
    prepared: Prepared, model: Model, weights: Weights | None = None, judgements: pa.Table | None = None
) -> Outcome:
    """Judgements, links and clusters of prepared records."""
    seconds = dict(prepared.seconds)
    begin = time.perf_counter()
    groups, judged = apply_judgements(prepared.profiles, prepared.groups, judgements)
    prepared = Prepared(prepared.profiles, groups, prepared.seconds)
    weights = weights or stored(model)
    linked = link(model, prepared.profiles, prepared.groups, weights, judged)
    drifted = drift(weights, linked.rounds[0].evidence) if linked.rounds else []
    seconds["link"] = time.perf_counter() - begin
    begin = time.perf_counter()
    label = linked.label.astype(np.int32)[prepared.groups.of_profile][prepared.profiles.of_record]
    clusters = name_clusters(prepared.profiles.record_keys, label, prepared.profiles.spill)
    prepared.profiles.spill.let_go()
    seconds["name clusters"] = time.perf_counter() - begin
    counts = {
        "records": len(prepared.profiles.record_keys),
        "profiles": prepared.profiles.count,
        "groups": prepared.groups.count,
        "clusters": int(linked.label.max(initial=-1)) + 1,
        "candidates": sum(len(turn.evidence) for turn in linked.rounds),
        "links": sum(int(turn.accepted.sum()) for turn in linked.rounds),
    }
    return Outcome(clusters, model, prepared, linked, judged, counts, seconds, drifted)


def name_clusters(record_keys: pa.Array, label: npt.NDArray[np.integer], spill: Spill) -> pa.Table:
    """[record_key, cluster_id]: each cluster named by its smallest record key."""
    if not len(record_keys):
        return pa.table({"record_key": pa.array([], pa.string()), "cluster_id": pa.array([], pa.string())})
    labelled = pa.table({"k": record_keys, "c": pa.array(label)})
    with duckdb.connect(config=spill.engine()) as connection:
        connection.register("labelled", labelled)
        named = connection.sql("SELECT c, min(k) AS name FROM labelled GROUP BY c ORDER BY c").to_arrow_table()
    labels = named.column("c").to_numpy()
    place = label if len(labels) == labels[-1] + 1 else np.searchsorted(labels, label)
    names = pa.concat_arrays(named.column("name").chunks)
    return pa.table({"record_key": record_keys, "cluster_id": names.take(pa.array(place))})
