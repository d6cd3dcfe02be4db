"""Learning more about a patient never turns a settled verdict round: tried on the worked cases and all of the content."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nelm.advice.assess import assess_facts
from nelm.advice.findings import Advice, Status, Word
from nelm.advice.gaps import cells_of, supposing
from nelm.criteria import Value, admits, is_settled
from nelm.knowledge.base import CompiledVerdict, Knowledge
from nelm.patient.facts import facts_of
from nelm.patient.record import read_record
from tests.conftest import ROOT

CASES = sorted((ROOT / "content" / "cases").glob("*.yaml"))
SETTLED = {Status.APPLIES: "applies"} | dict.fromkeys((Status.DOES_NOT_APPLY, Status.BLOCKED, Status.OUT_OF_SCOPE), "does not")


class Advised(list[Advice]):
    """The advice on each worked case; a failing example is told without all of it."""

    def __repr__(self) -> str:
        return f"the advice on {len(self)} worked cases"


@pytest.fixture(scope="module")
def advised(knowledge: Knowledge) -> Advised:
    records = [read_record(file, knowledge, set_aside_invalid=True) for file in CASES]
    return Advised(assess_facts(facts_of(record, knowledge), knowledge, with_gaps=False) for record in records)


def open_facts(advice: Advice) -> list[str]:
    """What is not known yet and is recorded, not computed nor in dispute; what verdicts wait for stands first."""
    asked = [name for verdict in advice.verdicts for name in verdict.unknowns]
    model = advice.knowledge.model
    every = [name for name in dict.fromkeys([*asked, *model.types]) if name in model.types and name not in model.definitions]
    disputed = advice.facts.contradicted()
    return [name for name in every if name not in disputed and not is_settled(advice.facts.value_of(name))]


def all_verdicts(knowledge: Knowledge) -> list[CompiledVerdict]:
    return [verdict for guideline in knowledge.guidelines.values() for verdict in guideline.verdicts]


def part_of(name: str, number: int, advice: Advice) -> Value:
    """One of the parts of what a fact may be that the content's conditions tell apart."""
    parts = cells_of(name, all_verdicts(advice.knowledge), advice.knowledge, advice.facts)
    value = parts[number % len(parts)]
    assert admits(advice.facts.value_of(name), value)
    return value


NUMBERS = st.integers(0, 10**6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(case=NUMBERS, learned=st.lists(st.tuples(st.booleans(), NUMBERS, NUMBERS), min_size=1, max_size=8))
def test_no_settled_verdict_is_turned_round(advised: Advised, case: int, learned: list[tuple[bool, int, int]]) -> None:
    before = advised[case % len(advised)]
    candidates = open_facts(before)
    names = [candidates[number % (40 if first else len(candidates))] for first, number, _ in learned]
    values = {name: part_of(name, number, before) for name, (_, _, number) in zip(names, learned, strict=True)}
    after = assess_facts(supposing(before.facts, before.knowledge, values), before.knowledge, with_gaps=False)
    assert {verdict.key: verdict.word for verdict in before.verdicts if verdict.is_determined}.items() <= after.words().items()
    for scope in before.scopes:
        assert scope.word is Word.UNKNOWN or scope.missing or after.scope(scope.guideline).word is scope.word
    then = {statement.key: SETTLED.get(statement.status) for statement in after.statements}
    settled = {statement.key: SETTLED[statement.status] for statement in before.statements if statement.status in SETTLED}
    assert settled.items() <= then.items()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(case=NUMBERS, which=NUMBERS, number=NUMBERS)
def test_a_fact_that_no_verdict_waits_for_changes_no_verdict(advised: Advised, case: int, which: int, number: int) -> None:
    before = advised[case % len(advised)]
    waited_for = {name for verdict in before.verdicts for part in verdict.parts for name in (*part.decisive, *part.listed)}
    waited_for |= {name for scope in before.scopes for name in scope.missing}
    others = [name for name in open_facts(before) if name not in waited_for]
    name = others[which % len(others)]
    suppose = {name: part_of(name, number, before)}
    after = assess_facts(supposing(before.facts, before.knowledge, suppose), before.knowledge, with_gaps=False)
    assert after.words() == before.words()
