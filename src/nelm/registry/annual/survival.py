"""Chapter: survival from the day on which liver metastases were first seen; observed, and net of other causes of death."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from nelm.cohort.groups import NOT_KNOWN
from nelm.epidemiology.age_standardised import age_standardised
from nelm.epidemiology.curves import SurvivalCurve
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, FollowUpError, Times, times
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.log_rank import GroupTest, log_rank
from nelm.epidemiology.net_survival import pohar_perme
from nelm.epidemiology.standards import StandardPopulationError, standard_population
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.persons import days_followed, followed_up
from nelm.registry.annual.words import NO_ESTIMATE, between, decimals, in_a_sentence, in_years, listed, number, percent_with_limits, table
from nelm.registry.tables.curve_picture import MOST_BANDS, MOST_CURVES, Curve, NoPicture, draw_curves

SINCE = "liver metastases were first seen"
AS_SURVIVAL = "Survival, %"


@dataclass(frozen=True, eq=False)
class Group:
    """Patients of one kind with their curve; `curve` is None where they are too few to be shown."""

    label: str
    patients: int
    times: Times
    curve: SurvivalCurve | None


def observed(frame: pl.DataFrame) -> Times:
    """The times of patients since the metastases were first seen."""
    return times(exit_days=days_followed(frame), dead=frame["dead"].to_numpy())


def divided(context: Context, frame: pl.DataFrame, name: str, words: Sequence[str]) -> list[Group]:
    """The patients by group, in the order of `words`; groups without anybody are left out."""
    groups = []
    for word in words:
        own = frame.filter(pl.col(name) == word)
        if own.height:
            counted = observed(own)
            groups.append(Group(word, own.height, counted, None if context.shown.hides(own.height) else kaplan_meier(counted)))
    return groups


def chapter(context: Context) -> Section:
    """Survival of all, net survival, and survival by group."""
    frame = context.patients.followed
    if frame.is_empty() or context.shown.hides(frame.height):
        return Section("survival", "Survival", ("Too few patients can be followed: no survival is printed.",))
    everybody = Group("All patients", frame.height, observed(frame), kaplan_meier(observed(frame)))
    net = list(_net_rows(context))
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
            "Survival describes groups of registered patients and is nobody's prognosis; differences between groups are not adjusted.",
        ),
    )


def _paragraphs(context: Context, everybody: Group) -> Iterator[str]:
    assert everybody.curve is not None
    estimates = list(everybody.curve.at(context.plan.survival.years, fewest_at_risk=context.plan.survival.fewest_at_risk))
    said = [f"{decimals(100 * each.survival)} % at {in_years(each.years)}" for each in estimates if each.supported]
    yield (
        f"Of {number(everybody.patients)} patients who could be followed, {number(int(everybody.times.dead.sum()))} died. Survival since "
        f"{SINCE}: {listed(said) if said else 'too few at risk to say'}."
    )
    for left in context.patients.not_followed:
        yield f"Left out: {context.shown.count(left.patients)} patients; {left.reason}."


# -- all patients ------------------------------------------------------------------------------------------


def _overall(context: Context, everybody: Group, net: Sequence[tuple[str, ...]]) -> Table:
    rows = [_estimates(context, "Observed (Kaplan–Meier)", everybody.curve), *net, _at_risk(context, everybody.times)]
    return table("survival-all", "Survival of all patients, % (95 % interval)", _heads(context, "Method"), rows, notes=_notes(context))


def _heads(context: Context, first: str) -> tuple[str, ...]:
    return (first, *(in_years(years) for years in context.plan.survival.years))


def _estimates(context: Context, label: str, curve: SurvivalCurve | None, places: int = 1) -> tuple[str, ...]:
    years = context.plan.survival.years
    if curve is None:
        return (label, *(NO_ESTIMATE for _ in years))
    found = curve.at(years, fewest_at_risk=context.plan.survival.fewest_at_risk)
    return (label, *(percent_with_limits(each, places) for each in found))


def _at_risk(context: Context, counted: Times) -> tuple[str, ...]:
    ends = counted.exit_days
    at = [int((ends >= years * DAYS_PER_YEAR).sum()) for years in context.plan.survival.years]
    return ("At risk", *(context.shown.count(number_) for number_ in at))


def _notes(context: Context) -> list[str]:
    notes = [f"“{NO_ESTIMATE}”: fewer than {context.plan.survival.fewest_at_risk} at risk."]
    if context.life_table is not None:
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
    yield _estimates(context, "Net (Pohar Perme)", curve)
    standard = standard_population(context.plan.survival.standard)

    def estimator(group: FollowUp) -> SurvivalCurve:
        return pohar_perme(group, life_table, years=years)

    try:
        found = age_standardised(persons, standard, estimator).at(years, fewest_at_risk=context.plan.survival.fewest_at_risk)
    except (StandardPopulationError, FollowUpError):
        yield (f"Net, age-standardised ({standard.label})", *("an age outside" for _ in years))
        return
    cells = [
        f"{decimals(100 * each.survival)} {between(100 * each.lower, 100 * each.upper)}" if each.supported else NO_ESTIMATE
        for each in found
    ]
    yield (f"Net, age-standardised ({standard.label})", *cells)


# -- groups ------------------------------------------------------------------------------------------------


def by_group(context: Context, id_: str, title: str, groups: Sequence[Group], since: str = SINCE) -> Table:
    """A row per group: patients, deaths, survival at the years of the plan; with the log-rank test."""
    rows = []
    sizes = context.shown.line([group.patients for group in groups])
    for group, size in zip(groups, sizes, strict=True):
        deaths = "–" if group.curve is None else context.shown.count(int(group.times.dead.sum()))
        rows.append((group.label, size, deaths, *_estimates(context, "", group.curve, places=0)[1:]))
    heads = ("Group", "Patients", "Deaths", *_heads(context, "")[1:])
    notes = [f"Per cent (95 % interval), Kaplan–Meier, since {since}.", *_notes(context)[:1]]
    test = tested(context, groups)
    if test is not None:
        notes.append(
            f"Log-rank test between the {test.degrees_of_freedom + 1} groups that are known: χ² = {decimals(test.chi_squared)}, "
            f"{test.degrees_of_freedom} df, p {'< 0.001' if test.p_value < 0.001 else f'= {test.p_value:.3f}'}; not adjusted for anything."
        )
    return table(id_, title, heads, rows, notes=notes)


def tested(context: Context, groups: Sequence[Group]) -> GroupTest | None:
    """The log-rank test between groups that are known; None where one has too few patients or deaths to be shown, or none has a death."""
    known = [group for group in groups if group.label != NOT_KNOWN]
    chosen = [group for group in known if group.curve is not None and not context.shown.hides(int(group.times.dead.sum()))]
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
    notes = [context.named, f"Drawn while {context.plan.survival.fewest_at_risk} or more are at risk.{bands}"]
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
    assert group.curve is not None
    found = group.curve.at(context.plan.survival.years, fewest_at_risk=context.plan.survival.fewest_at_risk)
    said = [f"{decimals(100 * each.survival)} % at {in_years(each.years)}" for each in found if each.supported]
    return listed(said) if said else "too few at risk"
