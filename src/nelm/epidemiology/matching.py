"""Matching on the propensity score: for each treated person the nearest untreated ones.

Greedy and deterministic: treated persons choose in the order of their scores, the highest first (ties: in the order of the data), each
takes the nearest untreated person who is free (ties: the one who comes first in the data); with several matches, all choose once
before anyone chooses again. Sources: Rosenbaum PR, Rubin DB. Am Stat 1985;39:33–38. Austin PC. Pharm Stat 2011;10:150–161 (a caliper
of 0.2 standard deviations of the log odds).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from nelm.epidemiology.covariates import ComparisonError, unknown
from nelm.epidemiology.kernels import Booleans, Floats, Integers
from nelm.epidemiology.propensity import PropensityScore


@dataclass(frozen=True, eq=False)
class Matching:
    """Who was matched with whom. `pairs` are positions: treated, untreated, one row for each pair.

    `weights` make the untreated stand for the treated they are matched with (0: left out; the treated have 1), summing to the number of
    matched treated in both arms. `sets` numbers the matched sets (−1: left out; with replacement a person belongs to the last one), for
    errors by cluster. `unmatched` are the treated who found nobody: the comparison does not speak for them.
    """

    pairs: Integers
    weights: Floats
    sets: Integers
    unmatched: Integers
    matched_treated: int
    matched_untreated: int
    largest_distance: float


def match(
    score: PropensityScore,
    *,
    ratio: int = 1,
    caliper: float | None = None,
    log_odds: bool = False,
    replacement: bool = False,
    exact: Sequence[Hashable] | None = None,
) -> Matching:
    """Up to `ratio` untreated persons for each treated one.

    Distance is that of the scores, or of their log odds; `caliper` the largest distance that is allowed, in standard deviations of it over
    all persons; `exact` a value for each person that must be equal. `replacement`: an untreated person may be taken again.
    Raises ComparisonError if nobody finds a match.
    """
    if ratio < 1:
        raise ComparisonError(f"ratio: found {ratio}. Permitted: 1 or more untreated persons for each treated one.")
    if caliper is not None and not caliper > 0:
        raise ComparisonError(f"caliper: found {caliper}. Permitted: a number of standard deviations above 0, or none.")
    position = np.log(score.scores / (1 - score.scores)) if log_odds else score.scores
    widest = float("inf") if caliper is None else caliper * float(np.std(position, ddof=1))
    pairs = []
    for members in _strata(exact, score.treated.size):
        pairs.extend(_pairs(position, score.treated, members, ratio, widest, replacement))
    if not pairs:
        raise ComparisonError("Nobody found a match. Widen the caliper, or match exactly on less; first look at the overlap of the arms.")
    return _matching(np.array(sorted(pairs), dtype=np.int64), score, position)


def _strata(exact: Sequence[Hashable] | None, count: int) -> list[Integers]:
    if exact is None:
        return [np.arange(count, dtype=np.int64)]
    if len(exact) != count:
        raise ComparisonError(f"exact: {len(exact)} values. Permitted: one for each of the {count} persons.")
    groups: dict[Hashable, list[int]] = {}
    for number, word in enumerate(exact):
        if unknown(word):
            raise ComparisonError(
                f"exact: unknown for person {number + 1}. Unknown equals nothing: leave such persons out, and say how many."
            )
        groups.setdefault(word, []).append(number)
    return [np.array(members, dtype=np.int64) for members in groups.values()]


def _pairs(position: Floats, treated: Booleans, members: Integers, ratio: int, widest: float, replacement: bool) -> list[tuple[int, int]]:
    choosers = members[treated[members]]
    choosers = choosers[np.argsort(-position[choosers], kind="stable")]
    others = members[~treated[members]]
    others = others[np.argsort(position[others], kind="stable")]
    shelf = _Shelf(position[others], others)
    taken: dict[int, set[int]] = {int(person): set() for person in choosers}
    found = []
    for _ in range(ratio):
        for person in choosers.tolist():
            place = shelf.nearest(float(position[person]), widest, taken[person] if replacement else ())
            if place is None:
                continue
            found.append((person, int(others[place])))
            taken[person].add(place)
            if not replacement:
                shelf.take(place)
    return found


class _Shelf:
    """Untreated persons by position (equal ones in the order of the data); those taken are skipped over in nearly constant time."""

    def __init__(self, positions: Floats, rows: Integers) -> None:
        self.positions = positions
        self.rows = rows
        self.right = list(range(positions.size + 1))  # from a place on, the next that is free
        self.left = list(range(positions.size + 1))  # the same downwards; place + 1, so that 0 is before the first

    def take(self, place: int) -> None:
        self.right[place] = place + 1
        self.left[place + 1] = place

    def nearest(self, wanted: float, widest: float, apart_from: Collection[int]) -> int | None:
        """The place of the nearest one who is free, None if nobody is near enough."""
        start = int(np.searchsorted(self.positions, wanted))
        down = self._next(self.left, start)
        while down - 1 in apart_from:
            down = self._next(self.left, down - 1)
        choices = [self._free_from(start, apart_from)]
        if down > 0:
            choices.append(self._free_from(int(np.searchsorted(self.positions, self.positions[down - 1])), apart_from))
        near = [
            (abs(float(self.positions[place]) - wanted), int(self.rows[place]), place) for place in choices if place < self.positions.size
        ]
        best = min((choice for choice in near if choice[0] <= widest), default=None)
        return None if best is None else best[2]

    def _free_from(self, place: int, apart_from: Collection[int]) -> int:
        place = self._next(self.right, place)
        while place in apart_from:
            place = self._next(self.right, place + 1)
        return place

    @staticmethod
    def _next(links: list[int], place: int) -> int:
        root = place
        while links[root] != root:
            root = links[root]
        while links[place] != root:
            links[place], place = root, links[place]
        return root


def _matching(pairs: Integers, score: PropensityScore, position: Floats) -> Matching:
    treated, untreated = pairs[:, 0], pairs[:, 1]
    matched, numbers, sizes = np.unique(treated, return_inverse=True, return_counts=True)
    weights = np.zeros(score.treated.size)
    weights[matched] = 1.0
    np.add.at(weights, untreated, 1.0 / sizes[numbers])
    sets = np.full(score.treated.size, -1, dtype=np.int64)
    sets[matched] = np.arange(matched.size)
    sets[untreated] = numbers
    alone = np.setdiff1d(np.flatnonzero(score.treated), matched)
    distance = float(np.abs(position[treated] - position[untreated]).max())
    return Matching(pairs, weights, sets, alone.astype(np.int64), matched.size, np.unique(untreated).size, distance)
