"""Lays the pages out and writes the site: HTML, JSON twins, search index, reference lists, a PDF of each document."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import nelm
from nelm.knowledge.base import Knowledge
from nelm.reports.site.exports import bibtex, csl_json, ris
from nelm.reports.site.guideline_pdf import render_guideline_pdf
from nelm.reports.site.links import Links, places
from nelm.reports.site.plan import SitePage, plan
from nelm.reports.site.search import search_index

TEMPLATES = Path(__file__).parents[1] / "templates" / "site"
ASSETS = ("site.css", "search.js")


@dataclass(frozen=True)
class Built:
    """What was written."""

    pages: int
    files: int
    index: Path


def build_site(knowledge: Knowledge, output: Path, *, with_pdf: bool = True, told: Callable[[str], None] = lambda _: None) -> Built:
    """Write the whole site below `output`, which is made if it is not there. `told` hears of each file.

    Raises OSError where a file cannot be written.
    """
    files = site_files(knowledge)
    if with_pdf:
        files |= {f"{name}/{name}.pdf": render_guideline_pdf(knowledge, name) for name in knowledge.guidelines}
    for path, content in files.items():
        target = output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        told(path)
    return Built(sum(path.endswith(".html") for path in files), len(files), output / "index.html")


def site_files(knowledge: Knowledge) -> dict[str, bytes]:
    """Every file of the site but the PDFs, by its path."""
    pages = plan(knowledge)
    where = places(pages)
    files: dict[str, bytes] = {}
    for page in pages:
        files[page.path] = render(page, where, knowledge).encode()
        files[page.twin] = (json.dumps({"page": page.path, "title": page.title, **page.data}, indent=1, ensure_ascii=False) + "\n").encode()
    for asset in ASSETS:
        files[asset] = (TEMPLATES / asset).read_bytes()
    files["search-index.js"] = search_index(pages, where).encode()
    for name, reported in knowledge.reported.items():
        references = tuple(reported.references.values())
        for ending, write in (("csl.json", csl_json), ("ris", ris), ("bib", bibtex)):
            files[f"{name}/references.{ending}"] = write(references).encode()
    return files


def render(page: SitePage, where: dict[str, str], knowledge: Knowledge) -> str:
    """One page as HTML."""
    links = Links(where, page.root)
    documents = [(f"{name}/contents", found.guideline.name) for name, found in knowledge.guidelines.items()]
    return (
        _environment()
        .get_template(f"{page.template}.html.j2")
        .render(page=page, data=page.data, link=links.link, href=links.href, root=page.root, documents=documents, version=nelm.__version__)
    )


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
