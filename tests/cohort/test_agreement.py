"""The columns say what the reference says of 10,000 generated patients, for everything in the content."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nelm.cohort.compiled import compile_cohort
from nelm.knowledge.store import knowledge
from tests.cohort.agreement import BLOCK, compare

SEEDS = range(8)


def test_there_are_at_least_ten_thousand() -> None:
    assert len(SEEDS) * BLOCK >= 10_000


@pytest.mark.parametrize("seed", SEEDS)
def test_every_criterion_of_every_patient(seed: int, record_property: Callable[[str, object], None]) -> None:
    found = compare(seed)
    record_property("results compared", found.results)
    assert found.differences == ()
    assert found.patients == BLOCK
    assert found.results > 500 * BLOCK


def test_nothing_of_the_content_is_left_out() -> None:
    content = knowledge()
    compiled = compile_cohort(content)
    asked = {name.rsplit(" ", 1)[0] for name in compiled.definitions()}
    assert asked == set(content.model.definitions)
    assert {statement.key for statement in compiled.statements} == {
        found.key for one in content.guidelines.values() for found in one.statements
    }
