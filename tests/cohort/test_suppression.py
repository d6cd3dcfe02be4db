"""Small numbers: what is held back, and that nobody can work it out. Held against all tables that a reader cannot rule out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.cohort.suppression import Count, Mark, cells, protect, protect_line, protect_table

S, M, H = Mark.SHOWN, Mark.SMALL, Mark.HIDDEN
BELOW = 5
CEILING = 12  # enough for every count below to be something else


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([10, 20, 0], ["10", "20", "0"]),
        ([3, 20, 10], ["<5", "20", "suppressed"]),  # 33 is known: with 20 and 10 shown the 3 would be told
        ([3, 2, 20], ["<5", "<5", "20"]),  # 5 together: 1 and 4, 2 and 3, …
        ([4, 4, 20], ["<5", "<5", "suppressed"]),  # 8 together can only be 4 and 4
        ([1, 1, 5, 9], ["<5", "<5", "5", "suppressed"]),  # a 5 that is held back cannot be less, so the 9 is
        ([3, 0, 0], ["suppressed", "suppressed", "suppressed"]),  # of so few nothing is told
        ([4, 4], ["suppressed", "suppressed"]),  # nothing is large enough to be held back for them
        ([4, 4, 0], ["suppressed", "suppressed", "suppressed"]),
        ([1, 1, 5], ["suppressed", "suppressed", "suppressed"]),
        ([], []),
    ],
)
def test_counts_beside_their_sum(counts: list[int], shown: list[str]) -> None:
    assert cells(counts, protect_line(counts, BELOW), BELOW) == shown


def test_without_a_limit_everything_is_shown() -> None:
    assert cells([3, 20], [S, S], None) == [3, 20]


def test_a_limit_that_says_the_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not below 2"):
        protect_line([1, 7], 2)


def test_a_table() -> None:
    """The 3 needs a second count in its row and one in its column, and these two a fourth."""
    rows = [[3, 30, 40], [20, 50, 60], [70, 80, 90]]
    assert protect_table(rows, [S, S, S], [S, S, S], BELOW) == [[M, H, S], [H, H, S], [S, S, S]]


def test_sums_that_are_held_back_need_less() -> None:
    rows = [[3, 0], [20, 50]]
    of_rows, of_columns = protect_line([3, 70], BELOW), protect_line([23, 50], BELOW)
    assert (of_rows, of_columns) == ([M, H], [S, S])
    assert protect_table(rows, of_rows, of_columns, BELOW) == [[M, S], [H, S]]


def test_where_what_was_decided_before_tells_too_much_there_is_no_table() -> None:
    """Of 8 patients 5 are out of the second row's scope, and each column has one at least: then the first row's "<5" is 1."""
    rows = [[0, 0, 1], [1, 1, 5]]
    assert protect_table(rows, [M, H], [M, M, H], BELOW, {2: [M, S]}) is None
    assert protect_table([[1, 0], [0, 2]], [M, M], [M, M], BELOW) == [[H, H], [H, H]]  # of 3 patients nothing is told


def test_numbers_that_are_not_printed_are_kept_from_being_worked_out() -> None:
    """Of 10 that come in, 7 go on: that 3 are left over is printed nowhere, and yet everybody can see it."""
    counts = [Count("a", "b", 10), Count("b", "a", 7), Count("b", "a", 3, shown=False)]
    assert protect(counts, BELOW) == [S, H, S]


# -- against everything that a reader cannot rule out ---------------------------------------------------

counts_of = st.sampled_from([0, 0, 1, 2, 4, 5, 6, 9])
tables = st.sampled_from([(1, 3), (2, 2), (2, 3), (3, 2), (3, 1)]).flatmap(
    lambda size: st.lists(st.lists(counts_of, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
)


def possible(value: int, mark: Mark, withheld: bool) -> Sequence[int]:
    if mark is Mark.SHOWN:
        return [value]
    if mark is Mark.SMALL:
        return range(1, BELOW)
    return range(0 if withheld else BELOW, CEILING)


def consistent(
    rows: list[list[int]], marks: list[list[Mark]], of_rows: list[Mark], of_columns: list[Mark], *, anything: bool
) -> Iterator[tuple[int, ...]]:
    """All tables with the same signs that fit the sums that are shown."""
    cells = [(value, mark) for row, line in zip(rows, marks, strict=True) for value, mark in zip(row, line, strict=True)]
    withheld = anything or any(mark is Mark.HIDDEN and value < BELOW for value, mark in cells)
    columns = list(zip(*rows, strict=True))
    by_row = []
    for row, line, mark in zip(rows, marks, of_rows, strict=True):
        choices = [possible(value, sign, withheld) for value, sign in zip(row, line, strict=True)]
        by_row.append([found for found in product(*choices) if fits(sum(found), sum(row), mark, anything=anything)])
    for found in product(*by_row):
        sums = [sum(column) for column in zip(*found, strict=True)]
        whole = sum(map(sum, rows))
        if not fits(sum(sums), whole, Mark.SMALL if 0 < whole < BELOW else Mark.SHOWN, anything=anything):
            continue
        if all(fits(got, sum(column), mark, anything=anything) for got, column, mark in zip(sums, columns, of_columns, strict=True)):
            yield tuple(value for row in found for value in row)


def fits(found: int, true: int, mark: Mark, *, anything: bool) -> bool:
    match mark:
        case Mark.SHOWN:
            return found == true
        case Mark.SMALL:
            return 0 < found < BELOW
        case Mark.HIDDEN:
            return anything or found >= (BELOW if true >= BELOW else 0)


@given(tables)
def test_nothing_that_is_held_back_can_be_worked_out(rows: list[list[int]]) -> None:
    of_rows = protect_line([sum(row) for row in rows], BELOW)
    of_columns = protect_line([sum(column) for column in zip(*rows, strict=True)], BELOW)
    cannot_be_worked_out(rows, table(rows, of_rows, of_columns), of_rows, of_columns)


def table(rows: list[list[int]], of_rows: list[Mark], of_columns: list[Mark]) -> list[list[Mark]]:
    """Without anything decided before there is always a way."""
    marks = protect_table(rows, of_rows, of_columns, BELOW)
    assert marks is not None
    return marks


@given(st.lists(st.lists(counts_of, min_size=3, max_size=3), min_size=1, max_size=2))
def test_nor_where_one_column_was_decided_before(rows: list[list[int]]) -> None:
    """The last column stands in other tables as well: it is decided from what it leaves over, as `nelm.cohort.summary` does."""
    of_rows = protect_line([sum(row) for row in rows], BELOW)
    totals = [sum(column) for column in zip(*rows, strict=True)]
    apart = [[sum(row[:-1]), row[-1]] for row in rows]
    whole = protect_line([sum(totals[:-1]), totals[-1]], BELOW)
    last = [line[1] for line in table(apart, of_rows, whole)]
    of_columns = protect_line(totals, BELOW, [None, None, whole[1]])
    marks = protect_table(rows, of_rows, of_columns, BELOW, {2: last})
    if marks is None:  # of this statement nothing else is said
        of_columns = [H, H, whole[1]]
        marks = [[H, H, mark] for mark in last]
    cannot_be_worked_out(rows, marks, of_rows, of_columns, anything=True)


def cannot_be_worked_out(
    rows: list[list[int]], marks: list[list[Mark]], of_rows: list[Mark], of_columns: list[Mark], *, anything: bool = False
) -> None:
    """`anything`: the reader takes "suppressed" for any number, and not for 5 or more."""
    signs = [mark for line in marks for mark in line]
    values = [value for row in rows for value in row]
    assert all(mark is not Mark.SHOWN for mark, value in zip(signs, values, strict=True) if 0 < value < BELOW)
    seen: list[set[int]] = [set() for _ in signs]
    for found in consistent(rows, marks, of_rows, of_columns, anything=anything):
        for place, value in enumerate(found):
            seen[place].add(value)
        if all(len(had) > 1 for had, mark in zip(seen, signs, strict=True) if mark is not Mark.SHOWN):
            return
    assert all(len(had) > 1 for had, mark in zip(seen, signs, strict=True) if mark is not Mark.SHOWN)


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 8]), max_size=5))
def test_nothing_in_a_line_can_be_worked_out(values: list[int]) -> None:
    marks = protect_line(values, BELOW)
    withheld = any(mark is Mark.HIDDEN and value < BELOW for mark, value in zip(marks, values, strict=True))
    whole = Mark.SMALL if 0 < sum(values) < BELOW else Mark.SHOWN
    choices = [possible(value, mark, withheld) for value, mark in zip(values, marks, strict=True)]
    fitting = [found for found in product(*choices) if fits(sum(found), sum(values), whole, anything=False)]
    for place, mark in enumerate(marks):
        if mark is not Mark.SHOWN:
            assert len({found[place] for found in fitting}) > 1
