"""Records as tables, one Parquet file per list of the record: `patient.parquet`, `specimens.parquet`, …

| column | holds |
|---|---|
| `patient` | the id of the patient, in every table |
| an element of the entity | what a record holds there, written in the same way (`8`, `"<2"`, `G1/G2`); null where nothing is written |
| `date`, `source`, `note` | as of any entry |

Columns that are left out are null. A row is an entry; entries of a patient count in the order of the rows. `records.parquet` may
hold what stands above the entries: `as_of`, `complete` (a list), `kind`, `title`, … Texts, numbers, days, booleans and lists of
them are permitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from nelm.cohort.records.json_lines import Unplaced
from nelm.cohort.records.sources import BLOCK_RECORDS, Read, SourceError, in_groups, read_one
from nelm.criteria import nearest
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import ENTRY_FIELDS, RECORD_FIELDS
from nelm.knowledge.yamlfile import Document, Mark, Path_
from nelm.patient.record import Record, RecordError, understand_record

HEADER = "records"
HEADER_FIELDS = tuple(name for name in RECORD_FIELDS if name != "id")
PATIENT, ROW = "patient", " row"
PIECE_PATIENTS = 20_000  # whose entries are held in memory at once
PLAIN = (pl.String, pl.Boolean, pl.Null)
Entries = dict[str, list[tuple[int, dict[str, Any]]]]  # by the key of the record: the number of the row, and what it holds


# -- opening -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EntityTables:
    """The tables of a folder, their columns checked. A record is known by the place of its id among all ids in order."""

    folder: Path
    scans: Mapping[str, pl.LazyFrame]

    @property
    def name(self) -> str:
        return str(self.folder)

    @property
    def total(self) -> int:
        return len(self.patients)

    @cached_property
    def patients(self) -> pl.Series:
        """Every id that stands in one of the tables, once, in order."""
        ids = pl.concat([scan.select(PATIENT).unique() for scan in self.scans.values()])
        return _collected(ids.unique(), self.folder)[PATIENT].sort()

    def place(self, number: int) -> str:
        return f"{self.folder}: patient {self.patients[number]}"

    def blocks(self) -> Iterator[RowBlock]:
        for start in range(0, len(self.patients), PIECE_PATIENTS):
            piece = self.patients.slice(start, PIECE_PATIENTS)
            frames = {key: self._rows(key, scan, piece) for key, scan in self.scans.items()}
            for patients in in_groups(enumerate(piece.to_list(), start), BLOCK_RECORDS):
                among = pl.col(PATIENT).is_between(pl.lit(patients[0][1]), pl.lit(patients[-1][1]))
                yield RowBlock(self.folder, patients, {key: frame.filter(among) for key, frame in frames.items()})

    def _rows(self, key: str, scan: pl.LazyFrame, piece: pl.Series) -> pl.DataFrame:
        among = pl.col(PATIENT).is_between(pl.lit(piece[0]), pl.lit(piece[-1]))
        return _collected(scan.filter(among).sort(PATIENT, ROW), _file(self.folder, key))


def is_entity_tables(folder: Path) -> bool:
    """Whether a folder holds tables of entries."""
    return any(folder.glob("*.parquet"))


def entity_tables_in(folder: Path, knowledge: Knowledge) -> EntityTables:
    """The tables of a folder.

    Raises SourceError for a file or a column that no record knows, values of a kind that no record holds, a row without a patient,
    and a patient that `records.parquet` holds twice.
    """
    files = sorted(file for file in folder.glob("*.parquet") if file.is_file())
    tables = EntityTables(folder, {file.stem: _opened(file, knowledge) for file in files})
    for key, scan in tables.scans.items():
        _check_patients(_file(folder, key), scan, once=key == HEADER)
    return tables


def _file(folder: Path, key: str) -> Path:
    return folder / f"{key}.parquet"


def _collected(frame: pl.LazyFrame, file: Path) -> pl.DataFrame:
    try:
        return frame.collect(engine="streaming")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{file}: this is not Parquet that can be read ({str(error).splitlines()[0]}). Write the file anew.") from None


def _opened(file: Path, knowledge: Knowledge) -> pl.LazyFrame:
    """A table with its values as a record holds them, and the numbers of its rows."""
    permitted = _permitted(file, knowledge)
    try:
        schema = pl.read_parquet_schema(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{file}: this is not Parquet that can be read ({str(error).splitlines()[0]}). Write the file anew.") from None
    if PATIENT not in schema:
        raise SourceError(f"{file}: the column {PATIENT!r} is missing. Every row needs the id of its patient.")
    columns = [_as_written(file, name, kind) for name, kind in schema.items() if _is_permitted(file, name, permitted)]
    return pl.scan_parquet(file, row_index_name=ROW, row_index_offset=1, glob=False).select(ROW, *columns)


def _permitted(file: Path, knowledge: Knowledge) -> tuple[str, ...]:
    """The columns of a table besides the patient."""
    if file.stem == HEADER:
        return HEADER_FIELDS
    entity = knowledge.entities.get(file.stem)
    if entity is None:
        known = [*knowledge.entities, HEADER]
        raise SourceError(
            f"{file}: no list of the record is called {file.stem!r}.{nearest(file.stem, known)} "
            f"Permitted names of tables: {', '.join(known)}. Rename the file, or take it out of the folder."
        )
    return (*(element.name for element in entity.elements), *ENTRY_FIELDS)


def _is_permitted(file: Path, name: str, permitted: tuple[str, ...]) -> bool:
    if name not in (PATIENT, *permitted):
        raise SourceError(
            f"{file}: the column {name!r} is not known in {file.name}.{nearest(name, permitted)} "
            f"Permitted: {', '.join((PATIENT, *permitted))}. Rename it, or leave it out."
        )
    return True


def _as_written(file: Path, name: str, kind: pl.DataType) -> pl.Expr:
    """A column in the form in which a record would hold its values."""
    inner = kind.inner if isinstance(kind, pl.List | pl.Array) else kind
    column = pl.col(name)
    if name == PATIENT:
        if not (inner == pl.String or inner.is_integer() or isinstance(inner, pl.Categorical | pl.Enum)) or inner != kind:
            raise SourceError(f"{file}: the column {name!r} holds {kind}. Permitted: texts, or whole numbers. Write the ids as text.")
        return column.cast(pl.String)
    if inner in PLAIN or inner.is_integer() or inner.is_float():
        return column
    if inner == pl.Date or isinstance(inner, pl.Categorical | pl.Enum | pl.Decimal):
        return column.cast(pl.String if inner == kind else pl.List(pl.String))
    raise SourceError(
        f"{file}: the column {name!r} holds {kind}. Permitted: texts, numbers, days (without a time), booleans, and lists of them. "
        "Write it as text."
    )


def _check_patients(file: Path, scan: pl.LazyFrame, *, once: bool) -> None:
    nameless = _collected(scan.filter(pl.col(PATIENT).fill_null("") == "").select(ROW), file)[ROW]
    if len(nameless):
        raise SourceError(
            f"{file}: {len(nameless)} rows have no patient, the first is row {nameless[0]}. Every row needs the id of its patient."
        )
    if once:
        repeated = scan.group_by(PATIENT).agg(pl.col(ROW).sort().head(2)).filter(pl.col(ROW).list.len() > 1).sort(PATIENT).head(1)
        for patient, (first, second) in _collected(repeated, file).iter_rows():
            raise SourceError(f"{file}: patient {patient} stands there twice, in row {first} and in row {second}. Keep one.")


# -- reading -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RowBlock:
    """The rows of some patients, each patient with his number."""

    folder: Path
    patients: tuple[tuple[int, str], ...]
    frames: Mapping[str, pl.DataFrame]

    def __len__(self) -> int:
        return len(self.patients)

    def read(self, knowledge: Knowledge) -> Iterator[Read]:
        entries = self._entries()
        for number, patient in self.patients:
            yield read_one(number, lambda patient=patient: self._record(patient, entries[patient], knowledge))  # type: ignore[misc]

    def _entries(self) -> dict[str, Entries]:
        found: dict[str, Entries] = {patient: {} for _, patient in self.patients}
        for key, frame in self.frames.items():
            for row in frame.iter_rows(named=True):
                patient, number = row.pop(PATIENT), row.pop(ROW)
                held = {name: value for name, value in row.items() if value is not None}
                found[patient].setdefault(key, []).append((number, held))
        return found

    def _record(self, patient: str, entries: Entries, knowledge: Knowledge) -> Record:
        data: dict[str, Any] = {"id": patient}
        for key, rows in entries.items():
            data |= rows[0][1] if key == HEADER else {key: [held for _, held in rows]}
        try:
            return understand_record(Unplaced(data, str(self.folder), {(): Mark(str(self.folder))}), knowledge)
        except RecordError:  # once more, with the place of every row
            return understand_record(Document(data, str(self.folder), self._places(entries)), knowledge)

    def _places(self, entries: Entries) -> dict[Path_, Mark]:
        places: dict[Path_, Mark] = {(): Mark(str(self.folder))}
        for key, rows in entries.items():
            file = str(_file(self.folder, key))
            if key == HEADER:
                places |= {(name,): Mark(file, rows[0][0]) for name in HEADER_FIELDS}
            else:
                places[(key,)] = Mark(file, rows[0][0])
                places |= {(key, position): Mark(file, number) for position, (number, _) in enumerate(rows)}
        return places
