"""Changes of what all documents share: how they relate, what follows from facts, the facts themselves, the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from nelm.knowledge.base import Knowledge
from nelm.knowledge.changed_rules import row_changes
from nelm.knowledge.changes import Change, Kind, Thing, field_changes, normal, pairs
from nelm.knowledge.derivations import ConsistencyRule, Derivation
from nelm.knowledge.dictionary import Code, Element, Entity
from nelm.knowledge.evidence import PictureRule
from nelm.knowledge.guideline import Conflict, Option, Topic, TopicAspect
from nelm.knowledge.vocabulary import Term

T = TypeVar("T")


def shared_changes(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    """Everything outside the documents: topics and conflicts first, then the facts, then the words."""
    yield from _each("topic", _by_id(old.topics), _by_id(new.topics), _title, _topic)
    yield from _each("conflict", _by_id(old.conflicts), _by_id(new.conflicts), _title, field_changes)
    yield from _each("option", _by_id(old.options), _by_id(new.options), _label, field_changes, named=_label)
    yield from _each("derived_fact", old.derivations, new.derivations, _label, _derivation, named=_label)
    yield from _each("consistency_rule", _by_id(old.rules), _by_id(new.rules), _rule, field_changes)
    yield from _each("part_of_the_record", old.entities, new.entities, _label, _entity, named=_label)
    yield from _each("data_element", old.elements, new.elements, _label, _element, named=_label)
    yield from _each("term", old.terms, new.terms, _label, field_changes, named=_label)
    yield from _each("need", old.needs, new.needs, _label, field_changes, named=_label)
    yield from _each("picture", _by_id(old.pictures), _by_id(new.pictures), _title, field_changes)


Identified = TypeVar("Identified", Topic, Conflict, Option, ConsistencyRule, PictureRule)


def _by_id(items: Iterable[Identified]) -> dict[str, Identified]:
    return {item.id: item for item in items}


def _each(
    kind: Kind,
    old: Mapping[str, T],
    new: Mapping[str, T],
    says: Callable[[T], str],
    changed: Callable[[Thing, T, T], Iterator[Change]],
    named: Callable[[T], str] | None = None,
) -> Iterator[Change]:
    """Things with a key: new or gone, told by `says`, or changed. `named` is how a sentence calls one, beside its key."""
    for key, then, now in pairs(old, new):
        if then == now:
            continue
        if then is not None and now is not None:
            name = f"{kind.replace('_', ' ')} {key}" if named is None else f"'{named(now)}' ({key})"
            yield from changed(Thing(kind, key, name), then, now)
        else:
            yield from Thing(kind, key, key).whole(*(None if found is None else says(found) for found in (then, now)))


def _title(found: Topic | Conflict | PictureRule) -> str:
    return found.title


def _label(found: Option | Derivation | Entity | Element | Term) -> str:
    return found.label


def _rule(found: ConsistencyRule) -> str:
    return f"{found.says.removesuffix('.')} (if `{normal(found.when)}`)"


# -- topics ---------------------------------------------------------------------------------------


def _topic(thing: Thing, old: Topic, new: Topic) -> Iterator[Change]:
    yield from field_changes(thing, old, new, skip=("aspects",))
    before = {aspect.says: aspect for aspect in old.aspects}
    after = _under_old_wording(before, {aspect.says: aspect for aspect in new.aspects})
    for says, then, now in pairs(before, after):
        if then is not None and now is not None:
            yield from field_changes(Thing("aspect", thing.id, f"{thing.name}, “{says.removesuffix('.')}”"), then, now)
        else:
            yield from Thing("aspect", thing.id, f"of {thing.name}").whole(*(_aspect(found) for found in (then, now)))


def _under_old_wording(before: Mapping[str, TopicAspect], after: Mapping[str, TopicAspect]) -> dict[str, TopicAspect]:
    """The new aspects by their wording; one that was only reworded, by the wording that it had."""
    waiting = {says: aspect for says, aspect in before.items() if says not in after}
    found: dict[str, TopicAspect] = {}
    for says, aspect in after.items():
        had = None if says in before else next((old for old, other in waiting.items() if _same_aspect(other, aspect)), None)
        found[says if had is None else had] = aspect
        waiting.pop(had or "", None)
    return found


def _same_aspect(old: TopicAspect, new: TopicAspect) -> bool:
    return (old.relation, old.by, old.statements) == (new.relation, new.by, new.statements)


def _aspect(found: TopicAspect | None) -> str | None:
    return None if found is None else f"{found.relation.replace('_', ' ')}: {found.says}"


# -- facts ----------------------------------------------------------------------------------------


def _derivation(thing: Thing, old: Derivation, new: Derivation) -> Iterator[Change]:
    """A derived fact; the rows of its table read like those of a verdict."""
    yield from field_changes(thing, old, new, skip=("table", "codes"))
    yield from _codes(thing, old.codes, new.codes)
    yield from row_changes(thing, old.table, new.table)


def _entity(thing: Thing, old: Entity, new: Entity) -> Iterator[Change]:
    """A part of the record, without its elements, which are told one by one."""
    yield from field_changes(thing, old, new, skip=("elements",))


def _element(thing: Thing, old: Element, new: Element) -> Iterator[Change]:
    yield from field_changes(thing, old, new, skip=("codes",))
    yield from _codes(thing, old.codes, new.codes)


def _codes(thing: Thing, old: Iterable[Code], new: Iterable[Code]) -> Iterator[Change]:
    """The permitted codes; their order is their rank."""
    before, after = ({code.code: code for code in codes} for codes in (old, new))
    for key, then, now in pairs(before, after):
        if then is not None and now is not None:
            yield from field_changes(Thing("code", f"{thing.id}.{key}", f"{thing.name}, code {key}"), then, now)
            continue
        code = now or then
        assert code is not None
        says = f"{thing.name} {'may now also be' if then is None else 'may no longer be'} '{code.label}' ({key})"
        yield thing.change(says, None if then is None else key, None if now is None else key, "codes")
    yield from thing.order("codes", [key for key in before if key in after], [key for key in after if key in before])
