"""Reads the files of a mapping: what each row gives, whose row it is, and what cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from nelm.criteria import nearest
from nelm.registry.imports.cells import Cells, Value, read_cells
from nelm.registry.imports.mapping import Field, ImportMapping, Part, Table
from nelm.registry.imports.redcap import check_raw, structural
from nelm.registry.imports.rejected import SHOWN, Rejected
from nelm.registry.tables.delimited_rows import Opened, Reject, Rows, open_delimited
from nelm.registry.tables.delimited_text import DelimitedError
from nelm.registry.tables.delimited_values import HasToBeStated


class ImportSourceError(ValueError):
    """A source that cannot be imported at all: where, what was found, what is permitted, what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a row gives: for each part of the record (its place in the table's parts) the values by field."""

    source: int
    line: int
    patient: str
    centre: str | None
    given: tuple[tuple[int, dict[str, Value]], ...]


@dataclass(frozen=True)
class SourceTable:
    """A file that was read. `name` is how the import calls it, `starts` are the lines at which its rows begin; `unmapped` the columns that the mapping does not use."""

    number: int
    name: str
    opened: Opened
    table: Table
    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]
    starts: tuple[int, ...]
    unmapped: tuple[str, ...]
    without_parts: int = 0
    missing_cells: int = 0


def match_tables(paths: Sequence[Path], mapping: ImportMapping) -> list[tuple[Path, Table]]:
    """Each file with the table of the mapping that describes it. Raises ImportSourceError where there is not exactly one."""
    matched: list[tuple[Path, Table]] = []
    for path in paths:
        fitting = [table for table in mapping.tables if fnmatchcase(path.name, table.file)]
        if len(fitting) != 1:
            known = ", ".join(table.file for table in mapping.tables) or "no tables"
            found = "no table" if not fitting else f"{len(fitting)} tables ({', '.join(table.file for table in fitting)})"
            raise ImportSourceError(
                f"{path}: {found} of the mapping {mapping.file} describe{'s' if not fitting else ''} this file. "
                f"Described: {known}. Add it to the mapping, or take it out of the sources."
            )
        matched.append((path, fitting[0]))
    for table in mapping.tables:
        if all(table is not found for _, found in matched):
            raise ImportSourceError(f"{table.mark}: none of the sources is called {table.file!r}. Name the file among the sources too.")
    return matched


def read_source(number: int, path: Path, name: str, table: Table, mapping: ImportMapping) -> SourceTable:
    """The rows of a file; `name` is how the import calls it.

    Raises ImportSourceError where it cannot be read, a column of the mapping is missing, or something has to be stated.
    """
    try:
        opened = open_delimited(path, separator=table.separator, encoding=table.encoding)
        if table.shape == "redcap":
            check_raw(opened)
        _check_columns(opened, table)
        rows = opened.whole()
    except DelimitedError as error:
        options = [name for name in ("separator", "encoding") if f"--{name}" in str(error)]
        where = f" (In an import it is stated in the mapping: '{options[0]}: …'.)" if options else ""
        raise ImportSourceError(f"{error}{where}") from None
    if not len(rows.lines) and not rows.rejected:
        raise ImportSourceError(f"{path}: the table has a header and no rows. Nothing was imported.")
    return _Reading(number, name, opened, table, mapping, rows).read()


def _check_columns(opened: Opened, table: Table) -> None:
    """Every column of the mapping is in the file, and every box of a checkbox field in the mapping."""
    fields = [item for part in table.parts for item in part.fields]
    wanted = [(item.mark, name) for item in fields for name in item.columns]
    wanted += [(table.mark, name) for part in table.parts for name in part.where]
    wanted += [(table.mark, name) for name in (table.id, table.centre) if name is not None]
    wrong = [
        f"{mark}: the column {name!r} is not in {opened.path}.{nearest(name, opened.header)} Found there: {', '.join(opened.header)}."
        for mark, name in wanted
        if name not in opened.header
    ]
    for item in fields:
        boxes = [name for name in opened.header if item.checkbox is not None and name.startswith(f"{item.checkbox}___")]
        wrong += [f"{item.mark}: 'words' says nothing of the box {name!r} in {opened.path}." for name in boxes if name not in item.columns]
    if wrong:
        raise ImportSourceError("\n".join(wrong))


@dataclass
class _Reading:
    number: int
    name: str
    opened: Opened
    table: Table
    mapping: ImportMapping
    rows: Rows
    rejected: list[Rejected] = field(default_factory=list)
    missing: int = 0

    def read(self) -> SourceTable:
        needed = [name for name in self.opened.header if name in self.table.columns]
        columns = {name: self.rows.cells[name].to_list() for name in needed}
        lines = self.rows.lines.to_list()
        patients = [text.strip() for text in columns[self.table.id]]
        centres = [text.strip() for text in columns[self.table.centre]] if self.table.centre else [self.mapping.centre] * len(lines)
        given = self._given(columns)
        rows = []
        for row, line in enumerate(lines):
            patient = self._identified(line, patients[row], centres[row])
            if patient is not None:
                rows.append(Row(self.number, line, patient, centres[row] or None, tuple(given[row])))
        self.rejected = [*self._of_patients(patients, centres, lines), *self._broken()]
        header = set(self.opened.header) - self.table.columns - (structural(self.opened) if self.table.shape == "redcap" else frozenset())
        return SourceTable(
            number=self.number,
            name=self.name,
            opened=self.opened,
            table=self.table,
            rows=tuple(rows),
            rejected=tuple(self.rejected),
            starts=tuple(sorted({*lines, *(reject.line for reject in self.rows.rejected)})),
            unmapped=tuple(name for name in self.opened.header if name in header),
            without_parts=sum(not row.given for row in rows),
            missing_cells=self.missing,
        )

    # -- whose row it is -----------------------------------------------------------------------------------

    def _identified(self, line: int, patient: str, centre: str | None) -> str | None:
        """The id under which the registry keeps the patient; None, and rejected, where the row does not say."""
        if patient == "" or patient in self.table.id_missing:
            self._reject(line, self.table.id, "id", "", patient, "The row does not say whose it is.", "the id of the patient")
            return None
        if self.mapping.ids == "registry":
            return patient
        if not centre:
            says = "The row does not say of which centre it is, and ids are those of centres."
            self._reject(line, self.table.centre or "", "centre", patient, "", says, "the code of the centre")
            return None
        return f"{centre}:{patient}"

    def _of_patients(self, patients: Sequence[str], centres: Sequence[str | None], lines: Sequence[int]) -> Iterator[Rejected]:
        """What was rejected, with the id under which the registry would keep the patient."""
        scoped = self.mapping.ids == "centre"
        by_line = {
            line: f"{centre}:{patient}" if scoped and centre and patient else "" if scoped else patient
            for line, patient, centre in zip(lines, patients, centres, strict=True)
        }
        return (item if item.patient else replace(item, patient=by_line.get(item.line, "")) for item in self.rejected)

    def _broken(self) -> Iterator[Rejected]:
        """Rows that are no rows; their patient, if the fields before the damage tell."""
        for reject in self.rows.rejected:
            yield Rejected(self.name, reject.line, "", "", self._patient_in(reject), reject.found, reject.reason, reject.permitted)

    def _patient_in(self, reject: Reject) -> str:
        """The id in a row that cannot be read, where it is the first field and whole."""
        first, separator, _ = reject.found.partition(self.opened.separator)
        scoped = self.mapping.ids == "centre"
        if self.table.id != self.opened.header[0] or not separator or (scoped and self.mapping.centre is None):
            return ""
        patient = first.strip().removeprefix('"').removesuffix('"')
        return f"{self.mapping.centre}:{patient}" if scoped and patient else patient

    # -- what it gives -------------------------------------------------------------------------------------

    def _given(self, columns: Mapping[str, Sequence[str]]) -> list[list[tuple[int, dict[str, Value]]]]:
        """For each row the parts that it gives, with their values."""
        given: list[list[tuple[int, dict[str, Value]]]] = [[] for _ in range(len(self.rows.lines))]
        for place, part in enumerate(self.table.parts):
            read_fields = [item for item in part.fields if item.constant is None]
            cells = [self._cells(item, columns) for item in read_fields]
            constants = {item.name: item.constant for item in part.fields if item.constant is not None}
            wrong = {row for read in cells for row, _ in read.problems}
            wanted = self._wanted(part, columns)
            for row, values in enumerate(zip(*(read.values for read in cells), strict=True)):
                if not wanted[row]:
                    continue
                held = {item.name: value for item, value in zip(read_fields, values, strict=True) if value is not None}
                if held or row in wrong:
                    given[row].append((place, held | constants))
            for item, read in zip(read_fields, cells, strict=True):
                self._note(item, read, columns, wanted)
        return given

    def _cells(self, item: Field, columns: Mapping[str, Sequence[str]]) -> Cells:
        try:
            return read_cells(item, columns)
        except HasToBeStated as doubt:
            line = self.rows.lines[doubt.row]
            raise ImportSourceError(f"{self.opened.path}:{line}: {item.column} → {item.name}: {doubt} ({item.mark})") from None

    def _wanted(self, part: Part, columns: Mapping[str, Sequence[str]]) -> list[bool]:
        """Whether each row has the words in its columns that the part asks for."""
        wanted = [True] * len(self.rows.lines)
        for name, words in part.where.items():
            wanted = [so_far and text.strip() in words for so_far, text in zip(wanted, columns[name], strict=True)]
        return wanted

    def _note(self, item: Field, read: Cells, columns: Mapping[str, Sequence[str]], wanted: Sequence[bool]) -> None:
        self.missing += read.missing
        for (row, name), problem in read.problems.items():
            if wanted[row]:
                self._reject(self.rows.lines[row], name, item.name, "", columns[name][row], problem.reason, problem.permitted)

    def _reject(self, line: int, name: str, element: str, patient: str, found: str, reason: str, permitted: str) -> None:
        self.rejected.append(Rejected(self.name, line, name, element, patient, found[:SHOWN], reason, permitted))
