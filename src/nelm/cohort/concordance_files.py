"""The outcomes of a comparison as files: every treatment with its reasons, and the totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from nelm.cohort.concordance import Comparing, Concordance
from nelm.cohort.tables import written_aside

FOLDER = "concordance"
ROWS_OF_A_PART = 200_000
TOTALS: dict[str, tuple[str, ...]] = {"totals": (), "by-treatment": ("term",), "by-centre": ("centre",), "by-year": ("year",)}


def write_concordance(comparing: Comparing, blocks: Iterable[pl.DataFrame], output: Path, suppress_below: int | None = None) -> Concordance:
    """Write `output`/concordance: totals as CSV and, unless small numbers are held back, the single outcomes as Parquet.

    Raises OutputError where it cannot be written; what was there before is left then.
    """
    with written_aside(output / FOLDER) as folder:
        if suppress_below is None:
            parts = _Parts(folder)
            found = comparing.run(blocks, parts.add)
            parts.write()
        else:
            found = comparing.run(blocks)
        for name, by in TOTALS.items():
            found.totals(by, suppress_below).write_csv(folder / f"{name}.csv")
        found.recommended_not_given(suppress_below).write_csv(folder / "recommended-not-given.csv")
    return found


@dataclass
class _Parts:
    """Collects the outcomes, which come a few at a time, into files of some size."""

    folder: Path
    _kept: list[pl.DataFrame] = field(default_factory=list)
    _rows: int = 0
    _written: int = 0

    def add(self, outcomes: pl.DataFrame) -> None:
        if outcomes.height:
            self._kept.append(outcomes)
            self._rows += outcomes.height
        if self._rows >= ROWS_OF_A_PART:
            self.write()

    def write(self) -> None:
        if self._kept:
            self._written += 1
            pl.concat(self._kept).write_parquet(self.folder / f"treatments-{self._written:05d}.parquet")
            self._kept, self._rows = [], 0
