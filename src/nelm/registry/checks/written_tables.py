"""Entity tables as written, understood column by column: every way in which a value is written is understood once.

A table of entries holds values as people write them (`"<2"`, `G1/G2`, `2024-03`). Here they become what the fact may still be, in the
columns of a facts table, so that a condition on an entry runs over all entries at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from nelm.cohort.facts_table import DOUBT, Layout
from nelm.cohort.records.entity_tables import PATIENT
from nelm.criteria import Value
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import ENTRY_FIELDS, Element, Entity
from nelm.patient.partial import UNKNOWN_WORDS, NotPermitted, is_known, says_nothing, understand, understand_date, unusual
from nelm.registry.checks.model import DATE

ENTRY, LOW, HIGH = "entry", "low", "high"


@dataclass(frozen=True)
class Doubtful:
    """A value as it is written that is not permitted, or is unusual, and what the dictionary says about it."""

    written: str
    message: str
    is_permitted: bool
    value: Value | None = None


@dataclass(frozen=True)
class _Understood:
    """The ways in which an element is written, with the columns of each, and those that are doubtful."""

    columns: pl.DataFrame
    doubtful: tuple[Doubtful, ...]


@dataclass
class WrittenTable:
    """The entries of one entity. A row without any value is no entry, and is passed over; it keeps its number."""

    scan: pl.LazyFrame
    entity: Entity
    knowledge: Knowledge
    _understood: dict[str, _Understood] = field(default_factory=dict)

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.knowledge.entry_models[self.entity.entity])

    @cached_property
    def elements(self) -> dict[str, Element]:
        """The elements that the table has columns for."""
        present = self.scan.collect_schema().names()
        return {element.name: element for element in self.entity.elements if element.name in present}

    @cached_property
    def keys(self) -> pl.DataFrame:
        """Patient and number of every row, in the order of the rows."""
        patients = self.scan.select(PATIENT).collect()
        return patients.with_columns((pl.col(PATIENT).cum_count().over(PATIENT)).cast(pl.UInt32).alias(ENTRY))

    @property
    def height(self) -> int:
        return self.keys.height

    # -- columns ----------------------------------------------------------------------------------------------

    def facts(self, wanted: Sequence[str]) -> pl.DataFrame:
        """The columns of these facts as in a facts table (null: nothing is recorded), and those of doubt, which are empty."""
        columns: list[pl.Series] = []
        for name in wanted:
            kinds = self.layout.of_facts[name]
            if name in self.elements:
                columns += self._joined(name).select(list(kinds)).get_columns()
            else:
                columns += [pl.Series(column, [None], dtype=kind).new_from_index(0, self.height) for column, kind in kinds.items()]
        columns += [pl.Series(name, [[]], dtype=kind).new_from_index(0, self.height) for name, kind in DOUBT.items()]
        return pl.DataFrame(columns)

    def is_stated(self, name: str) -> pl.Series:
        """Whether each entry states a field: an element, a text or a list, or the date of the entry."""
        if name not in self.scan.collect_schema().names():
            return pl.repeat(False, self.height, eager=True)
        element = self.elements.get(name)
        if name == DATE:
            return self.days(DATE)[LOW].is_not_null()
        if element is not None and element.value_type is not None:
            return self._joined(name)["is known"].fill_null(False)
        written = self._written(name)
        if written.dtype == pl.List:
            return written.list.len().fill_null(0) > 0
        return (written.str.strip_chars().str.to_lowercase().is_in(list(UNKNOWN_WORDS)).not_()).fill_null(False)

    def days(self, name: str) -> pl.DataFrame:
        """The first and the last day that a date may be, in the order of the rows; null where nothing is recorded."""
        if name not in self.scan.collect_schema().names():
            nothing = pl.Series([None], dtype=pl.Date).new_from_index(0, self.height)
            return pl.DataFrame({LOW: nothing, HIGH: nothing})
        joined = self._joined(name)
        low, high = (LOW, HIGH) if name == DATE else (f"{name}_low", f"{name}_high")
        return joined.select(pl.col(low).alias(LOW), pl.col(high).alias(HIGH))

    def doubtful(self) -> Iterator[tuple[str, Doubtful, pl.DataFrame]]:
        """The values that are not permitted or unusual: the field, the value, and the patients and entries that have it."""
        names = [name for name, element in self.elements.items() if element.value_type is not None or element.codes]
        if DATE in self.scan.collect_schema().names():
            names.append(DATE)
        for name in names:
            found = self._of(name).doubtful
            if found:
                written = self._written(name)
                for doubt in found:
                    has_it = written.list.contains(doubt.written) if written.dtype == pl.List else written == doubt.written
                    yield name, doubt, self.keys.filter(has_it)

    # -- reading ----------------------------------------------------------------------------------------------

    @cached_property
    def is_entry(self) -> pl.Series:
        """Whether a row holds anything."""
        present = [name for name in self.scan.collect_schema().names() if name in self.elements or name in ENTRY_FIELDS]
        if not present:
            return pl.repeat(False, self.height, eager=True)
        return self.scan.select(pl.any_horizontal(pl.col(name).is_not_null() for name in present).alias(ENTRY)).collect()[ENTRY]

    def _written(self, name: str) -> pl.Series:
        series = self.scan.select(name).collect()[name]
        return series if series.dtype in (pl.String, pl.List) else series.cast(pl.String)

    def _joined(self, name: str) -> pl.DataFrame:
        """The columns of an element for every row."""
        written = self._written(name).rename("written").to_frame()
        return written.join(self._of(name).columns, on="written", how="left", maintain_order="left")

    def _of(self, name: str) -> _Understood:
        if name not in self._understood:
            written = self._written(name)
            if written.dtype == pl.List:
                written = written.explode(empty_as_null=True, keep_nulls=True)
            different = written.drop_nulls().unique().sort().to_list()
            element = self.elements.get(name)
            self._understood[name] = _date(different) if element is None else _element(element, different, self.layout)
        return self._understood[name]


def _element(element: Element, different: Sequence[str], layout: Layout) -> _Understood:
    kinds = layout.of_facts.get(element.name, {})
    rows: list[dict[str, Any]] = []
    doubtful: list[Doubtful] = []
    for written in different:
        try:
            stated = understand(element, written)
        except NotPermitted as error:
            doubtful.append(Doubtful(written, str(error), False))
            continue
        if stated is None or not is_known(element, stated):
            continue
        row: dict[str, Any] = {"written": written, "is known": True}
        if not isinstance(stated, str | tuple):
            row |= {column: value for column, value in layout.row({element.name: stated}).items() if column in kinds}
            doubt = unusual(element, stated)
            doubtful += [] if doubt is None else [Doubtful(written, doubt, True, stated)]
        rows.append(row)
    schema: dict[str, pl.DataType] = {"written": pl.String(), "is known": pl.Boolean(), **kinds}
    return _Understood(pl.DataFrame(rows, schema=schema, orient="row"), tuple(doubtful))


def _date(different: Sequence[str]) -> _Understood:
    """The dates of entries, which are no fact."""
    rows: list[dict[str, Any]] = []
    doubtful: list[Doubtful] = []
    for written in different:
        if says_nothing(written):
            continue
        try:
            days = understand_date(written)
        except NotPermitted as error:
            doubtful.append(Doubtful(written, str(error), False))
            continue
        first, last = (date.fromordinal(int(end)) for end in (days.low.low, days.high.high))
        rows.append({"written": written, LOW: first, HIGH: last})
    return _Understood(pl.DataFrame(rows, schema={"written": pl.String(), LOW: pl.Date(), HIGH: pl.Date()}, orient="row"), tuple(doubtful))
