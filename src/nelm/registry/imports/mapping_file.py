"""Reads a mapping: every mistake in it at once, each with its line and what is permitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from nelm.criteria import nearest
from nelm.criteria.types import convert, permitted_units
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import ENTRY_FIELDS, Element
from nelm.knowledge.yamlfile import Document, Mark, Path_, UnreadableFile, read
from nelm.patient.partial import NotPermitted, understand, understand_date
from nelm.registry.imports.mapping import (
    RECORD,
    RECORD_FIELDS,
    Field,
    ImportMapping,
    Part,
    RowsOf,
    Scope,
    Shape,
    Table,
    Written,
)
from nelm.registry.tables.delimited_rows import SEPARATORS, separator_named
from nelm.registry.tables.delimited_text import ENCODINGS, DelimitedError, codec_named
from nelm.registry.tables.delimited_values import DATE_ORDERS, DECIMALS

T = TypeVar("T")
_WRITTEN = ("decimal", "date_order", "missing")
_TOP = ("format", "name", "ids", "centre", "complete", "separator", "encoding", *_WRITTEN, "tables")
_TABLE = ("file", "shape", "id", "centre", "rows", "separator", "encoding", *_WRITTEN, "parts")
_PART = ("part", "where", "fields")
_FIELD = ("column", "checkbox", "value", "words", "unit", "split", *_WRITTEN)
_CHOICES: dict[str, tuple[str, ...]] = {
    "format": ("1",),
    "ids": get_args(Scope),
    "shape": get_args(Shape),
    "rows": get_args(RowsOf),
    "decimal": DECIMALS,
    "date_order": tuple(DATE_ORDERS),
}
REDCAP_ID = "record_id"


class MappingError(ValueError):
    """A mapping that cannot be used; the message has a line for each mistake."""


def read_mapping(path: Path, knowledge: Knowledge) -> ImportMapping:
    """The mapping in a YAML file. Raises MappingError with every mistake in it."""
    try:
        document = read(path)
        digest = sha256(path.read_bytes()).hexdigest()
    except UnreadableFile as error:
        raise MappingError(str(error)) from None
    reading = _Reading(document, knowledge)
    mapping = reading.mapping(digest)
    if reading.problems:
        raise MappingError("\n".join(f"{mark}: {message}" for mark, message in sorted(reading.problems, key=_place)))
    return mapping


def _place(problem: tuple[Mark, str]) -> tuple[int, int]:
    return problem[0].line, problem[0].column


class _Reading:
    def __init__(self, document: Document, knowledge: Knowledge) -> None:
        self._document = document
        self._knowledge = knowledge
        self._above: tuple[Written, str | None, str | None] = (Written(), None, None)  # what is stated for the whole mapping
        self.problems: list[tuple[Mark, str]] = []

    def _error(self, path: Path_, message: str) -> None:
        self.problems.append((self._document.mark(path), message))

    # -- pieces of YAML --------------------------------------------------------------------------------

    def _at(self, path: Path_) -> Any:
        found = self._document.data
        for step in path:
            found = found.get(step) if isinstance(found, dict) else found[step]
        return found

    def _fields(self, path: Path_, permitted: Sequence[str]) -> Mapping[str, Any]:
        """The fields at a path, those that are not permitted reported."""
        found = self._at(path)
        if not isinstance(found, dict):
            self._error(path, f"Found {found!r} where fields ('name: value') are expected. Permitted: {', '.join(permitted)}.")
            return {}
        for name in found:
            if name not in permitted:
                self._error((*path, name), f"The field {name!r} is not known.{nearest(name, permitted)} Permitted: {', '.join(permitted)}.")
        return found

    def _items(self, path: Path_, what: str) -> list[Path_]:
        found = self._at(path)
        if not isinstance(found, list) or not found:
            self._error(path, f"A list of {what} is expected, each after '- '.")
            return []
        return [(*path, number) for number in range(len(found))]

    def _text(self, path: Path_) -> str | None:
        """A single value as it was written: `007` stays `007`."""
        found = self._at(path)
        if found is None:
            return None
        if isinstance(found, list | dict):
            self._error(path, "Found a list or fields where a single value is expected.")
            return None
        return self._document.written(path, found)

    def _texts(self, path: Path_) -> tuple[str, ...]:
        found = self._at(path)
        if found is None:
            return ()
        places = [(*path, number) for number in range(len(found))] if isinstance(found, list) else [path]
        return tuple(text for place in places if (text := self._text(place)) is not None)

    def _choice(self, path: Path_) -> str | None:
        text, permitted = self._text(path), _CHOICES[str(path[-1])]
        if text is not None and text not in permitted:
            self._error(path, f"{path[-1]}: found {text!r}. Permitted: {', '.join(permitted)}.{nearest(text, permitted)}")
            return None
        return text

    def _needed(self, path: Path_, name: str, says: str) -> str | None:
        text = self._text((*path, name))
        if not text:
            self._error((*path, name), f"{name!r} is missing: {says}")
        return text

    def _written(self, path: Path_) -> Written:
        return Written(
            cast("Any", self._choice((*path, "decimal"))),
            cast("Any", self._choice((*path, "date_order"))),
            frozenset(self._texts((*path, "missing"))),
        )

    def _separator(self, path: Path_) -> str | None:
        text = self._at((*path, "separator"))
        if text is None:
            return None
        try:
            return separator_named(str(text))
        except DelimitedError:
            self._error((*path, "separator"), f"separator: found {text!r}. Permitted: {', '.join(SEPARATORS)}.")
            return None

    def _encoding(self, path: Path_) -> str | None:
        text = self._text((*path, "encoding"))
        if text is None:
            return None
        try:
            return codec_named(text)
        except DelimitedError:
            self._error((*path, "encoding"), f"encoding: found {text!r}. Permitted: {', '.join(ENCODINGS.values())}.")
            return None

    # -- the mapping ---------------------------------------------------------------------------------------

    def mapping(self, digest: str) -> ImportMapping:
        top = self._fields((), _TOP)
        if not top:
            return ImportMapping(self._document.file, digest)
        self._choice(("format",))
        self._above = self._written(()), self._separator(()), self._encoding(())
        tables = tuple(filter(None, map(self._table, self._items(("tables",), "tables")))) if "tables" in top else ()
        lists = [key for key, entity in self._knowledge.entities.items() if entity.many]
        complete = self._texts(("complete",))
        for name in complete:
            if name not in lists:
                self._error(("complete",), f"complete: found {name!r}. Permitted: {', '.join(lists)}.{nearest(name, lists)}")
        ids, centre = cast("Scope", self._choice(("ids",)) or "registry"), self._text(("centre",))
        self._check_centres(ids, centre, tables)
        return ImportMapping(
            file=self._document.file,
            digest=digest,
            tables=tables,
            ids=ids,
            centre=centre,
            complete=complete,
        )

    def _check_centres(self, ids: Scope, centre: str | None, tables: Sequence[Table]) -> None:
        for number, table in enumerate(tables):
            if table.centre is not None and centre is not None:
                self._error(("tables", number, "centre"), "The centre is stated for the whole mapping too. Keep one of the two.")
            if ids == "centre" and table.centre is None and centre is None:
                says = "'ids: centre' needs the centre of every row. State 'centre: …' with its column here, or once for the whole mapping."
                self._error(("tables", number), says)

    def _table(self, path: Path_) -> Table | None:
        held = self._fields(path, _TABLE)
        if not held:
            return None
        above, separator, encoding = self._above
        written = self._written(path).under(above)
        shape = cast("Shape", self._choice((*path, "shape")) or "csv")
        file = self._needed(path, "file", "the name of the file, or a pattern for it, as 'patients*.csv'.")
        key = self._text((*path, "id")) or (
            REDCAP_ID if shape == "redcap" else self._needed(path, "id", "the column with the patient's id.")
        )
        parts = tuple(filter(None, (self._part(place, written) for place in self._items((*path, "parts"), "parts of the record"))))
        usual: RowsOf = "one_per_patient" if shape == "csv" and any(part.only_one for part in parts) else "many_per_patient"
        return Table(
            file=file or "",
            mark=self._document.mark(path),
            id=key or "",
            parts=parts,
            centre=self._text((*path, "centre")),
            shape=shape,
            rows=cast("RowsOf", self._choice((*path, "rows")) or usual),
            separator=self._separator(path) or separator,
            encoding=self._encoding(path) or encoding or "utf-8",
            id_missing=written.missing,
        )

    def _part(self, path: Path_, written: Written) -> Part | None:
        held = self._fields(path, _PART)
        key = self._needed(path, "part", "the part of the record that the row gives.") if held else None
        if not key:
            return None
        known = (*self._knowledge.entities, RECORD)
        if key not in known:
            self._error((*path, "part"), f"part: found {key!r}.{nearest(key, known)} Permitted: {', '.join(known)}.")
            return None
        entity = self._knowledge.entities.get(key)
        elements = {element.name: element for element in entity.elements} if entity else {}
        permitted = (*elements, *(ENTRY_FIELDS if entity else RECORD_FIELDS))
        names = self._at((*path, "fields"))
        if not isinstance(names, dict) or not names:
            self._error(path, f"part {key}: 'fields' is missing: which column each field of the part comes from.")
            return None
        for name in names:
            if name not in permitted:
                self._unknown_field((*path, "fields", name), key, name, permitted)
        fields = [self._field((*path, "fields", name), name, elements.get(name), written) for name in names if name in permitted]
        read = tuple(filter(None, fields))
        if read and all(item.constant is not None for item in read):
            self._error(
                path, f"part {key}: all of its fields are constants, so that no row says whether there is such an entry. Map a column."
            )
        return Part(key, entity, read, self._where((*path, "where")))

    def _where(self, path: Path_) -> Mapping[str, frozenset[str]]:
        held = self._at(path)
        if held is None:
            return {}
        if not isinstance(held, dict):
            self._error(path, "where: columns with the words that they must hold are expected, as 'event: [baseline]'.")
            return {}
        return {column: frozenset(self._texts((*path, column))) or frozenset({""}) for column in held}

    def _unknown_field(self, path: Path_, part: str, name: str, permitted: Iterable[str]) -> None:
        element = self._knowledge.elements.get(name)
        if element is not None:
            home = self._knowledge.entity_by_name(element.entity).record_key
            self._error(path, f"The element {name!r} belongs to the part {home!r}, not to {part!r}. Move it there.")
            return
        hint = nearest(name, permitted) or nearest(name, self._knowledge.elements)
        self._error(path, f"The dictionary has no element {name!r} in the part {part!r}.{hint} 'nelm case new' lists all fields.")

    # -- fields --------------------------------------------------------------------------------------------

    def _field(self, path: Path_, name: str, element: Element | None, written: Written) -> Field | None:
        mark = self._document.mark(path)
        if not isinstance(self._at(path), dict):
            column = self._text(path)
            if column is None:
                self._error(path, f"{name}: the column is missing.")
                return None
            return Field(name, element, mark, column=column, written=written)
        held = self._fields(path, _FIELD)
        sources = [key for key in ("column", "checkbox", "value") if held.get(key) is not None]
        if len(sources) != 1:
            found = ", ".join(sources) or "none"
            self._error(path, f"{name}: found {found} of column, checkbox and value. State one: where the value comes from.")
            return None
        self._check_use(path, name, element, held)
        words = {word: self._text((*path, "words", word)) or "" for word in self._fields_any((*path, "words"))}
        for word, meaning in words.items():
            self._check_value((*path, "words", word), name, element, meaning)
        constant = self._text((*path, "value"))
        if constant is not None:
            self._check_value((*path, "value"), name, element, constant)
        return Field(
            name=name,
            element=element,
            mark=mark,
            column=self._text((*path, "column")),
            checkbox=self._text((*path, "checkbox")),
            constant=constant,
            words=words,
            unit=self._unit(path, name, element),
            split=self._text((*path, "split")),
            written=self._written(path).under(written),
        )

    def _fields_any(self, path: Path_) -> Iterable[str]:
        held = self._at(path)
        if held is None:
            return ()
        if not isinstance(held, dict):
            self._error(path, "words: what each word means is expected, as '{1: male, 2: female}'.")
            return ()
        return held

    def _check_use(self, path: Path_, name: str, element: Element | None, held: Mapping[str, Any]) -> None:
        """What is stated makes sense for this kind of element."""
        kind = element.type if element is not None else "text"
        if held.get("checkbox") is not None and (kind != "list" or not held.get("words")):
            self._error(
                path, f"{name}: checkbox columns give a list, and 'words' says what each code means; this element is of kind {kind}."
            )
        if held.get("split") is not None and kind != "list":
            self._error((*path, "split"), f"{name}: only a list is split; this element is of kind {kind}.")

    def _check_value(self, path: Path_, name: str, element: Element | None, text: str) -> None:
        try:
            if element is not None:
                understand(element, [text] if element.type == "list" else text)
            elif name in ("date", "as_of"):
                understand_date(text)
        except NotPermitted as error:
            self._error(path, f"{name}: {error}")

    def _unit(self, path: Path_, name: str, element: Element | None) -> str | None:
        unit = self._text((*path, "unit"))
        if unit is None:
            return None
        if element is None or element.unit is None:
            self._error((*path, "unit"), f"{name} has no unit. Take 'unit' out.")
        else:
            try:
                convert(1.0, unit, element.unit)
            except ValueError:
                permitted = ", ".join(permitted_units(element.unit))
                self._error((*path, "unit"), f"{name}: found the unit {unit!r}. Permitted: {permitted}.")
        return unit
