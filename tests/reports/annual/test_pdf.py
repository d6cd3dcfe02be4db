"""The annual report as PDF: tagged, A4, the freeze on every page, pictures with words, long and wide tables in readable parts."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pikepdf
import pytest

from nelm.registry.annual.model import Section
from nelm.reports import annual
from nelm.reports.annual.wide_tables import BREAK
from tests.reports.annual.conftest import FREEZE, LONG_WORD, MARKUP, POISON, Shown, centres, made_up
from tests.reports.test_pdf import TITLE, UA, squeezed

TextOf = Callable[..., str]


def elements(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """Every element of the structure that a screen reader follows."""
    if isinstance(node, pikepdf.Array):
        for part in node:
            yield from elements(part)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def unbroken(text: str) -> str:
    return squeezed(text.replace(BREAK, ""))


def test_tagged_titled_and_in_a_language(plain: Shown) -> None:
    with pikepdf.open(io.BytesIO(plain.pdf)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata[UA], metadata[TITLE]) == ("1", "Annual report 2024")
        assert (str(pdf.Root.Lang), bool(pdf.Root.MarkInfo.Marked), bool(pdf.Root.ViewerPreferences.DisplayDocTitle)) == ("en", True, True)
        found = list(elements(pdf.Root.StructTreeRoot))
        tags = Counter(str(element.S) for element in found)
        says = [str(element.Alt) for element in found if str(element.S) == "/Figure"]
        sizes = {tuple(round(float(side)) for side in page.MediaBox) for page in pdf.pages}
    assert (tags["/H1"], tags["/H3"], sizes) == (1, 2, {(0, 0, 595, 842)})
    assert tags["/Table"] == 6  # of 40 columns in three parts; of no rows none
    assert tags["/Caption"] == tags["/Table"] + tags["/Figure"] == 8
    assert tags["/TH"] == 2 + 5 + (40 + 2) + 5
    assert says == [picture.says for section in plain.report.sections for picture in section.pictures]


def test_every_page_names_the_freeze_and_that_the_data_are_made_up(plain: Shown, text_of: TextOf) -> None:
    with pikepdf.open(io.BytesIO(plain.pdf)) as pdf:
        pages = len(pdf.pages)
    whole = text_of(plain.pdf)
    assert whole.count(f"SYNTHETIC DATA · Example Registry of Neuroendocrine Liver Metastases Freeze {FREEZE}") == pages == 5
    assert len(re.findall(f"SYNTHETIC DATA · Freeze {FREEZE}", whole)) == plain.items


def test_page_one_says_the_message(plain: Shown, text_of: TextOf) -> None:
    first = text_of(plain.pdf, pages=1)
    report = plain.report
    wanted = [report.title, report.period, report.intended_use, *report.warnings]
    wanted += [text for number in report.key_numbers for text in (number.value, number.label, number.detail)]
    wanted += [section.title for section in (*report.sections, *report.methods)]
    assert [text for text in wanted if squeezed(text) not in squeezed(first)] == []
    assert "Received" not in first


def test_without_a_mark_nothing_is_said_of_one(text_of: TextOf) -> None:
    text = text_of(annual.render_pdf(replace(made_up(), mark="")))
    assert "SYNTHETIC" not in text
    assert f"Small numbers are held back. Freeze {FREEZE} · tables/flow.csv" in text


def test_a_wide_table_comes_in_parts_that_repeat_the_first_column(plain: Shown, text_of: TextOf) -> None:
    text = text_of(plain.pdf)
    parts = re.findall(r"Table 4\. New patients by year and centre Columns (1, \d+–\d+) of 40", text)
    assert parts == ["1, 2–15", "1, 16–29", "1, 30–40"]
    assert text.count("2017 ") == 3


def test_whatever_a_text_says_is_text(poisoned: Shown, text_of: TextOf) -> None:
    text = unbroken(text_of(poisoned.pdf))
    for wanted in (MARKUP, POISON, LONG_WORD):
        assert text.count(squeezed(wanted)) > 15


def test_the_same_report_gives_the_same_bytes(plain: Shown) -> None:
    assert annual.render_pdf(made_up()) == plain.pdf


@pytest.fixture(scope="module")
def long() -> Shown:
    return Shown(replace(made_up(), sections=(Section("long", "Long", tables=(centres(3000),)),), methods=()))


def test_a_long_table_repeats_its_head_and_loses_no_row(long: Shown, text_of: TextOf) -> None:
    text = text_of(long.pdf)
    with pikepdf.open(io.BytesIO(long.pdf)) as pdf:
        pages = len(pdf.pages)
    assert pages > 40
    assert text.count("Centre Site Patients Microscopically verified, %") == pages - 1
    assert re.findall(r"Centre (\d{4})", text) == [f"{n:04d}" for n in range(3000)]


def test_a_character_without_a_font_does_not_stop_the_report(text_of: TextOf) -> None:
    data = annual.render_pdf(replace(made_up(), registry="Łódź 𐎀"))
    assert "Łódź \N{REPLACEMENT CHARACTER}" in text_of(data, pages=1)
