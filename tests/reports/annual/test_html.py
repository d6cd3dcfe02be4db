"""The annual report as HTML: whole in itself, well formed, harmless, the freeze with every table and picture."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from nelm.registry.annual.model import Section
from nelm.reports import annual
from nelm.reports.annual.html import css_string
from tests.reports.annual.conftest import FREEZE, LONG_WORD, MARKUP, POISON, Shown, centres, made_up
from tests.reports.test_html import LOADING, Read


@pytest.fixture(params=["plain", "poisoned"])
def shown(request: pytest.FixtureRequest) -> Shown:
    found: Shown = request.getfixturevalue(request.param)
    return found


def figures(html: str) -> list[str]:
    """What stands in each figure, tags left out."""
    return [" ".join(" ".join(Read(found).texts).split()) for found in re.findall(r"<figure.*?</figure>", html, re.DOTALL)]


def test_elements_are_nested_and_ids_are_there_once(shown: Shown) -> None:
    found = Read(shown.html)
    assert (found.broken, found.open) == ([], [])
    ids = found.attributes("id")
    assert [item for item, times in Counter(ids).items() if times > 1] == []
    assert {link.removeprefix("#") for link in found.attributes("href")} <= set(ids)
    assert {name for value in found.attributes("aria-labelledby") for name in value.split()} <= set(ids)
    assert (found.tags()["h1"], found.tags()["main"], found.elements[0]) == (1, 1, ("html", {"lang": "en"}))


def test_nothing_is_loaded_and_nothing_runs(shown: Shown) -> None:
    found = Read(shown.html)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & set(found.tags())
    assert [address for key in LOADING for address in found.attributes(key) if not address.startswith("#")] == []
    assert not [key for _, attributes in found.elements for key in attributes if key.startswith("on")]
    assert not re.search(r"@import|url\((?!#)", shown.html)


def test_whatever_a_text_says_is_text(poisoned: Shown) -> None:
    found = Read(poisoned.html)
    texts = [text for text in found.texts if POISON in text]
    assert len(texts) > 20
    assert any(MARKUP in text and LONG_WORD in text for text in texts)
    assert found.tags()["style"] == 1
    assert found.attributes("aria-label")[-1].startswith(POISON)


def test_every_table_and_picture_names_the_freeze_and_that_the_data_are_made_up(plain: Shown) -> None:
    shown = figures(plain.html)
    assert len(shown) == plain.items == 7
    assert [text for text in shown if f"SYNTHETIC DATA · Freeze {FREEZE}" not in text] == []


def test_tables_and_pictures_are_numbered_through(plain: Shown) -> None:
    labels = [re.match(r"(Table|Figure) \d+", text) for text in figures(plain.html)]
    assert [found[0] for found in labels if found] == ["Table 1", "Table 2", "Table 3", "Figure 1", "Figure 2", "Table 4", "Table 5"]


def test_every_cell_is_printed_as_it_stands(plain: Shown) -> None:
    first = re.search(r"<table.*?</table>", plain.html, re.DOTALL)
    assert first is not None
    assert [text for text in Read(first[0]).texts if text.strip()] == [
        *("Step", "Records", "Received", "12034", "Eligible", "9120", "Excluded", "Undetermined", "802")
    ]
    assert first[0].count('<td class="number">') == 4


def test_an_empty_table_says_so(plain: Shown) -> None:
    assert next(text for text in figures(plain.html) if "Second primaries" in text).startswith(
        "Table 3. Second primaries No rows. SYNTHETIC"
    )


def test_the_contents_lead_to_every_chapter(plain: Shown) -> None:
    contents = re.search(r"<nav.*?</nav>", plain.html, re.DOTALL)
    assert contents is not None
    sections = (*plain.report.sections, *plain.report.methods)
    assert set(Read(contents[0]).attributes("href")) == {f"#section-{section.id}" for section in sections} | {"#methods"}


def test_only_a_long_table_has_a_window_of_its_own(plain: Shown) -> None:

    assert 'class="box long"' not in plain.html
    long = replace(made_up(), sections=(Section("long", "Long", tables=(centres(41), centres(40))),))
    assert annual.render_html(long).count('class="box long"') == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Freeze 2024-12", '"Freeze 2024-12"'),
        ('a"b', '"a\\22 b"'),
        ("</style>\\\n", '"\\3c \\2f style\\3e \\5c \\a "'),
        ("é·", '"\\e9 \\b7 "'),
    ],
)
def test_a_text_in_the_style_sheet_stays_one_text(text: str, expected: str) -> None:
    assert css_string(text) == expected


def test_control_characters_are_replaced() -> None:

    html = annual.render_html(replace(made_up(), registry="a\x1b[2Jb\u202ec"))
    assert "a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}c" in html
    assert "\x1b" not in html


def test_the_same_report_gives_the_same_document(plain: Shown) -> None:
    assert annual.render_html(made_up()) == plain.html
