"""The rows of somebody's table (CSV or Parquet) as the elements of a mapping, typed, each with its line; nothing guessed.

A cell that cannot be used makes its row a rejected one. Whether anything is computed without such rows is for the user to say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import polars as pl

from nelm.criteria import nearest
from nelm.registry.tables.delimited_rows import DelimitedError, Reject, Rows, open_delimited
from nelm.registry.tables.delimited_values import Column, DateOrder, Decimal, HasToBeStated, Kind, convert
from nelm.registry.tables.mapping import CODED, ELEMENTS, TableMapping

KINDS: Mapping[str, Kind] = {
    "age": "number",
    "born": "date",
    "diagnosed": "date",
    "time": "whole",
    "last_contact": "date",
    "entry": "whole",
    "entered": "date",
    "year": "whole",
    "cases": "whole",
    "population": "number",
    "rate": "number",
}
SHOWN = 10
LINE = "line"
FIELDS = ("file", "line", "column", "found", "reason", "permitted")


class TableError(ValueError):
    """A table that cannot be used as it was described: which file, what was found, what is permitted, what to do."""


class UnusableRows(TableError):
    """Rows that cannot be used, and nobody said that they may be left out. `rejected` has them all."""

    def __init__(self, file: str, rejected: Sequence[Reject], rows: int) -> None:
        self.rejected = tuple(rejected)
        lines = len({reject.line for reject in rejected})
        shown = "\n".join(str(reject) for reject in rejected[:SHOWN])
        more = f"\n… and {len(rejected) - SHOWN} more." if len(rejected) > SHOWN else ""
        super().__init__(
            f"{file}: {lines} of {rows} rows cannot be used, and nothing was computed.\n{shown}{more}\nMend the table, or leave these rows "
            "out with --drop-unusable: they are then counted, and listed in rejected.csv."
        )


@dataclass(frozen=True, eq=False)
class TableRows:
    """A table: `frame` has a column for each element that was found (null where a cell is empty or cannot be used), one named
    `by NAME` for each group, and `line`. `headers` names the column behind each element, `rejected` says what is wrong.

    `rows` counts the rows of the file that were looked at, `not_asked` those that --where leaves out.
    """

    file: str
    frame: pl.DataFrame
    headers: Mapping[str, str]
    rejected: tuple[Reject, ...]
    rows: int
    not_asked: int

    def has(self, element: str) -> bool:
        return element in self.headers

    def reject(self, element: str, wrong: pl.Expr, reason: str, permitted: str = "") -> Iterator[Reject]:
        """A reject for each row for which `wrong` is true; `element` is what is shown as found."""
        for line, found in self.frame.filter(wrong.fill_null(value=False)).select(LINE, pl.col(element).cast(pl.String)).iter_rows():
            yield Reject(self.file, line, self.headers[element], found or "", reason, permitted)


def read_rows(
    path: Path, mapping: TableMapping, *, needed: Sequence[str], optional: Sequence[str] = (), by: Sequence[str] = ()
) -> TableRows:
    """The rows of a table. Elements that are `needed` must have a column, `optional` ones may; `by` names further columns, or elements.

    An optional element is read if the user named its column or codes, or the table has a column of its name. Raises DelimitedError and
    TableError, for the whole table; what is wrong with single rows is among `rejected`.
    """
    rows, sure_decimal = _cells(path, mapping)
    header = rows.cells.columns
    headers = {**_needed(path, header, mapping, needed), **_optional(path, header, mapping, optional)}
    rows, not_asked = _asked(path, rows, mapping)
    columns: dict[str, pl.Series] = {LINE: rows.lines}
    rejected = list(rows.rejected)
    for element, name in headers.items():
        columns[element], wrong = _converted(path, rows, element, name, mapping, sure=name in sure_decimal)
        rejected += wrong
    for name in by:
        columns[f"by {name}"], wrong = _group(path, rows, name, mapping)
        rejected += wrong
    total = rows.cells.height + len({reject.line for reject in rows.rejected})
    if not total:
        raise TableError(f"{path}: no row is left{' by --where' if not_asked else ''}. A row for each person, tumour or group is due.")
    frame = pl.DataFrame([series.alias(name) for name, series in columns.items()])
    return TableRows(str(path), frame, headers, in_order(rejected), total, not_asked)


def settled(rows: TableRows, rejected: Sequence[Reject], *, drop: bool) -> pl.DataFrame:
    """The rows in which nothing is wrong. Raises UnusableRows where there are others and `drop` does not leave them out."""
    if rejected and not drop:
        raise UnusableRows(rows.file, in_order(rejected), rows.rows)
    kept = rows.frame.filter(~pl.col(LINE).is_in([reject.line for reject in rejected]))
    if kept.is_empty():
        raise UnusableRows(rows.file, in_order(rejected), rows.rows)
    return kept


def rejected_csv(rejected: Sequence[Reject]) -> bytes:
    """What is wrong with which row, as a CSV file."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(FIELDS)
    table.writerows((item.file, item.line, item.field, item.found, item.reason, item.permitted) for item in rejected)
    return text.getvalue().encode("utf-8")


def in_order(rejected: Sequence[Reject]) -> tuple[Reject, ...]:
    """The rejects in the order of their lines, each once."""
    return tuple(sorted(dict.fromkeys(rejected), key=lambda reject: reject.line))


# -- cells -----------------------------------------------------------------------------------------------------

PARQUET = (".parquet", ".pq")


def header_of(path: Path, mapping: TableMapping) -> tuple[str, ...]:
    """The names of a table's columns. Raises DelimitedError and TableError where they cannot be read."""
    _check_file(path)
    if path.suffix.lower() in PARQUET:
        return tuple(_parquet(path)[0].cells.columns)
    return open_delimited(path, separator=mapping.separator, encoding=mapping.encoding or "utf-8").header


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise TableError(f"{path}: there is no such file. Give a CSV file, or a .parquet file.")


def _cells(path: Path, mapping: TableMapping) -> tuple[Rows, frozenset[str]]:
    """All cells as texts, and the columns whose numbers are numbers already."""
    _check_file(path)
    if path.suffix.lower() in PARQUET:
        return _parquet(path)
    return open_delimited(path, separator=mapping.separator, encoding=mapping.encoding or "utf-8").whole(), frozenset()


def _parquet(path: Path) -> tuple[Rows, frozenset[str]]:
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise TableError(
            f"{path}: cannot be read as a Parquet file ({str(error).splitlines()[0]}). Give a CSV file, or a .parquet file."
        ) from None
    numeric = frozenset(name for name, kind in frame.schema.items() if kind.is_numeric())
    cells = frame.select(_as_text(name, kind) for name, kind in frame.schema.items())
    return Rows(cells.fill_null(""), pl.Series(LINE, range(1, frame.height + 1), pl.Int64())), numeric


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    cell = pl.col(name)
    if isinstance(kind, pl.List | pl.Struct | pl.Array | pl.Object | pl.Binary):
        return pl.lit("").alias(name)
    if isinstance(kind, pl.Datetime):
        day = cell.dt.strftime("%Y-%m-%d")
        return pl.when(cell.dt.time() == pl.time(0, 0, 0)).then(day).otherwise(cell.cast(pl.String)).alias(name)
    text = cell.cast(pl.String)
    return text.str.strip_suffix(".0") if kind.is_float() else text


def _asked(path: Path, rows: Rows, mapping: TableMapping) -> tuple[Rows, int]:
    """The rows that --where keeps. Rows that could not be taken apart stay rejected: nobody knows which they are."""
    asked = pl.repeat(True, rows.cells.height, dtype=pl.Boolean(), eager=True)
    for column, values in mapping.where.items():
        _check_there(path, rows.cells.columns, column, f"--where {column}")
        asked &= rows.cells[column].str.strip_chars().is_in(list(values))
    kept = Rows(rows.cells.filter(asked), rows.lines.filter(asked), rows.rejected, rows.blank)
    return kept, rows.cells.height - kept.cells.height


# -- columns ---------------------------------------------------------------------------------------------------


def _needed(path: Path, header: Sequence[str], mapping: TableMapping, elements: Sequence[str]) -> dict[str, str]:
    for element in elements:
        column = mapping.column_of(element)
        if column in header:
            continue
        if element in mapping.columns:
            _check_there(path, header, column, f"{element} ({ELEMENTS[element]})")
        raise TableError(
            f"{path}: no column for {element} ({ELEMENTS[element]}). Found: {', '.join(header)}. State which it is: --column {element}=NAME."
        )
    return {element: mapping.column_of(element) for element in elements}


def _optional(path: Path, header: Sequence[str], mapping: TableMapping, elements: Sequence[str]) -> dict[str, str]:
    for element in elements:
        if element in mapping.columns:
            _check_there(path, header, mapping.columns[element], f"{element} ({ELEMENTS[element]})")
    return {element: mapping.column_of(element) for element in elements if mapping.column_of(element) in header}


def _check_there(path: Path, header: Sequence[str], column: str, what: str) -> None:
    if column not in header:
        raise TableError(f"{path}: {what}: no column {column!r}. Found: {', '.join(header)}.{nearest(column, header)}")


def _converted(path: Path, rows: Rows, element: str, name: str, mapping: TableMapping, *, sure: bool) -> tuple[pl.Series, list[Reject]]:
    column = Column(
        kind="coded" if element in CODED else KINDS.get(element, "text"),
        words=mapping.words(element) if element in CODED else {},
        unknown=frozenset(mapping.missing),
    )
    decimal, order = cast("Decimal | None", "point" if sure else mapping.decimal), cast("DateOrder | None", mapping.date_order)
    try:
        made = convert(rows.cells[name], column, decimal, order)
    except HasToBeStated as doubt:
        line = rows.lines[doubt.row] if len(rows.lines) else 1
        raise DelimitedError(f"{path}:{line}: column {name!r} ({element}): {doubt}") from None
    return made.values, [
        Reject(str(path), rows.lines[row], name, rows.cells[name][row], _reason(element, made.reasons[row]), made.permitted)
        for row in made.reasons.is_not_null().arg_true()
    ]


def _reason(element: str, reason: str) -> str:
    """Words that nobody stated a meaning for: with the option that does."""
    option = {"sex": "--sex", "status": "--code", "first_ever": "--first-ever"}.get(element)
    return f"{reason} State it with {option}, or with --missing if it says that nothing is known." if option else reason


def _group(path: Path, rows: Rows, name: str, mapping: TableMapping) -> tuple[pl.Series, list[Reject]]:
    """The entries that rows are grouped by: words of a coded element whose column or codes were stated, else the column as it stands."""
    if name in CODED and (name in mapping.columns or name in mapping.codes):
        _check_there(path, rows.cells.columns, mapping.column_of(name), name)
        return _converted(path, rows, name, mapping.column_of(name), mapping, sure=False)
    column = mapping.columns.get(name, name)
    _check_there(path, rows.cells.columns, column, f"--by {name}")
    return convert(rows.cells[column], Column(unknown=frozenset(mapping.missing))).values, []
