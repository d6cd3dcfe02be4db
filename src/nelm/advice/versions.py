"""Which verdicts of known patients change between two versions of the content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from nelm.advice.findings import VerdictFinding, Word
from nelm.advice.verdicts import Judge
from nelm.knowledge.base import Knowledge
from nelm.knowledge.changes import merged
from nelm.knowledge.yamlfile import UnreadableFile, read
from nelm.patient.facts import facts_of
from nelm.patient.record import RecordError, read_record

Side = Literal["old", "new"]


@dataclass(frozen=True)
class WorkedRecord:
    """The record of a worked case; `set_aside_invalid` where its key says that it holds impossible values on purpose."""

    case: str
    file: Path
    set_aside_invalid: bool = False


@dataclass(frozen=True)
class VerdictChange:
    """A verdict that is another under the new content, and why; a word is None where that content has no such question."""

    case: str
    key: str
    title: str
    before: Word | None
    after: Word | None
    because: str


@dataclass(frozen=True)
class Unread:
    """A record that one of the two contents cannot read, so that its verdicts cannot be compared."""

    case: str
    side: Side
    message: str


@dataclass(frozen=True)
class CaseChanges:
    """All verdicts of some records held against each other: how many records were compared, what differs, what could not be read."""

    compared: int
    changes: tuple[VerdictChange, ...]
    unread: tuple[Unread, ...]

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases in which a verdict changes."""
        return tuple(dict.fromkeys(change.case for change in self.changes))


def worked_records(content: Path) -> tuple[WorkedRecord, ...]:
    """The records of the worked cases of a content folder, by name; none where it has no cases."""
    cases = content / "cases"
    return tuple(WorkedRecord(file.stem, file, _sets_aside(cases / "expected" / file.name)) for file in sorted(cases.glob("*.yaml")))


def _sets_aside(expected: Path) -> bool:
    """What the key of a case says of its record; nothing where there is no key, or none that can be read."""
    try:
        match read(expected).data:
            case {"read": {"set_aside_invalid": aside}}:
                return bool(aside)
    except UnreadableFile:
        pass
    return False


def changed_verdicts(records: Iterable[WorkedRecord], old: Knowledge, new: Knowledge, *, as_of: date | None = None) -> CaseChanges:
    """The verdicts of the records that differ between two contents, in the order of the new content."""
    compared = 0
    changes: list[VerdictChange] = []
    unread: list[Unread] = []
    for record in records:
        before, after = _verdicts(record, "old", old, as_of), _verdicts(record, "new", new, as_of)
        unread += [found for found in (before, after) if isinstance(found, Unread)]
        if isinstance(before, dict) and isinstance(after, dict):
            compared += 1
            changes += _differing(record.case, before, after, new)
    return CaseChanges(compared, tuple(changes), tuple(unread))


def _verdicts(record: WorkedRecord, side: Side, knowledge: Knowledge, as_of: date | None) -> dict[str, VerdictFinding] | Unread:
    try:
        read_as = read_record(record.file, knowledge, set_aside_invalid=record.set_aside_invalid)
    except RecordError as error:
        return Unread(record.case, side, str(error))
    judge = Judge(knowledge, facts_of(read_as, knowledge, as_of))
    scopes = {name: judge.scope(name) for name in knowledge.guidelines}
    return {
        verdict.key: judge.verdict(verdict, scopes[name], scopes.values())
        for name, compiled in knowledge.guidelines.items()
        for verdict in compiled.verdicts
    }


def _differing(case: str, before: dict[str, VerdictFinding], after: dict[str, VerdictFinding], new: Knowledge) -> Iterator[VerdictChange]:
    for key in merged(before, after):
        then, now = before.get(key), after.get(key)
        if now is not None and (then is None or then.word is not now.word):
            yield VerdictChange(case, key, now.title, None if then is None else then.word, now.word, _reason(now, new))
        elif now is None and then is not None:
            yield VerdictChange(case, key, then.title, then.word, None, "the question is gone")


def _reason(found: VerdictFinding, knowledge: Knowledge) -> str:
    """Why a verdict is what it is; of one that cannot be given yet, what it waits for."""
    if found.word is not Word.UNKNOWN:
        return found.because
    return f"it depends on what is missing: {', '.join(knowledge.label(name) for name in found.unknowns)}"
