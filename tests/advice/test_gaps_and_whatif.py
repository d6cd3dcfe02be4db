"""What to ask next, and what would change the advice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nelm.advice.assess import UnknownGuideline, assess
from nelm.advice.findings import Advice, Word
from nelm.advice.gaps import cells_of, supposing
from nelm.advice.whatif import NotAFact, flips, what_if, with_value
from nelm.criteria import Codes, Spans, Truth
from nelm.knowledge.base import Knowledge
from nelm.patient.record import parse_record

Advise = Callable[..., Advice]


def test_missing_facts_are_ordered_by_what_they_settle(advise: Advise) -> None:
    found = advise("kettle: {leaks: false, whistles: false}").gaps
    assert found[0].name == "litres"
    assert found[0].asks == "how much it holds"
    assert "kettle-a/Q01" in found[0].verdicts
    assert found[0].settles > 0
    assert [gap.settles for gap in found] == sorted((gap.settles for gap in found), reverse=True)


def test_facts_that_only_stand_beside_come_last(advise: Advise) -> None:
    found = advise("kettle: {leaks: true, litres: 1}\nreadings: [{heat: 5}]").gaps
    assert found[-1].verdicts == ()


def test_disputed_facts_are_marked(advise: Advise) -> None:
    found = advise("kettle: {leaks: false, whistles: sometimes}", set_aside_invalid=True).gaps
    assert [gap.name for gap in found if gap.contradicted] == ["whistles"]


def test_nothing_is_missing_where_all_is_known(advise: Advise) -> None:
    advice = advise("kettle: {leaks: true, litres: 1, whistles: true, shape: round}\nreadings: [{heat: 5}]")
    assert advice.gaps == ()


def test_supposing_replaces_facts_and_settles_their_dispute(advise: Advise, kettles: Knowledge) -> None:
    facts = advise("kettle: {leaks: false, whistles: sometimes}", set_aside_invalid=True).facts
    assert facts.contradicted() == {"whistles"}
    assert supposing(facts, kettles, {"whistles": Truth.TRUE}).contradicted() == frozenset()


def test_the_cells_of_a_fact_are_cut_at_every_threshold(advise: Advise, kettles: Knowledge) -> None:
    facts = advise("kettle: {leaks: false}").facts
    found = cells_of("litres", [kettles.verdict("kettle-a/Q01"), kettles.verdict("kettle-b/Q01")], kettles, facts)
    assert [(part.low.low, part.high.high) for part in found if isinstance(part, Spans)] == [(0, 2), (2, 2), (2, 5), (5, 5), (5, 10)]


def test_a_fact_is_cut_and_neighbours_with_the_same_advice_are_one(kettles: Knowledge) -> None:
    kettle = parse_record("kettle: {material: steel, leaks: false, litres: 1, whistles: false}", "k.yaml", kettles)
    answer = what_if(kettle, kettles, ["litres"])
    words = [(cell.is_now, cell.words["kettle-a/Q01"].value, cell.words["kettle-b/Q01"].value) for cell in answer.cells]
    assert words == [(True, "FOR", "FOR"), (False, "FOR", "NOT_MET"), (False, "AGAINST", "NOT_MET")]
    assert set(answer.changing) >= {"kettle-a/Q01", "kettle-b/Q01"}
    assert answer.now["kettle-a/Q01"] is Word.FOR


def test_several_facts_are_combined(kettles: Knowledge) -> None:
    kettle = parse_record("kettle: {material: steel, litres: 1, whistles: false}", "k.yaml", kettles)
    answer = what_if(kettle, kettles, ["leaks", "material"], guidelines=["kettle-a"])
    assert len(answer.cells) == 2 * 3
    clay = [cell for cell in answer.cells if cell.values["material"] == Codes.of("clay")]
    assert {cell.words["kettle-a/Q01"] for cell in clay} == {Word.OUT}


def test_a_fact_of_entries_is_changed_in_the_record_and_all_that_follows_with_it(kettles: Knowledge) -> None:
    kettle = parse_record("kettle: {material: steel}\nreadings: [{heat: 90, scale: high}, {heat: 10}]", "k.yaml", kettles)
    answer = what_if(kettle, kettles, ["heat"])
    by_word = {cell.words["kettle-a/Q04"]: cell for cell in answer.cells}
    assert by_word[Word.FOR].is_now
    assert Word.FOR not in {cell.words["kettle-a/Q04"] for cell in answer.cells if not cell.is_now}


def test_a_derived_fact_can_be_supposed(kettles: Knowledge) -> None:
    kettle = parse_record("kettle: {material: steel}\nreadings: [{heat: 90}]", "k.yaml", kettles)
    answer = what_if(kettle, kettles, ["top_class"])
    assert len(answer.cells) == 2


def test_a_fact_that_no_entry_states_goes_into_the_last_entry_or_a_new_one(kettles: Knowledge) -> None:
    empty = parse_record("kettle: {material: steel}", "k.yaml", kettles)
    made = with_value(empty, kettles, "heat", Spans.point(90), keep_entered=True)
    assert [entry.name for entry in made.of("reading")] == ["readings 1"]
    one = parse_record("kettle: {material: steel}\nreadings: [{scale: high}]", "k.yaml", kettles)
    kept = with_value(one, kettles, "heat", Spans.point(10), keep_entered=True).of("reading")[0]
    dropped = with_value(one, kettles, "heat", Spans.point(10), keep_entered=False).of("reading")[0]
    assert ("scale" in kept.values, "scale" in dropped.values) == (True, False)


def test_what_cannot_be_varied_is_refused_with_the_nearest_name(kettles: Knowledge) -> None:
    kettle = parse_record("kettle: {material: steel}", "k.yaml", kettles)
    with pytest.raises(NotAFact, match="Did you mean 'litres'"):
        what_if(kettle, kettles, ["liters"])
    with pytest.raises(NotAFact, match="is not a fact"):
        what_if(kettle, kettles, ["words"])
    with pytest.raises(NotAFact, match="combinations"):
        what_if(kettle, kettles, ["litres", "material", "leaks", "whistles", "shape", "heat", "top_class"])


def test_single_changes_that_turn_the_advice(advise: Advise) -> None:
    advice = advise("kettle: {leaks: false, litres: 1, whistles: false}")
    found = flips(advice, ["kettle-a/Q01", "kettle-b/Q01"])
    assert [(flip.fact, flip.verdict, flip.becomes) for flip in found] == [
        ("leaks", "kettle-a/Q01", Word.NOT_MET),
        ("litres", "kettle-a/Q01", Word.AGAINST),
        ("litres", "kettle-b/Q01", Word.NOT_MET),
    ]
    assert len(flips(advice, ["kettle-a/Q01", "kettle-b/Q01"], limit=1)) == 1


def test_flips_follow_what_governs_over_entries(advise: Advise) -> None:
    advice = advise("kettle: {shape: round}\nreadings: [{heat: 90}]")
    assert [(flip.fact, flip.becomes) for flip in flips(advice, ["kettle-a/Q04"])] == [("heat", Word.NOT_MET)]


def test_only_the_guidelines_asked_for(kettles: Knowledge) -> None:
    kettle = parse_record("kettle: {material: steel}", "k.yaml", kettles)
    assert [scope.guideline for scope in assess(kettle, kettles, guidelines=["kettle-b"]).scopes] == ["kettle-b"]
    with pytest.raises(UnknownGuideline, match="Permitted: kettle-a, kettle-b"):
        assess(kettle, kettles, guidelines=["kettle-z"])


def test_the_advice_finds_its_parts_by_key(advise: Advise) -> None:
    advice = advise("kettle: {litres: 1}")
    assert advice.scope("kettle-a").word is Word.IN
    assert advice.verdict("kettle-a/Q01").title == "Descaling"
    assert advice.words()["kettle-a/Q01"] is Word.UNKNOWN
    with pytest.raises(KeyError):
        advice.verdict("kettle-a/Q99")
