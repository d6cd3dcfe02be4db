"""From two tables of persons to a decision on every candidate pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from nelm.registry.linkage.clerical import Clerical
from nelm.registry.linkage.decisions import DECISIONS, decide, held_back
from nelm.registry.linkage.model import Model
from nelm.registry.linkage.persons import Persons, PersonsError
from nelm.registry.linkage.scored import NO_VALUE, contribution_of, score
from nelm.registry.linkage.settings import Decisions, LinkageSettings
from nelm.registry.linkage.training import Training, train
from nelm.registry.linkage.workshop import Workshop

FAR_OFF = 2.0  # the assumed number of true pairs and the number found differ by more than this factor: said


class ThresholdError(ValueError):
    """Thresholds that cannot be: what was found, what is permitted."""


@dataclass(frozen=True)
class Linkage:
    """All that came of linking two tables.

    `decisions` has a row for each candidate pair: `ours`, `theirs`, `weight`, `decision`, `rule`, and for each field its level in
    words and what it adds to the weight (`decisions`, `scored`). `rules` are the thresholds that were used.
    """

    ours: Persons
    theirs: Persons
    training: Training
    decisions: pl.DataFrame
    rules: Decisions

    def count(self, decision: str) -> int:
        return self.decisions.filter(pl.col("decision") == decision).height

    @property
    def expected_true_pairs(self) -> float:
        """The sum of the probabilities of all candidate pairs, p = 1 / (1 + 2^-weight), each person counted with the best pair."""
        best = self.decisions.group_by("ours").agg(pl.col("weight").max())
        return float((1 / (1 + 2.0 ** (-best["weight"].clip(-60, 60)))).sum())

    @property
    def expected_false_links(self) -> float:
        """How many of the links are wrong if the weights are right."""
        links = self.decisions.filter(pl.col("decision") == "link")["weight"]
        return float((1 / (1 + 2.0 ** links.clip(-60, 60))).sum())

    def notes(self) -> Iterator[str]:
        """What a reader has to know before the links are used."""
        for persons in (self.ours, self.theirs):
            yield from (f"{persons.label}: {note}" for note in persons.notes)
        for field in self.training.not_compared:
            yield f"{field}: not compared, as not both tables have it."
        for learnt in self.training.model.learnt:
            unseen = " and ".join(text for text in (learnt.m_from, learnt.u_from) if "never seen" in text)
            if unseen:
                yield f"{learnt.field}, {learnt.level.words}: {unseen}."
        assumed = self.training.model.share_of_true_pairs * self.training.pairs_in_all
        found = self.expected_true_pairs
        if not 1 / FAR_OFF <= found / assumed <= FAR_OFF:
            yield (
                f"The training assumed {assumed:.0f} true pairs, the weights say {found:.0f}. Correct 'surely_the_same_finds' in the settings "
                "and link again."
            )


def link(
    ours: Persons,
    theirs: Persons,
    settings: LinkageSettings,
    *,
    clerical: Clerical | None = None,
    upper: float | None = None,
    lower: float | None = None,
) -> Linkage:
    """Link two tables of persons; `upper` and `lower` take the place of the thresholds in the settings.

    Raises PersonsError for a required field that a table lacks, ThresholdError, TrainingError, NoCandidates, NotDecidable (see there).
    """
    rules = thresholds(settings.decisions, upper, lower)
    for persons in (ours, theirs):
        missing = [field for field in settings.required if field not in persons.fields]
        if missing:
            raise PersonsError(
                f"{persons.label}: no values for {', '.join(missing)}; linkage needs {', '.join(settings.required)}. "
                "Name the column of each (given_name=COLUMN), or take settings that do without."
            )
    workshop = Workshop(replace(ours, label="ours"), replace(theirs, label="theirs"))
    training = train(workshop, settings)
    pairs = held_back(score(workshop, settings, training.model), rules, words_of(training.model))
    return Linkage(ours, theirs, training, decide(pairs, rules, clerical), rules)


def thresholds(rules: Decisions, upper: float | None, lower: float | None) -> Decisions:
    """The rules with other thresholds. Raises ThresholdError where they are the wrong way round."""
    made = replace(rules, upper=rules.upper if upper is None else upper, lower=rules.lower if lower is None else lower)
    if not made.lower <= made.upper:
        raise ThresholdError(f"--upper {made.upper:g}, --lower {made.lower:g}: the upper threshold has to be at least the lower one.")
    return made


def words_of(model: Model) -> Mapping[tuple[str, str], str]:
    """What the level of a kind is called, by field and kind."""
    return {(learnt.field, learnt.level.is_): learnt.level.words for learnt in model.learnt}


def explained(row: Mapping[str, Any], model: Model) -> str:
    """A pair's weight in one sentence: every field with its level and what it adds, after the weight that any pair begins with."""
    parts = [f"begins at {model.prior_weight:+.1f}"]
    for comparison in model.comparisons:
        name, words = comparison.field.replace("_", " "), row[comparison.field]
        parts.append(f"{name} {words}" if words == NO_VALUE else f"{name}: {words} {row[contribution_of(comparison.field)]:+.1f}")
    return "; ".join(parts) + f"; in all {row['weight']:+.1f}"


def counts(decisions: pl.DataFrame) -> dict[str, int]:
    """How many pairs were decided how."""
    found = dict(decisions.group_by("decision").len().iter_rows())
    return {decision: int(found.get(decision, 0)) for decision in DECISIONS}
