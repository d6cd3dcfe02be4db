"""Findings: what a check says of one patient or entry, and the values that it found, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.criteria import Spans, Truth, Value
from nelm.knowledge.base import Knowledge
from nelm.patient.partial import date_as_written
from nelm.patient.words import NOT_KNOWN, value_in_words
from nelm.registry.checks.model import CLOSING, DATE, SEVERITIES, Named, Place

SEVERITY_TYPE = pl.Enum(SEVERITIES)
SCHEMA: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "check": pl.String(),
    "severity": SEVERITY_TYPE,
    "entity": pl.String(),
    "entry": pl.UInt32(),
    "field": pl.String(),
    "found": pl.String(),
    "message": pl.String(),
}
ORDER = ("patient", "severity", "check", "entity", "entry", "field", "found")


@dataclass(frozen=True)
class Finding:
    """What a check found: in which list of the record (`entity`, its key) and entry, counted from 1; both None for the patient.

    `field` names the facts behind it, `found` what was found there, and `message` what is wrong and what to do. Of a record that cannot
    be read the patient is not known.
    """

    patient: str | None
    check: str
    severity: str
    entity: str | None
    entry: int | None
    field: str
    found: str
    message: str


def ordered(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Findings as one table: each once, by patient, the graver ones first."""
    whole = pl.concat([pl.DataFrame(schema=SCHEMA), *(part.select(list(SCHEMA)).cast(SCHEMA) for part in parts)])  # type: ignore[arg-type]
    return whole.unique().sort(ORDER, nulls_last=True)


def findings_in(
    rows: pl.DataFrame,
    named: Named,
    *,
    field: pl.Expr,
    found: pl.Expr | pl.Series,
    record_key: str | None = None,
    entry: pl.Expr | None = None,
) -> pl.DataFrame:
    """What a check found in rows that have a patient each; in entries of a list where `record_key` and `entry` are given."""
    return rows.select(
        "patient",
        check=pl.lit(named.id),
        severity=pl.lit(named.severity),
        entity=pl.lit(record_key, dtype=pl.String),
        entry=pl.lit(None, dtype=pl.UInt32) if entry is None else entry,
        field=field,
        found=found,
        message=pl.lit(named.message),
    )


def as_frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """Findings of single records as the same table."""
    return ordered([pl.DataFrame([vars(found) for found in findings], schema=SCHEMA, orient="row")])


# -- values in words ------------------------------------------------------------------------------------------


def facts_in_words(facts: Iterable[str], values: Mapping[str, Value], knowledge: Knowledge) -> str:
    """`Grade as reported: NET G1; Ki-67 index: 30 %`: what is known of these facts."""
    return "; ".join(words for name in facts if (words := fact_in_words(name, values.get(name), knowledge)))


def fact_in_words(name: str, value: Value | None, knowledge: Knowledge) -> str | None:
    """A fact with its label; None where nothing is known of it."""
    if value is None or value is Truth.UNDETERMINED:
        return None
    words = value_in_words(name, value, knowledge)
    return None if words == NOT_KNOWN else f"{knowledge.label(name)}: {words}"


def days_in_words(days: Spans) -> str:
    """`2024-03-12`, `2024-03`, `2024`; days in several ranges apart from the first to the last."""
    return date_as_written(days if len(days.parts) == 1 else Spans.of([type(days.low)(days.low.low, days.high.high)], integral=True))


def place_in_words(place: Place, knowledge: Knowledge) -> str:
    """How a date is called: by the label of its element, or of its list."""
    if place.record_key is None:
        return f"{CLOSING} date"
    return f"{knowledge.entities[place.record_key].label}, date" if place.field == DATE else knowledge.label(place.field)


def facts_of_rows_in_words(facts: Iterable[str], rows: pl.DataFrame, layout: Layout, knowledge: Knowledge) -> pl.Series:
    """As `facts_in_words`, for rows of a facts table: each combination of columns is put into words once."""
    columns = {name: _in_words(name, rows, layout, knowledge) for name in facts}
    if not columns:
        return pl.repeat("", rows.height, eager=True)
    return pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator="; ", ignore_nulls=True)).to_series()


def _in_words(name: str, rows: pl.DataFrame, layout: Layout, knowledge: Knowledge) -> pl.Series:
    columns = list(layout.of_facts[name])
    different = rows.select(columns).unique()
    words = [fact_in_words(name, layout.values(row).get(name), knowledge) for row in different.iter_rows(named=True)]
    plain = rows.select(columns).join(
        different.with_columns(pl.Series("words", words, dtype=pl.String)), on=columns, how="left", nulls_equal=True, maintain_order="left"
    )["words"]
    apart = rows.select(*columns, "several_ranges").with_row_index("row").filter(pl.col("several_ranges").list.len() > 0)
    if apart.height == 0:
        return plain
    exact = [fact_in_words(name, layout.values(row).get(name), knowledge) for row in apart.iter_rows(named=True)]
    return plain.scatter(apart["row"], pl.Series(exact, dtype=pl.String))
