"""From the cells of a source to the values of a record: words, units, decimal sign and order of dates as the mapping states them.

Each different text of a column is worked out once, and held against the dictionary as the record itself is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nelm.patient.partial import NotPermitted, says_nothing, understand, understand_date
from nelm.registry.imports.mapping import Field
from nelm.registry.imports.rejected import reason_of
from nelm.registry.tables.delimited_values import DATE_ORDERS, DateOrder, HasToBeStated

Value = str | list[str] | None

_LIMIT = re.compile(r"\s*(<=|>=|<|>|≤|≥)?\s*(.*?)\s*", re.DOTALL)
_BETWEEN = re.compile(r"(\s+to\s+|\s*\.\.\s*)")
_ISO = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_DAY = re.compile(r"([0-9]{1,4})([-./ ])([0-9]{1,2})\2([0-9]{1,4})")
_MONTH = re.compile(r"([0-9]{1,4})[-./ ]([0-9]{1,4})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_COMMA = re.compile(r"[0-9],[0-9]")
_POINT = re.compile(r"[0-9]\.[0-9]")
_UNIT = re.compile(r"[^-+0-9.,<>=≤≥–—−\s]")
_LENGTH_OF_YEAR, _LENGTH_OF_DAY = 4, 2
_TICKED = {"1": True, "0": False, "": False}


@dataclass(frozen=True)
class Problem:
    """Why a cell cannot be used, and what is permitted."""

    reason: str
    permitted: str = ""


@dataclass(frozen=True)
class Cells:
    """The values of a field, row by row; None where nothing is known. `problems` are by row and column."""

    values: list[Value]
    problems: Mapping[tuple[int, str], Problem]
    missing: int = 0


def read_cells(field: Field, columns: Mapping[str, Sequence[str]]) -> Cells:
    """The values of a field in all rows of a table, given the texts of its columns.

    `missing` counts the cells with a word for "not known". Raises HasToBeStated where a decimal sign or an order of dates is needed.
    """
    if field.checkbox is not None:
        return _ticked(field, columns)
    assert field.column is not None, "a constant has no cells"
    texts = columns[field.column]
    known: dict[str, Value | Problem] = {}
    for row, text in enumerate(texts):
        if text not in known:
            try:
                known[text] = _value(field, text.strip())
            except HasToBeStated as doubt:
                raise HasToBeStated(row, str(doubt)) from None
    problems = {text: value for text, value in known.items() if isinstance(value, Problem)}
    values = {text: None if isinstance(value, Problem) else value for text, value in known.items()}
    wrong = {(row, field.column): problems[text] for row, text in enumerate(texts) if text in problems} if problems else {}
    words = frozenset(text for text in known if text.strip() in field.written.missing)
    return Cells([values[text] for text in texts], wrong, sum(text in words for text in texts) if words else 0)


def _ticked(field: Field, columns: Mapping[str, Sequence[str]]) -> Cells:
    """The codes whose checkbox holds 1."""
    names = {field.checkbox_column(code): meaning for code, meaning in field.words.items()}
    values: list[Value] = [None] * len(columns[next(iter(names))])
    problems: dict[tuple[int, str], Problem] = {}
    for name, meaning in names.items():
        for row, text in enumerate(columns[name]):
            ticked = _TICKED.get(text.strip())
            if ticked is None and text.strip() not in field.written.missing:
                problems[row, name] = Problem("A checkbox holds 1 where it is ticked.", "1, 0, or nothing")
            elif ticked:
                already = values[row]
                values[row] = [*already, meaning] if isinstance(already, list) else [meaning]
    return Cells(values, problems)


def _value(field: Field, text: str) -> Value | Problem:
    if text == "" or text in field.written.missing:
        return None
    if field.split is not None:
        items = [_word(field, item.strip()) for item in text.split(field.split) if item.strip()]
        wrong = next((item for item in items if isinstance(item, Problem)), None)
        return wrong or _permitted(field, [item for item in items if isinstance(item, str)])
    written = _word(field, text)
    if isinstance(written, Problem):
        return written
    if field.is_date:
        written = as_iso(written, field.written.date_order)
    elif field.is_number:
        plain = _number(field, written)
        if isinstance(plain, Problem):
            return plain
        written = plain
    return _permitted(field, written)


def _word(field: Field, text: str) -> str | Problem:
    if not field.words:
        return text
    meaning = field.words.get(text)
    return Problem("The mapping does not say what this word means.", ", ".join(field.words)) if meaning is None else meaning


def _permitted(field: Field, value: str | list[str]) -> Value | Problem:
    """The value if the dictionary permits it, None if it says nothing."""
    try:
        if field.element is not None:
            return value if understand(field.element, value) is not None else None
        if field.is_date and not says_nothing(value):
            understand_date(value)
    except NotPermitted as error:
        return Problem(*reason_of(str(error)))
    return None if says_nothing(value) else value


# -- numbers -------------------------------------------------------------------------------------------


def _number(field: Field, text: str) -> str | Problem:
    decimal = field.written.decimal
    if _COMMA.search(text) and decimal is None:
        raise HasToBeStated(
            0, f"found {text!r}, in which the comma can mean two things. State in the mapping 'decimal: comma', or 'decimal: point'."
        )
    if _COMMA.search(text) and (decimal == "point" or _POINT.search(text)):
        return Problem(
            f"The decimal sign of this column is a {decimal}, and numbers have no sign between thousands.",
            f"a number with a decimal {decimal}",
        )
    if decimal == "comma":
        if _POINT.search(text) and ".." not in text:
            return Problem(
                "The decimal sign of this column is a comma, and numbers have no sign between thousands.", "a number with a decimal comma"
            )
        text = text.replace(",", ".")
    return f"{text} {field.unit}" if field.unit is not None and not _UNIT.search(text.replace(" to ", "")) else text


# -- dates ---------------------------------------------------------------------------------------------


def as_iso(text: str, order: DateOrder | None) -> str:
    """A date, a limit or a range, each date in a stated order, with the dates as year-month-day; what has another form is left as it is.

    Raises HasToBeStated for a date in another order where none is stated.
    """
    if _ISO.fullmatch(text):
        return text
    return "".join(piece if number % 2 else _limit(piece, order) for number, piece in enumerate(_BETWEEN.split(text)))


def _limit(text: str, order: DateOrder | None) -> str:
    found = _LIMIT.fullmatch(text)
    assert found is not None, "the pattern fits everything"
    sign, plain = found.groups()
    return (sign or "") + _one_date(plain, order)


def _one_date(text: str, order: DateOrder | None) -> str:
    if _ISO.fullmatch(text):
        return text
    if found := _DAY.fullmatch(text):
        if order is None:
            orders = ", ".join(f"'date_order: {name}' ({words})" for name, words in DATE_ORDERS.items())
            raise HasToBeStated(
                0, f"found {text!r}. Only year-month-day (2024-03-12) is read without being told; state in the mapping {orders}."
            )
        return _joined(dict(zip(order, found.group(1, 3, 4), strict=True)), text)
    if order == "ymd" and (found := _COMPACT.fullmatch(text)):
        return "-".join(found.groups())
    if order is not None and (found := _MONTH.fullmatch(text)):
        return _joined(dict(zip("ym" if order == "ymd" else "my", found.groups(), strict=True)), text)
    return text


def _joined(pieces: Mapping[str, str], text: str) -> str:
    """Year, month and day in this order; the text itself where the year has not four digits or the rest more than two."""
    if len(pieces["y"]) != _LENGTH_OF_YEAR or any(len(pieces.get(name, "")) > _LENGTH_OF_DAY for name in "md"):
        return text
    return "-".join(pieces[name].zfill(2) for name in "ymd" if name in pieces)
