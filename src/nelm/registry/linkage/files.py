"""What a linkage leaves in its folder: every decision with its reason, the pairs for people to look at, what was learnt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

import nelm
from nelm.cohort.tables import written_aside
from nelm.registry.linkage.clerical import COLUMNS as CLERICAL_COLUMNS
from nelm.registry.linkage.decisions import DECISIONS
from nelm.registry.linkage.link import Linkage, counts, explained
from nelm.registry.linkage.persons import Persons

DECIDED = "decisions.parquet"
SUMMARY = "linkage.json"
VERSION = 1


class FolderError(ValueError):
    """A folder that is not that of a linkage: what was found, what to do."""


def write_linkage(linkage: Linkage, folder: Path) -> None:
    """Write the folder whole or not at all.

    `decisions.parquet` has every candidate pair; `links.csv` the links; `review.csv` the pairs that people have to decide, with both
    entries side by side and empty columns for the decision; `conflicts.csv` the pairs that fit well and gave way to a better one;
    `parameters.csv` what was learnt; `linkage.json` the counts, thresholds and notes. Raises FolderError, OutputError.
    """
    check_folder(folder)
    with written_aside(folder) as aside:
        linkage.decisions.write_parquet(aside / DECIDED)
        for name, table in _tables(linkage):
            (aside / f"{name}.csv").write_bytes(table.write_csv().encode("utf-8"))
        (aside / SUMMARY).write_text(json.dumps(_summary(linkage), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something else: writing replaces it as a whole. Raises FolderError."""
    if folder.exists() and not (folder / SUMMARY).is_file() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FolderError(f"--output {folder}: it holds something that is not a linkage and would be replaced. Name a new folder.")


def _tables(linkage: Linkage) -> Iterator[tuple[str, pl.DataFrame]]:
    decisions, model = linkage.decisions, linkage.training.model
    said = ("ours", "theirs", "weight", "rule", "why", "explanation")

    def in_words(pairs: pl.DataFrame) -> pl.DataFrame:
        sentences = [explained(row, model) for row in pairs.iter_rows(named=True)]
        return pairs.with_columns(pl.Series("explanation", sentences, dtype=pl.String))

    links = in_words(decisions.filter(pl.col("decision") == "link"))
    yield "links", links.select(said)
    review = in_words(decisions.filter(pl.col("decision") == "review").sort(-pl.col("weight"), "ours", "theirs"))
    empty = [pl.lit(None, pl.String).alias(name) for name in (*CLERICAL_COLUMNS[2:], "reason")]
    yield "review", _beside(review.select("ours", "theirs", *empty, *said[2:], "instead_ours", "instead_theirs"), linkage)
    gave_way = decisions.filter((pl.col("rule") == "better_match") & (pl.col("weight") >= linkage.rules.upper))
    yield "conflicts", in_words(gave_way).select(*said, "instead_ours", "instead_theirs")
    yield "parameters", pl.DataFrame(list(model.rows()))


def _beside(pairs: pl.DataFrame, linkage: Linkage) -> pl.DataFrame:
    """Both entries of each pair, as they were compared."""
    for side, persons in (("ours", linkage.ours), ("theirs", linkage.theirs)):
        shown = _shown(persons, side)
        pairs = pairs.join(shown, on=side, how="left", maintain_order="left")
    return pairs


def _shown(persons: Persons, side: str) -> pl.DataFrame:
    return persons.frame.select(pl.col("id").alias(side), *(pl.col(field).alias(f"{side}_{field}") for field in persons.fields))


def _summary(linkage: Linkage) -> dict[str, Any]:
    training = linkage.training
    return {
        "version": VERSION,
        "method": "weights",
        "nelm": nelm.__version__,
        "persons": {"ours": linkage.ours.height, "theirs": linkage.theirs.height},
        "thresholds": {"upper": linkage.rules.upper, "lower": linkage.rules.lower, "margin": linkage.rules.margin},
        "candidate_pairs": linkage.decisions.height,
        "decisions": counts(linkage.decisions),
        "rules": dict(linkage.decisions.group_by(pl.col("rule").cast(pl.String)).len().sort("rule").iter_rows()),
        "training": {
            "pairs_in_all": training.pairs_in_all,
            "random_pairs_at_most": training.random_pairs,
            "surely_the_same": training.surely_the_same,
            "share_of_true_pairs": training.model.share_of_true_pairs,
            "expectation_maximisation": [list(rule) for rule in training.rules],
            "not_compared": list(training.not_compared),
        },
        "expected_true_pairs": round(linkage.expected_true_pairs, 1),
        "expected_false_links": round(linkage.expected_false_links, 3),
        "notes": list(linkage.notes()),
    }


def read_decisions(folder: Path) -> tuple[pl.DataFrame, int]:
    """The decisions of a linkage's folder, and the number of persons in its first table. Raises FolderError where it is none."""
    summary, decided = folder / SUMMARY, folder / DECIDED
    if not summary.is_file() or not decided.is_file():
        raise FolderError(
            f"{folder}: this is not the folder of a linkage ({SUMMARY} and {DECIDED} are looked for). 'nelm registry link' makes one."
        )
    try:
        told = json.loads(summary.read_text(encoding="utf-8"))
        pairs = pl.read_parquet(decided, columns=["ours", "theirs", "decision"])
        version, persons = told["version"], int(told["persons"]["ours"])
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise FolderError(f"{folder}: the linkage cannot be read ({str(error).splitlines()[0]}). Link again.") from None
    if version != VERSION:
        raise FolderError(f"{folder}: written as version {version}; this version reads {VERSION}. Link again.")
    strange = set(pairs["decision"].cast(pl.String).unique()) - set(DECISIONS)
    if strange:
        raise FolderError(f"{folder}: found the decision {min(strange)!r}. Permitted: {', '.join(DECISIONS)}. Link again.")
    return pairs, persons
