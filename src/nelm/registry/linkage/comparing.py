"""The comparisons of the settings in the words of splink: one `case` of levels for each field that both tables have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from nelm.registry.linkage.settings import Comparison, Level, LinkageSettings

SQL: dict[str, Callable[[str, Level], str]] = {
    "same": lambda field, level: f"{field}_l = {field}_r",
    "swapped_with": lambda field, level: f"({field}_l = {level.other}_r and {level.other}_l = {field}_r)",
    "similar": lambda field, level: f"jaro_winkler_similarity({field}_l, {field}_r) >= {level.at_least}",
    "shares_a_part": lambda field, level: f"list_has_any(string_split({field}_l, ' '), string_split({field}_r, ' '))",
    "day_and_month_swapped": lambda field, level: (
        f"({_part(field, 'l', 1, 4)} = {_part(field, 'r', 1, 4)} and {_part(field, 'l', 6, 2)} = {_part(field, 'r', 9, 2)}"
        f" and {_part(field, 'l', 9, 2)} = {_part(field, 'r', 6, 2)})"
    ),
    "one_digit_differs": lambda field, level: f"damerau_levenshtein({field}_l, {field}_r) <= 1",
    "two_of_three": lambda field, level: " or ".join(
        f"({_same_part(field, *one)} and {_same_part(field, *other)})"
        for one, other in (((1, 4), (6, 2)), ((1, 4), (9, 2)), ((6, 2), (9, 2)))
    ),
    "begins_alike": lambda field, level: f"left({field}_l, {level.characters}) = left({field}_r, {level.characters})",
    "within_days": lambda field, level: f"abs(date_diff('day', cast({field}_l as date), cast({field}_r as date))) <= {level.days}",
    "different": lambda field, level: "ELSE",
}


def _part(field: str, side: str, start: int, length: int) -> str:
    return f"substr({field}_{side}, {start}, {length})"


def _same_part(field: str, start: int, length: int) -> str:
    return f"{_part(field, 'l', start, length)} = {_part(field, 'r', start, length)}"


def compared(settings: LinkageSettings, fields: Collection[str]) -> tuple[Comparison, ...]:
    """The comparisons of fields that both tables have."""
    return tuple(comparison for comparison in settings.comparisons if comparison.field in fields)


def usable(rules: Sequence[tuple[str, ...]], columns: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """The rules all of whose columns both tables have."""
    return tuple(rule for rule in rules if set(rule) <= set(columns))


def splink_comparison(comparison: Comparison, fields: Collection[str]) -> dict[str, Any]:
    """A comparison as splink is told it; its first level is that of a missing value, which counts nothing."""
    field = comparison.field
    return {
        "output_column_name": field,
        "comparison_levels": [
            {"sql_condition": " or ".join(_no_value(comparison, fields)), "label_for_charts": "no value", "is_null_level": True},
            *(_level(field, level) for level in comparison.levels),
        ],
    }


def _no_value(comparison: Comparison, fields: Collection[str]) -> Iterator[str]:
    field, other, instead = comparison.field, comparison.counted_with, comparison.only_without
    yield f"{field}_l is null or {field}_r is null"
    if other in fields:
        yield f"({field}_l = {other}_r and {other}_l = {field}_r and {field}_l <> {field}_r)"
    if instead in fields:
        yield f"({instead}_l is not null and {instead}_r is not null)"


def _level(field: str, level: Level) -> dict[str, Any]:
    made: dict[str, Any] = {"sql_condition": SQL[level.is_](field, level), "label_for_charts": level.words}
    if level.rare_counts_more:
        made["tf_adjustment_column"] = field
    return made


def splink_settings(comparisons: Sequence[Comparison], candidates: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """All that splink is told but the parameters."""
    from splink import block_on

    fields = {comparison.field for comparison in comparisons}
    return {
        "link_type": "link_only",
        "unique_id_column_name": "id",
        "comparisons": [splink_comparison(comparison, fields) for comparison in comparisons],
        "blocking_rules_to_generate_predictions": [block_on(*rule) for rule in candidates],
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
        "max_iterations": 50,
    }
