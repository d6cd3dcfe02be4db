"""Competing risks: the probability of each kind of event, where each rules out the others (Aalen, Johansen 1978; Scand J Stat 5:141)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from types import MappingProxyType

import numpy as np

from nelm.epidemiology.follow_up import FollowUpError, Times
from nelm.epidemiology.kaplan_meier import counts_of, share
from nelm.epidemiology.kernels import Floats
from nelm.epidemiology.probabilities import ProbabilityCurve

ROUNDING = 1e-12  # sums of shares that are 1 may fall short of it by this much


def aalen_johansen(observed: Times, causes: Sequence[str | None], *, confidence: float = 0.95) -> Mapping[str, ProbabilityCurve]:
    """The cumulative incidence F_k(t) = Σ S(v−) d_k / n of each cause, in the order of the words.

    `observed.dead` says whether observation ended by an event, `causes` by which (None for whoever had none). Ties stay ties: the events of
    a day share its n, and S(v−) is survival from all causes before that day. With delayed entry n counts those under observation.

    Variance by the delta method with multinomial deaths; without delayed entry it is the infinitesimal jackknife that R's survival gives. Limits on the
    scale of ln(−ln F), which keeps them between 0 and 1. Raises FollowUpError for an event without a cause, or a cause without an event.
    """
    words = _checked(observed, causes)
    counts = counts_of(observed)
    survival = counts.survival
    before = np.concatenate([[1.0], survival[:-1]])
    found = {}
    for cause in sorted({cause for cause in causes if cause}):
        ends = np.sort(observed.exit_days[observed.dead & (words == cause)])
        own = (np.searchsorted(ends, counts.time, side="right") - np.searchsorted(ends, counts.time, side="left")).astype(np.float64)
        steps = np.divide(before * own, counts.at_risk, out=np.full_like(own, np.nan), where=counts.at_risk > 0)
        probability = np.cumsum(steps)
        se = np.sqrt(_variance(probability, before, counts.at_risk, counts.deaths, own))
        lower, upper = _limits(probability, se, confidence)
        found[cause] = ProbabilityCurve(cause, counts.time, probability, se, lower, upper, counts.at_risk.astype(np.int64), confidence)
    return MappingProxyType(found)


def _variance(probability: Floats, before: Floats, at_risk: Floats, deaths: Floats, own: Floats) -> Floats:
    """The variance of F(t) = Σ S(v−) dΛ_k(v) at each time, S the survival from all causes (delta method, multinomial deaths).

    A change of dΛ_j(v) moves F(t) by c = −(F(t) − F(v)) / (1 − dΛ(v)), and by S(v−) more where j is k. With n at risk, d deaths of
    all causes and d_k of the own one, var F(t) = Σ_v [c² d(1 − d/n) + 2 c S(v−) d_k(1 − d/n) + S(v−)² d_k(1 − d_k/n)] / n². For a
    single cause that is Greenwood's formula. `before` is S(v−), `own` is d_k.
    """
    fraction = share(deaths, at_risk)
    still = np.where(fraction < 1, 1 - fraction, np.inf)  # where all die nothing is added to F later: c is 0
    slope = -1 / still
    level = probability / still
    square = share(deaths * (1 - fraction), at_risk**2)
    cross = before * share(own * (1 - fraction), at_risk**2)
    alone = before**2 * share(own * (1 - share(own, at_risk)), at_risk**2)
    constant = np.cumsum(level**2 * square + 2 * level * cross + alone)
    linear = np.cumsum(2 * slope * (level * square + cross))
    quadratic = np.cumsum(slope**2 * square)
    return np.maximum(constant + linear * probability + quadratic * probability**2, 0.0)


def _checked(observed: Times, causes: Sequence[str | None]) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    words = np.array([cause or "" for cause in causes], dtype=np.str_)
    if words.shape != observed.dead.shape:
        raise FollowUpError(
            f"causes: found {words.size}. Permitted: one for each of the {len(observed)} persons, None for who had no event."
        )
    for wrong, said, advice in (
        (observed.dead & (words == ""), "an event without a cause", 'Give an unknown cause a name of its own, such as "not known"'),
        (~observed.dead & (words != ""), "a cause without an event", "Mend one of the two"),
    ):
        if wrong.any():
            raise FollowUpError(f"Person {np.flatnonzero(wrong)[0] + 1} (of {wrong.sum()} such): {said}. {advice}.")
    return words


def _limits(probability: Floats, se: Floats, confidence: float) -> tuple[Floats, Floats]:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}. Permitted: between 0 and 1, as in 0.95.")
    inside = (probability > 0) & (probability < 1 - ROUNDING)
    logarithm = np.log(np.where(inside, probability, 0.5))
    width = NormalDist().inv_cdf(0.5 + confidence / 2) * np.where(inside, se, 0.0) / (np.where(inside, probability, 0.5) * -logarithm)
    beside = np.where(probability == 0, 0.0, np.nan)  # before the first event 0, with no spread; at 1 the scale has no limits
    return np.where(inside, np.exp(logarithm * np.exp(width)), beside), np.where(inside, np.exp(logarithm * np.exp(-width)), beside)
