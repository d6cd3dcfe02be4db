"""The description of a synthetic cohort: what it may say, how it is drawn and written, and every way in which it can be wrong.

It is about boats here: the code knows nothing of what it draws.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nelm.cohort.synthetic.conditions import World, certainly, operand
from nelm.cohort.synthetic.content import FILE, load_description
from nelm.cohort.synthetic.draws import Drawing
from nelm.cohort.synthetic.model import Case, Description, Distribution, Lognormal, Normal, Uniform, Weibull
from nelm.cohort.synthetic.simulate import Simulated, simulate, simulate_with_truth
from nelm.criteria import Codes, Evaluator, Expression, Model, Span, Spans, Truth, Value, parse
from nelm.criteria.syntax import CodeLiteral, Member, Name, NumberLiteral
from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from nelm.patient.record import parse_record
from tests.criteria.generated import DAYS, TYPES, conditions

BOATS = """\
id: boats
version: 1.0.0
title: Boats
ends: last_day
variables:
  - {name: hull, choice: {wood: 60, steel: 40}, claims: [pilot/Q1.E1]}
  - {name: launched, after: "@1950-01-01", days: {uniform: {low: 0, high: 1000}, digits: 0}, assumed: any day}
  - {name: last_day, after: launched, months: {exactly: 60}, assumed: five years}
  - {name: sloppy, by: hull, values: {wood: 1, otherwise: 0.5}, assumed: wood is written down badly}
  - {name: rusty, is: "hull = 'steel'"}
  - {name: length_m, lognormal: {median: 20, sigma: 1}, assumed: small boats}
  - {name: next_look, same_as: launched}
entries:
  - entity: boat
    assumed: known to everybody
    writes: [hull, launched, length_m]
    draws:
      - {name: boat_name, choice: {Anna: 1, Berta: 1}}
      - {name: berth, when: "rusty", choice: {inner: 1, outer: 1}}
  - entity: survey
    assumed: once a year
    happens: {cases: [{when: "hull = 'wood'", chance: 0.9}, {exactly: true}]}
    repeat: 9
    date: {after: next_look, days: {uniform: {low: 360, high: 370}, digits: 0}}
    date_as: next_look
    draws:
      - {name: rust_percent, by: rusty, tables: {"true": {uniform: {low: 5, high: 95}, digits: 0}, "false": {exactly: 0}}}
      - {name: condition, choice: {good: 1, fair: 1, poor: 1}}
      - {name: holes, normal: {mean: 2, sd: 2}, digits: 0}
complete:
  surveys: {chance: 0.5, assumed: half}
missing: {assumed: sloppiness, otherwise: 0.2, factor: sloppy, shares: {date: 0, hull: 0}}
partial:
  assumed: sloppiness
  factor: sloppy
  forms:
    - {element: launched, written: year, share: 0.3}
    - {element: launched, written: month, share: 0.3}
    - {element: hull, written: set, share: 0.2}
    - {element: hull, written: spelling, share: 0.2}
    - {element: condition, written: neighbour, share: 0.5}
    - {element: rust_percent, written: limits, at: [10, 50], share: 0.5}
    - {element: holes, written: steps, of: 2, share: 0.5}
    - {element: length_m, written: steps, of: 10, share: 0.5}
anchors:
  - {claim: pilot/Q1.E1, share: "hull = 'wood'", within: 40}
"""


def described(harbour: Knowledge, folder: Path, text: str = BOATS) -> Description:
    (folder / FILE).parent.mkdir(exist_ok=True)
    (folder / FILE).write_text(text, encoding="utf-8")
    return load_description(harbour, folder)


@pytest.fixture
def boats(harbour: Knowledge, tmp_path: Path) -> list[Simulated]:
    return list(simulate_with_truth(described(harbour, tmp_path), harbour, 400, 1))


# -- what comes of it ---------------------------------------------------------------------------------------------


def test_boats_are_accepted(boats: list[Simulated], harbour: Knowledge) -> None:
    for boat in boats:
        parse_record(json.dumps(boat.record), "boat", harbour)


def test_values_are_written_in_every_form(boats: list[Simulated]) -> None:
    hulls = {boat.record["boat"]["hull"] for boat in boats}
    assert hulls == {"wood", "steel", "ordinary", "timber", "1"}
    launched = {len(boat.record["boat"].get("launched", "")) for boat in boats}
    assert launched == {0, 4, 7, 10}
    surveys = [survey for boat in boats for survey in boat.record.get("surveys", [])]
    assert {survey.get("condition") for survey in surveys} == {None, "good", "fair", "poor", "good/fair", "fair/poor"}
    assert {survey["rust_percent"] for survey in surveys if isinstance(survey.get("rust_percent"), str)} == {"<10", "10-50", ">50"}
    assert {"0-2", "2-4", "4-6"} <= {survey.get("holes") for survey in surveys}
    assert {"<=10", "10-20"} <= {boat.record["boat"].get("length_m") for boat in boats}


def test_an_entry_ends_with_the_record_and_stops_with_the_first_that_does_not_happen(boats: list[Simulated]) -> None:
    for boat in boats:
        surveys = boat.record.get("surveys", [])
        assert all(survey["date"] <= boat.record["as_of"] for survey in surveys)
        assert len(surveys) in (4, 5) if boat.truth["rusty"] else len(surveys) <= 5


def test_what_is_drawn_only_in_some_cases(boats: list[Simulated]) -> None:
    assert {boat.truth["rusty"] for boat in boats if "berth" in boat.record["boat"]} == {True}


def test_numbers_stay_within_the_dictionary(boats: list[Simulated]) -> None:
    assert all(0 < boat.truth["length_m"] <= 400 for boat in boats)


def test_lists_are_called_complete_as_often_as_stated(boats: list[Simulated]) -> None:
    assert 150 < sum(boat.record.get("complete") == ["surveys"] for boat in boats) < 250


def test_without_missing_and_partial_everything_is_written(harbour: Knowledge, tmp_path: Path) -> None:
    text = BOATS[: BOATS.index("missing:")]
    for record in simulate(described(harbour, tmp_path, text), harbour, 20, 1):
        assert {"hull", "launched", "length_m", "boat_name"} <= set(record["boat"])
        assert record["boat"]["hull"] in ("wood", "steel")


def test_without_factors_the_shares_hold_for_all(harbour: Knowledge, tmp_path: Path) -> None:
    text = BOATS.replace(", factor: sloppy", "").replace("  factor: sloppy\n", "")
    records = list(simulate(described(harbour, tmp_path, text), harbour, 300, 1))
    assert 30 < sum("boat_name" not in record["boat"] for record in records) < 90
    assert 150 < sum(len(record["boat"].get("launched", "")) in (4, 7) for record in records) * 1.25 < 210


def test_an_entry_of_which_nothing_is_known_is_none(harbour: Knowledge, tmp_path: Path) -> None:
    text = BOATS.replace("otherwise: 0.2, factor: sloppy, shares: {date: 0, hull: 0}", "otherwise: 1")
    assert all({"boat", "surveys"}.isdisjoint(record) for record in simulate(described(harbour, tmp_path, text), harbour, 5, 1))


def test_a_factor_that_is_not_drawn_changes_nothing(harbour: Knowledge, tmp_path: Path) -> None:
    text = BOATS.replace("{name: sloppy, by", "{name: sloppy, when: \"hull = 'not_steel'\", by")
    records = list(simulate(described(harbour, tmp_path, text), harbour, 300, 1))
    assert 30 < sum("boat_name" not in record["boat"] for record in records) < 90


def test_a_record_has_an_end(harbour: Knowledge, tmp_path: Path) -> None:
    text = BOATS.replace("{name: last_day, after", "{name: last_day, when: \"hull = 'not_steel'\", after")
    with pytest.raises(ValueError, match="'last_day' is not drawn for record 1"):
        list(simulate(described(harbour, tmp_path, text), harbour, 3, 1))


# -- distributions --------------------------------------------------------------------------------------------------


def values(given_: Distribution, world: World | None = None, *, within: Span | None = None, n: int = 2000) -> list[float]:
    draw = Drawing(Random(3), {}).draw(given_, within)
    return [draw(world or {}) for _ in range(n)]


@pytest.mark.parametrize(
    ("given_", "middle"),
    [
        (Distribution(normal=Normal(10, 2)), 10.0),
        (Distribution(lognormal=Lognormal(8, 0.5)), 8.0),
        (Distribution(lognormal=Lognormal("middle", 0.5)), 5.0),
        (Distribution(uniform=Uniform(0, 4)), 2.0),
        (Distribution(weibull=Weibull(40)), 40.0),
        (Distribution(weibull=Weibull("middle", 1.3)), 5.0),
    ],
)
def test_half_of_the_values_lie_below_the_median(given_: Distribution, middle: float) -> None:
    drawn = values(given_, {"middle": 5.0})
    below = sum(value < middle for value in drawn)
    assert abs(below - len(drawn) / 2) < 5 * math.sqrt(len(drawn)) / 2


def test_exponential_quarter() -> None:
    assert abs(sum(value > 80 for value in values(Distribution(weibull=Weibull(40)))) / 2000 - 0.25) < 0.05


def test_limits_are_kept_and_numbers_rounded() -> None:
    drawn = values(Distribution(normal=Normal(0, 5), low=-1, high=2, digits=0))
    assert set(drawn) == {-1, 0, 1, 2}
    assert all(isinstance(value, int) for value in drawn)
    assert max(values(Distribution(normal=Normal(0, 5), high="top", digits=1), {"top": 1.5})) <= 1.5
    assert set(values(Distribution(normal=Normal(0, 5), high="top"), {"top": None}, n=3)) == {None}
    assert min(values(Distribution(normal=Normal(0, 5), low=-9), within=Span(0, 100, low_open=True))) > 0


def test_what_never_fits_is_moved_to_the_limit() -> None:
    assert set(values(Distribution(normal=Normal(0, 1), low=50, digits=0), n=3)) == {50}
    assert set(values(Distribution(product=(3, "x"), high=5), {"x": 2.0}, n=3)) == {5.0}
    assert set(values(Distribution(product=(3, "x"), high=5.6, digits=0), {"x": 2.0}, n=3)) == {5.6}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (Distribution(product=(2, "x")), 6.0),
        (Distribution(sum=("x", 6)), 9.0),
        (Distribution(sum=("x", "nothing")), None),
        (Distribution(lognormal=Lognormal("nothing", 1)), None),
        (Distribution(lognormal=Lognormal("nothing", 1), low=1), None),
        (Distribution(after="nothing", days=Distribution(exactly=1)), None),
        (Distribution(earliest=("nothing", "day")), 700_000),
        (Distribution(latest=("day", "@2005-01-31")), 731_977),
        (Distribution(earliest=("nothing",)), None),
        (Distribution(after="day", months=Distribution(exactly=12)), 700_365),
        (Distribution(by="nothing", values={"a": 1}), None),
        (Distribution(by="sure", values={"true": 1, "false": 2}), 1),
        (Distribution(by="nothing", tables={"a": Distribution(exactly=1)}), None),
        (Distribution(chance="nothing"), False),
        (Distribution(chance="one"), True),
        (Distribution(cases=(Case(when="sure", exactly="a"), Case(exactly="b"))), "a"),
        (Distribution(cases=(Case(when="false", exactly="a"), Case(when="false", exactly="b"), Case(exactly="c"))), "c"),
        (Distribution(is_="sure"), True),
    ],
)
def test_what_is_computed(given_: Distribution, expected: object) -> None:
    world: World = {"x": 3.0, "nothing": None, "day": 700_000, "sure": True, "one": 1.0}
    assert values(given_, world, n=1) == [expected]


# -- conditions -------------------------------------------------------------------------------------------------------


def exact_worlds() -> st.SearchStrategy[World]:
    """Everything is known, or some facts were not drawn."""
    days = st.integers(int(DAYS.low), int(DAYS.high))
    numbers = st.integers(0, 3)
    kinds = {
        "a": st.booleans(), "b": st.booleans(), "c": st.booleans(), "g": st.sampled_from("pqr"), "h": st.sampled_from("qrs"),
        "x": numbers, "y": numbers, "n": numbers, "d": days, "e": days,
    }  # fmt: skip
    return st.fixed_dictionaries(kinds) | st.fixed_dictionaries({name: st.none() | kind for name, kind in kinds.items()})


def as_fact(value: object) -> Value:
    if isinstance(value, bool):
        return Truth.from_bool(value)
    return Codes.of(value) if isinstance(value, str) else Spans.point(value, integral=True)  # type: ignore[arg-type]


@settings(max_examples=300)
@given(world=exact_worlds(), condition=conditions(Model(TYPES), sorted(TYPES), questions=True))
def test_conditions_agree_with_the_reference(world: World, condition: Expression) -> None:
    """Certain is certain there too; with everything known the two are the same."""
    truth = Evaluator(Model(TYPES), {name: as_fact(value) for name, value in world.items() if value is not None}).truth(condition)
    is_true, is_false = (certainly(condition, TYPES, wanted)(world) for wanted in (True, False))
    assert not is_true or truth is Truth.TRUE
    assert not is_false or truth is Truth.FALSE
    if None not in world.values():
        assert (is_true, is_false) == (truth is Truth.TRUE, truth is Truth.FALSE)


@pytest.mark.parametrize(
    ("text", "world", "expected"),
    [
        ("x > 1 'm'", {"x": 101}, True),
        ("x + 10 'cm' > 1 'm'", {"x": 95}, True),
        ("x / y > 1", {"x": 1, "y": 0}, False),
        ("a = false", {"a": False}, True),
        ("a = false", {"a": None}, False),
        ("false", {}, False),
        ("x between 1 and 2", {"x": None}, False),
    ],
)
def test_conditions(text: str, world: World, expected: bool) -> None:
    assert certainly(parse(text), TYPES)(world) is expected


def test_the_type_check_comes_first() -> None:
    with pytest.raises(TypeError, match="NumberLiteral is not a condition"):
        certainly(NumberLiteral(1), TYPES)
    with pytest.raises(TypeError, match="Member is no side"):
        operand(Member(Name("g"), (CodeLiteral("p"),)), TYPES)


# -- what can be wrong ------------------------------------------------------------------------------------------------


def mistakes(harbour: Knowledge, folder: Path, old: str, new: str) -> list[str]:
    assert BOATS.count(old) >= 1, old
    try:
        described(harbour, folder, BOATS.replace(old, new, 1))
    except ContentError as error:
        return [str(finding).removeprefix(f"content/{FILE}:") for finding in error.findings]
    return []


WAYS = "choice, chance, normal, lognormal, uniform, weibull, exactly, same_as, is, product, sum, after, earliest, latest, by, cases"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("pilot/Q1.E1]", "pilot/Q1.E7]", "6:49: The claim 'pilot/Q1.E7' is not known. Did you mean 'pilot/Q1.E2'?"),
        ("wood: 60", "wood: -60", "6:27: Found the weight -60; a weight is not negative."),
        ("wood: 60, steel: 40", "wood: 0, steel: 0", "6:18: The weights add up to nothing. Give at least one above 0."),
        ("wood: 60", "wod: 60", "6:5: The code 'wod' is not permitted. Permitted: wood, steel, not_steel. Did you mean 'wood'?"),
        ("choice: {wood: 60, steel: 40}, ", "", f"6:5: Give exactly one of {WAYS}; found none."),
        ("choice: {wood: 60, steel: 40}", "choice: {wood: 1}, exactly: wood", f"6:5: Give exactly one of {WAYS}; found choice, exactly."),
        (", is: \"hull = 'steel'\"", "", f"10:5: Give exactly one of {WAYS}; found none."),
        (", assumed: any day", "", "7:44: Say where the numbers are from: 'claims' (ids of published findings) or 'assumed' (the reason in one line)."),
        ("name: rusty", "name: Rusty", "10:6: 'Rusty' is not a name. Permitted: small letters, digits and '_'."),
        ("hull = 'steel'", "hull = 'stel'", "10:31: The code 'stel' is not permitted here. Permitted: 'wood', 'steel', 'not_steel'. Did you mean 'steel'?"),
        ("hull = 'steel'", "hull =", "10:30: Found the end, which does not fit here."),
        ("hull = 'steel'", "hul = 'steel'", "10:24: The name 'hul' is not known. Did you mean 'hull'?"),
        ("hull = 'steel'", "holes > 3", "10:24: 'holes' is drawn only later. Move it before this place."),
        ("low: 0, high: 1000", "low: 2000, high: 1000", "7:51: The range from 2000 to 1000 is upside down."),
        ("sigma: 1}", "sigma: 0}", "11:46: Found 0; it has to be above 0."),
        ("sigma: 1}", "sigma: hull}", "11:46: 'hull' is a coded fact where a number is expected."),
        ("sigma: 1}", "sigma: holes}", "11:46: 'holes' is drawn only later. Move it before this place."),
        ("chance: 0.9", "chance: 1.9", "22:47: Found 1.9; a share lies between 0 and 1."),
        ("chance: 0.9", "chance: 0.9, low: 0", "22:60: 'low' is for numbers that are drawn or computed, not for 'chance'."),
        ("chance: 0.9", "chance: 0.9, days: {exactly: 1}", "22:60: 'days' needs 'after'."),
        ("@1950-01-01", "@1950-02-31", "7:22: '@1950-02-31' is not a day of the calendar. Permitted: a name, or a day as @2005-01-31."),
        ("after: launched, months", "after: hull, months", "8:22: 'hull' is a coded fact where a date is expected."),
        ("months: {exactly: 60}", "months: {exactly: 60}, days: {exactly: 1}", "8:5: A date needs either 'days' or 'months' beside 'after'."),
        ("months: {exactly: 60}", "months: {exactly: long}", "8:39: A number is expected here, not a coded value."),
        ("by: hull, values", "by: launched, values", "9:20: 'launched' is a date fact; 'by' is for codes, and for true and false."),
        ("wood: 1, otherwise: 0.5", "wood: 1", "9:30: Nothing is said for steel, not_steel. Add it, or 'otherwise'."),
        ("wood: 1, otherwise", "wod: 1, otherwise", "9:39: The code 'wod' is not permitted. Permitted: wood, steel, not_steel. Did you mean 'wood'?"),
        ("by: hull, values: {wood: 1, otherwise: 0.5}", "by: hull", "9:5: 'by' needs either 'values' or 'tables'."),
        ("by: hull, values", "by: hul, values", "9:20: The name 'hul' is not known. Did you mean 'hull'?"),
        (", {exactly: true}]", "]", "22:5: The last case needs to be one without 'when'."),
        ("{exactly: true}]", "{exactly: true}, {exactly: true}]", "22:61: Only the last case may be without 'when'."),
        ("{exactly: true}]", "{exactly: 3}]", "22:5: The parts give values of different kinds."),
        ("hull = 'wood'\", chance: 0.9", "hull = 'wood'\", exactly: 3", "22:5: The parts give values of different kinds."),
        ("name: length_m, lognormal: {median: 20, sigma: 1}", "name: length_m, exactly: long", "11:5: 'length_m' is a quantity element, and a coded value is drawn for it."),
        ("same_as: launched", "same_as: launchd", "12:23: The name 'launchd' is not known. Did you mean 'launched'?"),
        ("same_as: launched", "earliest: [launched, hull]", "12:44: 'hull' is a coded fact where a date is expected."),
        ("same_as: launched", "sum: [hull], assumed: no", "12:29: 'hull' is a coded fact where a number is expected."),
        ("ends: last_day", "ends: hull", "4:1: 'hull' is a coded fact where a date is expected."),
        ("ends: last_day", "ends: last", "4:1: The name 'last' is not known. Did you mean 'last_day'?"),
        ("entity: boat", "entity: bot", "14:5: The entity 'bot' is not known. Did you mean 'boat'?"),
        ("entity: survey", "entity: boat", "20:5: Boat is one entry without a date: leave out 'repeat' and 'date'."),
        ("when: \"rusty\"", "when: \"rust\"", "19:30: The name 'rust' is not known. Did you mean 'rusty'?"),
        ("Anna: 1", "Anna: [1", "This is not YAML"),
        ("writes: [hull, launched, length_m]", "writes: [hull, rusty]", "16:5: 'rusty' is no element of 'boat'."),
        ("writes: [hull, launched, length_m]", "writes: [hull, freight]", "16:5: The name 'freight' is not known."),
        ("name: boat_name, choice: {Anna: 1, Berta: 1}", "name: holes, exactly: 2", "18:10: 'holes' is an element of 'survey', not of 'boat'."),
        ("{cases: [{when: \"hull = 'wood'\", chance: 0.9}, {exactly: true}]}", "{exactly: 1}", "22:5: True or false is expected here, not a quantity value."),
        ("date: {after: next_look, days: {uniform: {low: 360, high: 370}, digits: 0}}", "date: {exactly: 3}", "24:5: A date is expected here, not a quantity value."),
        ("chance: 0.5, assumed: half", "exactly: often, assumed: half", "31:3: True or false is expected here, not a coded value."),
        ("  surveys: {chance", "  survey: {chance", "31:3: Found 'survey'. Permitted: surveys, voyages. Did you mean 'surveys'?"),
        ("factor: sloppy, shares", "factor: hull, shares", "32:48: 'hull' is a coded fact where a number is expected."),
        ("otherwise: 0.2,", "otherwise: 2,", "32:32: Found 2; a share lies between 0 and 1."),
        ("hull: 0}}", "hul: 0}}", "32:82: The element 'hul' is not known. Did you mean 'hull'?"),
        ("hull: 0}}", "hull: -1}}", "32:82: Found -1; a share lies between 0 and 1."),
        ("written: year", "written: steps, of: 2", "37:27: 'steps' is for a quantity or count element; 'launched' is a date."),
        ("at: [10, 50], ", "", "42:7: 'at' belongs to 'limits', which needs it."),
        ("of: 2, ", "of: 0, ", "43:7: 'of', a number above 0, belongs to 'steps', which needs it."),
        ("written: month, share: 0.3", "written: month, share: 0.8", "38:43: The shares of 'launched' add up to more than 1."),
        ("claim: pilot/Q1.E1", "claim: pilot/Q1.E3", "46:6: The claim 'pilot/Q1.E3' is not known. Did you mean 'pilot/Q1.E2'?"),
        ("claim: pilot/Q1.E1", "claim: pilot/Q1.E2", "46:5: 'pilot/Q1.E2' has no share with the number 0 that can be computed with."),
        ("within: 40", "value: 9", "46:50: 'pilot/Q1.E1' has no share with the number 9 that can be computed with."),
        ("within: 40", "among: hulk", "46:57: The name 'hulk' is not known. Did you mean 'hull'?"),
        ("written: year", "written: century", "37:27: 'century' is not permitted. Permitted: 'month', 'year', 'set', 'neighbour', 'spelling', 'limits' or 'steps'."),
    ],
)  # fmt: skip
def test_mistakes(harbour: Knowledge, tmp_path: Path, old: str, new: str, expected: str) -> None:
    found = mistakes(harbour, tmp_path, old, new)
    assert any(expected in finding for finding in found), found


def test_the_name_of_an_element_with_a_text_is_checked_too(harbour: Knowledge, tmp_path: Path) -> None:
    found = mistakes(harbour, tmp_path, "{name: boat_name, choice: {Anna: 1, Berta: 1}}", "{name: boat_name, exactly: Anna}")
    assert found == []


def test_items_of_a_list_are_checked(harbour: Knowledge, tmp_path: Path) -> None:
    voyage = "  - {entity: voyage, assumed: no, draws: [{name: goods, choice: {fish: 1, fsh: 1}}]}\ncomplete:"
    found = mistakes(harbour, tmp_path, "complete:", voyage)
    assert len(found) == 1
    assert "goods: Found 'fsh'. Permitted: fish, coal" in found[0]


def test_a_description_with_a_rule_twice_for_what_is_one(harbour: Knowledge, tmp_path: Path) -> None:
    found = mistakes(harbour, tmp_path, "complete:", "  - {entity: boat, writes: [hull]}\ncomplete:")
    assert found == ["30:5: Boat is one entry, and there is a rule for it before. Keep one."]


def test_a_file_that_is_not_there(harbour: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="The file cannot be read"):
        load_description(harbour, tmp_path)
