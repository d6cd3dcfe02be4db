"""Tables of persons: what is read, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.registry.linkage.normalise import Normaliser
from nelm.registry.linkage.persons import PersonsError, read_persons
from nelm.registry.tables.delimited import DelimitedError

HEADER = "id,given_name,family_name,birth_date,sex,postcode\n"


def table(folder: Path, text: str) -> Path:
    file = folder / "persons.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_table_is_written_as_it_is_compared(tmp_path: Path, normaliser: Normaliser) -> None:
    file = table(tmp_path, HEADER + "1,Änne,von Grün,1950-12-03,F,AB 12\n2,Jörn,,1950-03,male,\n3,?,X,1950,,\n")
    persons = read_persons(file, "ours", normaliser)
    first, second, third = persons.frame.iter_rows(named=True)
    assert first == {
        "id": "1",
        "given_name": "anne",
        "family_name": "grun",
        "birth_date": "1950-12-03",
        "sex": "female",
        "postcode": "ab12",
        "birth_year": "1950",
        "birth_year_and_month": "1950-12",
        "birth_day_month": "0312",
        "given_name_start": "ann",
        "family_name_start": "gru",
        "both_names": "anne grun",
    }
    assert (second["birth_date"], second["birth_year_and_month"], second["birth_day_month"]) == (None, "1950-03", None)
    assert (third["birth_year"], third["birth_year_and_month"], third["given_name"], third["both_names"]) == ("1950", None, None, None)
    assert persons.notes == (
        "given_name: of 1 entries nothing is left that could be compared (no letters that the tables of the settings know).",
        "birth_date: 2 dates are known only to the month or year; their day is compared as unknown.",
    )


def test_columns_may_have_other_names_and_be_absent(tmp_path: Path, normaliser: Normaliser) -> None:
    file = table(tmp_path, "nr;Vorname;geboren\n7;Ada;1950-01-02\n")
    persons = read_persons(file, "ours", normaliser, columns={"id": "nr", "given_name": "Vorname", "birth_date": "geboren"})
    assert persons.fields == ("given_name", "birth_date")
    assert persons.frame["id"].to_list() == ["7"]


def test_another_order_of_dates_is_stated(tmp_path: Path, normaliser: Normaliser) -> None:
    file = table(tmp_path, HEADER + "1,a,b,03.04.1950,f,\n2,c,d,1950-05,m,\n3,e,f,,m,\n")
    persons = read_persons(file, "ours", normaliser, date_order="dmy")
    assert persons.frame["birth_date"].to_list() == ["1950-04-03", None, None]
    assert persons.frame["birth_year_and_month"].to_list() == ["1950-04", "1950-05", None]
    with pytest.raises(PersonsError, match="found '13/12/1950'"):
        read_persons(table(tmp_path, HEADER + "1,a,b,13/12/1950,f,\n"), "ours", normaliser, date_order="mdy")
    with pytest.raises(DelimitedError, match="the table has a header and no rows"):
        read_persons(table(tmp_path, HEADER), "ours", normaliser)


def test_a_column_without_any_value_is_no_field(tmp_path: Path, normaliser: Normaliser) -> None:
    assert "postcode" not in read_persons(table(tmp_path, HEADER + "1,a,b,1950-01-01,f,\n"), "ours", normaliser).fields


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1,a,b,1950-01-01,f,\n1,c,d,1951-01-01,m,\n", "persons.csv:3: id: '1' stands in the table more than once"),
        (",a,b,1950-01-01,f,\n", "persons.csv:2: id: found nothing"),
        ("1,a,b,01.02.1950,f,\n", "persons.csv:2: birth_date: found '01.02.1950'. Permitted: year-month-day"),
        ("1,a,b,1950-02-30,f,\n", "persons.csv:2: birth_date: found '1950-02-30'"),
        ("1,a,b,1950-13,f,\n", "persons.csv:2: birth_date: found '1950-13'"),
        ("1,a,b,1950-01-01,1,\n", "persons.csv:2: sex: found '1'. Permitted: female, male"),
        ("1,a,b\n", "persons.csv:2:"),
        ("".join(f"{n},a,b,x,f,\n" for n in range(9)), "… and 4 more."),
    ],
)
def test_a_table_is_refused_with_the_place(tmp_path: Path, normaliser: Normaliser, rows: str, message: str) -> None:
    with pytest.raises(PersonsError) as refused:
        read_persons(table(tmp_path, HEADER + rows), "ours", normaliser)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": "nr"}, "the column 'nr' (for 'id') is not there"),
        ({"given": "a"}, "the field 'given' is not known"),
        ({}, "the column 'id' is not there"),
        ({"id": "a", "sex": "gender"}, "the column 'gender' (for 'sex') is not there"),
    ],
)
def test_a_column_that_is_not_there(tmp_path: Path, normaliser: Normaliser, columns: dict[str, str], message: str) -> None:
    with pytest.raises((PersonsError, DelimitedError)) as refused:
        read_persons(table(tmp_path, "a,b\n1,2\n"), "ours", normaliser, columns=columns)
    assert message in str(refused.value)
