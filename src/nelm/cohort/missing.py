"""What is missing most: the facts that open verdicts wait for, in the whole cohort and in groups of it.

A verdict is one statement for one patient. An undetermined verdict waits for a fact where the fact lies on a way from the
statement down to an open question (`nelm.criteria.waiting_columns`): these are exactly the facts that can still change it
where each occurs once in a condition; where facts are repeated one too many may be counted, never one too few. So a verdict
mostly waits for several facts at once, and the counts of all facts add up to more than there are verdicts.

`alone` counts the verdicts that wait for one fact and nothing else: this is what collecting it would settle, at best, since an
answer may itself be open ("grade 1 or 2").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.groups import Grouping, grouping
from nelm.cohort.polars_engine import PolarsEngine
from nelm.cohort.suppression import Mark, cell, cells, check_limit, protect_line
from nelm.knowledge.base import CompiledStatement, Knowledge

FACT, ROWS, VERDICTS, ALONE = "fact", "rows", "verdicts", "alone"
MEASURES = (ROWS, VERDICTS, ALONE)


@dataclass(frozen=True)
class Missing:
    """For each group and fact: of how many `rows` some verdict waits for it, how many `verdicts` do, and how many wait for it `alone`.

    `undetermined` is the number of open verdicts, `settled_by_nothing` of those that wait for no fact: the document itself leaves
    open whether it speaks about the patient.
    """

    knowledge: Knowledge
    groups: Grouping
    rows: int
    undetermined: int
    settled_by_nothing: int
    counts: pl.DataFrame

    @property
    def by(self) -> tuple[str, ...]:
        return self.groups.names

    @cached_property
    def overall_counts(self) -> pl.DataFrame:
        """A row per fact, the one that most verdicts wait for first; none that nothing waits for."""
        totals = self.counts.group_by(FACT, maintain_order=True).agg(pl.col(measure).sum() for measure in MEASURES)
        return totals.filter(pl.col(VERDICTS) > 0).sort(VERDICTS, ALONE, ROWS, descending=True, maintain_order=True)

    def overall(self, suppress_below: int | None = None) -> pl.DataFrame:
        """The ranking: how a fact is called, the counts, and the share of the open verdicts that wait for it, in percent."""
        rows: list[dict[str, object]] = []
        for fact, *counts in self.overall_counts.iter_rows():
            marks = _marks([counts], suppress_below)[1]
            shown = dict(zip(MEASURES, cells(counts, marks, suppress_below), strict=True))
            share: object = round(100 * counts[1] / self.undetermined, 1)
            if suppress_below is not None:
                share = str(share) if marks[1] is Mark.SHOWN else cell(0, Mark.HIDDEN, suppress_below)
            rows.append({FACT: fact, "label": self.knowledge.label(fact), **shown, "share_percent": share})
        number = pl.Float64() if suppress_below is None else pl.String()
        return pl.DataFrame(rows, schema={**_schema((FACT, "label"), suppress_below), "share_percent": number})

    def by_group(self, suppress_below: int | None = None) -> pl.DataFrame:
        """The same counts for each group, the facts in the order of the ranking."""
        width = len(self.by) + 1
        known = {row[:width]: row[width:] for row in self.counts.select(*self.by, FACT, *MEASURES).iter_rows()}
        keys = list(dict.fromkeys(self.counts.select(self.by).rows()))
        rows: list[dict[str, object]] = []
        for fact in self.overall_counts[FACT]:
            lines = [known.get((*key, fact), (0,) * len(MEASURES)) for key in keys]
            marks = _marks(lines, suppress_below)[0]
            for key, counts, line in zip(keys, lines, marks, strict=True):
                shown = dict(zip(MEASURES, cells(counts, line, suppress_below), strict=True))
                rows.append({**dict(zip(self.by, key, strict=True)), FACT: fact, "label": self.knowledge.label(fact), **shown})
        return pl.DataFrame(rows, schema=_schema((*self.by, FACT, "label"), suppress_below))


@dataclass(frozen=True)
class Waiting:
    """Counts what verdicts wait for over blocks of a facts table; `columns` are those that it reads."""

    knowledge: Knowledge
    groups: Grouping
    facts: Mapping[str, Sequence[str]]  # for each statement the facts that it can wait for
    engine: PolarsEngine

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys((*self.groups.columns, *self.engine.columns)))

    def run(self, blocks: Iterable[pl.DataFrame]) -> Missing:
        """The counts of all blocks together. A row of the table counts as one, be it a patient or an event."""
        rows = undetermined = by_nothing = 0
        parts: list[pl.DataFrame] = []
        for block in blocks:
            made = self._waiting(block)
            rows += block.height
            undetermined += _total(made, "open ", self.facts)
            by_nothing += _total(made, "nothing ", self.facts)
            parts = [self._added([*parts, self._of(block, made)])]
        counts = self.groups.sorted(parts[0]) if parts else self._added([])
        return Missing(self.knowledge, self.groups, rows, undetermined, by_nothing, counts)

    def _waiting(self, block: pl.DataFrame) -> pl.DataFrame:
        """For each statement whether it is open, for how many facts it waits, and for which."""
        made = pl.DataFrame([column.alias(name) for name, column in self.engine.run(block).items()])
        how_many = [
            pl.sum_horizontal([pl.col(f"{key} {fact}").cast(pl.UInt8) for fact in facts] or [pl.lit(0, pl.UInt8)]).alias(f"n {key}")
            for key, facts in self.facts.items()
        ]
        return made.with_columns(how_many).with_columns(
            (pl.col(f"open {key}") & (pl.col(f"n {key}") == 0)).alias(f"nothing {key}") for key in self.facts
        )

    def _of(self, block: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
        """A row per group and fact."""
        by_fact: dict[str, list[str]] = {}
        for key, facts in self.facts.items():
            for fact in facts:
                by_fact.setdefault(fact, []).append(key)
        of_rows = made.select(_measures(fact, keys) for fact, keys in by_fact.items())
        names = list(self.groups.names)
        sums = [pl.struct(pl.col(fact).struct.field(measure).sum() for measure in MEASURES).alias(fact) for fact in by_fact]
        of_groups = pl.concat([self.groups.run(block), of_rows], how="horizontal").group_by(names) if names else None
        summed = of_rows.select(sums) if of_groups is None else of_groups.agg(sums)
        return summed.unpivot(index=names, variable_name=FACT, value_name="counts").unnest("counts")

    def _added(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        keys = [*self.groups.names, FACT]
        nothing = pl.DataFrame(schema={**dict.fromkeys(keys, pl.String()), **dict.fromkeys(MEASURES, pl.Int64())})
        casted = [part.with_columns(pl.col(measure).cast(pl.Int64) for measure in MEASURES) for part in parts]
        return pl.concat([nothing, *casted]).group_by(keys, maintain_order=True).agg(pl.col(measure).sum() for measure in MEASURES)


def waiting(cohort: CompiledCohort, by: Sequence[str] = (), statements: Iterable[CompiledStatement] | None = None) -> Waiting:
    """What these statements (all with conditions, unless they are named) wait for, in groups. Raises NotAGroup, as `nelm.cohort.groups`."""
    chosen = cohort.judged if statements is None else [found for found in statements if found.when or found.unless]
    results: dict[str, int] = {}
    facts: dict[str, list[str]] = {}
    for statement in chosen:
        nodes = cohort.waiting(statement)
        facts[statement.key] = list(nodes)
        results[f"open {statement.key}"] = cohort.status(statement).undetermined
        results |= {f"{statement.key} {fact}": node for fact, node in nodes.items()}
    return Waiting(cohort.knowledge, grouping(cohort, by), facts, PolarsEngine(cohort.program(results)))


def _measures(fact: str, statements: Sequence[str]) -> pl.Expr:
    """The three counts of one fact, row by row."""
    waits = {key: pl.col(f"{key} {fact}") for key in statements}
    return pl.struct(
        pl.any_horizontal(waits.values()).cast(pl.UInt32).alias(ROWS),
        pl.sum_horizontal(column.cast(pl.UInt32) for column in waits.values()).alias(VERDICTS),
        pl.sum_horizontal((column & (pl.col(f"n {key}") == 1)).cast(pl.UInt32) for key, column in waits.items()).alias(ALONE),
    ).alias(fact)


def _total(made: pl.DataFrame, prefix: str, statements: Iterable[str]) -> int:
    return int(sum(made[f"{prefix}{key}"].sum() for key in statements))


# -- what is shown -----------------------------------------------------------------------------------------


def _marks(lines: Sequence[Sequence[int]], below: int | None) -> tuple[list[list[Mark]], list[Mark]]:
    """Which counts of a fact are shown, in each group and in all; nothing is said of verdicts where the patients are too few."""
    totals = [sum(column) for column in zip(*lines, strict=True)]
    if below is None:
        return [[Mark.SHOWN] * len(MEASURES) for _ in lines], [Mark.SHOWN] * len(MEASURES)
    limit = check_limit(below)
    columns = [protect_line(column, limit) for column in zip(*lines, strict=True)]
    of_totals = [Mark.SMALL if 0 < total < limit else Mark.SHOWN for total in totals]
    inner = [[_with(mark, line[0]) for mark in line] for line in zip(*columns, strict=True)]
    return inner, [_with(mark, of_totals[0]) for mark in of_totals]


def _with(mark: Mark, of_rows: Mark) -> Mark:
    return Mark.HIDDEN if mark is Mark.SHOWN and of_rows is not Mark.SHOWN else mark


def _schema(texts: Sequence[str], below: int | None) -> dict[str, pl.DataType]:
    number = pl.Int64() if below is None else pl.String()
    return {**dict.fromkeys(texts, pl.String()), **dict.fromkeys(MEASURES, number)}
