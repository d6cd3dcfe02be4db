"""What a hundred rules are written with by hand, over the columns of a facts table: each as Polars says it, and as SQL does.

A rule is true, false or null; null is undetermined. `&`, `|` and `~` are those of Polars, which SQL calls AND, OR and NOT, and
both reckon with null as Kleene does.

Two things that few patients have are left out, in favour of what is written by hand: numbers in two ranges apart count as one
range, and a derived fact that was held open on purpose counts as not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.knowledge.store import knowledge


class Needed(NamedTuple):
    """A column that several rules share, and how many of such columns stand above one another under it."""

    sql: str
    depth: int


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule in both languages; `needs` holds the columns that its SQL needs beside those of the table, each after those it needs."""

    polars: pl.Expr
    sql: str
    needs: Mapping[str, Needed] = field(default_factory=dict)

    def __and__(self, other: Rule) -> Rule:
        return Rule(self.polars & other.polars, f"({self.sql} AND {other.sql})", {**self.needs, **other.needs})

    def __or__(self, other: Rule) -> Rule:
        return Rule(self.polars | other.polars, f"({self.sql} OR {other.sql})", {**self.needs, **other.needs})

    def __invert__(self) -> Rule:
        return Rule(~self.polars, f"(NOT {self.sql})", self.needs)


@cache
def described() -> dict[str, Any]:
    """The columns of a facts table, as the file beside it says them."""
    facts: dict[str, Any] = Layout(knowledge().model).describe()["facts"]
    return facts


UNKNOWN = Rule(pl.lit(None, dtype=pl.Boolean), "CAST(NULL AS BOOLEAN)")


def fact(name: str) -> Rule:
    """A fact that is true or false."""
    return Rule(pl.col(name), name)


def has(name: str, *codes: str) -> Rule:
    """A coded fact is one of these codes."""
    bits = described()[name]["bits"]
    wanted = sum(bits[code] for code in codes)
    others = sum(bits.values()) - wanted
    column = pl.col(name)
    may, may_not = (column & wanted) != 0, (column & others) != 0
    return _asked(
        f"{name}_is_{'_or_'.join(codes)}",
        pl.when(may != may_not).then(may),
        f"CASE WHEN {name} & {wanted} = 0 THEN FALSE WHEN {name} & {others} = 0 THEN TRUE END",
    )


def differ(first: str, second: str) -> Rule:
    """Two coded facts, with the same codes, have different ones: both are known only where each has a single bit."""
    a, b = pl.col(first), pl.col(second)
    return _asked(
        f"{first}_differs_from_{second}",
        pl.when((a & b) == 0).then(True).when((a == b) & ((a & (a - 1)) == 0)).then(False),
        f"CASE WHEN {first} & {second} = 0 THEN TRUE WHEN {first} = {second} AND {first} & ({first} - 1) = 0 THEN FALSE END",
    )


def below(name: str, limit: float) -> Rule:
    """A number is below a limit: certainly where its highest value is, certainly not where its lowest is not."""
    low, high, high_open = pl.col(f"{name}_low"), pl.col(f"{name}_high"), _open(f"{name}_high_open")
    reached = high < limit if high_open is None else (high < limit) | ((high == limit) & high_open.polars)
    also = "" if high_open is None else f" OR ({name}_high = {limit} AND {high_open.sql})"
    return _asked(
        f"{name}_below_{limit}",
        pl.when(low >= limit).then(False).when(reached).then(True),
        f"CASE WHEN {name}_low >= {limit} THEN FALSE WHEN {name}_high < {limit}{also} THEN TRUE END",
    )


def above(name: str, limit: float) -> Rule:
    """A number is above a limit."""
    low, high, low_open = pl.col(f"{name}_low"), pl.col(f"{name}_high"), _open(f"{name}_low_open")
    reached = low > limit if low_open is None else (low > limit) | ((low == limit) & low_open.polars)
    also = "" if low_open is None else f" OR ({name}_low = {limit} AND {low_open.sql})"
    return _asked(
        f"{name}_above_{limit}",
        pl.when(high <= limit).then(False).when(reached).then(True),
        f"CASE WHEN {name}_high <= {limit} THEN FALSE WHEN {name}_low > {limit}{also} THEN TRUE END",
    )


def at_most(name: str, limit: float) -> Rule:
    return ~above(name, limit)


def at_least(name: str, limit: float) -> Rule:
    return ~below(name, limit)


def exactly(name: str, number: int) -> Rule:
    """A count is a certain number."""
    low, high = pl.col(f"{name}_low"), pl.col(f"{name}_high")
    return _asked(
        f"{name}_is_{number}",
        pl.when((low > number) | (high < number)).then(False).when((low == number) & (high == number)).then(True),
        f"CASE WHEN {name}_low > {number} OR {name}_high < {number} THEN FALSE "
        f"WHEN {name}_low = {number} AND {name}_high = {number} THEN TRUE END",
    )


def entered(name: str, computed: Rule) -> Rule:
    """A derived fact that can also be entered: what is entered goes before what is computed."""
    rule = Rule(pl.coalesce(name, computed.polars), f"coalesce({name}, {computed.sql})", computed.needs)
    return named(f"{name}_or_computed", rule)


def entered_code(name: str, *codes: str, computed: Rule) -> Rule:
    """The same of a coded fact: where anything is entered, that alone says whether it is one of these codes."""
    own = has(name, *codes)
    rule = Rule(
        pl.when(pl.col(name).is_null()).then(computed.polars).otherwise(own.polars),
        f"CASE WHEN {name} IS NULL THEN {computed.sql} ELSE {own.sql} END",
        {**own.needs, **computed.needs},
    )
    return named(f"{own.sql}_or_computed", rule)


def _open(column: str) -> Rule | None:
    """Whether an end does not belong to its range; the ends of counts always do."""
    return fact(column) if column in described()[column.rsplit("_", 2)[0]]["columns"] else None


def _asked(name: str, polars: pl.Expr, sql: str) -> Rule:
    return named(name, Rule(polars, sql))


def named(name: str, rule: Rule) -> Rule:
    """A rule that others use, as a column of its own; Polars sees by itself that it is used more than once."""
    depth = 1 + max((needed.depth for needed in rule.needs.values()), default=-1)
    return Rule(rule.polars, name, {**rule.needs, name: Needed(rule.sql, depth)})
