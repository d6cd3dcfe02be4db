"""Cases, population and reference rates: sums over what is not asked, periods, ages in days."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.epidemiology.rates import expected_cases
from nelm.epidemiology.standards import custom_standard
from nelm.registry.tables.mapping import TableMapping
from nelm.registry.tables.rate_sources import Population, read_cases, read_population, read_reference
from nelm.registry.tables.rates import RateQuestion, rates_of, ratios_to_expected
from nelm.registry.tables.rows import TableError, UnusableRows
from nelm.registry.tables.survival_questions import QuestionError

PEOPLE = "year,sex,age_group,population\n2000,m,0-39,10\n2000,m,40+,20\n2000,f,0-39,30\n2000,f,40+,40\n2001,m,0-39,1\n2001,m,40+,2\n2001,f,0-39,3\n2001,f,40+,4\n"
TWO = custom_standard("two", [0, 40], [1, 1], use="rates", source="made up")


def file_with(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return file_with(tmp_path, "people.csv", PEOPLE)


def population(people: Path, *by: str, period: tuple[int, int] | None = None, aged: bool = False) -> Population:
    return read_population(people, TableMapping(), by=by, aged=aged, period=period)


def test_person_years_are_summed_over_what_is_not_asked(people: Path, tmp_path: Path) -> None:
    cases = file_with(tmp_path, "cases.csv", "year,sex,cases\n2000,m,2\n2001,f,1\n")
    for by, expected in (((), [110]), (("sex",), [77, 33]), (("year",), [100, 10]), (("year", "sex"), [70, 30, 7, 3])):
        lived = population(people, *by)
        found = rates_of(read_cases(cases, TableMapping(), lived, by=by, aged=False, period=None), lived, RateQuestion(by))
        assert [group.total[1] for group in found.groups] == expected, by
        assert sum(group.total[0] for group in found.groups) == 3


def test_ages_in_days_and_years_fall_into_the_same_groups(people: Path, tmp_path: Path) -> None:
    lived = population(people, aged=True)
    years = file_with(tmp_path, "years.csv", "year,age\n2000,39.99\n2001,40\n")
    days = file_with(tmp_path, "days.csv", "year,age\n2000,14609\n2001,14610\n")
    for file, unit in ((years, "years"), (days, "days")):
        cases = read_cases(file, TableMapping(age_unit=unit), lived, by=(), aged=True, period=None)
        (group,) = rates_of(cases, lived, RateQuestion((), TWO)).groups
        assert (group.cases, group.person_years) == ((1, 1), (44, 66)), unit


def test_a_period_limits_cases_and_population(people: Path, tmp_path: Path) -> None:
    cases = file_with(tmp_path, "cases.csv", "diagnosed\n2000-05-01\n2001-05-01\n1990-01-01\n")
    lived = population(people, period=(2000, 2000))
    found = read_cases(cases, TableMapping(), lived, by=(), aged=False, period=(2000, 2000))
    assert (found.frame["cases"].to_list(), found.not_asked, found.rejected) == ([1], 2, ())
    with pytest.raises(TableError, match="no case in 2001–2001"):
        read_cases(
            file_with(tmp_path, "cases.csv", "year\n2000\n"),
            TableMapping(),
            population(people, period=(2001, 2001)),
            by=(),
            aged=False,
            period=(2001, 2001),
        )


def test_rows_that_are_wrong_outside_of_the_period_do_not_stop(people: Path, tmp_path: Path) -> None:
    """An unusable age of a case that is not asked about is no matter; a case whose year is not known is."""
    cases = file_with(tmp_path, "cases.csv", "year,age\n2000,50\n1990,-1\n,50\n")
    lived = population(people, aged=True, period=(2000, 2001))
    with pytest.raises(UnusableRows) as refused:
        read_cases(cases, TableMapping(age_unit="years"), lived, by=(), aged=True, period=(2000, 2001))
    assert [(reject.line, reject.reason) for reject in refused.value.rejected] == [(4, "The year is not known.")]


def test_a_flag_for_cases_without_population(tmp_path: Path) -> None:
    people = file_with(tmp_path, "people.csv", "age_group,population\n0-39,1000\n40+,0\n")
    cases = file_with(tmp_path, "cases.csv", "age_group,cases\n0-39,1\n40+,2\n")
    lived = population(people, aged=True)
    found = rates_of(read_cases(cases, TableMapping(), lived, by=(), aged=True, period=None), lived, RateQuestion((), TWO))
    assert found.table()["flagged"].to_list() == ["40+"]
    assert found.notes[0].startswith("1 rates are flagged: an age group has cases and no population.")
    none = rates_of(
        read_cases(file_with(tmp_path, "cases.csv", "age_group\n0-39\n"), TableMapping(), lived, by=(), aged=True, period=None),
        lived,
        RateQuestion((), TWO),
    )
    assert none.notes[0] == "In 1 rates an age group has neither cases nor population; its rate counts as 0."


def test_expected_cases_by_sex_and_age(people: Path, tmp_path: Path) -> None:
    reference = file_with(tmp_path, "reference.csv", "sex,age_group,rate\nm,0-39,1\nm,40+,10\nf,0-39,100\nf,40+,1000\n")
    rates, names = read_reference(reference, TableMapping())
    assert names == ("sex",)
    lived = read_population(people, TableMapping(), by=(), further=names, aged=True, period=None)
    cases = read_cases(file_with(tmp_path, "cases.csv", "year\n2000\n2001\n"), TableMapping(), lived, by=(), aged=False, period=None)
    (row,) = ratios_to_expected(cases, lived, rates, names, RateQuestion(())).iter_rows(named=True)
    assert row["observed"] == 2
    assert row["expected"] == pytest.approx(expected_cases([11, 22, 33, 44], [1, 10, 100, 1000]))


def test_expected_cases_that_cannot_be_had(people: Path, tmp_path: Path) -> None:
    cases = file_with(tmp_path, "cases.csv", "year,grade\n2000,1\n2001,2\n")
    by_grade, names = read_reference(file_with(tmp_path, "a.csv", "grade,rate\n1,5\n2,5\n"), TableMapping())
    lived = population(people)
    read = read_cases(cases, TableMapping(), lived, by=("grade",), aged=False, period=None)
    with pytest.raises(TableError, match="the reference rates are by grade, and the population is not"):
        ratios_to_expected(read, lived, by_grade, names, RateQuestion(()))
    whole, none = read_reference(file_with(tmp_path, "b.csv", "rate\n0\n"), TableMapping())
    with pytest.raises(QuestionError, match="Expected cases need a population by grade"):
        ratios_to_expected(read, lived, whole, none, RateQuestion(("grade",)))
    (row,) = ratios_to_expected(read, lived, whole, none, RateQuestion(())).iter_rows(named=True)
    assert (row["ratio"], row["note"]) == (None, "No case was expected, and nothing can be divided by 0.")
    with pytest.raises(UnusableRows, match="A rate is a number from 0 on"):
        read_reference(file_with(tmp_path, "c.csv", "rate\n-1\n"), TableMapping())


def test_a_ratio_to_a_rate_of_0_has_a_note(people: Path, tmp_path: Path) -> None:
    lived = population(people, "sex")
    cases = read_cases(
        file_with(tmp_path, "cases.csv", "year,sex\n2000,m\n2001,m\n"), TableMapping(), lived, by=("sex",), aged=False, period=None
    )
    (row,) = rates_of(cases, lived, RateQuestion(("sex",))).ratios("sex", "f").iter_rows(named=True)
    assert row["ratio"] is None
    assert "nothing can be divided by it" in row["note"]
