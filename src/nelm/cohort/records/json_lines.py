"""Records in JSON, read quickly: without the place of every value, which is worked out only where something is wrong.

JSON is read as `yamlfile` reads it as YAML: no field twice, numbers keep the way they are written, and what is no number there is
none here. What JSON alone permits in a text (`\\ud83d\\ude00` for one character) is permitted.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from nelm.knowledge.base import Knowledge
from nelm.knowledge.yamlfile import MAXIMUM_BYTES, Document, Mark, Path_, UnreadableFile, parse, plain
from nelm.patient.record import Problem, Record, RecordError, read_record, understand_record


class NotJson(Exception):
    """A text that is not JSON; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class _Unusual(Exception):
    """JSON that the quick way leaves to the slow one; the message is what is wrong if that cannot read it either."""


def json_record(text: str, start: Mark, knowledge: Knowledge) -> Record:
    """The record in a JSON text that begins at `start`.

    Raises NotJson where it is none, RecordError with every mistake and its place.
    """
    try:
        return understand_record(Unplaced(_decode(text), start.file, {(): start}), knowledge)
    except (_Unusual, RecordError) as error:
        return _with_places(text, start, knowledge, error)


def json_file(path: Path, knowledge: Knowledge) -> Record:
    """The record in a file that should hold JSON; as for `read_record`, it may also hold YAML."""
    with suppress(OSError, UnicodeDecodeError, NotJson):  # read_record says what is wrong, if anything is
        if path.stat().st_size <= MAXIMUM_BYTES:
            return json_record(path.read_text("utf-8-sig"), Mark(str(path)), knowledge)
    return read_record(path, knowledge)


def _with_places(text: str, start: Mark, knowledge: Knowledge, found: _Unusual | RecordError) -> Record:
    """The record by the slow way, which knows the place of every value. `found` is what the quick way says."""
    try:
        return understand_record(parse(text, start.file), knowledge)
    except UnreadableFile as error:
        if isinstance(found, RecordError):  # JSON that is not YAML
            raise found from None
        problems = [Problem(error.mark, "", str(found))]
    except RecordError as error:
        problems = error.problems
    raise RecordError([replace(problem, mark=_moved(problem.mark, start)) for problem in problems]) from None


def _moved(mark: Mark, start: Mark) -> Mark:
    return Mark(mark.file, mark.line + start.line - 1, mark.column)


class Unplaced(Document):
    """A document of which only the beginning has a place."""

    def mark(self, path: Path_) -> Mark:
        return self.marks[()]

    def written(self, path: Path_, value: object) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)


# -- JSON as the subset of YAML ----------------------------------------------------------------------


class _Number(float):
    """A number that remembers how it was written: `1.10`."""

    __slots__ = ("text",)
    text: str

    def __str__(self) -> str:
        return self.text


def _number(text: str) -> Any:
    value = plain(text)
    if not isinstance(value, float):
        return value
    number = _Number(value)
    number.text = text
    return number


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for number, (name, _) in enumerate(pairs) if name in dict(pairs[:number]))
        raise _Unusual(f"The field {twice!r} stands here twice. Keep one.")
    return found


def _no_constant(text: str) -> NoReturn:
    raise _Unusual(f"Found {text}, which is not a number.")


_decoder = json.JSONDecoder(object_pairs_hook=_fields, parse_float=_number, parse_int=plain, parse_constant=_no_constant)


def _decode(text: str) -> Any:
    try:
        data = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.lineno, error.colno) from None
    except RecursionError:
        raise _Unusual("Values are nested too deeply.") from None
    if "\\u" in text:
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise _Unusual("Found half of a character (one '\\u' of two). Write both, or leave it out.") from None
    return data
