"""What an annual report holds, before it is a page: sections with paragraphs, pictures and tables, and the methods.

Everything that is shown was decided before it came here: small numbers are suppressed, estimates without support are words.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

SYNTHETIC = "SYNTHETIC DATA"


@dataclass(frozen=True)
class KeyNumber:
    """A number of the first page: what it is, the number as it is printed, and what has to be said with it."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """A table. `frame` is what the CSV file holds (named `id`.csv); `heads` are the column heads that a reader sees.

    Every cell of `frame` is printed as it stands; None is an empty cell. Columns of `numbers` are set to the right.
    """

    id: str
    title: str
    frame: pl.DataFrame
    heads: tuple[str, ...]
    numbers: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.heads) != len(self.frame.columns):
            raise ValueError(f"Table {self.id}: {len(self.heads)} heads for {len(self.frame.columns)} columns. Give one for each.")


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG, with the words that stand for it where it cannot be seen."""

    id: str
    title: str
    svg: str
    says: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Section:
    """A chapter of the report, in the order in which it is read: paragraphs, pictures, tables, what limits it."""

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class AnnualReport:
    """The report on one freeze. `mark` is what nobody may overlook (made-up data), `warnings` what a reader must know first."""

    title: str
    registry: str
    period: str
    freeze: str
    mark: str
    intended_use: str
    key_numbers: tuple[KeyNumber, ...]
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    methods: tuple[Section, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in order."""
        return tuple(table for section in (*self.sections, *self.methods) for table in section.tables)
