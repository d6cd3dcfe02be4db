"""What open conditions wait for, as columns: the facts on a way from an undetermined condition to an open question.

A fact counts where every condition on the way down to it is undetermined, and, in a decision table, the row it stands in can
still be reached. Where each fact occurs once in a condition these are exactly the facts that `nelm.criteria.residual` names;
where facts are repeated one too many may be counted, never one too few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nelm.criteria.columns import Both, Columns, Recorded
from nelm.criteria.model import Row, Table
from nelm.criteria.syntax import (
    And,
    BooleanLiteral,
    CodeLiteral,
    Comparison,
    Expression,
    Implies,
    Member,
    Name,
    Not,
    Or,
    Xor,
    children,
    names,
)
from nelm.criteria.types import BooleanType, CodedType


def waits_for(condition: Expression, active: int, columns: Columns) -> Mapping[str, int]:
    """For each recorded fact under a condition the node that says whether the condition waits for it, where `active` holds."""
    walking = _Walking(columns)
    walking.down(condition, active)
    return {fact: columns.any_of(ways) for fact, ways in walking.found.items()}


@dataclass
class _Walking:
    columns: Columns
    found: dict[str, list[int]] = field(default_factory=dict)

    def down(self, node: Expression, active: int) -> None:
        here = self._open(self.columns.condition(node), active)
        match node:
            case BooleanLiteral():
                return
            case Name(name):
                self._named(name, here)
            case Not() | And() | Or() | Xor() | Implies():
                for child in children(node):
                    self.down(child, here)
            case Member(Name(name), codes):
                self._coded(name, frozenset(code.code for code in codes), here)
            case Comparison("=" | "!=", left, right):
                self._equal(left, right, here)
            case _:
                for part in names(node):
                    self._fact(part.name, here)

    def _open(self, condition: Both, active: int) -> int:
        return self.columns.all_of([active, condition.can_be_true, condition.can_be_false])

    def _fact(self, name: str, here: int) -> None:
        self.found.setdefault(name, []).append(here)

    def _equal(self, left: Expression, right: Expression, here: int) -> None:
        model = self.columns.model
        for side in (left, right):
            other = right if side is left else left
            match side:
                case Name(name) if isinstance(model.type_of(name), CodedType):
                    wanted = frozenset({other.code}) if isinstance(other, CodeLiteral) else None
                    self._coded(name, wanted, here)
                case Name(name) if isinstance(model.type_of(name), BooleanType):
                    self.down(side, here)
                case CodeLiteral():
                    continue
                case And() | Or() | Not() | Xor() | Implies() | Comparison() | Member():
                    self.down(side, here)
                case _:
                    for part in names(side):
                        self._fact(part.name, here)

    def _named(self, name: str, here: int) -> None:
        """A boolean name: a recorded fact, or a definition, which counts where nothing is recorded."""
        definition = self.columns.model.definitions.get(name)
        if definition is None:
            self._fact(name, here)
            return
        assert not isinstance(definition, Table), f"{name} is not a condition: the type check was left out"
        self.down(definition, self._computed(name, here))

    def _coded(self, name: str, codes: frozenset[str] | None, here: int) -> None:
        """A coded name; of a decision table the rows that can still be reached."""
        definition = self.columns.model.definitions.get(name)
        if definition is None:
            self._fact(name, self.columns.all_of([here, self._unsettled(name)]))
            return
        assert isinstance(definition, Table), f"{name} is not a coded fact: the type check was left out"
        before = [self._computed(name, here)]
        for row in (*definition.rows, Row(BooleanLiteral(True), definition.otherwise)):
            self.down(row.when, self.columns.all_of(before))
            before.append(self.columns.condition(row.when).can_be_false)

    def _unsettled(self, name: str) -> int:
        """More than one code is possible."""
        kind = self.columns.model.types[name]
        assert isinstance(kind, CodedType)
        single = [
            self.columns.opposite(self.columns.member(name, frozenset(kind.codes) - {code})) for code in kind.codes
        ]  # fmt: skip
        return self.columns.opposite(self.columns.any_of(single))

    def _computed(self, name: str, here: int) -> int:
        """Where a definition is computed; a recorded value that is open itself counts as a fact."""
        if name not in self.columns.model.types:
            return here
        recorded = self.columns.node(Recorded(name))
        self._fact(name, self.columns.all_of([here, recorded]))
        return self.columns.all_of([here, self.columns.opposite(recorded)])
