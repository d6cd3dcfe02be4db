"""Makes the pictures in the README: docs/advice.png, the top of the HTML advice on a published patient, and docs/annual-report.png, the
first page of the annual report on made-up patients.

Needs Chromium; `.ci/run` shows how it is installed. Make it anew when the look of the page has changed.

    make picture
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from nelm.advice.assess import assess
from nelm.cohort.synthetic.content import load_description
from nelm.cohort.synthetic.simulate import write_records
from nelm.cohort.synthetic.surroundings import load_surroundings, write_surroundings
from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load
from nelm.patient.record import read_record
from nelm.registry.annual.report import annual_report
from nelm.registry.freeze.write import Wanted, write_freeze
from nelm.registry.settings import read_settings
from nelm.reports import page_of, render_html
from nelm.reports.annual import render_html as render_report

ROOT = Path(__file__).resolve().parents[1]
CASE = "p01"
MADE_ON = date(2024, 3, 12)  # any day, always the same, so that only a change of the page changes the picture
WIDTH, HEIGHT, REPORT_HEIGHT, SHARPNESS = 1100, 1015, 700, 1.5
PATIENTS = 2_000
LARGEST = 400_000


def main() -> None:
    browsers = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    executable = next(filter(None, browsers), None)
    if executable is None:
        sys.exit("Chromium is not installed; .ci/run shows how.")
    knowledge = load(ROOT / "content")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        take(browser, advice(knowledge), "advice.png", HEIGHT)
        take(browser, report(knowledge), "annual-report.png", REPORT_HEIGHT)
        browser.close()


def advice(knowledge: Knowledge) -> str:
    """The page on one patient."""
    record = read_record(ROOT / "content" / "cases" / f"{CASE}.yaml", knowledge)
    return render_html(page_of(assess(record, knowledge), made_on=MADE_ON))


def report(knowledge: Knowledge) -> str:
    """The annual report on made-up patients."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_records(load_description(knowledge), knowledge, folder / "records.jsonl", PATIENTS, 1)
        write_surroundings(load_surroundings(), folder, PATIENTS)
        wanted = Wanted(now=datetime(2026, 1, 31, tzinfo=UTC))
        freeze = write_freeze(folder / "records.jsonl", folder / "freeze", knowledge, read_settings(folder / "registry.yaml"), wanted)
        return render_report(annual_report(freeze))


def take(browser: Browser, html: str, name: str, height: int) -> None:
    """The top of a page as a picture in docs/."""
    page = browser.new_page(viewport={"width": WIDTH, "height": height}, device_scale_factor=SHARPNESS)
    page.set_content(html)
    picture = page.screenshot()
    page.close()
    if len(picture) > LARGEST:
        sys.exit(f"{name} has {len(picture)} bytes; at most {LARGEST} are wanted. Make it smaller or less sharp.")
    (ROOT / "docs" / name).write_bytes(picture)
    print(f"docs/{name}: {len(picture) // 1000} kB")


if __name__ == "__main__":
    main()
