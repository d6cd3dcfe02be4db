"""Checks of records as the content states them, and compiled. `content/registry/checks.yaml` is the file, `check_content` loads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nelm.criteria import Expression, Model
from nelm.knowledge.dictionary import STRICT
from nelm.registry.entry.content import Grounds

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
# checks that need no rule of their own: values against the dictionary, and the severities of consistency rules
STANDING = ("not_permitted", "unusual", "contradicted", "impossible", "contradiction", "implausible", "review")
CLOSING = "closing"
DATE = "date"


@dataclass(frozen=True, kw_only=True)
class StandingCheck(Grounds):
    """How findings of one of the `STANDING` checks are called."""

    __pydantic_config__ = STRICT
    name: str
    label: str
    severity: Severity
    says: str


@dataclass(frozen=True, kw_only=True)
class Check(Grounds):
    """What every check has: `says` tells the reader what to do."""

    __pydantic_config__ = STRICT
    id: str
    label: str
    severity: Severity
    says: str


@dataclass(frozen=True, kw_only=True)
class ConditionCheck(Check):
    """A finding where `when` certainly holds of the patient, or (with `per`) of an entry of an entity."""

    when: str
    per: str | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentedCheck(Check):
    """A finding where an item is not on record (or, among the `unexpected`, where it is): of the patient, or (with `per`) of an entry.

    It is asked for where `when` certainly holds (without it: always), and where another field, `beside`, is on record.
    """

    item: str
    per: str | None = None
    when: str | None = None
    beside: str | None = None


Places = str | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BetweenCheck(Check):
    """A finding where certainly fewer, or more, days or years lie between two dates; where `when` (of the patient) certainly holds.

    A date is `record_key.element`, `record_key.date` for the date of the entries, or `closing`. Two dates of one list are compared
    within each entry, unless `any_entries`; else every entry is compared with every entry. Years are whole years, as of an age.
    """

    from_: Places
    to: Places
    at_least_days: int | None = None
    at_most_days: int | None = None
    at_least_years: int | None = None
    at_most_years: int | None = None
    any_entries: bool = False
    when: str | None = None


@dataclass(frozen=True)
class Near:
    """Two dates at most so many days apart."""

    __pydantic_config__ = STRICT
    date: str
    days: int


@dataclass(frozen=True, kw_only=True)
class DuplicateRule(Grounds):
    """Which two records of one centre may be of one person: the same settled days, codes that do not exclude one another, near dates."""

    __pydantic_config__ = STRICT
    same: tuple[str, ...]
    not_different: tuple[str, ...]
    near: Near


@dataclass(frozen=True, kw_only=True)
class ChecksFile:
    """The file as it is written."""

    __pydantic_config__ = STRICT
    id: str
    version: str
    date: str
    title: str
    standing: tuple[StandingCheck, ...]
    conditions: tuple[ConditionCheck, ...] = ()
    documented: tuple[DocumentedCheck, ...] = ()
    unexpected: tuple[DocumentedCheck, ...] = ()
    between: tuple[BetweenCheck, ...] = ()
    duplicates: DuplicateRule


# -- compiled ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """How a finding of a check is called, and what it tells the reader to do."""

    id: str
    severity: Severity
    message: str


@dataclass(frozen=True)
class CompiledCondition:
    """A condition with the facts that it names; `entity` is None where it is about the patient."""

    named: Named
    entity: str | None
    condition: Expression
    facts: tuple[str, ...]


@dataclass(frozen=True)
class CompiledDocumented:
    """An item that should be on record, or (`unexpected`) should not."""

    named: Named
    entity: str | None
    item: str
    when: Expression | None
    beside: str | None
    unexpected: bool


@dataclass(frozen=True)
class Place:
    """A date in a record: of which list, and which field of its entries. The closing date has no list."""

    record_key: str | None
    field: str


@dataclass(frozen=True)
class CompiledBetween:
    """Two dates of a check, with its limits; `within_entry` where both are of the same entry."""

    named: Named
    first: Place
    second: Place
    check: BetweenCheck
    when: Expression | None
    within_entry: bool

    @property
    def about(self) -> tuple[Place, Place]:
        """The date that a finding is about, and the one that it is held against."""
        return (self.first, self.second) if self.second.record_key is None else (self.second, self.first)


@dataclass(frozen=True, eq=False)
class Checks:
    """All checks, ready to be run; `digest` is the SHA-256 of their file. Conditions on the patient are over `model`."""

    file: ChecksFile
    model: Model
    standing: Mapping[str, StandingCheck]
    conditions: tuple[CompiledCondition, ...]
    documented: tuple[CompiledDocumented, ...]
    between: tuple[CompiledBetween, ...]
    digest: str

    @property
    def id(self) -> str:
        return self.file.id

    @property
    def version(self) -> str:
        return self.file.version

    @property
    def duplicates(self) -> DuplicateRule:
        return self.file.duplicates

    def labels(self) -> dict[str, str]:
        """What a reader is told for each check of the file."""
        own = (*self.file.conditions, *self.file.documented, *self.file.unexpected, *self.file.between)
        rules = {check.named.id: check.named.message for check in self.conditions}
        return rules | {found.id: found.label for found in own} | {name: found.label for name, found in self.standing.items()}
