"""The data dictionary: every fact that a record can hold or that is derived from one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from nelm.criteria import BooleanType, CodedType, DateType, NumberType, Span, ValueType

STRICT: dict[str, Any] = {"extra": "forbid"}

# what every record, and every entry of one, may carry without being declared
RECORD_TEXTS = ("id", "title", "kind", "reference", "note")
RECORD_FIELDS = ("nelm", *RECORD_TEXTS, "as_of", "complete")
ENTRY_FIELDS = ("date", "source", "note")

_SIGNS = str.maketrans({"≤": "<=", "≥": ">=", "–": "-", "—": "-", "−": "-", "\u00a0": " "})

Kind = Literal["boolean", "coded", "quantity", "count", "date", "text", "list"]
Origin = Literal["recorded", "derived", "judgement", "recorded_or_derived"]
Select = Literal["latest", "earliest", "highest", "lowest", "any", "all"]


@dataclass(frozen=True)
class Code:
    """One permitted value of a coded element."""

    __pydantic_config__ = STRICT
    code: str
    label: str
    also: tuple[str, ...] = ()
    coding: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Element:
    """A data element: what it means, what it may be, and how the fact is chosen from the entries.

    `range` is what is possible (anything else is refused), `plausible` what is usual (anything else is
    questioned). The order of `codes` is their rank.
    """

    __pydantic_config__ = STRICT
    name: str
    label: str
    type: Kind
    meaning: str = ""
    unit: str | None = None
    range: str | None = None
    plausible: str | None = None
    codes: tuple[Code, ...] = ()
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    select: Select = "latest"
    origin: Origin = "recorded"
    asks: str | None = None
    replaces: dict[str, str] = field(default_factory=dict)
    coding: dict[str, str] = field(default_factory=dict)
    entity: str = ""

    @cached_property
    def value_type(self) -> ValueType | None:
        """The type in conditions; None for text and lists, which conditions cannot use."""
        match self.type:
            case "boolean":
                return BooleanType()
            case "coded":
                return CodedType(tuple(code.code for code in self.codes))
            case "quantity" | "count":
                return NumberType(self.unit, self.permitted, self.type == "count")
            case "date":
                return DateType()
            case _:
                return None

    @cached_property
    def permitted(self) -> Span:
        """The numbers that are possible."""
        return parse_range(self.range)

    @cached_property
    def spellings(self) -> dict[str, frozenset[str]]:
        """Every way to write a code, in lower case and with plain signs, with the codes it means."""
        known: dict[str, frozenset[str]] = {}
        for code in self.codes:
            for word in (code.code, code.label, *code.also):
                known.setdefault(with_plain_signs(word.lower()), frozenset({code.code}))
        for word, codes in self.sets.items():
            known[with_plain_signs(word.lower())] = frozenset(codes)
        return known

    def label_of(self, code: str) -> str:
        return next((known.label for known in self.codes if known.code == code), code)


@dataclass(frozen=True)
class Entity:
    """A part of the record: one entry, or a list of dated entries.

    `apart` says that the entries are about different things (specimens, treatments): two that differ do not
    contradict one another.
    """

    __pydantic_config__ = STRICT
    entity: str
    record_key: str
    label: str
    many: bool
    elements: tuple[Element, ...]
    apart: bool = False


def with_plain_signs(text: str) -> str:
    """`≤` as `<=`, every dash as `-`: how a value is compared, however it was typed."""
    return text.translate(_SIGNS)


_BOUND = re.compile(r"\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*")


def parse_range(text: str | None) -> Span:
    """`">= 0, <= 100"` as an interval; no text means no limits.

    Raises ValueError for anything else.
    """
    low, high, low_open, high_open = float("-inf"), float("inf"), False, False
    for part in (text or "").split(",") if text else ():
        found = _BOUND.fullmatch(part)
        if found is None:
            raise ValueError(f"a range reads like '>= 0, <= 100', not {part.strip()!r}")
        sign, number = found.group(1), float(found.group(2))
        if sign.startswith(">"):
            low, low_open = number, sign == ">"
        else:
            high, high_open = number, sign == "<"
    return Span(low, high, low_open, high_open)
