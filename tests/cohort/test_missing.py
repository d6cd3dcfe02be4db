"""What open verdicts wait for: by hand on a few trees, and against the reference on random patients."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from nelm.advice.findings import Status, Word
from nelm.advice.statements import judge_statement, missing
from nelm.advice.verdicts import Judge
from nelm.cohort.compiled import compile_cohort
from nelm.cohort.missing import Missing, waiting
from nelm.criteria import Expression, Model, Truth
from nelm.criteria.syntax import Name, names
from nelm.knowledge.base import CompiledStatement, Knowledge
from tests.cohort.agreement import facts_from
from tests.cohort.orchard import orchard, trees
from tests.cohort.patients import facts_frame, random_patients

# The statements with conditions: of the farmer R1 (tall, unless sick), R2 (sick), R3 and R6 (young), R4 and R7 (tall), who does not
# speak about quinces; of the gardener R1, R3 and R4 (tall), R2 and R5 (young).
TREES = (
    {"kind": "apple", "age_years": 9, "height_m": 5, "centre": "north"},  # sick? R1 and R2 wait for it alone
    {"kind": "apple", "age_years": 9, "sick": False, "centre": "north"},  # how tall? R1, R4, R7; R1, R3, R4
    {"kind": "apple", "age_years": 9, "centre": "south"},  # R1 waits for sick and height, R2 for sick, the others for height
    {"age_years": 9, "height_m": 5, "sick": True, "centre": "south"},  # a quince? R1 is blocked, the others of the farmer: R2, R4, R7
)


def of(*by: str, rows: tuple[dict[str, object], ...] = TREES) -> Missing:
    frame = trees(*rows)
    made = waiting(compile_cohort(orchard()), by)
    return made.run([frame[:1].select(made.columns), frame[1:].select(made.columns)])


def test_the_ranking() -> None:
    found = of()
    assert (found.rows, found.undetermined, found.settled_by_nothing) == (4, 2 + 6 + 7 + 3, 0)
    assert found.overall().rows() == [
        ("height_m", "Height", 2, 6 + 6, 6 + 5, 66.7),
        ("sick", "Sick", 2, 2 + 2, 2 + 1, 22.2),
        ("kind", "Kind of tree", 1, 3, 3, 16.7),
    ]


def test_by_centre() -> None:
    assert of("centre").by_group().rows() == [
        ("north", "height_m", "Height", 1, 6, 6),
        ("south", "height_m", "Height", 1, 6, 5),
        ("north", "sick", "Sick", 1, 2, 2),
        ("south", "sick", "Sick", 1, 2, 1),
        ("north", "kind", "Kind of tree", 0, 0, 0),
        ("south", "kind", "Kind of tree", 1, 3, 3),
    ]


def test_one_statement() -> None:
    knowledge = orchard()
    made = waiting(compile_cohort(knowledge), statements=[knowledge.statement("farmer/Q1.R1"), knowledge.statement("farmer/Q1.R5")])
    found = made.run([trees(*TREES)])
    assert (found.undetermined, found.overall().select("fact", "verdicts", "alone").rows()) == (3, [("height_m", 2, 1), ("sick", 2, 1)])


def test_nothing_is_missing() -> None:
    found = of(rows=({"kind": "apple", "age_years": 9, "height_m": 5, "sick": False},))
    assert (found.undetermined, found.overall().height, found.by_group().height) == (0, 0, 0)
    assert of(rows=()).overall().height == 0


def test_a_fact_that_is_recorded_and_held_open_counts_itself() -> None:
    """Of `fenced` something is recorded that says nothing: it waits for that, and not for the height it would be computed from."""
    cohort = compile_cohort(orchard())
    held, computed = ({"fenced": Truth.UNDETERMINED}, {})
    frame = trees(held, computed)
    assert frame["held_open"].to_list() == [["fenced"], []]
    assert waiting(cohort, ["fenced"]).run([frame]).counts["fenced"].unique().to_list() == ["not known"]


def test_small_numbers() -> None:
    """Three trees in the south; ten in the north are held back too, or all 13 less these would tell the three."""
    north = [{"kind": "apple", "age_years": 9, "sick": False, "centre": "north"}] * 10
    found = of("centre", rows=(*north, *[{**row, "centre": "south"} for row in north[:3]]))
    assert found.overall(5).rows() == [("height_m", "Height", "13", "78", "78", "100.0")]
    assert found.by_group(5).rows() == [
        ("north", "height_m", "Height", "suppressed", "suppressed", "suppressed"),
        ("south", "height_m", "Height", "<5", "suppressed", "suppressed"),
    ]
    few = of("centre", rows=tuple(north[:3]))
    assert few.overall(5).rows() == [("height_m", "Height", "<5", "suppressed", "suppressed", "suppressed")]
    with pytest.raises(ValueError, match="not below 1"):
        few.overall(1)


# -- the reference -------------------------------------------------------------------------------------------


def waited_for(knowledge: Knowledge, statement: CompiledStatement, frame: pl.DataFrame) -> list[set[str]]:
    """For each patient the facts that a verdict waits for, as the columns say."""
    made = waiting(compile_cohort(knowledge), statements=[statement])
    answers = made.engine.run(frame)
    return [{fact for fact in made.facts[statement.key] if answers[f"{statement.key} {fact}"][row]} for row in range(frame.height)]


def mentions(model: Model, expression: Expression) -> Counter[str]:
    """How often a condition comes to each fact, on all ways through definitions."""
    found: Counter[str] = Counter()
    for part in names(expression):
        found[part.name] += part.name in model.types
        for condition in model.conditions_of(part.name):
            found += mentions(model, condition)
    return found


def test_as_the_reference_says(knowledge: Knowledge) -> None:
    """No fact too few; and exactly the same where none reaches a condition twice."""
    patients = random_patients(knowledge, 40, seed=11)
    frame = facts_frame(knowledge, patients)
    people = [facts_from(values, knowledge) for values in patients]
    compared = exactly = 0
    for guideline in knowledge.guidelines.values():
        scopes = [Judge(knowledge, facts).scope(guideline.id) for facts in people]
        for statement in (found for found in guideline.statements if found.when or found.unless):
            conditions = [Name(name) for name in (*statement.when, *statement.unless)]
            once = all(max(mentions(knowledge.model, condition).values()) == 1 for condition in conditions)
            for facts, scope, waits in zip(people, scopes, waited_for(knowledge, statement, frame), strict=True):
                finding = judge_statement(statement, knowledge, facts, scope)
                if finding.status is not Status.UNDETERMINED:
                    assert waits == set()
                    continue
                expected = missing(finding, knowledge, facts)
                assert expected <= waits
                compared += 1
                if once and scope.word is Word.IN:
                    assert waits == expected
                    exactly += 1
    assert compared > 2000
    assert exactly > 500
