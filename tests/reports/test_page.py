"""The page before it is laid out: the answer in short, the options, what is missing, what would change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from nelm.advice.assess import assess
from nelm.reports.characters import INSTEAD
from nelm.reports.layout import read_layout
from nelm.reports.page import Page, make_page
from nelm.reports.view import OptionRow
from nelm.reports.words import NOT_ASKED, STATES
from tests.conftest import ROOT
from tests.reports.conftest import Report

CASES = sorted(file.stem for file in (ROOT / "content" / "cases").glob("*.yaml"))
Case = Callable[[str], Report]


def answer(page: Page) -> list[tuple[str, ...]]:
    return [(line.mark.word, *line.lines) for line in page.answer]


def rows(page: Page) -> dict[str, OptionRow]:
    return {row.option: row for group in page.options for row in group.rows}


# -- the answer in short ------------------------------------------------------------------------------


def test_the_answer_says_who_says_so_and_what_is_still_to_check(case: Case) -> None:
    assert answer(case("p05").page)[0] == (
        "Favoured",
        "2023: Resection combined with ablation; No evidence of disease (NED) as the goal of surgery.",
        "Still to check: suitability for surgery; contraindications to surgery; intention to operate; goal of the local treatment.",
    )


def test_documents_that_agree_are_named_together(case: Case) -> None:
    assert answer(case("v02a").page)[0][1:3] == (
        "2014 and 2023: Resection of the liver metastases.",
        "2023: Resection combined with ablation; No evidence of disease (NED) as the goal of surgery.",
    )


def test_what_is_advised_against_is_in_the_answer(case: Case) -> None:
    assert ("Not advised", "2023: EUS-guided ablation of the primary.") in answer(case("v12a").page)


def test_where_nothing_is_favoured_no_tick_stands_in_front(case: Case) -> None:
    page = case("v19").page
    assert answer(page)[0] == ("Nothing favoured", "On what is known so far.")
    assert "✓" not in {line.mark.symbol for line in page.answer}
    assert answer(page)[1] == ("Cannot judge yet", "22 options, see what is missing.")


def test_what_no_fact_can_settle_is_not_called_missing(case: Case) -> None:
    assert answer(case("p01").page)[1] == ("Cannot judge yet", "Left open by a document: Peptide receptor radionuclide therapy (PRRT).")
    assert answer(case("v12a").page)[2][1:] == (
        "7 options, see what is missing.",
        "Left open by a document: Resection of the liver metastases.",
    )


@pytest.mark.parametrize("name", ["v24a", "v24b"])
def test_out_of_scope_there_is_no_advice(case: Case, name: str) -> None:
    page = case(name).page
    assert answer(page) == [("Out of scope", "No document speaks about this patient, so there is no advice on this page.")]
    assert {row.mark.word for row in rows(page).values()} == {"Out of scope"}
    assert not page.trace
    assert not page.changes
    assert not page.body_positions


# -- options --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_every_option_stands_on_page_one_and_in_full_with_a_reason(case: Case, name: str) -> None:
    report = case(name)
    page = make_page(report.advice)
    in_short = [row.option for group in page.summary for state in group.states for row in state.rows]
    in_short += [option for group in page.summary for found in group.lists for option in found.text.split("; ")]
    assert sorted(in_short) == sorted(report.options)
    assert sorted(rows(page)) == sorted(report.options)
    assert [row.option for row in rows(page).values() if not row.reason or (row.applies and not row.reasons)] == []


def test_the_mark_of_an_option_is_its_state(case: Case) -> None:
    report = case("v12a")
    shown = {found.option.label: STATES[found.state] for found in report.advice.options}
    assert {option: row.mark for option, row in rows(report.page).items()} == shown


def test_of_a_document_out_of_scope_an_option_says_only_that(case: Case) -> None:
    row = rows(case("p01").page)["Splenectomy"]
    assert (row.mark.word, row.reason) == ("Out of scope", "The document is about pancreatic primaries only.")
    both = rows(case("v24a").page)["Liver transplantation"]
    assert both.reason == "2014: Not a gastroenteropancreatic neuroendocrine neoplasm. 2023: Not a neuroendocrine neoplasm of the pancreas."


def test_an_option_shows_strength_votes_and_what_was_done(case: Case) -> None:
    found = rows(case("v12a").page)
    assert [cell.grade for cell in found["Local ablation of unresectable metastases"].cells] == ["weak", ""]
    assert found["Resection of the primary with metastases in place"].votes == (
        "Jury, motion “resect a primary in the head of the pancreas”: 0 % for, 100 % against, 0 % abstained",
        "Jury, motion “resect a primary in the tail of the pancreas”: 30 % for, 50 % against, 20 % abstained",
    )
    assert found["MGMT immunohistochemistry"].done == "MGMT immunohistochemistry (molecular 1)"


def test_documents_that_disagree_are_told_apart(case: Case) -> None:
    row = rows(case("v12a").page)["Molecular diagnosis"]
    assert (row.mark.word, row.relation) == ("Documents disagree", "Disagree for this patient")
    assert [cell.mark.word for cell in row.cells] == ["No recommendation", "For"]


def test_a_disagreement_on_a_treatment_is_in_the_answer(case: Case) -> None:
    """None of the worked cases has one; the work-up, made the main group, has."""
    advice = case("v12a").advice
    layout = replace(read_layout(advice.knowledge), main_options="work-up")
    found = {line[0]: line[1:] for line in answer(make_page(advice, layout=layout))}
    assert found["Documents disagree"][:2] == (
        "2014 against, 2023 for: Several biopsies: for Ki-67 (2014), guided by PET (2023, text).",
        "2014 no recommendation, 2023 for: Molecular diagnosis.",
    )


# -- what is missing, what would change it ----------------------------------------------------------------


def test_the_missing_items_name_the_treatment_that_waits_first(case: Case) -> None:
    page = case("p05").page
    assert page.missing[0].asks == "Surgeon's judgement on the resectability of the liver metastases"
    assert page.missing[0].waits == "holds up Resection of the liver metastases; and 5 more"
    assert len(page.missing) == 6
    assert page.missing_more == f"and {len(page.annex.missing) - 6} more in the annex"


def test_where_no_verdict_is_open_what_could_change_one_is_missing(case: Case) -> None:
    assert {item.waits.split(" for ")[0] for item in case("p01").page.missing} == {"to check"}


def test_what_would_change_the_advice(case: Case) -> None:
    changes = {line.condition: line.effects for line in case("p01").page.changes}
    effects = {(effect.verdict, effect.was, effect.becomes) for found in changes.values() for effect in found}
    assert any(condition.startswith("Ki-67") for condition in changes)
    assert all(was != becomes for _, was, becomes in effects)


def test_changes_of_the_same_fact_stand_together(case: Case) -> None:
    flips = [("Grade", "3", "Q1", "For", "Against"), ("Grade", "3", "Q2", "For", "Condition not met")]
    (line,) = make_page(case("p01").advice, flips=flips).changes
    assert (line.condition, [effect.becomes for effect in line.effects]) == ("Grade: 3", ["Against", "Condition not met"])


# -- the bar ------------------------------------------------------------------------------------------------


def test_the_bar(case: Case) -> None:
    head = case("p05").page.header
    assert (head.case, head.person, head.made_on) == ("p05", "64 years · Male", "made on 2024-03-12")
    assert head.question == "First treatment of a functional tumour with several liver metastases."
    assert head.versions[0].startswith("NELM ")
    assert head.status == "Draft: not approved by an MDT"


def test_the_bar_without_question_age_and_day(case: Case) -> None:
    head = make_page(case("v23d").advice).header
    assert (head.question, head.question_is_known) == ("No question has been written down.", False)
    assert (head.person, head.made_on) == ("age not known · sex not known", "")


def test_the_day_the_advice_is_for(case: Case) -> None:
    advice = case("p05").advice
    assert make_page(assess(advice.facts.record, advice.knowledge, as_of=date(2024, 1, 2))).header.as_of == "As of 2024-01-02"
    assert make_page(advice).header.as_of == "All entries count: no date given"


def test_wishes_are_shown_also_when_nobody_asked(case: Case, written: Callable[[str], Report]) -> None:
    assert case("p05").page.wishes.text == NOT_ASKED
    wishes = written("patient: {patient_wishes: To see the summer.}").page.wishes
    assert (wishes.text, wishes.asked) == ("To see the summer.", True)


def test_control_characters_of_a_record_do_not_reach_the_page(written: Callable[[str], Report]) -> None:
    page = written(r'plan: {question: "a\e[31mb\u202ec\x85d\ne"}').page
    assert page.header.question == f"a{INSTEAD}[31mb{INSTEAD}c{INSTEAD}d\ne"
