"""From the record to the facts as of a date: what is chosen, from which entry, and what contradicts what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from nelm.criteria import Evaluator, Spans, Truth, Value, meet, union
from nelm.knowledge.base import Knowledge
from nelm.knowledge.derivations import ConsistencyRule, Derivation
from nelm.patient import gather
from nelm.patient.entry_facts import Contradiction, EntryFacts, rules_that_hold
from nelm.patient.record import Entry, Record
from nelm.patient.together import Chosen, Said, Together


@dataclass(frozen=True)
class Facts:
    """What may still be true of one patient as of a date, and where each fact came from."""

    record: Record
    as_of: date | None
    values: Mapping[str, Value]
    origins: Mapping[str, tuple[Entry, ...]]
    contradictions: tuple[Contradiction, ...]
    entries: tuple[Entry, ...]
    by_entry: Mapping[Entry, EntryFacts] = field(default_factory=dict, repr=False)
    set_aside: frozenset[str] = frozenset()
    evaluator: Evaluator = field(default=None, repr=False, compare=False)  # type: ignore[assignment]

    def value_of(self, name: str) -> Value:
        return self.evaluator.value_of(name)

    def contradicted(self) -> frozenset[str]:
        """The facts that are undetermined because entries contradict one another, or because a value was set aside."""
        disputed = {name for found in self.contradictions if found.severity == "contradiction" for name in found.facts}
        return frozenset(disputed | self.set_aside)


def facts_of(
    record: Record,
    knowledge: Knowledge,
    as_of: date | None = None,
    *,
    assume: Mapping[str, Value] | None = None,
    said: Said | None = None,
) -> Facts:
    """The facts of a record.

    `as_of` leaves out entries that are certainly later; without it the record's own date counts, and
    without that everything. `assume` replaces facts by what a question supposes. `said` is for whoever asks for
    several moments of a record: what its entries say (also of a record from which entries were left out since).
    """
    return _Choosing(record, knowledge, as_of or _day(record.as_of), said or Said(record, knowledge)).facts(assume or {})


def _day(spans: Spans | None) -> date | None:
    return None if spans is None else date.fromordinal(int(spans.high.high))


class _Choosing:
    def __init__(self, record: Record, knowledge: Knowledge, as_of: date | None, said: Said) -> None:
        self.record = record
        self.knowledge = knowledge
        self.as_of = as_of
        self.said = said
        self.values: dict[str, Value] = {}
        self.origins: dict[str, tuple[Entry, ...]] = {}
        self.contradictions: list[Contradiction] = []
        self.quiet: set[str] = set()
        self.entries = tuple(entry for entry in record.entries if self._known_by_then(entry))

    def _known_by_then(self, entry: Entry) -> bool:
        return self.as_of is None or entry.date is None or entry.date.low.low <= self.as_of.toordinal()

    def facts(self, assume: Mapping[str, Value]) -> Facts:
        self._take_what_entries_say()
        self._reconcile()
        self._judge_rules()
        self.values.update(assume)
        values = dict(self.values)
        return Facts(
            record=self.record,
            as_of=self.as_of,
            values=values,
            origins=dict(self.origins),
            contradictions=tuple(self.contradictions),
            entries=self.entries,
            by_entry=self.said.by_entry,
            set_aside=self._set_aside(),
            evaluator=Evaluator(self.knowledge.model, values),
        )

    def _set_aside(self) -> frozenset[str]:
        """The facts whose value was set aside, and those gathered from it."""
        elements = {item.element for item in self.record.set_aside}
        if not elements:
            return frozenset()
        return frozenset(elements | {name for name in self.knowledge.derivations if self.knowledge.elements_behind(name) & elements})

    # -- what the entries say -------------------------------------------------------------------------

    def _take_what_entries_say(self) -> None:
        for entry in self.entries:
            self.contradictions += self.said.by_entry[entry].contradictions
            self.quiet |= self.said.by_entry[entry].quiet
        together = self._together()
        for of_entity in together.values():
            self.values.update(of_entity.values)
            self.origins.update(of_entity.origins)
            self.contradictions += of_entity.contradictions
        for name, derivation in self.knowledge.derivations.items():
            if derivation.years_since is not None:
                self._years(derivation, derivation.years_since)
            elif derivation.over is not None and (gathered := together[derivation.over].derivations.get(name)):
                self._gather(derivation, gathered)

    def _together(self) -> dict[str, Together]:
        """What the entries of each entity say together."""
        entries: dict[str, list[Entry]] = {entity: [] for entity in self.knowledge.entry_models}
        for entry in self.entries:
            entries[entry.entity].append(entry)
        return {entity: self.said.together(entity, tuple(found)) for entity, found in entries.items()}

    def _gather(self, derivation: Derivation, gathered: Chosen) -> None:
        if gathered.contradiction is not None:
            self.contradictions.append(gathered.contradiction)
        self._keep(derivation, gathered.value, gathered.entries)

    def _keep(self, derivation: Derivation, value: Value, entries: Iterable[Entry]) -> None:
        """Hold a gathered value; what was also entered goes before it, or is reconciled with it."""
        name = derivation.name
        entered = self.values.get(name)
        if value == self.knowledge.model.domain_of(name) or (entered is not None and derivation.entered != name):
            return
        self.origins[name] = (*self.origins.get(name, ()), *entries)
        self.values[name] = value if entered is None else self._reconciled(derivation, entered, value)

    def _years(self, derivation: Derivation, birth: str) -> None:
        """Whole years from a day of birth, which may be partly known, to the day that the facts are as of."""
        born, day = self.values.get(birth), self.as_of or date.today()
        if not isinstance(born, Spans):
            return
        oldest, youngest = (_whole_years(date.fromordinal(int(limit)), day) for limit in (born.low.low, born.high.high))
        if oldest >= 0:
            self._keep(derivation, gather.number_range(max(youngest, 0), oldest), self.origins[birth])

    # -- the whole patient ------------------------------------------------------------------------------

    def _reconcile(self) -> None:
        """Facts that were entered and also follow from others."""
        for name, derivation in self.knowledge.derivations.items():
            entered = self.values.get(name)
            if entered is None or derivation.entered != name or name not in self.knowledge.model.definitions:
                continue
            others = {other: value for other, value in self.values.items() if other != name}
            computed = Evaluator(self.knowledge.model, others).value_of(name)
            self.values[name] = self._reconciled(derivation, entered, computed)

    def _reconciled(self, derivation: Derivation, entered: Value, computed: Value) -> Value:
        """What an entry and a computed value say together; both are kept where they exclude one another."""
        agreed = meet(entered, computed)
        if agreed is not None:
            return agreed
        name = derivation.name
        later = self._later(self.origins[name], self._entries_behind(name))
        if later is not None:
            return entered if later else computed
        says = f"{derivation.label}: the entry and what follows from the other findings exclude one another."
        found = Contradiction(f"{name}_entered_and_computed", says, "contradiction", (name,), self.origins[name])
        self.contradictions.append(found)
        return union(entered, computed)

    def _entries_behind(self, name: str) -> tuple[Entry, ...]:
        """The entries that the computed value of a fact rests on."""
        used = {fact for condition in self.knowledge.model.conditions_of(name) for fact in self.knowledge.model.recorded_facts(condition)}
        return tuple(entry for fact in sorted(used - {name}) for entry in self.origins.get(fact, ()))

    def _later(self, entered: tuple[Entry, ...], behind: tuple[Entry, ...]) -> bool | None:
        """True where the entry is certainly later than what the computation rests on, False where earlier, None where that is open."""
        first, second = [entry.date for entry in entered], [entry.date for entry in behind]
        if not first or not second or None in first or None in second:
            return None
        own, others = [date for date in first if date], [date for date in second if date]
        if min(date.low.low for date in own) > max(date.high.high for date in others):
            return True
        return False if max(date.high.high for date in own) < min(date.low.low for date in others) else None

    def _judge_rules(self) -> None:
        for found in rules_that_hold(None, Evaluator(self.knowledge.model, self.values), self.knowledge):
            facts = sorted(found.facts & self.origins.keys())
            self._note(found.rule, tuple(dict.fromkeys(entry for name in facts for entry in self.origins[name])))
            if found.rule.severity == "contradiction":
                self.values.update({name: self.knowledge.model.domain_of(name) for name in found.rule.widens})
        happened = {found.id for found in self.contradictions} | self.quiet
        for derivation in self.knowledge.derivations.values():
            if derivation.fired:
                self.values[derivation.name] = Truth.from_bool(not happened.isdisjoint(derivation.fired))

    def _note(self, rule: ConsistencyRule, entries: tuple[Entry, ...]) -> None:
        if rule.severity == "quiet":
            self.quiet.add(rule.id)
        else:
            self.contradictions.append(Contradiction(rule.id, rule.says, rule.severity, rule.widens, entries))


def _whole_years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
