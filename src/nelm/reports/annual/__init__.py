"""The annual report as people and programs read it: one HTML file, one PDF, the tables as CSV, and JSON.

What it says was computed and decided before (`nelm.registry.annual.model`); here it is only laid out. Renderers are imported
when first used.
"""

from __future__ import annotations

from pathlib import Path

from nelm.registry.annual.model import AnnualReport
from nelm.reports.annual.checked import NotPrintable

__all__ = ["NotPrintable", "render_html", "render_json", "render_pdf", "write_report"]


def render_html(report: AnnualReport) -> str:
    """The report as one self-contained HTML document. Raises NotPrintable for a report that cannot be laid out truthfully."""
    from nelm.reports.annual import html

    return html.render_html(report)


def render_pdf(report: AnnualReport) -> bytes:
    """The report as PDF/UA-1 on A4. Raises NotPrintable as `render_html` does."""
    from nelm.reports.annual import pdf

    return pdf.render_pdf(report)


def render_json(report: AnnualReport) -> str:
    """The report as JSON of the schema `nelm-annual-report/1`: all of it but the drawings. Raises NotPrintable as `render_html` does."""
    from nelm.reports.annual import json

    return json.render_json(report)


def write_report(report: AnnualReport, folder: Path) -> tuple[Path, ...]:
    """Write report.html, report.pdf, report.json and tables/ID.csv, and say which files were written.

    The folder takes the place of an earlier report as a whole; until everything is written, the earlier one stands. Raises
    NotPrintable as `render_html` does, and OutputError where the folder cannot be written or holds something else.
    """
    from nelm.reports.annual import files

    return files.write_report(report, folder)
