"""Who may stand in a centre twice, as a small table of pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nelm.knowledge.base import Knowledge
from nelm.registry.checks.content import load_checks
from nelm.registry.checks.duplicates import columns_for, duplicates
from nelm.registry.checks.model import DuplicateRule
from tests.registry.checked import facts_table, records_of


@pytest.fixture(scope="module")
def rule(knowledge: Knowledge, content: Path) -> DuplicateRule:
    return load_checks(knowledge, content).duplicates


@pytest.mark.parametrize(
    ("changes", "dates"),
    [
        ({}, "near"),
        ({"patient.centre": "C02"}, None),
        ({"patient.birth_date": "1960-05-21"}, None),
        ({"patient.birth_date": "1960-05"}, None),  # not known to the day
        ({"patient.sex": "male"}, None),
        ({"patient.sex": "unknown"}, "near"),
        ({"patient.sex": "female/other"}, "near"),
        ({"tumour.primary_site": "pancreas"}, None),
        ({"tumour.primary_site": "small intestine"}, "near"),
        ({"tumour.diagnosis_date": "2020-06-01"}, "near"),  # 92 days
        ({"tumour.diagnosis_date": "2020-06-02"}, None),
        ({"tumour.diagnosis_date": "2019-11-30"}, "near"),  # 92 days before
        ({"tumour.diagnosis_date": "2019-11-29"}, None),
        ({"tumour.diagnosis_date": "2020-06"}, "not known"),
        ({"tumour.diagnosis_date": "2020-07"}, None),
        ({"tumour.diagnosis_date": "2020-02"}, "near"),
        ({"tumour.diagnosis_date": "unknown"}, "not known"),
    ],
)
def test_the_good_record_beside_a_changed_one(
    knowledge: Knowledge, rule: DuplicateRule, changes: dict[str, Any], dates: str | None
) -> None:
    frame = facts_table(records_of({"P1": {}, "P2": changes}, knowledge), knowledge)
    expected = [] if dates is None else [("C01", "P1", "P2", dates)]
    assert duplicates([frame], rule, knowledge.model).pairs.rows() == expected
    reversed_pairs = duplicates([frame.reverse()], rule, knowledge.model).pairs
    assert reversed_pairs.rows() == [(centre, second, first, found) for centre, first, second, found in expected]


def test_three_are_three_pairs_over_all_blocks(knowledge: Knowledge, rule: DuplicateRule) -> None:
    frame = facts_table(records_of({"P1": {}, "P2": {}, "P3": {}, "P4": {"patient.sex": "male"}}, knowledge), knowledge)
    found = duplicates([frame.slice(0, 1), frame.slice(1)], rule, knowledge.model)
    assert found.pairs.select("patient", "other").rows() == [("P1", "P2"), ("P1", "P3"), ("P2", "P3")]
    assert (found.compared, found.not_compared) == (4, 0)


def test_who_cannot_be_compared_is_counted(knowledge: Knowledge, rule: DuplicateRule) -> None:
    cases = {"P1": {}, "P2": {"patient.centre": None}, "P3": {"patient.birth_date": "1960"}, "P4": {"patient.birth_date": "unknown"}}
    frame = facts_table(records_of(cases, knowledge), knowledge)
    found = duplicates([frame.select(columns_for(rule, knowledge.model))], rule, knowledge.model)
    assert (found.pairs.height, found.compared, found.not_compared) == (0, 1, 3)


def test_nobody(knowledge: Knowledge, rule: DuplicateRule) -> None:
    found = duplicates([], rule, knowledge.model)
    assert (found.pairs.height, found.compared, found.not_compared) == (0, 0, 0)
