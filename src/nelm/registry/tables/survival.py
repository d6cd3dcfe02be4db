"""Survival of the persons of a table by groups: estimates with their support, curves, tests, a picture, and what has to be said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import polars as pl

from nelm.epidemiology.age_standardised import age_standardised
from nelm.epidemiology.competing_risks import aalen_johansen
from nelm.epidemiology.crude_mortality import crude_mortality
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, FollowUpError, Persons, Times
from nelm.epidemiology.kernels import Booleans
from nelm.epidemiology.life_table import LifeTable
from nelm.epidemiology.log_rank import GroupTest, log_rank
from nelm.epidemiology.log_rank_net import log_rank_net
from nelm.epidemiology.standards import StandardPopulation
from nelm.epidemiology.support import HasUncertainty, Support, SupportRule
from nelm.registry.tables.curve_picture import Curve, draw_curves
from nelm.registry.tables.persons import ALIVE, NOT_KNOWN, PersonTable
from nelm.registry.tables.survival_questions import METHODS, SurvivalQuestion

EVERYBODY = "all"
POINTS_PER_YEAR = 24  # of the drawn curve of age-standardised survival


@dataclass(frozen=True)
class Estimate:
    """An estimate at one time; nan where it is refused. `reasons` say why it is refused or doubtful."""

    years: float
    at_risk: int
    value: float
    se: float
    lower: float
    upper: float
    support: Support
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class GroupResult:
    """What was found of one group: its estimates, and the curve they are read from. `event` names the cause of a probability.

    `extrapolated_person_days` counts the person-days for which the edge of the life table was held.
    """

    key: tuple[str, ...]
    label: str
    event: str
    persons: int
    deaths: int
    estimates: tuple[Estimate, ...]
    curve: Curve
    extrapolated_person_days: float


@dataclass(frozen=True, eq=False)
class SurvivalAnswer:
    """The answer to a question about the persons of a table; `by` names the columns of the groups."""

    question: SurvivalQuestion
    by: tuple[str, ...]
    results: tuple[GroupResult, ...]
    tests: tuple[GroupTest, ...]
    notes: tuple[str, ...]

    def estimates(self) -> pl.DataFrame:
        """A row for each group and time; refused estimates are empty, with the reason beside them."""
        name = self.question.value_name
        rows = [
            {
                "method": self.question.method,
                **dict(zip(self.by, result.key, strict=True)),
                **({"event": result.event} if result.event else {}),
                "years": found.years,
                "persons": result.persons,
                "deaths": result.deaths,
                "at_risk": found.at_risk,
                name: _number(found.value),
                "standard_error": _number(found.se),
                "lower": _number(found.lower),
                "upper": _number(found.upper),
                "support": found.support.value,
                "reasons": "; ".join(found.reasons),
                "person_days_outside_life_table": result.extrapolated_person_days,
            }
            for result in self.results
            for found in result.estimates
        ]
        numbers = {column: pl.Float64() for column in (name, "standard_error", "lower", "upper")}
        return pl.DataFrame(rows, schema_overrides=numbers, infer_schema_length=None)

    def curves(self) -> pl.DataFrame:
        """Every step of every curve, as far as it has enough persons at risk."""
        return pl.concat([_steps(result, self.by, self.question.value_name) for result in self.results])

    def tested(self) -> pl.DataFrame:
        """A row for each group of each test."""
        rows = [
            {
                "test": test.method,
                "group": group.name,
                "persons": group.persons,
                "observed": group.observed,
                "expected": group.expected,
                "chi_squared": test.chi_squared,
                "degrees_of_freedom": test.degrees_of_freedom,
                "p_value": test.p_value,
            }
            for test in self.tests
            for group in test.groups
        ]
        return pl.DataFrame(rows)

    def svg(self, source: str) -> str:
        """The curves as a picture; `source` names the table. Raises NoPicture."""
        by = f" by {' and '.join(self.by)}" if self.by else ""
        rule = self.question.support
        notes = [f"Curves end where fewer than {rule.fewest_at_risk} are at risk, or the standard error exceeds {rule.largest_error:g}."]
        return draw_curves(
            [result.curve for result in self.results],
            title=f"{self.question.label}{by}",
            says=[source, f"Shaded: {100 * self.question.confidence:g} % confidence intervals."],
            axis=METHODS[self.question.method].axis,
            notes=[*notes, *self.notes],
            years=max(self.question.years),
        )


def survival_of(persons: PersonTable, question: SurvivalQuestion) -> SurvivalAnswer:
    """The answer for each group, and whether groups differ. Raises FollowUpError and StandardPopulationError as the methods do."""
    by = tuple(persons.groups.columns)
    results = tuple(result for key in persons.group_keys() for result in _results(persons, key, question))
    tests, untested = _tests(persons, question)
    return SurvivalAnswer(question, by, results, tests, (*persons.notes, *_notes(results, question), *untested))


def _results(persons: PersonTable, key: tuple[str, ...], question: SurvivalQuestion) -> Iterator[GroupResult]:
    chosen = persons.chosen(key)
    observed = question.observed(persons.follow_up.only(chosen))
    label = ", ".join(f"{name} {word}" for name, word in zip(persons.groups.columns, key, strict=True)) or EVERYBODY
    counts = (len(observed), int(observed.dead.sum()))
    if question.probability:
        words = [word for word, own in zip(persons.status, chosen, strict=True) if own]
        yield from _by_event(observed, words, key, label, question)
    elif question.standard is not None:
        yield _standardised(observed, key, label, counts, question)
    else:
        curve = question.curve(observed)
        found = curve.at(question.years, fewest_at_risk=1)
        estimates = tuple(_judged(item.years, item.survival, item, question.support, item.lower, item.upper) for item in found)
        drawn = Curve(
            label,
            curve.time,
            curve.survival,
            curve.lower,
            curve.upper,
            curve.at_risk,
            _until(curve.time, curve.at_risk >= question.support.fewest_at_risk, curve.se <= question.support.largest_error),
        )
        yield GroupResult(key, label, "", *counts, estimates, drawn, curve.extrapolated_person_days)


def _by_event(observed: Times, words: Sequence[str], key: tuple[str, ...], label: str, question: SurvivalQuestion) -> Iterator[GroupResult]:
    """The probability of each cause, or of death from the disease and from other causes."""
    outside = 0.0
    if question.life_table is None:
        curves = tuple(
            aalen_johansen(observed, [None if word == ALIVE else word for word in words], confidence=question.confidence).values()
        )
    else:
        found = crude_mortality(cast("FollowUp", observed), question.life_table, years=question.years, confidence=question.confidence)
        curves, outside = (found.disease, found.other_causes), found.extrapolated_person_days
    for curve in curves:
        at = curve.at(question.years, fewest_at_risk=1)
        estimates = tuple(_judged(item.years, item.probability, item, question.support, item.lower, item.upper) for item in at)
        enough = _until(curve.time, curve.at_risk >= question.support.fewest_at_risk, curve.se <= question.support.largest_error)
        name = curve.event if label == EVERYBODY else f"{label}: {curve.event}"
        drawn = Curve(name, curve.time, curve.probability, curve.lower, curve.upper, curve.at_risk, enough, start=0.0)
        yield GroupResult(key, name, curve.event, len(observed), int(observed.dead.sum()), estimates, drawn, outside)


def _standardised(observed: Times, key: tuple[str, ...], label: str, counts: tuple[int, int], question: SurvivalQuestion) -> GroupResult:
    assert question.standard is not None, "asked for"
    made = age_standardised(cast("FollowUp", observed), question.standard, question.curve, confidence=question.confidence)
    least = question.support.fewest_at_risk
    estimates = []
    for item in made.at(question.years, fewest_at_risk=least):
        found = _judged(item.years, item.survival, item, question.support, item.lower, item.upper)
        estimates.append(found if item.supported else _refused(item.years, item.at_risk, item.missing))
    years = np.arange(1, int(max(question.years) * POINTS_PER_YEAR) + 1) / POINTS_PER_YEAR
    points = made.at(years.tolist(), fewest_at_risk=least)
    value, lower, upper, se = (np.array([getattr(item, name) for item in points]) for name in ("survival", "lower", "upper", "se"))
    at_risk = np.array([item.at_risk for item in points], dtype=np.int64)
    until = _until(years * DAYS_PER_YEAR, np.array([item.supported for item in points]), se <= question.support.largest_error)
    outside = math.fsum(group.curve.extrapolated_person_days for group in made.groups if group.curve)
    drawn = Curve(label, years * DAYS_PER_YEAR, value, lower, upper, at_risk, until)
    return GroupResult(key, label, "", *counts, tuple(estimates), drawn, outside)


def _judged(years: float, value: float, found: HasUncertainty, rule: SupportRule, lower: float, upper: float) -> Estimate:
    judgement = rule.judge(found)
    if judgement.support is Support.NONE:
        return _refused(years, found.at_risk, judgement.reasons)
    return Estimate(years, found.at_risk, value, found.se, lower, upper, judgement.support, judgement.reasons)


def _refused(years: float, at_risk: int, reasons: tuple[str, ...]) -> Estimate:
    return Estimate(years, at_risk, math.nan, math.nan, math.nan, math.nan, Support.NONE, reasons)


def _until(time: np.ndarray[tuple[int], np.dtype[np.float64]], enough: Booleans, exact: Booleans) -> float:
    """The last time up to which a curve is drawn: enough are at risk, and the error is not too large before it."""
    fine = np.flatnonzero(enough)
    last = int(fine[-1]) if fine.size else -1
    first_vague = int(np.argmin(exact)) if not exact.all() else len(exact)
    place = min(last, first_vague - 1)
    return float(time[place]) if place >= 0 else 0.0


def outside_life_table(persons: PersonTable, table: LifeTable) -> pl.DataFrame:
    """The lines of the persons who were followed at an age or in a year that the life table does not hold, and for how many days."""
    observed = cast("FollowUp", persons.follow_up)
    days = table.cumulative_hazard(observed.persons, np.zeros(len(persons)), observed.exit_days).extrapolated_days
    return pl.DataFrame({"line": persons.lines, "days_outside_life_table": days}).filter(pl.col("days_outside_life_table") > 0)


def by_age(persons: PersonTable, standard: StandardPopulation) -> PersonTable:
    """The same persons, grouped further by the age groups of a standard. Raises StandardPopulationError for whoever is in none."""
    ages = cast("FollowUp", persons.follow_up).persons.age_days / DAYS_PER_YEAR
    words = [standard.group_of(age) for age in ages.tolist()]
    groups = {**persons.groups.to_dict(), "age_group": pl.Series(words, dtype=pl.String)}
    return replace(persons, groups=pl.DataFrame(groups))


# -- tests ---------------------------------------------------------------------------------------------------------


def _tests(persons: PersonTable, question: SurvivalQuestion) -> tuple[tuple[GroupTest, ...], tuple[str, ...]]:
    """Whether the groups differ, among those whose group is known; and why nothing is tested."""
    if question.probability or question.standard is not None or not persons.groups.width:
        return (), ()
    keys = [key for key in persons.group_keys() if NOT_KNOWN not in key]
    out = len(persons) - sum(int(persons.chosen(key).sum()) for key in keys)
    left_out = (f"{out} persons whose group is not known are in no test.",) if out else ()
    if len(keys) < 2:
        return (), left_out
    groups = [question.observed(persons.follow_up.only(persons.chosen(key))) for key in keys]
    words = [", ".join(key) for key, group in zip(keys, groups, strict=True) for _ in range(len(group))]
    try:
        if question.life_table is None:
            return (log_rank(_together(groups), words),), left_out
        return (log_rank_net(_whole([cast("FollowUp", group) for group in groups]), question.life_table, words),), left_out
    except FollowUpError as error:
        return (), (*left_out, f"No test: {error}")


def _together(groups: Sequence[Times]) -> Times:
    """The persons of all groups, one group after the other."""
    entry, exit_, dead = (np.concatenate([getattr(group, name) for group in groups]) for name in ("entry_days", "exit_days", "dead"))
    return Times(entry, exit_, dead)


def _whole(groups: Sequence[FollowUp]) -> FollowUp:
    """The same with what a life table asks for."""
    found = _together(groups)
    parts = ("sex", "age_days", "diagnosis_days")
    sex, age, day = (np.concatenate([getattr(group.persons, name) for group in groups]) for name in parts)
    return FollowUp(found.entry_days, found.exit_days, found.dead, Persons(sex, age, day))


# -- tables --------------------------------------------------------------------------------------------------------


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _steps(result: GroupResult, by: Sequence[str], value_name: str) -> pl.DataFrame:
    curve = result.curve
    shown = curve.time <= curve.until
    frame = pl.DataFrame(
        {
            "days": curve.time[shown],
            "years": curve.time[shown] / DAYS_PER_YEAR,
            value_name: curve.value[shown],
            "lower": curve.lower[shown],
            "upper": curve.upper[shown],
            "at_risk": curve.at_risk[shown],
        }
    )
    keys = [pl.lit(word).alias(name) for name, word in zip(by, result.key, strict=True)]
    events = [pl.lit(result.event).alias("event")] if result.event else []
    return frame.with_columns(pl.col(value_name, "lower", "upper").fill_nan(None)).select(*keys, *events, pl.all())


def _notes(results: Sequence[GroupResult], question: SurvivalQuestion) -> Iterator[str]:
    outside = math.fsum({result.key: result.extrapolated_person_days for result in results}.values())
    if outside:
        yield f"{outside:.0f} person-days lie outside of the life table; the hazards at its edge were held for them."
    refused = [found for result in results for found in result.estimates if found.support is Support.NONE]
    if refused:
        yield f"{len(refused)} of {sum(len(result.estimates) for result in results)} estimates have too little support and are not given."
    doubtful = [found for result in results for found in result.estimates if found.support is Support.DOUBTFUL]
    if doubtful:
        yield f"{len(doubtful)} estimates are doubtful: their standard error is above {question.support.doubtful_error:g}."
