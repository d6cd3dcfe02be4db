"""The synthetic cohort of tests/epidemiology as others might keep it: other columns, other words, other signs."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from tests.epidemiology.test_net_survival import DATA, age_group, rows_of

DAYS_PER_YEAR = 365.241
COHORT, LIFE_TABLE = DATA / "cohort.csv", DATA / "lifetable.csv.gz"
GERMAN = {
    "person_id": "Kennung",
    "tumour_no": "Nr",
    "sex": "Geschlecht",
    "age": "Alter",
    "diag_date": "Diagnose",
    "exit_date": "Ende",
    "dead": "Gestorben",
    "grade": "Grad",
    "liver_met": "Leber",
    "agegr": "Altersgruppe",
}
GERMAN_OPTIONS = (
    *("--column", "person=Kennung", "--column", "sex=Geschlecht", "--column", "age=Alter", "--column", "diagnosed=Diagnose"),
    *("--column", "last_contact=Ende", "--column", "status=Gestorben", "--sex", "male=m,female=w", "--code", "dead=ja,alive=nein"),
    *("--age-unit", "years", "--date-order", "dmy", "--decimal", "comma", "--separator", ";", "--where", "Nr=1"),
)
GERMAN_YAML = """
columns: {person: Kennung, sex: Geschlecht, age: Alter, diagnosed: Diagnose, last_contact: Ende, status: Gestorben}
sex: {male: m, female: w}
status: {dead: ja, alive: nein}
age_unit: years
date_order: dmy
decimal: comma
separator: ";"
where: {Nr: 1}
"""


def in_german(row: Mapping[str, str]) -> dict[str, str]:
    """A row in years with decimal comma, days before months, and words of its own."""
    found = {name: row[name] for name in ("person_id", "tumour_no", "grade", "liver_met")}
    found |= {name: ".".join(reversed(row[name].split("-"))) for name in ("diag_date", "exit_date")}
    found["sex"] = {"1": "m", "2": "w"}[row["sex"]]
    found["dead"] = {"1": "ja", "0": "nein"}[row["dead"]]
    found["age"] = repr(int(row["age_days"]) / DAYS_PER_YEAR).replace(".", ",")
    found["agegr"] = age_group(row)
    return {GERMAN[name]: found[name] for name in GERMAN}


def write_german(file: Path) -> Path:
    """The whole cohort in a file with semicolons."""
    with file.open("w", encoding="utf-8", newline="") as text:
        table = csv.DictWriter(text, list(GERMAN.values()), delimiter=";")
        table.writeheader()
        table.writerows(in_german(row) for row in rows_of(COHORT))
    return file


def write_parquet(file: Path) -> Path:
    """The first tumours with days since diagnosis, ages in days, dates as dates, and truth values."""
    found = pl.read_csv(COHORT, try_parse_dates=True).filter(pl.col("tumour_no") == 1)
    found.select("person_id", "sex", "age_days", "diag_date", pl.col("time").alias("fu"), pl.col("dead") == 1, "grade").write_parquet(file)
    return file


PARQUET_OPTIONS = (
    *("--column", "time=fu", "--column", "age=age_days", "--column", "diagnosed=diag_date", "--column", "status=dead"),
    *("--sex", "male=1,female=2", "--code", "dead=true,alive=false", "--age-unit", "days"),
)
