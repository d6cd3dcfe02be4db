"""The cohort part of `make bench`: how fast the same content is for many patients, and beside what.

    python -m benchmarks.cohort [--rows 10000000]

`--rows` is the size of the largest table; the others are 1/10, 2/10 and 5/10 of it, and everything else is measured on the
smallest. The patients are made up and repeat one another, which Parquet makes use of; nothing here says anything about real ones.
Figures of one run on one machine: the ratios, each from rounds that took turns, are what can be compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks import cohort_data as data
from benchmarks.by_hand_rules import RULES, SEED
from benchmarks.cohort_parts import CQL_PATIENTS, ROUNDS, SPARK_PATIENTS
from benchmarks.own_process import measured
from nelm.cohort.tables import BLOCK_ROWS
from nelm.knowledge.store import knowledge

PARTS = "benchmarks.cohort_parts"
STEPS = (1, 2, 5, 10)
Rows = list[tuple[str, str]]
console = Console(width=110)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cohort", description="How fast a cohort is judged.")
    parser.add_argument("--rows", type=int, default=10_000_000, help="patients of the largest table (default: 10 million)")
    rows: int = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="nelm-bench-") as name:
        folder = Path(name)
        if not data.room_for(folder, rows):
            sys.exit(
                f"{folder}: {rows:,} patients need {rows * data.BYTES_A_ROW / 1e9:.1f} GB there, and less is free. Ask for fewer: --rows."
            )
        run(folder, [max(1, rows * step // STEPS[-1]) for step in STEPS])


def run(folder: Path, sizes: Sequence[int]) -> None:
    content = knowledge()
    data.records(folder, content)
    console.print(
        f"{data.DIFFERENT:,} made-up patients (seed {data.SEED}), drawn again and again. {os.cpu_count()} cores, Polars {pl.__version__} "
        f"with {pl.thread_pool_size()} threads; blocks of {BLOCK_ROWS:,} patients. Medians of {ROUNDS} rounds, unless it says otherwise."
    )
    reading = measured(PARTS, "from_records", folder)
    show("From records to facts", [_reading(reading)])
    table = data.table(folder, content, sizes[0])
    memory, disk = measured(PARTS, "in_memory", table), measured(PARTS, "on_disk", table, ROUNDS)
    show(f"All that both documents say of {sizes[0]:,} patients", [*_in_memory(memory), *_on_disk(disk, sizes[0])])
    show(f"The same in CQL, {CQL_PATIENTS} patients", list(_cql(measured(PARTS, "cql", folder / "facts.parquet", table))))
    show(f"{len(RULES)} rules, drawn with seed {SEED}, {sizes[0]:,} patients", list(_hundred(measured(PARTS, "hundred", table))))
    show("Spark on this machine (no claim of speed)", list(_spark(measured(PARTS, "spark", data.table(folder, content, SPARK_PATIENTS)))))
    scale(folder, sizes)


def scale(folder: Path, sizes: Sequence[int]) -> None:
    """Time against rows, each size once, in a process of its own; a table is deleted before the next is made."""
    content = knowledge()
    table = Table(title="From Parquet to Parquet: time against rows (each once)", title_justify="left")
    for heading in ("Patients", "Seconds", "Of all processors", "Patients a second", "Peak memory"):
        table.add_column(heading, justify="right")
    measurements: dict[str, list[float]] = {"seconds": [], "processor_seconds": []}
    for rows in sizes:
        file = data.table(folder, content, rows)
        found = measured(PARTS, "on_disk", file)
        file.unlink()
        for name, seconds in measurements.items():
            seconds.append(found[name])
        rate = f"{rows / found['seconds']:,.0f}"
        table.add_row(f"{rows:,}", f"{found['seconds']:.1f}", f"{found['processor_seconds']:.1f}", rate, _memory(found))
    console.print(table)
    for name, label in (("seconds", "Seconds"), ("processor_seconds", "Seconds of all processors")):
        fit = statistics.linear_regression(sizes, measurements[name])
        agreement = statistics.correlation(sizes, measurements[name]) ** 2
        console.print(f"{label}: {fit.slope * 1e6:.2f} for a million patients, {fit.intercept:+.2f} in any case; R² = {agreement:.4f}")
    console.print("Where the two disagree, something else was running.")


def _memory(found: dict[str, Any]) -> str:
    return "not known here" if found["peak_mb"] is None else f"{found['peak_mb']:,.0f} MB"


def show(title: str, rows: Sequence[tuple[str, str]]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("What")
    table.add_column("Found", justify="right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _reading(found: dict[str, Any]) -> tuple[str, str]:
    return (f"{found['records']:,} records in JSON, one process", f"{found['records'] / found['seconds']:,.0f} records a second")


def _in_memory(found: dict[str, Any]) -> Rows:
    def rate(what: str) -> str:
        return f"{found['rows'] / found['seconds'][what]:,.0f} patients a second"

    return [
        (f"{found['columns']} columns of facts in memory", f"{found['frame_mb']:,.0f} MB"),
        (f"in memory: {found['definitions']} derivations and criteria ({found['nodes'][0]} nodes)", rate("definitions")),
        (f"in memory: statuses of {found['statements']} statements ({found['nodes'][1]} nodes)", rate("statuses")),
        ("in memory: both, one after the other", rate("both")),
        ("in memory: peak of the process", _memory(found)),
    ]


def _on_disk(found: dict[str, Any], rows: int) -> Rows:
    return [
        ("from Parquet to Parquet: statuses", f"{rows / found['seconds']:,.0f} patients a second"),
        ("from Parquet to Parquet: peak of the process", _memory(found)),
    ]


def _cql(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "skipped" in found:
        yield "skipped", found["skipped"]
        return
    engine = f"cql-execution {found['version']}, Node {found['node']}, both documents, one thread, loading left out"
    yield engine, f"{1 / found['seconds']['cql']:,.0f} patients a second"
    yield "NELM in memory (criteria and statuses), times as fast", f"{found['times']['in memory']:,.0f} ×"
    yield "NELM from Parquet to Parquet (statuses), times as fast", f"{found['times']['on disk']:,.0f} ×"


def _hundred(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    seconds, versions = found["seconds"], found["versions"]
    yield "compiled by NELM", f"{seconds['ours']:.2f} s"
    yield f"by hand, one lazy query of Polars {versions['Polars']}", f"{seconds['Polars']:.2f} s"
    yield f"by hand, one SELECT of DuckDB {versions['DuckDB']}", f"{seconds['DuckDB']:.2f} s"
    yield "NELM ÷ Polars by hand", f"{found['ratios']['Polars']:.2f}"
    yield "NELM ÷ DuckDB by hand", f"{found['ratios']['DuckDB']:.2f}"
    yield "answers that differ, NELM and Polars by hand (patients with nothing in dispute)", f"{found['differ']:,}"


def _spark(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "skipped" in found:
        yield "skipped", found["skipped"]
        return
    yield f"Spark {found['version']}: starting", f"{found['start']:.1f} s"
    yield "planning alone", f"{found['plan']:.1f} s"
    yield f"planning, running and writing {found['rows']:,} patients × {found['statements']} statements", f"{found['run']:.1f} s"
    yield "statuses that differ from those of Polars", f"{found['differ']:,}"


if __name__ == "__main__":
    main()
