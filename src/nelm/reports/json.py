"""The advice as JSON for other programs, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

import nelm
from nelm.advice.findings import Advice, OptionFinding, PartFinding, Status, VerdictFinding, Word
from nelm.advice.findings import StatementFinding as Finding
from nelm.advice.findings import Voice as VoiceFinding
from nelm.advice.verdicts import Judge
from nelm.criteria import Codes, DateType, Truth
from nelm.criteria import Value as Possible
from nelm.knowledge.guideline import Conflict as FoundConflict
from nelm.knowledge.guideline import as_tuple
from nelm.patient.record import Entry as RecordEntry
from nelm.reports import document as plain
from nelm.reports.facts_shown import FactWords
from nelm.reports.layout import Layout, read_layout
from nelm.reports.words import IN_DISPUTE, NOT_KNOWN

_DOCUMENT: TypeAdapter[plain.AdviceDocument] = TypeAdapter(plain.AdviceDocument)


class NotAnAdvice(ValueError):
    """A text that is not an advice document of the schema `nelm-advice/1`; the message says where and why."""


def render_json(advice: Advice, *, layout: Layout | None = None) -> str:
    """The advice as JSON (schema `nelm-advice/1`), indented, ending with a line feed. The same advice gives the same text."""
    return json.dumps(asdict(document_of(advice, layout=layout)), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(text: str | bytes) -> plain.AdviceDocument:
    """The document in a JSON text. Raises NotAnAdvice with every mistake."""
    try:
        return _DOCUMENT.validate_json(text)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, problem['loc'])) or 'the text'}: {problem['msg']}" for problem in error.errors(include_url=False)]
        raise NotAnAdvice("This is not an advice document of the schema nelm-advice/1.\n" + "\n".join(found)) from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of an advice document."""
    schema = _DOCUMENT.json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def document_of(advice: Advice, *, layout: Layout | None = None) -> plain.AdviceDocument:
    """The advice as plain data. `layout` is what `content/report.yaml` says, read if absent."""
    shown = layout or read_layout(advice.knowledge)
    words = FactWords(advice, shown)
    return plain.AdviceDocument(
        schema="nelm-advice/1",
        software=plain.Software("nelm", nelm.__version__),
        guidelines=tuple(_guideline(advice, scope.guideline) for scope in advice.scopes),
        case=_case(advice, shown, words),
        intended_use=shown.intended_use,
        scopes=tuple(plain.Scope(scope.guideline, scope.word.value, scope.because, scope.missing) for scope in advice.scopes),
        verdicts=tuple(_verdict(verdict) for verdict in advice.verdicts),
        statements=tuple(_statement(statement) for statement in advice.statements),
        options=tuple(_option(option, advice) for option in advice.options),
        gaps=tuple(plain.Gap(gap.name, gap.asks, gap.settles, gap.share, gap.contradicted, gap.verdicts) for gap in advice.gaps),
        facts=tuple(_facts(advice, words)),
        conflicts=_conflicts(advice),
        contradictions=tuple(
            plain.Contradiction(found.id, found.says, found.severity, found.facts, tuple(map(_entry, found.entries)))
            for found in advice.facts.contradictions
        ),
        set_aside=tuple(plain.SetAside(item.element, item.written, item.reason, item.mark.line) for item in advice.facts.record.set_aside),
    )


def _guideline(advice: Advice, name: str) -> plain.Guideline:
    found = advice.knowledge.guidelines[name].guideline
    return plain.Guideline(found.id, found.version, found.name, found.citation, found.strength_scale, found.level_note)


def _case(advice: Advice, layout: Layout, words: FactWords) -> plain.Case:
    record, as_of = advice.facts.record, advice.facts.as_of
    said = {name: None if (value := words.value(name)) == NOT_KNOWN else value for name in (layout.question, layout.wishes)}
    return plain.Case(
        id=record.id,
        title=record.title,
        as_of=as_of.isoformat() if as_of else None,
        question=said[layout.question],
        wishes=said[layout.wishes],
        complete=tuple(sorted(record.complete)),
    )


# -- verdicts and statements ------------------------------------------------------------------------


def _verdict(verdict: VerdictFinding) -> plain.Verdict:
    grading = verdict.compiled.question.grading
    return plain.Verdict(
        key=verdict.key,
        guideline=verdict.compiled.guideline,
        question=verdict.compiled.question.id,
        title=verdict.title,
        verdict=verdict.word.value,
        because=verdict.because,
        strength=verdict.strength,
        level_of_evidence=grading.level_of_evidence if grading is not None and verdict.parts else None,
        wording=verdict.wording,
        if_in_scope=verdict.if_in_scope.value if verdict.if_in_scope is not None else None,
        decisive_unknowns=verdict.decisive,
        listed_unknowns=verdict.listed,
        contradicted=verdict.contradicted,
        conflicts=tuple(conflict.id for conflict in verdict.conflicts),
        discrepancies=tuple(found.id for found in verdict.discrepancies),
        parts=tuple(_part(part) for part in verdict.parts),
    )


def _part(part: PartFinding) -> plain.Part:
    return plain.Part(
        id=part.part.id,
        label=part.part.label,
        counts=part.part.counts,
        verdict=part.word.value,
        because=part.because,
        possible=tuple(word.value for word in part.possible),
        strength=part.strength,
        wording=part.wording,
        stance=part.stance,
        decisive=part.decisive,
        listed=part.listed,
        votes=tuple(plain.Vote(vote.body, vote.motion, vote.for_, vote.against, vote.abstain, vote.unit) for vote in part.votes),
        statements=part.part.statements,
        sources=part.sources,
    )


def _statement(found: Finding) -> plain.Statement:
    """A statement with its conditions; of a document out of scope only that it exists."""
    statement = found.compiled.statement
    known = plain.Statement(found.key, found.compiled.guideline, statement.kind, statement.standing, found.status.value)
    if found.status is Status.OUT_OF_SCOPE:
        return known
    return plain.Statement(
        **{name: getattr(known, name) for name in ("key", "guideline", "kind", "standing", "status")},
        says=statement.says,
        stance=statement.stance,
        strength=statement.strength,
        wording=statement.wording,
        source=as_tuple(statement.source),
        when=tuple(plain.Condition(condition.name, condition.label, condition.truth.value) for condition in found.when),
        unless=tuple(plain.Condition(condition.name, condition.label, condition.truth.value) for condition in found.unless),
    )


def _conflicts(advice: Advice) -> tuple[plain.Conflict, ...]:
    judge = Judge(advice.knowledge, advice.facts)
    shown: dict[str, FoundConflict] = {found.id: found for verdict in advice.verdicts for found in verdict.conflicts}
    return tuple(plain.Conflict(found.id, found.title, judge.touches(found).value, dict(found.says)) for found in shown.values())


# -- options ----------------------------------------------------------------------------------------


def _option(found: OptionFinding, advice: Advice) -> plain.Option:
    option = found.option
    voices = tuple(_voice(voice) for voice in found.voices)
    spoken = {scope.guideline for scope in advice.scopes if scope.word is not Word.OUT}
    findings = tuple(f"{name}/{claim.id}" for name, claim in advice.knowledge.claims_about(option) if name in spoken)
    return plain.Option(
        option.id, option.label, option.group, found.state.value, found.relation.value, voices, found.missing, found.done, findings
    )


def _voice(voice: VoiceFinding) -> plain.Voice:
    part = voice.part.part.id if voice.part is not None else None
    return plain.Voice(voice.verdict.key, voice.word.value, voice.because, part, voice.strength, voice.wording)


# -- facts --------------------------------------------------------------------------------------------


def _facts(advice: Advice, words: FactWords) -> Iterator[plain.Fact]:
    """Every fact about which something is known."""
    knowledge = advice.knowledge
    for name in words.names():
        said = words.value(name)
        if said == NOT_KNOWN:
            continue
        element = knowledge.elements.get(name)
        yield plain.Fact(
            name=name,
            label=knowledge.label(name),
            in_words=said,
            value=_value(name, words, said),
            derived=name not in advice.facts.origins and (element is None or element.value_type is not None),
            unit=knowledge.unit_of(name),
            disputed=words.note(name) == IN_DISPUTE,
            origins=tuple(map(_entry, words.entries_behind(name))),
        )


def _value(name: str, words: FactWords, said: str) -> plain.Value:
    element = words.knowledge.elements.get(name)
    if element is not None and element.value_type is None:
        return plain.Value(text=said) if element.type == "text" else plain.Value(possible=words.items(name))
    return _possible(words.facts.value_of(name), isinstance(words.knowledge.model.type_of(name), DateType))


def _possible(value: Possible, is_date: bool) -> plain.Value:
    if isinstance(value, Truth):
        return plain.Value(possible=(True, False) if value is Truth.UNDETERMINED else (value is Truth.TRUE,))
    if isinstance(value, Codes):
        return plain.Value(possible=tuple(sorted(value.members)))
    ends = (plain.Interval(_end(span.low, is_date), _end(span.high, is_date), span.low_open, span.high_open) for span in value.parts)
    return plain.Value(intervals=tuple(ends))


def _end(number: float, is_date: bool) -> float | str | None:
    if math.isinf(number):
        return None
    return date.fromordinal(int(number)).isoformat() if is_date else float(number)


def _entry(entry: RecordEntry) -> plain.Entry:
    return plain.Entry(entry.record_key, entry.number, entry.date_written, entry.source, entry.mark.line)
