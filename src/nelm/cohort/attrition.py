"""Who falls out at which criterion: of a statement, or of a definition that is an `and`.

The criteria are gone through in the order of the content. After each of them everybody is in one of three places: *still in*
(all criteria so far are met), *not known* (none so far is failed, and one or more cannot be judged), *fallen out* (one so far
is failed). Somebody of whom a criterion is not known stays in sight and falls out where a later criterion is failed. After the
last criterion, still in are those to whom the statement applies; not known are the undetermined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.conditions import Condition, parts, title_of
from nelm.cohort.polars_engine import PolarsEngine
from nelm.cohort.suppression import Count, Mark, cells, check_limit, protect_or_withhold
from nelm.criteria.columns import Recorded

COUNTS = ("still_in", "not_known", "fell_out_here", "fell_out_so_far")


@dataclass(frozen=True)
class Step:
    """A criterion and where everybody is after it. The last three say who moved here: from still in to not known, and who fell out."""

    name: str
    label: str
    still_in: int
    not_known: int
    fell_out_so_far: int
    became_unknown: int
    fell_out_of_still_in: int
    fell_out_of_not_known: int

    @property
    def fell_out_here(self) -> int:
        return self.fell_out_of_still_in + self.fell_out_of_not_known

    @property
    def counts(self) -> tuple[int, ...]:
        """In the order of `COUNTS`."""
        return self.still_in, self.not_known, self.fell_out_here, self.fell_out_so_far


@dataclass(frozen=True)
class Attrition:
    """All steps of one statement or definition.

    `entered` counts the rows in which a value was recorded for the definition itself; that goes before what is computed
    elsewhere, and not here.
    """

    name: str
    title: str
    rows: int
    steps: tuple[Step, ...]
    entered: int = 0

    def table(self, suppress_below: int | None = None) -> pl.DataFrame:
        """A row per step, the first one for everybody."""
        texts = {"step": pl.Int64(), "criterion": pl.String(), "label": pl.String()}
        number = pl.Int64() if suppress_below is None else pl.String()
        marks = self.marks(suppress_below)
        lines = [("everybody", "Everybody", (self.rows, 0, 0, 0)), *((step.name, step.label, step.counts) for step in self.steps)]
        rows = [
            {"step": place, "criterion": name, "label": label, **dict(zip(COUNTS, cells(counts, of, suppress_below), strict=True))}
            for place, ((name, label, counts), of) in enumerate(zip(lines, marks, strict=True))
        ]
        return pl.DataFrame(rows, schema={**texts, **dict.fromkeys(COUNTS, number)})

    def marks(self, suppress_below: int | None) -> list[tuple[Mark, ...]]:
        """How each count is shown, in the order of `COUNTS`, everybody first."""
        plain = (Mark.SHOWN,) * len(COUNTS)
        if suppress_below is None:
            return [plain] * (len(self.steps) + 1)
        limit = check_limit(suppress_below)
        if 0 < self.rows < limit:  # of so few nothing is told
            return [(Mark.SMALL, *plain[1:]), *[(Mark.HIDDEN,) * len(COUNTS)] * len(self.steps)]
        counts = list(_pipes(self))
        found = protect_or_withhold(counts, limit)
        printed = [mark for mark, count in zip(found, counts, strict=True) if count.shown]
        of_steps = [printed[1 + 4 * place : 5 + 4 * place] for place in range(len(self.steps))]
        return [plain, *(tuple(marks) for marks in of_steps)]


def _pipes(found: Attrition) -> Iterator[Count]:
    """The flow as pipes: for everybody, then of each step the printed counts in the order of `COUNTS`, with what moves unprinted."""
    last = len(found.steps)
    yield Count("end", ("in", 0), found.rows, mark=Mark.SHOWN)
    for place, step in enumerate(found.steps, start=1):
        before, still_in, gone = ("in", place - 1), ("in", place), ("gone", place)
        arriving, unknown, out = ("arriving", place), ("unknown", place), ("out", place)
        yield Count(before, "end" if place == last else still_in, step.still_in)
        yield Count(arriving, "end" if place == last else unknown, step.not_known)
        yield Count(out, gone, step.fell_out_here)
        yield Count(gone, "end" if place == last else ("gone", place + 1), step.fell_out_so_far)
        yield Count(before, arriving, step.became_unknown, shown=False)
        yield Count(before, out, step.fell_out_of_still_in, shown=False)
        if place > 1:
            yield Count(("unknown", place - 1), arriving, step.not_known - step.became_unknown, shown=False)
            yield Count(("unknown", place - 1), out, step.fell_out_of_not_known, shown=False)


@dataclass(frozen=True)
class Falling:
    """Counts who falls out over blocks of a facts table; `columns` are those that it reads."""

    name: str
    title: str
    conditions: tuple[Condition, ...]
    engine: PolarsEngine

    @property
    def columns(self) -> list[str]:
        return self.engine.columns

    def run(self, blocks: Iterable[pl.DataFrame]) -> Attrition:
        """The counts of all blocks together. A row of the table counts as one, be it a patient or an event."""
        rows, sums = 0, dict.fromkeys(self.engine.program.results, 0)
        for block in blocks:
            rows += block.height
            for name, column in self.engine.run(block).items():
                sums[name] += int(column.sum())
        steps: list[Step] = []
        still_in, in_sight = rows, rows
        for place, found in enumerate(self.conditions):
            now_in, now_in_sight, stays = (sums[f"{place} {what}"] for what in ("in", "sight", "stays"))
            steps.append(
                Step(
                    name=found.name,
                    label=found.label,
                    still_in=now_in,
                    not_known=now_in_sight - now_in,
                    fell_out_so_far=rows - now_in_sight,
                    became_unknown=stays - now_in,
                    fell_out_of_still_in=still_in - stays,
                    fell_out_of_not_known=in_sight - now_in_sight - (still_in - stays),
                )
            )
            still_in, in_sight = now_in, now_in_sight
        return Attrition(self.name, self.title, rows, tuple(steps), sums.get("entered", 0))


def falling(cohort: CompiledCohort, name: str) -> Falling:
    """Who falls out at which step of a statement (by its key) or a definition. Raises NoSuchCondition, as `nelm.cohort.conditions`."""
    conditions, make = parts(cohort, name), cohort.columns
    results: dict[str, int] = {}
    still_in = make.constant(True)
    in_sight = make.constant(True)
    for place, found in enumerate(conditions):
        in_sight = make.all_of([in_sight, found.may_hold])
        results |= {f"{place} sight": in_sight, f"{place} stays": make.all_of([still_in, in_sight])}
        still_in = make.all_of([still_in, found.holds])
        results[f"{place} in"] = still_in
    if name in cohort.knowledge.model.types:
        results["entered"] = make.node(Recorded(name))
    return Falling(name, title_of(cohort.knowledge, name), conditions, PolarsEngine(cohort.program(results)))
