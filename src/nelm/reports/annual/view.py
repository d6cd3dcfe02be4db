"""The annual report as it is laid out, once for the browser and once for paper: numbered, with every cell as the text that is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

import polars as pl

from nelm.registry.annual.model import AnnualReport, KeyNumber, Picture, Section, Table
from nelm.reports.annual.checked import check
from nelm.reports.annual.drawing import drawing_of
from nelm.reports.characters import without_controls

TABLES = "tables"
WORDS: Mapping[str, str] = {
    "contents": "Contents",
    "empty": "No rows.",
    "figure": "Figure",
    "freeze": "Freeze",
    "key_numbers": "In short",
    "limits": "What limits this",
    "methods": "Methods",
    "of": "of",
    "columns": "Columns",
    "period": "Period",
    "skip": "Skip to the report",
    "table": "Table",
    "warnings": "Before you read on",
}


@dataclass(frozen=True)
class ShownTable:
    """A table in texts. `numbers` says for each column whether it is set to the right; `file` is the CSV with the same cells."""

    anchor: str
    label: str
    title: str
    file: str
    heads: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ShownPicture:
    """A picture whose SVG can stand beside others. `width` and `height` in pixels, 96 to the inch."""

    anchor: str
    label: str
    title: str
    says: str
    notes: tuple[str, ...]
    svg: str
    width: float
    height: float


@dataclass(frozen=True)
class ShownSection:
    """A chapter, with its number."""

    anchor: str
    number: str
    title: str
    paragraphs: tuple[str, ...]
    pictures: tuple[ShownPicture, ...]
    tables: tuple[ShownTable, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True)
class ReportView:
    """Everything that stands in the report."""

    title: str
    registry: str
    period: str
    freeze: str
    mark: str
    intended_use: str
    key_numbers: tuple[KeyNumber, ...]
    warnings: tuple[str, ...]
    sections: tuple[ShownSection, ...]
    methods: tuple[ShownSection, ...]
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    language: str = "en"


def view_of(report: AnnualReport) -> ReportView:
    """The report ready to be laid out. Raises NotPrintable with what cannot be laid out truthfully."""
    check(report)
    numbered = _Numbered()
    view = ReportView(
        title=report.title,
        registry=report.registry,
        period=report.period,
        freeze=report.freeze,
        mark=report.mark,
        intended_use=report.intended_use,
        key_numbers=report.key_numbers,
        warnings=report.warnings,
        sections=tuple(numbered.section(section, str(n)) for n, section in enumerate(report.sections, start=1)),
        methods=tuple(numbered.section(section, f"M{n}") for n, section in enumerate(report.methods, start=1)),
    )
    return without_controls(view)


def file_of(table: Table) -> str:
    """The CSV file of a table, below the folder of the report."""
    return f"{TABLES}/{table.id}.csv"


def printed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every cell as the text that is printed, in the CSV file as on the page."""
    return frame.select(pl.all().cast(pl.String))


class _Numbered:
    """Counts tables and pictures through the whole report."""

    def __init__(self) -> None:
        self.tables = count(1)
        self.pictures = count(1)

    def section(self, section: Section, number: str) -> ShownSection:
        return ShownSection(
            anchor=f"section-{section.id}",
            number=number,
            title=section.title,
            paragraphs=section.paragraphs,
            pictures=tuple(self._picture(picture) for picture in section.pictures),
            tables=tuple(self._table(table) for table in section.tables),
            limits=section.limits,
        )

    def _picture(self, picture: Picture) -> ShownPicture:
        drawing = drawing_of(picture)
        return ShownPicture(
            anchor=f"picture-{picture.id}",
            label=f"{WORDS['figure']} {next(self.pictures)}",
            title=picture.title,
            says=picture.says,
            notes=picture.notes,
            svg=drawing.svg,
            width=drawing.width,
            height=drawing.height,
        )

    def _table(self, table: Table) -> ShownTable:
        return ShownTable(
            anchor=f"table-{table.id}",
            label=f"{WORDS['table']} {next(self.tables)}",
            title=table.title,
            file=file_of(table),
            heads=table.heads,
            numbers=tuple(name in table.numbers for name in table.frame.columns),
            rows=tuple(_rows(table)),
            notes=table.notes,
        )


def _rows(table: Table) -> Iterator[tuple[str, ...]]:
    return printed(table.frame).fill_null("").iter_rows()
