"""Decisions of people, read back from a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nelm.registry.linkage.clerical import ClericalDecision, NotDecidable, read_clerical

HEADER = "ours,theirs,decision,decided_by,decided_on,reason\n"


def file(folder: Path, text: str) -> Path:
    path = folder / "review.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_decisions_with_who_and_when(tmp_path: Path) -> None:
    found = read_clerical(file(tmp_path, HEADER + "a,x,link,MK,2024-03-01,called the ward\na,y,no link,MK,2024-03-02,\nb,z,,,,\n"))
    assert found.decisions == {
        ("a", "x"): ClericalDecision("link", "MK", date(2024, 3, 1), "called the ward"),
        ("a", "y"): ClericalDecision("no link", "MK", date(2024, 3, 2)),
    }
    assert found.decisions["a", "x"].in_words == "Decided by MK on 2024-03-01: called the ward"
    assert found.decisions["a", "y"].in_words == "Decided by MK on 2024-03-02."


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,x,yes,MK,2024-03-01,\n", "review.csv:2: decision: found 'yes'. Permitted: link, no link, or nothing."),
        ("a,x,link,,2024-03-01,\n", "review.csv:2: decided_by: found nothing"),
        ("a,x,link,MK,,\n", "review.csv:2: decided_on: found nothing"),
        ("a,x,link,MK,1.3.2024,\n", "review.csv:2: decided_on: found '1.3.2024'"),
        (",x,link,MK,2024-03-01,\n", "review.csv:2: ours: found nothing"),
        ("a,x,link,MK,2024-03-01,\na,x,no link,MK,2024-03-01,\n", "review.csv:3: a and x are decided twice"),
        ("a,x,link,MK,2024-03-01,\na,y,link,MK,2024-03-01,\n", "review.csv:3: a is linked here and in line 2"),
        ("a,x,link,MK,2024-03-01,\nb,x,link,MK,2024-03-01,\n", "review.csv:3: x is linked here and in line 2"),
        ("a,x\n", "review.csv:2:"),
    ],
)
def test_what_cannot_be_followed(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(NotDecidable) as refused:
        read_clerical(file(tmp_path, HEADER + rows))
    assert message in str(refused.value)


def test_an_id_may_stand_on_both_sides(tmp_path: Path) -> None:
    assert len(read_clerical(file(tmp_path, HEADER + "1,2,link,MK,2024-03-01,\n2,1,link,MK,2024-03-01,\n")).decisions) == 2


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotDecidable, match="these columns are missing: decided_by, decided_on"):
        read_clerical(file(tmp_path, "ours,theirs,decision\n"))
