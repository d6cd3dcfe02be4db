"""What a page shows: every string, in order. The renderers lay these out and compute nothing.

An empty string or an empty tuple means that there is nothing to show; renderers leave such parts out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A state as a symbol with its word; `tone` lets a renderer stress it, and never carries meaning alone."""

    symbol: str
    word: str
    tone: str


@dataclass(frozen=True)
class Header:
    """The bar at the top. `question_is_known` is false where nobody has written one."""

    case: str
    title: str
    person: str
    as_of: str
    made_on: str
    question: str
    question_is_known: bool
    status: str
    versions: tuple[str, ...]


@dataclass(frozen=True)
class AnswerLine:
    """The answer in short: one state, then a line for each document (or for several that agree), and what is still to check."""

    mark: Mark
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """A warning: what kind it is, what is the matter, and details (the entries, the next step)."""

    kind: str
    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """A fact in words. `note` says that it is in dispute, or why it is not known."""

    label: str
    value: str
    known: bool
    note: str = ""


@dataclass(frozen=True)
class FactCluster:
    """Facts that came from the same entries; `origin` names these with date and source."""

    facts: tuple[Fact, ...]
    origin: str = ""


@dataclass(frozen=True)
class FactGroup:
    label: str
    clusters: tuple[FactCluster, ...]
    more: str = ""


@dataclass(frozen=True)
class Wishes:
    """What the patient wants; `asked` is false where the record says nothing about it."""

    text: str
    asked: bool


@dataclass(frozen=True)
class MissingItem:
    """Something that is not known: how it is asked for, and what waits for it."""

    asks: str
    waits: str
    note: str = ""


@dataclass(frozen=True)
class Voice:
    """What one verdict says of an option: its word, the strength or wording printed, and its question."""

    mark: Mark
    detail: str
    verdict: str


@dataclass(frozen=True)
class Cell:
    """What one document says of an option: its most committing word for page one, all `voices` in full."""

    document: str
    mark: Mark
    grade: str = ""
    voices: tuple[Voice, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why, by document; `document` is empty where it concerns all."""

    document: str
    text: str


@dataclass(frozen=True)
class OptionRow:
    """An option for this patient. A row with `applies` false is shown shortened, at the end of its group."""

    option: str
    mark: Mark
    applies: bool
    relation: str
    cells: tuple[Cell, ...]
    reason: str
    reasons: tuple[Reason, ...] = ()
    votes: tuple[str, ...] = ()
    done: str = ""


@dataclass(frozen=True)
class ShortList:
    """Options of one state in a line."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class OptionGroup:
    """Every option of a group in full, what does not apply at the end."""

    label: str
    rows: tuple[OptionRow, ...]


@dataclass(frozen=True)
class StateRows:
    """Options of one state, as rows of a table."""

    mark: Mark
    rows: tuple[OptionRow, ...]


@dataclass(frozen=True)
class OptionSummary:
    """A group of options on page one: some as a table by state, the others in short. Together they name every option."""

    label: str
    states: tuple[StateRows, ...]
    lists: tuple[ShortList, ...]


@dataclass(frozen=True)
class Condition:
    """One criterion with its state for this patient, and the facts behind it."""

    mark: Mark
    text: str
    facts: str = ""


@dataclass(frozen=True)
class StatementLine:
    """A statement in our words with its place in the document and the state of its criteria."""

    id: str
    document: str
    kind: str
    status: Mark
    says: str
    place: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Step:
    """Why a document says what it says of an option."""

    document: str
    verdict: str
    title: str
    mark: Mark
    detail: str
    because: str
    statements: tuple[StatementLine, ...] = ()


@dataclass(frozen=True)
class Trace:
    """From facts through criteria to statements, for one option."""

    option: str
    mark: Mark
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class FindingLine:
    """A published finding: what was found, the printed numbers, their limits, and the page it stands on (empty without a site)."""

    id: str
    document: str
    says: str
    numbers: str
    limits: str
    href: str = ""


@dataclass(frozen=True)
class OptionFindings:
    """The published findings on one option, and how many more there are."""

    option: str
    mark: Mark
    lines: tuple[FindingLine, ...]
    more: str = ""


@dataclass(frozen=True)
class Effect:
    verdict: str
    was: str
    becomes: str


@dataclass(frozen=True)
class ChangeLine:
    """What would change the advice: one fact with another value, and its effects."""

    condition: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Position:
    """What one document, or one place in it, says."""

    who: str
    text: str


@dataclass(frozen=True)
class Disagreement:
    """Documents that contradict one another or themselves; `touches` says whether this patient is concerned."""

    id: str
    title: str
    touches: str
    positions: tuple[Position, ...]
    shown_with: str


@dataclass(frozen=True)
class DecisionField:
    """A field to be filled in by hand: so many lines to write on, over one or both of two columns."""

    label: str
    lines: int
    columns: int


@dataclass(frozen=True)
class Source:
    """A document: what it is, what it covers, its scales, and whether it speaks about this patient."""

    name: str
    citation: str
    scope: Mark
    because: str
    notes: tuple[str, ...]
    locators: tuple[str, ...]


@dataclass(frozen=True)
class VerdictPartLine:
    label: str
    mark: Mark
    detail: str
    because: str
    waits: str
    beside: str
    places: str


@dataclass(frozen=True)
class VerdictLine:
    """One question of a document with its verdict and parts."""

    id: str
    title: str
    mark: Mark
    detail: str
    because: str
    waits: str
    shown: str
    parts: tuple[VerdictPartLine, ...]


@dataclass(frozen=True)
class DiscrepancyLine:
    id: str
    title: str
    printed: str
    reading: str
    shown_with: str


@dataclass(frozen=True)
class DocumentAnnex:
    """Everything one document says; empty, with a note, where it does not speak about this patient."""

    document: str
    note: str
    verdicts: tuple[VerdictLine, ...] = ()
    statements: tuple[StatementLine, ...] = ()
    discrepancies: tuple[DiscrepancyLine, ...] = ()


@dataclass(frozen=True)
class KnownFact:
    label: str
    value: str
    origin: str


@dataclass(frozen=True)
class Legend:
    """A symbol and what it means."""

    mark: Mark
    meaning: str


@dataclass(frozen=True)
class Annex:
    missing: tuple[MissingItem, ...]
    facts: tuple[KnownFact, ...]
    documents: tuple[DocumentAnnex, ...]


@dataclass(frozen=True)
class Page:
    """The advice on one patient as it is read: page one is the summary, the details and the annex follow."""

    language: str
    headings: Mapping[str, str]
    columns: Mapping[str, str]
    # page one; `lines` is about how long it is, for renderers that cannot measure what they lay out
    lines: int
    header: Header
    answer: tuple[AnswerLine, ...]
    warnings: tuple[Notice, ...]
    key_facts: tuple[FactGroup, ...]
    wishes: Wishes
    missing: tuple[MissingItem, ...]
    missing_more: str
    summary: tuple[OptionSummary, ...]
    summary_note: str
    disagreements_short: tuple[str, ...]
    decision: tuple[DecisionField, ...]
    intended_use: str
    # details
    options: tuple[OptionGroup, ...]
    options_note: tuple[str, ...]
    trace: tuple[Trace, ...]
    findings: tuple[OptionFindings, ...]
    changes: tuple[ChangeLine, ...]
    disagreements: tuple[Disagreement, ...]
    body_positions: tuple[StatementLine, ...]
    sources: tuple[Source, ...]
    limits: tuple[str, ...]
    legend: tuple[Legend, ...]
    annex: Annex
