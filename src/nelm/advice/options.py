"""The options table: what each document says of one option, and how the documents relate for this patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from itertools import combinations

from nelm.advice.findings import COMMITMENT, OptionFinding, OptionState, Relation, VerdictFinding, Voice, Word
from nelm.criteria import Truth
from nelm.knowledge.base import Knowledge
from nelm.knowledge.guideline import Option, Topic, TopicAspect
from nelm.patient.entry_facts import EntryFacts
from nelm.patient.facts import Facts
from nelm.patient.record import Entry

_OPEN = (Word.UNKNOWN, Word.OPEN)
_SILENT = (Word.NA, Word.OUT)
_CONDITIONAL = ("conditional_for", "conditional")
# How two documents relate, the furthest apart first.
_FURTHEST_APART = (Relation.CONFLICT, Relation.NOT_YET, Relation.REFINE, Relation.AGREE)


def option_findings(verdicts: Iterable[VerdictFinding], knowledge: Knowledge, facts: Facts) -> tuple[OptionFinding, ...]:
    """Every option that at least one of the verdicts speaks to."""
    by_key = {verdict.key: verdict for verdict in verdicts}
    documents = list(knowledge.guidelines)
    found: list[OptionFinding] = []
    for option in knowledge.options:
        spoken = (voice for reference in option.verdicts if (voice := _voice(reference, by_key)) is not None)
        voices = sorted(spoken, key=lambda voice: documents.index(voice.verdict.compiled.guideline))
        if voices:
            found.append(_finding(option, tuple(voices), knowledge, facts))
    return tuple(found)


def _voice(reference: str, verdicts: Mapping[str, VerdictFinding]) -> Voice | None:
    """What a verdict, or one part of it (after `#`), says."""
    key, _, part_id = reference.partition("#")
    verdict = verdicts.get(key)
    if verdict is None:
        return None
    part = next((part for part in verdict.parts if part.part.id == part_id), None)
    if part is None:
        return Voice(verdict, None, verdict.word, verdict.strength, verdict.wording, verdict.because)
    if verdict.if_in_scope is not None:
        return Voice(verdict, part, Word.UNKNOWN, None, None, verdict.because)
    return Voice(verdict, part, part.word, part.strength, part.wording, part.because)


def speaker(voices: Iterable[Voice]) -> dict[str, Voice]:
    """The voice with which each document speaks: its most committing one."""
    chosen: dict[str, Voice] = {}
    order = (*COMMITMENT, Word.OUT, Word.IN)
    for voice in voices:
        guideline = voice.verdict.compiled.guideline
        if guideline not in chosen or order.index(voice.word) < order.index(chosen[guideline].word):
            chosen[guideline] = voice
    return chosen


def _finding(option: Option, voices: tuple[Voice, ...], knowledge: Knowledge, facts: Facts) -> OptionFinding:
    spoken = speaker(voices)
    related = relation(spoken, option, knowledge)
    return OptionFinding(
        option=option,
        state=_state(spoken, related),
        relation=related,
        voices=voices,
        open_voices=tuple(voice for voice in spoken.values() if voice.word in _OPEN),
        done=done(option.actions, knowledge, facts),
    )


def _state(spoken: Mapping[str, Voice], related: Relation) -> OptionState:
    words = {voice.word for voice in spoken.values()} - set(_SILENT)
    if related is Relation.CONFLICT:
        return OptionState.DISAGREE
    if Word.FOR in words:
        stances = {_stance(voice) for voice in spoken.values() if voice.word is Word.FOR}
        return OptionState.POSSIBLE if stances <= set(_CONDITIONAL) else OptionState.FAVOURED
    if words & set(_OPEN):
        return OptionState.CANNOT_JUDGE
    if Word.AGAINST in words:
        return OptionState.NOT_ADVISED
    return OptionState.NO_RECOMMENDATION if Word.NO_REC in words else OptionState.DOES_NOT_APPLY


def _stance(voice: Voice) -> str | None:
    if voice.part is not None:
        return voice.part.stance
    deciding = next((part for part in voice.verdict.parts if part.word is voice.word), None)
    return deciding.stance if deciding else None


def relation(spoken: Mapping[str, Voice], option: Option, knowledge: Knowledge) -> Relation:
    """How the documents relate on an option, from what they say of this patient.

    They are compared two by two, and the two that are furthest apart give the word for all: where two disagree, a third
    that agrees with one of them, or cannot judge yet, does not settle it.
    """
    speaking = {guideline: voice.word for guideline, voice in spoken.items() if voice.word not in _SILENT}
    if not speaking:
        return Relation.NEITHER
    if len(speaking) == 1:
        return Relation.ONE_SPEAKS
    aspects = [(topic, aspect) for topic in knowledge.topics if topic.id in option.topics for aspect in topic.aspects]
    found = set()
    for pair in combinations(speaking, 2):
        relations = {aspect.relation for topic, aspect in aspects if _is_about(topic, aspect, pair)}
        found.add(_of_two({speaking[guideline] for guideline in pair}, relations))
    return next(relation for relation in _FURTHEST_APART if relation in found)


def _is_about(topic: Topic, aspect: TopicAspect, pair: Iterable[str]) -> bool:
    """Whether an aspect compares these two documents: by its statements, else by its topic, else it is about all."""
    by_statements = {guideline for guideline, named in aspect.statements.items() if named}
    compared = next((named for named in (by_statements, set(topic.documents)) if len(named) > 1), None)
    return compared is None or set(pair) <= compared


def _of_two(words: set[Word], relations: Set[str]) -> Relation:
    """How two documents that speak relate, from their words and from how the comparison of topics relates them.

    A condition of one that is not met is no opposition to the other: it asks for more (`REFINE`), unless the
    comparison of the two calls the topic a conflict.
    """
    if words & set(_OPEN):
        return Relation.NOT_YET
    if Word.FOR not in words:
        return Relation.AGREE
    if words & {Word.AGAINST, Word.NO_REC} or (Word.NOT_MET in words and "conflict" in relations):
        return Relation.CONFLICT
    return Relation.REFINE if Word.NOT_MET in words or "refine" in relations else Relation.AGREE


def done(actions: Iterable[str], knowledge: Knowledge, facts: Facts) -> tuple[str, ...]:
    """Work that the record shows as done: the label of the test or treatment with the entry's date."""
    found: dict[str, None] = {}
    for action in actions:
        for entry in facts.entries:
            if shows(entry, action, knowledge, facts.by_entry):
                found[f"{knowledge.terms[action].label} ({entry.date_written or entry.name})"] = None
    return tuple(found)


def shows(entry: Entry, action: str, knowledge: Knowledge, by_entry: Mapping[Entry, EntryFacts]) -> bool:
    """Whether an entry shows a test or treatment as done."""
    shown = knowledge.terms[action].done
    if shown is None or shown.over != entry.entity or (shown.stated is not None and shown.stated not in entry.values):
        return False
    condition = knowledge.conditions.get(f"done:{action}")
    if condition is None:
        return shown.stated is not None
    return by_entry[entry].truth(condition) is Truth.TRUE
