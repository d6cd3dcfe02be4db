"""Chapter: survival from the day on which liver metastases were first seen; observed, and net of other causes of death."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from nelm.cohort.groups import NOT_KNOWN
from nelm.epidemiology.age_standardised import age_standardised
from nelm.epidemiology.curves import SurvivalCurve
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, Times, times
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.log_rank import GroupTest, log_rank
from nelm.epidemiology.net_survival import pohar_perme
from nelm.epidemiology.standards import standard_population
from nelm.epidemiology.support import SupportRule
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.persons import days_followed, followed_up
from nelm.registry.annual.words import (
    NO_ESTIMATE,
    NOT_SHOWN,
    between,
    decimals,
    in_a_sentence,
    in_years,
    listed,
    number,
    percent_with_limits,
    table,
)
from nelm.registry.tables.curve_picture import MOST_BANDS, MOST_CURVES, Curve, NoPicture, draw_curves

SINCE = "liver metastases were first seen"
WITHHELD = f"“{NOT_SHOWN}”: a small number would follow from it."
AS_SURVIVAL = "Survival, %"


@dataclass(frozen=True, eq=False)
class Group:
    """Patients of one kind, `size` and `deaths` as they are printed; no `curve` where one of the two is not, as it would tell it."""

    label: str
    times: Times
    size: str
    deaths: str
    curve: SurvivalCurve | None

    @property
    def patients(self) -> int:
        return len(self.times)


def observed(frame: pl.DataFrame) -> Times:
    """The times of patients since the metastases were first seen."""
    return times(exit_days=days_followed(frame), dead=frame["dead"].to_numpy())


def grouped(context: Context, of: Mapping[str, Times]) -> list[Group]:
    """Groups whose sums are known: what is held back in one cannot be worked out from the others."""
    persons, died = [len(each) for each in of.values()], [int(each.dead.sum()) for each in of.values()]
    words = zip(context.shown.line(persons), context.shown.line(died), strict=True)
    return [
        Group(label, each, size, deaths, kaplan_meier(each) if (size, deaths) == (number(count), number(dead)) else None)
        for (label, each), (size, deaths), count, dead in zip(of.items(), words, persons, died, strict=True)
    ]


def divided(context: Context, frame: pl.DataFrame, name: str, words: Sequence[str]) -> list[Group]:
    """The patients by group, in the order of `words`; groups without anybody are left out."""
    own = {word: frame.filter(pl.col(name) == word) for word in words}
    return grouped(context, {word: observed(rows) for word, rows in own.items() if rows.height})


def chapter(context: Context) -> Section:
    """Survival of all, net survival, and survival by group."""
    frame = context.patients.followed
    if frame.is_empty() or context.shown.hides(frame.height):
        return Section("survival", "Survival", ("Too few patients can be followed: no survival is printed.",))
    (everybody,) = grouped(context, {"All patients": observed(frame)})
    net = [] if everybody.curve is None else list(_net_rows(context))
    pictures, tables = [], [_overall(context, everybody, net)]
    for name, words in context.patients.groups.items():
        groups = divided(context, frame, name, words)
        pictures += list(drawn(context, f"survival-{name}", f"Survival by {in_a_sentence(context.knowledge.label(name))}", groups))
        tables.append(by_group(context, f"survival-{name}", f"Survival by {in_a_sentence(context.knowledge.label(name))}", groups))
    return Section(
        id="survival",
        title="Survival",
        paragraphs=tuple(_paragraphs(context, everybody)),
        pictures=(*drawn(context, "survival-all", "Survival of all patients", [everybody]), *pictures),
        tables=tuple(tables),
        limits=(
            f"Groups are those known {context.plan.baseline.days_after} days after the metastases were first seen. "
            "Who died earlier had less time to be examined, and is more often in the group that is not known. "
            "Survival describes groups of registered patients and is nobody's prognosis; differences between groups are not adjusted.",
        ),
    )


def _paragraphs(context: Context, everybody: Group) -> Iterator[str]:
    yield (
        f"Of {number(everybody.patients)} patients who could be followed, {everybody.deaths} died. Survival since {SINCE}: "
        f"{_said(context, everybody)}."
    )
    for left in context.patients.not_followed:
        yield f"Left out: {context.shown.count(left.patients)} patients; {left.reason}."


# -- all patients ------------------------------------------------------------------------------------------


def _overall(context: Context, everybody: Group, net: Sequence[tuple[str, ...]]) -> Table:
    rows = [estimates(context, "Observed (Kaplan–Meier)", everybody.curve), *net, _at_risk(context, everybody.times)]
    return table("survival-all", "Survival of all patients, % (95 % interval)", _heads(context, "Method"), rows, notes=_notes(context))


def _heads(context: Context, first: str) -> tuple[str, ...]:
    return (first, *(in_years(years) for years in context.plan.survival.years))


def estimates(context: Context, label: str, curve: SurvivalCurve | None, places: int = 1) -> tuple[str, ...]:
    years = context.plan.survival.years
    if curve is None:
        return (label, *(NOT_SHOWN for _ in years))
    found = curve.at(years, fewest_at_risk=context.plan.survival.fewest_at_risk)
    return (label, *(percent_with_limits(each, places) for each in found))


def _at_risk(context: Context, counted: Times) -> tuple[str, ...]:
    ends = counted.exit_days
    at = [int((ends >= years * DAYS_PER_YEAR).sum()) for years in context.plan.survival.years]
    return ("At risk", *(context.shown.count(number_) for number_ in at))


def few_at_risk(context: Context) -> str:
    return f"“{NO_ESTIMATE}”: fewer than {context.plan.survival.fewest_at_risk} at risk."


def _notes(context: Context) -> list[str]:
    notes = [few_at_risk(context)]
    if context.life_table is not None:
        notes.append(
            f"Age-standardised: “{NO_ESTIMATE}” where an age group has fewer at risk, or the standard error is above "
            f"{100 * SupportRule().largest_error:g} percentage points."
        )
        left = context.patients.followed.height - context.patients.with_life_table.height
        if left:
            notes.append(
                f"Net survival leaves out {context.shown.count(left)} patients whose age or sex is not known, or has no life table."
            )
    return notes


def _net_rows(context: Context) -> Iterator[tuple[str, ...]]:
    """Net survival, and age-standardised, where there is a life table."""
    frame = context.patients.with_life_table
    if context.life_table is None or frame.is_empty() or context.shown.hides(frame.height):
        return
    persons, life_table, years = followed_up(frame), context.life_table, context.plan.survival.years
    curve = pohar_perme(persons, life_table, years=years)
    yield estimates(context, "Net (Pohar Perme)", curve)
    standard = standard_population(context.plan.survival.standard).from_birth()

    def estimator(group: FollowUp) -> SurvivalCurve:
        return pohar_perme(group, life_table, years=years)

    found = age_standardised(persons, standard, estimator).at(years, fewest_at_risk=context.plan.survival.fewest_at_risk)
    cells = [
        f"{decimals(100 * each.survival)} {between(100 * each.lower, 100 * each.upper)}"
        if each.supported and each.se <= SupportRule().largest_error
        else NO_ESTIMATE
        for each in found
    ]
    yield (f"Net, age-standardised ({standard.label.partition(',')[0]})", *cells)


# -- groups ------------------------------------------------------------------------------------------------


def by_group(context: Context, id_: str, title: str, groups: Sequence[Group], since: str = SINCE) -> Table:
    """A row per group: patients, deaths, survival at the years of the plan; with the log-rank test."""
    rows = [(group.label, group.size, group.deaths, *estimates(context, "", group.curve, places=0)[1:]) for group in groups]
    heads = ("Group", "Patients", "Deaths", *_heads(context, "")[1:])
    notes = [f"Per cent (95 % interval), Kaplan–Meier, since {since}.", few_at_risk(context)]
    if any(group.curve is None for group in groups):
        notes.append(WITHHELD)
    test = tested(context, groups)
    if test is not None:
        notes.append(
            f"Log-rank test between the {test.degrees_of_freedom + 1} groups that are known: χ² = {decimals(test.chi_squared)}, "
            f"{test.degrees_of_freedom} df, p {'< 0.001' if test.p_value < 0.001 else f'= {test.p_value:.3f}'}; not adjusted for anything."
        )
    return table(id_, title, heads, rows, notes=notes)


def tested(context: Context, groups: Sequence[Group]) -> GroupTest | None:
    """The log-rank test between groups that are known; None where one cannot be shown, or none has a death."""
    known = [group for group in groups if group.label != NOT_KNOWN]
    chosen = [group for group in known if group.curve is not None]
    if len(chosen) < max(2, len(known)) or not any(group.times.dead.any() for group in chosen):
        return None
    together = times(
        exit_days=np.concatenate([group.times.exit_days for group in chosen]),
        dead=np.concatenate([group.times.dead for group in chosen]),
        entry_days=np.concatenate([group.times.entry_days for group in chosen]),
    )
    return log_rank(together, [group.label for group in chosen for _ in range(group.patients)])


def drawn(context: Context, id_: str, title: str, groups: Sequence[Group], since: str = SINCE) -> Iterator[Picture]:
    """The curves of the groups that are known, the largest where there are too many; nothing where no curve has a part to draw."""
    known = [group for group in groups if group.label != NOT_KNOWN and group.curve is not None]
    chosen = sorted(sorted(known, key=lambda group: -group.patients)[:MOST_CURVES], key=known.index)
    bands = " Shaded: 95 % intervals." if len(chosen) <= MOST_BANDS else ""
    held_back = "" if context.settings.below is None or len(chosen) == 1 else " –: not shown, as a small number would follow from it."
    notes = [context.named, f"Drawn while {context.plan.survival.fewest_at_risk} or more are at risk.{bands}{held_back}"]
    if len(chosen) < len(known):
        notes.insert(0, f"The {MOST_CURVES} largest of {len(known)} groups; the table has all.")
    says = [f"Kaplan–Meier, since {since}"]
    try:
        curves = [_curve(context, group) for group in chosen]
        years = float(context.plan.survival.years[-1])
        svg = draw_curves(
            curves,
            title=title,
            says=says,
            axis=AS_SURVIVAL,
            notes=notes,
            years=years,
            since=since,
            below=context.settings.below,
            heading=False,
        )
    except NoPicture:
        return
    said = [f"{group.label}: {_said(context, group)}." for group in chosen]
    yield Picture(id_, title, svg, " ".join(said))


def _curve(context: Context, group: Group) -> Curve:
    curve = group.curve
    assert curve is not None
    enough = curve.time[curve.at_risk >= context.plan.survival.fewest_at_risk]
    until = float(enough[-1]) if enough.size else 0.0
    return Curve(group.label, curve.time, curve.survival, curve.lower, curve.upper, curve.at_risk, until)


def _said(context: Context, group: Group) -> str:
    if group.curve is None:
        return NOT_SHOWN
    found = group.curve.at(context.plan.survival.years, fewest_at_risk=context.plan.survival.fewest_at_risk)
    said = [f"{decimals(100 * each.survival)} % at {in_years(each.years)}" for each in found if each.supported]
    return listed(said) if said else "too few at risk"
