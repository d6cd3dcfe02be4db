"""The statuses of statements as columns of words, for engines that speak SQL."""

from __future__ import annotations

from collections.abc import Mapping

from nelm.advice.findings import Status
from nelm.cohort.compiled import StatusEngine
from nelm.cohort.sql import FirstOf
from nelm.criteria.columns import Program
from nelm.knowledge.base import CompiledStatement

KNOWN = (Status.OUT_OF_SCOPE, Status.APPLIES, Status.DOES_NOT_APPLY, Status.BLOCKED)


def status_words(engine: StatusEngine) -> tuple[Program, Mapping[str, FirstOf]]:
    """The program of the statuses, and for each statement its column of words, named by its key."""
    return engine.engine.program, {statement.key: _words(statement) for statement in engine.statements}


def _words(statement: CompiledStatement) -> FirstOf:
    """A statement without conditions has no status but this one, where the patient is in scope."""
    has_conditions = bool(statement.when or statement.unless)
    known, otherwise = (KNOWN, Status.UNDETERMINED) if has_conditions else ((Status.OUT_OF_SCOPE,), Status.NO_CONDITIONS)
    return FirstOf(tuple((f"{statement.key} {status.value}", status.value) for status in known), otherwise.value)
