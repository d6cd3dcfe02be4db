"""What every chapter of the report is computed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nelm.cohort.compiled import CompiledCohort
from nelm.epidemiology.life_table import LifeTable
from nelm.knowledge.base import Knowledge
from nelm.registry.annual.persons import Patients
from nelm.registry.annual.plan import AnnualPlan
from nelm.registry.annual.words import Shown
from nelm.registry.freeze.open import Freeze
from nelm.registry.population import Population
from nelm.registry.settings import Settings

Told = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Context:
    """A freeze, the plan, the patients of whom the report speaks, and what they are held against."""

    freeze: Freeze
    plan: AnnualPlan
    settings: Settings
    compiled: CompiledCohort
    patients: Patients
    population: Population | None
    life_table: LifeTable | None

    @property
    def knowledge(self) -> Knowledge:
        return self.freeze.knowledge

    @property
    def shown(self) -> Shown:
        return Shown(self.settings.below)

    @property
    def named(self) -> str:
        """How a picture or a table names what it was made from."""
        return self.freeze.label
