"""The runner of worked cases: every way in which advice can deviate is found and said with its place."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from nelm.advice.worked_cases import given_value, plain_value, run_all, run_case, run_vectors
from nelm.criteria import Codes, Span, Spans, Truth
from nelm.knowledge.base import Knowledge
from nelm.patient.partial import NotPermitted

KETTLE = "kettle: {material: steel, leaks: false, litres: 1}\n"


def expected(folder: Path, text: str) -> Path:
    (folder / "cases" / "expected").mkdir(parents=True, exist_ok=True)
    (folder / "cases" / "k1.yaml").write_text(KETTLE, encoding="utf-8")
    file = folder / "cases" / "expected" / "k1.yaml"
    file.write_text("case: k1\n" + dedent(text), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "text",
    [
        "scope: {kettle-a: IN, kettle-b: IN}",
        "verdicts: {kettle-a/Q01: {verdict: FOR, strength: strong, decisive_unknowns: [whistles], conflicts: [K1]}}",
        "verdicts: {kettle-a/Q01: {verdict: FOR, decisive_unknowns: ['shape|whistles']}}",
        "verdicts: {kettle-a/Q01: {verdict: AGAINST, also: [FOR]}}",
        "verdicts: {kettle-a/Q01: {verdict: FOR, parts: [{part: Descale, id: panel, verdict: FOR}]}}",
        "verdicts: {kettle-a/Q04: {verdict: FOR, decisive_unknowns: [top_heat]}}",
        "conflicts: [K1, K2]\nmissing: [whistles, 'nothing|top_heat']",
        "facts: {litres: 1, leaks: false, material: steel, whistles: undetermined, top_class: [high, low], top_heat: undetermined}",
        "criteria: {kettle-a.small: true, kettle-a/Q01.big: false}",
        "statements: {kettle-a/Q01.R1: undetermined}",
        "verdicts: {}\nparts: {'kettle-a/Q01#panel': FOR}",
    ],
)
def test_what_holds_is_no_deviation(kettles: Knowledge, tmp_path: Path, text: str) -> None:
    run = run_case(expected(tmp_path, text), tmp_path / "cases", kettles)
    assert run.deviations == ()
    assert run.checks > 0 or "verdicts: {}" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scope: {kettle-a: OUT}", "scope of kettle-a: expected OUT, found IN"),
        ("verdicts: {kettle-a/Q01: {verdict: AGAINST}}", "kettle-a/Q01: expected AGAINST, found FOR (sound; open: whistles)"),
        ("verdicts: {kettle-a/Q01: {verdict: UNKNOWN, decisive_unknowns: [whistles]}}", "expected UNKNOWN, found FOR"),
        ("verdicts: {kettle-a/Q01: {verdict: FOR, strength: weak}}", "kettle-a/Q01 strength: expected weak, found strong"),
        ("verdicts: {kettle-a/Q01: {verdict: FOR, decisive_unknowns: [shape]}}", "kettle-a/Q01 open items: expected shape, found whistles"),
        ("verdicts: {kettle-a/Q01: {verdict: FOR, conflicts: [K9]}}", "kettle-a/Q01 conflicts: expected K9, found K1, K2"),
        ("verdicts: {kettle-a/Q01: {verdict: FOR, parts: [{part: Gone, id: gone, verdict: FOR}]}}", "no such part"),
        (
            "verdicts: {kettle-a/Q01: {verdict: FOR, parts: [{part: Descale, id: panel, verdict: OPEN}]}}",
            "part panel: expected OPEN, found FOR",
        ),
        ("verdicts: {kettle-a/Q99: {verdict: FOR}}", "kettle-a/Q99: expected FOR, found no such verdict"),
        ("parts: {'kettle-a/Q01#panel': OPEN}", "kettle-a/Q01#panel: expected OPEN, found FOR"),
        ("parts: {'kettle-a/Q01#gone': OPEN}", "found no such part"),
        ("statements: {kettle-a/Q01.R1: applies}", "kettle-a/Q01.R1: expected applies, found undetermined"),
        ("statements: {kettle-a/Q01.R9: applies}", "found no such statement"),
        ("facts: {litres: 2}", "litres: expected 2.0, found 1.0"),
        ("facts: {nonsense: 2}", "nonsense: expected 2, found no such fact"),
        ("missing: [gone]", "missing items of the case: expected gone"),
    ],
)
def test_every_deviation_is_said_with_its_place(kettles: Knowledge, tmp_path: Path, text: str, said: str) -> None:
    run = run_case(expected(tmp_path, text), tmp_path / "cases", kettles)
    assert len(run.deviations) == 1
    assert said in str(run.deviations[0])
    assert str(run.deviations[0]).startswith("content/cases/expected/k1.yaml:2:")


def test_a_record_that_cannot_be_read_is_a_deviation(kettles: Knowledge, tmp_path: Path) -> None:
    file = expected(tmp_path, "scope: {kettle-a: IN}")
    (tmp_path / "cases" / "k1.yaml").write_text("kettle: {litres: -3}", encoding="utf-8")
    run = run_case(file, tmp_path / "cases", kettles)
    assert "litres" in run.deviations[0].found


def test_values_that_cannot_be_true_are_set_aside_on_request(kettles: Knowledge, tmp_path: Path) -> None:
    file = expected(tmp_path, "read: {set_aside_invalid: true}\nfacts: {litres: undetermined}")
    (tmp_path / "cases" / "k1.yaml").write_text("kettle: {material: steel, litres: -3}", encoding="utf-8")
    assert run_case(file, tmp_path / "cases", kettles).deviations == ()


VECTORS = """
vectors:
  - {id: v1, record: {kettle: {material: steel, leaks: true}}, expect: {verdicts: {kettle-a/Q01: NOT_MET}, scope: {kettle-a: IN}}}
  - {id: v2, given: {material: steel, leaks: false, litres: "<= 2", top_class: high, top_heat: 90}, expect: {parts: {"kettle-a/Q01#panel": FOR, "kettle-a/Q04#one": FOR}}}
  - {id: v3, given: {leaks: true, material: clay}, expect: {statements: {kettle-a/Q01.R1: out_of_scope}, facts: {leaks: true}, criteria: {kettle-a.small: undetermined}}}
  - {id: v4, record: {kettle: {litres: 99}}, expect: {}}
  - {id: v5, given: {nonsense: 1}, expect: {}}
  - {id: v6, given: {litres: unknown}, expect: {}}
  - {id: v7, given: {material: steel}, expect: {verdicts: {kettle-a/Q01: {verdict: FOR}}, parts: {"kettle-a/Q01#panel": FOR}}}
"""


def test_vectors_are_run_one_by_one(kettles: Knowledge, tmp_path: Path) -> None:
    file = tmp_path / "vectors.yaml"
    file.write_text(VECTORS, encoding="utf-8")
    runs = list(run_vectors(file, kettles))
    assert [(run.case, len(run.deviations)) for run in runs] == [
        ("v1", 0),
        ("v2", 0),
        ("v3", 0),
        ("v4", 1),
        ("v5", 1),
        ("v6", 1),
        ("v7", 2),
    ]
    assert "is not a fact" in runs[4].deviations[0].found
    assert "says nothing" in runs[5].deviations[0].found


def test_all_cases_and_vectors_of_a_content_folder(kettles: Knowledge, tmp_path: Path) -> None:
    expected(tmp_path, "scope: {kettle-a: IN}")
    (tmp_path / "cases" / "boundaries").mkdir()
    (tmp_path / "cases" / "boundaries" / "v.yaml").write_text(VECTORS, encoding="utf-8")
    assert len(list(run_all(tmp_path, kettles))) == 8


def test_values_as_vectors_write_them(kettles: Knowledge) -> None:
    assert given_value("top_class", "high", kettles) == Codes.of("high")
    assert given_value("litres", "<= 2", kettles) == Spans.of([Span(0, 2, True, False)])
    with pytest.raises(NotPermitted):
        given_value("top_class", "warm", kettles)
    assert [plain_value(value) for value in (Truth.UNDETERMINED, Codes.of("b", "a"), Spans.point(3))] == ["undetermined", ["a", "b"], 3.0]
