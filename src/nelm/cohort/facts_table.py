"""The facts table: one row per patient (and event), with what each fact may still be, as columns.

| kind of fact | columns | nothing recorded |
|---|---|---|
| boolean | `name` (true, false) | null |
| coded | `name`: a whole number with one bit per code that is still possible, in the order of the dictionary | null |
| quantity, count | `name_low`, `name_high`; of a quantity also `name_low_open`, `name_high_open` (null: the end belongs to it) | null |
| date | `name_low`, `name_high`: the first and the last day that it may be | null |

Null and "anything is possible" are the same, but for a fact that is computed where nothing is recorded: where it was held
open on purpose (entries contradict one another), `held_open` names it. `several_ranges` holds the numbers whose possible
values lie in several ranges apart. `contradicted` names the facts on which entries disagree.

The columns follow from the dictionary alone; `describe` writes them down beside the table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from nelm.criteria import BooleanType, CodedType, Codes, DateType, Model, NumberType, Span, Spans, Truth, Value, ValueType

RANGE = pl.Struct({"fact": pl.String, "low": pl.Float64, "high": pl.Float64, "low_open": pl.Boolean, "high_open": pl.Boolean})
# what every row says besides facts
ABOUT: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "event": pl.String(),
    "as_of": pl.Date(),
    "centre": pl.String(),
    "synthetic": pl.Boolean(),
    "given": pl.List(pl.String()),
}
DOUBT: dict[str, pl.DataType] = {
    "contradicted": pl.List(pl.String()),
    "held_open": pl.List(pl.String()),
    "several_ranges": pl.List(RANGE),
}
METADATA_KEY = "nelm_facts"  # in the Parquet file: the columns as `describe` says them
WIDTHS = ((7, pl.Int8()), (15, pl.Int16()), (31, pl.Int32()), (63, pl.Int64()))


class TooManyCodes(ValueError):
    """A coded fact has more codes than a whole number has bits."""


def mask(codes: Iterable[str], kind: CodedType) -> int:
    """Codes as bits: the first code of the dictionary is bit 0."""
    wanted = set(codes)
    return sum(1 << position for position, code in enumerate(kind.codes) if code in wanted)


def codes_of(bits: int, kind: CodedType) -> frozenset[str]:
    """The codes behind bits."""
    return frozenset(code for position, code in enumerate(kind.codes) if bits >> position & 1)


def _coded_type(name: str, kind: CodedType) -> pl.DataType:
    for bits, found in WIDTHS:
        if len(kind.codes) <= bits:
            return found
    raise TooManyCodes(f"{name} has {len(kind.codes)} codes; a facts table can hold at most {WIDTHS[-1][0]}. Divide the element.")


def columns_of(name: str, kind: ValueType) -> dict[str, pl.DataType]:
    """The columns of one fact."""
    match kind:
        case BooleanType():
            return {name: pl.Boolean()}
        case CodedType():
            return {name: _coded_type(name, kind)}
        case DateType():
            return {f"{name}_low": pl.Date(), f"{name}_high": pl.Date()}
        case NumberType(integral=True):
            return {f"{name}_low": pl.Float64(), f"{name}_high": pl.Float64()}
        case NumberType():
            numbers: dict[str, pl.DataType] = {f"{name}_low": pl.Float64(), f"{name}_high": pl.Float64()}
            return numbers | {f"{name}_low_open": pl.Boolean(), f"{name}_high_open": pl.Boolean()}


@dataclass(frozen=True)
class Layout:
    """The columns that the facts of a model need."""

    model: Model

    @cached_property
    def of_facts(self) -> Mapping[str, Mapping[str, pl.DataType]]:
        """For each recorded fact its columns. Raises ValueError where two facts would share one."""
        found = {name: columns_of(name, kind) for name, kind in self.model.types.items()}
        taken: dict[str, str] = dict.fromkeys((*ABOUT, *DOUBT), "the table itself")
        for name, columns in found.items():
            for column in columns:
                if column in taken:
                    raise ValueError(f"The column {column!r} is needed by {name} and by {taken[column]}. Rename one of the two.")
                taken[column] = name
        return found

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """All columns with their types, in order."""
        facts = {column: kind for columns in self.of_facts.values() for column, kind in columns.items()}
        return {**ABOUT, **facts, **DOUBT}

    def needed(self, facts: Iterable[str]) -> list[str]:
        """The columns that questions about these facts read, in order."""
        wanted = {column for fact in facts for column in self.of_facts[fact]} | set(DOUBT)
        return [column for column in self.schema if column in wanted]

    # -- facts to a row, and back ---------------------------------------------------------------------

    def row(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """The columns of what is known; facts that the model does not know are left out."""
        row: dict[str, Any] = {}
        held_open: list[str] = []
        ranges: list[dict[str, Any]] = []
        for name, value in values.items():
            kind = self.model.types.get(name)
            if kind is None:
                continue
            row |= _written(name, kind, value)
            if value is Truth.UNDETERMINED and name in self.model.definitions:
                held_open.append(name)
            if isinstance(value, Spans) and len(value.parts) > 1:
                ranges += [_range(name, part) for part in value.parts]
        return row | {"held_open": held_open, "several_ranges": ranges}

    def values(self, row: Mapping[str, Any]) -> dict[str, Value]:
        """What a row says of the facts whose columns it has: the opposite of `row`."""
        found: dict[str, Value] = {}
        ranges = row.get("several_ranges") or ()
        for name, columns in self.of_facts.items():
            if not columns.keys() <= row.keys():
                continue
            value = _read(name, self.model.types[name], row, [item for item in ranges if item["fact"] == name])
            if value is not None:
                found[name] = value
        return found | {name: Truth.UNDETERMINED for name in row.get("held_open") or () if name in row}

    def frame(self, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """Rows as a table with every column."""
        return pl.DataFrame(rows, schema=self.schema, orient="row", strict=True)

    def metadata(self) -> dict[str, str]:
        """What a Parquet file of this layout says of itself, so that bits are never read with another dictionary."""
        return {METADATA_KEY: json.dumps(self.describe())}

    def describe(self) -> dict[str, Any]:
        """The columns in words, for whoever reads the table with something else."""
        facts = {name: _described(kind, list(self.of_facts[name])) for name, kind in self.model.types.items()}
        return {"about": list(ABOUT), "doubt": list(DOUBT), "facts": facts}


def _written(name: str, kind: ValueType, value: Value) -> dict[str, Any]:
    match value:
        case Truth():
            return {name: None if value is Truth.UNDETERMINED else value is Truth.TRUE}
        case Codes(members):
            assert isinstance(kind, CodedType), f"{name} has codes and is not coded"
            return {name: mask(members, kind)}
        case _:
            low, high = value.low, value.high
            if isinstance(kind, DateType):
                return {f"{name}_low": date.fromordinal(int(low.low)), f"{name}_high": date.fromordinal(int(high.high))}
            ends: dict[str, Any] = {f"{name}_low": float(low.low), f"{name}_high": float(high.high)}
            assert isinstance(kind, NumberType), f"{name} has numbers and is not one"
            return ends if kind.integral else ends | {f"{name}_low_open": low.low_open or None, f"{name}_high_open": high.high_open or None}


def _range(name: str, span: Span) -> dict[str, Any]:
    return {"fact": name, "low": float(span.low), "high": float(span.high), "low_open": span.low_open, "high_open": span.high_open}


def _read(name: str, kind: ValueType, row: Mapping[str, Any], ranges: Sequence[Mapping[str, Any]]) -> Value | None:
    match kind:
        case BooleanType():
            return None if row[name] is None else Truth.from_bool(row[name])
        case CodedType():
            return None if row[name] is None else Codes(codes_of(row[name], kind))
        case _:
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            if low is None:
                return None
            if isinstance(kind, DateType):
                low, high = low.toordinal(), high.toordinal()
            integral = not isinstance(kind, NumberType) or kind.integral
            if ranges:
                return Spans(tuple(Span(part["low"], part["high"], part["low_open"], part["high_open"]) for part in ranges), integral)
            return Spans((Span(low, high, bool(row.get(f"{name}_low_open")), bool(row.get(f"{name}_high_open"))),), integral)


def _described(kind: ValueType, columns: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind.name, "columns": columns}
    if isinstance(kind, CodedType):
        found["bits"] = {code: 1 << position for position, code in enumerate(kind.codes)}
    if isinstance(kind, NumberType) and kind.unit:
        found["unit"] = kind.unit
    return found
