"""A sheet on which pictures are laid out to the pixel, drawn as SVG by Vega-Lite: no browser, no fonts of its own.

What is known, not known and gone differs in shade *and* in pattern, so that a picture can be read in grey, by the colour-blind, and
when printed. A pattern is a colour of its own in the specification, and takes the colour's place in the SVG.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import altair
import vl_convert

vega: Any = altair  # its types name every key of Vega-Lite, and here a few marks are drawn
FONT = "Arial, Helvetica, Liberation Sans, DejaVu Sans, sans-serif"
INK, SOFT, LINE, FAINT, PAPER = "#1c1f23", "#565b61", "#b9bfc4", "#e3e6e8", "#ffffff"
FULL, GREY = "#0b5566", "#c3c9ce"
STRIPES, DOTS = "#abc001", "#abc002"  # stand for the patterns below
PATTERNS = {
    STRIPES: '<pattern id="stripes" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" fill="#fff3d6"/><rect width="3" height="7" fill="#b06a00"/></pattern>',
    DOTS: '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    f'<rect width="6" height="6" fill="{PAPER}"/><circle cx="2" cy="2" r="1.1" fill="{SOFT}"/></pattern>',
}


@dataclass
class Canvas:
    """Collects what stands where, in pixels from the top left corner."""

    width: float
    height: float
    _boxes: list[dict[str, Any]] = field(default_factory=list)
    _lines: list[dict[str, Any]] = field(default_factory=list)
    _dots: list[dict[str, Any]] = field(default_factory=list)
    _texts: dict[tuple[int, str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def box(self, x: float, y: float, width: float, height: float, fill: str, line: str = INK) -> None:
        if width > 0 and height > 0:
            self._boxes.append({"x": x, "y": y, "x2": x + width, "y2": y + height, "fill": fill, "line": line})

    def line(self, x: float, y: float, x2: float, y2: float, colour: str = LINE, width: float = 1) -> None:
        self._lines.append({"x": x, "y": y, "x2": x2, "y2": y2, "colour": colour, "width": width})

    def dot(self, x: float, y: float, *, filled: bool) -> None:
        self._dots.append({"x": x, "y": y, "fill": FULL if filled else PAPER, "line": FULL if filled else SOFT})

    def text(
        self, x: float, y: float, words: str, *, size: int = 13, align: str = "left", weight: str = "normal", colour: str = INK
    ) -> None:
        """One line of text around the height `y`."""
        self._texts.setdefault((size, align, weight), []).append({"x": x, "y": y, "words": words, "colour": colour})

    def lines_of_text(self, x: float, y: float, lines: Sequence[str], *, size: int = 13, weight: str = "normal", colour: str = INK) -> None:
        """Several lines, the middle of them at the height `y`."""
        step = size * 1.25
        for number, words in enumerate(lines):
            self.text(x, y + (number - (len(lines) - 1) / 2) * step, words, size=size, weight=weight, colour=colour)

    def svg(self, title: str, says: str) -> str:
        """The sheet, with a title and a description for whoever has it read aloud."""
        spec = vega.layer(*self._layers()).properties(width=self.width, height=self.height, padding=0, background=PAPER)
        spec = spec.configure(font=FONT).configure_view(stroke=None).configure_mark(aria=False)
        drawn: str = vl_convert.vegalite_to_svg(spec.to_dict())
        return _finished(drawn, title, says)

    def _layers(self) -> Iterable[Any]:
        place = {"x": self._at("x", self.width), "y": self._at("y", self.height)}
        ends = {"x2": vega.X2("x2"), "y2": vega.Y2("y2")}
        plain = {"scale": None, "legend": None}
        if self._lines:
            strokes = {"color": vega.Color("colour:N", **plain), "strokeWidth": vega.StrokeWidth("width:Q", **plain)}
            yield _chart(self._lines).mark_rule().encode(**place, **ends, **strokes)
        if self._boxes:
            shades = {"fill": vega.Fill("fill:N", **plain), "stroke": vega.Stroke("line:N", **plain)}
            yield _chart(self._boxes).mark_rect(strokeWidth=0.8).encode(**place, **ends, **shades)
        if self._dots:
            shades = {"fill": vega.Fill("fill:N", **plain), "stroke": vega.Stroke("line:N", **plain)}
            yield _chart(self._dots).mark_point(size=150, opacity=1, strokeWidth=1.4).encode(**place, **shades)
        for (size, align, weight), texts in self._texts.items():
            mark = _chart(texts).mark_text(align=align, baseline="middle", fontSize=size, fontWeight=weight)
            yield mark.encode(**place, text=vega.Text("words:N"), color=vega.Color("colour:N", **plain))

    def _at(self, name: str, size: float) -> Any:
        scale = vega.Scale(domain=[0, size] if name == "x" else [size, 0], nice=False, zero=False)
        channel = vega.X if name == "x" else vega.Y
        return channel(f"{name}:Q", scale=scale, axis=None)


def _chart(values: list[dict[str, Any]]) -> Any:
    return vega.Chart(vega.Data(values=values))


def _finished(drawn: str, title: str, says: str) -> str:
    """The SVG with its patterns, its title and its description."""
    for colour, pattern in PATTERNS.items():
        name = re.search(r'id="(\w+)"', pattern)
        assert name is not None, "a pattern has an id"
        drawn = drawn.replace(f'fill="{colour}"', f'fill="url(#{name.group(1)})"')
    head, rest = drawn.split(">", 1)
    head = head.replace("<svg", '<svg role="img" aria-labelledby="title description"', 1)
    about = f'<title id="title">{escape(title)}</title><desc id="description">{escape(says)}</desc>'
    return f"{head}>{about}<defs>{''.join(PATTERNS.values())}</defs>{rest}"


def wrapped(words: str, letters: int, most: int) -> list[str]:
    """Words in lines; what does not fit ends in dots, and stands in the table beside the picture."""
    together = words.replace(" %", "\N{NO-BREAK SPACE}%")
    return textwrap.wrap(together, letters, max_lines=most, placeholder=" …") or [""]
