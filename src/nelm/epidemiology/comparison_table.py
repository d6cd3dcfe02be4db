"""The columns of a table as the courses of persons; rows without what is needed are left out, and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nelm.epidemiology.covariates import ComparisonError, unknown
from nelm.epidemiology.follow_up import times
from nelm.epidemiology.kernels import Integers
from nelm.epidemiology.landmark import Courses, FlowStep, courses


class Reader:
    """A table with a value for each person in each of its columns."""

    def __init__(self, table: Mapping[str, Sequence[object]]) -> None:
        lengths = {name: len(column) for name, column in table.items()}
        if len(set(lengths.values())) != 1 or not min(lengths.values()):
            said = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ComparisonError(
                f"The table has columns of lengths {said or 'none'}. Permitted: one value for each person in all, and one person at least."
            )
        self._table = table
        self.persons = min(lengths.values())

    def column(self, name: str, rows: Integers) -> list[object]:
        """The values of a column in these rows. Raises ComparisonError if there is no such column."""
        if name not in self._table:
            raise ComparisonError(f"The table has no column {name!r}. Its columns are {', '.join(self._table)}.")
        column = self._table[name]
        return [column[row] for row in rows]

    def courses(
        self, *, exit_days: str, dead: str, treated: str, treatment_days: str | None, eligible_days: str | None, entry_days: str | None
    ) -> tuple[Courses, Integers, tuple[FlowStep, ...]]:
        """The courses of those whose survival and time zero are known, their rows, and how many are left out.

        Without `treatment_days` the treated are taken as treated at time zero; whoever asks has to say why.
        """
        everyone = np.arange(self.persons, dtype=np.int64)
        needed = [name for name in (exit_days, dead, eligible_days, entry_days) if name is not None]
        known = np.ones(self.persons, dtype=np.bool_)
        for name in needed:
            known &= ~np.fromiter((unknown(value) for value in self.column(name, everyone)), dtype=np.bool_, count=self.persons)
        if not known.any():
            raise ComparisonError(f"None of the {self.persons} persons has values in all of {', '.join(needed)}.")
        rows = everyone[known]
        left_out = int((~known).sum())
        flow = (FlowStep("survival or time zero is unknown", left_out),) if left_out else ()
        zero = None if eligible_days is None else self._numbers(eligible_days, rows)
        arm = [self._truth(treated, row, value) for row, value in zip(rows, self.column(treated, rows), strict=True)]
        begins: list[float | None] = [None] * rows.size
        if treatment_days is not None:
            begins = [
                None if unknown(value) else self._number(treatment_days, row, value) for row, value in self._pairs(treatment_days, rows)
            ]
        else:
            begins = [(0.0 if zero is None else zero[place]) if is_treated else None for place, is_treated in enumerate(arm)]
        followed = times(
            exit_days=self._numbers(exit_days, rows),
            dead=[self._truth(dead, row, value) is True for row, value in self._pairs(dead, rows)],
            entry_days=None if entry_days is None else self._numbers(entry_days, rows),
        )
        return courses(followed, treated=arm, treatment_days=begins, eligible_days=zero), rows, flow

    def _pairs(self, name: str, rows: Integers) -> list[tuple[int, object]]:
        return list(zip(rows.tolist(), self.column(name, rows), strict=True))

    def _numbers(self, name: str, rows: Integers) -> list[float]:
        return [self._number(name, row, value) for row, value in self._pairs(name, rows)]

    @staticmethod
    def _number(name: str, row: int, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ComparisonError(f"Row {row + 1}, column {name!r}: found {value!r}. Permitted: a number of days.")
        return float(value)

    @staticmethod
    def _truth(name: str, row: int, value: object) -> bool | None:
        if unknown(value):
            return None
        if isinstance(value, bool | np.bool_ | int | np.integer) and value in (0, 1):
            return bool(value)
        raise ComparisonError(
            f"Row {row + 1}, column {name!r}: found {value!r}. Permitted: true, false (or 1 and 0), or nothing for unknown."
        )
