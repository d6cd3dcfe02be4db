"""What the annual report counts, and how: content, read from `content/registry/annual_report.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nelm.cohort.records.moments import OnDateOf
from nelm.criteria import BooleanType, CodedType, DateType, nearest
from nelm.epidemiology.follow_up import SEXES
from nelm.epidemiology.propensity import Estimand
from nelm.epidemiology.standards import standard_populations
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root
from nelm.knowledge.yamlfile import Path_

FILE = "registry/annual_report.yaml"


@dataclass(frozen=True)
class Person:
    """Which facts say who a patient is, when what happened, and whether he or she lives; `sexes` gives the code behind each word."""

    __pydantic_config__ = STRICT
    birth_date: str
    sex: str
    diagnosis: str
    metastases: str
    vital_status: str
    alive: str
    dead: str
    death: str
    last_contact: str
    first_malignancy: str
    sexes: dict[str, str]


@dataclass(frozen=True)
class PartialDates:
    """A date known to at most so many days is taken as the middle of them."""

    __pydantic_config__ = STRICT
    at_most_days: int
    reason: str


@dataclass(frozen=True)
class Baseline:
    """How many days after the liver metastases were first seen patients are put into groups."""

    __pydantic_config__ = STRICT
    days_after: int
    reason: str


@dataclass(frozen=True)
class QualityPlan:
    """Which indices are printed for each centre, and how many kinds of finding."""

    __pydantic_config__ = STRICT
    by_centre: tuple[str, ...]
    most_findings: int


@dataclass(frozen=True)
class IncidencePlan:
    __pydantic_config__ = STRICT
    standards: tuple[str, ...]
    per: float


@dataclass(frozen=True)
class PrevalencePlan:
    __pydantic_config__ = STRICT
    years: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class SurvivalPlan:
    """At which years survival is printed, by which facts patients are divided, and how few at risk make no estimate."""

    __pydantic_config__ = STRICT
    years: tuple[int, ...]
    standard: str
    fewest_at_risk: int
    by: tuple[str, ...]


@dataclass(frozen=True)
class TreatmentPlan:
    """Survival by treatment given up to a landmark, in days after the liver metastases were first seen."""

    __pydantic_config__ = STRICT
    landmark_days: int
    reason: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class ComparisonPlan:
    """A treatment given up to the landmark against its alternative, among patients made alike in `covariates` (coded, or yes or no).

    Values of fewer patients than `rare_below_percent` of all are taken together, as a score cannot tell them apart.
    """

    __pydantic_config__ = STRICT
    id: str
    treatment: str
    alternative: str
    covariates: tuple[str, ...]
    rare_below_percent: float
    with_age_and_sex: bool
    estimand: Estimand
    horizons_years: tuple[int, ...]
    resamples: int
    reason: str


@dataclass(frozen=True)
class ConcordancePlan:
    __pydantic_config__ = STRICT
    fewest_decisions: int
    limits: str


@dataclass(frozen=True)
class CentresPlan:
    """Of survival at how many years centres are held against one another."""

    __pydantic_config__ = STRICT
    years: int
    limits: str


@dataclass(frozen=True)
class AnnualPlan:
    """The plan of the report, as the content states it."""

    __pydantic_config__ = STRICT
    id: str
    version: str
    date: date
    title: str
    intended_use: str
    person: Person
    partial_dates: PartialDates
    baseline: Baseline
    quality: QualityPlan
    incidence: IncidencePlan
    prevalence: PrevalencePlan
    survival: SurvivalPlan
    treatment: TreatmentPlan
    comparisons: tuple[ComparisonPlan, ...]
    concordance: ConcordancePlan
    centres: CentresPlan

    @property
    def divided_by(self) -> tuple[str, ...]:
        """Every fact that patients are divided by, or made alike in."""
        return tuple(dict.fromkeys((*self.survival.by, *(name for found in self.comparisons for name in found.covariates))))

    @property
    def baseline_moment(self) -> OnDateOf:
        return OnDateOf(self.person.metastases, self.baseline.days_after)


def read_plan(knowledge: Knowledge, root: Path | None = None) -> AnnualPlan:
    """The plan in the content folder. Raises ContentError with every mistake and its line."""
    reader = Reader(root or content_root())
    plan = reader.whole(AnnualPlan, FILE)
    if plan is not None:
        document = reader.documents[FILE]
        for path, message in _problems(plan, knowledge, root):
            reader.report(document, path, message)
    if plan is None or reader.findings:
        raise ContentError(reader.findings)
    return plan


def _problems(plan: AnnualPlan, knowledge: Knowledge, root: Path | None) -> Iterator[tuple[Path_, str]]:
    person, types = plan.person, knowledge.model.types
    for field in ("birth_date", "diagnosis", "metastases", "death", "last_contact"):
        name = getattr(person, field)
        if not isinstance(types.get(name), DateType):
            dates = [found for found, kind in types.items() if isinstance(kind, DateType)]
            yield ("person", field), f"{name!r} is no date of the dictionary. Permitted: {', '.join(dates)}.{nearest(name, dates)}"
    if not isinstance(types.get(person.first_malignancy), BooleanType):
        yield ("person", "first_malignancy"), f"{person.first_malignancy!r} is no fact of the dictionary that is yes or no."
    yield from _codes(person, knowledge)
    dividing: list[tuple[Path_, str]] = [(("survival", "by", place), name) for place, name in enumerate(plan.survival.by)]
    for number, comparison in enumerate(plan.comparisons):
        dividing += [(("comparisons", number, "covariates", place), name) for place, name in enumerate(comparison.covariates)]
    for path, name in dividing:
        if not isinstance(knowledge.model.type_of(name), CodedType | BooleanType):
            yield path, f"{name!r} is neither coded nor yes or no. Patients are divided by facts and derivations that are."
    yield from _terms(plan, knowledge)
    standards = standard_populations(root)
    for path, name in (
        *((("incidence", "standards", place), name) for place, name in enumerate(plan.incidence.standards)),
        (("survival", "standard"), plan.survival.standard),
    ):
        if name not in standards:
            yield path, f"{name!r} is no standard population. Permitted: {', '.join(standards)}.{nearest(name, standards)}"
    yield from _numbers(plan)


def _terms(plan: AnnualPlan, knowledge: Knowledge) -> Iterator[tuple[Path_, str]]:
    known = [name for name, term in knowledge.terms.items() if term.done is not None]
    named: list[tuple[Path_, str]] = [(("treatment", "terms", place), name) for place, name in enumerate(plan.treatment.terms)]
    named += [(("comparisons", place, "treatment"), comparison.treatment) for place, comparison in enumerate(plan.comparisons)]
    for path, name in named:
        if name not in known:
            yield path, f"{name!r} is no term that a record shows as done.{nearest(name, known)}"


def _codes(person: Person, knowledge: Knowledge) -> Iterator[tuple[Path_, str]]:
    wanted = [("vital_status", "alive", person.alive), ("vital_status", "dead", person.dead)]
    for word, code in person.sexes.items():
        if word not in SEXES:
            yield ("person", "sexes", word), f"{word!r} is no sex of a life table. Permitted: {', '.join(SEXES)}."
        wanted.append(("sex", "sexes", code))
    for field, where, code in wanted:
        kind = knowledge.model.types.get(getattr(person, field))
        if not isinstance(kind, CodedType):
            yield ("person", field), f"{getattr(person, field)!r} is no coded fact of the dictionary."
        elif code not in kind.codes:
            yield ("person", where), f"{code!r} is no code of {getattr(person, field)}. Permitted: {', '.join(kind.codes)}."


def _numbers(plan: AnnualPlan) -> Iterator[tuple[Path_, str]]:
    least = {
        ("partial_dates", "at_most_days"): (plan.partial_dates.at_most_days, 1),
        ("baseline", "days_after"): (plan.baseline.days_after, 0),
        ("survival", "fewest_at_risk"): (plan.survival.fewest_at_risk, 1),
        ("treatment", "landmark_days"): (plan.treatment.landmark_days, 1),
        ("concordance", "fewest_decisions"): (plan.concordance.fewest_decisions, 1),
        ("centres", "years"): (plan.centres.years, 1),
    }
    for path, (found, lowest) in least.items():
        if found < lowest:
            yield path, f"Found {found}. Permitted: a whole number from {lowest} on."
    for path, years in ((("prevalence", "years"), plan.prevalence.years), (("survival", "years"), plan.survival.years)):
        if not years or list(years) != sorted(set(years)) or years[0] < 1:
            yield path, f"Found {list(years)}. Permitted: whole years from 1 on, each once, in order."
