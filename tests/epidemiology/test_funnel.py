"""Funnel limits: against the binomial distribution itself, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from nelm.epidemiology.funnel import ALARM, WARNING, FunnelError, funnel, limits


def test_the_limits_of_a_coin_thrown_ten_times() -> None:
    """By hand: P(X ≤ 1) = 11/1024 < 0.025 ≤ P(X ≤ 2) = 56/1024, P(X = 2) = 45/1024."""
    found = limits(10, 0.5, WARNING)
    alpha = (56 / 1024 - 0.025) / (45 / 1024)
    assert found.low == pytest.approx((2 - alpha) / 10, abs=1e-12)
    above = (1013 / 1024 - 0.975) / (45 / 1024)  # P(X ≤ 8) = 1013/1024, P(X = 8) = 45/1024
    assert found.high == pytest.approx((8 - above) / 10, abs=1e-12)


@given(of=st.integers(1, 400), target=st.floats(0.01, 0.99), level=st.sampled_from([WARNING, ALARM]))
def test_the_limits_lie_between_the_counts_around_the_quantile(of: int, target: float, level: float) -> None:
    found, tail = limits(of, target, level), (1 - level) / 2
    for limit, p in ((found.low, tail), (found.high, 1 - tail)):
        count = binom.ppf(p, of, target)
        assert max(count - 1, 0) / of - 1e-9 <= limit <= count / of + 1e-9


def test_narrower_with_size_and_wider_with_the_level() -> None:
    widths = [limits(of, 0.3, WARNING).high - limits(of, 0.3, WARNING).low for of in (20, 80, 320, 1280)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] / widths[2] == pytest.approx(4, rel=0.15)
    assert limits(80, 0.3, ALARM).low < limits(80, 0.3, WARNING).low
    assert limits(80, 0.3, ALARM).high > limits(80, 0.3, WARNING).high


def test_who_lies_outside() -> None:
    found = funnel(["A", "B", "C", "D"], [30, 45, 60, 3], [100, 100, 100, 10], target=0.3)
    assert [unit.outside for unit in found.units] == ["", "alarm", "alarm", ""]
    assert [unit.name for unit in found.outside] == ["B", "C"]
    assert found.units[1].z == pytest.approx(0.15 / np.sqrt(0.3 * 0.7 / 100))


def test_chance_alone_leaves_few_outside_and_no_overdispersion() -> None:
    drawn = np.random.default_rng(7).binomial(60, 0.4, size=2000)
    found = funnel([str(i) for i in range(2000)], drawn.tolist(), [60] * 2000, target=0.4)
    outside = sum(unit.outside != "" for unit in found.units) / 2000
    assert outside == pytest.approx(0.05, abs=0.02)
    assert found.overdispersion == pytest.approx(1, abs=0.1)


def test_the_target_is_that_of_all_unless_it_is_given() -> None:
    assert funnel(["A", "B"], [1, 3], [10, 10]).target == 0.2


@pytest.mark.parametrize(("events", "target"), [([0, 0], 0.0), ([5, 7], 1.0)])
def test_a_target_without_chance(events: list[int], target: float) -> None:
    found = funnel(["A", "B"], events, [5, 7])
    assert found.target == target
    assert not found.outside


@pytest.mark.parametrize(
    ("names", "events", "of", "target", "message"),
    [
        ([], [], [], None, "one of each for every centre"),
        (["A"], [1, 2], [3], None, "one of each for every centre"),
        (["A"], [4], [3], None, "A: 4 of 3"),
        (["A"], [-1], [3], None, "A: -1 of 3"),
        (["A"], [0], [0], None, "Leave empty centres out"),
        (["A"], [1], [3], 1.5, "target: found 1.5"),
    ],
)
def test_what_is_refused(names: list[str], events: list[int], of: list[int], target: float | None, message: str) -> None:
    with pytest.raises(FunnelError, match=message):
        funnel(names, events, of, target)
