"""`nelm rates` on tables as others keep them: figures worked out another way, and what is refused."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from nelm.epidemiology.rates import StandardisedRate, annual_percent_change, rate_ratio, standardised_rate
from nelm.epidemiology.standards import standard_population
from tests.cli.test_commands import nelm
from tests.epidemiology.test_net_survival import DATA, rows_of
from tests.registry.foreign import DAYS_PER_YEAR, GERMAN_OPTIONS, write_german

YEARS = range(1985, 2023)
STANDARD = standard_population("europe_2013")
OPTIONS = [option for option in GERMAN_OPTIONS if option not in {"--code", "dead=ja,alive=nein"}]


def lived(year: int, sex: str, age: int) -> int:
    """The made-up population of one year of age."""
    return 9000 - 60 * age + 20 * (year - 2000) + (400 if sex == "female" else 0)


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By single years of age, men coded 1."""
    file = tmp_path_factory.mktemp("population") / "population.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        table = csv.writer(text)
        table.writerow(["year", "sex", "age", "people"])
        table.writerows(
            (year, code, age, lived(year, sex, age)) for year in YEARS for code, sex in ((1, "male"), (2, "female")) for age in range(101)
        )
    return file


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_german(tmp_path_factory.mktemp("german") / "kohorte.csv")


POPULATION = ("--population-column", "population=people", "--population-sex", "male=1,female=2")


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def table_in(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def expected_rate(years: range, sex: str) -> StandardisedRate:
    """The standardised rate of one sex in some years, counted in loops."""
    cases: Counter[str] = Counter()
    for row in rows_of(DATA / "cohort.csv"):
        if row["tumour_no"] == "1" and {"1": "male", "2": "female"}[row["sex"]] == sex and int(row["diag_date"][:4]) in years:
            cases[STANDARD.group_of(int(row["age_days"]) / DAYS_PER_YEAR)] += 1
    people: Counter[str] = Counter()
    for year in years:
        for age in range(101):
            people[STANDARD.group_of(age)] += lived(year, sex, age)
    return standardised_rate([cases[name] for name in STANDARD.groups], [people[name] for name in STANDARD.groups], STANDARD.weights)


def test_rates_ratios_and_trends_are_those_of_counts_in_loops(german: Path, population: Path, tmp_path: Path) -> None:
    result = nelm(
        *("rates", german, "--population", population, "--by", "sex", "--standard", "europe_2013", "--period", "2000-2009"),
        *("--ratio", "sex=female", *OPTIONS, *POPULATION, "-o", tmp_path),
    )
    assert result.exit_code == 0, result.output
    rates = {sex: expected_rate(range(2000, 2010), sex) for sex in ("male", "female")}
    for row in rows(tmp_path / "rates.csv"):
        rate = rates[row["sex"]]
        assert (int(row["cases"]), float(row["person_years"])) == (rate.cases, rate.person_years)
        for name, value in (
            ("standardised_rate", rate.value),
            ("standard_error", rate.standard_error),
            ("fay_feuer_lower", rate.fay_feuer.low),
            ("fay_feuer_upper", rate.fay_feuer.high),
            ("tiwari_upper", rate.tiwari_clegg_zou.high),
            ("crude_rate", 100_000 * rate.cases / rate.person_years),
        ):
            assert float(row[name]) == pytest.approx(value, rel=1e-12), name
    (ratio,) = rows(tmp_path / "rate-ratios.csv")
    found = rate_ratio(rates["male"], rates["female"])
    assert [float(ratio[name]) for name in ("ratio", "lower", "upper")] == pytest.approx([found.value, found.fay.low, found.fay.high])


def test_trend_of_yearly_rates(german: Path, population: Path, tmp_path: Path) -> None:
    result = nelm(
        *("rates", german, "--population", population, "--by", "year,sex", "--standard", "europe_2013", "--period", "2000-2009", "--trend"),
        *(*OPTIONS, *POPULATION, "-o", tmp_path),
    )
    assert result.exit_code == 0, result.output
    assert len(rows(tmp_path / "rates.csv")) == 20
    for row in rows(tmp_path / "rate-trends.csv"):
        yearly = [expected_rate(range(year, year + 1), row["sex"]) for year in range(2000, 2010)]
        found = annual_percent_change(range(2000, 2010), [rate.value for rate in yearly], [rate.standard_error for rate in yearly])
        assert float(row["annual_percent_change"]) == pytest.approx(found.percent)
        assert [float(row[name]) for name in ("lower", "upper")] == pytest.approx([found.interval.low, found.interval.high])


def test_the_toy_of_the_gamma_intervals(tmp_path: Path) -> None:
    """Counts by age group, a standard of one's own; R's asht has 150, 51.18–351.24 and 51.18–330.37."""
    counts = table_in(tmp_path, "counts.csv", "age_group;cases\n0-9;0\n10-19;1\n20-29;0\n30-39;2\n40+;3\n")
    people = table_in(tmp_path, "people.csv", "age_group,population\n0-9,1000\n10-19,2000\n20-29,1500\n30-39,800\n40+,300\n")
    standard = table_in(tmp_path, "toy.csv", "from_age,weight\n0,30\n10,25\n20,20\n30,15\n40,10\n")
    result = nelm("rates", counts, "--population", people, "--standard", standard, "--interval", "tiwari", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    (row,) = rows(tmp_path / "out" / "rates.csv")
    expected = {
        "cases": 6,
        "crude_rate": 107.142857142857,
        "exact_lower": 39.3195402409081,
        "exact_upper": 233.204893259262,
        "standardised_rate": 150,
        "standard_error": 64.7511261163336,
        "fay_feuer_lower": 51.1768222209591,
        "fay_feuer_upper": 351.235041094597,
        "tiwari_lower": 51.1768222209591,
        "tiwari_upper": 330.37484012226,
    }
    assert {name: float(row[name]) for name in expected} == pytest.approx(expected, rel=1e-8)
    assert "51.18 to 330.37" in " ".join(result.output.split())


def test_observed_to_expected(tmp_path: Path) -> None:
    """20 cases where 100 per 100,000 in 5,000 and 300 in 5,000 person-years are expected: O/E is 1."""
    cases = table_in(tmp_path, "cases.csv", "cases\n12\n8\n")
    people = table_in(tmp_path, "people.csv", "age_group,population\n0-39,3000\n40-49,2000\n50+,5000\n")
    reference = table_in(tmp_path, "reference.csv", "age_group,rate\n0-49,100\n50+,300\n")
    question = ("rates", cases, "--population", people, "--reference-rates", reference)
    result = nelm(*question, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    (row,) = rows(tmp_path / "out" / "observed-to-expected.csv")
    assert (row["observed"], float(row["expected"]), float(row["ratio"])) == ("20", 20, 1)
    assert float(row["lower"]) == pytest.approx(0.6108, abs=1e-4)
    reference.write_text("age_group,rate\n0-49,100\n", encoding="utf-8")
    refused = nelm(*question)
    assert refused.exit_code == 2
    assert "no reference rate for ages 50 to the end" in refused.output
    reference.write_text("age_group,rate\n0-44,100\n45+,300\n", encoding="utf-8")
    assert "no reference rate for ages 40 to 49" in nelm(*question).output


def test_groups_that_the_population_does_not_have(german: Path, population: Path, tmp_path: Path) -> None:
    result = nelm(
        *("rates", german, "--population", population, "--by", "Grad", "--period", "2000-2001", *OPTIONS, *POPULATION, "-o", tmp_path)
    )
    assert result.exit_code == 0, result.output
    assert "The population is not divided by Grad: each of these groups has the person-years of the whole." in result.output
    assert "--where limits the cases and not the population" in result.output
    found = rows(tmp_path / "rates.csv")
    assert len({row["person_years"] for row in found}) == 1
    assert {row["Grad"]: int(row["cases"]) for row in found} == Counter(
        row["grade"] for row in rows_of(DATA / "cohort.csv") if row["tumour_no"] == "1" and row["diag_date"][:4] in {"2000", "2001"}
    )


def test_groups_without_cases_have_a_rate_of_0_and_no_trend(tmp_path: Path) -> None:
    cases = table_in(tmp_path, "cases.csv", "year\n2000\n2002\n")
    people = table_in(tmp_path, "people.csv", "year,population\n2000,10\n2001,10\n2002,10\n")
    result = nelm("rates", cases, "--population", people, "--by", "year", "--trend", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert [float(row["crude_rate"]) for row in rows(tmp_path / "out" / "rates.csv")] == [10_000, 0, 10_000]
    (trend,) = rows(tmp_path / "out" / "rate-trends.csv")
    assert trend["annual_percent_change"] == ""
    assert "has no logarithm" in trend["note"]


def test_cases_that_cannot_be_used(tmp_path: Path) -> None:
    cases = table_in(
        tmp_path, "cases.csv", "year,sex,age\n2000,m,50\n2003,m,50\n2000,x,50\n2000,f,\n,f,50\n2000,f,-3\n2000,f,400\n2001,f,85\n"
    )
    people = table_in(
        tmp_path,
        "people.csv",
        "year,sex,age_group,population\n"
        + "".join(f"{year},{sex},{low},1000\n" for year in (2000, 2001) for sex in "mf" for low in ("0-84", "85+")),
    )
    standard = table_in(tmp_path, "two.csv", "from_age,weight\n0,90\n85,10\n")
    question = ("rates", cases, "--population", people, "--by", "sex", "--standard", standard, "--age-unit", "years")
    refused = nelm(*question)
    assert refused.exit_code == 2
    assert "6 of 8 rows cannot be used, and nothing was computed." in refused.output
    result = nelm(*question, "--drop-unusable", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert [(row["line"], row["column"], row["reason"]) for row in rows(tmp_path / "out" / "rejected.csv")] == [
        ("3", "year", "There is no population for it. Limit the years with --period, or give it."),
        ("4", "sex", "There is no population for it."),
        ("5", "age", "The age is not known."),
        ("6", "year", "The year is not known."),
        ("7", "age", "A negative age."),
        ("8", "age", "Older than anybody was at diagnosis."),
    ]


CASES = "year,age_group,cases\n2000,40-44,3\n2001,45-49,4\n"
PEOPLE = "year,age_group,population\n2000,40-44,1000\n2000,45-49,1000\n2001,40-44,1000\n2001,45-49,1000\n"


@pytest.mark.parametrize(
    ("cases", "people", "options", "says"),
    [
        (
            CASES,
            PEOPLE + "2002,40-44,1000\n",
            (),
            "In which years were cases registered? State it: --period 2000-2001, or --period 2000-2002.",
        ),
        (CASES, PEOPLE, ("--standard", "icss_1"), "was made for the survival of patients"),
        (CASES, PEOPLE, ("--standard", "wrld_1960"), "Did you mean 'world_1960'?"),
        (CASES, PEOPLE, ("--standard", "none.csv"), "none.csv: there is no such file"),
        (CASES, PEOPLE, ("--interval", "tiwari"), "this is an interval of standardised rates"),
        (CASES, PEOPLE, ("--trend",), "State them among the groups: --by year."),
        (CASES, PEOPLE, ("--ratio", "sex=female"), "'sex' is none of the groups"),
        (CASES, PEOPLE, ("--by", "year", "--ratio", "year"), "Permitted: COLUMN=ENTRY"),
        (CASES, PEOPLE, ("--by", "year", "--ratio", "year=1999"), "no group has '1999' in year. Permitted: 2000, 2001."),
        (CASES, PEOPLE, ("--per", "0"), "Permitted: between 0 and 1, and above 0."),
        (CASES, PEOPLE, ("--period", "2000"), "Permitted: two years, the earlier first"),
        (CASES, PEOPLE, ("--period", "1990-1991"), "no population in 1990–1991"),
        (CASES, PEOPLE.replace("1000\n", "-5\n", 1), (), "Person-years are a number from 0 on."),
        (CASES, PEOPLE.replace("population", "people"), (), "no column for population"),
        (CASES, PEOPLE.replace("2000,", ",", 1), (), "A population has to say whose it is."),
        (CASES, PEOPLE.replace("40-44", "40-46"), ("--standard", "europe_2013"), "the age group 40-46 lies in no single group of European"),
        (CASES.replace("40-44", "forty"), PEOPLE, ("--standard", "europe_2013"), "This is no age group. Permitted: 40-44, 85+, or 63"),
        (CASES.replace(",3", ",3.5"), PEOPLE, (), "This is no whole number."),
        (CASES.replace(",3", ",-3"), PEOPLE, (), "Cases are counted: a whole number from 0 on."),
        ("age\n50\n", "age_group,population\n50,9\n", ("--standard", "europe_2013"), "age: the unit is not stated"),
        ("cases\n5\n", PEOPLE, (), "year (calendar year), or diagnosed (date of diagnosis) is needed"),
        ("year\n2000\n", "population\n9\n", ("--by", "year"), "has no column year"),
    ],
)
def test_what_is_refused(cases: str, people: str, options: tuple[str, ...], says: str, tmp_path: Path) -> None:
    result = nelm("rates", table_in(tmp_path, "cases.csv", cases), "--population", table_in(tmp_path, "people.csv", people), *options)
    assert result.exit_code == 2, result.output
    assert says in result.output
