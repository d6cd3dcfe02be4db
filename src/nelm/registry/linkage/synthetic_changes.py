"""What happens to the entry of a person on the way into another registry: typing errors, moves, new names, gaps."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import polars as pl

from nelm.knowledge.dictionary import STRICT

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "oe", "Ø": "Oe", "å": "aa"})
STROKES = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d"})
Row = dict[str, str]


@dataclass(frozen=True)
class Changes:
    """How often each change happens, as a share of the entries."""

    __pydantic_config__ = STRICT
    typing_error_in_given_name: float
    typing_error_in_family_name: float
    other_way_of_writing: float
    second_given_name: float
    names_swapped: float
    day_and_month_swapped: float
    wrong_digit_in_birth_date: float
    moved: float
    family_name_changed: float
    double_family_name: float
    other_diagnosis_date: float


@dataclass(frozen=True)
class Missing:
    """How often each value is missing."""

    __pydantic_config__ = STRICT
    given_name: float
    birth_date: float
    sex: float
    postcode: float
    municipality: float
    diagnosis_date: float


def changed(
    people: pl.DataFrame, shared: int, rates: Changes, new_names: npt.NDArray[np.object_], random: np.random.Generator
) -> tuple[pl.DataFrame, pl.Series]:
    """The first `shared` persons with changes, the others as they are; and for each of the shared what was changed."""
    names = [item.name for item in fields(rates)]
    happens = {name: random.random(shared) < getattr(rates, name) for name in names}
    happens["family_name_changed"] &= (people["sex"][:shared] == "female").to_numpy() | (random.random(shared) < 0.2)
    pools = {name: people[name].to_list() for name in ("postcode", "municipality")}
    rows = people.to_dicts()
    kinds: list[str] = []
    for number in range(shared):
        done = [name for name in names if happens[name][number]]
        done = [name for name in done if CHANGES[name](rows[number], random, new_names, pools)]
        kinds.append("; ".join(done) or "no change")
    return pl.DataFrame(rows, schema=people.schema), pl.Series("kinds", kinds, dtype=pl.String)


def with_gaps(people: pl.DataFrame, rates: Missing, random: np.random.Generator) -> pl.DataFrame:
    """The table with values left out."""
    return people.with_columns(
        people[item.name].set(pl.Series(random.random(people.height) < getattr(rates, item.name)), None) for item in fields(rates)
    )


# -- single changes: each says whether the entry is another than before ------------------------------------------


def _typing_error(text: str, random: np.random.Generator) -> str:
    """One letter left out, doubled, replaced, or swapped with its neighbour; never the first."""
    if len(text) < 3:
        return text
    place = int(random.integers(1, len(text)))
    before, letter, after = text[:place], text[place], text[place + 1 :]
    match int(random.integers(4)):
        case 0:
            return before + after
        case 1:
            return before + letter + letter + after
        case 2:
            return before + LETTERS[int(random.integers(26))] + after
        case _:
            return before[:-1] + letter + before[-1] + after if place > 1 else before + after


def _written_otherwise(text: str, random: np.random.Generator) -> str:
    if random.random() < 0.5:
        return text.translate(WRITTEN_OUT)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.translate(STROKES)) if not unicodedata.combining(sign))
    return bare.upper() if random.random() < 0.3 else bare


def _set(row: Row, **values: str) -> bool:
    different = any(row[name] != value for name, value in values.items())
    row.update(values)
    return different


def _second_given_name(row: Row, random: np.random.Generator, *rest: object) -> bool:
    parts = row["given_name"].split()
    return _set(row, given_name=parts[int(random.integers(len(parts)))]) if len(parts) > 1 else False


def _day_and_month(row: Row, *rest: object) -> bool:
    year, month, day = row["birth_date"].split("-")
    return _set(row, birth_date=f"{year}-{day}-{month}") if int(day) <= 12 else False


def _wrong_digit(row: Row, random: np.random.Generator, *rest: object) -> bool:
    """Another digit, such that the date stays one."""
    year, month, day = row["birth_date"].split("-")
    match int(random.integers(3)):
        case 0:
            year = year[:3] + str((int(year[3]) + int(random.integers(1, 10))) % 10)
        case 1:
            day = day[0] + str((int(day[1]) + int(random.integers(1, 9)) - 1) % 9 + 1) if int(day) < 20 else day
        case _:
            month = "0" + str((int(month) + int(random.integers(1, 9)) - 1) % 9 + 1) if int(month) < 10 else month
    made = f"{year}-{month}-{day}"
    try:
        np.datetime64(made)
    except ValueError:
        return False
    return _set(row, birth_date=made)


def _moved(row: Row, random: np.random.Generator, new_names: object, pools: dict[str, list[str]]) -> bool:
    place = int(random.integers(len(pools["postcode"])))
    return _set(row, postcode=pools["postcode"][place], municipality=pools["municipality"][place])


def _new_family_name(row: Row, random: np.random.Generator, new_names: npt.NDArray[np.object_], *rest: object) -> bool:
    return _set(row, family_name=str(random.choice(new_names)))


def _double_name(row: Row, random: np.random.Generator, new_names: npt.NDArray[np.object_], *rest: object) -> bool:
    return _set(row, family_name=f"{row['family_name']}-{random.choice(new_names)}")


def _diagnosis_date(row: Row, random: np.random.Generator, *rest: object) -> bool:
    days = int(random.integers(-30, 31)) if random.random() < 0.8 else int(random.integers(-700, 701))
    return _set(row, diagnosis_date=str(np.datetime64(row["diagnosis_date"]) + np.timedelta64(days, "D")))


CHANGES: dict[str, Callable[..., bool]] = {
    "typing_error_in_given_name": lambda row, random, *rest: _set(row, given_name=_typing_error(row["given_name"], random)),
    "typing_error_in_family_name": lambda row, random, *rest: _set(row, family_name=_typing_error(row["family_name"], random)),
    "other_way_of_writing": lambda row, random, *rest: _set(
        row, given_name=_written_otherwise(row["given_name"], random), family_name=_written_otherwise(row["family_name"], random)
    ),
    "second_given_name": _second_given_name,
    "names_swapped": lambda row, *rest: _set(row, given_name=row["family_name"], family_name=row["given_name"]),
    "day_and_month_swapped": _day_and_month,
    "wrong_digit_in_birth_date": _wrong_digit,
    "moved": _moved,
    "family_name_changed": _new_family_name,
    "double_family_name": _double_name,
    "other_diagnosis_date": _diagnosis_date,
}
