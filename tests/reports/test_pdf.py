"""The page as PDF: tagged, in its own fonts, page one on A4, everything readable as text."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
import typst

from nelm import reports
from nelm.reports import pdf as pdf_module
from nelm.reports.characters import INSTEAD
from tests.reports.conftest import Report

Case = Callable[[str], Report]
NAMES = ("p01", "p05", "v12a", "v19", "v23d", "v24a")
TITLE, UA = "{http://purl.org/dc/elements/1.1/}title", "{http://www.aiim.org/pdfua/ns/id/}part"


def tags(node: pikepdf.Object) -> Iterator[str]:
    if isinstance(node, pikepdf.Array):
        for part in node:
            yield from tags(part)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield str(node.S)
        if "/K" in node:
            yield from tags(node.K)


def squeezed(text: str) -> str:
    """Without spaces and hyphens, which a line may have ended with."""
    return re.sub(r"[\s-]+", "", text)


@pytest.mark.parametrize("name", NAMES)
def test_tagged_titled_and_in_a_language(case: Case, name: str) -> None:
    with pikepdf.open(io.BytesIO(case(name).pdf)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata[UA], metadata[TITLE]) == ("1", f"{name}: Advice for the MDT")
        assert (str(pdf.Root.Lang), bool(pdf.Root.MarkInfo.Marked), bool(pdf.Root.ViewerPreferences.DisplayDocTitle)) == ("en", True, True)
        found = Counter(tags(pdf.Root.StructTreeRoot))
    assert found["/H1"] == 1
    assert found["/H2"] > 5
    assert found["/TH"] >= found["/Table"] > 0


@pytest.mark.parametrize("name", NAMES)
def test_every_font_is_inside(case: Case, name: str) -> None:
    fonts = {}
    with pikepdf.open(io.BytesIO(case(name).pdf)) as pdf:
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                descendant = font.DescendantFonts[0] if "/DescendantFonts" in font else font
                fonts[str(font.BaseFont)] = any(key.startswith("/FontFile") for key in descendant.FontDescriptor)
    assert fonts
    assert [name for name, inside in fonts.items() if not inside] == []


@pytest.mark.parametrize("name", NAMES)
def test_page_one_is_a4_and_holds_question_facts_missing_items_and_options(case: Case, text_of: Callable[..., str], name: str) -> None:
    report = case(name)
    with pikepdf.open(io.BytesIO(report.pdf)) as pdf:
        assert [round(float(side)) for side in pdf.pages[0].MediaBox] == [0, 0, 595, 842]
    first = squeezed(text_of(report.pdf, pages=1))
    wanted = [report.page.header.question, report.page.intended_use, *(group.label for group in report.page.key_facts)]
    wanted += [item.asks for item in report.page.missing]
    wanted += report.options
    assert [words for words in wanted if squeezed(words) not in first] == []
    assert "Optionsinfull" not in first


@pytest.mark.parametrize("name", NAMES)
def test_the_pages_after_it_hold_every_option_with_its_reason(case: Case, text_of: Callable[..., str], name: str) -> None:
    report = case(name)
    found = squeezed(text_of(report.pdf).partition("Options in full")[2])
    rows = [row for group in report.page.options for row in group.rows]
    assert [row.option for row in rows if squeezed(row.option) not in found] == []
    assert [row.option for row in rows if not row.applies and squeezed(row.reason) not in found] == []


MARKUP = r'#panic("no") *star* $x^2$ [box] \backslash _low_ <label> @cite `raw` // comment = head'


def test_markup_of_a_record_is_text(written: Callable[[str], Report], text_of: Callable[..., str]) -> None:
    report = written(f"id: '{MARKUP}'\ntitle: '{MARKUP}'\npatient: {{patient_wishes: '{MARKUP}'}}\nplan: {{question: '{MARKUP}'}}")
    assert text_of(report.pdf, pages=1).count(MARKUP) == 5  # the title, the question, the wishes, the case twice


def test_a_character_without_a_font_does_not_stop_the_page(written: Callable[[str], Report], text_of: Callable[..., str]) -> None:
    report = written('plan: {question: "Łódź 𐎀?"}')
    assert f"Łódź {INSTEAD}?" in text_of(report.pdf, pages=1)


def test_any_other_failure_is_not_hidden(case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    template = tmp_path / "broken.typ"
    template.write_text('#panic("broken")', encoding="utf-8")
    monkeypatch.setattr(pdf_module, "TEMPLATE", template)
    with pytest.raises(typst.TypstError, match="broken"):
        reports.render_pdf(case("v24a").page)


def test_the_same_page_gives_the_same_bytes(case: Case) -> None:
    again = Report(case("v24a").advice.facts.record, case("v24a").advice.knowledge)
    assert again.pdf == case("v24a").pdf
