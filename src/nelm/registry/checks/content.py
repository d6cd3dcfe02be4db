"""Loads the checks of the content, with the rules of consistency as checks of their own; every mistake at its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nelm.criteria import CodedType, DateType, Expression, nearest
from nelm.criteria.syntax import names
from nelm.knowledge.base import Knowledge
from nelm.knowledge.compile import Compiler
from nelm.knowledge.dictionary import Entity
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root
from nelm.knowledge.yamlfile import Document, Path_
from nelm.registry.checks.model import (
    CLOSING,
    DATE,
    STANDING,
    BetweenCheck,
    Check,
    Checks,
    ChecksFile,
    CompiledBetween,
    CompiledCondition,
    CompiledDocumented,
    ConditionCheck,
    DocumentedCheck,
    DuplicateRule,
    Named,
    Place,
    Places,
    StandingCheck,
)
from nelm.registry.entry.content import CENTRE, check_day, digest_of

FILE = "registry/checks.yaml"
RULE = "consistency."  # before the id of a rule of consistency, as a check
LIMITS = ("at_least_days", "at_most_days", "at_least_years", "at_most_years")


def load_checks(knowledge: Knowledge, root: Path | None = None) -> Checks:
    """The checks of the content; `root` is its folder. Raises ContentError with everything that is wrong with the file."""
    folder = root or content_root()
    reader = Reader(folder)
    found = reader.whole(ChecksFile, FILE)
    made = None if found is None else _Loading(knowledge, reader, found, reader.documents[FILE]).checks(digest_of(folder / FILE))
    if made is None or reader.findings:
        raise ContentError(reader.findings)
    return made


class _Loading:
    def __init__(self, knowledge: Knowledge, reader: Reader, file: ChecksFile, document: Document) -> None:
        self.knowledge = knowledge
        self.reader = reader
        self.file = file
        self.document = document
        self.compiler = Compiler(reader)
        self.entities = {entity.entity: entity for entity in knowledge.entities.values()}
        self.taken: set[str] = set()

    def checks(self, digest: str) -> Checks:
        check_day(self.file.date, self.document, ("date",), self.reader)
        standing = {found.name: found for found in self.file.standing}
        self._check_standing(standing)
        conditions = [self._condition_check(found, ("conditions", number)) for number, found in enumerate(self.file.conditions)]
        documented = [self._documented(found, ("documented", number)) for number, found in enumerate(self.file.documented)]
        documented += [
            self._documented(found, ("unexpected", number), unexpected=True) for number, found in enumerate(self.file.unexpected)
        ]
        between = [pair for number, found in enumerate(self.file.between) for pair in self._between(found, ("between", number))]
        self._check_duplicates(self.file.duplicates, ("duplicates",))
        models = {"": self.knowledge.model, **self.knowledge.entry_models}
        if not self.reader.findings:
            self.compiler.check_all(models)
        if not self.reader.findings:
            self.compiler.lint_all(models)
            conditions += self._rules(standing)
        return Checks(self.file, self.knowledge.model, standing, tuple(conditions), tuple(documented), tuple(between), digest)

    def _rules(self, standing: dict[str, StandingCheck]) -> Iterator[CompiledCondition]:
        """The rules of consistency. Those that make facts of the patient unknown are seen by that (`contradicted`)."""
        for entity in (None, *self.knowledge.entry_models):
            for found in self.knowledge.rules_for(entity):
                rule = found.rule
                if rule.severity == "quiet" or (entity is None and rule.severity == "contradiction"):
                    continue
                as_check = standing[rule.severity]
                named = Named(RULE + rule.id, as_check.severity, f"{rule.says} {as_check.says}")
                yield CompiledCondition(named, entity, found.condition, self._facts_in(found.condition, entity))

    # -- one check ------------------------------------------------------------------------------------------

    def _named(self, check: Check, path: Path_) -> Named:
        if check.id in self.taken:
            self._report((*path, "id"), f"The id {check.id!r} is given twice. Give each check its own.")
        self.taken.add(check.id)
        if not check.are_given:
            self._report(path, f"{check.id!r} needs a 'source', 'outside', or 'assumed' with the reason.")
        return Named(check.id, check.severity, f"{check.label}. {check.says}")

    def _condition_check(self, check: ConditionCheck, path: Path_) -> CompiledCondition:
        entity = self._entity(check.per, (*path, "per"))
        condition = self._condition(check.when, (*path, "when"), entity)
        return CompiledCondition(self._named(check, path), entity, condition, self._facts_in(condition, entity))

    def _documented(self, check: DocumentedCheck, path: Path_, *, unexpected: bool = False) -> CompiledDocumented:
        entity = self._entity(check.per, (*path, "per"))
        if entity is None:
            self._check_known(check.item, [CENTRE, *self.knowledge.model.types], (*path, "item"), "a fact that a facts table holds")
            if check.beside is not None:
                self._report((*path, "beside"), "'beside' needs 'per': the entity whose entries are meant.")
        else:
            fields = [DATE, *(element.name for element in self.entities[entity].elements)]
            for key, name in (("item", check.item), ("beside", check.beside)):
                if name is not None:
                    self._check_known(name, fields, (*path, key), f"a field of {entity!r}")
        when = None if check.when is None else self._condition(check.when, (*path, "when"), entity)
        return CompiledDocumented(self._named(check, path), entity, check.item, when, check.beside, unexpected)

    def _between(self, check: BetweenCheck, path: Path_) -> Iterator[CompiledBetween]:
        """One for each pair of dates."""
        named = self._named(check, path)
        if sum(getattr(check, limit) is not None for limit in LIMITS) != 1:
            self._report(path, f"{check.id!r} needs exactly one of {', '.join(LIMITS)}.")
        when = None if check.when is None else self._condition(check.when, (*path, "when"), None)
        sides = [self._places(written, (*path, key)) for key, written in (("from", check.from_), ("to", check.to))]
        for first in sides[0]:
            for second in sides[1]:
                if first.record_key is None and second.record_key is None:
                    self._report(path, f"{check.id!r} needs a date of the record.")
                within = first.record_key == second.record_key and not check.any_entries
                yield CompiledBetween(named, first, second, check, when, within)

    def _places(self, written: Places, path: Path_) -> list[Place]:
        return [place for text in ([written] if isinstance(written, str) else written) if (place := self._place(text, path)) is not None]

    def _place(self, text: str, path: Path_) -> Place | None:
        if text == CLOSING:
            return Place(None, CLOSING)
        key, _, name = text.partition(".")
        entity = self.knowledge.entities.get(key)
        dates = _dates_of(entity) if entity is not None else []
        known = dates if entity is not None else [*self.knowledge.entities, CLOSING]
        if entity is None or name not in dates:
            wrong = name if entity is not None else key
            self._report(path, f"{text!r} is not a date of a record, such as 'treatments.date', or 'closing'.{nearest(wrong, known)}")
            return None
        return Place(key, name)

    # -- parts ----------------------------------------------------------------------------------------------

    def _condition(self, text: str, path: Path_, entity: str | None) -> Expression:
        return self.compiler.condition(text, self.document, path, model=entity or "")

    def _facts_in(self, condition: Expression, entity: str | None) -> tuple[str, ...]:
        """The recorded facts behind a condition, in the order of the dictionary."""
        model = self.knowledge.model if entity is None else self.knowledge.entry_models[entity]
        wanted = {part.name for part in names(condition)}
        if not wanted <= model.types.keys() | model.definitions.keys():
            return ()  # reported when everything is checked
        recorded = model.recorded_facts(condition)
        if entity is not None:
            recorded &= self.knowledge.elements.keys()
        return tuple(name for name in model.types if name in recorded)

    def _entity(self, name: str | None, path: Path_) -> str | None:
        if name is None or name in self.entities:
            return name
        self._report(path, f"{name!r} is not an entity of the dictionary.{nearest(name, self.entities)}")
        return None

    def _check_known(self, name: str, known: list[str], path: Path_, what: str) -> None:
        if name not in known:
            self._report(path, f"{name!r} is not {what}.{nearest(name, known)}")

    def _check_standing(self, standing: dict[str, StandingCheck]) -> None:
        if sorted(standing) != sorted(STANDING) or len(self.file.standing) != len(STANDING):
            self._report(("standing",), f"Found {', '.join(standing)}. Permitted: each of {', '.join(STANDING)}, once.")

    def _check_duplicates(self, rule: DuplicateRule, path: Path_) -> None:
        types = self.knowledge.model.types
        for key, found, kind in (
            ("same", rule.same, DateType),
            ("not_different", rule.not_different, CodedType),
            ("near", (rule.near.date,), DateType),
        ):
            for name in found:
                if not isinstance(types.get(name), kind):
                    self._report((*path, key), f"{name!r} is not a {'date' if kind is DateType else 'coded fact'} of the dictionary.")
        if not rule.same:
            self._report((*path, "same"), "Nothing has to be the same. Give at least one date.")

    def _report(self, path: Path_, message: str) -> None:
        self.reader.report(self.document, path, message)


def _dates_of(entity: Entity) -> list[str]:
    return [DATE, *(element.name for element in entity.elements if isinstance(element.value_type, DateType))]
