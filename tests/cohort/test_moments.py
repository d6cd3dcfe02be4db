"""The moment that facts are as of: how it is written, what is known then, and which records do not know it."""

from __future__ import annotations

from datetime import date

import pytest

from nelm.cohort.records.moments import AsRecorded, BeforeEach, Moment, OnDateOf, OnDay, UnknownMoment, Views, moment_of, views_of
from nelm.criteria import Value
from nelm.knowledge.base import Knowledge
from tests.patient.world import FALSE, TRUE, UNDETERMINED, count, number, record_of

BOAT = """
    as_of: 2021-06-30
    complete: [voyages]
    boat: {launched: 2019-05, scrapped: ">=2022"}
    surveys:
      - {date: 2020-01-10, holes: 0}
      - {date: 2020-03, holes: 2, surveyor: Ann}
      - {date: 2020-03-01, holes: 3}
      - {date: 2021-05-05, holes: 4}
      - {rust_percent: 5}
      - {date: "<2019", painted: true}
      - {date: 2021-12-24, holes: 5}
    voyages:
      - {date: 2020-01-10, voyage_kind: cargo}
      - {date: 2020-03-01, voyage_kind: ferry}
"""


def views_in(moment: str | None, knowledge: Knowledge, text: str = BOAT) -> Views:
    return views_of(record_of(text, knowledge), knowledge, moment_of(moment, knowledge))


def seen(views: Views, fact: str) -> list[tuple[str, str, Value]]:
    """Event, date and one fact of every view."""
    return [(view.event, str(view.facts.as_of), view.facts.value_of(fact)) for view in views.views]


@pytest.mark.parametrize(
    ("text", "moment", "name"),
    [
        (None, AsRecorded(), "as_recorded"),
        ("2020-12-31", OnDay(date(2020, 12, 31)), "2020-12-31"),
        ("launched", OnDateOf("launched"), "launched"),
        ("launched+90", OnDateOf("launched", 90), "launched+90"),
        ("each:voyages", BeforeEach("voyages"), "each:voyages"),
    ],
)
def test_moments_as_they_are_written(harbour: Knowledge, text: str | None, moment: Moment, name: str) -> None:
    assert moment_of(text, harbour) == moment
    assert moment.name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2020-02-30", "Found '2020-02-30'. Permitted: a day of the calendar as year-month-day, for example 2020-12-31."),
        ("2020-02", "Found '2020-02'. Permitted: a day of the calendar as year-month-day, for example 2020-12-31."),
        ("20200230", "Found '20200230'. Permitted: a day of the calendar as year-month-day, for example 2020-12-31."),
        ("each:voyage", "Found 'each:voyage'. Permitted after 'each:': surveys, voyages. Did you mean 'voyages'?"),
        ("each:boat", "Found 'each:boat'. Permitted after 'each:': surveys, voyages."),
        (
            "lunched",
            "Found 'lunched' as the moment that facts are as of. Permitted: a day (2020-12-31); a date of the record "
            "(launched, scrapped, next_survey), or so many days after it (DATE+90); or 'each:' with a list of the record (surveys, voyages). Did you mean 'launched'?",
        ),
    ],
)
def test_other_texts_are_refused(harbour: Knowledge, text: str, message: str) -> None:
    with pytest.raises(UnknownMoment) as refused:
        moment_of(text, harbour)
    assert str(refused.value) == message


@pytest.mark.parametrize("text", ["launched+", "launched+soon", "launched+-3", "length_m+3"])
def test_days_after_a_date_are_a_whole_number(harbour: Knowledge, text: str) -> None:
    with pytest.raises(UnknownMoment, match="as the moment that facts are as of"):
        moment_of(text, harbour)


@pytest.mark.parametrize(("moment", "day"), [("launched", "2019-05-31"), ("launched+7", "2019-06-07"), ("launched+99999999", "9999-12-31")])
def test_days_after_a_date_count_from_the_last_day_that_it_may_be(harbour: Knowledge, moment: str, day: str) -> None:
    (view,) = views_in(moment, harbour).views
    assert (view.event, str(view.facts.as_of)) == (moment, day)


def test_a_fact_that_is_no_date_is_no_moment(harbour: Knowledge) -> None:
    with pytest.raises(UnknownMoment, match="Found 'length_m' as the moment"):
        moment_of("length_m", harbour)


# -- one view of a record ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (None, ("as_recorded", "2021-06-30", count(4))),
        ("2020-02-01", ("2020-02-01", "2020-02-01", count(0))),
        ("2021-12-31", ("2021-12-31", "2021-12-31", count(5))),
    ],
)
def test_facts_as_of_a_day(harbour: Knowledge, moment: str | None, expected: tuple[str, str, Value]) -> None:
    views = views_in(moment, harbour)
    assert seen(views, "holes") == [expected]
    assert [view.given for view in views.views] == [None]
    assert (views.without_moment, views.without_entry) == (0, 0)


def test_without_a_date_of_its_own_all_is_known(harbour: Knowledge) -> None:
    assert seen(views_in(None, harbour, "surveys: [{date: 2030, holes: 1}]"), "holes") == [("as_recorded", "None", count(1))]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2019-05-17", "2019-05-17"),
        ("2019-05", "2019-05-31"),
        ("<2019", "2018-12-31"),
        ("2019-05 to 2020-02", "2020-02-29"),
    ],
)
def test_the_last_day_that_a_date_may_be(harbour: Knowledge, written: str, day: str) -> None:
    text = f"boat: {{launched: {written!r}}}"
    assert seen(views_in("launched", harbour, text), "ever_ferry") == [("launched", day, UNDETERMINED)]


@pytest.mark.parametrize("text", ["boat: {hull: wood}", 'boat: {launched: ">=2019"}', "boat: {launched: unknown}"])
def test_a_record_that_does_not_know_the_date(harbour: Knowledge, text: str) -> None:
    assert views_in("launched", harbour, text) == Views((), without_moment=1)


# -- before each entry of a list ----------------------------------------------------------------------


def test_before_each_entry_its_own_list_ends_before_its_day(harbour: Knowledge) -> None:
    """An entry of a month counts from the first day; an undated entry is always known; what is later than the record's date counts too."""
    views = views_in("each:surveys", harbour)
    assert seen(views, "holes") == [
        ("surveys 1", "2020-01-10", count(0, float("inf"))),
        ("surveys 2", "2020-03-01", count(0)),
        ("surveys 3", "2020-03-01", count(0)),
        ("surveys 4", "2021-05-05", count(2, 3)),
        ("surveys 7", "2021-12-24", count(4)),
    ]
    assert {view.facts.value_of("rust_percent") for view in views.views} == {number(5)}
    assert {view.facts.value_of("painted") for view in views.views} == {TRUE}
    assert (views.without_moment, views.without_entry) == (2, 0), "one has no date, one any day of the past"


def test_other_lists_are_known_by_the_day(harbour: Knowledge) -> None:
    assert seen(views_in("each:surveys", harbour), "ever_ferry") == [
        ("surveys 1", "2020-01-10", FALSE),
        ("surveys 2", "2020-03-01", TRUE),
        ("surveys 3", "2020-03-01", TRUE),
        ("surveys 4", "2021-05-05", TRUE),
        ("surveys 7", "2021-12-24", TRUE),
    ]
    assert seen(views_in("each:voyages", harbour), "ever_ferry") == [("voyages 1", "2020-01-10", FALSE), ("voyages 2", "2020-03-01", FALSE)]


def test_what_an_entry_shows_as_done(harbour: Knowledge) -> None:
    assert [view.given for view in views_in("each:surveys", harbour).views] == [
        (),
        ("sounding", "caulking"),
        ("caulking",),
        ("caulking",),
        ("caulking",),
    ]
    assert [view.given for view in views_in("each:voyages", harbour).views] == [(), ()]


@pytest.mark.parametrize(
    ("text", "without_moment", "without_entry"),
    [
        ("boat: {hull: wood}", 0, 1),
        ("voyages: [{crew: 3}, {crew: 4}]", 2, 0),
        ("voyages: [{date: 2020, crew: 3}, {crew: 4}]", 1, 0),
    ],
)
def test_entries_that_give_no_view(harbour: Knowledge, text: str, without_moment: int, without_entry: int) -> None:
    views = views_in("each:voyages", harbour, text)
    assert (views.without_moment, views.without_entry) == (without_moment, without_entry)


def test_treatments_of_the_content(knowledge: Knowledge) -> None:
    text = """
        tumour: {tumour_entity: net, primary_site: pancreas}
        specimens: [{date: 2019-01-02, specimen_site: primary, ki67_percent: 3}, {date: 2021-01-02, specimen_site: primary, ki67_percent: 9}]
        treatments:
          - {date: 2019-02, treatment_kind: psh, liver_resection_kind: parenchyma_sparing}
          - {date: 2021-03-01, treatment_kind: chemotherapy, systemic_regimen: CAPTEM}
        complete: [treatments]
    """
    views = views_in("each:treatments", knowledge, text)
    assert seen(views, "operation_on_liver_done") == [("treatments 1", "2019-02-01", FALSE), ("treatments 2", "2021-03-01", TRUE)]
    assert seen(views, "prior_chemotherapy") == [("treatments 1", "2019-02-01", FALSE), ("treatments 2", "2021-03-01", FALSE)]
    assert seen(views, "ki67_percent") == [("treatments 1", "2019-02-01", number(3)), ("treatments 2", "2021-03-01", number(9))]
    assert [view.given for view in views.views] == [
        ("liver_resection", "psh"),
        ("drug_temozolomide", "drug_capecitabine", "chemotherapy", "regimen_captem"),
    ]
