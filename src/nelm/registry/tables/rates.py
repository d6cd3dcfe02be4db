"""Rates of the cases of a table by groups: crude and age-standardised, with ratios, trends and observed to expected."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from nelm.epidemiology.rates import (
    LEVEL,
    PER,
    Interval,
    RateError,
    StandardisedRate,
    annual_percent_change,
    crude_rate,
    expected_cases,
    rate_ratio,
    standardised_rate,
    standardised_ratio,
)
from nelm.epidemiology.standards import StandardPopulation
from nelm.registry.tables.age_groups import AgeGroup
from nelm.registry.tables.persons import word_order
from nelm.registry.tables.rate_sources import YEAR, Cases, Key, Population, counted, placed
from nelm.registry.tables.rows import TableError
from nelm.registry.tables.survival_questions import QuestionError

REFERENCE_PER = 100_000.0


@dataclass(frozen=True)
class RateQuestion:
    """What is asked: rates by the columns `by`, per `per` person-years; with `standard` also age-standardised."""

    by: tuple[str, ...]
    standard: StandardPopulation | None = None
    per: float = PER
    confidence: float = LEVEL

    def __post_init__(self) -> None:
        if self.standard is not None and self.standard.use != "rates":
            raise QuestionError(
                f"{self.standard.label} was made for the survival of patients, and not for rates of a population. Take one made for rates: "
                "world_1960, europe_1976, europe_2013, or a file of your own."
            )
        if not 0 < self.confidence < 1 or not 0 < self.per < math.inf:
            raise QuestionError(f"confidence {self.confidence:g}, per {self.per:g}. Permitted: between 0 and 1, and above 0.")


@dataclass(frozen=True, eq=False)
class GroupRate:
    """The counts of one group by age group of the standard (one, where there is no standard), and its standardised rate."""

    key: Key
    cases: tuple[float, ...]
    person_years: tuple[float, ...]
    standardised: StandardisedRate | None

    @property
    def total(self) -> tuple[float, float]:
        """All cases, and all person-years."""
        return math.fsum(self.cases), math.fsum(self.person_years)


@dataclass(frozen=True, eq=False)
class RateAnswer:
    """The rate of every group for which there is a population, those without cases too."""

    question: RateQuestion
    groups: tuple[GroupRate, ...]
    notes: tuple[str, ...]

    def table(self) -> pl.DataFrame:
        """A row for each group."""
        return pl.DataFrame([self._row(group) for group in self.groups], infer_schema_length=None)

    def _row(self, group: GroupRate) -> dict[str, object]:
        cases, years = group.total
        crude = crude_rate(cases, years, self.question.per, self.question.confidence)
        row: dict[str, object] = {
            **dict(zip(self.question.by, group.key, strict=True)),
            "cases": crude.cases,
            "person_years": years,
            "per": crude.per,
            "crude_rate": crude.value,
            "crude_standard_error": crude.standard_error,
            **_limits("exact", crude.interval),
        }
        rate = group.standardised
        if rate is not None and self.question.standard is not None:
            row |= {
                "standard": self.question.standard.id,
                "standardised_rate": rate.value,
                "standard_error": rate.standard_error,
                **_limits("fay_feuer", rate.fay_feuer),
                **_limits("tiwari", rate.tiwari_clegg_zou),
                "flagged": ", ".join(rate.set_to_cases),
            }
        return row

    def ratios(self, column: str, reference: str) -> pl.DataFrame:
        """The rate of each group over that of the group with `reference` in `column`, all else being the same.

        With a standard the ratio of standardised rates, else that of crude ones. Raises QuestionError where there is no such group.
        """
        if column not in self.question.by:
            raise QuestionError(
                f"--ratio: {column!r} is none of the groups. Permitted: {', '.join(self.question.by) or 'none; state --by'}."
            )
        place = self.question.by.index(column)
        words = sorted({group.key[place] for group in self.groups})
        if reference not in words:
            raise QuestionError(f"--ratio: no group has {reference!r} in {column}. Permitted: {', '.join(words)}.")
        found = {group.key: group for group in self.groups}
        rows = []
        for key, group in found.items():
            beside = (*key[:place], reference, *key[place + 1 :])
            if key[place] != reference and beside in found:
                rows.append(self._ratio(group, found[beside], reference))
        return pl.DataFrame(rows, infer_schema_length=None)

    def _ratio(self, group: GroupRate, beside: GroupRate, reference: str) -> dict[str, object]:
        row: dict[str, object] = {**dict(zip(self.question.by, group.key, strict=True)), "reference": reference}
        empty = dict.fromkeys(("ratio", "lower", "upper"))
        try:
            found = rate_ratio(self._comparable(group), self._comparable(beside), self.question.confidence)
        except RateError as error:
            return {**row, **empty, "note": str(error)}
        return {**row, "ratio": found.value, "lower": found.fay.low, "upper": found.fay.high, "note": ""}

    def _comparable(self, group: GroupRate) -> StandardisedRate:
        """The standardised rate, or the crude one as that of a single age group."""
        if group.standardised is not None:
            return group.standardised
        cases, years = group.total
        return standardised_rate([cases], [years], [1.0], per=self.question.per, level=self.question.confidence)

    def trends(self) -> pl.DataFrame:
        """The annual percent change of each group, a year weighing as the inverse of the variance of its ln(rate).

        A group with too few years, or a year without cases, has a note in place of a number. Raises QuestionError without years.
        """
        if YEAR not in self.question.by:
            raise QuestionError("--trend: a trend is one over calendar years. State them among the groups: --by year.")
        place = self.question.by.index(YEAR)
        others: dict[Key, list[GroupRate]] = {}
        for group in self.groups:
            others.setdefault((*group.key[:place], *group.key[place + 1 :]), []).append(group)
        names = [name for name in self.question.by if name != YEAR]
        return pl.DataFrame(
            [{**dict(zip(names, key, strict=True)), **self._trend(groups, place)} for key, groups in others.items()],
            infer_schema_length=None,
        )

    def _trend(self, groups: Sequence[GroupRate], place: int) -> dict[str, object]:
        years = [int(group.key[place]) for group in groups]
        rates = [self._comparable(group) for group in groups]
        row: dict[str, object] = {"from_year": min(years), "to_year": max(years)}
        try:
            found = annual_percent_change(
                years, [rate.value for rate in rates], [rate.standard_error for rate in rates], self.question.confidence
            )
        except RateError as error:
            return {**row, "annual_percent_change": None, "lower": None, "upper": None, "note": str(error)}
        return {**row, "annual_percent_change": found.percent, "lower": found.interval.low, "upper": found.interval.high, "note": ""}


def _limits(name: str, interval: Interval) -> dict[str, float]:
    return {f"{name}_lower": interval.low, f"{name}_upper": interval.high}


def rates_of(cases: Cases, population: Population, question: RateQuestion) -> RateAnswer:
    """The rates. Columns of `by` that the population has make its groups; for others its person-years count in every group.

    Raises TableError and RateError.
    """
    if YEAR in question.by and YEAR not in population.names:
        raise QuestionError(f"--by year: {population.file} has no column year. Give a population of each year, or leave the year out.")
    shared = [name for name in question.by if name in population.names]
    own = [name for name in question.by if name not in population.names]
    places = 1 if question.standard is None else len(question.standard.from_age)
    found = counted(_by_place(cases.frame, question, cases.file), question.by, "cases", places)
    lived = counted(_by_place(population.frame, question, population.file), shared, "population", places)
    groups = []
    for key in _keys(question.by, shared, lived, cases.frame.select(own).unique().rows() if own else [()]):
        years = lived[tuple(word for name, word in zip(question.by, key, strict=True) if name in shared)]
        number = found.get(key, [0.0] * places)
        groups.append(GroupRate(key, tuple(number), tuple(years), _standardised(number, years, question)))
    return RateAnswer(question, tuple(groups), tuple(_notes(question, own, groups)))


def _by_place(frame: pl.DataFrame, question: RateQuestion, file: str) -> pl.DataFrame:
    return frame.with_columns(pl.lit(0).alias("place")) if question.standard is None else placed(frame, question.standard, file)


def _keys(by: Sequence[str], shared: Sequence[str], lived: Mapping[Key, object], own: Sequence[Key]) -> list[Key]:
    """Every group of the population with every group of the cases' own columns."""
    keys = []
    for ours in lived:
        for theirs in own:
            word = {**dict(zip(shared, ours, strict=True)), **dict(zip([name for name in by if name not in shared], theirs, strict=True))}
            keys.append(tuple(word[name] for name in by))
    return sorted(keys, key=word_order)


def _standardised(cases: Sequence[float], years: Sequence[float], question: RateQuestion) -> StandardisedRate | None:
    standard = question.standard
    if standard is None:
        return None
    return standardised_rate(cases, years, standard.weights, groups=standard.groups, per=question.per, level=question.confidence)


def _notes(question: RateQuestion, own: Sequence[str], groups: Sequence[GroupRate]) -> Iterator[str]:
    if own:
        yield f"The population is not divided by {' and '.join(own)}: each of these groups has the person-years of the whole."
    flagged = sum(1 for group in groups if group.standardised and group.standardised.flagged)
    if flagged:
        yield (
            f"{flagged} rates are flagged: an age group has cases and no population. Its person-years were set to its cases, as SEER*Stat does; "
            "look for the population that is missing."
        )
    empty = sum(1 for group in groups if group.standardised and group.standardised.without_population)
    if empty:
        yield f"In {empty} rates an age group has neither cases nor population; its rate counts as 0."
    if question.standard is not None:
        yield f"Standard: {question.standard.label}. {question.standard.outside}"


# -- observed and expected ---------------------------------------------------------------------------------------------


def ratios_to_expected(
    cases: Cases, population: Population, reference: pl.DataFrame, names: Sequence[str], question: RateQuestion
) -> pl.DataFrame:
    """SIR or SMR of each group: its cases over those expected at the reference rates (per 100,000) in its person-years.

    Every group of the population needs exactly one reference rate; `names` are the columns that the two share besides age. Raises TableError.
    """
    unshared = [name for name in names if name not in population.names]
    if unshared:
        raise TableError(
            f"{population.file}: the reference rates are by {', '.join(unshared)}, and the population is not. Give both by the same."
        )
    own = [name for name in question.by if name not in population.names]
    if own:
        raise QuestionError(f"Expected cases need a population by {', '.join(own)}. Leave it out of --by, or give such a population.")
    expected: dict[Key, float] = {}
    rates = [
        (tuple(row[name] for name in names), AgeGroup(row["low"], row["high"]), row["rate"]) for row in reference.iter_rows(named=True)
    ]
    by_words: dict[Key, list[tuple[AgeGroup, float]]] = {}
    for words, ages, rate in rates:
        by_words.setdefault(words, []).append((ages, rate))
    for row in population.frame.iter_rows(named=True):
        ages = AgeGroup(row["low"], row["high"]) if "low" in row else AgeGroup(0, None)
        words = tuple(row[name] for name in names)
        fitting = [rate for group, rate in by_words.get(words, []) if group.holds(ages)]
        if len(fitting) != 1:
            many = "no reference rate" if not fitting else f"{len(fitting)} reference rates"
            where = ", ".join([*words, "all ages" if ages == AgeGroup(0, None) else f"ages {ages.low} to {ages.high or 'the end'}"])
            raise TableError(f"{population.file}: {many} for {where}. Each group of the population needs exactly one.")
        key = tuple(row[name] for name in question.by)
        expected[key] = expected.get(key, 0.0) + expected_cases([row["population"]], fitting, REFERENCE_PER)
    observed = dict(counted(cases.frame.with_columns(pl.lit(0).alias("place")), question.by, "cases", 1))
    return pl.DataFrame(
        [_observed(key, observed.get(key, [0.0])[0], expected[key], question) for key in sorted(expected, key=word_order)],
        infer_schema_length=None,
    )


def _observed(key: Key, cases: float, expected: float, question: RateQuestion) -> dict[str, object]:
    row: dict[str, object] = {**dict(zip(question.by, key, strict=True)), "observed": int(cases), "expected": expected}
    if expected == 0:
        return {**row, "ratio": None, "lower": None, "upper": None, "note": "No case was expected, and nothing can be divided by 0."}
    found = standardised_ratio(cases, expected, question.confidence)
    return {**row, "ratio": found.value, "lower": found.interval.low, "upper": found.interval.high, "note": ""}
