"""Statuses counted in groups: by hand on a few trees, and against the reference on random patients."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest

from nelm.advice.statements import judge_statement
from nelm.advice.verdicts import Judge
from nelm.cohort.compiled import compile_cohort
from nelm.cohort.groups import NotAGroup
from nelm.cohort.summary import COUNTED, Summary, counting
from nelm.criteria import Codes, Truth
from nelm.knowledge.base import Knowledge
from tests.cohort.agreement import facts_from
from tests.cohort.orchard import orchard, trees
from tests.cohort.patients import facts_frame, random_patients

TREES = (
    {"kind": "apple", "height_m": 5, "sick": False, "centre": "north", "as_of": date(1920, 5, 1)},  # prune it
    {"kind": "apple", "height_m": 5, "sick": True, "centre": "north", "as_of": date(1920, 6, 1)},  # not while it is sick
    {"kind": "pear", "height_m": 2, "centre": "north", "as_of": date(1921, 5, 1)},  # not tall
    {"kind": "quince", "height_m": 5, "sick": False, "centre": "south", "as_of": date(1921, 5, 1)},  # the book knows no quinces
    {"centre": "south"},  # nothing known
    {"height_m": 2, "centre": None, "as_of": date(1921, 5, 1)},  # not tall, whatever it is
)


def summary(*by: str, rows: tuple[dict[str, object], ...] = TREES) -> Summary:
    frame = trees(*rows)
    made = counting(compile_cohort(orchard()), by)
    return made.run([frame[:2].select(made.columns), frame[2:].select(made.columns)])


def of(frame: pl.DataFrame, statement: str) -> list[tuple[object, ...]]:
    """The rows of a statement without what says which statement it is."""
    texts = {"statement", "question", "says"}
    return frame.filter(pl.col("statement") == statement).select(pl.exclude(texts)).rows()


def test_how_many_of_each_status() -> None:
    found = summary()
    assert COUNTED == ("applies", "does_not_apply", "undetermined", "blocked", "out_of_scope")
    assert found.rows == 6
    assert of(found.overall(), "farmer/Q1.R1") == [(1, 2, 1, 1, 1, 6)]
    assert of(found.overall(), "gardener/Q1.R1") == [(3, 2, 1, 0, 0, 6)]
    assert found.overall()["says"][0] == "Prune tall trees."


def test_statements_without_conditions_stand_apart_once() -> None:
    assert summary().without_conditions == ("farmer/Q1.R5",)
    assert summary().unconditional().rows() == [("farmer/Q1.R5", "Care of trees", "Whitewash is good.")]
    assert "farmer/Q1.R5" not in set(summary("centre").by_group()["statement"])


def test_by_centre_and_nobody_is_left_out() -> None:
    assert of(summary("centre").by_group(), "farmer/Q1.R1") == [
        ("north", 1, 1, 0, 1, 0, 3),
        ("south", 0, 0, 1, 0, 1, 2),
        ("not known", 0, 1, 0, 0, 0, 1),
    ]


def test_by_year_of_the_day_on_which_it_was_looked_at() -> None:
    assert of(summary("year").by_group(), "farmer/Q1.R1") == [
        ("1920", 1, 0, 0, 1, 0, 2),
        ("1921", 0, 2, 0, 0, 1, 3),
        ("not known", 0, 0, 1, 0, 0, 1),
    ]


def test_by_a_recorded_fact_and_a_computed_one_at_once() -> None:
    """Labels in the order of the dictionary; what is open between codes is not known."""
    assert of(summary("kind", "size").by_group(), "farmer/Q1.R1") == [
        ("Apple", "Large", 1, 0, 0, 1, 0, 2),
        ("Pear", "Small", 0, 1, 0, 0, 0, 1),
        ("Quince", "Large", 0, 0, 0, 0, 1, 1),
        ("not known", "Small", 0, 1, 0, 0, 0, 1),
        ("not known", "not known", 0, 0, 1, 0, 0, 1),
    ]


def test_a_fact_that_is_open_between_codes_is_not_known() -> None:
    rows = ({"kind": Codes.of("apple", "pear")}, {"kind": "pear"})
    assert summary("kind", rows=rows).sizes.rows() == [("Pear", 1), ("not known", 1)]


def test_by_yes_and_no_recorded_before_computed() -> None:
    rows = ({"height_m": 0.5}, {"height_m": 0.5, "fenced": False}, {"height_m": 2}, {}, {"height_m": 0.5, "fenced": Truth.UNDETERMINED})
    assert summary("fenced", rows=rows).sizes.rows() == [("yes", 1), ("no", 2), ("not known", 2)]


@pytest.mark.parametrize(("name", "says"), [("age_years", "groups need codes"), ("colour", "is not known")])
def test_what_cannot_be_a_group(name: str, says: str) -> None:
    with pytest.raises(NotAGroup, match=says):
        counting(compile_cohort(orchard()), [name])


def test_an_empty_table() -> None:
    found = counting(compile_cohort(orchard()), ["centre"]).run([])
    assert (found.rows, found.by_group().height, of(found.overall(5), "farmer/Q1.R1")) == (0, 0, [("0", "0", "0", "0", "0", "0")])


def test_single_statements() -> None:
    knowledge = orchard()
    made = counting(compile_cohort(knowledge), statements=[knowledge.statement("farmer/Q1.R1")]).run([trees(*TREES)])
    assert made.overall()["statement"].to_list() == ["farmer/Q1.R1"]


# -- small numbers ------------------------------------------------------------------------------------------


def many(**counts: int) -> tuple[dict[str, object], ...]:
    """Trees for `farmer/Q1.R1`, so many of each status, in one centre."""
    one: dict[str, dict[str, object]] = {
        "applies": {"kind": "apple", "height_m": 5, "sick": False},
        "does_not_apply": {"kind": "apple", "height_m": 1},
        "undetermined": {"kind": "apple"},
        "blocked": {"kind": "apple", "height_m": 5, "sick": True},
        "out_of_scope": {"kind": "quince"},
    }
    return tuple(one[status] for status, number in counts.items() for _ in range(number))


def test_small_numbers_are_not_shown_and_cannot_be_worked_out() -> None:
    """Of 30 trees, 3 that apply would follow from the others: the smallest of these is held back."""
    found = summary(rows=many(applies=3, does_not_apply=20, undetermined=7))
    assert of(found.overall(5), "farmer/Q1.R1") == [("<5", "20", "suppressed", "0", "0", "30")]


def test_how_many_the_book_leaves_out_is_decided_once_for_all_its_statements() -> None:
    """It stands beside every statement, so it cannot be held back for one of them."""
    found = summary(rows=many(applies=3, does_not_apply=20, out_of_scope=7))
    assert of(found.overall(5), "farmer/Q1.R1") == [("<5", "suppressed", "0", "0", "7", "30")]


def test_small_groups() -> None:
    north = [{**row, "centre": "north"} for row in many(applies=6, does_not_apply=20, undetermined=9)]
    south = [{**row, "centre": "south"} for row in many(applies=2, does_not_apply=10, undetermined=8)]
    east = [{**row, "centre": "east"} for row in many(applies=3)]
    found = summary("centre", rows=(*north, *south, *east))
    assert of(found.overall(5), "farmer/Q1.R1") == [("11", "30", "17", "0", "0", "58")]
    assert of(found.by_group(5), "farmer/Q1.R1") == [
        ("east", "<5", "0", "0", "0", "0", "<5"),
        ("north", "6", "20", "9", "0", "0", "35"),
        ("south", "<5", "10", "8", "0", "0", "suppressed"),
    ]


def test_a_tiny_cohort() -> None:
    assert of(summary(rows=many(applies=1, blocked=2)).overall(5), "farmer/Q1.R1") == [("suppressed",) * 5 + ("<5",)]


def test_a_statement_of_which_nothing_can_be_told_but_the_scope() -> None:
    north = [{**row, "centre": "north"} for row in many(out_of_scope=1)]
    south = [{**row, "centre": "south"} for row in many(applies=1, does_not_apply=1, out_of_scope=5)]
    found = summary("centre", rows=(*north, *south))
    assert of(found.overall(5), "farmer/Q1.R1") == [("suppressed",) * 5 + ("8",)]
    assert of(found.by_group(5), "farmer/Q1.R1") == [
        ("north", *("suppressed",) * 4, "<5", "<5"),
        ("south", *("suppressed",) * 4, "5", "suppressed"),
    ]


def test_a_limit_that_says_the_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not below 2"):
        summary().overall(2)


# -- the reference -------------------------------------------------------------------------------------------


def test_random_patients_as_the_reference_counts_them(knowledge: Knowledge) -> None:
    patients = random_patients(knowledge, 60, seed=5)
    centres = ["A", "B", None]
    cohort = compile_cohort(knowledge)
    made = counting(cohort, ["centre", "grade"])
    found = made.run([facts_frame(knowledge, patients, centre=centres)])
    labels = {code.code: code.label for code in knowledge.codes_of("grade")}
    expected: Counter[tuple[str, str, str, str]] = Counter()
    for number, values in enumerate(patients):
        facts = facts_from(values, knowledge)
        grade = facts.value_of("grade")
        assert isinstance(grade, Codes)
        group = (centres[number % 3] or "not known", labels[grade.single] if grade.single else "not known")
        judge = Judge(knowledge, facts)
        scopes = {name: judge.scope(name) for name in cohort.guidelines}
        for statement in cohort.judged:
            status = judge_statement(statement, knowledge, facts, scopes[statement.guideline]).status
            expected[*group, statement.key, status.value] += 1
    assert {
        tuple(row[:-1]): row[-1] for row in found.counts.select("centre", "grade", "statement", "status", "rows").iter_rows()
    } == expected
