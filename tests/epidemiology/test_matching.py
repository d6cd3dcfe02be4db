"""Matching: by hand, held to a search through everyone, to MatchIt, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nelm.epidemiology.covariates import ComparisonError, Covariates
from nelm.epidemiology.matching import match
from nelm.epidemiology.propensity import PropensityScore, propensity_score
from tests.epidemiology.compared import needs_reference_data
from tests.epidemiology.test_propensity import lalonde


def scored(scores: list[float], treated: list[int]) -> PropensityScore:
    columns = Covariates(("x",), ("x",), np.array(scores)[:, None])
    return PropensityScore((), np.array(scores), np.array(treated, dtype=bool), columns, ())


def by_search(
    scores: list[float], treated: list[int], ratio: int, widest: float, replacement: bool, groups: list[int]
) -> list[tuple[int, int]]:
    """The rule, by looking at everyone each time."""
    choosers = sorted((i for i, t in enumerate(treated) if t), key=lambda i: (-scores[i], i))
    pairs: list[tuple[int, int]] = []
    for _ in range(ratio):
        for person in choosers:
            taken = [other for one, other in pairs if one == person or not replacement]
            free = [i for i, t in enumerate(treated) if not t and i not in taken and groups[i] == groups[person]]
            near = [(abs(scores[i] - scores[person]), i) for i in free if abs(scores[i] - scores[person]) <= widest]
            if near:
                pairs.append((person, min(near)[1]))
    return sorted(pairs)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 15), st.integers(0, 1), st.integers(0, 1)), min_size=4, max_size=24),
    st.integers(1, 3),
    st.sampled_from([None, 0.3, 1.0]),
    st.booleans(),
    st.booleans(),
)
def test_held_to_a_search_through_everyone(
    persons: list[tuple[int, int, int]], ratio: int, caliper: float | None, replacement: bool, exactly: bool
) -> None:
    scores, treated, groups = [score / 16 for score, _, _ in persons], [t for _, t, _ in persons], [g for _, _, g in persons]
    widest = float("inf") if caliper is None else caliper * float(np.std(scores, ddof=1))
    expected = by_search(scores, treated, ratio, widest, replacement, groups if exactly else [0] * len(persons))
    score = scored(scores, treated)
    if not expected:
        with pytest.raises(ComparisonError, match="Nobody found a match"):
            match(score, ratio=ratio, caliper=caliper, replacement=replacement, exact=groups if exactly else None)
        return
    found = match(score, ratio=ratio, caliper=caliper, replacement=replacement, exact=groups if exactly else None)
    assert [tuple(pair) for pair in found.pairs.tolist()] == expected
    arm = score.treated
    assert found.weights[~arm].sum() == pytest.approx(found.weights[arm].sum()) == pytest.approx(found.matched_treated)
    assert sorted({pair[0] for pair in expected} | set(found.unmatched.tolist())) == np.flatnonzero(arm).tolist()
    assert (found.sets >= 0).tolist() == (found.weights > 0).tolist()
    assert found.largest_distance <= widest


def test_two_matches_share_the_weight_of_one() -> None:
    found = match(scored([0.5, 0.4, 0.3, 0.1], [1, 0, 0, 0]), ratio=2)
    assert found.pairs.tolist() == [[0, 1], [0, 2]]
    assert found.weights.tolist() == [1, 0.5, 0.5, 0]
    assert found.sets.tolist() == [0, 0, 0, -1]
    assert (found.matched_treated, found.matched_untreated) == (1, 2)
    assert found.largest_distance == pytest.approx(0.2)


def test_log_odds_stretch_the_ends() -> None:
    """0.9999 is nearer to 0.98 than 0.9 is; in log odds (9.2, 3.9 and 2.2) it is the other way round."""
    score = scored([0.98, 0.9, 0.9999], [1, 0, 0])
    assert match(score).pairs.tolist() == [[0, 2]]
    assert match(score, log_odds=True).pairs.tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"ratio": 0}, "ratio: found 0"),
        ({"caliper": 0.0}, "caliper: found 0.0"),
        ({"exact": ["a"]}, "exact: 1 values"),
        ({"exact": ["a", None, "a"]}, "exact: unknown for person 2"),
        ({"exact": ["a", "b", "b"]}, "Nobody found a match"),
    ],
)
def test_what_is_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        match(scored([0.5, 0.4, 0.3], [1, 0, 0]), **asked)  # type: ignore[arg-type]


@needs_reference_data
def test_matchit_on_lalonde() -> None:
    """The means of the matched untreated that MatchIt prints for nearest neighbours, 1:1 without replacement."""
    treated, columns, _ = lalonde()
    score = propensity_score(treated, columns)
    found = match(score)
    assert (found.matched_treated, found.matched_untreated) == (185, 185)
    _, every, _ = lalonde(every_level=True)
    untreated = found.weights * ~score.treated
    means = {name: round(float(untreated @ every.column(name)) / 185, 4) for name in every.names}
    assert round(float(untreated @ score.scores) / 185, 4) == 0.3629
    assert means == {
        "age": 25.3027,
        "educ": 10.6054,
        "race black": 0.4703,
        "race hispan": 0.2162,
        "race white": 0.3135,
        "married": 0.2108,
        "nodegree": 0.6378,
        "re74": 2342.1076,
        "re75": 1614.7451,
    }
