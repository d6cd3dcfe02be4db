"""An import from its sources to the store: everything read and judged first, then written whole."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import nelm
from nelm.cohort.records.sources import RECORD_SUFFIXES
from nelm.knowledge.base import Knowledge
from nelm.registry.imports.mapping import CENTRE, ImportMapping
from nelm.registry.imports.mapping_file import read_mapping
from nelm.registry.imports.patients import HELD_BACK, TWO_CENTRES, Candidate, Candidates, Progress, join_rows, untold
from nelm.registry.imports.records import SUFFIXES, original_records, read_records
from nelm.registry.imports.rejected import Rejected, as_csv, file_names, original_rows
from nelm.registry.imports.store import REJECTED, Changes, Store, opened_alone, write_changes
from nelm.registry.imports.tables import ImportSourceError, SourceTable, match_tables, read_source

DELIMITED_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
NO_MAPPING = ImportMapping("", "")
SHOWN = 5


@dataclass(frozen=True)
class Counts:
    """What became of the rows (or records in JSON) of an import, and of the records that they make.

    `rejected` counts the rows with a mistake, `mistakes` the mistakes in them, `held_back` the sound rows of patients of whom another
    row is rejected, `nothing_in_them` the rows that give no part of a record, `not_known` the cells that the mapping says to be missing.
    """

    rows: int
    rejected: int
    mistakes: int
    held_back: int
    nothing_in_them: int
    not_known: int
    records_new: int
    records_replaced: int
    records_unchanged: int
    records_in_store: int


@dataclass(frozen=True)
class Imported:
    """What an import did. `already` says that the same import had been made before, so that nothing was done.

    `unmapped` are the columns of each file that the mapping does not use; `rejected_folder` holds what was rejected, None if nothing was.
    """

    key: str
    counts: Counts
    unmapped: Mapping[str, Sequence[str]]
    rejected: tuple[Rejected, ...]
    rejected_folder: Path | None
    already: bool = False


def import_records(
    sources: Sequence[Path],
    store_folder: Path,
    knowledge: Knowledge,
    *,
    mapping_file: Path | None = None,
    keep_good_rows: bool = False,
    progress: Progress = untold,
) -> Imported:
    """Import files or folders into a store.

    Tables (CSV) need a mapping; JSON lines, and files with a record each, need none. A patient is imported whole or not at all; with
    `keep_good_rows` without the rows that are wrong. A record whose id the store holds replaces the former one. An import of the same
    files with the same mapping that was made before changes nothing. `progress` is told how many patients of tables are done, and of how many.

    Raises MappingError, ImportSourceError, StoreError; then nothing was changed.
    """
    store = Store(store_folder)
    store.check()
    mapping = NO_MAPPING if mapping_file is None else read_mapping(mapping_file, knowledge)
    paths = _files(sources, mapping)
    _check_apart(paths, store_folder)
    names = file_names(paths)
    hashes = {names[path]: _hash(path) for path in paths}
    key = _key(hashes, mapping, keep_good_rows=keep_good_rows)
    with opened_alone(store):
        done = next((entry for entry in store.imports() if entry["import"] == key), None)
        if done is not None:
            folder = store.folder / REJECTED / key
            return Imported(key, Counts(**done["counts"]), done["unmapped"], (), folder if folder.exists() else None, already=True)
        read = _read(names, mapping, knowledge, keep_good_rows=keep_good_rows, progress=progress)
        return _Writing(store, key, names, hashes, mapping, keep_good_rows, read).write(knowledge)


# -- sources -------------------------------------------------------------------------------------------


def _files(sources: Sequence[Path], mapping: ImportMapping) -> list[Path]:
    """The files behind the sources, in the order of their names."""
    suffixes = DELIMITED_SUFFIXES if mapping.tables else SUFFIXES
    found: dict[Path, None] = {}
    for source in sources:
        if source.is_dir():
            inside = [file for file in source.iterdir() if file.suffix.lower() in suffixes and file.is_file()]
            if not inside:
                raise ImportSourceError(f"{source}: the folder holds none of {', '.join(f'*{suffix}' for suffix in suffixes)}.")
            found.update(dict.fromkeys(inside))
        elif not source.exists():
            raise ImportSourceError(f"{source}: there is no such file or folder. Correct the path.")
        else:
            found[source] = None
    for file in found:
        if file.suffix.lower() not in suffixes:
            raise ImportSourceError(f"{file}: {_cannot_be_read(file, mapping)}")
    return sorted(found, key=lambda file: (file.name, str(file)))


def _cannot_be_read(file: Path, mapping: ImportMapping) -> str:
    if file.suffix.lower() in DELIMITED_SUFFIXES:
        return "a table needs a mapping that says what its columns mean. State it: --mapping MAP.yaml (docs/registry-import.md)."
    if file.suffix.lower() in SUFFIXES and mapping.tables:
        return f"this is a record, and the mapping {mapping.file} describes tables. Import records without a mapping."
    known = ", ".join((*DELIMITED_SUFFIXES, *SUFFIXES))
    return f"found a file that ends in {file.suffix!r}. Permitted: {known}; save a workbook as CSV (UTF-8)."


def _check_apart(paths: Sequence[Path], store: Path) -> None:
    home = store.resolve()
    for path in paths:
        if path.resolve() == home or home in path.resolve().parents:
            raise ImportSourceError(f"{path}: lies in the store {store}, which the import changes. Copy it elsewhere first.")


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImportSourceError(f"{path}: cannot be read ({error.strerror or error}). Check its permissions.") from None


def _key(hashes: Mapping[str, str], mapping: ImportMapping, *, keep_good_rows: bool) -> str:
    """The name of an import: what goes into it, and nothing else."""
    parts = [nelm.__version__, mapping.digest, keep_good_rows, sorted(hashes.items())]
    return sha256(json.dumps(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Read:
    """All that the sources hold: records, and of tables what is told about each."""

    candidates: Candidates
    tables: tuple[SourceTable, ...]
    records: int


def _read(names: Mapping[Path, str], mapping: ImportMapping, knowledge: Knowledge, *, keep_good_rows: bool, progress: Progress) -> _Read:
    if not mapping.tables:
        read = read_records(names, knowledge)
        if not read.records and not read.rejected:
            raise ImportSourceError(f"{', '.join(map(str, names))}: there is no record in it. Nothing was imported.")
        return _Read(read, (), len(read.records) + _different(read.rejected))
    matched = match_tables(list(names), mapping)
    tables = tuple(read_source(number, path, names[path], table, mapping) for number, (path, table) in enumerate(matched))
    if not keep_good_rows:
        _check_attributed(tables)
    return _Read(join_rows(tables, mapping, knowledge, keep_good_rows=keep_good_rows, progress=progress), tables, 0)


def _different(rejected: Iterable[Rejected]) -> int:
    """How many rows or records: a file with one record is one, whatever the lines of its mistakes."""
    return len({(item.source, 0 if item.source.lower().endswith(RECORD_SUFFIXES) else item.line) for item in rejected})


def _check_attributed(tables: Sequence[SourceTable]) -> None:
    """Refuses rejected rows of nobody in tables where a patient has other rows too: he would be imported without them.

    Raises ImportSourceError.
    """
    if len(tables) == 1 and tables[0].table.rows == "one_per_patient":
        return
    patients = {row.patient for table in tables for row in table.rows}
    lost = {(item.source, item.line): item for table in tables for item in table.rejected if item.patient not in patients}
    if lost:
        shown = "\n".join(str(item) for item in list(lost.values())[:SHOWN])
        raise ImportSourceError(
            f"{shown}\n{len(lost)} rows do not say whose they are, and a patient is imported whole or not at all. Nothing was imported. "
            "Correct the rows, or leave them out: --keep-good-rows."
        )


# -- what it does to the store ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Writing:
    store: Store
    key: str
    names: Mapping[Path, str]
    hashes: Mapping[str, str]
    mapping: ImportMapping
    keep_good_rows: bool
    read: _Read

    def write(self, knowledge: Knowledge) -> Imported:
        before = self.store.records()
        elsewhere = self._from_other_centres(before, knowledge)
        refused = {item.patient for item in elsewhere}
        taken = [record for record in self.read.candidates.records if record.id not in refused]
        rejected = (*self.read.candidates.rejected, *elsewhere)
        former = {record.id: before[record.id] for record in taken if before.get(record.id, record.line) != record.line}
        records = before | {record.id: record.line for record in taken}
        counts = self._counts(taken, rejected, before, former, len(records))
        files = dict(self._rejected_files(rejected))
        unmapped = {table.name: list(table.unmapped) for table in self.read.tables if table.unmapped}
        write_changes(self.store, Changes(self.key, self._entry(counts, unmapped), records, former, files))
        folder = self.store.folder / REJECTED / self.key if files else None
        return Imported(self.key, counts, unmapped, rejected, folder)

    def _from_other_centres(self, before: Mapping[str, bytes], knowledge: Knowledge) -> list[Rejected]:
        """Records whose id the store holds as that of a patient of another centre."""
        part = knowledge.entity_by_name(knowledge.elements[CENTRE].entity).record_key
        found: list[Rejected] = []
        for record in self.read.candidates.records:
            if record.id not in before or record.centre is None:
                continue
            there = json.loads(before[record.id]).get(part, {}).get(CENTRE)
            if there is not None and there != record.centre:
                (source, line), *others = record.places
                reason = TWO_CENTRES.format(patient=record.id, centres=f"{record.centre} here, {there} in the store")
                found.append(Rejected(source, line, "", CENTRE, record.id, record.centre, reason))
                held = f"{HELD_BACK} {source}:{line}, {CENTRE}."
                found += [Rejected(name, place, "", "", record.id, "", held, held_back=True) for name, place in others]
        return found

    def _counts(
        self,
        taken: Sequence[Candidate],
        rejected: Iterable[Rejected],
        before: Mapping[str, bytes],
        former: Mapping[str, bytes],
        in_store: int,
    ) -> Counts:
        mistakes = [item for item in rejected if not item.held_back]
        new = sum(record.id not in before for record in taken)
        return Counts(
            rows=self.read.records + sum(len(table.starts) for table in self.read.tables),
            rejected=_different(mistakes),
            mistakes=len(mistakes),
            held_back=sum(item.held_back for item in rejected),
            nothing_in_them=sum(table.without_parts for table in self.read.tables),
            not_known=sum(table.missing_cells for table in self.read.tables),
            records_new=new,
            records_replaced=len(former),
            records_unchanged=len(taken) - new - len(former),
            records_in_store=in_store,
        )

    def _entry(self, counts: Counts, unmapped: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        mapping = (
            {"file": Path(self.mapping.file).name, "sha256": self.mapping.digest, "ids": self.mapping.ids} if self.mapping.file else None
        )
        return {
            "import": self.key,
            "nelm": nelm.__version__,
            "sources": [{"file": name, "sha256": self.hashes[name]} for name in sorted(self.hashes)],
            "mapping": mapping,
            "keep_good_rows": self.keep_good_rows,
            "counts": asdict(counts),
            "unmapped": unmapped,
        }

    def _rejected_files(self, rejected: Sequence[Rejected]) -> Iterable[tuple[str, bytes]]:
        """The list of what was rejected, and the rows themselves, a file for each source."""
        if not rejected:
            return
        yield "rejected.csv", as_csv(rejected)
        lines: dict[str, set[int]] = defaultdict(set)
        for item in rejected:
            lines[item.source].add(item.line)
        tables = {table.name: table for table in self.read.tables}
        for path, name in self.names.items():
            if name in tables and name in lines:
                yield f"rejected_rows/{name}", original_rows(tables[name].opened, tables[name].starts, lines[name])
            elif name in lines:
                yield f"rejected_rows/{name}", original_records(path, frozenset(lines[name]))


def most_common_reasons(rejected: Iterable[Rejected], most: int = SHOWN) -> list[tuple[str, int, Rejected]]:
    """The fields with the most mistakes, each with how many and the first of them."""
    mistakes = [item for item in rejected if not item.held_back]
    counted = Counter((item.source, item.field or item.element) for item in mistakes)
    first = {(item.source, item.field or item.element): item for item in reversed(mistakes)}
    return [(f"{source}: {name or 'whole row'}", count, first[source, name]) for (source, name), count in counted.most_common(most)]
