"""From the rows of somebody's table to the persons of a survival analysis; what is wrong with a row is said with its line.

Dates, or days since diagnosis: both are taken. Nothing is mended: death without a date, follow-up that ends before diagnosis, an
unknown sex where a life table is asked, are rows that cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, Persons, Times, follow_up, times
from nelm.epidemiology.kernels import Booleans
from nelm.registry.tables.delimited_rows import Reject
from nelm.registry.tables.mapping import ELEMENTS, TableMapping
from nelm.registry.tables.rows import LINE, TableError, TableRows, header_of, in_order, read_rows, settled

ALIVE, DEAD = "alive", "dead"
NOT_KNOWN = "not known"
OLDEST = 130  # years; nobody is known to have been older than 122


@dataclass(frozen=True, eq=False)
class PersonTable:
    """The persons of a table: their follow-up (with their population's terms where a life table is asked), how it ended, their groups.

    `status` has a word for each, `groups` a column of words for each column asked for, an empty cell being "not known", `lines` the
    line of each in the file. `rejected` are the rows left out, `not_asked` counts those that --where leaves out; `notes` has to be said.
    """

    file: str
    follow_up: Times
    status: tuple[str, ...]
    groups: pl.DataFrame
    lines: tuple[int, ...]
    rejected: tuple[Reject, ...]
    not_asked: int
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.follow_up)

    def group_keys(self) -> list[tuple[str, ...]]:
        """The groups that there are, in the order of their words; numbers in that of numbers, "not known" last."""
        return sorted(set(self.groups.iter_rows()), key=word_order) if self.groups.width else [()]

    def chosen(self, key: Sequence[str]) -> Booleans:
        """Whether each person belongs to a group."""
        if not self.groups.width:
            return np.ones(len(self), dtype=np.bool_)
        tests = [pl.col(name) == word for name, word in zip(self.groups.columns, key, strict=True)]
        return self.groups.select(pl.all_horizontal(tests)).to_series().to_numpy()


def word_order(key: Sequence[str]) -> list[tuple[bool, float, str]]:
    """What groups are sorted by: words as words, numbers as numbers, "not known" last."""
    return [(word == NOT_KNOWN, *_place(word)) for word in key]


def _place(word: str) -> tuple[float, str]:
    try:
        number = float(word)
    except ValueError:
        return np.inf, word
    return (number if np.isfinite(number) else np.inf), word


def read_persons(
    path: Path,
    mapping: TableMapping,
    *,
    by: Sequence[str] = (),
    population: bool,
    dated: bool = False,
    causes: bool = False,
    drop: bool = False,
) -> PersonTable:
    """The persons of a table.

    With `population` sex, age and date of diagnosis are needed, as a life table is by them; without, sex and age are not looked at, and with `dated` the date of diagnosis is.
    With `causes` the status is alive or the word for a cause of death; without, alive or dead. Raises DelimitedError and TableError for
    the table, and UnusableRows where single rows cannot be used, unless `drop` leaves these out.
    """
    check_words(path, mapping, causes=causes)
    rows = _read(path, mapping, by, population=population, dated=dated)
    rejected = (*rows.rejected, *_problems(rows, mapping, population=population))
    kept = settled(rows, rejected, drop=drop)
    end, begin = kept.select(_exit_days(rows)).to_series(), kept.select(_entry_days(rows).alias("entry")).to_series()
    observed: Times = times(exit_days=end, dead=kept["status"] != ALIVE, entry_days=pl.repeat(0, len(end), eager=True) + begin)
    ages = kept.select(_age_days(rows, mapping)).to_series() if population else None
    if ages is not None:
        observed = follow_up(
            sex=kept["sex"].to_list(),
            age_days=ages,
            diagnosis=kept["diagnosed"].to_numpy(),
            exit_days=observed.exit_days,
            dead=observed.dead,
            entry_days=observed.entry_days,
        )
    elif dated:
        days = kept["diagnosed"].to_numpy().astype("datetime64[D]").astype(np.float64)
        nobody = np.zeros(len(days))  # sex and age of which no use is made
        observed = FollowUp(observed.entry_days, observed.exit_days, observed.dead, Persons(nobody.astype(np.int64), nobody, days))
    return PersonTable(
        file=rows.file,
        follow_up=observed,
        status=tuple(kept["status"]),
        groups=kept.select(pl.col(f"by {name}").fill_null(NOT_KNOWN).alias(name) for name in by),
        lines=tuple(kept[LINE]),
        rejected=in_order(rejected),
        not_asked=rows.not_asked,
        notes=() if ages is None else tuple(_notes(ages)),
    )


# -- which columns -----------------------------------------------------------------------------------------------


def _read(path: Path, mapping: TableMapping, by: Sequence[str], *, population: bool, dated: bool) -> TableRows:
    """The rows, with the elements that say when follow-up began and ended."""
    end = one_of(path, mapping, ("time", "last_contact"))
    needed = ["status", end, *(["sex"] if population else ())]
    if population or dated or end == "last_contact":
        needed.append("diagnosed")
    if population:
        age = one_of(path, mapping, ("age", "born"))
        if age == "age" and mapping.age_unit is None:
            raise TableError(f"{path}: age: the unit is not stated. State it: --age-unit days, or --age-unit years.")
        needed.append(age)
    both = [element for element in ("entry", "entered") if element in mapping.columns]
    if len(both) > 1:
        raise TableError(f"{path}: entry and entered both say when observation began. Name one of the two columns.")
    if both == ["entered"] and "diagnosed" not in needed:
        needed.append("diagnosed")
    optional = [element for element in ("person",) if element in mapping.columns]
    return read_rows(path, mapping, needed=needed, optional=(*optional, *both), by=by)


def one_of(path: Path, mapping: TableMapping, elements: tuple[str, ...]) -> str:
    """Which of several elements that say the same thing is to be read: the one whose column was named, else the only one that is there.

    Raises TableError where that is none, or more than one.
    """
    named = [element for element in elements if element in mapping.columns]
    if len(named) > 1:
        raise TableError(f"{path}: {' and '.join(named)} say the same thing. Name the column of one of them.")
    if named:
        return named[0]
    header = header_of(path, mapping)
    present = [element for element in elements if element in header]
    if len(present) == 1:
        return present[0]
    found = f"has {' and '.join(present)}, which say the same thing" if present else "has none of these columns"
    wanted = ", or ".join(f"{element} ({ELEMENTS[element]})" for element in elements)
    raise TableError(
        f"{path}: {wanted} is needed; the table {found}. State which column it is, as in --column {elements[0]}=NAME. Found: {', '.join(header)}."
    )


def check_words(path: Path, mapping: TableMapping, *, causes: bool) -> None:
    """Whether the words stated for the status are those of the question. Raises TableError."""
    words = sorted(set((mapping.codes.get("status", {}) if causes else mapping.words("status")).values()))
    others = [word for word in words if word not in {ALIVE, DEAD}]
    if others and not causes:
        raise TableError(
            f"{path}: the status is stated as {', '.join(words)}. Here it is alive or dead: say which entries are deaths, as in --code dead=1,2."
        )
    if causes and (ALIVE not in words or len(words) < 2):
        raise TableError(
            f"{path}: the status is stated as {', '.join(words) or 'nothing'}. Here it is alive, or the cause of death in a word of your own: "
            "--code alive=0 --code cancer=1 --code other=2."
        )


# -- days --------------------------------------------------------------------------------------------------------


def _exit_days(rows: TableRows) -> pl.Expr:
    """The days from diagnosis to the last contact."""
    return pl.col("time") if rows.has("time") else _between("diagnosed", "last_contact")


def _entry_days(rows: TableRows) -> pl.Expr:
    """The days from diagnosis to the begin of observation: 0 where no column says otherwise, and for whoever was known before diagnosis."""
    if rows.has("entered"):
        return pl.max_horizontal(_between("diagnosed", "entered"), pl.lit(0))
    return pl.col("entry") if rows.has("entry") else pl.lit(0)


def _age_days(rows: TableRows, mapping: TableMapping) -> pl.Expr:
    if rows.has("born"):
        return _between("born", "diagnosed").cast(pl.Float64)
    return pl.col("age") * (DAYS_PER_YEAR if mapping.age_unit == "years" else 1.0)


def _between(first: str, second: str) -> pl.Expr:
    return (pl.col(second) - pl.col(first)).dt.total_days()


def _notes(ages: pl.Series) -> Iterator[str]:
    young = int((ages < DAYS_PER_YEAR).sum())
    if 2 * young > len(ages):
        yield f"{young} of {len(ages)} persons are below one year of age at diagnosis. Is the age in years? Then state --age-unit years."


# -- rows that cannot be used --------------------------------------------------------------------------------------


def _problems(rows: TableRows, mapping: TableMapping, *, population: bool) -> Iterator[Reject]:
    yield from _empty(rows, population=population)
    yield from _times(rows)
    if population:
        yield from _ages(rows, mapping)
    if rows.has("person"):
        twice = pl.col("person").is_not_null() & pl.col("person").is_duplicated()
        yield from rows.reject(
            "person",
            twice,
            "The table has more than one row of this person, and survival counts persons.",
            "one row each; --where can choose it",
        )


def _empty(rows: TableRows, *, population: bool) -> Iterator[Reject]:
    """Cells that are empty, and those with a problem of their own are not named twice."""
    said = {(reject.line, reject.field) for reject in rows.rejected}
    end = "time" if rows.has("time") else "last_contact"
    died = pl.col("status").is_not_null() & (pl.col("status") != ALIVE)
    last = "how long the person was followed" if end == "time" else "the day of the last contact"
    needed = [
        ("status", pl.lit(True), "It is not known whether the person is alive."),
        (end, died, "A death without a date." if end == "last_contact" else "A death without a time."),
        (end, ~died | pl.col("status").is_null(), f"It is not known {last}."),
    ]
    if rows.has("diagnosed"):
        needed.append(("diagnosed", pl.lit(True), "The date of diagnosis is not known."))
    if population:
        needed.append(("sex", pl.lit(True), "The sex is not known, and life tables are by it."))
        age = "born" if rows.has("born") else "age"
        needed.append((age, pl.lit(True), "The age at diagnosis is not known, and life tables are by it."))
    for entry in ("entry", "entered"):
        if rows.has(entry):
            needed.append((entry, pl.lit(True), "It is not known when observation began."))
    for element, among, reason in needed:
        for reject in rows.reject(element, pl.col(element).is_null() & among, reason):
            if (reject.line, reject.field) not in said:
                yield reject


def _times(rows: TableRows) -> Iterator[Reject]:
    if rows.has("time"):
        yield from rows.reject("time", pl.col("time") < 0, "A negative time: follow-up ends before diagnosis.", "whole days from 0 on")
    else:
        before = pl.col("last_contact") < pl.col("diagnosed")
        yield from rows.reject("last_contact", before, "Follow-up ends before diagnosis.", "a day from the date of diagnosis on")
    if rows.has("entry"):
        yield from rows.reject(
            "entry", pl.col("entry") < 0, "A negative time: observation counts from diagnosis on.", "whole days from 0 on"
        )
    if rows.has("entry") or rows.has("entered"):
        begin, end = _entry_days(rows), _exit_days(rows)
        late = (begin > 0) & (begin >= end) & (end >= 0)
        element = "entry" if rows.has("entry") else "entered"
        yield from rows.reject(
            element, late, "Observation begins when it has ended: the person was never under observation.", "before the last contact"
        )


def _ages(rows: TableRows, mapping: TableMapping) -> Iterator[Reject]:
    element, age = "born" if rows.has("born") else "age", _age_days(rows, mapping)
    if element == "born":
        yield from rows.reject("born", age < 0, "Born after the diagnosis.", "a day up to the date of diagnosis")
    else:
        yield from rows.reject("age", age < 0, "A negative age.", "0 or more")
    unit = "" if mapping.age_unit != "years" or element == "born" else " Is the age in days? Then state --age-unit days."
    yield from rows.reject(element, age > OLDEST * DAYS_PER_YEAR, f"Older than anybody was at diagnosis.{unit}", f"up to {OLDEST} years")
