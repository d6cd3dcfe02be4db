"""Two treatments compared from records: who is compared, how alike they are, how long they live, and what that rests on.

    table ─ time zero (`landmark`) ─ score, overlap, weights (`propensity`) ─ balance ─ curves, hazard ratio, benefit ─ Comparison

Nothing here shows that a treatment caused anything. `Comparison.statement` says what was seen, for whom, and under which
assumptions it would be the effect of the treatment; `warnings` say what speaks against it in these data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nelm.epidemiology.balance import NEGLIGIBLE, Balance, balance
from nelm.epidemiology.comparison_table import Reader
from nelm.epidemiology.covariates import ComparisonError, Covariates, completeness, covariates
from nelm.epidemiology.cox import CoxModel, HazardRatio, cox
from nelm.epidemiology.cox_checks import ProportionalHazards, proportional_hazards
from nelm.epidemiology.curves import SurvivalCurve
from nelm.epidemiology.e_values import EValue, e_value_of_hazard_ratio
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, Times
from nelm.epidemiology.kernels import Booleans, Integers
from nelm.epidemiology.landmark import Arms, AtLandmark, Courses, FlowStep, Rule, arms
from nelm.epidemiology.propensity import Overlap, PropensityScore, Weighting, Weights, overlap, propensity_score, weights_from
from nelm.epidemiology.restricted_mean import DAYS_PER_MONTH, Benefit, BootstrapBenefit, bootstrap_benefit, survival_benefit
from nelm.epidemiology.weighted_survival import weighted_kaplan_meier

RARE = 0.15  # of the persons dead by the end: below, a hazard ratio is near a risk ratio (VanderWeele and Ding 2017)
SUSPECT = 0.05  # p of the test of proportional hazards
FEW_DEATHS = 10  # in an arm


@dataclass(frozen=True)
class Question:
    """What is compared, in which columns of a table it stands, and how it shall be answered.

    `treated` is a column of true, false and None (unknown); `treatment_days` one of days from the origin to the begin of treatment; without
    it, `known_at_zero` has to say why treatment was settled at time zero, and that sentence becomes one of the assumptions. `eligible_days`
    is time zero (nothing: the origin). `horizons_years` are those of the benefit.
    """

    treatment: str
    alternative: str
    covariates: tuple[str, ...]
    rule: Rule
    weighting: Weighting = field(default_factory=Weighting)
    exit_days: str = "exit_days"
    dead: str = "dead"
    treated: str = "treated"
    treatment_days: str | None = "treatment_days"
    known_at_zero: str = ""
    eligible_days: str | None = None
    entry_days: str | None = None
    reference: Mapping[str, str] = field(default_factory=dict)
    unknown_as_level: tuple[str, ...] = ()
    horizons_years: tuple[float, ...] = (5, 10)
    resamples: int = 1000
    seed: int = 20140601
    confidence: float = 0.95


@dataclass(frozen=True)
class BenefitAt:
    """The survival benefit within so many years; without an estimate, `refused` says why."""

    years: float
    benefit: Benefit | None
    bootstrap: BootstrapBenefit | None
    refused: str = ""


@dataclass(frozen=True, eq=False)
class Arm:
    """One side of the comparison: persons, deaths, and its curve before and after weighting."""

    name: str
    persons: int
    deaths: int
    effective_persons: float
    curve: SurvivalCurve
    weighted_curve: SurvivalCurve


@dataclass(frozen=True, eq=False)
class Comparison:
    """The answer. `persons` are the rows of the table that are compared; `flow` those who are not, and why; `unknown` counts unknown values."""

    question: Question
    persons: Integers
    flow: tuple[FlowStep, ...]
    unknown: Mapping[str, int]
    treated: Arm
    untreated: Arm
    score: PropensityScore
    overlap: Overlap
    weights: Weights
    balance: tuple[Balance, ...]
    model: CoxModel
    proportional_hazards: ProportionalHazards
    benefits: tuple[BenefitAt, ...]
    e_value: EValue
    deaths_are_rare: bool
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    statement: str

    @property
    def hazard_ratio(self) -> HazardRatio:
        """The weighted hazard ratio of the treated to the untreated, with a robust interval that takes the weights as known."""
        return self.model.hazard_ratios[0]


def compare(table: Mapping[str, Sequence[object]], question: Question) -> Comparison:
    """The comparison. Raises ComparisonError (or FollowUpError) for data that cannot answer the question; see the parts for when.

    Persons with an unknown covariate are left out and counted, unless unknown is asked to be a level of its own.
    """
    reader = Reader(table)
    found, rows, flow = _courses(reader, question)
    chosen = arms(found, question.rule)
    flow += chosen.flow
    members = rows[chosen.persons]
    columns = {name: reader.column(name, members) for name in question.covariates}
    judged = completeness({name: column for name, column in columns.items() if name not in question.unknown_as_level} or columns)
    whole = judged.complete if set(question.covariates) - set(question.unknown_as_level) else np.ones(members.size, dtype=np.bool_)
    if not whole.all():
        flow += (FlowStep("a covariate is unknown", int((~whole).sum())),)
        columns = {name: [value for value, keep in zip(column, whole, strict=True) if keep] for name, column in columns.items()}
    return _answer(question, members[whole], flow, judged.unknown, columns, chosen, whole)


def _courses(reader: Reader, question: Question) -> tuple[Courses, Integers, tuple[FlowStep, ...]]:
    if question.treatment_days is None and (isinstance(question.rule, AtLandmark) or not question.known_at_zero):
        raise ComparisonError(
            "Without the day on which treatment began, nobody can tell whether it was known at time zero. Permitted: name the column "
            "`treatment_days`, or (with TreatedAtZero) say in `known_at_zero` why treatment was settled at time zero."
        )
    return reader.courses(
        exit_days=question.exit_days,
        dead=question.dead,
        treated=question.treated,
        treatment_days=question.treatment_days,
        eligible_days=question.eligible_days,
        entry_days=question.entry_days,
    )


def _answer(
    question: Question,
    persons: Integers,
    flow: tuple[FlowStep, ...],
    unknown: Mapping[str, int],
    columns: Mapping[str, Sequence[object]],
    chosen: Arms,
    whole: Booleans,
) -> Comparison:
    times, arm = chosen.times.only(whole), chosen.treated[whole]
    model_columns = covariates(columns, reference=question.reference, unknown_as_level=question.unknown_as_level)
    score = propensity_score(arm, model_columns)
    weights = weights_from(score, question.weighting)
    kept, weight = weights.kept, weights.values[weights.kept]
    if not kept.all():
        flow += (FlowStep("the propensity score is outside of the range", int((~kept).sum())),)
    every = covariates(columns, unknown_as_level=question.unknown_as_level, every_level=True)
    balanced = balance(every, arm, weights.values)
    inside, treated = times.only(kept), arm[kept]
    model = cox(inside, _indicator(question.treatment, treated), weights=weight, confidence=question.confidence)
    proportional = proportional_hazards(model)
    benefits = tuple(_benefit(question, years, times, arm, model_columns, weights) for years in question.horizons_years)
    sides = [_arm(question, inside, treated == is_treated, weight, is_treated) for is_treated in (True, False)]
    ratio, rare = model.hazard_ratios[0], bool(inside.dead.mean() < RARE)
    warnings = (
        *score.warnings,
        *weights.warnings,
        *_doubts(question, sides, balanced, proportional, chosen),
        *(warning for at in benefits for warning in ((at.refused,) if at.refused else at.bootstrap.warnings if at.bootstrap else ())),
    )
    assumptions = _assumptions(question)
    return Comparison(
        question,
        persons[kept],
        flow,
        unknown,
        sides[0],
        sides[1],
        score,
        overlap(score),
        weights,
        balanced,
        model,
        proportional,
        benefits,
        e_value_of_hazard_ratio(ratio.ratio, ratio.lower, ratio.upper, rare=rare),
        rare,
        assumptions,
        warnings,
        _statement(question, ratio, benefits, assumptions),
    )


def _indicator(name: str, treated: Booleans) -> Covariates:
    return Covariates((name,), (name,), treated.astype(np.float64)[:, None])


def _arm(question: Question, times: Times, which: Booleans, weight: np.ndarray[tuple[int], np.dtype[np.float64]], is_treated: bool) -> Arm:
    persons, own = times.only(which), weight[which]
    return Arm(
        question.treatment if is_treated else question.alternative,
        len(persons),
        int(persons.dead.sum()),
        float(own.sum() ** 2 / (own**2).sum()),
        weighted_kaplan_meier(persons, np.ones(len(persons)), confidence=question.confidence),
        weighted_kaplan_meier(persons, own, confidence=question.confidence),
    )


def _benefit(question: Question, years: float, times: Times, arm: Booleans, columns: Covariates, weights: Weights) -> BenefitAt:
    kept, days = weights.kept, years * DAYS_PER_YEAR
    try:
        found = survival_benefit(times.only(kept), arm[kept], days, weights=weights.values[kept], confidence=question.confidence)
        (resampled,) = bootstrap_benefit(
            times,
            arm,
            [days],
            covariates=columns,
            weighting=question.weighting,
            seed=question.seed,
            resamples=question.resamples,
            confidence=question.confidence,
        )
    except ComparisonError as error:
        return BenefitAt(years, None, None, f"No benefit within {years:g} years: {error}")
    return BenefitAt(years, found, resampled)


def _doubts(
    question: Question, sides: Sequence[Arm], balanced: Sequence[Balance], proportional: ProportionalHazards, chosen: Arms
) -> list[str]:
    found = []
    for side in sides:
        if side.deaths < FEW_DEATHS:
            found.append(f"{side.deaths} deaths in the arm {side.name}, fewer than {FEW_DEATHS}: every one of them moves the result.")
    uneven = [column.name for column in balanced if not column.balanced]
    if uneven:
        found.append(f"After weighting the arms still differ by more than {NEGLIGIBLE:g} standard deviations in {', '.join(uneven)}.")
    if proportional.together.p_value < SUSPECT:
        found.append(
            f"The hazard ratio changes with time (p {proportional.together.p_value:.3f}): one number is an average over the follow-up. Read the "
            "curves and the benefit."
        )
    if chosen.treated_later:
        found.append(
            f"{chosen.treated_later} persons counted as {question.alternative} had {question.treatment} later: the contrast is of an early decision."
        )
    if chosen.treated_before:
        found.append(
            f"{question.treatment} of {chosen.treated_before} persons began before time zero: those who did not live from it to time zero are not among them."
        )
    return found


def _assumptions(question: Question) -> tuple[str, ...]:
    measured = ", ".join(question.covariates)
    start = f"{question.rule.days} days after time zero" if isinstance(question.rule, AtLandmark) else "time zero"
    found = [
        f"nothing but what was measured ({measured}) led both to {question.treatment} and to longer or shorter life",
        "everyone compared could have had either treatment",
        f"the model of the propensity score is right in these columns, and they were known by {start}",
        "those lost to follow-up do not differ from those followed, within each arm",
        f"{question.treatment} and {question.alternative} mean the same for everyone, and one person's treatment does not touch another's life",
    ]
    if isinstance(question.rule, AtLandmark):
        found.append(
            f"the result is read for those alive and under observation {question.rule.days} days after time zero, and for nobody else"
        )
    if question.treatment_days is None:
        found.append(f"treatment was settled at time zero: {question.known_at_zero}")
    return tuple(found)


def _statement(question: Question, ratio: HazardRatio, benefits: Sequence[BenefitAt], assumptions: Sequence[str]) -> str:
    share = f"{100 * question.confidence:g} % interval"
    found = []
    for at in benefits:
        if at.benefit is None or at.bootstrap is None:
            continue
        months, (low, high) = at.benefit.months, (limit / DAYS_PER_MONTH for limit in at.bootstrap.percentile)
        direction = "longer" if months >= 0 else "shorter"
        found.append(
            f"Within {at.years:g} years, mean life with {question.treatment} was {abs(months):.1f} months {direction} than with {question.alternative} "
            f"(difference {_signed(months)}, {share} {_signed(low)} to {_signed(high)})."
        )
    found.append(f"The hazard ratio was {ratio.ratio:.2f} ({share} {ratio.lower:.2f} to {ratio.upper:.2f}).")
    found.append(f"This speaks for {question.weighting.population}.")
    found.append("It is an association. It is the effect of the treatment only if " + "; ".join(assumptions) + ".")
    return " ".join(found)


def _signed(months: float) -> str:
    """One digit after the point, with a minus sign as print has it, and none before 0.0."""
    return f"{round(months, 1) + 0.0:.1f}".replace("-", "−")
