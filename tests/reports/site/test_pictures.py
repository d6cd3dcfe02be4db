"""Pictures: what is drawn of a number, who stands in which row, the text beside it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.evidence import PictureRule, Value
from nelm.reports.site.chart import Bar, Chart, Line, Share, draw
from nelm.reports.site.pictures import Picture, _bar, pictures


@pytest.mark.parametrize(
    ("value", "bar"),
    [
        (Value("percent", value=5), Bar(5, 5, 5)),
        (Value("percent", low=5, high=9), Bar(5, 9)),
        (Value("percent", value=6, low=5, high=9), Bar(5, 9, 6)),
        (Value("percent", below=5), Bar(None, 5)),
        (Value("percent", at_most=5), Bar(None, 5)),
        (Value("percent", at_least=5), Bar(5, None)),
        (Value("percent", above=5), Bar(5, None)),
        (Value("percent", token="5?"), None),
        (Value("percent", value=5, token="5?"), None),
    ],
)
def test_what_is_drawn_of_a_number(value: Value, bar: Bar | None) -> None:
    assert _bar(value) == bar


def test_a_doubtful_number_is_never_drawn(knowledge: Knowledge) -> None:
    shown = {row.claim for picture in pictures(knowledge) for row in picture.rows}
    assert "pnelm-2023/Q12.E3" not in shown


def picture(rule: PictureRule, knowledge: Knowledge) -> Picture:
    return pictures(replace(knowledge, pictures=(rule,)))[0]


@pytest.mark.parametrize(("group_by", "group"), [("action", "Caulking"), ("outcome", "Overall survival"), ("document", "The pilot")])
def test_rows_stand_under_treatment_outcome_or_document(harbour: Knowledge, group_by: str, group: str) -> None:
    rule = replace(harbour.pictures[0], group_by=group_by)
    assert {row.group for row in picture(rule, harbour).rows} == {group}


def test_a_picture_by_selection(harbour: Knowledge) -> None:
    rule = PictureRule("x", "X", "Says.", "percent", outcomes=("overall_survival",), at_years=1)
    rows = picture(rule, harbour).rows
    assert [(row.label, row.words) for row in rows] == [("caulked", "90 (80–95) % (n = 100)"), ("not caulked", "up to 60 %")]
    assert picture(replace(rule, at_years=2), harbour).rows == ()
    assert picture(replace(rule, kinds=("no_such_kind",)), harbour).rows == ()


def test_a_claim_about_no_treatment_stands_under_its_outcome(knowledge: Knowledge) -> None:
    rule = PictureRule("x", "X", "Says.", "percent", claims=("nelm-2014/Q01.E03",))
    assert {row.group for row in picture(rule, knowledge).rows} == {"Frequency"}


def test_a_chart_is_svg_with_a_title_a_description_and_all_its_words() -> None:
    lines = (
        Line("A < B", "first & last", "boats", "5–9 months", Bar(5, 9, 7)),
        Line("A < B", "limit", "boats", "up to 30 months", Bar(None, 30)),
        Line("Votes", "motion", "guild", "60 %", None, (Share("for", 60), Share("against", 40))),
    )
    tree = ElementTree.fromstring(draw(Chart("c", "Title", "What it shows", lines, is_percent=False)))
    texts = [element.text for element in tree.iter() if element.tag.endswith("text")]
    assert {"A < B", "first & last", "5–9 months", "0", "10", "20", "30", "40"} <= set(texts)
    assert tree.attrib["role"] == "img"
    assert tree.attrib["aria-labelledby"] == "c-t c-d"
    assert sum(element.tag.endswith("rect") for element in tree.iter()) == 2


def test_words_too_long_for_the_chart_are_cut_where_a_word_ends() -> None:
    long = "word " * 40
    tree = ElementTree.fromstring(draw(Chart("c", "Title", "Says", (Line("G", long, long, "5 %", Bar(5, 5, 5)),))))
    texts = [element.text or "" for element in tree.iter() if element.tag.endswith("text")]
    assert any(text.endswith("…") for text in texts)
    assert max(map(len, texts)) < 60
