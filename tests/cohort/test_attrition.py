"""Who falls out at which criterion: by hand on a few trees, and against the reference on random patients."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.cohort.attrition import Attrition, Step, falling
from nelm.cohort.compiled import compile_cohort
from nelm.cohort.conditions import NoSuchCondition
from nelm.cohort.summary import counting
from nelm.cohort.suppression import Mark
from nelm.criteria import Truth
from nelm.knowledge.base import Knowledge
from tests.cohort.agreement import facts_from
from tests.cohort.orchard import orchard, trees
from tests.cohort.patients import facts_frame, random_patients

# apple and not sick and tall
TREES = (
    {"kind": "apple", "sick": False, "height_m": 5},  # fit for the show
    {"kind": "apple", "sick": False, "height_m": 2},  # too small
    {"kind": "apple", "sick": True, "height_m": 5},  # sick
    {"kind": "pear", "sick": True, "height_m": 5},  # no apple: falls out at the first step, once
    {"sick": False, "height_m": 5},  # perhaps an apple
    {"sick": True},  # perhaps an apple, but sick
    {"kind": "apple", "height_m": 2},  # perhaps sick, and too small anyway
    {},
)


def of(name: str, *rows: dict[str, object]) -> Attrition:
    frame = trees(*(rows or TREES))
    made = falling(compile_cohort(orchard()), name)
    return made.run([frame[:3].select(made.columns), frame[3:].select(made.columns)])


def test_a_definition_step_by_step() -> None:
    found = of("for_show")
    assert (found.title, found.rows, found.entered) == ("Fit for the show", 8, 0)
    assert found.table().select("label", "still_in", "not_known", "fell_out_here", "fell_out_so_far").rows() == [
        ("Everybody", 8, 0, 0, 0),
        ("Kind of tree = 'apple'", 4, 3, 1, 1),
        ("Not: Sick", 2, 3, 2, 3),
        ("Higher than 3 m", 1, 2, 2, 5),
    ]


def test_who_moves_where() -> None:
    """At `not sick` one apple falls out of those still in, one moves to not known, one of the not known falls out."""
    step = of("for_show").steps[1]
    assert (step.became_unknown, step.fell_out_of_still_in, step.fell_out_of_not_known) == (1, 1, 1)


def test_a_statement_begins_with_its_scope_and_ends_with_its_contraindications() -> None:
    found = of("farmer/Q1.R1", *TREES, {"kind": "quince", "height_m": 5, "sick": False})
    assert found.title == "The farmer, Q1.R1: Prune tall trees."
    assert found.table().select("criterion", "label", "still_in", "not_known", "fell_out_so_far").rows() == [
        ("everybody", "Everybody", 9, 0, 0),
        ("scope", "The farmer speaks about the patient", 5, 3, 1),
        ("farmer.high", "The tree is tall", 3, 3, 3),
        ("farmer.ill", "Not: The tree is sick", 1, 2, 6),
    ]


def test_what_is_recorded_for_the_definition_itself() -> None:
    """`fenced` can be recorded; how many trees have it so is said beside the flow."""
    with pytest.raises(NoSuchCondition, match="no list of conditions"):
        of("fenced", {"fenced": True})
    assert of("for_show", {"kind": "pear"}).entered == 0


@pytest.mark.parametrize(("name", "says"), [("kind", "neither a statement nor"), ("size", "no list of conditions"), ("colour", "neither")])
def test_what_has_no_steps(name: str, says: str) -> None:
    with pytest.raises(NoSuchCondition, match=says):
        of(name)


def test_nobody() -> None:
    found = falling(compile_cohort(orchard()), "for_show").run([])
    assert [step.counts for step in found.steps] == [(0, 0, 0, 0)] * 3
    assert found.table(5)["still_in"].to_list() == ["0"] * 4


# -- the reference -------------------------------------------------------------------------------------------


def test_after_the_last_step_everybody_is_where_the_status_says(knowledge: Knowledge) -> None:
    frame = facts_frame(knowledge, random_patients(knowledge, 200, seed=3))
    cohort = compile_cohort(knowledge)
    statuses = counting(cohort).run([frame])
    for statement in cohort.judged:
        applies, does_not_apply, undetermined, blocked, out_of_scope = statuses.totals[statement.key]
        found = falling(cohort, statement.key).run([frame])
        last = found.steps[-1]
        assert (last.still_in, last.not_known, last.fell_out_so_far) == (applies, undetermined, does_not_apply + blocked + out_of_scope)
        adds_up(found)


def adds_up(found: Attrition) -> None:
    """Everybody is in one place after each step, and whoever moves comes from somewhere."""
    still_in, not_known, gone = found.rows, 0, 0
    for step in found.steps:
        assert step.still_in + step.not_known + step.fell_out_so_far == found.rows
        assert still_in == step.still_in + step.became_unknown + step.fell_out_of_still_in
        assert step.not_known == not_known + step.became_unknown - step.fell_out_of_not_known
        assert step.fell_out_so_far == gone + step.fell_out_here
        assert min(step.became_unknown, step.fell_out_of_still_in, step.fell_out_of_not_known) >= 0
        still_in, not_known, gone = step.still_in, step.not_known, step.fell_out_so_far


def test_a_real_definition_as_the_reference_says(knowledge: Knowledge) -> None:
    patients = random_patients(knowledge, 200, seed=4)
    found = falling(compile_cohort(knowledge), "milan_net_met").run([facts_frame(knowledge, patients)])
    people = [facts_from(values, knowledge) for values in patients]
    so_far = [Truth.TRUE] * len(people)
    for step in found.steps:
        so_far = [worst(before, facts.value_of(step.name)) for before, facts in zip(so_far, people, strict=True)]
        assert [step.still_in, step.not_known, step.fell_out_so_far] == [
            so_far.count(truth) for truth in (Truth.TRUE, Truth.UNDETERMINED, Truth.FALSE)
        ]
    assert found.entered == sum("milan_net_met" in facts.values for facts in people)
    assert [step.label[:11] for step in found.steps] == [f"Milan-NET {number}" for number in range(1, 7)]


def worst(before: Truth, now: object) -> Truth:
    return Truth.FALSE if Truth.FALSE in (before, now) else Truth.UNDETERMINED if Truth.UNDETERMINED in (before, now) else Truth.TRUE


# -- small numbers -------------------------------------------------------------------------------------------


def flow(first: tuple[int, int, int], of_still_in: tuple[int, int, int], of_not_known: tuple[int, int]) -> Attrition:
    """Two steps: who goes where at the first; of those still in, and of the not known, who goes where at the second."""
    rows = sum(first)
    steps = (
        Step("a", "A", first[0], first[1], first[2], first[1], first[2], 0),
        Step(
            "b",
            "B",
            of_still_in[0],
            of_still_in[1] + of_not_known[0],
            first[2] + of_still_in[2] + of_not_known[1],
            *of_still_in[1:],
            of_not_known[1],
        ),
    )
    return Attrition("x", "X", rows, steps)


def shares(whole: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to divide so many among so many."""
    if parts == 1:
        yield (whole,)
        return
    for first in range(whole + 1):
        yield from ((first, *rest) for rest in shares(whole - first, parts - 1))


def flows(rows: int) -> Iterator[Attrition]:
    for first in shares(rows, 3):
        for still_in, not_known in product(shares(first[0], 3), shares(first[1], 2)):
            yield flow(first, still_in, not_known)  # type: ignore[arg-type]


def test_small_numbers_by_hand() -> None:
    """3 fall out at the second step. The sums around them would tell: what remains in is held back, and what is gone in all."""
    found = flow((20, 0, 10), (17, 0, 3), (0, 0))
    assert found.table(5).select("still_in", "not_known", "fell_out_here", "fell_out_so_far").rows() == [
        ("30", "0", "0", "0"),
        ("20", "0", "10", "10"),
        ("suppressed", "0", "<5", "suppressed"),
    ]


def test_of_a_tiny_cohort_nothing_is_told() -> None:
    found = of("for_show", *TREES[:3])
    assert found.table(5).select("still_in", "not_known", "fell_out_here").rows() == [("<5", "0", "0"), *[("suppressed",) * 3] * 3]


SAME = {rows: list(flows(rows)) for rows in (3, 7)}


@given(st.sampled_from([found for several in SAME.values() for found in several]))
def test_nothing_that_is_held_back_can_be_worked_out(found: Attrition) -> None:
    marks = [mark for line in found.marks(5)[1:] for mark in line]
    values = [value for step in found.steps for value in step.counts]
    withheld = any(mark is Mark.HIDDEN and value < 5 for mark, value in zip(marks, values, strict=True))
    everybody = SAME[found.rows] if found.rows >= 5 else [other for rows in (1, 2, 3, 4) for other in flows(rows)]
    fitting = [other for other in everybody if fits(other, values, marks, withheld=withheld)]
    for place, (mark, value) in enumerate(zip(marks, values, strict=True)):
        assert mark is not Mark.SHOWN or not 0 < value < 5
        if mark is not Mark.SHOWN:
            assert len({[count for step in other.steps for count in step.counts][place] for other in fitting}) > 1


def fits(other: Attrition, values: list[int], marks: list[Mark], *, withheld: bool) -> bool:
    counts = [count for step in other.steps for count in step.counts]
    for count, value, mark in zip(counts, values, marks, strict=True):
        match mark:
            case Mark.SHOWN:
                possible = count == value
            case Mark.SMALL:
                possible = 0 < count < 5
            case Mark.HIDDEN:
                possible = withheld or count >= 5
        if not possible:
            return False
    return True
