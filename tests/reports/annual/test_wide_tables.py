"""How tables are cut for paper."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from nelm.registry.annual.model import Section, Table
from nelm.reports.annual.view import ShownTable, view_of
from nelm.reports.annual.wide_tables import BREAK, WIDTH, breakable, parts_of
from tests.reports.annual.conftest import made_up, wide


def shown(table: Table) -> ShownTable:
    return view_of(replace(made_up(), sections=(Section("one", "One", tables=(table,)),))).sections[0].tables[0]


@pytest.mark.parametrize(("columns", "parts"), [(2, 1), (15, 1), (16, 2), (40, 3), (200, 15)])
def test_every_column_stands_in_one_part_and_the_first_in_each(columns: int, parts: int) -> None:
    table = shown(wide(columns))
    found = parts_of(table)
    assert len(found) == parts
    assert {part.heads[0] for part in found} == {"Year"}
    assert [head for part in found for head in part.heads[1:]] == list(table.heads[1:])
    for row in range(10):
        assert [cell for part in found for cell in part.rows[row][1:]] == list(table.rows[row][1:])
    assert [part.columns for part in found][:1] == ["" if parts == 1 else "1, 2–15"]


def test_columns_of_text_share_the_page_however_long_they_are() -> None:
    frame = pl.DataFrame({f"c{n}": ["word " * 200] for n in range(5)})
    assert len(parts_of(shown(Table("texts", "Texts", frame, ("A", "B", "C", "D", "E"))))) == 1


def test_a_part_is_no_wider_than_the_page() -> None:
    frame = pl.DataFrame({f"c{n}": ["x" * (n + 1)] for n in range(30)})
    found = parts_of(shown(Table("steps", "Steps", frame, tuple(f"{n}" for n in range(30)))))
    assert len(found) > 1
    assert all(sum(len(cell) for cell in part.rows[0]) <= WIDTH for part in found if max(map(len, part.rows[0])) <= 18)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("short words only, however many of them there are", 0),
        ("a" * 24, 0),
        ("a" * 25, 2),
        ("before " + "b" * 48 + " after", 3),
    ],
)
def test_only_words_without_end_are_given_places_to_break(text: str, pieces: int) -> None:
    assert breakable(text).count(BREAK) == pieces
    assert breakable(text).replace(BREAK, "") == text
