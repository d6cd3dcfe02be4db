"""The page as HTML: whole in itself, well formed, harmless whatever a record says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from nelm import reports
from tests.reports.conftest import Report

Case = Callable[[str], Report]
NAMES = ("p01", "p05", "v12a", "v19", "v23d", "v24a")
WITHOUT_END = {"meta", "br"}
LOADING = {"src", "srcset", "href", "action", "data", "poster", "background", "formaction"}


class Read(HTMLParser):
    """What stands in a document: elements in order, texts, and where the nesting is broken."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.broken: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.broken.append(f"</{tag}> at line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def tags(self) -> Counter[str]:
        return Counter(tag for tag, _ in self.elements)

    def attributes(self, name: str) -> list[str]:
        return [value for _, found in self.elements if (value := found.get(name))]


@pytest.mark.parametrize("name", NAMES)
def test_elements_are_nested_and_ids_are_there_once(case: Case, name: str) -> None:
    found = Read(case(name).html)
    assert (found.broken, found.open) == ([], [])
    ids = found.attributes("id")
    assert [item for item, times in Counter(ids).items() if times > 1] == []
    assert {link.removeprefix("#") for link in found.attributes("href")} <= set(ids)
    assert set(found.attributes("aria-labelledby")) <= set(ids)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_from_anywhere(case: Case, name: str) -> None:
    found = Read(case(name).html)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & set(found.tags())
    addresses = [value for key in LOADING for value in found.attributes(key)]
    assert [address for address in addresses if not address.startswith("#")] == []
    assert not re.search(r"url\(|@import|https?:", case(name).html)


def test_language_title_and_one_main_heading(case: Case) -> None:
    found = Read(case("p05").html)
    assert (found.elements[0], found.tags()["h1"], found.tags()["title"]) == (("html", {"lang": "en"}), 1, 1)
    assert "p05: Advice for the MDT" in found.texts


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_in_the_table_with_its_state_in_words_and_its_reason(case: Case, name: str) -> None:
    table = case(name).html.partition('id="options"')[2].partition("</section>")[0]
    text = " ".join(" ".join(Read(table).texts).split())
    for group in case(name).page.options:
        for row in group.rows:
            reasons = [reason.text for reason in row.reasons] if row.applies else [row.reason]
            found = text.partition(row.option)[2]
            assert f"{row.mark.symbol} {row.mark.word}" in found
            assert [reason for reason in reasons if reason not in found] == []


def test_an_option_that_is_not_advised_stays_visible_with_its_reason(case: Case) -> None:
    summary = case("v12a").html.partition('id="summary"')[2].partition("</section>")[0]
    text = " ".join(" ".join(Read(summary).texts).split())
    assert "✗ Not advised EUS-guided ablation of the primary not addressed Against" in text
    assert "Not a first-line technique and no substitute for an operation that is possible." in text


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_a_symbol_with_its_word(case: Case, name: str) -> None:
    """So that it reads without colour; the symbol alone is not read aloud."""
    marks = re.findall(r'<span class="mark \w+">', case(name).html)
    in_words = re.findall(r'<span class="mark \w+"><span class="symbol" aria-hidden="true">\S</span> [A-Z][\w ]+</span>', case(name).html)
    assert len(in_words) == len(marks) > 40


POISON = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}{% raw %}"


def test_whatever_a_record_says_is_text(written: Callable[[str], Report]) -> None:
    quoted = POISON.replace("'", "''")
    record = f"""
id: '{quoted}'
title: '{quoted}'
patient: {{patient_wishes: '{quoted}', clinical_history: '{quoted}'}}
tumour: {{primary_site: pancreas, tumour_entity: net, tumour_histology_note: '{quoted}'}}
liver: [{{liver_metastases_present: true, source: '{quoted}', note: '{quoted}'}}]
function: [{{comorbidities: ['{quoted}']}}]
plan: {{question: '{quoted}'}}
"""
    found = Read(written(record).html)
    assert not {"script", "img"} & set(found.tags())
    assert not any(key.startswith("on") for _, attributes in found.elements for key in attributes)
    assert sum(POISON in text for text in found.texts) > 6
    assert "49" not in "".join(found.texts).partition("Key facts")[0]


def test_the_same_page_gives_the_same_document(case: Case) -> None:
    again = Report(case("p05").advice.facts.record, case("p05").advice.knowledge)
    assert again.html == reports.render_html(case("p05").page)
