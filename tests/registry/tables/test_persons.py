"""From rows to persons: dates and days, ages and births, delayed entry, groups, and doubts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp
from nelm.registry.tables.mapping import TableMapping
from nelm.registry.tables.persons import PersonTable, read_persons, word_order
from nelm.registry.tables.rows import TableError, UnusableRows


def persons(
    folder: Path, text: str, *, population: bool = False, dated: bool = False, by: tuple[str, ...] = (), **said: object
) -> PersonTable:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return read_persons(file, TableMapping(**said), by=by, population=population, dated=dated)  # type: ignore[arg-type]


def test_dates_and_births_in_days(tmp_path: Path) -> None:
    found = persons(
        tmp_path, "sex,born,diagnosed,last_contact,status\nfemale,1950-03-01,2010-03-01,2012-02-29,dead\n", population=True
    ).follow_up
    assert isinstance(found, FollowUp)
    assert found.exit_days.tolist() == [730]
    assert found.persons.age_days.tolist() == [(date(2010, 3, 1) - date(1950, 3, 1)).days]
    assert found.persons.diagnosis_days.tolist() == [(date(2010, 3, 1) - date(1970, 1, 1)).days]
    assert found.persons.sex.tolist() == [1]
    assert found.dead.tolist() == [True]


def test_ages_in_years(tmp_path: Path) -> None:
    text = "sex,age,diagnosed,time,status\nmale,60.5,2010-03-01,5,alive\n"
    found = persons(tmp_path, text, population=True, age_unit="years").follow_up
    assert isinstance(found, FollowUp)
    assert found.persons.age_days[0] == pytest.approx(60.5 * DAYS_PER_YEAR)


def test_delayed_entry_in_days_and_dates(tmp_path: Path) -> None:
    """Who was known before diagnosis is under observation from it on."""
    days = persons(tmp_path, "time,entry,status\n30,10,dead\n30,0,alive\n", columns={"entry": "entry"}).follow_up
    assert days.entry_days.tolist() == [10, 0]
    text = "time,diagnosed,entered,status\n30,2010-01-01,2010-01-11,dead\n30,2010-01-01,2009-01-01,alive\n"
    dates = persons(tmp_path, text, columns={"entered": "entered"}).follow_up
    assert dates.entry_days.tolist() == [10, 0]
    ignored = persons(tmp_path, "time,entry,status\n30,10,dead\n").follow_up
    assert ignored.entry_days.tolist() == [0], "a column that nobody named is not read"


def test_the_date_of_diagnosis_without_a_population(tmp_path: Path) -> None:
    found = persons(tmp_path, "time,diagnosed,status\n30,2010-01-01,dead\n", dated=True).follow_up
    assert isinstance(found, FollowUp)
    assert found.persons.diagnosis_days.tolist() == [14610]


def test_groups_in_the_order_in_which_people_read_them(tmp_path: Path) -> None:
    text = "time,status,stage,site\n1,dead,10,b\n1,dead,9,b\n1,dead,,a\n1,dead,IV,a\n1,dead,9,a\n"
    found = persons(tmp_path, text, by=("stage", "site"))
    assert found.group_keys() == [("9", "a"), ("9", "b"), ("10", "b"), ("IV", "a"), ("not known", "a")]
    assert found.chosen(("9", "a")).tolist() == [False, False, False, False, True]
    assert persons(tmp_path, text).group_keys() == [()]
    assert persons(tmp_path, text).chosen(()).all()
    assert sorted([("nan",), ("2",), ("inf",)], key=word_order) == [("2",), ("inf",), ("nan",)]


def test_ages_that_look_like_years_are_doubted(tmp_path: Path) -> None:
    text = "sex,age,diagnosed,time,status\nmale,60,2010-03-01,5,alive\nmale,70,2010-03-01,5,alive\nmale,9000,2010-03-01,5,alive\n"
    (note,) = persons(tmp_path, text, population=True, age_unit="days").notes
    assert note.startswith("2 of 3 persons are below one year of age at diagnosis. Is the age in years?")
    assert persons(tmp_path, text.replace("70,", "25000,"), population=True, age_unit="days").notes == ()


@pytest.mark.parametrize(
    ("text", "said", "says"),
    [
        ("time,entry,entered,diagnosed,status\n", {"columns": {"entry": "entry", "entered": "entered"}}, "both say when observation began"),
        (
            "time,last_contact,status\n",
            {"columns": {"time": "time", "last_contact": "last_contact"}},
            "time and last_contact say the same thing",
        ),
        ("status\ndead\n", {}, "the table has none of these columns"),
        ("time\n1\n", {}, "no column for status"),
        ("time,status\n1,x\n", {"codes": {"status": {"x": "cancer", "y": "alive"}}}, "Here it is alive or dead"),
    ],
)
def test_tables_that_are_refused(text: str, said: dict[str, object], says: str, tmp_path: Path) -> None:
    with pytest.raises(TableError) as refused:
        persons(tmp_path, text, **said)
    assert says in str(refused.value)


def test_births_after_diagnosis(tmp_path: Path) -> None:
    text = "sex,born,diagnosed,time,status\nmale,2010-03-02,2010-03-01,5,alive\nmale,1850-03-02,2010-03-01,5,alive\n"
    with pytest.raises(UnusableRows) as refused:
        persons(tmp_path, text, population=True)
    assert [reject.reason for reject in refused.value.rejected] == ["Born after the diagnosis.", "Older than anybody was at diagnosis."]


def test_no_row_is_lost_or_changed(tmp_path: Path) -> None:
    """Every line is a person or rejected, whatever the cells."""
    cells = ["", "5", "-5", "x", "5.5", "1000000"]
    lines = [f"{time},{status}" for time in cells for status in ("dead", "alive", "", "y")]
    file = tmp_path / "table.csv"
    file.write_text("time,status\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found = read_persons(file, TableMapping(), population=False, drop=True)
    rejected = {reject.line for reject in found.rejected}
    assert sorted([*found.lines, *rejected]) == [number for number, line in enumerate(lines, start=2) if line != ","]
    for line, exit_days, status in zip(found.lines, found.follow_up.exit_days, found.status, strict=True):
        assert lines[line - 2] == f"{int(exit_days)},{status}"
    assert np.isin(found.follow_up.exit_days, (5, 1_000_000)).all()
