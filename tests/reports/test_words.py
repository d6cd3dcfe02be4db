"""Small words: counting, cutting, shortening."""

from __future__ import annotations

import pytest

from nelm.advice.findings import OptionState, Relation, Status, Word
from nelm.criteria import Truth
from nelm.knowledge.base import Knowledge
from nelm.knowledge.guideline import Vote
from nelm.reports.voices import vote_in_words
from nelm.reports.words import (
    MEANINGS,
    RELATIONS,
    STANDINGS,
    STATE_MEANINGS,
    STATES,
    STATUSES,
    TRUTHS,
    VERDICTS,
    as_class,
    counted,
    cut,
    legend,
    sentence,
    shortened,
)


@pytest.mark.parametrize(
    ("words", "kind"),
    [(VERDICTS, Word), (STATES, OptionState), (STATE_MEANINGS, OptionState), (STATUSES, Status), (TRUTHS, Truth), (RELATIONS, Relation)],
)
def test_there_is_a_word_for_everything(words: dict[object, object], kind: type) -> None:
    assert set(words) == set(kind)  # type: ignore[call-overload]


def test_every_standing_of_the_content_has_a_word(knowledge: Knowledge) -> None:
    assert {item.statement.standing for compiled in knowledge.guidelines.values() for item in compiled.statements} <= set(STANDINGS)


def test_marks_with_different_meanings_differ_in_their_word() -> None:
    for marks in (VERDICTS.values(), STATES.values(), STATUSES.values(), TRUTHS.values()):
        words = [mark.word for mark in marks]
        assert len(set(words)) == len(words)


def test_the_legend_explains_every_word_that_a_patient_can_get() -> None:
    explained = {line.mark.word for line in legend()}
    assert {mark.word for mark in STATES.values()} | {VERDICTS[word].word for word in MEANINGS} == explained
    assert all(line.meaning for line in legend())


@pytest.mark.parametrize(
    ("number", "several", "expected"), [(1, None, "1 entry"), (2, "entries", "2 entries"), (0, None, "0 entrys"), (1, "entries", "1 entry")]
)
def test_counted(number: int, several: str | None, expected: str) -> None:
    assert counted(number, "entry", several) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("a", ("a",)),
        ("abc", ("a", "b", "c")),  # "and 1 more" would take as much room
        ("abcd", ("a", "b", "and 2 more")),
    ],
)
def test_cut(items: str, expected: tuple[str, ...]) -> None:
    assert cut(tuple(items), 2) == expected


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("Short.", 10, "Short."),
        ("One thing; another thing", 12, "One thing …"),
        ("One. Two; three", 10, "One. Two …"),
        ("Not this, or that", 9, "Not this, or that"),  # never at a comma
        ("A long clause; more", 5, "A long clause …"),  # never inside a clause
    ],
)
def test_shortened(text: str, most: int, expected: str) -> None:
    assert shortened(text, most) == expected


@pytest.mark.parametrize(("text", "expected"), [("", ""), (" a b ", "A b."), ("Why?", "Why?"), ("cut …", "Cut …")])
def test_sentence(text: str, expected: str) -> None:
    assert sentence(text) == expected


def test_as_class() -> None:
    assert as_class("may-help_a bit") == "may help a bit"


@pytest.mark.parametrize(
    ("vote", "expected"),
    [
        (Vote("jury", "cut", 70, 20, 10), "Jury, motion “cut”: 70 % for, 20 % against, 10 % abstained"),
        (Vote("panel", "cut", 9, None, 0.5, "voices"), "Panel, motion “cut”: 9 voices for, 0.5 voices abstained"),
        (Vote("panel", "cut"), "Panel, motion “cut”: no figures printed"),
    ],
)
def test_votes(vote: Vote, expected: str) -> None:
    assert vote_in_words(vote) == expected
