"""What open conditions wait for, as columns: the facts on a way from an undetermined condition to an open question.

A fact counts where every condition on the way down to it is undetermined, and, in a decision table, the row it stands in can
still be reached. Where each fact occurs once in a condition these are exactly the facts that `nelm.criteria.residual` names;
where facts are repeated one too many may be counted, never one too few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nelm.criteria.columns import Columns, MayBeBelow, Recorded
from nelm.criteria.model import Table
from nelm.criteria.syntax import (
    And,
    Arithmetic,
    CodeLiteral,
    Comparison,
    DateLiteral,
    Expression,
    Implies,
    Name,
    Not,
    NumberLiteral,
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
        """Follow a condition where it is undetermined, and `active` holds."""
        condition = self.columns.condition(node)
        here = self.columns.all_of([active, condition.can_be_true, condition.can_be_false])
        match node:
            case Name(name):
                self._named(name, here)
            case Not() | And() | Or() | Xor() | Implies():
                for child in children(node):
                    self.down(child, here)
            case Comparison("=" | "!=", left, right) if self._is_condition(left):
                self.down(left, here)
                self.down(right, here)
            case _:
                for part in names(node):
                    self._compared(part.name, here)

    def _is_condition(self, side: Expression) -> bool:
        if isinstance(side, Name):
            return isinstance(self.columns.model.type_of(side.name), BooleanType)
        return not isinstance(side, CodeLiteral | NumberLiteral | DateLiteral | Arithmetic)

    def _named(self, name: str, here: int) -> None:
        """A boolean name: a recorded fact, or a definition, which counts where nothing is recorded."""
        definition = self.columns.model.definitions.get(name)
        if definition is None:
            self._fact(name, here)
        else:
            assert not isinstance(definition, Table), f"{name} is not a condition: the type check was left out"
            self.down(definition, self._computed(name, here))

    def _compared(self, name: str, here: int) -> None:
        """A name in a comparison; of a decision table the rows that can still be reached."""
        definition = self.columns.model.definitions.get(name)
        if definition is None:
            self._fact(name, self.columns.all_of([here, self._unsettled(name)]))
            return
        assert isinstance(definition, Table), f"{name} is not a coded fact: the type check was left out"
        before = [self._computed(name, here)]
        for row in definition.rows:
            self.down(row.when, self.columns.all_of(before))
            before.append(self.columns.condition(row.when).can_be_false)

    def _fact(self, name: str, here: int) -> None:
        self.found.setdefault(name, []).append(here)

    def _unsettled(self, name: str) -> int:
        """More than one value is possible."""
        kind, make = self.columns.model.types[name], self.columns
        if not isinstance(kind, CodedType):
            return make.node(MayBeBelow(name, name, or_equal=False))
        codes = frozenset(kind.codes)
        return make.all_of(make.member(name, codes - {code}) for code in kind.codes)

    def _computed(self, name: str, here: int) -> int:
        """Where a definition is computed. What is recorded for it counts as a fact where that is open, or may yet be entered."""
        model, make = self.columns.model, self.columns
        if name not in model.types:
            return here
        recorded = make.node(Recorded(name))
        self._fact(name, here if name in model.enterable else make.all_of([here, recorded]))
        return make.all_of([here, make.opposite(recorded)])
