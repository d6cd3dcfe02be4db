"""Pairs of encoded persons: all who share the salt of a pass are compared, the likely ones are kept and decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

import nelm
from nelm.cohort.tables import written_aside
from nelm.registry.linkage.clerical import COLUMNS as CLERICAL_COLUMNS
from nelm.registry.linkage.clerical import Clerical
from nelm.registry.linkage.decisions import decide
from nelm.registry.linkage.encoded_file import Encoded, EncodedError, check_comparable
from nelm.registry.linkage.files import DECIDED, SUMMARY, VERSION, check_folder
from nelm.registry.linkage.link import counts
from nelm.registry.linkage.settings import Decisions

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
LIKENESS_DIGITS = 6


@dataclass(frozen=True)
class EncodedLinkage:
    """What came of linking two encoded tables: as `Linkage`, with likeness (0 to 1) as `weight`; `compared` counts all comparisons."""

    ours: Encoded
    theirs: Encoded
    decisions: pl.DataFrame
    rules: Decisions
    compared: int
    kept: float


def link_encoded(ours: Encoded, theirs: Encoded, rules: Decisions, *, kept: float, clerical: Clerical | None = None) -> EncodedLinkage:
    """Link two encoded tables; pairs of a likeness below `kept` are only counted.

    Raises EncodedError for different keys or parameters, or where nobody shares a salt with anybody; NotDecidable.
    """
    check_comparable(ours, theirs)
    found: list[pl.DataFrame] = []
    compared = 0
    for number, salt in enumerate(ours.salts, start=1):
        number_compared, pairs = _compared(ours, theirs, number, kept)
        compared += number_compared
        found.append(pairs.with_columns(found_by=pl.lit(f"same {salt}")))
    if compared == 0:
        raise EncodedError("Nobody of one file shares a year or day of birth with anybody of the other. Do the tables overlap?")
    pairs = pl.concat(found).sort("ours", "theirs", -pl.col("weight"), "found_by").unique(["ours", "theirs"], keep="first")
    decided = decide(pairs.with_columns(held_back=pl.lit("")), rules, clerical)
    return EncodedLinkage(ours, theirs, decided, rules, compared, kept)


def _compared(ours: Encoded, theirs: Encoded, number: int, kept: float) -> tuple[int, pl.DataFrame]:
    """All comparisons of a pass: how many, and the pairs that are alike enough."""
    from nelm.registry.linkage.encoded_kernel import alike

    names = (f"block_{number}", f"filter_{number}")
    here, there = (side.frame.select("pseudonym", *names).drop_nulls().sort(names[0], "pseudonym") for side in (ours, theirs))
    first, last, other_first, other_last = _shared_blocks(here[names[0]], there[names[0]])
    comparisons = int(((last - first) * (other_last - other_first)).sum())
    at_most = int(np.floor((1 - kept) * ours.filter_bits / 2 + 1e-9)) * 2
    left, right, distance = alike(_words(here[names[1]]), _words(there[names[1]]), first, last, other_first, other_last, at_most)
    return comparisons, pl.DataFrame(
        {
            "ours": here["pseudonym"].gather(left),
            "theirs": there["pseudonym"].gather(right),
            "weight": np.round(1 - distance / ours.filter_bits, LIKENESS_DIGITS),
        },
        schema={"ours": pl.String, "theirs": pl.String, "weight": pl.Float64},
    )


def _shared_blocks(ours: pl.Series, theirs: pl.Series) -> tuple[Places, Places, Places, Places]:
    """Where each block that both have begins and ends, on either side; both are sorted by block."""
    shared = np.intersect1d(ours.to_numpy(), theirs.to_numpy())
    places = (values.to_numpy().searchsorted(shared, side=side) for values in (ours, theirs) for side in ("left", "right"))
    first, last, other_first, other_last = (np.asarray(found, dtype=np.int64) for found in places)
    return first, last, other_first, other_last


def _words(filters: pl.Series) -> Words:
    """Filters as rows of 64-bit words."""
    joined = b"".join(filters.to_list())
    width = len(filters[0]) if len(filters) else 8
    return np.frombuffer(joined, dtype=np.uint64).reshape(-1, width // 8)


# -- on disk ---------------------------------------------------------------------------------------------------


def write_encoded_linkage(linkage: EncodedLinkage, folder: Path) -> None:
    """`decisions.parquet`, `links.csv`, `review.csv` and `linkage.json`, as `write_linkage`; persons by their pseudonyms."""
    check_folder(folder)
    with written_aside(folder) as aside:
        linkage.decisions.write_parquet(aside / DECIDED)
        for name, table in _tables(linkage.decisions):
            (aside / f"{name}.csv").write_bytes(table.write_csv().encode("utf-8"))
        (aside / SUMMARY).write_text(json.dumps(_summary(linkage), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _tables(decisions: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "links", decisions.filter(pl.col("decision") == "link").drop("decision")
    empty = [pl.lit(None, pl.String).alias(name) for name in (*CLERICAL_COLUMNS[2:], "reason")]
    review = decisions.filter(pl.col("decision") == "review").sort(-pl.col("weight"), "ours", "theirs")
    yield "review", review.select("ours", "theirs", *empty, pl.exclude("ours", "theirs", "decision"))


def _summary(linkage: EncodedLinkage) -> dict[str, object]:
    return {
        "version": VERSION,
        "method": "encodings",
        "nelm": nelm.__version__,
        "persons": {"ours": linkage.ours.frame.height, "theirs": linkage.theirs.frame.height},
        "sites": {"ours": linkage.ours.site, "theirs": linkage.theirs.site},
        "key": linkage.ours.key,
        "parameters": linkage.ours.parameters,
        "thresholds": {"upper": linkage.rules.upper, "lower": linkage.rules.lower, "margin": linkage.rules.margin, "kept": linkage.kept},
        "compared": linkage.compared,
        "candidate_pairs": linkage.decisions.height,
        "decisions": counts(linkage.decisions),
        "rules": dict(linkage.decisions.group_by(pl.col("rule").cast(pl.String)).len().sort("rule").iter_rows()),
    }
