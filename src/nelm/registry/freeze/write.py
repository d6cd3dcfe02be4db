"""`nelm registry freeze`: records become files that never change.

    manifest.json                 what it was made from and with, and the hash of every file
    entities/*.parquet            the records as they were, a table per list
    facts.parquet                 the facts of every patient on the closing day
    baseline.parquet              the facts by which patients are put into groups
    decisions.parquet             the facts before each treatment, and what was given
    followed.parquet              all that is known by now: whoever is seen later was alive on the closing day
    entry.parquet                 eligible, not, undetermined, and why
    findings.parquet              what the data-quality checks found
    quality.parquet               indices of quality, for all centres and each
    duplicates.parquet            pairs of records of a centre that may be of one person
    verdicts/part-*.parquet       the status of every statement on the closing day
    settings/                     the settings of the registry, its population and its life table
    rejected.jsonl                what is wrong with the records that cannot be used, if any

Everything is written aside and takes its place at the end: an interrupted run leaves nothing. What is there is never overwritten.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import nelm
from nelm.cohort.assess import assess_table
from nelm.cohort.compiled import compile_cohort
from nelm.cohort.facts_table import Layout
from nelm.cohort.records.making import all_made
from nelm.cohort.records.moments import AsRecorded, BeforeEach, Moment, OnDay
from nelm.cohort.records.parts import Parts
from nelm.cohort.records.sources import BLOCK_RECORDS, Source, SourceError
from nelm.cohort.records.to_facts import Patients, Progress, noted, open_source
from nelm.cohort.records.write_entity_tables import EntityTableFiles
from nelm.cohort.tables import FactsTable, open_facts, written_aside
from nelm.epidemiology.life_table import read_life_table
from nelm.epidemiology.standards import standard_population
from nelm.knowledge.base import Knowledge
from nelm.registry.annual.plan import AnnualPlan, read_plan
from nelm.registry.checks.content import load_checks
from nelm.registry.checks.duplicates import duplicates
from nelm.registry.checks.whole_registry import check_findings
from nelm.registry.entry.content import load_entry
from nelm.registry.entry.decisions import entry_decisions
from nelm.registry.freeze.making import FreezeMaker, Frozen
from nelm.registry.freeze.manifest import MANIFEST, FileEntry, FreezeError, Manifest, content_digest, file_entry, rows_of, software_versions
from nelm.registry.freeze.open import Freeze, open_freeze
from nelm.registry.population import read_population
from nelm.registry.quality.content import load_quality
from nelm.registry.quality.indices import quality_indices
from nelm.registry.settings import ReadSettings

FACTS, BASELINE, DECISIONS, FOLLOWED = "facts", "baseline", "decisions", "followed"
ENTRY, FINDINGS, QUALITY, DUPLICATES = "entry", "findings", "quality", "duplicates"
TREATMENTS = "treatments"
READ_ONLY = 0o444


@dataclass(frozen=True)
class Wanted:
    """How a freeze is made: with how many processes, who is told of the progress, and when it is said to have been made."""

    workers: int = 1
    progress: Progress | None = None
    now: datetime | None = None


@dataclass
class _Counted:
    records: int = 0
    synthetic: int = 0
    rejected: int = 0


def write_freeze(source: Path | None, output: Path, knowledge: Knowledge, settings: ReadSettings, wanted: Wanted) -> Freeze:
    """Freeze all records of a source (None: JSON lines on standard input), and open what was written.

    Raises FreezeError where something is there already, SourceError for a source that cannot be used, OutputError where it cannot be
    written, LifeTableError and PopulationError for files of the settings that cannot be used, WorkerLost where a process ended.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise FreezeError(f"{output}: is there already, and a freeze is never overwritten. Name another folder, for example with the date.")
    plan, opened = read_plan(knowledge), open_source(source, knowledge)
    moments: dict[str, Moment] = {
        FACTS: OnDay(settings.settings.closing),
        BASELINE: plan.baseline_moment,
        DECISIONS: BeforeEach(TREATMENTS),
        FOLLOWED: AsRecorded(),
    }
    with written_aside(output) as aside:
        _keep_settings(settings, plan, aside / "settings")
        counted = _write_tables(opened, FreezeMaker(knowledge, moments), aside, wanted)
        facts = open_facts(aside / f"{FACTS}.parquet", knowledge)
        assess_table(facts, compile_cohort(knowledge), aside)
        versions = _judge(facts, aside, knowledge, settings)
        manifest = _manifest(aside, source, settings, plan, moments, counted, versions | _guidelines(knowledge))
        made = (wanted.now or datetime.now(UTC)).replace(microsecond=0).isoformat()
        final = replace(manifest, made=made, id=manifest.identified())
        (aside / MANIFEST).write_text(json.dumps(final.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        for file in aside.rglob("*"):
            if file.is_file():
                file.chmod(READ_ONLY)
    return open_freeze(output, knowledge)


def _keep_settings(settings: ReadSettings, plan: AnnualPlan, folder: Path) -> None:
    """The settings and the files that they name, each of which is read once to see that it can be, and serves the rates of the plan."""
    folder.mkdir()
    if settings.population is not None:
        population = read_population(settings.population)
        for name in plan.incidence.standards:
            population.by_age(population.years, standard_population(name).from_age)
    if settings.life_table is not None:
        read_life_table(settings.life_table)
    for file in (settings.file, settings.population, settings.life_table):
        if file is not None:
            target = folder / ("registry.yaml" if file is settings.file else file.relative_to(settings.file.parent))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


# -- what is known of every record -------------------------------------------------------------------------


def _write_tables(source: Source, maker: FreezeMaker, aside: Path, wanted: Wanted) -> _Counted:
    """Entities and facts of all records, each of which is read once."""
    layout, counted, patients = Layout(maker.knowledge.model), _Counted(), Patients(source)
    (aside / "entities").mkdir()
    entities = EntityTableFiles(aside / "entities", maker.knowledge)
    tables = {name: Parts(aside / f".{name}", layout.schema) for name in maker.moments}
    for frozen in _frozen(source, maker, wanted):
        patients.add(frozen.patients)
        entities.add(frozen.entities)
        for name, rows in frozen.facts.items():
            tables[name].add(rows)
        _reject(frozen, aside / "rejected.jsonl")
        counted.records += frozen.records
        counted.synthetic += frozen.synthetic
        counted.rejected += len(frozen.rejected)
        if wanted.progress is not None:
            wanted.progress(counted.records, source.total)
    if counted.records == counted.rejected:
        raise SourceError(f"{source.name}: none of the {counted.records} records can be used. 'nelm registry check' says what is wrong.")
    for name, table in tables.items():
        table.join(aside / f"{name}.parquet", layout.metadata() | {"nelm": nelm.__version__})
    entities.finish()
    return counted


def _frozen(source: Source, maker: FreezeMaker, wanted: Wanted) -> Iterator[Frozen]:
    total = source.total
    busy = wanted.workers if total is None else min(wanted.workers, math.ceil(total / BLOCK_RECORDS))
    with closing(all_made(maker, source.blocks(), busy)) as blocks:
        yield from blocks


def _reject(frozen: Frozen, file: Path) -> None:
    if frozen.rejected:
        with file.open("a", encoding="utf-8") as rejects:
            for problems in frozen.rejected:
                rejects.writelines(json.dumps(noted(problem), ensure_ascii=False) + "\n" for problem in problems)


# -- what is said of them ----------------------------------------------------------------------------------


def _judge(facts: FactsTable, aside: Path, knowledge: Knowledge, settings: ReadSettings) -> dict[str, str]:
    """Entry decisions and findings; returns with which criteria and checks."""
    entry = load_entry(knowledge)
    checks = load_checks(knowledge)
    rules, closing_day = load_quality(knowledge), settings.settings.closing
    decisions = entry_decisions(facts, entry)
    found = check_findings(facts, aside / "entities", checks, knowledge, closing_day)
    quality = quality_indices(facts, decisions, found, entry=entry, rules=rules, knowledge=knowledge, closing=closing_day)
    twice = duplicates(facts, checks.duplicates, knowledge.model)
    for name, frame in ((ENTRY, decisions), (FINDINGS, found), (QUALITY, quality.table), (DUPLICATES, twice.pairs)):
        frame.write_parquet(aside / f"{name}.parquet")
    return {f"entry {entry.id}": entry.version, f"checks {checks.id}": checks.version}


def _guidelines(knowledge: Knowledge) -> dict[str, str]:
    return {f"guideline {name}": compiled.guideline.version for name, compiled in knowledge.guidelines.items()}


def _manifest(
    aside: Path,
    source: Path | None,
    settings: ReadSettings,
    plan: AnnualPlan,
    moments: Mapping[str, Moment],
    counted: _Counted,
    versions: Mapping[str, str],
) -> Manifest:
    files = {file.relative_to(aside).as_posix(): file_entry(file, rows_of(file)) for file in sorted(aside.rglob("*")) if file.is_file()}
    return Manifest(
        registry=settings.settings.name,
        closing=settings.settings.closing,
        synthetic_records=counted.synthetic,
        sources=_sources(source),
        software=software_versions(),
        content={"digest": content_digest(), "annual report": plan.version, **versions},
        moments={name: moment.name for name, moment in moments.items()},
        counts={"records": counted.records, "rejected": counted.rejected},
        files=files,
    )


def _sources(source: Path | None) -> dict[str, FileEntry]:
    """The files that were frozen, by name; what came through a pipe cannot be read twice."""
    if source is None or not source.exists() or source.is_fifo():
        return {}
    files = [source] if source.is_file() else sorted(file for file in source.iterdir() if file.is_file())
    return {file.name: file_entry(file) for file in files}
