"""A hundred rules written by hand from the YAML say what the compiled columns say: `make bench` compares like with like."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import polars as pl
import pytest

from benchmarks import by_hand_duckdb, by_hand_polars
from nelm.cohort.polars_engine import PolarsEngine
from nelm.criteria import Span, Spans, Truth, Value
from nelm.criteria.columns import Columns
from nelm.criteria.syntax import Name
from nelm.criteria.witness import witness
from nelm.knowledge.base import Knowledge
from tests.cohort.patients import facts_frame, random_patients

PATIENTS = 2_000
AIMED = 20  # and as many for each rule


@pytest.fixture(scope="module")
def frame(knowledge: Knowledge) -> pl.DataFrame:
    """Random patients, and for each rule some of whom mainly the facts behind it are known."""
    people = [_plain(knowledge, facts) for facts in random_patients(knowledge, PATIENTS, seed=17)]
    return facts_frame(knowledge, [*people, *_aimed(knowledge, people)])


@pytest.fixture(scope="module")
def compiled(knowledge: Knowledge, frame: pl.DataFrame) -> pl.DataFrame:
    """Each rule as one nullable column: null where it can be true and can be false."""
    columns = Columns(knowledge.model)
    results: dict[str, int] = {}
    for name in by_hand_polars.RULES:
        results[f"{name} +"], results[f"{name} -"] = columns.named(name)
    made = PolarsEngine(columns.program(results)).run(frame)
    return pl.DataFrame(made).select(
        pl.when(pl.col(f"{name} +") != pl.col(f"{name} -")).then(pl.col(f"{name} +")).alias(name) for name in by_hand_polars.RULES
    )


def _plain(knowledge: Knowledge, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Without what is left out by hand: ranges apart, facts held open, and derived facts that nobody can enter."""
    kept = {name: value for name, value in facts.items() if name not in knowledge.model.definitions or name in knowledge.model.enterable}
    return {name: _whole(value) for name, value in kept.items() if value is not Truth.UNDETERMINED}


def _aimed(knowledge: Knowledge, people: Sequence[Mapping[str, Value]]) -> Iterator[dict[str, Value]]:
    random, seen = Random(18), defaultdict(list)
    for facts in people:
        for name, value in facts.items():
            seen[name].append(value)
    for rule in by_hand_polars.RULES:
        behind = knowledge.model.recorded_facts(Name(rule)) & seen.keys()
        computed = sorted(behind - knowledge.model.definitions.keys())
        settled = [_plain(knowledge, witness(Name(rule), knowledge.model, truth) or {}) for truth in (Truth.TRUE, Truth.FALSE)]
        for number in range(AIMED):
            asked = computed if random.random() < 0.7 else sorted(behind)
            known = {name: random.choice(seen[name]) for name in asked if random.random() < 0.9}
            other = random.choice(asked)
            yield known if number % 2 else {**known, **random.choice(settled), other: random.choice(seen[other])}


def _whole(value: Value) -> Value:
    if not isinstance(value, Spans):
        return value
    low, high = value.low, value.high
    return Spans.of([Span(low.low, high.high, low.low_open, high.high_open)], value.integral)


def test_there_are_a_hundred() -> None:
    assert len(by_hand_polars.RULES) == 100


def test_polars_by_hand(frame: pl.DataFrame, compiled: pl.DataFrame) -> None:
    assert _differences(by_hand_polars.run(frame), compiled) == {}


def test_duckdb_by_hand(frame: pl.DataFrame, compiled: pl.DataFrame, tmp_path: Path) -> None:
    frame.write_parquet(tmp_path / "facts.parquet")
    with by_hand_duckdb.loaded(tmp_path / "facts.parquet", threads=1) as connection:
        assert _differences(by_hand_duckdb.run(connection), compiled) == {}


def test_every_rule_is_seen_true_false_and_undetermined(compiled: pl.DataFrame) -> None:
    unseen = {name: {True, False, None} - set(compiled[name].to_list()) for name in compiled.columns}
    assert {name: values for name, values in unseen.items() if values} == {}


def _differences(by_hand: pl.DataFrame, compiled: pl.DataFrame) -> dict[str, str]:
    """The rules that say something else, with the first patient of whom they do."""
    assert by_hand.columns == compiled.columns
    found: dict[str, str] = {}
    for name in compiled.columns:
        differ = by_hand[name].ne_missing(compiled[name]).arg_true()
        if len(differ):
            row = differ[0]
            found[name] = f"{len(differ)} patients; patient {row}: by hand {by_hand[name][row]}, compiled {compiled[name][row]}"
    return found
