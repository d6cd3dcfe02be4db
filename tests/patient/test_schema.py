"""The JSON Schema for editors: it accepts what is read without complaint, and marks what is plainly wrong."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from nelm.knowledge.base import Knowledge
from nelm.patient.record import RecordError, parse_record
from nelm.patient.schema import json_schema
from tests.conftest import ROOT

CASES = sorted((ROOT / "content" / "cases").glob("*.yaml"))


class _Loader(yaml.SafeLoader):
    """YAML as editors read it for a schema: dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str) -> Any:
    return yaml.load(text, _Loader)


def mistakes(validator: Draft202012Validator, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(read(text))]


@pytest.fixture(scope="module")
def validator(knowledge: Knowledge) -> Draft202012Validator:
    schema = json_schema(knowledge)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture(scope="module")
def boats(harbour: Knowledge) -> Draft202012Validator:
    return Draft202012Validator(json_schema(harbour))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_worked_cases_are_accepted(file: Any, validator: Draft202012Validator, knowledge: Knowledge) -> None:
    text = file.read_text(encoding="utf-8")
    try:
        parse_record(text, file.name, knowledge)
    except RecordError:
        pytest.skip("the record holds a value that cannot be, on purpose")
    assert mistakes(validator, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "boat: {hull: wood}",
        "boat: {hull: Timber}",
        "boat: {hull: 1}",
        "boat: {hull: [wood, steel]}",
        "boat: {hull: ordinary}",
        "boat: {hull: 'not: wood'}",
        "boat: {hull: wood/steel}",
        "boat: {hull: unknown}",
        "boat: {length_m: 12.5}",
        "boat: {length_m: '<12'}",
        "boat: {length_m: '≥ 12 m'}",
        "boat: {length_m: 10–12}",
        "boat: {length_m: 1200 cm}",
        "boat: {launched: 2024-03}",
        "boat: {launched: 2024}",
        "boat: {launched: 2023 to 2024-03-01}",
        "boat: {seaworthy: yes}",
        "boat: {seaworthy: 'N'}",
        "surveys: [{holes: 3}, null]",
        "surveys: {holes: 3}",
        "voyages: [{goods: [fish, coal], ports: [Leith, 3]}]",
        "{complete: [voyages], boat: [{hull: wood}]}",
    ],
)
def test_what_is_read_is_accepted(text: str, boats: Draft202012Validator, harbour: Knowledge) -> None:
    parse_record(text, "boat.yaml", harbour)
    assert mistakes(boats, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "nelm: 2",
        "yacht: {}",
        "boat: {hull: paper}",
        "boat: {hulls: wood}",
        "boat: {length_m: 0}",
        "boat: {length_m: 401}",
        "boat: {length_m: long}",
        "boat: {length_m: '1,5'}",
        "boat: {launched: 12.3.2024}",
        "boat: {launched: 2024-13}",
        "boat: {seaworthy: perhaps}",
        "boat: [{hull: wood}, {hull: steel}]",
        "surveys: [{holes: 3.5}]",
        "surveys: [{holes: -1}]",
        "surveys: [3]",
        "voyages: [{goods: [wool]}]",
        "complete: [boat]",
        "title: [a, b]",
    ],
)
def test_what_is_wrong_is_marked(text: str, boats: Draft202012Validator, harbour: Knowledge) -> None:
    assert mistakes(boats, text)
    with pytest.raises(RecordError):
        parse_record(text, "boat.yaml", harbour)


def test_it_explains_every_field(harbour: Knowledge) -> None:
    schema = json_schema(harbour)
    hull = schema["$defs"]["boat"]["properties"]["hull"]
    assert hull["title"] == "Hull"
    assert hull["description"].startswith("What the hull is made of. ")
    assert "wood: Wood; steel: Steel" in hull["description"]
    assert "Unit: m." in schema["$defs"]["boat"]["properties"]["length_m"]["description"]
    assert "judgement" in schema["$defs"]["boat"]["properties"]["seaworthy"]["description"]
