"""The harbour, loaded once."""

from __future__ import annotations

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load
from tests.knowledge.world import HARBOUR


@pytest.fixture(scope="session")
def harbour() -> Knowledge:
    """The made-up content of the content tests."""
    return load(HARBOUR)
