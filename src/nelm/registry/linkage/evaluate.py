"""Decisions held against labelled pairs: how many true pairs were found, how many links are wrong, how much was left to people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nelm.registry.tables.delimited_rows import open_delimited


class TruthError(ValueError):
    """Labelled pairs that cannot be used: which file, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class Evaluation:
    """What became of the true pairs, and of the others that were linked.

    `linked`, `in_review`, `rejected` and `never_compared` count true pairs (they sum to `true_pairs`); `false_links` counts links of
    two persons, `false_reviews` reviews of two persons. `by_kind` and `look_alikes` have the same by what differs and by who is easily
    taken for whom.
    """

    true_pairs: int
    linked: int
    in_review: int
    rejected: int
    never_compared: int
    false_links: int
    false_reviews: int
    persons: int
    by_kind: pl.DataFrame
    look_alikes: pl.DataFrame

    @property
    def recall(self) -> float | None:
        """Linked true pairs of all true pairs."""
        return _share(self.linked, self.true_pairs)

    @property
    def recall_after_review(self) -> float | None:
        """The same if every review is decided rightly."""
        return _share(self.linked + self.in_review, self.true_pairs)

    @property
    def precision(self) -> float | None:
        """True links of all links (positive predictive value)."""
        return _share(self.linked, self.linked + self.false_links)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of recall and precision: 2 TP / (2 TP + FP + FN)."""
        return _share(2 * self.linked, self.linked + self.false_links + self.true_pairs)

    @property
    def review_load(self) -> float:
        """Pairs for review per 1,000 persons of the first table."""
        return 1000 * (self.in_review + self.false_reviews) / self.persons

    def rows(self) -> Iterator[tuple[str, str]]:
        """The figures in words."""
        yield "true pairs", str(self.true_pairs)
        yield "… linked (recall)", f"{self.linked} ({_percent(self.recall)})"
        yield "… left for review", str(self.in_review)
        yield "… linked or left for review", _percent(self.recall_after_review)
        yield "… decided against", str(self.rejected)
        yield "… never compared", str(self.never_compared)
        yield "wrong links", str(self.false_links)
        yield "precision of the links", _percent(self.precision)
        yield "F1", "none" if self.f1 is None else f"{self.f1:.4f}"
        yield "pairs for review", f"{self.in_review + self.false_reviews} ({self.review_load:.1f} per 1,000 persons of ours)"


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.2f} %"


def evaluate(decisions: pl.DataFrame, truth: pl.DataFrame, *, persons: int, look_alikes: pl.DataFrame | None = None) -> Evaluation:
    """Hold `decisions` (`ours`, `theirs`, `decision`) against the pairs of `truth` (`ours`, `theirs`, `kinds` if known).

    `persons` is the number of persons of the first table. `look_alikes` (`ours`, `theirs`, `kind`) are pairs of different persons.
    """
    kinds = truth if "kinds" in truth.columns else truth.with_columns(kinds=pl.lit("all"))
    of_true = kinds.join(decisions.select("ours", "theirs", "decision"), on=["ours", "theirs"], how="left").with_columns(
        pl.col("decision").cast(pl.String).fill_null("never compared")
    )
    number = dict(of_true.group_by("decision").len().iter_rows())
    others = decisions.join(truth, on=["ours", "theirs"], how="anti")
    wrong = dict(others.with_columns(pl.col("decision").cast(pl.String)).group_by("decision").len().iter_rows())
    return Evaluation(
        true_pairs=truth.height,
        linked=number.get("link", 0),
        in_review=number.get("review", 0),
        rejected=number.get("no link", 0),
        never_compared=number.get("never compared", 0),
        false_links=wrong.get("link", 0),
        false_reviews=wrong.get("review", 0),
        persons=persons,
        by_kind=_by(of_true.with_columns(kind=pl.col("kinds").str.split("; ")).explode("kind")),
        look_alikes=_by(_of_look_alikes(look_alikes, decisions)),
    )


def _of_look_alikes(look_alikes: pl.DataFrame | None, decisions: pl.DataFrame) -> pl.DataFrame:
    pairs = look_alikes if look_alikes is not None else pl.DataFrame(schema={"ours": pl.String, "theirs": pl.String, "kind": pl.String})
    found = pairs.join(decisions.select("ours", "theirs", "decision"), on=["ours", "theirs"], how="left")
    return found.with_columns(pl.col("decision").cast(pl.String).fill_null("never compared"))


def _by(pairs: pl.DataFrame) -> pl.DataFrame:
    """For each kind what was decided on its pairs."""
    decision = pl.col("decision")
    return (
        pairs.group_by("kind")
        .agg(
            pairs=pl.len(),
            linked=(decision == "link").sum(),
            review=(decision == "review").sum(),
            no_link=(decision == "no link").sum(),
            never_compared=(decision == "never compared").sum(),
        )
        .sort("kind")
    )


def in_pseudonyms(truth: pl.DataFrame, ours: Path, theirs: Path) -> pl.DataFrame:
    """Labelled pairs by the pseudonyms of encoded persons; `ours` and `theirs` are the lists that stayed at the institutions.

    A person who was not encoded keeps the id after a "?" and is never found. Raises TruthError for a list that is none, or in which
    a labelled person does not stand.
    """
    for side, file in (("ours", ours), ("theirs", theirs)):
        opened = open_delimited(file)
        if not {"pseudonym", "id"} <= set(opened.header):
            raise TruthError(
                f"{file}: this is no list of pseudonyms (columns pseudonym, id). 'nelm registry encode --pseudonyms' makes it."
            )
        rows = opened.whole().cells
        names = dict(zip(rows["id"].to_list(), rows["pseudonym"].to_list(), strict=True))
        strangers = [name for name in truth[side].to_list() if name not in names]
        if strangers:
            raise TruthError(
                f"{file}: {len(strangers)} labelled persons do not stand there, the first {strangers[0]!r}. Is it the list of this table?"
            )
        truth = truth.with_columns(pl.Series(side, [names[name] or f"?{name}" for name in truth[side].to_list()], pl.String))
    return truth


def read_truth(file: Path) -> pl.DataFrame:
    """Labelled pairs from a CSV file with `ours` and `theirs`, and `kinds` ("moved; names_swapped") if known.

    Raises TruthError for a missing column, an empty id, a row that cannot be read or stands there twice; DelimitedError.
    """
    opened = open_delimited(file)
    missing = [name for name in ("ours", "theirs") if name not in opened.header]
    if missing:
        raise TruthError(f"{file}: these columns are missing: {', '.join(missing)}. Needed: ours, theirs; also read: kinds.")
    rows = opened.whole()
    if rows.rejected:
        raise TruthError(f"{rows.rejected[0]} Correct the row.")
    pairs = rows.cells.select(name for name in ("ours", "theirs", "kinds") if name in opened.header).with_columns(
        pl.all().str.strip_chars()
    )
    wrong = (pairs["ours"] == "") | (pairs["theirs"] == "") | pairs.select(~pl.struct("ours", "theirs").is_first_distinct()).to_series()
    if wrong.any():
        raise TruthError(
            f"{file}:{rows.lines.filter(wrong)[0]}: an id is missing, or the pair stands here twice. Give each true pair once."
        )
    return pairs
