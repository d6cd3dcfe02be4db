"""Who is at risk when someone dies: the sums over risk sets that a Cox model is fitted with, and the residuals of its persons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nelm.epidemiology.covariates import Covariates
from nelm.epidemiology.cox_kernels import risk_sums
from nelm.epidemiology.follow_up import Times
from nelm.epidemiology.kernels import Booleans, Floats, Integers

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, eq=False)
class CoxData:
    """What a model was fitted to: positions of strata and clusters are numbered from 0; weights are above 0."""

    times: Times
    covariates: Covariates
    strata: Integers
    weights: Floats
    clusters: Integers
    ties: Ties


@dataclass(frozen=True, eq=False)
class RiskSets:
    """The data in the order in which the kernel wants them (`order`: positions in the data), columns centred and divided by `scale`."""

    order: Integers
    stratum: Integers
    exit_days: Floats
    risk_from: Floats
    by_entry: Integers
    dead: Booleans
    weight: Floats
    values: Floats
    scale: Floats
    efron: bool

    def sums(self, beta: Floats, *, each: bool = False) -> RiskSums:
        """Likelihood, score and information at these coefficients (of the scaled columns); `each`: information at every time."""
        predictor = self.values @ beta
        columns = beta.size
        times = int(self.dead.sum())
        information = np.zeros((max(times, 2) if each else 1, columns, columns))
        steps = np.zeros((times, 5 + 4 * columns))
        likelihood, found = risk_sums(
            self.stratum,
            self.exit_days,
            self.risk_from,
            self.by_entry,
            self.dead,
            self.weight,
            self.values,
            predictor - predictor.max(),
            self.efron,
            information,
            steps,
        )
        return RiskSums(likelihood, information[:found] if each else information, steps[:found], math.exp(-predictor.max()))


@dataclass(frozen=True, eq=False)
class RiskSums:
    """What `risk_sums` gives; hazards in `steps` are those of a person whose predictor is the highest, times `baseline` of the mean one."""

    likelihood: float
    information: Floats
    steps: Floats
    baseline: float

    def part(self, number: int) -> Floats:
        """A block of columns of `steps`: 0 Σ hazard·mean, 1 Σ hazard·(k/d)·mean, 2 mean of means, 3 score."""
        columns = (self.steps.shape[1] - 5) // 4
        return self.steps[:, 5 + number * columns : 5 + (number + 1) * columns]


def risk_sets(data: CoxData) -> RiskSets:
    """The risk sets of these data."""
    order = np.lexsort((-data.times.exit_days, data.strata))
    values = data.covariates.values
    centre = np.average(values, axis=0, weights=data.weights)
    scale = values.std(axis=0)
    stratum, risk_from = data.strata[order], data.times.risk_from[order]
    return RiskSets(
        order,
        stratum,
        data.times.exit_days[order],
        risk_from,
        np.lexsort((-risk_from, stratum)),
        data.times.dead[order],
        data.weights[order],
        np.ascontiguousarray(((values - centre) / scale)[order]),
        scale,
        data.ties == "efron",
    )


def score_residuals(sets: RiskSets, beta: Floats) -> tuple[Floats, Floats]:
    """Martingale residuals, and score residuals of the scaled columns (persons × columns), in the order of the data.

    With Efron's ties a person dying at t counts with 1 − k/d in the k-th of the d risk sets (Therneau and Grambsch 2000, 4.6 and 7.2).
    """
    sums = sets.sums(beta)
    predictor = sets.values @ beta
    relative = np.exp(predictor - predictor.max())
    turned = np.lexsort((sums.steps[:, 1], sums.steps[:, 0]))
    steps = sums.steps[turned]
    ranks = np.unique(sets.exit_days)

    def key(stratum: Floats | Integers, days: Floats) -> Integers:
        return stratum.astype(np.int64) * (ranks.size + 1) + np.searchsorted(ranks, days, side="right")

    keys = key(steps[:, 0], steps[:, 1])
    until = np.searchsorted(keys, key(sets.stratum, sets.exit_days), side="right")
    since = np.searchsorted(keys, key(sets.stratum, sets.risk_from), side="right")

    def gathered(values: Floats) -> Floats:
        total = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
        return total[until] - total[since]

    hazard = gathered(steps[:, 3:4])
    moved = gathered(sums.part(0)[turned])
    own = np.where(sets.dead, until - 1, 0)
    dead = sets.dead[:, None].astype(np.float64)
    tied, tied_mean = dead * steps[own, 4:5], dead * sums.part(1)[turned][own]
    martingale = dead - relative[:, None] * (hazard - tied)
    score = dead * (sets.values - sums.part(2)[turned][own]) - relative[:, None] * (sets.values * (hazard - tied) - (moved - tied_mean))
    return _unsorted(martingale, sets.order)[:, 0], _unsorted(score, sets.order)


def _unsorted(values: Floats, order: Integers) -> Floats:
    found = np.empty_like(values)
    found[order] = values
    return found
