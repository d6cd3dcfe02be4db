"""Records written as entity tables, see `entity_tables`: the form in which a registry's warehouse holds and gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from nelm.cohort.records.entity_tables import HEADER, PATIENT
from nelm.cohort.records.parts import Parts
from nelm.cohort.tables import OutputError, written_aside
from nelm.criteria import CodedType, Codes
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import Element, Entity
from nelm.patient.record import Entry, Record

NOT_KNOWN = "unknown"
BLOCK_ROWS = 1_000
_HEADER: dict[str, pl.DataType] = {
    PATIENT: pl.String(),
    "title": pl.String(),
    "kind": pl.String(),
    "reference": pl.String(),
    "note": pl.String(),
    "as_of": pl.String(),
    "complete": pl.List(pl.String()),
}


def write_entity_tables(records: Iterable[Record], folder: Path, knowledge: Knowledge) -> dict[str, int]:
    """One Parquet table per list of the records, in `folder`; returns how many rows each has.

    Every value is a text as it is written in the record; of a coded one the codes that are still possible. The facts of a record
    read from the tables are those of the record, values set aside excepted. Everything is written aside and takes its place at the
    end. Raises OutputError where it cannot be written, or where the folder holds something else.
    """
    keys = (*knowledge.entities, HEADER)
    if folder.exists() and not (folder.is_dir() and all(file.suffix == ".parquet" and file.stem in keys for file in folder.iterdir())):
        raise OutputError(f"{folder}: there is something else than entity tables, which would be lost. Choose another folder.")
    with written_aside(folder) as aside:
        tables = EntityTableFiles(aside, knowledge)
        for record in records:
            tables.add(entity_rows(record, knowledge))
        return tables.finish()


class EntityTableFiles:
    """The tables of a folder in the making."""

    def __init__(self, folder: Path, knowledge: Knowledge) -> None:
        self._tables = {key: _Table(folder, key, schema) for key, schema in _schemas(knowledge).items()}

    def add(self, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        """Rows by table, as `entity_rows` gives them."""
        for key, of_table in rows.items():
            self._tables[key].add(of_table)

    def finish(self) -> dict[str, int]:
        """Write what is left; returns how many rows each table has. One without rows is not written."""
        return {key: rows for key, table in self._tables.items() if (rows := table.finish())}


def entity_rows(record: Record, knowledge: Knowledge) -> dict[str, list[dict[str, Any]]]:
    """The rows of a record, by table."""
    return {HEADER: [_header(record, knowledge)], **{key: _rows(record, entity) for key, entity in knowledge.entities.items()}}


def _schemas(knowledge: Knowledge) -> dict[str, Mapping[str, pl.DataType]]:
    def of(entity: Entity) -> dict[str, pl.DataType]:
        elements = {element.name: pl.List(pl.String()) if element.type == "list" else pl.String() for element in entity.elements}
        return {PATIENT: pl.String(), "date": pl.String(), **elements, "source": pl.String(), "note": pl.String()}

    return {HEADER: _HEADER, **{key: of(entity) for key, entity in knowledge.entities.items()}}


class _Table:
    """One table in the making; without a row there is none."""

    def __init__(self, folder: Path, key: str, schema: Mapping[str, pl.DataType]) -> None:
        self._file = folder / f"{key}.parquet"
        self._schema = schema
        self._parts = Parts(folder / f".{key}", schema)
        self._rows: list[dict[str, Any]] = []

    def add(self, rows: list[dict[str, Any]]) -> None:
        self._rows += rows
        if len(self._rows) >= BLOCK_ROWS:
            self._pass_on()

    def finish(self) -> int:
        self._pass_on()
        if self._parts.rows:
            self._parts.join(self._file)
        return self._parts.rows

    def _pass_on(self) -> None:
        if self._rows:
            self._parts.add(pl.DataFrame(self._rows, schema=self._schema, orient="row"))
        self._rows = []


def _header(record: Record, knowledge: Knowledge) -> dict[str, Any]:
    return {
        PATIENT: record.id,
        "title": record.title,
        "kind": record.kind,
        "reference": record.reference,
        "note": record.note,
        "as_of": record.as_of_written,
        "complete": [key for key, entity in knowledge.entities.items() if entity.entity in record.complete] or None,
    }


def _rows(record: Record, entity: Entity) -> list[dict[str, Any]]:
    """A row per entry; one left blank in the record keeps its row, so that the others keep their numbers."""
    entries = {entry.number: entry for entry in record.of(entity.entity)}
    return [_row(record.id, entity, entries.get(number)) for number in range(1, max(entries, default=0) + 1)]


def _row(patient: str, entity: Entity, entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {PATIENT: patient}
    values = {element.name: _value(element, entry) for element in entity.elements if element.name in entry.values}
    row = {PATIENT: patient, "date": entry.date_written, **values, "source": entry.source, "note": entry.note}
    if not values and not any(row[name] for name in ("date", "source", "note")):
        row["date"] = NOT_KNOWN  # an entry of which nothing is known is one all the same
    return row


def _value(element: Element, entry: Entry) -> Any:
    value, kind = entry.values[element.name], element.value_type
    if isinstance(value, Codes) and isinstance(kind, CodedType):
        return "/".join(code for code in kind.codes if code in value.members)
    if isinstance(value, str | tuple):
        return value
    return entry.written[element.name]
