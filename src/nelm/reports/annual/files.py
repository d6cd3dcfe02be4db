"""The annual report as a folder, which is there as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from nelm.cohort.tables import OutputError, written_aside
from nelm.registry.annual.model import AnnualReport
from nelm.reports.annual.html import render_html
from nelm.reports.annual.json import SCHEMA, csv_of, render_json
from nelm.reports.annual.pdf import render_pdf
from nelm.reports.annual.view import TABLES, file_of

PAGES = ("report.html", "report.pdf", "report.json")


def write_report(report: AnnualReport, folder: Path) -> tuple[Path, ...]:
    """Write the pages, the JSON and the tables into `folder`, in the place of an earlier report, and say which files.

    Raises NotPrintable for a report that cannot be laid out truthfully, and OutputError where the folder cannot be written or
    holds something else; what stood there is left then.
    """
    target = folder.resolve()
    _check_place(target)
    html, pdf, data = PAGES
    files = {html: render_html(report).encode(), pdf: render_pdf(report), data: render_json(report).encode()}
    files |= {file_of(table): csv_of(table) for table in report.tables}
    with written_aside(target) as aside:
        (aside / TABLES).mkdir()
        for name, content in files.items():
            (aside / name).write_bytes(content)
    return tuple(folder / name for name in files)


def _check_place(target: Path) -> None:
    """Nothing stands there but an earlier report."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not target.is_dir():
        raise OutputError(f"{target}: found a file. Permitted: a folder, new, empty or with an earlier report. Choose another place.")
    others = sorted(_others(target)) if _is_report(target / PAGES[-1]) else sorted(path.name for path in target.iterdir())
    if others:
        raise OutputError(
            f"{target}: found {', '.join(others[:3])}{f' and {len(others) - 3} more' if len(others) > 3 else ''}, which no report wrote. "
            "Permitted: a folder that is new, empty or holds an earlier report alone. Choose another place, or move these away."
        )


def _is_report(file: Path) -> bool:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("schema") == SCHEMA


def _others(folder: Path) -> Iterator[str]:
    """What is there and is no part of a report."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        is_table = len(name.parts) == 2 and name.parts[0] == TABLES and name.suffix == ".csv"
        if not (is_table or str(name) in (*PAGES, TABLES)):
            yield name.as_posix()
