"""JSON read quickly gives the record that the slow way gives, and the same mistakes with their places."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from nelm.cohort.records.json_lines import NotJson, json_file, json_record
from nelm.knowledge import yamlfile
from nelm.knowledge.base import Knowledge
from nelm.knowledge.yamlfile import Mark
from nelm.patient.record import Entry, Record, RecordError, parse_record
from tests.cohort.records import UNREADABLE
from tests.patient.world import codes, number

START = Mark("boats.jsonl", 7)
PLACES = ("mark", "warnings", "source")


def read(text: str, knowledge: Knowledge) -> Record:
    return json_record(text, START, knowledge)


def refused(text: str, knowledge: Knowledge) -> list[str]:
    with pytest.raises(RecordError) as error:
        read(text, knowledge)
    return [str(problem) for problem in error.value.problems]


def said(thing: Record | Entry) -> dict[str, Any]:
    """What a record or an entry says, without the places."""
    found = {item.name: getattr(thing, item.name) for item in fields(thing) if item.name not in PLACES}
    return found | ({"entries": [said(entry) for entry in thing.entries]} if isinstance(thing, Record) else {})


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "a", "boat": {"hull": ["wood", "steel"], "length_m": "12-15", "boat_name": 1.10}}',
        '{"id": 1.10, "note": -0.0, "boat": {"length_m": 1e1, "boat_name": true, "seaworthy": true}}',
        '{"id": 7, "boat": {"boat_name": 123456789012345678901234567890, "length_m": 12}}',
        '{"id": "a", "boat": {"boat_name": 0.12345678901234567890, "length_m": 0.12345678901234567890}}',
        '{"id": "a", "complete": ["voyages"], "as_of": 2024, "voyages": [null, {"ports": ["Leith", 2, false], "date": "2020-03"}]}',
        '{"id": "\\u00e4", "surveys": [{"surveyor": "unknown", "holes": null, "next_survey": "<2020"}], "boat": null, "title": "<2"}',
    ],
)
def test_the_same_record_as_the_slow_way(harbour: Knowledge, text: str) -> None:
    assert said(read(text, harbour)) == said(parse_record(text, START.file, harbour))


def test_the_worked_cases_as_json(content: Path, knowledge: Knowledge) -> None:
    for file in sorted((content / "cases").glob("*.yaml")):
        text = json.dumps(yamlfile.read(file).data, ensure_ascii=False)
        if file.stem in UNREADABLE:
            with pytest.raises(RecordError) as error:
                parse_record(text, START.file, knowledge)
            assert refused(text, knowledge) == [str(problem).replace(":1:", ":7:", 1) for problem in error.value.problems]
        else:
            assert said(read(text, knowledge)) == said(parse_record(text, START.file, knowledge))


def test_what_json_alone_permits(harbour: Knowledge) -> None:
    record = read('{"id": "\\ud83d\\ude00",\t"boat": {"hull": "w\\u006fod", "length_m": 3.5}}', harbour)
    assert record.id == "\U0001f600"
    assert record.entries[0].values == {"hull": codes("wood"), "length_m": number(3.5)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"boat": {"length_m": 900}}', ["boats.jsonl:7:11: length_m: Found 900 m. Permitted: more than 0 and at most 400 m."]),
        (
            '{"boat": {"length_m": 900,\n "hul": 1}}',
            [
                "boats.jsonl:7:11: length_m: Found 900 m. Permitted: more than 0 and at most 400 m.",
                "boats.jsonl:8:2: hul: The field is not known under 'boat'. Did you mean 'hull'?",
            ],
        ),
        ('{"boat": {"hull": "wood", "hull": "steel"}}', ["boats.jsonl:7:27: The field 'hull' stands here twice. Keep one."]),
        ('{"boat": {"length_m": NaN}}', ["boats.jsonl:7:11: length_m: Found 'NaN'. Permitted: a number in m"]),
        (
            '{"boat": {"boat_name": "\\ud800"}}',
            ["boats.jsonl:7:27: Found half of a character (one '\\u' of two). Write both, or leave it out."],
        ),
        ('{"note": "\\ud83d\\ude00", "boat": {"length_m": 900}}', ["boats.jsonl:7:1: length_m: Found 900 m. Permitted: more than 0"]),
        ("[1, 2]", ["boats.jsonl:7:1: The file has to hold fields ('name: value'), not a list or a single value."]),
        ("null", ["boats.jsonl:7:1: The file is empty."]),
        ("{}", ["boats.jsonl:7:1: The record says nothing about the patient yet."]),
        ("[" * 50 + "]" * 50, ["boats.jsonl:7:1: The file has to hold fields ('name: value'), not a list or a single value."]),
        ("[" * 100_000 + "]" * 100_000, ["boats.jsonl:7:42: Values are nested too deeply."]),
    ],
)
def test_mistakes_with_their_places(harbour: Knowledge, text: str, expected: list[str]) -> None:
    found = refused(text, harbour)
    assert len(found) == len(expected)
    assert [line[: len(beginning)] for line, beginning in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize(("text", "line", "column"), [("{'id': 1}", 1, 2), ('{"id":\n 1,}', 2, 4), ("", 1, 1), ("id: a", 1, 1)])
def test_what_is_not_json(harbour: Knowledge, text: str, line: int, column: int) -> None:
    with pytest.raises(NotJson) as error:
        read(text, harbour)
    assert (error.value.line, error.value.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b'{"boat": {"hull": "wood"}}', "a"),
        (b'\xef\xbb\xbf{"id": "b", "boat": {"hull": "wood"}}', "b"),
        (b"id: c\nboat: {hull: wood}", "c"),
    ],
)
def test_a_file(harbour: Knowledge, tmp_path: Path, text: bytes, name: str) -> None:
    (tmp_path / "a.json").write_bytes(text)
    assert json_file(tmp_path / "a.json", harbour).id == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{\n"boat": {"hull": "brass"}}', r"a\.json:2:10: hull: Found 'brass'\."),
        (b'{\n"boat": \xff}', r"a\.json:2:1: The file is not UTF-8 text\."),
        (b'{"boat"', r"a\.json:2:1: This is not YAML:"),
        (None, r"a\.json:1:1: The file cannot be read: No such file or directory\."),
    ],
)
def test_a_file_with_mistakes(harbour: Knowledge, tmp_path: Path, text: bytes | None, message: str) -> None:
    if text is not None:
        (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(RecordError, match=message):
        json_file(tmp_path / "a.json", harbour)


def test_a_file_too_large_is_left_to_the_slow_way(harbour: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text('{"boat": {"hull": "wood"}}')
    monkeypatch.setattr("nelm.cohort.records.json_lines.MAXIMUM_BYTES", 5)
    assert json_file(tmp_path / "a.json", harbour).entries[0].mark.column == 2
