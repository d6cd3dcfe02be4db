"""Age-standardised survival held to R, by hand, and what it says where an age group has no estimate."""

from __future__ import annotations

import math
import sys
from datetime import date

import numpy as np
import pytest

from nelm.epidemiology.age_standardised import AgeStandardised, StandardisedEstimate, age_standardised
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, follow_up
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.net_survival import ederer2, pohar_perme
from nelm.epidemiology.standards import StandardPopulation, StandardPopulationError, custom_standard, standard_population
from nelm.epidemiology.support import Judgement, Support, SupportRule
from tests.epidemiology.cohorts import (
    DATA,
    colrec,
    flat_table,
    needs_reference_data,
    reference,
    rows_of,
    slovenia,
    synthetic,
    synthetic_table,
)

ICSS1 = standard_population("icss_1")
SYNTHETIC_YEARS = (1, 3, 5, 10, 15, 20)
COLREC_YEARS = (0.5, 1, 2, 3, 5, 7, 10, 15, 20)


def largest_deviation(found: tuple[StandardisedEstimate, ...], rows: list[dict[str, str]], names: dict[str, str]) -> float:
    assert [estimate.years for estimate in found] == [float(row["years"]) for row in rows]
    return max(
        abs(getattr(estimate, ours) - float(row[theirs]))
        for estimate, row in zip(found, rows, strict=True)
        for ours, theirs in names.items()
    )


def test_r_on_the_synthetic_cohort() -> None:
    found = age_standardised(synthetic(), ICSS1, lambda group: pohar_perme(group, synthetic_table(), years=SYNTHETIC_YEARS))
    rows = rows_of(DATA / "reference_age_standardised_icss1.csv")
    largest = largest_deviation(found.at(SYNTHETIC_YEARS), rows, {"survival": "as_net", "se": "se", "lower": "lo", "upper": "hi"})
    sys.stdout.write(f"age-standardised, synthetic: {len(rows)} rows, largest deviation {largest:.1e}\n")
    assert largest < 1e-8


@pytest.fixture(scope="module")
def standardised_colrec() -> AgeStandardised:
    """R has one patient of 12 years in the youngest group."""
    return age_standardised(colrec(), ICSS1.from_birth(), lambda group: pohar_perme(group, slovenia(), years=COLREC_YEARS))


@needs_reference_data
def test_r_on_colrec_day_by_day(standardised_colrec: AgeStandardised) -> None:
    """R's curves of the five age groups on the daily grid, weighted here."""
    shares = {f"agegr5={name}": share for name, share in zip(ICSS1.groups, ICSS1.shares, strict=True)}
    rows = [row for row in reference("reference_colrec_pp_daily_grid.csv") if row["group"] == "agegr5"]
    largest = 0.0
    for found in standardised_colrec.at(COLREC_YEARS):
        groups = {row["level"]: row for row in rows if float(row["years"]) == found.years}
        survival = sum(shares[level] * float(row["surv"]) for level, row in groups.items())
        variance = sum((shares[level] * float(row["surv"]) * float(row["std_err_log"])) ** 2 for level, row in groups.items())
        assert len(groups) == 5
        assert found.at_risk == min(int(row["n.risk"]) for row in groups.values())
        largest = max(largest, abs(found.survival - survival), abs(found.se - math.sqrt(variance)))
    sys.stdout.write(f"age-standardised, colrec day by day: {len(rows)} rows, largest deviation {largest:.1e}\n")
    assert largest < 1e-8


@needs_reference_data
def test_r_on_colrec(standardised_colrec: AgeStandardised) -> None:
    """R's own table was made between the times of exits, where its sums run on over several days: alike to 0.0007 up to 10 years."""
    rows = [row for row in reference("reference_colrec_age_standardised_net.csv") if float(row["years"]) <= 10]
    names = {"survival": "as_net_surv", "se": "se", "lower": "lower_log", "upper": "upper_log"}
    largest = largest_deviation(standardised_colrec.at(COLREC_YEARS[: len(rows)]), rows, names)
    sys.stdout.write(f"age-standardised, colrec: {len(rows)} rows, largest deviation {largest:.1e}\n")
    assert largest < 7e-4


@needs_reference_data
def test_late_values_that_say_nothing_are_refused(standardised_colrec: AgeStandardised) -> None:
    """15 years: 0.74 (0.28–1.98), or 0.80 (0.28–2.26) in R's table. The rule prints what has support, and says why it does not print this."""
    found = dict(zip(COLREC_YEARS, standardised_colrec.at(COLREC_YEARS), strict=True))
    assert (round(found[15].survival, 2), round(found[15].lower, 2), round(found[15].upper, 2)) == (0.74, 0.28, 1.98)
    judged = {years: SupportRule().judge(estimate) for years, estimate in found.items()}
    assert {years for years, judgement in judged.items() if judgement.support is Support.FULL} == set(COLREC_YEARS) - {15, 20}
    assert judged[15] == Judgement(Support.NONE, ("the standard error is 0.371, above 0.1",))
    assert judged[20] == Judgement(Support.NONE, ("3 at risk, fewer than 10",))


@needs_reference_data
def test_a_child_is_not_in_the_standard_of_adults() -> None:
    with pytest.raises(StandardPopulationError, match=r"found the age 12\.4822, and its groups begin at 15 years"):
        age_standardised(colrec(), ICSS1, kaplan_meier)


# -- by hand ------------------------------------------------------------------------------------------------------

TWO_GROUPS = custom_standard("Two groups", (0, 50), (3, 1), use="survival", source="made up for this test")
TWO_GROUPS_AND_CHILDREN = custom_standard("Children without weight", (0, 15, 50), (0, 3, 1), use="survival", source="made up for this test")


def people(*ages_ends_deaths: tuple[float, int, int]) -> FollowUp:
    ages, ends, deaths = zip(*ages_ends_deaths, strict=True)
    return follow_up(
        sex=["female"] * len(ages),
        age_days=[age * DAYS_PER_YEAR for age in ages],
        diagnosis=[date(2000, 1, 1)] * len(ages),
        exit_days=ends,
        dead=deaths,
    )


FOUR_AND_FIVE = people(
    *((30, 100, 1), (30, 800, 0), (30, 800, 0), (30, 800, 0)),
    *((50, 200, 1), (60, 300, 1), (60, 500, 0), (60, 900, 0), (60, 900, 0)),
)


@pytest.mark.parametrize("standard", [TWO_GROUPS, TWO_GROUPS_AND_CHILDREN])
def test_two_groups_by_hand(standard: StandardPopulation) -> None:
    """At one year: 3/4 of the younger alive, 3/5 of the older; weights 3/4 and 1/4. An empty group without weight asks for nothing."""
    (found,) = age_standardised(FOUR_AND_FIVE, standard, kaplan_meier, confidence=0.9).at([1])
    assert found.supported
    assert found.at_risk == 3
    assert found.survival == pytest.approx(0.75 * 0.75 + 0.25 * 0.6)
    greenwood = 0.75**2 / 12, 0.6**2 * (1 / 20 + 1 / 12)
    assert found.se == pytest.approx(math.sqrt(0.75**2 * greenwood[0] + 0.25**2 * greenwood[1]))
    assert found.lower == pytest.approx(found.survival * math.exp(-1.6448536269514722 * found.se / found.survival))
    assert found.upper == pytest.approx(found.survival * math.exp(1.6448536269514722 * found.se / found.survival))


def test_one_weight_alone_is_the_curve_of_that_group() -> None:
    only_old = custom_standard("Old", (0, 50), (0, 2), use="survival", source="made up for this test")
    curve = ederer2(FOUR_AND_FIVE.only(FOUR_AND_FIVE.persons.age_days >= 50 * DAYS_PER_YEAR), flat_table(1e-4))
    (found,) = age_standardised(FOUR_AND_FIVE, only_old, lambda group: ederer2(group, flat_table(1e-4))).at([1])
    (alone,) = curve.at([1])
    assert (found.survival, found.se, found.lower, found.upper) == pytest.approx((alone.survival, alone.se, alone.lower, alone.upper))


def test_a_group_without_anybody_at_risk_is_named() -> None:
    standardised = age_standardised(FOUR_AND_FIVE, TWO_GROUPS, kaplan_meier)
    at_2, at_2_3 = standardised.at([2, 2.3])
    assert at_2.supported
    assert not at_2_3.supported
    assert at_2_3.missing == ("0-49: 0 at risk, at least 1 asked for",)
    assert np.isnan([at_2_3.survival, at_2_3.se, at_2_3.lower, at_2_3.upper]).all()
    (strict,) = standardised.at([2], fewest_at_risk=3)
    assert strict.missing == ("50+: 2 at risk, at least 3 asked for",)


def test_an_empty_group_is_named_at_all_times() -> None:
    young = FOUR_AND_FIVE.only(FOUR_AND_FIVE.persons.age_days < 50 * DAYS_PER_YEAR)
    standardised = age_standardised(young, TWO_GROUPS, kaplan_meier)
    assert [group.persons for group in standardised.groups] == [4, 0]
    assert [found.missing for found in standardised.at([0, 1])] == [("50+: nobody in this age group",)] * 2


def test_a_group_in_which_all_died_has_no_standard_error() -> None:
    """At the time of the last death survival is 0: its logarithm has no variance, and nobody follows."""
    persons = people((30, 365, 0), (30, 800, 0), (60, 365, 1), (60, 365, 1))
    (found,) = age_standardised(persons, TWO_GROUPS, kaplan_meier).at([365 / DAYS_PER_YEAR])
    assert found.missing == ("50+: survival of 0 has no standard error",)


def test_what_is_refused() -> None:
    with pytest.raises(StandardPopulationError, match="European standard population 2013: made for rates"):
        age_standardised(FOUR_AND_FIVE, standard_population("europe_2013"), kaplan_meier)
    with pytest.raises(ValueError, match="confidence is 95"):
        age_standardised(FOUR_AND_FIVE, TWO_GROUPS, kaplan_meier, confidence=95)


def test_from_birth_changes_the_youngest_group_alone() -> None:
    assert ICSS1.from_birth().groups == ("0-44", "45-54", "55-64", "65-74", "75+")
    assert ICSS1.from_birth().weights == ICSS1.weights
    assert TWO_GROUPS.from_birth() is TWO_GROUPS
