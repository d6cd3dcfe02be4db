"""The facts tables that the cohort is judged on: made-up records, their facts, and these facts over and over again."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.cohort.records.moments import AsRecorded
from nelm.cohort.records.parts import PART_ROWS
from nelm.cohort.records.to_facts import facts_table_from
from nelm.cohort.synthetic.content import load_description
from nelm.cohort.synthetic.simulate import write_records
from nelm.knowledge.base import Knowledge

DIFFERENT, SEED = 2_000, 20_140_101
TILE_ROWS = 1_000_000
BYTES_A_ROW = 500  # on disk, for the facts and the verdicts, with room to spare


def records(folder: Path, knowledge: Knowledge) -> Path:
    """Made-up records, one a line."""
    file = folder / "records.jsonl"
    write_records(load_description(knowledge), knowledge, file, DIFFERENT, SEED)
    return file


def facts(folder: Path, knowledge: Knowledge) -> Path:
    """The facts of these records, made in this process alone."""
    file = folder / "facts.parquet"
    facts_table_from(folder / "records.jsonl", file, knowledge, AsRecorded())
    return file


def table(folder: Path, knowledge: Knowledge, rows: int) -> Path:
    """A facts table of so many rows: those of the records, drawn with replacement and then repeated, each with a patient of its own."""
    file = folder / f"facts-{rows}.parquet"
    if not file.exists():
        tile = _tile(folder, min(rows, TILE_ROWS))
        tiles = [
            pl.scan_parquet(tile).with_columns(patient=pl.format("{}-{}", pl.lit(number), "patient"))
            for number in range(math.ceil(rows / TILE_ROWS))
        ]
        pl.concat(tiles).head(rows).sink_parquet(file, row_group_size=PART_ROWS, metadata=Layout(knowledge.model).metadata())
    return file


def _tile(folder: Path, rows: int) -> Path:
    file = folder / f"tile-{rows}.parquet"
    if not file.exists():
        drawn = pl.read_parquet(folder / "facts.parquet").sample(rows, with_replacement=True, seed=SEED)
        drawn.with_columns(patient=pl.int_range(pl.len()).cast(pl.String)).write_parquet(file, row_group_size=PART_ROWS)
    return file


def room_for(folder: Path, rows: int) -> bool:
    return shutil.disk_usage(folder).free > rows * BYTES_A_ROW
