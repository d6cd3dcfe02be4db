"""Typst, as the PDFs of reports are set with it: tagged (PDF/UA-1), the same bytes for the same data, no character that stops it."""

from __future__ import annotations

import re
from pathlib import Path

import typst

from nelm.reports.characters import INSTEAD

PROBE = b'#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n#set document(title: "probe")\n#sys.inputs.page'
NOT_SHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')


def typeset(template: Path, data: str) -> bytes:
    """The PDF that a template makes of `sys.inputs.page`, which is JSON. The same on machines with the same fonts.

    The fonts that come with Typst lead, so that a page looks the same everywhere; fonts of the machine serve only for
    characters that these do not have. A character that no font has is shown as a replacement character.
    """
    try:
        return _compiled(template.read_bytes(), data)
    except typst.TypstError as error:
        if not NOT_SHOWN.search(str(error)):
            raise
    return _compiled(template.read_bytes(), _in_the_fonts(data))


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
