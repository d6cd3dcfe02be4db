"""Age groups as people write them (40-44, 85+, 63), and where they lie in a standard."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from nelm.epidemiology.standards import StandardPopulation

_GROUP = re.compile(r"(?P<low>[0-9]{1,3})\s*(?:(?:-|–|to)\s*(?P<high>[0-9]{1,3})|(?P<open>\+|and over|and older))?")


@dataclass(frozen=True)
class AgeGroup:
    """Ages in whole years from `low` to `high`, both in it; `high` is None where it is open."""

    low: int
    high: int | None

    def holds(self, other: AgeGroup) -> bool:
        """Whether all of another group lies in this one."""
        return self.low <= other.low and (self.high is None or (other.high is not None and other.high <= self.high))


def age_group_of(text: str) -> AgeGroup | None:
    """The group that a text names; None where it names none."""
    found = _GROUP.fullmatch(text.strip())
    if found is None:
        return None
    low = int(found["low"])
    high = None if found["open"] else int(found["high"] or low)
    return AgeGroup(low, high) if high is None or low <= high else None


def place_in(standard: StandardPopulation, group: AgeGroup) -> int | None:
    """The number (from 0) of the standard's group that holds this one; None where it lies in none, or across two."""
    place = bisect_right(standard.from_age, group.low) - 1
    if place < 0:
        return None
    last = place == len(standard.from_age) - 1
    whole = AgeGroup(standard.from_age[place], None if last else standard.from_age[place + 1] - 1)
    return place if whole.holds(group) else None
