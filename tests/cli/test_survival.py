"""`nelm survival` on tables as others keep them: the figures of R, and what is said about rows and questions that cannot be used."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from nelm.epidemiology.life_table import read_life_table
from nelm.epidemiology.log_rank import log_rank
from nelm.registry.tables.mapping import TableMapping
from nelm.registry.tables.persons import read_persons
from tests.cli.test_commands import nelm
from tests.epidemiology.test_net_survival import DATA, TOLERANCE, rows_of
from tests.registry.foreign import GERMAN_OPTIONS, GERMAN_YAML, LIFE_TABLE, PARQUET_OPTIONS, write_german, write_parquet

COLUMN_OF = {"1": None, "sex": "Geschlecht", "grade": "Grad", "liver_met": "Leber", "agegr": "Altersgruppe"}
WRITTEN = {"1": "m", "2": "w"}
EVERYTHING = ("--fewest-at-risk", 1, "--largest-error", 1, "--doubtful-error", 1)
NUMBERS = {"survival": "surv", "lower": "lower", "upper": "upper"}


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_german(tmp_path_factory.mktemp("german") / "kohorte.csv")


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def table_in(folder: Path, text: str) -> Path:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return file


# -- the figures of R ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", TOLERANCE)
def test_every_row_of_r_through_a_table_with_other_columns(method: str, german: Path, tmp_path: Path) -> None:
    """Semicolons, decimal commas, days before months: as exact as the functions behind it. One method in all groups, the others in some."""
    expected = [row for row in rows_of(DATA / "reference_survival.csv.gz") if row["method"] == method]
    name = method.removesuffix(" daily grid")
    more = () if name == "kaplan-meier" else ("--life-table", LIFE_TABLE)
    closing = ("--closing", "2022-12-31") if name == "hakulinen" else ()
    compared, largest = 0, 0.0
    groups = COLUMN_OF if name == "pohar-perme" else {group: COLUMN_OF[group] for group in ("1", "sex")}
    for group, column in groups.items():
        folder = tmp_path / group
        by = ("--by", column) if column else ()
        result = nelm(
            *("survival", german, "--method", name, *more, *closing, *by, "--at", "1,3,5,10,15,20"),
            *EVERYTHING,
            *GERMAN_OPTIONS,
            "-o",
            folder,
        )
        assert result.exit_code == 0, result.output
        found = {(row[column] if column else "all", float(row["years"])): row for row in rows(folder / "survival.csv")}
        for row in (row for row in expected if row["group"] == group):
            level = row["level"].partition("=")[2] or "all"
            own = found[WRITTEN[level] if group == "sex" else level, float(row["years"])]
            largest = max(largest, *(abs(float(own[ours]) - float(row[theirs])) for ours, theirs in NUMBERS.items()))
            largest = max(largest, abs(float(own["standard_error"]) - float(row["std_err_log"]) * float(row["surv"])))
            compared += 1
    print(f"nelm survival, {name}: {compared} rows compared, largest deviation {largest:.1e}")  # noqa: T201 - `pytest -s` shows what was compared
    assert compared == (76 if name == "pohar-perme" else 18)
    assert largest < TOLERANCE[method]


def test_age_standardised_survival_of_r(german: Path, tmp_path: Path) -> None:
    result = nelm(
        *("survival", german, "--method", "pohar-perme", "--life-table", LIFE_TABLE, "--standard", "icss_1", "--age-groups"),
        *("--at", "1,3,5,10,15,20", *EVERYTHING, *GERMAN_OPTIONS, "-o", tmp_path),
    )
    assert result.exit_code == 0, result.output
    names = {"survival": "as_net", "standard_error": "se", "lower": "lo", "upper": "hi"}
    expected = rows_of(DATA / "reference_age_standardised_icss1.csv")
    for own, row in zip(rows(tmp_path / "survival.csv"), expected, strict=True):
        assert float(own["years"]) == float(row["years"])
        for ours, theirs in names.items():
            assert abs(float(own[ours]) - float(row[theirs])) < 1e-8, (row["years"], ours)
    by_age = rows(tmp_path / "survival-by-age.csv")
    assert Counter(row["age_group"] for row in by_age) == dict.fromkeys(("15-44", "45-54", "55-64", "65-74", "75+"), 6)
    (five_years,) = (row for row in by_age if row["age_group"] == "75+" and row["years"] == "5.0")
    (reference,) = (
        row
        for row in rows_of(DATA / "reference_survival.csv.gz")
        if (row["method"], row["level"], row["years"]) == ("pohar-perme daily grid", "agegr=75+", "5")
    )
    assert abs(float(five_years["survival"]) - float(reference["surv"])) < 1e-10


def test_parquet_days_and_a_mapping_file_give_the_same(german: Path, tmp_path: Path) -> None:
    """Dates in words, or days since diagnosis in typed columns; options, or a file that says the same."""
    (tmp_path / "german.yaml").write_text(GERMAN_YAML, encoding="utf-8")
    parquet = write_parquet(tmp_path / "cohort.parquet")
    question = ("--method", "pohar-perme", "--life-table", LIFE_TABLE, "--by", "sex", *EVERYTHING)
    for name, table, options in (
        ("options", german, GERMAN_OPTIONS),
        ("file", german, ("--mapping", tmp_path / "german.yaml")),
        ("parquet", parquet, PARQUET_OPTIONS),
    ):
        result = nelm("survival", table, *question, *options, "-o", tmp_path / name)
        assert result.exit_code == 0, result.output
    first, second, third = (rows(tmp_path / name / "survival.csv") for name in ("options", "file", "parquet"))
    assert {row["sex"] for row in first} == {"male", "female"}
    assert first == second == third


def test_groups_are_tested_and_drawn(german: Path, tmp_path: Path) -> None:
    result = nelm("survival", german, "--method", "kaplan-meier", "--by", "Grad", *GERMAN_OPTIONS, "-o", tmp_path)
    assert result.exit_code == 0, result.output
    persons = read_persons(
        german,
        TableMapping(
            columns={"status": "Gestorben", "last_contact": "Ende", "diagnosed": "Diagnose"},
            codes={"status": {"ja": "dead", "nein": "alive"}},
            date_order="dmy",
            where={"Nr": ("1",)},
        ),
        by=["Grad"],
        population=False,
    )
    direct = log_rank(persons.follow_up, persons.groups["Grad"].to_list())
    assert f"χ² {direct.chi_squared:.3f}, 2 df, p below 0.0001" in result.output
    tests = rows(tmp_path / "survival-tests.csv")
    assert [float(row["observed"]) for row in tests] == [684, 781, 447]
    assert {path.name for path in tmp_path.iterdir()} == {"survival.csv", "survival-curves.csv", "survival-tests.csv", "survival.svg"}
    picture = (tmp_path / "survival.svg").read_text(encoding="utf-8")
    assert "At risk" in picture
    for number in (1411, 1105, 484):
        assert f">{number}<" in picture, "the numbers at risk at diagnosis"


def test_what_has_no_support_is_not_printed(german: Path, tmp_path: Path) -> None:
    result = nelm("survival", german, "--method", "kaplan-meier", "--by", "Grad", "--at", "5,10", *GERMAN_OPTIONS, "-o", tmp_path)
    late = rows(tmp_path / "survival.csv")[-1]
    assert (late["Grad"], late["at_risk"], late["survival"], late["support"]) == ("3", "5", "", "refused")
    assert late["reasons"] == "5 at risk, fewer than 10"
    assert "1 of 6 estimates have too little support and are not given." in result.output
    drawn = [row for row in rows(tmp_path / "survival-curves.csv") if row["Grad"] == "3"]
    assert min(int(row["at_risk"]) for row in drawn) == 10


def test_a_period_looks_at_its_years_only(german: Path, tmp_path: Path) -> None:
    """Deaths of the period are those between its first and its last day."""
    result = nelm("survival", german, "--method", "kaplan-meier", "--period", "2010-2014", *GERMAN_OPTIONS, "-o", tmp_path)
    assert result.exit_code == 0, result.output
    deaths = {int(row["deaths"]) for row in rows(tmp_path / "survival.csv")}
    dates = [row["exit_date"] for row in rows_of(DATA / "cohort.csv") if row["tumour_no"] == "1" and row["dead"] == "1"]
    assert deaths == {sum("2010-01-01" <= day <= "2014-12-31" for day in dates)}
    assert "period 2010–2014" in result.output.replace("\n", " ")


CAUSES = "time,what\n10,0\n20,1\n30,2\n40,1\n50,0\n"


def test_probabilities_by_cause_by_hand(tmp_path: Path) -> None:
    """1/4 of the four at risk at 20, then 3/4 · 1/3, then 3/4 · 2/3 · 1/2."""
    table = table_in(tmp_path, CAUSES)
    result = nelm(
        *("survival", table, "--method", "aalen-johansen", "--column", "status=what", "--code", "alive=0,cancer=1,other=2"),
        *("--at", "0.12", *EVERYTHING, "-o", tmp_path / "out"),
    )
    assert result.exit_code == 0, result.output
    found = {row["event"]: float(row["probability"]) for row in rows(tmp_path / "out" / "survival.csv")}
    assert found == pytest.approx({"cancer": 0.5, "other": 0.25})


def test_probabilities_without_causes_add_up(german: Path, tmp_path: Path) -> None:
    for method, more in (("crude-probability", ("--life-table", LIFE_TABLE)), ("kaplan-meier", ())):
        result = nelm("survival", german, "--method", method, *more, "--at", "5", *GERMAN_OPTIONS, "-o", tmp_path / method)
        assert result.exit_code == 0, result.output
    died = [float(row["probability"]) for row in rows(tmp_path / "crude-probability" / "survival.csv")]
    (alive,) = (float(row["survival"]) for row in rows(tmp_path / "kaplan-meier" / "survival.csv"))
    assert len(died) == 2
    assert sum(died) + alive == pytest.approx(1, abs=1e-12)


# -- outside of the life table -----------------------------------------------------------------------------------


def test_who_lies_outside_of_the_life_table_is_said_and_listed(tmp_path: Path) -> None:
    """The second person is followed for 100 days after the end of the table, the third is older than it goes from the start."""
    table = read_life_table(LIFE_TABLE)
    end = date(table.years[-1] + 1, 1, 1)
    last_age = table.first_age + table.hazard.shape[1] - 1
    file = table_in(
        tmp_path,
        f"sex,age,diagnosed,time,status\nmale,60,2020-01-01,500,alive\nmale,60,{end - timedelta(days=10)},110,dead\n"
        f"female,{last_age + 2},2010-01-01,30,alive\n",
    )
    result = nelm(
        *("survival", file, "--method", "ederer2", "--life-table", LIFE_TABLE, "--age-unit", "years", "--at", "0.1"),
        *(*EVERYTHING, "-o", tmp_path / "out"),
    )
    assert result.exit_code == 0, result.output
    assert "130 person-days lie outside of the life table; the hazards at its edge were held for them." in result.output
    listed = [(row["line"], float(row["days_outside_life_table"])) for row in rows(tmp_path / "out" / "survival-outside-life-table.csv")]
    assert listed == [("3", 100), ("4", 30)]


def test_a_year_that_the_life_table_leaves_out(german: Path, tmp_path: Path) -> None:
    lines = [line for line in rows_of(LIFE_TABLE) if line["year"] != "2001"]
    file = tmp_path / "gap.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        table = csv.DictWriter(text, list(lines[0]))
        table.writeheader()
        table.writerows(lines)
    question = ("survival", german, "--method", "pohar-perme", "--life-table", file, *GERMAN_OPTIONS)
    refused = nelm(*question)
    assert refused.exit_code == 2
    assert "but no row for 2001" in refused.output
    assert nelm(*question, "--missing-years", "carry-forward").exit_code == 0


# -- rows that cannot be used --------------------------------------------------------------------------------------

BAD = """person,sex,age,diagnosed,last_contact,status
A,male,60,2010-01-01,2015-01-01,dead
B,male,61,2010-01-01,2009-12-31,alive
C,female,62,2010-01-01,,dead
D,unknown,63,2010-01-01,2015-01-01,dead
E,female,-1,2010-01-01,2015-01-01,dead
F,male,,2010-01-01,2015-01-01,dead
G,male,64,2010-13-01,2015-01-01,dead
H,male,164,2010-01-01,2015-01-01,dead
I,female,65,2010-01-01,2016-01-01,
J,female,66,2010-01-01,2016-01-01,alive
A,male,60,2010-01-01,2015-01-01,dead
K,,60,2010-01-01,2015-01-01,alive
L,female,,2010-01-01,,alive
M,female,60,2010-01-01
"""
EXPECTED = [
    ("2", "person", "A", "more than one row of this person"),
    ("3", "last_contact", "2009-12-31", "Follow-up ends before diagnosis."),
    ("4", "last_contact", "", "A death without a date."),
    ("5", "sex", "unknown", "It is not stated what this word means. State it with --sex"),
    ("6", "age", "-1.0", "A negative age."),
    ("7", "age", "", "The age at diagnosis is not known"),
    ("8", "diagnosed", "2010-13-01", "This is no day of the calendar."),
    ("9", "age", "164.0", "Older than anybody was at diagnosis. Is the age in days? Then state --age-unit days."),
    ("10", "status", "", "It is not known whether the person is alive."),
    ("12", "person", "A", "more than one row of this person"),
    ("13", "sex", "", "The sex is not known, and life tables are by it."),
    ("14", "last_contact", "", "It is not known the day of the last contact."),
    ("14", "age", "", "The age at diagnosis is not known"),
    ("15", "", "M,female,60,2010-01-01", "The row has 4 fields, the header 6."),
]
NET = ("--method", "ederer2", "--life-table", LIFE_TABLE, "--age-unit", "years", "--column", "person=person", "--at", "1", *EVERYTHING)


def test_every_unusable_row_is_named_with_line_and_column(tmp_path: Path) -> None:
    file = table_in(tmp_path, BAD)
    result = nelm("survival", file, *NET, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert f"{file}: 13 of 14 rows cannot be used, and nothing was computed." in result.output
    for line, column, _, reason in EXPECTED[:10]:
        assert f"{file}:{line}: {column}: found" in result.output
        assert reason in result.output
    assert "… and 4 more." in result.output
    assert list((tmp_path / "out").iterdir()) == []


def test_unusable_rows_are_left_out_on_request_and_listed(tmp_path: Path) -> None:
    file = table_in(tmp_path, BAD)
    result = nelm("survival", file, *NET, "--drop-unusable", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "1 persons, 0 deaths." in result.output
    assert "Left out as unusable: 13 rows" in result.output
    listed = rows(tmp_path / "out" / "rejected.csv")
    assert [(row["line"], row["column"], row["found"]) for row in listed] == [expected[:3] for expected in EXPECTED]
    for row, expected in zip(listed, EXPECTED, strict=True):
        assert expected[3] in row["reason"], row


def test_rows_are_not_left_out_without_a_place_for_the_list(tmp_path: Path) -> None:
    result = nelm("survival", table_in(tmp_path, BAD), *NET, "--drop-unusable")
    assert result.exit_code == 2
    assert "Say in which folder: --output DIR." in result.output


def test_times_and_entries(tmp_path: Path) -> None:
    file = table_in(tmp_path, "time,entry,status\n-5,0,alive\n10,10,dead\n10,-1,dead\n,0,dead\n20,5,dead\n12.5,0,alive\n30,,alive\n")
    result = nelm("survival", file, "--method", "kaplan-meier", "--column", "entry=entry", "--drop-unusable", "-o", tmp_path)
    assert result.exit_code == 0, result.output
    assert [(row["line"], row["column"], row["reason"]) for row in rows(tmp_path / "rejected.csv")] == [
        ("2", "time", "A negative time: follow-up ends before diagnosis."),
        ("3", "entry", "Observation begins when it has ended: the person was never under observation."),
        ("4", "entry", "A negative time: observation counts from diagnosis on."),
        ("5", "time", "A death without a time."),
        ("7", "time", "This is no whole number."),
        ("8", "entry", "It is not known when observation began."),
    ]


# -- questions and tables that cannot be used ------------------------------------------------------------------------

SMALL = "time,status\n10,alive\n20,dead\n"
DATED = "sex,age,diagnosed,last_contact,status\nmale,60,03/04/2010,05/06/2012,dead\n"
CENTURY = "status,time,sex,diagnosed,age\ndead,10,male,2010-01-01,60\n"


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        (SMALL, ("--method", "pohar-perme"), "Give its life table: --life-table FILE."),
        (SMALL, ("--method", "kaplan-meier", "--life-table", LIFE_TABLE), "makes no use of a life table"),
        (SMALL, ("--method", "hakulinen", "--life-table", LIFE_TABLE), "--closing DATE"),
        (SMALL, ("--method", "kaplan-meier", "--closing", "2020-01-01"), "makes no use of a closing date"),
        (SMALL, ("--method", "kaplan-meier", "--standard", "icss_1"), "is not standardised for age here"),
        (SMALL, ("--method", "kaplan-meier", "--age-groups"), "Name it: --standard icss_1."),
        (SMALL, ("--method", "aalen-johansen", "--period", "2000-2004"), "does not take part of the follow-up"),
        (SMALL, ("--method", "kaplan-meier", "--period", "2004-2000"), "Permitted: two years, the earlier first"),
        (SMALL, ("--method", "kaplan-meier", "--at", "1,x"), "--at: found '1,x'. Permitted: numbers"),
        (SMALL, ("--method", "kaplan-meier", "--at", "5,1"), "Permitted: numbers above 0, each once, rising."),
        (SMALL, ("--method", "kaplan-meier", "--confidence", "95"), "The confidence is 95."),
        (SMALL, ("--method", "kaplan-meier", "--largest-error", "0.01"), "doubtful_error ≤ largest_error"),
        (SMALL, ("--method", "kaplan-meier", "--by", "stage"), "--by stage: no column 'stage'. Found: time, status."),
        (SMALL, ("--method", "kaplan-meier", "--by", "a,a"), "each once"),
        (SMALL, ("--method", "kaplan-meier", "--column", "time=days"), "no column 'days'. Found: time, status."),
        (SMALL, ("--method", "kaplan-meier", "--column", "zeit=time"), "'zeit' is nothing that is read. Permitted: person, sex"),
        (SMALL, ("--method", "kaplan-meier", "--code", "tot=1"), "'tot' is no word for status. Permitted: alive, dead."),
        (SMALL, ("--method", "kaplan-meier", "--where", "status=lost"), "no row is left by --where"),
        (SMALL, ("--method", "kaplan-meier", "--code", "dead=1,alive=0"), "State it with --code"),
        (SMALL, ("--method", "aalen-johansen"), "Here it is alive, or the cause of death in a word of your own"),
        (SMALL, ("--method", "ederer2", "--life-table", LIFE_TABLE), "age (age at diagnosis, in the unit stated with --age-unit), or born"),
        (CENTURY, ("--method", "ederer2", "--life-table", LIFE_TABLE), "age: the unit is not stated"),
        (CENTURY, ("--method", "ederer2", "--life-table", "none.csv"), "--life-table none.csv: cannot be read"),
        (DATED, ("--method", "kaplan-meier"), "column 'last_contact' (last_contact): found '05/06/2012'. Only year-month-day"),
        (SMALL + "\n", ("--method", "kaplan-meier", "--separator", ";"), "Correct --separator."),
        ("time;a,b;status\n1;2;dead\n", ("--method", "kaplan-meier"), "State which: --separator"),
        ("time,last_contact,diagnosed,status\n1,2,3,dead\n", ("--method", "kaplan-meier"), "has time and last_contact, which say the same"),
        ("", ("--method", "kaplan-meier"), "the file is empty"),
        ("time,status\n", ("--method", "kaplan-meier"), "no row is left"),
    ],
)
def test_questions_that_cannot_be_answered(text: str, options: tuple[object, ...], says: str, tmp_path: Path) -> None:
    result = nelm("survival", table_in(tmp_path, text), *options, "--output", tmp_path / "out")
    assert result.exit_code == 2, result.output
    assert says in result.output
    assert not (tmp_path / "out" / "survival.csv").exists()


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes("time,status\n10,alive\n20,gestorben für immer\n".encode("iso-8859-1"))
    question = ("survival", file, "--method", "kaplan-meier", "--code", "dead=gestorben für immer,alive=alive", *EVERYTHING)
    refused = nelm(*question)
    assert refused.exit_code == 2
    assert f"{file}:3: byte 35 is not utf-8 text" in refused.output
    assert nelm(*question, "--encoding", "iso-8859-1").exit_code == 0


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = nelm("survival", tmp_path / "none.csv", "--method", "kaplan-meier")
    assert result.exit_code == 2
    assert "there is no such file" in result.output
