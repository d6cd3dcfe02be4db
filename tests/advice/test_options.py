"""The options table: states, relations, and work that is done already."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nelm.advice.findings import Advice, OptionFinding, OptionState, Relation

Advise = Callable[..., Advice]


def option(advice: Advice, name: str) -> OptionFinding:
    return next(item for item in advice.options if item.option.id == name)


@pytest.mark.parametrize(
    ("kettle", "state", "relation"),
    [
        ("{leaks: false, litres: 1, whistles: false}", OptionState.FAVOURED, Relation.REFINE),
        ("{leaks: true, litres: 1}", OptionState.POSSIBLE, Relation.REFINE),
        ("{leaks: false, litres: 8, whistles: false}", OptionState.NOT_ADVISED, Relation.AGREE),
        ("{leaks: true, litres: 4, whistles: false}", OptionState.DOES_NOT_APPLY, Relation.AGREE),
        ("{litres: 8, whistles: true}", OptionState.CANNOT_JUDGE, Relation.NOT_YET),
        ("{material: clay}", OptionState.DOES_NOT_APPLY, Relation.NEITHER),
    ],
)
def test_what_the_documents_say_together(advise: Advise, kettle: str, state: OptionState, relation: Relation) -> None:
    found = option(advise(f"kettle: {kettle}"), "descale")
    assert (found.state, found.relation) == (state, relation)


def test_a_condition_not_met_is_a_conflict_only_where_the_topic_is_one(advise: Advise) -> None:
    boil = option(advise("kettle: {leaks: true, litres: 1}"), "boil")
    assert (boil.state, boil.relation) == (OptionState.DISAGREE, Relation.CONFLICT)


def test_a_document_speaks_with_its_most_committing_voice(advise: Advise) -> None:
    again = option(advise("kettle: {leaks: false, litres: 1, whistles: false}"), "again")
    assert (again.state, again.relation) == (OptionState.FAVOURED, Relation.AGREE)
    assert [voice.word.value for voice in again.voices] == ["FOR", "NO_REC", "FOR"]


def test_an_option_of_one_document_only(advise: Advise) -> None:
    polish = option(advise("kettle: {leaks: false, whistles: true}"), "polish")
    assert (polish.state, polish.relation) == (OptionState.POSSIBLE, Relation.ONE_SPEAKS)
    nothing = option(advise("kettle: {leaks: false, whistles: false}"), "polish")
    assert (nothing.state, nothing.relation) == (OptionState.NO_RECOMMENDATION, Relation.ONE_SPEAKS)


def test_two_documents_that_agree_without_a_topic_that_refines(advise: Advise) -> None:
    leave = option(advise("kettle: {litres: 1}\nreadings: [{heat: 90}]"), "leave")
    assert leave.relation is Relation.CONFLICT
    assert {voice.verdict.compiled.guideline for voice in leave.voices} == {"kettle-a", "kettle-b"}


def test_a_part_in_an_open_scope_is_unknown(advise: Advise) -> None:
    polish = option(advise("kettle: {material: [steel, clay], leaks: false, whistles: true}"), "polish")
    assert polish.state is OptionState.CANNOT_JUDGE
    assert polish.voices[0].strength is None


def test_the_missing_facts_of_an_option(advise: Advise) -> None:
    assert option(advise("kettle: {whistles: false}"), "descale").missing == ("litres", "leaks")


def test_an_option_that_no_document_asked_speaks_to_is_no_row(advise: Advise) -> None:
    assert [item.option.id for item in advise("kettle: {litres: 1}", guidelines=["kettle-b"]).options] == [
        "descale",
        "boil",
        "again",
        "leave",
    ]


def test_work_that_the_record_shows_is_recognised(advise: Advise) -> None:
    found = option(advise("kettle: {litres: 1}\nreadings: [{heat: 5, date: 2024-03, kind: probe}, {kind: guess}]"), "descale")
    assert found.done == ("Probe reading (2024-03)", "Heat noted (2024-03)")
    guessed = option(advise("kettle: {litres: 1}\nreadings: [{heat: 5, kind: guess}]"), "descale")
    assert guessed.done == ("Heat noted (readings 1)", "Guess with heat (readings 1)")


def test_a_word_of_neither_side_alone_is_no_recommendation(advise: Advise) -> None:
    without = option(advise("kettle: {litres: 1, shape: round}\nreadings: [{heat: 5}]"), "leave")
    assert without.state in (OptionState.NOT_ADVISED, OptionState.DISAGREE)
