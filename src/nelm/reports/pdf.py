"""The page as a PDF: page one on A4, the details after it; tagged, so that screen readers can follow it (PDF/UA-1)."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import typst

from nelm.reports.characters import INSTEAD
from nelm.reports.view import Page

TEMPLATE = Path(__file__).parent / "templates" / "advice.typ"
PROBE = b'#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n#set document(title: "probe")\n#sys.inputs.page'
NOT_SHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')


def render_pdf(page: Page) -> bytes:
    """The page as PDF/UA-1. The same page gives the same bytes on machines with the same fonts.

    The fonts that come with Typst lead, so that a page looks the same everywhere; fonts of the machine serve only for
    characters that these do not have. A character that no font has is shown as a replacement character.
    """
    data = json.dumps(asdict(page), ensure_ascii=False)
    try:
        return _compiled(TEMPLATE.read_bytes(), data)
    except typst.TypstError as error:
        if not NOT_SHOWN.search(str(error)):
            raise
    return _compiled(TEMPLATE.read_bytes(), _in_the_fonts(data))


def _compiled(template: bytes, data: str) -> bytes:
    return typst.compile(template, format="pdf", sys_inputs={"page": data}, pdf_standards="ua-1", timestamp=0)


def _in_the_fonts(text: str) -> str:
    """The text with a replacement for each character outside ASCII that no font can show."""
    for character in sorted({found for found in text if not found.isascii()}):
        try:
            _compiled(PROBE, character)
        except typst.TypstError:
            text = text.replace(character, INSTEAD)
    return text
