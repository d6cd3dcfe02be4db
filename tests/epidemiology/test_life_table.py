"""Life tables: what is read, what is refused with which words, and hazards that follow age and calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.epidemiology.follow_up import DAYS_PER_YEAR, Persons, follow_up
from nelm.epidemiology.life_table import Cell, LifeTable, LifeTableError, life_table_of, read_life_table

DATA = Path(__file__).parent / "data"
SMALL = [f"{age},{year},{sex},{hazard}" for age, hazard in ((60, 3e-5), (61, 4e-5)) for year in (2000, 2001) for sex in ("male", "female")]


def written(folder: Path, rows: Iterable[str], header: str = "age,year,sex,haz_per_day") -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def person(age_days: float, diagnosis: date, sex: str = "male") -> Persons:
    return follow_up(sex=[sex], age_days=[age_days], diagnosis=[diagnosis], exit_days=[1], dead=[False]).persons


def stepped() -> LifeTable:
    """Ages 50–59 and years 2000–2009, each cell its own hazard: 1e-5 · (age − 49) + 1e-6 · (year − 2000), women 1e-7 more."""
    return life_table_of(
        Cell(age, year, sex, hazard_of(age, year, sex), f"{sex} {age} {year}")
        for sex in ("female", "male")
        for age in range(59, 49, -1)
        for year in range(2000, 2010)
    )


def hazard_of(age: int, year: int, sex: str) -> float:
    return 1e-5 * (age - 49) + 1e-6 * (year - 2000) + (1e-7 if sex == "female" else 0)


STEPPED = stepped()


# -- reading --------------------------------------------------------------------------------------------------------


def test_the_synthetic_table_is_read_whole() -> None:
    table = read_life_table(DATA / "lifetable.csv.gz")
    assert table.hazard.shape == (2, 106, 45)
    assert table.hazard[0, 0, 0] == 1.7076862e-05
    assert (table.first_age, table.years[0], table.years[-1]) == (0, 1980, 2024)
    assert table.birthdays[:2].tolist() == [0, DAYS_PER_YEAR]
    assert table.new_years[-1] == (date(2025, 1, 1) - date(1970, 1, 1)).days
    with pytest.raises(ValueError, match="read-only"):
        table.hazard[0, 0, 0] = 1


def test_rows_may_come_in_any_order(tmp_path: Path) -> None:
    one, other = (read_life_table(written(tmp_path, rows)) for rows in (SMALL, SMALL[::-1]))
    assert (one.hazard == other.hazard).all()
    assert one.first_age == 60


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no row. A life table has one row for each sex, age and year."),
        ([*SMALL, "60,2000,male,1e-5"], ":10: a second hazard for male, age 60, year 2000; the first is in "),
        ([*SMALL, "62,2000,male,-1e-5"], ":10: the hazard of male, age 62, year 2000 is -1e-05. Permitted: 0 or more, finite."),
        ([*SMALL, "62,2000,male,nan"], ":10: the hazard of male, age 62, year 2000 is nan."),
        ([*SMALL, "62,2000,male,much"], ":10: haz_per_day is 'much'. Permitted: a number, the hazard per day."),
        ([*SMALL, "62,2000,male"], ":10: haz_per_day is None."),
        ([*SMALL, "62.5,2000,male,1e-5"], ":10: age is '62.5'. Permitted: a whole number of years, from 0."),
        ([*SMALL, "62,0,male,1e-5"], ":10: year is 0. Permitted: a calendar year with four digits at most."),
        ([*SMALL, "62,2000,m,1e-5"], ":10: sex is 'm'. Permitted: male, female."),
        (
            [*SMALL, "99,2000,male,0.4"],
            ":10: the hazard of male, age 99, year 2000 is 0.4 per day. Permitted: at most 0.02. If it is per year",
        ),
        ([*SMALL, "65,2000,male,5e-5"], "ages from 60 to 65, but no row for 62, 63, 64. Every age between the first and the last is due"),
        ([*SMALL, "61,2010,male,4e-5"], "years from 2000 to 2010, but no row for 2002, 2003, 2004, 2005, 2006 and 3 more."),
        (SMALL[:-1], "no row for female, age 61, year 2001. Every sex, age and year is due once"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, rows: list[str], message: str) -> None:
    path = written(tmp_path, rows)
    with pytest.raises(LifeTableError) as caught:
        read_life_table(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_hazards_per_year_are_noticed_where_none_is_too_high_by_itself(tmp_path: Path) -> None:
    rows = [f"{age},2000,{sex},{1e-5 * 365.241}" for age in range(30, 60) for sex in ("male", "female")]
    with pytest.raises(LifeTableError, match=r"They look like hazards per year: divide by 365\.241"):
        read_life_table(written(tmp_path, rows))


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        LifeTableError, match=r":1: no column sex, haz_per_day; found age, year, gender, rate\. A life table has the columns"
    ):
        read_life_table(written(tmp_path, ["1,2000,male,1e-5"], header="age,year,gender,rate"))
    (tmp_path / "empty.csv").touch()
    with pytest.raises(LifeTableError, match="found none"):
        read_life_table(tmp_path / "empty.csv")


def test_a_year_can_be_carried_forward_if_asked_for(tmp_path: Path) -> None:
    rows = [f"60,{year},{sex},{hazard}" for year, hazard in ((2000, 1e-5), (2003, 3e-5)) for sex in ("male", "female")]
    path = written(tmp_path, rows)
    with pytest.raises(LifeTableError, match="but no row for 2001, 2002"):
        read_life_table(path)
    table = read_life_table(path, missing_years="carry_forward")
    whole = person(60 * DAYS_PER_YEAR, date(2002, 12, 30))
    found = table.cumulative_hazard(whole, np.array([0.0]), np.array([5.0]))
    assert found.hazard == pytest.approx(2 * 1e-5 + 3 * 3e-5)
    assert found.extrapolated_days == [0]


# -- looking up -----------------------------------------------------------------------------------------------------


def test_age_and_calendar_advance_together() -> None:
    """Diagnosed on 30 December 2003, 10 days before the 53rd birthday: 2 days, then 8 in the new year, then 5 a year older."""
    someone = person(53 * DAYS_PER_YEAR - 10, date(2003, 12, 30), "female")
    found = STEPPED.cumulative_hazard(someone, np.array([0.0]), np.array([15.0]))
    parts = 2 * hazard_of(52, 2003, "female") + 8 * hazard_of(52, 2004, "female") + 5 * hazard_of(53, 2004, "female")
    assert found.hazard == pytest.approx(parts, rel=1e-12)
    assert found.extrapolated_days == [0]


def test_a_birthday_falls_between_two_days() -> None:
    """It comes after 0.241 of the day: the cell changes there, not at midnight."""
    someone = person(365 * 52 + 12, date(2003, 5, 1))  # 52 years are 18,992.532 days
    found = STEPPED.cumulative_hazard(someone, np.array([0.0]), np.array([1.0]))
    assert found.hazard == pytest.approx(0.532 * hazard_of(51, 2003, "male") + 0.468 * hazard_of(52, 2003, "male"), rel=1e-9)


def test_the_edge_is_held_outside_and_reported() -> None:
    for age, diagnosis, held, outside in (
        (49.5, date(2003, 2, 1), hazard_of(50, 2003, "male"), 10),
        (60.5, date(2003, 2, 1), hazard_of(59, 2003, "male"), 10),
        (55.5, date(1990, 2, 1), hazard_of(55, 2000, "male"), 10),
        (55.5, date(2020, 2, 1), hazard_of(55, 2009, "male"), 10),
        (120.0, date(2020, 2, 1), hazard_of(59, 2009, "male"), 10),
        (55.5, date(2009, 12, 28), hazard_of(55, 2009, "male"), 6),
    ):
        found = STEPPED.cumulative_hazard(person(age * DAYS_PER_YEAR, diagnosis), np.array([0.0]), np.array([10.0]))
        assert found.hazard == pytest.approx(10 * held, rel=1e-12), (age, diagnosis)
        assert found.extrapolated_days == pytest.approx([outside]), (age, diagnosis)


@given(
    age=st.floats(48, 62),
    offset=st.integers(-800, 4500),
    start=st.integers(0, 500),
    length=st.integers(0, 900),
    sex=st.sampled_from(["male", "female"]),
)
def test_the_integral_is_that_of_small_steps(age: float, offset: int, start: int, length: int, sex: str) -> None:
    """Day by day, the slow and obvious way; a day with a birthday in it may differ by the step between two cells."""
    diagnosis = date(2000, 1, 1) + timedelta(days=offset)
    total, outside = 0.0, 0
    for day in range(start, start + length):
        now = diagnosis + timedelta(days=day)
        years = int((age * DAYS_PER_YEAR + day) // DAYS_PER_YEAR)
        total += hazard_of(min(max(years, 50), 59), min(max(now.year, 2000), 2009), sex)
        outside += not (50 <= years < 60 and 2000 <= now.year < 2010)
    found = STEPPED.cumulative_hazard(person(age * DAYS_PER_YEAR, diagnosis, sex), np.array([start]), np.array([start + length]))
    birthdays = length / DAYS_PER_YEAR + 1
    assert abs(found.hazard[0] - total) <= 1e-5 * birthdays + 1e-12
    assert abs(found.extrapolated_days[0] - outside) <= 2


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, np.inf), (np.nan, 4)])
def test_days_that_cannot_be_are_refused(start: float, stop: float) -> None:
    with pytest.raises(ValueError, match=r"Person 1: from day .* Permitted: 0 ≤ start ≤ stop, both finite"):
        STEPPED.cumulative_hazard(person(20_000, date(2003, 1, 1)), np.array([start]), np.array([stop]))
