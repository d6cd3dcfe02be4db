"""Does every id that the content mentions exist, and does each stand for one thing only?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nelm.criteria import Model, nearest
from nelm.knowledge.files import Reader
from nelm.knowledge.guideline import Conflict, Discrepancy, Guideline, Option, Statement, Topic, VerdictRule, as_tuple
from nelm.knowledge.loaded import Loaded
from nelm.knowledge.yamlfile import Document, Path_


@dataclass
class References:
    """Checks ids against the things that bear them, and reports each one at its place."""

    loaded: Loaded
    reader: Reader
    model: Model
    entry_models: Mapping[str, Model]

    def check(self) -> None:
        loaded = self.loaded
        for rule, document, path in loaded.rules.values():
            models = [self.model, *(model for entity, model in self.entry_models.items() if entity == rule.per)]
            known = [name for model in models for name in (*model.types, *model.definitions)]
            self._each(document, (*path, "widens"), rule.widens, known, "fact")
        for term in loaded.terms.values():
            document, path = loaded.term_places[term.id]
            self._each(document, (*path, "agents"), term.agents, loaded.terms, "drug")
            if term.done is not None and term.done.stated is not None:
                fields = [element.name for element in loaded.elements.values() if element.entity == term.done.over]
                self._one(document, (*path, "done", "stated"), term.done.stated, fields, f"field of {term.done.over!r}")
        for guideline, _, documents in loaded.guidelines.values():
            self._guideline(guideline, documents)
        for conflict, document, path in loaded.conflicts.values():
            self._conflict(conflict, document, path)
        for topic, document, path in loaded.topics.values():
            self._topic(topic, document, path)
        for option, document, path in loaded.options.values():
            self._option(option, document, path)

    # -- one guideline ----------------------------------------------------------------------------

    def _guideline(self, guideline: Guideline, documents: Mapping[str, Document]) -> None:
        statements: set[str] = set()
        verdicts: set[str] = set()
        for question in guideline.questions:
            document = documents[question.id]
            for number, statement in enumerate(question.statements):
                self._once(document, ("statements", number), statement.id, statements)
                self._statement(guideline, statement, document, ("statements", number))
            for number, rule in enumerate(question.verdicts):
                self._once(document, ("verdicts", number), rule.id, verdicts)
        every = self._statements(guideline.id)
        for question in guideline.questions:
            for number, rule in enumerate(question.verdicts):
                self._verdict(rule, documents[question.id], ("verdicts", number), every)
        for discrepancy in guideline.discrepancies:
            self._discrepancy(guideline, discrepancy)

    def _statement(self, guideline: Guideline, statement: Statement, document: Document, path: Path_) -> None:
        if not any(as_tuple(statement.source)):
            self.reader.report(document, (*path, "source"), f"The statement {statement.id!r} has no source. Say where it is printed.")
        discrepancies = [discrepancy.id for discrepancy in guideline.discrepancies]
        self._each(document, (*path, "actions"), statement.actions, self.loaded.terms, "action")
        self._each(document, (*path, "needs"), statement.needs, self.loaded.needs, "need")
        self._each(document, (*path, "discrepancies"), statement.discrepancies, discrepancies, "discrepancy")

    def _verdict(self, rule: VerdictRule, document: Document, path: Path_, statements: Collection[str]) -> None:
        parts: set[str] = set()
        for number, part in enumerate(rule.parts):
            place = (*path, "parts", number)
            self._once(document, place, part.id, parts)
            self._each(document, (*place, "statements"), part.statements, statements, "statement")
            self._each(document, (*place, "actions"), part.actions, self.loaded.terms, "action")
            for index, row in enumerate(part.rows):
                self._each(document, (*place, "rows", index, "from"), row.from_, statements, "statement")

    def _discrepancy(self, guideline: Guideline, discrepancy: Discrepancy) -> None:
        document, path = self.loaded.discrepancy_places[guideline.id, discrepancy.id]
        self._each(document, (*path, "touches"), discrepancy.touches, self._statements(guideline.id), "statement")
        self._each(document, (*path, "shown_with"), discrepancy.shown_with, self._verdicts(guideline.id), "verdict")

    # -- what relates guidelines --------------------------------------------------------------------

    def _conflict(self, conflict: Conflict, document: Document, path: Path_) -> None:
        guidelines = [guideline for guideline, _, _ in self.loaded.guidelines.values()]
        known = [guideline.id for guideline in guidelines]
        discrepancies = [discrepancy.id for guideline in guidelines for discrepancy in guideline.discrepancies]
        self._each(document, (*path, "between"), conflict.between, [*known, *(guideline.letter for guideline in guidelines)], "guideline")
        self._by_guideline(document, (*path, "shown_with"), conflict.shown_with, "verdict")
        self._by_guideline(document, (*path, "statements"), conflict.statements, "statement")
        self._each(document, (*path, "discrepancies"), conflict.discrepancies, discrepancies, "discrepancy")
        self._each(document, (*path, "topics"), conflict.topics, self.loaded.topics, "topic")

    def _topic(self, topic: Topic, document: Document, path: Path_) -> None:
        self._by_guideline(document, (*path, "verdicts"), topic.verdicts, "verdict")
        self._each(document, (*path, "documents"), topic.documents, self.loaded.guidelines, "guideline")
        for number, aspect in enumerate(topic.aspects):
            place = (*path, "aspects", number)
            self._by_guideline(document, (*place, "statements"), aspect.statements, "statement")
            if (aspect.relation == "only_one") != (aspect.by is not None):
                self.reader.report(
                    document, place, "'relation: only_one' needs 'by' (the document that speaks), and no other relation has it."
                )
            if aspect.by is not None:
                self._one(document, (*place, "by"), aspect.by, self.loaded.guidelines, "guideline")

    def _option(self, option: Option, document: Document, path: Path_) -> None:
        known = [
            key
            for guideline, _, _ in self.loaded.guidelines.values()
            for question in guideline.questions
            for rule in question.verdicts
            for key in (f"{guideline.id}/{rule.id}", *(f"{guideline.id}/{rule.id}#{part.id}" for part in rule.parts))
        ]
        self._each(document, (*path, "verdicts"), option.verdicts, known, "verdict")
        for key in ("actions", "findings_about"):
            self._each(document, (*path, key), getattr(option, key), self.loaded.terms, "action")
        self._each(document, (*path, "topics"), option.topics, self.loaded.topics, "topic")

    def _by_guideline(self, document: Document, path: Path_, ids: Mapping[str, tuple[str, ...]], kind: str) -> None:
        for guideline, names in ids.items():
            if self._one(document, (*path, guideline), guideline, self.loaded.guidelines, "guideline"):
                known = self._verdicts(guideline) if kind == "verdict" else self._statements(guideline)
                self._each(document, (*path, guideline), names, known, kind)

    # -- ids ----------------------------------------------------------------------------------------

    def _statements(self, guideline: str) -> list[str]:
        return [statement.id for statement in self.loaded.guidelines[guideline][0].statements()]

    def _verdicts(self, guideline: str) -> list[str]:
        return [rule.id for question in self.loaded.guidelines[guideline][0].questions for rule in question.verdicts]

    def _each(self, document: Document, path: Path_, names: Iterable[str], known: Collection[str], kind: str) -> None:
        for number, name in enumerate(names):
            self._one(document, (*path, number), name, known, kind)

    def _one(self, document: Document, path: Path_, name: str, known: Collection[str], kind: str) -> bool:
        if name not in known:
            self.reader.report_unknown(document, path, f"The {kind} {name!r} is not known.{nearest(name, known)}")
        return name in known

    def _once(self, document: Document, path: Path_, name: str, seen: set[str]) -> None:
        if name in seen:
            self.reader.report(document, path, f"{name!r} is defined twice. Keep one.")
        seen.add(name)
