"""The rows of tables as elements: Parquet like text, conditions, groups, and what is said of cells."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from nelm.registry.tables.delimited_rows import DelimitedError
from nelm.registry.tables.mapping import TableMapping
from nelm.registry.tables.rows import TableError, UnusableRows, header_of, read_rows, rejected_csv, settled

CODES = {"status": {"1": "dead", "0": "alive"}}


def test_types_of_parquet_are_read_as_their_texts_would_be(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    frame = pl.DataFrame(
        {
            "time": pl.Series([10.0, None, 12.5]),
            "age": [1.234, 2.0, None],
            "status": [1, 0, None],
            "diagnosed": [date(2020, 1, 2), None, date(2020, 1, 3)],
            "last_contact": [datetime(2020, 1, 2), datetime(2020, 1, 2, 12), None],
            "more": [[1], [2], None],
        }
    )
    frame.write_parquet(file)
    assert header_of(file, TableMapping()) == tuple(frame.columns)
    rows = read_rows(file, TableMapping(codes=CODES), needed=("time", "age", "status", "diagnosed", "last_contact"))
    assert rows.frame["time"].to_list() == [10, None, None]
    assert rows.frame["age"].to_list() == [1.234, 2.0, None], "numbers are numbers: the point of 1.234 parts no thousands"
    assert rows.frame["status"].to_list() == ["dead", "alive", None]
    assert rows.frame["diagnosed"].to_list() == [date(2020, 1, 2), None, date(2020, 1, 3)]
    assert [(reject.line, reject.field) for reject in rows.rejected] == [(2, "last_contact"), (3, "time")]


def test_a_parquet_file_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    file.write_text("time,status\n", encoding="utf-8")
    with pytest.raises(TableError, match="cannot be read as a Parquet file"):
        read_rows(file, TableMapping(), needed=())


def text_table(folder: Path, text: str) -> Path:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_groups_are_words_of_the_element_where_codes_are_stated(tmp_path: Path) -> None:
    file = text_table(tmp_path, "sex,status\n1,1\n2,0\n,1\n")
    raw = read_rows(file, TableMapping(codes=CODES), needed=("status",), by=("sex",))
    assert raw.frame["by sex"].to_list() == ["1", "2", None]
    coded = read_rows(file, TableMapping(codes={**CODES, "sex": {"1": "male", "2": "female"}}), needed=("status",), by=("sex",))
    assert coded.frame["by sex"].to_list() == ["male", "female", None]


def test_conditions_missing_entries_and_optional_columns(tmp_path: Path) -> None:
    file = text_table(tmp_path, "n,status,cases\n1,1,2\n2,9,3\n1,9,NA\n3,1,1\n")
    mapping = TableMapping(codes=CODES, missing=("9", "NA"), where={"n": ("1", "2")})
    rows = read_rows(file, mapping, needed=("status",), optional=("cases", "person"))
    assert (rows.rows, rows.not_asked, rows.rejected, rows.has("person")) == (3, 1, (), False)
    assert rows.frame["status"].to_list() == ["dead", None, None]
    assert rows.frame["cases"].to_list() == [2, 3, None]
    with pytest.raises(TableError, match="--where m: no column 'm'"):
        read_rows(file, TableMapping(where={"m": ("1",)}), needed=())
    with pytest.raises(TableError, match=r"person .*: no column 'id'"):
        read_rows(file, TableMapping(columns={"person": "id"}), needed=(), optional=("person",))


def test_what_could_mean_two_things_is_asked_with_line_and_column(tmp_path: Path) -> None:
    file = text_table(tmp_path, "age;status\n12;1\n1,234;1\n")
    with pytest.raises(DelimitedError, match=r"table.csv:3: column 'age' \(age\): found '1,234', which can be 1234 or 1.234"):
        read_rows(file, TableMapping(codes=CODES, separator=";"), needed=("age", "status"))


def test_unusable_rows_end_or_are_left_out(tmp_path: Path) -> None:
    rows = read_rows(text_table(tmp_path, "status\n1\n5\n"), TableMapping(codes=CODES), needed=("status",))
    with pytest.raises(UnusableRows) as refused:
        settled(rows, rows.rejected, drop=False)
    assert refused.value.rejected == rows.rejected
    assert settled(rows, rows.rejected, drop=True)["line"].to_list() == [2]
    with pytest.raises(UnusableRows, match="2 of 2 rows"):
        settled(rows, [*rows.rejected, *rows.reject("status", pl.col("status") == "dead", "No.")], drop=True)


def test_the_list_of_rejected_rows_can_be_read_again(tmp_path: Path) -> None:
    rows = read_rows(text_table(tmp_path, 'status,a\n"5,""x""",1\n'), TableMapping(codes=CODES), needed=("status",))
    again = pl.read_csv(rejected_csv(rows.rejected))
    assert again.select("line", "column", "found").rows() == [(2, "status", '5,"x"')]
