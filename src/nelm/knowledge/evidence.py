"""What a document reports besides its statements: claims with their numbers, caveats, research proposals, facts about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.guideline import Source

Outcome = Literal[
    # how many
    "incidence", "prevalence", "frequency",
    # how it ends
    "overall_survival", "progression_free_survival", "recurrence_free_survival", "recurrence", "mortality", "prognosis",
    # what treatment does
    "objective_response", "disease_control", "biochemical_response", "symptom_response", "conversion", "completeness_of_resection",
    "complications", "quality_of_life",
    # what a test finds
    "sensitivity", "specificity", "accuracy", "detection", "agreement", "change_of_management", "sampling_success",
    # what else is reported
    "biology", "criterion", "technique", "practice", "availability", "cost", "quality_of_evidence",
]  # fmt: skip
Unit = Literal[
    "percent", "per_100000_per_year", "per_100000", "patients", "years", "months", "weeks", "days", "mm", "cm", "ml", "gauge",
    "hazard_ratio", "odds_ratio", "relative_risk", "ratio", "fold", "number", "lesions", "studies", "gbq", "mbq", "gy", "mg", "ng_per_ml",
    "kpa", "cost_units",
]  # fmt: skip
Statistic = Literal["share", "rate", "median", "mean", "ratio", "threshold", "count"]
Design = Literal[
    "randomised_trial", "prospective_cohort", "retrospective_cohort", "comparative_study", "case_series", "registry", "meta_analysis",
    "systematic_review", "guideline", "review", "trial_not_randomised", "laboratory_study", "opinion", "not_stated",
]  # fmt: skip

# the limits of a number whose exact value is not printed
LIMITS = ("below", "at_most", "at_least", "above")


@dataclass(frozen=True)
class Interval:
    """A confidence interval, with its level in percent where that is printed."""

    __pydantic_config__ = STRICT
    low: float
    high: float
    level_percent: float | None = None


@dataclass(frozen=True)
class Value:
    """A printed number: one value, a range, a value with its range, or a limit.

    `of` names the group where a claim has several; `at` when it was measured (`5 years`); `p` the printed p value.
    `token` holds what is printed where the number is doubtful: it is shown, and nothing is computed from it.
    """

    __pydantic_config__ = STRICT
    unit: Unit
    value: float | None = None
    low: float | None = None
    high: float | None = None
    below: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    above: float | None = None
    about: bool = False
    interval: Interval | None = None
    statistic: Statistic | None = None
    of: str | None = None
    at_years: float | None = None
    at_months: float | None = None
    n: int | None = None
    p: str | None = None
    token: str | None = None

    @property
    def limit(self) -> tuple[str, float] | None:
        """The limit of a number that is only bounded: `('below', 50)`."""
        return next(((name, number) for name in LIMITS if (number := getattr(self, name)) is not None), None)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The lowest and the highest number that are printed; None for a limit or a token."""
        known = [number for number in (self.value, self.low, self.high) if number is not None]
        return (min(known), max(known)) if known else None


@dataclass(frozen=True)
class Claim:
    """Something that a document reports as found, in our words, with its numbers, where there are any.

    `actions` are the tests and treatments of the vocabulary that the claim speaks to.
    """

    __pydantic_config__ = STRICT
    id: str
    says: str
    population: str
    outcome: Outcome
    source: Source
    values: tuple[Value, ...] = ()
    exposure: str | None = None
    actions: tuple[str, ...] = ()
    comparator: str | None = None
    measure: str | None = None
    n: int | None = None
    design: Design = "not_stated"
    selection_bias: bool = False
    refs: tuple[int, ...] = ()
    refs_note: str | None = None
    discrepancies: tuple[str, ...] = ()
    note: str | None = None

    @property
    def is_qualitative(self) -> bool:
        """A finding without a number."""
        return not self.values


@dataclass(frozen=True)
class Remark:
    """A caveat, a research proposal, a conclusion, a requirement: something said, with its place."""

    __pydantic_config__ = STRICT
    id: str
    says: str
    source: Source
    statements: tuple[str, ...] = ()
    refs: tuple[int, ...] = ()
    discrepancies: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Evidence:
    """One file of evidence: what a document reports under one question, in its introduction, or in its figures."""

    __pydantic_config__ = STRICT
    about: str
    title: str
    claims: tuple[Claim, ...] = ()
    caveats: tuple[Remark, ...] = ()
    research: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Printed:
    """One fact about the document itself: a date, a number, a name, a step of its method."""

    __pydantic_config__ = STRICT
    item: str
    says: str
    source: Source | None = None
    discrepancies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Facts about the document that belong together: how it came about, who paid, how it was voted."""

    __pydantic_config__ = STRICT
    id: str
    title: str
    facts: tuple[Printed, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Name:
    """A person as printed in a reference, or a body (`literal`)."""

    __pydantic_config__ = STRICT
    family: str | None = None
    given: str | None = None
    literal: str | None = None


@dataclass(frozen=True)
class Reference:
    """A work in the reference list, in the fields of CSL-JSON, by its printed number. `others` stands for a printed `et al`."""

    __pydantic_config__ = STRICT
    number: int
    title: str
    type: str
    author: tuple[Name, ...] = ()
    others: bool = False
    container_title: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    page: str | None = None
    publisher: str | None = None
    doi: str | None = None
    discrepancies: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Reported:
    """Everything that a document reports besides its statements."""

    evidence: tuple[Evidence, ...] = ()
    sections: tuple[Section, ...] = ()
    references: dict[int, Reference] = field(default_factory=dict)

    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for block in self.evidence for claim in block.claims)


@dataclass(frozen=True)
class PictureRule:
    """A picture to be drawn from claims, or from the votes on statements: what is shown, never a number.

    `claims` names claims one by one (`nelm-2014/Q08.E01`); `outcomes`, with `at_years` and `kinds` (of the test or treatment), selects
    them. `group_by` puts the rows under the test or treatment, or under the document.
    """

    __pydantic_config__ = STRICT
    id: str
    title: str
    says: str
    unit: Unit
    claims: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    at_years: float | None = None
    kinds: tuple[str, ...] = ()
    votes: bool = False
    group_by: Literal["action", "outcome", "document"] = "action"
    note: str | None = None
