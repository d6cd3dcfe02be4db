"""Derived facts and consistency rules, as the content states them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from nelm.knowledge.dictionary import STRICT, Code, Kind

Then = bool | str | tuple[bool | str, ...]


@dataclass(frozen=True)
class DerivationRow:
    """A line of a decision table as written; the last one may be `otherwise`."""

    __pydantic_config__ = STRICT
    when: str | None = None
    then: Then | None = None
    otherwise: Then | None = None
    because: str | None = None


@dataclass(frozen=True)
class AtHighest:
    """The value of one element in the entry where another is highest."""

    __pydantic_config__ = STRICT
    of: str
    by: str


@dataclass(frozen=True)
class Derivation:
    """How a derived fact follows from others.

    Exactly one way is given: `is` (a condition), `table` (a decision table, of a boolean fact with true and false), `same_as` (the table of
    another), or, with `over`, a way to gather from the entries of an entity: `any`, `stated`, `highest`,
    `lowest`, `latest`, `earliest`, `at_highest`; or `years_since`; or `fired`: whether a consistency rule found
    a contradiction. `per` evaluates it on every entry of an entity.
    `where` and `unless` choose the entries: one counts where `where` holds, and is left out only where `unless` holds.
    `entered` names the recorded element that the computed value is reconciled with; without it a derivation
    with the name of an element serves only where nothing was entered.
    """

    __pydantic_config__ = STRICT
    name: str
    label: str
    type: Kind = "boolean"
    meaning: str = ""
    unit: str | None = None
    codes: tuple[Code, ...] = ()
    per: str | None = None
    over: str | None = None
    where: str | None = None
    unless: str | None = None
    is_: str | None = None
    table: tuple[DerivationRow, ...] = ()
    same_as: str | None = None
    any: str | None = None
    stated: str | None = None
    highest: str | None = None
    lowest: str | None = None
    latest: str | None = None
    earliest: str | None = None
    at_highest: AtHighest | None = None
    years_since: str | None = None
    entered: str | None = None
    unranked_with: str | None = None
    fired: tuple[str, ...] = ()
    asks: str | None = None
    source: Any = None
    outside: str | None = None
    reading: str | None = None
    replaces: dict[str, str] = field(default_factory=dict)

    @property
    def is_gathered(self) -> bool:
        """True where the value comes from entries and not from other facts of the patient."""
        return self.over is not None or self.years_since is not None or bool(self.fired)


Severity = Literal["impossible", "contradiction", "implausible", "review", "quiet"]


@dataclass(frozen=True)
class ConsistencyRule:
    """Entries that cannot, or hardly can, be true together.

    Where `when` holds, an `impossible` record is refused; a `contradiction` makes the facts in `widens`
    undetermined; `implausible` and `review` only tell the reader; `quiet` serves derived facts (`fired`) alone.
    """

    __pydantic_config__ = STRICT
    id: str
    when: str
    says: str
    severity: Severity
    per: str | None = None
    widens: tuple[str, ...] = ()
    source: Any = None
    outside: str | None = None
    reading: str | None = None
