"""The checks over a whole registry: the facts table, and the tables of entries. They say what `check_record` says of each record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from nelm.cohort.polars_engine import PolarsEngine
from nelm.cohort.records.entity_tables import HEADER, entity_tables_in
from nelm.cohort.tables import FactsTable
from nelm.criteria import Expression
from nelm.criteria.columns import Columns
from nelm.knowledge.base import Knowledge
from nelm.registry.checks.entries import DateChecks, EntryChecks
from nelm.registry.checks.findings import facts_of_rows_in_words, findings_in, ordered
from nelm.registry.checks.model import Checks, CompiledBetween, CompiledCondition, CompiledDocumented, Named
from nelm.registry.checks.written_tables import WrittenTable
from nelm.registry.entry.content import CENTRE

CONTRADICTED = "contradicted"


def check_findings(
    facts: FactsTable | Iterable[pl.DataFrame], entities: Path, checks: Checks, knowledge: Knowledge, closing: date
) -> pl.DataFrame:
    """Everything that is wrong or doubtful in a registry, with the columns of `nelm.registry.checks.findings.SCHEMA`, by patient.

    `facts` is an open facts table, or its blocks (with the columns that `PatientChecks.columns` names); `entities` the folder of the
    entity tables that it was made of. `closing` is the day to which the data are complete. Raises SourceError for tables that cannot
    be used.
    """
    asking = PatientChecks(checks, knowledge)
    blocks = facts.blocks(asking.columns) if isinstance(facts, FactsTable) else facts
    parts: list[pl.DataFrame] = []
    where: dict[str, list[pl.DataFrame]] = {check.named.id: [_NOBODY] for check in asking.between}
    for block in blocks:
        found = asking.run(block)
        parts += found.findings
        for name, patients in found.where.items():
            where[name].append(patients)
    tables = tables_in(entities, knowledge)
    for table in tables.values():
        parts += EntryChecks(table, checks, knowledge).findings()
    parts += DateChecks(tables, checks, knowledge, closing, {name: pl.concat(found) for name, found in where.items()}).findings()
    return ordered(parts)


def tables_in(entities: Path, knowledge: Knowledge) -> dict[str, WrittenTable]:
    """The tables of entries in a folder. Raises SourceError, as `entity_tables_in`."""
    scans = entity_tables_in(entities, knowledge).scans
    return {key: WrittenTable(scan, knowledge.entities[key], knowledge) for key, scan in scans.items() if key != HEADER}


_NOBODY = pl.DataFrame(schema={"patient": pl.String()})


@dataclass(frozen=True)
class Asked:
    """The findings in a block of patients, and for each check of two dates the patients of whom its condition holds."""

    findings: list[pl.DataFrame]
    where: Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class PatientChecks:
    """The checks on facts of patients, for blocks of a facts table; `columns` are those that it reads."""

    checks: Checks
    knowledge: Knowledge

    @cached_property
    def conditions(self) -> tuple[CompiledCondition, ...]:
        return tuple(check for check in self.checks.conditions if check.entity is None)

    @cached_property
    def documented(self) -> tuple[CompiledDocumented, ...]:
        return tuple(check for check in self.checks.documented if check.entity is None)

    @cached_property
    def between(self) -> tuple[CompiledBetween, ...]:
        """Those that ask a condition of the patient."""
        return tuple(check for check in self.checks.between if check.when is not None)

    @cached_property
    def columns(self) -> list[str]:
        shown = {name for check in self.conditions for name in check.facts}
        items = {check.item for check in self.documented} - {CENTRE}
        layout = self._engine.layout
        needed = {*self._engine.columns, *layout.needed(shown | items), CENTRE, CONTRADICTED}
        return ["patient", *(name for name in layout.schema if name in needed)]

    @cached_property
    def _engine(self) -> PolarsEngine:
        make = Columns(self.checks.model)

        def certainly(condition: Expression | None) -> int:
            return make.constant(True) if condition is None else make.opposite(make.condition(condition).can_be_false)

        results = {f"holds {number}": certainly(check.condition) for number, check in enumerate(self.conditions)}
        results |= {f"asked {number}": certainly(check.when) for number, check in enumerate(self.documented)}
        results |= {f"where {number}": certainly(check.when) for number, check in enumerate(self.between)}
        return PolarsEngine(make.program(results))

    def run(self, block: pl.DataFrame) -> Asked:
        """What is found in a block."""
        answers = self._engine.run(block)
        where = {check.named.id: block.select("patient").filter(answers[f"where {n}"]) for n, check in enumerate(self.between)}
        return Asked(list(self._findings(block, answers)), where)

    def _findings(self, block: pl.DataFrame, answers: Mapping[str, pl.Series]) -> Iterator[pl.DataFrame]:
        yield self._contradicted(block)
        for number, check in enumerate(self.conditions):
            rows = block.filter(answers[f"holds {number}"])
            if rows.height:
                found = facts_of_rows_in_words(check.facts, rows, self._engine.layout, self.knowledge)
                yield findings_in(rows, check.named, field=pl.lit(", ".join(check.facts)), found=found)
        for number, item in enumerate(self.documented):
            column = CENTRE if item.item == CENTRE else next(iter(self._engine.layout.of_facts[item.item]))
            known = block[column].is_not_null()
            rows = block.filter(answers[f"asked {number}"] & (known if item.unexpected else ~known))
            yield findings_in(rows, item.named, field=pl.lit(item.item), found=pl.lit(""))

    def _contradicted(self, block: pl.DataFrame) -> pl.DataFrame:
        standing = self.checks.standing[CONTRADICTED]
        rows = block.select("patient", CONTRADICTED).filter(pl.col(CONTRADICTED).list.len() > 0)
        labels = pl.col(CONTRADICTED).list.eval(pl.element().replace(dict(self.knowledge.labels))).list.join("; ")
        named = Named(standing.name, standing.severity, f"{standing.label}. {standing.says}")
        return findings_in(rows, named, field=pl.col(CONTRADICTED).list.join(", "), found=labels)
