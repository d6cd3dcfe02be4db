"""The checks of the content: for each a record in which it speaks, by both ways; and what they say of hundreds of synthetic records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nelm.cohort.synthetic.content import load_description
from nelm.cohort.synthetic.simulate import simulate
from nelm.knowledge.base import Knowledge
from nelm.patient.record import RecordError, parse_record
from nelm.registry.checks.content import FILE, RULE, load_checks
from nelm.registry.checks.findings import SCHEMA
from nelm.registry.checks.model import STANDING, Checks
from nelm.registry.checks.record import findings_of_reject
from nelm.registry.checks.whole_registry import PatientChecks, check_findings
from tests.registry.checked import CLOSING, GOOD, by_tables, facts_table, one_by_one, records_of

Cases = dict[str, tuple[dict[str, Any], set[str]]]
DEAD = {"follow_up.1.vital_status": "dead", "follow_up.1.death_date": "2021-01-01", "follow_up.1.cause_of_death": "tumour"}
NEC = {
    "tumour.tumour_entity": "nec",
    "tumour.icd_o_morphology": "8041",
    "specimens.1": {"differentiation": "poor", "grade_reported": "NEC", "ki67_percent": 80, "mitoses_per_2mm2": 40},
}
G2 = {"specimens.1": {"grade_reported": "NET_G2", "ki67_percent": 8, "mitoses_per_2mm2": 3}}
G3 = {"specimens.1": {"grade_reported": "NET_G3", "ki67_percent": 40, "mitoses_per_2mm2": 25}, "tumour.icd_o_morphology": "8249"}
NO_LIVER = {"liver": [{"date": "2020-03-05", "liver_metastases_present": False}]}

# the changes to the good record, and the checks that then speak: `check`, or `check list entry`
CASES: Cases = {
    "good": ({}, set()),
    "g3": (G3, set()),  # well differentiated and of grade 3: a NET, coded 8249
    "nec": (NEC, set()),
    # morphology, site, behaviour, grade
    "m1": ({**NEC, "tumour.icd_o_morphology": "8249"}, {"net_code_for_a_carcinoma", "net_code_with_the_class_of_a_carcinoma"}),
    "m2": ({"tumour.icd_o_morphology": "8041"}, {"carcinoma_code_for_a_net", "carcinoma_code_with_the_class_of_a_net"}),
    "m3": ({"tumour.icd_o_morphology": "8246"}, {"unspecified_carcinoma_code_for_a_net"}),
    "m4": ({"tumour.icd_o_morphology": "8154"}, {"mixed_code_for_a_pure_neoplasm"}),
    "m5": ({"tumour.icd_o_morphology": "8140"}, {"other_code_for_a_neuroendocrine_neoplasm"}),
    "m6": (G2, {"code_of_grade_1_with_a_higher_class"}),
    "m7": ({"tumour.icd_o_morphology": "8249"}, {"code_of_grade_2_or_3_with_grade_1"}),
    "m8": ({"tumour.icd_o_morphology": "8151"}, {"islet_cell_code_outside_the_pancreas"}),
    "m9": ({"tumour.icd_o_morphology": "8153", "tumour.primary_site": "colon"}, {"functioning_code_at_an_odd_site"}),
    "m10": ({"tumour.icd_o_morphology": "8243"}, {"goblet_cells_outside_the_appendix", "goblet_cell_code_for_a_pure_neoplasm"}),
    "m11": ({"tumour.icd_o_morphology": "8242"}, {"ecl_cells_outside_the_stomach"}),
    "m12": ({"tumour.behaviour": "uncertain"}, {"liver_metastases_of_what_is_not_malignant"}),
    "m13": ({**NEC, **NO_LIVER, "tumour.behaviour": "benign"}, {"carcinoma_that_is_not_malignant"}),
    "m14": ({"tumour.icd_o_morphology": "8151", "tumour.primary_site": "pancreas"}, set()),
    "m20": ({**NEC, "tumour.icd_o_morphology": "8153"}, {"hormone_code_for_a_carcinoma"}),
    "m21": ({"tumour.tumour_entity": "adenocarcinoma"}, {"neuroendocrine_code_for_another_entity"}),
    "m22": ({"tumour.tumour_entity": "nec", "tumour.icd_o_morphology": "8246"}, {"entity_against_the_specimens", "contradicted"}),
    "m23": ({**NEC, "tumour.tumour_entity": "net", "tumour.icd_o_morphology": "unknown"}, {"entity_against_the_specimens", "contradicted"}),
    "m24": ({"tumour.icd_o_morphology": "8152", "tumour.primary_site": "rectum"}, set()),  # makes glucagon-like peptides
    "m25": ({"tumour.icd_o_morphology": "8152", "tumour.primary_site": "lung"}, {"islet_cell_code_outside_the_pancreas"}),
    "m26": ({**G2, "tumour.primary_site": "lung"}, set()),  # a carcinoid of the lung is not graded by Ki-67
    "m27": ({"tumour.icd_o_morphology": "8249", "tumour.primary_site": "lung"}, set()),
    # basis of the diagnosis
    "b1": (
        {"tumour.basis_of_diagnosis": "clinical_investigation", "specimens.1.specimen_shows_disease": "unknown"},
        {"morphology_without_microscopy"},
    ),
    "b2": (
        {"tumour.basis_of_diagnosis": "tumour_markers", "tumour.icd_o_morphology": "8151", "tumour.primary_site": "pancreas"},
        {"tissue_with_a_basis_without_microscopy"},
    ),
    "b3": ({"specimens.1.specimen_site": "liver_metastasis", "complete": ["specimens"]}, {"histology_of_a_primary_without_specimen"}),
    "b4": (
        {"tumour.basis_of_diagnosis": "0", "tumour.icd_o_morphology": "8000", "specimens.1.specimen_shows_disease": "unknown"},
        {"certificate_of_one_who_lives"},
    ),
    "b5": ({"specimens.1.specimen_site": "liver_metastasis"}, set()),  # the list may have gaps
    "b6": (  # an empty biopsy later takes nothing away
        {
            "tumour.basis_of_diagnosis": "clinical", "tumour.icd_o_morphology": "8000",
            "specimens.2": {"date": "2020-09-01", "specimen_site": "liver_metastasis", "specimen_shows_disease": False},
        },
        {"tissue_with_a_basis_without_microscopy"},
    ),
    "b7": (
        {**DEAD, "tumour.basis_of_diagnosis": "0", "tumour.icd_o_morphology": "8000", "specimens": []},
        {"certificate_with_survival follow_up 1"},
    ),
    # stage and imaging
    "s1": ({"tumour.m_category": "M0", "liver.1.liver_metastases_first_seen": "2020-03-01"}, {"m0_with_liver_metastases_at_diagnosis"}),
    "s8": (  # the first of several assessments that say when they were first seen
        {
            "tumour.m_category": "M0", "liver.1.liver_metastases_first_seen": "2020-03-01",
            "liver.2": {"date": "2021-05-01", "liver_metastases_first_seen": "2021-05-01"},
        },
        {"m0_with_liver_metastases_at_diagnosis"},
    ),
    "s2": ({"tumour.m_category": "M0"}, set()),  # seen four days after the diagnosis
    "s3": (
        {**NO_LIVER, "tumour.m_category": "M1", "extrahepatic": [{"extrahepatic_metastases_present": False}], "complete": ["liver"]},
        {"m1_without_any_metastasis"},
    ),
    "s4": ({"tumour.n_category": "N0", "tumour.locoregional_node_disease": True}, {"n0_with_node_disease"}),
    "s5": ({"tumour.n_category": "N1", "tumour.locoregional_node_disease": False}, {"node_category_without_node_disease"}),
    "s6": (
        {"imaging.2": {"date": "2020-03-04", "imaging_modality": "f18_fdg_pet_ct", "sstr_pet_result": "positive"}},
        {"receptor_result_of_a_glucose_scan imaging 2"},
    ),
    "s7": ({"imaging.1.fdg_pet_result": "negative"}, {"glucose_result_of_a_receptor_scan imaging 1"}),
    # specimens
    "k1": ({"specimens.1.ki67_percent": 8}, {"grade_1_against_the_counts specimens 1", "contradicted"}),
    "k2": ({"specimens.1.ki67_percent": ">= 3"}, {"grade_1_against_the_counts specimens 1", "contradicted"}),
    "k3": ({"specimens.1.ki67_percent": "2-4"}, set()),  # may be below 3
    "k4": (
        {**G2, "specimens.1.ki67_percent": 1, "specimens.1.mitoses_per_2mm2": 1, "tumour.icd_o_morphology": "unknown"},
        {"grade_2_against_the_counts specimens 1", "contradicted"},
    ),
    "k5": (
        {**G3, "specimens.1.ki67_percent": 15, "specimens.1.mitoses_per_2mm2": 15},
        {"net_grade_3_against_the_counts specimens 1", "contradicted"},
    ),
    "k6": (
        {**NEC, "specimens.1.ki67_percent": 15, "specimens.1.mitoses_per_2mm2": 15},
        {"carcinoma_with_low_counts specimens 1", "consistency.poorly_differentiated_with_low_proliferation specimens 1"},
    ),
    "k7": ({**G3, "specimens.1.ki67_percent": 70}, {"well_differentiated_with_very_high_ki67 specimens 1"}),
    "k8": (
        {"specimens.1.specimen_shows_disease": False},
        {"grade_of_an_empty_specimen specimens 1", "counts_of_an_empty_specimen specimens 1"},
    ),
    "k9": (
        {"specimens.1.grade_reported": "NEC", "specimens.1.ki67_percent": 30, "specimens.1.mitoses_per_2mm2": 30},
        {"consistency.well_differentiated_with_nec specimens 1", "contradicted"},
    ),
    "k10": ({**G3, "specimens.1.ki67_percent": 97}, {"well_differentiated_with_very_high_ki67 specimens 1", "unusual specimens 1"}),
    # treatment and response
    "t1": (
        {"treatments.2": {"date": "2020-09-01", "treatment_kind": "clinical_observation", "radiological_response": "partial", "response_criteria": "x"}},
        {"response_to_observation treatments 2"},
    ),
    "t2": (
        {"treatments.1": {"radiological_response": "progressive", "liver_response_satisfactory": True, "response_criteria": "x"}},
        {"satisfactory_and_progressive treatments 1"},
    ),
    "t3": ({"treatments.1": {"treatment_kind": "tace", "embolisation_method": "sirt"}}, {"embolisation_of_two_kinds treatments 1"}),
    "t4": ({"treatments.1": {"treatment_kind": "mwa", "ablation_method": "rfa"}}, {"ablation_of_two_kinds treatments 1"}),
    "t5": ({"treatments.1.transplant_donor": "living"}, {"donor_without_transplantation treatments 1"}),
    "t6": (
        {"treatments.1": {"treatment_kind": "debulking_surgery", "liver_margin_achieved": "R0"}},
        {"debulking_with_clear_margin treatments 1"},
    ),
    "t7": (
        {"treatments.1": {"liver_margin_achieved": "R0", "debulking_percent_achieved": "<90"}},
        {"clear_margin_with_tumour_left treatments 1"},
    ),
    "t8": (
        {"follow_up.1": {"progression": True, "ned_status": True}},
        {"progression_and_no_disease follow_up 1", "consistency.ned_beside_earlier_lesions"},
    ),
    "t9": ({"follow_up.1": {"stable_disease_months": 3, "new_liver_metastases": True}}, {"stable_and_new_metastases follow_up 1"}),
    "t10": ({"treatments.1.treatment_death": True}, {"died_of_treatment_and_alive"}),
    "t11": (
        {"treatments.1.treatment_death": True, "treatments.2": {"date": "2020-05-01", "treatment_kind": "prrt", "treatment_death": False}},
        {"died_of_treatment_and_alive"},
    ),
    # death, other malignancies, consent
    "d1": ({"follow_up.1.death_date": "2021-02-01"}, {"alive_with_date_of_death follow_up 1"}),
    "d2": ({"follow_up.1.cause_of_death": "other"}, {"alive_with_cause_of_death follow_up 1"}),
    "d3": (
        {"registry.first_malignancy_ever": True, "registry.later_malignancy": False, "function.1.other_cancer_present": True},
        {"first_and_only_malignancy_beside_another"},
    ),
    "d4": (
        {"registry.registry_consent": "withdrawn", "registry.cancer_registry_link_status": "linked", "registry.cancer_registry_link_id": "7"},
        {"linked_without_consent"},
    ),
    "d5": (
        {"registry.registry_consent": "no", "registry.cancer_registry_link_status": "linked", "registry.cancer_registry_link_id": "7"},
        {"linked_without_consent"},
    ),
    "d6": ({"registry.cancer_registry_link_status": "not linked"}, set()),  # searched for or not
    # what is on record
    "r1": ({"follow_up.1.vital_status": "dead", "follow_up.1.cause_of_death": "tumour"}, {"death_without_date"}),
    "r2": ({**DEAD, "follow_up.1.cause_of_death": "unknown"}, {"death_without_cause"}),
    "r3": ({"follow_up.1.last_contact_date": "unknown"}, {"status_without_last_contact follow_up 1"}),
    "r4": ({"treatments.2": {"treatment_kind": "prrt"}}, {"treatment_without_date treatments 2"}),
    "r5": ({"specimens.1.date": None}, {"specimen_without_date specimens 1"}),
    "r6": ({"follow_up.1.quality_of_life_score": 60}, {"quality_of_life_without_instrument follow_up 1"}),
    "r7": ({"treatments.1.radiological_response": "stable"}, {"response_without_criteria treatments 1"}),
    "r8": ({"tumour.t_category": "T2"}, {"category_without_system"}),
    "r9": ({"treatments.1.in_clinical_study": True}, {"study_without_registration treatments 1"}),
    "r10": ({"registry.cancer_registry_link_status": "linked"}, {"link_without_key"}),
    "r11": ({"treatments.1": {"radiological_response": "stable", "response_criteria": "n/a"}}, {"response_without_criteria treatments 1"}),
    "r12": (DEAD, set()),
    "r13": (  # seen alive on the day of death
        {**DEAD, "follow_up.2": {"date": "2021-01-01", "vital_status": "alive", "last_contact_date": "2021-01-01"}},
        set(),
    ),
    "r14": ({"follow_up.2": {"vital_status": "alive", "last_contact_date": "2020-12-01"}}, set()),  # the later of two contacts, dated or not
    # from one date to another
    "o1": ({**DEAD, "follow_up.1.date": None, "follow_up.1.last_contact_date": None, "follow_up.1.death_date": "2020-02-01"},
           {"died_before_diagnosis follow_up 1", "treated_after_death follow_up 1", "imaged_after_death follow_up 1", "specimen_after_death follow_up 1", "contradicted"}),
    "o2": ({"follow_up.1.last_contact_date": "2019-12-01"}, {"followed_before_diagnosis follow_up 1"}),
    "o3": ({"follow_up.1": {"date": "2019-12-01", "last_contact_date": "2021-01-01"}}, {"followed_before_diagnosis follow_up 1"}),
    "o4": ({"treatments.1.date": "2020-02-29"}, {"treated_before_diagnosis treatments 1"}),
    "o5": ({"treatments.1.date": "2020-03"}, set()),  # some day of March is late enough
    "o6": ({"specimens.1.date": "2019-12-29"}, {"specimen_long_before_diagnosis specimens 1"}),  # 63 days
    "o7": ({"specimens.1.date": "2019-12-30"}, set()),  # 62 days
    "o8": ({"liver.1.liver_metastases_first_seen": "2019-11"}, {"metastases_long_before_diagnosis liver 1"}),
    "o9": ({**DEAD, "treatments.2": {"date": "2021-01-02", "treatment_kind": "prrt"}}, {"treated_after_death follow_up 1"}),
    "o10": ({**DEAD, "imaging.1.date": "2021-01-02"}, {"imaged_after_death follow_up 1"}),
    "o11": ({**DEAD, "specimens.1.date": "2021-01-02"}, {"specimen_after_death follow_up 1"}),
    "o12": ({**DEAD, "follow_up.2": {"last_contact_date": "2021-01-03"}}, {"seen_after_death follow_up 1", "contradicted"}),
    "o13": ({"treatments.1.treatment_end": "2020-03-31"}, {"treatment_ends_before_it_begins treatments 1"}),
    "o14": ({"treatments.2": {"date": "2020-06-01", "treatment_kind": "prrt", "treatment_end": "2020-08-01"}}, set()),
    "o15": ({"registry.registry_entry_date": "2020-02-01"}, {"entered_before_diagnosis"}),
    "o16": ({"treatments.2": {"date": "2026-01-01", "treatment_kind": "prrt"}}, {"after_the_closing_date treatments 2"}),
    "o17": ({"treatments.2": {"date": "2025-12-31", "treatment_kind": "prrt"}}, set()),
    "o18": ({"patient.birth_date": "1914-02-28"}, {"very_old_at_diagnosis"}),  # 106 years
    "o19": ({"patient.birth_date": "1914-03-02"}, set()),  # a day before 106
    "o20": ({"patient.birth_date": "2000-03-02"}, {"young_with_a_rare_site"}),
    "o21": ({"patient.birth_date": "2000-03-01"}, set()),  # twenty on the day
    "o22": ({"patient.birth_date": "2000"}, set()),  # may be twenty
    "o23": ({"patient.birth_date": "2004-01-01", "tumour.primary_site": "lung", "tumour.icd_o_morphology": "8000"}, {"young_with_colon_or_lung"}),
    "o24": ({"patient.birth_date": "2004-01-01", "tumour.primary_site": "lung"}, set()),  # a carcinoid
    "o25": ({**NEC, "tumour.diagnosis_date": "2009-01-01", "registry.registry_entry_date": "2009-06-01"}, {"long_life_with_metastatic_carcinoma follow_up 1"}),
    "o26": (
        {"patient.birth_date": "2015-05-20", "tumour.primary_site": "appendix"},
        {"consistency.below_18"},
    ),
}  # fmt: skip
SINGLE = {"patient", "tumour", "registry"}  # lists of one entry, whose number says nothing


@pytest.fixture(scope="module")
def checks(knowledge: Knowledge, content: Path) -> Checks:
    return load_checks(knowledge, content)


@pytest.fixture(scope="module")
def said(checks: Checks, knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the tables say of all cases, and what the reference says."""
    records = records_of({name: changes for name, (changes, _) in CASES.items()}, knowledge)
    folder = tmp_path_factory.mktemp("entities") / "tables"
    return by_tables(records, folder, checks, knowledge), one_by_one(records, checks, knowledge)


def called(row: dict[str, Any]) -> str:
    return row["check"] if row["entity"] is None or row["entity"] in SINGLE else f"{row['check']} {row['entity']} {row['entry']}"


@pytest.mark.parametrize("case", CASES)
def test_each_check_speaks_where_it_should_and_nowhere_else(said: tuple[pl.DataFrame, pl.DataFrame], case: str) -> None:
    found = said[1].filter(pl.col("patient") == case)
    assert {called(row) for row in found.iter_rows(named=True)} == CASES[case][1]


def test_the_tables_say_what_the_reference_says(said: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    by_table, reference = said
    assert by_table.schema == pl.Schema(SCHEMA)
    assert by_table.rows() == reference.rows()


def test_every_check_of_the_file_speaks_in_some_case(said: tuple[pl.DataFrame, pl.DataFrame], checks: Checks) -> None:
    never = {"not_permitted", "born_after_diagnosis", *STANDING[3:]}  # records that cannot be; severities of consistency rules
    own = {name for name in checks.labels() if not name.startswith(RULE)}
    assert own - never == {name for name in said[1]["check"].unique() if not name.startswith(RULE)}
    assert set(said[1]["check"].unique()) <= set(checks.labels())


def test_hundreds_of_synthetic_records(checks: Checks, knowledge: Knowledge, content: Path, tmp_path: Path) -> None:
    made = simulate(load_description(knowledge, content), knowledge, 300, 11)
    records = [parse_record(json.dumps(record), "synthetic", knowledge) for record in made]
    found = by_tables(records, tmp_path / "tables", checks, knowledge)
    assert found.rows() == one_by_one(records, checks, knowledge).rows()
    assert set(found["severity"].unique()) == {"error", "warning", "note"}
    assert 0 < found.filter(pl.col("severity") == "error")["patient"].n_unique() < 40


# -- what is found, in words ------------------------------------------------------------------------------------


def only(frame: pl.DataFrame, patient: str, check: str) -> dict[str, Any]:
    return frame.filter((pl.col("patient") == patient) & (pl.col("check") == check)).row(0, named=True)


def test_a_finding_says_where_what_was_found_and_what_to_do(said: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    assert only(said[0], "k1", "grade_1_against_the_counts") == {
        "patient": "k1",
        "check": "grade_1_against_the_counts",
        "severity": "error",
        "entity": "specimens",
        "entry": 1,
        "field": "differentiation, ki67_percent, mitoses_per_2mm2, grade_reported",
        "found": "Differentiation: Well differentiated; Ki-67 index: 8 %; Mitotic count: 1 per 2 mm2; Grade as reported: NET G1",
        "message": "Reported as NET G1, and the counts say otherwise. Compare the report: Ki-67 from 3 %, 2 mitoses or poor differentiation "
        "exclude grade 1. Correct the grade or the count; where the report says both, ask the pathologist which holds.",
    }
    assert (
        only(said[0], "o8", "metastases_long_before_diagnosis")["found"]
        == "Date of diagnosis: 2020-03-01; Liver metastases first seen: 2019-11"
    )
    late = only(said[0], "o16", "after_the_closing_date")
    assert (late["field"], late["found"]) == ("date", "Treatments given, date: 2026-01-01; closing date: 2025-12-31")
    assert only(said[0], "k1", "contradicted")["field"] == "who_class"
    assert only(said[0], "k10", "unusual")["found"] == "Ki-67 index: 97 %"
    assert only(said[0], "k2", "grade_1_against_the_counts")["found"].startswith(
        "Differentiation: Well differentiated; Ki-67 index: at least 3 %"
    )


# -- tables that no record could hold ---------------------------------------------------------------------------


def test_values_of_a_table_that_are_not_permitted(checks: Checks, knowledge: Knowledge, tmp_path: Path) -> None:
    records = records_of({"P1": {}, "P2": {}}, knowledge)
    by_tables(records, tmp_path / "tables", checks, knowledge)
    for name, column, wrong in (("specimens", "ki67_percent", "140"), ("specimens", "date", "12.03.2020"), ("patient", "sex", "fem")):
        file = tmp_path / "tables" / f"{name}.parquet"
        frame = pl.read_parquet(file)
        frame.with_columns(pl.when(pl.col("patient") == "P2").then(pl.lit(wrong)).otherwise(pl.col(column)).alias(column)).write_parquet(
            file
        )
    found = check_findings([facts_table(records, knowledge)], tmp_path / "tables", checks, knowledge, CLOSING)
    wrong_ones = found.filter(pl.col("check") == "not_permitted")
    assert wrong_ones.select("patient", "entity", "entry", "field", "found").rows() == [
        ("P2", "patient", 1, "sex", "fem"),
        ("P2", "specimens", 1, "date", "12.03.2020"),
        ("P2", "specimens", 1, "ki67_percent", "140"),
    ]
    assert wrong_ones["message"][2].endswith(
        "Permitted: at least 0 and at most 100 %. Correct it, or leave it out if it is not known. Correct the value."
    )
    assert found.filter(pl.col("check") != "not_permitted")["check"].to_list() == ["specimen_without_date"]


def test_somebody_born_after_the_diagnosis_in_a_table(checks: Checks, knowledge: Knowledge, tmp_path: Path) -> None:
    records = records_of({"P1": {}}, knowledge)
    by_tables(records, tmp_path / "tables", checks, knowledge)
    file = tmp_path / "tables" / "patient.parquet"
    pl.read_parquet(file).with_columns(birth_date=pl.lit("2020-03-02")).write_parquet(file)
    found = check_findings([facts_table(records, knowledge)], tmp_path / "tables", checks, knowledge, CLOSING)
    assert "born_after_diagnosis" in found["check"].to_list()


def test_numbers_dates_and_truths_in_columns_of_their_own_kind(checks: Checks, knowledge: Knowledge, tmp_path: Path) -> None:
    """As a warehouse gives them, and some columns and tables left out."""
    records = records_of({"P1": {"specimens.1.ki67_percent": 8}}, knowledge)
    folder = tmp_path / "tables"
    folder.mkdir()
    row = {**GOOD["specimens"][0], "ki67_percent": 8.0, "patient": "P1"}
    pl.DataFrame([row]).with_columns(pl.col("date").str.to_date()).write_parquet(folder / "specimens.parquet")
    found = check_findings([facts_table(records, knowledge)], folder, checks, knowledge, CLOSING)
    assert found["check"].to_list() == ["grade_1_against_the_counts", "contradicted"]


def test_a_record_that_cannot_be_read(checks: Checks, knowledge: Knowledge) -> None:
    with pytest.raises(RecordError) as raised:
        parse_record('{"id": "P9", "patient": {"sex": "fem"}}', "p9.json", knowledge)
    (found,) = findings_of_reject(raised.value, "P9", checks)
    assert (found.patient, found.check, found.severity, found.field) == ("P9", "not_permitted", "error", "sex")
    assert found.message.startswith("p9.json:1:26: Found 'fem'. Permitted: female, male, other")


def test_only_the_columns_that_are_named_are_read(checks: Checks, knowledge: Knowledge, tmp_path: Path) -> None:
    records = records_of({name: changes for name, (changes, _) in CASES.items()}, knowledge)
    frame, asking = facts_table(records, knowledge), PatientChecks(checks, knowledge)
    whole, part = asking.run(frame), asking.run(frame.select(asking.columns))
    assert all(first.equals(second) for first, second in zip(whole.findings, part.findings, strict=True))


def test_nobody(checks: Checks, knowledge: Knowledge, tmp_path: Path) -> None:
    assert check_findings([], tmp_path, checks, knowledge, CLOSING).schema == pl.Schema(SCHEMA)


# -- what the file permits and the checks of the content do not use -----------------------------------------------

OTHER = """
documented:
  - {id: no_agents, per: treatment, label: No drugs, severity: note, item: systemic_agents, says: Enter them., assumed: A test.}
  - {id: no_note, per: treatment, label: No end, severity: note, item: treatment_end, beside: date, says: Enter it., assumed: A test.}
  - {id: no_centre, label: No centre, severity: error, item: centre, says: Enter it., assumed: A test.}
between:
  - {id: late, label: Late, severity: note, from: tumour.diagnosis_date, to: treatments.date, at_most_days: 31, says: Look., assumed: A test.}
  - {id: early, label: Early, severity: note, from: closing, to: treatments.date, at_least_days: -100, says: Look., assumed: A test.}
"""


def test_other_checks(content: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    text = (content / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text[: text.index("conditions:\n")] + OTHER + text[text.index("duplicates:\n") :], encoding="utf-8")
    checks = load_checks(knowledge, tmp_path)
    recent = {"date": "2025-12-01", "treatment_kind": "chemotherapy", "systemic_agents": ["drug_cisplatin"], "treatment_end": "2025-12-20"}
    cases = {
        "P1": {"treatments.1": {"date": "2020-04-01"}},  # 31 days after the diagnosis
        "P2": {"treatments.1": {"date": "2020-04-02"}, "patient.centre": None},
        "P3": {"treatments.1": {"date": "2020-04"}},
        "P4": {"treatments": [recent]},
        "P5": {"treatments": [{"treatment_kind": "prrt", "systemic_agents": []}]},
    }
    records = records_of(cases, knowledge)
    found = by_tables(records, tmp_path / "tables", checks, knowledge)
    assert found.rows() == one_by_one(records, checks, knowledge).rows()
    assert found.group_by("patient").agg(pl.col("check").sort()).sort("patient").rows() == [
        ("P1", ["early", "no_agents", "no_note"]),
        ("P2", ["early", "late", "no_agents", "no_centre", "no_note"]),
        ("P3", ["early", "no_agents", "no_note"]),
        ("P4", ["late"]),
        ("P5", ["no_agents"]),
    ]


def test_a_table_that_lacks_the_columns_of_a_check(content: Path, knowledge: Knowledge, checks: Checks, tmp_path: Path) -> None:
    """What has no column is not on record, and rows that hold nothing are no entries."""
    folder = tmp_path / "tables"
    folder.mkdir()
    pl.DataFrame({"patient": ["P1", "P1"], "treatment_kind": ["prrt", None]}).write_parquet(folder / "treatments.parquet")
    pl.DataFrame({"patient": ["P1"]}).write_parquet(folder / "specimens.parquet")
    pl.DataFrame({"patient": ["P1"], "date": ["unknown"]}).write_parquet(folder / "liver.parquet")
    lists = {"patient": ["P1"], "date": ["2021-01-01"], "complications": [["fatigue", "boredom"]]}
    found = check_findings([], folder, checks, knowledge, CLOSING)
    assert found.select("check", "entity", "entry").rows() == [("treatment_without_date", "treatments", 1)]
    pl.DataFrame(lists).write_parquet(folder / "treatments.parquet")
    wrong = check_findings([], folder, checks, knowledge, CLOSING)
    assert wrong.select("check", "field", "found").rows() == [("not_permitted", "complications", "boredom")]
