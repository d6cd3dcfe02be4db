"""Treatments that were given, held against what the documents in force at the time say about them.

Each row of the facts table is one decision: what was known before it (`nelm cohort facts --at each:treatments`), when it was
(`as_of`), and what was given (`given`, terms of the vocabulary). For each decision, document and given term there is one
outcome (`nelm.cohort.outcomes.Outcome`), with the statements, criteria and facts that are the reason for it. A treatment that
several terms name ("liver resection", "parenchyma-sparing hepatectomy") has an outcome for each of them.

This says whether a treatment was given within what a document describes. It says nothing about whether it was right, nor how it
worked: documents leave room, patients decide, and what a record does not hold cannot be seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.facts_table import Layout
from nelm.cohort.groups import NOT_KNOWN
from nelm.cohort.outcomes import ABOUT, LISTS, Outcome, Question, question
from nelm.cohort.recommended import RecommendedCounts, Recommending
from nelm.cohort.suppression import Mark, cell, cells, check_limit, protect_line, protect_table
from nelm.knowledge.base import Knowledge

KEYS = ("guideline", "term", "centre", "year")
OUTCOMES = tuple(outcome.value for outcome in Outcome)
TREATMENTS = "treatments"


@dataclass(frozen=True)
class Concordance:
    """How often each outcome occurred: `counts` by guideline, term, centre, year and outcome.

    `decisions` counts the rows of the table, `without_term` those whose treatment no term of the vocabulary names.
    """

    recommending: Recommending
    decisions: int
    without_term: int
    counts: pl.DataFrame
    recommended: RecommendedCounts

    @property
    def knowledge(self) -> Knowledge:
        return self.recommending.cohort.knowledge

    def totals(self, by: Sequence[str] = (), suppress_below: int | None = None) -> pl.DataFrame:
        """A row per document and group (`term`, `centre`, `year`): how many treatments had each outcome, and of how many."""
        unknown = set(by) - set(KEYS)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))}: totals are made by {', '.join(KEYS)}.")
        names = [name for name in by if name != "guideline"]
        rows = [row for guideline in self.recommending.cohort.guidelines for row in self._totals(guideline, names, suppress_below)]
        number = pl.Int64() if suppress_below is None else pl.String()
        texts = ("guideline", *names, *(["label"] if "term" in names else []))
        return pl.DataFrame(rows, schema={**dict.fromkeys(texts, pl.String()), **dict.fromkeys((*OUTCOMES, "of"), number)})

    def _totals(self, guideline: str, names: list[str], below: int | None) -> Iterator[dict[str, object]]:
        own = self.counts.filter(pl.col("guideline") == guideline)
        found = own.group_by(names, maintain_order=True) if names else own.group_by("guideline", maintain_order=True)
        table = found.agg(pl.col(TREATMENTS).filter(pl.col("outcome") == outcome).sum().alias(outcome) for outcome in OUTCOMES)
        table = table.sort(names) if names else table
        counts = table.select(OUTCOMES).rows()
        marks, of = _marks(counts, below)
        for key, line, shown, mark in zip(table.select(names).rows() if names else [()] * len(counts), counts, marks, of, strict=True):
            group = dict(zip(names, key, strict=True))
            label = {"label": self.knowledge.terms[group["term"]].label} if "term" in group else {}
            outcomes = dict(zip(OUTCOMES, cells(line, shown, below), strict=True))
            yield {"guideline": guideline, **group, **label, **outcomes, "of": cell(sum(line), mark, below)}

    def recommended_not_given(self, suppress_below: int | None = None) -> pl.DataFrame:
        """A row per recommendation: at how many decisions it applied, and at how many of these nothing of it was given then or before.

        The caveats stand in `nelm.cohort.recommended`: alternatives exist, and this is no judgement.
        """
        counts, rows = self.recommended, []
        for found in self.recommending.statements:
            applied, not_given, patients = counts.applied[found.key], counts.not_given[found.key], counts.patients[found.key]
            given, without = _line((applied - not_given, not_given), suppress_below)
            numbers = {
                "applied": cell(applied, _small(applied, suppress_below), suppress_below),
                "given": cell(applied - not_given, given, suppress_below),
                "not_given": cell(not_given, without, suppress_below),
                "patients": cell(patients, without if without is not Mark.SHOWN else _small(patients, suppress_below), suppress_below),
            }
            rows.append({**self.recommending.named(found), **numbers})
        number = pl.Int64() if suppress_below is None else pl.String()
        texts = dict.fromkeys(("statement", "says", "actions", "strength"), pl.String())
        return pl.DataFrame(rows, schema={**texts, **dict.fromkeys(("applied", "given", "not_given", "patients"), number)})


def _marks(rows: Sequence[Sequence[int]], below: int | None) -> tuple[list[list[Mark]], list[Mark]]:
    """How the counts of a table and the sums of its rows are shown."""
    if below is None:
        return [[Mark.SHOWN] * len(OUTCOMES) for _ in rows], [Mark.SHOWN] * len(rows)
    limit = check_limit(below)
    of_rows = protect_line([sum(row) for row in rows], limit)
    of_columns = protect_line([sum(column) for column in zip(*rows, strict=True)] or [0] * len(OUTCOMES), limit)
    return protect_table(rows, of_rows, of_columns, limit) or [[Mark.HIDDEN] * len(OUTCOMES) for _ in rows], of_rows


def _line(counts: Sequence[int], below: int | None) -> list[Mark]:
    return [Mark.SHOWN] * len(counts) if below is None else protect_line(counts, below)


def _small(count: int, below: int | None) -> Mark:
    return Mark.SMALL if below is not None and 0 < count < below else Mark.SHOWN


# -- comparing ---------------------------------------------------------------------------------------------


def _ignore(_: pl.DataFrame) -> None:
    """Nobody wants the single rows."""


@dataclass(frozen=True)
class Comparing:
    """Compares the decisions of a facts table with the documents; `columns` are those of the table that it reads."""

    cohort: CompiledCohort
    recommending: Recommending
    _questions: dict[tuple[str, str], Question] = field(default_factory=dict)

    @cached_property
    def columns(self) -> list[str]:
        actions = {action for found in self.cohort.statements for action in found.statement.actions}
        asked = [self._question(guideline, action).engine for guideline in self.cohort.guidelines for action in sorted(actions)]
        facts = {fact for engine in (self.recommending.engine, *asked) for fact in engine.program.facts()}
        return [*ABOUT, "given", *Layout(self.cohort.knowledge.model).needed(facts)]

    def _question(self, guideline: str, term: str) -> Question:
        if (guideline, term) not in self._questions:
            self._questions[guideline, term] = question(self.cohort, guideline, term)
        return self._questions[guideline, term]

    def run(self, blocks: Iterable[pl.DataFrame], rows: Callable[[pl.DataFrame], None] = _ignore) -> Concordance:
        """The totals of all blocks; `rows` is given the single outcomes, some at a time.

        The rows of one patient have to stand together, as `nelm cohort facts` writes them.
        """
        decisions = without_term = 0
        recommended = RecommendedCounts()
        counts = [_counted(pl.DataFrame(schema=dict.fromkeys((*KEYS, "outcome"), pl.String())))]
        for block in whole_patients(blocks):
            decisions += block.height
            without_term += int((block["given"].list.len().fill_null(0) == 0).sum())
            self.recommending.add(block, recommended)
            for found in self._outcomes(block):
                counts = [_added([*counts, _counted(_keyed(found))])]
                rows(found)
        return Concordance(self.recommending, decisions, without_term, counts[0], recommended)

    def _outcomes(self, block: pl.DataFrame) -> Iterator[pl.DataFrame]:
        by_term = block.with_columns(term=pl.col("given")).explode("term").filter(pl.col("term").is_not_null())
        for (term,), decisions in by_term.partition_by("term", as_dict=True, include_key=False, maintain_order=True).items():
            for guideline in self.cohort.guidelines:
                yield self._question(guideline, str(term)).outcomes(decisions)


def comparing(cohort: CompiledCohort, record_key: str = "treatments") -> Comparing:
    """Compares what was given; `record_key` is the list of the record whose entries are the decisions (`each:treatments`)."""
    return Comparing(cohort, Recommending(cohort, record_key))


def in_one_cell(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Single outcomes for a file of plain columns: lists as text, divided by semicolons."""
    return outcomes.with_columns(pl.col(name).list.join("; ") for name in LISTS)


def whole_patients(blocks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in blocks that divide no patient whose rows stand together."""
    kept: pl.DataFrame | None = None
    for block in blocks:
        joined = block if kept is None else pl.concat([kept, block])
        if joined.is_empty():
            continue
        run = joined["patient"].rle_id()
        start = joined.height - int((run == run[-1]).sum())
        if start:
            yield joined[:start]
        kept = joined[start:]
    if kept is not None:
        yield kept


def _keyed(outcomes: pl.DataFrame) -> pl.DataFrame:
    year = pl.col("as_of").dt.year().cast(pl.String).fill_null(NOT_KNOWN)
    return outcomes.select("guideline", "term", pl.col("centre").fill_null(NOT_KNOWN), year.alias("year"), "outcome")


def _counted(keyed: pl.DataFrame) -> pl.DataFrame:
    return keyed.group_by(*KEYS, "outcome", maintain_order=True).agg(pl.len().cast(pl.Int64).alias(TREATMENTS))


def _added(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).group_by(*KEYS, "outcome", maintain_order=True).agg(pl.col(TREATMENTS).sum())
