"""The folder of a linkage: read back, or refused with what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from nelm.registry.linkage.files import FolderError, check_folder, read_decisions, write_linkage
from nelm.registry.linkage.link import Linkage


def test_a_folder_is_read_as_it_was_written_and_may_be_written_again(linkage: Linkage, tmp_path: Path) -> None:
    for _ in range(2):
        write_linkage(linkage, tmp_path / "out")
    decisions, persons = read_decisions(tmp_path / "out")
    assert persons == linkage.ours.height
    assert decisions.equals(linkage.decisions.select("ours", "theirs", "decision"))


def test_the_same_linkage_gives_the_same_files(linkage: Linkage, tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_linkage(linkage, tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes()


def test_a_folder_of_something_else_is_never_replaced(linkage: Linkage, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keep me")
    with pytest.raises(FolderError, match="it holds something that is not a linkage"):
        write_linkage(linkage, tmp_path)
    with pytest.raises(FolderError, match="it holds something that is not a linkage"):
        check_folder(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "keep me"
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty")


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        ("no json", "the linkage cannot be read"),
        ("[]", "the linkage cannot be read"),
        ("{}", "the linkage cannot be read"),
        (json.dumps({"version": 7, "persons": {"ours": 3}}), "written as version 7; this version reads 1"),
        (json.dumps({"version": 1, "persons": {"ours": 3}}), "found the decision 'perhaps'. Permitted: link, review, no link"),
    ],
)
def test_a_damaged_folder(tmp_path: Path, summary: str, message: str) -> None:
    pl.DataFrame({"ours": ["a"], "theirs": ["x"], "decision": ["perhaps"]}).write_parquet(tmp_path / "decisions.parquet")
    (tmp_path / "linkage.json").write_text(summary)
    with pytest.raises(FolderError, match=message):
        read_decisions(tmp_path)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="this is not the folder of a linkage"):
        read_decisions(tmp_path / "none")
