"""The page as text for the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import east_asian_width

import pytest
from rich.cells import cell_len

from nelm import reports
from nelm.reports.text import SMALLEST_WIDTH
from tests.reports.conftest import Report

Case = Callable[[str], Report]
NAMES = ("p01", "p05", "v12a", "v19", "v23d", "v24a")
ESCAPE = "\x1b"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_terminal(case: Case, name: str, width: int) -> None:
    text = reports.render_text(case(name).page, width, annex=True)
    assert max(map(cell_len, text.splitlines())) == width
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_a_very_narrow_terminal_is_taken_for_a_wider_one(case: Case) -> None:
    assert reports.render_text(case("v24a").page, 20) == reports.render_text(case("v24a").page, SMALLEST_WIDTH)


@pytest.mark.parametrize("name", NAMES)
def test_there_are_no_colour_codes(case: Case, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert ESCAPE not in reports.render_text(case(name).page, annex=True)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_named_with_its_state(case: Case, name: str) -> None:
    text = reports.render_text(case(name).page, 400)
    details = text.partition("Options in full")[2]
    for group in case(name).page.options:
        for row in group.rows:
            assert f"{row.mark.symbol} {row.mark.word}: {row.option}" in details


def test_unknown_facts_are_visible(case: Case) -> None:
    text = reports.render_text(case("v19").page, 200)
    assert "performance status not known" in text
    assert "SSTR not known · receptor PET not known · FDG not known" in text


def test_facts_in_dispute_are_visible(case: Case) -> None:
    text = reports.render_text(case("v23d").page, 200)
    assert "! Contradiction in the record: Future liver remnant: 35 % (liver 1, first statement) and 25 % (liver 2, volumetry)." in text
    assert "remnant 25 % or 35 % (in dispute)" in text


@pytest.mark.parametrize("name", ["v24a", "v24b"])
def test_out_of_scope_is_said_and_nothing_is_quoted(case: Case, name: str) -> None:
    report = case(name)
    text = " ".join(reports.render_text(report.page, annex=True).split())
    assert "No document speaks about this patient, so there is no advice on this page." in text
    said = [item.compiled.statement.says for item in report.advice.statements]
    assert len(said) > 300
    assert [says for says in said if says in text] == []
    assert "✓" not in text.partition("Words and symbols")[0]


def test_of_the_document_in_scope_statements_are_quoted(case: Case) -> None:
    """Otherwise the test above would pass on text that quotes nothing ever."""
    report = case("p01")
    text = " ".join(reports.render_text(report.page, annex=True).split())
    quoted = {item.compiled.guideline for item in report.advice.statements if item.compiled.statement.says in text}
    assert quoted == {"nelm-2014"}


def test_the_annex_is_there_only_where_it_is_asked_for(case: Case) -> None:
    without, with_annex = (reports.render_text(case("p05").page, 200, annex=annex) for annex in (False, True))
    hint = case("p05").page.headings["no_annex"]
    assert ("\nAll statements\n" in without, hint in without) == (False, True)
    assert ("\nAll statements\n" in with_annex, hint in with_annex) == (True, False)


def test_markup_of_a_record_is_text(written: Callable[[str], Report]) -> None:
    text = reports.render_text(written('plan: {question: "[red]a[/red] :smile: [link=x]b"}').page)
    assert "Question for the MDT: [red]a[/red] :smile: [link=x]b" in text


def test_escape_sequences_of_a_record_do_not_reach_the_terminal(written: Callable[[str], Report]) -> None:
    text = reports.render_text(written(r'plan: {question: "a\e[2Jb\a"}').page)
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text) == []


def test_wide_characters_are_counted_as_the_terminal_shows_them(written: Callable[[str], Report]) -> None:
    text = reports.render_text(written(f'plan: {{question: "{"患" * 100}"}}').page, 80)
    assert east_asian_width("患") == "W"
    assert max(map(cell_len, text.splitlines())) == 80


def test_the_same_page_gives_the_same_text(case: Case) -> None:
    assert reports.render_text(case("p05").page) == reports.render_text(
        Report(case("p05").advice.facts.record, case("p05").advice.knowledge).page
    )
