"""Everything that the inventories list is in the content, and nothing that they do not list."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.coverage import KINDS_COUNTED, coverage_rows, ids

IDS = Path(__file__).with_name("inventory-ids")


def listed(name: str) -> list[str]:
    return (IDS / f"{name}.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("guideline", ["nelm-2014", "pnelm-2023"])
def test_every_id_of_the_inventory_has_content(knowledge: Knowledge, guideline: str) -> None:
    found = list(ids(knowledge, guideline))
    assert sorted(found) == sorted([*listed(guideline), *listed(f"{guideline}-reported")])


def test_every_topic_of_the_comparison_has_content(knowledge: Knowledge) -> None:
    wanted = listed("topics")
    assert [topic.id for topic in knowledge.topics if {"nelm-2014", "pnelm-2023"} & set(topic.verdicts)] == wanted


@pytest.mark.parametrize(
    ("guideline", "counts"),
    [
        ("nelm-2014", {"panel": 33, "jury": 13, "claims": 233 + 15 + 9, "research": 31}),
        ("pnelm-2023", {"consensus": 82, "body": 127, "reported": 16, "claims": 123, "caveats": 48}),
    ],
)
def test_the_counts_of_the_inventories(knowledge: Knowledge, guideline: str, counts: dict[str, int]) -> None:
    rows = coverage_rows(knowledge, guideline)
    sums = {kind: sum(row.counts[number] for row in rows) for number, kind in enumerate(KINDS_COUNTED)}
    assert {kind: sums[kind] for kind in counts} == counts


@pytest.mark.parametrize(("guideline", "count"), [("nelm-2014", 85), ("pnelm-2023", 111)])
def test_the_reference_list_is_whole(knowledge: Knowledge, guideline: str, count: int) -> None:
    references = knowledge.reported[guideline].references
    assert list(references) == list(range(1, count + 1))
    assert all(found.title and found.year and found.container_title for found in references.values())


@pytest.mark.parametrize("guideline", ["nelm-2014", "pnelm-2023"])
def test_each_discrepancy_and_its_claims_name_one_another(knowledge: Knowledge, guideline: str) -> None:
    claims = {claim.id: claim for claim in knowledge.reported[guideline].claims()}
    for found in knowledge.guidelines[guideline].guideline.discrepancies:
        for name in found.claims:
            assert name in claims, f"{found.id} names {name}"
            assert found.id in claims[name].discrepancies, f"{name} does not name {found.id}"


def test_every_guideline_has_a_history_up_to_its_version(knowledge: Knowledge) -> None:
    for compiled in knowledge.guidelines.values():
        assert compiled.guideline.history[-1].version == compiled.guideline.version
