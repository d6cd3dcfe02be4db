"""Tables in delimited text: what is read, what is rejected at which line, and what has to be stated."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nelm.registry.tables import delimited_rows, delimited_text
from nelm.registry.tables.delimited import Column, Delimited, DelimitedError, header_of, read_table
from nelm.registry.tables.delimited_rows import open_delimited


def _written(folder: Path, text: str | bytes) -> Path:
    file = folder / "table.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def _read(folder: Path, text: str | bytes, kind: Any = "text", **stated: Any) -> Delimited:
    """The column x of a table."""
    column = kind if isinstance(kind, Column) else Column(kind)
    return read_table(_written(folder, text), columns={"x": column}, **stated)


def _rejects(table: Delimited) -> list[tuple[int, str, str, str]]:
    return [(reject.line, reject.field, reject.found, reject.reason) for reject in table.rejected]


# -- rows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows", "lines"),
    [
        ("x,y\n1,2\n", [("1", "2")], [2]),
        ("x,y\n1,2", [("1", "2")], [2]),
        ("\ufeffx;y\r\n1;2\r\n", [("1", "2")], [2]),
        ("x\ty\n1\t2\n", [("1", "2")], [2]),
        ("x|y\n1|2\n", [("1", "2")], [2]),
        ("x\n1\n2\n", [("1",), ("2",)], [2, 3]),
        ('"x","y"\n"1","2"\n', [("1", "2")], [2]),
        ('x,y\n"a ""b"" c","d,e"\n', [('a "b" c', "d,e")], [2]),
        ('x,y\n"",2\n', [("", "2")], [2]),
        ('x,y\n"one\ntwo",2\n3,4\n', [("one\ntwo", "2"), ("3", "4")], [2, 4]),
        ('x,y\r\n"one\r\n\r\ntwo",2\r\n3,4\r\n', [("one\n\ntwo", "2"), ("3", "4")], [2, 5]),
        ("x,y\n\n1,2\n,\n  \n3,4\n", [("1", "2"), ("3", "4")], [3, 6]),
        ("\n\nx,y\n1,2\n", [("1", "2")], [4]),
        ("x,y\nä€😀,2\n", [("ä€😀", "2")], [2]),
        (" x , y \n1, 2\n", [("1", " 2")], [2]),
    ],
)
def test_rows_and_the_lines_at_which_they_begin(tmp_path: Path, text: str, rows: list[tuple[str, ...]], lines: list[int]) -> None:
    found = open_delimited(_written(tmp_path, text)).whole()
    assert (found.cells.rows(), found.lines.to_list(), found.rejected) == (rows, lines, ())


@pytest.mark.parametrize(
    ("text", "kept", "rejected"),
    [
        ("x,y\n1,2\n3\n4,5\n", [2, 4], [(3, "The row has 1 fields, the header 2.")]),
        ("x,y\n1,2,3\n4,5\n", [3], [(2, "The row has 3 fields, the header 2.")]),
        ('x,y\n1,"2\n3,4\n5,6\n', [3, 4], [(2, "The quote that opens field 2 is not closed.")]),
        ('x,y\n1,"2\n3,"4"\n5,6\n', [3, 4], [(2, "The quote that opens field 2 is not closed.")]),
        ('x,y\n1,2"\n3,4\n', [3], [(2, "A quote stands inside field 2,")]),
        ('x,y\n"1"2,3\n3,4\n', [3], [(2, "Field 1 goes on after the quote that closes it.")]),
        ('x,y\n1,"2\n3,4\n5",6\n7,8\n', [5], [(line, "A quote opens in line 2 and closes in line 4,") for line in (2, 3, 4)]),
        ('x,y\n1,"2\nfree text",6\n7,8\n', [4], [(2, "The row has 3 fields, the header 2.")]),
        ("x,y\n1,\x072\n3,4\n", [3], [(2, "The character U+0007 is no text.")]),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_alone(tmp_path: Path, text: str, kept: list[int], rejected: list[tuple[int, str]]) -> None:
    found = open_delimited(_written(tmp_path, text)).whole()
    assert found.lines.to_list() == kept
    assert [reject.line for reject in found.rejected] == [line for line, _ in rejected]
    for reject, (_, reason) in zip(found.rejected, rejected, strict=True):
        assert reject.reason.startswith(reason)


def test_a_quote_without_end_costs_one_line_however_long_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_rows, "MOST_LINES_OF_A_FIELD", 5)
    text = 'x,y\n1,"2\n' + "3,4\n" * 20 + '"5",6\n'
    found = open_delimited(_written(tmp_path, text)).whole()
    assert found.lines.to_list() == list(range(3, 24))
    assert [reject.line for reject in found.rejected] == [2]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_blocks_of_bytes_and_rows_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    file = _written(tmp_path, 'x;y\r\nä€😀;"a\r\nb"\r\n1;"broken\r\n2;3\r\n4\r\n5;6')
    whole = open_delimited(file).whole()
    monkeypatch.setattr(delimited_text, "BLOCK_BYTES", size)
    blocks = list(open_delimited(file).blocks(rows=size))
    assert [row for block in blocks for row in block.cells.rows()] == whole.cells.rows() == [("ä€😀", "a\nb"), ("2", "3"), ("5", "6")]
    assert [line for block in blocks for line in block.lines] == whole.lines.to_list() == [2, 5, 7]
    assert [reject for block in blocks for reject in block.rejected] == list(whole.rejected)
    assert [reject.line for reject in whole.rejected] == [4, 6]


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=6) | st.sampled_from(
    ["", "a,b", 'say "x"', "two\nlines", "; \t|", '"', '","', "\n"]
)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=5)))
def test_what_the_standard_library_writes_is_read_or_rejected_never_misread(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    """A row is only rejected where lines of a quoted text are rows by themselves, or hold characters that are no text."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow([f"c{number}" for number in range(len(rows[0]))])
    starts = []
    for row in rows:
        starts.append(written.getvalue().count("\n") + 1)
        writer.writerow(row)
    file = tmp_path_factory.mktemp("tables") / "table.csv"
    file.write_bytes(written.getvalue().encode())
    found = open_delimited(file, separator="comma").whole()
    expected = {start: tuple(row) for start, row in zip(starts, rows, strict=True) if any(cell.strip() for cell in row)}
    read = dict(zip(found.lines.to_list(), found.cells.rows(), strict=True))
    assert read.items() <= expected.items()
    assert set(expected) - set(read) <= {reject.line for reject in found.rejected}


# -- what is refused, and what has to be stated ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stated", "says"),
    [
        (b"", {}, "table.csv: the file is empty."),
        (b"\n \n", {}, "table.csv: the file is empty."),
        (b"x,y\n", {}, "table.csv: the table has a header and no rows."),
        (b"x,y\n1,\xe92\n", {}, "table.csv:2: byte 6 is not utf-8 text. Save the file as UTF-8, or state the encoding: --encoding windows-1252"),
        (b"x,y\n1,2\n\xff", {}, "table.csv:3: byte 8 is not utf-8 text."),
        (b"x,y\n1,2\n\xe2\x82", {}, "table.csv:3: byte 8 is not utf-8 text."),
        (b"x,y\n1,\x812\n", {"encoding": "windows-1252"}, "table.csv:2: byte 6 is not windows-1252 text."),
        ("x,y\n1,2\n".encode("utf-16"), {}, "the file begins with the mark of UTF-16, at byte 0. Save it as UTF-8, or state it"),
        (b"x,y\n1,2\n", {"encoding": "utf-16"}, "the file does not begin with the mark of UTF-16."),
        (b"x,y\n1,\x002\n", {}, "table.csv:2: found a NUL character"),
        (b"x,y\n1,2\n", {"encoding": "utf8-big"}, "--encoding: found 'utf8-big'. Permitted: utf-8, utf-16,"),
        (b"x,y\n1,2\n", {"encoding": "rot13"}, "--encoding: found 'rot13'."),
        (b"x,y\r1,2\r", {}, "table.csv:1: the lines end in CR alone."),
        (b"x,y;z\n1,2;3\n", {}, "more than one sign that may separate columns: 1 × comma, 1 × semicolon. State which: --separator comma or semicolon."),
        (b"x,y\n1,2\n", {"separator": ";"}, "the header does not hold the stated separator ';', but 1 × comma."),
        (b"x,y\n1,2\n", {"separator": "semicolom"}, "--separator: found 'semicolom'. Permitted: comma, semicolon, tab, pipe. Did you mean 'semicolon'?"),
        (b"x,,y\n1,2,3\n", {}, "table.csv:1: column 2 of 3 has no name."),
        (b"x,y, x\n1,2,3\n", {}, "table.csv:1: columns 1 and 3 are both called 'x'."),
        (b'x,"y\n1,2\n', {}, "table.csv:1: the header cannot be read: The quote that opens field 2 is not closed."),
        (b"sex,y\n1,2\n", {}, "table.csv:1: the column 'x' is not there. Found: sex, y. Name the column as the file does."),
        (b"x,y\n1,2\n", {"decimal": "coma"}, "--decimal: found 'coma'. Permitted: point, comma. Did you mean 'comma'?"),
        (b"x,y\n1,2\n", {"date_order": "dym"}, "--date-order: found 'dym'. Permitted: dmy, mdy, ymd."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(tmp_path: Path, text: bytes, stated: dict[str, Any], says: str) -> None:
    with pytest.raises(DelimitedError) as found:
        _read(tmp_path, text, **stated)
    assert says in str(found.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DelimitedError, match=r"nowhere.csv: cannot be read \(No such file"):
        header_of(tmp_path / "nowhere.csv")


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_text, "LONGEST_LINE", 10)
    with pytest.raises(DelimitedError, match=r"table.csv:2: the line has more than"):
        _read(tmp_path, "x,y\n" + "1" * 50)


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("x,y;z\n1,2;3\n", {"separator": "comma"}),
        ("x;y\n1;é\n".encode("windows-1252"), {"encoding": "cp1252"}),
        ("x,y\n1,é\n".encode("utf-16"), {"encoding": "UTF-16"}),
        ("x,y\n1,é\n".encode("utf-8-sig"), {"encoding": "utf-8-sig"}),
        ("x\ty\n1\té\n".encode("latin-1"), {"encoding": "latin1", "separator": "\\t"}),
    ],
)
def test_what_is_stated_is_done(tmp_path: Path, text: str | bytes, stated: dict[str, Any]) -> None:
    table = _read(tmp_path, text, **stated)
    assert table.frame.to_dict(as_series=False) == {"x": ["1"]}


# -- numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "decimal", "values"),
    [
        (["1", "-2", "+3", "1e3", "2.5E-1", " 4 "], None, [1, -2, 3, 1000, 0.25, 4]),
        (["12.5", "1.234"], None, [12.5, 1.234]),
        (["0.125"], None, [0.125]),
        (["1234.567"], None, [1234.567]),
        (["12,5", "1,234"], None, [12.5, 1.234]),
        (["0,125"], None, [0.125]),
        (["1,234"], "comma", [1.234]),
        (["1.234"], "point", [1.234]),
        (["5", ""], "comma", [5, None]),
    ],
)
def test_numbers(tmp_path: Path, written: list[str], decimal: Any, values: list[float | None]) -> None:
    table = _read(tmp_path, "x;y\n" + "".join(f"{text};1\n" for text in written), "number", decimal=decimal)
    assert (table.frame["x"].to_list(), table.rejected) == (values, ())


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (["1", "1,234"], "table.csv:3: column 'x': found '1,234', which can be 1234 or 1.234. State the decimal sign: --decimal point,"),
        (["1.234"], "table.csv:2: column 'x': found '1.234', which can be 1234 or 1.234."),
        (["1.5", "2", "2,5"], "table.csv:4: column 'x': found '1.5' and '2,5' in one column. State the decimal sign"),
        (["1.234.567"], "found '1.234.567', which can be 1234567"),
    ],
)
def test_numbers_that_could_be_two(tmp_path: Path, written: list[str], says: str) -> None:
    with pytest.raises(DelimitedError) as found:
        _read(tmp_path, "x;y\n" + "".join(f"{text};1\n" for text in written), "number")
    assert says in str(found.value)


@pytest.mark.parametrize(
    ("kind", "decimal", "text", "reason"),
    [
        ("number", "point", "1,234", "The decimal sign of this column is a point."),
        ("number", "comma", "1.5", "The decimal sign of this column is a comma."),
        ("number", "comma", "1.234,5", "Numbers have no sign between thousands."),
        ("number", "point", "1,234.5", "Numbers have no sign between thousands."),
        ("number", "point", "12 mm", "This is no number."),
        ("number", None, "<2", "This is no number."),
        ("number", None, "nan", "This is no number."),
        ("number", None, "1e999", "This is no number."),
        ("number", None, "٣", "This is no number."),
        ("whole", None, "0.5", "This is no whole number."),
        ("whole", None, "99999999999999999999", "This is no whole number."),
    ],
)
def test_cells_that_are_no_numbers(tmp_path: Path, kind: Any, decimal: Any, text: str, reason: str) -> None:
    table = _read(tmp_path, f"x;y\n1;1\n{text};1\n2;1\n", kind, decimal=decimal)
    assert _rejects(table) == [(3, "x", text, reason)]
    assert (table.frame["x"].to_list(), table.lines.to_list()) == ([1, 2], [2, 4])


# -- days --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2020-03-04", None, date(2020, 3, 4)),
        ("2020-03-04", "mdy", date(2020, 3, 4)),
        ("3/4/2020", "dmy", date(2020, 4, 3)),
        ("03.04.2020", "mdy", date(2020, 3, 4)),
        ("29-02-2020", "dmy", date(2020, 2, 29)),
        ("2020/3/4", "ymd", date(2020, 3, 4)),
        ("20200304", "ymd", date(2020, 3, 4)),
    ],
)
def test_days(tmp_path: Path, text: str, order: Any, day: date) -> None:
    assert _read(tmp_path, f"x;y\n{text};1\n;1\n", "date", date_order=order).frame["x"].to_list() == [day, None]


@pytest.mark.parametrize("text", ["03/04/2020", "13.04.2020", "2020/03/04", "3-4-20"])
def test_an_order_that_is_not_stated_is_asked_for(tmp_path: Path, text: str) -> None:
    with pytest.raises(DelimitedError) as found:
        _read(tmp_path, f"x;y\n2020-01-01;1\n{text};1\n", "date")
    assert f"table.csv:3: column 'x': found '{text}'. Only year-month-day (2024-03-12) is read without being told; state the order: --date-order dmy" in str(found.value)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("2021-02-29", None, "This is no day of the calendar."),
        ("2021-13-01", None, "This is no day of the calendar."),
        ("31.04.2021", "dmy", "This is no day of the calendar."),
        ("03/13/2021", "dmy", "This is no day of the calendar."),
        ("2021", "dmy", "A whole day is needed, and this is a year or a month."),
        ("2021-03", None, "A whole day is needed, and this is a year or a month."),
        ("3/4/21", "dmy", "The year needs four digits."),
        ("3/4-2021", "dmy", "This is no date."),
        ("2021-03-04T10:00", None, "A day is needed, without a time."),
        ("last spring", None, "This is no date."),
        ("20210304", None, "This is no date."),
        ("2021-0304", "ymd", "This is no date."),
    ],
)
def test_cells_that_are_no_days(tmp_path: Path, text: str, order: Any, reason: str) -> None:
    table = _read(tmp_path, f"x;y\n{text};1\n2020-01-01;1\n", "date", date_order=order)
    assert (_rejects(table), table.lines.to_list()) == ([(2, "x", text, reason)], [3])


# -- words -------------------------------------------------------------------------------------------------


def test_words_mean_what_is_stated(tmp_path: Path) -> None:
    words = Column("coded", words={"1": "male", "2": "female"}, unknown=frozenset({"9"}))
    table = _read(tmp_path, "x;y\n1;1\n2;1\n9;1\n;1\n3;1\n", words)
    assert table.frame["x"].to_list() == ["male", "female", None, None]
    assert [str(reject) for reject in table.rejected] == [
        f"{table.file}:6: x: found '3': It is not stated what this word means. Permitted: 1, 2."
    ]


def test_truth(tmp_path: Path) -> None:
    assert _read(tmp_path, "x;y\ntrue;1\nfalse;1\n;1\n", "boolean").frame["x"].to_list() == [True, False, None]
    table = _read(tmp_path, "x;y\n1;1\n0;1\n2;1\n", Column("boolean", words={"1": True, "0": False}))
    assert (table.frame["x"].to_list(), [reject.found for reject in table.rejected]) == ([True, False], ["2"])


def test_words_without_meaning_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DelimitedError, match="column 'x': it is not stated what its words mean"):
        _read(tmp_path, "x;y\n1;1\n", "coded")


# -- the table ---------------------------------------------------------------------------------------------


def test_a_row_with_several_mistakes_is_left_out_once_and_all_are_said(tmp_path: Path) -> None:
    text = 'id,n,d,other\na,1,2020-01-01,x\nb,one,2020-02-30,x\nc,,,x\n,3,2020-01-01,x\n"d\n,,,,\n'
    columns = {
        "person": Column(header="id", needed=True),
        "number": Column("number", "n"),
        "day": Column("date", "d"),
        "centre": Column("coded", "where", may_be_missing=True),
    }
    table = read_table(_written(tmp_path, text), columns=columns)
    assert table.frame.rows() == [("a", 1.0, date(2020, 1, 1), None), ("c", None, None, None)]
    assert table.lines.to_list() == [2, 4]
    assert [(reject.line, reject.field) for reject in table.rejected] == [(3, "n"), (3, "d"), (5, "id"), (6, "")]
    assert (table.rows, table.rejected_rows, table.blank, table.unused) == (5, 3, 1, ("other",))


@pytest.mark.parametrize(
    ("kind", "made"),
    [("text", pl.String), ("number", pl.Float64), ("whole", pl.Int64), ("date", pl.Date), ("boolean", pl.Boolean), ("coded", pl.String)],
)
def test_columns_have_the_type_of_their_kind_also_where_they_are_missing(tmp_path: Path, kind: Any, made: pl.DataType) -> None:
    columns = {"x": Column(kind, words={"1": True} if kind == "boolean" else {"1": "a"}), "away": Column(kind, may_be_missing=True)}
    text = "x;y\n" + ("2020-01-01" if kind == "date" else "1") + ";1\n"
    assert dict(read_table(_written(tmp_path, text), columns=columns).frame.schema) == {"x": made, "away": made}


def test_a_table_in_which_no_row_can_be_used_is_given_back(tmp_path: Path) -> None:
    table = _read(tmp_path, "x,y\n1\n", "number")
    assert (table.frame.rows(), [reject.line for reject in table.rejected]) == ([], [2])
