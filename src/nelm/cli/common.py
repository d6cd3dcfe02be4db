"""What all commands share: loading the content, reading records, and ending with a message instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import Enum
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import knowledge as stored_knowledge
from nelm.patient.record import Record, RecordError, read_record

BAD_INPUT = 2
RECORD_SUFFIXES = (".yaml", ".yml", ".json")

output = Console(highlight=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Format(str, Enum):
    """How the advice is written."""

    text = "text"
    html = "html"
    pdf = "pdf"
    json = "json"


def stop(message: str) -> NoReturn:
    """End with a message and exit status 2: what was given cannot be used."""
    errors.print(message, markup=False)
    raise typer.Exit(BAD_INPUT)


def load_knowledge() -> Knowledge:
    """The content; ends with every mistake where it is wrong."""
    try:
        return stored_knowledge()
    except (ContentError, FileNotFoundError) as error:
        stop(str(error))


def load_record(file: Path, knowledge: Knowledge, *, set_aside_invalid: bool = False) -> Record:
    """A record; ends with every mistake where it is wrong."""
    try:
        return read_record(file, knowledge, set_aside_invalid=set_aside_invalid)
    except RecordError as error:
        stop(str(error))


def day(text: str | None) -> date | None:
    """A date option; ends where it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(f"--as-of: found {text!r}. Permitted: year-month-day, for example 2024-03-12.")


def records_in(paths: list[Path]) -> list[Path]:
    """The record files behind file and folder arguments, each once; ends where one does not exist or a folder holds none."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in RECORD_SUFFIXES and file.is_file())
            if not inside:
                stop(f"{path}: the folder holds no record (*.yaml, *.yml, *.json).")
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            stop(f"{path}: there is no such file.")
    return list(found)


def writable_folder(path: Path) -> Path:
    """The folder to write to, made if it is missing; ends where nothing can be written there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".nelm-write-test"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        stop(f"--output {path}: nothing can be written there ({error.strerror}). Choose another folder.")
    return path


def write_aside(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    aside = file.with_name(f".{file.name}.part")
    try:
        aside.write_bytes(content)
        aside.replace(file)
    except OSError as error:
        aside.unlink(missing_ok=True)
        stop(f"{file}: the file cannot be written ({error.strerror}).")


@contextmanager
def no_traceback() -> Iterator[None]:
    """The last line of defence: an unforeseen error ends with what to report, not with a traceback."""
    try:
        yield
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        errors.print("Interrupted; nothing was left half written.")
        raise SystemExit(130) from None
