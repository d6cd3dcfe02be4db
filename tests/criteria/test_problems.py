"""What is said of a mistake."""

from __future__ import annotations

import pytest

from nelm.criteria import CriteriaError, Position, Problem, nearest


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("heigth", " Did you mean 'height'?"),
        ("HEIGHT", " Did you mean 'height'?"),
        ("width_", " Did you mean 'Width'?"),
        ("xyz", ""),
        ("col", " Did you mean 'colour'?"),
        ("co", ""),
        ("", ""),
    ],
)
def test_nearest(word: str, hint: str) -> None:
    assert nearest(word, ["height", "Width", "colour"]) == hint
    assert nearest(word, []) == ""


def test_an_error_holds_every_problem() -> None:
    first, second = Problem("One.", Position(1, 2)), Problem("Two.")
    error = CriteriaError(iter([first, second]))
    assert error.problems == (first, second)
    assert str(error) == "One.; Two."
    assert second.at == Position(1, 1)
