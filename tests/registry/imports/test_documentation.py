"""docs/registry-import.md, taken at its word: its files and mappings are imported, and give what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_commands import nelm

BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def blocks(root: Path) -> list[tuple[str, str]]:
    return BLOCK.findall((root / "docs" / "registry-import.md").read_text(encoding="utf-8"))


def test_the_two_tables(blocks: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, (_, text) in zip(("patients.csv", "treatments.csv", "mapping.yaml"), blocks[:3], strict=True):
        Path(name).write_text(text, encoding="utf-8")
    result = nelm("registry", "import", "patients.csv", "treatments.csv", "--mapping", "mapping.yaml", "--store", "registry")
    assert result.exit_code == 0, result.output
    for line in blocks[3][1].splitlines():
        assert line in result.output
    records = {record["id"]: record for record in map(json.loads, Path("registry/records.jsonl").read_bytes().splitlines())}
    assert records == {
        "007": {
            "nelm": 1,
            "id": "007",
            "complete": ["treatments"],
            "patient": {"birth_date": "1951-04-12", "sex": "male", "centre": "C01"},
            "tumour": {"diagnosis_date": "2015-02-03", "primary_site": "pancreas", "primary_diameter_mm": 11},
            "specimens": [{"ki67_percent": "<2", "specimen_site": "primary"}],
            "treatments": [
                {"date": "2015-03-20", "treatment_kind": "liver_resection"},
                {"date": "2017-05-02", "treatment_kind": "rfa"},
            ],
        },
        "008": {
            "nelm": 1,
            "id": "008",
            "complete": ["treatments"],
            "patient": {"birth_date": "1948", "sex": "female", "centre": "C01"},
            "tumour": {"diagnosis_date": "2016-11", "primary_site": ["duodenum", "jejunum", "ileum"]},
            "specimens": [{"ki67_percent": "10-15", "specimen_site": "primary"}],
            "treatments": [{"date": "2017-01-15", "treatment_kind": "liver_resection"}],
        },
    }


def test_the_redcap_export(blocks: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, (_, text) in zip(("mapping.yaml", "export.csv"), blocks[4:6], strict=True):
        Path(name).write_text(text, encoding="utf-8")
    result = nelm("registry", "import", "export.csv", "--mapping", "mapping.yaml", "--store", "registry")
    assert result.exit_code == 0, result.output
    assert "Not mapped" not in result.output
    records = {record["id"]: record for record in map(json.loads, Path("registry/records.jsonl").read_bytes().splitlines())}
    assert records == {
        "1": {
            "nelm": 1,
            "id": "1",
            "patient": {"birth_date": "1950-01-01", "sex": "male", "centre": "north"},
            "extrahepatic": [{"date": "2015-02-01", "extrahepatic_sites": ["bone", "lung"]}],
            "treatments": [
                {"date": "2015-03-01", "treatment_kind": "liver_resection"},
                {"date": "2016-03-01", "treatment_kind": "rfa"},
            ],
        },
        "2": {
            "nelm": 1,
            "id": "2",
            "patient": {"birth_date": "1961", "sex": "female", "centre": "south"},
            "extrahepatic": [{"date": "2016-02"}],
        },
    }
