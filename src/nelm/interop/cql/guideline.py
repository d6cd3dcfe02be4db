"""A guideline as a CQL library: which facts, definitions and statements go into it, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nelm.criteria import Model, Row, Table, to_text
from nelm.criteria.syntax import Name
from nelm.interop.cql.definitions import defines, definition_order, parameters_of
from nelm.interop.cql.library import Define, Library, Section, Tags
from nelm.interop.cql.pieces import joined, negated, reference
from nelm.interop.cql.writing import CannotSay, Writer
from nelm.knowledge.base import CompiledGuideline, CompiledStatement, Knowledge
from nelm.knowledge.guideline import Criterion

IN, OUT = "IN", "OUT"
# The document leaves it open whether it speaks about the patient: neither the one nor the other.
SCOPE = {IN: frozenset({IN}), OUT: frozenset({OUT}), "OPEN": frozenset({IN, OUT})}


def cql_library(knowledge: Knowledge, guideline: str) -> Library:
    """The library of a guideline. Raises KeyError for one that is not known, CannotSay for a condition that CQL is not written for."""
    return _Exporting(knowledge, knowledge.guidelines[guideline]).library()


def file_name(guideline: str) -> str:
    return f"{guideline}.cql"


def library_name(guideline: str) -> str:
    """`nelm-2014` is `Nelm2014`: the name of a library has no hyphen."""
    return "".join(part.capitalize() for part in guideline.split("-"))


def scope_name(guideline: str) -> str:
    """The definition of the scope."""
    return f"{guideline} scope"


@dataclass(frozen=True)
class _Exporting:
    knowledge: Knowledge
    compiled: CompiledGuideline

    def library(self) -> Library:
        guideline = self.compiled.guideline
        derived = tuple(name for name in self.order if name not in self.criteria and name != self.scope)
        criteria = tuple(name for name in self.order if name in self.criteria)
        sections = (
            Section("Derived facts", self._defines(derived)),
            Section("Criteria", self._defines(criteria)),
            Section("Whether the document speaks about the patient", self._defines((self.scope,))),
            Section("Statements", tuple(self._statements())),
        )
        tags = {
            "guideline": guideline.id,
            "title": guideline.title,
            "citation": guideline.citation,
            "covers": guideline.covers,
            "strength_scale": guideline.strength_scale,
            "dated": guideline.dated,
            "use": "It supports a team's decision and never replaces it. Not a medical device. Content in our own words.",
        }
        about = {name: _tags(**self._about(name)) for name in self.model.types}
        parameters = parameters_of(self.writer, self._roots(), about)
        return Library(library_name(guideline.id), guideline.version, parameters, sections, _tags(**tags))

    # -- what goes in -----------------------------------------------------------------------------

    @cached_property
    def scope(self) -> str:
        return scope_name(self.compiled.id)

    @cached_property
    def criteria(self) -> Mapping[str, Criterion]:
        """The criteria of the document by their qualified names."""
        guideline = self.compiled.guideline
        shared = {f"{guideline.id}.{name}": criterion for name, criterion in guideline.criteria.items()}
        for question in guideline.questions:
            shared |= {f"{guideline.id}/{question.id}.{name}": criterion for name, criterion in question.criteria.items()}
        return shared

    @cached_property
    def model(self) -> Model:
        """The model of the content, with the scope of the document as one more decision table."""
        known = self.knowledge.model
        return Model(known.types, {**known.definitions, self.scope: self._scope_table()}, known.enterable)

    def _scope_table(self) -> Table:
        rows = self.compiled.scope
        if any(row.row.if_unknown for row in rows):
            raise CannotSay(f"The scope of {self.compiled.id} has a row with 'if_unknown', which is not exported.")
        *before, last = rows
        return Table((IN, OUT), tuple(Row(row.when, SCOPE[row.row.word]) for row in before), SCOPE[last.row.word])

    def _roots(self) -> Iterator[str]:
        yield from self.criteria
        yield self.scope
        for statement in self.compiled.statements:
            yield from (*statement.when, *statement.unless)

    @cached_property
    def order(self) -> tuple[str, ...]:
        return definition_order(self.model, self._roots())

    @cached_property
    def writer(self) -> Writer:
        return Writer(self.model, self.order)

    def _defines(self, wanted: Iterable[str]) -> tuple[Define, ...]:
        return tuple(define for name in wanted for define in defines(self.writer, name, _tags(**self._about(name))))

    # -- statements -------------------------------------------------------------------------------

    def _statements(self) -> Iterator[Define]:
        for compiled in self.compiled.statements:
            if compiled.statement.has_conditions:
                yield from self._statement(compiled)

    def _statement(self, compiled: CompiledStatement) -> Iterator[Define]:
        """Whether its conditions are met, whether it is contraindicated, whether it applies.

        A document that names no contraindication does not say that there is none: then there is no definition for it.
        """
        tags = self._about_statement(compiled)
        parts = [reference(self.writer.name_of_codes(self.scope, {IN}))]
        if compiled.when:
            met = f"{compiled.key} conditions met"
            yield Define(met, self._joined("and", compiled.when), tags)
            parts.append(reference(met))
        if compiled.unless:
            against = f"{compiled.key} contraindicated"
            yield Define(against, self._joined("or", compiled.unless), tags)
            parts.append(negated(reference(against)))
        yield Define(f"{compiled.key} applies", joined("and", parts).text, tags)

    def _joined(self, word: str, conditions: tuple[str, ...]) -> str:
        return joined(word, [self.writer.condition(Name(name)) for name in conditions]).text

    # -- what is said of it -----------------------------------------------------------------------

    def _about_statement(self, compiled: CompiledStatement) -> Tags:
        statement, grading = compiled.statement, compiled.question.grading
        return _tags(
            statement=compiled.key,
            says=statement.says,
            kind=statement.kind,
            standing=statement.standing,
            stance=statement.stance,
            strength=statement.strength,
            wording=statement.wording,
            level_of_evidence=grading.level_of_evidence if grading else None,
            source=_places(statement.source),
            citation=self.compiled.guideline.citation,
            reading=statement.reading,
            note=statement.note,
        )

    def _about(self, name: str) -> dict[str, Any]:
        """What the content says of a fact, a derived fact or a criterion."""
        if name == self.scope:
            scope = self.compiled.guideline.scope
            return {"scope": self.compiled.id, "source": _places(scope.source), "citation": self.compiled.guideline.citation}
        criterion = self.criteria.get(name)
        if criterion is not None:
            found = {"criterion": name, "label": criterion.label, "condition": criterion.is_, "source": _places(criterion.source)}
            return {**found, "citation": self.compiled.guideline.citation, "reading": criterion.reading, "note": criterion.note}
        return {"fact": name, "label": self.knowledge.label(name), **self._about_fact(name)}

    def _about_fact(self, name: str) -> dict[str, Any]:
        element, derivation = self.knowledge.elements.get(name), self.knowledge.derivations.get(name.removesuffix("#table"))
        definition = self.model.definitions.get(name)
        known = derivation or element
        codes = self.knowledge.codes_of(name)
        return (
            {
                "meaning": (element.meaning if element else "") or (derivation.meaning if derivation else ""),
                "unit": self.knowledge.unit_of(name),
                "range": element.range if element else None,
                "codes": "; ".join(f"{code.code} = {code.label}" for code in codes),
                "rule": to_text(definition) if definition is not None and not isinstance(definition, Table) else None,
                "source": _places(derivation.source) if derivation else None,
                "outside": derivation.outside if derivation else None,
                "reading": derivation.reading if derivation else None,
            }
            if known
            else {}
        )


def _places(source: Any) -> str:
    """Locators in one line; those of a derivation name the document."""
    if isinstance(source, Mapping):
        return "; ".join(f"{document} {_places(places)}" for document, places in source.items())
    if isinstance(source, list | tuple):
        return ", ".join(map(str, source))
    return str(source or "")


def _tags(**values: object) -> Tags:
    """Tags without those that say nothing."""
    return {name: str(value) for name, value in values.items() if value}
