"""A guideline: its statements, criteria, verdict tables, discrepancies; and what relates several guidelines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from nelm.knowledge.dictionary import STRICT

Word = Literal["FOR", "AGAINST", "NO_REC", "NOT_MET", "OPEN", "NA", "IN", "OUT"]
StatementKind = Literal[
    "recommendation", "criterion", "definition", "finding", "process", "sequence", "research", "remark", "vote", "reported"
]
Standing = Literal["panel", "consensus", "jury", "body", "reported"]
Stance = Literal[
    "for", "conditional_for", "against", "no_recommendation", "statement_of_fact", "constraint", "conditional", "none", "info", "definition"
]
Source = str | tuple[str, ...]
_MONTH_OR_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)


def as_tuple(source: Source | None) -> tuple[str, ...]:
    """One or several locators as a tuple."""
    if source is None:
        return ()
    return (source,) if isinstance(source, str) else source


@dataclass(frozen=True)
class Criterion:
    """A named condition, with the label a clinician reads and where it is printed."""

    __pydantic_config__ = STRICT
    label: str
    is_: str
    source: Source
    reading: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Vote:
    """How a body voted; shares in percent unless the unit says otherwise. A share not printed is absent."""

    __pydantic_config__ = STRICT
    body: str
    motion: str
    for_: float | None = None
    against: float | None = None
    abstain: float | None = None
    unit: str = "percent"
    note: str | None = None


@dataclass(frozen=True)
class Statement:
    """One statement of a document, in our words, with its conditions and its standing."""

    __pydantic_config__ = STRICT
    id: str
    kind: StatementKind
    standing: Standing
    says: str
    source: Source
    stance: Stance | None = None
    strength: str | None = None
    wording: str | None = None
    actions: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    votes: tuple[Vote, ...] = ()
    discrepancies: tuple[str, ...] = ()
    refs: tuple[int, ...] = ()
    evidence_note: str | None = None
    note: str | None = None
    reading: str | None = None

    @property
    def has_conditions(self) -> bool:
        return bool(self.when or self.unless)


@dataclass(frozen=True)
class VerdictRow:
    """A line of a verdict table. `if_unknown: list` does not hold the verdict up; the open item is listed."""

    __pydantic_config__ = STRICT
    when: str | None = None
    then: Word | None = None
    otherwise: Word | None = None
    because: str | None = None
    if_unknown: Literal["list"] | None = None
    raised_by: str | None = None
    from_: tuple[str, ...] = ()
    source: Source | None = None
    reading: str | None = None

    @property
    def word(self) -> Word:
        word = self.then or self.otherwise
        assert word is not None, "a row has a word: checked when the content was loaded"
        return word


@dataclass(frozen=True)
class VerdictPart:
    """A part of a question: the panel, the text, one of several recommendations."""

    __pydantic_config__ = STRICT
    id: str
    label: str
    rows: tuple[VerdictRow, ...]
    statements: tuple[str, ...] = ()
    counts: bool = True
    actions: tuple[str, ...] = ()
    strength: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class VerdictRule:
    """How one verdict per question follows from its parts."""

    __pydantic_config__ = STRICT
    id: str
    title: str
    parts: tuple[VerdictPart, ...]
    asks: str = ""
    combine: Literal["most_committing", "first"] = "most_committing"
    note: str | None = None


@dataclass(frozen=True)
class Grading:
    """What a document prints once per question, for all its recommendations."""

    __pydantic_config__ = STRICT
    level_of_evidence: str | None = None
    benefit_harm: str | None = None
    cost: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Question:
    """A block of a document: one panel entry or consensus paragraph with the text around it."""

    __pydantic_config__ = STRICT
    id: str
    title: str
    asks: str
    about: str
    source: Source
    statements: tuple[Statement, ...]
    grading: Grading | None = None
    criteria: dict[str, Criterion] = field(default_factory=dict)
    verdicts: tuple[VerdictRule, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Scope:
    """Which patients a document speaks about: a verdict table with IN, OUT and OPEN."""

    __pydantic_config__ = STRICT
    rows: tuple[VerdictRow, ...]
    source: Source


@dataclass(frozen=True)
class Discrepancy:
    """A place where a document contradicts itself, is garbled, or leaves a term undefined."""

    __pydantic_config__ = STRICT
    id: str
    kind: str
    title: str
    printed: str
    reading: str
    touches: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    shown_with: tuple[str, ...] = ()
    when: str | None = None
    source: Source | None = None
    note: str | None = None


@dataclass(frozen=True)
class HistoryEntry:
    """What a version of a guideline's content brought, and when (`2026-11-21`)."""

    __pydantic_config__ = STRICT
    version: str
    date: str
    says: str


def _month_or_day(text: str) -> str:
    """A month (2014-01), or the day where it is printed (2023-08-24)."""
    try:
        if _MONTH_OR_DAY.fullmatch(text) is None:
            raise ValueError(text)
        date.fromisoformat(f"{text}-01"[:10])
    except ValueError:
        raise PydanticCustomError("month", "a month (2014-01) or a day (2023-08-24) is expected") from None
    return text


@dataclass(frozen=True)
class Guideline:
    """One consensus document as computable content.

    `version` is that of our content, not of the document; `history` holds all versions, the newest last. `published` is when
    the document came out, as exactly as it is known; `published_reading` says where that is not simply what is printed.
    """

    __pydantic_config__ = STRICT
    id: str
    letter: str
    name: str
    title: str
    citation: str
    year: int
    version: str
    body: str
    covers: str
    strength_scale: str
    level_note: str
    dated: str
    locators: dict[str, str]
    scope: Scope
    criteria: dict[str, Criterion] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    published: Annotated[str, AfterValidator(_month_or_day)] | None = None
    published_reading: str | None = None

    @property
    def in_force_from(self) -> date:
        """The first day on which the document was certainly out: of a month, or of a year alone, the day after its last."""
        year, *rest = (int(part) for part in (self.published or str(self.year)).split("-"))
        month, *day = rest or (12,)
        return date(year, month, *day) if day else date(year + month // 12, month % 12 + 1, 1)

    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for question in self.questions for statement in question.statements)


@dataclass(frozen=True)
class Conflict:
    """A contradiction between documents, or inside one, that has to be shown with named verdicts."""

    __pydantic_config__ = STRICT
    id: str
    between: tuple[str, ...]
    title: str
    says: dict[str, str]
    shown_with: dict[str, tuple[str, ...]]
    statements: dict[str, tuple[str, ...]] = field(default_factory=dict)
    when: str | None = None
    discrepancies: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Option:
    """A row of the options table: one thing that can be done, and the verdict parts that speak to it.

    `verdicts` names verdicts (`nelm-2014/Q08`) or single parts of one (`nelm-2014/Q15#ssa`). `actions` are what it comes to in the record;
    findings on these, and on `findings_about`, are shown with it.
    """

    __pydantic_config__ = STRICT
    id: str
    label: str
    group: str
    verdicts: tuple[str, ...]
    actions: tuple[str, ...] = ()
    findings_about: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class TopicAspect:
    """One aspect of a comparison topic and how the documents relate in it; `by` names the one that speaks alone."""

    __pydantic_config__ = STRICT
    relation: Literal["agree", "refine", "conflict", "only_one", "shift"]
    says: str
    by: str | None = None
    statements: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Topic:
    """A decision topic on which documents are compared; `documents` holds what each says, in short."""

    __pydantic_config__ = STRICT
    id: str
    title: str
    aspects: tuple[TopicAspect, ...]
    documents: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    note: str | None = None
