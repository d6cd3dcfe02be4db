"""What the entries of a record say, each by itself and those of one entity together: a fact chosen or gathered from several entries.

At two moments between which no entry of an entity lies they say the same, so that it is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from nelm.criteria import Codes, Truth, Value
from nelm.criteria.truth import AND
from nelm.knowledge.base import Knowledge
from nelm.knowledge.derivations import Derivation
from nelm.knowledge.dictionary import Element
from nelm.patient import gather
from nelm.patient.entry_facts import Contradiction, EntryFacts, facts_of_entry
from nelm.patient.gather import Dated
from nelm.patient.record import Entry, Record


@dataclass(frozen=True)
class Chosen:
    """A value chosen from several entries, the entries that it rests on, and how they contradict one another."""

    value: Value
    entries: tuple[Entry, ...]
    contradiction: Contradiction | None = None


@dataclass(frozen=True)
class Together:
    """What entries of one entity say together.

    `values` and `origins` are those of its elements, with what is contradictory among them; `derivations` are gathered over it.
    """

    values: Mapping[str, Value]
    origins: Mapping[str, tuple[Entry, ...]]
    contradictions: tuple[Contradiction, ...]
    derivations: Mapping[str, Chosen]


class Said:
    """What the entries of one record say, worked out once for all moments."""

    def __init__(self, record: Record, knowledge: Knowledge) -> None:
        self.by_entry: Mapping[Entry, EntryFacts] = {entry: facts_of_entry(entry, knowledge) for entry in record.entries}
        self._complete = record.complete
        self._knowledge = knowledge
        self._together: dict[tuple[str, tuple[Entry, ...]], Together] = {}

    def together(self, entity: str, entries: tuple[Entry, ...]) -> Together:
        """What some of the entries, all of one entity, say together."""
        found = self._together.get((entity, entries))
        if found is None:
            reading = _Reading(entity, entries, self.by_entry, entity in self._complete, self._knowledge)
            found = self._together[entity, entries] = reading.together()
        return found


@dataclass(frozen=True)
class _Reading:
    entity: str
    entries: tuple[Entry, ...]
    by_entry: Mapping[Entry, EntryFacts]
    complete: bool
    knowledge: Knowledge

    def together(self) -> Together:
        elements = self._elements()
        return Together(
            values={name: chosen.value for name, chosen in elements.items()},
            origins={name: chosen.entries for name, chosen in elements.items()},
            contradictions=tuple(chosen.contradiction for chosen in elements.values() if chosen.contradiction is not None),
            derivations=self._derivations(),
        )

    def _dated(self, name: str, where: Callable[[Entry], Truth]) -> list[Dated]:
        """The entries that state a fact and may count, with its value."""
        return [
            Dated(value, entry.date, counts, entry)
            for entry in self.entries
            if (value := self.by_entry[entry].value_of(name)) is not None and (counts := where(entry)).can_be_true
        ]

    # -- elements --------------------------------------------------------------------------------------

    def _elements(self) -> dict[str, Chosen]:
        stated = self.knowledge.derived_in_entries.union(*(self.by_entry[entry].values for entry in self.entries))
        elements = self.knowledge.entity_by_name(self.entity).elements
        chosen = ((element.name, self._chosen(element)) for element in elements if element.name in stated)
        return {name: found for name, found in chosen if found is not None}

    def _chosen(self, element: Element) -> Chosen | None:
        stated = self._dated(element.name, _always)
        if not stated:
            return None
        chosen, among = gather.choose(element.select, stated, element.value_type)
        if not isinstance(chosen, gather.Disagreement):
            return Chosen(chosen, among)
        if self.knowledge.entity_by_name(self.entity).apart:
            return Chosen(chosen.everything, among)
        says = f"{element.label}: {_said(element, among)}. The entries exclude one another and none is later."
        contradiction = Contradiction(f"{element.name}_twice", says, "contradiction", (element.name,), among)
        return Chosen(chosen.everything, among, contradiction)

    # -- derivations -----------------------------------------------------------------------------------

    def _derivations(self) -> dict[str, Chosen]:
        gathered = ((derivation.name, self._gathered(derivation)) for derivation in self.knowledge.gathered_over(self.entity))
        return {name: found for name, found in gathered if found is not None}

    def _gathered(self, derivation: Derivation) -> Chosen | None:
        where = self._counting(derivation)
        if derivation.any is not None:
            holds = self._judge(f"{derivation.name}#any", derivation.any)
            return self._any([AND[where(entry), holds(entry)] for entry in self.entries])
        if derivation.stated is not None:
            return self._any([AND[where(entry), Truth.from_bool(derivation.stated in entry.values)] for entry in self.entries])
        if derivation.at_highest is not None:
            return self._at_highest(derivation.at_highest.of, derivation.at_highest.by, where)
        return self._one(derivation, where)

    def _any(self, holds: Iterable[Truth]) -> Chosen:
        return Chosen(gather.any_holds(holds, self.complete), self.entries)

    def _at_highest(self, of: str, by: str, where: Callable[[Entry], Truth]) -> Chosen | None:
        """One fact of the entry in which another is highest."""
        model = self.knowledge.entry_models[self.entity]
        said = [(self.by_entry[entry].value_of(by), self.by_entry[entry].value_of(of), where(entry), entry) for entry in self.entries]
        found = [
            (by_value or model.domain_of(by), of_value or model.domain_of(of), counts, entry)
            for by_value, of_value, counts, entry in said
            if counts.can_be_true and (by_value is not None or of_value is not None)
        ]
        if all(counts is not Truth.TRUE for _, _, counts, _ in found):
            return None
        values = [(by_value, of_value, counts) for by_value, of_value, counts, _ in found]
        return Chosen(gather.at_highest(values, model.type_of(by), model.type_of(of)), tuple(entry for *_, entry in found))

    def _one(self, derivation: Derivation, where: Callable[[Entry], Truth]) -> Chosen | None:
        """highest, lowest, latest, earliest of one fact over the entries that fulfil `where`."""
        select, name = next((kind, name) for kind in ("highest", "lowest", "latest", "earliest") if (name := getattr(derivation, kind)))
        stated = self._dated(name, where)
        if all(item.where is not Truth.TRUE for item in stated):
            return None  # none of them is known to count: anything may still be
        if derivation.unranked_with is not None and (unranked := self._unranked(derivation, derivation.unranked_with, stated)):
            return unranked
        chosen, among = gather.choose(select, stated, self.knowledge.entry_models[self.entity].type_of(name))
        return Chosen(chosen.everything if isinstance(chosen, gather.Disagreement) else chosen, among)

    def _unranked(self, derivation: Derivation, apart: str, stated: list[Dated]) -> Chosen | None:
        """One code that has no rank among the others: with it on one side and others on the other, all are kept."""
        sure = [item for item in stated if isinstance(item.value, Codes) and item.where is Truth.TRUE]
        with_it = [item for item in sure if item.value == Codes.of(apart)]
        without = [item for item in sure if isinstance(item.value, Codes) and apart not in item.value.members]
        if not with_it or not without:
            return None
        entries = tuple(item.entry for item in (*with_it, *without))
        where = self.knowledge.entity_by_name(self.entity).record_key
        says = f"{derivation.label}: one of the {where} is {apart}, another is not. They are not ranked; this needs review by the team."
        contradiction = Contradiction(f"{derivation.name}_unranked", says, "contradiction", (derivation.name,), entries)
        return Chosen(gather.union_of([item.value for item in stated]), entries, contradiction)

    def _counting(self, derivation: Derivation) -> Callable[[Entry], Truth]:
        """Whether an entry counts: where `where` holds, unless `unless` is known to hold."""
        where = self._judge(f"{derivation.name}#where", derivation.where)
        if derivation.unless is None:
            return where
        left_out = self._judge(f"{derivation.name}#unless", derivation.unless)
        return lambda entry: Truth.FALSE if left_out(entry) is Truth.TRUE else where(entry)

    def _judge(self, key: str, text: str | None) -> Callable[[Entry], Truth]:
        if text is None:
            return _always
        condition = self.knowledge.conditions[key]
        return lambda entry: self.by_entry[entry].truth(condition)


def _always(_: Entry) -> Truth:
    return Truth.TRUE


def _said(element: Element, entries: Iterable[Entry]) -> str:
    unit = f" {element.unit}" if element.unit else ""
    return " and ".join(
        f"{entry.written.get(element.name, '?')}{unit} ({entry.name}{', ' + entry.source if entry.source else ''})" for entry in entries
    )
