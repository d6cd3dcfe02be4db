"""What is known of a patient, as the parameters of a library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from nelm.criteria import Codes, Truth, Value, is_settled
from nelm.interop.cql.library import Library, Parameter

Plain = bool | int | float | str | None


def parameter_values(library: Library, values: Mapping[str, Value]) -> dict[str, Plain]:
    """Every parameter of a library with its value; null where a fact is unknown or only partly known.

    Dates are written as `2024-03-12`.
    """
    return {parameter.name: _plain(parameter, values.get(parameter.fact)) for parameter in library.parameters}


def _plain(parameter: Parameter, value: Value | None) -> Plain:
    if parameter.inexact:
        return value is not None and not is_settled(value)
    if value is None or not is_settled(value):
        return None
    if isinstance(value, Truth):
        return value is Truth.TRUE
    single = value.single
    if isinstance(value, Codes) or not isinstance(single, int | float):
        return single
    if parameter.type == "Date":
        return date.fromordinal(int(single)).isoformat()
    return int(single) if parameter.type == "Integer" else float(single)
