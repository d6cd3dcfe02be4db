"""Rates, their ratios and their trends, with intervals.

Notation: d cases and n person-years of an age group, D and P their sums, k the `per` of a rate (100,000); z, t, χ², Γ and F are
quantiles, at p = (1 − level)/2 or at 1 − p. Counts are taken as Poisson, groups as independent.

Quantiles come from the inverse incomplete gamma and beta functions: χ²(p; 2s)/2 = Γ(p; shape s), and with x the quantile p
of Beta(f/2, g/2), F(p; f, g) = g x / (f (1 − x)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special  # type: ignore[import-untyped]

Numbers = NDArray[np.float64]
PER = 100_000.0
LEVEL = 0.95
SAME = 1e-12  # two standards are one where no share of theirs differs by more


class RateError(ValueError):
    """Numbers of which no rate can be made: which of them, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval; `level` is its coverage as a share (0.95)."""

    low: float
    high: float
    level: float = LEVEL


# -- counts and crude rates ------------------------------------------------------------------------------


def poisson_interval(count: float, level: float = LEVEL) -> Interval:
    """The exact interval of a Poisson count: (χ²(p; 2D)/2, χ²(1 − p; 2D + 2)/2), 0 as lower bound where D is 0.

    Source: Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437–442. A count that is not whole (an
    expected one is part of it) is taken as the formula stands.
    """
    _check_level(level)
    found = _number("count", count)
    return Interval(*_scaled_gamma(found, found + 1, 1.0, 1.0, level), level)


@dataclass(frozen=True)
class CrudeRate:
    """Cases per `per` person-years, with standard error and exact interval on the same scale."""

    value: float
    standard_error: float
    interval: Interval
    cases: int
    person_years: float
    per: float


def crude_rate(cases: float, person_years: float, per: float = PER, level: float = LEVEL) -> CrudeRate:
    """The crude rate k D / P, its standard error k √D / P, and the exact Poisson interval of D times k / P.

    Raises RateError for cases that are no whole number from 0 on, and without person-years.
    """
    count, years, scale = _whole("cases", cases), _number("person_years", person_years), _above_0("per", per)
    if years == 0:
        raise RateError(f"person_years: found 0, with {count} cases. A rate needs a population; look for the one that is missing.")
    exact = poisson_interval(count, level)
    factor = scale / years
    return CrudeRate(
        count * factor, math.sqrt(count) * factor, Interval(exact.low * factor, exact.high * factor, level), count, years, scale
    )


# -- rates standardised by age -----------------------------------------------------------------------------


@dataclass(frozen=True)
class StandardisedRate:
    """A directly standardised rate per `per` person-years; everything but the counts is on this scale.

    `fay_feuer` and `tiwari_clegg_zou` are gamma intervals; the second is shorter and has the same lower bound. `log_normal` is
    R exp(± z SE / R), None where R is 0. `set_to_cases` are the groups that had cases and no person-years, whose person-years
    were set to the number of cases: the rate is then a mark that something is wrong with the population, and has to be shown
    with it. `without_population` are those with neither.
    """

    value: float
    standard_error: float
    fay_feuer: Interval
    tiwari_clegg_zou: Interval
    log_normal: Interval | None
    cases: int
    person_years: float
    per: float
    shares: tuple[float, ...]  # of the standard, by group
    largest_weight: float  # what one more case could add at most: the largest of k w_j
    set_to_cases: tuple[str, ...]
    without_population: tuple[str, ...]

    @property
    def flagged(self) -> bool:
        """Whether the person-years of a group were set to its cases."""
        return bool(self.set_to_cases)


def standardised_rate(
    cases: Sequence[float],
    person_years: Sequence[float],
    weights: Sequence[float],
    *,
    groups: Sequence[str] | None = None,
    per: float = PER,
    level: float = LEVEL,
) -> StandardisedRate:
    """The directly standardised rate R = Σ w_j d_j with w_j = k s_j / n_j, s_j the shares of the standard; variance v = Σ w_j² d_j.

    Gamma intervals. Lower bound: Γ(p; shape R²/v, scale v/R), 0 where R is 0. Upper bound: the quantile 1 − p with R + m in
    place of R and v + q in place of v; Fay and Feuer (Stat Med 1997;16:791–801) take for m the largest w_j and for q its square,
    Tiwari, Clegg and Zou (Stat Methods Med Res 2006;15:547–569) the means of w_j and of w_j². The mean is taken over the groups
    that have person-years and a weight above 0: a group that is no part of the standard cannot shorten the interval.

    Groups without person-years follow SEER*Stat (Rate Algorithms): without cases the rate is 0 and the weight stays in the sum;
    with cases, n_j is set to d_j and the group is named in the result. `weights` are on any scale. Raises RateError where the three
    lists do not match, for counts that are not whole or below 0, and where no group of the standard has person-years.
    """
    _check_level(level)
    count, years, shares = _by_group("cases", cases), _by_group("person_years", person_years), _by_group("weights", weights)
    names = _names(groups, len(shares))
    _check_lengths(names, cases=count, person_years=years, weights=shares)
    for name, found in zip(names, count, strict=True):
        _whole(f"cases, group {name}", float(found))
    scale, total = _above_0("per", per), math.fsum(shares)
    if total <= 0:
        raise RateError("weights: found none above 0. At least one group has to count; take the weights of a standard population.")
    shares = shares / total
    mended = np.where((years == 0) & (count > 0), count, years)
    counts = (mended > 0) & (shares > 0)
    if not counts.any():
        raise RateError(
            "person_years: found 0 in every group of the standard. A rate needs a population; look for the one that is missing."
        )
    weight = np.divide(scale * shares, mended, out=np.zeros_like(shares), where=counts)
    rate, variance = math.fsum(weight * count), math.fsum(weight**2 * count)
    largest, used = float(weight.max()), weight[counts]
    error = math.sqrt(variance)
    return StandardisedRate(
        value=rate,
        standard_error=error,
        fay_feuer=_gamma_interval(rate, variance, largest, largest**2, level),
        tiwari_clegg_zou=_gamma_interval(rate, variance, float(used.mean()), float((used**2).mean()), level),
        log_normal=_log_normal(rate, error / rate, level) if rate else None,
        cases=int(count.sum()),
        person_years=math.fsum(years),
        per=scale,
        shares=tuple(float(share) for share in shares),
        largest_weight=largest,
        set_to_cases=tuple(name for name, own, had in zip(names, mended, years, strict=True) if own > had),
        without_population=tuple(name for name, own in zip(names, mended, strict=True) if own == 0),
    )


def _gamma_interval(rate: float, variance: float, add_rate: float, add_variance: float, level: float) -> Interval:
    """The gamma interval of a rate; the upper bound is that of the rate and variance with something added."""
    upper, spread = rate + add_rate, variance + add_variance
    low = rate**2 / variance if rate else 0.0
    return Interval(*_scaled_gamma(low, upper**2 / spread, variance / rate if rate else 0.0, spread / upper, level), level)


# -- comparing rates ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RateRatio:
    """The ratio of two standardised rates. `fay` is the F interval; `log_normal` is None where the first is 0.

    `flagged` says that one of the rates is (see StandardisedRate).
    """

    value: float
    fay: Interval
    log_normal: Interval | None
    flagged: bool


def rate_ratio(rate: StandardisedRate, reference: StandardisedRate, level: float = LEVEL) -> RateRatio:
    """The ratio R₁ / R₂ of two independent rates made with the same standard.

    F interval (Fay MP. Commun Stat Theory Methods 1999;28:2141–2160), a gamma bound of one rate over the opposite one of the other,
    with m the largest weight: low = R₁ / (R₂ + m₂) · F(p; 2 R₁²/v₁, 2 (R₂ + m₂)²/(v₂ + m₂²)), 0 where R₁ is 0;
    high = (R₁ + m₁) / R₂ · F(1 − p; 2 (R₁ + m₁)²/(v₁ + m₁²), 2 R₂²/v₂). With a single group this is the exact interval
    for the ratio of two Poisson rates. Log-normal interval by the delta method: exp(ln(R₁/R₂) ± z √(v₁/R₁² + v₂/R₂²)).

    Not for a region and the country it is part of: these are not independent. Raises RateError for rates of different standards or
    scales, and where the reference is 0.
    """
    _check_level(level)
    if rate.per != reference.per:
        raise RateError(f"per: found {rate.per:g} and {reference.per:g}. Make both rates per the same number of person-years.")
    if len(rate.shares) != len(reference.shares) or not np.allclose(rate.shares, reference.shares, rtol=0, atol=SAME):
        raise RateError("weights: the two rates were made with different standards. Make both with the same one.")
    if reference.value == 0:
        raise RateError("reference: found a rate of 0, and nothing can be divided by it. Compare the counts, or pool years or groups.")
    low = _fay_bound(rate.value, rate.standard_error, 0.0, reference, reference.largest_weight, (1 - level) / 2)
    high = _fay_bound(rate.value, rate.standard_error, rate.largest_weight, reference, 0.0, (1 + level) / 2)
    value, flagged = rate.value / reference.value, rate.flagged or reference.flagged
    if rate.value == 0:
        return RateRatio(0.0, Interval(0.0, high, level), None, flagged)
    spread = math.hypot(rate.standard_error / rate.value, reference.standard_error / reference.value)
    return RateRatio(value, Interval(low, high, level), _log_normal(value, spread, level), flagged)


def _fay_bound(value: float, error: float, added: float, reference: StandardisedRate, added_below: float, p: float) -> float:
    """A bound of the F interval: one of the two rates has its largest weight added."""
    above, below = value + added, reference.value + added_below
    if above == 0:
        return 0.0
    half = above**2 / (error**2 + added**2), below**2 / (reference.standard_error**2 + added_below**2)
    x = float(special.betaincinv(*half, p))
    return above / below * half[1] * x / (half[0] * (1 - x))


@dataclass(frozen=True)
class AnnualChange:
    """The annual change of a rate in percent, from a line through the logarithms of the rates of `years`."""

    percent: float
    interval: Interval
    slope: float  # of ln(rate), per year
    slope_error: float
    years: tuple[int, ...]


def annual_percent_change(
    years: Sequence[int], rates: Sequence[float], standard_errors: Sequence[float] | None = None, level: float = LEVEL
) -> AnnualChange:
    """The annual percent change 100 (exp(b) − 1), b the slope of ln(rate) over calendar years by least squares.

    Interval: 100 (exp(b ± t SE(b)) − 1), t with m − 2 degrees of freedom for m years. With `standard_errors` each year weighs
    (rate / SE)², the inverse of the variance of ln(rate); the spread about the line is estimated from the residuals in either case.
    Source: SEER*Stat, Trend Algorithms (annual percent change).

    A straight line is assumed, and nothing here says whether it is one. Raises RateError for fewer than 3 years, a year given
    twice, and a rate of 0, which has no logarithm.
    """
    _check_level(level)
    x, y = _by_group("years", years), _by_group("rates", rates)
    errors = y if standard_errors is None else _by_group("standard_errors", standard_errors)
    names = [f"{year:g}" for year in x]
    _check_lengths(names, years=x, rates=y, standard_errors=errors)
    if len(x) < 3 or len(set(names)) < len(names):
        raise RateError(f"years: found {', '.join(names) or 'none'}. Give three or more years, each once.")
    for name, values in (("rates", y), ("standard_errors", errors)):
        if (values == 0).any():
            where = ", ".join(year for year, value in zip(names, values, strict=True) if value == 0)
            raise RateError(f"{name}: found 0 for {where}; a rate of 0 has no logarithm. Pool years, or leave the trend out.")
    slope, error = _line(x, np.log(y), (y / errors) ** 2)
    reach = float(special.stdtrit(len(x) - 2, (1 + level) / 2)) * error
    low, high = (100 * math.expm1(bound) for bound in (slope - reach, slope + reach))
    return AnnualChange(100 * math.expm1(slope), Interval(low, high, level), slope, error, tuple(int(year) for year in x))


def _line(x: Numbers, y: Numbers, weight: Numbers) -> tuple[float, float]:
    """Slope and standard error of a line by weighted least squares."""
    share = weight / weight.sum()
    dx, dy = x - share @ x, y - share @ y
    spread = float(weight @ dx**2)
    slope = float(weight @ (dx * dy)) / spread
    residual = float(weight @ (dy - slope * dx) ** 2)
    return slope, math.sqrt(residual / (len(x) - 2) / spread)


# -- observed and expected -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ObservedToExpected:
    """A standardised incidence or mortality ratio: observed cases over those expected in the person-years at reference rates."""

    value: float
    interval: Interval
    observed: int
    expected: float


def expected_cases(person_years: Sequence[float], reference_rates: Sequence[float], per: float = PER) -> float:
    """The cases expected in these person-years at the rates of a reference population per `per` person-years: Σ n_j r_j / k."""
    years, rates, scale = _by_group("person_years", person_years), _by_group("reference_rates", reference_rates), _above_0("per", per)
    _check_lengths(_names(None, len(years)), person_years=years, reference_rates=rates)
    return math.fsum(years * rates) / scale


def standardised_ratio(observed: float, expected: float, level: float = LEVEL) -> ObservedToExpected:
    """SIR or SMR: O / E, with the exact Poisson interval of O over E; E is taken as known without error.

    Source: Breslow NE, Day NE. Statistical Methods in Cancer Research II. IARC Scientific Publications 82. Lyon: IARC; 1987, chapter 2.
    Ratios of two groups to the same reference are not comparable with one another where the groups differ in age.
    """
    count, reference = _whole("observed", observed), _above_0("expected", expected)
    exact = poisson_interval(count, level)
    return ObservedToExpected(count / reference, Interval(exact.low / reference, exact.high / reference, level), count, reference)


# -- quantiles, and what is permitted --------------------------------------------------------------------


def _scaled_gamma(shape_low: float, shape_high: float, scale_low: float, scale_high: float, level: float) -> tuple[float, float]:
    """The lower and the upper quantile, each of its own gamma distribution; shape 0 is a distribution at 0."""
    low = float(special.gammaincinv(shape_low, (1 - level) / 2)) * scale_low if shape_low else 0.0
    return low, float(special.gammaincinv(shape_high, (1 + level) / 2)) * scale_high


def _log_normal(value: float, spread: float, level: float) -> Interval:
    """value exp(± z spread), `spread` the standard error of the logarithm."""
    factor = math.exp(float(special.ndtri((1 + level) / 2)) * spread)
    return Interval(value / factor, value * factor, level)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise RateError(f"level: found {level:g}. Permitted: a share between 0 and 1, such as 0.95.")


def _number(name: str, value: float) -> float:
    found = float(value)
    if not 0 <= found < math.inf:
        raise RateError(f"{name}: found {found:g}. Permitted: numbers from 0 on. Look for the entry that made it.")
    return found


def _whole(name: str, value: float) -> int:
    found = _number(name, value)
    if found != int(found):
        raise RateError(f"{name}: found {found:g}. Permitted: whole numbers from 0 on, as cases are counted and not weighted here.")
    return int(found)


def _above_0(name: str, value: float) -> float:
    found = _number(name, value)
    if found == 0:
        raise RateError(f"{name}: found 0. Permitted: numbers above 0, as it is divided by.")
    return found


def _by_group(name: str, values: Sequence[float]) -> Numbers:
    """A list of numbers from 0 on."""
    return np.array([_number(f"{name}, place {place}", value) for place, value in enumerate(values, start=1)], dtype=np.float64)


def _names(groups: Sequence[str] | None, count: int) -> list[str]:
    return [str(place) for place in range(1, count + 1)] if groups is None else [*groups]


def _check_lengths(names: Sequence[str], **lists: Numbers) -> None:
    lengths = {name: len(values) for name, values in lists.items()}
    if len(names) not in lengths.values():
        lengths = {"groups": len(names), **lengths}
    if len(set(lengths.values())) > 1 or not names:
        found = ", ".join(f"{length} {name}" for name, length in lengths.items())
        raise RateError(f"Found {found}. Give one of each for every group, in the same order.")
