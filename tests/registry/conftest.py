"""A small synthetic registry, frozen once for all tests of a process."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nelm.cohort.synthetic.content import load_description
from nelm.cohort.synthetic.simulate import write_records
from nelm.cohort.synthetic.surroundings import load_surroundings, write_surroundings
from nelm.knowledge.base import Knowledge
from nelm.registry.freeze.open import Freeze
from nelm.registry.freeze.write import Wanted, write_freeze
from nelm.registry.settings import read_settings

PATIENTS = 300
MADE = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge) -> Path:
    """Records with settings, population and life table beside them. No test changes the folder."""
    folder = tmp_path_factory.mktemp("records")
    write_records(load_description(knowledge), knowledge, folder / "records.jsonl", PATIENTS, 5)
    write_surroundings(load_surroundings(), folder, PATIENTS)
    return folder / "records.jsonl"


@pytest.fixture(scope="session")
def freeze(tmp_path_factory: pytest.TempPathFactory, records: Path, knowledge: Knowledge) -> Freeze:
    """These records, frozen."""
    output = tmp_path_factory.mktemp("frozen") / "freeze"
    return write_freeze(records, output, knowledge, read_settings(records.parent / "registry.yaml"), Wanted(now=MADE))


@pytest.fixture
def copied(tmp_path: Path, freeze: Freeze) -> Path:
    """A copy of the freeze that a test may spoil."""
    target = tmp_path / "freeze"
    shutil.copytree(freeze.folder, target)
    for file in target.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    return target
