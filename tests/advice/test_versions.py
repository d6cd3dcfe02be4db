"""Which verdicts of known patients change between two versions of the content."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nelm.advice.findings import Word
from nelm.advice.versions import Unread, VerdictChange, WorkedRecord, changed_verdicts, worked_records
from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load

QUESTION = "guidelines/kettle-a/questions/q01.yaml"
KETTLE = "dictionary/kettle.yaml"
Edited = Callable[..., Knowledge]

# resectable in every other respect; the future liver remnant lies between the old threshold and the new
BOUNDARY = """
nelm: 1
id: boundary
complete: [treatments]
tumour: {tumour_entity: net, primary_site: ileum, primary_status: resected}
specimens:
  - {specimen_site: liver_metastasis, specimen_shows_disease: true, differentiation: well, ki67_percent: 3, mitoses_per_2mm2: 1}
liver:
  - liver_metastases_present: true
    liver_metastases_count: 1
    liver_lobes_involved: right
    liver_metastases_pattern: single
    liver_resectability: complete
    expected_liver_margin: R0
    future_liver_remnant_percent: 27
extrahepatic: [{extrahepatic_metastases_present: false}]
cardiac: [{carcinoid_heart_disease_present: false}]
patient: {hepatic_surgery_centre_access: true}
"""


@pytest.fixture
def edited(kettle_content: Path, tmp_path: Path) -> Edited:
    """The kettles after some edits, each of a text that stands once in its file."""

    def make(*edits: tuple[str, str, str]) -> Knowledge:
        root = Path(shutil.copytree(kettle_content, tmp_path / "content"))
        for file, old, new in edits:
            text = (root / file).read_text(encoding="utf-8")
            assert text.count(old) == 1
            (root / file).write_text(text.replace(old, new), encoding="utf-8")
        return load(root)

    return make


@pytest.fixture
def kettle(tmp_path: Path) -> Callable[[str, str], WorkedRecord]:
    """A record of its own, as a worked case."""

    def make(case: str, fields: str) -> WorkedRecord:
        file = tmp_path / f"{case}.yaml"
        file.write_text(f"nelm: 1\nid: {case}\nkettle: {{{fields}}}\n", encoding="utf-8")
        return WorkedRecord(case, file)

    return make


Kettle = Callable[[str, str], WorkedRecord]
FOUR = "material: steel, litres: 4, leaks: false, whistles: false"


def test_a_verdict_that_changes_is_named_with_its_reason(kettles: Knowledge, edited: Edited, kettle: Kettle) -> None:
    other = edited((QUESTION, 'is: "litres > 5", source', 'is: "litres > 3", source'))
    records = [kettle("four", FOUR), kettle("two", "material: steel, litres: 2, leaks: false, whistles: false")]
    found = changed_verdicts(records, kettles, other)
    assert (found.compared, found.cases, found.unread) == (2, ("four",), ())
    assert found.changes == (
        VerdictChange("four", "kettle-a/Q01", "Descaling", Word.FOR, Word.AGAINST, "too big"),
        VerdictChange("four", "kettle-a/Q02", "Two parts", Word.NO_REC, Word.AGAINST, found.changes[1].because),
    )
    back = changed_verdicts(records, other, kettles)
    assert [(change.key, change.before, change.after) for change in back.changes] == [
        (change.key, change.after, change.before) for change in found.changes
    ]


def test_a_verdict_that_can_no_longer_be_given_says_what_it_waits_for(kettles: Knowledge, edited: Edited, kettle: Kettle) -> None:
    other = edited((QUESTION, 'is: "litres > 5", source', 'is: "litres > 5 and whistles", source'))
    (change,) = changed_verdicts([kettle("six", "material: steel, litres: 6, leaks: false")], kettles, other).changes[:1]
    assert (change.before, change.after) == (Word.AGAINST, Word.UNKNOWN)
    assert change.because == "it depends on what is missing: It whistles"


def test_a_question_that_only_one_content_has(kettles: Knowledge, edited: Edited, kettle: Kettle) -> None:
    other = edited((QUESTION, "  - id: Q02\n", "  - id: Q12\n"))
    found = changed_verdicts([kettle("four", FOUR)], kettles, other)
    assert [(change.key, change.before, change.after, change.because) for change in found.changes] == [
        ("kettle-a/Q02", Word.NO_REC, None, "the question is gone"),
        ("kettle-a/Q12", None, Word.NO_REC, found.changes[1].because),
    ]


@pytest.fixture
def renamed(edited: Edited) -> Knowledge:
    """Kettles whose glass is called crystal."""
    return edited((KETTLE, "{code: glass, label: Glass}", "{code: crystal, label: Crystal}"), (QUESTION, "'glass'", "'crystal'"))


def test_a_record_that_one_content_cannot_read_is_told(kettles: Knowledge, renamed: Knowledge, kettle: Kettle) -> None:
    records = [kettle("glass", "material: glass"), kettle("crystal", "material: crystal"), kettle("four", FOUR), kettle("no", "litres: 99")]
    found = changed_verdicts(records, kettles, renamed)
    assert found.compared == 1
    assert [(unread.case, unread.side) for unread in found.unread] == [("glass", "new"), ("crystal", "old"), ("no", "old"), ("no", "new")]
    assert isinstance(found.unread[0], Unread)
    assert "'glass'" in found.unread[0].message


def test_nothing_differs_between_content_and_itself(knowledge: Knowledge, content: Path) -> None:
    records = worked_records(content)
    found = changed_verdicts(records, knowledge, knowledge)
    assert (found.compared, found.changes, found.unread) == (len(records), (), ())


def test_the_records_of_a_folder(tmp_path: Path) -> None:
    assert worked_records(tmp_path) == ()
    (tmp_path / "cases" / "expected").mkdir(parents=True)
    for name in ("b", "a", "c", "d"):
        (tmp_path / "cases" / f"{name}.yaml").write_text("nelm: 1", encoding="utf-8")
    keys = {"a": "case: a\nread: {set_aside_invalid: true}\n", "b": "case: b\n", "c": "case: [\n"}
    for name, text in keys.items():
        (tmp_path / "cases" / "expected" / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert [(record.case, record.set_aside_invalid) for record in worked_records(tmp_path)] == [
        ("a", True),
        ("b", False),
        ("c", False),
        ("d", False),
    ]


def test_a_lower_remnant_in_the_real_content_changes_a_verdict(knowledge: Knowledge, content: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(content, tmp_path / "content", ignore=shutil.ignore_patterns("cases")))
    file = root / "guidelines/nelm-2014/questions/q08.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count('"future_liver_remnant_percent >= 30"') == 1
    file.write_text(text.replace('"future_liver_remnant_percent >= 30"', '"future_liver_remnant_percent >= 25"'), encoding="utf-8")
    (root / "cases").mkdir()
    (root / "cases" / "boundary.yaml").write_text(BOUNDARY, encoding="utf-8")
    found = changed_verdicts(worked_records(root), knowledge, load(root))
    assert found.unread == ()
    assert [(change.case, change.key, change.before, change.after) for change in found.changes] == [
        ("boundary", "nelm-2014/Q08", Word.NOT_MET, Word.FOR)
    ]
    assert "no condition of the text is known to fail" in found.changes[0].because
