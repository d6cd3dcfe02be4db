"""Opening a freeze: every file is held against its hash first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nelm.cohort.tables import FactsTable, open_facts
from nelm.knowledge.base import Knowledge
from nelm.registry.freeze.manifest import MANIFEST, FreezeError, Manifest, content_digest, file_entry, read_manifest
from nelm.registry.settings import ReadSettings, read_settings

MOST_SHOWN = 5
Told = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Freeze:
    """A freeze whose files are those that were written."""

    folder: Path
    manifest: Manifest
    knowledge: Knowledge

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def label(self) -> str:
        """How tables and figures name it."""
        return f"Freeze {self.id}, closed on {self.manifest.closing}"

    @property
    def settings(self) -> ReadSettings:
        return read_settings(self.folder / "settings" / "registry.yaml")

    @property
    def same_content(self) -> bool:
        """Whether the content of today is the one that it was made with."""
        return self.manifest.content["digest"] == content_digest()

    def rows(self, name: str) -> int:
        """How many rows a table has; 0 for one that was not written."""
        entry = self.manifest.files.get(f"{name}.parquet")
        return 0 if entry is None or entry.rows is None else entry.rows

    def facts(self, name: str) -> FactsTable:
        """One of the facts tables, see `nelm.registry.freeze.write`. Raises FactsTableError for one made with another dictionary."""
        return open_facts(self.folder / f"{name}.parquet", self.knowledge)

    def table(self, name: str) -> pl.DataFrame:
        """A table that is no facts table, such as `entry`."""
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def entities(self, key: str) -> pl.DataFrame | None:
        """The entries of a list of the records as they were written; None where no record has one."""
        file = self.folder / "entities" / f"{key}.parquet"
        return pl.read_parquet(file) if file.is_file() else None


def open_freeze(folder: Path, knowledge: Knowledge, told: Told | None = None) -> Freeze:
    """A freeze, verified: the id is that of its manifest, and every file has its hash. `told` hears how many files are done.

    Raises FreezeError with everything that differs.
    """
    manifest = read_manifest(folder)
    wrong = list(_differences(folder, manifest, told))
    if wrong:
        shown = "\n".join(f"  {line}" for line in wrong[:MOST_SHOWN])
        more = f"\n  and {len(wrong) - MOST_SHOWN} more" if len(wrong) > MOST_SHOWN else ""
        raise FreezeError(
            f"{folder}: this is not the freeze that was made:\n{shown}{more}\n"
            "Nothing was computed from it. Take the freeze from where it is kept, or make another from the records."
        )
    return Freeze(folder, manifest, knowledge)


def _differences(folder: Path, manifest: Manifest, told: Told | None) -> list[str]:
    found = [] if manifest.id == manifest.identified() else [f"{MANIFEST}: was changed; its id is not that of what it says"]
    present = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {MANIFEST}
    found += [f"{name}: was added" for name in sorted(present - manifest.files.keys())]
    for number, (name, entry) in enumerate(manifest.files.items(), start=1):
        if name not in present:
            found.append(f"{name}: is missing")
        elif (now := file_entry(folder / name)).sha256 != entry.sha256:
            found.append(f"{name}: was changed (SHA-256 {now.sha256[:12]}…, written was {entry.sha256[:12]}…)")
        if told is not None:
            told(number, len(manifest.files))
    return found
