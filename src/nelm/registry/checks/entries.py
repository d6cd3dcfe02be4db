"""The checks on entries, over whole entity tables: conditions, items on record, and the days between two dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from nelm.cohort.polars_engine import PolarsEngine
from nelm.cohort.records.entity_tables import PATIENT
from nelm.criteria import Expression, Span, Spans
from nelm.criteria.columns import Columns
from nelm.knowledge.base import Knowledge
from nelm.registry.checks.findings import days_in_words, facts_in_words, facts_of_rows_in_words, findings_in, place_in_words
from nelm.registry.checks.model import CLOSING, Checks, CompiledBetween, CompiledCondition, CompiledDocumented, Named, Place
from nelm.registry.checks.written_tables import ENTRY, HIGH, LOW, WrittenTable

FIRST, SECOND = "first", "second"


@dataclass(frozen=True)
class EntryChecks:
    """The checks on the entries of one table."""

    table: WrittenTable
    checks: Checks
    knowledge: Knowledge

    def findings(self) -> Iterator[pl.DataFrame]:
        yield from self._doubtful()
        if self.conditions or self.documented:
            answers = self._answers
            for number, check in enumerate(self.conditions):
                yield self._found(check.named, answers[f"holds {number}"] & self.table.is_entry, ", ".join(check.facts), check.facts)
            for number, item in enumerate(self.documented):
                yield self._found(item.named, self._breaks(item, answers[f"asked {number}"]), item.item, self._shown(item))

    @cached_property
    def conditions(self) -> tuple[CompiledCondition, ...]:
        return tuple(check for check in self.checks.conditions if check.entity == self.table.entity.entity)

    @cached_property
    def documented(self) -> tuple[CompiledDocumented, ...]:
        return tuple(check for check in self.checks.documented if check.entity == self.table.entity.entity)

    # -- values that are not permitted, or unusual ------------------------------------------------------------

    def _doubtful(self) -> Iterator[pl.DataFrame]:
        for field, doubt, rows in self.table.doubtful():
            standing = self.checks.standing["unusual" if doubt.is_permitted else "not_permitted"]
            named = Named(standing.name, standing.severity, f"{doubt.message} {standing.says}")
            known = {} if doubt.value is None else {field: doubt.value}
            yield _as_findings(
                rows, named, self.table.entity.record_key, field, pl.lit(facts_in_words([field], known, self.knowledge) or doubt.written)
            )

    # -- conditions ---------------------------------------------------------------------------------------------

    @cached_property
    def _answers(self) -> Mapping[str, pl.Series]:
        engine = self._engine
        facts = sorted(engine.program.facts())
        return engine.run(self.table.facts(facts))

    @cached_property
    def _engine(self) -> PolarsEngine:
        make = Columns(self.knowledge.entry_models[self.table.entity.entity])

        def certainly(condition: Expression | None) -> int:
            return make.constant(True) if condition is None else make.opposite(make.condition(condition).can_be_false)

        results = {f"holds {number}": certainly(check.condition) for number, check in enumerate(self.conditions)}
        results |= {f"asked {number}": certainly(check.when) for number, check in enumerate(self.documented)}
        return PolarsEngine(make.program(results))

    def _breaks(self, check: CompiledDocumented, asked: pl.Series) -> pl.Series:
        stated = self.table.is_stated(check.item)
        beside = self.table.is_stated(check.beside) if check.beside is not None else self.table.is_entry
        return asked & beside & self.table.is_entry & (stated if check.unexpected else ~stated)

    def _shown(self, check: CompiledDocumented) -> tuple[str, ...]:
        return (check.item,) if check.unexpected and check.item in self.table.layout.of_facts else ()

    def _found(self, named: Named, where: pl.Series, field: str, facts: Iterable[str]) -> pl.DataFrame:
        rows = self.table.keys.filter(where)
        wanted = [name for name in facts if name in self.table.elements]
        if rows.height == 0:
            found = pl.Series([], dtype=pl.String)
        else:
            found = facts_of_rows_in_words(wanted, self.table.facts(wanted).filter(where), self.table.layout, self.knowledge)
        return _as_findings(rows.with_columns(found.alias("found")), named, self.table.entity.record_key, field, pl.col("found"))


# -- two dates --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DateChecks:
    """The checks of two dates, over all tables. `where` has the patients of whom the condition of a check holds, by its id."""

    tables: Mapping[str, WrittenTable]
    checks: Checks
    knowledge: Knowledge
    closing: date
    where: Mapping[str, pl.DataFrame]

    def findings(self) -> Iterator[pl.DataFrame]:
        for check in self.checks.between:
            keys = [place.record_key for place in check.about if place.record_key is not None]
            if all(key in self.tables for key in keys):
                yield self._findings(check)

    def _findings(self, check: CompiledBetween) -> pl.DataFrame:
        pairs = self._pairs(check).filter(_broken(check))
        if check.when is not None:
            pairs = pairs.join(self.where[check.named.id], on=PATIENT, how="semi")
        about = check.about[0]
        words = [
            pl.concat_str(pl.lit(f"{place_in_words(place, self.knowledge)}: "), _days_in_words(pairs, side))
            for place, side in ((check.first, FIRST), (check.second, SECOND))
        ]
        entry = f"{ENTRY} {SECOND if about is check.second else FIRST}"
        rows = pairs.select(PATIENT, pl.col(entry).alias(ENTRY), pl.concat_str(words, separator="; ").alias("found"))
        return _as_findings(rows, check.named, about.record_key, about.field, pl.col("found"))

    def _pairs(self, check: CompiledBetween) -> pl.DataFrame:
        if check.second.record_key is None:
            return self._days(check.first, FIRST).with_columns(**self._at_closing(SECOND))
        if check.first.record_key is None:
            return self._days(check.second, SECOND).with_columns(**self._at_closing(FIRST))
        first, second = self._days(check.first, FIRST), self._days(check.second, SECOND)
        if not check.within_entry:
            return first.join(second, on=PATIENT)
        return first.join(second, left_on=[PATIENT, f"{ENTRY} {FIRST}"], right_on=[PATIENT, f"{ENTRY} {SECOND}"], coalesce=False).drop(
            f"{PATIENT}_right"
        )

    def _days(self, place: Place, side: str) -> pl.DataFrame:
        """The dates of a place that are known, with patient and entry."""
        assert place.record_key is not None, f"{CLOSING} has no entries"
        table = self.tables[place.record_key]
        columns = {f"{LOW} {side}": pl.col(LOW), f"{HIGH} {side}": pl.col(HIGH)}
        whole = pl.concat([table.keys, table.days(place.field)], how="horizontal").filter(pl.col(LOW).is_not_null())
        return whole.select(PATIENT, pl.col(ENTRY).alias(f"{ENTRY} {side}"), **columns)

    def _at_closing(self, side: str) -> dict[str, pl.Expr]:
        return {f"{end} {side}": pl.lit(self.closing) for end in (LOW, HIGH)}


def _broken(check: CompiledBetween) -> pl.Expr:
    """As `nelm.registry.checks.record.is_broken`, for columns."""
    limits = check.check
    if limits.at_least_days is not None:
        return _days(f"{LOW} {FIRST}", f"{HIGH} {SECOND}") < limits.at_least_days
    if limits.at_most_days is not None:
        return _days(f"{HIGH} {FIRST}", f"{LOW} {SECOND}") > limits.at_most_days
    if limits.at_least_years is not None:
        return _years(f"{LOW} {FIRST}", f"{HIGH} {SECOND}") < limits.at_least_years
    return _years(f"{HIGH} {FIRST}", f"{LOW} {SECOND}") > limits.at_most_years


def _days(first: str, second: str) -> pl.Expr:
    return pl.col(second).to_physical() - pl.col(first).to_physical()


def _years(first: str, second: str) -> pl.Expr:
    """Whole years from one day to another, as of an age."""
    begin, end = pl.col(first).dt, pl.col(second).dt
    before_birthday = _day_of_year(second) < _day_of_year(first)
    return end.year() - begin.year() - before_birthday.cast(pl.Int32)


def _day_of_year(name: str) -> pl.Expr:
    return pl.col(name).dt.month().cast(pl.Int32) * 100 + pl.col(name).dt.day().cast(pl.Int32)


def _days_in_words(pairs: pl.DataFrame, side: str) -> pl.Series:
    ends = [f"{LOW} {side}", f"{HIGH} {side}"]
    different = pairs.select(ends).unique()
    words = [days_in_words(_spans(low, high)) for low, high in different.iter_rows()]
    return pairs.select(ends).join(
        different.with_columns(pl.Series("words", words, dtype=pl.String)), on=ends, how="left", maintain_order="left"
    )["words"]


def _spans(low: date, high: date) -> Spans:
    return Spans.of([Span(low.toordinal(), high.toordinal())], integral=True)


def _as_findings(rows: pl.DataFrame, named: Named, record_key: str | None, field: str, found: pl.Expr) -> pl.DataFrame:
    return findings_in(rows, named, field=pl.lit(field), found=found, record_key=record_key, entry=pl.col(ENTRY))
