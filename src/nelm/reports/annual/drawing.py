"""A picture's SVG as it can stand inside a page: nothing in it runs, loads or styles anything, and its ids are its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn
from xml.etree import ElementTree

from nelm.registry.annual.model import Picture
from nelm.reports.annual.checked import NotPrintable

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"}
PAINTS = {"pattern", "clipPath", "mask", "linearGradient", "radialGradient", "stop"}
ELEMENTS = {"svg", "g", "defs", "title", "desc", "use", "symbol", "marker"} | SHAPES | PAINTS
REFERENCE = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)")
NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:px)?\s*")


@dataclass(frozen=True)
class Drawing:
    """An SVG that says what it shows where it cannot be seen, and its natural size in pixels (96 to the inch)."""

    svg: str
    width: float
    height: float


def drawing_of(picture: Picture) -> Drawing:
    """The picture for a page that holds others too. Raises NotPrintable for an SVG that is broken or does more than draw."""
    root = _parsed(picture)
    if _local(root) != "svg":
        _refuse(picture, f"found <{_local(root)}> instead of <svg>")
    for child in [child for child in root if _local(child) in ("title", "desc")]:
        root.remove(child)  # the page names the picture, and a browser would show these as a tip
    _cleaned(root, picture)
    width, height = _size(root, picture)
    root.attrib |= {"xmlns": SVG[1:-1], "viewBox": root.get("viewBox", f"0 0 {width:g} {height:g}")}
    root.attrib |= {"width": f"{width:g}", "height": f"{height:g}", "role": "img", "aria-label": picture.says}
    root.tail = None
    return Drawing(ElementTree.tostring(root, encoding="unicode"), width, height)


def _parsed(picture: Picture) -> ElementTree.Element:
    if "<!DOCTYPE" in picture.svg or "<!ENTITY" in picture.svg:
        _refuse(picture, "found a document type")
    try:
        return ElementTree.fromstring(picture.svg)
    except ElementTree.ParseError as error:
        _refuse(picture, f"this is not XML ({error})")


def _refuse(picture: Picture, found: str) -> NoReturn:
    raise NotPrintable(
        f"Picture {picture.id}: {found}. Permitted: an SVG with a size that only draws, without script, style sheet, frame or link. "
        "Mend it where it is drawn."
    )


def _local(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(SVG) if isinstance(element.tag, str) else ""


def _cleaned(element: ElementTree.Element, picture: Picture) -> None:
    """The element without namespaces and with ids of the picture's own; what other programs noted in it is left out."""
    name = _local(element)
    if name not in ELEMENTS:
        _refuse(picture, f"found <{name}>")
    element.tag = name
    element.attrib = {
        plain: _own_reference(plain, value, picture) for key, value in element.attrib.items() if (plain := _kept(key, picture))
    }
    for child in list(element):
        if "}" in _local(child) or _local(child) == "metadata":
            element.remove(child)
        else:
            _cleaned(child, picture)


def _kept(key: str, picture: Picture) -> str:
    """The name of an attribute in the page, empty for one that is left out."""
    plain = key.removeprefix(XLINK) if key == f"{XLINK}href" else key
    if plain.lower().startswith("on"):
        _refuse(picture, f"found the attribute {plain!r}")
    return "" if "}" in plain or plain in ("class", "role", "tabindex") or plain.startswith("aria-") else plain


def _own_reference(name: str, value: str, picture: Picture) -> str:
    def own(target: str) -> str:
        if not target.startswith("#"):
            _refuse(picture, f"found a link to {target!r}")
        return f"#drawing-{picture.id}-{target[1:]}"

    if name == "id":
        return f"drawing-{picture.id}-{value}"
    if name == "href":
        return own(value)
    return REFERENCE.sub(lambda found: f"url({own(found[2])})", value)


def _size(root: ElementTree.Element, picture: Picture) -> tuple[float, float]:
    """Width and height: those that are given in pixels, or else those of the box that is drawn in."""
    given = [NUMBER.fullmatch(root.get(side, "")) for side in ("width", "height")]
    box = root.get("viewBox", "").replace(",", " ").split()
    sides = [found[1] for found in given if found] if all(given) else box[2:]
    try:
        width, height = map(float, sides)
    except ValueError:
        _refuse(picture, "it has neither a width and a height in pixels nor a viewBox")
    if not (0 < width < float("inf") and 0 < height < float("inf")):
        _refuse(picture, f"found a size of {width:g} by {height:g}")
    return width, height
