"""The knowledge base: all content, loaded and compiled, ready to serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from nelm.criteria import Expression, Model, weaker_than_it_looks
from nelm.criteria.residual import atoms_of
from nelm.criteria.syntax import Name, names
from nelm.knowledge.derivations import ConsistencyRule, Derivation
from nelm.knowledge.dictionary import Code, Element, Entity
from nelm.knowledge.evidence import Claim, PictureRule, Reported
from nelm.knowledge.guideline import (
    Conflict,
    Discrepancy,
    Guideline,
    Option,
    Question,
    Statement,
    Topic,
    VerdictPart,
    VerdictRow,
    VerdictRule,
)
from nelm.knowledge.vocabulary import Term


@dataclass(frozen=True)
class CompiledRow:
    """A verdict row with its conditions parsed and its names resolved."""

    row: VerdictRow
    when: Expression
    raised_by: Expression | None


@dataclass(frozen=True)
class CompiledPart:
    part: VerdictPart
    rows: tuple[CompiledRow, ...]


@dataclass(frozen=True)
class CompiledVerdict:
    """A verdict rule, ready to be evaluated. `key` is `<guideline>/<verdict id>`."""

    key: str
    guideline: str
    question: Question
    rule: VerdictRule
    parts: tuple[CompiledPart, ...]


@dataclass(frozen=True)
class CompiledStatement:
    """A statement with its conditions as qualified names of criteria, in order."""

    key: str
    guideline: str
    question: Question
    statement: Statement
    when: tuple[str, ...]
    unless: tuple[str, ...]


@dataclass(frozen=True)
class CompiledGuideline:
    guideline: Guideline
    scope: tuple[CompiledRow, ...]
    statements: tuple[CompiledStatement, ...]
    verdicts: tuple[CompiledVerdict, ...]

    @property
    def id(self) -> str:
        return self.guideline.id


@dataclass(frozen=True)
class CompiledRule:
    """A consistency rule with its condition and the recorded facts that it asks about."""

    rule: ConsistencyRule
    condition: Expression
    facts: frozenset[str]


@dataclass(frozen=True)
class Knowledge:
    """Everything that the content says.

    `model` holds the facts of a patient and all definitions (derived facts by their name, criteria as
    `<guideline>.<name>` or `<guideline>/<question>.<name>`); `entry_models` the facts of one entry of an entity.
    """

    entities: Mapping[str, Entity]
    elements: Mapping[str, Element]
    derivations: Mapping[str, Derivation]
    rules: tuple[ConsistencyRule, ...]
    terms: Mapping[str, Term]
    needs: Mapping[str, Term]
    guidelines: Mapping[str, CompiledGuideline]
    conflicts: tuple[Conflict, ...]
    topics: tuple[Topic, ...]
    options: tuple[Option, ...]
    model: Model
    entry_models: Mapping[str, Model]
    conditions: Mapping[str, Expression]
    labels: Mapping[str, str] = field(default_factory=dict)
    reported: Mapping[str, Reported] = field(default_factory=dict)
    pictures: tuple[PictureRule, ...] = ()

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The place of every name in the content, for lists that read alike everywhere."""
        return {name: number for number, name in enumerate(self.labels)}

    def __getstate__(self) -> dict[str, object]:
        """Only what the content says; what is remembered about it is worked out anew."""
        return {item.name: self.__dict__[item.name] for item in fields(self)}

    @cached_property
    def _remembered(self) -> dict[int, tuple[frozenset[str], bool]]:
        return {}

    def _about(self, condition: Expression) -> tuple[frozenset[str], bool]:
        found = self._remembered.get(id(condition))
        if found is None:
            repeats = weaker_than_it_looks(condition, self.model) is not None
            found = self._remembered[id(condition)] = (self.model.recorded_facts(condition), repeats)
        return found

    def facts_behind(self, condition: Expression) -> frozenset[str]:
        """The recorded facts that a condition of the content rests on."""
        return self._about(condition)[0]

    def repeats(self, condition: Expression) -> bool:
        """True where a fact reaches a condition of the content by more than one way."""
        return self._about(condition)[1]

    def comparisons_with(self, name: str, conditions: Iterable[Expression]) -> list[Expression]:
        """Every comparison with a fact that conditions of the content reach, through all definitions, each once."""
        found: dict[Expression, None] = {}
        definitions: dict[str, None] = {}
        for condition in conditions:
            found.update(dict.fromkeys(self._compared(condition).get(name, ())))
            for part in names(condition):
                definitions.update(dict.fromkeys(self.model.definitions_under(part.name)))
        for definition in definitions:
            for condition in self.model.conditions_of(definition):
                found.update(dict.fromkeys(self._compared(condition).get(name, ())))
        return list(found)

    def comparisons_in_tables(self, name: str) -> tuple[Expression, ...]:
        """Every comparison with a fact in any verdict table or definition."""
        return self._in_tables.get(name, ())

    @cached_property
    def _in_tables(self) -> Mapping[str, tuple[Expression, ...]]:
        tables = (part for verdict in self._verdicts.values() for part in verdict.parts)
        conditions = [row.when for part in tables for row in part.rows]
        conditions += [condition for name in self.model.definitions for condition in self.model.conditions_of(name)]
        found: dict[str, dict[Expression, None]] = {}
        for condition in conditions:
            for name, atoms in self._compared(condition).items():
                found.setdefault(name, {}).update(dict.fromkeys(atoms))
        return {name: tuple(atoms) for name, atoms in found.items()}

    @cached_property
    def _comparisons(self) -> dict[int, Mapping[str, tuple[Expression, ...]]]:
        return {}

    def _compared(self, condition: Expression) -> Mapping[str, tuple[Expression, ...]]:
        """The comparisons that a condition itself joins, by the facts in them."""
        found = self._comparisons.get(id(condition))
        if found is None:
            by_name: dict[str, list[Expression]] = {}
            for atom in atoms_of(condition):
                for part in names(atom):
                    by_name.setdefault(part.name, []).append(atom)
            found = self._comparisons[id(condition)] = {name: tuple(atoms) for name, atoms in by_name.items()}
        return found

    @cached_property
    def _statements(self) -> Mapping[str, CompiledStatement]:
        return {statement.key: statement for compiled in self.guidelines.values() for statement in compiled.statements}

    @cached_property
    def _verdicts(self) -> Mapping[str, CompiledVerdict]:
        return {verdict.key: verdict for compiled in self.guidelines.values() for verdict in compiled.verdicts}

    @cached_property
    def _conflicts(self) -> Mapping[str, tuple[Conflict, ...]]:
        return {
            key: tuple(found for found in self.conflicts if verdict.rule.id in found.shown_with.get(verdict.guideline, ()))
            for key, verdict in self._verdicts.items()
        }

    @cached_property
    def _discrepancies(self) -> Mapping[str, tuple[Discrepancy, ...]]:
        return {
            key: tuple(found for found in self.guidelines[verdict.guideline].guideline.discrepancies if verdict.rule.id in found.shown_with)
            for key, verdict in self._verdicts.items()
        }

    def claims_about(self, option: Option) -> tuple[tuple[str, Claim], ...]:
        """The published findings that speak to an option, each with its document; those with numbers first."""
        about = {*option.actions, *option.findings_about}
        found = [(name, claim) for name, reported in self.reported.items() for claim in reported.claims() if about & set(claim.actions)]
        return tuple(sorted(found, key=lambda item: item[1].is_qualitative))

    def conflicts_with(self, verdict: CompiledVerdict) -> tuple[Conflict, ...]:
        """The contradictions between the documents that belong to a question."""
        return self._conflicts[verdict.key]

    def discrepancies_with(self, verdict: CompiledVerdict) -> tuple[Discrepancy, ...]:
        """The doubtful places of the document that belong to a question."""
        return self._discrepancies[verdict.key]

    def label(self, name: str) -> str:
        """What a clinician reads for a fact, derived fact or criterion."""
        return self.labels.get(name, name)

    def asks(self, name: str) -> str:
        """How a missing fact is asked for."""
        known = self.elements.get(name) or self.derivations.get(name)
        return (known.asks if known else None) or self.label(name)

    def codes_of(self, name: str) -> tuple[Code, ...]:
        """The permitted codes of a coded fact, with labels."""
        element = self.elements.get(name)
        if element is not None and element.codes:
            return element.codes
        derivation = self.derivations.get(name)
        if derivation is None:
            return ()
        return derivation.codes or (self.codes_of(derivation.same_as) if derivation.same_as else ())

    def unit_of(self, name: str) -> str | None:
        known = self.elements.get(name) or self.derivations.get(name)
        return known.unit if known else None

    def entity_by_name(self, entity: str) -> Entity:
        return next(found for found in self.entities.values() if found.entity == entity)

    @cached_property
    def _per_entry(self) -> Mapping[str, tuple[Derivation, ...]]:
        return {
            entity.entity: tuple(derivation for derivation in self.derivations.values() if derivation.per == entity.entity)
            for entity in self.entities.values()
        }

    def per_entry(self, entity: str) -> tuple[Derivation, ...]:
        """The derivations evaluated on every entry of an entity."""
        return self._per_entry[entity]

    @cached_property
    def _gathered_over(self) -> Mapping[str, tuple[Derivation, ...]]:
        return {
            entity.entity: tuple(derivation for derivation in self.derivations.values() if derivation.over == entity.entity)
            for entity in self.entities.values()
        }

    def gathered_over(self, entity: str) -> tuple[Derivation, ...]:
        """The derivations gathered over the entries of an entity."""
        return self._gathered_over[entity]

    @cached_property
    def derived_in_entries(self) -> frozenset[str]:
        """The elements that a condition can use and that an entry may also leave to be worked out from its other findings."""
        return frozenset(
            element.name
            for element in self.elements.values()
            if element.value_type is not None and element.name in self.entry_models[element.entity].definitions
        )

    @cached_property
    def _rules_of(self) -> Mapping[str | None, tuple[CompiledRule, ...]]:
        found: dict[str | None, list[CompiledRule]] = {}
        for rule in self.rules:
            model = self.model if rule.per is None else self.entry_models[rule.per]
            condition = self.conditions[f"rule:{rule.id}"]
            found.setdefault(rule.per, []).append(CompiledRule(rule, condition, model.recorded_facts(condition)))
        return {entity: tuple(rules) for entity, rules in found.items()}

    def rules_for(self, entity: str | None) -> tuple[CompiledRule, ...]:
        """The consistency rules for entries of an entity; with None those for the whole patient."""
        return self._rules_of.get(entity, ())

    def gathered_from(self, element: str) -> frozenset[str]:
        """The facts of the patient that are gathered over entries and rest on this element of an entry."""
        return frozenset(
            derivation.name
            for derivation in self.derivations.values()
            if derivation.over is not None and element in self._used_in_entries(derivation, derivation.over, "any")
        )

    def elements_behind(self, name: str) -> frozenset[str]:
        """The recorded elements that a fact comes from: itself, or what it is gathered from in the entries."""
        found = {name} & set(self.elements)
        derivation = self.derivations.get(name)
        if derivation is None:
            return frozenset(found)
        if derivation.years_since is not None:
            found.add(derivation.years_since)
        if derivation.over is not None:
            found |= self._behind_entries(derivation, derivation.over)
        return frozenset(found)

    def _behind_entries(self, derivation: Derivation, entity: str) -> set[str]:
        """The elements of an entry that a gathered fact rests on, those that choose the entries included."""
        used = self._used_in_entries(derivation, entity, "any", "where", "unless")
        used |= {other.entered for other in self.per_entry(entity) if other.name in used and other.entered is not None}
        used |= {derivation.stated} if derivation.stated is not None else set()
        return used & set(self.elements)

    def _used_in_entries(self, derivation: Derivation, entity: str, *ways: str) -> set[str]:
        """The facts of an entry that a gathered fact takes its value from, and those that the named conditions ask about."""
        model, at = self.entry_models[entity], derivation.at_highest
        named = (derivation.highest, derivation.lowest, derivation.latest, derivation.earliest, *((at.of, at.by) if at else ()))
        conditions: list[Expression] = [Name(name) for name in named if name is not None]
        conditions += [self.conditions[key] for way in ways if (key := f"{derivation.name}#{way}") in self.conditions]
        return {name for condition in conditions for name in model.recorded_facts(condition)}

    def statement(self, key: str) -> CompiledStatement:
        """A statement by its key (`nelm-2014/Q08.R1`). Raises KeyError where there is none."""
        return self._statements[key]

    def verdict(self, key: str) -> CompiledVerdict:
        """A verdict rule by its key (`nelm-2014/Q08`). Raises KeyError where there is none."""
        return self._verdicts[key]
