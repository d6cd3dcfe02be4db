"""The page as one HTML file: no script, nothing loaded from elsewhere, readable by screen readers, printable on A4."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nelm.reports.view import Page

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render_html(page: Page) -> str:
    """The page as a self-contained HTML document."""
    css = (TEMPLATES / "advice.css").read_text(encoding="utf-8")
    return _environment().get_template("advice.html.j2").render(page=page, css=Markup(css))
