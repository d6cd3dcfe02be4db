"""What changed between two versions of the content, thing by thing, in sentences that a clinician reads.

The order is that of the new content: document by document, in each the document as a whole, then question by question, then
doubtful places, facts about the document and references; at the end what all documents share. What is gone stands where it stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nelm.knowledge.base import CompiledGuideline, CompiledStatement, Knowledge
from nelm.knowledge.changed_reported import discrepancy_changes, document_changes, evidence_changes
from nelm.knowledge.changed_rules import condition_changes, criteria_changes, row_changes
from nelm.knowledge.changed_shared import shared_changes
from nelm.knowledge.changes import Change, Thing, field_changes, merged, pairs, words_of
from nelm.knowledge.guideline import Grading, Guideline, HistoryEntry, Question, VerdictPart, VerdictRule, Vote

VOTE_WORDS = ("for_", "against", "abstain", "unit", "note")


def compare(old: Knowledge, new: Knowledge) -> tuple[Change, ...]:
    """Everything that differs between two versions of the content, in the order of the content; empty where nothing does."""
    return tuple(_changes(old, new))


def _changes(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    for name, before, after in pairs(old.guidelines, new.guidelines):
        if before is not None and after is not None:
            yield from _guideline(old, new, before, after)
        else:
            thing = Thing("document", name, name, name)
            yield from thing.whole(*(None if found is None else found.guideline.citation for found in (before, after)))
    yield from shared_changes(old, new)


def _guideline(old: Knowledge, new: Knowledge, before: CompiledGuideline, after: CompiledGuideline) -> Iterator[Change]:
    name = after.id
    yield from _document(before.guideline, after.guideline)
    scope = Thing("scope", f"{name}#scope", "the scope", name)
    yield from field_changes(scope, before.guideline.scope, after.guideline.scope, skip=("rows",))
    yield from row_changes(scope, before.guideline.scope.rows, after.guideline.scope.rows)
    yield from _by_question(
        (
            *_questions(before, after),
            *criteria_changes(old, new, name),
            *_statements(old, new, before, after),
            *_verdicts(before, after),
            *evidence_changes(old, new, name),
        ),
        before.guideline,
        after.guideline,
    )
    yield from discrepancy_changes(old, new, name)
    yield from document_changes(old, new, name)


def _by_question(changes: tuple[Change, ...], old: Guideline, new: Guideline) -> list[Change]:
    """Changes sorted under their questions; those of the document as a whole first, those outside any question last."""
    order: list[str | None] = [None, *merged((question.id for question in old.questions), (question.id for question in new.questions))]
    place = {question: number for number, question in enumerate(order)}
    return sorted(changes, key=lambda change: place.get(change.question, len(place)))


def _document(old: Guideline, new: Guideline) -> Iterator[Change]:
    """The version, its history, and what else is said of the document as a whole."""
    thing = Thing("document", new.id, new.name, new.id)
    yield from field_changes(thing, old, new, skip=("scope", "criteria", "questions", "discrepancies", "history"))
    before, after = ({entry.version: entry for entry in found.history} for found in (old, new))
    for version, then, now in pairs(before, after):
        entry = Thing("history", f"{new.id}#{version}", f"history, version {version}", new.id)
        if then is not None and now is not None:
            yield from field_changes(entry, then, now)
        else:
            yield from replace(entry, name=f"of version {version}").whole(
                *(None if found is None else _entry(found) for found in (then, now))
            )


def _entry(found: HistoryEntry) -> str:
    return f"{found.date}: {found.says}"


# -- questions and statements ---------------------------------------------------------------------


def _questions(old: CompiledGuideline, new: CompiledGuideline) -> Iterator[Change]:
    before, after = ({question.id: question for question in found.guideline.questions} for found in (old, new))
    for key, then, now in pairs(before, after):
        thing = Thing("question", f"{new.id}/{key}", key, new.id, key)
        if then is not None and now is not None:
            yield from _question(thing, then, now)
        else:
            yield from thing.whole(*(None if found is None else found.asks for found in (then, now)))


def _question(thing: Thing, old: Question, new: Question) -> Iterator[Change]:
    """What is said of a question as a whole, with the level of evidence, balance and cost that are printed once for it."""
    yield from field_changes(thing, old, new, skip=("grading", "criteria", "statements", "verdicts"))
    yield from field_changes(thing, old.grading or Grading(), new.grading or Grading())


def _statements(old: Knowledge, new: Knowledge, before: CompiledGuideline, after: CompiledGuideline) -> Iterator[Change]:
    found = ({statement.statement.id: statement for statement in compiled.statements} for compiled in (before, after))
    for key, then, now in pairs(*found):
        compiled = now or then
        assert compiled is not None
        thing = Thing("statement", compiled.key, key, after.id, compiled.question.id)
        if then is not None and now is not None:
            yield from _statement(thing, old, new, then, now)
        else:
            yield from thing.whole(*(None if statement is None else statement.statement.says for statement in (then, now)))


def _statement(thing: Thing, old: Knowledge, new: Knowledge, before: CompiledStatement, after: CompiledStatement) -> Iterator[Change]:
    yield from thing.was_is("question", before.question.id, after.question.id)
    own = ("when", "unless", "votes", "needs", "actions")
    yield from field_changes(thing, before.statement, after.statement, skip=own)
    yield from condition_changes(thing, old, new, before, after)
    for field in ("actions", "needs"):
        then, now = getattr(before.statement, field), getattr(after.statement, field)
        labels = [[_label(found, name) for name in names] for found, names in ((old, then), (new, now))] if then != now else ([], [])
        yield from thing.listed(field, *labels)
    yield from _votes(thing, before.statement.votes, after.statement.votes)


def _label(knowledge: Knowledge, name: str) -> str:
    """What a clinician calls an action or a need; the id tells apart what is called alike."""
    term = knowledge.terms.get(name) or knowledge.needs[name]
    return f"'{term.label}' ({name})"


def _votes(thing: Thing, old: tuple[Vote, ...], new: tuple[Vote, ...]) -> Iterator[Change]:
    """Votes by who voted on what."""
    before, after = ({(vote.body, vote.motion): vote for vote in votes} for votes in (old, new))
    for (body, motion), then, now in pairs(before, after):
        if then == now:
            continue
        was, is_now = (None if vote is None else _counted(vote) for vote in (then, now))
        name = f"{thing.name}: the vote of {body} on “{motion}”"
        if was is None:
            yield thing.change(f"{name} is new: {is_now}", None, is_now, "votes")
        elif is_now is None:
            yield thing.change(f"{name} is gone: {was}", was, None, "votes")
        else:
            yield thing.change(f"{name} was {was}, is now {is_now}", was, is_now, "votes")


def _counted(vote: Vote) -> str:
    """A vote in words: `10 for, 2 against (percent)`."""
    shares = [f"{number:g} {words_of(field).rstrip('_')}" for field in VOTE_WORDS[:3] if (number := getattr(vote, field)) is not None]
    return f"{', '.join(shares) or 'no shares'} ({vote.unit})" + (f"; {vote.note}" if vote.note else "")


# -- verdicts -------------------------------------------------------------------------------------


def _verdicts(old: CompiledGuideline, new: CompiledGuideline) -> Iterator[Change]:
    before, after = ({verdict.rule.id: verdict for verdict in found.verdicts} for found in (old, new))
    for key, then, now in pairs(before, after):
        verdict = now or then
        assert verdict is not None
        thing = Thing("verdict", verdict.key, f"verdict {key}", new.id, verdict.question.id)
        if then is not None and now is not None:
            yield from thing.was_is("question", then.question.id, now.question.id)
            yield from _verdict(thing, then.rule, now.rule)
        else:
            yield from replace(thing, name=key).whole(*(None if found is None else found.rule.title for found in (then, now)))


def _verdict(thing: Thing, old: VerdictRule, new: VerdictRule) -> Iterator[Change]:
    yield from field_changes(thing, old, new, skip=("parts",))
    before, after = ({part.id: part for part in rule.parts} for rule in (old, new))
    for key, then, now in pairs(before, after):
        id_ = f"{thing.id}#{key}"
        if then is not None and now is not None:
            yield from _part(Thing("part", id_, f"verdict {new.id}, '{now.label}'", thing.guideline, thing.question), then, now)
        else:
            part = Thing("part", id_, f"{key} of the {thing.name}", thing.guideline, thing.question)
            yield from part.whole(*(None if found is None else found.label for found in (then, now)))
    yield from thing.order("parts", [key for key in before if key in after], [key for key in after if key in before])


def _part(thing: Thing, old: VerdictPart, new: VerdictPart) -> Iterator[Change]:
    yield from field_changes(thing, old, new, skip=("rows",))
    yield from row_changes(thing, old.rows, new.rows)
