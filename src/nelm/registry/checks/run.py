"""`nelm registry check`: every record of a source is read once, then entry, checks, duplicates and quality are written as tables.

    findings.csv      what is wrong or doubtful: patient, check, severity, list and entry, field, what was found, what to do
    entry.csv         eligible, not, undetermined for each record, with reasons and what is missing
    quality.csv       the indices of quality, all centres together and each
    duplicates.csv    pairs of records of one centre that may be of one person

A record that cannot be read is a finding without a patient. Everything is written aside and takes its place at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import closing as closing_of
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.cohort.records.making import all_made
from nelm.cohort.records.moments import OnDay
from nelm.cohort.records.parts import Parts
from nelm.cohort.records.sources import BLOCK_RECORDS, Source, SourceError
from nelm.cohort.records.to_facts import Patients, Progress, open_source
from nelm.cohort.records.write_entity_tables import EntityTableFiles
from nelm.cohort.tables import OutputError, open_facts, written_aside
from nelm.knowledge.base import Knowledge
from nelm.patient.record import Problem
from nelm.registry.checks.content import load_checks
from nelm.registry.checks.duplicates import Duplicates, duplicates
from nelm.registry.checks.findings import Finding, as_frame, ordered
from nelm.registry.checks.model import Checks
from nelm.registry.checks.whole_registry import check_findings
from nelm.registry.entry.content import EntryCriteria, load_entry
from nelm.registry.entry.decisions import entry_decisions
from nelm.registry.freeze.making import FreezeMaker, Frozen
from nelm.registry.quality.content import load_quality
from nelm.registry.quality.indices import Quality, quality_indices

TABLES = ("findings.csv", "entry.csv", "quality.csv", "duplicates.csv")
FACTS = "facts"


@dataclass(frozen=True)
class Checked:
    """What was found in the records of a source, and where it was written. `rejected` records could not be read."""

    folder: Path
    records: int
    rejected: int
    findings: pl.DataFrame
    decisions: pl.DataFrame
    quality: Quality
    duplicates: Duplicates
    checks: Checks
    entry: EntryCriteria


def check_source(
    source: Path | None, output: Path, knowledge: Knowledge, closing: date, *, workers: int = 1, progress: Progress | None = None
) -> Checked:
    """Check all records of a source (None: JSON lines on standard input) and write the tables into a folder.

    The facts are those of the closing date. Raises SourceError for a source that cannot be used, OutputError where the output cannot
    be written or the folder holds something else, WorkerLost where a process ended, ContentError for content that is wrong.
    """
    _check_output(output, source)
    checks, entry, rules = load_checks(knowledge), load_entry(knowledge), load_quality(knowledge)
    opened = open_source(source, knowledge)
    with written_aside(output) as aside:
        work = aside / "work"
        work.mkdir()
        read = _read(opened, knowledge, closing, work, workers, progress)
        facts = open_facts(work / f"{FACTS}.parquet", knowledge)
        decisions = entry_decisions(facts, entry)
        found = check_findings(facts, work / "entities", checks, knowledge, closing)
        findings = ordered([_rejects(read.rejected, checks), found])
        quality = quality_indices(facts, decisions, findings, entry=entry, rules=rules, knowledge=knowledge, closing=closing)
        pairs = duplicates(facts, checks.duplicates, knowledge.model)
        rmtree(work)
        for name, frame in zip(TABLES, (findings, decisions, quality.table, pairs.pairs), strict=True):
            _flat(frame).write_csv(aside / name)
    return Checked(output, read.records, len(read.rejected), findings, decisions, quality, pairs, checks, entry)


def _check_output(output: Path, source: Path | None) -> None:
    if output.exists() and not (output.is_dir() and all(file.name in TABLES for file in output.iterdir())):
        raise OutputError(f"{output}: there is something else than tables of checks, which would be lost. Choose another folder.")
    if source is not None and output.resolve() == source.resolve():
        raise OutputError(f"{output}: this is where the records lie. Choose another folder.")


# -- reading ------------------------------------------------------------------------------------------------


@dataclass
class _Read:
    records: int
    rejected: list[tuple[Problem, ...]]


def _read(source: Source, knowledge: Knowledge, closing: date, work: Path, workers: int, progress: Progress | None) -> _Read:
    """Facts and entries of all records, written as tables into a folder."""
    layout, patients, read = Layout(knowledge.model), Patients(source), _Read(0, [])
    (work / "entities").mkdir()
    entities, table = EntityTableFiles(work / "entities", knowledge), Parts(work / ".facts", layout.schema)
    for made in _made(source, FreezeMaker(knowledge, {FACTS: OnDay(closing)}), workers):
        patients.add(made.patients)
        entities.add(made.entities)
        table.add(made.facts[FACTS])
        read.records += made.records
        read.rejected += made.rejected
        if progress is not None:
            progress(read.records, source.total)
    if read.records == 0:
        raise SourceError(f"{source.name}: there is no record in it. Check that it is what you meant.")
    if read.records == len(read.rejected):
        first = read.rejected[0][0]
        raise SourceError(f"{source.name}: none of the {read.records} records can be used. The first problem: {first}")
    entities.finish()
    table.join(work / f"{FACTS}.parquet", layout.metadata())
    return read


def _made(source: Source, maker: FreezeMaker, workers: int) -> Iterable[Frozen]:
    total = source.total
    busy = workers if total is None else min(workers, math.ceil(total / BLOCK_RECORDS))
    with closing_of(all_made(maker, source.blocks(), busy)) as blocks:
        yield from blocks


def _rejects(rejected: Iterable[tuple[Problem, ...]], checks: Checks) -> pl.DataFrame:
    """What is wrong with the records that cannot be read; who they are is not known."""
    standing = checks.standing["not_permitted"]
    return as_frame(
        Finding(None, standing.name, standing.severity, None, None, problem.field, "", f"{problem.mark}: {problem.message}")
        for problems in rejected
        for problem in problems
    )


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as text: CSV holds none."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    return frame.with_columns(pl.col(name).list.join("; ") for name in lists)
