"""The tools themselves: the lock file, what the translator lets pass, what the engine is given."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.interop.cql_engine import FOLDER, Engine, Refused

LIBRARY = """library Small version '1'
parameter "wet" Boolean
parameter "rooms" Integer
parameter "height" Decimal
parameter "colour" String
parameter "built" Date
define "tall": "height" >= 2.5
define "is_red": "colour" = 'red'
define "early": "built" < @2024-03-12
define "many": "rooms" > 3
define "fine": not "wet" and "tall"
"""


def test_the_lock_pins_everything_and_names_no_address() -> None:
    text = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(re.match(r"sha512-\S+", package["integrity"]) for name, package in packages.items() if name)
    wanted = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert packages[""]["devDependencies"] == wanted
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("define", "says"),
    [
        ('define "a": "height" = \'x\'', "line 12, column 13: Error: "),
        ('define "a": "unknown"', "Error: Could not resolve identifier unknown"),
        ('define "a": ("wet"', "Error: "),
        # a warning is as bad as an error
        ('define "a": "colour" = \'wet\'', "Warning: String literal 'wet' matches the identifier wet"),
    ],
)
def test_a_message_of_any_severity_is_an_end(engine: Engine, define: str, says: str) -> None:
    with pytest.raises(Refused, match=re.escape(says)):
        engine.translate(LIBRARY + define)


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ({}, {"tall": None, "is_red": None, "early": None, "many": None, "fine": None}),
        ({"wet": True}, {"tall": None, "is_red": None, "early": None, "many": None, "fine": False}),
        (
            {"wet": False, "height": 2.5, "colour": "red", "built": "2024-03-11", "rooms": 4},
            {"tall": True, "is_red": True, "early": True, "many": True, "fine": True},
        ),
        (
            {"wet": None, "height": 2, "colour": "blue", "built": "2024-03-12", "rooms": 3},
            {"tall": False, "is_red": False, "early": False, "many": False, "fine": False},
        ),
    ],
)
def test_a_patient_is_an_object_of_parameters(engine: Engine, patient: dict[str, object], expected: dict[str, object]) -> None:
    assert engine.run(LIBRARY, [patient]) == [expected]


def test_only_what_is_asked_for(engine: Engine) -> None:
    assert engine.run(LIBRARY, [{"rooms": 9}, {"rooms": 1}], ["many"]) == [{"many": True}, {"many": False}]


@pytest.mark.parametrize(
    ("patient", "says"),
    [
        ({"weight": 3}, 'line 2: the library has no parameter "weight"'),
        ({"wet": "yes"}, 'line 2: wet: "yes" is no Boolean'),
        ({"rooms": 2.5}, "line 2: rooms: 2.5 is no Integer"),
        ({"built": "2024-03"}, 'line 2: built: "2024-03" is no Date'),
    ],
)
def test_what_is_no_parameter_is_refused(engine: Engine, patient: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=re.escape(says)):
        engine.run(LIBRARY, [{}, patient])


def test_a_definition_that_is_not_there(engine: Engine) -> None:
    with pytest.raises(Refused, match='the library has no definition "small"'):
        engine.run(LIBRARY, [{}], ["small"])


def test_the_time_of_execution_is_told_apart(engine: Engine, tmp_path: Path) -> None:
    patients = tmp_path / "patients.jsonl"
    patients.write_text("{}\n" * 20)
    command = [engine.node, str(FOLDER / "run.mjs"), "--time", "--define", "tall", str(engine.translate(LIBRARY)), str(patients)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    timed = json.loads(done.stderr)
    assert (timed["patients"], timed["definitions"]) == (20, 1)
    assert 0 < timed["milliseconds"] < 10_000
    assert done.stdout == '{"tall":null}\n' * 20


def test_bare_elm_for_execution_alone(engine: Engine, tmp_path: Path) -> None:
    source, target = tmp_path / "small.cql", tmp_path / "small.json"
    source.write_text(LIBRARY)
    subprocess.run([engine.node, str(FOLDER / "translate.mjs"), "--bare", str(source), str(target)], check=True)
    assert "locator" not in target.read_text()
    assert "locator" in engine.translate(LIBRARY).read_text()
    command = [engine.node, str(FOLDER / "run.mjs"), "--define", "many", str(target)]
    assert subprocess.run(command, input='{"rooms": 5}\n', capture_output=True, text=True, check=True).stdout == '{"many":true}\n'
