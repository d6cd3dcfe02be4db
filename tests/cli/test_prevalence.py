"""`nelm prevalence` on tables as others keep them: the figures of R, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.test_commands import nelm
from tests.epidemiology.test_net_survival import DATA, rows_of
from tests.registry.foreign import GERMAN_OPTIONS, write_german

TABLE = """id,found,seen,state,first
A,2015-01-01,2020-06-01,0,1
B,2015-01-01,2015-12-31,1,1
C,2015-01-01,2015-07-01,0,1
D,2015-01-01,2015-02-01,1,1
"""
OPTIONS = (
    *("--column", "person=id", "--column", "diagnosed=found", "--column", "last_contact=seen", "--column", "status=state"),
    *("--code", "dead=1,alive=0", "--index", "2018-01-01", "--closing", "2021-12-31"),
)
FIRST = ("--rule", "first_in_window")


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def table_in(folder: Path, text: str) -> Path:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_row_of_r_through_a_table_with_other_columns(tmp_path: Path) -> None:
    german = write_german(tmp_path / "kohorte.csv")
    unasked = {"--where", "--age-unit"}
    options = [word for pair in zip(GERMAN_OPTIONS[::2], GERMAN_OPTIONS[1::2], strict=True) if pair[0] not in unasked for word in pair]
    expected = rows_of(DATA / "reference_prevalence.csv")
    durations = sorted({int(row["duration"]) for row in expected})
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for rule, more in (
        ("first_ever", ("--column", "first_ever=Nr", "--first-ever", "yes=1,no=2,no=3")),
        ("first_in_window", ()),
    ):
        for index in {row["index"] for row in expected}:
            result = nelm(
                *("prevalence", german, *options, "--rule", rule, *more, "--index", index, "--closing", "2022-12-31"),
                *("--years", ",".join(map(str, durations)), "-o", tmp_path / rule),
            )
            assert result.exit_code == 0, result.output
            found |= {(index, row["years"], rule): row for row in rows(tmp_path / rule / "prevalence.csv")}
    assert len(expected) == 24
    for row in expected:
        own = found[row["index"], row["duration"], row["rule"]]
        assert [own[name] for name in ("incident", "alive", "lost")] == [row[name] for name in ("incident", "alive", "lost")]
        assert float(own["prevalence"]) == pytest.approx(float(row["prevalence"]), rel=1e-12)


def test_the_lost_count_with_the_probability_of_being_alive(tmp_path: Path) -> None:
    """D dies among four, B among two: C, lost in between, is alive with probability 1/2; days since diagnosis say the same as dates."""
    days = "person,diagnosed,time,status\nA,2015-01-01,1978,0\nB,2015-01-01,364,1\nC,2015-01-01,181,0\nD,2015-01-01,31,1\n"
    (tmp_path / "days").mkdir()
    by_days = table_in(tmp_path / "days", days)
    asked = (*FIRST, "--years", "5,all", "--population", "1000", "--per", "1000")
    first = nelm("prevalence", table_in(tmp_path, TABLE), *OPTIONS, *asked, "-o", tmp_path / "first")
    second = nelm("prevalence", by_days, *OPTIONS[8:], *asked, "-o", tmp_path / "second")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    found = rows(tmp_path / "first" / "prevalence.csv")
    assert found == rows(tmp_path / "second" / "prevalence.csv")
    assert [row["years"] for row in found] == ["5", "all"]
    assert {(float(row["prevalence"]), float(row["per_1000"])) for row in found} == {(1.5, 1.5)}
    assert "limited-duration prevalence: people diagnosed before the window are not in it" in first.output


def test_groups_have_populations_of_their_own(tmp_path: Path) -> None:
    text = TABLE.replace("first", "sex").replace(",1\n", ",m\n", 1).replace(",1\n", ",f\n")
    population = tmp_path / "population.csv"
    population.write_text("sex,population\nm,100\nm,150\nf,1000\n", encoding="utf-8")
    question = ("prevalence", table_in(tmp_path, text), *OPTIONS, *FIRST, "--by", "sex", "--population", population, "--years", "5")
    assert nelm(*question, "-o", tmp_path).exit_code == 0
    found = {row["sex"]: row for row in rows(tmp_path / "prevalence.csv")}
    assert float(found["m"]["per_100000"]) == pytest.approx(400)
    assert float(found["f"]["population"]) == 1000
    population.write_text("sex,population\nm,100\n", encoding="utf-8")
    refused = nelm(*question)
    assert refused.exit_code == 2
    assert "no population is given for f" in refused.output


def test_survival_cohorts_and_persons_in_several_groups(tmp_path: Path) -> None:
    text = TABLE.replace("first", "site").replace(",1\n", ",gut\n") + "A,2016-01-01,2020-06-01,0,lung\n"
    result = nelm(
        *("prevalence", table_in(tmp_path, text), *OPTIONS, *FIRST, "--years", "5", "--by", "site", "--cohorts", "site"),
        *("--registered-since", "2014-06-01", "-o", tmp_path),
    )
    assert result.exit_code == 0, result.output
    assert "1 persons have tumours in several groups and count in each" in result.output
    assert "Registration began on 2014-06-01" in result.output
    assert [(row["site"], float(row["prevalence"])) for row in rows(tmp_path / "prevalence.csv")] == [("gut", 1.5), ("lung", 1)]


BAD = TABLE + (
    "E,2015-01-01,2014-12-31,0,1\nF,2015-01-01,,1,1\nG,,2016-01-01,0,1\nH,2015-01-01,2016-01-01,,1\n,2015-01-01,2016-01-01,0,1\n"
    "I,2015-01-01,2016-01-01,0,1\nI,2015-02-01,2016-02-01,0,1\nJ,2015-01-01,,0,1\nK,2015-01-01,2016-01-01,2,1\n"
)


def test_unusable_rows_are_listed(tmp_path: Path) -> None:
    question = (
        "prevalence",
        table_in(tmp_path, BAD),
        *OPTIONS,
        "--rule",
        "first_ever",
        "--column",
        "first_ever=first",
        "--first-ever",
        "yes=1,no=0",
    )
    refused = nelm(*question)
    assert refused.exit_code == 2
    assert "9 of 13 rows cannot be used, and nothing was computed." in refused.output
    result = nelm(*question, "--drop-unusable", "-o", tmp_path, "--years", "5")
    assert result.exit_code == 0, result.output
    assert [(row["line"], row["column"], row["reason"]) for row in rows(tmp_path / "rejected.csv")] == [
        ("6", "seen", "Follow-up ends before diagnosis."),
        ("7", "seen", "A death without a date."),
        ("8", "found", "The date of diagnosis is not known."),
        ("9", "state", "It is not known whether the person is alive."),
        ("10", "id", "It is not known who it is."),
        ("11", "seen", "The rows of this person differ in it."),
        ("11", "first", "Two first tumours of one person."),
        ("12", "seen", "The rows of this person differ in it."),
        ("12", "first", "Two first tumours of one person."),
        ("13", "seen", "The day of the last contact is not known."),
        ("14", "state", "It is not stated what this word means. State it with --code, or with --missing if it says that nothing is known."),
    ]
    assert float(rows(tmp_path / "prevalence.csv")[0]["prevalence"]) == 1.5


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((*OPTIONS[:-2], *FIRST), "Missing option '--closing'"),
        (OPTIONS, "Missing option '--rule'"),
        ((*OPTIONS, "--rule", "first_ever"), "no column for first_ever"),
        ((*OPTIONS, *FIRST, "--index", "2022-01-01"), "follow-up is complete to 2021-12-31, and the index date is 2022-01-01"),
        ((*OPTIONS, *FIRST, "--index", "1/1/2018"), "--index: found '1/1/2018'. Permitted: year-month-day"),
        ((*OPTIONS, *FIRST, "--years", "5,x"), "--years: found '5,x'. Permitted: whole years from 1 on"),
        ((*OPTIONS, *FIRST, "--population", "many"), "--population: found 'many'"),
        ((*OPTIONS, *FIRST, "--population", "-1"), "Permitted: numbers above 0"),
        ((*OPTIONS, *FIRST, "--population", "5", "--by", "first"), "Give a table with their columns and population."),
    ],
)
def test_questions_that_cannot_be_answered(options: tuple[str, ...], says: str, tmp_path: Path) -> None:
    result = nelm("prevalence", table_in(tmp_path, TABLE), *options)
    assert result.exit_code == 2
    assert says in result.output
