"""One status per patient and statement, for a whole facts table, block by block."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import nelm
from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.facts_table import ABOUT
from nelm.cohort.tables import FactsTable, written_aside

VERDICTS, ABOUT_FILE = "verdicts", "verdicts.json"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Assessed:
    """Where the verdicts lie, and how often each statement had each status."""

    folder: Path
    patients: int
    counts: dict[str, Counter[str]]


def assess_table(table: FactsTable, compiled: CompiledCohort, output: Path, progress: Progress | None = None) -> Assessed:
    """Write a column per statement and a row per row of the facts table, as Parquet files in `output`/verdicts.

    Everything is written aside and takes its place at the end: an interrupted run leaves what was there before.
    Raises FactsTableError for a value that is not permitted, OutputError where the output cannot be written.
    """
    engine = compiled.status_engine(compiled.statements)
    counts: dict[str, Counter[str]] = {statement.key: Counter() for statement in compiled.statements}
    done = 0
    with written_aside(output / VERDICTS) as folder, ThreadPoolExecutor(1) as writer:
        waiting: Future[None] | None = None  # one block is written while the next is read and judged
        for number, block in enumerate(table.blocks([*ABOUT, *engine.engine.columns]), start=1):
            verdicts, counted = engine.counted(block)
            for name, words in counted.items():
                counts[name].update(words)
            if waiting:
                waiting.result()
            waiting = writer.submit(_write, block.select(list(ABOUT)).hstack(verdicts), folder / f"part-{number:05d}.parquet")
            done += block.height
            if progress:
                progress(done, table.height)
        if waiting:
            waiting.result()
        (folder / ABOUT_FILE).write_text(json.dumps(_about(table, compiled, counts), indent=1), encoding="utf-8")
    return Assessed(output / VERDICTS, done, counts)


def assess_with_spark(table: FactsTable, compiled: CompiledCohort, output: Path, progress: Progress | None = None) -> Path:
    """The same statuses by Spark, as plain text and in no order; the values of the table are looked at first.

    Raises SparkNotInstalled, and as `assess_table`.
    """
    from nelm.cohort.spark_engine import statuses_with_spark

    done = 0
    for block in table.blocks(compiled.status_engine(compiled.statements).engine.columns):
        done += block.height
        if progress:
            progress(done, table.height)
    with written_aside(output / VERDICTS) as folder:
        statuses_with_spark(table.path, folder, compiled, overwrite=True)
        (folder / ABOUT_FILE).write_text(json.dumps(_about(table, compiled, None), indent=1), encoding="utf-8")
    return output / VERDICTS


def _write(verdicts: pl.DataFrame, file: Path) -> None:
    verdicts.write_parquet(file, compression_level=1, statistics=False)


def _about(table: FactsTable, compiled: CompiledCohort, counts: dict[str, Counter[str]] | None) -> dict[str, object]:
    versions = {name: compiled.knowledge.guidelines[name].guideline.version for name in compiled.guidelines}
    return {"nelm": nelm.__version__, "guidelines": versions, "facts": table.path.name, "rows": table.height, "counts": counts}
