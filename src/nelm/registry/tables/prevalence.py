"""Limited-duration prevalence of the tumours of a table: for several durations and groups, in numbers and per population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from nelm.epidemiology.prevalence import FIRST_EVER_COLUMN, FirstTumour, Prevalence, limited_duration_prevalence
from nelm.epidemiology.rates import LEVEL, PER
from nelm.registry.tables.delimited_rows import Reject
from nelm.registry.tables.mapping import TableMapping
from nelm.registry.tables.persons import ALIVE, NOT_KNOWN, check_words, one_of, word_order
from nelm.registry.tables.rows import TableError, TableRows, in_order, read_rows, settled

WHOLE = "all"


@dataclass(frozen=True, eq=False)
class TumourTable:
    """The tumours of a table, a row each: person, diagnosed, last_contact, dead, first_ever (if asked), groups and survival cohorts."""

    file: str
    frame: pl.DataFrame
    by: tuple[str, ...]
    cohorts: tuple[str, ...]
    rejected: tuple[Reject, ...]
    not_asked: int


@dataclass(frozen=True)
class PrevalenceQuestion:
    """What is asked of a table of tumours; the terms are those of `limited_duration_prevalence`, `years` None is as far back as it goes.

    `populations` has the persons living on the index date in each group (the key is () for everybody); empty: no proportions.
    """

    index: date
    years: tuple[int | None, ...]
    rule: FirstTumour
    closing: date
    populations: Mapping[tuple[str, ...], float]
    registered_since: date | None = None
    confidence: float = LEVEL
    per: float = PER


@dataclass(frozen=True, eq=False)
class PrevalenceAnswer:
    """The prevalence of each group and duration; `by` names the columns of the groups."""

    question: PrevalenceQuestion
    by: tuple[str, ...]
    found: tuple[tuple[tuple[str, ...], Prevalence], ...]
    in_several_groups: int = 0

    def table(self) -> pl.DataFrame:
        """A row for each group and duration; the last columns only where the population is known."""
        return pl.DataFrame([self._row(key, found) for key, found in self.found], infer_schema_length=None)

    def _row(self, key: tuple[str, ...], found: Prevalence) -> dict[str, object]:
        row: dict[str, object] = {
            "index": found.index,
            **dict(zip(self.by, key, strict=True)),
            "years": WHOLE if found.years is None else str(found.years),
            "rule": found.rule.value,
            "incident": found.incident,
            "alive": found.alive,
            "dead": found.dead,
            "lost": found.lost,
            "lost_expected_alive": found.lost_expected_alive,
            "prevalence": found.count,
            "lower": found.interval.low,
            "upper": found.interval.high,
            "not_settled": found.not_settled,
        }
        if self.question.populations:
            proportion = found.proportion(self.question.populations[key], self.question.per)
            row |= {
                "population": proportion.population,
                f"per_{proportion.per:.0f}": proportion.value,
                "per_lower": proportion.interval.low,
                "per_upper": proportion.interval.high,
            }
        return row

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said with the numbers, each once."""
        label = "This is limited-duration prevalence: people diagnosed before the window are not in it."
        notes = (f"{self._name(key, found)}: {note}" for key, found in self.found for note in found.notes)
        several = f"{self.in_several_groups} persons have tumours in several groups and count in each: the groups do not add up."
        return tuple(dict.fromkeys((label, *([several] if self.in_several_groups else ()), *notes)))

    def _name(self, key: tuple[str, ...], found: Prevalence) -> str:
        group = ", ".join(f"{name} {word}" for name, word in zip(self.by, key, strict=True))
        return f"{found.label}, {group}" if group else found.label


def read_tumours(
    path: Path, mapping: TableMapping, *, rule: FirstTumour, by: Sequence[str] = (), cohorts: Sequence[str] = (), drop: bool = False
) -> TumourTable:
    """The tumours of a table: person, diagnosed, last_contact or time, status, and for FirstTumour.EVER first_ever.

    `by` names the columns of groups, `cohorts` those of the survival cohorts. Raises DelimitedError and TableError for the table, and
    UnusableRows where single rows cannot be used, unless `drop` leaves these out.
    """
    check_words(path, mapping, causes=False)
    end = one_of(path, mapping, ("time", "last_contact"))
    first = (FIRST_EVER_COLUMN,) if rule is FirstTumour.EVER else ()
    rows = read_rows(path, mapping, needed=("person", "diagnosed", end, "status", *first), by=list(dict.fromkeys((*by, *cohorts))))
    rejected = (*rows.rejected, *_problems(rows))
    kept = settled(rows, rejected, drop=drop)
    frame = kept.select(
        "person",
        "diagnosed",
        _last_contact(rows).alias("last_contact"),
        (pl.col("status") != ALIVE).alias("dead"),
        *((pl.col(FIRST_EVER_COLUMN) == "yes",) if first else ()),
        *(pl.col(f"by {name}").fill_null(NOT_KNOWN).alias(f"by {name}") for name in dict.fromkeys((*by, *cohorts))),
    )
    return TumourTable(rows.file, frame, tuple(by), tuple(cohorts), in_order(rejected), rows.not_asked)


def prevalence_of(tumours: TumourTable, question: PrevalenceQuestion) -> PrevalenceAnswer:
    """The prevalence for each group and duration. Raises PrevalenceError, and TableError for a group without its population."""
    keys = sorted(set(tumours.frame.select(f"by {name}" for name in tumours.by).iter_rows()), key=word_order) if tumours.by else [()]
    if question.populations:
        _check_populations(tumours, keys, question)
    found = []
    for key in keys:
        tests = [pl.col(f"by {name}") == word for name, word in zip(tumours.by, key, strict=True)]
        group = tumours.frame.filter(tests) if tests else tumours.frame
        found += [(key, _ask(group, tumours, question, years)) for years in question.years]
    return PrevalenceAnswer(question, tumours.by, tuple(found), _in_several(tumours))


def _in_several(tumours: TumourTable) -> int:
    """How many persons have tumours in more than one group."""
    if not tumours.by:
        return 0
    groups = tumours.frame.select("person", pl.struct(f"by {name}" for name in tumours.by).alias("group"))
    return groups.group_by("person").agg(pl.col("group").n_unique()).filter(pl.col("group") > 1).height


def _ask(group: pl.DataFrame, tumours: TumourTable, question: PrevalenceQuestion, years: int | None) -> Prevalence:
    return limited_duration_prevalence(
        group,
        index=question.index,
        years=years,
        rule=question.rule,
        closing=question.closing,
        cohorts=[f"by {name}" for name in tumours.cohorts],
        registered_since=question.registered_since,
        level=question.confidence,
    )


def read_populations(path: Path, mapping: TableMapping, by: Sequence[str]) -> dict[tuple[str, ...], float]:
    """The population of each group on the index date, from a table with the columns of the groups and `population`; rows are summed.

    Raises TableError and DelimitedError.
    """
    rows = read_rows(path, mapping, needed=("population",), by=by)
    empty = rows.reject("population", pl.col("population").is_null() | (pl.col("population") < 0), "A population is a number from 0 on.")
    kept = settled(rows, (*rows.rejected, *empty), drop=False)
    groups = [pl.col(f"by {name}").fill_null(NOT_KNOWN) for name in by]
    summed = kept.group_by(groups).agg(pl.col("population").sum()) if groups else kept.select(pl.col("population").sum())
    return {tuple(key): number for *key, number in summed.iter_rows()}


def _check_populations(tumours: TumourTable, keys: Sequence[tuple[str, ...]], question: PrevalenceQuestion) -> None:
    missing = [", ".join(key) or WHOLE for key in keys if key not in question.populations]
    if missing:
        raise TableError(
            f"{tumours.file}: no population is given for {', '.join(missing)}. Give that of every group on {question.index}, or leave "
            "the population out and take the numbers of persons."
        )


# -- rows that cannot be used --------------------------------------------------------------------------------------


def _last_contact(rows: TableRows) -> pl.Expr:
    return pl.col("diagnosed") + pl.duration(days=pl.col("time")) if rows.has("time") else pl.col("last_contact")


def _problems(rows: TableRows) -> Iterator[Reject]:
    said = {(reject.line, reject.field) for reject in rows.rejected}
    end = "time" if rows.has("time") else "last_contact"
    died = pl.col("status") != ALIVE
    empty = [
        ("person", pl.lit(True), "It is not known who it is."),
        ("diagnosed", pl.lit(True), "The date of diagnosis is not known."),
        ("status", pl.lit(True), "It is not known whether the person is alive."),
        (end, died, "A death without a date."),
        (end, ~died | pl.col("status").is_null(), "The day of the last contact is not known."),
    ]
    for element, among, reason in empty:
        for reject in rows.reject(element, pl.col(element).is_null() & among, reason):
            if (reject.line, reject.field) not in said:
                yield reject
    before = pl.col("time") < 0 if end == "time" else pl.col("last_contact") < pl.col("diagnosed")
    yield from rows.reject(end, before, "Follow-up ends before diagnosis.", "from the date of diagnosis on")
    yield from _contradictions(rows, end)


def _contradictions(rows: TableRows, end: str) -> Iterator[Reject]:
    """What the rows of one person must not say."""
    several = (("status", pl.col("status")), (end, _last_contact(rows)))
    for element, value in several:
        differs = pl.col("person").is_not_null() & (value.n_unique().over("person") > 1)
        yield from rows.reject(element, differs, "The rows of this person differ in it.", "the same in all rows of a person")
    if rows.has(FIRST_EVER_COLUMN):
        first = pl.col(FIRST_EVER_COLUMN) == "yes"
        twice = first & pl.col("person").is_not_null() & (first.sum().over("person") > 1)
        yield from rows.reject(FIRST_EVER_COLUMN, twice, "Two first tumours of one person.", "yes in one row of a person")
