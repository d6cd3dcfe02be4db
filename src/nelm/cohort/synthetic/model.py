"""The description of a synthetic cohort, as the content states it: what is drawn, what is recorded of it, and how badly.

Nothing here knows what is described. `docs/synthetic-cohort.md` is the reference for authors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.yamlfile import Path_

Number = float | str  # a number, or the name of a variable that holds one
OTHERWISE = "otherwise"


@dataclass(frozen=True)
class Normal:
    __pydantic_config__ = STRICT
    mean: Number
    sd: Number


@dataclass(frozen=True)
class Lognormal:
    """`sigma` is the standard deviation of the logarithm."""

    __pydantic_config__ = STRICT
    median: Number
    sigma: Number


@dataclass(frozen=True)
class Uniform:
    __pydantic_config__ = STRICT
    low: Number
    high: Number


@dataclass(frozen=True)
class Weibull:
    """`shape` 1 is the exponential distribution."""

    __pydantic_config__ = STRICT
    median: Number
    shape: Number = 1.0


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """How a value comes about. Exactly one way is given:

    - drawn: `choice` (codes with weights), `chance` (true with this probability), `normal`, `lognormal`, `uniform`, `weibull`
      (each cut off at `low` and `high`, rounded to `digits`);
    - fixed: `exactly`; or computed: `same_as` (another variable), `is` (whether a condition certainly holds), `product`, `sum`;
    - a day: `after` a variable or a day (`@2005-01-01`) by `days` or `months`; `earliest` or `latest` of several;
    - depending on what was drawn before: `by` a variable, with `values` (numbers) or `tables` (distributions) for its codes;
      `cases`, of which the first whose `when` certainly holds is taken.

    `claims` (published findings) and `assumed` (a reason in one line) say where its numbers are from, and those of its parts.
    """

    __pydantic_config__ = STRICT
    choice: dict[str, float] | None = None
    chance: Number | None = None
    normal: Normal | None = None
    lognormal: Lognormal | None = None
    uniform: Uniform | None = None
    weibull: Weibull | None = None
    exactly: bool | float | str | None = None
    same_as: str | None = None
    is_: str | None = None
    product: tuple[Number, ...] | None = None
    sum: tuple[Number, ...] | None = None
    after: str | None = None
    days: Distribution | None = None
    months: Distribution | None = None
    earliest: tuple[str, ...] | None = None
    latest: tuple[str, ...] | None = None
    by: str | None = None
    values: dict[str, float] | None = None
    tables: dict[str, Distribution] | None = None
    cases: tuple[Case, ...] | None = None
    low: Number | None = None
    high: Number | None = None
    digits: int | None = None
    claims: tuple[str, ...] = ()
    assumed: str | None = None

    @property
    def ways(self) -> list[str]:
        """The ways that are given, as they are written; exactly one is right."""
        return [name.rstrip("_") for name in WAYS if getattr(self, name) is not None]

    @property
    def is_grounded(self) -> bool:
        return bool(self.claims) or self.assumed is not None

    def parts(self) -> Iterator[tuple[Distribution, Path_]]:
        """The distributions inside this one, each with its place below it."""
        for name in ("days", "months"):
            if (inner := getattr(self, name)) is not None:
                yield inner, (name,)
        for key, table in (self.tables or {}).items():
            yield table, ("tables", key)
        for number, case in enumerate(self.cases or ()):
            yield case, ("cases", number)


WAYS = (
    "choice", "chance", "normal", "lognormal", "uniform", "weibull", "exactly", "same_as", "is_", "product", "sum", "after", "earliest", "latest",
    "by", "cases",
)  # fmt: skip
# a value that comes about so states no number of its own
WITHOUT_NUMBERS = ("same_as", "is", "earliest", "latest")
# a value that comes about so leaves the numbers to its parts
BY_PARTS = ("by", "cases", "after")


@dataclass(frozen=True, kw_only=True)
class Case(Distribution):
    """One of several cases; the last one has no `when`."""

    when: str | None = None


@dataclass(frozen=True, kw_only=True)
class Variable(Distribution):
    """Something drawn of every person, under a name that later conditions may use; not drawn where `when` is not certain.

    With the name of an element of the dictionary it has its type and is cut off at its permitted range.
    """

    name: str
    when: str | None = None
    says: str | None = None


@dataclass(frozen=True, kw_only=True)
class EntryRule:
    """Entries of an entity that are made where `when` certainly holds and `happens` is drawn true, up to `repeat` times.

    `writes` names variables drawn before, `draws` draws more; what has the name of an element of the entity is written into the entry.
    `date_as` keeps the date under a name, so that the next entry can come after it.
    """

    __pydantic_config__ = STRICT
    entity: str
    says: str | None = None
    when: str | None = None
    happens: Distribution | None = None
    repeat: int = 1
    date: Distribution | None = None
    date_as: str | None = None
    writes: tuple[str, ...] = ()
    draws: tuple[Variable, ...] = ()
    claims: tuple[str, ...] = ()
    assumed: str | None = None


@dataclass(frozen=True, kw_only=True)
class Missing:
    """How often a value is left out: `shares` by element, `otherwise` for all others, times the variable `factor`."""

    __pydantic_config__ = STRICT
    assumed: str
    otherwise: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)
    factor: str | None = None


FormKind = Literal["month", "year", "set", "neighbour", "spelling", "limits", "steps"]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a share of the values of an element is written with less than is known.

    `month`, `year`: a date without its day. `set`: a word for several codes; `neighbour`: the code or the next one; `spelling`: another
    word for the same. `limits`: below, between or above the numbers `at`; `steps`: the range of width `of` around the number.
    """

    __pydantic_config__ = STRICT
    element: str
    written: FormKind
    share: float
    at: tuple[float, ...] = ()
    of: float | None = None


@dataclass(frozen=True, kw_only=True)
class Partial:
    """The forms, and the variable `factor` that their shares are multiplied with."""

    __pydantic_config__ = STRICT
    assumed: str
    forms: tuple[Form, ...] = ()
    factor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A published share that the cohort has to show: of those `among`, so many fulfil `share`.

    `value` is the place of the number within the claim, `within` how many points a single printed number may be missed by.
    """

    __pydantic_config__ = STRICT
    claim: str
    share: str
    among: str = "true"
    value: int = 0
    within: float = 0.0
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Description:
    """A synthetic cohort. `ends` is the variable that holds the last day on which anything is recorded of a person."""

    __pydantic_config__ = STRICT
    id: str
    version: str
    title: str
    ends: str
    variables: tuple[Variable, ...]
    entries: tuple[EntryRule, ...]
    complete: dict[str, Distribution] = field(default_factory=dict)
    missing: Missing | None = None
    partial: Partial | None = None
    anchors: tuple[Anchor, ...] = ()
