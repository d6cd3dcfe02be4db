"""What persons are compared on: columns of a table as a matrix of numbers, with unknown values left unknown.

A column of numbers (or of true and false) stays one column. A column of words becomes one indicator for each word but the
reference. An unknown value (None, nan, an empty word) is refused, unless it is asked to be a level of its own.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.kernels import Booleans, Floats

UNKNOWN = "unknown"  # the level of those without a value, where it is asked for
SAME = 1e-8  # a direction of the standardised columns with a smaller share of their spread is none


class ComparisonError(ValueError):
    """Persons who cannot be compared as asked: what was found, what is permitted, what to do."""


@dataclass(frozen=True, eq=False)
class Covariates:
    """Persons × columns. `names` are the columns, `variables` the variable that each column comes from."""

    names: tuple[str, ...]
    variables: tuple[str, ...]
    values: Floats

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def only(self, which: npt.NDArray[np.bool_ | np.int64]) -> Covariates:
        """Those persons for whom `which` is true, or the persons at these positions."""
        return Covariates(self.names, self.variables, self.values[which])

    def column(self, name: str) -> Floats:
        """The values of one column. Raises ComparisonError if there is none of that name."""
        if name not in self.names:
            raise ComparisonError(f"Column {name!r} is not among the covariates. Permitted: {', '.join(self.names)}.")
        return self.values[:, self.names.index(name)]

    def check_estimable(self) -> None:
        """Raises ComparisonError for a column without variation, and for columns that follow from one another."""
        spread = self.values.std(axis=0)
        for name, width in zip(self.names, spread, strict=True):
            if not width > 0:
                raise ComparisonError(
                    f"Covariate {name!r} has the same value in all {len(self)} persons: nothing can be told from it. Leave it out."
                )
        standardised = (self.values - self.values.mean(axis=0)) / spread
        _, sizes, directions = np.linalg.svd(standardised, full_matrices=False)
        if sizes[-1] < SAME * sizes[0]:
            involved = [name for name, part in zip(self.names, directions[-1], strict=True) if abs(part) > 1e-4]
            raise ComparisonError(
                f"Covariates {', '.join(involved)} follow from one another: their effects cannot be told apart. Leave one of them out."
            )


@dataclass(frozen=True, eq=False)
class Completeness:
    """Who has a value in every column, and how many have none in each."""

    complete: Booleans
    unknown: Mapping[str, int]


def completeness(columns: Mapping[str, Sequence[object]]) -> Completeness:
    """Which persons have a known value in all of these columns. Raises ComparisonError for columns of different lengths."""
    count = _persons(columns)
    complete = np.ones(count, dtype=np.bool_)
    counted: dict[str, int] = {}
    for name, column in columns.items():
        missing = np.fromiter((unknown(value) for value in column), dtype=np.bool_, count=count)
        counted[name] = int(missing.sum())
        complete &= ~missing
    return Completeness(complete, counted)


def covariates(
    columns: Mapping[str, Sequence[object]],
    *,
    reference: Mapping[str, str] | None = None,
    unknown_as_level: Collection[str] = (),
    every_level: bool = False,
) -> Covariates:
    """The columns as numbers.

    `reference` names the level that the others of a variable are compared with (nothing: the first in the order of letters);
    `unknown_as_level` the variables of words whose unknown values are a level of their own, named "unknown"; `every_level` keeps the
    indicator of the reference too, as tables of balance want it (models do not). Raises ComparisonError for unknown values that
    are not asked for, for mixtures of words and numbers, and for a reference that does not occur.
    """
    _persons(columns)
    _check_known_names("reference", reference or {}, columns)
    _check_known_names("unknown_as_level", unknown_as_level, columns)
    names: list[str] = []
    variables: list[str] = []
    parts: list[Floats] = []
    for variable, column in columns.items():
        base = (reference or {}).get(variable)
        found = _columns_of(variable, column, base, variable in unknown_as_level, every_level)
        names.extend(found)
        variables.extend([variable] * len(found))
        parts.extend(found.values())
    values = np.column_stack(parts)
    values.setflags(write=False)
    return Covariates(tuple(names), tuple(variables), values)


def _persons(columns: Mapping[str, Sequence[object]]) -> int:
    lengths = {name: len(column) for name, column in columns.items()}
    if not lengths or len(set(lengths.values())) > 1 or not min(lengths.values()):
        said = ", ".join(f"{name} {length}" for name, length in lengths.items()) or "no column"
        raise ComparisonError(f"Covariates: {said}. Permitted: one column at least, with one value for each person in all of them.")
    return min(lengths.values())


def _check_known_names(what: str, names: Collection[str], columns: Mapping[str, object]) -> None:
    for name in names:
        if name not in columns:
            raise ComparisonError(f"{what}: {name!r} is none of the covariates. Permitted: {', '.join(columns)}.")


def unknown(value: object) -> bool:
    """Whether this stands for no value: None, nan, an empty word."""
    return value is None or value == "" or (isinstance(value, float | np.floating) and math.isnan(value))


def _columns_of(variable: str, column: Sequence[object], base: str | None, unknown_as_level: bool, every_level: bool) -> dict[str, Floats]:
    missing = [number for number, value in enumerate(column, start=1) if unknown(value)]
    if missing and not unknown_as_level:
        raise ComparisonError(
            f"Covariate {variable!r}: unknown for {len(missing)} of {len(column)} persons, first for person {missing[0]}. Unknown is no "
            "value: leave these persons out and say how many, or (for words) ask for unknown as a level of its own."
        )
    known = [value for value in column if not unknown(value)]
    if all(isinstance(value, str) for value in known):
        return _indicators(variable, [UNKNOWN if unknown(value) else str(value) for value in column], base, every_level)
    if missing or base is not None:
        raise ComparisonError(
            f"Covariate {variable!r} is made of numbers: it can have neither a reference nor a level for unknown. Put it in classes (words) first."
        )
    return {variable: _numbers(variable, column)}


def _numbers(variable: str, column: Sequence[object]) -> Floats:
    for number, value in enumerate(column, start=1):
        if not isinstance(value, bool | int | float | np.number | np.bool_) or not math.isfinite(value):
            raise ComparisonError(
                f"Covariate {variable!r}, person {number}: found {value!r}. Permitted: numbers only, or words only, in one column."
            )
    return np.asarray(column, dtype=np.float64)


def _indicators(variable: str, words: Sequence[str], base: str | None, every_level: bool) -> dict[str, Floats]:
    levels = sorted(set(words))
    if base is not None and base not in levels:
        raise ComparisonError(f"Covariate {variable!r}: the reference {base!r} does not occur. Permitted: {', '.join(levels)}.")
    if len(levels) < 2:
        raise ComparisonError(
            f"Covariate {variable!r} is {levels[0]!r} in all {len(words)} persons: nothing can be told from it. Leave it out."
        )
    first = levels[0] if base is None else base
    found = np.asarray(words)
    return {f"{variable} {level}": (found == level).astype(np.float64) for level in levels if every_level or level != first}
