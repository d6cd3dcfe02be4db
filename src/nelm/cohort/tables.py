"""Facts tables on disk: opened with care, read in blocks, and outputs that are never left half written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from nelm.cohort.facts_table import METADATA_KEY, Layout
from nelm.criteria import CodedType, DateType, NumberType, Spans
from nelm.knowledge.base import Knowledge

BLOCK_ROWS = 262_144  # patients judged at once; a column of answers then takes 32 kB


class FactsTableError(Exception):
    """A facts table that cannot be used: which file, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class FactsTable:
    """A facts table whose columns were checked. Values are checked block by block, as they are read."""

    path: Path
    layout: Layout
    height: int
    notes: tuple[str, ...] = ()

    def blocks(self, columns: Sequence[str], rows: int = BLOCK_ROWS) -> Iterator[pl.DataFrame]:
        """The table in blocks of rows, in order. Raises FactsTableError for a value that is not permitted."""
        wanted = [name for name in self.layout.schema if name in {"patient", *columns}]
        scan = pl.scan_parquet(self.path).select(wanted)
        for start in range(0, self.height, rows):
            with _readable(self.path):
                block = scan.slice(start, rows).collect()
            self.check(block)
            yield block.rechunk()

    def check(self, block: pl.DataFrame) -> None:
        """Every value is one that the dictionary permits. Raises FactsTableError naming the first that is not."""
        tests = dict(_wrong_values(self.layout, block.columns))
        if not tests:
            return
        found = block.select(test.any(ignore_nulls=True).alias(name) for name, test in tests.items()).row(0, named=True)
        for name, wrong in found.items():
            if wrong:
                row = block.filter(tests[name]).row(0, named=True)
                raise FactsTableError(_wrong_value(self.path, name, row, self.layout))


def open_facts(path: Path, knowledge: Knowledge) -> FactsTable:
    """A facts table, its columns held against the dictionary.

    Raises FactsTableError where the file is missing, cannot be read, holds nobody or somebody twice, lacks a column, has one
    of another type, or was made with another dictionary.
    """
    layout = Layout(knowledge.model)
    file = path / "facts.parquet" if path.is_dir() else path
    if not file.is_file():
        raise FactsTableError(f"{file}: there is no such file. 'nelm cohort facts RECORDS --output {file}' makes one.")
    with _readable(file):
        schema = dict(pl.read_parquet_schema(file))
        metadata = pl.read_parquet_metadata(file)
    _check_dictionary(file, metadata, layout)
    _check_columns(file, schema, layout)
    with _readable(file):
        height = int(pl.scan_parquet(file).select(pl.len()).collect().item())
        if height == 0:
            raise FactsTableError(f"{file}: the table has columns and no rows. Make it from records: 'nelm cohort facts'.")
        _check_patients(file)
    notes = (
        () if METADATA_KEY in metadata else (f"{file} does not say which dictionary it was made with; it is read with the present one.",)
    )
    return FactsTable(file, layout, height, notes)


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Whatever Polars finds wrong with a file, as one message."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        first = str(error).strip().splitlines()[0]
        raise FactsTableError(
            f"{file}: this is not a Parquet file that can be read ({first}). Make it anew: 'nelm cohort facts'."
        ) from None


# -- what the table must look like ----------------------------------------------------------------------


def _check_dictionary(file: Path, metadata: dict[str, str], layout: Layout) -> None:
    """The bits of coded facts mean what they mean today."""
    if METADATA_KEY not in metadata:
        return
    made_with: dict[str, Any] = json.loads(metadata[METADATA_KEY])["facts"]
    now: dict[str, Any] = layout.describe()["facts"]
    changed = sorted(name for name in made_with.keys() & now.keys() if made_with[name] != now[name])
    if changed:
        raise FactsTableError(
            f"{file}: made with another dictionary; these facts have since changed: {_some(changed)}. Make the table anew: 'nelm cohort facts'."
        )


def _check_columns(file: Path, schema: dict[str, pl.DataType], layout: Layout) -> None:
    missing = [name for name in layout.schema if name not in schema]
    if missing:
        raise FactsTableError(
            f"{file}: {len(missing)} of {len(layout.schema)} columns are missing: {_some(missing)}. Make the table anew: 'nelm cohort facts'."
        )
    for name, wanted in layout.schema.items():
        if schema[name] != wanted:
            raise FactsTableError(
                f"{file}: column {name!r} is of type {schema[name]}. Permitted: {wanted}. Make the table anew: 'nelm cohort facts'."
            )


def _check_patients(file: Path) -> None:
    """Every row names its patient, and nobody stands there twice for one event."""
    scan = pl.scan_parquet(file)
    nameless = scan.select(pl.col("patient").is_null().sum()).collect().item()
    if nameless:
        raise FactsTableError(f"{file}: {nameless} rows have no patient. Every row needs the id of its patient.")
    keys = scan.select(key=pl.struct("patient", "event").hash())
    counts = keys.select(all=pl.len(), different=pl.col("key").n_unique()).collect().row(0, named=True)
    if counts["all"] != counts["different"]:
        twice = scan.group_by("patient", "event").len().filter(pl.col("len") > 1).sort("patient").head(3).collect()
        named = [f"{patient}{f' ({event})' if event else ''}" for patient, event in twice.select("patient", "event").iter_rows()]
        if named:
            raise FactsTableError(
                f"{file}: patients that stand there more than once: {_some(named)}. Keep one row for each patient and event."
            )


def _some(names: Sequence[str], most: int = 5) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def _wrong_values(layout: Layout, columns: Sequence[str]) -> Iterator[tuple[str, pl.Expr]]:
    """For each fact among the columns when its value is one that cannot be."""
    present = set(columns)
    for name, of_fact in layout.of_facts.items():
        if not of_fact.keys() <= present:
            continue
        kind = layout.model.types[name]
        if isinstance(kind, CodedType):
            everything = (1 << len(kind.codes)) - 1
            yield name, (pl.col(name) < 1) | (pl.col(name) > everything)
        elif isinstance(kind, NumberType | DateType):
            yield name, _wrong_number(name, kind, layout)


def _wrong_number(name: str, kind: NumberType | DateType, layout: Layout) -> pl.Expr:
    low, high = pl.col(f"{name}_low"), pl.col(f"{name}_high")
    wrong = (low > high) | (low.is_null() != high.is_null())
    domain = layout.model.domain_of(name)
    if isinstance(kind, NumberType) and isinstance(domain, Spans):
        return wrong | low.is_nan() | high.is_nan() | (low < domain.low.low) | (high > domain.high.high)
    return wrong


def _wrong_value(file: Path, name: str, row: dict[str, Any], layout: Layout) -> str:
    kind, who = layout.model.types[name], f"{file}: patient {row['patient']}: {name}"
    if isinstance(kind, CodedType):
        return (
            f"{who}: found {row[name]}. Permitted: a sum of bits from 1 to {(1 << len(kind.codes)) - 1}, "
            f"one for each of {', '.join(kind.codes)}. Correct the row, or make the table anew."
        )
    domain = layout.model.domain_of(name)
    assert isinstance(domain, Spans), f"{name} is not a number"
    limits = (
        "a first and a last day"
        if isinstance(kind, DateType)
        else f"a lower and an upper end between {domain.low.low:g} and {domain.high.high:g}"
    )
    return (
        f"{who}: found {row[f'{name}_low']} to {row[f'{name}_high']}. Permitted: {limits}, in this order, or both empty. Correct the row."
    )


# -- outputs ---------------------------------------------------------------------------------------------


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """A folder to write into that takes the place of `target` only once everything in it is written.

    What an interrupted run left aside is removed first. Raises OutputError where it cannot be written.
    """
    aside = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        yield aside
        if target.is_dir():
            shutil.rmtree(target)
        aside.rename(target)
    except (OSError, pl.exceptions.ComputeError) as error:  # the second is what Polars makes of a full disk
        why = (error.strerror if isinstance(error, OSError) else None) or str(error).splitlines()[0]
        raise OutputError(
            f"{target}: cannot be written ({why}). Nothing was left there; choose another place or free some space."
        ) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


class OutputError(Exception):
    """An output that cannot be written."""
