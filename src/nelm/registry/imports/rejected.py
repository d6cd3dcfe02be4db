"""What cannot be imported, and why: one line for each mistake, and the rows themselves to be corrected and imported again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nelm.registry.tables.delimited_rows import Opened
from nelm.registry.tables.delimited_text import ENCODINGS

COLUMNS = ("source", "line", "field", "element", "patient", "found", "reason", "permitted")
SHOWN = 200  # characters of what was found
_ONLY_FOUND = re.compile(r"Found ((?:(?!: |, which).)*)\.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row, or a value of one, that cannot be imported.

    `field` is the column (empty: the whole row), `element` what the mapping makes of it, `patient` the id, where it is known. Rows
    that are only kept out because another row of their patient is wrong are `held_back`.
    """

    source: str
    line: int
    field: str
    element: str
    patient: str
    found: str
    reason: str
    permitted: str = ""
    held_back: bool = False

    def __str__(self) -> str:
        names = " → ".join(name for name in (self.field, self.element) if name)
        found = f"found {self.found[:SHOWN]!r}. " if self.found else ""
        permitted = f" Permitted: {self.permitted}." if self.permitted else ""
        return f"{self.source}:{self.line}: {names}{': ' if names else ''}{found}{self.reason}{permitted}"


def reason_of(message: str) -> tuple[str, str]:
    """What a message of the record's reader gives as the reason, and as what is permitted."""
    reason, _, permitted = message.partition(" Permitted: ")
    only_found = _ONLY_FOUND.fullmatch(reason)
    return f"{only_found.group(1)} is not permitted." if only_found else reason, permitted.removesuffix(".")


def as_csv(rejected: Iterable[Rejected]) -> bytes:
    """The list as CSV, in the order of sources, lines and fields."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in sorted(rejected, key=lambda item: (item.source, item.line, item.held_back, item.field, item.reason)):
        writer.writerow([_harmless(str(getattr(item, name)[:SHOWN] if name == "found" else getattr(item, name))) for name in COLUMNS])
    return text.getvalue().encode()


def _harmless(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and len(text) > 1 and not text[1:2].isdigit() else text


def original_rows(opened: Opened, starts: Iterable[int], wanted: Iterable[int]) -> bytes:
    """The header and the wanted rows of a file, as they stand there, in its own encoding.

    `starts` are the lines at which rows begin, `wanted` those of them that are asked for.
    """
    asked, begins = frozenset(wanted), frozenset(starts)
    codec = opened.encoding
    with opened.path.open(encoding="utf-8-sig" if codec == "utf-8" else codec, newline="") as file:
        return "".join(_lines_of(file, begins, asked)).encode(ENCODINGS[codec])


def _lines_of(file: Iterable[str], starts: frozenset[int], wanted: frozenset[int]) -> Iterator[str]:
    copying, in_header = True, True
    for number, line in enumerate(_by_line_feed(file), start=1):
        if number in starts:
            copying, in_header = number in wanted, False
        if in_header or copying:
            yield line if line.endswith("\n") else line + "\n"


def _by_line_feed(file: Iterable[str]) -> Iterator[str]:
    """Lines that end in a line feed; a lone carriage return does not end one."""
    rest = ""
    for line in file:
        rest += line
        if rest.endswith("\n"):
            yield rest
            rest = ""
    if rest:
        yield rest


def file_names(paths: Iterable[Path]) -> Mapping[Path, str]:
    """A name of its own for each file: its own name, numbered where two are called the same."""
    taken: dict[str, int] = {}
    names: dict[Path, str] = {}
    for path in paths:
        count = taken[path.name] = taken.get(path.name, 0) + 1
        names[path] = path.name if count == 1 else f"{path.stem}-{count}{path.suffix}"
    return names
