"""Facts in words, each with the entries it came from: the key facts, the wishes, the bar, the list behind the page."""

from __future__ import annotations

from collections.abc import Iterator

from nelm.advice.findings import Advice
from nelm.criteria.explain import fact_used, recorded_names
from nelm.patient.record import Entry
from nelm.patient.words import value_in_words
from nelm.reports.layout import Layout, ShownFact, ShownGroup
from nelm.reports.view import Fact, FactCluster, FactGroup, KnownFact, Wishes
from nelm.reports.words import IN_DISPUTE, NO_DATE, NOT_ASKED, NOT_KNOWN, SET_ASIDE, counted, cut

ENTRIES_SHOWN = 5


class FactWords:
    """What is known of one patient, in words."""

    def __init__(self, advice: Advice, layout: Layout) -> None:
        self.facts = advice.facts
        self.knowledge = advice.knowledge
        self.layout = layout
        self.contradicted = advice.facts.contradicted()

    # -- values -------------------------------------------------------------------------------------

    def value(self, name: str) -> str:
        """A fact of any kind in words; `not known` where the record says nothing about it."""
        element = self.knowledge.elements.get(name)
        if element is not None and element.value_type is None:
            return "; ".join(self._stated(name)) or NOT_KNOWN
        return value_in_words(name, self.facts.value_of(name), self.knowledge)

    def _stated(self, name: str) -> tuple[str, ...]:
        """What entries say of a text or a list, each once."""
        return tuple(dict.fromkeys(text for entry in self.facts.entries if (text := self._in_entry(entry, name))))

    def _in_entry(self, entry: Entry, name: str) -> str:
        """One field of one entry in words; empty where it is not stated."""
        value = entry.values.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, tuple):
            element = self.knowledge.elements[name]
            return ", ".join(element.label_of(str(item)) for item in value)
        return value_in_words(name, value, self.knowledge)

    def note(self, name: str) -> str:
        """Why a fact is open although something was entered: set aside, or in dispute."""
        names = {name, *self._behind(name)}
        if names & self.facts.set_aside:
            return SET_ASIDE.lower()
        return IN_DISPUTE if names & self.contradicted else ""

    # -- origins ------------------------------------------------------------------------------------

    def origin(self, name: str) -> str:
        """The entries behind a fact, with date and source."""
        found = cut([self.entry_name(entry) for entry in self.entries_behind(name)], 3)
        return "; ".join(found)

    def entries_behind(self, name: str) -> tuple[Entry, ...]:
        """The entries that a fact was taken from, or that the facts came from which it follows from."""
        element = self.knowledge.elements.get(name)
        if element is not None and element.value_type is None:
            return tuple(entry for entry in self.facts.entries if name in entry.values)
        own = self.facts.origins.get(name)
        if own is not None:
            return own
        return tuple(dict.fromkeys(entry for fact in self._behind(name) for entry in self.facts.origins.get(fact, ())))

    def _behind(self, name: str) -> tuple[str, ...]:
        if self.knowledge.model.type_of(name) is None:
            return ()
        used = fact_used(name, self.facts.evaluator)
        return tuple(dict.fromkeys(fact for row in used.rows for fact in recorded_names(row))) if used.derived else (name,)

    def entry_name(self, entry: Entry) -> str:
        """`specimen 1, primary, 2018-03, pathology review`."""
        own = tuple(text for name in self.layout.entry_names.get(entry.record_key, ()) if (text := self._in_entry(entry, name)))
        many = self.knowledge.entities[entry.record_key].many
        number = (f"{entry.entity.replace('_', ' ')} {entry.number}",) if many else ()
        source = (entry.source,) if entry.source else ()
        return ", ".join((*number, *own, entry.date_written or NO_DATE, *source))

    # -- the parts of the page ------------------------------------------------------------------------

    def person(self) -> str:
        said = []
        for name in self.layout.person:
            value = self.value(name)
            said.append(f"{self.knowledge.label(name).lower()} {value}" if value == NOT_KNOWN else value)
        return " · ".join(said)

    def wishes(self) -> Wishes:
        value = self.value(self.layout.wishes)
        return Wishes(NOT_ASKED, False) if value == NOT_KNOWN else Wishes(value, True)

    def key_facts(self) -> tuple[FactGroup, ...]:
        return tuple(self._entries(group) if group.entries else self._group(group) for group in self.layout.key_facts)

    def _group(self, group: ShownGroup) -> FactGroup:
        found = [*group.facts, *(shown for shown in group.if_known if self.value(shown.fact) != NOT_KNOWN)]
        clusters: dict[str, list[Fact]] = {}
        for shown in found:
            fact = self.fact(shown)
            clusters.setdefault(self.origin(shown.fact) if fact.known else "", []).append(fact)
        unknown = clusters.pop("", [])
        known = tuple(FactCluster(tuple(facts), origin) for origin, facts in clusters.items())
        return FactGroup(group.label, (*known, *((FactCluster(tuple(unknown)),) if unknown else ())))

    def fact(self, shown: ShownFact) -> Fact:
        value = self.value(shown.fact)
        known = value != NOT_KNOWN
        label = shown.label or self.knowledge.label(shown.fact)
        return Fact("" if shown.bare and known else label, value, known, self.note(shown.fact))

    def _entries(self, group: ShownGroup) -> FactGroup:
        """One cluster per entry of a part of the record, the latest entered first where there are too many."""
        entity = self.knowledge.entities[group.entries or ""]
        entries = [entry for entry in self.facts.entries if entry.entity == entity.entity]
        complete = entity.entity in self.facts.record.complete
        if not entries:
            return FactGroup(group.label, (FactCluster((Fact("", "none" if complete else NOT_KNOWN, complete),)),))
        told = [
            (", ".join(filter(None, (self._in_entry(entry, name) for name in group.show))) or self.entry_name(entry), entry)
            for entry in entries
        ]
        shown = told[-ENTRIES_SHOWN:]
        clusters = tuple(FactCluster((Fact("", text, True),), _when(entry)) for text, entry in shown)
        more = [f"and {counted(len(told) - len(shown), 'earlier entry', 'earlier entries')}"] if len(told) > len(shown) else []
        more += [] if complete else ["there may be more: the list is not declared complete"]
        return FactGroup(group.label, clusters, "; ".join(more))

    def names(self) -> Iterator[str]:
        """The facts of the patient, recorded and derived, in the order of the dictionary; not those of single entries."""
        for name in dict.fromkeys((*self.knowledge.elements, *self.knowledge.derivations)):
            derivation = self.knowledge.derivations.get(name)
            if derivation is None or derivation.per is None:
                yield name

    def known(self) -> Iterator[KnownFact]:
        """Every fact about which something is known."""
        for name in self.names():
            value = self.value(name)
            if value != NOT_KNOWN:
                note = self.note(name)
                yield KnownFact(self.knowledge.label(name), f"{value} ({note})" if note else value, self.origin(name))

    def items(self, name: str) -> tuple[str, ...]:
        """The items that entries list under a list element, each once."""
        listed = (entry.values.get(name) for entry in self.facts.entries)
        return tuple(dict.fromkeys(str(item) for value in listed if isinstance(value, tuple) for item in value))


def _when(entry: Entry) -> str:
    return ", ".join((entry.date_written or NO_DATE, *((entry.source,) if entry.source else ())))
