"""How fast a registry is checked: entry, findings, quality and duplicates over tables of a million patients.

    python -m benchmarks.registry_checks [--patients 1000000]

A few thousand made-up records are read once; their facts table and entity tables are then repeated, each copy with patients and
centres of its own, so that what is found in one is found in all. Each step runs in a process of its own. Figures of one run on one
machine.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.own_process import answer, measured
from nelm.cohort.facts_table import Layout
from nelm.cohort.records.json_lines import json_record
from nelm.cohort.records.making import Maker
from nelm.cohort.records.moments import OnDay, views_of
from nelm.cohort.records.parts import Parts
from nelm.cohort.records.write_entity_tables import write_entity_tables
from nelm.cohort.synthetic.content import load_description
from nelm.cohort.synthetic.simulate import simulate
from nelm.cohort.tables import FactsTable, open_facts
from nelm.knowledge.store import knowledge
from nelm.knowledge.yamlfile import Mark
from nelm.registry.checks.content import load_checks
from nelm.registry.checks.duplicates import duplicates
from nelm.registry.checks.whole_registry import check_findings
from nelm.registry.entry.content import load_entry
from nelm.registry.entry.decisions import entry_decisions
from nelm.registry.quality.content import load_quality
from nelm.registry.quality.indices import quality_indices

DIFFERENT, SEED = 2_000, 7
CLOSING = date(2025, 12, 31)
STEPS = ("entry", "checks", "duplicates", "quality")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registry_checks", description="How fast a registry is checked.")
    parser.add_argument("--patients", type=int, default=1_000_000, help="patients of the registry (default: 1 million)")
    copies = max(1, parser.parse_args().patients // DIFFERENT)
    with tempfile.TemporaryDirectory(prefix="nelm-bench-") as name:
        folder = Path(name)
        made = measured("benchmarks.registry_checks", "make", folder, copies)
        table = Table(title=f"{made['patients']:,} patients, {made['entries']:,} entries; {os.cpu_count()} cores, Polars {pl.__version__}")
        for column in ("step", "seconds", "patients a second", "peak memory", "found"):
            table.add_column(column, justify="left" if column in ("step", "found") else "right")
        for step in STEPS:
            found = measured("benchmarks.registry_checks", step, folder)
            memory = "?" if found["peak_mb"] is None else f"{found['peak_mb']:,.0f} MB"
            table.add_row(step, f"{found['seconds']:.1f}", f"{made['patients'] / found['seconds']:,.0f}", memory, found["found"])
        Console(width=140).print(table)


# -- the tables ---------------------------------------------------------------------------------------------------


def make(folder: str, copies: str) -> dict[str, Any]:
    """The facts table and the entity tables of the made-up records, repeated."""
    content, target, number = knowledge(), Path(folder), int(copies)
    made = simulate(load_description(content), content, DIFFERENT, SEED)
    records = [json_record(json.dumps(record), Mark("synthetic"), content) for record in made]
    layout, maker = Layout(content.model), Maker(content, OnDay(CLOSING))
    facts = layout.frame([row for record in records for row in maker.rows(record, views_of(record, content, OnDay(CLOSING)))])
    write_entity_tables(records, target / "once", content)
    patients = _repeat(facts, number, target / "facts.parquet", layout.metadata())
    (target / "entities").mkdir()
    entries = sum(
        _repeat(pl.read_parquet(file), number, target / "entities" / file.name, {}) for file in sorted((target / "once").glob("*.parquet"))
    )
    return {"patients": patients, "entries": entries}


def _repeat(frame: pl.DataFrame, copies: int, file: Path, metadata: dict[str, str]) -> int:
    parts = Parts(file.with_suffix(".parts"), frame.schema)
    own = [name for name in ("patient", "centre") if name in frame.columns]
    for number in range(copies):
        parts.add(frame.with_columns(pl.concat_str(pl.col(name), pl.lit(f"-{number}")) for name in own))
    parts.join(file, metadata)
    return parts.rows


# -- the steps ------------------------------------------------------------------------------------------------------


def _facts(folder: Path) -> FactsTable:
    return open_facts(folder / "facts.parquet", knowledge())


def _timed(run: Callable[[], str]) -> dict[str, Any]:
    start = time.perf_counter()
    found = run()
    return {"seconds": time.perf_counter() - start, "found": found}


def entry(folder: str) -> dict[str, Any]:
    path, criteria = Path(folder), load_entry(knowledge())
    facts = _facts(path)

    def run() -> str:
        decisions = entry_decisions(facts, criteria)
        decisions.write_parquet(path / "entry.parquet")
        return ", ".join(f"{number:,} {word}" for word, number in decisions.group_by("decision").len().sort("decision").iter_rows())

    return _timed(run)


def checks(folder: str) -> dict[str, Any]:
    path, content = Path(folder), knowledge()
    facts, rules = _facts(path), load_checks(content)

    def run() -> str:
        findings = check_findings(facts, path / "entities", rules, content, CLOSING)
        findings.write_parquet(path / "findings.parquet")
        return ", ".join(f"{number:,} {word}s" for word, number in findings.group_by("severity").len().sort("severity").iter_rows())

    return _timed(run)


def find_duplicates(folder: str) -> dict[str, Any]:
    content = knowledge()
    facts, rule = _facts(Path(folder)), load_checks(content).duplicates
    return _timed(lambda: f"{duplicates(facts, rule, content.model).pairs.height:,} pairs")


def quality(folder: str) -> dict[str, Any]:
    path, content = Path(folder), knowledge()
    facts, criteria, rules = _facts(path), load_entry(content), load_quality(content)
    decisions, findings = pl.read_parquet(path / "entry.parquet"), pl.read_parquet(path / "findings.parquet")

    def run() -> str:
        found = quality_indices(facts, decisions, findings, entry=criteria, rules=rules, knowledge=content, closing=CLOSING)
        return f"{found.table['centre'].n_unique() - 1:,} centres"

    return _timed(run)


if __name__ == "__main__":
    import sys

    parts: dict[str, Callable[..., dict[str, Any]]] = {
        "make": make, "entry": entry, "checks": checks, "duplicates": find_duplicates, "quality": quality,
    }  # fmt: skip
    if len(sys.argv) > 1 and sys.argv[1] in parts:
        answer(parts)
    else:
        main()
