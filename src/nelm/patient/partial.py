"""Values as people write them, to what the fact may still be.

| written                          | understood                           |
|----------------------------------|--------------------------------------|
| `8`, `"<2"`, `">= 50"`, `"10-15"` | a number, a limit, a range (both ends included) |
| `"1.1 cm"`                       | converted to the unit of the dictionary |
| `G1/G2`, `[G1, G2]`, `"not: G3"`  | the codes that remain possible       |
| `2024-03-12`, `2024-03`, `2024`   | a day, or any day of the month or year |
| `unknown`, `not done`, `?`, nothing | not known                           |

Nothing is guessed: a decimal comma or a date in another order is refused with the form to use.
"""

from __future__ import annotations

import calendar
import math
import re
from datetime import date
from decimal import Decimal

from nelm.criteria import Codes, NumberType, Span, Spans, Truth, Value, nearest
from nelm.criteria.types import convert, permitted_units
from nelm.knowledge.dictionary import Element, parse_range, with_plain_signs

Text = str | tuple[str, ...]
Stated = Value | Text

UNKNOWN_WORDS = {
    "",
    "unknown",
    "not known",
    "?",
    "not done",
    "not assessed",
    "not stated",
    "not tested",
    "n/a",
    "na",
    "unspecified",
    "tx",
    "nx",
    "mx",
    "null",
}
YES, NO = {"true", "yes", "y", "present"}, {"false", "no", "n", "absent"}
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_LIMIT = re.compile(rf"(<=|>=|<|>)\s*({_NUMBER})\s*(.*)")
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|to|\.\.)\s*({_NUMBER})\s*(.*)")
_EXACT = re.compile(rf"({_NUMBER})\s*(.*)")
_DECIMAL_COMMA = re.compile(r"\d,\d")
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_DATE_RANGE = re.compile(r"(\d{4}(?:-\d{2}){0,2})\s*(?:to|\.\.)\s*(\d{4}(?:-\d{2}){0,2})")
_DATE_LIMIT = re.compile(r"(<=|>=|<|>)\s*(\d{4}(?:-\d{2}){0,2})")
_LONGEST_VALUE = 500  # characters; anything longer is text in the wrong place
_FIRST_DAY, _LAST_DAY = date.min.toordinal(), date.max.toordinal()


class NotPermitted(ValueError):
    """A written value that the dictionary does not permit. The message says what is."""


def understand(element: Element, written: object) -> Stated | None:
    """What an element may still be, given what was written; None where nothing is known.

    Raises NotPermitted with the value found, what is permitted, and what to do.
    """
    if says_nothing(written):
        return None
    match element.type:
        case "boolean":
            return _boolean(written)
        case "coded":
            return _codes(element, written)
        case "quantity" | "count":
            return _number(element, written)
        case "date":
            return understand_date(written)
        case "text":
            return _text(written)
        case _:
            return _list(element, written)


def says_nothing(written: object) -> bool:
    """True for a field left empty, and for the words that people write where something is not known."""
    return written is None or (isinstance(written, str) and written.strip().lower() in UNKNOWN_WORDS)


def _plain(written: object) -> str:
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise NotPermitted(f"Found {written!r} where a single value is expected.")
    # a float is written out: its own text may have an exponent, which would look like a unit
    text = format(Decimal(repr(written)), "f") if isinstance(written, float) else str(written).strip()
    if len(text) > _LONGEST_VALUE:
        raise NotPermitted(f"Found a text of {len(text)} characters where a single value is expected.")
    return with_plain_signs(text)


def _boolean(written: object) -> Truth:
    word = str(written).strip().lower()
    if word in YES:
        return Truth.TRUE
    if word in NO:
        return Truth.FALSE
    raise NotPermitted(f"Found {written!r}. Permitted: true, false, or leave it out if it is not known.")


def _codes(element: Element, written: object) -> Codes:
    if not isinstance(written, list):
        return _codes_in(element, "true" if written is True else "false" if written is False else _plain(written))
    if not written:
        raise NotPermitted("The list of possible codes is empty. Leave the field out if it is not known.")
    nested = next((item for item in written if isinstance(item, list)), None)
    if nested is not None:
        raise NotPermitted(f"Found the list {nested!r} inside a list. Write one list.")
    return Codes(frozenset().union(*(_codes(element, item).members for item in written)))


def _codes_in(element: Element, text: str) -> Codes:
    """The codes that a text means: one spelling, several ('G1/G2'), or all but some ('not: G3').

    Spellings come first: 'not resectable' is the name of a code rather than every code but 'resectable'.
    """
    every = frozenset(code.code for code in element.codes)
    found = _joined(element, text)
    if not found and text[:4].lower() in ("not:", "not "):
        excluded = _joined(element, text[4:].strip())
        if excluded == every:
            raise NotPermitted(f"{text!r} leaves no code possible.")
        found = every - excluded if excluded else excluded
    if not found:
        permitted = ", ".join(code.code for code in element.codes)
        raise NotPermitted(f"Found {text!r}. Permitted: {permitted}; several for 'one of these'; 'not: …'.{nearest(text, every)}")
    return Codes(found)


def _joined(element: Element, text: str) -> frozenset[str]:
    """The codes behind one spelling, or behind several joined by '/', ',' or 'or'; none where one of them is not known."""
    known = element.spellings
    lowered = text.lower()
    pieces = [lowered] if lowered in known else [piece.strip() for piece in re.split(r"/|\bor\b|,", lowered) if piece.strip()]
    if any(piece not in known for piece in pieces):
        return frozenset()
    return frozenset().union(*(known[piece] for piece in pieces))


def _number(element: Element, written: object) -> Spans:
    text = _plain(written)
    integral = element.type == "count"
    if _DECIMAL_COMMA.search(text):
        raise NotPermitted(f"Found {text!r}: a comma inside a number can mean two things. Write a decimal point.")
    permitted = element.permitted
    if found := _LIMIT.fullmatch(text):
        sign, number, unit = found.groups()
        value = _converted(element, number, unit)
        _inside(element, permitted, value, sign)
        span = Span(float("-inf"), value, False, sign == "<") if sign.startswith("<") else Span(value, float("inf"), sign == ">", False)
    elif found := _RANGE.fullmatch(text):
        low, high = (_converted(element, number, found.group(3)) for number in found.group(1, 2))
        if low > high:
            raise NotPermitted(f"Found {text!r}: the lower end is above the upper end.")
        _inside(element, permitted, low)
        _inside(element, permitted, high)
        span = Span(low, high)
    elif found := _EXACT.fullmatch(text):
        value = _converted(element, *found.groups())
        _inside(element, permitted, value)
        if integral and not value.is_integer():
            raise NotPermitted(f"Found {text!r} for a count. Permitted: whole numbers.")
        span = Span(value, value)
    else:
        unit = f" {element.unit}" if element.unit else ""
        raise NotPermitted(f"Found {text!r}. Permitted: a number{unit and ' in' + unit}, or '<2', '>= 50', '10-15'.")
    within = span.meet(permitted)
    try:
        return Spans.of([within] if within else [], integral)
    except ValueError:
        limits = limits_in_words(permitted) + (f" {element.unit}" if element.unit else "")
        words = ", ".join(part for part in ("whole numbers" if integral else "", limits) if part)
        raise NotPermitted(f"Found {text!r}: no permitted value fits. Permitted: {words}.") from None


def _converted(element: Element, number: str, unit: str) -> float:
    value, unit = float(number), unit.strip()
    if math.isinf(value):
        raise NotPermitted("Found a number too large to be one. Correct it.")
    if not unit:
        return value
    if element.unit is None:
        raise NotPermitted(f"Found the unit {unit!r} for a number without a unit.")
    try:
        return convert(value, unit, element.unit)
    except ValueError:
        permitted = ", ".join(permitted_units(element.unit))
        raise NotPermitted(f"Found the unit {unit!r}. Permitted: {permitted}.") from None


def _inside(element: Element, permitted: Span, value: float, sign: str = "") -> None:
    """A limit may touch the end of the permitted range, a value must lie in it."""
    end = value in (permitted.low, permitted.high) and sign
    if not end and permitted.meet(Span(value, value)) is None:
        unit = f" {element.unit}" if element.unit else ""
        raise NotPermitted(
            f"Found {value:g}{unit}. Permitted: {limits_in_words(permitted)}{unit}. Correct it, or leave it out if it is not known."
        )


def limits_in_words(span: Span) -> str:
    """`at least 0 and at most 100`; nothing for a span without ends."""
    low = "" if span.low == float("-inf") else f"{'more than' if span.low_open else 'at least'} {span.low:g}"
    high = "" if span.high == float("inf") else f"{'less than' if span.high_open else 'at most'} {span.high:g}"
    return " and ".join(part for part in (low, high) if part)


def understand_date(written: object) -> Spans:
    """The days that a written date may mean, as day numbers. Raises NotPermitted."""
    text = _plain(written)
    if found := _DATE_LIMIT.fullmatch(text):
        first, last = _days(found.group(2))
        low, high = {
            "<": (_FIRST_DAY, first - 1),
            "<=": (_FIRST_DAY, last),
            ">": (last + 1, _LAST_DAY),
            ">=": (first, _LAST_DAY),
        }[found.group(1)]
        if low > high:
            raise NotPermitted(f"Found {text!r}: no day of the calendar fits.")
        return Spans.of([Span(low, high)], integral=True)
    if found := _DATE_RANGE.fullmatch(text):
        (low, _), (_, high) = _days(found.group(1)), _days(found.group(2))
        if low > high:
            raise NotPermitted(f"Found {text!r}: the first date is after the last.")
        return Spans.of([Span(low, high)], integral=True)
    return Spans.of([Span(*_days(text))], integral=True)


def _days(text: str) -> tuple[int, int]:
    """The first and the last day that `2024-03-12`, `2024-03` or `2024` may mean."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise NotPermitted(f"Found {text!r}. Permitted: a date as year-month-day (2024-03-12), 2024-03, or 2024.")
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None, "the pattern demands a year"
    try:
        first = date(year, 1 if month is None else month, 1 if day is None else day)
        last_month = 12 if month is None else month
        last = date(year, last_month, calendar.monthrange(year, last_month)[1] if day is None else day)
    except (ValueError, calendar.IllegalMonthError):
        raise NotPermitted(f"Found {text!r}, which is not a day of the calendar. Permitted: year-month-day.") from None
    return first.toordinal(), last.toordinal()


def date_as_written(days: Spans) -> str:
    """Days in the form that `understand_date` reads as the same: `2024-03-12`, `2024-03`, `2024`, `<=2024-03-12`, …

    Raises ValueError for several ranges apart, which no single form says.
    """
    if len(days.parts) > 1:
        raise ValueError(f"{days} cannot be written as one value")
    first, last = (date.fromordinal(int(end)) for end in (days.low.low, days.high.high))
    if first == last:
        return first.isoformat()
    if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return first.isoformat()[:4]
    if (first, last) == (first.replace(day=1), first.replace(day=calendar.monthrange(first.year, first.month)[1])):
        return first.isoformat()[:7]
    if first == date.min:
        return f"<={last.isoformat()}"
    return f">={first.isoformat()}" if last == date.max else f"{first.isoformat()} to {last.isoformat()}"


def _text(written: object) -> str:
    if isinstance(written, list | dict):
        raise NotPermitted("Found a list or fields where text is expected.")
    return str(written).strip()


def _list(element: Element, written: object) -> tuple[str, ...]:
    """The items of a list; an item left empty says nothing."""
    found: list[str] = []
    for item in written if isinstance(written, list) else [written]:
        if item is None:
            continue
        if element.codes:
            found.extend(sorted(_codes(element, item).members))
        elif isinstance(item, dict):
            found.append("; ".join(f"{key}: {value}" for key, value in item.items()))
        else:
            found.append(_text(item))
    return tuple(found)


def is_known(element: Element, value: Stated) -> bool:
    """False for a value that says no more than the dictionary."""
    kind = element.value_type
    return kind is None or value != kind.domain


def unusual(element: Element, value: Stated) -> str | None:
    """Why a possible value is unusual, or None."""
    if element.plausible is None or not isinstance(value, Spans):
        return None
    usual = Spans.of([parse_range(element.plausible)], isinstance(element.value_type, NumberType) and element.value_type.integral)
    if usual.meet(value) is not None:
        return None
    return f"{element.label} is unusual: expected {limits_in_words(parse_range(element.plausible))}. Check it."
