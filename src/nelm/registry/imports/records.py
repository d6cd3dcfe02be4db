"""Reads records that are records already: JSON lines, or folders of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nelm.cohort.records.json_lines import json_file
from nelm.cohort.records.sources import LINES_SUFFIXES, RECORD_SUFFIXES, RecordLines, SourceError
from nelm.knowledge.base import Knowledge
from nelm.patient.record import Problem, Record, RecordError, read_record
from nelm.registry.imports.patients import Candidate, Candidates, canonical, centre_of
from nelm.registry.imports.rejected import Rejected, reason_of
from nelm.registry.imports.tables import ImportSourceError

SUFFIXES = (*LINES_SUFFIXES, *RECORD_SUFFIXES)


@dataclass(frozen=True)
class _Found:
    """A record or what is wrong with it, and where it stands."""

    source: str
    line: int
    candidate: Candidate | None
    problems: tuple[Problem, ...] = ()


def read_records(names: Mapping[Path, str], knowledge: Knowledge) -> Candidates:
    """The records in files, each with the name by which the import calls it. Raises ImportSourceError for a file that cannot be read at all."""
    found: dict[str, list[_Found]] = defaultdict(list)
    rejected: list[Rejected] = []
    try:
        for path, name in names.items():
            for item in _lines(path, name, knowledge) if path.suffix.lower() in LINES_SUFFIXES else [_file(path, name, knowledge)]:
                if item.candidate is None:
                    rejected += [_refused(item, problem) for problem in item.problems]
                else:
                    found[item.candidate.id].append(item)
    except SourceError as error:
        raise ImportSourceError(str(error)) from None
    for patient, same in found.items():
        if len(same) > 1:
            rejected += [_twice(patient, item, same) for item in same]
    records = [same[0].candidate for _, same in sorted(found.items()) if len(same) == 1]
    return Candidates(tuple(record for record in records if record is not None), tuple(rejected))


def _lines(path: Path, name: str, knowledge: Knowledge) -> Iterator[_Found]:
    for block in RecordLines(path).blocks():
        for read in block.read(knowledge):
            yield _found(name, read.number, read.record, read.problems, knowledge)


def _file(path: Path, name: str, knowledge: Knowledge) -> _Found:
    try:
        record = json_file(path, knowledge) if path.suffix.lower() == ".json" else read_record(path, knowledge)
    except RecordError as error:
        return _Found(name, 1, None, tuple(error.problems))
    return _found(name, 1, record, (), knowledge)


def _found(name: str, line: int, record: Record | None, problems: tuple[Problem, ...], knowledge: Knowledge) -> _Found:
    if record is None:
        return _Found(name, line, None, problems)
    return _Found(name, line, Candidate(record.id, canonical(record, knowledge), centre_of(record), ((name, line),)))


def _refused(item: _Found, problem: Problem) -> Rejected:
    return Rejected(item.source, problem.mark.line, "", problem.field, "", "", *reason_of(problem.message))


def _twice(patient: str, item: _Found, same: list[_Found]) -> Rejected:
    others = ", ".join(f"{other.source}:{other.line}" for other in same if other is not item)
    reason = f"The id stands more than once, also in {others}."
    return Rejected(item.source, item.line, "", "id", patient, patient, reason, "one record for each patient")


def original_records(path: Path, lines: frozenset[int]) -> bytes:
    """The records of a file that begin at some lines, as they stand there; of a file with one record, the file."""
    if path.suffix.lower() not in LINES_SUFFIXES:
        return path.read_bytes()
    with path.open("rb") as file:
        return b"".join(line.rstrip(b"\r\n") + b"\n" for number, line in enumerate(file, start=1) if number in lines)
