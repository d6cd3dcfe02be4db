"""`nelm registry check` as a function and as a command: what it writes, what it says, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from nelm.cli import registry_check
from nelm.cohort.records.sources import SourceError
from nelm.cohort.records.write_entity_tables import write_entity_tables
from nelm.cohort.tables import OutputError
from nelm.knowledge.base import Knowledge
from nelm.registry.checks.run import TABLES, check_source
from tests.registry.checked import CLOSING, changed, records_of

CASES: dict[str, dict[str, Any]] = {
    "P1": {},
    "P2": {"tumour.icd_o_morphology": "8041"},
    "P3": {"registry.registry_consent": "refused", "patient.centre": "C02"},
    "P4": {"tumour.icd_o_morphology": "8246"},
}

app = typer.Typer()
app.command("check")(registry_check.check)


def lines(folder: Path, cases: dict[str, dict[str, Any]], *more: str) -> Path:
    file = folder / "records.jsonl"
    written = [json.dumps({"id": name, **changed(case)}) for name, case in cases.items()]
    file.write_text("\n".join([*written, *more]) + "\n", encoding="utf-8")
    return file


def test_four_tables(knowledge: Knowledge, tmp_path: Path) -> None:
    made = check_source(lines(tmp_path, CASES), tmp_path / "out", knowledge, CLOSING)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted(TABLES)
    assert (made.records, made.rejected) == (4, 0)
    findings = pl.read_csv(tmp_path / "out" / "findings.csv")
    assert findings.select("patient", "check", "severity").rows() == [
        ("P2", "carcinoma_code_for_a_net", "error"),
        ("P2", "carcinoma_code_with_the_class_of_a_net", "error"),
        ("P4", "unspecified_carcinoma_code_for_a_net", "warning"),
    ]
    entry = pl.read_csv(tmp_path / "out" / "entry.csv")
    assert entry.select("patient", "decision", "reasons").rows() == [
        ("P1", "eligible", ""), ("P2", "eligible", ""), ("P3", "not_eligible", "consent"), ("P4", "eligible", ""),
    ]  # fmt: skip
    assert pl.read_csv(tmp_path / "out" / "duplicates.csv").select("patient", "other").rows() == [("P1", "P2"), ("P1", "P4"), ("P2", "P4")]
    quality = pl.read_csv(tmp_path / "out" / "quality.csv").filter(pl.col("index") == "records with errors")
    assert quality.select("centre", "value").rows() == [("all centres", 25), ("C01", pytest.approx(100 / 3)), ("C02", 0)]


def test_entity_tables_say_the_same(knowledge: Knowledge, tmp_path: Path) -> None:
    write_entity_tables(records_of(CASES, knowledge), tmp_path / "tables", knowledge)
    check_source(tmp_path / "tables", tmp_path / "from tables", knowledge, CLOSING)
    check_source(lines(tmp_path, CASES), tmp_path / "from lines", knowledge, CLOSING)
    for name in TABLES:
        assert (tmp_path / "from tables" / name).read_bytes() == (tmp_path / "from lines" / name).read_bytes(), name


def test_checking_again_gives_the_same_files(knowledge: Knowledge, tmp_path: Path) -> None:
    source = lines(tmp_path, CASES)
    check_source(source, tmp_path / "out", knowledge, CLOSING)
    before = {name: (tmp_path / "out" / name).read_bytes() for name in TABLES}
    check_source(source, tmp_path / "out", knowledge, CLOSING)
    assert before == {name: (tmp_path / "out" / name).read_bytes() for name in TABLES}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out", "records.jsonl"]


def test_a_record_that_cannot_be_read_is_a_finding_and_loses_no_other(knowledge: Knowledge, tmp_path: Path) -> None:
    source = lines(tmp_path, CASES, '{"id": "P9", "patient": {"sex": "fem"}, "tumour": {"diagnosis_date": "1.2.2020"}}', "not json")
    made = check_source(source, tmp_path / "out", knowledge, CLOSING)
    assert (made.records, made.rejected, made.decisions.height) == (6, 2, 4)
    nobody = made.findings.filter(pl.col("patient").is_null())
    assert nobody.select("check", "severity", "field").unique().sort("field").rows() == [
        ("not_permitted", "error", ""), ("not_permitted", "error", "diagnosis_date"), ("not_permitted", "error", "sex"),
    ]  # fmt: skip
    assert all(":5:" in message or ":6:" in message for message in nobody["message"])


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "there is no record in it"), ('{"id": "P9", "patient": {"sex": "fem"}}', "none of the 1 records can be used. The first problem")],
)
def test_a_source_without_a_record(knowledge: Knowledge, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        check_source(lines(tmp_path, {}, text), tmp_path / "out", knowledge, CLOSING)
    assert not (tmp_path / "out").exists()


def test_somebody_twice(knowledge: Knowledge, tmp_path: Path) -> None:
    source = lines(tmp_path, {"P1": {}}, json.dumps({"id": "P1", **changed({})}))
    with pytest.raises(SourceError, match="'P1' stands there twice"):
        check_source(source, tmp_path / "out", knowledge, CLOSING)


def test_a_folder_that_holds_something_else_is_left_alone(knowledge: Knowledge, tmp_path: Path) -> None:
    source = lines(tmp_path, CASES)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("long", encoding="utf-8")
    for folder in (tmp_path / "mine", tmp_path):
        with pytest.raises(OutputError, match="something else than tables of checks"):
            check_source(source, folder, knowledge, CLOSING)
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "long"


# -- the command ------------------------------------------------------------------------------------------------


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "160"})
    return done.exit_code, done.output


def test_the_command(tmp_path: Path) -> None:
    code, said = run(lines(tmp_path, CASES), "--output", tmp_path / "out", "--closing", "2025-12-31", "--workers", 1)
    assert code == 0, said
    assert said.startswith(
        "4 of 4 records could be read, complete to 2025-12-31. Entry by nelm-registry-entry 1.0.0, checks by nelm-registry-checks"
    )
    assert "3 pairs of records of one centre may be of one person." in said
    assert said.rstrip().endswith(str(tmp_path / "out"))


@pytest.mark.parametrize(
    ("closing", "name", "message"),
    [
        ("31.12.2025", "records.jsonl", "--closing: found '31.12.2025'. Permitted: year-month-day, for example 2025-12-31."),
        ("2025-12-31", "recods.jsonl", "there is no such file or folder"),
    ],
)
def test_what_the_command_refuses(tmp_path: Path, closing: str, name: str, message: str) -> None:
    lines(tmp_path, CASES)
    code, said = run(tmp_path / name, "--output", tmp_path / "out", "--closing", closing, "--workers", 1)
    assert (code, message in said.replace("\n", "")) == (2, True), said
    assert not (tmp_path / "out").exists()
