"""Standard populations: what the content holds, what fits a table, and what is refused."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from nelm.epidemiology.rates import standardised_rate
from nelm.epidemiology.standards import (
    FILE,
    StandardPopulationError,
    custom_standard,
    standard_population,
    standard_populations,
)
from nelm.knowledge.findings import ContentError

needs_reference_data = pytest.mark.skipif(
    "NELM_REFERENCE_DATA" not in os.environ, reason="NELM_REFERENCE_DATA is not set: third-party data are not part of the project"
)


def test_the_content_holds_those_for_survival_and_those_for_rates(content: Path) -> None:
    found = standard_populations(content)
    assert {name: standard.use for name, standard in found.items()} == {
        **dict.fromkeys(("icss_1", "icss_2", "icss_3"), "survival"),
        **dict.fromkeys(("europe_2013", "europe_1976", "world_1960"), "rates"),
    }
    assert all(len(standard.weights) == (5 if standard.use == "survival" else 18) for standard in found.values())
    assert all(sum(standard.weights) == standard.total == (100 if standard.use == "survival" else 100_000) for standard in found.values())
    assert all(sum(standard.shares) == pytest.approx(1) for standard in found.values())


def test_age_groups() -> None:
    survival, rates = standard_population("icss_1"), standard_population("europe_2013")
    assert survival.groups == ("15-44", "45-54", "55-64", "65-74", "75+")
    assert (rates.groups[0], rates.groups[-1]) == ("0-4", "85+")
    assert [survival.group_of(age) for age in (15, 44.99, 45, 75, 103)] == ["15-44", "15-44", "45-54", "75+", "75+"]
    with pytest.raises(StandardPopulationError, match="found the age 14, and its groups begin at 15 years"):
        survival.group_of(14)


def test_weights_go_with_the_groups_of_a_table() -> None:
    standard = standard_population("icss_2")
    assert standard.weights_for(["75+", "15-44", "45-54", "55-64", "65-74"]) == (14, 28, 17, 21, 20)
    weights = standard.weights_for(standard.groups)
    assert standardised_rate([1] * 5, [10] * 5, weights, groups=standard.groups).value == pytest.approx(1e4)


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        (["15-44", "45-54", "55-64", "65-74"], "the age group 75+ is missing from the table"),
        (["0-44", "45-54", "55-64", "65-74", "75+"], "the age group 0-44 is not in the standard"),
        (["15-44", "15-44", "55-64", "65-74", "75+"], "the age group 15-44 is twice"),
    ],
)
def test_weights_that_do_not_match_the_groups(groups: list[str], says: str) -> None:
    with pytest.raises(StandardPopulationError) as refused:
        standard_population("icss_1").weights_for(groups)
    assert says in str(refused.value)
    assert "It has 15-44, 45-54, 55-64, 65-74, 75+." in str(refused.value)


def test_a_standard_that_is_not_there() -> None:
    with pytest.raises(StandardPopulationError, match=r"'icss1' is not known\..*icss_1"):
        standard_population("icss1")


def test_any_standard_can_be_given() -> None:
    own = custom_standard("Our patients", [0, 1, 50], [10, 20, 70], use="rates", source="the registry itself, 2020")
    assert own.groups == ("0", "1-49", "50+")
    assert own.shares == pytest.approx((0.1, 0.2, 0.7))


@pytest.mark.parametrize(
    ("ages", "weights", "source", "says"),
    [
        ([0, 50], [1], "x", "Own, weights: Found 1 weights for 2 age groups"),
        ([0, 50], [1, -1], "x", "Own, weights: Found -1. A weight is a number from 0 on"),
        ([0, 50], [0, 0], "x", "Own, weights: Found no weight above 0"),
        ([50, 0], [1, 1], "x", "Own, from_age: Found [50, 0]"),
        ([], [], "x", "Own, from_age: Found []"),
        ([0, 50], [1, 1], " ", "Own, source: Found nothing"),
    ],
)
def test_own_standards_are_checked(ages: list[int], weights: list[float], source: str, says: str) -> None:
    with pytest.raises(StandardPopulationError) as refused:
        custom_standard("Own", ages, weights, use="rates", source=source)
    assert says in str(refused.value)


GOOD = """\
standards:
  - id: one
    label: One
    use: rates
    from_age: [0, 50]
    weights: [60.5, 39.5]
    total: 100
    outside: A book
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    assert standard_populations(_content(tmp_path, GOOD))["one"].weights == (60.5, 39.5)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("total: 100", "total: 1000", "7:5: Found 1000, and the weights sum to 100"),
        ("[60.5, 39.5]", "[60.5, 29.5, 10]", "6:5: Found 3 weights for 2 age groups"),
        ("[60.5, 39.5]", "[160.5, -60.5]", "6:5: Found -60.5"),
        ("[0, 50]", "[50, 50]", "5:5: Found [50, 50]"),
        ("outside: A book", "source: A book", "The field 'outside' is missing"),
        ("use: rates", "use: both", "'both' is not permitted. Permitted: 'survival' or 'rates'"),
        ("total: 100\n", "total: 100\n    sum: 100\n", "The field 'sum' is not known here"),
        ("    outside: A book\n", "    outside: A book\n" + GOOD.split("\n", 1)[1], "The id 'one' is given twice"),
        ("standards:", "populations:", "The field 'populations' is not known. Permitted: standards."),
        ("[60.5, 39.5]", "[60.5, many]", "'many'"),
    ],
)
def test_mistakes_in_the_file_are_told_with_their_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ContentError) as refused:
        standard_populations(_content(tmp_path, GOOD.replace(old, new)))
    assert f"content/{FILE}:" in str(refused.value)
    assert says in str(refused.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="cannot be read"):
        standard_populations(tmp_path)


def _content(folder: Path, text: str) -> Path:
    file = folder / FILE
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return folder


@needs_reference_data
def test_the_weights_are_those_that_others_have() -> None:
    """popEpi's standards for rates, and its five-year survival standards summed into five groups."""
    folder = Path(os.environ["NELM_REFERENCE_DATA"])
    with (folder / "popEpi_standard_populations.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name, theirs in (("world_1960", "world_1966_18of5"), ("europe_1976", "europe_1976_18of5")):
        assert standard_population(name).weights == tuple(float(row["weight"]) for row in rows if row["std"] == theirs)
    with (folder.parent / "outputs" / "reference_ICSS_5groups.csv").open(encoding="utf-8") as file:
        groups = list(csv.DictReader(file))
    for number in (1, 2, 3):
        assert standard_population(f"icss_{number}").weights == tuple(float(row[f"ICSS{number}"]) / 1000 for row in groups)
