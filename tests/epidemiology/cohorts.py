"""The persons that the tests of survival share: the synthetic cohort, colrec where it is at hand, and made-up ones under a flat table.

`data/` is synthetic and made for this project. colrec and slopop (GPL) are no part of it: tests take their folder from
NELM_REFERENCE_DATA, R's results from `outputs` beside it, and are skipped without.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from nelm.epidemiology.follow_up import FollowUp, follow_up
from nelm.epidemiology.life_table import Cell, LifeTable, life_table_of, read_life_table

DATA = Path(__file__).parent / "data"
SEX = {"1": "male", "2": "female"}

Row = Mapping[str, str]

needs_reference_data = pytest.mark.skipif(
    "NELM_REFERENCE_DATA" not in os.environ, reason="NELM_REFERENCE_DATA is not set: third-party data are not part of the project"
)


def rows_of(path: Path) -> list[dict[str, str]]:
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def reference(name: str) -> list[dict[str, str]]:
    """The rows of a file in the folder of reference data, or of R's results."""
    folder = Path(os.environ["NELM_REFERENCE_DATA"])
    path = folder / name
    return rows_of(path if path.exists() else folder.parent / "outputs" / name)


@cache
def synthetic_table() -> LifeTable:
    return read_life_table(DATA / "lifetable.csv.gz")


@cache
def first_tumours() -> Sequence[Row]:
    """The first tumour of each person of the synthetic cohort, as R was given them."""
    return [row for row in rows_of(DATA / "cohort.csv") if row["tumour_no"] == "1"]


@cache
def synthetic() -> FollowUp:
    rows = first_tumours()
    return follow_up(
        sex=[SEX[row["sex"]] for row in rows],
        age_days=[float(row["age_days"]) for row in rows],
        diagnosis=[date.fromisoformat(row["diag_date"]) for row in rows],
        exit_days=[int(row["time"]) for row in rows],
        dead=[row["dead"] == "1" for row in rows],
    )


@cache
def slovenia() -> LifeTable:
    return read_life_table(Path(os.environ["NELM_REFERENCE_DATA"]) / "slopop_long.csv", missing_years="carry_forward")


@cache
def colrec() -> FollowUp:
    rows = reference("colrec.csv")
    return follow_up(
        sex=[SEX[row["sex"]] for row in rows],
        age_days=[float(row["age"]) for row in rows],
        diagnosis=[date.fromisoformat(row["diag_date"]) for row in rows],
        exit_days=[int(row["time"]) for row in rows],
        dead=[row["stat"] == "1" for row in rows],
    )


@cache
def flat_table(hazard: float) -> LifeTable:
    """The same hazard per day for both sexes at all ages from 0 to 109, 1980 to 2029."""
    return life_table_of(
        Cell(age, year, sex, hazard, f"{sex} {age} {year}")
        for sex in ("male", "female")
        for age in range(110)
        for year in range(1980, 2030)
    )


def some(exit_days: Sequence[int], dead: Sequence[int], entry_days: Sequence[int] | None = None) -> FollowUp:
    """Men of 20,000 days, diagnosed on 15 June 2000."""
    number = len(exit_days)
    return follow_up(
        sex=["male"] * number,
        age_days=[20_000] * number,
        diagnosis=[date(2000, 6, 15)] * number,
        exit_days=exit_days,
        dead=dead,
        entry_days=entry_days,
    )
