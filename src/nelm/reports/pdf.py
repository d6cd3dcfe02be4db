"""The page as a PDF: page one on A4, the details after it; tagged, so that screen readers can follow it (PDF/UA-1)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from nelm.reports.typeset import typeset
from nelm.reports.view import Page

TEMPLATE = Path(__file__).parent / "templates" / "advice.typ"


def render_pdf(page: Page) -> bytes:
    """The page as PDF/UA-1. The same page gives the same bytes on machines with the same fonts."""
    return typeset(TEMPLATE, json.dumps(asdict(page), ensure_ascii=False))
