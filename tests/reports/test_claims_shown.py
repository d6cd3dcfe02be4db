"""Published findings beside the options: with limits and links, from documents that speak about the patient, never as a prognosis."""

from __future__ import annotations

from collections.abc import Callable

from nelm.advice.findings import OptionState, Word
from nelm.knowledge.base import Knowledge
from nelm.reports import render_text
from nelm.reports.claims_shown import FINDINGS_SHOWN
from nelm.reports.page import make_page
from nelm.reports.site.links import places
from nelm.reports.site.plan import plan
from nelm.reports.view import OptionFindings, Page
from tests.reports.conftest import Report

Case = Callable[[str], Report]


def about(page: Page, option: str) -> OptionFindings:
    return next(found for found in page.findings if found.option == option)


def test_an_option_shows_what_was_published_on_it(case: Case) -> None:
    found = about(case("p01").page, "Resection of the liver metastases")
    line = next(line for line in found.lines if line.id == "Q08.E01")
    assert (line.document, line.numbers, line.href) == ("2014", "46–86 % after 5 years", "")
    assert line.limits == "Case series; doubtful: DISC.32; references 51, 52, 53."
    assert len(found.lines) == FINDINGS_SHOWN
    assert found.more.endswith("more in the pages of the guidelines")


def test_what_selection_explains_is_said(case: Case, knowledge: Knowledge) -> None:
    chosen = {claim.id for reported in knowledge.reported.values() for claim in reported.claims() if claim.selection_bias}
    lines = {line.id: line for name in ("p01", "p05", "v19") for found in case(name).page.findings for line in found.lines}
    assert chosen & set(lines)
    assert {name for name, line in lines.items() if "selection probable" in line.limits} == chosen & set(lines)


def test_with_the_site_each_finding_is_linked_to_its_place(case: Case, knowledge: Knowledge) -> None:
    known = {f"guidelines/{place}" for place in places(plan(knowledge)).values()}
    for name in ("p01", "p05", "v19"):
        page = make_page(case(name).advice, site="guidelines/")
        links = [line.href for found in page.findings for line in found.lines]
        assert links
        assert set(links) <= known


def test_only_for_options_that_are_a_matter_and_documents_that_speak(case: Case) -> None:
    for name in ("p05", "v03c", "v24a", "v24d"):
        report = case(name)
        quiet = {found.option.label for found in report.advice.options if found.state is OptionState.DOES_NOT_APPLY}
        assert not quiet & {found.option for found in report.page.findings}
        silent = {scope.guideline[-4:] for scope in report.advice.scopes if scope.word is Word.OUT}
        assert not silent & {line.document for found in report.page.findings for line in found.lines}


def test_every_form_shows_the_findings_and_that_they_are_no_prognosis(case: Case, text_of: Callable[..., str]) -> None:
    report = case("p01")
    forms = (report.html, render_text(report.page, annex=True), text_of(report.pdf))
    for form in (" ".join(text.replace("’", "'").replace("&#39;", "'").split()) for text in forms):
        assert "Published findings on the options" in form
        assert "no patient's prognosis" in form
        assert "46–86 % after 5 years" in form
