"""The loop of the Cox model over times of death, compiled by numba. What it means stands in `cox`.

Persons are given twice: sorted by stratum and, within it, by exit from late to early; and (`by_entry`) their positions in that
order, sorted by stratum and entry from late to early. So the sums over those at risk grow by addition; only delayed entries
are subtracted.
"""

from __future__ import annotations

import numpy as np

from nelm.epidemiology.kernels import Booleans, Floats, Integers, compiled


@compiled
def risk_sums(
    stratum: Integers,
    exit_: Floats,
    risk_from: Floats,
    by_entry: Integers,
    dead: Booleans,
    weight: Floats,
    values: Floats,
    predictor: Floats,
    efron: bool,
    information: Floats,
    steps: Floats,
) -> tuple[float, int]:
    """The log partial likelihood, and at how many times (in strata) someone dies; fills `information` and `steps`.

    `information` is times × p × p: its matrix at each time of death, or with one matrix only, their sum. Each row of `steps`:
    0 stratum, 1 time, 2 deaths, 3 Σ hazard, 4 Σ hazard·k/d; then p columns each: Σ hazard·mean, Σ hazard·(k/d)·mean, mean of the
    means, score. Sums are over the k = 0 … d − 1 of Efron's approximation, hazard is that of a person whose predictor is 0.
    """
    persons, p = values.shape
    tied, first, risk_first, risk_second = np.zeros(p), np.zeros(p), np.zeros(p), np.zeros((p, p))
    tied_second, mean = np.zeros((p, p)), np.zeros(p)
    likelihood, risk = 0.0, 0.0
    found, i, j = 0, 0, 0
    while i < persons:
        now, group = exit_[i], stratum[i]
        if i == 0 or stratum[i - 1] != group:
            risk = 0.0
            risk_first[:] = 0.0
            risk_second[:] = 0.0
            j = i
        deaths, death_weight, tied_risk = 0, 0.0, 0.0
        tied[:] = 0.0
        first[:] = 0.0
        tied_second[:] = 0.0
        while i < persons and stratum[i] == group and exit_[i] == now:
            share = weight[i] * np.exp(predictor[i])
            risk += share
            if dead[i]:
                deaths += 1
                death_weight += weight[i]
                tied_risk += share
                likelihood += weight[i] * predictor[i]
            for a in range(p):
                part = share * values[i, a]
                risk_first[a] += part
                if dead[i]:
                    tied[a] += part
                    first[a] += weight[i] * values[i, a]
                for b in range(a + 1):
                    risk_second[a, b] += part * values[i, b]
                    if dead[i]:
                        tied_second[a, b] += part * values[i, b]
            i += 1
        if deaths == 0:
            continue
        while j < persons and stratum[by_entry[j]] == group and risk_from[by_entry[j]] >= now:
            e = by_entry[j]
            share = weight[e] * np.exp(predictor[e])
            risk -= share
            for a in range(p):
                part = share * values[e, a]
                risk_first[a] -= part
                for b in range(a + 1):
                    risk_second[a, b] -= part * values[e, b]
            j += 1
        at = found if information.shape[0] > 1 else 0
        average = death_weight / deaths
        row = steps[found]
        row[:] = 0.0
        row[0], row[1], row[2] = group, now, deaths
        for k in range(deaths):
            gone = k / deaths if efron else 0.0
            left = risk - gone * tied_risk
            if not left > 0.0:  # the predictors are too far apart for numbers to hold
                return -np.inf, found
            hazard = average / left
            likelihood -= average * np.log(left)
            row[3] += hazard
            row[4] += hazard * gone
            for a in range(p):
                mean[a] = (risk_first[a] - gone * tied[a]) / left
                row[5 + a] += hazard * mean[a]
                row[5 + p + a] += hazard * gone * mean[a]
                row[5 + 2 * p + a] += mean[a] / deaths
                row[5 + 3 * p + a] -= average * mean[a]
                for b in range(a + 1):
                    part = average * ((risk_second[a, b] - gone * tied_second[a, b]) / left - mean[a] * mean[b])
                    information[at, a, b] += part
                    if a != b:
                        information[at, b, a] += part
        for a in range(p):
            row[5 + 3 * p + a] += first[a]
        found += 1
    return likelihood, found
