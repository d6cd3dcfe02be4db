"""`nelm registry import` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_commands import nelm
from tests.registry.imports.test_run import PATIENTS, TABLES, TREATMENTS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mapping.yaml").write_text(TABLES)
    (tmp_path / "patients.csv").write_text(PATIENTS)
    (tmp_path / "treatments.csv").write_text(TREATMENTS.replace("mwa", "knife"))
    return tmp_path


ARGUMENTS = ("registry", "import", "patients.csv", "treatments.csv", "--mapping", "mapping.yaml", "--store", "store")


def test_what_became_of_everything_is_said(folder: Path) -> None:
    first = nelm(*ARGUMENTS)
    assert first.exit_code == 0
    (rejected,) = (folder / "store" / "rejected").iterdir()
    assert first.output.splitlines()[:3] == [
        "6 rows or records read.",
        "Records: 2 new, 0 replaced (the former kept in history), 0 unchanged; 2 in store.",
        "Rejected rows: 1, mistakes in them: 1; sound rows of the same patients, held back with them: 2. "
        f"Each with its reason: store/rejected/{rejected.name}",
    ]
    assert "1 × treatments.csv: kind, first treatments.csv:3: kind → treatment_kind: found 'knife'." in first.output
    again = nelm(*ARGUMENTS)
    assert (again.exit_code, again.output.splitlines()[0]) == (0, f"This import was made before ({rejected.name}); nothing was changed.")
    kept = nelm(*ARGUMENTS, "--keep-good-rows")
    assert "Records: 1 new, 0 replaced (the former kept in history), 2 unchanged; 3 in store." in kept.output


def test_an_import_of_which_nothing_can_be_used_fails(folder: Path) -> None:
    (folder / "lines.jsonl").write_text('{"id": "A", "patient": {"sex": "q"}}\n')
    result = nelm("registry", "import", "lines.jsonl", "--store", "store")
    assert (result.exit_code, "Records: 0 new" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("patients.csv", "--store", "store"), "patients.csv: a table needs a mapping"),
        (("patients.csv", "--store", "store", "--mapping", "no.yaml"), "no.yaml:1:1: The file cannot be read: No such file or directory."),
        (("patients.csv", "--store", "patients.csv"), "patients.csv: there is a file of this name."),
        (("patients.csv", "--store", ".", "--mapping", "mapping.yaml"), ".: holds something else than a store (mapping.yaml)."),
        (("nowhere", "--store", "store"), "nowhere: there is no such file or folder."),
    ],
)
def test_what_cannot_be_imported_ends_with_a_message(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    before = sorted(folder.rglob("*"))
    result = nelm("registry", "import", *arguments)
    assert (result.exit_code, says in result.output) == (2, True), result.output
    assert sorted(folder.rglob("*")) == before


def test_the_records_of_the_store_are_a_cohort(folder: Path) -> None:
    nelm(*ARGUMENTS)
    made = nelm("cohort", "facts", "store/records.jsonl", "--output", "facts.parquet", "--workers", 1)
    assert (made.exit_code, made.output.splitlines()[0]) == (0, "2 rows from 2 records: facts.parquet")
