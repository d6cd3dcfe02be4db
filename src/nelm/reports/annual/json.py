"""The annual report for programs: the schema `nelm-annual-report/1`, all of the report but its drawings.

Fields are only ever added within one version of the schema. Numbers are numbers; other cells are the text of the CSV file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from nelm.registry.annual.model import AnnualReport, Picture, Section, Table
from nelm.reports.annual.checked import check
from nelm.reports.annual.view import file_of, printed

SCHEMA = "nelm-annual-report/1"


def render_json(report: AnnualReport) -> str:
    """The report as JSON, ending in a line break. Raises NotPrintable for one that cannot be laid out truthfully."""
    check(report)
    return json.dumps(_plain(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def csv_of(table: Table) -> bytes:
    """The CSV file of a table: UTF-8, commas, one line of column names, nothing where a cell is empty."""
    return printed(table.frame).write_csv().encode()


def _plain(report: AnnualReport) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "title": report.title,
        "registry": report.registry,
        "period": report.period,
        "freeze": report.freeze,
        "mark": report.mark,
        "intended_use": report.intended_use,
        "key_numbers": [{"label": number.label, "value": number.value, "detail": number.detail} for number in report.key_numbers],
        "warnings": list(report.warnings),
        "sections": list(map(_section, report.sections)),
        "methods": list(map(_section, report.methods)),
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "paragraphs": list(section.paragraphs),
        "pictures": list(map(_picture, section.pictures)),
        "tables": list(map(_table, section.tables)),
        "limits": list(section.limits),
    }


def _picture(picture: Picture) -> dict[str, Any]:
    return {"id": picture.id, "title": picture.title, "says": picture.says, "notes": list(picture.notes)}


def _table(table: Table) -> dict[str, Any]:
    names = table.frame.columns
    return {
        "id": table.id,
        "title": table.title,
        "file": file_of(table),
        "sha256": hashlib.sha256(csv_of(table)).hexdigest(),
        "columns": [
            {"name": name, "head": head, "is_number": name in table.numbers} for name, head in zip(names, table.heads, strict=True)
        ],
        "rows": [
            list(_cells(cells, texts)) for cells, texts in zip(table.frame.iter_rows(), printed(table.frame).iter_rows(), strict=True)
        ],
        "notes": list(table.notes),
    }


def _cells(cells: Iterable[Any], texts: Iterable[str | None]) -> Iterable[int | float | str | None]:
    for cell, text in zip(cells, texts, strict=True):
        yield cell if isinstance(cell, int | float) else text  # true and false are numbers to Python
