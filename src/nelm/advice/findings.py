"""What the advice says: scope, statements, verdicts, options. Plain data; the other modules fill it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from nelm.criteria import Truth
from nelm.knowledge.base import CompiledStatement, CompiledVerdict, Knowledge
from nelm.knowledge.guideline import Conflict, Discrepancy, Option, VerdictPart, Vote
from nelm.patient.facts import Facts


class Word(str, Enum):
    """The words of a verdict; `content/cases` and the documents' conventions explain them."""

    FOR = "FOR"
    AGAINST = "AGAINST"
    UNKNOWN = "UNKNOWN"
    OPEN = "OPEN"
    NO_REC = "NO_REC"
    NOT_MET = "NOT_MET"
    NA = "NA"
    OUT = "OUT"
    IN = "IN"

    @property
    def says_does_not_apply(self) -> bool:
        return self in (Word.NOT_MET, Word.NA, Word.AGAINST)


# The most committing word of several parts is the word of the question.
COMMITMENT = (Word.FOR, Word.AGAINST, Word.UNKNOWN, Word.OPEN, Word.NO_REC, Word.NOT_MET, Word.NA)


class Status(str, Enum):
    """Whether the conditions of a statement are fulfilled."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    UNDETERMINED = "undetermined"
    BLOCKED = "blocked"
    NO_CONDITIONS = "no_conditions"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class ScopeFinding:
    """Whether a guideline speaks about this patient, and why; `missing` can still change it."""

    guideline: str
    word: Word
    because: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConditionFinding:
    """One criterion of a statement, judged; `missing` can still change it."""

    name: str
    label: str
    truth: Truth


@dataclass(frozen=True)
class StatementFinding:
    """One statement and whether its conditions are fulfilled."""

    compiled: CompiledStatement
    status: Status
    when: tuple[ConditionFinding, ...] = ()
    unless: tuple[ConditionFinding, ...] = ()

    @property
    def key(self) -> str:
        return self.compiled.key


@dataclass(frozen=True, eq=False)
class OpenItems:
    """The facts that can still change a verdict; worked out when first asked for, because that takes longest.

    `decisive` can change the word; `listed` are open conditions of the running text, which do not hold it up.
    """

    find_decisive: Callable[[], tuple[str, ...]]
    find_listed: Callable[[], tuple[str, ...]]

    @cached_property
    def decisive(self) -> tuple[str, ...]:
        return self.find_decisive()

    @cached_property
    def listed(self) -> tuple[str, ...]:
        return self.find_listed()


@dataclass(frozen=True)
class PartFinding:
    """One part of a question with its word, the reason, and what could still change it."""

    part: VerdictPart
    word: Word
    because: str
    open_items: OpenItems = field(compare=False, repr=False)
    possible: tuple[Word, ...] = ()
    strength: str | None = None
    wording: str | None = None
    stance: str | None = None
    votes: tuple[Vote, ...] = ()
    listed_because: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def decisive(self) -> tuple[str, ...]:
        return self.open_items.decisive

    @property
    def listed(self) -> tuple[str, ...]:
        return self.open_items.listed


@dataclass(frozen=True)
class VerdictFinding:
    """The verdict of one question for this patient."""

    compiled: CompiledVerdict
    word: Word
    parts: tuple[PartFinding, ...]
    because: str
    strength: str | None = None
    wording: str | None = None
    deciding: tuple[PartFinding, ...] = ()
    scope_missing: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()
    contradicted: tuple[str, ...] = ()
    if_in_scope: Word | None = None

    @property
    def key(self) -> str:
        return self.compiled.key

    @property
    def title(self) -> str:
        return self.compiled.rule.title

    @cached_property
    def decisive(self) -> tuple[str, ...]:
        """What can change the word: of the scope, and of the parts that give the word."""
        return tuple(dict.fromkeys((*self.scope_missing, *(name for part in self.deciding for name in part.decisive))))

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """What does not hold the word up but belongs to it: open conditions of the text, facts in dispute."""
        named = (*(name for part in self.deciding for name in part.listed), *self.contradicted)
        return tuple(dict.fromkeys(name for name in named if name not in self.decisive))

    @property
    def unknowns(self) -> tuple[str, ...]:
        """Everything that could still change the verdict, the decisive first."""
        return tuple(dict.fromkeys((*self.decisive, *self.listed)))

    @property
    def is_determined(self) -> bool:
        """True where nothing that may still be learned can change the word."""
        return self.word is not Word.UNKNOWN and not self.unknowns


class OptionState(str, Enum):
    """What the documents say of an option for this patient, taken together."""

    FAVOURED = "favoured"
    POSSIBLE = "possible"
    NOT_ADVISED = "not_advised"
    NO_RECOMMENDATION = "no_recommendation"
    DOES_NOT_APPLY = "does_not_apply"
    CANNOT_JUDGE = "cannot_judge"
    DISAGREE = "disagree"


class Relation(str, Enum):
    """How the documents relate on an option, for this patient; `NEITHER`: none speaks to it."""

    AGREE = "agree"
    REFINE = "refine"
    CONFLICT = "conflict"
    ONE_SPEAKS = "only_one_speaks"
    NOT_YET = "cannot_be_compared_yet"
    NEITHER = "neither_speaks"


@dataclass(frozen=True)
class Voice:
    """What one document says of an option: a verdict, or one part of it."""

    verdict: VerdictFinding
    part: PartFinding | None
    word: Word
    strength: str | None
    wording: str | None
    because: str


@dataclass(frozen=True)
class OptionFinding:
    """One row of the options table."""

    option: Option
    state: OptionState
    relation: Relation
    voices: tuple[Voice, ...]
    open_voices: tuple[Voice, ...] = ()
    done: tuple[str, ...] = ()

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """What the documents that cannot judge yet are waiting for."""
        waiting = ((voice.part.decisive if voice.part else voice.verdict.decisive) for voice in self.open_voices)
        return tuple(dict.fromkeys(name for names in waiting for name in names))


@dataclass(frozen=True)
class Gap:
    """A missing fact: how many open verdicts name it, and how much knowing it would settle on average."""

    name: str
    asks: str
    verdicts: tuple[str, ...]
    settles: float
    share: float
    contradicted: bool = False


@dataclass(frozen=True)
class Advice:
    """Everything that the guidelines say about one patient."""

    facts: Facts
    knowledge: Knowledge = field(repr=False)
    scopes: tuple[ScopeFinding, ...]
    statements: tuple[StatementFinding, ...]
    verdicts: tuple[VerdictFinding, ...]
    options: tuple[OptionFinding, ...]
    gaps: tuple[Gap, ...]

    def scope(self, guideline: str) -> ScopeFinding:
        return next(scope for scope in self.scopes if scope.guideline == guideline)

    def verdict(self, key: str) -> VerdictFinding:
        """The verdict with this key (`nelm-2014/Q08`). Raises KeyError where there is none."""
        for verdict in self.verdicts:
            if verdict.key == key:
                return verdict
        raise KeyError(key)

    def words(self) -> Mapping[str, Word]:
        return {verdict.key: verdict.word for verdict in self.verdicts}
