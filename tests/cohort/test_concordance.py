"""Treatments against the documents in force: by hand in the orchard, and against the reference on random patients."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pytest

from nelm.advice.findings import Status, Word
from nelm.advice.statements import judge_statement
from nelm.advice.verdicts import Judge
from nelm.cohort.compiled import compile_cohort
from nelm.cohort.concordance import Concordance, comparing, in_one_cell, whole_patients
from nelm.cohort.outcomes import AGAINST, DECLINING, DIRECTING, FOR, MEANING, Outcome
from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from nelm.knowledge.load import load
from nelm.patient.facts import Facts
from tests.cohort.agreement import facts_from
from tests.cohort.orchard import orchard, trees, write_orchard
from tests.cohort.patients import facts_frame, random_patients

APPLE = {"kind": "apple", "age_years": 9, "height_m": 5, "sick": False}


def decided(*rows: dict[str, object]) -> tuple[Concordance, pl.DataFrame]:
    """The totals, and the single outcomes; in 1920, unless a row says otherwise."""
    frame = trees(*({"as_of": date(1920, 5, 1), "event": f"works {number}", **row} for number, row in enumerate(rows)))
    made = comparing(compile_cohort(orchard()), "works")
    found: list[pl.DataFrame] = []
    result = made.run([frame.select(made.columns)], found.append)
    return result, pl.concat(found)


def outcome(row: dict[str, object], guideline: str = "farmer", term: str | None = None) -> dict[str, object]:
    """What one book says about one decision: the outcome and those reasons that there are."""
    given = row["given"]
    assert isinstance(given, list)
    found = decided(row)[1].filter((pl.col("guideline") == guideline) & (pl.col("term") == (term or given[0]))).row(0, named=True)
    return {
        name: value for name, value in found.items() if value and name not in ("patient", "event", "as_of", "centre", "guideline", "term")
    }


PRUNED, SPRAYED, GRAFTED, WASHED = ({"given": [term]} for term in ("pruning", "spraying", "grafting", "washing"))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({**APPLE, **PRUNED}, {"outcome": "concordant", "for_applies": ["farmer/Q1.R1"]}),
        (
            {**APPLE, **PRUNED, "height_m": 2},
            {"outcome": "discordant", "for_fails": ["farmer/Q1.R1"], "criteria": ["farmer.high = no"], "differs": ["The tree is tall: no"]},
        ),
        (
            {**APPLE, **PRUNED, "height_m": 2, "sick": True},
            {
                "outcome": "discordant",
                "for_fails": ["farmer/Q1.R1"],
                "criteria": ["farmer.high = no", "farmer.ill = yes"],
                "differs": ["The tree is tall: no", "The tree is sick: yes"],
            },
        ),
        ({"kind": "apple", "sick": False, **PRUNED}, {"outcome": "not_assessable", "open": ["farmer/Q1.R1"], "waits_for": ["height_m"]}),
        ({**APPLE, **PRUNED, "kind": "quince"}, {"outcome": "out_of_scope"}),
        ({**APPLE, **PRUNED, "as_of": date(1910, 5, 31)}, {"outcome": "before_document"}),
        ({**APPLE, **PRUNED, "as_of": date(1910, 6, 1)}, {"outcome": "concordant", "for_applies": ["farmer/Q1.R1"]}),
        (
            {**APPLE, **SPRAYED, "sick": True, "age_years": 3},
            {"outcome": "contradictory", "for_applies": ["farmer/Q1.R2"], "against_applies": ["farmer/Q1.R3"]},
        ),
        (
            {"kind": "apple", **SPRAYED, "sick": True},
            {"outcome": "concordant", "for_applies": ["farmer/Q1.R2"], "open": ["farmer/Q1.R3"]},
        ),
        (
            {**APPLE, **SPRAYED, "age_years": 3},
            {
                "outcome": "discordant",
                "against_applies": ["farmer/Q1.R3"],
                "for_fails": ["farmer/Q1.R2"],
                "criteria": ["farmer.ill = no"],
                "differs": ["The tree is sick: no"],
            },
        ),
        (
            {"kind": "apple", **SPRAYED, "age_years": 3},
            {"outcome": "discordant", "against_applies": ["farmer/Q1.R3"], "open": ["farmer/Q1.R2"]},
        ),
        (
            {**APPLE, **GRAFTED},
            {"outcome": "not_addressed", "declines": ["farmer/Q1.R4"], "without_direction": ["farmer/Q1.R6"]},
        ),
        ({**APPLE, **WASHED}, {"outcome": "concordant", "for_applies": ["farmer/Q1.R5"]}),
        ({**WASHED}, {"outcome": "not_assessable", "open": ["farmer/Q1.R5"], "waits_for": ["kind"]}),
        ({**APPLE, "given": ["lopping"]}, {"outcome": "not_addressed"}),
    ],
)
def test_what_the_farmer_says(row: dict[str, object], expected: dict[str, object]) -> None:
    assert outcome(row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({**APPLE, **PRUNED}, {"outcome": "discordant", "against_applies": ["gardener/Q1.R1"]}),
        ({**APPLE, **PRUNED, "height_m": 2}, {"outcome": "not_addressed"}),
        ({**PRUNED}, {"outcome": "not_assessable", "open": ["gardener/Q1.R1"], "waits_for": ["height_m"]}),
        ({**APPLE, **PRUNED, "as_of": date(1950, 12, 31)}, {"outcome": "before_document"}),
        (
            {**WASHED, "height_m": 2, "age_years": 3},
            {"outcome": "not_addressed", "for_fails": ["gardener/Q1.R4"], "declines": ["gardener/Q1.R5"]},
        ),
        (
            {**WASHED, "height_m": 2},
            {"outcome": "not_assessable", "for_fails": ["gardener/Q1.R4"], "open": ["gardener/Q1.R5"], "waits_for": ["age_years"]},
        ),
    ],
)
def test_what_the_gardener_says(row: dict[str, object], expected: dict[str, object]) -> None:
    """The book is of 1950, no month is known: it counts from 1951 on."""
    assert outcome({"as_of": date(1951, 1, 1), **row}, "gardener") == expected


def test_without_a_day_nothing_can_be_said() -> None:
    assert outcome({**APPLE, **PRUNED, "as_of": None})["waits_for"] == ["as_of"]


def test_every_outcome_is_explained() -> None:
    assert set(MEANING) == set(Outcome)


def test_each_term_of_a_treatment_has_an_outcome() -> None:
    result, single = decided({**APPLE, "given": ["pruning", "lopping"]}, {"given": []}, {"given": None})
    assert single.select("event", "guideline", "term", "outcome").rows() == [
        ("works 0", "farmer", "pruning", "concordant"),
        ("works 0", "gardener", "pruning", "before_document"),
        ("works 0", "farmer", "lopping", "not_addressed"),
        ("works 0", "gardener", "lopping", "before_document"),
    ]
    assert (result.decisions, result.without_term) == (3, 2)


def test_lists_in_one_cell() -> None:
    single = in_one_cell(decided({**APPLE, **PRUNED, "height_m": 2, "sick": True})[1])
    assert single["differs"].to_list()[0] == "The tree is tall: no; The tree is sick: yes"


# -- totals --------------------------------------------------------------------------------------------------

DECISIONS = (
    {**APPLE, **PRUNED, "centre": "north"},
    {**APPLE, **PRUNED, "centre": "south", "height_m": 2},
    {**APPLE, **SPRAYED, "centre": "south", "sick": True, "as_of": date(1960, 5, 1)},
    {**APPLE, **PRUNED, "as_of": date(1960, 5, 1)},
)


def test_totals() -> None:
    totals = decided(*DECISIONS)[0].totals()
    assert totals.columns == ["guideline", *(found.value for found in Outcome), "of"]
    assert totals.rows() == [("farmer", 3, 1, 0, 0, 0, 0, 0, 4), ("gardener", 0, 1, 0, 0, 1, 0, 2, 4)]


def test_totals_in_groups() -> None:
    result = decided(*DECISIONS)[0]
    assert result.totals(["term"]).filter(guideline="farmer").select("term", "label", "concordant", "of").rows() == [
        ("pruning", "Pruning", 2, 3),
        ("spraying", "Spraying", 1, 1),
    ]
    assert result.totals(["centre", "year"]).filter(guideline="gardener").select("centre", "year", "discordant", "of").rows() == [
        ("north", "1920", 0, 1),
        ("not known", "1960", 1, 1),
        ("south", "1920", 0, 1),
        ("south", "1960", 0, 1),
    ]
    with pytest.raises(ValueError, match="colour: totals are made by guideline, term, centre, year"):
        result.totals(["colour"])


def test_small_totals() -> None:
    rows = [*[DECISIONS[0]] * 20, *[DECISIONS[1]] * 3, *[{**DECISIONS[0], "kind": "quince"}] * 6]
    assert decided(*rows)[0].totals(suppress_below=5).filter(guideline="farmer").rows() == [
        ("farmer", "20", "<5", "0", "0", "0", "suppressed", "0", "29")
    ]


def test_no_decisions() -> None:
    result = comparing(compile_cohort(orchard()), "works").run([])
    assert (result.decisions, result.totals().height, result.totals(["term"], 5).height) == (0, 0, 0)


# -- recommended, and something else given ---------------------------------------------------------------------


def test_recommended_and_not_given() -> None:
    """Whitewash holds for everybody; pruning was advised thrice, and was given at the second decision."""
    rows = [
        {**APPLE, "patient": "A", "as_of": date(1920, 1, 1), **SPRAYED},
        {**APPLE, "patient": "A", "as_of": date(1921, 1, 1), **PRUNED},
        {**APPLE, "patient": "A", "as_of": date(1922, 1, 1), **SPRAYED},
        {**APPLE, "patient": "B", "as_of": date(1905, 1, 1), **SPRAYED},  # no book yet
        {**APPLE, "patient": "B", "as_of": date(1925, 1, 1), **WASHED, "height_m": 2},  # not tall
    ]
    counted = decided(*rows)[0].recommended_not_given()
    assert counted.select("statement", "actions", "strength", "applied", "given", "not_given", "patients").rows() == [
        ("farmer/Q1.R1", "Pruning", "strong", 3, 2, 1, 1),
        ("farmer/Q1.R5", "Whitewash", "", 4, 1, 3, 1),
        ("gardener/Q1.R4", "Whitewash", "should", 0, 0, 0, 0),
    ]


def test_what_a_list_of_works_cannot_show_is_not_missed() -> None:
    assert "farmer/Q1.R7" not in decided({**APPLE, **PRUNED})[0].recommended_not_given()["statement"].to_list()


def test_few_that_were_not_given_are_not_shown() -> None:
    rows = [*[{**APPLE, **PRUNED}] * 9, *[{**APPLE, **SPRAYED}] * 2]
    frame = decided(*({**row, "patient": f"P{number}"} for number, row in enumerate(rows)))[0].recommended_not_given(5)
    assert frame.filter(statement="farmer/Q1.R1").select("applied", "given", "not_given", "patients").row(0) == (
        "11",
        "suppressed",
        "<5",
        "<5",
    )


def test_blocks_divide_no_patient() -> None:
    blocks = [pl.DataFrame({"patient": list(names)}, schema={"patient": pl.String}) for names in ("", "aab", "", "b", "bcc", "d")]
    assert ["".join(block["patient"]) for block in whole_patients(blocks)] == ["aa", "bbb", "cc", "d"]
    assert list(whole_patients([])) == []


# -- when a document came out ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "first"),
    [("1910-05", date(1910, 6, 1)), ("1910-12", date(1911, 1, 1)), ("1910-05-09", date(1910, 5, 9)), (None, date(1911, 1, 1))],
)
def test_the_first_day_on_which_a_document_was_certainly_out(tmp_path: Path, published: str | None, first: date) -> None:
    assert published_as(tmp_path, published).guidelines["farmer"].guideline.in_force_from == first


@pytest.mark.parametrize("published", ["1910-13", "May 1910", "1910-5", "1910-02-30", "1910-W05-1"])
def test_what_is_neither_a_month_nor_a_day_is_refused(tmp_path: Path, published: str) -> None:
    with pytest.raises(ContentError, match=r"a month \(2014-01\) or a day \(2023-08-24\) is expected"):
        published_as(tmp_path, published)


def published_as(root: Path, published: str | None) -> Knowledge:
    write_orchard(root)
    file = root / "guidelines/farmer/guideline.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("published: 1910-05\n", f"published: {published}\n" if published else ""), encoding="utf-8")
    return load(root)


def test_both_documents_say_when_they_came_out(knowledge: Knowledge) -> None:
    days = {name: found.guideline.in_force_from for name, found in knowledge.guidelines.items()}
    assert days == {"nelm-2014": date(2015, 1, 1), "pnelm-2023": date(2023, 8, 24)}
    assert all(found.guideline.published_reading for found in knowledge.guidelines.values())


# -- the reference -------------------------------------------------------------------------------------------


def expected_outcome(knowledge: Knowledge, guideline: str, term: str, facts: Facts, day: date) -> Outcome:
    """The rules once more, decision by decision, on what the reference says of every statement."""
    compiled = knowledge.guidelines[guideline]
    scope = Judge(knowledge, facts).scope(guideline)
    if day < compiled.guideline.in_force_from:
        return Outcome.BEFORE_DOCUMENT
    if scope.word is Word.OUT:
        return Outcome.OUT_OF_SCOPE
    status: dict[str, list[Status]] = {"for": [], "against": [], "declines": []}
    for found in compiled.statements:
        stances = {"for": FOR, "against": AGAINST, "declines": DECLINING}
        if term in found.statement.actions and found.statement.kind in DIRECTING:
            for name in (name for name, several in stances.items() if found.statement.stance in several):
                one = judge_statement(found, knowledge, facts, scope).status
                if one is Status.NO_CONDITIONS:
                    one = Status.APPLIES if scope.word is Word.IN else Status.UNDETERMINED
                status[name].append(one)
    favours, opposes = (Status.APPLIES in status[name] for name in ("for", "against"))
    if favours or opposes:
        return Outcome.CONTRADICTORY if favours and opposes else Outcome.CONCORDANT if favours else Outcome.DISCORDANT
    if Status.UNDETERMINED in (status["for"] or status["against"]):
        return Outcome.NOT_ASSESSABLE
    if not status["for"] or Status.APPLIES in status["declines"]:
        return Outcome.NOT_ADDRESSED
    return Outcome.NOT_ASSESSABLE if Status.UNDETERMINED in status["declines"] else Outcome.DISCORDANT


def test_random_decisions_as_the_reference_judges_them(knowledge: Knowledge) -> None:
    random = Random(8)
    patients = random_patients(knowledge, 120, seed=8)
    actions = sorted(
        {action for compiled in knowledge.guidelines.values() for found in compiled.statements for action in found.statement.actions}
    )
    days = [random.choice((date(2010, 1, 1), date(2015, 1, 1), date(2024, 1, 1))) for _ in patients]
    given = [random.sample(actions, 6) for _ in patients]
    frame = facts_frame(knowledge, patients, as_of=days, given=given)
    single: list[pl.DataFrame] = []
    made = comparing(compile_cohort(knowledge))
    made.run([frame.select(made.columns)], single.append)
    found = {row[:3]: row[3] for row in pl.concat(single).select("patient", "guideline", "term", "outcome").iter_rows()}
    for number, values in enumerate(patients):
        facts = facts_from(values, knowledge)
        for term in given[number]:
            for guideline in knowledge.guidelines:
                expected = expected_outcome(knowledge, guideline, term, facts, days[number])
                assert found[f"P{number}", guideline, term] == expected.value
    rare = {Outcome.CONTRADICTORY.value}
    assert {outcome.value for outcome in Outcome} - set(found.values()) <= rare
