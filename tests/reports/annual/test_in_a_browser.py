"""The annual report as people see it: accessible, as wide as the screen, wide tables in boxes of their own, printable."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from nelm.registry.annual.model import Section
from nelm.reports import annual
from tests.reports.annual.conftest import FREEZE, Shown, centres, made_up

PHONE, DESK, HEIGHT = 390, 1200, 844
SIZES = [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")]
SPILLS = "element => !element.closest('.box') && element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1"
Show = Callable[[str, int], Page]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Opens a document from a file, as somebody who was sent it would."""
    contexts = []

    def opened(html: str, width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": HEIGHT})
        contexts.append(context)
        page = context.new_page()
        (tmp_path / "report.html").write_text(html, encoding="utf-8")
        page.goto((tmp_path / "report.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("name", ["plain", "poisoned"])
def test_accessible_and_as_wide_as_the_screen(request: pytest.FixtureRequest, show: Show, name: str, width: int) -> None:
    page = show(request.getfixturevalue(name).html, width)
    found = Axe().run(page)
    assert len(found.response["passes"]) > 20
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("body *").evaluate_all(f"all => all.filter({SPILLS}).map(element => element.outerHTML.slice(0, 200))") == []
    assert page.evaluate("document.scripts.length + document.images.length") == 0


def test_the_check_of_accessibility_finds_what_is_wrong(plain: Shown, show: Show) -> None:
    broken = plain.html.replace("--soft: #565b61", "--soft: #c0c4c9").replace(' tabindex="0"', "")
    found = {violation["id"] for violation in Axe().run(show(broken, PHONE)).response["violations"]}
    assert {"color-contrast", "scrollable-region-focusable"} <= found


def test_the_message_is_seen_without_scrolling(plain: Shown, show: Show) -> None:
    page = show(plain.html, DESK)
    boxes = [page.locator(part).bounding_box() for part in (".key-numbers", ".warnings")]
    assert [box["y"] + box["height"] < HEIGHT for box in boxes if box] == [True, True]


def test_the_mark_goes_along_with_the_reader(plain: Shown, show: Show) -> None:
    page = show(plain.html, PHONE)
    page.locator("#section-years").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    box = page.get_by_text("SYNTHETIC DATA").first.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 40


def test_a_link_leads_to_a_heading_that_can_be_seen(plain: Shown, show: Show) -> None:
    page = show(plain.html, PHONE)
    page.get_by_role("link", name="3 Survival").click()
    running, heading = page.locator(".running").bounding_box(), page.get_by_role("heading", name="3 Survival").bounding_box()
    assert running is not None
    assert heading is not None
    assert running["y"] + running["height"] <= heading["y"] < HEIGHT


def test_a_wide_table_is_moved_in_its_box_while_its_first_column_stays(plain: Shown, show: Show) -> None:
    page = show(plain.html, PHONE)
    box = page.locator("#table-wide .box")
    assert box.evaluate("box => { box.scrollLeft = 500; return box.scrollLeft }") == 500
    first = page.locator("#table-wide tbody th").first.bounding_box()
    assert first is not None
    assert 0 <= first["x"] < 40


def test_no_drawing_shows_another_ones_pattern(plain: Shown, show: Show) -> None:
    page = show(plain.html, DESK)
    fills = "svg => svg.querySelector(svg.querySelector('[fill^=url]').getAttribute('fill').slice(4, -1))?.firstElementChild.getAttribute('fill')"
    assert [svg.evaluate(fills) for svg in page.locator("svg").all()] == ["#0b5566", "#8a4b00"]


def test_printed_every_page_names_the_freeze_and_a_long_table_is_whole(show: Show, text_of: Callable[..., str]) -> None:
    report = replace(made_up(), sections=(Section("long", "Long", tables=(centres(200),)),), methods=())
    printed = show(annual.render_html(report), DESK).pdf(prefer_css_page_size=True)
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        pages = len(pdf.pages)
        assert {tuple(round(float(side)) for side in page.MediaBox) for page in pdf.pages} == {(0, 0, 595, 842)}
    text = text_of(printed)
    assert pages > 3
    assert text.count(f"SYNTHETIC DATA Freeze {FREEZE}") == pages
    assert [n for n in range(200) if f"Centre {n:04d}" not in text] == []
    assert text.count("Microscopically verified, %") == pages - 1


def test_printed_a_wide_table_lies_across(plain: Shown, show: Show, text_of: Callable[..., str]) -> None:
    printed = show(plain.html, DESK).pdf(prefer_css_page_size=True)
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        across = [page for page in pdf.pages if float(page.MediaBox[2]) > float(page.MediaBox[3])]
        assert len(across) == 1
        only = pikepdf.new()
        only.pages.append(across[0])
        data = io.BytesIO()
        only.save(data)
    text = text_of(data.getvalue())
    assert [n for n in range(117, 127) if f" {n}" not in text] == []  # the last of 40 columns
