"""From rows to records: the rows of each patient joined, read as any record is, and kept whole or not at all."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nelm.cohort.records.json_lines import Unplaced
from nelm.knowledge.base import Knowledge
from nelm.knowledge.yamlfile import Document, Mark, Path_
from nelm.patient.plain import to_plain
from nelm.patient.record import FORMAT, Problem, Record, RecordError, understand_record
from nelm.registry.imports.mapping import CENTRE, RECORD, ImportMapping, Part
from nelm.registry.imports.rejected import Rejected, reason_of
from nelm.registry.imports.tables import Row, SourceTable

HELD_BACK = "Held back: a patient is imported whole or not at all, and this is wrong:"

TOLD_EVERY = 200
Progress = Callable[[int, int | None], None]


def untold(done: int, total: int | None) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that can be imported, as canonical JSON, and the places (source, line) that it was made from."""

    id: str
    line: bytes
    centre: str | None
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Candidates:
    """What the sources give: records in the order of their ids, and all that was rejected or held back."""

    records: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]


def canonical(record: Record, knowledge: Knowledge) -> bytes:
    """A record as one line of JSON that the same facts always give: fields sorted, no spaces, UTF-8."""
    return json.dumps(to_plain(record, knowledge), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def centre_of(record: Record) -> str | None:
    """The centre that reports a record, if it says so."""
    return record.text(CENTRE)


def join_rows(
    tables: Sequence[SourceTable],
    mapping: ImportMapping,
    knowledge: Knowledge,
    *,
    keep_good_rows: bool,
    progress: Progress = untold,
) -> Candidates:
    """The records that rows give; `progress` is told how many patients are done, and of how many.

    A patient of whom anything is rejected is held back as a whole; with `keep_good_rows` only the rows that are wrong are left out,
    and all rows of a patient if one of those is wrong that give what a record has once.
    """
    return _Joining(tables, mapping, knowledge, keep_good_rows).join(progress)


@dataclass
class _Joining:
    tables: Sequence[SourceTable]
    mapping: ImportMapping
    knowledge: Knowledge
    keep_good_rows: bool
    rejected: list[Rejected] = field(default_factory=list)

    def join(self, progress: Progress) -> Candidates:
        patients: dict[str, list[Row]] = defaultdict(list)
        for table in self.tables:
            for row in table.rows:
                patients[row.patient].append(row)
        wrong: dict[str, list[Rejected]] = defaultdict(list)
        for table in self.tables:
            self.rejected += table.rejected
            for item in table.rejected:
                if item.patient:
                    wrong[item.patient].append(item)
        records: list[Candidate] = []
        for number, patient in enumerate(sorted(patients), start=1):
            made = self._patient(patient, patients[patient], wrong[patient])
            if made is not None:
                records.append(made)
            if number % TOLD_EVERY == 0:
                progress(number, len(patients))
        return Candidates(tuple(records), tuple(self.rejected))

    def _patient(self, patient: str, rows: list[Row], wrong: list[Rejected]) -> Candidate | None:
        found = [*self._rows_wrong_together(patient, rows)]
        self.rejected += found
        problems = [*wrong, *found]
        good = self._kept(rows, problems)
        if good:
            read = self._read(patient, good)
            if isinstance(read, Candidate):
                self._hold_back(patient, rows, good, problems)
                return read
            self.rejected += read
            problems += read
        self._hold_back(patient, rows, (), problems)
        return None

    def _kept(self, rows: list[Row], problems: Sequence[Rejected]) -> list[Row]:
        """The rows that a record is made of: all, none, or those without a mistake."""
        if not problems:
            return rows
        places = {(item.source, item.line) for item in problems}
        spoiled = [row for row in rows if self._place(row) in places]
        lost_head = any(item.source in self._heads and item.line not in self._heads[item.source] for item in problems)
        if not self.keep_good_rows or lost_head or any(map(self._is_head, spoiled)):
            return []
        return [row for row in rows if self._place(row) not in places]

    @cached_property
    def _heads(self) -> Mapping[str, frozenset[int]]:
        """For each source that gives what a record has once, the lines of its rows that can be read."""
        return {table.name: frozenset(row.line for row in table.rows) for table in self.tables if table.table.is_of_patients}

    def _is_head(self, row: Row) -> bool:
        """Whether a row gives something that a record has once."""
        parts = self.tables[row.source].table.parts
        return any(parts[place].only_one for place, _ in row.given)

    def _place(self, row: Row) -> tuple[str, int]:
        return self.tables[row.source].name, row.line

    def _hold_back(self, patient: str, rows: Sequence[Row], good: Sequence[Row], problems: Sequence[Rejected]) -> None:
        """Says of each row that is kept out, though nothing is wrong with it, which mistake keeps it out."""
        if not problems:
            return
        places = {(item.source, item.line) for item in problems}
        kept = {id(row) for row in good}
        first = min(problems, key=lambda item: (item.source, item.line))
        for row in rows:
            source, line = self._place(row)
            if id(row) not in kept and (source, line) not in places:
                reason = f"{HELD_BACK} {first.source}:{first.line}{f', {first.field}' if first.field else ''}."
                self.rejected.append(Rejected(source, line, "", "", patient, "", reason, held_back=True))

    @cached_property
    def _centre_part(self) -> str:
        return self.knowledge.entity_by_name(self.knowledge.elements[CENTRE].entity).record_key

    # -- rows that do not go together ------------------------------------------------------------------------

    def _rows_wrong_together(self, patient: str, rows: list[Row]) -> Iterator[Rejected]:
        yield from self._more_than_once(patient, rows)
        yield from self._two_centres(patient, rows)
        heads = [table.table.file for table in self.tables if table.table.is_of_patients]
        if heads and not any(self.tables[row.source].table.is_of_patients for row in rows):
            for row in rows:
                known = ", ".join(dict.fromkeys(heads))
                yield self._about(row, "id", patient, f"No row of {known} has this id, so that it is not known whose row this is.")

    def _more_than_once(self, patient: str, rows: list[Row]) -> Iterator[Rejected]:
        by_table: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            by_table[id(self.tables[row.source].table)].append(row)
        for same in by_table.values():
            if len(same) > 1 and self.tables[same[0].source].table.rows == "one_per_patient":
                for row in same:
                    others = ", ".join(":".join(map(str, self._place(other))) for other in same if other is not row)
                    yield self._about(row, "id", patient, f"The id stands more than once, also in {others}.", "one row for each patient")

    def _two_centres(self, patient: str, rows: list[Row]) -> Iterator[Rejected]:
        centres = {row.centre: row for row in reversed(rows) if row.centre}
        if len(centres) > 1:
            for row in rows:
                found = ", ".join(sorted(filter(None, centres)))
                yield self._about(row, CENTRE, row.centre or "", f"{TWO_CENTRES.format(patient=patient, centres=found)}")

    def _about(self, row: Row, element: str, found: str, reason: str, permitted: str = "") -> Rejected:
        table = self.tables[row.source].table
        column = table.id if element == "id" else table.centre or ""
        return Rejected(self.tables[row.source].name, row.line, column, element, row.patient, found, reason, permitted)

    # -- the record --------------------------------------------------------------------------------------------

    def _read(self, patient: str, rows: list[Row]) -> Candidate | list[Rejected]:
        """The record of a patient, read as any record is; or what is wrong with it."""
        building = _Building(patient, self.tables, self.mapping, self._centre_part)
        for row in rows:
            building.add(row)
        if building.rejected:
            return building.rejected
        source, line = self._place(rows[0])
        start = Mark(source, line)
        try:
            record = understand_record(Unplaced(building.data, source, {(): start}), self.knowledge)
        except RecordError:
            try:
                record = understand_record(Document(building.data, source, building.places(start)), self.knowledge)
            except RecordError as error:
                return [self._refused(patient, problem, rows) for problem in error.problems]
        return Candidate(patient, canonical(record, self.knowledge), centre_of(record), tuple(map(self._place, rows)))

    def _refused(self, patient: str, problem: Problem, rows: Iterable[Row]) -> Rejected:
        """A mistake of the record as one of the cell that it stands in."""
        mark = problem.mark
        table = next((table for table in self.tables if table.name == mark.file), None)
        column = table.opened.header[mark.column - 2] if table is not None and mark.column > 1 else ""
        return Rejected(mark.file, mark.line, column, problem.field, patient, "", *reason_of(problem.message))


TWO_CENTRES = (
    "The id {patient} comes from more than one centre ({centres}). If each centre gives its own ids, state 'ids: centre' in the mapping; "
    "if it is one patient, state one centre."
)


@dataclass
class _Building:
    """A record in the making, and where each of its values stands."""

    patient: str
    tables: Sequence[SourceTable]
    mapping: ImportMapping
    centre_part: str
    data: dict[str, Any] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    _from: dict[Path_, tuple[Row, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = {"nelm": FORMAT, "id": self.patient}
        if self.mapping.complete:
            self.data["complete"] = list(self.mapping.complete)

    def add(self, row: Row) -> None:
        table = self.tables[row.source].table
        for place, values in row.given:
            part = table.parts[place]
            if part.key == RECORD:
                self._merge(self.data, (), values, row)
            elif part.only_one:
                self._merge(self.data.setdefault(part.key, {}), (part.key,), values, row)
            else:
                self._append(part, values, row)
        if row.centre is not None:
            self._merge(self.data.setdefault(self.centre_part, {}), (self.centre_part,), {CENTRE: row.centre}, row)

    def _append(self, part: Part, values: Mapping[str, Any], row: Row) -> None:
        entries = self.data.setdefault(part.key, [])
        path: Path_ = (part.key, len(entries))
        entries.append(dict(values))
        self._from[path] = (row, "")
        for name in values:
            self._from[(*path, name)] = (row, name)

    def _merge(self, held: dict[str, Any], path: Path_, values: Mapping[str, Any], row: Row) -> None:
        """Adds values to what a record has once; another value than the one from another row is a mistake of both rows."""
        for name, value in values.items():
            if held.setdefault(name, value) != value:
                self._contradict((*path, name), name, held[name], value, row)
            self._from.setdefault((*path, name), (row, name))

    def _contradict(self, path: Path_, name: str, before: Any, now: Any, row: Row) -> None:
        table, first = self.tables[row.source], self._from[path][0]
        where = f"{self.tables[first.source].name}:{first.line}"
        reason = f"The record has this once, and {where} says {before!r}. Keep one, or state with 'where' which rows are meant."
        self.rejected.append(Rejected(table.name, row.line, _column(table, name), name, self.patient, str(now), reason))

    def places(self, start: Mark) -> dict[Path_, Mark]:
        """Where each value stands: the column of the mark is that of the table, counted from 2; 1 is the row as a whole."""
        found: dict[Path_, Mark] = {(): start}
        for path, (row, name) in self._from.items():
            table = self.tables[row.source]
            column = _column(table, name)
            number = table.opened.header.index(column) + 2 if column in table.opened.header else 1
            found[path] = Mark(table.name, row.line, number)
        return found


def _column(table: SourceTable, name: str) -> str:
    """The column that an element comes from."""
    if name == CENTRE and table.table.centre:
        return table.table.centre
    named = (item for part in table.table.parts for item in part.fields if item.name == name)
    return next((item.columns[0] for item in named if item.columns), "")
