"""Freezing: what is held is what the records say, the same again gives the same, and nothing is overwritten or left half done."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from nelm.cohort.records.moments import OnDay, moment_of
from nelm.cohort.records.sources import SourceError
from nelm.cohort.records.to_facts import facts_table_from
from nelm.epidemiology.life_table import LifeTableError
from nelm.knowledge.base import Knowledge
from nelm.registry.freeze.manifest import FreezeError, file_entry, read_manifest
from nelm.registry.freeze.open import Freeze
from nelm.registry.freeze.write import Wanted, write_freeze
from nelm.registry.population import PopulationError
from nelm.registry.settings import ReadSettings, read_settings
from tests.registry.conftest import MADE, PATIENTS


@pytest.fixture
def few(tmp_path: Path, records: Path) -> Path:
    """The first twelve records, with their settings."""
    folder = tmp_path / "few"
    folder.mkdir()
    lines = records.read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "records.jsonl").write_text("".join(lines[:12]), encoding="utf-8")
    for name in ("registry.yaml", "population.csv", "life_table.csv"):
        (folder / name).write_bytes((records.parent / name).read_bytes())
    return folder


def settings_in(folder: Path) -> ReadSettings:
    return read_settings(folder / "registry.yaml")


def test_a_freeze_holds_the_facts_that_the_records_give(tmp_path: Path, freeze: Freeze, records: Path, knowledge: Knowledge) -> None:
    """The same tables as 'nelm cohort facts' makes, one moment at a time."""
    for name, moment in (
        ("facts", OnDay(date(2025, 12, 31))),
        ("baseline", moment_of("liver_metastases_first_seen+90", knowledge)),
        ("decisions", moment_of("each:treatments", knowledge)),
        ("followed", moment_of(None, knowledge)),
    ):
        made = facts_table_from(records, tmp_path / f"{name}.parquet", knowledge, moment)
        assert pl.read_parquet(made.path).equals(pl.read_parquet(freeze.folder / f"{name}.parquet"))
        assert freeze.rows(name) == made.rows > 0
        assert freeze.manifest.moments[name] == moment.name


def test_the_entities_are_the_records_again(tmp_path: Path, freeze: Freeze, records: Path, knowledge: Knowledge) -> None:
    """Facts made from the entity tables of the freeze are those of the records."""
    again = facts_table_from(freeze.folder / "entities", tmp_path / "again.parquet", knowledge, OnDay(freeze.manifest.closing))
    assert pl.read_parquet(again.path).sort("patient").equals(pl.read_parquet(freeze.folder / "facts.parquet").sort("patient"))
    assert freeze.entities("treatments") is not None
    assert freeze.entities("nothing") is None


def test_every_patient_has_a_decision_and_verdicts(freeze: Freeze) -> None:
    assert freeze.table("entry").height == PATIENTS
    assert set(freeze.table("entry")["decision"].cast(pl.String).unique()) == {"eligible", "not_eligible", "undetermined"}
    assert pl.read_parquet(freeze.folder / "verdicts" / "*.parquet").height == PATIENTS


def test_the_manifest_says_what_it_was_made_from(freeze: Freeze, records: Path) -> None:
    manifest = read_manifest(freeze.folder)
    assert manifest.sources == {"records.jsonl": file_entry(records)}
    assert manifest.counts == {"records": PATIENTS, "rejected": 0}
    assert manifest.synthetic_records == PATIENTS
    assert manifest.made == "2026-01-31T12:00:00+00:00"
    assert manifest.id == manifest.identified() == freeze.id
    assert {"nelm", "python", "polars"} <= manifest.software.keys()
    assert {"digest", "annual report", "guideline nelm-2014"} <= manifest.content.keys()
    assert str(records.parent) not in json.dumps(manifest.as_json())
    on_disk = {file.relative_to(freeze.folder).as_posix() for file in freeze.folder.rglob("*") if file.is_file()}
    assert on_disk == {*manifest.files, "manifest.json"}


def test_the_files_cannot_be_written_to(freeze: Freeze) -> None:
    assert all(file.stat().st_mode & 0o222 == 0 for file in freeze.folder.rglob("*") if file.is_file())


def test_the_same_records_give_the_same_id_at_any_time_with_any_number_of_processes(
    tmp_path: Path, few: Path, knowledge: Knowledge
) -> None:
    wanted = (Wanted(now=MADE), Wanted(now=datetime(2027, 1, 1, tzinfo=UTC), workers=2))
    one, two = (
        write_freeze(few / "records.jsonl", tmp_path / f"freeze-{number}", knowledge, settings_in(few), each)
        for number, each in enumerate(wanted)
    )
    assert one.id == two.id
    assert one.manifest.made != two.manifest.made


@pytest.mark.parametrize("changed", ["records.jsonl", "registry.yaml", "life_table.csv"])
def test_whatever_changes_gives_another_id(tmp_path: Path, few: Path, knowledge: Knowledge, changed: str) -> None:
    one = write_freeze(few / "records.jsonl", tmp_path / "one", knowledge, settings_in(few), Wanted(now=MADE))
    text = (few / changed).read_text(encoding="utf-8")
    changes = {"records.jsonl": text[: text.rindex("\n", 0, -1) + 1], "registry.yaml": text.replace("2025-12-31", "2025-12-30")}
    (few / changed).write_text(changes.get(changed, text.replace("1.1055714e-05", "1.1e-05")), encoding="utf-8")
    two = write_freeze(few / "records.jsonl", tmp_path / "two", knowledge, settings_in(few), Wanted(now=MADE))
    assert one.id != two.id


def test_records_that_cannot_be_used_are_counted_and_named(tmp_path: Path, few: Path, knowledge: Knowledge) -> None:
    lines = (few / "records.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    lines[3] = lines[3].replace('"sex":"', '"sex":"no such ')
    lines[5] = "{\n"
    (few / "records.jsonl").write_text("".join(lines), encoding="utf-8")
    made = write_freeze(few / "records.jsonl", tmp_path / "freeze", knowledge, settings_in(few), Wanted(now=MADE))
    assert made.manifest.counts == {"records": 12, "rejected": 2}
    rejected = [json.loads(line) for line in (made.folder / "rejected.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [item["line"] for item in rejected] == [4, 6]
    assert made.rows("facts") == 10


def test_a_freeze_is_never_overwritten(freeze: Freeze, records: Path, knowledge: Knowledge) -> None:
    with pytest.raises(FreezeError, match="is there already, and a freeze is never overwritten"):
        write_freeze(records, freeze.folder, knowledge, read_settings(records.parent / "registry.yaml"), Wanted())


@pytest.mark.parametrize(
    ("file", "text", "error", "message"),
    [
        ("population.csv", "year,sex,age_from,persons\n2020,male,0,-1\n2020,female,0,5\n", PopulationError, "persons is -1"),
        (
            "population.csv",
            "year,sex,age_from,persons\n2020,male,0,5\n2020,female,0,5\n",
            PopulationError,
            "age groups are wanted that begin at 5",
        ),
        ("life_table.csv", "age,year,sex,haz_per_day\n0,2000,male,0.5\n", LifeTableError, "is 0.5 per day"),
        ("records.jsonl", "{\n", SourceError, "none of the 1 records can be used"),
    ],
)
def test_what_cannot_be_used_leaves_nothing(
    tmp_path: Path, few: Path, knowledge: Knowledge, file: str, text: str, error: type[Exception], message: str
) -> None:
    (few / file).write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        write_freeze(few / "records.jsonl", tmp_path / "freeze", knowledge, settings_in(few), Wanted())
    assert [file.name for file in tmp_path.iterdir()] == ["few"]


def test_a_life_table_in_another_encoding_is_refused(tmp_path: Path, few: Path, knowledge: Knowledge) -> None:
    (few / "life_table.csv").write_bytes("âge,year,sex,haz_per_day\n".encode("latin-1"))
    with pytest.raises(LifeTableError, match="is not UTF-8 text"):
        write_freeze(few / "records.jsonl", tmp_path / "freeze", knowledge, settings_in(few), Wanted())


def test_a_registry_without_population_and_life_table(tmp_path: Path, few: Path, knowledge: Knowledge) -> None:
    found = settings_in(few)
    bare = replace(found, settings=replace(found.settings, population=None, life_table=None))
    made = write_freeze(few / "records.jsonl", tmp_path / "freeze", knowledge, bare, Wanted())
    assert [name for name in made.manifest.files if name.startswith("settings/")] == ["settings/registry.yaml"]
