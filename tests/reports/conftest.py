"""Reports on worked cases, each made once and laid out when first asked for; programs that look at them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, cached_property
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from nelm import reports
from nelm.advice.assess import assess
from nelm.advice.findings import Advice
from nelm.knowledge.base import Knowledge
from nelm.patient.record import Record, parse_record, read_record
from nelm.reports.page import Page, page_of

MADE_ON = date(2024, 3, 12)
# What these tests expect is what these two say; a document that is added later has its own tests.
DOCUMENTS = ("nelm-2014", "pnelm-2023")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Report:
    """The advice on one record, and every form of it."""

    def __init__(self, record: Record, knowledge: Knowledge) -> None:
        self.advice: Advice = assess(record, knowledge, guidelines=DOCUMENTS)

    @cached_property
    def page(self) -> Page:
        return page_of(self.advice, made_on=MADE_ON)

    @cached_property
    def html(self) -> str:
        return reports.render_html(self.page)

    @cached_property
    def pdf(self) -> bytes:
        return reports.render_pdf(self.page)

    @cached_property
    def json(self) -> str:
        return reports.render_json(self.advice)

    @property
    def options(self) -> list[str]:
        return [found.option.label for found in self.advice.options]


@pytest.fixture(scope="session")
def case(knowledge: Knowledge, content: Path) -> Callable[[str], Report]:
    """The report on a worked case."""
    return cache(lambda name: Report(read_record(content / "cases" / f"{name}.yaml", knowledge, set_aside_invalid=True), knowledge))


@pytest.fixture(scope="session")
def written(knowledge: Knowledge) -> Callable[[str], Report]:
    """The report on a record given as YAML."""
    return lambda text: Report(parse_record(text, "written.yaml", knowledge), knowledge)


def _program(*names: str) -> str:
    """Where a program is. A test that needs it is skipped where it is not installed; continuous integration has to have it."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is not None:
        return found
    missing = f"{names[0]} is not installed (.ci/run shows how)"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def text_of() -> Callable[..., str]:
    """The text of a PDF as somebody who searches or copies finds it, in one line; of so many pages."""
    program = _program("pdftotext")

    def text_of(data: bytes, *, pages: int = 1000) -> str:
        command = [program, "-q", "-raw", "-l", str(pages), "-enc", "UTF-8", "-", "-"]
        return " ".join(subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode("utf-8").split())

    return text_of


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = _program(*BROWSERS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield browser
        browser.close()
