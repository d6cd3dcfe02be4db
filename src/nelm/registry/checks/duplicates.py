"""Persons who may stand in a centre twice: pairs of records to look at. Nobody is merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.cohort.tables import FactsTable
from nelm.criteria import Model
from nelm.registry.checks.model import DuplicateRule
from nelm.registry.entry.content import CENTRE

NEAR, NOT_KNOWN = "near", "not known"
SCHEMA: dict[str, pl.DataType] = {"centre": pl.String(), "patient": pl.String(), "other": pl.String(), "dates": pl.String()}


@dataclass(frozen=True)
class Duplicates:
    """Pairs of records of one centre that may be of one person, each once.

    `dates` says whether their dates are certainly near, or may be, as one of them is not known well enough. `not_compared` counts the
    records that have no centre, or do not know to the day what has to be the same.
    """

    pairs: pl.DataFrame
    compared: int
    not_compared: int


def duplicates(facts: FactsTable | Iterable[pl.DataFrame], rule: DuplicateRule, model: Model) -> Duplicates:
    """The pairs in a facts table, or in its blocks, by the rule of the content."""
    columns = columns_for(rule, model)
    blocks = facts.blocks(columns) if isinstance(facts, FactsTable) else facts
    schema = {"patient": pl.String(), **{name: Layout(model).schema[name] for name in columns if name != "patient"}}
    whole = pl.concat([pl.DataFrame(schema=schema), *(block.select(columns) for block in blocks)]).with_row_index("row")
    comparable = whole.filter(_is_comparable(rule))
    keys = [CENTRE, *(f"{name}_low" for name in rule.same)]
    pairs = comparable.join(comparable, on=keys, suffix=" other").filter(pl.col("row") < pl.col("row other"))
    found = pairs.filter(reduce(and_, _may_be_one(rule, model))).select(
        CENTRE,
        "patient",
        pl.col("patient other").alias("other"),
        pl.when(_is_near(rule)).then(pl.lit(NEAR)).otherwise(pl.lit(NOT_KNOWN)).alias("dates"),
    )
    return Duplicates(found.sort("centre", "patient", "other"), comparable.height, whole.height - comparable.height)


def columns_for(rule: DuplicateRule, model: Model) -> list[str]:
    """The columns of a facts table that the rule reads."""
    of_facts = Layout(model).of_facts
    named = (*rule.same, *rule.not_different, rule.near.date)
    return list(dict.fromkeys(["patient", CENTRE, *(column for name in named for column in of_facts[name])]))


def _is_comparable(rule: DuplicateRule) -> pl.Expr:
    """The centre is known, and what has to be the same is known to the day."""
    settled = (pl.col(f"{name}_low") == pl.col(f"{name}_high") for name in rule.same)
    return reduce(and_, settled, pl.col(CENTRE).is_not_null()).fill_null(False)


def _may_be_one(rule: DuplicateRule, model: Model) -> Iterator[pl.Expr]:
    layout = Layout(model)
    for name in rule.not_different:
        nothing = pl.lit(0, dtype=layout.schema[name])
        yield (pl.col(name) & pl.col(f"{name} other")).ne_missing(nothing)
    yield (_least_days(rule) <= rule.near.days).fill_null(True)


def _least_days(rule: DuplicateRule) -> pl.Expr:
    """The fewest days that may lie between the two dates."""
    low, high = f"{rule.near.date}_low", f"{rule.near.date}_high"
    return pl.max_horizontal(_days(f"{high} other", low), _days(high, f"{low} other"))


def _is_near(rule: DuplicateRule) -> pl.Expr:
    """The two dates are certainly near, whatever days of those still possible they are."""
    low, high = f"{rule.near.date}_low", f"{rule.near.date}_high"
    most = pl.max_horizontal(_days(f"{low} other", high), _days(low, f"{high} other"))
    known = pl.col(low).is_not_null() & pl.col(f"{low} other").is_not_null()
    return known & (most <= rule.near.days)


def _days(first: str, second: str) -> pl.Expr:
    return pl.col(second).to_physical() - pl.col(first).to_physical()
