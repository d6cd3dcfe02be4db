"""The text of a delimited file: decoded as stated, line by line, with the byte and the line at which it is no text."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from nelm.criteria import nearest

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "iso8859-1": "iso-8859-1",
    "iso8859-2": "iso-8859-2",
    "iso8859-15": "iso-8859-15",
    "cp1250": "windows-1250",
    "cp1252": "windows-1252",
}  # the names that Python gives them: those that people know
BLOCK_BYTES = 1 << 20
LONGEST_LINE = 5_000_000  # characters; a table has shorter ones
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class DelimitedError(ValueError):
    """A table that cannot be read: which file and line, what was found, what is permitted, what to do."""


def codec_named(encoding: str) -> str:
    """The codec of a stated encoding, one of `ENCODINGS`. Raises DelimitedError for any other."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    name = "utf-8" if name == "utf-8-sig" else name
    if name not in ENCODINGS:
        known = list(ENCODINGS.values())
        raise DelimitedError(f"--encoding: found {encoding!r}. Permitted: {', '.join(known)}.{nearest(encoding, known)}")
    return name


def _texts(path: Path, codec: str) -> Iterator[str]:
    """The text of a file in blocks. Raises DelimitedError with the byte and the line at which it is no text."""
    decoder = codecs.getincrementaldecoder(codec)()
    position, line = 0, 1
    try:
        with path.open("rb") as file:
            while True:
                block = file.read(BLOCK_BYTES)
                if position == 0:
                    _check_mark(path, block, codec)
                waiting = len(decoder.getstate()[0])
                try:
                    text = decoder.decode(block, final=not block)
                except UnicodeDecodeError as error:
                    before = error.object[: error.start]
                    line += before.count(b"\n")
                    raise DelimitedError(_not_encoded(path, codec, line, position - waiting + error.start)) from None
                if "\0" in text:
                    line += text.count("\n", 0, text.index("\0"))
                    raise DelimitedError(
                        f"{path}:{line}: found a NUL character: this is no text, or text in another encoding. "
                        "Save the table as UTF-8 text, or state the encoding: --encoding utf-16."
                    )
                if not block:
                    yield text
                    return
                yield text.removeprefix("\ufeff") if position == 0 else text
                position += len(block)
                line += text.count("\n")
    except OSError as error:
        raise DelimitedError(f"{path}: cannot be read ({error.strerror or error}). Check the path and its permissions.") from None


def _check_mark(path: Path, block: bytes, codec: str) -> None:
    if codec != "utf-16" and block.startswith(_UTF_16_MARKS):
        raise DelimitedError(
            f"{path}:1: the file begins with the mark of UTF-16, at byte 0. Save it as UTF-8, or state it: --encoding utf-16."
        )
    if codec == "utf-16" and block and not block.startswith(_UTF_16_MARKS):
        raise DelimitedError(f"{path}:1: the file does not begin with the mark of UTF-16. Leave --encoding out, or correct it.")


def _not_encoded(path: Path, codec: str, line: int, byte: int) -> str:
    name = ENCODINGS[codec]
    others = "--encoding windows-1252 (or iso-8859-1) for Western Europe, windows-1250 (or iso-8859-2) for Central Europe"
    advice = f"state the encoding: {others}" if codec == "utf-8" else "state another encoding"
    return f"{path}:{line}: byte {byte} is not {name} text. Save the file as UTF-8, or {advice}."


class Lines:
    """The lines of a text, one after the other; lines can be put back."""

    def __init__(self, path: Path, codec: str) -> None:
        self.number = 0  # of the line that was given last
        self._path = path
        self._texts = _texts(path, codec)
        self._ready: deque[str] = deque()
        self._rest = ""
        self._ended = False

    def next(self) -> str | None:
        """The next line without its end; None after the last."""
        while not self._ready:
            if self._ended:
                return None
            self._read()
        self.number += 1
        return self._ready.popleft()

    def put_back(self, lines: list[str]) -> None:
        self._ready.extendleft(reversed(lines))
        self.number -= len(lines)

    def _read(self) -> None:
        text = next(self._texts, None)
        if text is None:
            self._ended = True
            if self._rest:
                self._ready.append(self._rest.removesuffix("\r"))
            return
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > LONGEST_LINE:
            raise DelimitedError(
                f"{self._path}:{self.number + len(lines) + 1}: the line has more than {LONGEST_LINE // 1_000_000} million characters. "
                "This is no table, or its lines end in CR alone. Save it as CSV with the line ends of Windows or Unix."
            )
        self._ready.extend(line.removesuffix("\r") for line in lines)
