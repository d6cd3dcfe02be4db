"""Every small mistake that a definition of a library could have: one word, number, code or comparison of its text at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nelm.criteria import CodedType
from nelm.criteria.model import Model
from nelm.interop.cql import Define, Library

OTHER_WORD = {" and ": " or ", " or ": " and ", " < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " != ": " = "}
OTHER_VALUE = {"true": "false", "false": "true"}
WORD = re.compile("|".join(OTHER_WORD))
NOT = re.compile(r"\bnot ")
NUMBER = re.compile(r"(?<= )(\d+)(\.\d+)?(?=$| |\))")
TRUE_OR_FALSE = re.compile(r"(?<= = )(true|false)\b")
OPEN = re.compile(r"\(null as Boolean\)|(?<=then )null\b")
CODE = re.compile(r"\"(?P<name>[^\"]+)\" (?:!?=) '(?P<code>[^']*)'")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True)
class Mutant:
    """A definition with one mistake in it."""

    of: str
    kind: str
    expression: str


def mutants(library: Library, model: Model) -> Iterator[Mutant]:
    """All mutants of all definitions that are true or false."""
    for define in library.defines:
        if not define.expression.startswith("case "):
            yield from _of(define, model)


def _of(define: Define, model: Model) -> Iterator[Mutant]:
    text = define.expression
    quoted = [found.span() for found in QUOTED.finditer(text)]

    def places(pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        return (found for found in pattern.finditer(text) if not any(low < found.start() < high for low, high in quoted))

    def changed(found: re.Match[str], new: str) -> str:
        return text[: found.start()] + new + text[found.end() :]

    for found in places(WORD):
        yield Mutant(
            define.name, f"{found.group().strip()} -> {OTHER_WORD[found.group()].strip()}", changed(found, OTHER_WORD[found.group()])
        )
    for found in places(NOT):
        yield Mutant(define.name, "not left out", changed(found, ""))
    for found in places(NUMBER):
        yield Mutant(define.name, "number", changed(found, f"{int(found[1]) + 1}{found[2] or ''}"))
    for found in places(TRUE_OR_FALSE):
        yield Mutant(define.name, "true or false", changed(found, OTHER_VALUE[found[1]]))
    for found in places(OPEN):
        yield Mutant(define.name, "null -> false", changed(found, "false"))
        yield Mutant(define.name, "null -> true", changed(found, "true"))
    for found in CODE.finditer(text):
        kind = model.type_of(found["name"].removesuffix(" (fact)").removesuffix(" entered"))
        assert isinstance(kind, CodedType)
        other = kind.codes[kind.codes.index(found["code"]) - 1]
        yield Mutant(define.name, "code", changed(found, found.group().replace(f"'{found['code']}'", f"'{other}'")))
