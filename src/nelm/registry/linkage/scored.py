"""The candidate pairs with their weights: splink weighs, and each field's level and contribution stays with the pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from nelm.registry.linkage.comparing import splink_settings, usable
from nelm.registry.linkage.model import Model, with_parameters
from nelm.registry.linkage.settings import LinkageSettings

if TYPE_CHECKING:
    from nelm.registry.linkage.workshop import Workshop

NO_VALUE = "not counted"
WEIGHT_DIGITS = 4  # sums of floating-point numbers may differ in the last digits from one run to the next


class NoCandidates(ValueError):
    """No pair of persons comes into question at all."""


def contribution_of(field: str) -> str:
    """The column that holds what a field adds to the weight."""
    return f"{field}_weight"


def score(workshop: Workshop, settings: LinkageSettings, model: Model) -> pl.DataFrame:
    """One row for each candidate pair, in the order of its ids.

    Columns: `ours`, `theirs`; `weight`, log2 of the odds that both are one person; `found_by`, the rule that made it a candidate;
    for each field the words of its level, and `<field>_weight`, what it adds. Raises NoCandidates where no pair fulfils a rule.
    """
    rules = usable(settings.candidates, workshop.columns)
    if not rules:
        wanted = "; ".join(", ".join(rule) for rule in settings.candidates)
        raise NoCandidates(
            f"The tables have in common: {', '.join(workshop.columns) or 'nothing'}. A rule for candidates needs one of: {wanted}."
        )
    linker = workshop.linker(with_parameters(splink_settings(model.comparisons, rules), model))
    predicted = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
    found: pl.DataFrame = predicted.select(", ".join(_wanted(model))).pl()
    if found.height == 0:
        raise NoCandidates(
            "No pair of persons agrees on what candidates need (candidates in the settings). Do the tables overlap, and do their "
            "columns mean the same?"
        )
    return found.select(
        _id("ours"),
        _id("theirs"),
        pl.col("match_weight").round(WEIGHT_DIGITS).alias("weight"),
        _rule_words(rules),
        *(column for comparison in model.comparisons for column in _of_field(comparison.field, model)),
    ).sort("ours", "theirs")


def _wanted(model: Model) -> list[str]:
    fixed = ["source_dataset_l", "id_l", "id_r", "match_weight", "match_key"]
    for comparison in model.comparisons:
        fixed += [f"gamma_{comparison.field}", f"mw_{comparison.field}"]
        if any(level.rare_counts_more for level in comparison.levels):
            fixed.append(f"mw_tf_adj_{comparison.field}")
    return fixed


def _id(side: str) -> pl.Expr:
    """splink names the sides by the alphabet; which table stands where is read from the row."""
    left = pl.col("source_dataset_l") == side
    return pl.when(left).then("id_l").otherwise("id_r").alias(side)


def _rule_words(rules: Sequence[tuple[str, ...]]) -> pl.Expr:
    words = {str(number): "same " + ", ".join(rule) for number, rule in enumerate(rules)}
    return pl.col("match_key").cast(pl.String).replace_strict(words, return_dtype=pl.Enum(list(words.values()))).alias("found_by")


def _of_field(field: str, model: Model) -> list[pl.Expr]:
    """The level in words, and what the field adds; splink numbers the levels from the last, 0, upwards."""
    words = [learnt.level.words for learnt in model.of(field)]
    numbered = {len(words) - 1 - number: text for number, text in enumerate(words)} | {-1: NO_VALUE}
    added = pl.col(f"mw_{field}")
    if any(learnt.level.rare_counts_more for learnt in model.of(field)):
        added = added + pl.col(f"mw_tf_adj_{field}")
    return [
        pl.col(f"gamma_{field}").cast(pl.Int64).replace_strict(numbered, return_dtype=pl.Enum([*words, NO_VALUE])).alias(field),
        added.round(WEIGHT_DIGITS).cast(pl.Float32).alias(contribution_of(field)),
    ]
