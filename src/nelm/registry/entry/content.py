"""Entry criteria as the content states them, loaded and compiled.

They stand in `content/registry/entry.yaml`, in the language of conditions; a registry that wants others changes that file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from nelm.criteria import CodedType, DateType, Expression, Model, nearest
from nelm.criteria.syntax import And, Name, Not
from nelm.knowledge.base import Knowledge
from nelm.knowledge.compile import Compiler
from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root
from nelm.knowledge.yamlfile import Document, Path_

FILE = "registry/entry.yaml"
CENTRE = "centre"  # the one text that a facts table holds
PREFIX = "entry."  # of the names that the criteria have among all definitions


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """Where a rule comes from: `source` in a document, `outside` both, or `assumed` with the reason. At least one is given."""

    source: Any = None
    outside: str | None = None
    assumed: str | None = None

    @property
    def are_given(self) -> bool:
        return any((self.source, self.outside, self.assumed))


@dataclass(frozen=True, kw_only=True)
class EntryCriterion(Grounds):
    """A condition for entry, or one that excludes."""

    __pydantic_config__ = STRICT
    name: str
    label: str
    is_: str


@dataclass(frozen=True, kw_only=True)
class RequiredItem:
    """A fact that has to be on record where `when` certainly holds, unless `unless` does."""

    __pydantic_config__ = STRICT
    item: str
    when: str | None = None
    unless: str | None = None


@dataclass(frozen=True)
class Interval:
    """The most days between two dates that still count as together."""

    __pydantic_config__ = STRICT
    id: str
    days: int
    label: str


@dataclass(frozen=True, kw_only=True)
class TimingRule(Grounds):
    """Which of two codes the days between two dates give: `within` the interval or `after` it; else what was `entered`."""

    __pydantic_config__ = STRICT
    from_: str
    to: str
    entered: str
    within: str
    after: str
    interval: str
    intervals: tuple[Interval, ...]

    @property
    def days(self) -> int:
        """The most days of the interval in use."""
        return next(found.days for found in self.intervals if found.id == self.interval)


@dataclass(frozen=True, kw_only=True)
class EntryFile:
    """The file as it is written."""

    __pydantic_config__ = STRICT
    id: str
    version: str
    date: str
    title: str
    include: tuple[EntryCriterion, ...]
    exclude: tuple[EntryCriterion, ...] = ()
    required: tuple[RequiredItem, ...] = ()
    timing: TimingRule


@dataclass(frozen=True)
class CompiledItem:
    """A required item with the conditions under which it is required (None: always, and never left out)."""

    item: str
    when: Expression | None
    unless: Expression | None


@dataclass(frozen=True, eq=False)
class EntryCriteria:
    """Entry criteria, ready to be asked. `model` holds the facts and, under `PREFIX` and their names, the criteria.

    `digest` is the SHA-256 of the file that they were read from; the interval is a choice of its own, see `with_interval`.
    """

    file: EntryFile
    model: Model
    required: tuple[CompiledItem, ...]
    digest: str

    @property
    def id(self) -> str:
        return self.file.id

    @property
    def version(self) -> str:
        return self.file.version

    @property
    def timing(self) -> TimingRule:
        return self.file.timing

    @property
    def label_of(self) -> Mapping[str, str]:
        """What a reader is told for each reason."""
        return {found.name: found.label for found in (*self.file.include, *self.file.exclude)}

    @cached_property
    def conditions(self) -> Mapping[str, Expression]:
        """For each criterion the condition that has to hold for entry: the criterion, or that it does not exclude."""
        include: dict[str, Expression] = {found.name: Name(PREFIX + found.name) for found in self.file.include}
        return include | {found.name: Not(Name(PREFIX + found.name)) for found in self.file.exclude}

    @cached_property
    def condition(self) -> Expression:
        """The condition for entry as a whole."""
        parts = tuple(self.conditions.values())
        return And(parts) if len(parts) > 1 else parts[0]

    def with_interval(self, interval: str) -> EntryCriteria:
        """The same criteria with another of their intervals. Raises UnknownInterval."""
        known = [found.id for found in self.timing.intervals]
        if interval not in known:
            raise UnknownInterval(f"The interval {interval!r} is not known.{nearest(interval, known)} Permitted: {', '.join(known)}.")
        return replace(self, file=replace(self.file, timing=replace(self.timing, interval=interval)))


class UnknownInterval(ValueError):
    """An interval that the entry criteria do not have."""


def load_entry(knowledge: Knowledge, root: Path | None = None) -> EntryCriteria:
    """The entry criteria of the content; `root` is its folder.

    Raises ContentError with everything that is wrong with the file, each with its line.
    """
    folder = root or content_root()
    reader = Reader(folder)
    found = reader.whole(EntryFile, FILE)
    made = None if found is None else _Loading(knowledge, reader, found, reader.documents[FILE]).criteria(digest_of(folder / FILE))
    if made is None or reader.findings:
        raise ContentError(reader.findings)
    return made


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def check_day(text: str, document: Document, path: Path_, reader: Reader) -> None:
    """Whether a text is a day; reported where it is not."""
    try:
        date.fromisoformat(text)
    except ValueError:
        reader.report(document, path, f"Found {text!r} where a date (2026-11-21) is expected.")


class _Loading:
    def __init__(self, knowledge: Knowledge, reader: Reader, file: EntryFile, document: Document) -> None:
        self.knowledge = knowledge
        self.reader = reader
        self.file = file
        self.document = document
        self.compiler = Compiler(reader)

    def criteria(self, digest: str) -> EntryCriteria:
        check_day(self.file.date, self.document, ("date",), self.reader)
        self._check_names()
        definitions = self._definitions()
        required = tuple(self._item(found, ("required", number)) for number, found in enumerate(self.file.required))
        self._check_timing(self.file.timing, ("timing",))
        base = self.knowledge.model
        model = Model(base.types, {**base.definitions, **definitions}, base.enterable)
        self.compiler.check_all({"": model})
        if not self.reader.findings:
            self.compiler.lint_all({"": model})
        return EntryCriteria(self.file, model, required, digest)

    def _definitions(self) -> dict[str, Expression]:
        found: dict[str, Expression] = {}
        for key, criteria in (("include", self.file.include), ("exclude", self.file.exclude)):
            for number, criterion in enumerate(criteria):
                found[PREFIX + criterion.name] = self._condition(criterion.is_, (key, number, "is"))
                if not criterion.are_given:
                    self._report((key, number), f"{criterion.name!r} needs a 'source', 'outside', or 'assumed' with the reason.")
        return found

    def _condition(self, text: str, path: Path_) -> Expression:
        return self.compiler.condition(text, self.document, path)

    def _check_names(self) -> None:
        if not self.file.include:
            self._report(("include",), "No criterion is given. A registry that everybody enters is none: give at least one.")
        taken: set[str] = set()
        for key, criteria in (("include", self.file.include), ("exclude", self.file.exclude)):
            for number, criterion in enumerate(criteria):
                if criterion.name in taken:
                    self._report((key, number, "name"), f"The name {criterion.name!r} is given twice. Give each criterion its own.")
                taken.add(criterion.name)

    def _item(self, found: RequiredItem, path: Path_) -> CompiledItem:
        types = self.knowledge.model.types
        if found.item != CENTRE and found.item not in types:
            known = [CENTRE, *types]
            self._report((*path, "item"), f"{found.item!r} is not a fact that a facts table holds.{nearest(found.item, known)}")
        when, unless = (
            None if text is None else self._condition(text, (*path, key)) for key, text in (("when", found.when), ("unless", found.unless))
        )
        return CompiledItem(found.item, when, unless)

    def _check_timing(self, timing: TimingRule, path: Path_) -> None:
        for key, name in (("from", timing.from_), ("to", timing.to)):
            if not isinstance(self.knowledge.model.types.get(name), DateType):
                self._report((*path, key), f"{name!r} is not a date of the dictionary.")
        kind = self.knowledge.model.type_of(timing.entered)
        codes = kind.codes if isinstance(kind, CodedType) else ()
        for key, code in (("within", timing.within), ("after", timing.after)):
            if code not in codes:
                self._report((*path, key), f"{code!r} is not a code of {timing.entered!r}.{nearest(code, codes)}")
        known = [found.id for found in timing.intervals]
        if timing.interval not in known:
            self._report(
                (*path, "interval"), f"The interval {timing.interval!r} is not among the intervals.{nearest(timing.interval, known)}"
            )
        if not timing.are_given:
            self._report(path, "The timing needs a 'source', 'outside', or 'assumed' with the reason.")

    def _report(self, path: Path_, message: str) -> None:
        self.reader.report(self.document, path, message)
