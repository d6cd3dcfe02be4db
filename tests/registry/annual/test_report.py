"""The annual report: its numbers are those of the freeze, counted again in another way; nothing small is printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pytest
from lifelines import KaplanMeierFitter

from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.registry.annual import centres, comparisons, concordance, flow, incidence, prevalence, quality, survival, treatments
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import AnnualReport, Section, Table
from nelm.registry.annual.persons import days_followed
from nelm.registry.annual.report import CHAPTERS, annual_report, context_of
from nelm.registry.freeze.open import Freeze


@pytest.fixture(scope="module")
def context(freeze: Freeze) -> Context:
    return context_of(freeze)


@pytest.fixture(scope="module")
def open_context(context: Context) -> Context:
    """The same with nothing held back."""
    return replace(context, settings=replace(context.settings, suppress_below=0))


@pytest.fixture(scope="module")
def report(freeze: Freeze) -> AnnualReport:
    return annual_report(freeze)


def table_of(section: Section, id_: str) -> Table:
    return next(table for table in section.tables if table.id == id_)


def number(text: str) -> float:
    return float(text.replace("\N{NO-BREAK SPACE}", ""))


def tables(report: AnnualReport) -> Iterator[Table]:
    for table in report.tables:
        if table.id not in ("versions", "files"):
            yield table


def test_the_report_names_its_freeze_and_what_it_is(report: AnnualReport, freeze: Freeze) -> None:
    assert report.freeze == f"{freeze.id}, closed on 2025-12-31"
    assert report.mark == "SYNTHETIC DATA"
    assert any("made up" in warning for warning in report.warnings)
    assert [section.id for section in report.sections] == [
        "entry",
        "quality",
        "incidence",
        "prevalence",
        "survival",
        "treatments",
        "comparisons",
        "concordance",
        "centres",
    ]
    assert "prognosis" in report.intended_use
    for ids in ([table.id for table in report.tables], [picture.id for section in report.sections for picture in section.pictures]):
        assert len(ids) == len(set(ids))
    assert all(picture.svg.startswith("<svg") and freeze.id in picture.svg for section in report.sections for picture in section.pictures)


def test_the_same_freeze_gives_the_same_report(report: AnnualReport, freeze: Freeze) -> None:
    told: list[int] = []
    again = annual_report(freeze, lambda done, _: told.append(done))
    assert told == list(range(1, len(told) + 1))
    assert len(told) == CHAPTERS
    assert all(one.frame.equals(two.frame) for one, two in zip(report.tables, again.tables, strict=True))
    assert [section.paragraphs for section in report.sections] == [section.paragraphs for section in again.sections]


def test_no_small_count_is_printed(report: AnnualReport) -> None:
    """In no column of counts stands a number from 1 to 4."""
    for table in tables(report):
        counts = [name for name in table.frame.columns if name in ("patients", "deaths", "of", "with", "dead", "lost", "seen_alive")]
        for name in counts:
            assert not {"1", "2", "3", "4"} & set(table.frame[name]), (table.id, name)


def test_entry_counts(open_context: Context, freeze: Freeze) -> None:
    section = flow.chapter(open_context)
    entry = freeze.table("entry")
    reasons = dict(table_of(section, "entry-reasons").frame.iter_rows())
    refused = entry.filter(pl.col("decision") == "not_eligible")
    assert sum(number(count) for count in reasons.values()) == refused["reasons"].list.len().sum()
    assert f"Entered: {(entry['decision'] == 'eligible').sum()}" in section.pictures[0].says


def test_quality_is_that_of_the_freeze(open_context: Context, freeze: Freeze) -> None:
    section = quality.chapter(open_context)
    all_centres = table_of(section, "quality").frame
    errors = freeze.table("findings").filter(pl.col("severity") == "error")["patient"].n_unique()
    row = all_centres.filter(pl.col("index") == "Records with errors").row(0)
    assert (number(row[1]), number(row[2])) == (errors, freeze.rows("facts"))
    centres_ = table_of(section, "quality-by-centre").frame
    assert sum(number(count) for count in centres_["records"]) == freeze.rows("facts")
    findings = table_of(section, "findings").frame
    assert number(findings["findings"][0]) == freeze.table("findings")["check"].value_counts()["count"].max()


def test_quality_hides_small_counts_and_their_shares(context: Context) -> None:
    frame = table_of(quality.chapter(context), "quality").frame
    for count, share in zip(frame["with"], frame["%"], strict=True):
        assert (share == "not shown") == (count in ("not shown", "<5"))


def test_incidence_is_counted_over_population(open_context: Context) -> None:
    section = incidence.chapter(open_context)
    frame = table_of(section, "incidence").frame
    seen = open_context.patients.frame["metastases"].drop_nulls().dt.year()
    assert frame["year"].to_list() == [str(year) for year in range(2005, 2026)]
    assert sum(number(count) for count in frame["patients"]) == ((seen >= 2005) & (seen <= 2025)).sum()
    assert open_context.population is not None
    row = frame.row(3, named=True)
    crude = 100_000 * number(row["patients"]) / open_context.population.of_year(int(row["year"]))
    assert row["crude_rate"].startswith(f"{crude:.2f} (")


def test_no_incidence_without_a_population(context: Context) -> None:
    referred = replace(context, settings=replace(context.settings, population_based=False))
    assert "no incidence" in incidence.chapter(referred).paragraphs[0]
    assert "no population" in incidence.chapter(replace(context, population=None)).paragraphs[0]


def test_prevalence_is_at_least_those_seen_alive(open_context: Context) -> None:
    found = prevalence.prevalences(open_context)
    frame = table_of(prevalence.chapter(open_context, found), "prevalence").frame
    patients = open_context.patients.followed
    alive = patients.filter((pl.col("end") >= open_context.settings.closing) & (pl.col("metastases") < open_context.settings.closing))
    assert number(frame["seen_alive"][-1]) == alive.height
    assert all(each.count >= each.alive for each in found)
    assert [each.years for each in found] == [1, 3, 5, 10, 29]


def test_survival_is_that_of_another_library(open_context: Context) -> None:
    frame = open_context.patients.followed
    other = KaplanMeierFitter().fit(days_followed(frame), frame["dead"].to_numpy())
    row = table_of(survival.chapter(open_context), "survival-all").frame.row(0)
    for years, cell in zip(open_context.plan.survival.years, row[1:], strict=True):
        if cell != "too few":
            assert cell.split(" ")[0] == f"{100 * float(other.predict(years * DAYS_PER_YEAR)):.1f}"


def test_groups_add_up(open_context: Context) -> None:
    section = survival.chapter(open_context)
    for name in open_context.plan.survival.by:
        frame = table_of(section, f"survival-{name}").frame
        assert sum(number(count) for count in frame["patients"]) == open_context.patients.followed.height
        assert sum(number(count) for count in frame["deaths"]) == open_context.patients.followed["dead"].sum()


def test_no_estimate_with_few_at_risk(open_context: Context) -> None:
    frame = open_context.patients.followed
    few = replace(open_context, patients=replace(open_context.patients, frame=frame.head(9)))
    row = table_of(survival.chapter(few), "survival-all").frame.row(0)
    assert set(row[1:]) == {"too few"}


def test_nobody_is_treated_by_living_long_enough(open_context: Context) -> None:
    """At the landmark everybody lives and is followed; a treatment after it changes nothing."""
    given = treatments.decisions(open_context)
    frame, treated = treatments.at_landmark(open_context, given)
    assert (days_followed(frame) > open_context.plan.treatment.landmark_days).all()
    later = given.with_columns(as_of=pl.col("as_of") + pl.duration(days=100_000))
    _, none = treatments.at_landmark(open_context, later)
    assert not any(column.any() for column in none.values())
    assert any(column.any() for column in treated.values())
    found = table_of(treatments.chapter(open_context), "survival-by-treatment").frame
    for term in found["treatment"].unique():
        assert sum(number(count) for count in found.filter(pl.col("treatment") == term)["patients"]) == frame.height


def test_a_comparison_says_who_is_in_it(open_context: Context) -> None:
    """Everybody who can be followed is compared, or left out for a reason; treatment is that of the landmark."""
    given = treatments.decisions(open_context)
    (resection,) = open_context.plan.comparisons
    few = replace(resection, covariates=(), resamples=50)  # three hundred patients bear no more
    section = comparisons.chapter(replace(open_context, plan=replace(open_context.plan, comparisons=(few,))), given)
    arms = table_of(section, "comparison-resection").frame
    flow_ = table_of(section, "comparison-resection-flow").frame
    compared = {row["arm"]: number(row["patients"]) for row in arms.iter_rows(named=True)}
    assert sum(compared.values()) + sum(number(count) for count in flow_["patients"]) == open_context.patients.followed.height
    assert any("It is an association" in paragraph for paragraph in section.paragraphs)
    after = [abs(float(cell)) for cell in table_of(section, "comparison-resection-balance").frame["difference_after"]]
    assert max(after) < 0.01  # overlap weights balance the means exactly


def test_no_comparison_without_two_arms(open_context: Context) -> None:
    nobody = treatments.decisions(open_context).clear()
    section = comparisons.chapter(open_context, nobody)
    assert "not compared. Nobody is treated" in " ".join(section.paragraphs)
    assert not section.tables


def test_concordance_counts_every_treatment_once_for_each_name(open_context: Context) -> None:
    found = concordance.compared(open_context)
    assert found is not None
    given = treatments.decisions(open_context).filter(pl.col("patient").is_in(open_context.patients.frame["patient"].implode()))
    frame = table_of(concordance.chapter(open_context, found), "concordance-totals").frame
    assert [number(count) for count in frame["of"]] == [given["given"].list.len().sum()] * 2
    assert found.judged.select("patient", "event", "guideline").is_duplicated().sum() == 0


def test_centres_are_counted_once(open_context: Context) -> None:
    found = concordance.compared(open_context)
    measure = next(centres.measures(open_context, found))
    frame = open_context.patients.followed
    days = days_followed(frame)
    longest = frame.select((pl.lit(open_context.settings.closing) - pl.col("metastases")).dt.total_days()).to_series().to_numpy()
    early = longest >= DAYS_PER_YEAR
    dead = frame["dead"].to_numpy() & (days <= DAYS_PER_YEAR)
    assert (dead & ~early).any()  # who died in the last year has no peers who could be seen to live
    assert sum(measure.events.values()) == (dead & early).sum()
    assert sum(measure.of.values()) == (early & (dead | (days >= DAYS_PER_YEAR))).sum()
    assert "centre outside of them is a reason to look at its data" in centres.chapter(open_context, found).limits[0]


def test_methods_say_what_was_run(report: AnnualReport, context: Context) -> None:
    said = " ".join(paragraph for section in report.methods for paragraph in section.paragraphs)
    for words in ("Pohar Perme", "Tiwari", "Spiegelhalter", "180 days", "90 days", "Counts from 1 to 4 are not printed"):
        assert words in said
    bare = annual_report_without_tables(context)
    assert "Tiwari" not in bare
    assert "there is none" in bare


def annual_report_without_tables(context: Context) -> str:
    from nelm.registry.annual import methods

    sections = methods.chapters(replace(context, population=None, life_table=None))
    return " ".join(paragraph for section in sections for paragraph in section.paragraphs)
