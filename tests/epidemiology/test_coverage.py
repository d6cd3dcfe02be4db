"""How often 95 % intervals hold the truth: made-up patients whose truth is known, many times over, seeds fixed.

Half of the patients are old and die more of either cause, so that what is averaged over patients, and who is left, matters.
"""

from __future__ import annotations

import math
import sys
from datetime import date

import numpy as np
import polars as pl

from nelm.epidemiology.crude_mortality import crude_mortality
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, follow_up
from nelm.epidemiology.life_table import Cell, LifeTable, life_table_of
from nelm.epidemiology.net_survival import pohar_perme
from nelm.epidemiology.prevalence import FirstTumour, limited_duration_prevalence

ROUNDS = 500
PATIENTS = 150
AGES = (50, 75)
POPULATION = (2e-5, 2e-4)  # hazards per day
EXCESS = (2e-4, 5e-4)
LAST_DAY = 1827


def within_chance(hits: int, rounds: int) -> bool:
    """Whether a share is 95 % but for the chance of so many rounds: three standard errors."""
    return abs(hits / rounds - 0.95) < 3 * math.sqrt(0.95 * 0.05 / rounds)


def say(what: str, hits: int, rounds: int) -> None:
    sys.stdout.write(f"coverage of 95 % intervals, {what}: {hits / rounds:.3f} of {rounds} rounds\n")


def table() -> LifeTable:
    """The hazard of each of the two ages for as long as their patients are followed."""
    hazards = {age: POPULATION[age >= 65] for age in range(40, 90)}
    return life_table_of(Cell(age, 2000, sex, hazard, "") for sex in ("male", "female") for age, hazard in hazards.items())


def patients(draw: np.random.Generator) -> FollowUp:
    """Lost without regard to age, one in three within five years."""
    old = draw.integers(0, 2, PATIENTS)
    death = draw.exponential(1 / (np.array(POPULATION) + np.array(EXCESS))[old])
    lost = draw.exponential(4500, PATIENTS)
    last = np.minimum(lost, LAST_DAY)
    return follow_up(
        sex=["female"] * PATIENTS,
        age_days=np.array(AGES)[old] * DAYS_PER_YEAR,
        diagnosis=[date(2000, 1, 1)] * PATIENTS,
        exit_days=np.ceil(np.minimum(death, last)),
        dead=death < last,
    )


def test_net_survival_and_crude_mortality() -> None:
    """At 1 and 5 years; the truth is the mean over the ages."""
    draw, years, population = np.random.default_rng(20), (1, 5), table()
    hits = dict.fromkeys(("net survival", "death of the disease", "death of other causes"), np.zeros(2, dtype=int))
    days = np.array(years) * DAYS_PER_YEAR
    both = [(p, e, 1 - np.exp(-(p + e) * days)) for p, e in zip(POPULATION, EXCESS, strict=True)]
    truth = {
        "net survival": np.mean([np.exp(-e * days) for _, e, _ in both], axis=0),
        "death of the disease": np.mean([e / (p + e) * died for p, e, died in both], axis=0),
        "death of other causes": np.mean([p / (p + e) * died for p, e, died in both], axis=0),
    }
    for _ in range(ROUNDS):
        persons = patients(draw)
        net, crude = pohar_perme(persons, population, years=years), crude_mortality(persons, population, years=years)
        for name, found in (
            ("net survival", net.at(years)),
            ("death of the disease", crude.disease.at(years)),
            ("death of other causes", crude.other_causes.at(years)),
        ):
            held = [e.lower <= true <= e.upper for e, true in zip(found, truth[name], strict=True)]
            hits[name] = hits[name] + np.array(held)
    for name, counts in hits.items():
        for year, count in zip(years, counts.tolist(), strict=True):
            say(f"{name} at {year} years", count, ROUNDS)
            assert within_chance(count, ROUNDS), (name, year, count)


def tumours(draw: np.random.Generator, index: date, mean_days_to_loss: float) -> pl.DataFrame:
    """Ten years of diagnoses, 60 a year as a Poisson process, a mean survival of 1,500 days."""
    window = (index - index.replace(year=index.year - 10)).days
    number = draw.poisson(60 * window / 365)
    to_index = draw.integers(1, window + 1, number)
    death, lost = (np.floor(draw.exponential(mean, number)).astype(int) for mean in (1500, mean_days_to_loss))
    last = np.minimum(np.minimum(death, lost), to_index + 30)
    diagnosed = np.datetime64(index) - to_index.astype("timedelta64[D]")
    return pl.DataFrame(
        {
            "person": np.arange(number),
            "diagnosed": diagnosed,
            "last_contact": diagnosed + last.astype("timedelta64[D]"),
            "dead": (death <= lost) & (death <= to_index + 30),
        }
    )


def test_prevalence() -> None:
    """Nobody lost, and more than half of the persons lost: the survival by which these are counted is uncertain itself."""
    index = date(2020, 1, 1)
    window = (index - date(2010, 1, 1)).days
    truth = 60 * window / 365 * float(np.mean(np.exp(-np.arange(1, window + 1) / 1500)))
    for name, mean_days_to_loss in (("nobody lost", math.inf), ("many lost", 1500)):
        draw, hits = np.random.default_rng(21), 0
        for _ in range(ROUNDS):
            table = tumours(draw, index, 1e12 if mean_days_to_loss == math.inf else mean_days_to_loss)
            found = limited_duration_prevalence(table, index=index, years=10, rule=FirstTumour.IN_WINDOW, closing=date(2020, 2, 1))
            hits += found.interval.low <= truth <= found.interval.high
        say(f"prevalence, {name}", hits, ROUNDS)
        assert within_chance(hits, ROUNDS), (name, hits)
