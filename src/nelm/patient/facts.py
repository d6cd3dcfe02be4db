"""From the record to the facts as of a date: what is chosen, from which entry, and what contradicts what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from nelm.criteria import Codes, Evaluator, Spans, Truth, Value, meet, union
from nelm.criteria.truth import AND
from nelm.knowledge.base import Knowledge
from nelm.knowledge.derivations import ConsistencyRule, Derivation
from nelm.knowledge.dictionary import Element
from nelm.patient import gather
from nelm.patient.entry_facts import Contradiction, OfEntries, facts_of_entries, rules_that_hold
from nelm.patient.gather import Dated
from nelm.patient.record import Entry, Record


@dataclass(frozen=True)
class Facts:
    """What may still be true of one patient as of a date, and where each fact came from."""

    record: Record
    as_of: date | None
    values: Mapping[str, Value]
    origins: Mapping[str, tuple[Entry, ...]]
    contradictions: tuple[Contradiction, ...]
    entries: tuple[Entry, ...]
    of_entries: OfEntries = field(default_factory=dict, repr=False)
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
    of_entries: OfEntries | None = None,
) -> Facts:
    """The facts of a record.

    `as_of` leaves out entries that are certainly later; without it the record's own date counts, and
    without that everything. `assume` replaces facts by what a question supposes. `of_entries` is what
    `facts_of_entries` found, for whoever asks for several moments of a record; without it that is worked out here.
    """
    known = facts_of_entries(record, knowledge) if of_entries is None else of_entries
    return _Choosing(record, knowledge, as_of or _day(record.as_of), known).facts(assume or {})


def _day(spans: Spans | None) -> date | None:
    return None if spans is None else date.fromordinal(int(spans.high.high))


class _Choosing:
    def __init__(self, record: Record, knowledge: Knowledge, as_of: date | None, of_entries: OfEntries) -> None:
        self.record = record
        self.knowledge = knowledge
        self.as_of = as_of
        self.of_entries = of_entries
        self.values: dict[str, Value] = {}
        self.origins: dict[str, tuple[Entry, ...]] = {}
        self.contradictions: list[Contradiction] = []
        self.quiet: set[str] = set()
        self.entries = tuple(entry for entry in record.entries if self._known_by_then(entry))
        self.by_entity = {name: [entry for entry in self.entries if entry.entity == name] for name in knowledge.entry_models}
        self.apart = {entity.entity for entity in knowledge.entities.values() if entity.apart}

    def _known_by_then(self, entry: Entry) -> bool:
        return self.as_of is None or entry.date is None or entry.date.low.low <= self.as_of.toordinal()

    def facts(self, assume: Mapping[str, Value]) -> Facts:
        for entry in self.entries:
            self.contradictions += self.of_entries[entry].contradictions
            self.quiet |= self.of_entries[entry].quiet
        stated = self.knowledge.derived_in_entries.union(*(self.of_entries[entry].values for entry in self.entries))
        for name, element in self.knowledge.elements.items():
            if name in stated:
                self._choose(element)
        for derivation in self.knowledge.derivations.values():
            if derivation.over is not None or derivation.years_since is not None:
                self._gather(derivation)
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
            of_entries=self.of_entries,
            set_aside=self._set_aside(),
            evaluator=Evaluator(self.knowledge.model, values),
        )

    def _set_aside(self) -> frozenset[str]:
        """The facts whose value was set aside, and those gathered from it."""
        elements = {item.element for item in self.record.set_aside}
        if not elements:
            return frozenset()
        return frozenset(elements | {name for name in self.knowledge.derivations if self.knowledge.elements_behind(name) & elements})

    # -- one element over the entries -----------------------------------------------------------------

    def _dated(self, entity: str, name: str) -> list[Dated]:
        """The entries of an entity that state a fact, with its value."""
        return [
            Dated(value, entry.date, Truth.TRUE, entry)
            for entry in self.by_entity[entity]
            if (value := self.of_entries[entry].value_of(name)) is not None
        ]

    def _choose(self, element: Element) -> None:
        stated = self._dated(element.entity, element.name)
        if not stated:
            return
        chosen, among = gather.choose(element.select, stated, element.value_type)
        if isinstance(chosen, gather.Disagreement):
            if element.entity not in self.apart:
                says = f"{element.label}: {self._said(element, among)}. The entries exclude one another and none is later."
                self.contradictions.append(Contradiction(f"{element.name}_twice", says, "contradiction", (element.name,), among))
            chosen = chosen.everything
        self.values[element.name] = chosen
        self.origins[element.name] = among

    def _said(self, element: Element, entries: Iterable[Entry]) -> str:
        unit = f" {element.unit}" if element.unit else ""
        return " and ".join(
            f"{entry.written.get(element.name, '?')}{unit} ({entry.name}{', ' + entry.source if entry.source else ''})" for entry in entries
        )

    # -- gathered facts -------------------------------------------------------------------------------

    def _gather(self, derivation: Derivation) -> None:
        if derivation.years_since is not None:
            self._years(derivation, derivation.years_since)
            return
        entity = derivation.over or ""
        entries = self.by_entity[entity]
        complete = entity in self.record.complete
        where = self._counting(derivation)
        if derivation.any is not None:
            holds = self._judge(f"{derivation.name}#any", derivation.any)
            self._keep(derivation, gather.any_holds([_both(where(entry), holds(entry)) for entry in entries], complete), entries)
        elif derivation.stated is not None:
            states = [_both(where(entry), Truth.from_bool(derivation.stated in entry.values)) for entry in entries]
            self._keep(derivation, gather.any_holds(states, complete), entries)
        elif derivation.at_highest is not None:
            of, by = derivation.at_highest.of, derivation.at_highest.by
            model = self.knowledge.entry_models[entity]
            said = [(self.of_entries[entry].value_of(by), self.of_entries[entry].value_of(of), where(entry), entry) for entry in entries]
            pairs = [
                (by_value or model.domain_of(by), of_value or model.domain_of(of), counts, entry)
                for by_value, of_value, counts, entry in said
                if counts.can_be_true and (by_value is not None or of_value is not None)
            ]
            if any(pair[2] is Truth.TRUE for pair in pairs):
                value = gather.at_highest(
                    [(by_value, of_value, sure) for by_value, of_value, sure, _ in pairs], model.type_of(by), model.type_of(of)
                )
                self._keep(derivation, value, [pair[3] for pair in pairs])
        else:
            self._gather_one(derivation, entity, where)

    def _gather_one(self, derivation: Derivation, entity: str, where: Callable[[Entry], Truth]) -> None:
        """highest, lowest, latest, earliest of one fact over the entries that fulfil `where`."""
        select, name = next((kind, name) for kind in ("highest", "lowest", "latest", "earliest") if (name := getattr(derivation, kind)))
        dated = [Dated(item.value, item.date, where(item.entry), item.entry) for item in self._dated(entity, name)]
        stated = [item for item in dated if item.where.can_be_true]
        if all(item.where is not Truth.TRUE for item in stated):
            return  # none of them is known to count: anything may still be
        model = self.knowledge.entry_models[entity]
        if derivation.unranked_with is not None and self._unranked(derivation, derivation.unranked_with, stated):
            return
        chosen, among = gather.choose(select, stated, model.type_of(name))
        if isinstance(chosen, gather.Disagreement):
            chosen = chosen.everything
        self._keep(derivation, chosen, among)

    def _unranked(self, derivation: Derivation, apart: str, stated: list[Dated]) -> bool:
        """One code that has no rank among the others: with it on one side and others on the other, all are kept."""
        sure = [item for item in stated if isinstance(item.value, Codes) and item.where is Truth.TRUE]
        with_it = [item for item in sure if item.value == Codes.of(apart)]
        without = [item for item in sure if isinstance(item.value, Codes) and apart not in item.value.members]
        if not with_it or not without:
            return False
        value: Value = stated[0].value
        for item in stated[1:]:
            value = union(value, item.value)
        entries = tuple(item.entry for item in (*with_it, *without))
        where = self.knowledge.entity_by_name(derivation.over or "").record_key
        says = f"{derivation.label}: one of the {where} is {apart}, another is not. They are not ranked; this needs review by the team."
        self.contradictions.append(Contradiction(f"{derivation.name}_unranked", says, "contradiction", (derivation.name,), entries))
        self._keep(derivation, value, entries)
        return True

    def _counting(self, derivation: Derivation) -> Callable[[Entry], Truth]:
        """Whether an entry counts: where `where` holds, unless `unless` is known to hold."""
        where = self._judge(f"{derivation.name}#where", derivation.where)
        left_out = self._judge(f"{derivation.name}#unless", derivation.unless or None)

        def counts(entry: Entry) -> Truth:
            if derivation.unless is not None and left_out(entry) is Truth.TRUE:
                return Truth.FALSE
            return where(entry)

        return counts

    def _judge(self, key: str, text: str | None) -> Callable[[Entry], Truth]:
        if text is None:
            return lambda entry: Truth.TRUE
        condition = self.knowledge.conditions[key]
        return lambda entry: self.of_entries[entry].truth(condition)

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


def _both(first: Truth, second: Truth) -> Truth:
    return AND[first, second]


def _whole_years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
