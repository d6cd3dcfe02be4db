"""The propensity score, the chance of being treated given the covariates; where the two arms overlap; and weights from it.

    ln(e / (1 − e)) = x'β        (logistic regression, maximum likelihood)

Weights (treated; untreated): everyone, "ate": 1/e; 1/(1 − e). The treated, "att": 1; e/(1 − e). Those who might have had either,
"overlap": 1 − e; e. Sources: Rosenbaum PR, Rubin DB. Biometrika 1983;70:41–55. Li F, Morgan KL, Zaslavsky AM. J Am Stat Assoc
2018;113:390–400 (overlap weights).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.covariates import ComparisonError, Covariates
from nelm.epidemiology.kernels import Booleans, Floats, Integers
from nelm.epidemiology.propensity_kernels import ATE, ATT, OVERLAP, logistic, weight_of

Estimand = Literal["ate", "att", "overlap"]
CODES: dict[Estimand, int] = {"ate": ATE, "att": ATT, "overlap": OVERLAP}
POPULATIONS: dict[Estimand, str] = {
    "ate": "everyone in the comparison, had all been treated and had none",
    "att": "those who were treated, had they not been",
    "overlap": "those whose covariates leave either choice open",
}

FEWEST_PER_VARIABLE = 10  # persons in the smaller arm for each column of the score
EXTREME_SCORE = 0.01  # closer to 0 or 1 than this, one person speaks for a hundred
EXTREME_SHARE = 0.05  # of the weight of an arm on one person
FEWEST_EFFECTIVE = 0.5  # effective persons for each real one: below, weights cost half of the information


@dataclass(frozen=True)
class ScoreTerm:
    """A coefficient of the score (log odds of treatment per unit) and its standard error."""

    name: str
    log_odds_ratio: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class PropensityScore:
    """The fitted score of every person. `terms` begins with the intercept; `warnings` are sentences for the reader."""

    terms: tuple[ScoreTerm, ...]
    scores: Floats
    treated: Booleans
    covariates: Covariates
    warnings: tuple[str, ...]


def propensity_score(treated: npt.ArrayLike, covariates: Covariates) -> PropensityScore:
    """The propensity score of these persons.

    Raises ComparisonError if one arm is empty, if columns cannot be told apart, and if a column decides the treatment (separation):
    where one treatment was never given there is nothing to compare.
    """
    arm = checked_arm(treated, len(covariates))
    covariates.check_estimable()
    design = score_design(covariates)
    beta, information = np.zeros(design.values.shape[1]), np.zeros((design.values.shape[1],) * 2)
    if not logistic(design.values, arm, np.ones(arm.size), beta, information):
        raise _separated(covariates, design, beta)
    predictor = design.values @ beta
    scores = 1 / (1 + np.exp(-predictor))
    raw = design.back @ beta
    errors = np.sqrt(np.diag(design.back @ np.linalg.inv(information) @ design.back.T))
    names = ("(intercept)", *covariates.names)
    terms = tuple(ScoreTerm(name, float(log), float(error)) for name, log, error in zip(names, raw, errors, strict=True))
    scores.setflags(write=False)
    return PropensityScore(terms, scores, arm, covariates, _few(arm, len(covariates.names)))


def checked_arm(treated: npt.ArrayLike, count: int) -> Booleans:
    """Who is treated, as booleans. Raises ComparisonError for anything else, and if an arm is empty."""
    found = np.asarray(treated)
    if found.shape != (count,) or not np.isin(found, (0, 1)).all():
        raise ComparisonError(
            f"treated: permitted are true and false (or 1 and 0), one for each of the {count} persons. Unknown is neither."
        )
    arm = found.astype(np.bool_)
    if arm.all() or not arm.any():
        raise ComparisonError(f"All {count} persons are {'treated' if arm.all() else 'untreated'}: a comparison needs both.")
    return arm


@dataclass(frozen=True, eq=False)
class ScoreDesign:
    """Columns as the score is fitted on them: an intercept, then each centred and divided by its spread; `back` undoes it."""

    values: Floats
    back: Floats


def score_design(covariates: Covariates) -> ScoreDesign:
    """The design of a score on these covariates."""
    centre, scale = covariates.values.mean(axis=0), covariates.values.std(axis=0)
    values = np.column_stack([np.ones(len(covariates)), (covariates.values - centre) / scale])
    back = np.diag(np.append(1.0, 1 / scale))
    back[0, 1:] = -centre / scale
    return ScoreDesign(np.ascontiguousarray(values), back)


def _separated(covariates: Covariates, design: ScoreDesign, beta: Floats) -> ComparisonError:
    sizes = np.abs(beta[1:]) if np.isfinite(beta).all() else np.ones(len(covariates.names))
    involved = [name for name, size in zip(covariates.names, sizes, strict=True) if size >= 0.5 * sizes.max()]
    return ComparisonError(
        f"The treatment follows from the covariates, chiefly from {', '.join(involved)}: some persons could only have had one of the two. Restrict "
        "the comparison to those who could have had either, join levels, or leave the covariate out."
    )


def _few(arm: Booleans, columns: int) -> tuple[str, ...]:
    smaller = int(min(arm.sum(), (~arm).sum()))
    if smaller >= FEWEST_PER_VARIABLE * columns:
        return ()
    return (
        f"The smaller arm has {smaller} persons for {columns} columns of the propensity score, fewer than {FEWEST_PER_VARIABLE} for each: the score "
        "may follow chance.",
    )


# -- overlap -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScoreRange:
    """How the score is spread in one arm."""

    persons: int
    lowest: float
    quartiles: tuple[float, float, float]
    highest: float
    outside: int  # of the range that both arms share


@dataclass(frozen=True, eq=False)
class Overlap:
    """Whether both treatments were given to persons like these. `common_support` is the range of scores that both arms share, None if
    there is none. `edges`, `treated_counts` and `untreated_counts` are what a picture of it draws. `concordance` is the chance that a
    treated person has a higher score than an untreated one: near 1, the arms are different people.
    """

    treated: ScoreRange
    untreated: ScoreRange
    common_support: tuple[float, float] | None
    concordance: float
    edges: Floats
    treated_counts: Integers
    untreated_counts: Integers


def overlap(score: PropensityScore, *, bins: int = 20) -> Overlap:
    """The overlap of the two arms."""
    treated, untreated = score.scores[score.treated], score.scores[~score.treated]
    low, high = float(max(treated.min(), untreated.min())), float(min(treated.max(), untreated.max()))
    edges = np.linspace(0.0, 1.0, bins + 1)
    ordered = np.sort(untreated)
    wins = np.searchsorted(ordered, treated, side="left") + np.searchsorted(ordered, treated, side="right")
    return Overlap(
        _range(treated, low, high),
        _range(untreated, low, high),
        (low, high) if low <= high else None,
        float(wins.mean() / 2 / untreated.size),
        edges,
        np.histogram(treated, edges)[0].astype(np.int64),
        np.histogram(untreated, edges)[0].astype(np.int64),
    )


def _range(scores: Floats, low: float, high: float) -> ScoreRange:
    first, middle, third = (float(value) for value in np.quantile(scores, (0.25, 0.5, 0.75)))
    outside = int(((scores < low) | (scores > high)).sum())
    return ScoreRange(scores.size, float(scores.min()), (first, middle, third), float(scores.max()), outside)


# -- weights -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weighting:
    """For whom the comparison shall speak (`estimand`), and what is done about extreme weights; nothing unless asked.

    `stabilised` multiplies "ate" weights by the share of the arm: the same estimate within arms, a total near the number of persons.
    `score_range` leaves out persons whose score is outside, which changes for whom the comparison speaks; `largest` cuts weights to it, which
    leaves some imbalance in place of variance. Neither refits the score.
    """

    estimand: Estimand = "overlap"
    stabilised: bool = False
    score_range: tuple[float, float] = (0.0, 1.0)
    largest: float = float("inf")

    def __post_init__(self) -> None:
        if self.estimand not in CODES:
            raise ComparisonError(f"estimand: found {self.estimand!r}. Permitted: {', '.join(CODES)}.")
        if self.stabilised and self.estimand != "ate":
            raise ComparisonError(f"Stabilised weights are for the estimand ate; found {self.estimand}. Leave `stabilised` out.")
        if not 0 <= self.score_range[0] < self.score_range[1] <= 1:
            raise ComparisonError(
                f"score_range: found {self.score_range}. Permitted: two numbers from 0 to 1, the first below the second, as (0.1, 0.9)."
            )
        if not self.largest > 0:
            raise ComparisonError(f"largest: found {self.largest}. Permitted: a number above 0.")

    @property
    def population(self) -> str:
        """For whom the comparison speaks, in words."""
        trimmed = self.score_range != (0.0, 1.0)
        return POPULATIONS[self.estimand] + (
            f", with a propensity score from {self.score_range[0]:g} to {self.score_range[1]:g}" if trimmed else ""
        )


@dataclass(frozen=True, eq=False)
class Weights:
    """A weight for each person, 0 for those left out. Effective persons of an arm: (Σ w)² / Σ w²."""

    weighting: Weighting
    values: Floats
    effective_treated: float
    effective_untreated: float
    left_out_treated: int
    left_out_untreated: int
    cut: int
    warnings: tuple[str, ...]

    @property
    def kept(self) -> Booleans:
        """Who counts."""
        return self.values > 0


def weights_from(score: PropensityScore, weighting: Weighting) -> Weights:
    """The weights of these persons. Raises ComparisonError if nobody of an arm is left; extreme weights are marked in `warnings`."""
    arm, low_high = score.treated, weighting.score_range
    kept = (score.scores >= low_high[0]) & (score.scores <= low_high[1])
    if not (kept & arm).any() or not (kept & ~arm).any():
        raise ComparisonError(
            f"score_range {low_high} leaves nobody in one arm. Permitted: a range in which both arms have persons (see `overlap`)."
        )
    code = CODES[weighting.estimand]
    found = np.array([weight_of(float(e), bool(t), code) for e, t in zip(score.scores, arm, strict=True)])
    if weighting.stabilised:
        found = found * np.where(arm, arm.mean(), 1 - arm.mean())
    cut = int((kept & (found > weighting.largest)).sum())
    values = np.where(kept, np.minimum(found, weighting.largest), 0.0)
    values.setflags(write=False)
    return Weights(
        weighting,
        values,
        effective_persons(values[arm]),
        effective_persons(values[~arm]),
        int((arm & ~kept).sum()),
        int((~arm & ~kept).sum()),
        cut,
        _extremes(score, kept, values, weighting),
    )


def effective_persons(weights: Floats) -> float:
    """(Σ w)² / Σ w²: how many persons of equal weight would say as much. Source: Kish L. Survey Sampling, 1965."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def _extremes(score: PropensityScore, kept: Booleans, values: Floats, weighting: Weighting) -> tuple[str, ...]:
    found = []
    if weighting.estimand != "overlap":
        near = score.scores > 1 - EXTREME_SCORE
        if weighting.estimand == "ate":
            near = near | (score.scores < EXTREME_SCORE)
        if extreme := int((near & kept).sum()):
            found.append(
                f"{extreme} persons have propensity scores within {EXTREME_SCORE:g} of 0 or 1: single persons may decide the result."
            )
    for arm, word in ((score.treated, "treated"), (~score.treated, "untreated")):
        weight = values[arm & kept]
        share, effective = weight.max() / weight.sum(), effective_persons(weight)
        if share > max(EXTREME_SHARE, 5 / weight.size):
            found.append(f"One of the {weight.size} {word} persons carries {100 * share:.0f} % of the weight of the arm.")
        if effective < FEWEST_EFFECTIVE * weight.size:
            found.append(f"The {weight.size} {word} persons say as much as {effective:.0f} of equal weight.")
    return tuple(found)
