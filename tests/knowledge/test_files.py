"""Files and items that do not have the form of what they should hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.knowledge.files import Reader
from nelm.knowledge.vocabulary import Term
from tests.knowledge.world import BOAT, CONFLICTS, OF_BOAT, QUESTION, RULES, TOPICS, WORDS, check_mistake, copy_of_harbour, findings


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            BOAT,
            "label: Boat\n",
            "",
            [
                "dictionary/boat.yaml:1:1: The field 'label' is missing.",
            ],
        ),
        (
            BOAT,
            "many: false",
            "many: false\ncolour: red",
            [
                "dictionary/boat.yaml:5:1: The field 'colour' is not known here.",
            ],
        ),
        (
            BOAT,
            "many: false",
            "many: several",
            [
                "dictionary/boat.yaml:4:1: Found 'several' where true or false is expected.",
            ],
        ),
        (
            BOAT,
            "type: text",
            "type: txt",
            [
                "dictionary/boat.yaml:20:36: 'txt' is not permitted. Permitted: 'boolean', 'coded', 'quantity', 'count', 'date', 'text' or 'list'.",
            ],
        ),
        (
            BOAT,
            "  - {name: freight, label: Freight, type: quantity}",
            "  - freight",
            [
                "dictionary/boat.yaml:24:5: Found 'freight' where fields ('name: value') are expected.",
            ],
        ),
        (
            BOAT,
            "  - {name: freight, label: Freight, type: quantity}",
            '  - {name: freight, label: Freight, type: quantity, is: "hull"}',
            [
                "dictionary/boat.yaml:24:53: The field 'is' is not known here.",
            ],
        ),
        (
            QUESTION,
            "for: 10",
            "for: ten",
            [
                "guidelines/pilot/questions/q1.yaml:23:42: Found 'ten' where a number is expected.",
            ],
        ),
        (
            QUESTION,
            '    is: "rust_percent < 10"\n',
            "",
            [
                "guidelines/pilot/questions/q1.yaml:8:3: The field 'is' is missing.",
            ],
        ),
        (
            QUESTION,
            "from: [Q1.R1]",
            "from: {a: Q1.R1}",
            [
                "guidelines/pilot/questions/q1.yaml:36:71: Found {'a': 'Q1.R1'} where a list is expected.",
            ],
        ),
        (
            RULES,
            "rules:\n",
            "rule:\n",
            [
                "derivations/consistency.yaml:1:1: The field 'rule' is not known. Permitted: rules. Did you mean 'rules'?",
            ],
        ),
        (
            WORDS,
            "tests:\n  - {id: sounding, label: Sounding, done: {over: survey, stated: surveyor}}\n",
            "tests: sounding\n",
            [
                "vocabulary/words.yaml:1:1: 'tests' has to be a list.",
            ],
        ),
        (
            WORDS,
            "needs:\n  - {id: dry_dock, label: In a dry dock}",
            "needs:\n  - dry_dock",
            [
                "vocabulary/words.yaml:10:5: Found 'dry_dock' where fields ('name: value') are expected.",
            ],
        ),
        (
            BOAT,
            "label: Boat\n",
            "label: Boat\nlabel: Ship\n",
            [
                "dictionary/boat.yaml:4:1: The field 'label' stands here twice (first in line 3). Keep one.",
            ],
        ),
        (
            QUESTION,
            "title: Leaving the harbour\nasks",
            "title: &t Leaving the harbour\nasks",
            [
                "guidelines/pilot/questions/q1.yaml:2:8: Anchors and aliases ('&', '*') are not permitted. Write the value out.",
            ],
        ),
        (
            BOAT,
            "many: false",
            "many: []",
            [
                "dictionary/boat.yaml:4:1: Found [] where true or false is expected.",
            ],
        ),
        (
            BOAT,
            "label: Boat\n",
            "label: [Boat]\n",
            [
                "dictionary/boat.yaml:3:1: Found ['Boat'] where text is expected.",
            ],
        ),
        (
            BOAT,
            "elements:\n",
            "codes: 1\nelements:\n",
            [
                "dictionary/boat.yaml:5:1: The field 'codes' is not known here.",
            ],
        ),
        (
            QUESTION,
            'grading: {level_of_evidence: "1", cost: low}',
            "grading: {level_of_evidence: 1, cost: low}",
            [
                "guidelines/pilot/questions/q1.yaml:5:11: Found 1 where text is expected.",
            ],
        ),
        (
            QUESTION,
            "    source: S1\nverdicts",
            "    refs: [1.5]\n    source: S1\nverdicts",
            [
                "guidelines/pilot/questions/q1.yaml:25:12: Found 1.5 where a whole number is expected.",
            ],
        ),
        (
            QUESTION,
            "    source: S1\nverdicts",
            "    refs: [one]\n    source: S1\nverdicts",
            [
                "guidelines/pilot/questions/q1.yaml:25:12: Found 'one' where a whole number is expected.",
            ],
        ),
        (
            QUESTION,
            "about: liver",
            "about: liver\nnote: {a: b}",
            [
                "guidelines/pilot/questions/q1.yaml:5:1: Found {'a': 'b'} where text is expected.",
            ],
        ),
        (
            CONFLICTS,
            "says: {pilot: Leave and stay.}",
            "says: Leave.",
            [
                "guidelines/conflicts.yaml:5:5: Found 'Leave.' where a mapping ('name: value') is expected.",
            ],
        ),
        (
            OF_BOAT,
            "then: outer",
            "then: {a: outer}",
            [
                "derivations/boat.yaml:10:33: Found {'a': 'outer'} where true or false is expected.",
                "derivations/boat.yaml:10:33: Found {'a': 'outer'} where text is expected.",
                "derivations/boat.yaml:10:33: Found {'a': 'outer'} where a list is expected.",
            ],
        ),
    ],
)
def test_mistakes(tmp_path: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    check_mistake(tmp_path, file, old, new, expected)


@pytest.mark.parametrize("text", ["", "- a list", "a text", "12"])
def test_a_file_without_fields(tmp_path: Path, text: str) -> None:
    root = copy_of_harbour(tmp_path)
    for file in (BOAT, WORDS):
        (root / file).write_text(text, encoding="utf-8")
    assert findings(root) == [
        "content/dictionary/boat.yaml:1:1: The file has to hold fields ('name: value').",
        "content/vocabulary/words.yaml:1:1: The file has to hold one of these lists: tests, interventions, drugs, regimens, needs.",
    ]


def test_files_that_cannot_be_read_are_reported_with_all_others(tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    (root / QUESTION).write_bytes(b"id: \xff")
    (root / TOPICS).write_text("topics: [", encoding="utf-8")
    (root / BOAT).write_text("entity: &a boat", encoding="utf-8")
    (root / WORDS).write_bytes(b"\0")
    assert findings(root) == [
        "content/dictionary/boat.yaml:1:9: Anchors and aliases ('&', '*') are not permitted. Write the value out.",
        "content/guidelines/pilot/questions/q1.yaml:1:1: The file is not UTF-8 text. Save it as UTF-8.",
        "content/guidelines/topics.yaml:2:1: This is not YAML: did not find expected node content.",
        "content/vocabulary/words.yaml:1:1: The file is binary, not text.",
    ]


def test_a_file_with_another_ending_is_named_because_nobody_would_read_it(tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    (root / "vocabulary" / "more.yml").write_text("drugs: []", encoding="utf-8")
    assert findings(root) == ["content/vocabulary/more.yml:1:1: Content files end in '.yaml'. Rename this one, or it is not read."]


def test_a_file_is_read_once(tmp_path: Path) -> None:
    reader = Reader(copy_of_harbour(tmp_path))
    assert reader.document(WORDS) is reader.document(WORDS)
    assert [term.id for term, _, _ in reader.items(Term, WORDS, "tests", "interventions", "drugs", "regimens", "needs")] == [
        "sounding", "caulking", "tar", "tar_and_oakum", "dry_dock",
    ]  # fmt: skip
