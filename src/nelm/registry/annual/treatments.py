"""Chapter: survival by treatment, from a landmark on, so that nobody is counted as treated because he or she lived long enough to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from nelm.epidemiology.follow_up import times
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.persons import days_followed
from nelm.registry.annual.survival import SINCE, Group, drawn
from nelm.registry.annual.words import NO_ESTIMATE, in_years, number, percent_with_limits, table
from nelm.registry.freeze.write import DECISIONS

GIVEN, NOT_GIVEN = "given", "not given"


def decisions(context: Context) -> pl.DataFrame:
    """Each treatment of the freeze: patient, day, and the terms of the vocabulary that it shows as given."""
    schema: dict[str, pl.DataType] = {"patient": pl.String(), "as_of": pl.Date(), "given": pl.List(pl.String())}
    if not context.freeze.rows(DECISIONS):
        return pl.DataFrame(schema=schema)
    return pl.concat(context.freeze.facts(DECISIONS).blocks(list(schema))).select(list(schema))


def at_landmark(context: Context, given: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, pl.Series]]:
    """Those alive and followed at the landmark, and for each term of the plan whether it was given before."""
    days = context.plan.treatment.landmark_days
    frame = context.patients.followed.with_columns(landmark=pl.col("metastases") + pl.duration(days=days))
    frame = frame.filter(pl.col("end") > pl.col("landmark"))
    before = given.join(frame.select("patient", "landmark"), on="patient").filter(pl.col("as_of") <= pl.col("landmark")).explode("given")
    treated = {
        term: frame["patient"].is_in(before.filter(pl.col("given") == term)["patient"].implode()) for term in context.plan.treatment.terms
    }
    return frame, treated


def chapter(context: Context) -> Section:
    """A row per treatment and whether it was given; the curves of the most frequent one."""
    frame, treated = at_landmark(context, decisions(context))
    if frame.is_empty() or context.shown.hides(frame.height):
        return Section("treatments", "Survival by treatment", ("Too few patients were followed to the landmark.",))
    groups = {term: _groups(context, frame, given) for term, given in treated.items()}
    return Section(
        id="treatments",
        title="Survival by treatment",
        paragraphs=(_summary(context, frame),),
        pictures=_pictures(context, groups),
        tables=(_table(context, groups),),
        limits=(
            "Whoever is treated was chosen for it: fitter, younger, with less disease. These numbers describe what became of the treated and "
            "the others; they do not say what a treatment does.",
        ),
    )


def _summary(context: Context, frame: pl.DataFrame) -> str:
    left = context.patients.followed.height - frame.height
    return (
        f"{context.plan.treatment.reason} {number(frame.height)} patients were alive and followed at the landmark; "
        f"{context.shown.count(left)} had died or were lost before."
    )


def _groups(context: Context, frame: pl.DataFrame, given: pl.Series) -> list[Group]:
    found = []
    for label, which in ((GIVEN, given), (NOT_GIVEN, ~given)):
        own = frame.filter(which)
        if own.height:
            counted = times(exit_days=days_followed(own) - context.plan.treatment.landmark_days, dead=own["dead"].to_numpy())
            found.append(Group(label, own.height, counted, None if context.shown.hides(own.height) else kaplan_meier(counted)))
    return found


def _pictures(context: Context, groups: Mapping[str, Sequence[Group]]) -> tuple[Picture, ...]:
    """The first treatment of the plan that divides the patients into two groups large enough."""
    since = f"day {context.plan.treatment.landmark_days} after {SINCE}"
    for term, found in groups.items():
        least = min((group.patients for group in found), default=0)
        if len(found) == 2 and least >= context.plan.survival.fewest_at_risk:
            label = context.knowledge.terms[term].label
            return tuple(drawn(context, f"treatment-{term}", f"{label} within {context.plan.treatment.landmark_days} days", found, since))
    return ()


def _table(context: Context, groups: Mapping[str, Sequence[Group]]) -> Table:
    rows: list[tuple[str, ...]] = []
    years = context.plan.survival.years
    for term, found in groups.items():
        sizes = context.shown.line([group.patients for group in found])
        for group, size in zip(found, sizes, strict=True):
            cells: Sequence[str] = [NO_ESTIMATE] * len(years)
            if group.curve is not None:
                cells = [
                    percent_with_limits(each, 0) for each in group.curve.at(years, fewest_at_risk=context.plan.survival.fewest_at_risk)
                ]
            deaths = "–" if group.curve is None else context.shown.count(int(group.times.dead.sum()))
            label = context.knowledge.terms[term].label
            rows.append((label, group.label, size, deaths, *cells))
    heads = ("Treatment", "By then", "Patients", "Deaths", *(in_years(year) for year in years))
    notes = [
        f"Per cent (95 % interval), Kaplan–Meier, since the landmark at {context.plan.treatment.landmark_days} days. "
        f"“{NO_ESTIMATE}”: fewer than {context.plan.survival.fewest_at_risk} at risk.",
    ]
    return table("survival-by-treatment", "Survival by treatment given up to the landmark", heads, rows, texts=2, notes=notes)
