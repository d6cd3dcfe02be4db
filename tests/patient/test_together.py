"""What entries say together is worked out once for several moments, and is the same as worked out for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from nelm.criteria import union
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import Facts, facts_of
from nelm.patient.record import Record
from nelm.patient.together import Said
from tests.patient.world import facts_in, number, record_of

BOAT = """
    boat: {hull: [wood, steel], launched: 2010}
    surveys:
      - {date: 2020-01-10, rust_percent: 5, condition: poor}
      - {date: 2020-03, rust_percent: 8, holes: 2}
      - {date: 2020-03, rust_percent: 9}
      - {painted: true}
    voyages:
      - {date: 2020-02, voyage_kind: cargo, crew: 4}
      - {date: 2021-03-01, voyage_kind: ferry, crew: 6}
    complete: [voyages]
"""
DAYS = [date(2022, 1, 1), date(2020, 2, 1), date(2020, 4, 1), date(2000, 1, 1), None]


def shown(facts: Facts) -> tuple[object, ...]:
    return facts.values, facts.origins, facts.contradictions, facts.entries, facts.as_of


@pytest.fixture
def record(harbour: Knowledge) -> Record:
    return record_of(BOAT, harbour)


def test_several_days(harbour: Knowledge, record: Record) -> None:
    said = Said(record, harbour)
    once = [facts_of(record, harbour, day, said=said) for day in DAYS]
    assert [shown(facts) for facts in once] == [shown(facts_of(record, harbour, day)) for day in DAYS]
    assert len({len(facts.contradictions) for facts in once}) > 1, "the moments differ"


def test_entries_left_out(harbour: Knowledge, record: Record) -> None:
    said = Said(record, harbour)
    for left_out in record.entries:
        fewer = replace(record, entries=tuple(entry for entry in record.entries if entry is not left_out))
        assert shown(facts_of(fewer, harbour, said=said)) == shown(facts_of(fewer, harbour))


def test_the_same_entries_are_read_once(harbour: Knowledge, record: Record) -> None:
    said = Said(record, harbour)
    surveys = record.of("survey")
    assert said.together("survey", surveys) is said.together("survey", surveys)
    assert said.together("survey", surveys) is not said.together("survey", surveys[:1])


def test_entries_about_different_things_do_not_contradict_one_another(harbour: Knowledge) -> None:
    surveys = "surveys: [{rust_percent: 5}, {rust_percent: 9}]"
    apart = replace(harbour, entities={key: replace(entity, apart=True) for key, entity in harbour.entities.items()})
    assert facts_in(surveys, apart).contradictions == ()
    assert [found.id for found in facts_in(surveys, harbour).contradictions] == ["rust_percent_twice"]
    assert facts_in(surveys, apart).value_of("rust_percent") == union(number(5), number(9))
