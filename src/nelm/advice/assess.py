"""The main job: what the guidelines say about one patient."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from nelm.advice.findings import Advice
from nelm.advice.gaps import gaps
from nelm.advice.options import option_findings
from nelm.advice.statements import judge_statement
from nelm.advice.verdicts import Judge
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import Facts, facts_of
from nelm.patient.record import Record


class UnknownGuideline(ValueError):
    """A guideline id that the content does not hold."""


def assess(record: Record, knowledge: Knowledge, *, as_of: date | None = None, guidelines: Iterable[str] = ()) -> Advice:
    """The advice on a record as of a date, from the named guidelines (all, if none is named).

    Raises UnknownGuideline for an id that the content does not hold.
    """
    return assess_facts(facts_of(record, knowledge, as_of), knowledge, guidelines=guidelines)


def assess_facts(facts: Facts, knowledge: Knowledge, *, guidelines: Iterable[str] = (), with_gaps: bool = True) -> Advice:
    """The advice on facts; `with_gaps=False` leaves out the ordering of what is missing."""
    chosen = chosen_guidelines(knowledge, tuple(guidelines))
    judge = Judge(knowledge, facts)
    scopes = {name: judge.scope(name) for name in chosen}
    statements = tuple(
        judge_statement(statement, knowledge, facts, scopes[name]) for name in chosen for statement in knowledge.guidelines[name].statements
    )
    verdicts = tuple(
        judge.verdict(verdict, scopes[name], scopes.values()) for name in chosen for verdict in knowledge.guidelines[name].verdicts
    )
    return Advice(
        facts=facts,
        knowledge=knowledge,
        scopes=tuple(scopes.values()),
        statements=statements,
        verdicts=verdicts,
        options=option_findings(verdicts, knowledge, facts),
        gaps=gaps(verdicts, statements, knowledge, facts) if with_gaps else (),
    )


def chosen_guidelines(knowledge: Knowledge, names: tuple[str, ...]) -> tuple[str, ...]:
    """The guideline ids asked for, or all. Raises UnknownGuideline for one that the content does not hold."""
    for name in names:
        if name not in knowledge.guidelines:
            raise UnknownGuideline(f"The guideline {name!r} is not known. Permitted: {', '.join(knowledge.guidelines)}.")
    return names or tuple(knowledge.guidelines)
