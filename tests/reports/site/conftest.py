"""The site, planned and written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.reports.site.plan import SitePage, plan
from nelm.reports.site.writing import build_site


@pytest.fixture(scope="session")
def pages(knowledge: Knowledge) -> tuple[SitePage, ...]:
    return plan(knowledge)


@pytest.fixture(scope="session")
def site(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site as `nelm guideline build` writes it."""
    folder = tmp_path_factory.mktemp("site")
    build_site(knowledge, folder)
    return folder
