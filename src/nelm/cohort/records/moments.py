"""The moment that facts are as of: one for a record, or one for each of its entries of a kind.

| written | the facts are | rows for a record |
|---|---|---|
| nothing | those of the record's own date, else all that is known | one |
| `2020-12-31` | those known on this day | one |
| `launched`, the name of a date | those known on the last day that this date may be | one; none where the record does not know the date |
| `launched+90`, days after a date | those known that many days after it | the same |
| `each:voyages`, a list of the record | those known before each entry of the list | one for each entry that has a date |

What was known before an entry is what was known on its day without the entries of its own list of that day and later: neither
the entry itself nor what came after it. A date that is only partly known (`2024-03`) counts from the first day that it may be. An
entry without a date is as known here as everywhere else: always.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from nelm.advice.options import shows
from nelm.criteria import DateType, Spans, nearest
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import Facts, facts_of
from nelm.patient.record import Entry, Record
from nelm.patient.together import Said

EACH = "each:"
_LOOKS_LIKE_A_DATE = re.compile(r"\d{4}(-?\d{2}){0,2}")
_FIRST_DAY, _LAST_DAY = date.min.toordinal(), date.max.toordinal()


class UnknownMoment(ValueError):
    """A moment that is neither a day, nor a date, nor a list of the record. The message says what is permitted."""


@dataclass(frozen=True)
class AsRecorded:
    """The record's own date; all that is known where it has none."""

    name: str = "as_recorded"


@dataclass(frozen=True)
class OnDay:
    """The same day for every record."""

    day: date

    @property
    def name(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True)
class OnDateOf:
    """The last day that a date of the record may be, or some days after it."""

    fact: str
    days_after: int = 0

    @property
    def name(self) -> str:
        return f"{self.fact}+{self.days_after}" if self.days_after else self.fact


@dataclass(frozen=True)
class BeforeEach:
    """Before each entry of a list of the record."""

    record_key: str

    @property
    def name(self) -> str:
        return f"{EACH}{self.record_key}"


Moment = AsRecorded | OnDay | OnDateOf | BeforeEach


@dataclass(frozen=True)
class View:
    """The facts of a record as of one moment. `given` names the terms that the entry shows as done, where it is about one."""

    event: str
    facts: Facts
    given: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Views:
    """The views of one record, and how many there are not: for want of a date, or because the list is empty."""

    views: tuple[View, ...]
    without_moment: int = 0
    without_entry: int = 0


def moment_of(text: str | None, knowledge: Knowledge) -> Moment:
    """The moment that a text names. Raises UnknownMoment."""
    if text is None:
        return AsRecorded()
    if text.startswith(EACH):
        return _before_each(text, knowledge)
    if _LOOKS_LIKE_A_DATE.fullmatch(text):
        return _on_day(text)
    fact, _, days = text.partition("+")
    if isinstance(knowledge.model.type_of(fact), DateType) and (days.isdecimal() or text == fact):
        return OnDateOf(fact, int(days or 0))
    dates = [name for name, kind in knowledge.model.types.items() if isinstance(kind, DateType)]
    raise UnknownMoment(
        f"Found {text!r} as the moment that facts are as of. Permitted: a day (2020-12-31); a date of the record "
        f"({', '.join(dates)}), or so many days after it (DATE+90); or '{EACH}' with a list of the record ({', '.join(_lists(knowledge))}).{nearest(text, dates)}"
    )


def _on_day(text: str) -> OnDay:
    try:
        if len(text) != len("2020-12-31"):
            raise ValueError(text)
        return OnDay(date.fromisoformat(text))
    except ValueError:
        raise UnknownMoment(f"Found {text!r}. Permitted: a day of the calendar as year-month-day, for example 2020-12-31.") from None


def _before_each(text: str, knowledge: Knowledge) -> BeforeEach:
    key, lists = text.removeprefix(EACH), _lists(knowledge)
    if key not in lists:
        raise UnknownMoment(f"Found {text!r}. Permitted after '{EACH}': {', '.join(lists)}.{nearest(key, lists)}")
    return BeforeEach(key)


def _lists(knowledge: Knowledge) -> list[str]:
    return [key for key, entity in knowledge.entities.items() if entity.many]


# -- what a record shows at a moment ----------------------------------------------------------------


def views_of(record: Record, knowledge: Knowledge, moment: Moment, said: Said | None = None) -> Views:
    """The facts of a record as of a moment. `said` as for `facts_of`."""
    known = said or Said(record, knowledge)
    match moment:
        case AsRecorded(name):
            return Views((View(name, facts_of(record, knowledge, said=known)),))
        case OnDay(day):
            return Views((View(moment.name, facts_of(record, knowledge, day, said=known)),))
        case OnDateOf(fact, days_after):
            last = _last_day(record, knowledge, fact, known)
            if last is None:
                return Views((), without_moment=1)
            day = date.fromordinal(min(last.toordinal() + days_after, _LAST_DAY))
            return Views((View(moment.name, facts_of(record, knowledge, day, said=known)),))
        case BeforeEach(key):
            return _views_before_each(record, knowledge, knowledge.entities[key].entity, known)


def _last_day(record: Record, knowledge: Knowledge, fact: str, known: Said) -> date | None:
    """The last day that a date of the record may be; None where it may be any day to come."""
    value = facts_of(record, knowledge, said=known).value_of(fact)
    assert isinstance(value, Spans), f"{fact} is not a date"
    return date.fromordinal(int(value.high.high)) if value.high.high < _LAST_DAY else None


def _first_day(entry: Entry) -> date | None:
    """The first day that the date of an entry may be; None where it may be any day of the past."""
    low = _FIRST_DAY if entry.date is None else int(entry.date.low.low)
    return date.fromordinal(low) if low > _FIRST_DAY else None


def _views_before_each(record: Record, knowledge: Knowledge, entity: str, known: Said) -> Views:
    own = record.of(entity)
    dated = [(entry, day) for entry in own if (day := _first_day(entry)) is not None]
    views = tuple(
        View(entry.name, facts_of(_before(record, entity, day), knowledge, day, said=known), given(entry, knowledge, known))
        for entry, day in dated
    )
    return Views(views, without_moment=len(own) - len(dated), without_entry=not own)


def _before(record: Record, entity: str, day: date) -> Record:
    """The record without the entries of one list that may be of this day, or that are later."""
    kept = [entry for entry in record.entries if entry.entity != entity or (first := _first_day(entry)) is None or first < day]
    return replace(record, entries=tuple(kept))


def given(entry: Entry, knowledge: Knowledge, known: Said) -> tuple[str, ...]:
    """The terms of the vocabulary that one entry shows as done, in their order."""
    return tuple(name for name in knowledge.terms if shows(entry, name, knowledge, known.by_entry))
