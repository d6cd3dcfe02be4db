"""How often each statement applies, in the whole cohort and in groups of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import polars as pl

from nelm.advice.findings import Status
from nelm.cohort.compiled import STATUSES, CompiledCohort, StatusEngine
from nelm.cohort.groups import Grouping, grouping
from nelm.cohort.suppression import LEAST_LIMIT, Mark, cell, cells, check_limit, protect_line, protect_table
from nelm.knowledge.base import CompiledStatement, Knowledge

COUNTED = tuple(word for word in STATUSES if word != Status.NO_CONDITIONS.value)
STATEMENT, STATUS, ROWS, OF = "statement", "status", "rows", "of"
NOBODY = (0,) * len(COUNTED)
OUT = COUNTED.index(Status.OUT_OF_SCOPE.value)


@dataclass(frozen=True)
class Summary:
    """How many rows of a facts table have which status, statement by statement.

    `counts` has a row for each group, statement and status that occurs; a statement without conditions has no status that
    could differ from patient to patient, and stands in `without_conditions` instead.
    """

    knowledge: Knowledge
    rows: int
    statements: tuple[str, ...]
    without_conditions: tuple[str, ...]
    groups: Grouping
    counts: pl.DataFrame
    sizes: pl.DataFrame

    @property
    def by(self) -> tuple[str, ...]:
        return self.groups.names

    def overall(self, suppress_below: int | None = None) -> pl.DataFrame:
        """A row per statement: its question and what it says, how many of each status, and of how many."""
        marks = _Marks(self, suppress_below)
        of = {OF: cell(self.rows, marks.of_all, suppress_below)}
        rows = [{**self._named(key), **_shown(self.totals[key], marks.overall(key), suppress_below), **of} for key in self.statements]
        return pl.DataFrame(rows, schema=_schema(("statement", "question", "says"), suppress_below))

    def by_group(self, suppress_below: int | None = None) -> pl.DataFrame:
        """A row per statement and group: how many of each status, and the size of the group."""
        marks = _Marks(self, suppress_below)
        rows: list[dict[str, object]] = []
        for statement in self.statements:
            lines = zip(self.keys, self.table(statement), marks.table(statement), self.sizes[ROWS], marks.of_groups, strict=True)
            for key, counts, line, size, of_size in lines:
                shown = {**_shown(counts, line, suppress_below), OF: cell(size, of_size, suppress_below)}
                rows.append({"statement": statement, **dict(zip(self.by, key, strict=True)), **shown})
        return pl.DataFrame(rows, schema=_schema(("statement", *self.by), suppress_below))

    def unconditional(self) -> pl.DataFrame:
        """The statements that hold for everybody in scope, once each: nothing is counted for them."""
        rows = [self._named(key) for key in self.without_conditions]
        return pl.DataFrame(rows, schema=dict.fromkeys(("statement", "question", "says"), pl.String()))

    def _named(self, key: str) -> dict[str, object]:
        compiled = self.knowledge.statement(key)
        return {"statement": key, "question": compiled.question.title, "says": compiled.statement.says}

    @cached_property
    def keys(self) -> list[tuple[str, ...]]:
        """The groups, in order."""
        return self.sizes.select(self.by).rows() if self.by else [()]

    def table(self, statement: str) -> list[tuple[int, ...]]:
        """For each group how many rows have each status, in the order of `COUNTED`."""
        return [self.cells.get((statement, key), NOBODY) for key in self.keys]

    @cached_property
    def totals(self) -> dict[str, tuple[int, ...]]:
        """For each statement how many rows have each status, in the order of `COUNTED`."""
        found = dict.fromkeys(self.statements, NOBODY)
        for (statement, _), counts in self.cells.items():
            found[statement] = tuple(map(sum, zip(found[statement], counts, strict=True)))
        return found

    @cached_property
    def cells(self) -> dict[tuple[str, tuple[str, ...]], tuple[int, ...]]:
        """The same for each statement and group."""
        found: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}
        for statement, status, rows, *group in self.counts.select(STATEMENT, STATUS, ROWS, *self.by).iter_rows():
            found.setdefault((statement, tuple(group)), {})[status] = rows
        return {key: tuple(counts.get(word, 0) for word in COUNTED) for key, counts in found.items()}


@dataclass(frozen=True)
class Counting:
    """Counts statuses over blocks of a facts table; `columns` are those that it reads."""

    knowledge: Knowledge
    statements: tuple[CompiledStatement, ...]
    engine: StatusEngine
    groups: Grouping

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys((*self.groups.columns, *self.engine.engine.columns)))

    def run(self, blocks: Iterable[pl.DataFrame]) -> Summary:
        """The counts of all blocks together. A row of the table counts as one, be it a patient or an event."""
        counts, sizes = self._nothing(STATEMENT, STATUS), self._nothing()
        for block in blocks:
            found = self._of(block)
            counts = _added(counts, self._statuses(found), (*self.groups.names, STATEMENT, STATUS))
            sizes = _added(sizes, found.select(*self.groups.names, ROWS), self.groups.names)
        return Summary(
            knowledge=self.knowledge,
            rows=int(sizes[ROWS].sum()),
            statements=tuple(found.key for found in self.engine.statements),
            without_conditions=tuple(found.key for found in self.statements if not (found.when or found.unless)),
            groups=self.groups,
            counts=self.groups.sorted(counts),
            sizes=self.groups.sorted(sizes),
        )

    def _nothing(self, *more: str) -> pl.DataFrame:
        return pl.DataFrame(schema={**dict.fromkeys((*self.groups.names, *more), pl.String()), ROWS: pl.UInt32()})

    def _of(self, block: pl.DataFrame) -> pl.DataFrame:
        """A row per group: its size, and for each statement a list of statuses with how often they occur."""
        statuses, names = self.engine.run(block), self.groups.names
        size = pl.len().cast(pl.UInt32).alias(ROWS)
        counted = [pl.col(name).value_counts() for name in statuses.columns]
        if not names:
            return statuses.select(size, *(counts.implode() for counts in counted))
        return pl.concat([self.groups.run(block), statuses], how="horizontal").group_by(names).agg(size, *counted)

    def _statuses(self, found: pl.DataFrame) -> pl.DataFrame:
        """The lists as rows."""
        return pl.concat(
            found.select(*self.groups.names, counted=statement.key)
            .explode("counted")
            .select(
                *self.groups.names,
                pl.lit(statement.key).alias(STATEMENT),
                pl.col("counted").struct.field(statement.key).cast(pl.String).alias(STATUS),
                pl.col("counted").struct.field("count").cast(pl.UInt32).alias(ROWS),
            )
            for statement in self.engine.statements
        )


def counting(cohort: CompiledCohort, by: Sequence[str] = (), statements: Iterable[CompiledStatement] | None = None) -> Counting:
    """Statuses of these statements (all, unless they are named) in groups. Raises NotAGroup, as `nelm.cohort.groups`."""
    chosen = tuple(cohort.statements if statements is None else statements)
    judged = [statement for statement in chosen if statement.when or statement.unless]
    return Counting(cohort.knowledge, chosen, cohort.status_engine(judged), grouping(cohort, by))


def _added(so_far: pl.DataFrame, more: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    both = pl.concat([so_far, more])
    return both.group_by(keys, maintain_order=True).agg(pl.col(ROWS).sum()) if keys else both.select(pl.col(ROWS).sum())


# -- what is shown -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Marks:
    """Which counts of a summary are shown.

    How many patients a document leaves out is the same for all its statements, and is decided first.
    """

    summary: Summary
    below: int | None

    @cached_property
    def limit(self) -> int:
        return check_limit(self.below or LEAST_LIMIT)

    @property
    def of_all(self) -> Mark:
        return Mark.SMALL if self.below is not None and 0 < self.summary.rows < self.limit else Mark.SHOWN

    @cached_property
    def of_groups(self) -> list[Mark]:
        sizes = self.summary.sizes[ROWS].to_list()
        return [Mark.SHOWN] * len(sizes) if self.below is None else protect_line(sizes, self.limit)

    def overall(self, statement: str) -> list[Mark]:
        return self._of(statement)[0]

    def table(self, statement: str) -> list[list[Mark]]:
        return self._of(statement)[1]

    @cached_property
    def _known(self) -> dict[str, tuple[list[Mark], list[list[Mark]]]]:
        return {}

    def _of(self, statement: str) -> tuple[list[Mark], list[list[Mark]]]:
        """The marks of a statement in all, and in each group."""
        if statement not in self._known:
            rows = self.summary.table(statement)
            shown = [Mark.SHOWN] * len(COUNTED)
            self._known[statement] = (shown, [shown] * len(rows)) if self.below is None else self._protected(statement, rows)
        return self._known[statement]

    def _protected(self, statement: str, rows: list[tuple[int, ...]]) -> tuple[list[Mark], list[list[Mark]]]:
        whole, groups = self._scope(statement)
        overall = protect_line(self.summary.totals[statement], self.limit, _line(None, whole[1]))
        table = protect_table(rows, self.of_groups, overall, self.limit, {OUT: [line[1] for line in groups]})
        if table is None:  # then only how many the document leaves out is said of this statement
            return _line(Mark.HIDDEN, whole[1]), [_line(Mark.HIDDEN, line[1]) for line in groups]
        return overall, table

    @cached_property
    def _scopes(self) -> dict[str, tuple[list[Mark], list[list[Mark]]]]:
        return {}

    def _scope(self, statement: str) -> tuple[list[Mark], list[list[Mark]]]:
        """Spoken to and left out by the document of a statement: in all, and in each group."""
        guideline = self.summary.knowledge.statement(statement).guideline
        if guideline not in self._scopes:
            rows = [(sum(line) - line[OUT], line[OUT]) for line in self.summary.table(statement)]
            totals = self.summary.totals[statement]
            whole = protect_line([sum(totals) - totals[OUT], totals[OUT]], self.limit)
            table = protect_table(rows, self.of_groups, whole, self.limit)
            self._scopes[guideline] = whole, table or [[Mark.HIDDEN] * 2 for _ in rows]
        return self._scopes[guideline]


M = TypeVar("M", Mark, Mark | None)


def _line(each: M, out: M) -> list[M]:
    """The same mark for every status but the last, which is about the scope."""
    return [out if number == OUT else each for number in range(len(COUNTED))]


def _schema(texts: Sequence[str], suppress_below: int | None) -> dict[str, pl.DataType]:
    number = pl.UInt32() if suppress_below is None else pl.String()
    return {**dict.fromkeys(texts, pl.String()), **dict.fromkeys((*COUNTED, OF), number)}


def _shown(counts: Sequence[int], marks: Sequence[Mark], below: int | None) -> dict[str, object]:
    return dict(zip(COUNTED, cells(counts, marks, below), strict=True))
