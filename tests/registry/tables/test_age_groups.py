"""Age groups as people write them, and where they lie in a standard."""

from __future__ import annotations

import pytest

from nelm.epidemiology.standards import custom_standard
from nelm.registry.tables.age_groups import AgeGroup, age_group_of, place_in

STANDARD = custom_standard("three groups", [15, 45, 75], [1, 1, 1], use="rates", source="made up")


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("40-44", AgeGroup(40, 44)),
        (" 40 – 44 ", AgeGroup(40, 44)),
        ("40 to 44", AgeGroup(40, 44)),
        ("85+", AgeGroup(85, None)),
        ("85 and over", AgeGroup(85, None)),
        ("63", AgeGroup(63, 63)),
        ("0", AgeGroup(0, 0)),
        ("44-40", None),
        ("40-", None),
        ("<5", None),
        ("all", None),
        ("1985-1989", None),
    ],
)
def test_what_a_text_says(text: str, group: AgeGroup | None) -> None:
    assert age_group_of(text) == group


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("15-44", 0),
        ("20", 0),
        ("40-44", 0),
        ("45-49", 1),
        ("74", 1),
        ("75+", 2),
        ("90+", 2),
        ("80-84", 2),
        ("40-49", None),
        ("70+", None),
        ("10-14", None),
        ("10-20", None),
    ],
)
def test_where_a_group_lies(text: str, place: int | None) -> None:
    group = age_group_of(text)
    assert group is not None
    assert place_in(STANDARD, group) == place
