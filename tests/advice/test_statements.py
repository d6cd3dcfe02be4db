"""Whether a statement applies, and what could still change it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nelm.advice.findings import Advice, Status
from nelm.advice.statements import missing, trees
from nelm.criteria import Explaining, Truth

Advise = Callable[..., Advice]


@pytest.mark.parametrize(
    ("kettle", "status"),
    [
        ("{leaks: false, litres: 1, whistles: false}", "applies"),
        ("{leaks: false, litres: 4, whistles: true}", "does_not_apply"),
        ("{leaks: false, litres: 1, whistles: true}", "blocked"),
        ("{whistles: true}", "blocked"),
        ("{leaks: false, litres: 1}", "undetermined"),
        ("{litres: 1, whistles: false}", "undetermined"),
        ("{leaks: false, litres: 1, whistles: false, material: [steel, clay]}", "undetermined"),
        ("{material: clay}", "out_of_scope"),
    ],
)
def test_the_conditions_of_a_statement_are_judged(advise: Advise, kettle: str, status: str) -> None:
    found = next(item for item in advise(f"kettle: {kettle}").statements if item.key == "kettle-a/Q01.R1")
    assert found.status.value == status


def test_a_statement_without_conditions_says_so(advise: Advise) -> None:
    found = next(item for item in advise("kettle: {litres: 1}").statements if item.key == "kettle-a/Q01.T1")
    assert found.status is Status.NO_CONDITIONS


def test_what_is_missing_and_the_trees_behind(advise: Advise) -> None:
    advice = advise("kettle: {leaks: false, litres: 1}")
    found = next(item for item in advice.statements if item.key == "kettle-a/Q01.R1")
    assert missing(found, advice.knowledge, advice.facts) == {"whistles"}
    assert [tree.truth for tree in trees(found, Explaining(advice.facts.evaluator))] == [Truth.TRUE, Truth.TRUE, Truth.UNDETERMINED]
    assert [condition.label for condition in found.when] == ["It does not leak", "Small"]
