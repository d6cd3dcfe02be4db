"""Characters of a record that a report does not pass on.

Control characters could steer a terminal, marks of direction could swap what is read, and neither can be printed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

INSTEAD = "\N{REPLACEMENT CHARACTER}"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

T = TypeVar("T")


def without_controls(item: T) -> T:
    """The same page, or part of one, with a replacement character for each that must not stand in it. Lines may end, tabs stay."""
    return cast(T, _without(item))


def _without(item: Any) -> Any:
    if isinstance(item, str):
        return CONTROLS.sub(INSTEAD, item)
    if isinstance(item, tuple):
        return tuple(map(_without, item))
    if isinstance(item, Mapping):
        return {key: _without(value) for key, value in item.items()}
    if is_dataclass(item) and not isinstance(item, type):
        return replace(item, **{field.name: _without(getattr(item, field.name)) for field in fields(item)})
    return item
