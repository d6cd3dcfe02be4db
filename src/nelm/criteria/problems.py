"""What can be wrong with a condition, said so that its author knows what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from nelm.criteria.syntax import Position


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: where it stands in the condition, what was found, what is permitted."""

    message: str
    at: Position = field(default=Position())


class CriteriaError(ValueError):
    """A condition that cannot be used. `problems` holds every finding."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


SHORTEST_BEGINNING = 3


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the shortest known word that begins like this one, or the one that looks most like it."""
    candidates = {candidate.lower(): candidate for candidate in known}
    begun = [candidate for candidate in candidates if len(word) >= SHORTEST_BEGINNING and candidate.startswith(word.lower())]
    close = sorted(begun, key=len) or difflib.get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return f" Did you mean {candidates[close[0]]!r}?" if close else ""
