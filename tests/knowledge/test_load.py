"""The loader: content that is sound, and content whose parts do not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.criteria import BooleanType, CodedType, NumberType, Table, to_text
from nelm.knowledge.findings import ContentError, Finding
from nelm.knowledge.load import load
from nelm.knowledge.yamlfile import Mark
from tests.knowledge.world import (
    BOAT,
    CONFLICTS,
    DISCREPANCIES,
    DOCUMENT,
    EVIDENCE,
    GUIDELINE,
    HARBOUR,
    OF_BOAT,
    OF_VOYAGES,
    OPTIONS,
    PICTURES,
    QUESTION,
    REFERENCES,
    RULES,
    TOPICS,
    WORDS,
    check_mistake,
    copy_of_harbour,
    findings,
    replace_in,
)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            OF_BOAT,
            "name: big,",
            "name: insured,",
            [
                "derivations/boat.yaml:3:5: 'insured' is defined twice. Keep one.",
                "derivations/consistency.yaml:5:143: The fact 'big' is not known.",
                "guidelines/pilot/questions/q1.yaml:21:14: The criterion 'big' is not known.",
            ],
        ),
        (
            BOAT,
            "name: freight",
            "name: boat_name",
            [
                "dictionary/boat.yaml:24:5: 'boat_name' is defined twice. Keep one.",
            ],
        ),
        (
            BOAT,
            "entity: boat",
            "entity: survey",
            [
                "dictionary/surveys.yaml:1:1: 'survey' is defined twice. Keep one.",
            ],
        ),
        (
            BOAT,
            "record_key: boat",
            "record_key: surveys",
            [
                "dictionary/surveys.yaml:2:1: 'surveys' is defined twice. Keep one.",
            ],
        ),
        (
            RULES,
            "id: tiny",
            "id: wooden",
            [
                "derivations/consistency.yaml:7:5: 'wooden' is defined twice. Keep one.",
            ],
        ),
        (
            WORDS,
            "id: tar_and_oakum",
            "id: tar",
            [
                "vocabulary/words.yaml:8:5: 'tar' is defined twice. Keep one.",
            ],
        ),
        (
            DISCREPANCIES,
            "discrepancies:\n",
            "discrepancies:\n  - {id: DISC.01, kind: P, title: x, printed: x, reading: x}\n",
            [
                "guidelines/pilot/discrepancies.yaml:3:5: 'DISC.01' is defined twice. Keep one.",
            ],
        ),
        (
            OF_VOYAGES,
            "same_as: class_computed",
            "same_as: class_compute",
            [
                "derivations/voyages.yaml:12:66: The derivation 'class_compute' is not known. Did you mean 'class_computed'?",
            ],
        ),
        (
            OF_VOYAGES,
            "same_as: class_computed",
            "same_as: top_class",
            [
                "derivations/voyages.yaml:12:5: 'voyage_class' needs one of 'is', 'table', 'same_as' (a table), 'over', 'years_since', 'fired'.",
            ],
        ),
        (
            OF_VOYAGES,
            "name: fast, label: Fast, per: voyage",
            "name: fast, label: Fast, per: voyages",
            [
                "derivations/voyages.yaml:13:31: The entity 'voyages' is not known. Did you mean 'voyage'?",
                "derivations/voyages.yaml:24:92: The name 'fast' is not known.",
            ],
        ),
        (
            OF_BOAT,
            'is: "length_m > 50", ',
            "",
            [
                "derivations/boat.yaml:2:5: 'big' needs one of 'is', 'table', 'same_as' (a table), 'over', 'years_since', 'fired'.",
            ],
        ),
        (
            OF_BOAT,
            "then: outer",
            "then: outside",
            [
                "derivations/boat.yaml:10:9: The result 'outside' is not permitted. Permitted: inner, outer. Did you mean 'outer'?",
            ],
        ),
        (
            OF_BOAT,
            "then: false}",
            "then: perhaps}",
            [
                "derivations/boat.yaml:17:9: The result 'perhaps' is not permitted. Permitted: true, false.",
            ],
        ),
        (
            OF_BOAT,
            "  - name: calm\n    label: Calm trade\n    type: boolean",
            "  - name: calm\n    label: Calm trade\n    type: coded",
            [
                "derivations/boat.yaml:13:5: The type of 'calm' cannot be told: give 'codes' or 'type'.",
            ],
        ),
        (
            OF_BOAT,
            "  - name: calm\n    label: Calm trade\n    type: boolean",
            "  - name: calm\n    label: Calm trade\n    type: date",
            [
                "derivations/boat.yaml:13:5: 'calm' has a table and so has to be coded or boolean.",
            ],
        ),
        (
            RULES,
            'per: survey, when: "painted',
            'per: surveys, when: "painted',
            [
                "derivations/consistency.yaml:5:36: The entity 'surveys' is not known. Did you mean 'survey'?",
            ],
        ),
        (
            OF_BOAT,
            'is: "seaworthy"',
            'is: "insured"',
            [
                "derivations/boat.yaml:3:5: Definitions go round in a circle: insured -> insured.",
            ],
        ),
        (
            OF_VOYAGES,
            'is: "speed >= 25"',
            'is: "fast"',
            [
                "derivations/voyages.yaml:13:5: Definitions go round in a circle: fast -> fast.",
            ],
        ),
        (
            GUIDELINE,
            "  sound:\n",
            "  hull:\n",
            [
                "guidelines/pilot/guideline.yaml:18:15: 'pilot.hull' (boolean) and \"'not_steel'\" (code) cannot be compared.",
                "guidelines/pilot/guideline.yaml:21:3: The name 'hull' exists already elsewhere; a name may stand in one place only.",
                "guidelines/pilot/questions/q1.yaml:20:12: The criterion 'sound' is not known.",
                "guidelines/pilot/questions/q1.yaml:35:25: The name 'sound' is not known.",
            ],
        ),
        (
            QUESTION,
            "  rust_low:\n",
            "  sound:\n",
            [
                "guidelines/pilot/questions/q1.yaml:8:3: The name 'sound' exists already elsewhere; a name may stand in one place only.",
                "guidelines/pilot/questions/q1.yaml:20:19: The criterion 'rust_low' is not known.",
                "guidelines/pilot/questions/q1.yaml:38:21: The name 'rust_low' is not known.",
            ],
        ),
        (
            QUESTION,
            '{when: "rust_low", then: FOR}',
            '{when: "rust_low"}',
            [
                "guidelines/pilot/questions/q1.yaml:38:13: A row needs 'when' with 'then', or 'otherwise' alone.",
            ],
        ),
        (
            QUESTION,
            '{when: "rust_low", then: FOR}',
            "{otherwise: FOR}",
            [
                "guidelines/pilot/questions/q1.yaml:38:13: 'otherwise' has to be the last row.",
            ],
        ),
        (
            QUESTION,
            "          - {otherwise: OPEN}\n",
            "",
            [
                "guidelines/pilot/questions/q1.yaml:34:9: The table needs a last row with 'otherwise'.",
            ],
        ),
        (
            QUESTION,
            '{when: "rust_low", then: FOR}',
            '{when: "rust_low", then: OUT}',
            [
                "guidelines/pilot/questions/q1.yaml:38:13: The word 'OUT' is not permitted here. Permitted: FOR, AGAINST, NO_REC, NOT_MET, OPEN, NA.",
            ],
        ),
        (
            GUIDELINE,
            "then: OUT",
            "then: AGAINST",
            [
                "guidelines/pilot/guideline.yaml:18:7: The word 'AGAINST' is not permitted here. Permitted: IN, OPEN, OUT.",
            ],
        ),
        (
            TOPICS,
            "topics:\n",
            "subjects:\n",
            [
                "guidelines/topics.yaml:1:1: The field 'subjects' is not known. Permitted: topics.",
            ],
        ),
        (
            TOPICS,
            "      - {relation: agree, says: They agree., statements: {pilot: [Q1.R1]}}",
            "      - They agree.",
            [
                "guidelines/topics.yaml:7:9: Found 'They agree.' where fields ('name: value') are expected.",
            ],
        ),
        (
            TOPICS,
            "    aspects:\n      - {relation: agree, says: They agree., statements: {pilot: [Q1.R1]}}",
            "    aspects: They agree.",
            [
                "guidelines/topics.yaml:6:5: Found 'They agree.' where a list is expected.",
            ],
        ),
        (
            TOPICS,
            "relation: agree,",
            "relation: agrees,",
            [
                "guidelines/topics.yaml:7:10: 'agrees' is not permitted. Permitted: 'agree', 'refine', 'conflict', 'only_one' or 'shift'.",
            ],
        ),
        (
            TOPICS,
            "  - id: T1\n    title: Leaving\n    verdicts: {pilot: [Q1]}\n    documents: {pilot: A sound boat leaves.}\n    aspects:\n      - {relation: agree, says: They agree., statements: {pilot: [Q1.R1]}}",
            "  - T1",
            [
                "guidelines/topics.yaml:2:5: Found 'T1' where fields ('name: value') are expected.",
            ],
        ),
        (
            GUIDELINE,
            "body: Guild of pilots\n",
            "",
            [
                "guidelines/pilot/guideline.yaml:1:1: The field 'body' is missing.",
            ],
        ),
        (
            WORDS,
            "done: {over: survey, where:",
            "done: {over: surveys, where:",
            [
                "vocabulary/words.yaml:4:59: The entity 'surveys' is not known. Did you mean 'survey'?",
            ],
        ),
        (
            GUIDELINE,
            '    is: "seaworthy"',
            '    is: "sound"',
            [
                "guidelines/pilot/guideline.yaml:21:3: Definitions go round in a circle: pilot.sound -> pilot.sound.",
            ],
        ),
        (
            QUESTION,
            'is: "rust_percent < 10"',
            'is: "rust_low"',
            [
                "guidelines/pilot/questions/q1.yaml:8:3: Definitions go round in a circle: pilot/Q1.rust_low -> pilot/Q1.rust_low.",
            ],
        ),
        (
            OF_BOAT,
            '{when: "length_m > 20", then: outer}',
            "{when: \"berth = 'inner'\", then: outer}",
            [
                "derivations/boat.yaml:5:5: Definitions go round in a circle: berth -> berth.",
            ],
        ),
        (
            OF_BOAT,
            '{when: "ever_ferry", then: false}',
            '{when: "calm", then: false}',
            [
                "derivations/boat.yaml:13:5: Definitions go round in a circle: calm#table -> calm -> calm#table.",
            ],
        ),
        (
            OF_VOYAGES,
            '  - {name: fast, label: Fast, per: voyage, is: "speed >= 25"}',
            '  - {name: fast, label: Fast, per: voyage, is: "speed >= 25"}\n  - {name: one, label: One, type: coded, same_as: two}\n  - {name: two, label: Two, type: coded, same_as: one}',
            [
                "derivations/voyages.yaml:14:5: The type of 'one' cannot be told: give 'codes' or 'type'.",
                "derivations/voyages.yaml:14:5: 'one' needs one of 'is', 'table', 'same_as' (a table), 'over', 'years_since', 'fired'.",
                "derivations/voyages.yaml:15:5: The type of 'two' cannot be told: give 'codes' or 'type'.",
                "derivations/voyages.yaml:15:5: 'two' needs one of 'is', 'table', 'same_as' (a table), 'over', 'years_since', 'fired'.",
            ],
        ),
    ],
)
def test_mistakes(tmp_path: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    check_mistake(tmp_path, file, old, new, expected)


def test_sound_content_has_no_findings() -> None:
    assert findings(HARBOUR, thorough=True) == []


def test_what_is_loaded() -> None:
    knowledge = load(HARBOUR)
    assert list(knowledge.entities) == ["boat", "surveys", "voyages"]
    assert knowledge.elements["hull"].entity == "boat"
    assert [rule.id for rule in knowledge.rules][:2] == ["scrapped_before_launch", "leaks_without_holes"]
    assert list(knowledge.terms) == ["sounding", "caulking", "tar", "tar_and_oakum"]
    assert list(knowledge.needs) == ["dry_dock"]
    assert [conflict.id for conflict in knowledge.conflicts] == ["K1", "K2"]
    assert [option.id for option in knowledge.options] == ["leave"]
    assert knowledge.topics[0].aspects[0].statements == {"pilot": ("Q1.R1",)}
    assert knowledge.topics[0].documents == {"pilot": "A sound boat leaves."}
    assert set(knowledge.conditions) >= {
        "rule:tiny",
        "conflict:K1",
        "discrepancy:pilot/DISC.01",
        "done:caulking",
        "ever_fast#where",
        "ever_fast#any",
    }


def test_types_follow_what_a_derived_fact_comes_from() -> None:
    model = load(HARBOUR).model
    assert model.types["cargo_speed"] == NumberType("knots", model.types["cargo_speed"].range)  # type: ignore[union-attr]
    assert model.types["low_class"] == CodedType(("C", "B", "A", "X"))
    assert isinstance(model.types["ever_ferry"], BooleanType)
    assert isinstance(model.definitions["berth"], Table)


def test_a_boolean_table_is_one_with_true_and_false() -> None:
    model = load(HARBOUR).model
    assert to_text(model.definitions["calm"]) == "calm#table in { 'true' }"  # type: ignore[arg-type]
    assert model.definitions["calm#table"] == Table(("true", "false"), model.definitions["calm#table"].rows, frozenset({"true", "false"}))  # type: ignore[union-attr]


def test_names_of_a_block_are_resolved_before_shared_ones() -> None:
    compiled = load(HARBOUR).guidelines["pilot"]
    assert compiled.id == "pilot"
    assert compiled.statements[0].when == ("pilot.sound", "pilot/Q1.rust_low")
    assert compiled.statements[0].unless == ("big",)
    rows = compiled.verdicts[0].parts[0].rows
    assert [to_text(row.when) for row in rows] == [
        "not pilot.sound", "rust_percent > 80", "top_class = 'A'", "pilot/Q1.rust_low", "true",
    ]  # fmt: skip
    assert rows[2].raised_by is not None


def test_all_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    replace_in(root, BOAT, 'plausible: "<= 200"', 'plausible: "some"')
    replace_in(root, OF_BOAT, 'is: "length_m > 50"', "is: \"length_m > 50 'knots'\"")
    replace_in(root, RULES, "severity: quiet", "severity: grave")
    replace_in(root, QUESTION, "needs: [dry_dock]", "needs: [dock]")
    replace_in(root, OPTIONS, "topics: [T1]", "topics: [T2]")
    with pytest.raises(ContentError) as caught:
        load(root, thorough=True)
    assert [finding.mark.file for finding in caught.value.findings] == [f"content/{file}" for file in (OF_BOAT, RULES, BOAT)]
    assert str(caught.value).startswith("3 mistakes in the content:\ncontent/derivations/boat.yaml:2:50: ")
    # names that stand for nothing are told once everything can be read
    replace_in(root, RULES, "severity: grave", "severity: quiet")
    assert {finding.split(":")[0] for finding in findings(root)} == {f"content/{file}" for file in (OF_BOAT, BOAT, QUESTION, OPTIONS)}


def test_content_without_its_folders(tmp_path: Path) -> None:
    (tmp_path / "dictionary").mkdir()
    with pytest.raises(ContentError) as caught:
        load(tmp_path)
    assert str(caught.value) == "1 mistake in the content:\ncontent:1:1: The content has no folder 'guidelines'."
    with pytest.raises(ContentError, match="2 mistakes"):
        load(tmp_path / "nowhere")


def test_empty_folders_are_content_that_says_nothing(tmp_path: Path) -> None:
    for name in ("dictionary", "guidelines"):
        (tmp_path / name).mkdir()
    knowledge = load(tmp_path, thorough=True)
    assert not knowledge.entities
    assert not knowledge.guidelines


def test_guideline_without_discrepancies_conflicts_topics_options(tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    for file in (DISCREPANCIES, CONFLICTS, TOPICS, OPTIONS, EVIDENCE, DOCUMENT, REFERENCES, PICTURES):
        (root / file).unlink()
    replace_in(root, QUESTION, "    discrepancies: [DISC.01]\n", "")
    knowledge = load(root)
    assert (knowledge.conflicts, knowledge.topics, knowledge.options) == ((), (), ())


def test_one_guideline_in_two_folders_and_one_question_in_two_files(tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    (root / "guidelines" / "second" / "questions").mkdir(parents=True)
    (root / "guidelines" / "second" / "guideline.yaml").write_text((root / GUIDELINE).read_text(encoding="utf-8"), encoding="utf-8")
    question = (root / QUESTION).read_text(encoding="utf-8")
    for number in (1, 2):
        (root / "guidelines" / "second" / "questions" / f"q{number}.yaml").write_text(question, encoding="utf-8")
    assert "content/guidelines/second/guideline.yaml:1:1: 'pilot' is defined twice. Keep one." in findings(root)
    assert "content/guidelines/second/questions/q2.yaml:1:1: 'Q1' is defined twice. Keep one." in findings(root)


def test_findings_are_sorted_by_place_and_told_once() -> None:
    first, second, third = (Finding(Mark(*place), "Wrong.") for place in (("a", 1, 5), ("a", 2, 1), ("b", 1, 1)))
    error = ContentError([third, second, first, second])
    assert error.findings == [first, second, third]
    assert str(error) == "3 mistakes in the content:\na:1:5: Wrong.\na:2:1: Wrong.\nb:1:1: Wrong."
