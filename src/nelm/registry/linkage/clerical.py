"""Decisions that a person has made on pairs: read from a file, with who and when, and never made by the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from nelm.registry.tables.delimited_rows import Rows, open_delimited

COLUMNS = ("ours", "theirs", "decision", "decided_by", "decided_on")
OPTIONAL = ("reason",)
PERMITTED = ("link", "no link")


class NotDecidable(ValueError):
    """A clerical decision that cannot be followed: where, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class ClericalDecision:
    """What a person decided on a pair."""

    decision: Literal["link", "no link"]
    by: str
    on: date
    reason: str = ""

    @property
    def in_words(self) -> str:
        said = f"Decided by {self.by} on {self.on.isoformat()}"
        return f"{said}: {self.reason}" if self.reason else f"{said}."


@dataclass(frozen=True)
class Clerical:
    """The decisions of a file by pair."""

    file: str
    decisions: Mapping[tuple[str, str], ClericalDecision]


def read_clerical(file: Path, *, separator: str | None = None) -> Clerical:
    """The decisions of a CSV file with the columns `ours`, `theirs`, `decision`, `decided_by`, `decided_on`, and `reason` if wanted.

    The rows of `review.csv` without a decision are passed over. Raises NotDecidable for a missing column, another word than "link" or
    "no link", a decision without who or when, a pair decided twice, and two links of one person; DelimitedError for an unreadable file.
    """
    opened = open_delimited(file, separator=separator)
    missing = [name for name in COLUMNS if name not in opened.header]
    if missing:
        raise NotDecidable(f"{file}: these columns are missing: {', '.join(missing)}. Needed: {', '.join(COLUMNS)}; also read: reason.")
    rows = opened.whole()
    if rows.rejected:
        raise NotDecidable(f"{rows.rejected[0]} Correct the row; no decision was taken over.")
    found: dict[tuple[str, str], ClericalDecision] = {}
    linked: dict[tuple[str, str], int] = {}
    for line, row in _rows(rows):
        pair = row["ours"], row["theirs"]
        decided = _decision(f"{file}:{line}", row)
        if pair in found:
            raise NotDecidable(f"{file}:{line}: {pair[0]} and {pair[1]} are decided twice. Keep the decision that holds.")
        found[pair] = decided
        for person in (("ours", pair[0]), ("theirs", pair[1])) if decided.decision == "link" else ():
            if person in linked:
                raise NotDecidable(
                    f"{file}:{line}: {person[1]} is linked here and in line {linked[person]}. One person is one person; keep one of the links."
                )
            linked[person] = line
    return Clerical(str(file), found)


def _rows(rows: Rows) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows that hold a decision, with their lines."""
    for line, row in zip(rows.lines.to_list(), rows.cells.iter_rows(named=True), strict=True):
        texts = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *OPTIONAL)}
        if texts["decision"]:
            yield line, texts


def _decision(where: str, row: Mapping[str, str]) -> ClericalDecision:
    for name in ("ours", "theirs", "decided_by", "decided_on"):
        if not row[name]:
            raise NotDecidable(f"{where}: {name}: found nothing. A decision needs the pair, who made it and on which day.")
    if row["decision"] not in PERMITTED:
        raise NotDecidable(f"{where}: decision: found {row['decision']!r}. Permitted: {', '.join(PERMITTED)}, or nothing.")
    try:
        on = date.fromisoformat(row["decided_on"])
    except ValueError:
        raise NotDecidable(
            f"{where}: decided_on: found {row['decided_on']!r}. Permitted: year-month-day, for example 2024-03-12."
        ) from None
    return ClericalDecision("link" if row["decision"] == "link" else "no link", row["decided_by"], on, row["reason"])
