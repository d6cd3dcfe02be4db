"""Makes docs/advice.png, the picture in the README: the top of the HTML advice on a published patient.

Needs Chromium; `.ci/run` shows how it is installed. Make it anew when the look of the page has changed.

    make picture
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

from playwright.sync_api import sync_playwright

from nelm.advice.assess import assess
from nelm.knowledge.load import load
from nelm.patient.record import read_record
from nelm.reports import page_of, render_html

ROOT = Path(__file__).resolve().parents[1]
CASE = "p01"
MADE_ON = date(2024, 3, 12)  # any day, always the same, so that only a change of the page changes the picture
WIDTH, HEIGHT, SHARPNESS = 1100, 1015, 1.5
LARGEST = 400_000


def main() -> None:
    browsers = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    executable = next(filter(None, browsers), None)
    if executable is None:
        sys.exit("Chromium is not installed; .ci/run shows how.")
    knowledge = load(ROOT / "content")
    record = read_record(ROOT / "content" / "cases" / f"{CASE}.yaml", knowledge)
    html = render_html(page_of(assess(record, knowledge), made_on=MADE_ON))
    target = ROOT / "docs" / "advice.png"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SHARPNESS)
        page.set_content(html)
        picture = page.screenshot()
        browser.close()
    if len(picture) > LARGEST:
        sys.exit(f"The picture has {len(picture)} bytes; at most {LARGEST} are wanted. Make it smaller or less sharp.")
    target.write_bytes(picture)
    print(f"{target.relative_to(ROOT)}: {len(picture) // 1000} kB")


if __name__ == "__main__":
    main()
