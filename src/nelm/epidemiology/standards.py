"""Standard populations: the weights of age groups that age-standardised rates and survival are made with.

Those of the content stand, each with its source, in `content/registry/standard_populations.yaml`; any other can be given.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from nelm.criteria import nearest
from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root

FILE = "registry/standard_populations.yaml"
Use = Literal["survival", "rates"]
ROUNDING = 1e-9  # of the sum of weights, relative: published weights are decimal numbers, their sum is taken in binary


class StandardPopulationError(ValueError):
    """A standard population that cannot be used, or does not fit: what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class StandardPopulation:
    """Weights of age groups, on the scale on which they were published (`total` is their sum).

    `from_age` has the age in whole years at which each group begins; a group ends where the next begins, the last is open.
    `use` says what they were made for: survival of patients, or rates of a population. `outside` is the source.
    """

    __pydantic_config__ = STRICT
    id: str
    label: str
    use: Use
    from_age: tuple[int, ...]
    weights: tuple[float, ...]
    total: float
    outside: str
    note: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the age groups: "15-44", …, "75+"; a single year of age is "0"."""
        closed = (f"{low}-{high - 1}" if high - low > 1 else str(low) for low, high in pairwise(self.from_age))
        return (*closed, f"{self.from_age[-1]}+")

    @property
    def shares(self) -> tuple[float, ...]:
        """The weights as shares of 1."""
        total = math.fsum(self.weights)
        return tuple(weight / total for weight in self.weights)

    def from_birth(self) -> StandardPopulation:
        """The same weights, with everyone younger than the first age taken into the youngest group."""
        if self.from_age[0] == 0:
            return self
        return replace(self, label=f"{self.label}, youngest group from birth", from_age=(0, *self.from_age[1:]))

    def group_of(self, age: float) -> str:
        """The age group of a person of this age in years. Raises StandardPopulationError for one who is in none of them."""
        if not self.from_age[0] <= age < math.inf:
            raise StandardPopulationError(
                f"{self.label}: found the age {age:g}, and its groups begin at {self.from_age[0]} years. "
                "Leave such persons out and say so, or take another standard."
            )
        return self.groups[bisect_right(self.from_age, age) - 1]

    def weights_for(self, groups: Sequence[str]) -> tuple[float, ...]:
        """The weights in the order of `groups`. Raises StandardPopulationError unless these are exactly the groups of the standard."""
        named = dict(zip(self.groups, self.weights, strict=True))
        twice = sorted({group for group in groups if list(groups).count(group) > 1})
        unknown = [group for group in groups if group not in named]
        missing = [group for group in named if group not in groups]
        for problem, found in (("twice", twice), ("not in the standard", unknown), ("missing from the table", missing)):
            if found:
                raise StandardPopulationError(
                    f"{self.label}: {_age_groups(found)} {problem}. It has {', '.join(named)}. "
                    "Give each of these once, those without anybody too, or take a standard with the groups of the table."
                )
        return tuple(named[group] for group in groups)


def _age_groups(found: Sequence[str]) -> str:
    return f"the age {'group' if len(found) == 1 else 'groups'} {', '.join(found)} {'is' if len(found) == 1 else 'are'}"


def standard_populations(root: Path | None = None) -> Mapping[str, StandardPopulation]:
    """The standards of the content by id, in the order of the file; `root` is the folder of the content.

    Raises ContentError with everything that is wrong with the file, each with its line.
    """
    reader = Reader(root or content_root())
    found: dict[str, StandardPopulation] = {}
    for standard, document, path in reader.items(StandardPopulation, FILE, "standards"):
        for name, problem in _problems(standard):
            reader.report(document, (*path, name), problem)
        if standard.id in found:
            reader.report(document, (*path, "id"), f"The id {standard.id!r} is given twice. Give each standard its own.")
        found[standard.id] = standard
    if reader.findings:
        raise ContentError(reader.findings)
    return MappingProxyType(found)


def standard_population(name: str, root: Path | None = None) -> StandardPopulation:
    """The standard of the content with this id. Raises StandardPopulationError where there is none."""
    known = standard_populations(root)
    if name not in known:
        raise StandardPopulationError(
            f"The standard population {name!r} is not known. Permitted: {', '.join(known)}.{nearest(name, known)} "
            "Any other can be given by its age groups and weights."
        )
    return known[name]


def custom_standard(label: str, from_age: Sequence[int], weights: Sequence[float], *, use: Use, source: str) -> StandardPopulation:
    """A standard that is not in the content. Raises StandardPopulationError where ages or weights are not those of a standard."""
    made = StandardPopulation("custom", label, use, tuple(from_age), tuple(map(float, weights)), math.fsum(weights), source)
    for name, problem in _problems(made):
        raise StandardPopulationError(f"{label or 'Standard population'}, {'source' if name == 'outside' else name}: {problem}")
    return made


def _problems(standard: StandardPopulation) -> Iterator[tuple[str, str]]:
    """What is wrong with a standard: the field, and a sentence for its author."""
    ages, weights = standard.from_age, standard.weights
    for name, text in (("id", standard.id), ("label", standard.label), ("outside", standard.outside)):
        if not text.strip():
            yield name, "Found nothing. Say what the standard is called and where it was published."
    if not ages or ages[0] < 0 or any(later <= earlier for earlier, later in pairwise(ages)):
        yield "from_age", f"Found {list(ages)}. Give the ages in whole years at which the groups begin, from 0 on and rising."
    if len(weights) != len(ages):
        yield "weights", f"Found {len(weights)} weights for {len(ages)} age groups. Give one for each."
    wrong = [weight for weight in weights if not 0 <= weight < math.inf]
    if wrong:
        yield "weights", f"Found {', '.join(f'{weight:g}' for weight in wrong)}. A weight is a number from 0 on."
        return
    total = math.fsum(weights)
    if total <= 0:
        yield "weights", "Found no weight above 0. At least one age group has to count."
    elif not math.isclose(total, standard.total, rel_tol=ROUNDING):
        yield "total", f"Found {standard.total:g}, and the weights sum to {total:g}. Compare both with the source."
