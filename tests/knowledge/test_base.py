"""What the knowledge base answers about its content."""

from __future__ import annotations

import pickle

import pytest

from nelm.knowledge.base import Knowledge


@pytest.mark.parametrize(
    ("name", "label", "asks", "unit"),
    [
        ("hull", "Hull", "what the hull is made of", None),
        ("length_m", "Length", "Length", "m"),
        ("top_speed", "Speed in the highest class", "Speed in the highest class", "knots"),
        ("pilot/Q1.rust_low", "Little rust", "Little rust", None),
        ("no_such_fact", "no_such_fact", "no_such_fact", None),
    ],
)
def test_names_in_words(harbour: Knowledge, name: str, label: str, asks: str, unit: str | None) -> None:
    assert (harbour.label(name), harbour.asks(name), harbour.unit_of(name)) == (label, asks, unit)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("hull", ["wood", "steel", "not_steel"]),
        ("top_class", ["C", "B", "A", "X"]),
        ("voyage_class", ["C", "B", "A", "X"]),  # the codes of the table that it shares
        ("ever_ferry", []),
        ("length_m", []),
        ("no_such_fact", []),
    ],
)
def test_codes_of_a_fact(harbour: Knowledge, name: str, codes: list[str]) -> None:
    assert [code.code for code in harbour.codes_of(name)] == codes


def test_entities_and_what_is_derived_on_each_entry(harbour: Knowledge) -> None:
    assert harbour.entity_by_name("voyage").record_key == "voyages"
    assert [derivation.name for derivation in harbour.per_entry("voyage")] == ["class_computed", "voyage_class", "fast"]
    assert harbour.per_entry("boat") == ()


@pytest.mark.parametrize(
    ("element", "gathered"),
    [
        ("speed", {"top_class", "top_speed", "cargo_speed", "first_speed", "ever_fast"}),
        ("voyage_kind", {"top_class", "top_speed", "ever_ferry"}),
        ("class_given", {"low_class"}),
        ("hull", set()),
    ],
)
def test_facts_gathered_from_an_element(harbour: Knowledge, element: str, gathered: set[str]) -> None:
    assert harbour.gathered_from(element) == gathered


@pytest.mark.parametrize(
    ("fact", "elements"),
    [
        ("hull", {"hull"}),
        ("age_years", {"age_years", "launched"}),
        ("top_class", {"speed", "voyage_kind", "class_given"}),
        ("top_speed", {"speed", "voyage_kind", "class_given"}),
        ("cargo_speed", {"speed", "voyage_kind"}),
        ("first_speed", {"speed", "voyage_kind"}),
        ("ever_fast", {"speed", "voyage_kind"}),
        ("ports_named", {"ports"}),
        ("big", set()),
        ("no_such_fact", set()),
    ],
)
def test_elements_behind_a_fact(harbour: Knowledge, fact: str, elements: set[str]) -> None:
    assert harbour.elements_behind(fact) == elements


def test_conditions_of_the_content(harbour: Knowledge) -> None:
    rows = harbour.verdict("pilot/Q1").parts[0].rows
    assert harbour.facts_behind(rows[1].when) == {"rust_percent"}
    assert harbour.facts_behind(rows[1].when) == {"rust_percent"}, "as remembered"
    assert not harbour.repeats(rows[1].when)


def test_statements_and_verdicts_by_their_keys(harbour: Knowledge) -> None:
    assert harbour.statement("pilot/Q1.R1").statement.says.startswith("A sound boat")
    assert harbour.verdict("pilot/Q1").rule.title == "Leaving the harbour"
    for key in ("pilot/Q2", "coast/Q1", "Q1"):
        with pytest.raises(KeyError):
            harbour.verdict(key)
        with pytest.raises(KeyError):
            harbour.statement(key)


def test_the_order_of_the_content(harbour: Knowledge) -> None:
    assert harbour.position["hull"] < harbour.position["rust_percent"] < harbour.position["big"] < harbour.position["pilot.sound"]


def test_a_copy_says_the_same_and_remembers_nothing(harbour: Knowledge) -> None:
    harbour.verdict("pilot/Q1")
    copy = pickle.loads(pickle.dumps(harbour))
    assert copy.elements == harbour.elements
    assert copy.conditions == harbour.conditions
    assert "_verdicts" not in copy.__dict__
