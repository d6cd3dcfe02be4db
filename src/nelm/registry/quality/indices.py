"""How good the records are, centre by centre and in all: shares with their denominators, timeliness, completeness of follow-up.

Counts are plain; small ones are held back where they are printed. What is not known is counted beside every share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from nelm.cohort.polars_engine import PolarsEngine
from nelm.cohort.tables import FactsTable
from nelm.criteria import Expression
from nelm.criteria.columns import Columns
from nelm.knowledge.base import Knowledge
from nelm.registry.checks.model import SEVERITIES
from nelm.registry.entry.content import CENTRE, EntryCriteria
from nelm.registry.entry.decisions import DECISIONS
from nelm.registry.quality.content import QualityRules

ALL_CENTRES, NO_CENTRE = "all centres", "not recorded"
PERCENT, DAYS, RECORDS = "percent", "days", "records"
SCHEMA: dict[str, pl.DataType] = {
    "centre": pl.String(),
    "index": pl.String(),
    "label": pl.String(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "not_known": pl.Int64(),
    "value": pl.Float64(),
    "unit": pl.String(),
}


@dataclass(frozen=True)
class Quality:
    """The indices, a row for each centre and index, all centres together first.

    `value` is a percentage of the denominator, or a number of days; None where nobody is in the denominator. `not_known` counts the
    records of the denominator, or (of days and of follow-up time) of all, of which the index is not known.
    """

    closing: date
    table: pl.DataFrame

    def value(self, index: str, centre: str = ALL_CENTRES) -> float | None:
        """One index of one centre. Raises KeyError where there is none."""
        found = self.table.filter((pl.col("centre") == centre) & (pl.col("index") == index))["value"]
        if found.is_empty():
            raise KeyError(f"{index} of {centre}")
        value: float | None = found.item()
        return value


def quality_indices(
    facts: FactsTable | Iterable[pl.DataFrame],
    decisions: pl.DataFrame,
    findings: pl.DataFrame,
    *,
    entry: EntryCriteria,
    rules: QualityRules,
    knowledge: Knowledge,
    closing: date,
) -> Quality:
    """The indices of a registry whose data are complete to `closing`.

    `facts` is an open facts table, or its blocks (with the columns that `QualityTable.columns` names); `decisions` are those of
    `entry_decisions`, `findings` those of `check_findings`, on the same patients.
    """
    measuring = QualityTable(rules, entry, knowledge, closing)
    blocks = facts.blocks(measuring.columns) if isinstance(facts, FactsTable) else facts
    rows = pl.concat([measuring.run(pl.DataFrame(schema=measuring.layout_schema)), *(measuring.run(block) for block in blocks)])
    rows = rows.join(decisions.select("patient", "decision"), on="patient", how="left", maintain_order="left")
    graded = {name: findings.filter(pl.col("severity") == name).select("patient").unique() for name in SEVERITIES}
    rows = rows.with_columns(pl.col("patient").is_in(found["patient"].implode()).alias(f"has {name}") for name, found in graded.items())
    indices = [*_of_records(), *measuring.indices()]
    sums = [expression.alias(f"{number} {part}") for number, index in enumerate(indices) for part, expression in index.parts.items()]
    whole = rows.select(pl.lit(ALL_CENTRES).alias(CENTRE), *sums)
    by_centre = rows.group_by(CENTRE).agg(sums).sort(CENTRE)
    lines = [index.line(row, number) for row in pl.concat([whole, by_centre]).iter_rows(named=True) for number, index in enumerate(indices)]
    return Quality(closing, pl.DataFrame(lines, schema=SCHEMA, orient="row"))


# -- one index --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Index:
    """An index as sums over the rows of a centre: a share of 100, or (`days`) a median."""

    name: str
    label: str
    numerator: pl.Expr
    denominator: pl.Expr
    not_known: pl.Expr
    unit: str = PERCENT

    @property
    def parts(self) -> dict[str, pl.Expr]:
        return {"numerator": self.numerator, "denominator": self.denominator, "not known": self.not_known}

    def line(self, row: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The row of the table for a centre."""
        above, below, unknown = (row[f"{number} {part}"] for part in self.parts)
        value = None if not below else above if self.unit != PERCENT else 100.0 * above / below
        return {
            "centre": row[CENTRE],
            "index": self.name,
            "label": self.label,
            "numerator": None if above is None or self.unit == DAYS else float(above),
            "denominator": float(below),
            "not_known": int(unknown),
            "value": None if value is None else float(value),
            "unit": self.unit,
        }


def _share(name: str, label: str, counted: pl.Expr, among: pl.Expr | None = None, not_known: pl.Expr | None = None) -> Index:
    """A share of records: where `counted`, of those `among`."""
    everybody = pl.lit(True) if among is None else among
    of = pl.len() if among is None else among.sum()
    unknown = pl.lit(0) if not_known is None else (not_known & everybody).sum()
    return Index(name, label, (counted & everybody).sum(), of, unknown)


def _of_records() -> Iterator[Index]:
    yield Index("records", "Records", pl.len(), pl.len(), pl.lit(0), RECORDS)
    for word in DECISIONS:
        yield _share(f"entry {word}", f"Entry: {word.replace('_', ' ')}", pl.col("decision").eq_missing(word))
    for severity in SEVERITIES:
        yield _share(f"records with {severity}s", f"Records with {severity}s", pl.col(f"has {severity}"))


# -- the facts that indices rest on -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class QualityTable:
    """What is measured of each patient; `columns` are those of the facts table that it reads."""

    rules: QualityRules
    entry: EntryCriteria
    knowledge: Knowledge
    closing: date

    @cached_property
    def columns(self) -> list[str]:
        late, follow = self.rules.file.timeliness, self.rules.file.follow_up
        items = [item.item for item in self.entry.required if item.item != CENTRE]
        needed = self._engine.layout.needed((late.from_, late.to, follow.from_, follow.seen, follow.died, *items))
        return list(dict.fromkeys(("patient", CENTRE, *self._engine.columns, *needed)))

    @property
    def layout_schema(self) -> dict[str, pl.DataType]:
        schema = self._engine.layout.schema
        return {name: schema[name] for name in self.columns}

    @cached_property
    def _engine(self) -> PolarsEngine:
        make, follow = Columns(self.knowledge.model), self.rules.file.follow_up

        def certainly(condition: Expression | None, *, otherwise: bool = True) -> int:
            return make.constant(otherwise) if condition is None else make.opposite(make.condition(condition).can_be_false)

        results: dict[str, int] = {}
        for name, condition in self.rules.counts.items():
            both = make.condition(condition)
            results[f"counts {name}"] = make.opposite(both.can_be_false)
            results[f"open {name}"] = make.all_of([both.can_be_true, both.can_be_false])
            results[f"among {name}"] = certainly(self.rules.among.get(name))
        for number, item in enumerate(self.entry.required):
            spared = certainly(item.unless, otherwise=False)
            results[f"required {number}"] = make.all_of([certainly(item.when), make.opposite(spared)])
        codes = frozenset(getattr(self.knowledge.model.type_of(follow.status), "codes", ()))
        for code in (follow.alive, follow.dead):
            results[f"is {code}"] = make.opposite(make.member(follow.status, codes - {code}))
        return PolarsEngine(make.program(results))

    def run(self, block: pl.DataFrame) -> pl.DataFrame:
        """A row for each patient of a block, with everything that the indices add up."""
        answers = pl.DataFrame([column.alias(name) for name, column in self._engine.run(block).items()])
        about = block.select("patient", pl.col(CENTRE).fill_null(NO_CENTRE), *self._on_record, *self._times)
        return pl.concat([about, answers], how="horizontal").with_columns(**self._follow_up)

    @property
    def _on_record(self) -> Iterator[pl.Expr]:
        for number, item in enumerate(self.entry.required):
            column = CENTRE if item.item == CENTRE else next(iter(self._engine.layout.of_facts[item.item]))
            yield pl.col(column).is_not_null().alias(f"on record {number}")

    @property
    def _times(self) -> Iterator[pl.Expr]:
        late, follow = self.rules.file.timeliness, self.rules.file.follow_up
        yield (self._middle(late.to) - self._middle(late.from_)).alias("days to entry")
        for name, fact in (("start", follow.from_), ("seen", follow.seen), ("died", follow.died)):
            yield self._middle(fact).alias(name)

    def _middle(self, fact: str) -> pl.Expr:
        """A date as a number of days: the middle of the days that it may be; null where these are too many."""
        low, high = (pl.col(f"{fact}_{end}").to_physical().cast(pl.Float64) for end in ("low", "high"))
        return pl.when(high - low < self.rules.file.widest_days).then((low + high) / 2)

    @property
    def _follow_up(self) -> dict[str, pl.Expr]:
        """Observed and potential days of each patient of whom both are known; and whether the status at the closing date is."""
        rule = self.rules.file.follow_up
        closing = float(self.closing.toordinal() - date(1970, 1, 1).toordinal())
        dead, alive = pl.col(f"is {rule.dead}"), pl.col(f"is {rule.alive}")
        begun = pl.col("start") <= closing
        end = pl.when(dead).then(pl.col("died").clip(upper_bound=closing))
        seen = pl.when(alive).then(pl.col("seen").clip(upper_bound=closing))
        observed = pl.coalesce(end, seen) - pl.col("start")
        potential = pl.coalesce(end, pl.when(alive & pl.col("seen").is_not_null()).then(pl.lit(closing))) - pl.col("start")
        is_used = begun & (observed >= 0)
        known = dead | (alive & (pl.col("seen") >= closing - rule.grace_days))
        return {
            "observed": pl.when(is_used).then(observed),
            "potential": pl.when(is_used).then(potential),
            "status known": known.fill_null(False),
        }

    # -- the indices ----------------------------------------------------------------------------------------

    def indices(self) -> Iterator[Index]:
        for share in self.rules.file.shares:
            counts, among, still_open = (pl.col(f"{what} {share.name}") for what in ("counts", "among", "open"))
            yield _share(share.name, share.label, counts, among, still_open)
        for number, item in enumerate(self.entry.required):
            lacking = ~pl.col(f"on record {number}")
            label = "Reporting centre" if item.item == CENTRE else self.knowledge.label(item.item)
            yield _share(f"unknown {item.item}", f"Not on record: {label}", lacking, pl.col(f"required {number}"))
        yield from self._timeliness()
        yield from self._completeness()

    def _timeliness(self) -> Iterator[Index]:
        days = pl.col("days to entry")
        used = (days >= 0).fill_null(False)
        yield Index("days to entry", "Days from diagnosis to entry, median", days.filter(used).median(), used.sum(), (~used).sum(), DAYS)
        for limit in self.rules.file.timeliness.within_days:
            yield Index(
                f"entry within {limit} days", f"Entered within {limit} days", (used & (days <= limit)).sum(), used.sum(), (~used).sum()
            )

    def _completeness(self) -> Iterator[Index]:
        observed, potential = pl.col("observed"), pl.col("potential")
        yield Index(
            "completeness of follow-up", "Follow-up time observed, of what could be (index C)", observed.sum(), potential.sum(), observed.is_null().sum()
        )  # fmt: skip
        yield _share("status known at closing", "Status known at the closing date", pl.col("status known"))
