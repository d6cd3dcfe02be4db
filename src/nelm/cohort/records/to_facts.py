"""From records to the facts table, over several processes.

Beside the table (`facts.parquet`) stand `facts.json`, which says in words what its columns hold and what it was made from, and
`facts.rejects.jsonl`, with what is wrong with each record that cannot be used. Everything is written into a hidden folder beside
them and takes its place at the end. The same records give the same table, whatever the number of processes.

Memory holds some blocks of records and one part of the table; of every record it holds only the id, because ids have to differ.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any

import nelm
from nelm.cohort.records.entity_tables import entity_tables_in, is_entity_tables
from nelm.cohort.records.making import Made, Maker, all_made
from nelm.cohort.records.moments import Moment
from nelm.cohort.records.parts import Parts
from nelm.cohort.records.sources import (
    BLOCK_RECORDS,
    LINES_SUFFIXES,
    RECORD_SUFFIXES,
    RecordFiles,
    RecordLines,
    Source,
    SourceError,
    files_in,
)
from nelm.cohort.tables import OutputError
from nelm.knowledge.base import Knowledge
from nelm.patient.record import Problem

SUFFIX = ".parquet"
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Written:
    """Where the table lies, and what became of the records.

    Of `records` that were found, `rejected` cannot be used; `rejects` says why, and is None where all can. Each other record gives
    a row, or (before each entry of a list) one for each entry. `without_moment` counts the records, or entries, that do not know
    the date that the facts should be as of; `without_entry` the records whose list has no entry.
    """

    path: Path
    about: Path
    rejects: Path | None
    records: int
    rows: int
    rejected: int
    without_moment: int
    without_entry: int


def facts_table_from(
    source: Path | None,
    output: Path,
    knowledge: Knowledge,
    moment: Moment,
    *,
    workers: int = 1,
    progress: Progress | None = None,
    strict: bool = False,
) -> Written:
    """Make the facts table of all records of a source (None: JSON lines on standard input) as of a moment.

    A record that cannot be used is written to the rejects and counted; with `strict` the first one ends the run. `progress` is told
    how many records are done, and of how many if that is known.

    Raises SourceError for a source that cannot be used, OutputError where the output cannot be written, WorkerLost where a process
    ended unexpectedly. Whatever ends a run, what stood at `output` before still does.
    """
    opened = open_source(source, knowledge)
    maker = Maker(knowledge, moment)
    with _aside(_Files(output), source) as aside:
        counted = _write(opened, maker, aside, _Wanted(workers, progress, strict))
        about = _about(opened, maker, counted)
        aside.about.write_text(json.dumps({"table": output.name, **about}, indent=1, ensure_ascii=False), encoding="utf-8")
    files = _Files(output)
    return Written(output, files.about, files.rejects if counted.rejected else None, **asdict(counted))


def open_source(path: Path | None, knowledge: Knowledge) -> Source:
    """The records behind a path; None is standard input. Raises SourceError."""
    if path is None or path.is_fifo():
        return RecordLines(path)
    if path.is_dir():
        return entity_tables_in(path, knowledge) if is_entity_tables(path) else files_in(path)
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder. Correct the path.")
    suffix = path.suffix.lower()
    if suffix in LINES_SUFFIXES:
        return RecordLines(path)
    if suffix in RECORD_SUFFIXES:
        return RecordFiles(str(path), (path,))
    raise SourceError(
        f"{path}: found a file that ends in {suffix!r}. Permitted: a folder of records (*.yaml, *.yml, *.json), a folder of entity "
        "tables (*.parquet), a file of JSON lines (*.jsonl, *.ndjson), or one record."
    )


# -- the files ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Files:
    """A facts table and what stands beside it."""

    table: Path

    @property
    def about(self) -> Path:
        return self.table.with_suffix(".json")

    @property
    def rejects(self) -> Path:
        return self.table.with_suffix(".rejects.jsonl")

    @property
    def parts(self) -> Path:
        return self.table.with_suffix(".parts")


@contextmanager
def _aside(wanted: _Files, source: Path | None) -> Iterator[_Files]:
    """The same files in a hidden folder, whatever an earlier run left there removed. At the end they take their places."""
    output = wanted.table
    _check(output, source)
    folder = output.with_name(f".{output.name}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        rmtree(folder, ignore_errors=True)
        folder.mkdir()
        files = _Files(folder / output.name)
        yield files
        if files.rejects.exists():
            files.rejects.replace(wanted.rejects)
        else:
            wanted.rejects.unlink(missing_ok=True)
        files.about.replace(wanted.about)
        files.table.replace(wanted.table)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"{output}: cannot be written ({reason}). Nothing was changed; choose another place or free some space."
        ) from None
    finally:
        rmtree(folder, ignore_errors=True)


def _check(output: Path, source: Path | None) -> None:
    if output.suffix != SUFFIX or output.is_dir():
        raise OutputError(f"{output}: name the file that is to be written; it has to end in {SUFFIX}, for example facts{SUFFIX}.")
    if source is not None and source.is_dir() and output.parent.resolve() == source.resolve():
        raise OutputError(f"{output}: lies among the records, and would be taken for one of them next time. Choose another folder.")


# -- the rows ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Wanted:
    workers: int
    progress: Progress | None
    strict: bool


@dataclass
class _Counted:
    records: int = 0
    rows: int = 0
    rejected: int = 0
    without_moment: int = 0
    without_entry: int = 0

    def add(self, made: Made) -> None:
        self.records += made.records
        self.rows += made.rows.height
        self.rejected += len(made.rejected)
        self.without_moment += made.without_moment
        self.without_entry += made.without_entry


@dataclass
class Patients:
    """The id of every patient of a source so far, with the number of the record: nobody may stand there twice."""

    source: Source
    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, patients: Iterable[tuple[int, str]]) -> None:
        """Raises SourceError for a patient who was there before."""
        for number, patient in patients:
            first = self.numbers.setdefault(patient, number)
            if first != number:
                places = f"{self.source.place(first)} and {self.source.place(number)}"
                raise SourceError(f"Patient {patient!r} stands there twice: {places}. Keep one of the two, or give them different ids.")


def _write(source: Source, maker: Maker, files: _Files, wanted: _Wanted) -> _Counted:
    """Write the table and the rejects of a source."""
    counted, patients = _Counted(), Patients(source)
    parts = Parts(files.parts, maker.layout.schema)
    total = source.total
    busy = wanted.workers if total is None else min(wanted.workers, math.ceil(total / BLOCK_RECORDS))
    with closing(all_made(maker, source.blocks(), busy)) as blocks:
        for made in blocks:
            _reject(made, files.rejects, strict=wanted.strict)
            patients.add(made.patients)
            parts.add(made.rows)
            counted.add(made)
            if wanted.progress is not None:
                wanted.progress(counted.records, total)
    if counted.records == 0:
        raise SourceError(f"{source.name}: there is no record in it. Check that it is what you meant.")
    parts.join(files.table, maker.layout.metadata() | {"nelm": nelm.__version__})
    return counted


def _reject(made: Made, file: Path, *, strict: bool) -> None:
    """Note what is wrong with records. Raises SourceError for the first one where all have to be right."""
    if made.rejected and strict:
        raise SourceError("\n".join(map(str, made.rejected[0])))
    if made.rejected:
        with file.open("a", encoding="utf-8") as rejects:
            rejects.writelines(json.dumps(noted(problem), ensure_ascii=False) + "\n" for problems in made.rejected for problem in problems)


def noted(problem: Problem) -> dict[str, Any]:
    """A problem of a record as it stands in a file of rejects."""
    mark = problem.mark
    return {"source": mark.file, "line": mark.line, "column": mark.column, "field": problem.field, "message": problem.message}


def _about(source: Source, maker: Maker, counted: _Counted) -> dict[str, Any]:
    guidelines = maker.knowledge.guidelines.values()
    return {
        "nelm": nelm.__version__,
        "guidelines": {compiled.id: compiled.guideline.version for compiled in guidelines},
        "source": source.name,
        "moment": maker.moment.name,
        "counts": asdict(counted),
        **maker.layout.describe(),
    }
