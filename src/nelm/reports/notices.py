"""What a reader has to know first: values set aside, contradictions in the record, documents that do not speak."""

from __future__ import annotations

from collections.abc import Iterator

from nelm.advice.findings import Advice, ScopeFinding, Word
from nelm.patient.entry_facts import Contradiction
from nelm.reports.facts_shown import FactWords
from nelm.reports.view import Notice
from nelm.reports.words import SCOPE, SET_ASIDE, SEVERITIES, sentence


def notices(advice: Advice, words: FactWords) -> tuple[Notice, ...]:
    """The most serious first: values set aside, contradictions, scope, then what should be looked at."""
    found = list(_set_aside(advice))
    contradictions = sorted(advice.facts.contradictions, key=lambda item: item.severity != "contradiction")
    found += [_contradiction(item, advice, words) for item in contradictions if item.severity == "contradiction"]
    found += [notice for scope in advice.scopes if (notice := _scope(scope, advice)) is not None]
    found += [_contradiction(item, advice, words) for item in contradictions if item.severity != "contradiction"]
    found += [
        Notice(
            SEVERITIES["review"],
            f"{advice.knowledge.label(problem.field)}: {problem.message}",
            (f"line {problem.mark.line} of the record",),
        )
        for problem in advice.facts.record.warnings
    ]
    return tuple(found)


def _set_aside(advice: Advice) -> Iterator[Notice]:
    for item in advice.facts.record.set_aside:
        label = advice.knowledge.label(item.element)
        details = (item.reason, f"line {item.mark.line} of the record")
        yield Notice(SET_ASIDE, f"{label}: “{item.written}” cannot be true. The fact counts as not known.", details)


def _contradiction(found: Contradiction, advice: Advice, words: FactWords) -> Notice:
    unnamed = [entry for entry in found.entries if entry.name not in found.says]
    details = ["; ".join(words.entry_name(entry) for entry in unnamed)] if unnamed else []
    if found.severity == "contradiction" and found.facts:
        named = ", ".join(dict.fromkeys(advice.knowledge.label(name) for name in found.facts))
        details.append(f"Left open because of it: {named}")
    return Notice(SEVERITIES.get(found.severity, SEVERITIES["review"]), sentence(found.says), tuple(details))


def _scope(scope: ScopeFinding, advice: Advice) -> Notice | None:
    """Nothing where the document speaks about this patient."""
    name = advice.knowledge.guidelines[scope.guideline].guideline.name
    missing = ", ".join(dict.fromkeys(advice.knowledge.asks(fact) for fact in scope.missing))
    match scope.word:
        case Word.IN:
            return None
        case Word.OUT:
            return Notice(SCOPE, f"{name} does not speak about this patient: {scope.because}. Nothing is quoted from it.")
        case Word.UNKNOWN:
            text = f"Whether {name} speaks about this patient is not settled. What it says is shown only as what would hold if it did."
            return Notice(SCOPE, text, (f"Depends on: {missing}",) if missing else ())
        case _:
            return Notice(SCOPE, f"{name} leaves open whether it speaks about this patient: {scope.because}. Nothing is quoted from it.")
