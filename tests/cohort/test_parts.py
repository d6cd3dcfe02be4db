"""A table in parts: joined in order, and a full disk is an error of the file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from nelm.cohort.records import parts
from nelm.cohort.records.parts import Parts

SCHEMA: dict[str, pl.DataType] = {"number": pl.Int64()}


@pytest.mark.parametrize("heights", [[], [0], [3], [2, 2, 0, 2], [7, 1]])
def test_parts_are_joined_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heights: list[int]) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 3)
    table, numbers = Parts(tmp_path / "parts", SCHEMA), iter(range(100))
    for height in heights:
        table.add(pl.DataFrame({"number": [next(numbers) for _ in range(height)]}, schema=SCHEMA))
    table.join(tmp_path / "whole.parquet", {"made": "here"})
    assert pl.read_parquet(tmp_path / "whole.parquet")["number"].to_list() == list(range(sum(heights)))
    assert pl.read_parquet_metadata(tmp_path / "whole.parquet")["made"] == "here"
    assert table.rows == sum(heights)
    assert [path.name for path in tmp_path.iterdir()] == ["whole.parquet"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk(tmp_path: Path) -> None:
    table = Parts(tmp_path / "parts", SCHEMA)
    table.add(pl.DataFrame({"number": [1]}, schema=SCHEMA))
    with pytest.raises(OSError, match=r"^No space left on device"):
        table.join(Path("/dev/full"))
