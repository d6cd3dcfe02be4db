"""A record as plain data and back: what was read, written, and read again is the same record."""

from __future__ import annotations

import calendar
import json
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from nelm.advice.assess import assess
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import Element, parse_range
from nelm.patient.partial import Stated, date_as_written
from nelm.patient.plain import to_plain
from nelm.patient.record import Entry, Record, RecordError, parse_record, read_record
from tests.conftest import ROOT
from tests.patient.world import count, number, record_of

CASES = sorted((ROOT / "content" / "cases").glob("*.yaml"))


def said(entry: Entry) -> tuple[object, ...]:
    """Everything that an entry states."""
    return (entry.entity, entry.number, dict(entry.values), entry.date, entry.source, entry.note)


def everything(record: Record) -> tuple[object, ...]:
    header = (record.id, record.title, record.kind, record.reference, record.note, record.as_of, record.complete)
    return (header, sorted(map(said, record.entries), key=lambda entry: str(entry[:2])))


def again(record: Record, knowledge: Knowledge, *, as_json: bool = False) -> Record:
    """The record written as YAML or JSON and read."""
    plain = to_plain(record, knowledge)
    text = json.dumps(plain) if as_json else yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
    return parse_record(text, record.file, knowledge)


@pytest.mark.parametrize("as_json", [False, True], ids=["yaml", "json"])
@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_worked_cases_survive(file: Any, as_json: bool, knowledge: Knowledge) -> None:
    record = read_record(file, knowledge, set_aside_invalid=True)
    assert everything(again(record, knowledge, as_json=as_json)) == everything(record)


@pytest.mark.parametrize("file", CASES[::6], ids=lambda file: file.stem)
def test_advice_on_the_record_read_again_is_the_same(file: Any, knowledge: Knowledge) -> None:
    record = read_record(file, knowledge, set_aside_invalid=True)
    first, second = (assess(one, knowledge) for one in (record, again(record, knowledge)))
    assert second.words() == first.words()
    assert [(gap.name, gap.settles) for gap in second.gaps] == [(gap.name, gap.settles) for gap in first.gaps]
    assert [option.state for option in second.options] == [option.state for option in first.options]


# -- any record that the dictionary permits -----------------------------------------------------------

WORDS = st.text("abcdefghijklmnopqrstuvwxyz .,'#:-éß中", max_size=20).map(str.strip).filter(bool).map("said: {}".format)
DAYS = st.dates(date(1930, 1, 1), date(2035, 12, 31))
DATES = st.one_of(
    DAYS.map(date.isoformat),
    DAYS.map(lambda day: day.isoformat()[:7]),
    DAYS.map(lambda day: day.isoformat()[:4]),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), DAYS).map(lambda pair: pair[0] + pair[1].isoformat()),
    st.tuples(DAYS, DAYS).map(lambda pair: " to ".join(day.isoformat() for day in sorted(pair))),
)


def numbers(element: Element) -> st.SearchStrategy[Any]:
    limits = parse_range(element.range)
    low, high = max(limits.low, -1e4), min(limits.high, 1e4)
    whole = st.integers(int(low) + 1, max(int(high) - 1, int(low) + 1))
    exact = whole if element.type == "count" else st.one_of(whole, whole.map(lambda value: value + 0.25))
    return st.one_of(
        exact,
        st.tuples(st.sampled_from(["<", "<=", ">", ">= "]), exact).map(lambda pair: f"{pair[0]}{pair[1]}"),
        st.tuples(exact, exact).map(lambda pair: f"{min(pair)}-{max(pair)}"),
    )


def codes(element: Element) -> st.SearchStrategy[Any]:
    known = [code.code for code in element.codes]
    one = st.sampled_from(known)
    several = st.lists(one, min_size=1, unique=True)
    return st.one_of(one, several, one.map("not: {}".format)) if len(known) > 1 else several


def written(element: Element) -> st.SearchStrategy[Any]:
    match element.type:
        case "boolean":
            return st.sampled_from([True, False, "yes", "unknown", None])
        case "coded":
            return codes(element)
        case "quantity" | "count":
            return numbers(element)
        case "date":
            return DATES
        case "text":
            return WORDS
        case _:
            item = st.sampled_from([code.code for code in element.codes]) if element.codes else WORDS
            return st.lists(item, min_size=1, max_size=3, unique=True)


@st.composite
def documents(draw: st.DrawFn, knowledge: Knowledge) -> dict[str, Any]:
    """A record as somebody might write it, with a few fields of a few parts."""
    header = draw(st.fixed_dictionaries({}, optional={"title": WORDS, "note": WORDS, "as_of": DATES}))
    document: dict[str, Any] = {"nelm": 1, "id": "made-up", **header}
    for key in draw(st.lists(st.sampled_from(sorted(knowledge.entities)), min_size=1, max_size=4, unique=True)):
        entity = knowledge.entities[key]
        entries = []
        for _ in range(draw(st.integers(1, 3)) if entity.many else 1):
            chosen = draw(st.lists(st.sampled_from(entity.elements), min_size=1, max_size=5, unique_by=lambda element: element.name))
            extra = draw(st.fixed_dictionaries({}, optional={"date": DATES, "source": WORDS}))
            entries.append({element.name: draw(written(element)) for element in chosen} | extra)
        document[key] = entries if entity.many else entries[0]
    lists = [key for key, entity in knowledge.entities.items() if entity.many]
    document["complete"] = draw(st.lists(st.sampled_from(lists), unique=True, max_size=2))
    return document


@given(data=st.data())
def test_any_record_survives(knowledge: Knowledge, data: st.DataObject) -> None:
    document = data.draw(documents(knowledge))
    try:
        record = parse_record(json.dumps(document), "made-up.json", knowledge)
    except RecordError:
        assume(False)
    assert everything(again(record, knowledge, as_json=data.draw(st.booleans()))) == everything(record)


# -- forms of values ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "plain"),
    [
        ("length_m", "12", 12),
        ("length_m", "12.50", 12.5),
        ("length_m", "<12", "<12"),
        ("length_m", "<= 12", "<=12"),
        ("length_m", ">12.5", ">12.5"),
        ("length_m", ">= 12", ">=12"),
        ("length_m", "10-12.5", "10-12.5"),
        ("length_m", "0.0000001", 0.0000001),
        ("length_m", ">0.0000001", ">0.0000001"),
        ("launched", "2024-02-05", "2024-02-05"),
        ("launched", "2024-02", "2024-02"),
        ("launched", "2024", "2024"),
        ("launched", "<=2024-02", "<=2024-02-29"),
        ("launched", ">2024", ">=2025-01-01"),
        ("launched", "2024-02-05 to 2024-03", "2024-02-05 to 2024-03-31"),
        ("hull", "wood", "wood"),
        ("hull", "ordinary", ["wood", "steel"]),
        ("boat_name", "007", "007"),
        ("seaworthy", "yes", True),
        ("seaworthy", "no", False),
    ],
)
def test_forms(harbour: Knowledge, field: str, value: str, plain: object) -> None:
    record = record_of(f'boat: {{{field}: "{value}"}}', harbour)
    assert to_plain(record, harbour)["boat"][field] == plain
    assert everything(again(record, harbour)) == everything(record)


def test_an_entry_left_blank_keeps_its_place(harbour: Knowledge) -> None:
    record = record_of("surveys: [{leaks: true}, null, {holes: unknown}]", harbour)
    assert to_plain(record, harbour)["surveys"] == [{"leaks": True}, None, {"rust_percent": "unknown"}]
    assert [entry.number for entry in again(record, harbour).entries] == [1, 3]


@pytest.mark.parametrize(
    "value",
    [number(1, 2, low_open=True), number(1, 2, high_open=True)],
    ids=["open below", "open above"],
)
def test_a_number_that_no_value_says_is_refused(harbour: Knowledge, value: Stated) -> None:
    record = record_of("boat: {length_m: 3}", harbour)
    assert isinstance(record.entries[0].values, dict)
    record.entries[0].values["length_m"] = value
    with pytest.raises(ValueError, match="cannot be written as one value"):
        to_plain(record, harbour)


def test_ranges_apart_are_refused(harbour: Knowledge) -> None:
    record = record_of("boat: {length_m: 3}", harbour)
    assert isinstance(record.entries[0].values, dict)
    one, other = number(1), number(3)
    record.entries[0].values["length_m"] = type(one)((*one.parts, *other.parts))
    with pytest.raises(ValueError, match="cannot be written as one value"):
        to_plain(record, harbour)
    with pytest.raises(ValueError, match="cannot be written as one value"):
        date_as_written(count(1).union(count(9)))


def test_the_last_day_of_each_month_ends_it(harbour: Knowledge) -> None:
    for month in range(1, 13):
        last = calendar.monthrange(2023, month)[1]
        record = record_of(f'boat: {{launched: "2023-{month:02}-01 to 2023-{month:02}-{last}"}}', harbour)
        assert to_plain(record, harbour)["boat"]["launched"] == f"2023-{month:02}"
