"""Questions about facts in SQL, over the columns of a facts table, and what engines spell differently.

An answer is never null: where nothing is recorded, everything that the type of the fact permits is possible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from nelm.cohort.facts_table import Layout, mask
from nelm.criteria import BooleanType, CodedType, DateType, NumberType, Span, Spans, to_text
from nelm.criteria.columns import TRUE, ByReference, Leaf, MayBeBelow, MayHave, MayLie, Recorded


class NotInSql(ValueError):
    """A condition that only the reference evaluator can judge."""

    def __init__(self, leaf: ByReference) -> None:
        super().__init__(f"SQL cannot say {to_text(leaf.comparison)!r}: only the reference evaluator can judge it, row by row.")
        self.leaf = leaf


@dataclass(frozen=True)
class Dialect:
    """What engines spell differently."""

    quote: str  # around names
    escaped: Mapping[str, str]  # characters of a text that are written otherwise
    stage: str  # between the name of a stage and its SELECT
    contains: str  # whether a list has an item
    some: str  # whether a condition holds for some item `r` of a list

    def name(self, name: str) -> str:
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    def text(self, text: str) -> str:
        return f"'{''.join(self.escaped.get(character, character) for character in text)}'"


# DuckDB would keep every stage of the statement in memory at once
DUCKDB = Dialect(
    quote='"',
    escaped={"'": "''"},
    stage="AS NOT MATERIALIZED",
    contains="list_contains({list}, {item})",
    some="len(list_filter({list}, lambda r : {condition})) > 0",
)
SPARK = Dialect(
    quote="`",
    escaped={"'": "\\'", "\\": "\\\\"},
    stage="AS",
    contains="array_contains({list}, {item})",
    some="exists({list}, r -> {condition})",
)


@dataclass(frozen=True)
class Questions:
    """Answers questions about facts; `answered` is what is known to say in SQL what only the reference can judge."""

    layout: Layout
    dialect: Dialect
    answered: Mapping[ByReference, str]

    def answer(self, leaf: Leaf) -> str:
        """Raises NotInSql."""
        match leaf:
            case MayHave(fact, codes):
                return self._may_have(fact, codes)
            case MayLie(fact, within):
                return self._may_lie(fact, within)
            case MayBeBelow(first, second, or_equal):
                return self._may_be_below(first, second, or_equal)
            case Recorded(fact):
                return self._recorded(fact)
            case _:
                if leaf not in self.answered:
                    raise NotInSql(leaf)
                return self.answered[leaf]

    def _may_have(self, fact: str, codes: frozenset[str]) -> str:
        kind, column = self.layout.model.types[fact], self.dialect.name(fact)
        if isinstance(kind, BooleanType):
            return _or_true(column if TRUE in codes else f"NOT {column}")
        assert isinstance(kind, CodedType), f"{fact} has no codes"
        return _or_true(f"({column} & {mask(codes, kind)}) <> 0")

    def _recorded(self, fact: str) -> str:
        recorded = f"{self.dialect.name(fact)} IS NOT NULL"
        if not isinstance(self.layout.model.types[fact], BooleanType):
            return recorded
        held_open = self.dialect.contains.format(list=self.dialect.name("held_open"), item=self.dialect.text(fact))
        return f"({recorded} OR coalesce({held_open}, FALSE))"

    # -- numbers --------------------------------------------------------------------------------------

    def _may_lie(self, fact: str, within: Span) -> str:
        """An end that is not recorded lies as far out as the fact permits, and an interval that matters reaches in there."""
        answers: list[str] = []
        if not math.isinf(within.high):
            answers.append(self._reaches(fact, "low", "<", within.high, within.high_open))
        if not math.isinf(within.low):
            answers.append(self._reaches(fact, "high", ">", within.low, within.low_open))
        if len(answers) == 2:
            answers.append(self._not_between_ranges(fact, within))
        return f"({' AND '.join(answers)})"

    def _reaches(self, fact: str, end: str, beyond: str, limit: float, limit_open: bool) -> str:
        """Whether an end of a number lies beyond a limit, or on it where both belong to their intervals."""
        is_open = None if limit_open else self._is_open(fact, end)
        return _or_true(_reaches(self.dialect.name(f"{fact}_{end}"), beyond, self._number(fact, limit), limit_open, is_open))

    def _not_between_ranges(self, fact: str, within: Span) -> str:
        """False where a number may be in several ranges and the interval lies between them."""
        own = f"r.fact = {self.dialect.text(fact)}"
        starts_before = _reaches("r.low", "<", _double(within.high), within.high_open, "r.low_open")
        ends_after = _reaches("r.high", ">", _double(within.low), within.low_open, "r.high_open")
        return f"(NOT {self._some_range(own)} OR {self._some_range(f'{own} AND ({starts_before}) AND ({ends_after})')})"

    def _some_range(self, condition: str) -> str:
        return f"coalesce({self.dialect.some.format(list=self.dialect.name('several_ranges'), condition=condition)}, FALSE)"

    def _may_be_below(self, first: str, second: str, or_equal: bool) -> str:
        low, high = self._end(first, "low"), self._end(second, "high")
        if not or_equal:
            return f"({low} < {high})"
        closed = [f" AND NOT {found}" for found in (self._ends_open(first, "low"), self._ends_open(second, "high")) if found]
        return f"({low} < {high} OR ({low} = {high}{''.join(closed)}))"

    def _end(self, fact: str, end: str) -> str:
        """An end of what a number may be; where nothing is recorded, that of its permitted range."""
        return f"coalesce({self.dialect.name(f'{fact}_{end}')}, {self._number(fact, self._permitted(fact, end)[0])})"

    def _ends_open(self, fact: str, end: str) -> str | None:
        """Whether that end is open; None where it never is."""
        recorded = self._is_open(fact, end)
        if recorded is None or not self._permitted(fact, end)[1]:
            return recorded
        return f"({self.dialect.name(f'{fact}_{end}')} IS NULL OR {recorded})"

    def _is_open(self, fact: str, end: str) -> str | None:
        """Whether a recorded end is open; None where it never is."""
        kind = self.layout.model.types[fact]
        if not isinstance(kind, NumberType) or kind.integral:
            return None
        return f"coalesce({self.dialect.name(f'{fact}_{end}_open')}, FALSE)"

    def _permitted(self, fact: str, end: str) -> tuple[float, bool]:
        domain = self.layout.model.domain_of(fact)
        assert isinstance(domain, Spans), f"{fact} is not a number"
        return (domain.low.low, domain.low.low_open) if end == "low" else (domain.high.high, domain.high.high_open)

    def _number(self, fact: str, value: float) -> str:
        if isinstance(self.layout.model.types[fact], DateType):
            return f"DATE '{date.fromordinal(int(value)).isoformat()}'"
        return _double(value)


def _reaches(end: str, beyond: str, limit: str, limit_open: bool, end_open: str | None) -> str:
    if limit_open:
        return f"{end} {beyond} {limit}"
    return f"{end} {beyond}= {limit}" if end_open is None else f"{end} {beyond} {limit} OR ({end} = {limit} AND NOT {end_open})"


def _double(value: float) -> str:
    """Every digit of a number, so that an engine reads the same one."""
    return f"CAST('{float(value)!r}' AS DOUBLE)"


def _or_true(question: str) -> str:
    return f"coalesce({question}, TRUE)"
