"""Chapter: survival by treatment, from a landmark on, so that nobody is counted as treated because he or she lived long enough to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from nelm.epidemiology.follow_up import times
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.persons import days_followed
from nelm.registry.annual.survival import SINCE, WITHHELD, Group, drawn, estimates, few_at_risk, grouped
from nelm.registry.annual.words import in_years, table
from nelm.registry.freeze.write import DECISIONS, TREATMENTS

TOO_FEW = "These are too few for a curve."
GIVEN, NOT_GIVEN = "given", "none on record"


def decisions(context: Context) -> pl.DataFrame:
    """Each treatment of the freeze: patient, day, and the terms of the vocabulary that it shows as given."""
    schema: dict[str, pl.DataType] = {"patient": pl.String(), "as_of": pl.Date(), "given": pl.List(pl.String())}
    if not context.freeze.rows(DECISIONS):
        return pl.DataFrame(schema=schema)
    return pl.concat(context.freeze.facts(DECISIONS).blocks(list(schema))).select(list(schema))


def undated(context: Context) -> pl.Series:
    """The patients of whom a treatment is on record whose month is not: nobody can say what they had had by a day."""
    rows = context.freeze.entities(TREATMENTS)
    if rows is None:
        return pl.Series("patient", [], dtype=pl.String)
    return rows.filter(~pl.col("date").str.contains(r"^\d{4}-\d{2}").fill_null(value=False))["patient"].unique()


def at_landmark(context: Context, given: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, pl.Series]]:
    """Those alive and followed at the landmark, and for each term of the plan whether it was given before."""
    days = context.plan.treatment.landmark_days
    frame = context.patients.followed.with_columns(landmark=pl.col("metastases") + pl.duration(days=days))
    frame = frame.filter((pl.col("end") > pl.col("landmark")) & ~pl.col("patient").is_in(undated(context).implode()))
    before = given.join(frame.select("patient", "landmark"), on="patient").filter(pl.col("as_of") <= pl.col("landmark")).explode("given")
    treated = {
        term: frame["patient"].is_in(before.filter(pl.col("given") == term)["patient"].implode()) for term in context.plan.treatment.terms
    }
    return frame, treated


def chapter(context: Context) -> Section:
    """A row per treatment and whether it was given; the curves of the most frequent one."""
    frame, treated = at_landmark(context, decisions(context))
    if frame.is_empty() or context.shown.hides(frame.height):
        return Section("treatments", "Survival by treatment", (_summary(context, frame), TOO_FEW))
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
    followed = context.patients.followed
    without_date = followed.filter(pl.col("patient").is_in(undated(context).implode())).height
    left = followed.height - frame.height - without_date
    said = (
        f"{context.plan.treatment.reason} {context.shown.count(frame.height)} patients were alive and followed at the landmark; "
        f"{context.shown.count(left)} had died or were lost before."
    )
    return f"{said} Left out: {context.shown.count(without_date)} with a treatment whose month is not known." if without_date else said


def _groups(context: Context, frame: pl.DataFrame, given: pl.Series) -> list[Group]:
    found = {}
    for label, which in ((GIVEN, given), (NOT_GIVEN, ~given)):
        own = frame.filter(which)
        if own.height:
            found[label] = times(exit_days=days_followed(own) - context.plan.treatment.landmark_days, dead=own["dead"].to_numpy())
    return grouped(context, found)


def _pictures(context: Context, groups: Mapping[str, Sequence[Group]]) -> tuple[Picture, ...]:
    """The first treatment of the plan that divides the patients into two groups large enough."""
    since = f"day {context.plan.treatment.landmark_days} after {SINCE}"
    for term, found in groups.items():
        least = min((group.patients for group in found), default=0)
        if len(found) == 2 and all(group.curve for group in found) and least >= context.plan.survival.fewest_at_risk:
            label = context.knowledge.terms[term].label
            return tuple(drawn(context, f"treatment-{term}", f"{label} within {context.plan.treatment.landmark_days} days", found, since))
    return ()


def _table(context: Context, groups: Mapping[str, Sequence[Group]]) -> Table:
    rows: list[tuple[str, ...]] = []
    for term, found in groups.items():
        label = context.knowledge.terms[term].label
        rows += [(label, group.label, group.size, group.deaths, *estimates(context, "", group.curve, places=0)[1:]) for group in found]
    heads = ("Treatment", "By then", "Patients", "Deaths", *(in_years(year) for year in context.plan.survival.years))
    notes = [
        f"Per cent (95 % interval), Kaplan–Meier, since the landmark at {context.plan.treatment.landmark_days} days. {few_at_risk(context)}",
        f"“{GIVEN.capitalize()}”: at any time up to the landmark, before the metastases were seen too.",
    ]
    if any(group.curve is None for found in groups.values() for group in found):
        notes.append(WITHHELD)
    return table("survival-by-treatment", "Survival by treatment given up to the landmark", heads, rows, texts=2, notes=notes)
