"""Opening a freeze: whatever differs from what was written is said, and nothing is computed from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.registry.freeze.manifest import FreezeError
from nelm.registry.freeze.open import Freeze, open_freeze


def test_what_was_written_opens(freeze: Freeze, knowledge: Knowledge) -> None:
    told: list[tuple[int, int | None]] = []
    opened = open_freeze(freeze.folder, knowledge, lambda done, of: told.append((done, of)))
    assert opened.id == freeze.id
    assert opened.same_content
    assert opened.label == f"Freeze {freeze.id}, closed on 2025-12-31"
    assert told[-1] == (len(opened.manifest.files), len(opened.manifest.files))
    assert opened.facts("facts").height == opened.rows("facts")
    assert opened.settings.settings.name == "Synthetic registry"


def _flip(folder: Path) -> None:
    file = folder / "facts.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


def _manifest(folder: Path, **changes: object) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | changes), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_flip, r"facts.parquet: was changed \(SHA-256"),
        (lambda folder: (folder / "entry.parquet").unlink(), "entry.parquet: is missing"),
        (lambda folder: (folder / "more.csv").write_text("x"), "more.csv: was added"),
        (lambda folder: _manifest(folder, registry="Another"), "manifest.json: was changed"),
        (lambda folder: _manifest(folder, id="0" * 16), "manifest.json: was changed"),
        (lambda folder: _manifest(folder, format=2), "found the format 2"),
        (lambda folder: _manifest(folder, files=3), "does not hold the fields of a manifest"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), r"found the format \[\]"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "is not JSON"),
        (lambda folder: (folder / "manifest.json").unlink(), "cannot be read"),
    ],
)
def test_what_was_changed_is_refused(copied: Path, knowledge: Knowledge, spoil: Callable[[Path], object], message: str) -> None:
    open_freeze(copied, knowledge)
    spoil(copied)
    with pytest.raises(FreezeError, match=message):
        open_freeze(copied, knowledge)


def test_only_the_first_differences_are_listed(copied: Path, knowledge: Knowledge) -> None:
    for number in range(8):
        (copied / f"added-{number}").write_text("x")
    with pytest.raises(FreezeError, match="and 3 more"):
        open_freeze(copied, knowledge)


def test_the_time_at_which_it_was_made_is_no_part_of_the_id(copied: Path, knowledge: Knowledge) -> None:
    _manifest(copied, made="2030-01-01T00:00:00+00:00")
    assert open_freeze(copied, knowledge).manifest.made.startswith("2030")


def test_other_content_is_noticed(copied: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nelm.registry.freeze.open.content_digest", lambda: "other")
    assert not open_freeze(copied, knowledge).same_content
