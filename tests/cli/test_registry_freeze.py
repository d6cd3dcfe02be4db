"""`nelm registry freeze` and `report`, and `nelm cohort simulate --registry`: what they say and where they write."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from nelm.cli.main import app


def run(*arguments: str | Path) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return found.exit_code, found.stdout, found.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred made-up patients, and their freeze."""
    folder = tmp_path_factory.mktemp("registry")
    records = folder / "records.jsonl"
    code, out, _ = run("cohort", "simulate", "-n", "100", "--seed", "3", "--registry", "-o", records, "--workers", "1")
    assert code == 0
    assert "population.csv" in out
    code, out, _ = run("registry", "freeze", records, "-o", folder / "freeze", "--workers", "1")
    assert code == 0
    assert f"100 records, {len(json.loads((folder / 'freeze' / 'manifest.json').read_text())['files'])} files" in out
    return folder


def test_from_records_to_the_report(folder: Path, tmp_path: Path) -> None:
    code, out, _ = run("registry", "report", folder / "freeze", "-o", tmp_path / "report")
    assert code == 0
    freeze = json.loads((folder / "freeze" / "manifest.json").read_text())["id"]
    assert (tmp_path / "report" / "report.pdf").read_bytes().startswith(b"%PDF")
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert page.count(freeze) > 20
    assert "SYNTHETIC DATA" in page
    assert str(tmp_path / "report" / "report.html") in out
    assert len(list((tmp_path / "report" / "tables").glob("*.csv"))) > 10


def test_a_freeze_that_was_changed_gives_no_report(folder: Path, tmp_path: Path) -> None:
    manifest = folder / "freeze" / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.chmod(0o644)
    try:
        manifest.write_text(text.replace("Synthetic registry", "Another registry"), encoding="utf-8")
        code, _, err = run("registry", "report", folder / "freeze", "-o", tmp_path / "report")
    finally:
        manifest.write_text(text, encoding="utf-8")
    assert code != 0
    assert "this is not the freeze that was made" in err
    assert not (tmp_path / "report").exists()


def test_what_is_missing_is_asked_for(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "records.jsonl").write_bytes((folder / "records.jsonl").read_bytes())
    code, _, err = run("registry", "freeze", tmp_path / "records.jsonl", "-o", tmp_path / "freeze")
    assert code != 0
    assert "there are no settings of the registry" in err
    code, _, err = run("registry", "report", tmp_path, "-o", tmp_path / "report")
    assert code != 0
    assert "Name the folder that 'nelm registry freeze' made" in err
    code, _, err = run("cohort", "simulate", "-n", "1", "--registry")
    assert code != 0
    assert "Say where with --output" in err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["records.jsonl"]


def test_what_was_imported_can_be_frozen(folder: Path, tmp_path: Path) -> None:
    """The records of a store are those that came in, so the freeze holds the same facts."""
    code, _, _ = run("registry", "import", folder / "records.jsonl", "--store", tmp_path / "store")
    assert code == 0
    for name in ("registry.yaml", "population.csv", "life_table.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    code, out, _ = run("registry", "freeze", tmp_path / "store", "-o", tmp_path / "freeze", "--workers", "1")
    assert code == 0
    assert "100 records" in out
    ours, theirs = (pl.read_parquet(root / "freeze" / "facts.parquet").sort("patient") for root in (tmp_path, folder))
    assert ours.equals(theirs)


def test_a_freeze_is_not_overwritten(folder: Path) -> None:
    code, _, err = run("registry", "freeze", folder / "records.jsonl", "-o", folder / "freeze")
    assert code != 0
    assert "a freeze is never overwritten" in err
