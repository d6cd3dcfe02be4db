"""The made-up population, life table and settings around a synthetic cohort: each can be read by what reads real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nelm.cohort.synthetic.surroundings import Surroundings, load_surroundings, write_surroundings
from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.epidemiology.life_table import read_life_table
from nelm.epidemiology.standards import standard_population


@pytest.fixture(scope="module")
def surroundings() -> Surroundings:
    return load_surroundings()


@pytest.fixture
def folder(tmp_path: Path, surroundings: Surroundings) -> Path:
    write_surroundings(surroundings, tmp_path, 4200)
    return tmp_path


def test_the_files(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == ["life_table.csv", "population.csv", "registry.yaml"]
    assert "All data are invented" in (folder / "registry.yaml").read_text(encoding="utf-8")


def test_the_life_table_is_the_law_that_is_described(folder: Path, surroundings: Surroundings) -> None:
    found, law = read_life_table(folder / "life_table.csv"), surroundings.life_table
    assert found.years == tuple(range(law.first_year, law.last_year + 1))
    male, female = found.hazard
    assert (male[1:] > female[1:]).all()
    doubling = law.doubling_years["female"]
    grown = female[60, 0] / female[20, 0]
    assert grown == pytest.approx(2 ** (40 / doubling), rel=1e-6)
    assert female[50, 10] / female[50, 9] == pytest.approx(1 - law.fall_percent_per_year / 100, rel=1e-6)
    assert female[0, 0] > female[1, 0]


def test_people_live_about_as_long_as_people_do(folder: Path) -> None:
    found = read_life_table(folder / "life_table.csv")
    survival = np.exp(-np.cumsum(found.hazard[:, :, -1] * DAYS_PER_YEAR, axis=1))
    assert ((survival.sum(axis=1) > 70) & (survival.sum(axis=1) < 92)).all()


def test_the_population_has_the_ages_of_its_standard(folder: Path, surroundings: Surroundings) -> None:
    lines = (folder / "population.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "year,sex,age_from,persons"
    rows = [line.split(",") for line in lines[1:]]
    made = surroundings.population
    everybody = sum(int(row[3]) for row in rows if row[0] == str(made.first_year))
    assert 4200 / len(made.years) / everybody * 100_000 == pytest.approx(made.per_100000_and_year, rel=1e-3)
    standard = standard_population(made.standard)
    children = sum(int(row[3]) for row in rows if row[:1] == [str(made.first_year)] and row[2] == "0")
    assert children / everybody == pytest.approx(standard.shares[0], rel=1e-3)
