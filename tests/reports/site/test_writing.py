"""The site as files: valid pages, no dead link, no missing anchor, nothing from elsewhere, twins, references, PDFs."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import html5lib
import pikepdf
import pytest

from nelm.knowledge.base import Knowledge
from nelm.reports.site.links import Links, NoSuchAnchor, places
from nelm.reports.site.plan import SitePage
from nelm.reports.site.writing import TEMPLATES, build_site

IDS = Path(__file__).parents[2] / "content" / "inventory-ids"


class _Seen(HTMLParser):
    """The ids and the addresses of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            elif name in ("href", "src") and value:
                self.addresses.append(value)


@pytest.fixture(scope="module")
def seen(site: Path) -> dict[Path, _Seen]:
    return {file: _Seen(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}


def test_every_page_is_valid_html(site: Path) -> None:
    for file in sorted(site.rglob("*.html")):
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(file.read_text(encoding="utf-8"))
        assert parser.errors == [], f"{file.relative_to(site)}: {parser.errors[:3]}"


def test_no_id_stands_twice_on_a_page(site: Path, seen: dict[Path, _Seen]) -> None:
    for file, page in seen.items():
        assert [name for name, count in Counter(page.ids).items() if count > 1] == [], file.relative_to(site)


def test_no_link_is_dead_and_no_anchor_missing(site: Path, seen: dict[Path, _Seen]) -> None:
    dead = []
    for file, page in seen.items():
        for address in page.addresses:
            path, _, anchor = address.partition("#")
            target = (file.parent / unquote(path)).resolve() if path else file
            if not target.is_file() or (anchor and target.suffix == ".html" and unquote(anchor) not in seen[target].ids):
                dead.append(f"{file.relative_to(site)}: {address}")
    assert dead == []


def test_nothing_comes_from_elsewhere(site: Path, seen: dict[Path, _Seen]) -> None:
    assert [address for page in seen.values() for address in page.addresses if ":" in address or address.startswith("/")] == []
    for asset in ("site.css", "search.js"):
        assert "//" not in re.sub(r"^\s*//.*$", "", (site / asset).read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_id_of_the_inventories_has_a_permanent_anchor(pages: tuple[SitePage, ...]) -> None:
    known = places(pages)
    for guideline in ("nelm-2014", "pnelm-2023"):
        for name in (guideline, f"{guideline}-reported"):
            for each in (IDS / f"{name}.txt").read_text(encoding="utf-8").split():
                assert known[f"{guideline}/{each}"].endswith(f"#{each}"), each
    assert known["nelm-2014/Q08.R1"] == "nelm-2014/Q08.html#Q08.R1"
    assert known["pnelm-2023/Q05.1.E2"] == "pnelm-2023/Q05.1.html#Q05.1.E2"
    assert known["topic/T-01"] == "comparison.html#T-01"


def test_every_page_has_a_twin_with_the_same_data(site: Path, pages: tuple[SitePage, ...]) -> None:
    for page in pages:
        twin = json.loads((site / page.twin).read_text(encoding="utf-8"))
        assert twin == {"page": page.path, "title": page.title} | json.loads(json.dumps(page.data))


def test_a_link_to_nothing_is_an_error() -> None:
    links = Links({"a/b": "b.html#c"}, "../")
    assert links.link("a/b") == '<a href="../b.html#c">b</a>'
    assert links.link("a/b", "<") == '<a href="../b.html#c">&lt;</a>'
    with pytest.raises(NoSuchAnchor):
        links.href("a/c")


# -- numbers ------------------------------------------------------------------------------------------

_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>|<script.*?</script>", re.DOTALL)


def _words(template: Path) -> Iterator[str]:
    yield from _CODE.sub(" ", template.read_text(encoding="utf-8")).splitlines()


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_no_number_stands_in_a_template(template: Path) -> None:
    """Every number that a page shows comes from the content."""
    assert [line.strip() for line in _words(template) if re.search(r"\d", line)] == []


def test_the_check_for_numbers_finds_one(tmp_path: Path) -> None:
    (tmp_path / "bad.html.j2").write_text("<h2>{{ data.title }}</h2><p>74 % survived</p>", encoding="utf-8")
    assert any(re.search(r"\d", line) for line in _words(tmp_path / "bad.html.j2"))


def test_every_number_of_a_picture_is_one_of_its_claim(pages: tuple[SitePage, ...], knowledge: Knowledge) -> None:
    claims = {
        f"{name}/{claim.id}": {number for value in claim.values for number in _numbers(value)}
        for name, reported in knowledge.reported.items()
        for claim in reported.claims()
    }
    votes = {
        compiled.key: {share for vote in compiled.statement.votes for share in (vote.for_, vote.against, vote.abstain) if share is not None}
        for guideline in knowledge.guidelines.values()
        for compiled in guideline.statements
    }
    (data,) = (page.data for page in pages if page.path == "pictures.html")
    rows = [row for picture in data["pictures"] for row in picture["rows"]]
    assert len(rows) > 60
    for row in rows:
        printed = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", row["value"])}
        assert printed <= (claims | votes)[row["claim"]], row


def _numbers(value: object) -> Iterator[float]:
    for name in ("value", "low", "high", "below", "at_most", "at_least", "above", "n", "at_years", "at_months"):
        if (number := getattr(value, name)) is not None:
            yield float(number)


# -- references and PDFs --------------------------------------------------------------------------------


@pytest.mark.parametrize(("guideline", "count"), [("nelm-2014", 85), ("pnelm-2023", 111)])
def test_references_for_reference_managers(site: Path, guideline: str, count: int) -> None:
    listed = json.loads((site / guideline / "references.csl.json").read_text(encoding="utf-8"))
    assert len(listed) == count
    assert all(entry["title"] and entry["author"] and entry["issued"] for entry in listed)
    ris = (site / guideline / "references.ris").read_text(encoding="utf-8")
    assert ris.count("TY  - ") == ris.count("ER  - ") == count
    assert (site / guideline / "references.bib").read_text(encoding="utf-8").count("\n}") == count


@pytest.mark.parametrize("guideline", ["nelm-2014", "pnelm-2023"])
def test_each_document_as_pdf(site: Path, knowledge: Knowledge, guideline: str) -> None:
    file = pikepdf.open(io.BytesIO((site / guideline / f"{guideline}.pdf").read_bytes()))
    assert str(file.docinfo["/Title"]) == knowledge.guidelines[guideline].guideline.name
    assert file.Root.MarkInfo.Marked
    assert len(file.pages) > 20


def test_the_same_content_gives_the_same_files(knowledge: Knowledge, site: Path, tmp_path: Path) -> None:
    told: list[str] = []
    built = build_site(knowledge, tmp_path, with_pdf=False, told=told.append)
    assert built.index.is_file()
    assert len(told) == built.files
    for path in told:
        assert (tmp_path / path).read_bytes() == (site / path).read_bytes(), path
