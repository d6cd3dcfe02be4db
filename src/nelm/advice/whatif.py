"""What would change the advice: a fact cut at every threshold, and the verdicts in each part of its domain."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from nelm.advice.assess import chosen_guidelines
from nelm.advice.findings import Advice, Word
from nelm.advice.verdicts import Judge
from nelm.criteria import Expression, Model, Value, admits, nearest, union
from nelm.criteria.residual import cells
from nelm.knowledge.base import Knowledge
from nelm.knowledge.yamlfile import Mark
from nelm.patient.facts import Facts, facts_of
from nelm.patient.record import Entry, Record

MAXIMUM_CELLS = 400


class NotAFact(ValueError):
    """A name that no what-if can be asked about; the message says which are permitted."""


@dataclass(frozen=True)
class Cell:
    """One combination of parts of the asked facts' domains, with the word of every verdict."""

    values: Mapping[str, Value]
    words: Mapping[str, Word]
    is_now: bool


@dataclass(frozen=True)
class WhatIf:
    """The verdicts in every cell; cells next to one another with the same words are one."""

    facts: tuple[str, ...]
    now: Mapping[str, Word]
    cells: tuple[Cell, ...]

    @property
    def changing(self) -> tuple[str, ...]:
        """The verdicts that are not the same in all cells."""
        return tuple(key for key in self.now if len({cell.words[key] for cell in self.cells}) > 1)


@dataclass(frozen=True)
class Flip:
    """A single change of one known fact that changes a verdict."""

    fact: str
    value: Value
    verdict: str
    was: Word
    becomes: Word


def what_if(
    record: Record, knowledge: Knowledge, facts: Sequence[str], *, as_of: date | None = None, guidelines: Iterable[str] = ()
) -> WhatIf:
    """The advice in every cell of one or several facts.

    Facts that were entered, or that derived ones rest on, are changed in the record itself, so that everything
    that follows from them changes too. Raises NotAFact for a name that cannot be varied.
    """
    world = _World(record, knowledge, as_of, tuple(guidelines))
    axes = [world.cells_of(name) for name in facts]
    if (total := _product(len(axis) for axis in axes)) > MAXIMUM_CELLS:
        raise NotAFact(f"These facts together have {total} combinations; at most {MAXIMUM_CELLS} are shown. Ask about fewer at a time.")
    now = world.words({})
    found: list[Cell] = []
    for combination in itertools.product(*axes):
        values = dict(zip(facts, combination, strict=True))
        found.append(Cell(values, world.words(values), world.is_now(values)))
    return WhatIf(tuple(facts), now, tuple(_merged(found, facts)))


def flips(advice: Advice, verdicts: Iterable[str], *, limit: int = 12) -> tuple[Flip, ...]:
    """Single changes of a known number or judgement that turn a named verdict for or against something.

    In the order of the named verdicts; each fact and verdict once, with the first value that changes it.
    """
    world = _World(advice.facts.record, advice.knowledge, advice.facts.as_of, tuple(scope.guideline for scope in advice.scopes))
    watched = tuple(verdicts)
    found: dict[tuple[str, str], Flip] = {}
    for name in world.known_facts(watched):
        before = advice.words()
        for cell in world.cells_of(name):
            if world.is_now({name: cell}):
                continue
            words = world.words({name: cell})
            for key in watched:
                if _turns(before[key], words[key]):
                    found.setdefault((name, key), Flip(name, cell, key, before[key], words[key]))
    order = {key: number for number, key in enumerate(watched)}
    return tuple(sorted(found.values(), key=lambda flip: (order[flip.verdict], flip.fact)))[:limit]


def _turns(was: Word, becomes: Word) -> bool:
    pair = {was, becomes}
    return was is not becomes and bool(pair & {Word.FOR, Word.AGAINST}) and not pair & {Word.UNKNOWN, Word.OUT}


class _World:
    """One record, to be looked at with some facts changed."""

    def __init__(self, record: Record, knowledge: Knowledge, as_of: date | None, guidelines: tuple[str, ...]) -> None:
        self.record = record
        self.knowledge = knowledge
        self.as_of = as_of
        self.guidelines = chosen_guidelines(knowledge, guidelines)
        self.facts = facts_of(record, knowledge, as_of)

    def words(self, values: Mapping[str, Value]) -> dict[str, Word]:
        """The word of every verdict with the facts changed."""
        judge = Judge(self.knowledge, self._supposing(values))
        words: dict[str, Word] = {}
        for guideline in self.guidelines:
            scope = judge.scope_word(guideline)
            for verdict in self.knowledge.guidelines[guideline].verdicts:
                words[verdict.key] = judge.word(verdict) if scope is Word.IN else scope
        return words

    def _supposing(self, values: Mapping[str, Value]) -> Facts:
        """The facts with some changed; entries that would contradict the change are left out, others stay."""
        entered = {name: value for name, value in values.items() if name in self.knowledge.elements}
        assume = {name: value for name, value in values.items() if name not in entered}
        kept = self._changed(entered, assume, keep_entered=True)
        known = {found.id for found in self.facts.contradictions}
        if {found.id for found in kept.contradictions if found.severity == "contradiction"} <= known:
            return kept
        return self._changed(entered, assume, keep_entered=False)

    def _changed(self, entered: Mapping[str, Value], assume: Mapping[str, Value], *, keep_entered: bool) -> Facts:
        record = self.record
        for name, value in entered.items():
            record = with_value(record, self.knowledge, name, value, keep_entered=keep_entered)
        return facts_of(record, self.knowledge, self.as_of, assume=assume)

    def cells_of(self, name: str) -> list[Value]:
        """The domain of a fact, cut at every threshold that any condition mentions."""
        kind = self.knowledge.model.type_of(name)
        if kind is None:
            known = [*self.knowledge.elements, *self.knowledge.derivations]
            raise NotAFact(f"{name!r} is not a fact that conditions use.{nearest(name, known)} 'nelm case new' lists the names.")
        return cells(kind.domain, self._comparisons(name), self.knowledge.model)

    def _comparisons(self, name: str) -> list[Expression]:
        """Every comparison with a fact, or with what is gathered from it, in any table of the content."""
        found = [
            atom for fact in sorted({name, *self.knowledge.gathered_from(name)}) for atom in self.knowledge.comparisons_in_tables(fact)
        ]
        element = self.knowledge.elements.get(name)
        if element is not None:
            found += self.knowledge.comparisons_with(name, _defined(self.knowledge.entry_models[element.entity]))
        return found

    def is_now(self, values: Mapping[str, Value]) -> bool:
        return all(admits(value, self.current(name)) for name, value in values.items())

    def current(self, name: str) -> Value:
        """What the fact is now; for an element of specimens and the like, what governs."""
        for gathered in sorted(self.knowledge.gathered_from(name)):
            if self.knowledge.derivations[gathered].at_highest is not None:
                return self.facts.value_of(gathered)
        return self.facts.value_of(name)

    def known_facts(self, verdicts: Iterable[str]) -> list[str]:
        """The recorded facts that the tables of the verdicts rest on and whose value is known."""
        asked: dict[str, None] = {}
        for key in verdicts:
            for part in self.knowledge.verdict(key).parts:
                for row in part.rows:
                    asked.update(dict.fromkeys(sorted(self.knowledge.model.recorded_facts(row.when))))
        behind = {name: None for fact in asked for name in self._behind(fact)}
        return [name for name in behind if self._can_change(name) and self.current(name) != self.knowledge.model.domain_of(name)]

    def _can_change(self, name: str) -> bool:
        """A number, or a person's judgement: what may turn out otherwise, unlike the site of the primary."""
        element = self.knowledge.elements[name]
        return element.type in ("quantity", "count") or element.origin == "judgement"

    def _behind(self, fact: str) -> list[str]:
        """The elements of entries behind a gathered fact; the fact itself where it is recorded."""
        derivation = self.knowledge.derivations.get(fact)
        if derivation is None or derivation.over is None:
            return [fact] if fact in self.knowledge.elements else []
        return [derivation.at_highest.of] if derivation.at_highest is not None else []


def with_value(record: Record, knowledge: Knowledge, name: str, value: Value, *, keep_entered: bool) -> Record:
    """The record with an element changed in every entry that states it (or in the last entry, or a new one).

    Without `keep_entered`, what was entered beside it and also follows from it is left out: a reported grade,
    when Ki-67 is varied.
    """
    element = knowledge.elements[name]
    own = [entry for entry in record.entries if entry.entity == element.entity]
    stating = [entry for entry in own if name in entry.values] or own[-1:]
    depends = (
        set()
        if keep_entered
        else {
            derivation.entered
            for derivation in knowledge.derivations.values()
            if derivation.entered and _rests_on(derivation.name, name, knowledge)
        }
    )
    changed = {id(entry): _changed(entry, name, value, depends - {name}) for entry in stating}
    entries = [changed.get(id(entry), entry) for entry in record.entries]
    if not stating:
        entity = knowledge.entity_by_name(element.entity)
        entries.append(Entry(entity.entity, entity.record_key, 1, {name: value}, {name: "supposed"}, Mark(record.file)))
    return replace(record, entries=tuple(entries))


def _changed(entry: Entry, name: str, value: Value, depends: set[str]) -> Entry:
    values = {other: stated for other, stated in entry.values.items() if other not in depends} | {name: value}
    return replace(entry, values=values, written={**entry.written, name: "supposed"})


def _rests_on(derived: str, element: str, knowledge: Knowledge) -> bool:
    derivation = knowledge.derivations[derived]
    model = knowledge.entry_models[derivation.per] if derivation.per else knowledge.model
    return any(element in model.recorded_facts(condition) for condition in model.conditions_of(derived))


def _defined(model: Model) -> Iterable[Expression]:
    for name in model.definitions:
        yield from model.conditions_of(name)


def _merged(found: list[Cell], facts: Sequence[str]) -> Iterable[Cell]:
    """Cells of a single fact that follow one another with the same words are shown as one."""
    if len(facts) != 1:
        return found
    merged: list[Cell] = []
    for cell in found:
        last = merged[-1] if merged else None
        if last is not None and last.words == cell.words:
            name = facts[0]
            merged[-1] = Cell({name: union(last.values[name], cell.values[name])}, cell.words, last.is_now or cell.is_now)
        else:
            merged.append(cell)
    return merged


def _product(lengths: Iterable[int]) -> int:
    total = 1
    for length in lengths:
        total *= length
    return total
