"""Law 6: ids do not churn. Many nights of merges, splits, arrivals and removals, and what must hold after each."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.identity import Assignment, assign
from matching.master_ids import decode

Partition = dict[str, int]


def clusters(partition: Partition, order: list[str] | None = None) -> pa.Table:
    """[record_key, cluster_id]; a cluster is named by its smallest key, as the matcher names it."""
    first: dict[int, str] = {}
    for key in sorted(partition):
        first.setdefault(partition[key], key)
    keys = order or sorted(partition)
    return pa.table(
        {
            "record_key": pa.array(keys, pa.string()),
            "cluster_id": pa.array([first[partition[key]] for key in keys], pa.string()),
        }
    )


EMPTY = pa.table({"record_key": pa.array([], pa.string()), "master_id": pa.array([], pa.string())})


def held(assignment: Assignment) -> dict[str, str]:
    """record_key -> master_id."""
    found = assignment.crosswalk.to_pydict()
    return dict(zip(found["record_key"], found["master_id"], strict=True))


@dataclass
class World:
    """The crosswalk as it lives on, with every id ever given and every redirect."""

    crosswalk: pa.Table = field(default_factory=lambda: EMPTY)
    next_number: int = 0
    given: set[str] = field(default_factory=set)
    redirects: dict[str, str] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)

    def night(self, partition: Partition) -> Assignment:
        done = assign(clusters(partition), self.crosswalk, next_number=self.next_number, prefix="P")
        self.crosswalk, self.next_number = done.crosswalk, done.next_number
        for row in done.redirects.to_pylist():
            self.redirects[row["retired_id"]] = row["master_id"]
        self.retired |= {row["master_id"] for row in done.events.to_pylist() if row["event_kind"] == "retired"}
        return done


PARTITION = st.dictionaries(st.sampled_from([f"r{n}" for n in range(12)]), st.integers(0, 5), min_size=0, max_size=12)
NIGHTS = st.lists(PARTITION, min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(NIGHTS)
def test_every_night_gives_every_cluster_one_id_of_its_own(nights: list[Partition]) -> None:
    world = World()
    for partition in nights:
        master = held(world.night(partition))
        assert set(master) == set(partition)
        for one in partition:
            for two in partition:
                assert (master[one] == master[two]) == (partition[one] == partition[two])


@settings(max_examples=200, deadline=None)
@given(NIGHTS)
def test_an_id_is_never_given_again(nights: list[Partition]) -> None:
    world, gone = World(), set[str]()
    for partition in nights:
        before = set(world.crosswalk.column("master_id").to_pylist())
        done = world.night(partition)
        now = set(held(done).values())
        created = {row["master_id"] for row in done.events.to_pylist() if row["event_kind"] == "created"}
        assert now - before == created
        assert not created & world.given
        assert not now & gone
        world.given |= now
        gone |= before - now


@settings(max_examples=200, deadline=None)
@given(NIGHTS)
def test_every_id_ever_given_leads_to_a_living_file_or_was_retired(nights: list[Partition]) -> None:
    world = World()
    for partition in nights:
        living = set(held(world.night(partition)).values())
        world.given |= living
        for name in world.given:
            seen = [name]
            while seen[-1] in world.redirects:
                seen.append(world.redirects[seen[-1]])
                assert len(seen) == len(set(seen)), "a circle of redirects"
            assert seen[-1] in living or seen[-1] in world.retired


@settings(max_examples=200, deadline=None)
@given(PARTITION, PARTITION)
def test_a_split_keeps_the_id_with_the_larger_share(before: Partition, within: Partition) -> None:
    world = World()
    first = held(world.night(before))
    parts = {key: before[key] * 10 + within.get(key, 0) for key in before}
    second = held(world.night(parts))
    for file in set(first.values()):
        keys = [key for key in before if first[key] == file]
        share = {part: sum(parts[key] == part for key in keys) for part in {parts[key] for key in keys}}
        keeper = {parts[key] for key in keys if second[key] == file}
        assert len(keeper) == 1
        assert share[keeper.pop()] == max(share.values())


@settings(max_examples=200, deadline=None)
@given(PARTITION, st.dictionaries(st.integers(0, 5), st.integers(0, 5)))
def test_a_merger_keeps_the_id_of_most_records_then_the_oldest(before: Partition, into: dict[int, int]) -> None:
    world = World()
    first = held(world.night(before))
    after = {key: into.get(part, part) for key, part in before.items()}
    done = world.night(after)
    second = held(done)
    for part in set(after.values()):
        keys = [key for key in after if after[key] == part]
        files = {first[key] for key in keys}
        best = max(files, key=lambda file: (sum(first[k] == file for k in keys), -decode(np.array([file]))[0]))
        assert {second[key] for key in keys} == {best}
        led = {row["retired_id"] for row in done.redirects.to_pylist() if row["master_id"] == best}
        assert led == files - {best}


@settings(max_examples=100, deadline=None)
@given(NIGHTS, PARTITION)
def test_a_repeat_tells_nothing(nights: list[Partition], last: Partition) -> None:
    world = World()
    for partition in [*nights, last]:
        before = world.night(partition)
    again = world.night(last)
    assert held(again) == held(before)
    assert not again.events.num_rows
    assert not again.redirects.num_rows
    assert again.next_number == before.next_number


@settings(max_examples=100, deadline=None)
@given(PARTITION, PARTITION, st.randoms(use_true_random=False))
def test_order_of_the_rows_does_not_matter(before: Partition, after: Partition, chance: object) -> None:
    world = World()
    world.night(before)
    order = sorted(after)
    chance.shuffle(order)  # type: ignore[attr-defined]
    rows = world.crosswalk.take(pa.array(np.arange(world.crosswalk.num_rows)[::-1]))
    one = assign(clusters(after), world.crosswalk, next_number=world.next_number, prefix="P")
    two = assign(clusters(after, order), rows, next_number=world.next_number, prefix="P")
    assert held(one) == held(two)
    assert one.events.equals(two.events)
    assert one.redirects.equals(two.redirects)


@settings(max_examples=200, deadline=None)
@given(NIGHTS)
def test_events_tell_what_changed(nights: list[Partition]) -> None:
    world = World()
    for partition in nights:
        was = dict(
            zip(
                world.crosswalk.column("record_key").to_pylist(),
                world.crosswalk.column("master_id").to_pylist(),
                strict=True,
            )
        )
        done = world.night(partition)
        now = held(done)
        told = {(row["event_kind"], row["master_id"], row["other_id"]) for row in done.events.to_pylist()}
        for key, file in now.items():
            if key in was and was[key] != file:
                assert {("split", file, was[key]), ("merged", file, was[key])} & told or any(
                    kind == "redirected" and one == was[key] for kind, one, _ in told
                )
            if key not in was:
                assert {("created", file, None), ("joined", file, None)} & told
        for kind, file, _ in told:
            assert kind != "retired" or file not in now.values()


def test_split_then_merged_back_gets_its_id_back() -> None:
    world = World()
    whole = {f"r{n}": 0 for n in range(5)}
    file = held(world.night(whole))["r0"]
    parted = held(world.night({key: int(key in ("r3", "r4")) for key in whole}))
    assert parted["r0"] == file != parted["r4"]
    assert set(held(world.night(whole)).values()) == {file}
    assert world.redirects[parted["r4"]] == file


@settings(max_examples=200, deadline=None)
@given(PARTITION, st.integers(0, 5), st.integers(0, 5))
def test_a_merge_that_is_undone_gives_every_file_its_own_id_back(start: Partition, one: int, other: int) -> None:
    world = World()
    before = held(world.night(start))
    merged = {k: one if c == other else c for k, c in start.items()}
    world.night(merged)
    once = [(k, m) for k, m in before.items() if m in world.redirects]
    former = pa.table({c: pa.array([pair[n] for pair in once], pa.string()) for n, c in enumerate(EMPTY.column_names)})
    done = assign(clusters(start), world.crosswalk, next_number=world.next_number, prefix="P", former=former)
    assert held(done) == before
    assert done.next_number == world.next_number
    assert {e["event_kind"] for e in done.events.to_pylist()} == ({"split"} if once else set())
