"""Verdicts of a facts table on disk: the same as one by one, in blocks, whole or not at all."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from nelm.cohort.assess import assess_table
from nelm.cohort.compiled import STATUSES, compile_cohort
from nelm.cohort.facts_table import ABOUT, Layout
from nelm.cohort.tables import FactsTable, FactsTableError, open_facts
from nelm.knowledge.base import Knowledge
from tests.cohort.patients import facts_frame, random_patients


@pytest.fixture(scope="module")
def table(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> FactsTable:
    file = tmp_path_factory.mktemp("facts") / "facts.parquet"
    frame = facts_frame(knowledge, random_patients(knowledge, 300, seed=4), centre=["A", "B", None])
    frame.write_parquet(file, metadata=Layout(knowledge.model).metadata())
    return open_facts(file, knowledge)


def test_a_row_per_patient_and_a_column_per_statement(table: FactsTable, knowledge: Knowledge, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    compiled = compile_cohort(knowledge)
    made = assess_table(table, compiled, tmp_path, lambda done, of: seen.append((done, of)))
    verdicts = pl.read_parquet(made.folder / "*.parquet")
    assert seen == [(300, 300)]
    assert verdicts.columns == [*ABOUT, *(statement.key for statement in compiled.statements)]
    assert verdicts["patient"].to_list() == [f"P{number}" for number in range(300)]
    for statement in compiled.statements:
        assert Counter(verdicts[statement.key].to_list()) == made.counts[statement.key]
    occurring = set().union(*made.counts.values())
    assert occurring == set(STATUSES)


def test_blocks_do_not_change_what_is_said(
    table: FactsTable, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = compile_cohort(knowledge, ["nelm-2014"])
    whole = pl.read_parquet(assess_table(table, compiled, tmp_path / "whole").folder / "*.parquet")
    blocks = FactsTable.blocks
    monkeypatch.setattr(FactsTable, "blocks", lambda self, columns: blocks(self, columns, rows=77))
    parts = assess_table(table, compiled, tmp_path / "parts").folder
    assert len(list(parts.glob("part-*.parquet"))) == 4
    assert pl.read_parquet(parts / "*.parquet").equals(whole)


def test_what_was_run_lies_beside_the_verdicts(table: FactsTable, knowledge: Knowledge, tmp_path: Path) -> None:
    made = assess_table(table, compile_cohort(knowledge, ["pnelm-2023"]), tmp_path)
    about = json.loads((made.folder / "verdicts.json").read_text(encoding="utf-8"))
    assert about["guidelines"] == {"pnelm-2023": knowledge.guidelines["pnelm-2023"].guideline.version}
    assert about["rows"] == 300
    assert about["counts"]["pnelm-2023/Q04.R1"] == made.counts["pnelm-2023/Q04.R1"]


def test_a_wrong_value_far_down_leaves_nothing_behind(knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = facts_frame(knowledge, random_patients(knowledge, 40, seed=5))
    wrong = frame.with_columns(primary_site=pl.when(pl.col("patient") == "P33").then(0).otherwise("primary_site").cast(pl.Int16))
    wrong.write_parquet(tmp_path / "facts.parquet")
    blocks = FactsTable.blocks
    monkeypatch.setattr(FactsTable, "blocks", lambda self, columns: blocks(self, columns, rows=10))
    with pytest.raises(FactsTableError, match="patient P33: primary_site: found 0"):
        assess_table(open_facts(tmp_path, knowledge), compile_cohort(knowledge), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["facts.parquet"]
