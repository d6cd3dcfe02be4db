"""Limited-duration prevalence: exact against the synthetic reference, against a slow calculation, and by hand."""

from __future__ import annotations

import csv
import math
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from nelm.epidemiology.prevalence import FirstTumour, Prevalence, PrevalenceError, limited_duration_prevalence, years_before
from nelm.epidemiology.rates import poisson_interval

DATA = Path(__file__).parent / "data"
CLOSING = date(2022, 12, 31)
INDEX_DATES = (date(2005, 1, 1), date(2018, 1, 1))
EXACT = 1e-12

needs_reference_data = pytest.mark.skipif(
    "NELM_REFERENCE_DATA" not in os.environ, reason="NELM_REFERENCE_DATA is not set: third-party data are not part of the project"
)


def say(what: str, rows: int, largest: float) -> None:
    sys.stdout.write(f"{what}: {rows} rows compared, largest relative deviation {largest:.1e}\n")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def synthetic() -> pl.DataFrame:
    """The synthetic cohort; its persons have no other tumours than those in it."""
    found = pl.read_csv(DATA / "cohort.csv", try_parse_dates=True)
    return found.select(
        pl.col("person_id").alias("person"),
        pl.col("diag_date").alias("diagnosed"),
        pl.col("exit_date").alias("last_contact"),
        (pl.col("dead") == 1).alias("dead"),
        (pl.col("tumour_no") == 1).alias("first_ever"),
        "grade",
        "sex",
    )


def test_the_synthetic_reference(synthetic: pl.DataFrame) -> None:
    """R's counts, and its Kaplan–Meier of a single survival cohort."""
    rows, largest = table(DATA / "reference_prevalence.csv"), 0.0
    for row in rows:
        found = limited_duration_prevalence(
            synthetic,
            index=date.fromisoformat(row["index"]),
            years=int(row["duration"]),
            rule=FirstTumour(row["rule"]),
            closing=CLOSING,
        )
        assert (found.incident, found.alive, found.lost) == (int(row["incident"]), int(row["alive"]), int(row["lost"]))
        for value, name in ((found.lost_expected_alive, "lost_expected_alive_one_cohort_KM"), (found.count, "prevalence")):
            largest = max(largest, abs(value - float(row[name])) / (float(row[name]) or 1))
    say("prevalence of the synthetic cohort", len(rows), largest)
    assert len(rows) == 24
    assert largest < EXACT


def slowly(tumours: pl.DataFrame, index: date, years: int, rule: FirstTumour, by: str | None) -> tuple[int, int, int, int, float]:
    """The same as loops over rows, as the definition reads: incident, alive, dead, lost, expected alive of the lost."""
    chosen: dict[str, dict[str, object]] = {}
    start = index.replace(year=index.year - years)
    for row in sorted(tumours.iter_rows(named=True), key=lambda row: row["diagnosed"]):
        if start <= row["diagnosed"] < index and (rule is FirstTumour.IN_WINDOW or row["first_ever"]):
            chosen.setdefault(row["person"], row)
    groups: dict[object, list[tuple[int, bool, int]]] = {}
    for row in chosen.values():
        diagnosed, last = row["diagnosed"], row["last_contact"]
        assert isinstance(diagnosed, date)
        assert isinstance(last, date)
        seen = (min(last, index) - diagnosed).days
        groups.setdefault(row[by] if by else None, []).append((seen, bool(row["dead"]) and last < index, (index - diagnosed).days))
    alive = dead = lost = 0
    expected = []
    for group in groups.values():
        steps = list(_steps((days, died) for days, died, _ in group))
        for days, died, to_index in group:
            alive += days == to_index
            dead += died
            if days < to_index and not died:
                lost += 1
                expected.append(math.prod(factor for day, factor in steps if days < day <= to_index))
    return len(chosen), alive, dead, lost, math.fsum(expected)


def _steps(followed: Iterable[tuple[int, bool]]) -> Iterator[tuple[int, float]]:
    """The days with deaths, and what survival is multiplied with on each."""
    rows = list(followed)
    at_risk, deaths, leaving = len(rows), Counter(days for days, died in rows if died), Counter(days for days, _ in rows)
    for day in sorted(leaving):
        if deaths[day]:
            yield day, 1 - deaths[day] / at_risk
        at_risk -= leaving[day]


@pytest.mark.parametrize("rule", FirstTumour)
def test_every_duration_from_1_to_29_years(synthetic: pl.DataFrame, rule: FirstTumour) -> None:
    largest, rows = 0.0, 0
    for index in INDEX_DATES:
        for years in range(1, 30):
            for by in (None, "grade"):
                found = limited_duration_prevalence(
                    synthetic, index=index, years=years, rule=rule, closing=CLOSING, cohorts=[by] if by else []
                )
                *counts, expected = slowly(synthetic, index, years, rule, by)
                assert [found.incident, found.alive, found.dead, found.lost] == counts
                largest, rows = max(largest, abs(found.lost_expected_alive - expected) / (expected or 1)), rows + 1
    say(f"prevalence by loops, {rule.value}", rows, largest)
    assert rows == 116
    assert largest < EXACT


def test_durations_beyond_the_table_count_everything(synthetic: pl.DataFrame) -> None:
    """100 years, and no limit at all, are the same number here, under different names."""
    whole, long = (ask(synthetic, years=years) for years in (None, 100))
    assert whole.count == long.count
    assert whole.incident == synthetic.filter(pl.col("diagnosed") < date(2018, 1, 1))["person"].n_unique()
    assert (whole.label, long.label) == (
        "limited-duration prevalence on 2018-01-01",
        "100-year limited-duration prevalence on 2018-01-01",
    )


def ask(
    tumours: pl.DataFrame,
    *,
    index: date = date(2018, 1, 1),
    years: int | None = 29,
    rule: FirstTumour = FirstTumour.IN_WINDOW,
    closing: date = CLOSING,
    cohorts: tuple[str, ...] = (),
    registered_since: date | None = None,
) -> Prevalence:
    return limited_duration_prevalence(
        tumours, index=index, years=years, rule=rule, closing=closing, cohorts=cohorts, registered_since=registered_since
    )


# -- by hand -------------------------------------------------------------------------------------------------


def people(*rows: tuple[str, str, str, bool] | tuple[str, str, str, bool, bool | None]) -> pl.DataFrame:
    """Person, diagnosed, last contact, dead, and whether it was the first ever (if not said: yes)."""
    data = [(row[0], date.fromisoformat(row[1]), date.fromisoformat(row[2]), row[3], row[4] if len(row) > 4 else True) for row in rows]
    schema = {
        "person": pl.String,
        "diagnosed": pl.Date,
        "last_contact": pl.Date,
        "dead": pl.Boolean,
        "first_ever": pl.Boolean,
    }
    return pl.DataFrame(data, schema=schema, orient="row")


SEEN, DIED = ("A", "2015-01-01", "2020-06-01", False), ("B", "2015-01-01", "2015-12-31", True)
LOST, DIED_EARLY = ("C", "2015-01-01", "2015-07-01", False), ("D", "2015-01-01", "2015-02-01", True)


def test_lost_is_neither_dead_nor_surely_alive() -> None:
    """D dies among four, B among two: S(181 d) = 3/4, S(1,096 d) = 3/8. C is alive with probability 1/2."""
    found = ask(people(SEEN, DIED, LOST, DIED_EARLY), years=5)
    assert (found.incident, found.alive, found.dead, found.lost) == (4, 1, 2, 1)
    assert found.lost_expected_alive == pytest.approx(0.5)
    assert found.count == pytest.approx(1.5)
    assert found.notes == ()
    # By weight: A 1 + 1/4, B −1/2 + 1/4, C 1/2, D 0. B's death halves the chance of C, A's life mends it by half as much.
    assert found.variance == pytest.approx(1.25**2 + 0.25**2 + 0.5**2)
    exact, spread = poisson_interval(1.5), math.sqrt(found.variance / 1.5)
    assert found.interval.low == 0
    assert found.interval.high == pytest.approx(1.5 + spread * (exact.high - 1.5))


def test_without_lost_persons_the_interval_is_that_of_a_poisson_count() -> None:
    found = ask(people(SEEN, DIED, DIED_EARLY), years=5)
    assert found.variance == found.count == 1
    assert (found.interval.low, found.interval.high) == pytest.approx((poisson_interval(1).low, poisson_interval(1).high))


def test_on_the_index_date() -> None:
    """Who dies on it, or was last seen on it, was alive when it began; who is diagnosed on it is not yet in."""
    found = ask(
        people(("A", "2015-01-01", "2018-01-01", True), ("B", "2015-01-01", "2018-01-01", False), ("C", "2018-01-01", "2020-01-01", False))
    )
    assert (found.incident, found.alive) == (2, 2)


def test_the_window_begins_with_the_same_day_of_the_calendar() -> None:
    tumours = people(("A", "2015-01-01", "2020-01-01", False), ("B", "2014-12-31", "2020-01-01", False))
    assert [ask(tumours, years=years).alive for years in (3, 4)] == [1, 2]
    assert ask(tumours, years=3).since == date(2015, 1, 1)
    assert years_before(date(2016, 2, 29), 4) == date(2012, 2, 29)
    assert years_before(date(2016, 2, 29), 1) == date(2015, 3, 1)


def test_deaths_after_the_index_date_say_nothing_about_it() -> None:
    later = ("B", "2015-01-01", "2019-01-01", True)
    assert ask(people(SEEN, later, LOST)).lost_expected_alive == 1


def test_both_rules() -> None:
    """A has a second tumour; B's only one of the table was not the first of all; of C it is not known."""
    tumours = people(
        ("A", "2009-01-01", "2020-01-01", False, True),
        ("A", "2016-01-01", "2020-01-01", False, False),
        ("B", "2016-01-01", "2020-01-01", False, False),
        ("C", "2016-01-01", "2020-01-01", False, None),
        ("D", "2016-01-01", "2020-01-01", False, True),
        ("D", "2017-01-01", "2020-01-01", False, None),
    )
    short, long = (ask(tumours, years=years, rule=FirstTumour.EVER) for years in (5, 10))
    assert (short.count, short.not_settled) == (1, 1)
    assert (long.count, long.not_settled) == (2, 1)
    assert short.notes == ("1 persons are left out, as it is not known whether their tumour was their first ever.",)
    assert ask(tumours, years=5).count == 4
    assert ask(tumours.drop("first_ever"), years=5).count == 4


def test_survival_cohorts_are_apart() -> None:
    """By sex: among men nobody died; of the women the only one at risk did, after the loss of the other."""
    tumours = people(SEEN, LOST, ("E", "2015-01-01", "2015-07-01", False), ("F", "2015-01-01", "2016-01-01", True)).with_columns(
        sex=pl.Series(["m", "m", None, None])
    )
    men, unknown = ask(tumours, cohorts=("sex",)).cohorts
    assert (men.key, men.lost_expected_alive, men.beyond_follow_up) == (("m",), 1, 0)
    assert (unknown.key, unknown.lost_expected_alive, unknown.beyond_follow_up) == (("not known",), 0, 0)


def test_survival_beyond_the_longest_follow_up_is_noted() -> None:
    found = ask(people(LOST, DIED_EARLY))
    assert found.lost_expected_alive == 1
    assert found.notes == ("For 1 of 1 lost persons survival was carried on beyond the longest follow-up of their survival cohort.",)


def test_a_registry_younger_than_the_window_is_noted() -> None:
    (note,) = ask(people(SEEN), registered_since=date(1999, 1, 1)).notes
    assert (
        note
        == "Registration began on 1999-01-01: people diagnosed before are not in the number, which is therefore not a 29-year prevalence."
    )
    assert ask(people(SEEN), years=None, registered_since=date(1999, 1, 1)).notes[0].endswith("are not in the number.")
    assert ask(people(SEEN), years=19, registered_since=date(1999, 1, 1)).notes == ()


def test_nobody() -> None:
    found = ask(people())
    assert (found.count, found.incident, found.cohorts, found.interval) == (0, 0, (), poisson_interval(0))
    assert ask(people(), rule=FirstTumour.EVER, cohorts=("person",)).count == 0


def test_proportion(synthetic: pl.DataFrame) -> None:
    found = ask(synthetic)
    proportion = found.proportion(2_000_000)
    assert proportion.value == pytest.approx(found.count / 20)
    assert (proportion.interval.low, proportion.interval.high) == pytest.approx((found.interval.low / 20, found.interval.high / 20))
    for population in (0, -1, math.nan, math.inf):
        with pytest.raises(PrevalenceError, match="Give the population on 2018-01-01"):
            found.proportion(population)


# -- what is refused -----------------------------------------------------------------------------------------


def test_follow_up_that_ends_before_the_index_date_is_refused() -> None:
    with pytest.raises(PrevalenceError, match="follow-up is complete to 2017-12-31, and the index date is 2018-01-01"):
        ask(people(SEEN), closing=date(2017, 12, 31))
    assert ask(people(SEEN), closing=date(2018, 1, 1)).count == 1


@pytest.mark.parametrize("years", [0, -1, 2018])
def test_durations_that_make_no_window(years: int) -> None:
    with pytest.raises(PrevalenceError, match=f"years: found {years}"):
        ask(people(SEEN), years=years)


def test_the_rule_has_to_be_chosen() -> None:
    with pytest.raises(TypeError, match="rule"):
        limited_duration_prevalence(people(SEEN), index=date(2018, 1, 1), years=5, closing=CLOSING)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("tumours", "says"),
    [
        (people(SEEN, ("B", "2016-01-01", "2015-12-31", True)), "found the last contact before the diagnosis in row 2 (of 2)"),
        (people(*[("B", "2016-01-01", "2015-12-31", True)] * 7), "in row 1, 2, 3, 4, 5 and 2 more (of 7)"),
        (
            people(("A", "2015-01-01", "2016-01-01", True), ("A", "2014-01-01", "2016-01-02", True, False)),
            "column last_contact: found different",
        ),
        (people(("A", "2015-01-01", "2016-01-01", True), ("A", "2014-01-01", "2016-01-01", False, False)), "column dead: found different"),
        (people(SEEN, SEEN), "column first_ever: found two first tumours of one person in row 1, 2"),
        (people(SEEN, LOST).with_columns(dead=pl.Series([True, None])), "column dead: found nothing entered in row 2"),
        (people(SEEN).with_columns(diagnosed=pl.lit(None, pl.Date)), "column diagnosed: found nothing entered in row 1"),
        (people(SEEN).with_columns(diagnosed=pl.lit("2015-01-01")), "column diagnosed: found String. Permitted: Date"),
        (people(SEEN).with_columns(dead=pl.lit(0)), "column dead: found Int32. Permitted: Boolean"),
        (people(SEEN).drop("first_ever", "dead"), "the columns dead, first_ever are missing"),
    ],
)
def test_tables_that_are_refused(tumours: pl.DataFrame, says: str) -> None:
    with pytest.raises(PrevalenceError) as refused:
        ask(tumours, rule=FirstTumour.EVER)
    assert says in str(refused.value)


def test_survival_cohorts_need_their_columns() -> None:
    with pytest.raises(PrevalenceError, match="the columns period are missing"):
        ask(people(SEEN), cohorts=("period",))


# -- third-party data ----------------------------------------------------------------------------------------


def sire(name: str) -> pl.DataFrame:
    """The Finnish data: one tumour each; three age groups and four periods of five years from 1993 on."""
    found = pl.read_csv(Path(os.environ["NELM_REFERENCE_DATA"]) / name)
    day = pl.col("dg_date", "ex_date").cast(pl.String).str.head(10).str.to_date()
    return found.with_columns(day).select(
        pl.int_range(pl.len()).alias("person"),
        pl.col("dg_date").alias("diagnosed"),
        pl.col("ex_date").alias("last_contact"),
        (pl.col("status") > 0).alias("dead"),
        ((pl.col("dg_age") >= 60).cast(pl.Int8) + (pl.col("dg_age") >= 70).cast(pl.Int8)).alias("age"),
        ((pl.col("dg_date").dt.year() - 1993) // 5).alias("period"),
    )


def duration(row: dict[str, str]) -> int | None:
    return None if row["duration_years"] == "Inf" else int(row["duration_years"])


@needs_reference_data
def test_prevalence_of_the_finnish_data() -> None:
    tumours = sire("popEpi_sire.csv").filter(pl.col("last_contact") > pl.col("diagnosed"))
    rows = table(Path(os.environ["NELM_REFERENCE_DATA"]).parent / "outputs" / "reference_prevalence_sire_plain.csv")
    for row in rows:
        found = ask(tumours, index=date.fromisoformat(row["index"]), years=duration(row), closing=date(2012, 12, 31))
        assert [found.incident, found.alive, found.dead, found.lost] == [int(row[name]) for name in ("incident", "alive", "died", "lost")]
    say("prevalence of the Finnish data", len(rows), 0)
    assert len(rows) == 12


@needs_reference_data
def test_prevalence_of_the_finnish_data_with_losses() -> None:
    tumours, largest = sire("derived_sire_with_losses.csv"), 0.0
    rows = table(Path(os.environ["NELM_REFERENCE_DATA"]).parent / "outputs" / "reference_prevalence_sire_losses_adjusted.csv")
    for row in rows:
        cohorts = () if row["cohorts"] == "none" else ("age", "period")
        index = date.fromisoformat(row["index"])
        found = ask(tumours, index=index, years=duration(row), closing=index + timedelta(days=1), cohorts=cohorts)
        assert (found.alive, found.lost) == (int(row["alive_observed"]), int(row["lost"]))
        for value, name in ((found.lost_expected_alive, "lost_expected_alive"), (found.count, "prevalence")):
            largest = max(largest, abs(value - float(row[name])) / float(row[name]))
    say("prevalence of the Finnish data with losses", len(rows), largest)
    assert len(rows) == 24
    assert largest < EXACT
