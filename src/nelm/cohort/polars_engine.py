"""A compiled program run by Polars: each node becomes one column of true and false, in memory one bit a patient.

Columns are made in the order of the program and dropped after their last use, so a block of patients needs little memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_, or_

import polars as pl

from nelm.cohort.facts_table import RANGE, Layout, mask
from nelm.criteria import BooleanType, CodedType, Evaluator, Spans
from nelm.criteria.columns import (
    TRUE,
    All,
    Any,
    ByReference,
    Constant,
    Leaf,
    MayBeBelow,
    MayHave,
    MayLie,
    Node,
    Opposite,
    Program,
    Recorded,
    parts_of,
)
from nelm.criteria.values import Span

DAYS_BEFORE_1970 = 719_163  # days from the year 1 to 1 January 1970, from where Polars counts


@dataclass(frozen=True)
class PolarsEngine:
    """Runs one program over blocks of a facts table."""

    program: Program

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.program.model)

    @cached_property
    def columns(self) -> list[str]:
        """The columns of the facts table that the program reads."""
        return self.layout.needed(self.program.facts())

    @cached_property
    def _last_use(self) -> list[list[int]]:
        """For each node the nodes that nobody needs after it."""
        kept = set(self.program.results.values())
        last: dict[int, int] = {}
        for number, node in enumerate(self.program.nodes):
            last |= dict.fromkeys(parts_of(node), number)
        done: list[list[int]] = [[] for _ in self.program.nodes]
        for part, number in last.items():
            if part not in kept:
                done[number].append(part)
        return done

    def run(self, block: pl.DataFrame) -> dict[str, pl.Series]:
        """The results of the program, a column of true and false each, in the order of the rows."""
        made = self._answers(block)
        for number, node in enumerate(self.program.nodes):
            if number not in made:
                made[number] = _joined(node, made, block.height)
            for part in self._last_use[number]:
                del made[part]
        return {name: made[number] for name, number in self.program.results.items()}

    # -- questions about facts ------------------------------------------------------------------------

    @cached_property
    def _leaves(self) -> dict[int, Leaf]:
        return {number: node for number, node in enumerate(self.program.nodes) if isinstance(node, Leaf)}

    @cached_property
    def _expressions(self) -> list[pl.Expr]:
        """The questions that columns answer, as expressions named by the number of the node."""
        asking = Asking(self.layout)
        return [asking.answer(leaf).alias(str(number)) for number, leaf in self._leaves.items() if not isinstance(leaf, ByReference)]

    def _answers(self, block: pl.DataFrame) -> dict[int, pl.Series]:
        """All questions about facts, answered for the patients of a block."""
        made = {int(column.name): column for column in block.select(self._expressions)}
        doubt = _Doubt(block, self.layout)
        for number, leaf in self._leaves.items():
            match leaf:
                case ByReference():
                    made[number] = doubt.by_reference(leaf)
                case Recorded(fact) if fact in doubt.held_open and isinstance(self.layout.model.types[fact], BooleanType):
                    made[number] = made[number] | doubt.column(doubt.held_open[fact])
                case MayLie(fact, within) if fact in doubt.ranges and math.isfinite(within.low) and math.isfinite(within.high):
                    made[number] = made[number] & ~doubt.column(doubt.between_ranges(fact, within))
        return made


def _joined(node: Node, made: Mapping[int, pl.Series], height: int) -> pl.Series:
    match node:
        case All(parts):
            return reduce(and_, (made[part] for part in parts))
        case Any(parts):
            return reduce(or_, (made[part] for part in parts))
        case Opposite(part):
            return ~made[part]
        case Constant(value):
            return pl.repeat(value, height, eager=True)
        case _:
            raise TypeError(f"{type(node).__name__} is a question about facts, and answered before")


@dataclass(frozen=True)
class Asking:
    """Questions about facts as expressions over the columns of a facts table."""

    layout: Layout

    def answer(self, leaf: Leaf) -> pl.Expr:
        match leaf:
            case MayHave(fact, codes):
                return self._may_have(fact, codes)
            case MayLie(fact, within):
                return self._may_lie(fact, within)
            case MayBeBelow(first, second, or_equal):
                return self._may_be_below(first, second, or_equal)
            case Recorded(fact):
                return pl.col(fact).is_not_null()
            case _:
                raise TypeError("only the reference evaluator can answer this question")

    def _may_have(self, fact: str, codes: frozenset[str]) -> pl.Expr:
        kind, column = self.layout.model.types[fact], pl.col(fact)
        if isinstance(kind, BooleanType):
            return column.ne_missing(TRUE not in codes)
        assert isinstance(kind, CodedType), f"{fact} has no codes"
        bits, nothing = (pl.lit(number, dtype=self.layout.schema[fact]) for number in (mask(codes, kind), 0))
        return (column & bits).ne_missing(nothing)

    def _number(self, column: str) -> pl.Expr:
        """A date is the number of its day."""
        return pl.col(column).to_physical() + DAYS_BEFORE_1970 if self.layout.schema[column] == pl.Date else pl.col(column)

    def _end(self, column: str, otherwise: float) -> pl.Expr:
        """An end of what a number may be; where nothing is recorded, that of its permitted range."""
        return self._number(column).fill_null(int(otherwise) if self.layout.schema[column] == pl.Date else otherwise)

    def _ends_of(self, fact: str) -> tuple[pl.Expr, pl.Expr]:
        domain = self.layout.model.domain_of(fact)
        assert isinstance(domain, Spans), f"{fact} is not a number"
        return self._end(f"{fact}_low", domain.low.low), self._end(f"{fact}_high", domain.high.high)

    def _is_closed(self, fact: str, *, at_low: bool) -> pl.Expr | None:
        """Whether an end belongs to its interval; None where it always does. Where nothing is recorded, that of the permitted range."""
        column = f"{fact}_low_open" if at_low else f"{fact}_high_open"
        if column not in self.layout.schema:
            return None
        closed = pl.col(column).ne_missing(True)
        domain = self.layout.model.domain_of(fact)
        assert isinstance(domain, Spans), f"{fact} is not a number"
        if not (domain.low.low_open if at_low else domain.high.high_open):
            return closed
        return closed & pl.col(f"{fact}_low").is_not_null()

    def _may_lie(self, fact: str, within: Span) -> pl.Expr:
        low, high = self._number(f"{fact}_low"), self._number(f"{fact}_high")
        answers: list[pl.Expr] = []
        if not math.isinf(within.high):
            answers.append(_reaches(low, within.high, within.high_open, self._is_closed(fact, at_low=True), down=True))
        if not math.isinf(within.low):
            answers.append(_reaches(high, within.low, within.low_open, self._is_closed(fact, at_low=False), down=False))
        return reduce(and_, answers).ne_missing(False)  # where nothing is recorded it may lie in any interval that is asked about

    def _may_be_below(self, first: str, second: str, or_equal: bool) -> pl.Expr:
        low, high = self._ends_of(first)[0], self._ends_of(second)[1]
        if not or_equal:
            return low < high
        ends = self._is_closed(first, at_low=True), self._is_closed(second, at_low=False)
        closed = [found for found in ends if found is not None]
        return (low < high) | reduce(and_, closed, low == high)


def _reaches(end: pl.Expr, limit: float, limit_open: bool, closed: pl.Expr | None, *, down: bool) -> pl.Expr:
    """Whether the end of a number lies beyond a limit, or on it where both belong to their intervals; `down`: below it."""
    beyond, at_least = (end < limit, end <= limit) if down else (end > limit, end >= limit)
    if limit_open:
        return beyond
    return at_least if closed is None else beyond | ((end == limit) & closed)


@dataclass
class _Doubt:
    """What few patients of a block have, and no plain column holds: entries that contradict one another, and arithmetic."""

    block: pl.DataFrame
    layout: Layout

    @cached_property
    def held_open(self) -> Mapping[str, pl.Series]:
        """The facts that are held open on purpose, with the rows where they are."""
        return {fact: found["row"] for fact, found in self._entries("held_open", "held_open").items()}

    @cached_property
    def ranges(self) -> Mapping[str, pl.DataFrame]:
        """The numbers that may lie in several ranges apart, with these ranges."""
        return self._entries("several_ranges", "fact")

    def _entries(self, column: str, by: str) -> Mapping[str, pl.DataFrame]:
        few = self.block.select(column).with_row_index("row").filter(pl.col(column).list.len() > 0).explode(column)
        plain = few.unnest(column) if few.schema[column] == RANGE else few
        return {str(fact): found for (fact,), found in plain.partition_by(by, as_dict=True).items()}

    def between_ranges(self, fact: str, within: Span) -> pl.Series:
        """The rows where a number may be in several ranges and the interval lies between them."""
        own = self.ranges[fact]
        spans = own.select("low", "high", "low_open", "high_open").iter_rows()
        reached = own.select("row", reached=pl.Series([Span(*span).meet(within) is not None for span in spans], dtype=pl.Boolean))
        return reached.group_by("row").agg(pl.col("reached").any()).filter(~pl.col("reached"))["row"]

    def column(self, rows: pl.Series) -> pl.Series:
        """True in these rows, false in the others."""
        return pl.repeat(False, self.block.height, eager=True).scatter(rows, True)

    def by_reference(self, leaf: ByReference) -> pl.Series:
        """Row by row, by the evaluator that everything else is held to."""
        answers: list[bool] = []
        for row in self.block.select(self.layout.needed(leaf.facts)).iter_rows(named=True):
            truth = Evaluator(self.layout.model, self.layout.values(row)).truth(leaf.comparison)
            answers.append(truth.can_be_true if leaf.outcome else truth.can_be_false)
        return pl.Series(answers, dtype=pl.Boolean)
