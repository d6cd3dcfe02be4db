"""What the pages do with more than two documents: names in a row, reasons that several share, room."""

from __future__ import annotations

import pytest

from nelm.reports.room import NARROW_OPTION, lines_of_row
from nelm.reports.view import Cell, Mark, OptionRow
from nelm.reports.words import by_document, together


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["2014"], "2014"), (["2014", "2023"], "2014 and 2023"), (["2014", "2023", "2030"], "2014, 2023 and 2030")],
)
def test_names_in_a_row(items: list[str], text: str) -> None:
    assert together(items) == text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"2014": "So."}, "So."),
        ({"2014": "So.", "2023": "So.", "2030": "So."}, "So."),
        ({"2014": "So.", "2023": "Not so."}, "2014: So. 2023: Not so."),
        ({"2014": "So.", "2023": "Not so.", "2030": "So."}, "2014 and 2030: So. 2023: Not so."),
        ({"2014": "", "2023": "Not so.", "2030": ""}, "2023: Not so."),
    ],
)
def test_who_says_what(said: dict[str, str], text: str) -> None:
    """A reason that several give names all of them."""
    assert by_document(said) == text


@pytest.mark.parametrize(("documents", "lines"), [(1, 1), (2, 1), (3, 2)])
def test_more_than_two_documents_take_their_room_from_the_option(documents: int, lines: int) -> None:
    mark = Mark("", "For", "good")
    cells = tuple(Cell(str(number), mark) for number in range(documents))
    assert lines_of_row(OptionRow("x" * (NARROW_OPTION + 1), mark, True, "", cells, "A reason.")) == lines
