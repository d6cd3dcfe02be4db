"""Registries that are odd but legal: nobody entered, nobody died, treatments without a date or after the closing day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from nelm.epidemiology.follow_up import times
from nelm.registry.annual import centres, comparisons, concordance, flow, incidence, methods, prevalence, quality, survival, treatments
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Section
from nelm.registry.annual.report import context_of
from nelm.registry.freeze.open import Freeze


@pytest.fixture(scope="module")
def context(freeze: Freeze) -> Context:
    return context_of(freeze)


def with_patients(context: Context, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Context:
    return replace(context, patients=replace(context.patients, frame=change(context.patients.frame)))


@pytest.fixture(scope="module")
def judged(context: Context) -> concordance.Compared | None:
    return concordance.compared(context)


def chapters(context: Context, found: concordance.Compared | None) -> list[Section]:
    given = treatments.decisions(context)
    few = [replace(each, covariates=(), resamples=50) for each in context.plan.comparisons]
    return [
        flow.chapter(context),
        quality.chapter(context),
        incidence.chapter(context),
        prevalence.chapter(context, prevalence.prevalences(context)),
        survival.chapter(context),
        treatments.chapter(context),
        comparisons.chapter(replace(context, plan=replace(context.plan, comparisons=tuple(few))), given),
        concordance.chapter(context, found),
        centres.chapter(context, found),
        *methods.chapters(context),
    ]


CHANGES: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "nobody entered": lambda frame: frame.clear(),
    "nobody died": lambda frame: frame.with_columns(dead=False, death=None, recorded_dead=False, end=pl.col("last_contact")),
    "everybody died": lambda frame: frame.with_columns(dead=True, recorded_dead=True, death=pl.col("end"), alive=False),
    "no day of the metastases": lambda frame: frame.with_columns(metastases=pl.lit(None, dtype=pl.Date)),
    "no sex of a life table": lambda frame: frame.with_columns(sex=pl.lit(None, dtype=pl.String)),
    "children": lambda frame: frame.with_columns(age_days=pl.lit(3000.0)),
    "one patient": lambda frame: frame.head(1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_chapter_has_words(context: Context, judged: concordance.Compared | None, name: str) -> None:
    odd = with_patients(context, CHANGES[name])
    for section in chapters(odd, judged if len(odd.patients) > 1 else concordance.compared(odd)):
        assert section.paragraphs or section.tables
        assert all(paragraph.strip() for paragraph in section.paragraphs)
        said = [*section.paragraphs, *(str(cell) for table in section.tables for row in table.frame.rows() for cell in row)]
        assert not re.search(r"\b(nan|inf)\b", " ".join(said))


def test_a_treatment_after_the_closing_day_is_not_judged(context: Context, judged: concordance.Compared | None) -> None:
    closing = context.settings.closing - timedelta(days=5 * 365)
    found = concordance.compared(replace(context, patients=replace(context.patients, closing=closing)))
    assert found is not None
    assert judged is not None
    assert found.judged["as_of"].max() <= closing  # type: ignore[operator]
    assert 0 < found.found.decisions < judged.found.decisions


def test_who_had_a_treatment_without_a_date_is_in_neither_group(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    given = treatments.decisions(context)
    before, _ = treatments.at_landmark(context, given)
    unknown = before["patient"].head(7)
    monkeypatch.setattr(treatments, "undated", lambda _: unknown)
    after, _ = treatments.at_landmark(context, given)
    assert set(before["patient"]) - set(after["patient"]) == set(unknown)
    assert "Left out: 7 with a treatment whose month is not known" in treatments.chapter(context).paragraphs[0]


def test_a_date_of_a_year_only_is_no_date_of_a_treatment(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pl.DataFrame({"patient": ["day", "month", "year", "none"], "date": ["2020-01-02", "2020-01", "2020", None]})
    monkeypatch.setattr(type(context.freeze), "entities", lambda *_: rows)
    assert sorted(treatments.undated(context)) == ["none", "year"]


def test_no_curve_tells_a_number_that_is_held_back(context: Context) -> None:
    """Three deaths in a hundred are 97 % alive; and the deaths of the next smallest group would follow from the sum."""
    died = {"few": 3, "some": 12, "many": 40}
    of = {name: times(exit_days=np.full(100, 400), dead=np.arange(100) < count) for name, count in died.items()}
    groups = {group.label: group for group in survival.grouped(context, of)}
    assert [(group.size, group.deaths) for group in groups.values()] == [("100", "<5"), ("100", "not shown"), ("100", "40")]
    assert [group.curve is None for group in groups.values()] == [True, True, False]
    table = survival.by_group(context, "t", "Title", list(groups.values()))
    assert table.frame["1_year"].to_list()[:2] == ["not shown", "not shown"]


def test_rows_of_prevalence_do_not_tell_what_lies_between_them(context: Context) -> None:
    """Each window holds the shorter ones: subtracting two rows that are printed never gives a small number."""
    section = prevalence.chapter(context, prevalence.prevalences(context))
    frame = section.tables[0].frame
    shown = frame.filter(pl.col("dead") != "not shown").select("new_in_the_window", "seen_alive", "dead", "lost")
    rows = [[int(cell.replace("\N{NO-BREAK SPACE}", "")) for cell in row] for row in shown.iter_rows()]
    between = [more - less for one, two in pairwise(rows) for less, more in zip(one, two, strict=True)]
    assert len(rows) >= 2
    assert not {1, 2, 3, 4} & {*between, *(count for row in rows for count in row)}


def test_a_shorter_window_is_not_printed_where_the_difference_is_small(context: Context) -> None:
    """Between three and five years lie two people who are alive; between one and five enough."""
    numbers = {1: (20, 10, 5, 5), 3: (52, 30, 12, 10), 5: (64, 32, 17, 15)}
    made: Any = tuple(SimpleNamespace(years=years, incident=of[0], alive=of[1], dead=of[2], lost=of[3]) for years, of in numbers.items())
    assert prevalence.printed(context, made) == {1, 5}


def test_a_prevalence_with_few_lost_is_nowhere_printed(context: Context) -> None:
    few = with_patients(context, lambda frame: frame.filter(~pl.col("dead") & (pl.col("end") == pl.lit(context.patients.closing))).head(3))
    section = prevalence.chapter(few, prevalence.prevalences(few))
    assert "not printed" in section.paragraphs[0]
    assert set(section.tables[0].frame["people"]) == {"not shown"}


def test_no_trend_over_the_years_that_happen_to_have_patients(context: Context) -> None:
    every = replace(context, settings=replace(context.settings, suppress_below=0))
    assert any("Annual change" in said for said in incidence.chapter(every).paragraphs)
    gap = with_patients(every, lambda frame: frame.filter(pl.col("metastases").dt.year() != 2015))
    assert "No trend is estimated" in " ".join(incidence.chapter(gap).paragraphs)


def test_a_year_that_is_not_over_has_no_rate(context: Context) -> None:
    middle = replace(context, settings=replace(context.settings, closing=date(2025, 6, 30)))
    assert incidence.last_whole_year(middle) == 2024
    assert incidence.chapter(middle).tables[0].frame["year"].to_list()[-1] == "2024"


def test_a_year_without_anybody_in_the_population_has_no_rate(context: Context) -> None:
    assert context.population is not None
    frame = context.population.frame.with_columns(persons=pl.when(pl.col("year") > 2020).then(0.0).otherwise("persons"))
    nobody = replace(context, population=replace(context.population, frame=frame))
    assert incidence.chapter(nobody).tables[0].frame["year"].to_list()[-1] == "2020"
    assert prevalence.chapter(nobody, prevalence.prevalences(nobody)).tables[0].frame.width == 8


def test_the_one_centre_that_is_held_back_does_not_follow_from_the_others(context: Context) -> None:
    table = next(table for table in quality.chapter(context).tables if table.id == "quality-by-centre")
    records = table.frame["records"].to_list()
    if "<5" in records:
        assert sum(not cell.isdigit() for cell in records) >= 2
    index = pl.DataFrame(
        {
            "centre": ["A", "B", "C"],
            "numerator": [30.0, 12.0, 2.0],
            "denominator": [60.0, 30.0, 20.0],
            "not_known": [0, 0, 0],
            "value": [50.0, 40.0, 10.0],
            "unit": ["percent"] * 3,
        }
    )
    assert quality._column(context, index) == {"A": "50.0", "B": "not shown", "C": "not shown"}


def test_reasons_are_not_counted_where_their_sum_is_held_back(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = context.freeze.table("entry")
    few = [
        entry.filter(pl.col("decision") == word).head(count) for word, count in (("eligible", 50), ("not_eligible", 7), ("undetermined", 3))
    ]
    monkeypatch.setattr(type(context.freeze), "table", lambda *_: pl.concat(few))
    section = flow.chapter(context)
    assert "Not eligible: not shown" in section.pictures[0].says
    assert set(section.tables[0].frame["patients"]) == {"not shown"}


def test_a_comparison_does_not_tell_small_numbers_in_its_words(context: Context) -> None:
    said = comparisons._without_small(context, "3 deaths in the arm, 12 persons, and 2 persons had it later; p 0.3 within 4 years.")
    assert said == "<5 deaths in the arm, 12 persons, and <5 persons had it later; p 0.3 within 4 years."
