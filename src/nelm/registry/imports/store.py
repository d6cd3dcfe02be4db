"""The store of a registry: the records as they stand, what was imported, what was rejected, and what was replaced.

| file | what it holds |
|---|---|
| `records.jsonl` | one record in canonical JSON a line, sorted by id |
| `imports.jsonl` | one line for each import, in their order: sources and mapping with their SHA-256, counts |
| `history/<import>.jsonl` | the records that an import replaced, each with its SHA-256 |
| `rejected/<import>/` | what was rejected and why, and the rows themselves |

Every file is written aside and takes its place whole. `imports.jsonl` is the last: an import that is not in it did not take place, and
importing again completes it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

RECORDS, IMPORTS, HISTORY, REJECTED, BUSY = "records.jsonl", "imports.jsonl", "history", "rejected", ".importing"
_OWN = {RECORDS, IMPORTS, HISTORY, REJECTED, BUSY}


class StoreError(ValueError):
    """A store that cannot be used: where, what was found, what to do."""


@dataclass(frozen=True)
class Store:
    """A store in a folder, which need not be there yet."""

    folder: Path

    @property
    def records_file(self) -> Path:
        return self.folder / RECORDS

    def check(self) -> None:
        """Raises StoreError where the folder is a file, or holds something else."""
        if self.folder.exists() and not self.folder.is_dir():
            raise StoreError(f"{self.folder}: there is a file of this name. Name a folder for the store.")
        try:
            others = (
                sorted(file.name for file in self.folder.iterdir() if file.name not in _OWN and not file.name.endswith(".part"))
                if self.folder.exists()
                else []
            )
        except OSError as error:
            raise StoreError(_unwritable(self.folder, error)) from None
        if others:
            raise StoreError(f"{self.folder}: holds something else than a store ({others[0]}). Name an empty folder, or a store.")

    def imports(self) -> list[dict[str, Any]]:
        """What was imported so far. Raises StoreError where that cannot be read."""
        file = self.folder / IMPORTS
        try:
            return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []
        except (OSError, ValueError):
            raise StoreError(f"{file}: cannot be read. Restore it from a copy.") from None

    def records(self) -> dict[str, bytes]:
        """The line of every record, by its id.

        Raises StoreError where the records are not those that the last import left: somebody changed them.
        """
        past, file = self.imports(), self.records_file
        try:
            whole = file.read_bytes() if file.exists() else b""
        except OSError as error:
            raise StoreError(f"{file}: cannot be read ({error.strerror or error}).") from None
        try:
            found = {json.loads(line)["id"]: line for line in whole.splitlines()}
        except (ValueError, KeyError, TypeError):
            raise StoreError(f"{file}: a line is not a record. Restore the file from a copy.") from None
        if past and sha256(whole).hexdigest() not in {past[-1]["records_sha256"], _unfinished(self.folder)}:
            raise StoreError(
                f"{file}: was changed since the last import, which left another SHA-256 in {IMPORTS}. Restore it from a copy; "
                "records are changed by importing them anew."
            )
        return found


def _unfinished(folder: Path) -> str | None:
    """The SHA-256 of the records that an import was about to leave when it was interrupted."""
    try:
        return (folder / BUSY).read_text("ascii").strip() or None
    except OSError:
        return None


def digest(line: bytes) -> str:
    return sha256(line).hexdigest()


@dataclass(frozen=True)
class Changes:
    """What an import does to a store; `key` names the import. `former` are the records that are replaced, `rejected` the files about what was."""

    key: str
    entry: Mapping[str, Any]
    records: Mapping[str, bytes]
    former: Mapping[str, bytes]
    rejected: Mapping[str, bytes]


def write_changes(store: Store, changes: Changes) -> None:
    """Write what an import changed. Raises StoreError where that cannot be done; then the store is as it was, or the import can be repeated."""
    whole = b"".join(changes.records[patient] + b"\n" for patient in sorted(changes.records))
    entry = {**changes.entry, "records_sha256": digest(whole)}
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        _replace(store.folder / BUSY, entry["records_sha256"].encode())
        _write_history(store, changes)
        _write_rejected(store, changes)
        _replace(store.records_file, whole)
        past = [json.dumps(item, sort_keys=True, ensure_ascii=False) for item in (*store.imports(), entry)]
        _replace(store.folder / IMPORTS, "".join(f"{line}\n" for line in past).encode())
        (store.folder / BUSY).unlink()
    except OSError as error:
        raise StoreError(_unwritable(store.folder, error)) from None


def _unwritable(folder: Path, error: OSError) -> str:
    return f"{folder}: cannot be written ({error.strerror or error}). Nothing was imported; choose another folder or free some space."


def _write_history(store: Store, changes: Changes) -> None:
    if not changes.former:
        return
    file = store.folder / HISTORY / f"{changes.key}.jsonl"
    file.parent.mkdir(exist_ok=True)
    kept = {json.loads(line)["id"]: line for line in file.read_bytes().splitlines()} if file.exists() else {}
    for patient, line in changes.former.items():
        kept.setdefault(patient, _former(patient, line))
    _replace(file, b"".join(kept[patient] + b"\n" for patient in sorted(kept)))


def _former(patient: str, line: bytes) -> bytes:
    """A replaced record with its hash; the record itself stands there as the text that was hashed."""
    return json.dumps({"id": patient, "sha256": digest(line), "record": line.decode()}, sort_keys=True, ensure_ascii=False).encode()


def _write_rejected(store: Store, changes: Changes) -> None:
    folder = store.folder / REJECTED / changes.key
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    if not changes.rejected:
        return
    for name, content in changes.rejected.items():
        file = aside / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    aside.rename(folder)


def _replace(file: Path, content: bytes) -> None:
    aside = file.with_name(f".{file.name}.part")
    try:
        with aside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def opened_alone(store: Store) -> Iterator[None]:
    """Keeps a second import from the same store while one runs."""
    lock = store.folder.with_name(f".{store.folder.name}.lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(_unwritable(store.folder, error)) from None
    try:
        lock.touch(exist_ok=False)
    except FileExistsError:
        raise StoreError(
            f"{store.folder}: another import is under way, or one was interrupted. If none is, remove {lock} and import again."
        ) from None
    except OSError as error:
        raise StoreError(_unwritable(store.folder, error)) from None
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
