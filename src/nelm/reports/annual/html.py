"""The annual report as one HTML file: no script, nothing loaded from elsewhere, readable on a telephone, by ear and on paper."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nelm.registry.annual.model import AnnualReport
from nelm.reports.annual.view import view_of

TEMPLATES = Path(__file__).parents[1] / "templates" / "annual"
ROWS_IN_SIGHT = 40  # a longer table has a window of its own to scroll in


def render_html(report: AnnualReport) -> str:
    """The report as a self-contained HTML document. Raises NotPrintable for one that cannot be laid out truthfully."""
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    template = _environment().get_template("report.html.j2")
    return template.render(report=view_of(report), css=Markup(css), rows_in_sight=ROWS_IN_SIGHT)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["css_string"] = css_string
    environment.filters["markup"] = Markup
    return environment


def css_string(text: str) -> Markup:
    """The text as a string of a style sheet, which nothing in it can end."""
    return Markup('"' + re.sub(r"[^A-Za-z0-9 .,:-]", lambda found: f"\\{ord(found[0]):x} ", text) + '"')
