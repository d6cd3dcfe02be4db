"""The page as people see it: in a browser, on a telephone and a desk, by ear, in grey, and printed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.reports.conftest import Report

Case = Callable[[str], Report]
NAMES = ("p01", "p05", "v12a", "v19", "v23d", "v24a")
PHONE, DESK, HEIGHT = 390, 1200, 844
SIZES = [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")]
SPILLS = """element => element.checkVisibility() && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1"""


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[[str, int], Page]]:
    """Opens a document from a file, as somebody who was sent it would."""
    contexts = []

    def opened(html: str, width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": HEIGHT})
        contexts.append(context)
        page = context.new_page()
        file = tmp_path / "advice.html"
        file.write_text(html, encoding="utf-8")
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_accessible_and_as_wide_as_the_screen(case: Case, show: Callable[[str, int], Page], name: str, width: int) -> None:
    """What is peculiar to a case; the long lists behind it, the same in kind, are looked at in one case below."""
    page = show(case(name).html, width)
    found = Axe().run(page, {"include": [[part] for part in (".bar", ".page-one", "#options")]})
    assert len(found.response["passes"]) > 20
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("body *").evaluate_all(f"all => all.filter({SPILLS}).map(element => element.outerHTML.slice(0, 200))") == []


@pytest.mark.parametrize("width", SIZES)
def test_the_whole_page_is_accessible(case: Case, show: Callable[[str, int], Page], width: int) -> None:
    page = show(case("p01").html, width)
    assert all(page.locator(part).count() for part in ("#trace", "#changes", "#disagreements", "#sources", "#annex"))
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_check_of_accessibility_finds_what_is_wrong(case: Case, show: Callable[[str, int], Page]) -> None:
    broken = case("v24a").html.replace("--soft: #565b61", "--soft: #c0c4c9").replace(' lang="en"', "")
    found = {violation["id"] for violation in Axe().run(show(broken, DESK)).response["violations"]}
    assert {"color-contrast", "html-has-lang"} <= found


def test_the_question_and_the_answer_are_seen_without_scrolling(case: Case, show: Callable[[str, int], Page]) -> None:
    """Of the page with the most warnings above them."""
    page = show(case("v19").html, DESK)
    heights = [page.locator(part).bounding_box() for part in (".question", ".answer dl")]
    assert [box["y"] + box["height"] < HEIGHT for box in heights if box] == [True, True]


def test_links_lead_to_the_parts_of_the_page(case: Case, show: Callable[[str, int], Page]) -> None:
    page = show(case("p05").html, PHONE)
    page.get_by_role("link", name="Options in full").click()
    assert page.get_by_role("heading", name="Options in full").is_visible()
    assert abs(page.locator("#options").bounding_box()["y"]) < 2  # type: ignore[index]


def test_on_a_telephone_each_cell_says_whose_word_it_is(case: Case, show: Callable[[str, int], Page]) -> None:
    """The header of the table is not seen there."""
    page = show(case("v12a").html, PHONE)
    cell = page.locator("#summary td[data-label]").first
    assert cell.evaluate("cell => getComputedStyle(cell, '::before').content") in ('"2014 says: "', '"2014 says" ": "')


def test_no_script_of_a_record_runs(written: Callable[[str], Report], show: Callable[[str, int], Page]) -> None:
    record = "title: '<script>window.hit = 1</script><img src=x onerror=\"window.hit = 1\">'\nplan: {question: '</p></main><svg onload=\"window.hit=1\">'}"
    page = show(written(record).html, DESK)
    assert page.evaluate("window.hit === undefined && document.scripts.length === 0 && document.images.length === 0")
    assert "<script>window.hit = 1</script>" in page.locator("h1").inner_text()


@pytest.mark.parametrize("name", NAMES)
def test_printed_page_one_is_one_page_of_a4(case: Case, show: Callable[[str, int], Page], text_of: Callable[..., str], name: str) -> None:
    printed = show(case(name).html, DESK).pdf(prefer_css_page_size=True, page_ranges="1")
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        assert [round(float(side)) for side in pdf.pages[0].MediaBox] == [0, 0, 595, 842]
    first = text_of(printed, pages=1)
    assert "not approved as a medical device" in first
    assert "Options in full" not in first
