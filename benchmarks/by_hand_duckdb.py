"""The hundred rules in DuckDB's SQL: one SELECT of plain nullable logic, over columns for what the rules share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.by_hand_rules import RULES


def statement(table: str) -> str:
    """What rules share is a column of a step before; the last step is the hundred rules."""
    needed = {name: item for rule in RULES.values() for name, item in rule.needs.items()}
    steps: list[str] = []
    for depth in range(1 + max(item.depth for item in needed.values())):
        made = ",\n".join(f"  {item.sql} AS {name}" for name, item in needed.items() if item.depth == depth)
        steps.append(f"step_{depth} AS (\nSELECT *,\n{made}\nFROM {f'step_{depth - 1}' if depth else table})")
    chosen = ",\n".join(f'  {rule.sql} AS "{name}"' for name, rule in RULES.items())
    return f"WITH {', '.join(steps)}\nSELECT\n{chosen}\nFROM step_{len(steps) - 1}"


@contextmanager
def loaded(file: Path, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A facts table from Parquet in DuckDB's own memory, as `facts`."""
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute(f"CREATE TABLE facts AS SELECT * FROM read_parquet('{file}')")
        yield connection


def run(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """A nullable column for each rule."""
    return pl.DataFrame(connection.sql(statement("facts")))
