"""Two tables of persons in DuckDB, and splink at work on them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nelm.registry.linkage.persons import Persons

if TYPE_CHECKING:
    import polars as pl
    from splink import DuckDBAPI, Linker


@dataclass(frozen=True)
class Workshop:
    """The two tables, reduced to the columns that both have."""

    ours: Persons
    theirs: Persons

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that both tables have."""
        return tuple(name for name in self.ours.fields if name in self.theirs.fields)

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields and derived columns that both tables have."""
        return tuple(name for name in self.ours.frame.columns if name in self.theirs.frame.columns and name != "id")

    @property
    def pairs_in_all(self) -> int:
        return self.ours.height * self.theirs.height

    def pairs_that_agree(self, rules: Sequence[tuple[str, ...]]) -> pl.DataFrame:
        """The pairs (`id` of ours, `other` of theirs) that agree on all fields of at least one rule."""
        import polars as pl

        found = [
            self.ours.frame.select("id", *rule)
            .join(self.theirs.frame.select(pl.col("id").alias("other"), *rule), on=rule)
            .select("id", "other")
            for rule in rules
        ]
        return pl.concat(found).unique()

    def with_values(self, pairs: pl.DataFrame, field: str) -> int:
        """How many of the pairs have a value of the field on both sides."""
        here, there = (side.frame.select("id", field).drop_nulls().select("id") for side in (self.ours, self.theirs))
        return pairs.join(here, on="id", how="semi").join(there, left_on="other", right_on="id", how="semi").height

    def linker(self, settings: dict[str, Any]) -> Linker:
        """splink with these settings, on the two tables. What it only logs, others here look at: it writes no log."""
        from splink import Linker

        logging.getLogger("splink").setLevel(logging.ERROR)
        return Linker([self._tables[0], self._tables[1]], settings, log_level=None)

    @cached_property
    def _database(self) -> DuckDBAPI:
        from splink import DuckDBAPI

        return DuckDBAPI()

    @cached_property
    def _tables(self) -> tuple[Any, Any]:
        return self._registered(self.ours, "ours"), self._registered(self.theirs, "theirs")

    def _registered(self, persons: Persons, name: str) -> Any:
        frame: pl.DataFrame = persons.frame.select("id", *self.columns)
        return self._database.register(frame.to_arrow(), dataset_display_name=name)
