"""Columns of a table as numbers: what becomes of words, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from nelm.epidemiology.covariates import ComparisonError, Covariates, completeness, covariates

SITES = ["ileum", "pancreas", "lung", "ileum"]


def test_words_become_indicators_against_a_reference() -> None:
    found = covariates({"age": [50, 60, 70, 80], "site": SITES, "man": [True, False, True, True]})
    assert found.names == ("age", "site lung", "site pancreas", "man")
    assert found.variables == ("age", "site", "site", "man")
    assert found.values.tolist() == [[50, 0, 0, 1], [60, 0, 1, 0], [70, 1, 0, 1], [80, 0, 0, 1]]
    assert covariates({"site": SITES}, reference={"site": "lung"}).names == ("site ileum", "site pancreas")
    assert covariates({"site": SITES}, every_level=True).names == ("site ileum", "site lung", "site pancreas")


def test_unknown_is_a_level_only_where_asked() -> None:
    grades = ["G1", None, "G2", ""]
    with pytest.raises(ComparisonError, match="'grade': unknown for 2 of 4 persons, first for person 2"):
        covariates({"grade": grades})
    assert covariates({"grade": grades}, unknown_as_level=["grade"]).values.tolist() == [[0, 0], [0, 1], [1, 0], [0, 1]]


def test_how_complete_persons_are() -> None:
    found = completeness({"age": [1, None, 3.0], "grade": ["G1", "G2", ""], "ki67": [float("nan"), 2, 3]})
    assert found.complete.tolist() == [False, False, False]
    assert found.unknown == {"age": 1, "grade": 1, "ki67": 1}
    assert completeness({"age": [1, None]}).complete.tolist() == [True, False]


@pytest.mark.parametrize(
    ("columns", "asked", "message"),
    [
        ({}, {}, "no column"),
        ({"a": [1], "b": [1, 2]}, {}, "a 1, b 2"),
        ({"a": [1, "x"]}, {}, "person 2: found 'x'"),
        ({"a": [1, float("inf")]}, {}, "person 2: found inf"),
        ({"a": [1, None]}, {"unknown_as_level": ["a"]}, "made of numbers"),
        ({"a": [1, 2]}, {"reference": {"a": "1"}}, "made of numbers"),
        ({"a": ["x", "y"]}, {"reference": {"a": "z"}}, "'z' does not occur. Permitted: x, y"),
        ({"a": ["x", "y"]}, {"reference": {"b": "z"}}, "'b' is none of the covariates"),
        ({"a": ["x", "x"]}, {}, "'x' in all 2 persons"),
    ],
)
def test_what_is_refused(columns: dict[str, list[object]], asked: dict[str, object], message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        covariates(columns, **asked)  # type: ignore[arg-type]


def test_columns_that_cannot_be_told_apart() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(size=(2, 50))
    good = Covariates(("a", "b"), ("a", "b"), np.column_stack([a, b]))
    good.check_estimable()
    with pytest.raises(ComparisonError, match="Covariates a, sum follow from one another"):
        Covariates(("a", "b", "sum"), ("a", "b", "sum"), np.column_stack([a, b, 3 - 2 * a])).check_estimable()
    with pytest.raises(ComparisonError, match="follow from one another"):
        Covariates(("a", "b"), ("a", "b"), np.array([[0.0, 1], [1, 3]])).check_estimable()
    with pytest.raises(ComparisonError, match="'b' has the same value"):
        Covariates(("a", "b"), ("a", "b"), np.column_stack([a, np.ones(50)])).check_estimable()
    with pytest.raises(ComparisonError, match="'c' is not among the covariates"):
        good.column("c")
