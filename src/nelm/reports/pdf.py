"""The page as a PDF: page one on A4, the details after it; tagged, so that screen readers can follow it (PDF/UA-1)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import typst

from nelm.reports.view import Page

TEMPLATE = Path(__file__).parent / "templates" / "advice.typ"


def render_pdf(page: Page) -> bytes:
    """The page as PDF/UA-1. The same page gives the same bytes on machines with the same fonts.

    The fonts that come with Typst lead, so that a page looks the same everywhere; fonts of the machine serve only for
    characters that these do not have.
    """
    data = json.dumps(asdict(page), ensure_ascii=False)
    return typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs={"page": data}, pdf_standards="ua-1", timestamp=0)
