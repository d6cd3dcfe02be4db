"""The tools of the CQL standard, installed once, and the exported libraries."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from nelm.interop.cql import Library, cql_library
from nelm.knowledge.base import Knowledge
from tests.interop.cql_engine import Engine, NotInstalled
from tests.reports.conftest import _program


@pytest.fixture(scope="session")
def engine(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Translator and engine. Tests that need them are skipped where they cannot be had; continuous integration has to have them."""
    node, npm = _program("node", "nodejs"), _program("npm")
    try:
        return Engine.installed(node, npm, cache=root / ".venv" / "cache" / "npm", work=tmp_path_factory.mktemp("cql"))
    except NotInstalled as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def libraries(knowledge: Knowledge) -> Mapping[str, Library]:
    """The library of every guideline of the content."""
    return {name: cql_library(knowledge, name) for name in knowledge.guidelines}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was compared, where these tests run by themselves."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    numbers = [f"{name}: {value}" for report in reports if report.when == "call" for name, value in report.user_properties]
    if numbers:
        terminalreporter.section("CQL and NELM")
        terminalreporter.write_line("\n".join(numbers))
