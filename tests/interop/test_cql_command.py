"""`nelm export cql` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from nelm.cli.main import app
from nelm.interop import cql
from nelm.interop.cql import CannotSay, cql_library
from nelm.knowledge.base import Knowledge


def nelm(*arguments: object) -> Result:
    """Run the command; whatever happens, no traceback."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_without_a_folder_it_prints_the_library(knowledge: Knowledge) -> None:
    result = nelm("export", "cql", "nelm-2014")
    assert result.exit_code == 0
    assert result.stdout == cql_library(knowledge, "nelm-2014").text


def test_with_a_folder_it_writes_a_file(knowledge: Knowledge, tmp_path: Path) -> None:
    result = nelm("export", "cql", "pnelm-2023", "--output", tmp_path / "deep" / "er")
    assert result.exit_code == 0
    library = cql_library(knowledge, "pnelm-2023")
    assert f"{len(library.parameters)} parameters, {len(library.defines)} definitions" in result.stdout
    (file,) = (tmp_path / "deep" / "er").iterdir()
    assert file.name == "pnelm-2023.cql"
    assert file.read_text(encoding="utf-8") == library.text


def test_an_unknown_guideline() -> None:
    result = nelm("export", "cql", "nelm2014")
    assert result.exit_code == 2
    assert "The guideline 'nelm2014' is not known. Permitted: nelm-2014, pnelm-2023. Did you mean 'nelm-2014'?" in result.output


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = nelm("export", "cql", "nelm-2014", "--output", tmp_path / "file" / "folder")
    assert result.exit_code == 2
    assert "nothing can be written there" in result.output


def test_a_file_that_cannot_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "nelm-2014.cql").mkdir()
    result = nelm("export", "cql", "nelm-2014", "--output", tmp_path)
    assert result.exit_code == 2
    assert "the file cannot be written" in result.output
    assert [file.name for file in tmp_path.iterdir()] == ["nelm-2014.cql"]


def test_a_condition_that_cannot_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CannotSay("steep: 'a / b > 1' calculates with 'a / b'.")

    monkeypatch.setattr(cql, "cql_library", refuse)
    result = nelm("export", "cql", "nelm-2014")
    assert result.exit_code == 2
    assert "nelm-2014 cannot be written as CQL: steep: 'a / b > 1' calculates with 'a / b'." in result.output
