"""How the results of CQL and of the reference compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Said = bool | str | None


@dataclass
class Agreement:
    """Compared results: equal and definite, both open, CQL open where the reference is definite, and differences.

    A difference is a definite result of CQL that the reference does not give, and on `complete` facts every result that is not equal.
    """

    patients: int = 0
    definite: int = 0
    both_open: int = 0
    says_less: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def compared(self) -> int:
        return self.definite + self.both_open + self.says_less + len(self.differences)

    def add(self, who: object, found: Mapping[str, Said], expected: Mapping[str, Said], *, complete: bool) -> None:
        """The results for one patient."""
        self.patients += 1
        for name, said in found.items():
            wanted = expected[name]
            if said == wanted:
                self.definite += said is not None
                self.both_open += said is None
            elif said is None and not complete:
                self.says_less += 1
            else:
                self.differences.append(f"{who}: {name}: CQL says {said}, NELM {wanted}")

    def numbers(self) -> dict[str, int]:
        """For the record of the test run."""
        counted = {"patients": self.patients, "compared": self.compared, "definite": self.definite, "both_open": self.both_open}
        return {**counted, "cql_says_less": self.says_less, "differences": len(self.differences)}


def values_taken(results: Iterable[Mapping[str, Said]]) -> dict[str, set[Said]]:
    """For each definition all results that came up."""
    found: dict[str, set[Said]] = {}
    for result in results:
        for name, said in result.items():
            found.setdefault(name, set()).add(said)
    return found
