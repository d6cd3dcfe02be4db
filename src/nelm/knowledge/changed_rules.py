"""Changes of what decides: criteria, the conditions of statements, the rows of decision tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nelm.criteria import Table, to_text
from nelm.criteria.syntax import names
from nelm.knowledge.base import CompiledGuideline, CompiledStatement, Knowledge
from nelm.knowledge.changes import Change, Thing, field_changes, normal, pairs, shown
from nelm.knowledge.derivations import DerivationRow
from nelm.knowledge.guideline import Criterion, VerdictRow

VERDICT_WORDS = {
    "FOR": "for",
    "AGAINST": "against",
    "NO_REC": "no recommendation",
    "NOT_MET": "not met",
    "UNKNOWN": "unknown",
    "OPEN": "open",
    "NA": "not applicable",
    "IN": "in scope",
    "OUT": "out of scope",
}
MOST_NAMED = 6


# -- criteria -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Placed:
    """A criterion with the question that it stands in; shared ones stand in none."""

    criterion: Criterion
    question: str | None


def criteria_changes(old: Knowledge, new: Knowledge, guideline: str) -> Iterator[Change]:
    """Named conditions that are new, gone or changed; one that only got another name or another file is none."""
    before, after = (_criteria(knowledge.guidelines[guideline]) for knowledge in (old, new))
    gone = [_meaning(before[key].criterion) for key in before if key not in after]
    moved = [meaning for key in after if key not in before and (meaning := _meaning(after[key].criterion)) in gone]
    for key, then, now in pairs(before, after):
        placed = now or then
        assert placed is not None
        thing = Thing("condition", key, f"'{placed.criterion.label}'", guideline, placed.question)
        if then is not None and now is not None:
            yield from _criterion(thing, then.criterion, now.criterion, new)
        elif _meaning(placed.criterion) not in moved:
            yield from thing.whole(*(None if found is None else f"`{normal(found.criterion.is_)}`" for found in (then, now)))


def _criteria(compiled: CompiledGuideline) -> dict[str, _Placed]:
    found = {f"{compiled.id}.{name}": _Placed(criterion, None) for name, criterion in compiled.guideline.criteria.items()}
    for question in compiled.guideline.questions:
        found |= {f"{compiled.id}/{question.id}.{name}": _Placed(item, question.id) for name, item in question.criteria.items()}
    return found


def _meaning(criterion: Criterion) -> tuple[str, str]:
    return criterion.label, normal(criterion.is_)


def _criterion(thing: Thing, old: Criterion, new: Criterion, knowledge: Knowledge) -> Iterator[Change]:
    before, after = normal(old.is_), normal(new.is_)
    if before != after:
        used = _used_by(thing.id, knowledge)
        says = f"{thing.name}: was `{before}`, is now `{after}`{f' (in {used})' if used else ''}"
        yield thing.change(says, before, after, "is")
    yield from field_changes(thing, old, new, skip=("is_",))


def _used_by(name: str, knowledge: Knowledge) -> str:
    """The statements and verdicts that a criterion reaches, through other criteria too; the first of them where there are many."""
    compiled = knowledge.guidelines[name.partition(".")[0].partition("/")[0]]
    found = [statement.statement.id for statement in compiled.statements if _reaches(knowledge, (*statement.when, *statement.unless), name)]
    for verdict in compiled.verdicts:
        asked = {part.name for table in verdict.parts for row in table.rows for part in names(row.when)}
        if _reaches(knowledge, asked, name):
            found.append(f"the verdict {verdict.rule.id}")
    more = len(found) - MOST_NAMED
    return ", ".join(found) if more <= 0 else f"{', '.join(found[:MOST_NAMED])} and {more} more"


def _reaches(knowledge: Knowledge, starts: Sequence[str] | set[str], name: str) -> bool:
    return any(name == start or name in knowledge.model.definitions_under(start) for start in starts)


def condition_changes(
    thing: Thing, old: Knowledge, new: Knowledge, before: CompiledStatement, after: CompiledStatement
) -> Iterator[Change]:
    """Conditions and contraindications that a statement gained or lost, by their labels."""
    for field in ("when", "unless"):
        then = {_identity(old, name): name for name in getattr(before, field)}
        now = {_identity(new, name): name for name in getattr(after, field)}
        kept = {name for name in then.values() if name in now.values()}
        labels = [
            [f"'{found.label(name)}'" for identity, name in these.items() if name not in kept and identity not in others]
            for found, these, others in ((old, then, now), (new, now, then))
        ]
        yield from thing.listed(field, *labels)


def _identity(knowledge: Knowledge, name: str) -> tuple[str, str]:
    """What a condition is to a reader: its label and its text, whatever its name."""
    definition = knowledge.model.definitions.get(name)
    return knowledge.label(name), name if definition is None or isinstance(definition, Table) else to_text(definition)


# -- decision tables ------------------------------------------------------------------------------

AnyRow = VerdictRow | DerivationRow
NOT_BESIDE = ("when", "then", "otherwise")


def row_changes(thing: Thing, old: Sequence[AnyRow], new: Sequence[AnyRow]) -> Iterator[Change]:
    """The rows of a decision table: with another answer, another condition, new, gone, or read in another order."""
    before, after = _by_condition(old), _by_condition(new)
    renamed = _with_new_condition(before, after)
    for key, then, now in pairs(before, after):
        if then is not None and now is not None:
            yield from _row(thing, key, then, now)
        elif then is not None and key in renamed:
            yield from _condition(thing, key, renamed[key], then, after[renamed[key]])
        elif now is not None and key not in renamed.values():
            said = f"{_condition_words(key)}, {_answer(now)}"
            yield thing.change(f"{thing.name} now also says, in row {list(after).index(key) + 1}: {said}", None, said, "rows")
        elif then is not None:
            said = f"{_condition_words(key)}, {_answer(then)}"
            yield thing.change(f"{thing.name} no longer says, in row {list(before).index(key) + 1}: {said}", said, None, "rows")
    kept = [[_condition_words(key) for key in these if key in others] for these, others in ((before, after), (after, before))]
    yield from thing.order("rows", *kept)


def _by_condition(rows: Sequence[AnyRow]) -> dict[str, AnyRow]:
    """The rows by their condition; a condition that stands there again, which nothing reaches, by its place too."""
    found: dict[str, AnyRow] = {}
    for number, row in enumerate(rows, start=1):
        key = "" if row.when is None else normal(row.when)
        found[key if key not in found else f"{key} [row {number}]"] = row
    return found


def _with_new_condition(before: Mapping[str, AnyRow], after: Mapping[str, AnyRow]) -> dict[str, str]:
    """Rows that say the same for the same reason under another condition: the old condition and the new."""
    waiting = [key for key in after if key and key not in before]
    found: dict[str, str] = {}
    for key in (key for key in before if key and key not in after):
        fitting = next((other for other in waiting if _answer(after[other]) == _answer(before[key])), None)
        if fitting is not None:
            waiting.remove(fitting)
            found[key] = fitting
    return found


def _row(thing: Thing, key: str, old: AnyRow, new: AnyRow) -> Iterator[Change]:
    before, after = _result(old), _result(new)
    if before != after:
        yield thing.change(f"{thing.name}: {_condition_words(key)}, the answer was {before}, is now {after}", before, after, "rows")
    named = replace(thing, name=f"{thing.name}, {_condition_words(key)}")
    yield from field_changes(named, old, new, skip=NOT_BESIDE)


def _condition(thing: Thing, old: str, new: str, before: AnyRow, after: AnyRow) -> Iterator[Change]:
    yield thing.change(f"{thing.name}: {_answer(after)} was said if `{old}`, is now said if `{new}`", old, new, "rows")
    yield from field_changes(replace(thing, name=f"{thing.name}, if `{new}`"), before, after, skip=NOT_BESIDE)


def _condition_words(key: str) -> str:
    return f"if `{key}`" if key else "otherwise"


def _answer(row: AnyRow) -> str:
    return f"{_result(row)} ({row.because})" if row.because else _result(row)


def _result(row: AnyRow) -> str:
    if isinstance(row, VerdictRow):
        return f"“{VERDICT_WORDS[row.word]}”"
    return f"“{(shown(row.then if row.when is not None else row.otherwise) or '').replace(', ', ' or ')}”"
