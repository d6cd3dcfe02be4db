"""What a user says of a table: options and files that mean the same, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.registry.tables.mapping import MappingError, TableMapping, mapping_of, read_mapping

FILE = """
columns: {time: fu_days, status: dead}
status: {dead: [1, 2], alive: 0}
sex: {male: 01, female: 02}
age_unit: days
date_order: dmy
decimal: comma
separator: ";"
encoding: windows-1252
missing: [NA, 9]
where: {tumour_no: 1, centre: [A, B]}
"""
OPTIONS = mapping_of(
    columns=["time=fu_days", "status=dead"],
    codes=["dead=1,2", "alive=0"],
    sex=["male=01,female=02"],
    where=["tumour_no=1", "centre=A,B"],
    missing=["NA", "9"],
    age_unit="days",
    date_order="dmy",
    decimal="comma",
    separator=";",
    encoding="windows-1252",
)


def file_with(folder: Path, text: str) -> Path:
    file = folder / "map.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_and_options_say_the_same(tmp_path: Path) -> None:
    """Codes are what is written: 01 is not 1."""
    assert read_mapping(file_with(tmp_path, FILE)) == OPTIONS
    assert OPTIONS.codes == {"status": {"1": "dead", "2": "dead", "0": "alive"}, "sex": {"01": "male", "02": "female"}}
    assert OPTIONS.where == {"tumour_no": ("1",), "centre": ("A", "B")}


def test_the_same_code_may_be_said_again() -> None:
    assert mapping_of(columns=["time=a", "time=a"], codes=["dead=1", "dead=1"]).codes == {"status": {"1": "dead"}}


def test_options_go_before_the_file() -> None:
    stated = TableMapping(columns={"time": "days"}, decimal="point", codes={"sex": {"m": "male"}})
    both = stated.over(OPTIONS)
    assert both.columns == {"time": "days", "status": "dead"}
    assert both.codes["sex"] == {"m": "male"}
    assert both.codes["status"] == OPTIONS.codes["status"]
    assert (both.decimal, both.date_order, both.missing) == ("point", "dmy", ("NA", "9"))


def test_without_a_word_the_element_is_its_own_column_and_its_words_are_their_own() -> None:
    assert TableMapping().column_of("time") == "time"
    assert TableMapping().words("sex") == {"male": "male", "female": "female"}


def test_causes_have_any_name() -> None:
    assert mapping_of(codes=["liver failure=3"], causes=True).codes["status"] == {"3": "liver failure"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"columns": ["time"]}, "--column: found 'time'. Permitted: NAME=VALUE, as in time=fu_days."),
        ({"columns": ["=x"]}, "--column: found '=x'"),
        ({"columns": ["tiem=x"]}, "--column: 'tiem' is nothing that is read. Permitted: person"),
        ({"columns": ["time=a", "time=b"]}, "time is given twice, as 'a' and 'b'"),
        ({"codes": ["dead=1", "alive=1"]}, "--code: '1' stands for dead and for alive. Each entry has one meaning."),
        ({"codes": ["1,dead=2"]}, "--code: found '1,dead=2'"),
        ({"sex": ["man=1"]}, "--sex: 'man' is no word for sex. Permitted: male, female."),
        ({"age_unit": "months"}, "--age-unit: found 'months'. Permitted: days, years."),
    ],
)
def test_options_that_are_refused(options: dict[str, list[str]], says: str) -> None:
    with pytest.raises(MappingError) as refused:
        mapping_of(**options)  # type: ignore[arg-type]
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("column: {time: a}", 1, "the field 'column' is not known. Permitted: columns, sex, status"),
        ("columns: [time]", 1, "columns has to hold fields"),
        ("- a", 1, "the file has to hold fields"),
        ("columns:\n  time: a\n  tiem: b", 3, "'tiem' is nothing that is read."),
        ("columns:\n  time: [a, b]", 2, "columns.time has to be one word or number"),
        ("columns:\n  time:", 2, "columns.time has to be one word or number"),
        ("sex:\n  man: 1", 2, "'man' is no word for sex."),
        ("status:\n  dead: 1\n  alive: [0, 1]", 3, "'1' stands for dead and for alive."),
        ("age_unit: months", 1, "age_unit: found 'months'. Permitted: days, years."),
        ("age_unit: {a: b}", 1, "age_unit has to be one word or number"),
        ("a: b: c", 1, ""),
    ],
)
def test_files_that_are_refused(text: str, line: int, says: str, tmp_path: Path) -> None:
    file = file_with(tmp_path, text)
    with pytest.raises(MappingError) as refused:
        read_mapping(file)
    assert str(refused.value).startswith(f"{file}:{line}:")
    assert says in str(refused.value)
