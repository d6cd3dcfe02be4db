"""The page docs/epidemiology-tools.md, taken at its word: its commands run, its mapping is read, its tables name what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from nelm.registry.tables.mapping import ELEMENTS, KEYS, read_mapping
from nelm.registry.tables.survival_questions import METHODS
from tests.cli.test_commands import nelm

PAGE = (Path(__file__).parents[3] / "docs" / "epidemiology-tools.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()]
(MAPPING,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WRITTEN = {
    "output/survival": {"survival.csv", "survival-curves.csv", "survival-tests.csv", "survival.svg"},
    "output/standardised": {"survival.csv", "survival.svg", "survival-by-age.csv", "survival-by-age.svg"},
    "output/rates": {"rates.csv", "rate-ratios.csv"},
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(command: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    (tmp_path / "cohort.yaml").write_text(MAPPING, encoding="utf-8")
    words = shlex.split(command)
    assert words[0] == "nelm"
    folder = next((word for word in words if word.startswith("output/")), None)
    places = {"cohort.yaml": tmp_path / "cohort.yaml", folder: tmp_path / "out"}
    result = nelm(*(places.get(word, word) for word in words[1:]))
    assert result.exit_code == 0, result.output
    if folder is not None:
        assert {file.name for file in (tmp_path / "out").iterdir()} >= WRITTEN[folder]


def test_every_command_is_tried() -> None:
    assert {shlex.split(command)[1] for command in COMMANDS} == {"survival", "prevalence", "rates"}
    assert {word for command in COMMANDS for word in shlex.split(command) if word.startswith("output/")} == set(WRITTEN)


def test_the_mapping_is_one(tmp_path: Path) -> None:
    (tmp_path / "cohort.yaml").write_text(MAPPING, encoding="utf-8")
    found = read_mapping(tmp_path / "cohort.yaml")
    assert found.codes["sex"] == {"1": "male", "2": "female"}
    assert found.age_unit == "days"


def test_every_method_field_and_element_is_named() -> None:
    for name in (*METHODS, *ELEMENTS):
        assert f"`{name}`" in PAGE, name
    for key in KEYS:
        assert re.search(rf"`{key}: ", PAGE), key
