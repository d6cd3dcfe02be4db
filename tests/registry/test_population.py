"""The population of a registry: person-years by year, sex and age, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.registry.population import PopulationError, read_population

HEAD = "year,sex,age_from,persons\n"
GOOD = HEAD + "".join(
    f"{year},{sex},{age},{100 * (year - 2019) + age + (7 if sex == 'male' else 0)}\n"
    for year in (2020, 2021)
    for sex in ("male", "female")
    for age in (0, 15, 45, 60, 75)
)


def written(folder: Path, text: str) -> Path:
    file = folder / "population.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_persons_of_a_year_and_of_age_groups(tmp_path: Path) -> None:
    found = read_population(written(tmp_path, GOOD))
    assert found.years == (2020, 2021)
    assert found.from_age == (0, 15, 45, 60, 75)
    assert found.of_year(2020) == 2 * (500 + 195) + 5 * 7
    assert found.of_year(2021, "female") == 1000 + 195
    assert found.by_age([2020, 2021], [15, 60]) == [2 * (300 + 300) + 4 * 60 + 28, 2 * (300 + 300) + 4 * 135 + 28]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2020,male,15,122\n", "", "no row for male, 2020, from 15 years"),
        ("2020,male,15,122\n", "2020,male,15,122\n2020,male,15,9\n", r"population.csv:4: year, sex and age stand there twice"),
        ("2020,male,15,122", "2020,male,15,-1", r"population.csv:3: persons is -1.0. Permitted: 0 or more persons"),
        ("2020,male,15,122", "2020,male,15,many", "population.csv:3: persons is 'many'"),
        ("2020,male,15,122", "2020,man,15,122", "population.csv:3: sex is 'man'"),
        ("2020,male,15,122", "2020,male,150,122", "Permitted: an age in whole years"),
        ("persons", "people", "the column 'persons' is not there"),
    ],
)
def test_what_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(PopulationError, match=message):
        read_population(written(tmp_path, GOOD.replace(old, new)))


def test_years_without_a_hole(tmp_path: Path) -> None:
    with pytest.raises(PopulationError, match="years are left out between 2020 and 2023"):
        read_population(written(tmp_path, GOOD.replace("2021,", "2023,")))


def test_what_the_table_cannot_say(tmp_path: Path) -> None:
    found = read_population(written(tmp_path, GOOD))
    with pytest.raises(PopulationError, match="no row for 2019"):
        found.of_year(2019)
    with pytest.raises(PopulationError, match="age groups are wanted that begin at 50"):
        found.by_age([2020], [0, 50])
