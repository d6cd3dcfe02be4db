"""Possible values in words."""

from __future__ import annotations

import pytest

from nelm.knowledge.base import Knowledge
from nelm.patient.words import value_in_words
from tests.patient.world import FALSE, TRUE, UNDETERMINED, codes, count, days, number, record_of


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("seaworthy", TRUE, "yes"),
        ("seaworthy", FALSE, "no"),
        ("seaworthy", UNDETERMINED, "not known"),
        ("hull", codes("steel", "wood"), "Wood or Steel"),
        ("hull", codes("steel"), "Steel"),
        ("hull", codes("wood", "steel", "not_steel"), "not known"),
        ("length_m", number(12.5), "12.5 m"),
        ("length_m", number(10, 12), "10 to 12 m"),
        ("length_m", number(10, 12, low_open=True, high_open=True), "above 10 to below 12 m"),
        ("length_m", number(0, 12, low_open=True), "at most 12 m"),
        ("length_m", number(0, 12, low_open=True, high_open=True), "below 12 m"),
        ("length_m", number(12, 400), "at least 12 m"),
        ("length_m", number(12, 400, low_open=True), "above 12 m"),
        ("holes", count(3), "3"),
        ("launched", days("2024-03-12"), "2024-03-12"),
        ("launched", days("2024-03-01", "2024-03-31"), "2024-03"),
        ("launched", days("2024-01-01", "2024-12-31"), "2024"),
        ("launched", days("2023-11-01", "2024-02-29"), "2023-11-01 to 2024-02-29"),
        ("launched", days("2024-03-12", "2024-03-20"), "2024-03-12 to 2024-03-20"),
        ("launched", days("2024-01-01", "2024-06-30"), "2024-01-01 to 2024-06-30"),
        ("launched", days("0001-01-01", "2024-06-30"), "on or before 2024-06-30"),
        ("launched", days("2024-06-30", "9999-12-31"), "on or after 2024-06-30"),
    ],
)
def test_in_words(harbour: Knowledge, name: str, value: object, words: str) -> None:
    assert value_in_words(name, value, harbour) == words  # type: ignore[arg-type]


def test_a_name_without_a_type_is_said_without_unit(harbour: Knowledge) -> None:
    assert value_in_words("no_such_fact", number(1, 2), harbour) == "1 to 2"
    assert value_in_words("no_such_fact", codes("b", "a"), harbour) == "a or b"


def test_what_a_record_says_is_said_back(harbour: Knowledge) -> None:
    record = record_of("boat: {length_m: '<12'}", harbour)
    assert value_in_words("length_m", record.entries[0].facts["length_m"], harbour) == "below 12 m"
