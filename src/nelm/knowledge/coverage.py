"""How much of a document the content holds: the ids of each kind, by question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nelm.knowledge.base import Knowledge
from nelm.knowledge.evidence import Reported

STANDINGS = ("panel", "consensus", "jury", "body", "reported")
KINDS_COUNTED = (*STANDINGS, "claims", "caveats", "research", "discrepancies")


@dataclass(frozen=True)
class CoverageRow:
    """What stands under one question (or in the introduction, the figures, …), counted in the order of `KINDS_COUNTED`."""

    question: str
    counts: tuple[int, ...]


def coverage_rows(knowledge: Knowledge, guideline: str) -> tuple[CoverageRow, ...]:
    """One row for each question of a document, and one for each place of evidence outside the questions."""
    counted: dict[str, dict[str, int]] = {question.id: {} for question in knowledge.guidelines[guideline].guideline.questions}
    for home, kind in _items(knowledge, guideline):
        counts = counted.setdefault(home, {})
        counts[kind] = counts.get(kind, 0) + 1
    return tuple(CoverageRow(home, tuple(counts.get(kind, 0) for kind in KINDS_COUNTED)) for home, counts in counted.items())


def ids(knowledge: Knowledge, guideline: str) -> Iterator[str]:
    """Every id of a document that the content holds: statements, evidence, discrepancies, remarks of the document itself."""
    compiled = knowledge.guidelines[guideline]
    reported = knowledge.reported.get(guideline, Reported())
    yield from (statement.statement.id for statement in compiled.statements)
    yield from (found.id for found in compiled.guideline.discrepancies)
    for block in reported.evidence:
        yield from (claim.id for claim in block.claims)
        yield from (remark.id for remark in (*block.caveats, *block.research))
    for section in reported.sections:
        yield from (remark.id for remark in section.remarks)


def _items(knowledge: Knowledge, guideline: str) -> Iterator[tuple[str, str]]:
    """Each id's question and kind; a doubtful place is counted once for each question that it touches, or under `-`."""
    compiled = knowledge.guidelines[guideline]
    questions = [question.id for question in compiled.guideline.questions]
    for statement in compiled.statements:
        yield statement.question.id, statement.statement.standing
    for block in knowledge.reported.get(guideline, Reported()).evidence:
        for kind in ("claims", "caveats", "research"):
            for item in getattr(block, kind):
                yield home(item.id, block.about, questions), kind
    for found in compiled.guideline.discrepancies:
        for place in dict.fromkeys(home(touched, "-", questions) for touched in (*found.touches, *found.claims)) or ("-",):
            yield place, "discrepancies"


def home(item: str, otherwise: str, questions: list[str]) -> str:
    """The question that begins an id (`Q05.1.E2` stands under `Q05.1`, `Q01.4.E3` under `Q01`); else where it was found."""
    fitting = [question for question in questions if item.startswith(f"{question}.")]
    return max(fitting, key=len) if fitting else otherwise
