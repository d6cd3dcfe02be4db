"""What a definition of an exported library has to say, from the evaluator and the advice, found by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from nelm.advice.findings import ScopeFinding, Status, Word
from nelm.advice.statements import judge_statement
from nelm.advice.verdicts import Judge
from nelm.criteria import Codes, Evaluator, Facts, Model, Table, Truth
from nelm.criteria.truth import AND, OR
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import Facts as PatientFacts
from nelm.patient.record import Record

Said = bool | str | None
PLAIN: dict[Truth, bool | None] = {Truth.TRUE: True, Truth.FALSE: False, Truth.UNDETERMINED: None}


def of_model(name: str, evaluator: Evaluator) -> Said:
    """What a definition of a model says: a condition, a row of a table, some codes of a table, or its code."""
    model = evaluator.model
    if name in model.definitions or name.removesuffix(" (fact)") in model.definitions:
        value = evaluator.value_of(name.removesuffix(" (fact)"))
        return value.single if isinstance(value, Codes) else PLAIN[_truth(value)]
    table, _, codes = name.partition(": ")
    if codes:
        return PLAIN[_codes(evaluator.value_of(table)).is_in(frozenset(codes.split(" or ")))]
    table, _, row = name.partition(", row ")
    found = model.definitions[table]
    assert isinstance(found, Table)
    return PLAIN[evaluator.truth(found.rows[int(row) - 1].when)]


@dataclass
class Reference:
    """The advice of one guideline on one set of facts."""

    knowledge: Knowledge
    guideline: str
    facts: PatientFacts
    _statements: dict[str, Said] = field(default_factory=dict)

    @classmethod
    def of_values(cls, knowledge: Knowledge, guideline: str, values: Facts) -> Reference:
        """On facts that no record stands behind."""
        record = Record(file="generated", id="generated", entries=())
        facts = PatientFacts(record, None, dict(values), {}, (), (), evaluator=Evaluator(knowledge.model, values))
        return cls(knowledge, guideline, facts)

    def says(self, name: str) -> Said:
        """What the definition with this name has to say. Raises KeyError for a name that stands for nothing."""
        if name.startswith(f"{self.guideline} scope"):
            return self._of_scope(name.removeprefix(f"{self.guideline} scope"))
        if name in self._of_statements:
            return self._of_statements[name]
        return of_model(name, self.facts.evaluator)

    @cached_property
    def _scope(self) -> Word:
        return Judge(self.knowledge, self.facts).read(self.knowledge.guidelines[self.guideline].scope).word

    def _of_scope(self, rest: str) -> Said:
        """In is true where the document is known to speak about the patient, false where it is known not to."""
        is_in = {Word.IN: True, Word.OUT: False}.get(self._scope)
        if rest.startswith(", row "):
            row = self.knowledge.guidelines[self.guideline].scope[int(rest.removeprefix(", row ")) - 1]
            return PLAIN[self.facts.evaluator.truth(row.when)]
        return {": IN": is_in, ": OUT": None if is_in is None else not is_in, "": None if is_in is None else self._scope.value}[rest]

    @cached_property
    def statuses(self) -> Mapping[str, Status]:
        scope = ScopeFinding(self.guideline, self._scope, "")
        statements = self.knowledge.guidelines[self.guideline].statements
        return {found.key: judge_statement(found, self.knowledge, self.facts, scope).status for found in statements}

    @cached_property
    def _of_statements(self) -> Mapping[str, Said]:
        found: dict[str, Said] = {}
        for statement in self.knowledge.guidelines[self.guideline].statements:
            met, against = Truth.TRUE, Truth.FALSE
            for name in statement.when:
                met = AND[met, _truth(self.facts.evaluator.value_of(name))]
            for name in statement.unless:
                against = OR[against, _truth(self.facts.evaluator.value_of(name))]
            applies = {Status.APPLIES: True, Status.UNDETERMINED: None}.get(self.statuses[statement.key], False)
            found |= {f"{statement.key} conditions met": PLAIN[met], f"{statement.key} contraindicated": PLAIN[against]}
            found[f"{statement.key} applies"] = applies
        return found


def _truth(value: object) -> Truth:
    assert isinstance(value, Truth)
    return value


def _codes(value: object) -> Codes:
    assert isinstance(value, Codes)
    return value


__all__ = ["Model", "Reference", "Said", "of_model"]
