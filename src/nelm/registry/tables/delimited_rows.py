"""Delimited text, read strictly: every row with the line at which it begins, nothing mended.

| found | what becomes of it |
|---|---|
| bytes that are not the stated encoding, a NUL, one endless line | the file is refused, with byte and line |
| more than one separator in the header, an empty or doubled name | the file is refused: what is meant has to be stated |
| a quoted field over several lines | one row, which begins at the line of its first character |
| a row with too few or too many fields, a quote that is not closed or stands inside a field | that row is rejected, the next line is read |
| a quote whose end makes a row, but with lines between that are rows by themselves | all these lines are rejected: either could be meant |
| a blank line, a row of empty fields | passed over, and counted |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nelm.criteria import nearest
from nelm.registry.tables.delimited_text import DelimitedError, Lines, codec_named

__all__ = ["SEPARATORS", "DelimitedError", "Opened", "Reject", "Rows", "open_delimited", "separator_named"]

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
BLOCK_ROWS = 50_000
MOST_LINES_OF_A_FIELD = 1_000
SHOWN = 200  # characters of what was found
QUOTE = '"'
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Reject:
    """A row, or a field of one, that cannot be used. `field` is empty where the whole row is meant; `line` counts from 1."""

    file: str
    line: int
    field: str
    found: str
    reason: str
    permitted: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " + (f"{self.field}: " if self.field else "")
        return f"{where}found {self.found!r}: {self.reason}" + (f" Permitted: {self.permitted}." if self.permitted else "")


@dataclass(frozen=True)
class Rows:
    """Some rows of a table, every cell a text as it stands in the file, and the line at which each row begins."""

    cells: pl.DataFrame
    lines: pl.Series
    rejected: tuple[Reject, ...] = ()
    blank: int = 0


@dataclass(frozen=True)
class Opened:
    """A delimited file whose header has been read."""

    path: Path
    header: tuple[str, ...]
    separator: str
    encoding: str

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[Rows]:
        """All rows in order, in blocks of bounded size. Raises DelimitedError where the file cannot be read on."""
        reading = _Reading(self, Lines(self.path, self.encoding))
        reading.skip_header()
        yield from reading.blocks(rows)

    def whole(self) -> Rows:
        """All rows at once."""
        blocks = list(self.blocks())
        schema = dict.fromkeys(self.header, pl.String())
        return Rows(
            pl.concat([pl.DataFrame(schema=schema), *(block.cells for block in blocks)]),
            pl.concat([pl.Series("line", [], pl.Int64()), *(block.lines for block in blocks)]),
            tuple(reject for block in blocks for reject in block.rejected),
            sum(block.blank for block in blocks),
        )


def open_delimited(path: Path, *, separator: str | None = None, encoding: str = "utf-8") -> Opened:
    """The header of a delimited file.

    `separator` is a character or its name (comma, semicolon, tab, pipe); without it the header has to leave no doubt. Raises
    DelimitedError for a file that is missing, empty, in another encoding, or whose header says not what its columns are.
    """
    codec = codec_named(encoding)
    lines = Lines(path, codec)
    first = lines.next()
    while first is not None and not first.strip():
        first = lines.next()
    if first is None:
        raise DelimitedError(f"{path}: the file is empty. Permitted: a header with the names of the columns, and a row for each entry.")
    if "\r" in first:
        raise DelimitedError(f"{path}:1: the lines end in CR alone. Save the table with the line ends of Windows or Unix.")
    found = _separator(path, lines.number, first, separator)
    cells = _cells(first, found)
    if isinstance(cells, str):
        raise DelimitedError(f"{path}:{lines.number}: the header cannot be read: {cells} Correct it.")
    return Opened(path, _names(path, lines.number, cells), found, codec)


# -- header --------------------------------------------------------------------------------------------


def separator_named(separator: str) -> str:
    """`semicolon` or `;` as the character. Raises DelimitedError for any other."""
    found = SEPARATORS.get(separator.lower(), separator.replace("\\t", "\t"))
    if found not in SEPARATORS.values():
        raise DelimitedError(f"--separator: found {separator!r}. Permitted: {', '.join(SEPARATORS)}.{nearest(separator, SEPARATORS)}")
    return found


def _separator(path: Path, line: int, header: str, stated: str | None) -> str:
    """The stated separator, or the only one that the header holds outside of quotes."""
    plain = re.sub(r'"[^"]*"', "", header)
    present = {name: plain.count(sign) for name, sign in SEPARATORS.items() if sign in plain}
    if stated is not None:
        wanted = separator_named(stated)
        if present and wanted not in plain:
            held = ", ".join(f"{count} × {name}" for name, count in present.items())
            raise DelimitedError(
                f"{path}:{line}: the header does not hold the stated separator {wanted!r}, but {held}. Correct --separator."
            )
        return wanted
    if len(present) > 1:
        held = ", ".join(f"{count} × {name}" for name, count in present.items())
        raise DelimitedError(
            f"{path}:{line}: the header holds more than one sign that may separate columns: {held}. State which: --separator {' or '.join(present)}."
        )
    return SEPARATORS[next(iter(present))] if present else ","


def _names(path: Path, line: int, cells: list[str]) -> tuple[str, ...]:
    names = [cell.strip() for cell in cells]
    for number, name in enumerate(names, start=1):
        if not name:
            raise DelimitedError(f"{path}:{line}: column {number} of {len(names)} has no name. Give it one, or take the column out.")
        if name in names[: number - 1]:
            first = names.index(name) + 1
            raise DelimitedError(f"{path}:{line}: columns {first} and {number} are both called {name!r}. Give them different names.")
    return tuple(names)


# -- rows ----------------------------------------------------------------------------------------------


class _Unclosed(str):
    """The reason of a quote whose end is missing, so far."""


def _cells(text: str, separator: str) -> list[str] | str:
    """The fields of a row, or what is wrong with it."""
    cells: list[str] = []
    at = 0
    while True:
        if text.startswith(QUOTE, at):
            end = _closing(text, at + 1)
            if end < 0:
                return _Unclosed(f"The quote that opens field {len(cells) + 1} is not closed.")
            after = end + 1
            if after < len(text) and text[after] != separator:
                return f"Field {len(cells) + 1} goes on after the quote that closes it. A quote inside a field is written twice."
            cells.append(text[at + 1 : end].replace(QUOTE * 2, QUOTE))
        else:
            after = text.find(separator, at)
            after = len(text) if after < 0 else after
            cells.append(text[at:after])
            if QUOTE in cells[-1]:
                return f"A quote stands inside field {len(cells)}, which does not begin with one. Quote the whole field, each quote in it twice."
        if after >= len(text):
            return cells
        at = after + 1


def _closing(text: str, start: int) -> int:
    """Where the quote that closes a field stands; a doubled one does not. Below 0 if there is none."""
    at = text.find(QUOTE, start)
    while at >= 0 and text.startswith(QUOTE, at + 1):
        at = text.find(QUOTE, at + 2)
    return at


class _Reading:
    """Reads the rows that follow a header."""

    def __init__(self, opened: Opened, lines: Lines) -> None:
        self._opened = opened
        self._lines = lines
        self._width = len(opened.header)
        self._start()

    def _start(self) -> None:
        self._rows: list[list[str]] = []
        self._numbers: list[int] = []
        self._rejected: list[Reject] = []
        self._blank = 0

    def skip_header(self) -> None:
        while (line := self._lines.next()) is not None and not line.strip():
            pass

    def blocks(self, rows: int) -> Iterator[Rows]:
        while (line := self._lines.next()) is not None:
            self._take(line)
            if len(self._rows) + len(self._rejected) >= rows:
                yield self._finished()
        if self._rows or self._rejected or self._blank:
            yield self._finished()

    def _finished(self) -> Rows:
        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in self._opened.header)
        cells = pl.DataFrame([pl.Series(name, values, pl.String()) for name, values in zip(self._opened.header, columns, strict=True)])
        block = Rows(cells, pl.Series("line", self._numbers, pl.Int64()), tuple(self._rejected), self._blank)
        self._start()
        return block

    def _take(self, line: str) -> None:
        number = self._lines.number
        if _NOT_TEXT.search(line) is not None:
            strange = _NOT_TEXT.findall(line)[0]
            self._reject(number, line, f"The character U+{ord(strange):04X} is no text. Remove it.")
            return
        cells = line.split(self._opened.separator) if QUOTE not in line else _cells(line, self._opened.separator)
        if isinstance(cells, _Unclosed):
            self._take_several(number, line, cells)
        elif isinstance(cells, str):
            self._reject(number, line, cells)
        else:
            self._add(number, cells, line)

    def _add(self, number: int, cells: list[str], text: str) -> None:
        if not any(map(str.strip, cells)):
            self._blank += 1
        elif len(cells) != self._width:
            self._reject(number, text, f"The row has {len(cells)} fields, the header {self._width}. Correct it.")
        else:
            self._rows.append(cells)
            self._numbers.append(number)

    def _take_several(self, number: int, line: str, unclosed: str) -> None:
        """A row whose quoted field goes on in the next lines; if no sound end follows, its first line alone is wrong."""
        held = [line]
        while len(held) < MOST_LINES_OF_A_FIELD and (more := self._lines.next()) is not None:
            held.append(more)
            cells = _cells("\n".join(held), self._opened.separator) if QUOTE in more else _Unclosed()
            if isinstance(cells, list):
                self._add_several(number, cells, held)
                return
            if not isinstance(cells, _Unclosed):
                break
        self._lines.put_back(held[1:])
        self._reject(number, line, unclosed)

    def _add_several(self, number: int, cells: list[str], held: list[str]) -> None:
        if any(map(self._is_row, held[1:-1])):
            reason = (
                f"A quote opens in line {number} and closes in line {number + len(held) - 1}, and lines between are rows by themselves: "
                "this may be one row or several. Close the quote where it should be, or take it away."
            )
            for place, line in enumerate(held, start=number):
                self._reject(place, line, reason)
        else:
            self._add(number, cells, "\n".join(held))

    def _is_row(self, line: str) -> bool:
        cells = _cells(line, self._opened.separator)
        return isinstance(cells, list) and len(cells) == self._width > 1

    def _reject(self, number: int, found: str, reason: str) -> None:
        self._rejected.append(Reject(str(self._opened.path), number, "", found[:SHOWN], reason))
