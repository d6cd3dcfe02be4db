"""What a linkage has learnt: for each level of each field how often it is met in one person (m) and in two (u)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nelm.registry.linkage.settings import Comparison, Level

NOT_OBSERVED = "level not observed in training dataset"  # what splink writes where it learnt nothing


class TrainingError(ValueError):
    """Parameters that cannot be learnt, or that are not those of persons: what was found, what was expected, what to do."""


@dataclass(frozen=True)
class LevelLearnt:
    """A level of a comparison and its parameters.

    `m` and `u` are shares from 0 to 1: how often the level is met in pairs that are one person, and in pairs that are not.
    `m_from` and `u_from` say how they came about.
    """

    field: str
    level: Level
    m: float
    u: float
    m_from: str
    u_from: str

    @property
    def weight(self) -> float:
        """The weight of evidence log2(m / u); Fellegi and Sunter, J Am Stat Assoc 1969;64:1183-1210."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True)
class Model:
    """All parameters. `share_of_true_pairs` is that of all pairs of an entry of one table with one of the other."""

    comparisons: tuple[Comparison, ...]
    learnt: tuple[LevelLearnt, ...]
    share_of_true_pairs: float

    def of(self, field: str) -> tuple[LevelLearnt, ...]:
        """The levels of a field in order."""
        return tuple(level for level in self.learnt if level.field == field)

    @property
    def prior_weight(self) -> float:
        """log2 of the odds that a pair drawn at random is one person."""
        return math.log2(self.share_of_true_pairs / (1 - self.share_of_true_pairs))

    def rows(self) -> Iterator[dict[str, Any]]:
        """The parameters as a table."""
        for learnt in self.learnt:
            yield {
                "field": learnt.field,
                "level": learnt.level.words,
                "m": learnt.m,
                "u": learnt.u,
                "weight": learnt.weight,
                "m_from": learnt.m_from,
                "u_from": learnt.u_from,
            }


def with_parameters(settings: dict[str, Any], model: Model) -> dict[str, Any]:
    """The settings of splink with every parameter set, so that it has none to fall back on."""
    comparisons = []
    for comparison in settings["comparisons"]:
        levels = comparison["comparison_levels"]
        learnt = model.of(comparison["output_column_name"])
        told = [{**level, "m_probability": found.m, "u_probability": found.u} for level, found in zip(levels[1:], learnt, strict=True)]
        comparisons.append({**comparison, "comparison_levels": [levels[0], *told]})
    return {**settings, "comparisons": comparisons, "probability_two_random_records_match": model.share_of_true_pairs}
