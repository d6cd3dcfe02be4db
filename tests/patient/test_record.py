"""Reading a record: everything that is wrong with it at once, each with line, column and field; nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load
from nelm.knowledge.yamlfile import Mark
from nelm.patient.record import Problem, Record, RecordError, parse_record, read_record
from tests.knowledge.world import RULES, copy_of_harbour, replace_in
from tests.patient.world import TRUE, codes, days, number, problems_in, record_of

FULL = """\
nelm: 1
id: 007
title: A sound boat
kind: composed
reference: "12"
note: 1.10
as_of: 2024-03
complete: [voyages]
boat:
  hull: [wood, steel]
  length_m: "12-15"
  boat_name: 1e3
  note: a boat has no date
surveys:
  - date: 2024-01-05
    source: report of the yard
    rust_percent: "<2"
    leaks: false
  -
  - holes: unknown
    next_survey: unknown
    date: unknown
  - {rust_percent: ">= 0"}
voyages:
  - voyage_kind: cargo
    ports: [Leith, 0012, {name: Hull, country: 3}]
    goods: coal
    note: 1
"""


def test_a_full_record(harbour: Knowledge) -> None:
    record = record_of(FULL, harbour)
    assert (record.id, record.title, record.kind, record.reference, record.note) == ("007", "A sound boat", "composed", "12", "1.10")
    assert (record.as_of, record.as_of_written) == (days("2024-03-01", "2024-03-31"), "2024-03")
    assert record.complete == {"voyage"}
    assert [entry.name for entry in record.entries] == ["boat 1", "surveys 1", "surveys 3", "surveys 4", "voyages 1"]
    boat, survey, unknown, nothing, voyage = record.entries
    assert boat.values == {"hull": codes("wood", "steel"), "length_m": number(12, 15), "boat_name": "1e3"}
    assert boat.written == {"hull": "wood, steel", "length_m": "12-15", "boat_name": "1e3"}
    assert boat.facts == {"hull": codes("wood", "steel"), "length_m": number(12, 15)}
    assert (boat.mark, boat.note, boat.date, boat.date_written) == (Mark("case.yaml", 9, 1), "a boat has no date", None, None)
    assert (survey.date, survey.date_written, survey.source) == (days("2024-01-05"), "2024-01-05", "report of the yard")
    assert survey.mark == Mark("case.yaml", 15, 5)
    assert (unknown.values, unknown.date, unknown.number) == ({}, None, 3)
    assert nothing.values == {}, "a value that says no more than the dictionary is not known"
    assert voyage.values == {"voyage_kind": codes("cargo"), "ports": ("Leith", "0012", "name: Hull; country: 3"), "goods": ("coal",)}
    assert voyage.note == "1"
    assert record.warnings == ()
    assert record.of("survey") == (survey, unknown, nothing)
    assert (record.text("boat_name"), record.text("hull"), record.text("surveyor")) == ("1e3", None, None)


def test_what_is_not_written_has_a_default(harbour: Knowledge) -> None:
    record = record_of("boat: {hull: wood}", harbour)
    assert (record.id, record.title, record.as_of, record.as_of_written, record.complete) == ("case", None, None, None, frozenset())


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("boat: [{hull: wood}]", ["boat 1"]),  # a list of one, where there is one
        ("surveys: {leaks: true}", ["surveys 1"]),  # one, where there may be a list
        ("surveys: [null, {leaks: true}]\nvoyages:\nboat: null", ["surveys 2"]),
        ("surveys: [{leaks: null, date: null}, {}, {date: 2024}]", ["surveys 3"]),  # blanks of the template are no entries
        ("surveys: [{note: to be done}]", ["surveys 1"]),
        ("voyages: [{voyage_kind: unknown}]", ["voyages 1"]),  # a voyage of which nothing is known
        ('{"boat": {"hull": "wood"}, "complete": "surveys"}', ["boat 1"]),
    ],
)
def test_forms_of_entries(harbour: Knowledge, text: str, entries: list[str]) -> None:
    assert [entry.name for entry in record_of(text, harbour).entries] == entries


SAYS_NOTHING = "The record says nothing about the patient yet. Fill in at least one field; 'nelm case new' writes a template."
KNOWN = "boat, surveys, voyages, nelm, id, title, kind, reference, note, as_of, complete"
HULL = "Permitted: wood, steel, not_steel; several for 'one of these'; 'not: …'."


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        # no record at all
        ("", ["1:1: The file is empty. 'nelm case new' writes a template."]),
        ("# a remark", ["1:1: The file is empty. 'nelm case new' writes a template."]),
        ("- hull: wood", ["1:1: The file has to hold fields ('name: value'), not a list or a single value. 'nelm case new' writes a template."]),
        ("hello", ["1:1: The file has to hold fields ('name: value'), not a list or a single value. 'nelm case new' writes a template."]),
        ("12", ["1:1: The file has to hold fields ('name: value'), not a list or a single value. 'nelm case new' writes a template."]),
        ("nelm: 1", [f"1:1: {SAYS_NOTHING}"]),
        ("{}", [f"1:1: {SAYS_NOTHING}"]),
        ("boat:\nsurveys: []\nvoyages: [{speed: }]", [f"1:1: {SAYS_NOTHING}"]),
        # text that cannot be read
        ("boat: {hull: wood", ["2:1: This is not YAML: did not find expected ',' or '}'."]),
        ("boat: {hull: wood, hull: steel}", ["1:20: The field 'hull' stands here twice (first in line 1). Keep one."]),
        ("boat: {hull: wood}\n\nboat:\n  hull: steel", ["3:1: The field 'boat' stands here twice (first in line 1). Keep one."]),
        ("boat: &a {hull: wood}\nsurveys: [*a]", ["1:7: Anchors and aliases ('&', '*') are not permitted. Write the value out."]),
        # the header
        ("nelm: 2\nboat: {hull: wood}", ["1:1: nelm: Found version 2 of the record format. Permitted: 1."]),
        ("nelm: true\nboat: {hull: wood}", ["1:1: nelm: Found version True of the record format. Permitted: 1."]),
        ("nelm: '1'\nboat: {hull: wood}", ["1:1: nelm: Found version '1' of the record format. Permitted: 1."]),
        ("id: [a]\nnote: {a: b}\nboat: {hull: wood}", [
            "1:1: id: Found a list or fields where text is expected.",
            "2:1: note: Found a list or fields where text is expected.",
        ]),
        ("as_of: yesterday\nboat: {hull: wood}", [
            "1:1: as_of: Found 'yesterday'. Permitted: a date as year-month-day (2024-03-12), 2024-03, or 2024.",
        ]),
        ("complete: boat\nboat: {hull: wood}", ["1:1: complete: Found 'boat'. Permitted: surveys, voyages."]),
        ("complete: [survey, surveys, {a: 1}, true]\nboat: {hull: wood}", [
            "1:12: complete: Found 'survey'. Permitted: surveys, voyages. Did you mean 'surveys'?",
            "1:29: complete: Found {'a': 1}. Permitted: surveys, voyages.",
            "1:37: complete: Found True. Permitted: surveys, voyages.",
        ]),
        # fields that are not known, or stand elsewhere
        ("boot: {hull: wood}", [f"1:1: boot: This part of a record is not known. Did you mean 'boat'? Permitted: {KNOWN}."]),
        ("hul: wood", [f"1:1: hul: This part of a record is not known. Did you mean 'hull'? Permitted: {KNOWN}."]),
        ("zzz: 1", [f"1:1: zzz: This part of a record is not known. Permitted: {KNOWN}."]),
        ("hull: wood", ["1:1: hull: The field belongs under 'boat'. Move it there."]),
        ("boat: {rust_percent: 3}", ["1:8: rust_percent: The field belongs under 'surveys', not under 'boat'. Move it there."]),
        ("boat: {hul: wood}", ["1:8: hul: The field is not known under 'boat'. Did you mean 'hull'? 'nelm case new' lists all fields."]),
        ("surveys:\n  - rust_percen: 3", ["2:5: rust_percen: The field is not known under 'surveys'. Did you mean 'rust_percent'? 'nelm case new' lists all fields."]),
        ("boat: {rust_percen: 3}", ["1:8: rust_percen: The field is not known under 'boat'. Did you mean 'rust_percent'? 'nelm case new' lists all fields."]),
        ("boat: {zzz: }", ["1:8: zzz: The field is not known under 'boat'. 'nelm case new' lists all fields."]),
        # entries of the wrong form
        ("boat: wood", ["1:1: boat: Found 'wood' where an entry with fields ('name: value') is expected."]),
        ("surveys: [1, [], {leaks: true}]", [
            "1:11: surveys: Found 1 where an entry with fields ('name: value') is expected.",
            "1:14: surveys: Found [] where an entry with fields ('name: value') is expected.",
        ]),
        ("boat: [{hull: wood}, {hull: steel}]", ["1:1: boat: Boat is one entry, not a list of 2. Keep one."]),
        # values
        ("surveys: [{rust_percent: 130}]", [
            "1:12: rust_percent: Found 130 %. Permitted: at least 0 and at most 100 %. Correct it, or leave it out if it is not known.",
        ]),
        ("boat: {length_m: -3}", [
            "1:8: length_m: Found -3 m. Permitted: more than 0 and at most 400 m. Correct it, or leave it out if it is not known.",
        ]),
        ("boat: {length_m: 0}", [
            "1:8: length_m: Found 0 m. Permitted: more than 0 and at most 400 m. Correct it, or leave it out if it is not known.",
        ]),
        ("boat: {length_m: 12 kg}", ["1:8: length_m: Found the unit 'kg'. Permitted: m, um, mm, cm."]),
        ("boat: {hull: stel}", [f"1:8: hull: Found 'stel'. {HULL} Did you mean 'steel'?"]),
        ("boat: {launched: 2023-02-30}", ["1:8: launched: Found '2023-02-30', which is not a day of the calendar. Permitted: year-month-day."]),
        ("surveys: [{date: 31.12.2023, source: [a], note: {b: c}, leaks: true}]", [
            "1:12: date: Found '31.12.2023'. Permitted: a date as year-month-day (2024-03-12), 2024-03, or 2024.",
            "1:30: source: Found a list or fields where text is expected.",
            "1:43: note: Found a list or fields where text is expected.",
        ]),
        # what cannot be true together
        ("boat:\n  scrapped: 1990\n  launched: 1991-05-01", ["3:3: scrapped_before_launch: Scrapped before it was launched. Correct the record."]),
        ("boat: {scrapped: 1990, launched: 1990}", []),
        ("boat: {scrapped: 1990, launched: '>= 1990'}", []),
        ("surveys: [{leaks: true}, {holes: 0}, {leaks: true, holes: 0}, {leaks: true, holes: '<1'}]", [
            "1:38: leaks_without_holes: It leaks and has no hole. Correct the record.",
            "1:63: leaks_without_holes: It leaks and has no hole. Correct the record.",
        ]),
        ("surveys: [{leaks: true, holes: 1}]", []),
        # everything at once, in the order of the file
        ("nelm: 3\nboat: {hull: oak}\nsurvey: []\nsurveys: [{rust_percent: 101, colour: red}]\ncomplete: x", [
            "1:1: nelm: Found version 3 of the record format. Permitted: 1.",
            f"2:8: hull: Found 'oak'. {HULL}",
            f"3:1: survey: This part of a record is not known. Did you mean 'surveys'? Permitted: {KNOWN}.",
            "4:12: rust_percent: Found 101 %. Permitted: at least 0 and at most 100 %. Correct it, or leave it out if it is not known.",
            "4:31: colour: The field is not known under 'surveys'. 'nelm case new' lists all fields.",
            "5:1: complete: Found 'x'. Permitted: surveys, voyages.",
        ]),
    ],
)  # fmt: skip
def test_problems(harbour: Knowledge, text: str, problems: list[str]) -> None:
    assert [str(problem) for problem in problems_in(text, harbour)] == [f"case.yaml:{problem}" for problem in problems]


def test_a_part_of_the_record_that_is_wrong_keeps_the_others_from_seeming_empty(harbour: Knowledge) -> None:
    assert len(problems_in("boat: {hull: oak}", harbour)) == 1


def test_the_error_holds_every_problem_as_text(harbour: Knowledge) -> None:
    with pytest.raises(RecordError) as caught:
        record_of("zzz: 1\nboat: 2", harbour)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    assert str(Problem(Mark("f", 1, 2), "", "Wrong.")) == "f:1:2: Wrong."


def test_doubtful_values_are_read_with_a_warning(harbour: Knowledge) -> None:
    record = record_of("boat:\n  length_m: 300", harbour)
    assert record.entries[0].values["length_m"] == number(300)
    assert [str(warning) for warning in record.warnings] == ["case.yaml:2:3: length_m: Length is unusual: expected at most 200. Check it."]
    assert [warning.severity for warning in record.warnings] == ["warning"]


def test_a_rule_about_several_entries_holds_only_where_it_holds_for_all_of_them(harbour: Knowledge, tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    replace_in(
        root,
        RULES,
        "rules:\n",
        "rules:\n  - {id: late, when: launched > next_survey, says: Surveyed before it was., severity: impossible}\n",
    )
    changed = load(root)
    early, late = "{next_survey: 1999}", "{next_survey: 2001}"
    assert [problem.field for problem in problems_in(f"boat: {{launched: 2002}}\nsurveys: [{early}, {late}]", changed)] == ["late"]
    assert problems_in(f"boat: {{launched: 2000}}\nsurveys: [{early}, {late}]", changed) == []


def test_a_rule_that_always_holds_is_told_at_the_beginning_of_the_file(harbour: Knowledge, tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    replace_in(root, RULES, "rules:\n", "rules:\n  - {id: never, when: length_m > 0, says: Nothing is possible., severity: impossible}\n")
    assert [str(problem) for problem in problems_in("\n\nsurveys: [{leaks: true}]", load(root))] == [
        "case.yaml:1:1: never: Nothing is possible. Correct the record."
    ]


# -- values set aside -------------------------------------------------------------------------------------


def test_values_that_cannot_be_true_are_set_aside_on_request(harbour: Knowledge) -> None:
    text = "boat: {hull: steel, length_m: 1000}\nsurveys:\n  - {rust_percent: 130.0, leaks: true}"
    record = record_of(text, harbour, set_aside_invalid=True)
    assert [(item.element, item.written, str(item.mark)) for item in record.set_aside] == [
        ("length_m", "1000", "case.yaml:1:21"),
        ("rust_percent", "130.0", "case.yaml:3:6"),
    ]
    assert record.set_aside[0].reason.startswith("Found 1000 m. Permitted: more than 0")
    assert record.entries[0].values == {"hull": codes("steel")}
    assert record.entries[1].values == {"leaks": TRUE}


def test_only_values_are_set_aside(harbour: Knowledge) -> None:
    with pytest.raises(RecordError) as caught:
        record_of("boat: {hul: wood, length_m: 1000}\nas_of: tomorrow", harbour, set_aside_invalid=True)
    assert [problem.field for problem in caught.value.problems] == ["hul", "as_of"]


# -- files ------------------------------------------------------------------------------------------------


def test_a_record_in_a_file(harbour: Knowledge, tmp_path: Path) -> None:
    file = tmp_path / "case 7.yaml"
    file.write_text("boat: {hull: wood}", encoding="utf-8")
    record = read_record(file, harbour)
    assert (record.id, record.file) == ("case 7", str(file))
    json = tmp_path / "case.json"
    json.write_text('{"nelm": 1, "id": null, "boat": {"length_m": 12, "boat_name": "\\u00c5sa"}}', encoding="utf-8")
    assert read_record(json, harbour).entries[0].values == {"length_m": number(12), "boat_name": "Åsa"}


@pytest.mark.parametrize("content", [b"boat: \xff", b"\0\0", b"", b"boat: [", b"&a", b"x" * 10])
def test_a_file_that_holds_no_record(harbour: Knowledge, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "case.yaml"
    file.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        read_record(file, harbour)
    assert [problem.mark.file for problem in caught.value.problems] == [str(file)]


def test_a_file_that_is_not_there(harbour: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="No such file"):
        read_record(tmp_path / "case.yaml", harbour)
    with pytest.raises(RecordError, match="Is a directory"):
        read_record(tmp_path, harbour)


# -- the content of the repository --------------------------------------------------------------------------


def read_case(text: str, knowledge: Knowledge) -> Record:
    return parse_record(text, "case.yaml", knowledge)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("specimens: [{ki67_percent: 130}]", ["ki67_percent"]),
        ("specimens: [{ki67_percent: '4,5'}]", ["ki67_percent"]),
        ("liver: [{largest_liver_metastasis_mm: -12}]", ["largest_liver_metastasis_mm"]),
        ("liver: [{largest_liver_metastasis_mm: 12 kg}]", ["largest_liver_metastasis_mm"]),
        ("patient: {age_years: 0}", ["age_years"]),
        ("patient: {birth_date: 2030-02-30}", ["birth_date"]),
        ("patient: {birth_date: 1960}\nfollow_up: [{death_date: 1959-12-31}]", ["birth_after_death"]),
        ("patient: {birth_date: 2001}\ntumour: {diagnosis_date: 2000}", ["birth_after_diagnosis"]),
        ("tumour: {primary_site: elbow}", ["primary_site"]),
        ("tumour: {primary_sit: pancreas}", ["primary_sit"]),
        ("tumour: {ki67_percent: 8}", ["ki67_percent"]),
        ("ki67_percent: 8", ["ki67_percent"]),
        ("specimen: [{ki67_percent: 8}]", ["specimen"]),
        ("nelm: 9\ncomplete: [everything]\ntumour: [1]", ["nelm", "complete", "tumour"]),
    ],
)
def test_mistakes_in_a_case(knowledge: Knowledge, text: str, fields: list[str]) -> None:
    with pytest.raises(RecordError) as caught:
        read_case(text, knowledge)
    assert [problem.field for problem in caught.value.problems] == fields


def test_a_name_that_begins_with_not_is_a_name(knowledge: Knowledge) -> None:
    record = read_case("liver: [{liver_resectability: not resectable}]\ntumour: {primary_status: not found}", knowledge)
    assert record.entries[0].values == {"liver_resectability": codes("unresectable")}
    assert record.entries[1].values == {"primary_status": codes("not_found")}


def test_the_cases_of_the_content_can_be_read(knowledge: Knowledge, content: Path) -> None:
    files = sorted((content / "cases").glob("*.yaml"))
    assert files
    for file in files:
        record = read_record(file, knowledge, set_aside_invalid=True)
        assert record.entries, file
