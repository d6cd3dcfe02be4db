"""Registries that are odd but legal: nobody entered, nobody died, treatments without a date or after the closing day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

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
