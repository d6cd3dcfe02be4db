"""Indices of quality, counted by hand on small registries; and every mistake in the file that states them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from nelm.registry.checks.content import load_checks
from nelm.registry.checks.findings import SCHEMA as FINDINGS
from nelm.registry.entry.content import load_entry
from nelm.registry.entry.decisions import entry_decisions
from nelm.registry.quality.content import FILE, QualityRules, load_quality
from nelm.registry.quality.indices import ALL_CENTRES, NO_CENTRE, SCHEMA, Quality, QualityTable, quality_indices
from tests.registry.checked import CLOSING, facts_table, one_by_one, records_of


@pytest.fixture(scope="module")
def rules(knowledge: Knowledge, content: Path) -> QualityRules:
    return load_quality(knowledge, content)


def measured(cases: dict[str, dict[str, Any]], knowledge: Knowledge, rules: QualityRules, closing: date = CLOSING) -> Quality:
    """The indices of the good record with these changes."""
    records, entry = records_of(cases, knowledge), load_entry(knowledge)
    frame = facts_table(records, knowledge)
    findings = one_by_one(records, load_checks(knowledge), knowledge)
    blocks = [frame.slice(start, 2) for start in range(0, frame.height, 2)]
    return quality_indices(
        blocks, entry_decisions([frame], entry), findings, entry=entry, rules=rules, knowledge=knowledge, closing=closing
    )


def line(found: Quality, index: str, centre: str = ALL_CENTRES) -> tuple[float | None, float, int, float | None]:
    """Numerator, denominator, how many are not known, value."""
    row = found.table.filter((pl.col("centre") == centre) & (pl.col("index") == index)).row(0, named=True)
    return row["numerator"], row["denominator"], row["not_known"], row["value"]


def test_shares_with_their_denominators(knowledge: Knowledge, rules: QualityRules) -> None:
    found = measured(
        {
            "P1": {},
            "P2": {"tumour.basis_of_diagnosis": "clinical", "patient.centre": "C02"},
            "P3": {"tumour.basis_of_diagnosis": "unknown"},
            "P4": {"tumour.basis_of_diagnosis": "microscopic", "patient.centre": None, "tumour.icd_o_morphology": "8010"},
            "P5": {"tumour.basis_of_diagnosis": "cytology/clinical", "patient.centre": "C02"},
        },
        knowledge,
        rules,
    )
    assert found.table.schema == pl.Schema(SCHEMA)
    assert line(found, "microscopically_verified") == (2, 5, 2, 40)
    assert line(found, "microscopically_verified", "C01") == (1, 2, 1, 50)
    assert line(found, "microscopically_verified", "C02") == (0, 2, 1, 0)
    assert line(found, "microscopically_verified", NO_CENTRE) == (1, 1, 0, 100)
    assert line(found, "unspecific_morphology") == (1, 5, 0, 20)
    assert line(found, "unknown basis_of_diagnosis") == (1, 5, 0, 20)
    assert line(found, "unknown centre") == (1, 5, 0, 20)
    assert line(found, "records", "C02") == (2, 2, 0, 2)
    assert found.table["centre"].unique(maintain_order=True).to_list() == [ALL_CENTRES, "C01", "C02", NO_CENTRE]


def test_a_share_among_some(knowledge: Knowledge, rules: QualityRules) -> None:
    dead = {"follow_up.1.vital_status": "dead", "follow_up.1.death_date": "2021-01-01"}
    found = measured(
        {
            "P1": {},
            "P2": {**dead, "follow_up.1.cause_of_death": "tumour"},
            "P3": {**dead, "follow_up.1.cause_of_death": "other"},
            "P4": dead,
        },
        knowledge,
        rules,
    )
    assert line(found, "died_of_the_neoplasm") == (1, 3, 1, pytest.approx(100 / 3))
    assert line(found, "unknown death_date") == (0, 3, 0, 0)
    assert line(found, "unknown last_contact_date") == (0, 1, 0, 0)
    nobody = measured({"P1": {}}, knowledge, rules)
    assert line(nobody, "died_of_the_neoplasm") == (0, 0, 0, None)


def test_entry_and_findings(knowledge: Knowledge, rules: QualityRules) -> None:
    found = measured(
        {
            "P1": {},
            "P2": {"registry.registry_consent": "refused"},
            "P3": {"registry.registry_consent": "unknown"},
            "P4": {"tumour.icd_o_morphology": "8041", "patient.centre": "C02"},  # two errors
            "P5": {"tumour.t_category": "T2"},  # a warning
        },
        knowledge,
        rules,
    )
    assert [line(found, f"entry {word}")[0] for word in ("eligible", "not_eligible", "undetermined")] == [3, 1, 1]
    assert line(found, "records with errors") == (1, 5, 0, 20)
    assert line(found, "records with errors", "C02") == (1, 1, 0, 100)
    assert line(found, "records with warnings") == (1, 5, 0, 20)
    assert line(found, "records with notes") == (0, 5, 0, 0)


def test_timeliness(knowledge: Knowledge, rules: QualityRules) -> None:
    entered = {"P1": "2020-03-11", "P2": "2020-08-31", "P3": "2021-03-02", "P4": "unknown", "P5": "2020-02-01", "P6": "2021"}
    found = measured({name: {"registry.registry_entry_date": day} for name, day in entered.items()}, knowledge, rules)
    # 10, 183 and 366 days; not recorded, before the diagnosis, and known by the year are not used
    assert line(found, "days to entry") == (None, 3, 3, 183)
    assert line(found, "entry within 183 days") == (2, 3, 3, pytest.approx(200 / 3))
    assert line(found, "entry within 365 days") == (2, 3, 3, pytest.approx(200 / 3))


def test_a_month_counts_from_its_middle(knowledge: Knowledge, rules: QualityRules) -> None:
    found = measured({"P1": {"tumour.diagnosis_date": "2020-05", "registry.registry_entry_date": "2020-06-01"}}, knowledge, rules)
    assert line(found, "days to entry") == (None, 1, 0, 16)  # 16 May


def test_completeness_of_follow_up(knowledge: Knowledge, rules: QualityRules) -> None:
    """Index C by hand, with 100 days from the diagnosis (1 March 2020) to the closing date."""
    closing = date(2020, 6, 9)

    def follow_up(status: str, seen: str | None = None, died: str | None = None) -> dict[str, Any]:
        return {"follow_up": [{"vital_status": status, "last_contact_date": seen, "death_date": died}]}

    cases = {
        "alive to the end": follow_up("alive", "2020-06-09"),  # 100 of 100
        "seen later still": follow_up("alive", "2020-12-24"),  # 100 of 100
        "lost": follow_up("alive", "2020-04-10"),  # 40 of 100
        "dead": follow_up("dead", "2020-03-20", "2020-03-31"),  # 30 of 30
        "dead later": follow_up("dead", None, "2021-01-01"),  # 100 of 100
        "dead without date": follow_up("dead", "2020-04-10"),
        "seen before the diagnosis": follow_up("alive", "2020-02-01"),
        "not followed": {"follow_up": []},
        "begins later": {**follow_up("alive", "2020-07-01"), "tumour.diagnosis_date": "2020-06-20"},
    }
    found = measured(cases, knowledge, rules, closing)
    assert line(found, "completeness of follow-up") == (370, 430, 4, pytest.approx(100 * 370 / 430))
    # whoever is dead, and whoever was seen in the half year before the closing date; all but him who was never followed
    assert line(found, "status known at closing") == (8, 9, 0, pytest.approx(800 / 9))


def test_a_status_seen_long_ago_is_not_known(knowledge: Knowledge, rules: QualityRules) -> None:
    seen = {"P1": "2025-06-30", "P2": "2025-07-01"}  # 184 and 183 days before the closing date
    found = measured({name: {"follow_up.1.last_contact_date": day} for name, day in seen.items()}, knowledge, rules)
    assert line(found, "status known at closing") == (1, 2, 0, 50)


def test_one_value(knowledge: Knowledge, rules: QualityRules) -> None:
    found = measured({"P1": {}}, knowledge, rules)
    assert found.value("microscopically_verified", "C01") == 100
    with pytest.raises(KeyError, match="linkd of all centres"):
        found.value("linkd")


def test_only_the_columns_that_are_named_are_read(knowledge: Knowledge, rules: QualityRules) -> None:
    frame = facts_table(records_of({"P1": {}, "P2": {"patient.centre": None}}, knowledge), knowledge)
    measuring = QualityTable(rules, load_entry(knowledge), knowledge, CLOSING)
    assert measuring.run(frame.select(measuring.columns)).equals(measuring.run(frame))


def test_nobody(knowledge: Knowledge, rules: QualityRules) -> None:
    entry = load_entry(knowledge)
    found = quality_indices(
        [], entry_decisions([], entry), pl.DataFrame(schema=FINDINGS), entry=entry, rules=rules, knowledge=knowledge, closing=CLOSING
    )
    assert set(found.table["centre"]) == {ALL_CENTRES}
    assert line(found, "records") == (0, 0, 0, None)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("name: linked", "name: population_based", "The name 'population_based' is given twice. Give each share its own."),
        ("from: diagnosis_date\n  to:", "from: diagnosis_dat\n  to:", "'diagnosis_dat' is not a date of the dictionary. Did you mean 'diagnosis_date'?"),
        ("seen: last_contact_date", "seen: vital_status", "'vital_status' is not a date of the dictionary."),
        ("dead: dead", "dead: ded", "'ded' is not a code of 'vital_status'. Did you mean 'dead'?"),
        ("  assumed: Half a year", "  # assumed", "This needs a 'source', 'outside', or 'assumed' with the reason."),
        ("= 'linked'", "= 'linkd'", "The code 'linkd' is not permitted here."),
        ('date: "2026-11-21"', "date: today", "Found 'today' where a date (2026-11-21) is expected."),
        ("widest_days: 31", "widest: 31", "The field 'widest' is not known here."),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong(content: Path, knowledge: Knowledge, tmp_path: Path, before: str, after: str, message: str) -> None:
    text = (content / FILE).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        load_quality(knowledge, tmp_path)
    assert message in str(raised.value)
