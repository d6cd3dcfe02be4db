"""Tests, interventions, drugs, regimens, and how a thing is to be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nelm.knowledge.dictionary import STRICT


@dataclass(frozen=True)
class Done:
    """How a record shows that something was done: an entry that fulfils `where`, or that states `stated`."""

    __pydantic_config__ = STRICT
    over: str
    where: str | None = None
    stated: str | None = None


@dataclass(frozen=True)
class Term:
    """A test, an intervention, a drug, a regimen, or a need."""

    __pydantic_config__ = STRICT
    id: str
    label: str
    kind: str = ""
    meaning: str = ""
    also: tuple[str, ...] = ()
    coding: dict[str, str] = field(default_factory=dict)
    agents: tuple[str, ...] = ()
    done: Done | None = None
    source: Any = None
    note: str | None = None
