"""A picture inside a page: its ids are its own, its size is known, and it does nothing but draw."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from nelm.registry.annual.model import Picture
from nelm.reports.annual import NotPrintable
from nelm.reports.annual.drawing import drawing_of
from tests.reports.annual.conftest import curve

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="10"'


def picture(svg: str) -> Picture:
    return Picture("p", "Title", svg, 'Says "this" & that')


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<rect id="a"/>', '<rect id="drawing-p-a" />'),
        ('<rect fill="url(#a)"/>', '<rect fill="url(#drawing-p-a)" />'),
        ("<rect style=\"fill: url('#a')\"/>", '<rect style="fill: url(#drawing-p-a)" />'),
        ('<use xlink:href="#a"/>', '<use href="#drawing-p-a" />'),
        ('<use href="#a"/>', '<use href="#drawing-p-a" />'),
        ('<g class="x" role="graphics-symbol" aria-label="y" tabindex="0"><path d="M0 0"/></g>', '<g><path d="M0 0" /></g>'),
        ('<text>id="a" &lt;b&gt; url(#a)</text>', '<text>id="a" &lt;b&gt; url(#a)</text>'),
        ("<metadata><x/></metadata><title>t</title><desc>d</desc><!-- c --><g/>", "<g />"),
        ('<other xmlns="urn:other"/><g/>', "<g />"),
    ],
)
def test_what_stands_in_the_page(inside: str, expected: str) -> None:
    drawn = drawing_of(picture(f"<?xml version='1.0'?>{HEAD}>{inside}</svg>\n")).svg
    assert drawn.partition(">")[2] == f"{expected}</svg>"


def test_it_says_what_it_shows() -> None:
    root = ElementTree.fromstring(drawing_of(picture(curve())).svg)
    assert (root.get("role"), root.get("aria-label"), root.get("aria-labelledby")) == ("img", 'Says "this" & that', None)


@pytest.mark.parametrize(
    ("sides", "size", "box"),
    [
        ('width="20" height="10"', (20, 10), "0 0 20 10"),
        ('width="20px" height="10.5px" viewBox="1 2 40 21"', (20, 10.5), "1 2 40 21"),
        ('width="100%" viewBox="0,0,40,21"', (40, 21), "0,0,40,21"),
        ('viewBox="0 0 40 21"', (40, 21), "0 0 40 21"),
    ],
)
def test_its_size(sides: str, size: tuple[float, float], box: str) -> None:
    drawn = drawing_of(picture(f'<svg xmlns="http://www.w3.org/2000/svg" {sides}/>'))
    assert (drawn.width, drawn.height) == size
    assert f'viewBox="{box}"' in drawn.svg


@pytest.mark.parametrize(
    ("svg", "found"),
    [
        ("not a drawing", "this is not XML"),
        (f"{HEAD}><g></svg>", "this is not XML"),
        ("<html/>", "found <html> instead of <svg>"),
        (f"<!DOCTYPE svg [<!ENTITY a 'b'>]>{HEAD}>&a;</svg>", "found a document type"),
        (f"{HEAD}><script>1</script></svg>", "found <script>"),
        (f"{HEAD}><g><style>p {{}}</style></g></svg>", "found <style>"),
        (f"{HEAD}><foreignObject/></svg>", "found <foreignObject>"),
        (f'{HEAD}><image href="#a"/></svg>', "found <image>"),
        (f'{HEAD} onload="x"/>', "found the attribute 'onload'"),
        (f'{HEAD}><use href="http://a/b#c"/></svg>', "found a link to 'http://a/b#c'"),
        (f'{HEAD}><rect fill="url( &quot;data:x&quot; )"/></svg>', "found a link to 'data:x'"),
        ("<svg/>", "it has neither a width and a height in pixels nor a viewBox"),
        ('<svg viewBox="a b c d"/>', "it has neither a width and a height in pixels nor a viewBox"),
        ('<svg viewBox="0 0 0 10"/>', "found a size of 0 by 10"),
    ],
)
def test_what_is_refused(svg: str, found: str) -> None:
    with pytest.raises(NotPrintable) as raised:
        drawing_of(picture(svg))
    assert str(raised.value).startswith(f"Picture p: {found}")
    assert str(raised.value).endswith("without script, style sheet, frame or link. Mend it where it is drawn.")
