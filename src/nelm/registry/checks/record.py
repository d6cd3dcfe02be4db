"""The checks on one record, by the reference evaluator: slow and obvious. Tables are checked by `checks`, and say the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from nelm.criteria import Evaluator, Expression, Span, Spans, Truth
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import Facts
from nelm.patient.partial import unusual
from nelm.patient.record import Entry, Record, RecordError
from nelm.registry.checks.findings import Finding, days_in_words, facts_in_words, place_in_words
from nelm.registry.checks.model import DATE, Checks, CompiledBetween, CompiledCondition, CompiledDocumented, Named, Place
from nelm.registry.entry.content import CENTRE
from nelm.registry.entry.decisions import is_on_record


def record_findings(facts: Facts, checks: Checks, knowledge: Knowledge, closing: date) -> list[Finding]:
    """Everything that is wrong with a record, or doubtful. `closing` is the day to which the data are complete."""
    return list(dict.fromkeys(_Checking(facts, checks, knowledge, closing).findings()))


def findings_of_reject(error: RecordError, patient: str, checks: Checks) -> list[Finding]:
    """What is wrong with a record that cannot be read at all."""
    standing = checks.standing["not_permitted"]
    return [
        Finding(patient, standing.name, standing.severity, None, None, problem.field, "", f"{problem.mark}: {problem.message}")
        for problem in error.problems
    ]


class _Checking:
    def __init__(self, facts: Facts, checks: Checks, knowledge: Knowledge, closing: date) -> None:
        self.facts = facts
        self.record: Record = facts.record
        self.checks = checks
        self.knowledge = knowledge
        self.closing = Spans.of([Span(closing.toordinal(), closing.toordinal())], integral=True)
        self.evaluator = Evaluator(checks.model, facts.values)

    def findings(self) -> Iterator[Finding]:
        yield from self._contradicted()
        for entry in self.record.entries:
            yield from self._unusual(entry)
        for condition in self.checks.conditions:
            yield from self._condition(condition)
        for item in self.checks.documented:
            yield from self._documented(item)
        for between in self.checks.between:
            yield from self._between(between)

    # -- the checks ---------------------------------------------------------------------------------------

    def _contradicted(self) -> Iterator[Finding]:
        named = sorted(self.facts.contradicted())
        if named:
            standing = self.checks.standing["contradicted"]
            labels = "; ".join(self.knowledge.label(name) for name in named)
            message = f"{standing.label}. {standing.says}"
            yield Finding(self.record.id, standing.name, standing.severity, None, None, ", ".join(named), labels, message)

    def _unusual(self, entry: Entry) -> Iterator[Finding]:
        standing = self.checks.standing["unusual"]
        for name, value in entry.values.items():
            doubt = unusual(self.knowledge.elements[name], value)
            if doubt is not None:
                found = facts_in_words([name], entry.facts, self.knowledge)
                yield self._of_entry(Named(standing.name, standing.severity, f"{doubt} {standing.says}"), entry, name, found)

    def _condition(self, check: CompiledCondition) -> Iterator[Finding]:
        field = ", ".join(check.facts)
        if check.entity is None:
            if self.evaluator.truth(check.condition) is Truth.TRUE:
                yield self._of_patient(check.named, field, facts_in_words(check.facts, self.facts.values, self.knowledge))
            return
        for entry in self.record.of(check.entity):
            if self._holds(check.condition, entry):
                yield self._of_entry(check.named, entry, field, facts_in_words(check.facts, entry.facts, self.knowledge))

    def _documented(self, check: CompiledDocumented) -> Iterator[Finding]:
        if check.entity is None:
            asked = check.when is None or self.evaluator.truth(check.when) is Truth.TRUE
            if asked and self._is_known(check.item) is check.unexpected:
                yield self._of_patient(check.named, check.item, "")
            return
        for entry in self.record.of(check.entity):
            asked = check.when is None or self._holds(check.when, entry)
            beside = check.beside is None or _states(entry, check.beside)
            if asked and beside and _states(entry, check.item) is check.unexpected:
                found = facts_in_words([check.item], entry.facts, self.knowledge) if check.unexpected else ""
                yield self._of_entry(check.named, entry, check.item, found)

    def _between(self, check: CompiledBetween) -> Iterator[Finding]:
        if check.when is not None and self.evaluator.truth(check.when) is not Truth.TRUE:
            return
        for first_entry, first in self._days(check.first):
            for second_entry, second in self._days(check.second):
                if check.within_entry and first_entry is not second_entry:
                    continue
                if is_broken(check, first, second):
                    places = ((check.first, first), (check.second, second))
                    found = "; ".join(f"{place_in_words(place, self.knowledge)}: {days_in_words(days)}" for place, days in places)
                    entry = second_entry if second_entry is not None else first_entry
                    assert entry is not None, "a check of two dates is about an entry"
                    yield self._of_entry(check.named, entry, check.about[0].field, found)

    # -- what is known --------------------------------------------------------------------------------------

    def _holds(self, condition: Expression, entry: Entry) -> bool:
        return Evaluator(self.knowledge.entry_models[entry.entity], entry.facts).truth(condition) is Truth.TRUE

    def _is_known(self, item: str) -> bool:
        return self.record.text(CENTRE) is not None if item == CENTRE else is_on_record(self.facts.values.get(item))

    def _days(self, place: Place) -> Iterator[tuple[Entry | None, Spans]]:
        """The days that a place holds, each with its entry."""
        if place.record_key is None:
            yield None, self.closing
            return
        for entry in self.record.of(self.knowledge.entities[place.record_key].entity):
            days = entry.date if place.field == DATE else entry.facts.get(place.field)
            if isinstance(days, Spans):
                yield entry, days

    def _of_patient(self, named: Named, field: str, found: str) -> Finding:
        return Finding(self.record.id, named.id, named.severity, None, None, field, found, named.message)

    def _of_entry(self, named: Named, entry: Entry, field: str, found: str) -> Finding:
        return Finding(self.record.id, named.id, named.severity, entry.record_key, entry.number, field, found, named.message)


def _states(entry: Entry, field: str) -> bool:
    """Whether an entry says anything of a field; an empty list says nothing."""
    return entry.date is not None if field == DATE else entry.values.get(field, ()) != ()


def is_broken(check: CompiledBetween, first: Spans, second: Spans) -> bool:
    """Whether two dates certainly break the limit of a check, whatever day of those still possible each of them is."""
    limits = check.check
    shortest, longest = second.low.low - first.high.high, second.high.high - first.low.low
    if limits.at_least_days is not None:
        return longest < limits.at_least_days
    if limits.at_most_days is not None:
        return shortest > limits.at_most_days
    if limits.at_least_years is not None:
        return _years(first.low.low, second.high.high) < limits.at_least_years
    assert limits.at_most_years is not None, "a check of two dates has one limit"
    return _years(first.high.high, second.low.low) > limits.at_most_years


def _years(first: float, second: float) -> int:
    """Whole years from one day to another, as of an age."""
    begin, end = date.fromordinal(int(first)), date.fromordinal(int(second))
    return end.year - begin.year - ((end.month, end.day) < (begin.month, begin.day))
