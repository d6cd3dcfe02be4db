"""From the texts of a column to numbers, days, truth values and words. What could mean two things has to be stated.

A conversion gives the values (null where the cell is empty, or holds a word for "not known") and, for each cell that cannot be used,
the reason. Whole columns are converted at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Kind = Literal["text", "number", "whole", "date", "boolean", "coded"]
Decimal = Literal["point", "comma"]
DateOrder = Literal["dmy", "mdy", "ymd"]
DECIMALS: tuple[Decimal, ...] = ("point", "comma")
DATE_ORDERS: dict[DateOrder, str] = {"dmy": "day month year", "mdy": "month day year", "ymd": "year month day"}
TRUTH: dict[str, bool] = {"true": True, "false": False}

_NUMBER = r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$"
_WHOLE = r"^[-+]?[0-9]{1,18}$"
_LIKE_A_NUMBER = r"^[-+]?[0-9.,]*[0-9][0-9.,]*([eE][-+]?[0-9]{1,3})?$"
# a sign with exactly three digits behind it and one to three, the first of them not 0, before it may separate thousands
_EITHER = {"point": r"^[-+]?[1-9][0-9]{0,2}\.[0-9]{3}$", "comma": r"^[-+]?[1-9][0-9]{0,2},[0-9]{3}$"}
_SIGN = {"point": ".", "comma": ","}
_ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_THREE_NUMBERS = r"^([0-9]{1,4})([-./ ])([0-9]{1,2})[-./ ]([0-9]{1,4})$"
_COMPACT_DAY = r"^[0-9]{8}$"
_SHAPES = {
    "dmy": r"^([0-9]{1,2})([-./ ])([0-9]{1,2})([-./ ])([0-9]{4})$",
    "mdy": r"^([0-9]{1,2})([-./ ])([0-9]{1,2})([-./ ])([0-9]{4})$",
    "ymd": r"^([0-9]{4})([-./ ]?)([0-9]{1,2})([-./ ]?)([0-9]{1,2})$",
}
_PLACES = {"dmy": (5, 3, 1), "mdy": (5, 1, 3), "ymd": (1, 3, 5)}  # of year, month and day among the groups


class HasToBeStated(ValueError):
    """A column that could mean two things. `row` counts from 0; the message says what to state."""

    def __init__(self, row: int, message: str) -> None:
        super().__init__(message)
        self.row = row


@dataclass(frozen=True)
class Column:
    """A column that is wanted: where it stands and what its cells are.

    `header` is its name in the file (None: the name that the caller uses). `needed` refuses empty cells, `may_be_missing` permits a
    file without the column (all values are null). `words` says what each written word means: of kind boolean True or False (without
    words: true and false), of kind coded the value. `unknown` are the words for "not known". `decimal` and `date_order` go before
    those stated for the whole table.
    """

    kind: Kind = "text"
    header: str | None = None
    needed: bool = False
    may_be_missing: bool = False
    words: Mapping[str, str | bool] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    decimal: Decimal | None = None
    date_order: DateOrder | None = None

    @property
    def value_type(self) -> pl.DataType:
        """The type of the converted column."""
        match self.kind:
            case "number":
                return pl.Float64()
            case "whole":
                return pl.Int64()
            case "date":
                return pl.Date()
            case "boolean":
                return pl.Boolean()
            case _:
                return pl.String()


@dataclass(frozen=True)
class Converted:
    """The values of a column, and for each cell the reason why it cannot be used (null where it can) and what is permitted."""

    values: pl.Series
    reasons: pl.Series
    permitted: str = ""


def convert(texts: pl.Series, column: Column, decimal: Decimal | None = None, date_order: DateOrder | None = None) -> Converted:
    """The values of a column of texts. Raises HasToBeStated where the column could mean two things."""
    stripped = texts.str.strip_chars()
    known = stripped.set(stripped.is_in(["", *column.unknown]), None)
    match column.kind:
        case "number" | "whole":
            made = _numbers(known, column.kind, column.decimal or decimal)
        case "date":
            made = _dates(known, column.date_order or date_order)
        case "boolean":
            made = _words(known, column.words or TRUTH, pl.Boolean())
        case "coded":
            made = _words(known, column.words, pl.String())
        case _:
            made = Converted(known, _no_reasons(known))
    if column.needed:
        reasons = made.reasons.set(stripped == "", "The cell is empty, and this value is needed.")
        made = Converted(made.values, reasons, made.permitted)
    return made


def _no_reasons(texts: pl.Series) -> pl.Series:
    return pl.repeat(None, len(texts), dtype=pl.String(), eager=True)


def _first(mask: pl.Series) -> int | None:
    """The first row for which a mask holds."""
    return mask.fill_null(value=False).arg_max() if mask.any() else None


# -- numbers -------------------------------------------------------------------------------------------


def _numbers(texts: pl.Series, kind: Kind, decimal: Decimal | None) -> Converted:
    sign = decimal or _decimal_of(texts)
    plain = texts if sign == "point" else texts.str.replace_all(".", "x", literal=True).str.replace_all(",", ".", literal=True)
    values = plain.set(~plain.str.contains(_NUMBER if kind == "number" else _WHOLE), None)
    numbers = values.cast(pl.Float64 if kind == "number" else pl.Int64, strict=False)
    if kind == "number":
        numbers = numbers.set(numbers.is_infinite(), None)
    wrong = texts.is_not_null() & numbers.is_null()
    frame = pl.DataFrame({"text": texts, "wrong": wrong})
    other = "comma" if sign == "point" else "point"
    like = pl.col("text").str.contains(_LIKE_A_NUMBER)
    reason = (
        pl.when(like & pl.col("text").str.contains(r"\..*,|,.*\.|,.*,|\..*\."))
        .then(pl.lit("Numbers have no sign between thousands."))
        .when(like & pl.col("text").str.contains(_SIGN[other], literal=True))
        .then(pl.lit(f"The decimal sign of this column is a {sign}."))
        .otherwise(pl.lit("This is no number." if kind == "number" else "This is no whole number."))
    )
    reasons = frame.select(pl.when(pl.col("wrong")).then(reason)).to_series()
    example = ("12" if kind == "whole" else "12,5" if sign == "comma" else "12.5") + " (without a unit)"
    return Converted(numbers, reasons, f"a {'whole number' if kind == 'whole' else 'number'}, as {example}")


def _decimal_of(texts: pl.Series) -> Decimal:
    """The decimal sign that the numbers of a column show. Raises HasToBeStated where they leave a doubt."""
    numbers = texts.set(~texts.str.contains(_LIKE_A_NUMBER), None)
    holds = {name: numbers.str.contains(sign, literal=True) for name, sign in _SIGN.items()}
    only = {"point": holds["point"] & ~holds["comma"], "comma": holds["comma"] & ~holds["point"]}
    sure = {name: only[name] & ~numbers.str.contains(_EITHER[name]) for name in DECIMALS}
    once = {name: sure[name] & (numbers.str.count_matches(_SIGN[name], literal=True) == 1) for name in DECIMALS}
    shown: list[Decimal] = [name for name in DECIMALS if once[name].any()]
    if len(shown) > 1:
        rows = {name: _first(once[name]) or 0 for name in DECIMALS}
        raise HasToBeStated(
            max(rows.values()),
            f"found {numbers[rows['point']]!r} and {numbers[rows['comma']]!r} in one column. State the decimal sign: --decimal point, or "
            "--decimal comma; numbers with the other are then rejected.",
        )
    doubtful = only["comma"] | only["point"]
    if not shown and (row := _first(doubtful)) is not None:
        plain = numbers[row].replace(",", "").replace(".", "")
        raise HasToBeStated(
            row,
            f"found {numbers[row]!r}, which can be {plain} or {numbers[row].replace(',', '.')}. State the decimal sign: --decimal point, or --decimal comma.",
        )
    return shown[0] if shown else "point"


# -- days ----------------------------------------------------------------------------------------------


def _dates(texts: pl.Series, order: DateOrder | None) -> Converted:
    iso = texts.str.contains(_ISO_DAY)
    days = texts.set(~iso, None)
    other = texts.set(iso, None)
    if order is None:
        _ask_for_order(other)
    else:
        days = days.fill_null(_in_iso(other, order))
    values = days.str.to_date("%Y-%m-%d", strict=False)
    frame = pl.DataFrame({"text": texts, "wrong": texts.is_not_null() & values.is_null(), "day": days.is_not_null()})
    reason = (
        pl.when(pl.col("day"))
        .then(pl.lit("This is no day of the calendar."))
        .when(pl.col("text").str.contains(r"^[0-9]{4}(-[0-9]{2})?$"))
        .then(pl.lit("A whole day is needed, and this is a year or a month."))
        .when(pl.col("text").str.contains(r"^[0-9]{1,2}[-./ ][0-9]{1,2}[-./ ][0-9]{2}$"))
        .then(pl.lit("The year needs four digits."))
        .when(pl.col("text").str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]"))
        .then(pl.lit("A day is needed, without a time."))
        .otherwise(pl.lit("This is no date."))
    )
    reasons = frame.select(pl.when(pl.col("wrong")).then(reason)).to_series()
    stated = "" if order is None else f", or {DATE_ORDERS[order]} with four digits for the year"
    return Converted(values, reasons, f"year-month-day, as 2024-03-12{stated}")


def _in_iso(texts: pl.Series, order: DateOrder) -> pl.Series:
    """Dates in a stated order as year-month-day; null where the text has another form."""
    year, month, day = (texts.str.extract(_SHAPES[order], group) for group in _PLACES[order])
    first, second = (texts.str.extract(_SHAPES[order], group) for group in (2, 4))
    compact = texts.str.contains(_COMPACT_DAY)
    same = (first == second) & ((first != "") | compact)
    whole = year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
    return whole.set(~same, None)


def _ask_for_order(texts: pl.Series) -> None:
    """Raises HasToBeStated for a date that is written in another order than year-month-day."""
    row = _first(texts.str.contains(_THREE_NUMBERS))
    if row is not None:
        orders = ", ".join(f"--date-order {order} ({words})" for order, words in DATE_ORDERS.items())
        raise HasToBeStated(
            row, f"found {texts[row]!r}. Only year-month-day (2024-03-12) is read without being told; state the order: {orders}."
        )


# -- words ---------------------------------------------------------------------------------------------


def _words(texts: pl.Series, words: Mapping[str, str | bool], kind: pl.DataType) -> Converted:
    permitted = ", ".join(words)
    if not words:
        raise HasToBeStated(0, "it is not stated what its words mean.")
    values = texts.replace_strict(list(words), list(words.values()), default=None, return_dtype=kind)
    wrong = texts.is_not_null() & ~texts.is_in(list(words))
    frame = pl.DataFrame({"wrong": wrong})
    reasons = frame.select(pl.when(pl.col("wrong")).then(pl.lit("It is not stated what this word means."))).to_series()
    return Converted(values, reasons, permitted)
