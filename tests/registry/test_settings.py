"""The settings of a registry: every choice has to be made, and what is wrong is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.epidemiology.prevalence import FirstTumour
from nelm.registry.settings import SettingsError, read_settings

GOOD = """\
name: A registry
covers: Everybody of a region.
population_based: true
begin: 2010-01-01
closing: 2024-12-31
first_tumour: first_ever
suppress_below: 5
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "registry.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("x")
    found = read_settings(written(tmp_path, GOOD + "population: p.csv\n"))
    assert found.settings.first_tumour is FirstTumour.EVER
    assert found.settings.below == 5
    assert found.population == tmp_path / "p.csv"
    assert found.life_table is None


def test_nothing_is_held_back_at_0(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, GOOD.replace("below: 5", "below: 0"))).settings.below is None


@pytest.mark.parametrize("field", ["name", "covers", "population_based", "begin", "closing", "first_tumour", "suppress_below"])
def test_every_choice_has_to_be_made(tmp_path: Path, field: str) -> None:
    text = "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith(f"{field}:"))
    with pytest.raises(SettingsError, match=f"The field '{field}' is missing"):
        read_settings(written(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2024-12-31", "2009-12-31", r"registry.yaml:5:\d+: Found 2009-12-31, and registration began on 2010-01-01"),
        ("2024-12-31", "31.12.2024", "Found '31.12.2024'"),
        ("first_ever", "first", "Found 'first'"),
        ("below: 5", "below: 2", r"Permitted: 0 \(print every count\), or 3 and more"),
        ("below: 5", "below: 5\nlife_table: none.csv", "no such file lies beside the settings"),
        ("below: 5", "below: 5\npopulation: ../p.csv", "Found '../p.csv'. Permitted: a file beside the settings"),
        ("below: 5", "below: 5\nlife_table: /p.csv", "Found '/p.csv'. Permitted: a file beside the settings"),
        ("below: 5", "below: 5\ncolour: red", "'colour' is not known here"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings(written(tmp_path, GOOD.replace(old, new)))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"registry\.yaml"):
        read_settings(tmp_path / "registry.yaml")
