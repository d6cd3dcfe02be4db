"""A Parquet table too large for memory: written in parts, then joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

PART_ROWS = 50_000


class Parts:
    """Rows gathered into parts of a folder of their own, and joined at the end.

    Memory holds one part. Raises OSError where a part cannot be written.
    """

    def __init__(self, folder: Path, schema: Mapping[str, pl.DataType]) -> None:
        self.schema = schema
        self.rows = 0
        self._folder = folder
        self._files: list[Path] = []
        self._waiting: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        self._waiting.append(frame)
        self.rows += frame.height
        if sum(waiting.height for waiting in self._waiting) >= PART_ROWS:
            self._write()

    def join(self, target: Path, metadata: Mapping[str, str] | None = None) -> None:
        """All rows, in the order in which they came, as one file; the parts are removed."""
        self._write()
        whole = pl.scan_parquet(self._files) if self._files else pl.LazyFrame(schema=self.schema)
        with _writing():
            whole.sink_parquet(target, row_group_size=PART_ROWS, metadata=dict(metadata or {}))
        for file in self._files:
            file.unlink()
        if self._files:
            self._folder.rmdir()

    def _write(self) -> None:
        if not self._waiting:
            return
        self._folder.mkdir(exist_ok=True)
        file = self._folder / f"part-{len(self._files):06d}.parquet"
        with _writing():
            pl.concat(self._waiting).write_parquet(file)
        self._files.append(file)
        self._waiting = []


@contextmanager
def _writing() -> Iterator[None]:
    """Polars reports a full disk as a table that cannot be made; it is an error of the file."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error).rpartition("IO error: ")[2]) from None
