"""Values in words, for the terminal."""

from __future__ import annotations

from nelm.criteria import Truth, Value
from nelm.knowledge.base import Knowledge
from nelm.patient.words import value_in_words

MARK = {Truth.TRUE: "✓", Truth.FALSE: "✗", Truth.UNDETERMINED: "?"}


def value_text(name: str, value: Value, knowledge: Knowledge) -> str:
    """What a fact may still be, as a clinician would say it."""
    return value_in_words(name, value, knowledge)
