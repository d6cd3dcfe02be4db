"""Rates and their intervals: to the last digits what R gives, identities that hold exactly, and what is refused."""

from __future__ import annotations

import csv
import itertools
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nelm.epidemiology.rates import (
    Interval,
    RateError,
    StandardisedRate,
    annual_percent_change,
    crude_rate,
    expected_cases,
    poisson_interval,
    rate_ratio,
    standardised_rate,
    standardised_ratio,
)

needs_reference_data = pytest.mark.skipif(
    "NELM_REFERENCE_DATA" not in os.environ, reason="NELM_REFERENCE_DATA is not set: third-party data are not part of the project"
)
TOY = ([0, 1, 0, 2, 3], [1000, 2000, 1500, 800, 300], [30, 25, 20, 15, 10])


def say(what: str, rows: int, largest: float) -> None:
    sys.stdout.write(f"{what}: {rows} rows compared, largest relative deviation {largest:.1e}\n")


def apart(found: float, expected: float) -> float:
    """The relative deviation, absolute where the expected number is 0."""
    return abs(found - expected) / (abs(expected) or 1)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bounds(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.low, interval.high


# -- counts and crude rates ------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("count", [0, 1, 6, 41, 7856])
def test_the_interval_of_a_count_is_exact(count: int, level: float) -> None:
    """At its bounds a Poisson count as extreme has half of what the level leaves over."""
    low, high = bounds(poisson_interval(count, level))
    tail = (1 - level) / 2
    assert stats.poisson.cdf(count, high) == pytest.approx(tail, rel=1e-10)
    assert low == 0 if count == 0 else stats.poisson.sf(count - 1, low) == pytest.approx(tail, rel=1e-10)


def test_crude_rate() -> None:
    """R gives 107.142857142857 (39.3195402409081–233.204893259262) for 6 cases in 5,600 person-years."""
    rate = crude_rate(6, 5600)
    assert rate.value == pytest.approx(107.142857142857, rel=1e-12)
    assert bounds(rate.interval) == pytest.approx((39.3195402409081, 233.204893259262), rel=1e-12)
    assert rate.standard_error == pytest.approx(math.sqrt(6) / 5600 * 1e5)


# -- rates standardised by age -----------------------------------------------------------------------------


def test_gamma_intervals_of_the_toy() -> None:
    rate = standardised_rate(*TOY)
    assert rate.value == pytest.approx(150, rel=1e-12)
    assert rate.standard_error == pytest.approx(64.7511261163336, rel=1e-12)
    assert bounds(rate.fay_feuer) == pytest.approx((51.1768222209591, 351.235041094597), rel=1e-8)
    assert bounds(rate.tiwari_clegg_zou) == pytest.approx((51.1768222209591, 330.37484012226), rel=1e-8)
    assert bounds(rate.log_normal) == pytest.approx((64.3649647714463, 349.569056394194), rel=1e-8)
    assert not rate.flagged


def test_gamma_intervals_without_cases() -> None:
    rate = standardised_rate([0, 0, 0], [1000, 2000, 1500], [50, 30, 20])
    assert (rate.value, rate.standard_error, rate.log_normal) == (0, 0, None)
    assert bounds(rate.fay_feuer) == pytest.approx((0, 184.443972705697), rel=1e-8)
    assert bounds(rate.tiwari_clegg_zou) == pytest.approx((0, 112.328933066316), rel=1e-8)


@pytest.mark.parametrize("cases", [0, 1, 25])
def test_with_one_group_every_gamma_interval_is_the_exact_one(cases: int) -> None:
    rate, crude = standardised_rate([cases], [1234.5], [7]), crude_rate(cases, 1234.5)
    assert rate.value == pytest.approx(crude.value)
    assert bounds(rate.fay_feuer) == pytest.approx(bounds(crude.interval), rel=1e-10)
    assert bounds(rate.tiwari_clegg_zou) == pytest.approx(bounds(crude.interval), rel=1e-10)


group = st.tuples(st.integers(0, 50), st.floats(10, 1e6), st.floats(0.01, 100))


@given(st.lists(group, min_size=1, max_size=18), st.floats(0.5, 200))
def test_intervals_hold_the_rate_and_one_another(rows: list[tuple[int, float, float]], times: float) -> None:
    cases, years, weights = zip(*rows, strict=True)
    rate = standardised_rate(cases, years, weights)
    assert 0 <= rate.fay_feuer.low == rate.tiwari_clegg_zou.low <= rate.value * (1 + 1e-9)
    assert rate.value < rate.tiwari_clegg_zou.high <= rate.fay_feuer.high * (1 + 1e-9)
    assert standardised_rate(cases, years, [weight * times for weight in weights]).value == pytest.approx(rate.value)


def test_groups_without_population_follow_seer() -> None:
    """Without cases the rate of the group is 0, and its weight stays; with cases the person-years are set to them, and that is said."""
    empty = standardised_rate([3, 0], [1000, 0], [60, 40], groups=["0-64", "65+"])
    assert empty.value == pytest.approx(0.6 * 300)
    assert (empty.without_population, empty.set_to_cases, empty.flagged) == (("65+",), (), False)
    wrong = standardised_rate([3, 2], [1000, 0], [60, 40], groups=["0-64", "65+"])
    assert wrong.value == pytest.approx(0.6 * 300 + 0.4 * 100_000)
    assert (wrong.without_population, wrong.set_to_cases, wrong.flagged) == ((), ("65+",), True)
    assert wrong.person_years == 1000
    assert rate_ratio(wrong, empty).flagged
    assert not rate_ratio(empty, empty).flagged


def test_a_group_that_is_no_part_of_the_standard_changes_nothing() -> None:
    cases, years, weights = TOY
    plain, padded = standardised_rate(*TOY), standardised_rate([9, *cases], [5000, *years], [0, *weights])
    assert (padded.value, padded.fay_feuer, padded.tiwari_clegg_zou) == (plain.value, plain.fay_feuer, plain.tiwari_clegg_zou)


# -- comparing rates ---------------------------------------------------------------------------------------


def test_with_one_group_the_ratio_has_the_exact_interval() -> None:
    """Of 12 + 5 cases the 12 are binomial; the exact interval of their share gives that of the ratio."""
    found = rate_ratio(standardised_rate([12], [1000], [1]), standardised_rate([5], [2000], [1]))
    share = stats.binomtest(12, 17).proportion_ci(0.95, method="exact")
    assert found.value == pytest.approx(4.8)
    assert bounds(found.fay) == pytest.approx((share.low / (1 - share.low) * 2, share.high / (1 - share.high) * 2), rel=1e-9)
    error = math.sqrt(1 / 12 + 1 / 5)
    z = stats.norm.ppf(0.975)
    assert bounds(found.log_normal) == pytest.approx((4.8 * math.exp(-z * error), 4.8 * math.exp(z * error)), rel=1e-12)


def test_ratio_with_several_groups() -> None:
    """The interval written out with the F distribution, and turned round with the two rates."""
    one, two = standardised_rate(*TOY), standardised_rate([2, 2, 1, 4, 1], [900, 1900, 1600, 700, 400], TOY[2])
    found, inverse = rate_ratio(one, two), rate_ratio(two, one)
    v1, v2, m1, m2 = one.standard_error**2, two.standard_error**2, one.largest_weight, two.largest_weight
    r1, r2 = one.value, two.value
    low = r1 / (r2 + m2) * stats.f.ppf(0.025, 2 * r1**2 / v1, 2 * (r2 + m2) ** 2 / (v2 + m2**2))
    high = (r1 + m1) / r2 * stats.f.ppf(0.975, 2 * (r1 + m1) ** 2 / (v1 + m1**2), 2 * r2**2 / v2)
    assert bounds(found.fay) == pytest.approx((low, high), rel=1e-9)
    assert bounds(found.fay) == pytest.approx((1 / inverse.fay.high, 1 / inverse.fay.low), rel=1e-9)


def test_ratio_of_a_rate_of_0() -> None:
    found = rate_ratio(standardised_rate([0], [1000], [1]), standardised_rate([5], [2000], [1]))
    assert (found.value, found.fay.low, found.log_normal) == (0, 0, None)
    assert found.fay.high > 0


def test_annual_change_of_an_exact_trend() -> None:
    found = annual_percent_change(range(2000, 2011), [3 * 1.05**year for year in range(11)])
    assert found.percent == pytest.approx(5, rel=1e-10)
    assert bounds(found.interval) == pytest.approx((5, 5), rel=1e-9)


def test_annual_change_is_that_of_a_line() -> None:
    years, rates = [2001, 2002, 2003, 2005, 2006], [10.0, 12.1, 11.3, 14.9, 13.2]
    line = stats.linregress(years, [math.log(rate) for rate in rates])
    reach = stats.t.ppf(0.975, 3) * line.stderr
    found = annual_percent_change(years, rates)
    assert found.percent == pytest.approx(100 * math.expm1(line.slope), rel=1e-10)
    assert bounds(found.interval) == pytest.approx((100 * math.expm1(line.slope - reach), 100 * math.expm1(line.slope + reach)), rel=1e-9)
    alike = annual_percent_change(years, rates, [rate / 7 for rate in rates])
    assert bounds(alike.interval) == pytest.approx(bounds(found.interval)), "years that weigh the same weigh nothing"


def test_a_year_that_weighs_twice_stands_for_two() -> None:
    """The weighted slope by the textbook formula, on numbers small enough to check by hand."""
    found = annual_percent_change([1, 2, 3], [1.0, math.e, math.e], [1.0, math.e, math.e / math.sqrt(2)])
    assert found.slope == pytest.approx(5 / 11)  # weights 1, 1, 2: mean year 2.25, mean ln(rate) 0.75; 1.25 / 2.75
    assert found.slope_error == pytest.approx(math.sqrt((2 / 11) / 2.75))  # residual 0.75 − 1.25² / 2.75 with 1 degree of freedom


def test_observed_to_expected() -> None:
    found = standardised_ratio(6, 2.5)
    low, high = bounds(poisson_interval(6))
    assert found.value == pytest.approx(2.4)
    assert bounds(found.interval) == pytest.approx((low / 2.5, high / 2.5))
    assert expected_cases([1000, 500], [200, 100]) == pytest.approx(2.5)


# -- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: crude_rate(-1, 100), "cases: found -1. Permitted: numbers from 0 on"),
        (lambda: crude_rate(2.5, 100), "cases: found 2.5. Permitted: whole numbers"),
        (lambda: crude_rate(3, 0), "person_years: found 0, with 3 cases"),
        (lambda: crude_rate(3, math.nan), "person_years: found nan"),
        (lambda: crude_rate(3, 100, per=0), "per: found 0"),
        (lambda: crude_rate(3, 100, level=95), "level: found 95. Permitted: a share between 0 and 1"),
        (lambda: poisson_interval(-0.1), "count: found -0.1"),
        (lambda: standardised_rate([1, -2], [9, 9], [1, 1]), "cases, place 2: found -2"),
        (lambda: standardised_rate([1, 0.5], [9, 9], [1, 1], groups=["0-64", "65+"]), "cases, group 65+: found 0.5"),
        (lambda: standardised_rate([1, 2], [9, -9], [1, 1]), "person_years, place 2: found -9"),
        (lambda: standardised_rate([1, 2], [9, 9], [1, math.inf]), "weights, place 2: found inf"),
        (lambda: standardised_rate([1, 2], [9, 9], [1, 1, 1]), "Found 2 cases, 2 person_years, 3 weights. Give one of each"),
        (lambda: standardised_rate([1, 2], [9, 9], [1, 1], groups=["all"]), "Found 1 groups, 2 cases"),
        (lambda: standardised_rate([], [], []), "Give one of each for every group"),
        (lambda: standardised_rate([1, 2], [9, 9], [0, 0]), "weights: found none above 0"),
        (lambda: standardised_rate([0, 0], [0, 0], [1, 1]), "person_years: found 0 in every group"),
        (lambda: standardised_ratio(3, 0), "expected: found 0"),
        (lambda: standardised_ratio(-3, 1), "observed: found -3"),
        (lambda: expected_cases([1, 2], [1]), "2 person_years, 1 reference_rates"),
        (lambda: annual_percent_change([2000, 2001], [1, 2]), "years: found 2000, 2001. Give three or more"),
        (lambda: annual_percent_change([2000, 2001, 2001], [1, 2, 3]), "years: found 2000, 2001, 2001"),
        (lambda: annual_percent_change([2000, 2001, 2002], [1, 0, 3]), "rates: found 0 for 2001"),
        (lambda: annual_percent_change([2000, 2001, 2002], [1, 2, 3], [1, 0, 1]), "standard_errors: found 0 for 2001"),
        (lambda: annual_percent_change([2000, 2001, 2002], [1, 2]), "2 rates"),
    ],
)
def test_refused(make: Callable[[], object], says: str) -> None:
    with pytest.raises(RateError) as refused:
        make()
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (standardised_rate([1, 1], [9, 9], [1, 2]), "different standards"),
        (standardised_rate([1], [9], [1]), "different standards"),
        (standardised_rate([1, 1], [9, 9], [1, 1], per=1000), "per: found 100000 and 1000"),
        (standardised_rate([0, 0], [9, 9], [1, 1]), "reference: found a rate of 0"),
    ],
)
def test_rates_that_cannot_be_compared(other: StandardisedRate, says: str) -> None:
    with pytest.raises(RateError, match=says):
        rate_ratio(standardised_rate([1, 1], [9, 9], [1, 1]), other)


# -- third-party data ----------------------------------------------------------------------------------------


def sire(year: str) -> tuple[list[int], list[float]]:
    """Cases and person-years by age group of the Finnish data, in one year or in all ("")."""
    rows = table(Path(os.environ["NELM_REFERENCE_DATA"]) / "derived_sire_incidence_by_year_age18.csv")
    cases, years = [0] * 18, [0.0] * 18
    for row in rows:
        if year in ("", row["year"]):
            cases[int(row["ag"])] += int(row["cases"])
            years[int(row["ag"])] += float(row["pyrs"])
    return cases, years


def weights_of(standard: str) -> Sequence[float]:
    rows = table(Path(os.environ["NELM_REFERENCE_DATA"]) / "popEpi_standard_populations.csv")
    return [float(row["weight"]) for row in rows if row["std"] == standard]


def outputs() -> Path:
    return Path(os.environ["NELM_REFERENCE_DATA"]).parent / "outputs"


@needs_reference_data
def test_gamma_intervals_of_r() -> None:
    rows = [row for row in table(outputs() / "reference_rates_gamma_ci.csv") if not row["std"].startswith("toy")]
    largest = 0.0
    for row in rows:
        cases, years = sire(row["year"])
        rate, crude = standardised_rate(cases, years, weights_of(row["std"])), crude_rate(sum(cases), sum(years))
        found = [crude.value, *bounds(crude.interval), rate.value, rate.standard_error]
        found += itertools.chain(bounds(rate.fay_feuer), bounds(rate.tiwari_clegg_zou), bounds(rate.log_normal))
        names = ["crude", "crude_lo", "crude_hi", "asr", "se", "ff_lo", "ff_hi", "tcz_lo", "tcz_hi", "lognorm_lo", "lognorm_hi"]
        largest = max(largest, *(apart(value, float(row[name])) for value, name in zip(found, names, strict=True)))
    say("rates with gamma intervals", len(rows), largest)
    assert len(rows) == 12
    assert largest < 1e-8


@needs_reference_data
def test_standardised_rates_of_popepi() -> None:
    rows = table(outputs() / "reference_popEpi_sire_asr.csv")
    largest = 0.0
    for row in rows:
        cases, years = sire(row["year"].replace("NA", ""))
        rate, crude = standardised_rate(cases, years, weights_of(row["std"]), per=1), crude_rate(sum(cases), sum(years), per=1)
        found = (rate.value, rate.standard_error, crude.value, crude.standard_error)
        names = ("rate.adj", "SE.rate.adj", "rate", "SE.rate")
        largest = max(largest, *(apart(value, float(row[name])) for value, name in zip(found, names, strict=True)))
    say("standardised rates", len(rows), largest)
    assert len(rows) > 50
    assert largest < 1e-10


@needs_reference_data
def test_smr_of_popepi() -> None:
    """The reference has a profile interval and four decimals; the exact one is within 0.002 of it for so many cases."""
    (row,) = table(outputs() / "reference_popEpi_sire_SMR_total.csv")
    found = standardised_ratio(int(row["observed"]), float(row["expected"]))
    assert found.value == pytest.approx(float(row["sir"]), abs=6e-5)
    assert bounds(found.interval) == pytest.approx((float(row["sir.lo"]), float(row["sir.hi"])), abs=2e-3)
    say("SMR", 1, apart(found.value, float(row["sir"])))
