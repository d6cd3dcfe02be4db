"""`nelm guideline diff`: what changed between two versions of the content, and for which worked cases that matters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from nelm.advice.findings import Word
from nelm.advice.versions import CaseChanges, VerdictChange, changed_verdicts, worked_records
from nelm.cli.common import output, stop
from nelm.knowledge.base import Knowledge
from nelm.knowledge.changed_rules import VERDICT_WORDS
from nelm.knowledge.changes import Change
from nelm.knowledge.findings import ContentError
from nelm.knowledge.versions import compare

HELP = "A content folder: one that holds dictionary/, guidelines/ and what belongs to them."
AT_THE_END = ("doubtful_place", "section", "fact_about_the_document", "remark", "reference")


@dataclass(frozen=True)
class Difference:
    """Two versions of the content and all that differs between them."""

    old: Knowledge
    new: Knowledge
    changes: tuple[Change, ...]
    cases: CaseChanges

    @property
    def is_none(self) -> bool:
        return not (self.changes or self.cases.changes or self.cases.unread)


def show_differences(
    old: Annotated[Path, typer.Argument(metavar="OLD", help=HELP, show_default=False)],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help="The same of the newer version; its worked cases are compared.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: every change with its id, kind, sentence, before and after.")] = False,
) -> None:
    """What changed between two versions of the content, in words, and which worked cases change their verdict."""
    before, after = _content(old), _content(new)
    found = Difference(before, after, compare(before, after), changed_verdicts(worked_records(new), before, after))
    if as_json:
        typer.echo(json.dumps(_plain(found), indent=2, ensure_ascii=False))
        return
    for line in _lines(found):
        output.print(line, markup=False, soft_wrap=True)


def _content(folder: Path) -> Knowledge:
    """The content of a folder, read anew so that the ready-made copy of the content in use stays; ends where it is none."""
    from nelm.knowledge.load import load

    if not folder.is_dir():
        stop(f"{folder}: there is no such folder. Name {HELP[0].lower()}{HELP[1:]}")
    try:
        return load(folder)
    except ContentError as error:
        stop(f"{folder}: {error}")


# -- text -----------------------------------------------------------------------------------------


def _lines(found: Difference) -> Iterator[str]:
    if found.is_none:
        yield "No difference."
        return
    for guideline, of_guideline in groupby(found.changes, key=lambda change: change.guideline):
        yield from (_document(found, guideline), "")
        for heading, changes in groupby(of_guideline, key=lambda change: _heading(found, change)):
            yield from (f"  {heading}", *(f"    {change.says}" for change in changes), "")
    if found.cases.changes:
        yield from ("Worked cases with another verdict", "")
        yield from (f"  {_verdict(change)}" for change in found.cases.changes)
        yield ""
    if found.cases.unread:
        yield from ("Not compared: the record cannot be read", "")
        yield from (f"  {unread.case}, with the {unread.side} content: {unread.message}" for unread in found.cases.unread)
        yield ""
    yield _count(found)


def _document(found: Difference, guideline: str | None) -> str:
    """The heading of a document, with its two versions where they differ."""
    if guideline is None:
        return "What all documents share"
    held = [knowledge.guidelines[guideline].guideline for knowledge in (found.old, found.new) if guideline in knowledge.guidelines]
    versions = dict.fromkeys(known.version for known in held)
    return f"{held[-1].name} ({guideline}), {'version' if len(versions) == 1 else 'versions'} {' → '.join(versions)}"


def _heading(found: Difference, change: Change) -> str:
    if change.guideline is None:
        return {"topic": "How the documents relate", "aspect": "How the documents relate", "conflict": "How the documents relate"}.get(
            change.kind, "Facts, rules and words"
        )
    if change.question is None:
        return "Doubtful places, the document itself, references" if change.kind in AT_THE_END else "The document as a whole"
    for knowledge in (found.new, found.old):
        compiled = knowledge.guidelines.get(change.guideline)
        for question in compiled.guideline.questions if compiled else ():
            if question.id == change.question:
                return f"{question.id} {question.title}"
    return f"{change.question} (outside the questions)"


def _verdict(change: VerdictChange) -> str:
    reason = f", because {change.because}" if change.because else ""
    return f"{change.case}  {change.key}  {change.title}: was {_word(change.before)}, is now {_word(change.after)}{reason}."


def _word(word: Word | None) -> str:
    return "not asked" if word is None else f"“{VERDICT_WORDS[word.value]}”"


def _count(found: Difference) -> str:
    cases = found.cases
    text = (
        f"{_number(len(found.changes), 'change')}; {_number(len(cases.changes), 'verdict')} differ{'s' if len(cases.changes) == 1 else ''} "
        f"in {len(cases.cases)} of {_number(cases.compared, 'worked case')}"
    )
    not_compared = len({unread.case for unread in cases.unread})
    return f"{text}, {not_compared} could not be compared." if not_compared else f"{text}."


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


# -- JSON -----------------------------------------------------------------------------------------


def _plain(found: Difference) -> dict[str, Any]:
    return {
        "versions": {side: _versions(knowledge) for side, knowledge in (("old", found.old), ("new", found.new))},
        "changes": [asdict(change) | {"how": change.how} for change in found.changes],
        "compared": found.cases.compared,
        "verdicts": [asdict(change) for change in found.cases.changes],
        "not_compared": [asdict(unread) for unread in found.cases.unread],
    }


def _versions(knowledge: Knowledge) -> dict[str, str]:
    return {name: compiled.guideline.version for name, compiled in knowledge.guidelines.items()}
