"""From blocks of records to what a freeze holds of them: their entries, and their facts at each of its moments. Each is read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from nelm.cohort.records.making import Maker
from nelm.cohort.records.moments import Moment
from nelm.cohort.records.sources import Block
from nelm.cohort.records.write_entity_tables import entity_rows
from nelm.knowledge.base import Knowledge
from nelm.patient.record import Problem
from nelm.patient.together import Said


@dataclass(frozen=True)
class Frozen:
    """What became of a block: rows by facts table, rows by entity table, and what is wrong with the records that cannot be used."""

    records: int
    synthetic: int
    facts: Mapping[str, pl.DataFrame]
    entities: Mapping[str, list[dict[str, Any]]]
    patients: tuple[tuple[int, str], ...]
    rejected: tuple[tuple[Problem, ...], ...]


@dataclass(frozen=True)
class FreezeMaker:
    """Makes them; `moments` says as of when each facts table is."""

    knowledge: Knowledge
    moments: Mapping[str, Moment]

    @cached_property
    def makers(self) -> dict[str, Maker]:
        return {name: Maker(self.knowledge, moment) for name, moment in self.moments.items()}

    def make(self, block: Block) -> Frozen:
        """Everything that a freeze holds of the records of a block."""
        facts: dict[str, list[dict[str, Any]]] = {name: [] for name in self.moments}
        entities: dict[str, list[dict[str, Any]]] = {}
        patients: list[tuple[int, str]] = []
        rejected: list[tuple[Problem, ...]] = []
        synthetic = 0
        for read in block.read(self.knowledge):
            if read.record is None:
                rejected.append(read.problems)
                continue
            record = read.record
            patients.append((read.number, record.id))
            synthetic += record.kind == "synthetic"
            said = Said(record, self.knowledge)
            for name, maker in self.makers.items():
                facts[name] += maker.rows(record, maker.views(record, said))
            for key, rows in entity_rows(record, self.knowledge).items():
                entities.setdefault(key, []).extend(rows)
        tables = {name: maker.layout.frame(facts[name]) for name, maker in self.makers.items()}
        return Frozen(len(block), synthetic, tables, entities, tuple(patients), tuple(rejected))
