"""What the columns of somebody's table mean: stated by the user, in options or in a small YAML file, and never guessed.

A table is described in the terms of the questions asked of it (`ELEMENTS`). An element is read from the column named for it;
where none is named, from the column that has the element's own name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nelm.criteria import nearest
from nelm.knowledge.yamlfile import Document, UnreadableFile, read

ELEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "person": "who it is; one row for each person in survival, one for each tumour in prevalence",
        "sex": "male or female",
        "age": "age at diagnosis, in the unit stated with --age-unit",
        "age_group": "age group, as in 40-44, 85+ or 63",
        "born": "date of birth",
        "diagnosed": "date of diagnosis",
        "time": "whole days from diagnosis to death or to the last day known alive",
        "last_contact": "date of death or of the last day known alive",
        "entry": "whole days from diagnosis to the begin of observation",
        "entered": "date on which observation began",
        "status": "dead or alive at the last contact; for competing risks alive, or the cause",
        "first_ever": "whether it is the person's first malignant tumour of any kind: yes or no",
        "year": "calendar year",
        "cases": "number of cases",
        "population": "person-years, or persons in the middle of the year",
        "rate": "reference rate per 100,000",
    }
)
CODED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"sex": ("male", "female"), "status": ("alive", "dead"), "first_ever": ("yes", "no")}
)
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"age_unit": ("days", "years"), "date_order": ("ymd", "dmy", "mdy"), "decimal": ("point", "comma")}
)
TEXTS = ("separator", "encoding")
KEYS = ("columns", *CODED, *CHOICES, *TEXTS, "missing", "where")

Codes = Mapping[str, str]


class MappingError(ValueError):
    """A description of a table that cannot be used: where, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class TableMapping:
    """What the columns of a table mean, and how its cells are written.

    `columns` names the column of an element; `codes` has for a coded element the word for each way of writing (`{"status": {"1": "dead"}}`;
    without an entry the words of `CODED` themselves are expected). `age_unit`, `date_order` and `decimal` are words of `CHOICES`, or
    None where nothing was said. Cells that read as one of `missing` are empty. `where` keeps the rows with one of these entries in a column.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Codes] = field(default_factory=dict)
    age_unit: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    separator: str | None = None
    encoding: str | None = None
    missing: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def over(self, other: TableMapping) -> TableMapping:
        """This mapping, completed by another wherever it says nothing. Columns and conditions are completed one by one."""
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        joined: dict[str, Any] = {name: value or getattr(other, name) for name, value in said.items()}
        for name in ("columns", "codes", "where"):
            joined[name] = {**getattr(other, name), **said[name]}
        return replace(self, **joined)

    def column_of(self, element: str) -> str:
        """The column in which an element is looked for."""
        return self.columns.get(element, element)

    def words(self, element: str) -> Codes:
        """For each way of writing a coded element the word that it stands for."""
        return self.codes.get(element) or {word: word for word in CODED[element]}


# -- options -------------------------------------------------------------------------------------------------


def mapping_of(
    *,
    columns: Sequence[str] = (),
    codes: Sequence[str] = (),
    sex: Sequence[str] = (),
    first_ever: Sequence[str] = (),
    where: Sequence[str] = (),
    missing: Sequence[str] = (),
    causes: bool = False,
    **choices: str | None,
) -> TableMapping:
    """The mapping that options state: each text is `NAME=VALUE`, or several of these after commas.

    `columns` are `element=column`, `codes` are those of the status (`dead=1`), `causes` lets other words than alive and dead stand there.
    Raises MappingError.
    """
    for name, value in choices.items():
        _check_choice(f"--{name.replace('_', '-')}", name, value)
    coded = {
        "sex": _codes("--sex", "sex", sex),
        "status": _codes("--code", "status", codes, any_word=causes),
        "first_ever": _codes("--first-ever", "first_ever", first_ever),
    }
    return TableMapping(
        columns=_columns(columns),
        codes={element: words for element, words in coded.items() if words},
        missing=tuple(missing),
        where=_conditions(where),
        **choices,
    )


def _pairs(option: str, texts: Sequence[str], *, lists: bool) -> Iterator[tuple[str, str]]:
    """The pairs of an option. With `lists` a comma parts pairs, and values of one name too: `dead=1,2,alive=0`."""
    for text in texts:
        name = ""
        for part in text.split(",") if lists else (text,):
            before, equals, after = part.partition("=")
            name, value = (before.strip(), after.strip()) if equals else (name, before.strip())
            if not name or not value:
                raise MappingError(f"{option}: found {text!r}. Permitted: NAME=VALUE, as in {_EXAMPLES[option]}.")
            yield name, value


_EXAMPLES = {
    "--column": "time=fu_days",
    "--code": "dead=1,alive=0",
    "--sex": "male=1,female=2",
    "--first-ever": "yes=1,no=0",
    "--where": "tumour_no=1",
}


def _columns(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for element, column in _pairs("--column", texts, lists=False):
        _check_element("--column", element)
        if found.setdefault(element, column) != column:
            raise MappingError(f"--column: {element} is given twice, as {found[element]!r} and {column!r}. Each element has one column.")
    return found


def _codes(option: str, element: str, texts: Sequence[str], *, any_word: bool = False) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, written in _pairs(option, texts, lists=True):
        _add_code(option, element, found, word, written, any_word=any_word)
    return found


def _conditions(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for column, value in _pairs("--where", texts, lists=True):
        found[column] = (*found.get(column, ()), value)
    return found


# -- a file --------------------------------------------------------------------------------------------------


def read_mapping(path: Path, *, causes: bool = False) -> TableMapping:
    """The mapping in a YAML file; its fields are `KEYS`. Raises MappingError with file, line and what is permitted."""
    try:
        document = read(path)
    except UnreadableFile as error:
        raise MappingError(str(error)) from None
    data = _mapping(document, ())
    for key in data:
        if key not in KEYS:
            raise MappingError(
                f"{document.mark((key,))}: the field {key!r} is not known. Permitted: {', '.join(KEYS)}.{nearest(key, KEYS)}"
            )
    for key in (*CHOICES, *TEXTS):
        if key in data:
            _text(document, (key,))
            _check_choice(f"{document.mark((key,))}: {key}", key, data[key])
    return TableMapping(
        columns={element: _text(document, ("columns", element)) for element in _elements(document)},
        codes={element: _codes_in(document, element, any_word=causes and element == "status") for element in CODED if element in data},
        missing=_texts(document, ("missing",)) if "missing" in data else (),
        where={column: _texts(document, ("where", column)) for column in _mapping(document, ("where",))},
        **{key: data[key] for key in (*CHOICES, *TEXTS) if key in data},
    )


def _elements(document: Document) -> Iterator[str]:
    for element in _mapping(document, ("columns",)):
        _check_element(f"{document.mark(('columns', element))}: columns", element)
        yield element


def _codes_in(document: Document, element: str, *, any_word: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in _mapping(document, (element,)):
        for written in _texts(document, (element, word)):
            _add_code(f"{document.mark((element, word))}: {element}", element, found, word, written, any_word=any_word)
    return found


def _at(document: Document, path: tuple[str | int, ...]) -> Any:
    found = document.data
    for part in path:
        found = found.get(part, {}) if isinstance(part, str) else found[part]
    return found


def _mapping(document: Document, path: tuple[str | int, ...]) -> dict[str, Any]:
    found = _at(document, path)
    if not isinstance(found, dict):
        raise MappingError(f"{document.mark(path)}: {_name(path)} has to hold fields ('name: value').")
    return found


def _texts(document: Document, path: tuple[str | int, ...]) -> tuple[str, ...]:
    """One value or a list of them, as they are written."""
    found = _at(document, path)
    places: list[tuple[str | int, ...]] = [(*path, number) for number in range(len(found))] if isinstance(found, list) else [path]
    return tuple(_text(document, place) for place in places)


def _text(document: Document, path: tuple[str | int, ...]) -> str:
    found = _at(document, path)
    if found is None or isinstance(found, dict | list):
        raise MappingError(f"{document.mark(path)}: {_name(path)} has to be one word or number; put a text into quotes.")
    return document.written(path, found)


def _name(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path) or "the file"


# -- what is permitted -----------------------------------------------------------------------------------------


def _check_element(where: str, element: str) -> None:
    if element not in ELEMENTS:
        raise MappingError(f"{where}: {element!r} is nothing that is read. Permitted: {', '.join(ELEMENTS)}.{nearest(element, ELEMENTS)}")


def _check_choice(where: str, name: str, value: str | None) -> None:
    if value is not None and name in CHOICES and value not in CHOICES[name]:
        raise MappingError(f"{where}: found {value!r}. Permitted: {', '.join(CHOICES[name])}.")


def _add_code(where: str, element: str, found: dict[str, str], word: str, written: str, *, any_word: bool) -> None:
    if word not in CODED[element] and not any_word:
        raise MappingError(f"{where}: {word!r} is no word for {element}. Permitted: {', '.join(CODED[element])}.")
    if found.setdefault(written, word) != word:
        raise MappingError(f"{where}: {written!r} stands for {found[written]} and for {word}. Each entry has one meaning.")
