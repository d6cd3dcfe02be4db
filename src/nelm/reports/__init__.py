"""What people read: the advice on one patient as text, HTML and PDF; and as JSON for other programs.

A page is made once (`page_of`, or `make_page` with what is wanted on it) and laid out three times. JSON comes from the
advice itself. Renderers are imported when first used, so that a command that prints text loads no PDF library.
"""

from __future__ import annotations

from nelm.advice.findings import Advice
from nelm.reports.document import AdviceDocument
from nelm.reports.page import Change, Page, changes_of, make_page, page_of

__all__ = [
    "AdviceDocument",
    "Change",
    "Page",
    "changes_of",
    "make_page",
    "page_of",
    "read_json",
    "render_html",
    "render_json",
    "render_pdf",
    "render_text",
]


def render_text(page: Page, width: int = 100, *, annex: bool = False) -> str:
    """The page as text of so many columns (at least 60), without colour; the annex, which is long, only where it is asked for."""
    from nelm.reports import text

    return text.render_text(page, width, annex=annex)


def render_html(page: Page) -> str:
    """The page as one self-contained HTML document."""
    from nelm.reports import html

    return html.render_html(page)


def render_pdf(page: Page) -> bytes:
    """The page as PDF/UA-1: page one on A4, details and annex after it."""
    from nelm.reports import pdf

    return pdf.render_pdf(page)


def render_json(advice: Advice) -> str:
    """The advice as JSON of the schema `nelm-advice/1` (`docs/advice-json.md`)."""
    from nelm.reports import json

    return json.render_json(advice)


def read_json(text: str | bytes) -> AdviceDocument:
    """The document in a JSON text. Raises `nelm.reports.json.NotAnAdvice` with every mistake."""
    from nelm.reports import json

    return json.read_json(text)
