"""Where records come from: files, JSON lines, or tables of their entries; read in blocks of bounded size."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from nelm.cohort.records.json_lines import NotJson, json_file, json_record
from nelm.knowledge.base import Knowledge
from nelm.knowledge.yamlfile import MAXIMUM_BYTES, Mark
from nelm.patient.record import Problem, Record, RecordError, read_record

T = TypeVar("T")
BLOCK_RECORDS = 500  # what a worker is given at once: about a second of work
RECORD_SUFFIXES = (".yaml", ".yml", ".json")
LINES_SUFFIXES = (".jsonl", ".ndjson")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class SourceError(Exception):
    """A source of records that cannot be used: where, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class Read:
    """One record of a source, or why it cannot be used. `number` says which one, see `Source.place`."""

    number: int
    record: Record | None = None
    problems: tuple[Problem, ...] = ()


class Block(Protocol):
    """Records that one worker reads. It can be sent to another process."""

    def __len__(self) -> int: ...

    def read(self, knowledge: Knowledge) -> Iterator[Read]:
        """The records, in order."""
        ...


class Source(Protocol):
    """Records, in blocks."""

    @property
    def name(self) -> str:
        """How messages call the source."""
        ...

    @property
    def total(self) -> int | None:
        """How many records there are; None where that is not known before the end."""
        ...

    def blocks(self) -> Iterator[Block]:
        """All records, in order. Raises SourceError where the source cannot be read on."""
        ...

    def place(self, number: int) -> str:
        """Where a record stands, for messages."""
        ...


def in_groups(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Items in groups of a size; the last group may be smaller."""
    waiting = iter(items)
    while group := tuple(islice(waiting, size)):
        yield group


@contextmanager
def readable(path: Path | str) -> Iterator[None]:
    """Turns a file that cannot be read into a SourceError."""
    try:
        yield
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or error}). Check the path and its permissions.") from None


def read_one(number: int, reading: Callable[[], Record]) -> Read:
    """One record, or what is wrong with it."""
    try:
        return Read(number, reading())
    except RecordError as error:
        return Read(number, problems=tuple(error.problems))


# -- files with one record each --------------------------------------------------------------------


@dataclass(frozen=True)
class RecordFiles:
    """Files with one record each."""

    name: str
    files: tuple[Path, ...]

    @property
    def total(self) -> int:
        return len(self.files)

    def blocks(self) -> Iterator[FileBlock]:
        for files in in_groups(enumerate(self.files), BLOCK_RECORDS):
            yield FileBlock(files)

    def place(self, number: int) -> str:
        return str(self.files[number])


@dataclass(frozen=True)
class FileBlock:
    """Some files with their numbers."""

    files: tuple[tuple[int, Path], ...]

    def __len__(self) -> int:
        return len(self.files)

    def read(self, knowledge: Knowledge) -> Iterator[Read]:
        for number, file in self.files:
            reading = json_file if file.suffix.lower() == ".json" else read_record
            yield read_one(number, lambda file=file, reading=reading: reading(file, knowledge))  # type: ignore[misc]


def files_in(folder: Path) -> RecordFiles:
    """The records in a folder, in the order of their names. Raises SourceError where there is none."""
    with readable(folder):
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in RECORD_SUFFIXES and file.is_file())
    if not files:
        raise SourceError(
            f"{folder}: the folder holds neither records (*.yaml, *.yml, *.json) nor entity tables (*.parquet). "
            "Name the folder that does, or a file of JSON lines (*.jsonl)."
        )
    return RecordFiles(str(folder), tuple(files))


# -- JSON lines --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecordLines:
    """One record in JSON a line; blank lines are passed over. No path is standard input. A record is known by the number of its line."""

    path: Path | None

    @property
    def name(self) -> str:
        return "standard input" if self.path is None else str(self.path)

    @property
    def total(self) -> int | None:
        """Counted by reading the file once; not known of what can be read only once."""
        if self.path is None or not self.path.is_file():
            return None
        return sum(1 for _ in self._lines())

    def blocks(self) -> Iterator[LineBlock]:
        for lines in in_groups(self._lines(), BLOCK_RECORDS):
            yield LineBlock(self.name, lines)

    def place(self, number: int) -> str:
        return f"{self.name}:{number}"

    def _lines(self) -> Iterator[tuple[int, bytes | None]]:
        with readable(self.name):
            if self.path is None:
                yield from _numbered(sys.stdin.buffer)
            else:
                with self.path.open("rb") as file:
                    yield from _numbered(file)


def _numbered(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, with their numbers; None for one that is too long to be a record."""
    number = 0
    while line := file.readline(MAXIMUM_BYTES):
        number += 1
        if len(line) == MAXIMUM_BYTES and not line.endswith(b"\n"):
            while (rest := file.readline(MAXIMUM_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield number, None
            continue
        text = line.removeprefix(_BYTE_ORDER_MARK).strip() if number == 1 else line.strip()
        if text:
            yield number, text


@dataclass(frozen=True)
class LineBlock:
    """Some lines with their numbers."""

    file: str
    lines: tuple[tuple[int, bytes | None], ...]

    def __len__(self) -> int:
        return len(self.lines)

    def read(self, knowledge: Knowledge) -> Iterator[Read]:
        for number, line in self.lines:
            mark = Mark(self.file, number)
            yield read_one(number, lambda line=line, mark=mark: _record_in(line, mark, knowledge))  # type: ignore[misc]


def _record_in(line: bytes | None, mark: Mark, knowledge: Knowledge) -> Record:
    if line is None:
        message = f"The line is longer than {MAXIMUM_BYTES // 1_000_000} MB, the most that is read. Write one record a line."
        raise RecordError([Problem(mark, "", message)])
    try:
        record = json_record(line.decode(), mark, knowledge)
    except UnicodeDecodeError:
        raise RecordError([Problem(mark, "", "The line is not UTF-8 text. Save the file as UTF-8.")]) from None
    except NotJson as error:
        message = f"This is not JSON: {error}. Write one record in JSON a line."
        raise RecordError([Problem(Mark(mark.file, mark.line, error.column), "", message)]) from None
    if record.source.get("id") in (None, ""):
        raise RecordError([Problem(mark, "id", "The record has no id. A record in JSON lines needs the id of its patient.")])
    return record
