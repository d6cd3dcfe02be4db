"""Definitions: the names that conditions give to other conditions and to decision tables.

A `Model` is a schema of recorded facts plus definitions over them. It answers, for any name, which type
it has and how it is computed; the evaluators need nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from nelm.criteria.problems import CriteriaError, Problem
from nelm.criteria.syntax import Expression, names
from nelm.criteria.types import BooleanType, CodedType, ValueType
from nelm.criteria.values import Value


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a decision table: where `when` holds, the result is one of `then`."""

    when: Expression
    then: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table, read from the top: the first row that holds gives the result.

    What is not ruled out counts: the result is the union of the rows that can still be the first
    to hold; `otherwise` is reached only where every row can be false.
    """

    codes: tuple[str, ...]
    rows: tuple[Row, ...]
    otherwise: frozenset[str]

    @property
    def type(self) -> CodedType:
        return CodedType(self.codes)

    def conditions(self) -> Iterator[Expression]:
        return (row.when for row in self.rows)


Definition = Expression | Table


@dataclass(frozen=True)
class Model:
    """Recorded facts with their types, and the definitions built on them.

    `enterable` names the definitions that can also be entered; what is entered goes before what is computed.
    """

    types: Mapping[str, ValueType]
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    enterable: frozenset[str] = frozenset()

    @cached_property
    def _reached(self) -> dict[str, frozenset[str]]:
        """The recorded facts under a name, for the names that were asked about."""
        return {}

    @cached_property
    def _built_on(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _domains(self) -> dict[str, Value]:
        return {}

    def domain_of(self, name: str) -> Value:
        """All that a fact may be. Raises KeyError for a name that has no type: the check was left out."""
        domain = self._domains.get(name)
        if domain is None:
            found = self.type_of(name)
            if found is None:
                raise KeyError(name)
            domain = self._domains[name] = found.domain
        return domain

    def __getstate__(self) -> dict[str, object]:
        """Only what the model says; what is remembered about it is worked out anew."""
        return {item.name: self.__dict__[item.name] for item in fields(self)}

    def type_of(self, name: str) -> ValueType | None:
        """The type behind a name; a definition that is a condition is boolean."""
        definition = self.definitions.get(name)
        if isinstance(definition, Table):
            return definition.type
        if definition is not None:
            return BooleanType()
        return self.types.get(name)

    def conditions_of(self, name: str) -> tuple[Expression, ...]:
        """The conditions that define a name; none for a recorded fact."""
        definition = self.definitions.get(name)
        if definition is None:
            return ()
        return tuple(definition.conditions()) if isinstance(definition, Table) else (definition,)

    def uses(self, name: str) -> tuple[str, ...]:
        """The names that a definition mentions, each once; none for a recorded fact."""
        return tuple(dict.fromkeys(part.name for condition in self.conditions_of(name) for part in names(condition)))

    def recorded_facts(self, expression: Expression) -> frozenset[str]:
        """The recorded facts that a condition rests on, through all definitions."""
        return frozenset().union(*(self._facts_under(part.name) for part in names(expression)))

    def _facts_under(self, start: str) -> frozenset[str]:
        known = self._reached.get(start)
        if known is None:
            used = {start, *(name for definition in self.definitions_under(start) for name in self.uses(definition))}
            known = self._reached[start] = frozenset(used & self.types.keys())
        return known

    def definitions_under(self, start: str) -> tuple[str, ...]:
        """A definition and all that it is built on, in order; nothing for a recorded fact."""
        known = self._built_on.get(start)
        if known is None:
            found: dict[str, None] = {}
            waiting = [start]
            while waiting:
                name = waiting.pop()
                if name in self.definitions and name not in found:
                    found[name] = None
                    waiting.extend(self.uses(name))
            known = self._built_on[start] = tuple(found)
        return known

    def order(self) -> tuple[str, ...]:
        """The definitions in an order in which each comes after what it uses.

        Raises CriteriaError naming the circle where there is none.
        """
        done: dict[str, None] = {}
        path: list[str] = []

        def visit(name: str) -> None:
            if name in done or name not in self.definitions:
                return
            if name in path:
                circle = " -> ".join([*path[path.index(name) :], name])
                raise CriteriaError([Problem(f"Definitions go round in a circle: {circle}.")])
            path.append(name)
            for used in self.uses(name):
                visit(used)
            path.pop()
            done[name] = None

        for name in self.definitions:
            visit(name)
        return tuple(done)
