"""The advice as a document of plain data: the schema `nelm-advice/1`, described in `docs/advice-json.md`.

Fields are only ever added within one version of the schema. Codes are stable; texts are for people and may be reworded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA = "nelm-advice/1"
STRICT: dict[str, Any] = {"extra": "forbid"}

VerdictWord = Literal["FOR", "AGAINST", "UNKNOWN", "OPEN", "NO_REC", "NOT_MET", "NA", "OUT", "IN"]
TruthWord = Literal["true", "false", "undetermined"]


@dataclass(frozen=True)
class Software:
    """The program that made the document."""

    __pydantic_config__ = STRICT
    name: str
    version: str


@dataclass(frozen=True)
class Guideline:
    """A document that was applied."""

    __pydantic_config__ = STRICT
    id: str
    version: str
    name: str
    citation: str
    strength_scale: str
    level_note: str


@dataclass(frozen=True)
class Case:
    """The record that the advice is about."""

    __pydantic_config__ = STRICT
    id: str
    title: str | None = None
    as_of: str | None = None
    question: str | None = None
    wishes: str | None = None
    complete: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """An entry of the record: its part, its number in it, date and source as written, and its line."""

    __pydantic_config__ = STRICT
    part: str
    number: int
    date: str | None = None
    source: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Interval:
    """The numbers (or dates, as year-month-day) from `low` to `high`; null is without limit, an open end does not belong to it."""

    __pydantic_config__ = STRICT
    low: float | str | None = None
    high: float | str | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True)
class Value:
    """What a fact may still be: `possible` (true and false, codes, or the items of a list), `intervals`, or `text`."""

    __pydantic_config__ = STRICT
    possible: tuple[bool | str, ...] = ()
    intervals: tuple[Interval, ...] = ()
    text: str | None = None


@dataclass(frozen=True)
class Fact:
    """A fact about which something is known, recorded or derived, with the entries behind it."""

    __pydantic_config__ = STRICT
    name: str
    label: str
    in_words: str
    value: Value
    derived: bool
    unit: str | None = None
    disputed: bool = False
    origins: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """Things in the record that cannot, or hardly can, be true together; `facts` are open because of it."""

    __pydantic_config__ = STRICT
    id: str
    says: str
    severity: str
    facts: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class SetAside:
    """A value that cannot be true and was left out on request."""

    __pydantic_config__ = STRICT
    fact: str
    written: str
    reason: str
    line: int


@dataclass(frozen=True)
class Scope:
    """Whether a document speaks about the patient: IN, OUT, OPEN or UNKNOWN."""

    __pydantic_config__ = STRICT
    guideline: str
    verdict: VerdictWord
    because: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vote:
    """How a body voted; a share that is not printed is null."""

    __pydantic_config__ = STRICT
    body: str
    motion: str
    in_favour: float | None = None
    against: float | None = None
    abstain: float | None = None
    unit: str = "percent"


@dataclass(frozen=True)
class Part:
    """A part of a question; `counts` is false where it only stands beside the verdict."""

    __pydantic_config__ = STRICT
    id: str
    label: str
    counts: bool
    verdict: VerdictWord
    because: str
    possible: tuple[VerdictWord, ...] = ()
    strength: str | None = None
    wording: str | None = None
    stance: str | None = None
    decisive: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    votes: tuple[Vote, ...] = ()
    statements: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """A contradiction between documents, or inside one, with what each says."""

    __pydantic_config__ = STRICT
    id: str
    title: str
    touches: TruthWord
    says: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The verdict of one question. `strength` and `level_of_evidence` are as printed, `wording` is the class of the wording.

    `conflicts` and `discrepancies` are ids; the texts of conflicts stand in `conflicts` of the document. Of a document out of
    scope nothing is quoted.
    """

    __pydantic_config__ = STRICT
    key: str
    guideline: str
    question: str
    title: str
    verdict: VerdictWord
    because: str
    strength: str | None = None
    level_of_evidence: str | None = None
    wording: str | None = None
    if_in_scope: VerdictWord | None = None
    decisive_unknowns: tuple[str, ...] = ()
    listed_unknowns: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    discrepancies: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A criterion of a statement. One of `unless` blocks the statement where it is true."""

    __pydantic_config__ = STRICT
    name: str
    label: str
    truth: TruthWord


@dataclass(frozen=True)
class Statement:
    """One statement of a document. `says` is null where the document is out of scope."""

    __pydantic_config__ = STRICT
    key: str
    guideline: str
    kind: str
    standing: str
    status: str
    says: str | None = None
    stance: str | None = None
    strength: str | None = None
    wording: str | None = None
    source: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Voice:
    """What a verdict, or one part of it, says of an option."""

    __pydantic_config__ = STRICT
    verdict_key: str
    verdict: VerdictWord
    because: str
    part: str | None = None
    strength: str | None = None
    wording: str | None = None


@dataclass(frozen=True)
class Option:
    """A thing that can be done, and what the documents say of it for this patient, taken together."""

    __pydantic_config__ = STRICT
    id: str
    label: str
    group: str
    state: str
    relation: str
    voices: tuple[Voice, ...] = ()
    missing: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A missing fact: the verdicts that name it, how many verdicts knowing it settles on average, its share of the open ones."""

    __pydantic_config__ = STRICT
    name: str
    asks: str
    settles: float
    share: float
    contradicted: bool = False
    verdicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class AdviceDocument:
    """Everything that the documents say about one patient."""

    __pydantic_config__ = STRICT
    schema: Literal["nelm-advice/1"]
    software: Software
    guidelines: tuple[Guideline, ...]
    case: Case
    intended_use: str
    scopes: tuple[Scope, ...]
    verdicts: tuple[Verdict, ...]
    statements: tuple[Statement, ...]
    options: tuple[Option, ...]
    gaps: tuple[Gap, ...]
    facts: tuple[Fact, ...]
    conflicts: tuple[Conflict, ...]
    contradictions: tuple[Contradiction, ...]
    set_aside: tuple[SetAside, ...]
