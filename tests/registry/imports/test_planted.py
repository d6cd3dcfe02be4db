"""Planted mistakes: each is found at its line and field, and no good row is lost."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.registry.imports.run import Imported, import_records
from tests.registry.planted import HEADER, MAPPING, Planted, planted

ROWS = 3_000


@pytest.fixture(scope="module")
def table() -> Planted:
    return planted(ROWS)


@pytest.fixture(scope="module")
def folder(table: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    (folder / "planted.csv").write_text(table.text, encoding="utf-8")
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(folder: Path, knowledge: Knowledge) -> Imported:
    return import_records([folder / "planted.csv"], folder / "store", knowledge, mapping_file=folder / "mapping.yaml")


def test_every_planted_mistake_is_found_at_its_line_and_field_and_nothing_else(table: Planted, made: Imported) -> None:
    assert len(set(table.mistakes.values())) >= 15
    assert {(item.line, item.field) for item in made.rejected} == set(table.mistakes)


def test_no_good_row_is_lost_and_none_is_changed(table: Planted, made: Imported, folder: Path) -> None:
    records = {record["id"]: record for record in map(json.loads, (folder / "store" / "records.jsonl").read_bytes().splitlines())}
    assert records.keys() == table.good.keys()
    for patient, cells in table.good.items():
        record = records[patient]
        assert record["tumour"]["diagnosis_date"] == "-".join(reversed(cells["DXDAT"].split(".")))
        assert record["patient"].get("sex") == {"1": "male", "2": "female"}.get(cells["SEX"])
        assert record["specimens"][0].get("ki67_percent") == {
            "1,5": 1.5, "2": 2, "<2": "<2", "3-5": "3-5", ">20": ">20", "12,25": 12.25, "NK": None, "": None,
        }[cells["KI67"]]  # fmt: skip
        assert record["tumour"].get("primary_diameter_mm") == {
            "1,1": 11, "2": 20, "0,8": 8, "<2": "<20", "1,5-2,5": "15-25", "14 mm": 14, "99": None, "": None,
        }[cells["SIZE_CM"]]  # fmt: skip
        note = next(csv.reader([cells["NOTIZ"]], delimiter=";"), [""]) if "\n" not in cells["NOTIZ"] else [cells["NOTIZ"][1:-1]]
        assert record["specimens"][0].get("note", "") == (note[0] if note else "")
    assert made.counts.records_in_store == made.counts.records_new == len(table.good)


def test_the_rejected_rows_can_be_corrected_and_imported(table: Planted, made: Imported, folder: Path, knowledge: Knowledge) -> None:
    assert made.rejected_folder is not None
    given_back = (made.rejected_folder / "rejected_rows" / "planted.csv").read_text(encoding="utf-8")
    source = table.text.split("\n")
    assert given_back == "\n".join([";".join(HEADER), *(source[line - 1] for line in sorted({line for line, _ in table.mistakes}))]) + "\n"
    again = folder / "again"
    again.mkdir()
    (again / "planted.csv").write_text(given_back, encoding="utf-8")
    second = import_records([again], folder / "store-again", knowledge, mapping_file=folder / "mapping.yaml")
    assert (second.counts.records_new, second.counts.mistakes) == (0, made.counts.mistakes)


def test_the_list_of_what_is_rejected(made: Imported) -> None:
    assert made.rejected_folder is not None
    with (made.rejected_folder / "rejected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["line"]), row["field"]) for row in rows] == sorted((item.line, item.field) for item in made.rejected)
    assert all(row["reason"] for row in rows)
    wrong = next(row for row in rows if row["found"] == "140")
    assert {name: wrong[name] for name in ("source", "field", "element", "reason", "permitted")} == {
        "source": "planted.csv",
        "field": "KI67",
        "element": "ki67_percent",
        "reason": "140 % is not permitted.",
        "permitted": "at least 0 and at most 100 %. Correct it, or leave it out if it is not known",
    }
