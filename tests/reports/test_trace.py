"""Why, where documents disagree, the annex: from facts through criteria to statements."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nelm.advice.assess import assess
from nelm.criteria import Truth
from nelm.reports.page import Page, make_page
from nelm.reports.view import Trace
from tests.reports.conftest import Report

Case = Callable[[str], Report]


def trace(page: Page, option: str) -> Trace:
    return next(found for found in page.trace if found.option == option)


def test_an_option_is_traced_from_statement_to_facts(case: Case) -> None:
    (step,) = trace(case("p01").page, "Resection of the liver metastases").steps
    assert (step.document, step.verdict, step.mark.word, step.detail) == ("2014", "Q08", "For", "weak, evidence 1-2")
    conditions = {condition.text: condition for condition in step.statements[0].conditions}
    grade = conditions["Grade 1 or 2"]
    assert (grade.mark.word, grade.facts) == ("met", "WHO class that governs: NET G2")


def test_a_condition_that_is_not_known_names_what_is_missing(case: Case) -> None:
    conditions = [
        condition for line in case("p05").page.trace for step in line.steps for part in step.statements for condition in part.conditions
    ]
    unknown = [condition for condition in conditions if condition.mark.word == "not known"]
    assert unknown
    assert all(condition.facts for condition in unknown)


def test_a_condition_that_must_not_hold_is_said_so(case: Case) -> None:
    """And it is met where the criterion is false."""
    report = case("p01")
    lines = {line.id: line.conditions for line in report.page.annex.documents[0].statements}
    barring = [(found.compiled.statement.id, condition) for found in report.advice.statements for condition in found.unless]
    words = {Truth.FALSE: "met", Truth.TRUE: "not met", Truth.UNDETERMINED: "not known"}
    shown = [
        (condition.truth, found.mark.word)
        for id_, condition in barring
        for found in lines.get(id_, ())
        if found.text == f"must not be: {condition.label}"
    ]
    assert set(shown) == set(words.items())


def test_only_options_that_are_answered_are_traced(case: Case) -> None:
    states = {line.mark.word for name in ("p01", "p05", "v12a", "v19") for line in case(name).page.trace}
    assert states == {"Favoured", "Possible", "Documents disagree", "Not advised"}
    assert case("v19").page.trace == ()


# -- disagreements --------------------------------------------------------------------------------------------


def test_those_that_touch_this_patient_come_first(case: Case) -> None:
    touches = [found.touches for found in case("v12a").page.disagreements]
    assert touches == sorted(touches, reverse=True)
    assert set(touches) == {"touches this patient", "may touch this patient"}


def test_each_side_is_named(case: Case) -> None:
    found = {item.id: [position.who for position in item.positions] for item in case("v12a").page.disagreements}
    assert found["K12"] == ["2014", "2023"]
    inside = [who for item, places in found.items() if item.startswith("I") for who in places]
    assert {"2014, recommendation", "2014, body text"} <= set(inside)


def test_page_one_names_the_first_and_counts_the_rest(case: Case) -> None:
    page = case("v12a").page
    assert len(page.disagreements_short) == 5
    assert page.disagreements_short[-1] == f"and {len(page.disagreements) - 4} more places in the details"


# -- annex ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "note", "quoted"),
    [
        ("p01", "", True),
        ("v19", "Only as what would hold if this document spoke about the patient.", True),
        ("v24a", "Out of scope: not a gastroenteropancreatic neuroendocrine neoplasm. Nothing is quoted from it.", False),
        (
            "v24e",
            "Scope left open by the document: the document does not mention mixed neuroendocrine-non-neuroendocrine neoplasms. "
            "Nothing is quoted from it.",
            False,
        ),
    ],
)
def test_what_the_annex_quotes_depends_on_the_scope(case: Case, name: str, note: str, quoted: bool) -> None:
    found = case(name).page.annex.documents[0]
    assert (found.note, bool(found.verdicts), bool(found.statements)) == (note, quoted, quoted)


def test_the_annex_holds_every_verdict_and_statement_of_the_document(case: Case) -> None:
    report = case("p05")
    for document, scope in zip(report.page.annex.documents, report.advice.scopes, strict=True):
        verdicts = [found for found in report.advice.verdicts if found.compiled.guideline == scope.guideline]
        statements = [found for found in report.advice.statements if found.compiled.guideline == scope.guideline]
        assert [line.id for line in document.verdicts] == [found.compiled.rule.id for found in verdicts]
        assert [line.says for line in document.statements] == [found.compiled.statement.says for found in statements]


def test_a_verdict_names_what_it_waits_for_and_what_it_can_become(case: Case) -> None:
    lines = [line for document in case("p05").page.annex.documents for line in document.verdicts]
    waits = [text for line in lines for text in (line.waits, *(part.waits for part in line.parts))]
    assert any(text.startswith("Depends on: ") and text.endswith(").") and " or " in text for text in waits)
    assert any(text.startswith("Still to check: ") for text in waits)


def test_a_verdict_that_rests_on_facts_in_dispute_says_so(case: Case) -> None:
    lines = {line.id: line.waits for line in case("v23d").page.annex.documents[0].verdicts}
    assert "In dispute: future liver remnant." in lines["Q08"]


def test_sources_say_whether_they_speak_and_where_to_look(case: Case) -> None:
    first, second = case("p01").page.sources
    assert (first.scope.word, bool(first.locators)) == ("Speaks about this patient", True)
    assert (second.scope.word, second.locators) == ("Out of scope", ())


def test_one_document_alone(case: Case) -> None:
    advice = case("p05").advice
    page = make_page(assess(advice.facts.record, advice.knowledge, guidelines=["pnelm-2023"]))
    assert [source.name.split(" (")[0] for source in page.sources] == ["Chi et al. 2023"]
    assert {len(row.cells) for group in page.options for row in group.rows} == {1}


def test_what_a_condition_waits_for_stands_in_the_order_of_the_content(case: Case) -> None:
    """The same on every run: what is missing is found as a set."""
    report = case("p01")
    order = report.advice.knowledge.position
    asks = {report.advice.knowledge.asks(name): place for name, place in reversed(order.items())}
    waits = [
        condition.facts.split("; ")
        for trace in report.page.trace
        for step in trace.steps
        for statement in step.statements
        for condition in statement.conditions
        if condition.mark.word == "not known"
    ]
    places = [[asks[fact] for fact in facts if fact in asks] for facts in waits]
    assert any(len(found) > 1 for found in places)
    assert places == [sorted(found) for found in places]
