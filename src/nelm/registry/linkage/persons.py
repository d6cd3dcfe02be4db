"""The persons of a table, checked and written alike: what both ways of linkage begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nelm.criteria import nearest
from nelm.registry.linkage.normalise import Normaliser
from nelm.registry.linkage.settings import DATES, DERIVED, FIELDS, NAMES
from nelm.registry.tables.delimited import read_table
from nelm.registry.tables.delimited_values import Column, DateOrder, convert

DATE_FORMS = r"^\d{4}(-\d{2}(-\d{2})?)?$"
SEXES = {"female": "female", "male": "male", "other": "other", "f": "female", "m": "male", "unknown": None}
SHOWN = 5


class PersonsError(ValueError):
    """A table of persons that cannot be used: which file and line, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class Persons:
    """The persons of one table.

    `frame` has the column `id`, each field that holds at least one value as it is compared (names and places normalised, dates as
    year-month-day), and what is derived from them for candidates (`settings.DERIVED`). A date that is known only to the month or
    year has no value of its own, but gives those that it can. `notes` says what of the table could not be compared.
    """

    label: str
    frame: pl.DataFrame
    fields: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        return self.frame.height


def read_persons(
    file: Path,
    label: str,
    normaliser: Normaliser,
    *,
    columns: Mapping[str, str] | None = None,
    separator: str | None = None,
    encoding: str = "utf-8",
    date_order: DateOrder | None = None,
) -> Persons:
    """The persons of a delimited file; `columns` names the column of a field where it is not called as the field is.

    Dates are year-month-day; `date_order` states another order. Raises PersonsError for a field that is not known, an id that is missing
    or stands there twice, a date or sex that cannot be read, a row that cannot; DelimitedError for a file or column that cannot be found.
    """
    stated = columns or {}
    _check_named(stated)
    wanted = {name: Column("text", header=stated.get(name), may_be_missing=name not in stated and name != "id") for name in ("id", *FIELDS)}
    table = read_table(file, columns=wanted, separator=separator, encoding=encoding, date_order=date_order)
    if table.rejected:
        raise PersonsError(_listed([str(reject) for reject in table.rejected], "Correct these rows; nothing was linked."))
    present = [name for name in wanted if stated.get(name, name) in table.header]
    return persons_of(_with_dates(table.frame.select(present), date_order), label, normaliser, where=str(file), lines=table.lines)


def _check_named(columns: Mapping[str, str]) -> None:
    permitted = ("id", *FIELDS)
    for name, column in columns.items():
        if name not in permitted:
            raise PersonsError(
                f"{name}={column}: the field {name!r} is not known. Permitted: {', '.join(permitted)}.{nearest(name, permitted)}"
            )


def _with_dates(texts: pl.DataFrame, order: DateOrder | None) -> pl.DataFrame:
    """Dates in the stated order as year-month-day. What is in another order stays as it is, and is refused like any such date."""
    if order is None:
        return texts
    for name in DATES:
        if name in texts.columns:
            cells = texts[name].str.strip_chars()
            made = convert(cells.set(cells.str.contains(DATE_FORMS), None), Column("date"), date_order=order).values
            texts = texts.with_columns(made.dt.to_string("%Y-%m-%d").alias(name).zip_with(made.is_not_null(), cells))
    return texts


def persons_of(cells: pl.DataFrame, label: str, normaliser: Normaliser, *, where: str = "table", lines: pl.Series | None = None) -> Persons:
    """The persons of a table of texts with the columns `id` and any of `settings.FIELDS`; errors as for `read_persons`."""
    texts = cells.with_columns(pl.all().cast(pl.String).str.strip_chars().replace("", None))
    at = lines if lines is not None else pl.Series("line", range(1, cells.height + 1))
    if cells.height == 0:
        raise PersonsError(f"{where}: the table holds nobody. Give a row for each person.")
    problems = [*_wrong_ids(texts, at, where), *_wrong_dates(texts, at, where), *_wrong_sexes(texts, at, where)]
    if problems:
        raise PersonsError(_listed(problems, "Correct the table; nothing was linked."))
    written = _written(texts, normaliser)
    fields = tuple(name for name in FIELDS if name in written.columns and written[name].null_count() < written.height)
    return Persons(label, written.select("id", *fields, *_derived(fields)), fields, tuple(_notes(texts, written)))


def _listed(problems: list[str], then: str) -> str:
    rest = len(problems) - SHOWN
    return "\n".join([*problems[:SHOWN], *([f"… and {rest} more."] if rest > 0 else []), then])


# -- what is wrong -------------------------------------------------------------------------------------------


def _places(at: pl.Series, wrong: pl.Series) -> Iterator[int]:
    yield from at.filter(wrong.fill_null(False)).to_list()


def _wrong_ids(texts: pl.DataFrame, at: pl.Series, where: str) -> Iterator[str]:
    for line in _places(at, texts["id"].is_null()):
        yield f"{where}:{line}: id: found nothing. Every person needs an id of the table."
    doubled = texts["id"].is_not_null() & ~texts["id"].is_first_distinct()
    for line, name in zip(_places(at, doubled), texts["id"].filter(doubled).to_list(), strict=True):
        yield f"{where}:{line}: id: {name!r} stands in the table more than once. Each person has one row; link persons, not tumours."


def _wrong_dates(texts: pl.DataFrame, at: pl.Series, where: str) -> Iterator[str]:
    for name in DATES:
        if name not in texts.columns:
            continue
        form = pl.col(name).str.contains(DATE_FORMS)
        wrong = texts.select(pl.col(name).is_not_null() & ~(form & _first_day(name).is_not_null())).to_series()
        for line, found in zip(_places(at, wrong), texts[name].filter(wrong).to_list(), strict=True):
            yield (
                f"{where}:{line}: {name}: found {found!r}. Permitted: year-month-day (1958-03-12), or as much of it as is known "
                "(1958-03, 1958). Another order is not guessed: state it (--date-order)."
            )


def _first_day(name: str) -> pl.Expr:
    """The first day that a date, or the part of it that is known, may be; nothing where there is no such day."""
    text = pl.col(name)
    completed = pl.when(text.str.len_chars() == 4).then(text + "-01-01").when(text.str.len_chars() == 7).then(text + "-01").otherwise(text)
    return completed.str.to_date("%Y-%m-%d", strict=False)


def _wrong_sexes(texts: pl.DataFrame, at: pl.Series, where: str) -> Iterator[str]:
    if "sex" not in texts.columns:
        return
    wrong = texts["sex"].is_not_null() & ~texts["sex"].str.to_lowercase().is_in(list(SEXES))
    for line, found in zip(_places(at, wrong), texts["sex"].filter(wrong).to_list(), strict=True):
        yield (
            f"{where}:{line}: sex: found {found!r}. Permitted: {', '.join(SEXES)}, or nothing. "
            "What a number stands for differs between registries; write the word."
        )


# -- as it is compared ---------------------------------------------------------------------------------------


def _written(texts: pl.DataFrame, normaliser: Normaliser) -> pl.DataFrame:
    """The fields as they are compared, and what is derived from them."""
    rules = {
        "municipality": normaliser.place,
        "postcode": normaliser.number,
        "national_id": normaliser.number,
        **dict.fromkeys(NAMES, normaliser.name),
    }
    columns = [normaliser.column(texts[name], rule).alias(name) for name, rule in rules.items() if name in texts.columns]
    if "sex" in texts.columns:
        columns.append(texts["sex"].str.to_lowercase().replace_strict(SEXES, default=None, return_dtype=pl.String))
    columns += [texts[name].set(texts[name].str.len_chars() < 10, None) for name in DATES if name in texts.columns]
    return texts.select("id").with_columns(columns).with_columns(_derivations(texts))


def _derivations(texts: pl.DataFrame) -> Iterator[pl.Expr | pl.Series]:
    if "birth_date" in texts.columns:
        whole = texts["birth_date"]
        month, day = whole.str.slice(5, 2), whole.str.slice(8, 2)
        earlier = pl.select(pl.min_horizontal(month, day) + pl.max_horizontal(month, day)).to_series()
        yield whole.str.slice(0, 4).alias("birth_year")
        yield whole.str.slice(0, 7).set(whole.str.len_chars() < 7, None).alias("birth_year_and_month")
        yield earlier.set(whole.str.len_chars() < 10, None).alias("birth_day_month")
    for name in NAMES:
        if name in texts.columns:
            yield pl.col(name).str.slice(0, 3).alias(f"{name}_start")
    if all(name in texts.columns for name in NAMES):
        one, other = (pl.col(name) for name in NAMES)
        yield (
            pl.when(one.is_not_null() & other.is_not_null())
            .then(pl.min_horizontal(one, other) + " " + pl.max_horizontal(one, other))
            .alias("both_names")
        )


def _derived(fields: tuple[str, ...]) -> list[str]:
    found = [name for name, source in DERIVED.items() if source in fields and name != "both_names"]
    return [*found, "both_names"] if set(NAMES) <= set(fields) else found


def _notes(texts: pl.DataFrame, written: pl.DataFrame) -> Iterator[str]:
    """What the table says and the comparison cannot use."""
    for name in texts.columns:
        if name == "sex":
            continue
        lost = int((texts[name].is_not_null() & written[name].is_null()).sum())
        if lost and name in DATES:
            yield f"{name}: {lost} dates are known only to the month or year; their day is compared as unknown."
        elif lost:
            yield f"{name}: of {lost} entries nothing is left that could be compared (no letters that the tables of the settings know)."
