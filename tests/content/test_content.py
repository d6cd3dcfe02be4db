"""The content as a whole: clean, complete against the inventories, and true to its worked cases."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from nelm.advice.worked_cases import run_all
from nelm.knowledge.base import Knowledge
from nelm.knowledge.guideline import as_tuple
from nelm.knowledge.yamlfile import read

IDS = Path(__file__).with_name("inventory-ids")


@pytest.mark.parametrize("guideline", ["nelm-2014", "pnelm-2023"])
def test_every_statement_of_the_inventory_is_there(knowledge: Knowledge, guideline: str) -> None:
    wanted = set((IDS / f"{guideline}.txt").read_text(encoding="utf-8").split())
    found = {statement.statement.id for statement in knowledge.guidelines[guideline].statements}
    assert found == wanted


def test_the_inventories_are_counted(knowledge: Knowledge) -> None:
    def count(guideline: str, letter: str) -> int:
        return sum(statement.statement.id.rsplit(".", 1)[-1].startswith(letter) for statement in knowledge.guidelines[guideline].statements)

    assert {letter: count("nelm-2014", letter) for letter in "RJT"} == {"R": 33, "J": 13, "T": 56}
    assert {letter: count("pnelm-2023", letter) for letter in "RBX"} == {"R": 82, "B": 127, "X": 16}


def test_every_statement_has_kind_standing_and_locator(knowledge: Knowledge) -> None:
    for compiled in knowledge.guidelines.values():
        for item in compiled.statements:
            assert item.statement.kind
            assert item.statement.standing
            assert as_tuple(item.statement.source)


def test_only_2014_grades_and_only_2023_has_wording_classes(knowledge: Knowledge) -> None:
    for item in knowledge.guidelines["pnelm-2023"].statements:
        assert item.statement.strength is None
    for item in knowledge.guidelines["nelm-2014"].statements:
        assert item.statement.wording is None
        assert item.statement.strength in (None, "strong", "weak", "very weak")


def test_a_recommendation_takes_a_side(knowledge: Knowledge) -> None:
    for compiled in knowledge.guidelines.values():
        for item in compiled.statements:
            assert item.statement.stance or item.statement.kind in ("remark", "vote"), item.key


def test_names_that_content_files_mention_exist(knowledge: Knowledge) -> None:
    for compiled in knowledge.guidelines.values():
        ids = {item.statement.id for item in compiled.statements}
        discrepancies = {item.id for item in compiled.guideline.discrepancies}
        for item in compiled.statements:
            assert set(item.statement.actions) <= set(knowledge.terms), item.key
            assert set(item.statement.needs) <= set(knowledge.needs), item.key
            assert set(item.statement.discrepancies) <= discrepancies, item.key
        for verdict in compiled.verdicts:
            for part in verdict.rule.parts:
                assert set(part.statements) <= ids, f"{verdict.key}#{part.id}"
        for discrepancy in compiled.guideline.discrepancies:
            assert set(discrepancy.touches) <= ids, discrepancy.id


def test_conflicts_topics_and_options_mention_what_exists(knowledge: Knowledge) -> None:
    verdicts = {verdict.key: verdict for compiled in knowledge.guidelines.values() for verdict in compiled.verdicts}
    statements = {item.key for compiled in knowledge.guidelines.values() for item in compiled.statements}
    for conflict in knowledge.conflicts:
        assert {f"{guideline}/{key}" for guideline, keys in conflict.shown_with.items() for key in keys} <= set(verdicts), conflict.id
        assert {f"{guideline}/{key}" for guideline, keys in conflict.statements.items() for key in keys} <= statements, conflict.id
    assert len(knowledge.topics) >= 31
    for topic in knowledge.topics:
        for aspect in topic.aspects:
            assert {f"{guideline}/{key}" for guideline, keys in aspect.statements.items() for key in keys} <= statements, topic.id
    for option in knowledge.options:
        assert set(option.actions) <= set(knowledge.terms), option.id
        assert set(option.topics) <= {topic.id for topic in knowledge.topics}, option.id
        for reference in option.verdicts:
            key, _, part = reference.partition("#")
            assert key in verdicts
            assert not part or part in {item.id for item in verdicts[key].rule.parts}


def test_every_verdict_of_a_treatment_question_is_in_the_options_table(knowledge: Knowledge) -> None:
    shown = {reference.partition("#")[0] for option in knowledge.options for reference in option.verdicts}
    assert {verdict.key for compiled in knowledge.guidelines.values() for verdict in compiled.verdicts} <= shown


def test_worked_cases_and_vectors_yield_what_they_must(knowledge: Knowledge, content: Path) -> None:
    runs = list(run_all(content, knowledge))
    assert [str(deviation) for run in runs for deviation in run.deviations] == []
    assert len(runs) >= 44 + 130


def test_each_question_has_a_case_in_which_it_applies_one_in_which_it_does_not_and_one_undetermined(
    knowledge: Knowledge, content: Path
) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    question_of = {item.key: item.question.id for compiled in knowledge.guidelines.values() for item in compiled.statements}
    for file in sorted((content / "cases/boundaries").glob("*.yaml")):
        for vector in read(file).data["vectors"]:
            for key, status in (vector["expect"].get("statements") or {}).items():
                seen[f"{key.split('/')[0]}/{question_of[key]}"].add(status)
    for compiled in knowledge.guidelines.values():
        for item in compiled.statements:
            if item.statement.has_conditions:
                assert {"applies", "does_not_apply", "undetermined"} <= seen[f"{item.guideline}/{item.question.id}"], item.key
