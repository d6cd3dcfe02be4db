"""The loops behind propensity scores and the bootstrap that refits them, compiled by numba. What they mean stands in `propensity`
and `restricted_mean`.
"""

from __future__ import annotations

import numpy as np

from nelm.epidemiology.kernels import Booleans, Floats, Integers, compiled

ATE, ATT, OVERLAP, UNWEIGHTED = 0, 1, 2, 3


@compiled
def logistic(values: Floats, treated: Booleans, counts: Floats, beta: Floats, information: Floats) -> bool:
    """Logistic regression by Newton's steps from `beta`, which it replaces, with the information there; whether it found a peak."""
    persons, p = values.shape
    score, step = np.zeros(p), np.zeros(p)
    factor = np.zeros((p, p))
    for _ in range(40):
        score[:] = 0.0
        information[:] = 0.0
        for i in range(persons):
            if counts[i] == 0.0:
                continue
            predictor = 0.0
            for a in range(p):
                predictor += beta[a] * values[i, a]
            chance = 1.0 / (1.0 + np.exp(-predictor)) if predictor > -500.0 else 0.0
            missed = counts[i] * ((1.0 if treated[i] else 0.0) - chance)
            spread = counts[i] * chance * (1.0 - chance)
            for a in range(p):
                score[a] += missed * values[i, a]
                part = spread * values[i, a]
                for b in range(a + 1):
                    information[a, b] += part * values[i, b]
        for a in range(p):  # Cholesky's factor
            for b in range(a + 1):
                total = information[a, b]
                for c in range(b):
                    total -= factor[a, c] * factor[b, c]
                if a == b:
                    if not total > 1e-10 * information[a, a]:
                        return False
                    factor[a, a] = np.sqrt(total)
                else:
                    factor[a, b] = total / factor[b, b]
                    information[b, a] = information[a, b]
        for a in range(p):
            total = score[a]
            for c in range(a):
                total -= factor[a, c] * step[c]
            step[a] = total / factor[a, a]
        largest = 0.0
        for back in range(p):
            a = p - 1 - back
            total = step[a]
            for c in range(a + 1, p):
                total -= factor[c, a] * step[c]
            step[a] = total / factor[a, a]
        for a in range(p):
            beta[a] += step[a]
            largest = max(largest, abs(step[a]))
        if not np.isfinite(largest):
            return False
        if largest < 1e-9:
            return True
    return False


@compiled
def weight_of(score: float, treated: bool, estimand: int) -> float:
    """The weight of a person whose propensity score is this."""
    if estimand == ATE:
        return 1.0 / score if treated else 1.0 / (1.0 - score)
    if estimand == ATT:
        return 1.0 if treated else score / (1.0 - score)
    if estimand == OVERLAP:
        return 1.0 - score if treated else score
    return 1.0


@compiled
def arm_areas(
    exit_: Floats,
    risk_from: Floats,
    by_entry: Integers,
    dead: Booleans,
    inside: Booleans,
    counts: Floats,
    weight: Floats,
    horizons: Floats,
    times: Floats,
    factors: Floats,
    areas: Floats,
) -> bool:
    """The areas under the weighted Kaplan–Meier curve of those `inside` up to each horizon (nan where it is not reached); whether there is anyone.

    Persons stand from late to early exits, `by_entry` from late to early entries. `times` and `factors` are room to work in.
    """
    persons = exit_.size
    risk, number, last = 0.0, 0.0, -1.0
    found, i, j = 0, 0, 0
    while i < persons:
        now = exit_[i]
        deaths, died = 0.0, 0.0
        while i < persons and exit_[i] == now:
            if inside[i] and counts[i] > 0.0:
                last = max(last, now)
                risk += counts[i] * weight[i]
                number += counts[i]
                if dead[i]:
                    deaths += counts[i] * weight[i]
                    died += counts[i]
            i += 1
        if died == 0.0:
            continue
        while j < persons and risk_from[by_entry[j]] >= now:
            e = by_entry[j]
            if inside[e]:
                risk -= counts[e] * weight[e]
                number -= counts[e]
            j += 1
        times[found] = now
        factors[found] = 0.0 if died >= number else max(0.0, 1.0 - deaths / risk)
        found += 1
    if last < 0.0:
        return False
    for h in range(horizons.size):
        survival, before, area = 1.0, 0.0, 0.0
        for back in range(found):
            k = found - 1 - back
            if times[k] >= horizons[h]:
                break
            area += survival * (times[k] - before)
            survival *= factors[k]
            before = times[k]
        reached = survival == 0.0 or last >= horizons[h]
        areas[h] = area + survival * (horizons[h] - before) if reached else np.nan
    return True


@compiled
def refitted(
    values: Floats,
    treated: Booleans,
    exit_: Floats,
    risk_from: Floats,
    by_entry: Integers,
    dead: Booleans,
    counts: Floats,
    start: Floats,
    estimand: int,
    lowest: float,
    highest: float,
    largest: float,
    stabilised: bool,
    horizons: Floats,
) -> tuple[Floats, Integers]:
    """For each resample (a row of `counts`): restricted means of arm (0 untreated, 1 treated) × horizon, nan where a curve does not reach
    it; and whether it failed: 0 no, 1 the score could not be fitted, 2 an arm is empty. The score is fitted anew, persons with a score outside
    of `lowest` to `highest` are left out, weights above `largest` are cut to it.
    """
    persons, p = values.shape
    areas = np.full((counts.shape[0], 2, horizons.size), np.nan)
    failed = np.zeros(counts.shape[0], dtype=np.int64)
    information = np.zeros((p, p))
    weight, inside = np.ones(persons), np.zeros(persons, dtype=np.bool_)
    times, factors = np.zeros(persons), np.zeros(persons)
    kept = np.ones(persons, dtype=np.bool_)
    for r in range(counts.shape[0]):
        if estimand != UNWEIGHTED:
            beta = start.copy()
            if not logistic(values, treated, counts[r], beta, information):
                failed[r] = 1
                continue
            share, total = 0.0, 0.0
            for i in range(persons):
                total += counts[r, i]
                share += counts[r, i] if treated[i] else 0.0
            share /= total
            for i in range(persons):
                predictor = 0.0
                for a in range(p):
                    predictor += beta[a] * values[i, a]
                score = 1.0 / (1.0 + np.exp(-predictor)) if predictor > -500.0 else 0.0
                kept[i] = lowest <= score <= highest and 0.0 < score < 1.0
                weight[i] = weight_of(score, treated[i], estimand) if kept[i] else 0.0
                if stabilised:
                    weight[i] *= share if treated[i] else 1.0 - share
                weight[i] = min(weight[i], largest)
        for arm in range(2):
            for i in range(persons):
                inside[i] = kept[i] and treated[i] == (arm == 1)
            if not arm_areas(exit_, risk_from, by_entry, dead, inside, counts[r], weight, horizons, times, factors, areas[r, arm]):
                failed[r] = 2
    return areas, failed
