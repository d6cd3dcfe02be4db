"""`nelm guideline diff` as a user meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.test_commands import nelm
from tests.knowledge.world import BOAT, DISCREPANCIES, EVIDENCE, QUESTION, TOPICS, copy_of_harbour, replace_in

RECORD = "nelm: 1\nid: sloop\nboat: {hull: wood, seaworthy: true, length_m: 12}\nsurveys: [{rust_percent: 7}]\nvoyages: [{speed: 5}]\n"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The harbour with a worked case."""
    root = copy_of_harbour(tmp_path / "old")
    (root / "cases").mkdir()
    (root / "cases" / "sloop.yaml").write_text(RECORD, encoding="utf-8")
    return root


@pytest.fixture
def new(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old, tmp_path / "new"))


def test_what_changed_and_which_cases(old: Path, new: Path) -> None:
    replace_in(new, QUESTION, "rust_percent < 10", "rust_percent < 5")
    replace_in(new, QUESTION, "strength: strong", "strength: weak")
    replace_in(new, TOPICS, "relation: agree", "relation: refine")
    replace_in(new, BOAT, "label: Length", "label: Length overall")
    result = nelm("guideline", "diff", old, new)
    assert result.exit_code == 0
    assert result.output == (
        "The pilot (pilot), version 1.0.0\n"
        "\n"
        "  Q1 Leaving the harbour\n"
        "    'Little rust': was `rust_percent < 10`, is now `rust_percent < 5` (in Q1.R1, the verdict Q1).\n"
        "    Q1.R1: the strength was strong, is now weak.\n"
        "\n"
        "What all documents share\n"
        "\n"
        "  How the documents relate\n"
        "    Topic T1, “They agree”: the relation was agree, is now refine.\n"
        "\n"
        "  Facts, rules and words\n"
        "    'Length overall' (length_m): the label was Length, is now “Length overall”.\n"
        "\n"
        "Worked cases with another verdict\n"
        "\n"
        "  sloop  pilot/Q1  Leaving the harbour: was “for”, is now “open”.\n"
        "\n"
        "4 changes; 1 verdict differs in 1 of 1 worked case.\n"
    )


def test_places_outside_the_questions_have_their_headings(old: Path, new: Path) -> None:
    for root, title in ((old, "A"), (new, "B")):
        text = f"about: INTRO\ntitle: {title}\n"
        (root / "guidelines/pilot/evidence/intro.yaml").write_text(text, encoding="utf-8")
    replace_in(new, DISCREPANCIES, "reading: section 1", "reading: section 2")
    replace_in(new, "guidelines/pilot/guideline.yaml", "year: 1890", "year: 1891")
    replace_in(new, EVIDENCE, "value: 90", "value: 91")
    lines = nelm("guideline", "diff", old, new).output.splitlines()
    assert [line.strip() for line in lines if line.startswith("  ") and not line.startswith("    ")] == [
        "The document as a whole",
        "Q1 Leaving the harbour",
        "INTRO (outside the questions)",
        "Doubtful places, the document itself, references",
    ]
    assert lines[-1] == "4 changes; 0 verdicts differ in 0 of 1 worked case."


def test_no_difference(old: Path, new: Path, content: Path) -> None:
    assert nelm("guideline", "diff", old, new).output == "No difference.\n"
    assert nelm("guideline", "diff", content, content).output == "No difference.\n"


def test_a_record_that_cannot_be_read_is_told(old: Path, new: Path) -> None:
    (new / "cases" / "gone.yaml").write_text("nelm: 1\nboat: {mast: tall}\n", encoding="utf-8")
    output = nelm("guideline", "diff", old, new).output
    assert "Not compared: the record cannot be read" in output
    assert "gone, with the old content:" in output
    assert "gone, with the new content:" in output
    assert output.endswith("0 changes; 0 verdicts differ in 0 of 1 worked case, 1 could not be compared.\n")


def test_a_new_version_and_a_document_that_one_content_lacks(old: Path, new: Path) -> None:
    guideline = "guidelines/pilot/guideline.yaml"
    replace_in(new, guideline, "version: 1.0.0\nbody", "version: 1.1.0\nbody")
    replace_in(new, guideline, "as printed.}\n", 'as printed.}\n  - {version: 1.1.0, date: "1891-01-01", says: Less rust.}\n')
    second = new / "guidelines" / "second"
    second.mkdir()
    text = (old / guideline).read_text(encoding="utf-8").replace("id: pilot", "id: second").replace("sound:", "sound2:")
    (second / "guideline.yaml").write_text(text, encoding="utf-8")
    output = nelm("guideline", "diff", old, new).output
    assert "The pilot (pilot), versions 1.0.0 → 1.1.0\n" in output
    assert "The pilot (second), version 1.0.0\n" in output


def test_a_question_that_is_new_for_the_cases(old: Path, new: Path) -> None:
    replace_in(new, QUESTION, "  - id: Q1\n    title: Leaving the harbour", "  - id: Q2\n    title: Leaving the harbour")
    for file in (DISCREPANCIES, TOPICS, "guidelines/conflicts.yaml", "guidelines/options.yaml"):
        path = new / file
        path.write_text(
            path.read_text(encoding="utf-8").replace("shown_with: [Q1]", "").replace("pilot/Q1", "pilot/Q2").replace("[Q1]", "[Q2]")
        )
    output = nelm("guideline", "diff", old, new).output
    assert "pilot/Q1  Leaving the harbour: was “for”, is now not asked, because the question is gone" in output


def test_as_json(old: Path, new: Path) -> None:
    replace_in(new, QUESTION, "rust_percent < 10", "rust_percent < 5")
    found = json.loads(nelm("guideline", "diff", old, new, "--json").stdout)
    assert found["versions"] == {"old": {"pilot": "1.0.0"}, "new": {"pilot": "1.0.0"}}
    assert [(change["id"], change["kind"], change["how"], change["before"], change["after"]) for change in found["changes"]] == [
        ("pilot/Q1.rust_low", "condition", "changed", "rust_percent < 10", "rust_percent < 5")
    ]
    assert [(verdict["case"], verdict["key"], verdict["before"], verdict["after"]) for verdict in found["verdicts"]] == [
        ("sloop", "pilot/Q1", "FOR", "OPEN")
    ]
    assert (found["compared"], found["not_compared"]) == (1, [])


def test_a_folder_that_is_no_content(old: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments, said in (
        ((old, tmp_path / "nowhere"), f"{tmp_path / 'nowhere'}: there is no such folder. Name a content folder"),
        ((empty, old), f"{empty}: 2 mistakes in the content:"),
    ):
        result = nelm("guideline", "diff", *arguments)
        assert result.exit_code == 2
        assert said in result.output
