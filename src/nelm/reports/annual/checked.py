"""What cannot be laid out truthfully is refused before anything is: a name twice, a number that is none, a table that is no table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from nelm.registry.annual.model import AnnualReport, Section, Table

ID = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
SAID = ("title", "registry", "period", "freeze", "intended_use")


class NotPrintable(ValueError):
    """A report that cannot be laid out truthfully: where, what was found, what is permitted, what to do."""


def check(report: AnnualReport) -> None:
    """Raises NotPrintable with everything that is wrong with the texts, names and tables of a report."""
    wrong = [*_unsaid(report), *_names(report)]
    for table in report.tables:
        wrong += _wrong_columns(table)
    if wrong:
        raise NotPrintable("\n".join(wrong))


def _unsaid(report: AnnualReport) -> Iterator[str]:
    for field in SAID:
        if not getattr(report, field).strip():
            yield f"Report: {field} is empty. It stands on the first page; give it in the AnnualReport."


def _names(report: AnnualReport) -> Iterator[str]:
    sections: tuple[Section, ...] = (*report.sections, *report.methods)
    for picture in (picture for section in sections for picture in section.pictures):
        if not picture.says.strip():
            yield f"Picture {picture.id}: 'says' is empty. It stands for the picture where that cannot be seen; say what it shows."
    yield from _wrong_ids("Section", (section.id for section in sections))
    yield from _wrong_ids("Picture", (picture.id for section in sections for picture in section.pictures))
    yield from _wrong_ids("Table", (table.id for table in report.tables))


def _wrong_ids(kind: str, ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in ids:
        if not ID.fullmatch(name):
            yield (
                f"{kind} {name!r}: not an id. Permitted: a to z in small letters, digits, '-' and '_' between them. "
                "Files and links are named by it; rename it."
            )
        if name in seen:
            yield f"{kind} {name!r}: there are two of this id. Each needs one of its own; rename one."
        seen.add(name)


def _wrong_columns(table: Table) -> Iterator[str]:
    if not table.frame.columns:
        yield f"Table {table.id}: it has no columns. Give it at least one, or leave the table out."
    for name in sorted(table.numbers - set(table.frame.columns)):
        yield f"Table {table.id}: 'numbers' names column {name!r}, which is not there. Permitted: {', '.join(table.frame.columns)}."
    for name, kind in table.frame.schema.items():
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            yield f"Table {table.id}, column {name!r}: found {kind}. Permitted: numbers, texts, dates, true and false. Write it as text."
        elif kind.is_float():
            yield from _not_finite(table, name)


def _not_finite(table: Table, name: str) -> Iterator[str]:
    column = table.frame[name]
    rows = column.is_finite().not_().fill_null(False).arg_true()
    if rows.len():
        yield (
            f"Table {table.id}, column {name!r}, row {rows[0] + 1}: found {column[rows[0]]}. Permitted: a finite number, or nothing. "
            "An estimate without support is a word; say it where the table is made."
        )
