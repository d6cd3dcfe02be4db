"""The site as people see it: accessible on a telephone and a desk, on every kind of page; a search that works from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PHONE, DESK, HEIGHT = 390, 1200, 900
KINDS = (
    "index.html",
    "nelm-2014/index.html",
    "nelm-2014/Q09.html",
    "pnelm-2023/Q11.html",
    "nelm-2014/intro.html",
    "nelm-2014/conc.html",
    "nelm-2014/discrepancies.html",
    "pnelm-2023/document.html",
    "pnelm-2023/references.html",
    "comparison.html",
    "terms.html",
    "dictionary.html",
    "derivations.html",
    "research.html",
    "pictures.html",
    "search.html",
)


@pytest.fixture(scope="module")
def show(browser: Browser, site: Path) -> Iterator[Callable[[str, int], Page]]:
    contexts = {width: browser.new_context(viewport={"width": width, "height": HEIGHT}) for width in (PHONE, DESK)}
    tabs = {width: context.new_page() for width, context in contexts.items()}

    def opened(path: str, width: int) -> Page:
        file, _, anchor = path.partition("#")
        tabs[width].goto((site / file).as_uri() + (f"#{anchor}" if anchor else ""))
        return tabs[width]

    yield opened
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("path", KINDS)
def test_accessible(show: Callable[[str, int], Page], path: str) -> None:
    found = Axe().run(show(path, DESK))
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", KINDS)
def test_as_wide_as_the_telephone(show: Callable[[str, int], Page], path: str) -> None:
    assert show(path, PHONE).evaluate("document.documentElement.scrollWidth") == PHONE


@pytest.mark.parametrize(("words", "first"), [("Q08.R1", "Q08.R1"), ("milan", None), ("sirt tace", None)])
def test_search_finds_ids_and_words(show: Callable[[str, int], Page], words: str, first: str | None) -> None:
    page = show("search.html", DESK)
    page.get_by_label("Words or an id").fill(words)
    found = page.locator("#found li")
    assert found.count() > 0
    if first is not None:
        assert found.first.locator("a").inner_text() == first
    assert "found" in page.locator("#count").inner_text()
    found.first.locator("a").click()
    assert page.url.split("#")[0].endswith(".html")
    assert "search.html" not in page.url


def test_search_says_where_nothing_is_found(show: Callable[[str, int], Page]) -> None:
    page = show("search.html", DESK)
    page.get_by_label("Words or an id").fill("xyzzy")
    assert page.locator("#count").inner_text() == "0 found"


def test_printed_without_navigation(show: Callable[[str, int], Page]) -> None:
    page = show("nelm-2014/Q08.html", DESK)
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    page.emulate_media(media="screen")
