"""Records for the tests of facts tables: the worked cases, what their table must hold, and blocks that go wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.cohort.records.sources import Read
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import facts_of
from nelm.patient.record import Record, RecordError, read_record

UNREADABLE = ("v23a", "v23b")  # the worked cases with a value that cannot be


def worked_cases(content: Path, knowledge: Knowledge) -> list[Record]:
    """The worked cases that can be read, in the order of their names."""
    found: list[Record] = []
    for file in sorted((content / "cases").glob("*.yaml")):
        try:
            found.append(read_record(file, knowledge))
        except RecordError:
            assert file.stem in UNREADABLE
    return found


def table_of(records: Iterable[Record], knowledge: Knowledge) -> pl.DataFrame:
    """The facts table, made one by one from what `facts_of` says."""
    layout = Layout(knowledge.model)
    rows: list[dict[str, Any]] = []
    for record in records:
        facts = facts_of(record, knowledge)
        about = {"patient": record.id, "event": "as_recorded", "as_of": facts.as_of, "centre": record.text("centre")}
        doubt = {"synthetic": record.kind == "synthetic", "contradicted": sorted(facts.contradicted())}
        rows.append({**layout.row(facts.values), **about, **doubt})
    return layout.frame(rows)


def write_lines(file: Path, records: Iterable[Mapping[str, Any] | str]) -> Path:
    """JSON lines; a text is a line as it stands."""
    lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def rejects_in(file: Path) -> list[tuple[str, int, int, str, str]]:
    """Source (its name), line, column, field and message of every reject."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [(Path(line["source"]).name, line["line"], line["column"], line["field"], line["message"]) for line in lines]


@dataclass(frozen=True)
class Lethal:
    """A block that ends the process which reads it."""

    def __len__(self) -> int:
        return 1

    def read(self, knowledge: Knowledge) -> Iterator[Read]:
        os._exit(1)


@dataclass(frozen=True)
class Good:
    """A block with one record, made where it is read."""

    record: Record

    def __len__(self) -> int:
        return 1

    def read(self, knowledge: Knowledge) -> Iterator[Read]:
        yield Read(0, self.record)
