"""The template of a patient record: every field of the dictionary, the ones that decide most ready to fill in."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nelm.criteria import Expression
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import Code, Element, Entity, parse_range
from nelm.patient.partial import NotPermitted, limits_in_words, understand

# How a case is presented to a team, by the keys of a record. A part that stands twice has its main fields at the first
# place and the others at the second; a part of the content that is not named here follows at the end.
ORDER = (
    "plan", "patient", "tumour", "specimens", "molecular", "imaging", "liver", "extrahepatic", "vessels", "labs", "cardiac",
    "function", "treatments", "follow_up", "plan",
)  # fmt: skip
# An element is essential from so many verdict tables on: what is copied from a report costs less than what has to be judged.
TABLES_FOR_A_NUMBER, TABLES_FOR_A_FINDING, TABLES_FOR_A_JUDGEMENT = 1, 2, 5
COMMENT_COLUMN, LINE_WIDTH = 42, 140

HEAD = """\
A patient record. Fill in what is known and leave the rest empty: nothing is concluded from an empty field.
A field behind one '#' is needed less often: delete the '# ' to use it. Lines with '##' explain.
What is partly known is written as far as it is known:"""
FOOT = """\
  date: 2024-03   a day of that month; 2024 is a day of that year
Nothing, 'unknown' and 'not done' mean the same: not known. For another entry of a list, copy the block from its '-'."""


# -- what is essential ------------------------------------------------------------------------------


def essentials(knowledge: Knowledge) -> frozenset[str]:
    """The elements on which the verdicts rest most.

    A number counts from one verdict table on, any other finding from two, a person's judgement from five.
    """
    tables = tables_reached(knowledge)
    return frozenset(name for name, element in knowledge.elements.items() if tables[name] >= _tables_needed(element))


def tables_reached(knowledge: Knowledge) -> Counter[str]:
    """How many verdict tables each element reaches; one that decides the scope of a document reaches all tables of it."""
    reached: Counter[str] = Counter()
    for guideline in knowledge.guidelines.values():
        scope = _elements_in((row.when for row in guideline.scope), knowledge)
        for verdict in guideline.verdicts:
            reached.update(scope | _elements_in((row.when for part in verdict.parts for row in part.rows), knowledge))
    return reached


def _elements_in(conditions: Iterable[Expression], knowledge: Knowledge) -> frozenset[str]:
    facts = {name for condition in conditions for name in knowledge.model.recorded_facts(condition)}
    return frozenset().union(*(knowledge.elements_behind(name) for name in facts))


def _tables_needed(element: Element) -> int:
    if element.origin == "judgement":
        return TABLES_FOR_A_JUDGEMENT
    return TABLES_FOR_A_NUMBER if element.type in ("quantity", "count") else TABLES_FOR_A_FINDING


# -- the text ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """One line of the template: a field to fill in, a field that is commented out (`off`), or an explanation (`says`)."""

    text: str
    indent: int = 0
    off: bool = False
    says: bool = False

    @property
    def start(self) -> str:
        """What stands before the text."""
        return " " * self.indent + ("## " if self.says else "# " if self.off else "")

    def __str__(self) -> str:
        return self.start + self.text


def template(knowledge: Knowledge) -> str:
    """The commented YAML template of a record.

    It is a valid record that says nothing yet: the essentials stand open, everything else is commented out.
    """
    chosen = essentials(knowledge)
    lines = [*_explained(HEAD), *_examples(knowledge), *_explained(FOOT), _Line(""), *_header(knowledge)]
    order = _order(knowledge)
    for place, key in enumerate(order):
        entity = knowledge.entities[key]
        main = chosen | {entity.elements[0].name}
        lines.append(_Line(""))
        if key in order[:place]:
            lines += _continued(entity, main)
        elif key in order[place + 1 :]:
            lines += _part(replace(entity, elements=tuple(element for element in entity.elements if element.name in main)), main)
        else:
            lines += _part(entity, chosen)
    return "".join(f"{line}\n" for line in lines)


def _order(knowledge: Knowledge) -> list[str]:
    known = [key for key in ORDER if key in knowledge.entities]
    return [*known, *(key for key in knowledge.entities if key not in known)]


def _explained(text: str) -> list[_Line]:
    return [_Line(line, says=True) for line in text.splitlines()]


def _examples(knowledge: Knowledge) -> Iterator[_Line]:
    """How a number and a code that are partly known are written, with the fields that decide most."""
    tables = tables_reached(knowledge)
    ranked = sorted(knowledge.elements.values(), key=lambda element: -tables[element.name])
    number = next(
        (element for element in ranked if element.type in ("quantity", "count") and _permits(element, "<2", "10-15", ">= 50")), None
    )
    if number is not None:
        yield _Line(f'  {number.name}: "<2"   or "10-15", or ">= 50": a limit or a range, in quotes', says=True)
    coded = next((element for element in ranked if element.type == "coded" and len(element.codes) > 2), None)
    if coded is not None:
        first, second = (code.code for code in coded.codes[:2])
        yield _Line(f'  {coded.name}: [{first}, {second}]   one of these; "not: {first}" is any but this one', says=True)


def _permits(element: Element, *examples: str) -> bool:
    try:
        return all(understand(element, example) is not None for example in examples)
    except NotPermitted:
        return False


def _header(knowledge: Knowledge) -> list[_Line]:
    lists = ", ".join(key for key, entity in knowledge.entities.items() if entity.many)
    return [
        *_field("nelm: 1", "version of this format", 0),
        *_field("id:", "your own name for the case; no name of a person, no date of birth", 0),
        *_field("title:", "the case in one line", 0),
        *_field("kind:", "text", 0, off=True),
        *_field("reference:", "text", 0, off=True),
        *_field("note:", "text", 0, off=True),
        *_field("as_of:", "the day on which the decision is taken; entries that are later are left out", 0),
        *_field("complete:", f"lists that leave nothing out, as [name, name]: what is not in them did not happen. Of: {lists}", 0),
    ]


def _part(entity: Entity, chosen: frozenset[str]) -> list[_Line]:
    """A part of the record; commented out as a whole where none of its fields is essential."""
    off = all(element.name not in chosen for element in entity.elements)
    lines = _field(f"{entity.record_key}:", f"{entity.label}, one entry for each" if entity.many else entity.label, 0, off=off)
    indent = 4 if entity.many else 2
    if entity.many:
        lines += _field("- date:", "a date", 2, off=off, at_margin=off)
    for element in entity.elements:
        lines += _element(element, indent, off=element.name not in chosen, at_margin=off)
    if entity.many:
        for name in ("source", "note"):
            lines += _field(f"{name}:", "text", indent, off=True, at_margin=off)
    return lines


def _continued(entity: Entity, shown: frozenset[str]) -> list[_Line]:
    """The fields of a part that stands further up, all commented out."""
    lines = [_Line(f"{entity.label}, continued. To use a line, move it up to '{entity.record_key}:' and delete its '# '.", says=True)]
    for element in entity.elements:
        if element.name not in shown:
            lines += _element(element, 2, off=True, at_margin=True)
    return lines


def _element(element: Element, indent: int, *, off: bool, at_margin: bool) -> list[_Line]:
    label = f"{element.label} [{element.unit}]" if element.unit else element.label
    comment = "; ".join(part for part in (label, _permitted(element), _origin(element)) if part)
    return _field(f"{element.name}:", comment, indent, off=off, at_margin=at_margin)


def _field(text: str, comment: str, indent: int, *, off: bool = False, at_margin: bool = False) -> list[_Line]:
    """A field with its comment, which goes on in lines of its own where it is long.

    In a part that is commented out as a whole the mark stands `at_margin`, before the indentation.
    """
    line = _Line(" " * indent + text, 0, off) if at_margin else _Line(text, indent, off)
    start = f"{line.text:<{COMMENT_COLUMN - len(line.start) - 1}} # "
    overhang = " " * (len(line.start + start) - COMMENT_COLUMN - 2)
    first, *more = textwrap.wrap(
        comment, LINE_WIDTH - COMMENT_COLUMN - 4, initial_indent=overhang, break_long_words=False, break_on_hyphens=False
    )
    lines = [replace(line, text=start + first.lstrip())]
    return lines + [_Line(" " * (COMMENT_COLUMN - line.indent - 1) + words, line.indent, says=True) for words in more]


def _permitted(element: Element) -> str:
    """What may be written, in the order of the dictionary."""
    codes = ", ".join(map(_code, element.codes))
    match element.type:
        case "boolean":
            return "true or false"
        case "coded":
            return codes
        case "list":
            return f"any of, in [ ]: {codes}" if codes else "texts, in [ ]"
        case "quantity" | "count":
            kind = "whole number" if element.type == "count" else "number"
            return ", ".join(part for part in (kind, limits_in_words(parse_range(element.range))) if part)
        case "date":
            return "a date"
        case _:
            return "text"


def _code(code: Code) -> str:
    return code.code if code.label.lower() == code.code.lower() else f"{code.code} ({code.label})"


def _origin(element: Element) -> str:
    if element.origin == "judgement":
        return "a person's judgement"
    return "else worked out from other fields" if element.origin == "recorded_or_derived" else ""
