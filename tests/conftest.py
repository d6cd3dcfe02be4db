"""What tests in several rooms share: the folders, the content loaded once, the settings of generated tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load

ROOT = Path(__file__).resolve().parent.parent

# On a developer's machine every run tries new examples; in CI a run says the same thing every time.
settings.register_profile("developer", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


@pytest.fixture(scope="session", autouse=True)
def folders_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands under test, and browsers that show what they made, keep out of the user's folders."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def content(root: Path) -> Path:
    """The folder of the content, as it is in the repository."""
    return root / "content"


@pytest.fixture(scope="session")
def knowledge(content: Path) -> Knowledge:
    """The content, loaded and checked with all lints; nothing in it can be changed."""
    return load(content, thorough=True)


@pytest.fixture(scope="session")
def harbour() -> Knowledge:
    """Small made-up content that uses every feature once."""
    return load(ROOT / "tests" / "knowledge" / "harbour", thorough=True)
