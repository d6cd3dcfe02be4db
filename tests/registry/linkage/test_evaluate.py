"""The evaluation, as small tables."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from nelm.registry.linkage.evaluate import TruthError, evaluate, in_pseudonyms, read_truth

DECIDED = pl.DataFrame(
    [("a", "v", "link"), ("b", "w", "link"), ("c", "x", "review"), ("d", "y", "no link"), ("e", "v", "link"), ("f", "z", "review")],
    schema=["ours", "theirs", "decision"],
    orient="row",
)
TRUTH = pl.DataFrame(
    {
        "ours": ["a", "b", "c", "d", "g"],
        "theirs": ["v", "w", "x", "y", "q"],
        "kinds": ["no change", "moved", "moved; twins", "moved", "no change"],
    }
)


def test_figures() -> None:
    found = evaluate(DECIDED, TRUTH, persons=10)
    assert (found.true_pairs, found.linked, found.in_review, found.rejected, found.never_compared) == (5, 2, 1, 1, 1)
    assert (found.false_links, found.false_reviews) == (1, 1)
    assert found.recall == 2 / 5
    assert found.recall_after_review == 3 / 5
    assert found.precision == 2 / 3
    assert found.f1 == pytest.approx(2 * (2 / 5) * (2 / 3) / (2 / 5 + 2 / 3))
    assert found.review_load == 200
    assert dict(found.rows())["precision of the links"] == "66.67 %"


def test_by_kind_a_pair_counts_for_each_of_its_kinds() -> None:
    assert evaluate(DECIDED, TRUTH, persons=10).by_kind.rows() == [
        ("moved", 3, 1, 1, 1, 0),
        ("no change", 2, 1, 0, 0, 1),
        ("twins", 1, 0, 1, 0, 0),
    ]


def test_look_alikes() -> None:
    alike = pl.DataFrame({"ours": ["e", "g"], "theirs": ["v", "v"], "kind": ["twin", "twin"]})
    assert evaluate(DECIDED, TRUTH, persons=10, look_alikes=alike).look_alikes.rows() == [("twin", 2, 1, 0, 0, 1)]


def test_nothing_to_find_has_no_recall_and_nothing_found_no_precision() -> None:
    found = evaluate(DECIDED.clear(), TRUTH.clear(), persons=1)
    assert (found.recall, found.precision, found.f1, found.recall_after_review) == (None, None, None, None)
    assert dict(found.rows())["F1"] == "none"
    assert evaluate(DECIDED, TRUTH.drop("kinds"), persons=10).by_kind["kind"].to_list() == ["all"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ours,other\na,b\n", "these columns are missing: theirs"),
        ("ours,theirs\na,b\na,b\n", "truth.csv:3: an id is missing, or the pair stands here twice"),
        ("ours,theirs\na,\n", "truth.csv:2: an id is missing"),
        ("ours,theirs\na\n", "truth.csv:2:"),
    ],
)
def test_a_truth_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "truth.csv").write_text(text)
    with pytest.raises(TruthError) as refused:
        read_truth(tmp_path / "truth.csv")
    assert message in str(refused.value)


def test_the_truth_in_pseudonyms(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "a.csv", tmp_path / "b.csv"
    ours.write_text("pseudonym,id\np1,a\n,b\n")
    theirs.write_text("pseudonym,id\nq1,v\nq2,w\n")
    truth = TRUTH.head(2)
    found = in_pseudonyms(truth, ours, theirs)
    assert found.select("ours", "theirs").rows() == [("p1", "q1"), ("?b", "q2")]
    with pytest.raises(TruthError, match="1 labelled persons do not stand there, the first 'c'"):
        in_pseudonyms(TRUTH.head(3), ours, theirs)
    ours.write_text("x\n1\n")
    with pytest.raises(TruthError, match="this is no list of pseudonyms"):
        in_pseudonyms(truth, ours, theirs)
