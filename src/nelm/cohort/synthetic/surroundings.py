"""What stands around a synthetic cohort: a made-up population and life table, and the settings of a made-up registry.

`content/cohort/surroundings.yaml` says how they are made. The life table is Gompertz's law, h(age) = a · factor · 2^(age / doubling),
with a hazard of its own in the first year of life, falling by the same share from each calendar year to the next.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nelm.epidemiology.follow_up import DAYS_PER_YEAR, SEXES
from nelm.epidemiology.standards import standard_population
from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root

FILE = "cohort/surroundings.yaml"
SETTINGS, POPULATION, LIFE_TABLE = "registry.yaml", "population.csv", "life_table.csv"
PER = 100_000


@dataclass(frozen=True)
class MadeUpPopulation:
    """A population in which the patients of the cohort make so many new cases per 100,000 and year."""

    __pydantic_config__ = STRICT
    first_year: int
    last_year: int
    per_100000_and_year: float
    standard: str
    share_female: float
    assumed: str

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)


@dataclass(frozen=True)
class MadeUpLifeTable:
    """Gompertz's law by sex; `doubling_years` is the age in which the hazard doubles."""

    __pydantic_config__ = STRICT
    first_year: int
    last_year: int
    oldest: int
    hazard_at_birth_per_year: float
    doubling_years: dict[str, float]
    factor: dict[str, float]
    infant_hazard_per_year: float
    fall_percent_per_year: float
    assumed: str

    def hazard_per_day(self, sex: str, age: int, year: int) -> float:
        law = self.hazard_at_birth_per_year * self.factor[sex] * 2 ** (age / self.doubling_years[sex])
        first = self.infant_hazard_per_year if age == 0 else 0.0
        return (law + first) * (1 - self.fall_percent_per_year / 100) ** (year - self.first_year) / DAYS_PER_YEAR


@dataclass(frozen=True)
class MadeUpRegistry:
    """The settings of the registry."""

    __pydantic_config__ = STRICT
    name: str
    covers: str
    begin: date
    closing: date
    first_tumour: str
    suppress_below: int


@dataclass(frozen=True)
class Surroundings:
    """All of it."""

    __pydantic_config__ = STRICT
    population: MadeUpPopulation
    life_table: MadeUpLifeTable
    registry: MadeUpRegistry


def load_surroundings(root: Path | None = None) -> Surroundings:
    """The description in the content. Raises ContentError with every mistake in it."""
    reader = Reader(root or content_root())
    found = reader.whole(Surroundings, FILE)
    if found is None or reader.findings:
        raise ContentError(reader.findings)
    return found


def write_surroundings(surroundings: Surroundings, folder: Path, patients: int) -> tuple[Path, ...]:
    """Write settings, population and life table for a cohort of so many patients into a folder; returns the files."""
    made = {
        POPULATION: _population(surroundings.population, patients),
        LIFE_TABLE: _life_table(surroundings.life_table),
        SETTINGS: _settings(surroundings.registry),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in made)


def _population(made: MadeUpPopulation, patients: int) -> str:
    everybody = patients / len(made.years) / made.per_100000_and_year * PER
    standard = standard_population(made.standard)
    of_sex = {"female": made.share_female, "male": 1 - made.share_female}
    rows = [
        (year, sex, age, round(everybody * of_sex[sex] * share))
        for year in made.years
        for sex in SEXES
        for age, share in zip(standard.from_age, standard.shares, strict=True)
    ]
    return _csv(("year", "sex", "age_from", "persons"), rows)


def _life_table(made: MadeUpLifeTable) -> str:
    rows = [
        (age, year, sex, f"{made.hazard_per_day(sex, age, year):.8g}")
        for sex in SEXES
        for year in range(made.first_year, made.last_year + 1)
        for age in range(made.oldest + 1)
    ]
    return _csv(("age", "year", "sex", "haz_per_day"), rows)


def _settings(made: MadeUpRegistry) -> str:
    fields = {
        "name": made.name,
        "covers": made.covers,
        "population_based": "true",
        "begin": made.begin,
        "closing": made.closing,
        "first_tumour": made.first_tumour,
        "suppress_below": made.suppress_below,
        "population": POPULATION,
        "life_table": LIFE_TABLE,
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def _csv(head: tuple[str, ...], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
