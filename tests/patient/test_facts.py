"""From entries to the facts as of a date: what is chosen, from which entries, and what contradicts what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from nelm.criteria import Spans, Truth, Value
from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load
from nelm.patient import facts as module
from nelm.patient.facts import Facts, facts_of
from tests.knowledge.world import OF_VOYAGES, copy_of_harbour, replace_in
from tests.patient.world import FALSE, INF, TRUE, UNDETERMINED, codes, count, days, facts_in, number, record_of, value_in

ALL = codes("good", "fair", "poor")


def contradictions(facts: Facts, severity: str = "contradiction") -> list[str]:
    return [found.id for found in facts.contradictions if found.severity == severity]


def entry_values(facts: Facts, entity: str, number: int) -> Mapping[str, Value]:
    """What one entry says by itself."""
    return next(said.values for entry, said in facts.by_entry.items() if (entry.entity, entry.number) == (entity, number))


def origins(facts: Facts, name: str) -> list[str]:
    return [entry.name for entry in facts.origins.get(name, ())]


# -- one entry ----------------------------------------------------------------------------------------------


def test_what_an_entry_states_is_the_fact(harbour: Knowledge) -> None:
    facts = facts_in("boat: {hull: [wood, steel], length_m: '>30', boat_name: x}", harbour)
    assert facts.value_of("hull") == codes("wood", "steel")
    assert facts.value_of("length_m") == number(30, 400, low_open=True)
    assert origins(facts, "hull") == ["boat 1"]
    assert "boat_name" not in facts.values, "no condition asks about text"
    assert facts.contradictions == ()
    assert facts.contradicted() == frozenset()


def test_what_nobody_stated_may_be_anything(harbour: Knowledge) -> None:
    facts = facts_in("boat: {boat_name: x}", harbour)
    assert facts.value_of("hull") == codes("wood", "steel", "not_steel")
    assert facts.value_of("freight") == number(-INF, INF)
    assert facts.value_of("big") is UNDETERMINED
    assert facts.value_of("top_class") == codes("C", "B", "A", "X")
    with pytest.raises(KeyError):
        facts.value_of("no_such_fact")


# -- choosing over entries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("surveys", "value", "from_entries"),
    [
        # the latest entry that says something
        ("{date: 2023, rust_percent: 5}, {date: 2024, rust_percent: 8}", number(8), ["surveys 2"]),
        ("{date: 2024, rust_percent: 8}, {date: 2023, rust_percent: 5}", number(8), ["surveys 1"]),
        ("{date: 2023, rust_percent: 5}, {date: 2024, leaks: true}", number(5), ["surveys 1"]),
        ("{date: 2023, rust_percent: 5}, {date: 2024, rust_percent: unknown}", number(5), ["surveys 1"]),
        # where the order cannot be told, what the entries agree on
        ("{rust_percent: '5-10'}, {rust_percent: '8-20'}", number(8, 10), ["surveys 1", "surveys 2"]),
        ("{date: 2024, rust_percent: '5-10'}, {rust_percent: '8-20'}", number(8, 10), ["surveys 1", "surveys 2"]),
        ("{date: 2024-01, rust_percent: '5-10'}, {date: 2024, rust_percent: '8-20'}", number(8, 10), ["surveys 1", "surveys 2"]),
        (
            "{date: 2023, rust_percent: 5}, {date: 2024-01, rust_percent: 8}, {date: 2024, rust_percent: 8}",
            number(8),
            ["surveys 2", "surveys 3"],
        ),
        ("{date: '>2023', rust_percent: 5}, {date: 2023, rust_percent: 7}", number(5), ["surveys 1"]),
    ],
)
def test_latest(harbour: Knowledge, surveys: str, value: Value, from_entries: list[str]) -> None:
    facts = facts_in(f"surveys: [{surveys}]", harbour)
    assert facts.value_of("rust_percent") == value
    assert origins(facts, "rust_percent") == from_entries
    assert facts.contradictions == ()


@pytest.mark.parametrize(
    ("surveys", "name", "value"),
    [
        ("{date: 2023, first_rust_percent: 5}, {date: 2024, first_rust_percent: 8}", "first_rust_percent", number(5)),
        ("{date: 2023, first_rust_percent: 5}, {first_rust_percent: '4-8'}", "first_rust_percent", number(5)),
        ("{worst_rust_percent: 5}, {worst_rust_percent: 8}", "worst_rust_percent", number(8)),
        ("{worst_rust_percent: 5}, {worst_rust_percent: '<9'}", "worst_rust_percent", number(5, 9, high_open=True)),
        ("{worst_rust_percent: 5}, {worst_rust_percent: '>9'}", "worst_rust_percent", number(9, 100, low_open=True)),
        ("{best_rust_percent: 5}, {best_rust_percent: 8}", "best_rust_percent", number(5)),
        ("{best_rust_percent: 5}, {best_rust_percent: '>3'}", "best_rust_percent", number(3, 5, low_open=True)),
        ("{leaks: false}, {leaks: true}", "leaks", TRUE),
        ("{leaks: false}, {leaks: false}", "leaks", FALSE),
        ("{date: 2023, leaks: true}, {date: 2024, leaks: false}", "leaks", TRUE),
        ("{every_condition: good}, {every_condition: poor}", "every_condition", codes("good", "poor")),
        ("{date: 2023, condition: good}, {date: 2024, condition: [fair, poor]}", "condition", codes("fair", "poor")),
        ("{date: 2023, painted: true}, {date: 2024, painted: false}", "painted", FALSE),
        ("{holes: '>3'}, {holes: '<9'}", "holes", count(4, 8)),
        ("{next_survey: 2024}, {next_survey: 2024-05}", "next_survey", days("2024-05-01", "2024-05-31")),
    ],
)
def test_other_ways_to_choose(harbour: Knowledge, surveys: str, name: str, value: Value) -> None:
    facts = facts_in(f"surveys: [{surveys}]", harbour)
    assert facts.value_of(name) == value
    assert facts.contradictions == ()


def test_entries_of_the_same_time_that_exclude_one_another(harbour: Knowledge) -> None:
    text = """
        surveys:
          - {date: 2024-03-01, rust_percent: 5, source: yard}
          - {date: 2024-03-01, rust_percent: "7-9"}
          - {date: 2023, rust_percent: 50}
        """
    facts = facts_in(text, harbour)
    assert facts.value_of("rust_percent") == Spans.of([*number(5).parts, *number(7, 9).parts])
    (found,) = facts.contradictions
    assert (found.id, found.severity, found.facts) == ("rust_percent_twice", "contradiction", ("rust_percent",))
    assert found.says == "Rust: 5 % (surveys 1, yard) and 7-9 % (surveys 2). The entries exclude one another and none is later."
    assert [entry.name for entry in found.entries] == ["surveys 1", "surveys 2"]
    assert facts.contradicted() == {"rust_percent"}
    assert facts.value_of("rust_disputed") is TRUE


def test_entries_about_different_things_do_not_contradict_one_another(harbour: Knowledge) -> None:
    facts = facts_in("voyages: [{speed: 5, voyage_kind: cargo}, {speed: 9, voyage_kind: fishing}]", harbour)
    assert facts.value_of("speed") == Spans.of([*number(5).parts, *number(9).parts])
    assert facts.value_of("voyage_kind") == codes("cargo", "fishing")
    assert facts.contradictions == ()


@pytest.mark.parametrize(
    ("as_of", "value"),
    [
        (None, number(9)),
        (date(2025, 1, 1), number(9)),
        (date(2024, 6, 30), number(9)),  # some day of the month may have been before
        (date(2024, 5, 31), number(7)),
        (date(2023, 12, 31), number(5)),
        (date(2021, 1, 1), number(0, 100)),
    ],
)
def test_entries_that_are_certainly_later_are_left_out(harbour: Knowledge, as_of: date | None, value: Value) -> None:
    text = "surveys: [{date: 2022, rust_percent: 5}, {date: 2024-05-31, rust_percent: 7}, {date: 2024-06, rust_percent: 9}]"
    assert value_in(text, harbour, "rust_percent", as_of) == value


def test_the_date_of_the_record_counts_where_none_is_asked_for(harbour: Knowledge) -> None:
    text = "as_of: {}\nsurveys: [{{date: 2022, rust_percent: 5}}, {{date: 2024-05, rust_percent: 7}}]"
    assert facts_in(text.format("2023"), harbour).as_of == date(2023, 12, 31)
    assert value_in(text.format("2023"), harbour, "rust_percent") == number(5)
    assert value_in(text.format("2024"), harbour, "rust_percent") == number(7)
    assert value_in(text.format("2024"), harbour, "rust_percent", date(2022, 1, 1)) == number(5)
    assert [entry.name for entry in facts_in(text.format("2023"), harbour).entries] == ["surveys 1"]


def test_entries_without_a_date_always_count(harbour: Knowledge) -> None:
    assert value_in("surveys: [{rust_percent: 5}]", harbour, "rust_percent", date(1900, 1, 1)) == number(5)


# -- derived on one entry -----------------------------------------------------------------------------------


def test_an_entered_class_is_reconciled_with_the_computed_one(harbour: Knowledge) -> None:
    # 15 knots is class B; B or A was written
    facts = facts_in("voyages: [{speed: 15, voyage_kind: cargo, class_given: [B, A]}]", harbour)
    assert entry_values(facts, "voyage", 1)["voyage_class"] == codes("B")
    assert facts.value_of("top_class") == codes("B")
    assert facts.contradictions == ()


def test_an_entered_and_a_computed_class_that_exclude_one_another(harbour: Knowledge) -> None:
    facts = facts_in("voyages: [{speed: 15, voyage_kind: cargo, class_given: C}]", harbour)
    assert entry_values(facts, "voyage", 1)["voyage_class"] == codes("B", "C")
    assert facts.value_of("top_class") == codes("B", "C")
    (found,) = facts.contradictions
    assert (found.id, found.facts) == ("voyage_class_entered_and_computed", ("voyage_class",))
    assert found.says == "Class: the entry and what follows from the other findings of the same entry exclude one another."


def test_rules_about_one_entry(harbour: Knowledge) -> None:
    facts = facts_in("surveys: [{date: 2023, painted: true, condition: poor}, {date: 2024, painted: true, condition: good}]", harbour)
    (found,) = facts.contradictions
    assert (found.id, found.says, found.facts, [entry.name for entry in found.entries]) == (
        "poor_paint",
        "Painted and poor.",
        ("painted", "big"),
        ["surveys 1"],
    )
    assert entry_values(facts, "survey", 1) == {"painted": UNDETERMINED, "condition": codes("poor")}
    assert entry_values(facts, "survey", 2) == {"painted": TRUE, "condition": codes("good")}


def test_a_rule_about_one_entry_that_only_asks_for_review(harbour: Knowledge) -> None:
    facts = facts_in("surveys: [{holes: 200}]", harbour)
    assert (contradictions(facts, "review"), facts.value_of("holes")) == (["riddled"], count(200))


def test_a_disputed_fact_that_holds_all_that_was_entered_keeps_just_that(harbour: Knowledge, tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    rule = "{id: slow_b, per: voyage, when: \"class_given = 'C' and speed > 10\", says: x, severity: contradiction, widens: [voyage_class, crew]}"
    replace_in(root, "derivations/consistency.yaml", "rules:\n", f"rules:\n  - {rule}\n")
    facts = facts_in("voyages: [{speed: 15, voyage_kind: cargo, class_given: C, crew: 3}]", load(root))
    assert entry_values(facts, "voyage", 1)["voyage_class"] == codes("B", "C"), "not every class: two were entered or computed"
    assert entry_values(facts, "voyage", 1)["crew"] == count(1, INF)


# -- gathered over entries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("voyages", "name", "value"),
    [
        # any: true by one entry; false only where the list leaves nothing out
        ("voyages: [{voyage_kind: ferry}, {voyage_kind: cargo}]", "ever_ferry", TRUE),
        ("voyages: [{voyage_kind: cargo}]", "ever_ferry", UNDETERMINED),
        ("complete: [voyages]\nvoyages: [{voyage_kind: cargo}]", "ever_ferry", FALSE),
        ("complete: [voyages]\nvoyages: [{voyage_kind: cargo}, {voyage_kind: [ferry, cargo]}]", "ever_ferry", UNDETERMINED),
        ("complete: [voyages]\nvoyages: [{voyage_kind: unknown}]", "ever_ferry", UNDETERMINED),
        ("complete: [voyages]\nvoyages: [{voyage_kind: }]\nboat: {hull: wood}", "ever_ferry", FALSE),
        ("complete: [voyages]\nboat: {hull: wood}", "ever_ferry", FALSE),
        ("boat: {hull: wood}", "ever_ferry", UNDETERMINED),
        # any with where: both of the same entry
        ("complete: [voyages]\nvoyages: [{voyage_kind: cargo, speed: 30}]", "ever_fast", TRUE),
        ("complete: [voyages]\nvoyages: [{voyage_kind: cargo, speed: 3}, {voyage_kind: ferry, speed: 30}]", "ever_fast", FALSE),
        ("complete: [voyages]\nvoyages: [{speed: 30}]", "ever_fast", UNDETERMINED),
        # stated: an entry has the field
        ("voyages: [{ports: [Leith]}]", "ports_named", TRUE),
        ("voyages: [{speed: 5}]", "ports_named", UNDETERMINED),
        ("complete: [voyages]\nvoyages: [{speed: 5}]", "ports_named", FALSE),
        # highest and lowest
        ("voyages: [{voyage_kind: cargo, speed: 15}, {voyage_kind: cargo, speed: 5}]", "top_class", codes("B")),
        ("voyages: [{voyage_kind: cargo, speed: '>5'}, {voyage_kind: cargo, speed: 15}]", "top_class", codes("A", "B")),
        ("voyages: [{class_given: [B, A]}, {class_given: [C, B]}]", "low_class", codes("B", "C")),
        ("voyages: [{class_given: B}, {class_given: A}]", "low_class", codes("B")),
        ("voyages: [{crew: 3}]", "top_class", codes("C", "B", "A", "X")),
        # latest and earliest, of the entries that count
        ("voyages: [{date: 2020, voyage_kind: cargo, speed: 5}, {date: 2021, voyage_kind: cargo, speed: 7}]", "cargo_speed", number(7)),
        ("voyages: [{date: 2020, voyage_kind: cargo, speed: 5}, {date: 2021, voyage_kind: ferry, speed: 7}]", "cargo_speed", number(5)),
        (
            "voyages: [{date: 2020, voyage_kind: cargo, speed: 5}, {date: 2021, speed: 7}]",
            "cargo_speed",
            Spans.of([*number(5).parts, *number(7).parts]),
        ),
        ("voyages: [{date: 2020, speed: 5}]", "cargo_speed", number(0, 60)),
        ("voyages: [{date: 2020, voyage_kind: ferry, speed: 5}]", "cargo_speed", number(0, 60)),
        # unless leaves out only what is known to be one
        ("voyages: [{date: 2020, voyage_kind: ferry, speed: 5}, {date: 2021, speed: 7}]", "first_speed", number(7)),
        ("voyages: [{date: 2020, speed: 5}, {date: 2021, speed: 7}]", "first_speed", number(5)),
        ("voyages: [{speed: 5}, {speed: 7}]", "first_speed", Spans.of([*number(5).parts, *number(7).parts])),
        # the value where another is highest
        ("voyages: [{voyage_kind: cargo, speed: 30}, {voyage_kind: cargo, speed: 15}]", "top_speed", number(30)),
        ("voyages: [{class_given: A, speed: 22, voyage_kind: cargo}, {class_given: A, voyage_kind: fishing}]", "top_speed", number(22, 60)),
        ("voyages: [{crew: 3}, {voyage_kind: cargo, speed: 15}]", "top_speed", number(15)),
        ("voyages: [{crew: 3}]", "top_speed", number(0, 60)),
    ],
)  # fmt: skip
def test_gathered(harbour: Knowledge, voyages: str, name: str, value: Value) -> None:
    assert value_in(voyages, harbour, name) == value


def test_a_gathered_fact_remembers_its_entries(harbour: Knowledge) -> None:
    facts = facts_in("voyages: [{voyage_kind: cargo, speed: 15}, {crew: 3}, {voyage_kind: cargo, speed: 5}]", harbour)
    assert origins(facts, "top_speed") == ["voyages 1", "voyages 3"]
    assert origins(facts, "ever_ferry") == []


def test_two_that_are_not_ranked_against_one_another(harbour: Knowledge) -> None:
    facts = facts_in("voyages: [{voyage_kind: ferry, speed: 5}, {voyage_kind: cargo, speed: 15}, {class_given: [A, X]}]", harbour)
    assert facts.value_of("top_class") == codes("X", "B", "A")
    (found,) = facts.contradictions
    assert (found.id, found.facts) == ("top_class_unranked", ("top_class",))
    assert found.says == "Highest class: one of the voyages is X, another is not. They are not ranked; this needs review by the team."
    assert [entry.name for entry in found.entries] == ["voyages 1", "voyages 2"]


@pytest.mark.parametrize(
    ("voyages", "value"),
    [
        ("[{voyage_kind: ferry}, {voyage_kind: ferry}]", codes("X")),
        ("[{voyage_kind: ferry}, {class_given: [A, X]}]", codes("X")),
        ("[{voyage_kind: cargo, speed: 5}, {class_given: [A, X], voyage_kind: [cargo, ferry]}]", codes("A", "X")),
    ],
)
def test_what_may_still_be_of_one_kind_is_no_contradiction(harbour: Knowledge, voyages: str, value: Value) -> None:
    facts = facts_in(f"voyages: {voyages}", harbour)
    assert facts.value_of("top_class") == value
    assert facts.contradictions == ()


# -- years ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("as_of: 2024-03-12\nboat: {launched: 1990-03-12}", number(34)),
        ("as_of: 2024-03-11\nboat: {launched: 1990-03-12}", number(33)),
        ("as_of: 2024-03-11\nboat: {launched: 1990}", number(33, 34)),
        ("as_of: 2024-02-29\nboat: {launched: 2000-02-29}", number(24)),
        ("as_of: 2024-03-11\nboat: {launched: 1990, age_years: 34}", number(34)),
        ("as_of: 2024-03-11\nboat: {launched: 1990, age_years: '30-40'}", number(33, 34)),
        ("as_of: 2024-03-11\nboat: {age_years: 12}", number(12)),
        ("as_of: 2024-03-11\nboat: {launched: 2024}", number(0)),  # launched this year: it may not be born yet
        ("as_of: 2024-03-11\nboat: {launched: 2025}", number(0, 300)),
        ("as_of: 2024-03-11\nboat: {hull: wood}", number(0, 300)),
    ],
)
def test_years_since_a_day(harbour: Knowledge, text: str, age: Value) -> None:
    facts = facts_in(text, harbour)
    assert facts.value_of("age_years") == age
    assert facts.contradictions == ()


def test_an_age_that_does_not_fit_the_day(harbour: Knowledge) -> None:
    facts = facts_in("as_of: 2024-03-11\nboat: {launched: 1990, age_years: 50}", harbour)
    assert facts.value_of("age_years") == Spans.of([*number(33, 34).parts, *number(50).parts])
    assert contradictions(facts) == ["age_years_entered_and_computed"]
    assert origins(facts, "age_years") == ["boat 1", "boat 1"]


def test_years_until_today_where_no_date_is_named(harbour: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    class Today(date):
        @classmethod
        def today(cls) -> date:
            return date(2030, 6, 1)

    monkeypatch.setattr(module, "date", Today)
    assert value_in("boat: {launched: 2000-06-01}", harbour, "age_years") == number(30)


# -- the whole patient ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "berth", "found"),
    [
        ("boat: {length_m: 30}", codes("outer"), []),
        ("boat: {length_m: 10}", codes("inner", "outer"), []),
        ("boat: {berth: inner}", codes("inner"), []),
        ("boat: {berth: inner, length_m: 10}", codes("inner"), []),
        ("boat: {berth: inner, length_m: '10-30'}", codes("inner"), []),
        ("boat: {berth: inner, length_m: 30}", codes("inner", "outer"), ["berth_entered_and_computed"]),
    ],
)
def test_a_fact_that_is_entered_and_follows_from_others(harbour: Knowledge, text: str, berth: Value, found: list[str]) -> None:
    facts = facts_in(text, harbour)
    assert facts.value_of("berth") == berth
    assert contradictions(facts) == found
    assert facts.contradicted() == ({"berth"} if found else set())


@pytest.mark.parametrize(
    ("surveys", "passable", "found"),
    [
        ("{condition: poor, passable: true}", UNDETERMINED, ["passable_entered_and_computed"]),
        ("{date: 2023, condition: poor, passable: true}", UNDETERMINED, ["passable_entered_and_computed"]),
        ("{date: 2023, condition: poor}, {passable: true}", UNDETERMINED, ["passable_entered_and_computed"]),
        ("{condition: poor}, {date: 2023, passable: true}", UNDETERMINED, ["passable_entered_and_computed"]),
        ("{date: 2023, condition: poor}, {date: 2023-05, passable: true}", UNDETERMINED, ["passable_entered_and_computed"]),
        ("{date: 2023, condition: poor}, {date: 2024, passable: true}", TRUE, []),
        ("{date: 2023, passable: true}, {date: 2024, condition: poor}", FALSE, []),
        ("{date: 2023, condition: good}, {date: 2024, passable: false}", FALSE, []),
    ],
)
def test_where_one_of_both_is_certainly_later_it_counts(harbour: Knowledge, surveys: str, passable: Value, found: list[str]) -> None:
    facts = facts_in(f"surveys: [{surveys}]", harbour)
    assert facts.value_of("passable") is passable
    assert contradictions(facts) == found


def test_a_derivation_that_serves_only_where_nothing_was_entered(harbour: Knowledge) -> None:
    assert value_in("boat: {seaworthy: true}", harbour, "insured") is TRUE
    facts = facts_in("boat: {seaworthy: true, insured: false}", harbour)
    assert facts.value_of("insured") is FALSE
    assert facts.contradictions == ()


@pytest.mark.parametrize(
    ("entered", "value", "found"),
    [(", entered: calls", codes("B", "C"), ["calls_entered_and_computed"]), ("", codes("C"), [])],
)
def test_an_entered_fact_that_is_also_gathered(tmp_path: Path, entered: str, value: Value, found: list[str]) -> None:
    root = copy_of_harbour(tmp_path)
    scale = "codes: [{code: C, label: Class C}, {code: B, label: Class B}, {code: A, label: Class A}, {code: X, label: Out of class}]"
    replace_in(
        root,
        "dictionary/boat.yaml",
        "  - {name: boat_name,",
        f"  - {{name: calls, label: Calls, type: coded, {scale}}}\n  - {{name: boat_name,",
    )
    replace_in(
        root, OF_VOYAGES, "  - {name: low_class,", f"  - {{name: calls, label: Calls, type: coded, over: voyage, highest: class_given{entered}}}\n  - {{name: low_class,"
    )  # fmt: skip
    knowledge = load(root)
    facts = facts_in("boat: {calls: C}\nvoyages: [{class_given: B}]", knowledge)
    assert (facts.value_of("calls"), contradictions(facts)) == (value, found)
    assert value_in("boat: {calls: [B, C]}\nvoyages: [{class_given: B}]", knowledge, "calls") == (
        codes("B") if entered else codes("B", "C")
    )
    assert value_in("voyages: [{class_given: B}]", knowledge, "calls") == codes("B")
    assert value_in("boat: {calls: C}\nvoyages: [{crew: 3}]", knowledge, "calls") == codes("C")


def test_rules_about_the_whole_patient(harbour: Knowledge) -> None:
    facts = facts_in("boat: {hull: wood, length_m: 0.5}\nsurveys: [{rust_percent: 60}]", harbour)
    assert contradictions(facts) == ["rusty_wood"]
    assert contradictions(facts, "review") == ["tiny"]
    rusty, tiny = facts.contradictions
    assert ([entry.name for entry in rusty.entries], rusty.facts) == (["boat 1", "surveys 1"], ("hull", "rust_percent"))
    assert [entry.name for entry in tiny.entries] == ["boat 1"]
    assert facts.value_of("hull") == codes("wood", "steel", "not_steel"), "a contradiction leaves a fact open"
    assert facts.value_of("length_m") == number(0.5), "what needs review stays what it is"
    assert facts.contradicted() == {"hull", "rust_percent"}


def test_a_rule_that_only_may_hold_says_nothing(harbour: Knowledge) -> None:
    facts = facts_in("boat: {hull: [wood, steel]}\nsurveys: [{rust_percent: 60}]", harbour)
    assert facts.contradictions == ()


def test_facts_about_the_record_itself(harbour: Knowledge) -> None:
    assert value_in("boat: {hull: wood}", harbour, "wooden_seen") is TRUE
    assert value_in("boat: {hull: [wood, steel]}", harbour, "wooden_seen") is FALSE
    assert value_in("boat: {hull: wood}\nsurveys: [{rust_percent: 60}]", harbour, "rust_disputed") is TRUE
    assert value_in("boat: {hull: wood}", harbour, "rust_disputed") is FALSE
    assert facts_in("boat: {hull: wood}", harbour).contradictions == (), "a quiet rule is told to nobody"


def test_a_quiet_rule_for_an_entry(tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    replace_in(
        root, "derivations/consistency.yaml", "says: Riddled with holes., severity: review", "says: Riddled with holes., severity: quiet"
    )
    replace_in(root, "derivations/boat.yaml", "fired: [wooden]", "fired: [wooden, riddled]")
    facts = facts_in("surveys: [{holes: 101}]", load(root))
    assert facts.value_of("wooden_seen") is TRUE
    assert facts.contradictions == ()


def test_what_a_question_supposes_goes_before_what_was_found(harbour: Knowledge) -> None:
    record = record_of("boat: {length_m: 10}", harbour)
    assumed = facts_of(record, harbour, assume={"length_m": number(60), "ever_ferry": TRUE})
    assert assumed.value_of("big") is TRUE
    assert assumed.value_of("calm") is FALSE
    assert facts_of(record, harbour).value_of("big") is FALSE


def test_what_was_set_aside_leaves_its_facts_in_dispute(harbour: Knowledge) -> None:
    record = record_of("voyages: [{speed: 500, class_given: A}]\nboat: {launched: 2024-02-30}", harbour, set_aside_invalid=True)
    facts = facts_of(record, harbour)
    assert facts.set_aside >= {"speed", "top_class", "top_speed", "cargo_speed", "launched", "age_years"}
    assert not facts.set_aside & {"low_class", "class_given", "hull"}
    assert facts.contradicted() == facts.set_aside
    given = record_of("voyages: [{class_given: Z}]", harbour, set_aside_invalid=True)
    assert facts_of(given, harbour).set_aside == {"class_given", "top_class", "top_speed", "low_class"}


def test_a_table_over_a_gathered_fact(harbour: Knowledge) -> None:
    assert value_in("voyages: [{voyage_kind: ferry}]", harbour, "calm") is FALSE
    assert value_in("complete: [voyages]\nvoyages: [{voyage_kind: cargo}]", harbour, "calm") is Truth.UNDETERMINED
