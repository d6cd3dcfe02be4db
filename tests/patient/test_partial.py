"""Values as people write them: what is understood, and what is refused with which words."""

from __future__ import annotations

import pytest

from nelm.criteria import Spans, Truth
from nelm.knowledge.dictionary import Code, Element
from nelm.patient.partial import NotPermitted, Stated, is_known, limits_in_words, says_nothing, understand, understand_date, unusual
from tests.patient.world import FALSE, INF, TRUE, codes, count, days, number

GRADE = Element(
    "grade",
    "Grade",
    "coded",
    codes=(Code("G1", "Grade 1", ("1", "low")), Code("G2", "Grade 2", ("2", "2+")), Code("G3", "Not low–graded", ("3", "not low"))),
    sets={"G1-2": ("G1", "G2"), "G2/3": ("G2", "G3")},
)
SWITCH = Element("switch", "Switch", "coded", codes=(Code("true", "On"), Code("false", "Off")))
SHARE = Element("share", "Share", "quantity", unit="%", range=">= 0, <= 100", plausible=">= 5, < 95")
SIZE = Element("size", "Size", "quantity", unit="mm", range="> 0, <= 500", plausible="<= 250")
TIME = Element("time", "Time", "quantity", unit="months", range=">= 0")
CHANGE = Element("change", "Change", "quantity", range=">= -100")
FREE = Element("free", "Free", "quantity")
NUMBER = Element("number", "Number", "count", range=">= 0, <= 200", plausible="<= 50")
WHEN = Element("when", "When", "date")
SURE = Element("sure", "Sure", "boolean")
WORDS = Element("words", "Words", "text")
ITEMS = Element("items", "Items", "list")
SITES = Element("sites", "Sites", "list", codes=(Code("bone", "Bone"), Code("lung", "Lung", ("chest",)), Code("skin", "Skin")))


@pytest.mark.parametrize(
    ("element", "written", "understood"),
    [
        # a boolean, in the words of a form
        (SURE, True, TRUE),
        (SURE, False, FALSE),
        (SURE, "yes", TRUE),
        (SURE, " Present ", TRUE),
        (SURE, "n", FALSE),
        (SURE, "ABSENT", FALSE),
        # one code, by any of its spellings
        (GRADE, "G1", codes("G1")),
        (GRADE, "g1", codes("G1")),
        (GRADE, " grade 2 ", codes("G2")),
        (GRADE, "LOW", codes("G1")),
        (GRADE, 1, codes("G1")),
        (GRADE, "2+", codes("G2")),
        (SWITCH, True, codes("true")),
        (SWITCH, False, codes("false")),
        (SWITCH, "On", codes("true")),
        # several codes
        (GRADE, ["G1", "G2"], codes("G1", "G2")),
        (GRADE, [1, "G1-2"], codes("G1", "G2")),
        (GRADE, "G1/G2", codes("G1", "G2")),
        (GRADE, "G1, G3", codes("G1", "G3")),
        (GRADE, "G1 or grade 2", codes("G1", "G2")),
        (GRADE, "low OR 3", codes("G1", "G3")),
        (GRADE, "G1–2", codes("G1", "G2")),
        (GRADE, "G2/3", codes("G2", "G3")),
        # all but some
        (GRADE, "not: G3", codes("G1", "G2")),
        (GRADE, "Not G3", codes("G1", "G2")),
        (GRADE, "not: G1, G2", codes("G3")),
        (GRADE, "not: G1-2", codes("G3")),
        (GRADE, "not G1 or G2", codes("G3")),
        # a name that begins with "not" is a name
        (GRADE, "not low", codes("G3")),
        (GRADE, "NOT LOW-GRADED", codes("G3")),
        (GRADE, "not low, G2", codes("G2", "G3")),
        (GRADE, ["not low", "G2"], codes("G2", "G3")),
        (GRADE, "not: not low", codes("G1", "G2")),
        # numbers
        (SHARE, 8, number(8)),
        (SHARE, 8.5, number(8.5)),
        (SHARE, "8.50", number(8.5)),
        (SHARE, 0, number(0)),
        (SHARE, 100, number(100)),
        (SHARE, "<2", number(0, 2, high_open=True)),
        (SHARE, "<= 2", number(0, 2)),
        (SHARE, "≤2", number(0, 2)),
        (SHARE, "> 20 %", number(20, 100, low_open=True)),
        (SHARE, ">=20", number(20, 100)),
        (SHARE, "≥ 20percent", number(20, 100)),
        (SHARE, "10-15", number(10, 15)),
        (SHARE, "10 – 15", number(10, 15)),
        (SHARE, "10 to 15 %", number(10, 15)),
        (SHARE, "10..15", number(10, 15)),
        (SHARE, "10-10", number(10)),
        (SHARE, "8\u00a0%", number(8)),
        (CHANGE, -30, number(-30)),
        (CHANGE, "−30", number(-30)),
        (CHANGE, "-50--30", number(-50, -30)),
        (CHANGE, "+5", number(5)),
        (CHANGE, "<0", number(-100, 0, high_open=True)),
        (FREE, "<2", number(-INF, 2, high_open=True)),
        (FREE, "> -5", number(-5, INF, low_open=True)),
        (FREE, 1e-7, number(1e-7)),
        (FREE, 1e22, number(1e22)),
        # units
        (SIZE, "1.1 cm", number(11)),
        (SIZE, "1.1cm", number(11)),
        (SIZE, "0.5 m", number(500)),
        (SIZE, "1-2 cm", number(10, 20)),
        (SIZE, "<1 centimetre", number(0, 10, low_open=True, high_open=True)),
        (SIZE, "<= 500", number(0, 500, low_open=True)),
        (TIME, "2 years", number(24)),
        (TIME, "6 mo", number(6)),
        # counts are whole numbers
        (NUMBER, 3, count(3)),
        (NUMBER, 3.0, count(3)),
        (NUMBER, "3", count(3)),
        (NUMBER, ">10", count(11, 200)),
        (NUMBER, "<3", count(0, 2)),
        (NUMBER, "1.5-3.5", count(2, 3)),
        # days
        (WHEN, "2024-03-12", days("2024-03-12")),
        (WHEN, "2024-02", days("2024-02-01", "2024-02-29")),
        (WHEN, "2023-02", days("2023-02-01", "2023-02-28")),
        (WHEN, 2024, days("2024-01-01", "2024-12-31")),
        (WHEN, "2024–03–12", days("2024-03-12")),
        (WHEN, "<2024", days("0001-01-01", "2023-12-31")),
        (WHEN, "<= 2024-03", days("0001-01-01", "2024-03-31")),
        (WHEN, "> 2024-03", days("2024-04-01", "9999-12-31")),
        (WHEN, "≥2024-03-12", days("2024-03-12", "9999-12-31")),
        (WHEN, "2023 to 2024-03", days("2023-01-01", "2024-03-31")),
        (WHEN, "2024-03-01..2024-03-05", days("2024-03-01", "2024-03-05")),
        (WHEN, "9999-12-31", days("9999-12-31")),
        # text and lists
        (WORDS, " some words ", "some words"),
        (WORDS, 12, "12"),
        (ITEMS, ["a", 2, {"name": "x", "value": 3}], ("a", "2", "name: x; value: 3")),
        (ITEMS, "only one", ("only one",)),
        (ITEMS, [None, "a"], ("a",)),
        (ITEMS, [], ()),
        (SITES, ["bone", "Chest"], ("bone", "lung")),
        (SITES, "bone/lung", ("bone", "lung")),
        (SITES, ["not: skin"], ("bone", "lung")),
        (SITES, [None], ()),
    ],
)  # fmt: skip
def test_understood(element: Element, written: object, understood: Stated) -> None:
    assert understand(element, written) == understood


@pytest.mark.parametrize("element", [SURE, GRADE, SHARE, NUMBER, WHEN, WORDS, ITEMS, SITES])
@pytest.mark.parametrize(
    "written", [None, "", "  ", "unknown", "Unknown", "not known", "?", "not done", "NOT ASSESSED", "n/a", "NA", "TX", "null"]
)
def test_words_for_what_is_not_known(element: Element, written: object) -> None:
    assert says_nothing(written)
    assert understand(element, written) is None


CODES = "Permitted: G1, G2, G3; several for 'one of these'; 'not: …'."


@pytest.mark.parametrize(
    ("element", "written", "message"),
    [
        (SURE, "perhaps", "Found 'perhaps'. Permitted: true, false, or leave it out if it is not known."),
        (SURE, 1, "Found 1. Permitted: true, false, or leave it out if it is not known."),
        (SURE, [True], "Found [True]. Permitted: true, false, or leave it out if it is not known."),
        (GRADE, "G12", f"Found 'G12'. {CODES} Did you mean 'G2'?"),
        (GRADE, "nonsense", f"Found 'nonsense'. {CODES}"),
        (GRADE, "G1/G4", f"Found 'G1/G4'. {CODES}"),
        (GRADE, ["G1", "x9z"], f"Found 'x9z'. {CODES}"),
        (GRADE, "not: nonsense", f"Found 'not: nonsense'. {CODES}"),
        (GRADE, "not:", f"Found 'not:'. {CODES}"),
        (GRADE, "/", f"Found '/'. {CODES}"),
        (Element("n", "N", "count"), "0.2-0.8", "Found '0.2-0.8': no permitted value fits. Permitted: whole numbers."),
        (GRADE, "not: G1, G2, G3", "'not: G1, G2, G3' leaves no code possible."),
        (GRADE, "not not not G1", f"Found 'not not not G1'. {CODES}"),
        (GRADE, [], "The list of possible codes is empty. Leave the field out if it is not known."),
        (GRADE, [["G1"]], "Found the list ['G1'] inside a list. Write one list."),
        (GRADE, ["G1", None], "Found None where a single value is expected."),
        (GRADE, {"code": "G1"}, "Found {'code': 'G1'} where a single value is expected."),
        (GRADE, "G1 " * 1000, "Found a text of 2999 characters where a single value is expected."),
        (SHARE, "much", "Found 'much'. Permitted: a number in %, or '<2', '>= 50', '10-15'."),
        (FREE, "much", "Found 'much'. Permitted: a number, or '<2', '>= 50', '10-15'."),
        (SHARE, True, "Found True where a single value is expected."),
        (SHARE, [8], "Found [8] where a single value is expected."),
        (SHARE, 130, "Found 130 %. Permitted: at least 0 and at most 100 %. Correct it, or leave it out if it is not known."),
        (SHARE, -1, "Found -1 %. Permitted: at least 0 and at most 100 %. Correct it, or leave it out if it is not known."),
        (SHARE, "90-130", "Found 130 %. Permitted: at least 0 and at most 100 %. Correct it, or leave it out if it is not known."),
        (SHARE, "< 130", "Found 130 %. Permitted: at least 0 and at most 100 %. Correct it, or leave it out if it is not known."),
        (SHARE, ">100", "Found '>100': no permitted value fits. Permitted: at least 0 and at most 100 %."),
        (SHARE, "<0", "Found '<0': no permitted value fits. Permitted: at least 0 and at most 100 %."),
        (SHARE, "15-10", "Found '15-10': the lower end is above the upper end."),
        (SHARE, "4,5", "Found '4,5': a comma inside a number can mean two things. Write a decimal point."),
        (SHARE, "8 mm", "Found the unit 'mm'. Permitted: %, percent."),
        (SHARE, "8 ± 1", "Found the unit '± 1'. Permitted: %, percent."),
        (SHARE, "1e1", "Found the unit 'e1'. Permitted: %, percent."),
        (SIZE, 0, "Found 0 mm. Permitted: more than 0 and at most 500 mm. Correct it, or leave it out if it is not known."),
        (SIZE, "5 kg", "Found the unit 'kg'. Permitted: mm, um, cm, m."),
        (SIZE, "1 m", "Found 1000 mm. Permitted: more than 0 and at most 500 mm. Correct it, or leave it out if it is not known."),
        (TIME, "3 weeks", "Found the unit 'weeks'. Permitted: months, years."),
        (CHANGE, "5 %", "Found the unit '%' for a number without a unit."),
        (FREE, "9" * 400, "Found a number too large to be one. Correct it."),
        (FREE, ">" + "9" * 400, "Found a number too large to be one. Correct it."),
        (FREE, float("inf"), "Found 'Infinity'. Permitted: a number, or '<2', '>= 50', '10-15'."),
        (FREE, float("nan"), "Found 'NaN'. Permitted: a number, or '<2', '>= 50', '10-15'."),
        (NUMBER, 3.5, "Found '3.5' for a count. Permitted: whole numbers."),
        (NUMBER, "0.2-0.8", "Found '0.2-0.8': no permitted value fits. Permitted: whole numbers, at least 0 and at most 200."),
        (NUMBER, "many", "Found 'many'. Permitted: a number, or '<2', '>= 50', '10-15'."),
        (NUMBER, "3 pieces", "Found the unit 'pieces' for a number without a unit."),
        (WHEN, "12.03.2024", "Found '12.03.2024'. Permitted: a date as year-month-day (2024-03-12), 2024-03, or 2024."),
        (WHEN, "2024-3-1", "Found '2024-3-1'. Permitted: a date as year-month-day (2024-03-12), 2024-03, or 2024."),
        (WHEN, "2023-02-29", "Found '2023-02-29', which is not a day of the calendar. Permitted: year-month-day."),
        (WHEN, "2024-13", "Found '2024-13', which is not a day of the calendar. Permitted: year-month-day."),
        (WHEN, "2024-00", "Found '2024-00', which is not a day of the calendar. Permitted: year-month-day."),
        (WHEN, "2024-03-00", "Found '2024-03-00', which is not a day of the calendar. Permitted: year-month-day."),
        (WHEN, "0000-01-01", "Found '0000-01-01', which is not a day of the calendar. Permitted: year-month-day."),
        (WHEN, "0000", "Found '0000', which is not a day of the calendar. Permitted: year-month-day."),
        (WHEN, "<0001-01-01", "Found '<0001-01-01': no day of the calendar fits."),
        (WHEN, ">9999", "Found '>9999': no day of the calendar fits."),
        (WHEN, "< <2024", "Found '< <2024'. Permitted: a date as year-month-day (2024-03-12), 2024-03, or 2024."),
        (WHEN, "2024 to 2023", "Found '2024 to 2023': the first date is after the last."),
        (WHEN, ["2024"], "Found ['2024'] where a single value is expected."),
        (WHEN, False, "Found False where a single value is expected."),
        (WORDS, ["a"], "Found a list or fields where text is expected."),
        (WORDS, {"a": 1}, "Found a list or fields where text is expected."),
        (ITEMS, [["a"]], "Found a list or fields where text is expected."),
        (SITES, ["toe"], "Found 'toe'. Permitted: bone, lung, skin; several for 'one of these'; 'not: …'."),
        (SITES, [{"bone": True}], "Found {'bone': True} where a single value is expected."),
    ],
)
def test_refused(element: Element, written: object, message: str) -> None:
    with pytest.raises(NotPermitted) as caught:
        understand(element, written)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("element", "value", "known"),
    [
        (SURE, TRUE, True),
        (SURE, Truth.UNDETERMINED, False),
        (GRADE, codes("G1", "G2"), True),
        (GRADE, codes("G1", "G2", "G3"), False),
        (SHARE, number(0, 100), False),
        (SHARE, number(0, 99), True),
        (NUMBER, count(0, 200), False),
        (FREE, number(-INF, INF), False),
        (WHEN, days("0001-01-01", "9999-12-31"), False),
        (WORDS, "x", True),
        (ITEMS, (), True),
    ],
)
def test_a_value_that_says_no_more_than_the_dictionary_is_not_known(element: Element, value: Stated, known: bool) -> None:
    assert is_known(element, value) is known


@pytest.mark.parametrize(
    ("element", "value", "doubt"),
    [
        (SHARE, number(50), None),
        (SHARE, number(5), None),
        (SHARE, number(95), "Share is unusual: expected at least 5 and less than 95. Check it."),
        (SHARE, number(90, 100), None),
        (SIZE, number(300), "Size is unusual: expected at most 250. Check it."),
        (NUMBER, count(51), "Number is unusual: expected at most 50. Check it."),
        (NUMBER, count(50, 200), None),
        (FREE, number(1e9), None),
        (GRADE, codes("G1"), None),
        (Element("when", "When", "date", plausible=">= 1"), days("2024-01-01"), None),
    ],
)
def test_what_is_possible_and_still_unusual(element: Element, value: Stated, doubt: str | None) -> None:
    assert unusual(element, value) == doubt


def test_limits_in_words() -> None:
    assert limits_in_words(number(0, INF).parts[0]) == "at least 0"
    assert limits_in_words(number(-INF, INF).parts[0]) == ""


def test_a_date_stands_for_itself() -> None:
    assert understand_date("2024") == Spans.of(days("2024-01-01", "2024-12-31").parts, integral=True)
