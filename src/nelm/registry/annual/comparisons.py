"""Chapter: treatments compared among patients who are made alike in what was measured, from a landmark on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from nelm.cohort.groups import NOT_KNOWN
from nelm.epidemiology.balance import Balance
from nelm.epidemiology.comparison import Arm, Comparison, Question, compare
from nelm.epidemiology.covariates import ComparisonError
from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.epidemiology.landmark import AtLandmark
from nelm.epidemiology.propensity import Weighting
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.persons import days_followed
from nelm.registry.annual.plan import ComparisonPlan
from nelm.registry.annual.survival import SINCE
from nelm.registry.annual.treatments import undated
from nelm.registry.annual.words import NO_ESTIMATE, NOT_SHOWN, decimals, in_a_sentence, number, percent_with_limits, table
from nelm.registry.tables.curve_picture import Curve, NoPicture, draw_curves

AGE, SEX, RARE = "age in years", "sex", "one of the rare ones"


def chapter(context: Context, given: pl.DataFrame) -> Section:
    """Each comparison of the plan: what was seen and under which assumptions, the curves, the balance, and who was left out."""
    paragraphs: list[str] = []
    pictures: list[Picture] = []
    tables: list[Table] = []
    for plan in context.plan.comparisons:
        paragraphs.append(plan.reason)
        try:
            found = compare(_columns(context, plan, given), _question(context, plan))
        except (ComparisonError, ValueError) as error:
            paragraphs.append(f"{_treatment(context, plan)}: not compared. {_without_small(context, str(error))}")
            continue
        if _too_small(context, found):
            paragraphs.append(f"{_treatment(context, plan)}: not compared, as an arm is too small to be shown.")
            continue
        paragraphs += [found.statement, *(f"Against it: {_without_small(context, warning)}" for warning in found.warnings)]
        pictures += list(_picture(context, plan, found))
        tables += [_arms(context, plan, found), _balance(context, plan, found), _flow(context, plan, found)]
    return Section(
        "comparisons",
        "Treatments compared",
        tuple(paragraphs),
        tuple(pictures),
        tuple(tables),
        ("A comparison without random allocation. What was not measured, as fitness for surgery, may explain all of the difference.",),
    )


def _without_small(context: Context, text: str) -> str:
    """What a comparison says of itself, small numbers of people held back."""
    return re.sub(r"(?<![\d.,])(\d+)(?= (persons|deaths)\b)", lambda found: context.shown.count(int(found[1])), text)


def _treatment(context: Context, plan: ComparisonPlan) -> str:
    return context.knowledge.terms[plan.treatment].label


def _question(context: Context, plan: ComparisonPlan) -> Question:
    return Question(
        treatment=in_a_sentence(_treatment(context, plan)),
        alternative=plan.alternative,
        covariates=(*((AGE, SEX) if plan.with_age_and_sex else ()), *(_called(context, name) for name in plan.covariates)),
        rule=AtLandmark(context.plan.treatment.landmark_days),
        weighting=Weighting(estimand=plan.estimand),
        horizons_years=plan.horizons_years,
        resamples=plan.resamples,
    )


def _called(context: Context, name: str) -> str:
    return in_a_sentence(context.knowledge.label(name))


def _columns(context: Context, plan: ComparisonPlan, given: pl.DataFrame) -> Mapping[str, Sequence[object]]:
    """The patients as columns; what is not known is None. Days count from the first sight of the metastases."""
    frame = context.patients.followed
    first = given.explode("given").filter(pl.col("given") == plan.treatment).group_by("patient").agg(pl.col("as_of").min())
    frame = frame.join(first, on="patient", how="left", maintain_order="left")
    days = frame.select((pl.col("as_of") - pl.col("metastases")).dt.total_days().cast(pl.Float64)).to_series()
    open_ = set(undated(context))
    columns: dict[str, Sequence[object]] = {
        "exit_days": days_followed(frame).tolist(),
        "dead": frame["dead"].to_list(),
        "treated": [
            True if treated else None if patient in open_ else False
            for patient, treated in zip(frame["patient"], days.is_not_null(), strict=True)
        ],
        "treatment_days": days.to_list(),
        AGE: [None if age is None else age / DAYS_PER_YEAR for age in frame["age_days"]],
        SEX: frame["sex"].to_list(),
    }
    return columns | {_called(context, name): _together(frame[name].to_list(), plan.rare_below_percent) for name in plan.covariates}


def _together(words: Sequence[str], rare_below_percent: float) -> list[str | None]:
    """The words of a covariate: not known is None, rare ones become one."""
    counts = Counter(words)
    rare = {word for word, count in counts.items() if 100 * count < rare_below_percent * len(words)}
    return [None if word == NOT_KNOWN else RARE if word in rare else word for word in words]


def _too_small(context: Context, found: Comparison) -> bool:
    return any(context.shown.hides(count) for arm in (found.treated, found.untreated) for count in (arm.persons, arm.deaths))


# -- tables and picture ------------------------------------------------------------------------------------


def _arms(context: Context, plan: ComparisonPlan, found: Comparison) -> Table:
    rows = []
    for arm in (found.treated, found.untreated):
        for label, curve in (("as they were", arm.curve), ("made alike", arm.weighted_curve)):
            estimates = curve.at(plan.horizons_years, fewest_at_risk=context.plan.survival.fewest_at_risk)
            cells = [percent_with_limits(each) if each.supported else NO_ESTIMATE for each in estimates]
            rows.append((arm.name, label, number(arm.persons), number(arm.deaths), decimals(arm.effective_persons, 0), *cells))
    ratio = found.hazard_ratio
    notes = [
        f"Hazard ratio after weighting {decimals(ratio.ratio, 2)} (95 % interval {decimals(ratio.lower, 2)}–{decimals(ratio.upper, 2)}). "
        f"E-value {decimals(found.e_value.estimate, 2)}, of the limit nearest to no difference {decimals(found.e_value.limit, 2)}: so strongly "
        "would something not measured have to go with both treatment and death to explain it.",
    ]
    heads = (
        "Arm",
        "Patients are",
        "Patients",
        "Deaths",
        "Effective number",
        *(f"Survival, % at {years} years" for years in plan.horizons_years),
    )
    return table(f"comparison-{plan.id}", f"{_treatment(context, plan)} against {plan.alternative}", heads, rows, texts=2, notes=notes)


def _few_of(context: Context, found: Comparison) -> set[str]:
    """The levels whose share tells a small number of an arm; where a covariate has one such level, all of its levels."""
    few = {
        each.name
        for each in found.balance
        if not each.name.startswith(AGE)
        and any(
            context.shown.hides(round(share * arm.persons))
            for share, arm in ((each.before.treated, found.treated), (each.before.untreated, found.untreated))
        )
    }
    covariates = [name for name in found.question.covariates if any(level.startswith(name) for level in few)]
    return {each.name for each in found.balance if any(each.name.startswith(name) for name in covariates)}


def _before(each: Balance) -> tuple[str, str, str]:
    return decimals(each.before.treated, 2), decimals(each.before.untreated, 2), decimals(each.before.standardised, 2)


def _balance(context: Context, plan: ComparisonPlan, found: Comparison) -> Table:
    hidden = _few_of(context, found)
    rows = [
        (each.name, *(_before(each) if each.name not in hidden else [NOT_SHOWN] * 3), decimals(each.after.standardised, 2))
        for each in found.balance
    ]
    heads = ("Measured", "Treated", "Untreated", "Difference before", "Difference after")
    notes = (
        "Means or shares; differences in standard deviations, of which less than 0.1 counts as alike (Austin 2009). "
        f"Values of fewer than {plan.rare_below_percent:g} % of the patients are taken together.",
    )
    return table(f"comparison-{plan.id}-balance", "How alike the arms are", heads, rows, notes=notes)


def _flow(context: Context, plan: ComparisonPlan, found: Comparison) -> Table:
    rows = [(step.reason, context.shown.count(step.persons)) for step in found.flow]
    return table(f"comparison-{plan.id}-flow", "Who is not compared", ("Reason", "Patients"), rows)


def _picture(context: Context, plan: ComparisonPlan, found: Comparison) -> Iterator[Picture]:
    title = f"{_treatment(context, plan)} against {plan.alternative}, patients made alike"
    since = f"day {context.plan.treatment.landmark_days} after {SINCE}"
    notes = [
        context.named,
        "Weighted by the propensity score; numbers at risk as they were. Shaded: 95 % intervals, weights taken as known.",
    ]
    try:
        svg = draw_curves(
            [_curve(context, arm) for arm in (found.treated, found.untreated)],
            title=title,
            says=[f"Kaplan–Meier, since {since}"],
            axis="Survival, %",
            notes=notes,
            years=float(max(plan.horizons_years)),
            since=since,
            below=context.settings.below,
            heading=False,
        )
    except NoPicture:
        return
    yield Picture(f"comparison-{plan.id}", title, svg, found.statement)


def _curve(context: Context, arm: Arm) -> Curve:
    """The weighted curve, drawn while enough persons (not weights) are at risk."""
    curve = arm.weighted_curve
    enough = arm.curve.time[arm.curve.at_risk >= context.plan.survival.fewest_at_risk]
    until = float(enough[-1]) if enough.size else 0.0
    risk = np.append(arm.curve.at_risk, 0)[np.searchsorted(arm.curve.time, curve.time, side="left")]
    return Curve(arm.name, curve.time, curve.survival, curve.lower, curve.upper, risk, until)
