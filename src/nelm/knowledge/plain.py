"""Content as plain data, for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nelm.knowledge.base import CompiledStatement
from nelm.knowledge.guideline import as_tuple


def statement_to_plain(compiled: CompiledStatement) -> dict[str, Any]:
    """A statement with its id, kind, standing, conditions and locator; fields that are empty are left out."""
    statement = compiled.statement
    plain: dict[str, Any] = {
        "id": compiled.key,
        "question": compiled.question.id,
        "kind": statement.kind,
        "standing": statement.standing,
        "says": statement.says,
        "source": list(as_tuple(statement.source)),
        "stance": statement.stance,
        "strength": statement.strength,
        "wording": statement.wording,
        "actions": list(statement.actions),
        "when": [name.rsplit(".", 1)[-1] for name in compiled.when],
        "unless": [name.rsplit(".", 1)[-1] for name in compiled.unless],
        "needs": list(statement.needs),
        "votes": [{key.rstrip("_"): value for key, value in asdict(vote).items() if value is not None} for vote in statement.votes],
        "discrepancies": list(statement.discrepancies),
    }
    grading = compiled.question.grading
    if grading is not None and statement.standing in ("panel", "jury"):
        plain |= {"level_of_evidence": grading.level_of_evidence, "benefit_harm": grading.benefit_harm, "cost": grading.cost}
    return {key: value for key, value in plain.items() if value not in (None, [], ())}
