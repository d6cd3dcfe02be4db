"""The record of one patient: read from a file, every mistake found at once, nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nelm.criteria import Evaluator, Spans, Truth, Value, nearest, union
from nelm.knowledge.base import CompiledRule, Knowledge
from nelm.knowledge.dictionary import ENTRY_FIELDS, RECORD_FIELDS, RECORD_TEXTS, Element, Entity
from nelm.knowledge.yamlfile import Document, Mark, Path_, UnreadableFile, parse, read
from nelm.patient.partial import NotPermitted, Stated, is_known, says_nothing, understand, understand_date, unusual

FORMAT = 1


@dataclass(frozen=True)
class Problem:
    """Something wrong (`error`) or doubtful (`warning`) in a record, and where."""

    mark: Mark
    field: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.mark}: {self.field}: {self.message}" if self.field else f"{self.mark}: {self.message}"


class RecordError(Exception):
    """A record that cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class SetAside:
    """A value that cannot be true and was set aside on request: the fact stays unknown."""

    element: str
    written: str
    reason: str
    mark: Mark


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry of the record: a specimen, a scan, a treatment, …

    `number` counts from 1 within its entity; one left blank in the file has its number and is no entry.
    """

    entity: str
    record_key: str
    number: int
    values: Mapping[str, Stated]
    written: Mapping[str, str]
    mark: Mark
    date: Spans | None = None
    date_written: str | None = None
    source: str | None = None
    note: str | None = None

    @property
    def name(self) -> str:
        """`specimens 2`: how messages call the entry."""
        return f"{self.record_key} {self.number}"

    @property
    def facts(self) -> dict[str, Value]:
        """What the entry states, without texts and lists, which no condition uses."""
        return {name: value for name, value in self.values.items() if not isinstance(value, str | tuple)}


@dataclass(frozen=True)
class Record:
    """All that is known of one patient. `complete` names the entities whose lists leave nothing out."""

    file: str
    id: str
    entries: tuple[Entry, ...]
    title: str | None = None
    kind: str | None = None
    reference: str | None = None
    note: str | None = None
    as_of: Spans | None = None
    as_of_written: str | None = None
    complete: frozenset[str] = frozenset()
    set_aside: tuple[SetAside, ...] = ()
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    source: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def of(self, entity: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.entity == entity)

    def text(self, element: str) -> str | None:
        """The last text entered for an element, or None."""
        found = [entry.values[element] for entry in self.entries if element in entry.values]
        return found[-1] if found and isinstance(found[-1], str) else None


def read_record(path: Path, knowledge: Knowledge, *, set_aside_invalid: bool = False) -> Record:
    """The record in a YAML or JSON file.

    Raises RecordError with every mistake in the file. With `set_aside_invalid`, values that cannot be true
    are set aside (the fact stays unknown, and the report shows it) instead of refused.
    """
    try:
        document = read(path)
    except UnreadableFile as error:
        raise RecordError([Problem(error.mark, "", error.message)]) from None
    return understand_record(document, knowledge, set_aside_invalid=set_aside_invalid)


def parse_record(text: str, name: str, knowledge: Knowledge, *, set_aside_invalid: bool = False) -> Record:
    """The record in a YAML or JSON text; errors as for `read_record`."""
    try:
        document = parse(text, name)
    except UnreadableFile as error:
        raise RecordError([Problem(error.mark, "", error.message)]) from None
    return understand_record(document, knowledge, set_aside_invalid=set_aside_invalid)


def understand_record(document: Document, knowledge: Knowledge, *, set_aside_invalid: bool = False) -> Record:
    """The record that parsed data hold; errors as for `read_record`."""
    reading = _Reading(document, knowledge, set_aside_invalid)
    record = reading.record()
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    if errors or record is None:
        raise RecordError(sorted(errors, key=lambda problem: (problem.mark.line, problem.mark.column)))
    return record


class _Reading:
    def __init__(self, document: Document, knowledge: Knowledge, set_aside_invalid: bool) -> None:
        self.document = document
        self.knowledge = knowledge
        self.set_aside_invalid = set_aside_invalid
        self.problems: list[Problem] = []
        self.set_aside: list[SetAside] = []
        self.places: dict[str, Mark] = {}

    def record(self) -> Record | None:
        data = self.document.data
        if data is None:
            self._error((), "", "The file is empty. 'nelm case new' writes a template.")
            return None
        if not isinstance(data, dict):
            self._error(
                (), "", "The file has to hold fields ('name: value'), not a list or a single value. 'nelm case new' writes a template."
            )
            return None
        header = self._header(data)
        entries: list[Entry] = []
        for key, value in data.items():
            if key in RECORD_FIELDS:
                continue
            entity = self.knowledge.entities.get(key)
            if entity is None:
                self._unknown_part(key)
            else:
                entries.extend(self._entries(entity, value, (key,)))
        if not entries and not self.problems:
            self._error(
                (), "", "The record says nothing about the patient yet. Fill in at least one field; 'nelm case new' writes a template."
            )
        made = Record(
            file=self.document.file,
            entries=tuple(entries),
            set_aside=tuple(self.set_aside),
            source=data,
            **header,
        )
        self._impossible_together(made)
        warnings = tuple(problem for problem in self.problems if problem.severity == "warning")
        return replace(made, warnings=warnings)

    def _error(self, path: Path_, field_name: str, message: str, mark: Mark | None = None) -> None:
        self.problems.append(Problem(mark or self.document.mark(path), field_name, message))

    # -- header -----------------------------------------------------------------------------------

    def _header(self, data: Mapping[str, Any]) -> dict[str, Any]:
        version = data.get("nelm", FORMAT)
        if version != FORMAT or isinstance(version, bool):
            self._error(("nelm",), "nelm", f"Found version {version!r} of the record format. Permitted: {FORMAT}.")
        header: dict[str, Any] = {"complete": self._complete(data.get("complete"))}
        for name in RECORD_TEXTS:
            header[name] = self._text(data.get(name), (name,))
        header["id"] = header["id"] or Path(self.document.file).stem
        header["as_of"] = self._date(data.get("as_of"), ("as_of",))
        header["as_of_written"] = None if header["as_of"] is None else self.document.written(("as_of",), data["as_of"])
        return header

    def _text(self, value: Any, path: Path_) -> str | None:
        """A text as it was written: `007` stays `007`."""
        if isinstance(value, list | dict):
            self._error(path, str(path[-1]), "Found a list or fields where text is expected.")
            return None
        return None if value is None else self.document.written(path, value)

    def _complete(self, value: Any) -> frozenset[str]:
        if value is None:
            return frozenset()
        names = value if isinstance(value, list) else [value]
        many = [key for key, entity in self.knowledge.entities.items() if entity.many]
        found: set[str] = set()
        for number, name in enumerate(names):
            if name in many:
                found.add(self.knowledge.entities[name].entity)
            else:
                self._error(("complete", number), "complete", f"Found {name!r}. Permitted: {', '.join(many)}.{nearest(str(name), many)}")
        return frozenset(found)

    def _unknown_part(self, key: str) -> None:
        element = self.knowledge.elements.get(key)
        if element is not None:
            home = self.knowledge.entity_by_name(element.entity).record_key
            self._error((key,), key, f"The field belongs under {home!r}. Move it there.")
            return
        known = [*self.knowledge.entities, *RECORD_FIELDS]
        hint = nearest(key, known) or nearest(key, self.knowledge.elements)
        self._error((key,), key, f"This part of a record is not known.{hint} Permitted: {', '.join(known)}.")

    def _date(self, written: Any, path: Path_) -> Spans | None:
        if says_nothing(written):
            return None
        try:
            return understand_date(written)
        except NotPermitted as error:
            self._error(path, str(path[-1]), str(error))
            return None

    # -- entries ----------------------------------------------------------------------------------

    def _entries(self, entity: Entity, value: Any, path: Path_) -> list[Entry]:
        if value is None:
            return []
        items = [((*path, number), item) for number, item in enumerate(value)] if isinstance(value, list) else [(path, value)]
        if not entity.many and len(items) > 1:
            self._error(path, entity.record_key, f"{entity.label} is one entry, not a list of {len(items)}. Keep one.")
            return []
        found: list[Entry] = []
        for number, (place, item) in enumerate(items, start=1):
            if item is None:
                continue
            if not isinstance(item, dict):
                self._error(place, entity.record_key, f"Found {item!r} where an entry with fields ('name: value') is expected.")
                continue
            entry = self._entry(entity, number, item, place)
            if any(value is not None for value in item.values()):  # a blank entry of the template is none
                found.append(entry)
        return found

    def _entry(self, entity: Entity, number: int, item: Mapping[str, Any], path: Path_) -> Entry:
        elements = {element.name: element for element in entity.elements}
        values: dict[str, Stated] = {}
        written: dict[str, str] = {}
        for name, value in item.items():
            place = (*path, name)
            if name in elements:
                stated = self._value(elements[name], value, place)
                if stated is not None:
                    values[name] = stated
                    written[name] = ", ".join(map(str, value)) if isinstance(value, list) else self.document.written(place, value)
            elif name not in ENTRY_FIELDS:
                self._unknown_field(entity, elements, name, place)
        return Entry(
            entity=entity.entity,
            record_key=entity.record_key,
            number=number,
            values=values,
            written=written,
            mark=self.document.mark(path),
            date=self._date(item.get("date"), (*path, "date")),
            date_written=None if item.get("date") is None else self.document.written((*path, "date"), item["date"]),
            source=self._text(item.get("source"), (*path, "source")),
            note=self._text(item.get("note"), (*path, "note")),
        )

    def _value(self, element: Element, value: Any, path: Path_) -> Stated | None:
        try:
            stated = understand(element, self._as_written(element, value, path))
        except NotPermitted as error:
            if self.set_aside_invalid:
                self.set_aside.append(SetAside(element.name, self.document.written(path, value), str(error), self.document.mark(path)))
            else:
                self._error(path, element.name, str(error))
            return None
        if stated is None or not is_known(element, stated):
            return None
        doubt = unusual(element, stated)
        if doubt is not None:
            self.problems.append(Problem(self.document.mark(path), element.name, doubt, "warning"))
        self.places[element.name] = self.document.mark(path)
        return stated

    def _as_written(self, element: Element, value: Any, path: Path_) -> Any:
        """Free text that looks like a number or a constant, as it stands in the file."""
        if element.type not in ("text", "list"):
            return value
        if isinstance(value, list):
            return [self._as_written(element, item, (*path, number)) for number, item in enumerate(value)]
        return self.document.written(path, value) if isinstance(value, bool | int | float) else value

    def _unknown_field(self, entity: Entity, elements: Mapping[str, Element], name: str, path: Path_) -> None:
        known = self.knowledge.elements.get(name)
        if known is not None:
            home = self.knowledge.entity_by_name(known.entity).record_key
            self._error(path, name, f"The field belongs under {home!r}, not under {entity.record_key!r}. Move it there.")
            return
        hint = nearest(name, [*elements, *ENTRY_FIELDS]) or nearest(name, self.knowledge.elements)
        self._error(path, name, f"The field is not known under {entity.record_key!r}.{hint} 'nelm case new' lists all fields.")

    # -- what cannot be true together ---------------------------------------------------------------

    def _impossible_together(self, record: Record) -> None:
        """Rules that make a record impossible (birth after death): refused like a value that cannot be."""
        for entity in (None, *self.knowledge.entry_models):
            for found in self.knowledge.rules_for(entity):
                if found.rule.severity == "impossible":
                    for mark in self._broken_at(found, record):
                        self._error((), found.rule.id, f"{found.rule.says} Correct the record.", mark)

    def _broken_at(self, found: CompiledRule, record: Record) -> list[Mark]:
        """Where a rule certainly holds: in an entry, or at the last of the facts that it is about."""
        per = found.rule.per
        if per is not None:
            model = self.knowledge.entry_models[per]
            return [entry.mark for entry in record.of(per) if Evaluator(model, entry.facts).truth(found.condition) is Truth.TRUE]
        facts: dict[str, Value] = {}
        for entry in record.entries:
            stated = entry.facts if not found.facts.isdisjoint(entry.values) else {}
            for name in found.facts & stated.keys():
                facts[name] = union(facts[name], stated[name]) if name in facts else stated[name]
        if Evaluator(self.knowledge.model, facts).truth(found.condition) is not Truth.TRUE:
            return []
        places = [self.places[name] for name in found.facts if name in self.places]
        return [max(places, key=lambda mark: (mark.line, mark.column), default=Mark(self.document.file))]
