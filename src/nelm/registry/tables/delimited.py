"""Tables in delimited text (CSV), read into typed columns: nothing guessed, and everything that cannot be used given back.

    table = read_table(path, columns={"time": Column("number", "fu_days"), "dead": Column("boolean", words={"1": True, "0": False})})

A number whose comma could separate thousands, a date in another order than year-month-day, a header with two possible separators, a
file that is not UTF-8: each is refused with what has to be stated. A row with a value that cannot be used is left out of the frame
and stands among the rejected, with line, field, what was found, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nelm.criteria import nearest
from nelm.registry.tables.delimited_rows import Opened, Reject, Rows, open_delimited
from nelm.registry.tables.delimited_text import DelimitedError
from nelm.registry.tables.delimited_values import DATE_ORDERS, DECIMALS, Column, DateOrder, Decimal, HasToBeStated, convert

__all__ = ["Column", "Delimited", "DelimitedError", "Reject", "header_of", "read_table"]


@dataclass(frozen=True)
class Delimited:
    """A table that was read.

    `frame` holds the wanted columns, under the caller's names and typed, of the rows in which every value can be used; `lines` the
    line of the file at which each of them begins. `rejected` says what is wrong with the other rows, in the order of the file.
    `rows` counts all rows with a value in them, `blank` those without, `unused` names the columns that were not asked for.
    """

    file: str
    frame: pl.DataFrame
    lines: pl.Series
    rejected: tuple[Reject, ...]
    header: tuple[str, ...]
    unused: tuple[str, ...]
    separator: str
    rows: int
    blank: int

    @property
    def rejected_rows(self) -> int:
        """How many rows are left out."""
        return self.rows - self.frame.height


def header_of(path: Path, *, separator: str | None = None, encoding: str = "utf-8") -> tuple[str, ...]:
    """The names of the columns. Raises DelimitedError as `read_table` does."""
    return open_delimited(path, separator=separator, encoding=encoding).header


def read_table(
    path: Path,
    *,
    columns: Mapping[str, Column],
    separator: str | None = None,
    encoding: str = "utf-8",
    decimal: Decimal | None = None,
    date_order: DateOrder | None = None,
) -> Delimited:
    """The wanted columns of a delimited file; `columns` are by the names that the caller uses.

    Raises DelimitedError, with file and line, for what cannot be read or has to be stated: encoding, separator, decimal sign, order
    of dates, words; for a column that is not there, and for a table without rows.
    """
    _check_stated(decimal, date_order)
    opened = open_delimited(path, separator=separator, encoding=encoding)
    headers = _headers(opened, columns)
    rows = opened.whole()
    if not len(rows.lines) and not rows.rejected:
        raise DelimitedError(f"{path}: the table has a header and no rows. Permitted: a row for each entry.")
    values: dict[str, pl.Series] = {}
    rejected = list(rows.rejected)
    usable = pl.repeat(True, len(rows.lines), dtype=pl.Boolean(), eager=True)
    for name, column in columns.items():
        header = headers[name]
        if header is None:
            values[name] = pl.repeat(None, len(rows.lines), dtype=column.value_type, eager=True)
            continue
        try:
            made = convert(rows.cells[header], column, decimal, date_order)
        except HasToBeStated as doubt:
            line = rows.lines[doubt.row] if len(rows.lines) else 1
            raise DelimitedError(f"{path}:{line}: column {header!r}: {doubt}") from None
        values[name] = made.values
        usable &= made.reasons.is_null()
        rejected += _rejects(str(path), rows, header, made.reasons, made.permitted)
    order = {header: number for number, header in enumerate(opened.header)}
    return Delimited(
        file=str(path),
        frame=pl.DataFrame(values).filter(usable) if values else pl.DataFrame(),
        lines=rows.lines.filter(usable),
        rejected=tuple(sorted(rejected, key=lambda reject: (reject.line, order.get(reject.field, -1)))),
        header=opened.header,
        unused=tuple(name for name in opened.header if name not in headers.values()),
        separator=opened.separator,
        rows=len(rows.lines) + len({reject.line for reject in rows.rejected}),
        blank=rows.blank,
    )


def _check_stated(decimal: str | None, date_order: str | None) -> None:
    for option, found, permitted in (("decimal", decimal, DECIMALS), ("date-order", date_order, tuple(DATE_ORDERS))):
        if found is not None and found not in permitted:
            raise DelimitedError(f"--{option}: found {found!r}. Permitted: {', '.join(permitted)}.{nearest(found, permitted)}")


def _headers(opened: Opened, columns: Mapping[str, Column]) -> dict[str, str | None]:
    """The header of each wanted column; None for one that may be missing, and is."""
    found: dict[str, str | None] = {}
    for name, column in columns.items():
        header = name if column.header is None else column.header
        if header not in opened.header and not column.may_be_missing:
            wanted = f"the column {header!r}" + ("" if header == name else f" (for {name!r})")
            raise DelimitedError(
                f"{opened.path}:1: {wanted} is not there.{nearest(header, opened.header)} Found: {', '.join(opened.header)}. "
                "Name the column as the file does."
            )
        found[name] = header if header in opened.header else None
    return found


def _rejects(file: str, rows: Rows, header: str, reasons: pl.Series, permitted: str) -> Iterator[Reject]:
    for row in reasons.is_not_null().arg_true():
        yield Reject(file, rows.lines[row], header, rows.cells[header][row], reasons[row], permitted)
