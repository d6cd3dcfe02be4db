"""What documents report: claims with numbers, caveats, references; and every way in which they can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.coverage import coverage_rows, home, ids
from nelm.knowledge.evidence import Interval, Value
from nelm.knowledge.load_evidence import mistakes_in
from tests.knowledge.world import DOCUMENT, EVIDENCE, PICTURES, REFERENCES, check_mistake, copy_of_harbour, findings


def test_what_is_loaded(harbour: Knowledge) -> None:
    reported = harbour.reported["pilot"]
    first, second = reported.claims()
    assert (first.id, first.actions, first.refs, first.is_qualitative) == ("Q1.E1", ("caulking",), (1,), False)
    assert (second.id, second.refs_note, second.is_qualitative) == ("Q1.E2", "none printed", True)
    assert [value.ends for value in first.values] == [(80, 95), None]
    assert [value.limit for value in first.values] == [None, ("at_most", 60)]
    assert [section.id for section in reported.sections] == ["META"]
    assert reported.references[1].author[1].literal == "The guild"
    assert [picture.id for picture in harbour.pictures] == ["came_back"]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (EVIDENCE, "refs_note: none printed", "note: none", [
            "guidelines/pilot/evidence/q1.yaml:16:5: 'Q1.E2' has no reference. Give 'refs', or say in 'refs_note' what is printed ('none printed').",
        ]),
        (EVIDENCE, "    refs: [1]\n    source: S1\n    discrepancies", "    refs: [7]\n    source: S1\n    discrepancies", [
            "guidelines/pilot/evidence/q1.yaml:13:5: The reference 7 is not known.",
        ]),
        (EVIDENCE, "actions: [caulking]", "actions: [calking]", [
            "guidelines/pilot/evidence/q1.yaml:8:5: The test or treatment 'calking' is not known. Did you mean 'caulking'?",
        ]),
        (EVIDENCE, "statements: [Q1.R1]", "statements: [Q1.R9]", [
            "guidelines/pilot/evidence/q1.yaml:23:59: The statement 'Q1.R9' is not known. Did you mean 'Q1.R1'?",
        ]),
        (EVIDENCE, "low: 80, high: 95", "low: 95, high: 80", [
            "guidelines/pilot/evidence/q1.yaml:11:9: The range from 95 to 80 is upside down.",
        ]),
        (EVIDENCE, "unit: percent, at_years: 1, of: caulked", "unit: share, at_years: 1, of: caulked", None),
        (EVIDENCE, "outcome: prognosis", "outcome: fate", None),
        (EVIDENCE, "id: Q1.E2", "id: Q1.E1", [
            "guidelines/pilot/evidence/q1.yaml:16:5: 'Q1.E1' is given twice, here and in content/guidelines/pilot/evidence/q1.yaml. Keep one.",
        ]),
        (DOCUMENT, "discrepancies: [DISC.01]", "discrepancies: [DISC.09]", [
            "guidelines/pilot/document.yaml:5:9: The discrepancy 'DISC.09' is not known. Did you mean 'DISC.02'?",
        ]),
        (REFERENCES, "number: 2", "number: 1", [
            "guidelines/pilot/references.yaml:3:5: Reference 1 is given twice. Keep one.",
        ]),
        (PICTURES, "pilot/Q1.E1", "pilot/Q1.E8", [
            "guidelines/pictures.yaml:2:86: The claim 'pilot/Q1.E8' is not known. Did you mean 'pilot/Q1.E2'?",
        ]),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, file: str, old: str, new: str, expected: list[str] | None) -> None:
    if expected is not None:
        check_mistake(tmp_path, file, old, new, expected)
        return
    root = copy_of_harbour(tmp_path)
    (root / file).write_text((root / file).read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    (said,) = (finding for finding in findings(root) if file in finding)
    assert "is not permitted. Permitted: " in said


@pytest.mark.parametrize(
    ("value", "mistakes"),
    [
        (Value("percent", value=5), []),
        (Value("percent", low=5, high=6), []),
        (Value("percent", value=5, low=4, high=6), []),
        (Value("percent", below=5), []),
        (Value("percent", token="1O %"), []),
        (Value("percent", value=120, token="120 %"), []),
        (Value("hazard_ratio", value=2, interval=Interval(1, 3, 95)), []),
        (Value("percent"), ["The value has no number. Give 'value', 'low' and 'high', or one of below, at_most, at_least, above; or the printed 'token'."]),
        (Value("percent", low=5), ["A range needs 'low' and 'high'."]),
        (Value("percent", low=6, high=5), ["The range from 6 to 5 is upside down."]),
        (Value("percent", value=7, low=5, high=6), ["The value 7 lies outside its range from 5 to 6."]),
        (Value("hazard_ratio", value=4, interval=Interval(1, 3)), ["The value 4 lies outside its range from 1 to 3."]),
        (Value("percent", below=5, above=3), ["A limit stands alone: give one of it, and no value beside it."]),
        (Value("percent", below=5, value=3), ["A limit stands alone: give one of it, and no value beside it."]),
        (Value("percent", value=101), ["A share cannot be above 100 %. If it is printed so, give what is printed as 'token'."]),
        (Value("percent", value=5, at_years=1, at_months=12), ["Give the time either in years or in months."]),
    ],
)  # fmt: skip
def test_numbers(value: Value, mistakes: list[str]) -> None:
    assert mistakes_in(value) == mistakes


def test_coverage(harbour: Knowledge) -> None:
    assert list(ids(harbour, "pilot")) == ["Q1.R1", "DISC.01", "DISC.02", "Q1.E1", "Q1.E2", "Q1.C1", "Q1.P1", "PROC.01"]
    assert {row.question: row.counts for row in coverage_rows(harbour, "pilot")} == {
        "Q1": (1, 0, 0, 0, 0, 2, 1, 1, 1),
        "-": (0, 0, 0, 0, 0, 0, 0, 0, 1),
    }


@pytest.mark.parametrize(
    ("item", "found"), [("Q05.1.E2", "Q05.1"), ("Q05.E2", "Q05"), ("Q05.12.E2", "Q05"), ("INTRO.E1", "INTRO"), ("Q5", "INTRO")]
)
def test_the_home_of_an_id(item: str, found: str) -> None:
    assert home(item, "INTRO", ["Q05", "Q05.1"]) == found
