"""What one document says about one treatment that was given: the outcome of each decision, and the reasons for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import polars as pl

from nelm.advice.findings import Word
from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.polars_engine import PolarsEngine
from nelm.knowledge.base import CompiledStatement, Knowledge
from nelm.knowledge.guideline import Guideline

FOR, AGAINST = frozenset({"for", "conditional_for", "conditional"}), frozenset({"against"})
DECLINING = frozenset({"no_recommendation", "none"})  # the document looked at the question and gives no direction
# What a document itself says should, can or should not be done; not what it found, reports of others, or asks of research.
DIRECTING = frozenset({"recommendation", "criterion", "sequence", "process"})
ABOUT = ("patient", "event", "as_of", "centre")
LISTS = ("for_applies", "against_applies", "for_fails", "open", "declines", "without_direction", "criteria", "differs", "waits_for")


class Outcome(str, Enum):
    """What a document says about a treatment that was given."""

    CONCORDANT = "concordant"
    DISCORDANT = "discordant"
    CONTRADICTORY = "contradictory"
    NOT_ASSESSABLE = "not_assessable"
    NOT_ADDRESSED = "not_addressed"
    OUT_OF_SCOPE = "out_of_scope"
    BEFORE_DOCUMENT = "before_document"


MEANING: Mapping[Outcome, str] = {
    Outcome.CONCORDANT: "A statement for the treatment applies, and none against it.",
    Outcome.DISCORDANT: "No statement for the treatment applies, as far as all of them can be judged, or one against it applies.",
    Outcome.CONTRADICTORY: "A statement for the treatment and one against it both apply: the document contradicts itself here.",
    Outcome.NOT_ASSESSABLE: "Nothing applies yet, and a statement about the treatment cannot be judged: facts are missing.",
    Outcome.NOT_ADDRESSED: "The document says neither for nor against the treatment in this situation, or expressly gives no recommendation.",
    Outcome.OUT_OF_SCOPE: "The document is not about this patient.",
    Outcome.BEFORE_DOCUMENT: "The decision was made before the document was certainly out.",
}


@dataclass(frozen=True)
class Speaking:
    """The statements of one document that are about one term."""

    favouring: tuple[CompiledStatement, ...]
    opposing: tuple[CompiledStatement, ...]
    declining: tuple[CompiledStatement, ...]
    others: tuple[CompiledStatement, ...]  # findings, reports of others, votes: they direct nothing

    @property
    def directing(self) -> tuple[CompiledStatement, ...]:
        return (*self.favouring, *self.opposing)

    @property
    def judged(self) -> tuple[CompiledStatement, ...]:
        return (*self.directing, *self.declining)


def speaking(knowledge: Knowledge, guideline: str, term: str) -> Speaking:
    """What a document says about a term: statements that have exactly this term among their actions."""
    about = [found for found in knowledge.guidelines[guideline].statements if term in found.statement.actions]
    favouring, opposing, declining = (
        tuple(found for found in about if found.statement.kind in DIRECTING and found.statement.stance in stances)
        for stances in (FOR, AGAINST, DECLINING)
    )
    directing = {found.key for found in (*favouring, *opposing, *declining)}
    return Speaking(favouring, opposing, declining, tuple(found for found in about if found.key not in directing))


@dataclass(frozen=True)
class Question:
    """One document and one term, ready to be asked about decisions in which the term was given."""

    knowledge: Knowledge
    guideline: Guideline
    term: str
    says: Speaking
    waiting: tuple[str, ...]  # the facts that its statements can wait for
    engine: PolarsEngine

    def outcomes(self, block: pl.DataFrame) -> pl.DataFrame:
        """A row per decision: its outcome and the reasons."""
        made = pl.DataFrame([block["as_of"].alias("as_of"), *(column.alias(name) for name, column in self.engine.run(block).items())])
        about = block.select(ABOUT).with_columns(pl.lit(self.guideline.id).alias("guideline"), pl.lit(self.term).alias("term"))
        return pl.concat([about, made.select(self._outcome, *self._reasons)], how="horizontal").select(
            *ABOUT, "guideline", "term", "outcome", *self._shown
        )

    @cached_property
    def _outcome(self) -> pl.Expr:
        says = self.says
        favours, opposes = _any("applies", says.favouring), _any("applies", says.opposing)
        # what would still make a difference: statements for it; where there are none, those against it
        open_ = _any("open", says.favouring or says.opposing)
        ways: list[tuple[pl.Expr, Outcome]] = [
            (pl.col("as_of").is_null(), Outcome.NOT_ASSESSABLE),
            (pl.col("as_of") < pl.lit(self.guideline.in_force_from), Outcome.BEFORE_DOCUMENT),
            (pl.col("out"), Outcome.OUT_OF_SCOPE),
            (favours & opposes, Outcome.CONTRADICTORY),
            (favours, Outcome.CONCORDANT),
            (opposes, Outcome.DISCORDANT),
            (open_, Outcome.NOT_ASSESSABLE),
            (pl.lit(not says.favouring), Outcome.NOT_ADDRESSED),
            (_any("applies", says.declining), Outcome.NOT_ADDRESSED),
            (_any("open", says.declining), Outcome.NOT_ASSESSABLE),
        ]
        found: Any = pl
        for condition, outcome in ways:
            found = found.when(condition).then(pl.lit(outcome.value))
        expression: pl.Expr = found.otherwise(pl.lit(Outcome.DISCORDANT.value))
        return expression.alias("outcome")

    @cached_property
    def _reasons(self) -> list[pl.Expr]:
        says = self.says
        differing = list(_criteria(says.favouring))
        labels = [f"{self.knowledge.label(name)}: {state}" for _, name, state in differing]
        return [
            _named("for_applies", {found.key: pl.col(f"applies {found.key}") for found in says.favouring}),
            _named("against_applies", {found.key: pl.col(f"applies {found.key}") for found in says.opposing}),
            _named("for_fails", {found.key: _fails(found) for found in says.favouring}),
            _named("open", {found.key: pl.col(f"open {found.key}") for found in says.judged}),
            _named("declines", {found.key: pl.col(f"applies {found.key}") for found in says.declining}),
            _named("without_direction", {found.key: pl.lit(True) for found in says.others}),
            _named("criteria", {f"{name} = {state}": pl.col(column) for column, name, state in differing}),
            _named("differs", {label: pl.col(column) for label, (column, *_) in zip(labels, differing, strict=True)}),
            _named("waits_for", {fact: pl.col(f"waits {fact}") for fact in self.waiting} | {"as_of": pl.col("as_of").is_null()}),
        ]

    @cached_property
    def _shown(self) -> list[pl.Expr]:
        """Reasons only where they are reasons for the outcome."""
        spoken = ~pl.col("outcome").is_in([Outcome.OUT_OF_SCOPE.value, Outcome.BEFORE_DOCUMENT.value])
        discordant = (pl.col("outcome") == Outcome.DISCORDANT.value) & (pl.col("for_applies").list.len() == 0)
        only_where = {
            "without_direction": pl.col("outcome") == Outcome.NOT_ADDRESSED.value,
            "criteria": discordant,
            "differs": discordant,
            "waits_for": pl.col("outcome") == Outcome.NOT_ASSESSABLE.value,
        }
        nothing = pl.lit([], dtype=pl.List(pl.String()))
        return [pl.when(only_where.get(name, spoken)).then(pl.col(name)).otherwise(nothing).alias(name) for name in LISTS]


def _any(what: str, statements: Iterable[CompiledStatement]) -> pl.Expr:
    columns = [pl.col(f"{what} {found.key}") for found in statements]
    return pl.any_horizontal(columns) if columns else pl.lit(False)


def _fails(statement: CompiledStatement) -> pl.Expr:
    return ~(pl.col(f"applies {statement.key}") | pl.col(f"open {statement.key}"))


def _criteria(statements: Iterable[CompiledStatement]) -> Iterator[tuple[str, str, str]]:
    """Each criterion of these statements that can keep one from applying: its column, its name, and the state in which it does."""
    for name in dict.fromkeys(name for found in statements for name in found.when):
        yield f"false {name}", name, "no"
    for name in dict.fromkeys(name for found in statements for name in found.unless):
        yield f"true {name}", name, "yes"


def _named(name: str, conditions: Mapping[str, pl.Expr]) -> pl.Expr:
    """The words whose condition holds, as a list; in a decision each word once."""
    words = [pl.when(condition).then(pl.lit(word)) for word, condition in conditions.items()]
    if not words:
        return pl.lit([], dtype=pl.List(pl.String())).alias(name)
    return pl.concat_list(words).list.drop_nulls().alias(name)


def question(cohort: CompiledCohort, guideline: str, term: str) -> Question:
    """Everything that one document says about one term."""
    knowledge, make = cohort.knowledge, cohort.columns
    says = speaking(knowledge, guideline, term)
    results = {"out": cohort.scope(guideline)[Word.OUT.value]}
    waits: dict[str, list[int]] = {}
    for found in says.judged:
        nodes = cohort.status(found)
        results |= {f"applies {found.key}": nodes.applies, f"open {found.key}": nodes.undetermined}
        for fact, node in cohort.waiting(found).items():
            waits.setdefault(fact, []).append(node)
    results |= {f"waits {fact}": make.any_of(nodes) for fact, nodes in waits.items()}
    for column, name, state in _criteria(says.favouring):
        pair = make.named(name)
        results[column] = make.opposite(pair.can_be_true if state == "no" else pair.can_be_false)
    return Question(knowledge, knowledge.guidelines[guideline].guideline, term, says, tuple(waits), PolarsEngine(cohort.program(results)))
