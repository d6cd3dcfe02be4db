"""Small answers of guideline content about itself."""

from __future__ import annotations

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.derivations import AtHighest, Derivation
from nelm.knowledge.guideline import Source, Statement, VerdictRow, as_tuple


@pytest.mark.parametrize(("source", "locators"), [(None, ()), ("P1", ("P1",)), (("P1", "P2"), ("P1", "P2")), ((), ())])
def test_locators(source: Source | None, locators: tuple[str, ...]) -> None:
    assert as_tuple(source) == locators


def test_a_statement_knows_whether_it_has_conditions() -> None:
    bare = Statement("S1", "remark", "body", "Says.", "P1")
    assert not bare.has_conditions
    assert Statement("S1", "remark", "body", "Says.", "P1", when=("a",)).has_conditions
    assert Statement("S1", "remark", "body", "Says.", "P1", unless=("a",)).has_conditions


def test_the_word_of_a_row() -> None:
    assert VerdictRow(when="a", then="FOR").word == "FOR"
    assert VerdictRow(otherwise="OPEN").word == "OPEN"


def test_the_statements_of_a_guideline(harbour: Knowledge) -> None:
    assert [statement.id for statement in harbour.guidelines["pilot"].guideline.statements()] == ["Q1.R1"]


@pytest.mark.parametrize(
    ("derivation", "gathered"),
    [
        (Derivation("a", "A", is_="b"), False),
        (Derivation("a", "A", over="voyage", at_highest=AtHighest("speed", "class")), True),
        (Derivation("a", "A", years_since="launched"), True),
        (Derivation("a", "A", fired=("rule",)), True),
    ],
)
def test_facts_that_come_from_entries(derivation: Derivation, gathered: bool) -> None:
    assert derivation.is_gathered is gathered
