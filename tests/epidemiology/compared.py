"""Persons to compare: the synthetic cohort, third-party data where they are on the machine, and courses drawn by a known rule."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from nelm.epidemiology.covariates import Covariates, covariates
from nelm.epidemiology.follow_up import Times, times
from nelm.epidemiology.kernels import Booleans, Floats

DATA = Path(__file__).parent / "data"

needs_reference_data = pytest.mark.skipif(
    "NELM_REFERENCE_DATA" not in os.environ, reason="NELM_REFERENCE_DATA is not set: third-party data are not part of the project"
)

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reference_data(name: str) -> list[Row]:
    return rows_of(Path(os.environ["NELM_REFERENCE_DATA"]) / name)


def reference_output(name: str) -> list[Row]:
    return rows_of(Path(os.environ["NELM_REFERENCE_DATA"]).parent / "outputs" / name)


def numbers(rows: Sequence[Row], name: str) -> list[float]:
    return [float(row[name]) for row in rows]


def cohort(count: int) -> tuple[list[Row], Times, Covariates]:
    """The first so many persons of the committed cohort, with age (decades), sex, grade and liver metastasis as covariates."""
    rows = [row for row in rows_of(DATA / "cohort.csv") if row["tumour_no"] == "1"][:count]
    columns = {
        "age": [float(row["age_days"]) / 3652.41 for row in rows],
        "man": [row["sex"] == "1" for row in rows],
        "grade": [f"G{row['grade']}" for row in rows],
        "liver": [row["liver_met"] == "1" for row in rows],
    }
    followed = times(exit_days=numbers(rows, "time"), dead=[row["dead"] == "1" for row in rows])
    return rows, followed, covariates(columns)


@dataclass(frozen=True)
class Trial:
    """Persons treated by chance, more often where `frailty` is low; `true_days` is how much longer they would live within `horizon`."""

    times: Times
    treated: Booleans
    covariates: Covariates


def confounded(persons: int, seed: int, *, log_hazard_ratio: float = -0.5, followed: float = 4000.0) -> Trial:
    """Exponential lives (mean 1,000 days at frailty 0) that end sooner with frailty; the frail are treated less often."""
    random = np.random.default_rng(seed)
    frailty, age = random.normal(size=persons), random.normal(size=persons)
    treated = random.random(persons) < 1 / (1 + np.exp(0.8 * frailty - 0.3 * age))
    lives = random.exponential(1000, persons) / np.exp(0.6 * frailty + 0.2 * age + log_hazard_ratio * treated)
    ends = random.uniform(0.5 * followed, followed, persons)
    observed = Times(np.zeros(persons), np.ceil(np.minimum(lives, ends)), lives <= ends)
    return Trial(observed, treated, Covariates(("frailty", "age"), ("frailty", "age"), np.column_stack([frailty, age])))


def true_benefit(horizon: float, *, log_hazard_ratio: float = -0.5, overlap: bool = False) -> float:
    """The benefit of `confounded` in everyone (or with overlap weights), by integrating over frailty and age on a fine grid."""
    nodes, mass = np.polynomial.hermite_e.hermegauss(60)
    frailty, age = np.meshgrid(nodes, nodes)
    weight = np.outer(mass, mass)
    if overlap:
        chance = 1 / (1 + np.exp(0.8 * frailty - 0.3 * age))
        weight = weight * chance * (1 - chance)

    def mean(effect: float) -> Floats:
        rate = np.exp(0.6 * frailty + 0.2 * age + effect) / 1000
        return (1 - np.exp(-rate * horizon)) / rate

    return float(((mean(log_hazard_ratio) - mean(0.0)) * weight).sum() / weight.sum())
