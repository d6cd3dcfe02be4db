"""Recommended, and something else given: statements that applied at a decision, and whose actions were given neither then nor before.

This is counted and never judged. A document often recommends several ways, of which one is taken; a statement goes on to apply
at later decisions; and what was done elsewhere, refused or impossible is not in the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.polars_engine import PolarsEngine
from nelm.knowledge.base import CompiledStatement


@dataclass
class RecommendedCounts:
    """For each statement at how many decisions it applied, and at how many of them (of how many patients) nothing of it was given."""

    applied: Counter[str] = field(default_factory=Counter)
    not_given: Counter[str] = field(default_factory=Counter)
    patients: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Recommending:
    """Counts recommendations at the decisions that are the entries of one list of the record.

    Only statements that say *for* without a reservation count, and of their actions only those that an entry of this list can
    show: that a test was done cannot be seen in a list of treatments.
    """

    cohort: CompiledCohort
    record_key: str

    @cached_property
    def visible(self) -> frozenset[str]:
        """The terms that an entry of the list can show as done."""
        knowledge = self.cohort.knowledge
        entity = knowledge.entities[self.record_key].entity
        return frozenset(term.id for term in knowledge.terms.values() if term.done is not None and term.done.over == entity)

    @cached_property
    def statements(self) -> tuple[CompiledStatement, ...]:
        return tuple(
            found
            for found in self.cohort.statements
            if found.statement.kind == "recommendation" and found.statement.stance == "for" and self.visible & set(found.statement.actions)
        )

    @cached_property
    def engine(self) -> PolarsEngine:
        return PolarsEngine(self.cohort.program({found.key: self.cohort.status(found).applies for found in self.statements}))

    def add(self, block: pl.DataFrame, counts: RecommendedCounts) -> None:
        """Count the decisions of a block; it holds all decisions of its patients."""
        made = self.engine.run(block)
        rows = block.select("patient", "as_of")
        given = block.select("patient", pl.col("as_of").alias("day"), "given").explode("given")
        for found in self.statements:
            in_force = self.cohort.knowledge.guidelines[found.guideline].guideline.in_force_from
            applied = rows.filter(made[found.key] & (block["as_of"] >= in_force).fill_null(False))
            first = given.filter(pl.col("given").is_in(found.statement.actions)).group_by("patient").agg(pl.col("day").min())
            without = applied.join(first, on="patient", how="left").filter((pl.col("day") > pl.col("as_of")).fill_null(True))
            counts.applied[found.key] += applied.height
            counts.not_given[found.key] += without.height
            counts.patients[found.key] += without["patient"].n_unique()

    def named(self, found: CompiledStatement) -> dict[str, object]:
        """A statement with the names of its actions and its strength as printed, or its wording where none is printed."""
        terms = self.cohort.knowledge.terms
        return {
            "statement": found.key,
            "says": found.statement.says,
            "actions": "; ".join(_labels(terms[action].label for action in found.statement.actions if action in self.visible)),
            "strength": found.statement.strength or found.statement.wording or "",
        }


def _labels(labels: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(labels))
