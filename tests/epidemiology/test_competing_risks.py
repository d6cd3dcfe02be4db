"""Aalen and Johansen's estimate held to R, to its definition with weights for persons, and to survival."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.epidemiology.competing_risks import aalen_johansen
from nelm.epidemiology.follow_up import FollowUpError, Times, times
from nelm.epidemiology.kaplan_meier import kaplan_meier
from tests.epidemiology.cohorts import needs_reference_data, reference

Person = tuple[int, int, str | None]  # entry, exit, cause


def observed(persons: Sequence[Person]) -> tuple[Times, list[str | None]]:
    entries, exits, causes = (list(part) for part in zip(*persons, strict=True))
    return times(exit_days=exits, entry_days=entries, dead=[cause is not None for cause in causes]), causes  # type: ignore[return-value,arg-type]


@needs_reference_data
def test_r_on_mgus2() -> None:
    """Progression against death before it; the months have many ties."""
    rows = reference("mgus2.csv")
    causes = ["pcm" if row["pstat"] == "1" else "death" if row["death"] == "1" else None for row in rows]
    months = [int(row["ptime"] if row["pstat"] == "1" else row["futime"]) for row in rows]
    found = aalen_johansen(times(exit_days=months, dead=[cause is not None for cause in causes]), causes)
    largest, compared = 0.0, 0
    for row in reference("reference_aalen_johansen_mgus2.csv"):
        for cause, curve in found.items():
            place = np.searchsorted(curve.time, float(row["time"]), side="right") - 1
            largest = max(largest, abs(curve.probability[place] - float(row[cause])), abs(curve.se[place] - float(row[f"{cause}_se"])))
            compared += 2
    sys.stdout.write(f"Aalen–Johansen, mgus2: {compared} numbers compared, largest deviation {largest:.1e}\n")
    assert compared == 16
    assert largest < 1e-6


def weighted(persons: Sequence[Person], weights: Sequence[float], cause: str, until: int) -> float:
    """F(until) as the definition reads, persons counting with their weights."""
    survival, probability = 1.0, 0.0
    for day in range(until + 1):
        at_risk = sum(w for w, (entry, end, _) in zip(weights, persons, strict=True) if (entry < day or entry == 0) and end >= day)
        events = {name: sum(w for w, (_, end, why) in zip(weights, persons, strict=True) if end == day and why == name) for name in "ab"}
        if at_risk:
            probability += survival * events[cause] / at_risk
            survival *= 1 - sum(events.values()) / at_risk
    return probability


@pytest.mark.parametrize("seed", range(5))
def test_the_definition_and_the_jackknife(seed: int) -> None:
    """The variance is the sum over persons of the squared derivative by the weight, taken here by central differences."""
    draw = random.Random(seed)
    persons: list[Person] = [(0, draw.randint(0, 8), draw.choice(["a", "a", "b", None])) for _ in range(25)] + [(0, 9, None)]
    found = aalen_johansen(*observed(persons))
    step, even = 1e-5, [1.0] * len(persons)
    for cause, curve in found.items():
        for day, probability, se in zip(curve.time.astype(int), curve.probability, curve.se, strict=True):
            assert probability == pytest.approx(weighted(persons, even, cause, day), abs=1e-12)
            squares = 0.0
            for number in range(len(persons)):
                up, down = (weighted(persons, [*even[:number], weight, *even[number + 1 :]], cause, day) for weight in (1 + step, 1 - step))
                squares += ((up - down) / (2 * step)) ** 2
            assert se == pytest.approx(math.sqrt(squares), abs=1e-7), (cause, day)


def test_delayed_entry_counts_the_observed_only() -> None:
    persons: list[Person] = [(0, 3, "a"), (0, 5, "b"), (2, 5, "a"), (3, 6, None), (0, 6, "b")]
    found = aalen_johansen(*observed(persons))
    for cause, curve in found.items():
        assert curve.probability == pytest.approx([weighted(persons, [1.0] * 5, cause, int(day)) for day in curve.time])
    assert found["a"].at_risk.tolist() == [3, 4, 4, 2]


@given(st.lists(st.tuples(st.just(0), st.integers(0, 12), st.sampled_from(["a", "b", "c", None])), min_size=1, max_size=30))
def test_causes_and_survival_add_up(persons: list[Person]) -> None:
    """F_a + F_b + … + S = 1, and a single cause has Greenwood's variance."""
    people, causes = observed(persons)
    survival = kaplan_meier(people)
    found = aalen_johansen(people, causes)
    assert sum((curve.probability for curve in found.values()), survival.survival) == pytest.approx(np.ones_like(survival.time))
    for curve in found.values():
        assert (np.diff(curve.probability) >= 0).all()
        inside = (curve.probability > 0) & (curve.probability < 1 - 1e-12)
        assert (curve.lower[inside] <= curve.probability[inside]).all()
        assert (curve.probability[inside] <= curve.upper[inside]).all()
    together = aalen_johansen(people, [cause and "any" for cause in causes])
    if together and not np.isnan(survival.se).any():
        assert together["any"].se == pytest.approx(survival.se, abs=1e-12)


def test_limits_by_hand() -> None:
    """F = 2/5 with SE √(2/5 · 3/5 / 5); limits F^exp(± z SE / (F |ln F|))."""
    curve = aalen_johansen(*observed([(0, 10, "a"), (0, 10, "a"), (0, 20, None), (0, 20, None), (0, 20, None)]), confidence=0.9)["a"]
    se = math.sqrt(0.4 * 0.6 / 5)
    width = 1.6448536269514722 * se / (0.4 * -math.log(0.4))
    assert (curve.se[0], curve.lower[0], curve.upper[0]) == pytest.approx((se, 0.4 ** math.exp(width), 0.4 ** math.exp(-width)))


def test_reading_a_curve() -> None:
    curve = aalen_johansen(*observed([(0, 400, "a"), (0, 500, "b"), (0, 800, None), (0, 900, "b")]))["a"]
    before, at_1, at_2, late = curve.at([0, 1.1, 2, 3])
    assert (before.probability, before.se, before.lower, before.upper, before.at_risk) == (0, 0, 0, 0, 4)
    assert (at_1.probability, at_1.at_risk) == (0.25, 3)
    assert (at_2.probability, at_2.at_risk, at_2.supported) == (0.25, 2, True)
    assert (late.at_risk, late.supported) == (0, False)
    assert math.isnan(late.probability)
    assert [curve.at([2], fewest_at_risk=fewest)[0].supported for fewest in (2, 3)] == [True, False]
    with pytest.raises(ValueError, match="fewest_at_risk is 0"):
        curve.at([1], fewest_at_risk=0)
    with pytest.raises(ValueError, match=r"Years \[-1\]"):
        curve.at([-1])


def test_there_is_no_estimate_after_a_time_without_anybody() -> None:
    curve = aalen_johansen(*observed([(0, 100, "a"), (0, 100, None), (200, 900, "a")]))["a"]
    assert [found.supported for found in curve.at([0.2, 0.4, 1.5])] == [True, False, False]


def test_what_is_refused() -> None:
    people = times(exit_days=[1, 2, 3], dead=[True, True, False])
    with pytest.raises(FollowUpError, match=r"Person 2 \(of 1 such\): an event without a cause. Give an unknown cause a name of its own"):
        aalen_johansen(people, ["a", None, None])
    with pytest.raises(FollowUpError, match=r"Person 3 \(of 1 such\): a cause without an event"):
        aalen_johansen(people, ["a", "b", "a"])
    with pytest.raises(FollowUpError, match=r"causes: found 1\. Permitted: one for each of the 3 persons"):
        aalen_johansen(people, ["a"])
    with pytest.raises(ValueError, match="confidence is 95"):
        aalen_johansen(people, ["a", "b", None], confidence=95)
