"""What can be asked about the survival of groups of persons, and how each method answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import cast

from nelm.epidemiology.curves import SurvivalCurve
from nelm.epidemiology.follow_up import FollowUp, Times
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.life_table import LifeTable
from nelm.epidemiology.net_survival import ederer1, ederer2, hakulinen, pohar_perme
from nelm.epidemiology.period import period_approach
from nelm.epidemiology.standards import StandardPopulation
from nelm.epidemiology.support import SupportRule


class QuestionError(ValueError):
    """A question that cannot be answered as it was put: what was asked, what is permitted, what to do."""


@dataclass(frozen=True)
class Method:
    """A way to estimate: what the estimate is called, and what it needs. `probability` is that of events, otherwise it is survival."""

    label: str
    axis: str
    life_table: bool = True
    closing: bool = False
    period: bool = True
    causes: bool = False
    probability: bool = False


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "kaplan-meier": Method("Observed survival (Kaplan–Meier)", "Observed survival", life_table=False),
        "pohar-perme": Method("Net survival (Pohar Perme)", "Net survival"),
        "ederer2": Method("Relative survival (Ederer II)", "Relative survival"),
        "ederer1": Method("Relative survival (Ederer I)", "Relative survival", period=False),
        "hakulinen": Method("Relative survival (Hakulinen)", "Relative survival", closing=True, period=False),
        "aalen-johansen": Method(
            "Probability of death by cause (Aalen–Johansen)",
            "Probability of death",
            life_table=False,
            period=False,
            causes=True,
            probability=True,
        ),
        "crude-probability": Method(
            "Probability of death from the disease and from other causes", "Probability of death", probability=True
        ),
    }
)


@dataclass(frozen=True)
class SurvivalQuestion:
    """What is asked: a method of `METHODS`, at which years (of 365.241 days) after diagnosis, beside which population.

    `closing` is the last day on which deaths were registered (Hakulinen). `period` has the first and the last calendar year of a period
    analysis: survival from what was seen between 1 January of the one and 31 December of the other. `standard` has the age groups and weights of
    age-standardised survival. `support` says from where on estimates are refused or marked. Raises QuestionError.
    """

    method: str
    years: tuple[float, ...]
    life_table: LifeTable | None = None
    closing: date | None = None
    period: tuple[int, int] | None = None
    standard: StandardPopulation | None = None
    confidence: float = 0.95
    support: SupportRule = field(default_factory=SupportRule)

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise QuestionError(problem)

    def _problems(self) -> Iterator[str]:
        if self.method not in METHODS:
            yield f"The method {self.method!r} is not known. Permitted: {', '.join(METHODS)}."
            return
        method = METHODS[self.method]
        if method.life_table and self.life_table is None:
            yield f"{method.label} compares with a population. Give its life table: --life-table FILE."
        if not method.life_table and self.life_table is not None:
            yield f"{method.label} makes no use of a life table. Leave it out, or take a method that does, such as pohar-perme."
        if method.closing and self.closing is None:
            yield f"{method.label} asks how long each person could have been followed. Give the last day on which deaths were registered: --closing DATE."
        if not method.closing and self.closing is not None:
            yield f"{method.label} makes no use of a closing date. Leave it out, or take hakulinen."
        if self.standard is not None and (not method.life_table or method.probability):
            yield f"{method.label} is not standardised for age here. Leave the standard out, or take a method of net or relative survival."
        if self.period is not None and not method.period:
            allowed = ", ".join(name for name, one in METHODS.items() if one.period)
            yield f"{method.label} does not take part of the follow-up. Leave the period out, or take one of {allowed}."
        if not self.years or min(self.years) <= 0 or list(self.years) != sorted(set(self.years)):
            yield f"The years are {', '.join(f'{year:g}' for year in self.years) or 'none'}. Permitted: numbers above 0, each once, rising."
        if not 0 < self.confidence < 1:
            yield f"The confidence is {self.confidence:g}. Permitted: between 0 and 1, as in 0.95."

    @property
    def population(self) -> bool:
        """Whether a life table is asked, by sex, age and date."""
        return METHODS[self.method].life_table

    @property
    def causes(self) -> bool:
        """Whether the cause of each death is asked."""
        return METHODS[self.method].causes

    @property
    def probability(self) -> bool:
        """Whether the answer is a probability of events, and not one of survival."""
        return METHODS[self.method].probability

    @property
    def label(self) -> str:
        period = f", period {self.period[0]}–{self.period[1]}" if self.period else ""
        standard = f", age-standardised: {self.standard.label}" if self.standard else ""
        return f"{METHODS[self.method].label}{period}{standard}"

    def observed(self, persons: Times) -> Times:
        """The follow-up that is looked at: all of it, or that of the period. Raises FollowUpError where there is none."""
        if self.period is None:
            return persons
        first, last = self.period
        return period_approach(
            cast("FollowUp", persons), begin=date(first - 1, 12, 31), end=date(last, 12, 31)
        )  # at risk from 1 January on

    @property
    def value_name(self) -> str:
        """What the estimate is called in a table."""
        return "probability" if self.probability else "survival"

    def curve(self, observed: Times) -> SurvivalCurve:
        """The survival of a group. For a method with a life table `observed` has to be a FollowUp."""
        if self.life_table is None:
            return kaplan_meier(observed, confidence=self.confidence)
        persons, table = cast("FollowUp", observed), self.life_table
        match self.method:
            case "pohar-perme":
                return pohar_perme(persons, table, years=self.years, confidence=self.confidence)
            case "ederer2":
                return ederer2(persons, table, confidence=self.confidence)
            case "ederer1":
                return ederer1(persons, table, confidence=self.confidence)
            case _:
                assert self.closing is not None, "checked when the question was put"
                return hakulinen(persons, table, closing=self.closing, confidence=self.confidence)
