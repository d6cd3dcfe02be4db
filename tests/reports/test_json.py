"""The advice as JSON: what is written can be read, follows its schema, and is described field by field."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nelm import reports
from nelm.reports import document
from nelm.reports.json import NotAnAdvice, json_schema
from tests.reports.conftest import Report
from tests.reports.test_page import CASES

Case = Callable[[str], Report]
MODELS = [model for model in vars(document).values() if isinstance(model, type) and dataclasses.is_dataclass(model)]
HEADING = re.compile(r"^#+ ", re.MULTILINE)
FIELD = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


@pytest.fixture(scope="session")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", CASES)
def test_every_worked_case_comes_back_as_it_was_written(case: Case, name: str, validator: Draft202012Validator) -> None:
    report = case(name)
    read = dataclasses.asdict(reports.read_json(report.json))
    assert json.dumps(read, indent=2, ensure_ascii=False) + "\n" == report.json
    assert list(validator.iter_errors(json.loads(report.json))) == []


def test_the_same_advice_gives_the_same_text(case: Case) -> None:
    again = Report(case("p05").advice.facts.record, case("p05").advice.knowledge)
    assert again.json == case("p05").json


def test_verdicts_are_told_with_strength_and_what_is_missing(case: Case) -> None:
    verdicts = {verdict.key: verdict for verdict in reports.read_json(case("p01").json).verdicts}
    found = verdicts["nelm-2014/Q08"]
    assert (found.verdict, found.strength, found.decisive_unknowns) == ("FOR", "weak", ())
    assert "carcinoid_heart_disease_advanced" in found.listed_unknowns


def test_out_of_scope_nothing_is_quoted(case: Case) -> None:
    found = reports.read_json(case("v24a").json)
    assert {scope.verdict for scope in found.scopes} == {"OUT"}
    assert {verdict.verdict for verdict in found.verdicts} == {"OUT"}
    assert {(item.says, item.when, item.strength) for item in found.statements} == {(None, (), None)}


def facts(report: Report) -> dict[str, document.Fact]:
    return {fact.name: fact for fact in reports.read_json(report.json).facts}


@pytest.mark.parametrize(
    ("record", "fact", "value"),
    [
        ("specimens: [{ki67_percent: '<2'}]", "ki67_percent", {"intervals": [{"low": 0, "high": 2, "high_open": True}]}),
        (
            "liver: [{liver_metastases_count: '>= 3'}]",
            "liver_metastases_count",
            {"intervals": [{"low": 3, "high": None, "high_open": True}]},
        ),
        ("tumour: {tumour_entity: [net, nec]}", "tumour_entity", {"possible": ["nec", "net"]}),
        ("patient: {birth_date: 1960-02-03}", "birth_date", {"intervals": [{"low": "1960-02-03", "high": "1960-02-03"}]}),
        ("function: [{hormonally_functional: true}]", "hormonally_functional", {"possible": [True]}),
        ("function: [{comorbidities: [cirrhosis, COPD]}]", "comorbidities", {"possible": ["cirrhosis", "COPD"]}),
        ("plan: {question: Why?}", "question", {"text": "Why?"}),
    ],
)
def test_a_value_is_what_a_fact_may_still_be(written: Callable[[str], Report], record: str, fact: str, value: dict[str, Any]) -> None:
    found = dataclasses.asdict(facts(written(record))[fact].value)
    expected = dataclasses.asdict(document.Value(**{**value, "intervals": ()}))
    expected["intervals"] = tuple(dataclasses.asdict(document.Interval(**part)) for part in value.get("intervals", ()))
    expected["possible"] = tuple(value.get("possible", ()))
    assert found == expected


def test_a_fact_names_the_entries_it_came_from(case: Case) -> None:
    found = facts(case("v23d"))["future_liver_remnant_percent"]
    assert found.disputed
    assert [(entry.part, entry.number, entry.source) for entry in found.origins] == [
        ("liver", 1, "first statement"),
        ("liver", 2, "volumetry"),
    ]
    assert facts(case("p01"))["liver_metastasis_type"].derived
    assert not facts(case("p01"))["primary_site"].derived


def test_what_was_set_aside_is_told(case: Case) -> None:
    (found,) = reports.read_json(case("v23a").json).set_aside
    assert (found.fact, found.written, found.line) == ("ki67_percent", "130", 7)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": "nelm-advice/2"}, "schema: Input should be 'nelm-advice/1'"),
        ({"verdicts": [{"key": 1}]}, "verdicts.0.key"),
        ({"more": 1}, "more: "),
    ],
)
def test_what_is_no_advice_is_refused_with_every_mistake(case: Case, change: dict[str, Any], said: str) -> None:
    with pytest.raises(NotAnAdvice) as caught:
        reports.read_json(json.dumps({**json.loads(case("v24a").json), **change}))
    assert said in str(caught.value)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(NotAnAdvice, match="the text: Invalid JSON"):
        reports.read_json(b"{")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_description_names_every_field_and_no_other(root: Path, model: type) -> None:
    page = (root / "docs" / "advice-json.md").read_text(encoding="utf-8")
    sections = {section.split("\n")[0].strip("`"): section for section in HEADING.split(page)}
    assert FIELD.findall(sections[model.__name__]) == [field.name for field in dataclasses.fields(model)]
