"""How a verdict follows from a table: one row of the specification per case."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nelm.advice.findings import Advice, Word
from nelm.advice.verdicts import Judge
from nelm.knowledge.base import Knowledge

Advise = Callable[..., Advice]


@pytest.mark.parametrize(
    ("kettle", "word", "decisive", "listed"),
    [
        pytest.param("{leaks: true}", "NOT_MET", (), (), id="a row that is true ends the reading"),
        pytest.param("{leaks: false, litres: 1, whistles: false}", "FOR", (), (), id="all rows false: otherwise"),
        pytest.param("{leaks: false, litres: 1}", "FOR", (), ("whistles",), id="a listed row does not hold the verdict up"),
        pytest.param("{leaks: false, litres: 1, material: glass}", "UNKNOWN", ("whistles",), (), id="unless the record raises the matter"),
        pytest.param("{litres: 1, whistles: false}", "UNKNOWN", ("leaks",), (), id="an undetermined row holds it up"),
        pytest.param("{litres: 8}", "AGAINST", ("leaks",), (), id="words that all say no give the word of the row that is true"),
        pytest.param("{leaks: false}", "UNKNOWN", ("litres",), ("whistles",), id="against or for is unknown"),
        pytest.param("{leaks: false, litres: 1, whistles: true}", "NOT_MET", (), (), id="a listed row that is true decides"),
    ],
)
def test_a_table_gives_one_word(advise: Advise, kettle: str, word: str, decisive: tuple[str, ...], listed: tuple[str, ...]) -> None:
    verdict = advise(f"kettle: {kettle}").verdict("kettle-a/Q01")
    assert (verdict.word.value, verdict.decisive, verdict.listed) == (word, decisive, listed)


def test_strength_votes_and_wording_only_where_the_verdict_says_what_the_statement_says(advise: Advise) -> None:
    for_it = advise("kettle: {leaks: false, litres: 1, whistles: false}")
    assert (for_it.verdict("kettle-a/Q01").strength, for_it.verdict("kettle-b/Q01").wording) == ("strong", "can-be")
    assert for_it.verdict("kettle-b/Q01").strength is None
    assert for_it.verdict("kettle-a/Q01").parts[0].votes[0].for_ == 60
    against = advise("kettle: {leaks: false, litres: 8}").verdict("kettle-a/Q01")
    assert (against.word, against.parts[0].strength, against.parts[0].votes) == (Word.AGAINST, None, ())


def test_the_most_committing_part_is_the_word_of_the_question(advise: Advise) -> None:
    assert advise("kettle: {leaks: true, litres: 8}").verdict("kettle-a/Q02").word is Word.FOR
    assert advise("kettle: {leaks: false, litres: 8}").verdict("kettle-a/Q02").word is Word.AGAINST
    assert advise("kettle: {leaks: false, litres: 1}").verdict("kettle-a/Q02").word is Word.NO_REC
    assert advise("kettle: {litres: 1}").verdict("kettle-a/Q02").word is Word.UNKNOWN


def test_parts_that_stand_beside_do_not_count_unless_nothing_else_does(advise: Advise) -> None:
    advice = advise("kettle: {leaks: true, litres: 1, whistles: true}")
    assert advice.verdict("kettle-a/Q01").parts[1].word is Word.FOR
    assert advice.verdict("kettle-a/Q01").word is Word.NOT_MET
    assert advice.verdict("kettle-a/Q03").word is Word.OPEN


def test_a_guideline_out_of_scope_says_nothing(advise: Advise) -> None:
    advice = advise("kettle: {material: clay}")
    assert [scope.word for scope in advice.scopes] == [Word.OUT, Word.OUT]
    assert {verdict.word for verdict in advice.verdicts} == {Word.OUT}
    assert advice.verdict("kettle-a/Q01").parts == ()
    assert advice.verdict("kettle-a/Q01").because == "clay is no kettle"


def test_an_unknown_scope_makes_every_verdict_unknown_and_says_what_would_hold(advise: Advise) -> None:
    assert advise("kettle: {leaks: false}").verdict("kettle-a/Q01").if_in_scope is None
    advice = advise("kettle: {leaks: false, litres: 1, whistles: false, material: [steel, clay]}")
    found = advice.verdict("kettle-a/Q01")
    assert (found.word, found.if_in_scope, found.decisive) == (Word.UNKNOWN, Word.FOR, ("material",))
    assert "if so: sound" in found.because


def test_repeated_facts_are_seen_as_the_same_fact(advise: Advise) -> None:
    verdict = advise("kettle: {leaks: true}").verdict("kettle-a/Q05")
    assert (verdict.word, verdict.decisive) == (Word.FOR, ())


def test_a_contradiction_holds_a_listed_row_up_and_is_named(advise: Advise) -> None:
    advice = advise("kettle: {leaks: false, litres: 1, material: steel}\nreadings: [{heat: 5}]")
    assert advice.verdict("kettle-a/Q01").word is Word.FOR
    disputed = advise(
        """
        kettle: {material: steel, leaks: false, litres: 1, whistles: sometimes}
        """,
        set_aside_invalid=True,
    )
    verdict = disputed.verdict("kettle-a/Q01")
    assert (verdict.word, verdict.contradicted) == (Word.UNKNOWN, ("whistles",))
    assert "whistles" in verdict.unknowns


def test_only_a_verdict_with_nothing_open_is_determined(advise: Advise) -> None:
    assert advise("kettle: {leaks: true}").verdict("kettle-a/Q01").is_determined
    assert not advise("kettle: {leaks: false, litres: 1}").verdict("kettle-a/Q01").is_determined
    assert not advise("kettle: {leaks: false}").verdict("kettle-a/Q01").is_determined


def test_conflicts_and_discrepancies_are_shown_where_they_are_not_ruled_out(advise: Advise) -> None:
    small = advise("kettle: {material: steel, litres: 1, whistles: false}").verdict("kettle-a/Q01")
    assert [conflict.id for conflict in small.conflicts] == ["K1", "K2"]
    assert [item.id for item in small.discrepancies] == ["D2"]
    open_size = advise("kettle: {material: steel}").verdict("kettle-a/Q01")
    assert [conflict.id for conflict in open_size.conflicts] == ["K1", "K2"]
    assert [item.id for item in open_size.discrepancies] == ["D1", "D2"]
    big = advise("kettle: {material: steel, litres: 4}").verdict("kettle-a/Q01")
    assert [conflict.id for conflict in big.conflicts] == ["K1"]


def test_while_the_scope_is_open_only_conflicts_known_to_touch_are_shown(advise: Advise) -> None:
    verdict = advise("kettle: {material: [steel, clay]}").verdict("kettle-a/Q01")
    assert [conflict.id for conflict in verdict.conflicts] == ["K1"]


def test_conflicts_with_a_document_that_was_not_asked_are_not_shown(advise: Advise) -> None:
    verdict = advise("kettle: {material: steel, litres: 1}", guidelines=["kettle-a"]).verdict("kettle-a/Q01")
    assert verdict.conflicts == ()


@pytest.mark.parametrize(
    "kettle",
    ["{leaks: true}", "{litres: 8}", "{leaks: false, litres: 1}", "{leaks: false, litres: 1, material: glass}", "{material: clay}"],
)
def test_the_quick_word_is_the_word(advise: Advise, kettles: Knowledge, kettle: str) -> None:
    advice = advise(f"kettle: {kettle}\nreadings: [{{heat: 5}}]")
    judge = Judge(kettles, advice.facts)
    for verdict in advice.verdicts:
        if verdict.word is Word.OUT:
            assert judge.scope_word(verdict.compiled.guideline) is Word.OUT
        elif verdict.compiled.rule.id != "Q05":
            assert judge.word(verdict.compiled) is (verdict.if_in_scope or verdict.word)
