"""`nelm cohort` as a user meets it: from made-up records to answers, and how each command ends when something is wrong."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import polars as pl
import pytest

from nelm.cohort.compiled import STATUSES
from tests.cli.test_commands import nelm


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with records, their facts, and the facts before each treatment."""
    folder = tmp_path_factory.mktemp("cohort")
    assert nelm("cohort", "simulate", "--patients", 60, "--seed", 3, "--output", folder / "records.jsonl", "--workers", 1).exit_code == 0
    for file, more in (("facts.parquet", ()), ("decisions.parquet", ("--at", "each:treatments"))):
        made = nelm("cohort", "facts", folder / "records.jsonl", "--output", folder / file, "--workers", 1, *more)
        assert made.exit_code == 0, made.output
    return folder


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_records_are_printed_where_no_file_is_named() -> None:
    result = nelm("cohort", "simulate", "--patients", 3, "--seed", 1)
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["kind"] for record in records] == ["synthetic"] * 3


def test_every_row_says_that_it_is_made_up(cohort: Path) -> None:
    for name in ("facts.parquet", "decisions.parquet"):
        assert pl.read_parquet(cohort / name)["synthetic"].all()


def test_facts_from_standard_input(cohort: Path, tmp_path: Path) -> None:
    """The commands can be joined: `nelm cohort simulate | nelm cohort facts -`."""
    import subprocess

    lines = (cohort / "records.jsonl").read_bytes()
    command = [sys.executable, "-m", "nelm.cli.main", "cohort", "facts", "-", "--output", str(tmp_path / "facts.parquet"), "--workers", "1"]
    done = subprocess.run(command, input=lines, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert pl.read_parquet(tmp_path / "facts.parquet").equals(pl.read_parquet(cohort / "facts.parquet"))


def test_assess_writes_a_status_per_patient_and_statement(cohort: Path, tmp_path: Path) -> None:
    result = nelm("cohort", "assess", cohort / "facts.parquet", "--output", tmp_path, "--guideline", "pnelm-2023")
    assert result.exit_code == 0
    assert "60 rows" in result.output
    verdicts = pl.read_parquet(tmp_path / "verdicts" / "*.parquet")
    assert verdicts.height == 60
    assert set(verdicts["pnelm-2023/Q04.R1"]) <= set(STATUSES)


def test_summarise_counts_every_patient(cohort: Path, tmp_path: Path) -> None:
    result = nelm("cohort", "summarise", cohort / "facts.parquet", "--by", "grade", "--output", tmp_path)
    assert result.exit_code == 0
    for row in rows(tmp_path / "summary.csv"):
        assert sum(int(row[word]) for word in STATUSES if word in row) == 60
    groups = {row["grade"] for row in rows(tmp_path / "summary-by-grade.csv")}
    assert groups <= {"Grade 1", "Grade 2", "Grade 3", "not known"}
    assert "no conditions" in result.output


def test_small_numbers_are_held_back_on_request(cohort: Path, tmp_path: Path) -> None:
    assert nelm("cohort", "summarise", cohort / "facts.parquet", "--suppress-below", 5, "--output", tmp_path).exit_code == 0
    cells = {row[word] for row in rows(tmp_path / "summary.csv") for word in STATUSES if word in row}
    assert "<5" in cells
    assert not cells & {"1", "2", "3", "4"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("summarise", "facts.parquet"), "60 rows of facts.parquet"),
        (("missing", "facts.parquet"), "are open, and wait for"),
        (("missing", "facts.parquet", "--by", "centre"), "by centre"),
        (("attrition", "facts.parquet", "milan_net_met"), "Everybody"),
        (("attrition", "facts.parquet", "nelm-2014/Q08.R1"), "Everybody"),
        (("overlap", "facts.parquet", "milan_net_met"), "One or more not known"),
        (("concordance", "decisions.parquet"), "concordant"),
    ],
)
def test_answers_on_the_terminal(arguments: tuple[str, ...], says: str, cohort: Path) -> None:
    command, file, *more = arguments
    result = nelm("cohort", command, cohort / file, *more)
    assert result.exit_code == 0, result.output
    assert says in result.output


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        (("missing", "facts.parquet", "--by", "centre"), {"missing.csv", "missing-by-centre.csv"}),
        (("attrition", "facts.parquet", "milan_net_met"), {"attrition-milan_net_met.csv", "attrition-milan_net_met.svg"}),
        (("overlap", "facts.parquet", "milan_net_met"), {"overlap-milan_net_met.csv", "overlap-milan_net_met.svg"}),
        (("concordance", "decisions.parquet"), {"concordance"}),
    ],
)
def test_answers_as_files(arguments: tuple[str, ...], written: set[str], cohort: Path, tmp_path: Path) -> None:
    command, file, *more = arguments
    result = nelm("cohort", command, cohort / file, *more, "--output", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "new").iterdir()} >= written


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("assess", "none.parquet", "--output", "out"), "there is no such file"),
        (("assess", "records.jsonl", "--output", "out"), "not a Parquet file"),
        (("assess", "facts.parquet", "--output", "out", "-g", "nelm-2013"), "nelm-2013"),
        (("facts", "none", "--output", "x.parquet"), "there is no such file or folder"),
        (("facts", "records.jsonl", "--output", "x.parquet", "--at", "tuesday"), "'tuesday'"),
        (("facts", "records.jsonl", "--output", "x.parquet", "--at", "each:treatment"), "each:"),
        (("summarise", "facts.parquet", "--by", "colour"), "colour"),
        (("summarise", "facts.parquet", "--by", "age_years"), "age_years"),
        (("attrition", "facts.parquet", "nothing"), "nothing"),
        (("overlap", "facts.parquet", "grade"), "grade"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    arguments: tuple[str, ...], says: str, cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cohort)
    before = {path.name for path in cohort.iterdir()}
    result = nelm("cohort", *arguments)
    assert result.exit_code == 2
    assert says in result.output
    assert {path.name for path in cohort.iterdir()} == before


def test_records_that_cannot_be_used_are_counted_and_kept_apart(cohort: Path, tmp_path: Path) -> None:
    lines = (cohort / "records.jsonl").read_text(encoding="utf-8").splitlines()[:3]
    (tmp_path / "records.jsonl").write_text(
        "\n".join([lines[0], '{"id": "X", "patient": {"sex": "purple"}}', *lines[1:]]), encoding="utf-8"
    )
    result = nelm("cohort", "facts", tmp_path / "records.jsonl", "--output", tmp_path / "facts.parquet", "--workers", 1)
    assert result.exit_code == 0
    assert "Cannot be used: 1 of 4 records" in result.output
    (reject,) = (json.loads(line) for line in (tmp_path / "facts.rejects.jsonl").read_text(encoding="utf-8").splitlines())
    assert (reject["line"], reject["field"]) == (2, "sex")


def test_without_the_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    result = nelm("cohort", "simulate", "--patients", 1)
    assert result.exit_code == 2
    assert "pip install 'nelm[cohort]'" in result.output
