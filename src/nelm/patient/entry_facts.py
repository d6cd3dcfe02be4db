"""What an entry of a record says by itself: its facts, what follows from them, and what contradicts what within it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nelm.criteria import Evaluator, Expression, Model, Truth, Value, meet, union
from nelm.knowledge.base import CompiledRule, Knowledge
from nelm.knowledge.derivations import Derivation
from nelm.patient.record import Entry


@dataclass(frozen=True)
class Contradiction:
    """Things in the record that cannot, or hardly can, be true together.

    `facts` are undetermined because of it; a `review` or `implausible` finding leaves them as they are.
    """

    id: str
    says: str
    severity: str
    facts: tuple[str, ...]
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class EntryFacts:
    """What one entry says by itself. `quiet` names the rules that hold for it and that nobody is told of."""

    evaluator: Evaluator
    contradictions: tuple[Contradiction, ...]
    quiet: frozenset[str]

    @property
    def values(self) -> Mapping[str, Value]:
        """The facts that are recorded, or entered and computed."""
        return self.evaluator.facts

    def value_of(self, name: str) -> Value | None:
        """What the entry says of a recorded or derived fact; None where it says nothing."""
        if name in self.values:
            return self.values[name]
        model = self.evaluator.model
        if name not in model.definitions:
            return None
        value = self.evaluator.value_of(name)
        return None if value == model.domain_of(name) else value

    def truth(self, condition: Expression) -> Truth:
        """Whether a condition on one entry holds for it."""
        return self.evaluator.truth(condition)


def facts_of_entry(entry: Entry, knowledge: Knowledge) -> EntryFacts:
    """What an entry says by itself. None of it depends on the day that facts are as of."""
    return _Reading(entry, knowledge).facts()


def rules_that_hold(entity: str | None, evaluator: Evaluator, knowledge: Knowledge) -> list[CompiledRule]:
    """The consistency rules for entries of an entity (None: for the whole patient) that certainly hold.

    One of whose facts nothing is known cannot; what makes a record impossible was refused when it was read.
    """
    known = evaluator.facts.keys()
    return [
        found
        for found in knowledge.rules_for(entity)
        if found.rule.severity != "impossible" and not known.isdisjoint(found.facts) and evaluator.truth(found.condition) is Truth.TRUE
    ]


class _Reading:
    def __init__(self, entry: Entry, knowledge: Knowledge) -> None:
        self.entry = entry
        self.knowledge = knowledge
        self.model: Model = knowledge.entry_models[entry.entity]
        self.stated = entry.facts
        self.contradictions: list[Contradiction] = []

    def facts(self) -> EntryFacts:
        evaluator = Evaluator(self.model, self.stated | self._entered())
        disputed = {name for found in self.contradictions for name in found.facts}
        rules = [found.rule for found in rules_that_hold(self.entry.entity, evaluator, self.knowledge)]
        for rule in rules:
            if rule.severity != "quiet":
                self.contradictions.append(Contradiction(rule.id, rule.says, rule.severity, rule.widens, (self.entry,)))
        # a fact that already holds all the values entered keeps just these
        widened = [name for rule in rules if rule.severity == "contradiction" for name in rule.widens if name not in disputed]
        if widened:
            domains = {name: self.model.domain_of(name) for name in widened if self.model.type_of(name)}
            evaluator = Evaluator(self.model, {**evaluator.facts, **domains})
        return EntryFacts(evaluator, tuple(self.contradictions), frozenset(rule.id for rule in rules if rule.severity == "quiet"))

    def _entered(self) -> dict[str, Value]:
        """The derived facts that the entry also states."""
        return {
            derivation.name: self._agreed(derivation, self.stated[derivation.entered])
            for derivation in self.knowledge.per_entry(self.entry.entity)
            if derivation.entered in self.stated
        }

    def _agreed(self, derivation: Derivation, entered: Value) -> Value:
        """An entered value held against the computed one; both are kept where they exclude one another."""
        others = {name: value for name, value in self.stated.items() if name != derivation.name}
        computed = Evaluator(self.model, others).value_of(derivation.name)
        agreed = meet(entered, computed)
        if agreed is not None:
            return agreed
        says = f"{derivation.label}: the entry and what follows from the other findings of the same entry exclude one another."
        self.contradictions.append(
            Contradiction(f"{derivation.name}_entered_and_computed", says, "contradiction", (derivation.name,), (self.entry,))
        )
        return union(entered, computed)
