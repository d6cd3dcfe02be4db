"""Cells of a source as values of a record, as the mapping states them."""

from __future__ import annotations

from typing import Any

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.yamlfile import Mark
from nelm.registry.imports.cells import Problem, as_iso, read_cells
from nelm.registry.imports.mapping import Field, Written
from nelm.registry.tables.delimited_values import HasToBeStated


def _field(knowledge: Knowledge, name: str, **stated: Any) -> Field:
    written = Written(stated.pop("decimal", None), stated.pop("date_order", None), frozenset(stated.pop("missing", ())))
    return Field(name, knowledge.elements.get(name), Mark("mapping.yaml"), column=stated.pop("column", "x"), written=written, **stated)


def _read(knowledge: Knowledge, name: str, text: str, **stated: Any) -> Any:
    """The value of one cell, or the reason why there is none."""
    cells = read_cells(_field(knowledge, name, **stated), {"x": [text]})
    return cells.problems[0, "x"].reason if cells.problems else cells.values[0]


@pytest.mark.parametrize(
    ("name", "text", "stated", "value"),
    [
        ("ki67_percent", "12.5", {}, "12.5"),
        ("ki67_percent", " <2 ", {}, "<2"),
        ("ki67_percent", "<2,5", {"decimal": "comma"}, "<2.5"),
        ("ki67_percent", "1,5-2,5", {"decimal": "comma"}, "1.5-2.5"),
        ("ki67_percent", "1,5..2,5", {"decimal": "comma"}, "1.5..2.5"),
        ("ki67_percent", "", {}, None),
        ("ki67_percent", "?", {}, None),
        ("ki67_percent", "99", {"missing": ["99"]}, None),
        ("ki67_percent", "99", {}, "99"),
        ("primary_diameter_mm", "1.1", {"unit": "cm"}, "1.1 cm"),
        ("primary_diameter_mm", "<2", {"unit": "cm"}, "<2 cm"),
        ("primary_diameter_mm", "1 to 2", {"unit": "cm"}, "1 to 2 cm"),
        ("primary_diameter_mm", "≥ 2", {"unit": "cm"}, "≥ 2 cm"),
        ("primary_diameter_mm", "14 mm", {"unit": "cm"}, "14 mm"),
        ("sex", "1", {"words": {"1": "male"}}, "male"),
        ("sex", "f", {}, "f"),
        ("sex", "9", {"words": {"1": "male", "9": "unknown"}}, None),
        ("specimen_shows_disease", "j", {"words": {"j": "true", "n": "false"}}, "true"),
        ("primary_site", "small intestine", {}, "small intestine"),
        ("care_country", "DE", {}, "DE"),
        ("birth_date", "2020-03", {}, "2020-03"),
        ("birth_date", "03.04.2020", {"date_order": "dmy"}, "2020-04-03"),
        ("date", "3/4/2020", {"date_order": "mdy"}, "2020-03-04"),
        ("as_of", "2020", {"date_order": "mdy"}, "2020"),
        ("date", "unknown", {}, None),
        ("note", "n/a", {}, None),
        ("note", "03.04.2020, 1,5", {}, "03.04.2020, 1,5"),
        ("extrahepatic_sites", "bone", {}, "bone"),
        ("extrahepatic_sites", "1+2", {"split": "+", "words": {"1": "bone", "2": "lung"}}, ["bone", "lung"]),
    ],
)
def test_values(knowledge: Knowledge, name: str, text: str, stated: dict[str, Any], value: Any) -> None:
    assert _read(knowledge, name, text, **stated) == value


@pytest.mark.parametrize(
    ("name", "text", "stated", "reason"),
    [
        ("ki67_percent", "140", {}, "140 % is not permitted."),
        ("ki67_percent", "1,5", {"decimal": "point"}, "The decimal sign of this column is a point,"),
        ("ki67_percent", "1.5", {"decimal": "comma"}, "The decimal sign of this column is a comma,"),
        ("ki67_percent", "1.234,5", {"decimal": "comma"}, "The decimal sign of this column is a comma,"),
        ("primary_diameter_mm", "12 kg", {"unit": "cm"}, "the unit 'kg' is not permitted."),
        ("sex", "3", {"words": {"1": "male"}}, "The mapping does not say what this word means."),
        ("sex", "neither", {}, "'neither' is not permitted."),
        ("specimen_shows_disease", "j", {}, "'j' is not permitted."),
        ("birth_date", "31.02.2020", {"date_order": "dmy"}, "Found '2020-02-31', which is not a day of the calendar."),
        ("birth_date", "03.25.2020", {"date_order": "dmy"}, "Found '2020-25-03', which is not a day"),
        ("date", "3.4.20", {"date_order": "dmy"}, "'3.4.20' is not permitted."),
        ("date", "2020-02-31", {}, "Found '2020-02-31', which is not a day"),
        ("ki67_percent", "15-10", {}, "Found '15-10': the lower end is above the upper end."),
        ("extrahepatic_sites", "1+3", {"split": "+", "words": {"1": "bone"}}, "The mapping does not say what this word means."),
        ("extrahepatic_sites", "knee", {}, "'knee' is not permitted."),
    ],
)
def test_cells_that_cannot_be_used(knowledge: Knowledge, name: str, text: str, stated: dict[str, Any], reason: str) -> None:
    assert str(_read(knowledge, name, text, **stated)).startswith(reason)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("ki67_percent", "1,5", "found '1,5', in which the comma can mean two things. State in the mapping 'decimal: comma'"),
        ("birth_date", "03.04.2020", "found '03.04.2020'. Only year-month-day (2024-03-12) is read without being told"),
        ("birth_date", "<3/4/2020", "found '3/4/2020'."),
    ],
)
def test_what_could_mean_two_things_has_to_be_stated(knowledge: Knowledge, name: str, text: str, says: str) -> None:
    with pytest.raises(HasToBeStated) as found:
        read_cells(_field(knowledge, name), {"x": ["", "", text]})
    assert (found.value.row, says in str(found.value)) == (2, True)


def test_each_text_is_judged_once_and_found_in_every_row(knowledge: Knowledge) -> None:
    cells = read_cells(_field(knowledge, "ki67_percent", missing=["NK"]), {"x": ["5", "140", "NK", "140", " NK", "5"]})
    assert (cells.values, cells.missing) == (["5", None, None, None, None, "5"], 2)
    assert cells.problems.keys() == {(1, "x"), (3, "x")}
    assert cells.problems[1, "x"] == Problem(
        "140 % is not permitted.", "at least 0 and at most 100 %. Correct it, or leave it out if it is not known"
    )


def test_boxes_that_are_ticked(knowledge: Knowledge) -> None:
    field = _field(knowledge, "extrahepatic_sites", column=None, checkbox="sites", words={"1": "bone", "-9": "lung"})
    cells = read_cells(field, {"sites___1": ["1", "0", "", "x"], "sites____9": ["1", "", "", "1"]})
    assert cells.values == [["bone", "lung"], None, None, ["lung"]]
    assert cells.problems == {(3, "sites___1"): Problem("A checkbox holds 1 where it is ticked.", "1, 0, or nothing")}


@pytest.mark.parametrize(
    ("text", "order", "iso"),
    [
        ("12.03.2024", "dmy", "2024-03-12"),
        ("12/3/2024", "mdy", "2024-12-03"),
        ("2024/3/12", "ymd", "2024-03-12"),
        ("20240312", "ymd", "2024-03-12"),
        ("3/2024", "dmy", "2024-03"),
        ("2024.03", "ymd", "2024-03"),
        ("< 12.03.2024", "dmy", "<2024-03-12"),
        ("≥2024", "dmy", "≥2024"),
        ("01.02.2023 to 12.03.2024", "dmy", "2023-02-01 to 2024-03-12"),
        ("2023..03.2024", "dmy", "2023..2024-03"),
        ("2024-03-12", "dmy", "2024-03-12"),
        ("12.03/2024", "dmy", "12.03/2024"),
        ("12.03.24", "dmy", "12.03.24"),
        ("spring", "dmy", "spring"),
        ("123.3.2024", "dmy", "123.3.2024"),
    ],
)  # fmt: skip
def test_dates_as_year_month_day(text: str, order: Any, iso: str) -> None:
    assert as_iso(text, order) == iso
