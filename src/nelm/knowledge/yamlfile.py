"""YAML as plain data, with the line and column of every value.

A small, safe subset: no anchors, aliases or tags (so no file can grow while it is read), no key twice in
a mapping, and no guessing: only `true`, `false`, `null` and numbers are special, so that `no`,
`2024-03-12` and `1:30` stay what was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Path_ = tuple[str | int, ...]
MAXIMUM_BYTES = 5_000_000
MAXIMUM_DEPTH = 40

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C library is missing from some builds of PyYAML

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,15}\.[0-9]{1,15}|[0-9]{1,15}(?:\.[0-9]{1,15})?[eE][-+]?[0-9]{1,2})")
# what YAML 1.2 does not count as text: control characters, single surrogates, the two non-characters
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class UnreadableFile(Exception):
    """A file that cannot be read as YAML data. `mark` says where."""

    def __init__(self, message: str, mark: Mark) -> None:
        super().__init__(f"{mark}: {message}")
        self.message = message
        self.mark = mark


@dataclass(frozen=True)
class Document:
    """The data of a file, and where each value and key of it stands."""

    data: Any
    file: str
    marks: dict[Path_, Mark] = field(default_factory=dict, repr=False)
    raw: dict[Path_, str] = field(default_factory=dict, repr=False)
    starts: dict[Path_, Mark] = field(default_factory=dict, repr=False)

    def inside(self, path: Path_, line: int, column: int) -> Mark:
        """The place of a character inside a text value: its line and column within that text.

        For a text over several lines it is the place where the text begins.
        """
        start = self.starts.get(path)
        if start is None or line > 1:
            return self.mark(path)
        return Mark(start.file, start.line, start.column + column - 1)

    def mark(self, path: Path_) -> Mark:
        """The place of a value, or of the nearest thing around it."""
        for length in range(len(path), -1, -1):
            found = self.marks.get(path[:length])
            if found is not None:
                return found
        return Mark(self.file)

    def written(self, path: Path_, value: object) -> str:
        """A scalar as it was written in the file."""
        return self.raw.get(path, str(value))


def read(path: Path, name: str | None = None) -> Document:
    """Read a YAML (or JSON) file.

    `name` is how messages call the file. Raises UnreadableFile for anything that is not readable, not text,
    too large, not YAML, or outside the subset.
    """
    label = name or str(path)
    try:
        size = path.stat().st_size
        if size > MAXIMUM_BYTES:
            raise UnreadableFile(f"The file has {size / 1e6:.0f} MB; at most {MAXIMUM_BYTES // 1_000_000} MB are read.", Mark(label))
        text = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"The file cannot be read: {error.strerror or error}.", Mark(label)) from None
    try:
        return parse(text.decode("utf-8-sig"), label)
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise UnreadableFile("The file is not UTF-8 text. Save it as UTF-8.", Mark(label, line)) from None


def parse(text: str, name: str) -> Document:
    """The data that a YAML text holds; errors as for `read`."""
    if "\0" in text:
        raise UnreadableFile("The file is binary, not text.", Mark(name))
    if (strange := _NOT_TEXT.search(text)) is not None:
        line, column = text.count("\n", 0, strange.start()) + 1, strange.start() - text.rfind("\n", 0, strange.start())
        raise UnreadableFile(f"The character U+{ord(strange.group()):04X} is not permitted in text. Remove it.", Mark(name, line, column))
    document = Document(None, name)
    try:
        loader = _Loader(text)
        try:
            node = _Events(loader, document).document()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        mark = Mark(name, where.line + 1, where.column + 1) if where else Mark(name)
        raise UnreadableFile(f"This is not YAML: {error.problem or error.context}.", mark) from None
    return Document(node, name, document.marks, document.raw, document.starts)


class _Events:
    """Builds plain data from parser events, so that nothing is expanded that was not written."""

    def __init__(self, loader: Any, document: Document) -> None:
        self._loader = loader
        self._document = document

    def document(self) -> Any:
        stream = self._next()
        assert isinstance(stream, yaml.StreamStartEvent)
        if isinstance(self._peek(), yaml.StreamEndEvent):
            return None
        self._next()
        data = self._node((), 0)
        self._next()
        if not isinstance(self._peek(), yaml.StreamEndEvent):
            self._refuse(self._peek(), "The file holds more than one document ('---'). Write one.")
        return data

    def _next(self) -> Any:
        return self._loader.get_event()

    def _peek(self) -> Any:
        return self._loader.peek_event()

    def _mark(self, event: Any) -> Mark:
        return Mark(self._document.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, event: Any, message: str) -> None:
        raise UnreadableFile(message, self._mark(event))

    def _node(self, path: Path_, depth: int) -> Any:
        event = self._next()
        self._refuse_extras(event)
        if depth > MAXIMUM_DEPTH:
            self._refuse(event, f"Values are nested deeper than {MAXIMUM_DEPTH}.")
        self._document.marks.setdefault(path, self._mark(event))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._items(path, depth))
        return self._mapping(path, depth)

    def _refuse_extras(self, event: Any) -> None:
        """Refuse what lies outside the subset, in a value as in a field name."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            self._refuse(event, "Anchors and aliases ('&', '*') are not permitted. Write the value out.")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, f"Tags ({event.tag!r}) are not permitted. Remove it.")

    def _scalar(self, event: Any, path: Path_) -> Any:
        start = self._mark(event)
        if event.start_mark.line == event.end_mark.line:  # over several lines, YAML folds the text and its columns are lost
            self._document.starts[path] = Mark(start.file, start.line, start.column + (event.style in ("'", '"')))
        if not event.implicit[0]:
            return event.value
        value = plain(event.value)
        if not isinstance(value, str):
            self._document.raw[path] = event.value
        return value

    def _items(self, path: Path_, depth: int) -> Iterator[Any]:
        number = 0
        while not isinstance(self._peek(), yaml.SequenceEndEvent):
            yield self._node((*path, number), depth + 1)
            number += 1
        self._next()

    def _mapping(self, path: Path_, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(self._peek(), yaml.MappingEndEvent):
            event = self._next()
            self._refuse_extras(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, "A field name has to be plain text.")
            key = event.value
            if key in found:
                first = self._document.mark((*path, key))
                self._refuse(event, f"The field {key!r} stands here twice (first in line {first.line}). Keep one.")
            self._document.marks[(*path, key)] = self._mark(event)
            found[key] = self._node((*path, key), depth + 1)
        self._next()
        return found


def plain(text: str) -> bool | int | float | str | None:
    """What an unquoted scalar means: a constant, a number, or itself."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
