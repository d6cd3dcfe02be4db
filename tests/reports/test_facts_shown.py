"""Facts in words, with where they came from; what a reader has to know first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nelm.reports.page import Page, make_page
from nelm.reports.view import FactGroup
from tests.reports.conftest import Report

Case = Callable[[str], Report]
Written = Callable[[str], Report]


def group(page: Page, label: str) -> FactGroup:
    return next(found for found in page.key_facts if found.label == label)


def told(found: FactGroup) -> list[str]:
    return [
        " ".join(filter(None, (*(f"{fact.label} {fact.value} {fact.note}".strip() for fact in cluster.facts), cluster.origin)))
        for cluster in found.clusters
    ]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Primary", ["Pancreas In place Tail Neuroendocrine tumour size 38.7 to 57 mm no date"]),
        ("Hormones", ["functional yes syndrome Gastrinoma function 1, no date"]),
        ("Grade", ["NET G1 specimen 1, Liver metastasis, no date", "Ki-67 not known mitoses not known differentiation not known"]),
        ("Tracers", ["SSTR not known receptor PET not known FDG not known"]),
        ("Treatment so far", ["not known"]),
    ],
)
def test_facts_of_the_same_entries_stand_together_and_unknown_ones_last(case: Case, label: str, expected: list[str]) -> None:
    assert told(group(case("p05").page, label)) == expected


def test_a_fact_in_dispute_says_so(case: Case) -> None:
    page = case("v23d").page
    assert "remnant 25 % or 35 % in dispute" in told(group(page, "Liver"))[0]
    assert [item.note for item in page.missing if item.asks == "Future liver remnant"] == ["in dispute"]


def test_a_fact_whose_value_was_set_aside_says_so(case: Case) -> None:
    assert "Ki-67 not known value set aside" in " ".join(told(group(case("v23a").page, "Grade")))


def test_a_fact_names_entry_date_and_source(written: Written) -> None:
    record = "specimens: [{specimen_site: primary, ki67_percent: 4, date: 2018-03, source: pathology review}]"
    (found,) = [fact for fact in make_page(written(record).advice).annex.facts if fact.label == "Ki-67 index"]
    assert (found.value, found.origin) == ("4 %", "specimen 1, Primary, 2018-03, pathology review")


def test_lists_and_texts_are_told_as_written_each_once(written: Written) -> None:
    entries = "[{comorbidities: [cirrhosis, COPD]}, {comorbidities: [cirrhosis, COPD]}]"
    record = f"function: {entries}\ntumour: {{tumour_histology_note: As written}}"
    facts = {fact.label: fact for fact in make_page(written(record).advice).annex.facts}
    assert facts["Histology (note)"].value == "As written"
    (found,) = [fact for fact in facts.values() if "COPD" in fact.value]
    assert (found.value, found.origin) == ("cirrhosis, COPD", "function 1, no date; function 2, no date")


TREATMENTS = ", ".join(f"{{treatment_kind: drug_ssa, date: 20{year}}}" for year in range(10, 18))


def test_of_many_treatments_the_last_are_shown(written: Written) -> None:
    found = group(make_page(written(f"treatments: [{TREATMENTS}]").advice), "Treatment so far")
    assert [cluster.origin for cluster in found.clusters] == ["2013", "2014", "2015", "2016", "2017"]
    assert found.more == "and 3 earlier entries; there may be more: the list is not declared complete"


@pytest.mark.parametrize(
    ("record", "clusters", "more"),
    [
        ("patient: {age_years: 50}", ["not known"], ""),
        ("complete: [treatments]\npatient: {age_years: 50}", ["none"], ""),
        ("complete: [treatments]\ntreatments: [{treatment_kind: prrt}]", ["Peptide receptor radionuclide therapy no date"], ""),
        (
            "treatments: [{note: unnamed}]",
            ["treatment 1, no date no date"],
            "there may be more: the list is not declared complete",
        ),
    ],
)
def test_treatment_so_far(written: Written, record: str, clusters: list[str], more: str) -> None:
    found = group(make_page(written(record).advice), "Treatment so far")
    assert (told(found), found.more) == (clusters, more)


# -- what a reader has to know first ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("p01", "Scope", "Chi et al. 2023 does not speak about this patient: the document is about pancreatic primaries only."),
        ("v19", "Scope", "Whether Frilling et al. 2014 speaks about this patient is not settled."),
        ("v24e", "Scope", "Frilling et al. 2014 leaves open whether it speaks about this patient: the document does not mention"),
        ("v23a", "Value set aside", "“130” cannot be true. The fact counts as not known."),
        ("v23d", "Contradiction in the record", "Future liver remnant: 35 % (liver 1, first statement) and 25 %"),
    ],
)
def test_notices(case: Case, name: str, kind: str, said: str) -> None:
    assert [notice for notice in case(name).page.warnings if notice.kind == kind and said in notice.text]


def test_nothing_is_said_first_where_nothing_is_the_matter(case: Case) -> None:
    assert case("p05").page.warnings == ()


def test_a_contradiction_names_what_it_leaves_open(case: Case) -> None:
    (notice,) = case("v23d").page.warnings
    assert notice.details == ("Left open because of it: Future liver remnant",)


def test_a_value_that_is_hardly_possible_is_to_be_checked(written: Written) -> None:
    (notice, *_) = [
        found for found in make_page(written("specimens: [{ki67_percent: 99}]").advice).warnings if found.kind == "Please check"
    ]
    assert notice.text.startswith("Ki-67 index: ")
    assert notice.details == ("line 1 of the record",)


def test_the_gravest_notice_comes_first(written: Written) -> None:
    record = "liver: [{future_liver_remnant_percent: 20}, {future_liver_remnant_percent: 30}]\nspecimens: [{ki67_percent: 99}]"
    kinds = [notice.kind for notice in make_page(written(record).advice).warnings]
    assert kinds == ["Contradiction in the record", "Scope", "Scope", "Please check"]
