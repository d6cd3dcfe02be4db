"""Loads the description of a synthetic cohort from the content, and checks it against the dictionary and the published findings."""

from __future__ import annotations

import re
from pathlib import Path

from nelm.cohort.synthetic.checks import TOLERANCE, Checks
from nelm.cohort.synthetic.model import Anchor, Description, EntryRule, Form, Missing, Partial, Variable
from nelm.cohort.synthetic.types import types_of
from nelm.criteria import BooleanType, CodedType, DateType, ValueType, nearest
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import Element, Entity
from nelm.knowledge.evidence import Claim
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root
from nelm.knowledge.yamlfile import Document, Path_
from nelm.patient.partial import NotPermitted, understand

FILE = "cohort/synthetic.yaml"
DATE = "date"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FORM_FITS = {
    "month": ("date",), "year": ("date",), "set": ("coded",), "neighbour": ("coded",), "spelling": ("coded",),
    "limits": ("quantity", "count"), "steps": ("quantity", "count"),
}  # fmt: skip


def load_description(knowledge: Knowledge, root: Path | None = None, file: str = FILE) -> Description:
    """The description in a file of the content.

    Raises ContentError with every mistake in it, FileNotFoundError where there is no content.
    """
    reader = Reader(root or content_root())
    description = reader.whole(Description, file)
    if description is not None:
        _Checking(description, knowledge, reader, reader.documents[file]).check()
    if description is None or reader.findings:
        raise ContentError(reader.findings)
    return description


def claims_of(knowledge: Knowledge) -> dict[str, Claim]:
    """Every published finding by its full id (`document/claim`)."""
    return {f"{name}/{claim.id}": claim for name, reported in knowledge.reported.items() for claim in reported.claims()}


class _Checking:
    def __init__(self, description: Description, knowledge: Knowledge, reader: Reader, document: Document) -> None:
        self.description = description
        self.knowledge = knowledge
        self.claims = claims_of(knowledge)
        self.checks = Checks(reader, document, types_of(description, knowledge), self.claims)

    def check(self) -> None:
        for number, variable in enumerate(self.description.variables):
            self._variable(variable, ("variables", number), grounded=False)
        self._ends()
        self._factors()
        for key, given in self.description.complete.items():
            self._complete(key)
            self._boolean(self.checks.distribution(given, ("complete", key)), ("complete", key))
        single: set[str] = set()
        for number, rule in enumerate(self.description.entries):
            self._entry(rule, ("entries", number), single)
        if self.description.missing is not None:
            self._missing(self.description.missing)
        if self.description.partial is not None:
            self._partial(self.description.partial)
        for number, anchor in enumerate(self.description.anchors):
            self._anchor(anchor, ("anchors", number))

    # -- variables and entries --------------------------------------------------------------------

    def _variable(self, variable: Variable, path: Path_, *, grounded: bool) -> None:
        if not _NAME.fullmatch(variable.name):
            self.checks.report((*path, "name"), f"{variable.name!r} is not a name. Permitted: small letters, digits and '_'.")
        if variable.when is not None:
            self.checks.condition(variable.when, (*path, "when"))
        kind = self.checks.distribution(variable, path, grounded=grounded)
        element = self.knowledge.elements.get(variable.name)
        if element is not None and kind is not None:
            self._fits(element, kind, path)
        self.checks.drawn[variable.name] = None

    def _fits(self, element: Element, kind: ValueType, path: Path_) -> None:
        """What is drawn for an element is what the dictionary permits."""
        wanted = element.value_type
        if isinstance(wanted, CodedType) and isinstance(kind, CodedType):
            for code in kind.codes:
                if code not in wanted.codes:
                    permitted = ", ".join(wanted.codes)
                    self.checks.report(path, f"The code {code!r} is not permitted. Permitted: {permitted}.{nearest(code, wanted.codes)}")
        elif wanted is None and isinstance(kind, CodedType):
            for text in kind.codes:
                try:
                    understand(element, text)
                except NotPermitted as error:
                    self.checks.report(path, f"{element.name}: {error}")
        elif type(wanted) is not type(kind):
            self.checks.report(path, f"{element.name!r} is a {element.type} element, and a {kind.name} value is drawn for it.")

    def _boolean(self, kind: ValueType | None, path: Path_) -> None:
        if kind is not None and not isinstance(kind, BooleanType):
            self.checks.report(path, f"True or false is expected here, not a {kind.name} value.")

    def _entry(self, rule: EntryRule, path: Path_, single: set[str]) -> None:
        entity = next((found for found in self.knowledge.entities.values() if found.entity == rule.entity), None)
        if entity is None:
            known = [found.entity for found in self.knowledge.entities.values()]
            self.checks.report((*path, "entity"), f"The entity {rule.entity!r} is not known.{nearest(rule.entity, known)}")
            return
        if not entity.many:
            self._single(rule, entity, path, single)
        grounded = bool(rule.claims) or rule.assumed is not None
        self.checks.grounds(rule.claims, path)
        if rule.when is not None:
            self.checks.condition(rule.when, (*path, "when"))
        if rule.happens is not None:
            kind = self.checks.distribution(rule.happens, (*path, "happens"), grounded=grounded)
            self._boolean(kind, (*path, "happens"))
        if rule.date is not None:
            kind = self.checks.distribution(rule.date, (*path, "date"), grounded=grounded)
            if kind is not None and not isinstance(kind, DateType):
                self.checks.report((*path, "date"), f"A date is expected here, not a {kind.name} value.")
        if rule.date_as is not None:
            self.checks.drawn[rule.date_as] = None
        own = {element.name for element in entity.elements}
        for name in rule.writes:
            self.checks.known(name, (*path, "writes"))
            if name not in own:
                self.checks.report((*path, "writes"), f"{name!r} is no element of {rule.entity!r}.{nearest(name, own)}")
        for number, variable in enumerate(rule.draws):
            if variable.name in self.knowledge.elements and variable.name not in own:
                home = self.knowledge.elements[variable.name].entity
                self.checks.report(
                    (*path, "draws", number, "name"), f"{variable.name!r} is an element of {home!r}, not of {rule.entity!r}."
                )
            self._variable(variable, (*path, "draws", number), grounded=grounded)

    def _single(self, rule: EntryRule, entity: Entity, path: Path_, single: set[str]) -> None:
        if rule.repeat != 1 or rule.date is not None:
            self.checks.report(path, f"{entity.label} is one entry without a date: leave out 'repeat' and 'date'.")
        if rule.entity in single:
            self.checks.report(path, f"{entity.label} is one entry, and there is a rule for it before. Keep one.")
        single.add(rule.entity)

    # -- the rest -----------------------------------------------------------------------------------

    def _ends(self) -> None:
        kind = self.checks.known(self.description.ends, ("ends",))
        if kind is not None and not isinstance(kind, DateType):
            self.checks.report(("ends",), f"{self.description.ends!r} is a {kind.name} fact where a date is expected.")

    def _factors(self) -> None:
        """The factors are used from the first entry on, so the variables hold them."""
        for part, path in ((self.description.missing, ("missing", "factor")), (self.description.partial, ("partial", "factor"))):
            if part is not None and part.factor is not None:
                self.checks.number(part.factor, path)

    def _complete(self, key: str) -> None:
        entity = self.knowledge.entities.get(key)
        if entity is None or not entity.many:
            many = [name for name, found in self.knowledge.entities.items() if found.many]
            self.checks.report(("complete", key), f"Found {key!r}. Permitted: {', '.join(many)}.{nearest(key, many)}")

    def _missing(self, missing: Missing) -> None:
        self.checks.share(missing.otherwise, ("missing", "otherwise"))
        for name, share in missing.shares.items():
            self._element(name, ("missing", "shares", name))
            self.checks.share(share, ("missing", "shares", name))

    def _element(self, name: str, path: Path_) -> str | None:
        """The type of an element, or of the date that every entry has; None where there is none (reported)."""
        if name == DATE:
            return "date"
        element = self.knowledge.elements.get(name)
        if element is None:
            self.checks.report(path, f"The element {name!r} is not known.{nearest(name, self.knowledge.elements)}")
        return element.type if element is not None else None

    def _partial(self, partial: Partial) -> None:
        total: dict[str, float] = {}
        for number, form in enumerate(partial.forms):
            path: Path_ = ("partial", "forms", number)
            self.checks.share(form.share, (*path, "share"))
            self._form(form, path)
            total[form.element] = total.get(form.element, 0.0) + form.share
            if total[form.element] > 1 + TOLERANCE:
                self.checks.report((*path, "share"), f"The shares of {form.element!r} add up to more than 1.")

    def _form(self, form: Form, path: Path_) -> None:
        kind = self._element(form.element, (*path, "element"))
        if kind is not None and kind not in _FORM_FITS[form.written]:
            fitting = " or ".join(_FORM_FITS[form.written])
            self.checks.report((*path, "written"), f"{form.written!r} is for a {fitting} element; {form.element!r} is a {kind}.")
        if (form.written == "limits") != bool(form.at):
            self.checks.report(path, "'at' belongs to 'limits', which needs it.")
        if (form.written == "steps") != (form.of is not None and form.of > 0):
            self.checks.report(path, "'of', a number above 0, belongs to 'steps', which needs it.")

    def _anchor(self, anchor: Anchor, path: Path_) -> None:
        for name in ("among", "share"):
            self.checks.condition(getattr(anchor, name), (*path, name))
        claim = self.claims.get(anchor.claim)
        if claim is None:
            self.checks.report((*path, "claim"), f"The claim {anchor.claim!r} is not known.{nearest(anchor.claim, self.claims)}")
            return
        value = claim.values[anchor.value] if 0 <= anchor.value < len(claim.values) else None
        if value is None or value.unit != "percent" or value.token is not None:
            self.checks.report((*path, "value"), f"{anchor.claim!r} has no share with the number {anchor.value} that can be computed with.")
