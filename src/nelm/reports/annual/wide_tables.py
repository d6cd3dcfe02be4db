"""What paper needs, which does not scroll: wide tables in parts that repeat the first column, long words with places to break."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nelm.reports.annual.view import ShownTable

WIDTH = 118  # letters of the size of tables that stand in one line of an A4 page
BETWEEN = 2
MOST_OF_A_TEXT, MOST_OF_A_NUMBER = 18, 24
LONG_WORD = re.compile(r"\S{25,}")
PIECE = 12
BREAK = "\N{ZERO WIDTH SPACE}"


@dataclass(frozen=True)
class PrintedTable:
    """Columns of a table that stand side by side. `columns` says which of how many, where not all do."""

    columns: str
    heads: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def parts_of(table: ShownTable) -> tuple[PrintedTable, ...]:
    """The table in parts, each as wide as a page at most; one where it fits."""
    groups = _groups([_letters(table, column) for column in range(len(table.heads))])
    whole = len(groups) == 1
    return tuple(_part(table, group, "" if whole else f"1, {_span(group)}") for group in groups)


def breakable(text: str) -> str:
    """The text with places to break in words that are too long for a line."""
    return LONG_WORD.sub(lambda word: BREAK.join(re.findall(f".{{1,{PIECE}}}", word[0])), text)


def _letters(table: ShownTable, column: int) -> int:
    """The width that a column needs, in letters."""
    cells = [row[column] for row in table.rows]
    longest = max(map(len, cells), default=0)
    word = max((len(word) for text in (*cells, table.heads[column]) for word in text.split()), default=0)
    most = MOST_OF_A_NUMBER if table.numbers[column] else MOST_OF_A_TEXT
    return min(max(longest, word), most) + BETWEEN


def _groups(letters: list[int]) -> list[list[int]]:
    """Columns by the part that they stand in; the first stands in each."""
    if sum(letters) <= WIDTH:
        return [list(range(len(letters)))]
    groups: list[list[int]] = [[0]]
    for column in range(1, len(letters)):
        if len(groups[-1]) > 1 and sum(letters[used] for used in groups[-1]) + letters[column] > WIDTH:
            groups.append([0])
        groups[-1].append(column)
    return groups


def _span(group: list[int]) -> str:
    first, last = group[1] + 1, group[-1] + 1
    return f"{first}" if first == last else f"{first}–{last}"


def _part(table: ShownTable, group: list[int], columns: str) -> PrintedTable:
    return PrintedTable(
        columns=columns,
        heads=tuple(table.heads[column] for column in group),
        numbers=tuple(table.numbers[column] for column in group),
        rows=tuple(tuple(row[column] for column in group) for row in table.rows),
    )
