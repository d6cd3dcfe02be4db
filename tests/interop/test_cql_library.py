"""What goes into the library of a guideline, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from nelm.criteria import Codes, Span, Spans, Truth, Value, parse
from nelm.interop.cql import CannotSay, Library, Parameter, cql_library, file_name, parameter_values
from nelm.interop.cql.guideline import library_name
from nelm.interop.cql.library import Define, Section, comment
from nelm.knowledge.base import CompiledGuideline, CompiledRow, Knowledge
from nelm.knowledge.guideline import VerdictRow


@pytest.fixture(scope="module")
def pilot(harbour: Knowledge) -> Library:
    return cql_library(harbour, "pilot")


@pytest.mark.parametrize(("guideline", "name"), [("nelm-2014", "Nelm2014"), ("pnelm-2023", "Pnelm2023"), ("pilot", "Pilot")])
def test_names(guideline: str, name: str) -> None:
    assert library_name(guideline) == name
    assert file_name(guideline) == f"{guideline}.cql"


def test_the_version_is_that_of_the_content(harbour: Knowledge, pilot: Library) -> None:
    assert "library Pilot version '1.0.0'\n" in pilot.text
    assert pilot.version == harbour.guidelines["pilot"].guideline.version


def test_parameters_are_the_facts_that_the_definitions_reach(pilot: Library) -> None:
    assert [(parameter.name, parameter.type) for parameter in pilot.parameters] == [
        ("hull", "String"),
        ("length_m", "Decimal"),
        ("seaworthy", "Boolean"),
        ("rust_percent", "Decimal"),
    ]


def test_every_definition_stands_once(pilot: Library) -> None:
    assert {define.name: define.expression for define in pilot.defines} == {
        "big": '"length_m" > 50.0',
        "pilot.sound": '"seaworthy"',
        "pilot/Q1.rust_low": '"rust_percent" < 10.0',
        "pilot scope, row 1": "\"hull\" = 'not_steel'",
        "pilot scope: IN": 'not "pilot scope, row 1"',
        "pilot scope: OUT": '"pilot scope, row 1"',
        "pilot scope": "case when \"pilot scope: IN\" then 'IN' when \"pilot scope: OUT\" then 'OUT' else null end",
        "pilot/Q1.R1 conditions met": '"pilot.sound" and "pilot/Q1.rust_low"',
        "pilot/Q1.R1 contraindicated": '"big"',
        "pilot/Q1.R1 applies": '"pilot scope: IN" and "pilot/Q1.R1 conditions met" and not "pilot/Q1.R1 contraindicated"',
    }


@pytest.mark.parametrize(
    "text",
    [
        # a parameter: what it means, its unit, its codes
        '@label: Length\n@unit: m\n@range: > 0, <= 400\n*/\nparameter "length_m" Decimal default null\n',
        '@codes: wood = Wood; steel = Steel; not_steel = Not steel\n*/\nparameter "hull" String default null\n',
        # a derived fact, a criterion
        '@fact: big\n@label: Big boat\n@rule: length_m > 50\n@source: pilot S1\n*/\ndefine "big":\n  "length_m" > 50.0\n',
        "@criterion: pilot/Q1.rust_low\n@label: Little rust\n@condition: rust_percent < 10\n@source: S1\n@citation: Pilots' handbook, 1890\n*/\n",
        # a statement
        "@statement: pilot/Q1.R1\n@says: A sound boat with little rust may leave.\n@kind: recommendation\n@standing: panel\n@stance: for\n"
        "@strength: strong\n@level_of_evidence: 1\n@source: S1\n@citation: Pilots' handbook, 1890\n*/\n"
        'define "pilot/Q1.R1 applies":\n',
    ],
)
def test_what_is_said_stands_before_it(pilot: Library, text: str) -> None:
    assert text in pilot.text


def test_a_document_that_names_no_contraindication_does_not_say_that_there_is_none(harbour: Knowledge) -> None:
    compiled = harbour.guidelines["pilot"]
    (statement,) = compiled.statements
    changed = (replace(statement, unless=()), replace(statement, key="pilot/Q1.R2", when=()))
    found = _library(harbour, replace(compiled, statements=changed))
    assert {name: text for name, text in found.items() if "Q1.R" in name} == {
        "pilot/Q1.R1 conditions met": '"pilot.sound" and "pilot/Q1.rust_low"',
        "pilot/Q1.R1 applies": '"pilot scope: IN" and "pilot/Q1.R1 conditions met"',
        "pilot/Q1.R2 contraindicated": '"big"',
        "pilot/Q1.R2 applies": '"pilot scope: IN" and not "pilot/Q1.R2 contraindicated"',
    }


def test_a_scope_that_the_document_leaves_open_is_neither_in_nor_out(harbour: Knowledge) -> None:
    compiled = harbour.guidelines["pilot"]
    last = replace(compiled.scope[-1], row=VerdictRow(otherwise="OPEN"))
    found = _library(harbour, replace(compiled, scope=(compiled.scope[0], last)))
    assert found["pilot scope: IN"] == 'not "pilot scope, row 1" and (null as Boolean)'
    assert found["pilot scope: OUT"] == '"pilot scope, row 1" or (null as Boolean)'


def test_a_scope_that_is_read_otherwise_is_refused(harbour: Knowledge) -> None:
    compiled = harbour.guidelines["pilot"]
    first = CompiledRow(VerdictRow(when="seaworthy", then="OUT", if_unknown="list"), parse("seaworthy"), None)
    with pytest.raises(CannotSay, match="The scope of pilot has a row with 'if_unknown'"):
        _library(harbour, replace(compiled, scope=(first, compiled.scope[-1])))


def test_two_things_of_one_name_are_refused() -> None:
    with pytest.raises(CannotSay, match="Two things in the library L would be called 'a'"):
        Library("L", "1", (Parameter("a", "Boolean", "a"),), (Section("", (Define("a", "true"),)),))


def _library(knowledge: Knowledge, compiled: CompiledGuideline) -> Mapping[str, str]:
    library = cql_library(replace(knowledge, guidelines={"pilot": compiled}), "pilot")
    return {define.name: define.expression for define in library.defines}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, ""),
        ({"a": "one", "b": "two\n  lines"}, "/*\n@a: one\n@b: two lines\n*/\n"),
        # what would end the comment, or make a translator read another tag or none
        ({"a": 'the "word" */ @b: x /* y'}, "/*\n@a: the 'word' * /  at b: x / * y\n*/\n"),
    ],
)
def test_comments(tags: dict[str, str], expected: str) -> None:
    assert comment(tags).replace("  ", " ") == expected.replace("  ", " ")


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("Boolean", Truth.TRUE, True),
        ("Boolean", Truth.FALSE, False),
        ("Boolean", Truth.UNDETERMINED, None),
        ("Boolean", None, None),
        ("String", Codes.of("red"), "red"),
        ("String", Codes.of("red", "blue"), None),
        ("Decimal", Spans.point(3), 3.0),
        ("Decimal", Spans.of([Span(3, 4)]), None),
        ("Integer", Spans.point(3.0, integral=True), 3),
        ("Date", Spans.point(738957, integral=True), "2024-03-12"),
    ],
)
def test_values_of_parameters(type_: str, value: Value | None, expected: object) -> None:
    library = Library("L", "1", (Parameter("x", type_, "x"),), ())
    found = parameter_values(library, {} if value is None else {"x": value})
    assert found == {"x": expected}
    assert type(found["x"]) is type(expected)


@pytest.mark.parametrize(
    ("value", "entered", "inexactly"), [(None, None, False), (Truth.TRUE, True, False), (Truth.UNDETERMINED, None, True)]
)
def test_an_entry_that_leaves_several_values_open_is_told(value: Value | None, entered: object, inexactly: bool) -> None:
    parameters = (Parameter("x entered", "Boolean", "x"), Parameter("x entered inexactly", "Boolean", "x", inexact=True))
    found = parameter_values(Library("L", "1", parameters, ()), {} if value is None else {"x": value})
    assert found == {"x entered": entered, "x entered inexactly": inexactly}
