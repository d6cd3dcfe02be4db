"""Which conditions hold together: patients per combination of conditions that are true.

Somebody of whom one of the conditions cannot be judged is in no combination and is counted apart: taking "not known" for "no"
would put patients into combinations that may not be theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.conditions import Condition, condition, parts, title_of
from nelm.cohort.polars_engine import PolarsEngine
from nelm.cohort.suppression import Mark, cell, cells, check_limit, protect_line

MOST_CONDITIONS = 40  # a combination is a number with one bit per condition
TOP = 12
SETS = ("true", "false", "not_known")


@dataclass(frozen=True)
class Set:
    """A condition: how many rows fulfil it, fail it, and of how many that is not known, whatever the other conditions are."""

    name: str
    label: str
    true: int
    false: int
    not_known: int

    @property
    def counts(self) -> tuple[int, ...]:
        return self.true, self.false, self.not_known


@dataclass(frozen=True)
class Combination:
    """The conditions that hold, as places in the list of conditions, and how many rows fulfil just these."""

    holding: tuple[int, ...]
    rows: int


@dataclass(frozen=True)
class Line:
    """A line of the table of combinations; without `combination` it is all that stand in no line, or those not known."""

    label: str
    rows: int
    mark: Mark
    combination: Combination | None = None


@dataclass(frozen=True)
class Overlap:
    """How often conditions hold together. `undetermined` counts the rows in which one or more cannot be judged."""

    title: str
    rows: int
    sets: tuple[Set, ...]
    combinations: tuple[Combination, ...]
    undetermined: int

    def lines(self, top: int = TOP, suppress_below: int | None = None) -> tuple[Line, ...]:
        """The most frequent combinations, then the rest, then the rows in which a condition is not known.

        Combinations of few patients are not even named where small numbers are suppressed: they are in the rest.
        """
        limit = None if suppress_below is None else check_limit(suppress_below)
        named = [found for found in self.combinations if limit is None or found.rows >= limit][:top]
        others = len(self.combinations) - len(named)
        lines = [Line(self.words(found), found.rows, Mark.SHOWN, found) for found in named]
        if others:
            words = "1 other combination" if others == 1 else f"{others} other combinations"
            lines.append(Line(words, self.rows - self.undetermined - sum(found.rows for found in named), Mark.SHOWN))
        lines.append(Line("One or more not known", self.undetermined, Mark.SHOWN))
        if limit is None:
            return tuple(lines)
        marks = protect_line([line.rows for line in lines], limit)
        return tuple(replace(line, mark=mark) for line, mark in zip(lines, marks, strict=True))

    def words(self, combination: Combination) -> str:
        """A combination in words."""
        return " + ".join(self.sets[place].label for place in combination.holding) or "None of them"

    def table(self, top: int = TOP, suppress_below: int | None = None) -> pl.DataFrame:
        """A row per line: which conditions hold, how many rows."""
        number = pl.Int64() if suppress_below is None else pl.String()
        rows = [{"combination": line.label, "rows": cell(line.rows, line.mark, suppress_below)} for line in self.lines(top, suppress_below)]
        return pl.DataFrame(rows, schema={"combination": pl.String(), "rows": number})

    def sets_table(self, top: int = TOP, suppress_below: int | None = None) -> pl.DataFrame | None:
        """A row per condition. None where it, beside the combinations, would tell a number that is held back."""
        if suppress_below is not None and not self._sets_tell_nothing(top, suppress_below):
            return None
        number = pl.Int64() if suppress_below is None else pl.String()
        rows = []
        for found in self.sets:
            marks = [Mark.SHOWN] * 3 if suppress_below is None else protect_line(found.counts, suppress_below)
            shown = dict(zip(SETS, cells(found.counts, marks, suppress_below), strict=True))
            rows.append({"condition": found.name, "label": found.label, **shown})
        return pl.DataFrame(rows, schema={"condition": pl.String(), "label": pl.String(), **dict.fromkeys(SETS, number)})

    def _sets_tell_nothing(self, top: int, below: int) -> bool:
        """Everybody is in a combination that is named with its number: then the sums over them tell nothing new."""
        lines = self.lines(top, below)
        return (
            self.undetermined == 0
            and all(line.mark is Mark.SHOWN for line in lines)
            and sum(line.combination is not None for line in lines) == len(self.combinations)
        )


@dataclass(frozen=True)
class Overlapping:
    """Counts combinations over blocks of a facts table; `columns` are those that it reads."""

    title: str
    conditions: tuple[Condition, ...]
    engine: PolarsEngine

    @property
    def columns(self) -> list[str]:
        return self.engine.columns

    def run(self, blocks: Iterable[pl.DataFrame]) -> Overlap:
        """The counts of all blocks together. A row of the table counts as one, be it a patient or an event."""
        rows = undetermined = 0
        combinations: Counter[int] = Counter()
        holds, fails = Counter[int](), Counter[int]()
        for block in blocks:
            made = pl.DataFrame([column.alias(name) for name, column in self.engine.run(block).items()])
            rows += block.height
            for place in range(len(self.conditions)):
                holds[place] += int(made[f"{place} holds"].sum())
                fails[place] += block.height - int(made[f"{place} may"].sum())
            found = made.filter(self._all_known).select(self._bits)["bits"].value_counts()
            combinations.update(dict(found.iter_rows()))
            undetermined += block.height - int(found["count"].sum())
        return Overlap(
            self.title,
            rows,
            tuple(
                Set(found.name, found.label, holds[place], fails[place], rows - holds[place] - fails[place])
                for place, found in enumerate(self.conditions)
            ),
            self._in_order(combinations),
            undetermined,
        )

    @cached_property
    def _all_known(self) -> pl.Expr:
        return pl.all_horizontal(pl.col(f"{place} holds") == pl.col(f"{place} may") for place in range(len(self.conditions)))

    @cached_property
    def _bits(self) -> pl.Expr:
        return pl.sum_horizontal(
            pl.col(f"{place} holds").cast(pl.Int64) * (1 << place) for place in range(len(self.conditions))
        ).alias("bits")  # fmt: skip

    def _in_order(self, counts: Counter[int]) -> tuple[Combination, ...]:
        """The most frequent first; of equals the one with more conditions, and earlier ones."""
        found = [
            Combination(tuple(place for place in range(len(self.conditions)) if bits >> place & 1), rows) for bits, rows in counts.items()
        ]
        return tuple(sorted(found, key=lambda each: (-each.rows, -len(each.holding), each.holding)))


def overlapping(cohort: CompiledCohort, names: Sequence[str], title: str | None = None) -> Overlapping:
    """How conditions, or statements that apply, hold together; one definition that is an `and` stands for its operands.

    Raises NoSuchCondition, as `nelm.cohort.conditions`; ValueError for too many conditions.
    """
    several = [condition(cohort, name) for name in dict.fromkeys(names)] if len(names) > 1 else ()
    chosen = tuple(several) or parts(cohort, names[0])
    if not 1 < len(chosen) <= MOST_CONDITIONS:
        raise ValueError(f"{len(chosen)} conditions are given. Combinations can be counted of 2 to {MOST_CONDITIONS}.")
    results = {f"{place} holds": found.holds for place, found in enumerate(chosen)}
    results |= {f"{place} may": found.may_hold for place, found in enumerate(chosen)}
    heading = title or (title_of(cohort.knowledge, names[0]) if len(names) == 1 else "Conditions that hold together")
    return Overlapping(heading, chosen, PolarsEngine(cohort.program(results)))
