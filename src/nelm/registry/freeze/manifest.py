"""What a freeze says of itself (`manifest.json`): what it was made from and with, what it holds, and the hash of every file.

The id of a freeze is the beginning of the SHA-256 of all this but the time at which it was made: the same sources, settings,
content and software give the same id.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

import nelm
from nelm.knowledge.store import content_root

FORMAT = 1
MANIFEST = "manifest.json"
ID_LENGTH = 16
PIECE_BYTES = 1 << 20


class FreezeError(Exception):
    """A freeze that cannot be made or trusted: what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class FileEntry:
    """A file of a freeze, or one that it was made from: SHA-256, bytes, and rows where it is a table."""

    sha256: str
    bytes: int
    rows: int | None = None


@dataclass(frozen=True)
class Manifest:
    """The manifest of a freeze. `content` and `software` hold versions and digests by name, `moments` as of when each table is."""

    registry: str
    closing: date
    synthetic_records: int
    sources: Mapping[str, FileEntry]
    software: Mapping[str, str]
    content: Mapping[str, str]
    moments: Mapping[str, str]
    counts: Mapping[str, int]
    files: Mapping[str, FileEntry]
    made: str = ""
    format: int = FORMAT
    id: str = field(default="")

    def identified(self) -> str:
        """The id that follows from everything else."""
        data = self.as_json()
        del data["made"], data["id"]
        return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:ID_LENGTH]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"closing": self.closing.isoformat()}


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a freeze, as it is written. Raises FreezeError where there is none, or none that can be understood."""
    file = folder / MANIFEST
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FreezeError(
            f"{file}: cannot be read ({error.strerror or error}). Name the folder that 'nelm registry freeze' made."
        ) from None
    except ValueError:
        raise FreezeError(f"{file}: is not JSON, so the freeze was changed after it was made. Take it from where it is kept.") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else data
        raise FreezeError(f"{file}: found the format {found!r}. Permitted: {FORMAT}. Open it with the NELM that made it, or freeze anew.")
    try:
        entries = {key: {name: FileEntry(**entry) for name, entry in data[key].items()} for key in ("sources", "files")}
        return Manifest(**{**data, **entries, "closing": date.fromisoformat(data["closing"])})
    except (TypeError, ValueError, KeyError, AttributeError):
        raise FreezeError(f"{file}: does not hold the fields of a manifest, so it was changed after it was made.") from None


def file_entry(file: Path, rows: int | None = None) -> FileEntry:
    """The hash and size of a file."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
    return FileEntry(digest.hexdigest(), size, rows)


def rows_of(file: Path) -> int | None:
    """How many rows a table has; None for another file."""
    return int(pl.scan_parquet(file).select(pl.len()).collect().item()) if file.suffix == ".parquet" else None


def software_versions() -> dict[str, str]:
    """What computes: NELM, Python and the library of the tables."""
    return {"nelm": nelm.__version__, "python": platform.python_version(), "polars": pl.__version__}


def content_digest() -> str:
    """One hash over every file of the content, by name."""
    root, digest = content_root(), hashlib.sha256()
    for file in sorted(root.rglob("*.yaml")):
        digest.update(f"{file.relative_to(root).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
