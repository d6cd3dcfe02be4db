"""Conditions in content to conditions that can be evaluated, with every mistake at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nelm.criteria import BooleanType, CriteriaError, Expression, Model, Position, check, lint, nearest, parse
from nelm.criteria.syntax import Name, map_names, names
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import Finding
from nelm.knowledge.yamlfile import Document, Path_

NEVER = parse("false")


@dataclass
class Place:
    """A condition with the file and field it stands in, kept until everything can be checked."""

    expression: Expression
    model: str
    document: Document
    path: Path_
    check_lint: bool = True


@dataclass
class Compiler:
    """Parses conditions, resolves their names, and checks them once all names are known.

    `models` are the worlds that conditions live in: `""` for a patient, else the entity of an entry.
    """

    reader: Reader
    names: dict[str, set[str]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def condition(
        self,
        text: str,
        document: Document,
        path: Path_,
        *,
        model: str = "",
        local: Mapping[str, str] | None = None,
        check_lint: bool = True,
    ) -> Expression:
        """The condition that stands at a place of a file; `false` where it cannot be read (reported).

        `local` maps names of the block to qualified names.
        """
        try:
            expression = parse(text)
        except CriteriaError as error:
            for problem in error.problems:
                self._report(document, path, problem.at, problem.message)
            return NEVER
        qualified = local or {}

        def resolve(name: Name) -> Expression:
            found = qualified.get(name.name, name.name)
            self.used.add(found)
            return replace(name, name=found)

        resolved = map_names(expression, resolve)
        self.places.append(Place(resolved, model, document, path, check_lint))
        return resolved

    def criterion_name(self, name: str, document: Document, path: Path_, local: Mapping[str, str], model: Model) -> str:
        """The qualified name behind a name in `when` or `unless` of a statement."""
        found = local.get(name, name)
        self.used.add(found)
        kind = model.type_of(found)
        if kind is None:
            self.reader.report_unknown(document, path, f"The criterion {name!r} is not known.{nearest(name, [*local, *model.types])}")
        elif not isinstance(kind, BooleanType):
            self.reader.report(
                document, path, f"{name!r} is a {kind.name} fact, and a criterion has to be true or false. Define one with 'is'."
            )
        return found

    def check_all(self, models: Mapping[str, Model]) -> None:
        """The type check of every condition seen so far."""
        for place in self.places:
            model = models[place.model]
            if self.reader.something_left_out and any(model.type_of(part.name) is None for part in names(place.expression)):
                continue  # what it asks about may stand in what could not be read
            for problem in check(place.expression, model, [*model.types, *model.definitions]):
                self._report(place.document, place.path, problem.at, problem.message)

    def lint_all(self, models: Mapping[str, Model]) -> None:
        """The lints of every condition seen so far, all of which passed the type check."""
        for place in self.places:
            if place.check_lint:
                for problem in lint(place.expression, models[place.model]):
                    self._report(place.document, place.path, problem.at, problem.message)

    def _report(self, document: Document, path: Path_, at: Position, message: str) -> None:
        self.reader.findings.append(Finding(document.inside(path, at.line, at.column), message))
