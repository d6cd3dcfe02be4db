"""Records for the tests of checks: a good one, changes to it, and what both ways of checking say of many at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.cohort.records.write_entity_tables import write_entity_tables
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import facts_of
from nelm.patient.record import Record, parse_record
from nelm.registry.checks.findings import as_frame
from nelm.registry.checks.model import Checks
from nelm.registry.checks.record import record_findings
from nelm.registry.checks.whole_registry import check_findings

CLOSING = date(2025, 12, 31)
GOOD: dict[str, Any] = {
    "patient": {"birth_date": "1960-05-20", "sex": "female", "centre": "C01"},
    "tumour": {
        "diagnosis_date": "2020-03-01", "primary_site": "ileum", "tumour_entity": "net", "basis_of_diagnosis": "histology_primary",
        "icd_o_morphology": "8240", "behaviour": "malignant",
    },
    "specimens": [
        {"date": "2020-03-02", "specimen_site": "primary", "differentiation": "well", "ki67_percent": 1, "mitoses_per_2mm2": 1,
         "grade_reported": "NET_G1", "specimen_shows_disease": True},
    ],
    "liver": [{"date": "2020-03-05", "liver_metastases_present": True, "liver_metastases_first_seen": "2020-03-05"}],
    "imaging": [{"date": "2020-03-04", "imaging_modality": "ga68_ssa_pet_ct"}],
    "treatments": [{"date": "2020-04-01", "treatment_kind": "liver_resection"}],
    "follow_up": [{"date": "2021-01-01", "vital_status": "alive", "last_contact_date": "2021-01-01"}],
    "registry": {"registry_consent": "given", "registry_entry_date": "2020-06-01", "cancer_registry_link_status": "pending"},
    "function": [{"date": "2020-03-06", "other_cancer_present": False}],
}  # fmt: skip


def changed(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The good record with changes: `tumour.behaviour`, `specimens.1.ki67_percent`, `complete`, or a list that gets an entry (`treatments.2`)."""
    made: dict[str, Any] = copy.deepcopy(GOOD)
    for path, value in changes.items():
        first, *rest = path.split(".")
        if not rest:
            made[first] = value
        elif isinstance(made.setdefault(first, {}), list):
            entries = made[first]
            entries += [{} for _ in range(int(rest[0]) - len(entries))]
            entries[int(rest[0]) - 1].update({rest[1]: value} if len(rest) > 1 else value)
        else:
            made[first][rest[0]] = value
    return made


def records_of(changes: Mapping[str, Mapping[str, Any]], knowledge: Knowledge) -> list[Record]:
    """A record for each case, with its name as the id."""
    return [parse_record(json.dumps({"id": name, **changed(case)}), f"{name}.json", knowledge) for name, case in changes.items()]


def facts_table(records: Iterable[Record], knowledge: Knowledge) -> pl.DataFrame:
    layout = Layout(knowledge.model)
    rows = []
    for record in records:
        facts = facts_of(record, knowledge)
        about = {"patient": record.id, "event": "", "as_of": facts.as_of, "centre": record.text("centre"), "given": []}
        rows.append({**layout.row(facts.values), **about, "contradicted": sorted(facts.contradicted())})
    return layout.frame(rows)


def by_tables(records: list[Record], folder: Path, checks: Checks, knowledge: Knowledge) -> pl.DataFrame:
    """What the tables say."""
    write_entity_tables(records, folder, knowledge)
    return check_findings([facts_table(records, knowledge)], folder, checks, knowledge, CLOSING)


def one_by_one(records: list[Record], checks: Checks, knowledge: Knowledge) -> pl.DataFrame:
    """What the reference says."""
    return as_frame(found for record in records for found in record_findings(facts_of(record, knowledge), checks, knowledge, CLOSING))
