"""The JSON Schema of a patient record, for editors that complete and check while one writes.

It knows every field, every code and every accepted spelling, and the forms of values that are partly known. What needs
arithmetic (units, both ends of a range, the calendar, facts that exclude one another) is left to the reading of the record,
which is the judge: the schema marks nothing that is read without complaint, unless it mixes capitals in a way of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import RECORD_TEXTS, Element, Entity, parse_range
from nelm.knowledge.yamlfile import plain
from nelm.patient.partial import NO, UNKNOWN_WORDS, YES
from nelm.patient.record import FORMAT

Schema = dict[str, Any]

_DASH = "[-–—−]"
_LIMIT = "(<=|>=|<|>|≤|≥)"
_NUMBER = rf"({_DASH}|\+)?\d+(\.\d+)?"
_UNIT = r"[A-Za-z%µμ][^,]*"
_MONTH, _DAY = "(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_DATE = rf"(?!0000)\d{{4}}({_DASH}{_MONTH}({_DASH}{_DAY})?)?"


def json_schema(knowledge: Knowledge) -> Schema:
    """The JSON Schema (draft 2020-12) of a record as the dictionary describes it."""
    properties: Schema = {
        "nelm": {"const": FORMAT, "description": "Version of the record format"},
        **{name: {"$ref": "#/$defs/text"} for name in RECORD_TEXTS},
        "as_of": {"$ref": "#/$defs/date", "description": "Day of the decision; entries that are later are left out"},
        "complete": _complete(knowledge),
        **{key: _part(entity) for key, entity in knowledge.entities.items()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "NELM patient record",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": _shared() | {entity.entity: _entry(entity) for entity in knowledge.entities.values()},
    }


def _shared() -> Schema:
    limit, span = rf"^\s*{_LIMIT}?\s*{_DATE}\s*$", rf"^\s*{_DATE}\s*(to|\.\.)\s*{_DATE}\s*$"
    day = {"type": "string", "pattern": f"{limit}|{span}", "description": "2024-03-12, 2024-03, 2024, '<2024', '2023 to 2024'"}
    return {
        "unknown": {"enum": [None, *_capitals(sorted(UNKNOWN_WORDS))], "description": "Not known"},
        "date": {"anyOf": [day, {"type": "integer", "minimum": 1000, "maximum": 9999}, {"$ref": "#/$defs/unknown"}]},
        "text": {"type": ["string", "number", "boolean", "null"]},
    }


def _complete(knowledge: Knowledge) -> Schema:
    names = {"enum": [key for key, entity in knowledge.entities.items() if entity.many]}
    return {
        "description": "Lists that leave nothing out: what is not in them did not happen",
        "anyOf": [{"type": "array", "items": names}, names, {"type": "null"}],
    }


def _part(entity: Entity) -> Schema:
    """One entry or, for an entity with many, a list of them."""
    entry = {"$ref": f"#/$defs/{entity.entity}"}
    entries: Schema = {"type": "array", "items": entry} | ({} if entity.many else {"maxItems": 1})
    return {"title": entity.label, "anyOf": [entries, entry] if entity.many else [entry, entries]}


def _entry(entity: Entity) -> Schema:
    return {
        "title": entity.label,
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "date": {"$ref": "#/$defs/date"},
            "source": {"$ref": "#/$defs/text"},
            "note": {"$ref": "#/$defs/text"},
            **{element.name: _element(element) for element in entity.elements},
        },
    }


def _element(element: Element) -> Schema:
    described = {"title": element.label, "description": _description(element)}
    match element.type:
        case "boolean":
            return described | _any_of({"type": "boolean"}, {"enum": _capitals(sorted(YES | NO))})
        case "coded":
            return described | _any_of(*_codes(element))
        case "quantity" | "count":
            return described | _any_of(_number(element), {"type": "string", "pattern": _partial_number(element)})
        case "date":
            return described | {"$ref": "#/$defs/date"}
        case "text":
            return described | {"$ref": "#/$defs/text"}
        case _:
            item = _item(element)
            return described | _any_of({"type": "array", "items": {"anyOf": [item, {"type": "null"}]}}, item)


def _any_of(*forms: Schema) -> Schema:
    return {"anyOf": [*forms, {"$ref": "#/$defs/unknown"}]}


def _description(element: Element) -> str:
    codes = "; ".join(f"{code.code}: {code.label}" for code in element.codes)
    unit = f"Unit: {element.unit}." if element.unit else ""
    judgement = "A person's judgement." if element.origin == "judgement" else ""
    return " ".join(part for part in (element.meaning, unit, judgement, codes and f"{codes}.") if part)


# -- codes ------------------------------------------------------------------------------------------


def _codes(element: Element) -> tuple[Schema, Schema, Schema, Schema]:
    """A code, another spelling of one, several that are possible, and the same in one text."""
    codes, spellings = _one_code(element)
    several = {"type": "array", "minItems": 1, "items": {"anyOf": [codes, spellings, _joined()]}, "description": "One of these"}
    return codes, spellings, several, _joined()


def _one_code(element: Element) -> tuple[Schema, Schema]:
    codes = [code.code for code in element.codes]
    others = [word for code in element.codes for word in (code.label, *code.also)] + list(element.sets)
    spellings = dict.fromkeys((type(word), word) for word in _as_read([*codes, *others]))  # for Python, 1 and true are one key
    return {"enum": codes}, {"enum": [word for _, word in spellings], "description": "Other spellings"}


def _as_read(words: Iterable[str]) -> Iterable[str | int | float | bool | None]:
    """Spellings as written, in small letters and with a capital, and as YAML reads them without quotes: '1' as 1."""
    for word in words:
        yield from (word, word.lower(), word.capitalize(), plain(word))


def _joined() -> Schema:
    """'G1/G2', 'G1 or G2', 'not: G3': whether the codes in it are permitted is left to the reading of the record."""
    return {"type": "string", "pattern": r"^\s*[Nn][Oo][Tt][ :]|/|,|\b[Oo][Rr]\b"}


# -- numbers and lists --------------------------------------------------------------------------------


def _number(element: Element) -> Schema:
    limits = parse_range(element.range)
    number: Schema = {"type": "integer" if element.type == "count" else "number"}
    if limits.low > float("-inf"):
        number["exclusiveMinimum" if limits.low_open else "minimum"] = limits.low
    if limits.high < float("inf"):
        number["exclusiveMaximum" if limits.high_open else "maximum"] = limits.high
    return number


def _partial_number(element: Element) -> str:
    unit = rf"({_UNIT})?" if element.unit else ""
    return rf"^\s*({_LIMIT}\s*{_NUMBER}|{_NUMBER}(\s*({_DASH}|to|\.\.)\s*{_NUMBER})?)\s*{unit}$"


def _item(element: Element) -> Schema:
    if element.codes:
        return {"anyOf": [*_one_code(element), _joined()]}
    scalar: Schema = {"type": ["string", "number", "boolean"]}
    return {"anyOf": [scalar, {"type": "object"}]}


def _capitals(words: Iterable[str]) -> list[str]:
    return [variant for word in words for variant in dict.fromkeys((word, word.capitalize(), word.upper()))]
