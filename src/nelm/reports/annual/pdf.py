"""The annual report as a PDF on A4: tagged, so that screen readers can follow it (PDF/UA-1), with the freeze on every page."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nelm.registry.annual.model import AnnualReport
from nelm.reports.annual.view import ReportView, ShownSection, ShownTable, view_of
from nelm.reports.annual.wide_tables import breakable, parts_of
from nelm.reports.typeset import typeset

TEMPLATE = Path(__file__).parents[1] / "templates" / "annual" / "report.typ"


def render_pdf(report: AnnualReport) -> bytes:
    """The report as PDF/UA-1. The same report gives the same bytes on machines with the same fonts.

    Raises NotPrintable for a report that cannot be laid out truthfully.
    """
    return typeset(TEMPLATE, json.dumps(_printed(view_of(report)), ensure_ascii=False))


def _printed(view: ReportView) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "title": view.title,
        "registry": view.registry,
        "period": view.period,
        "mark": view.mark,
        "intended_use": view.intended_use,
        "key_numbers": [asdict(number) for number in view.key_numbers],
        "warnings": view.warnings,
        "sections": list(map(_section, view.sections)),
        "methods": list(map(_section, view.methods)),
    }
    breaking: dict[str, Any] = _breaking(plain)
    return breaking | {"freeze": view.freeze, "words": dict(view.words), "language": view.language}


def _section(section: ShownSection) -> dict[str, Any]:
    return {
        "number": section.number,
        "title": section.title,
        "paragraphs": section.paragraphs,
        "pictures": [asdict(picture) for picture in section.pictures],
        "tables": list(map(_table, section.tables)),
        "limits": section.limits,
    }


def _table(table: ShownTable) -> dict[str, Any]:
    return {
        "label": table.label,
        "title": table.title,
        "file": table.file,
        "notes": table.notes,
        "is_empty": not table.rows,
        "width": len(table.heads),
        "parts": [asdict(part) for part in parts_of(table)],
    }


def _breaking(item: Any) -> Any:
    """The same with places to break in words that are longer than a line; but for drawings, what is read aloud, and files."""
    if isinstance(item, str):
        return breakable(item)
    if isinstance(item, list | tuple):
        return [_breaking(part) for part in item]
    if isinstance(item, dict):
        return {key: value if key in ("svg", "says", "file") else _breaking(value) for key, value in item.items()}
    return item
