"""Statements as plain data."""

from __future__ import annotations

import json
from dataclasses import replace

from nelm.knowledge.base import Knowledge
from nelm.knowledge.plain import statement_to_plain


def test_a_statement_with_everything(harbour: Knowledge) -> None:
    plain = statement_to_plain(harbour.statement("pilot/Q1.R1"))
    assert json.loads(json.dumps(plain)) == plain
    assert plain == {
        "id": "pilot/Q1.R1",
        "question": "Q1",
        "kind": "recommendation",
        "standing": "panel",
        "says": "A sound boat with little rust may leave.",
        "source": ["S1"],
        "stance": "for",
        "strength": "strong",
        "actions": ["caulking"],
        "when": ["sound", "rust_low"],
        "unless": ["big"],
        "needs": ["dry_dock"],
        "votes": [{"body": "guild", "motion": "leave", "for": 10.0, "against": 2.0, "unit": "percent"}],
        "discrepancies": ["DISC.01"],
        "level_of_evidence": "1",
        "cost": "low",
    }


def test_what_is_empty_is_left_out(harbour: Knowledge) -> None:
    compiled = harbour.statement("pilot/Q1.R1")
    bare = replace(compiled, statement=replace(compiled.statement, standing="body", votes=(), actions=(), stance=None), when=(), unless=())
    plain = statement_to_plain(bare)
    assert not {"votes", "actions", "stance", "when", "unless", "level_of_evidence", "cost"} & set(plain)
    ungraded = replace(compiled, question=replace(compiled.question, grading=None))
    assert "cost" not in statement_to_plain(ungraded)
