"""A standard by its name, or from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.epidemiology.standards import StandardPopulationError, standard_population
from nelm.registry.tables.standard_files import standard_from


def test_by_name() -> None:
    assert standard_from("icss_1", use="survival") == standard_population("icss_1")


def test_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ours.csv"
    file.write_text("from_age;weight\n0;30,5\n50;69,5\n", encoding="utf-8")
    found = standard_from(str(file), use="rates")
    assert (found.label, found.use, found.from_age, found.weights, found.outside) == (
        "ours",
        "rates",
        (0, 50),
        (30.5, 69.5),
        "the file ours.csv",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("from_age,weight\n0,x\n", "ours.csv:2: weight: found 'x'"),
        ("from_age,weight\n50,1\n0,1\n", "from_age"),
        ("from_age,weight\n0,0\n", "At least one"),
    ],
)
def test_a_file_is_whole_or_refused(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "ours.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StandardPopulationError) as refused:
        standard_from(str(file), use="rates")
    assert says in str(refused.value)
