"""Combinations of conditions: by hand on a few trees, and against the reference on random patients."""

from __future__ import annotations

from collections import Counter

import pytest

from nelm.cohort.compiled import compile_cohort
from nelm.cohort.conditions import NoSuchCondition
from nelm.cohort.overlap import Overlap, overlapping
from nelm.cohort.suppression import Mark
from nelm.criteria import Truth
from nelm.knowledge.base import Knowledge
from tests.cohort.agreement import facts_from
from tests.cohort.orchard import orchard, trees
from tests.cohort.patients import facts_frame, random_patients

TALL_SICK = {"height_m": 5, "sick": True}
TALL = {"height_m": 5, "sick": False}
SICK = {"height_m": 2, "sick": True}
NEITHER = {"height_m": 2, "sick": False}


def of(names: tuple[str, ...], *rows: dict[str, object]) -> Overlap:
    frame = trees(*rows)
    made = overlapping(compile_cohort(orchard()), names)
    return made.run([frame[:1].select(made.columns), frame[1:].select(made.columns)])


def test_combinations_of_two_conditions() -> None:
    """Whoever is tall and perhaps sick is in no combination."""
    found = of(("tall", "sick"), TALL_SICK, TALL, TALL, NEITHER, {"height_m": 5}, {})
    assert found.table().rows() == [
        ("Higher than 3 m", 2),
        ("Higher than 3 m + Sick", 1),
        ("None of them", 1),
        ("One or more not known", 2),
    ]
    sets = found.sets_table()
    assert sets is not None
    assert sets.rows() == [("tall", "Higher than 3 m", 4, 1, 1), ("sick", "Sick", 1, 3, 2)]
    assert sum(found.table()["rows"]) == found.rows == 6


def test_the_most_frequent_and_the_rest() -> None:
    found = of(("tall", "sick"), TALL, TALL, TALL, SICK, SICK, TALL_SICK, NEITHER)
    assert found.table(top=1).rows() == [("Higher than 3 m", 3), ("3 other combinations", 4), ("One or more not known", 0)]
    assert found.table(top=3).rows()[-2:] == [("1 other combination", 1), ("One or more not known", 0)]


def test_the_operands_of_a_definition() -> None:
    found = of(("for_show",), {"kind": "apple", **TALL}, {"kind": "pear", **SICK})
    assert found.title == "Fit for the show"
    assert found.table()["combination"].to_list() == [
        "Kind of tree = 'apple' + Not: Sick + Higher than 3 m",
        "None of them",
        "One or more not known",
    ]


def test_statements_that_apply() -> None:
    found = of(
        ("farmer/Q1.R1", "farmer/Q1.R2", "farmer/Q1.R5"),
        {"kind": "apple", **TALL},
        {"kind": "apple", **SICK},
        {"kind": "quince", **SICK},
        TALL,
    )
    assert found.table().rows() == [
        ("The farmer, Q1.R1: Prune tall trees. + The farmer, Q1.R5: Whitewash is good.", 1),
        ("The farmer, Q1.R2: Spray sick trees. + The farmer, Q1.R5: Whitewash is good.", 1),
        ("None of them", 1),
        ("One or more not known", 1),
    ]


@pytest.mark.parametrize(
    ("names", "says"),
    [(("tall", "kind"), "no condition"), (("tall", "colour"), "neither a statement"), (("tall", "tall"), "1 conditions are given")],
)
def test_what_has_no_combinations(names: tuple[str, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        of(names)
    assert issubclass(NoSuchCondition, ValueError)


def test_nobody() -> None:
    assert of(("tall", "sick")).table().rows() == [("One or more not known", 0)]


# -- small numbers -------------------------------------------------------------------------------------------


def test_combinations_of_few_are_not_even_named() -> None:
    found = of(("tall", "sick"), *[TALL] * 9, *[SICK] * 3, *[NEITHER] * 2)
    assert found.table(suppress_below=5).rows() == [("Higher than 3 m", "9"), ("2 other combinations", "5"), ("One or more not known", "0")]
    assert found.sets_table(suppress_below=5) is None  # with it one could see how many of the five are sick


def test_a_small_rest_needs_another_number_that_is_held_back() -> None:
    found = of(("tall", "sick"), *[TALL] * 9, *[NEITHER] * 7, *[SICK] * 3)
    assert [line.mark for line in found.lines(suppress_below=5)] == [Mark.SHOWN, Mark.HIDDEN, Mark.SMALL, Mark.SHOWN]


def test_sets_are_shown_where_they_tell_nothing_new() -> None:
    found = of(("tall", "sick"), *[TALL] * 9, *[NEITHER] * 7)
    sets = found.sets_table(suppress_below=5)
    assert sets is not None
    assert sets.rows() == [("tall", "Higher than 3 m", "9", "7", "0"), ("sick", "Sick", "0", "16", "0")]
    some_unknown = of(("tall", "sick"), *[TALL] * 9, *[{"height_m": 5}] * 6)
    assert some_unknown.sets_table(suppress_below=5) is None


# -- the reference -------------------------------------------------------------------------------------------


def test_random_patients_as_the_reference_counts_them(knowledge: Knowledge) -> None:
    names = ["nelm-2014.metastases_present", "nelm-2014.primary_is_pancreas", "pnelm-2023.net_any_grade"]
    patients = random_patients(knowledge, 300, seed=6)
    found = overlapping(compile_cohort(knowledge), names).run([facts_frame(knowledge, patients)])
    expected: Counter[tuple[int, ...]] = Counter()
    undetermined = 0
    for values in patients:
        truths = [facts_from(values, knowledge).value_of(name) for name in names]
        if Truth.UNDETERMINED in truths:
            undetermined += 1
        else:
            expected[tuple(place for place, truth in enumerate(truths) if truth is Truth.TRUE)] += 1
    assert {each.holding: each.rows for each in found.combinations} == expected
    assert found.undetermined == undetermined
    assert len(expected) > 3
