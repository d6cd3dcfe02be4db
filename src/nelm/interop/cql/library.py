"""A CQL library: what stands in it, and its text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from nelm.interop.cql.pieces import code, quoted
from nelm.interop.cql.writing import CannotSay

Tags = Mapping[str, str]


@dataclass(frozen=True)
class Parameter:
    """What an engine is given of a patient: a fact, or (`inexact`) whether an entry leaves several of its values open.

    The default says what is the rule anyway: an engine in wide use (cql-execution 3.3.2) takes a parameter that is left
    out, and has none, for neither null nor false.
    """

    name: str
    type: str
    fact: str
    inexact: bool = False
    tags: Tags = field(default_factory=dict)

    @property
    def text(self) -> str:
        return f"{comment(self.tags)}parameter {quoted(self.name)} {self.type} default null\n"


@dataclass(frozen=True)
class Define:
    """A named expression. The tags stand before it in a comment, from which translators make annotations."""

    name: str
    expression: str
    tags: Tags = field(default_factory=dict)

    @property
    def text(self) -> str:
        return f"{comment(self.tags)}define {quoted(self.name)}:\n  {self.expression}\n"


@dataclass(frozen=True)
class Section:
    """Definitions that belong together, under a heading."""

    title: str
    defines: tuple[Define, ...]


@dataclass(frozen=True)
class Library:
    """A library of CQL, in the order in which it is written.

    Raises CannotSay where two things in it have one name.
    """

    name: str
    version: str
    parameters: tuple[Parameter, ...]
    sections: tuple[Section, ...]
    tags: Tags = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = Counter([*(parameter.name for parameter in self.parameters), *(define.name for define in self.defines)])
        twice = [name for name, count in names.items() if count > 1]
        if twice:
            raise CannotSay(f"Two things in the library {self.name} would be called {twice[0]!r}. Rename one in the content.")

    @cached_property
    def defines(self) -> tuple[Define, ...]:
        return tuple(define for section in self.sections for define in section.defines)

    @property
    def text(self) -> str:
        """The library as CQL."""
        return "\n".join(self._blocks())

    def _blocks(self) -> Iterator[str]:
        yield f"{comment(self.tags)}library {self.name} version {code(self.version)}\n"
        yield "// Recorded facts. Null is unknown, and unknown is never false.\n"
        yield from (parameter.text for parameter in self.parameters)
        for section in self.sections:
            yield f"// {section.title}\n"
            yield from (define.text for define in section.defines)


def comment(tags: Tags) -> str:
    """Tags as a comment; nothing without tags.

    Translators read `@name: value` up to the next `@`; a double quote or a line that begins with a star would
    make them read something else.
    """
    if not tags:
        return ""
    lines = "".join(f"@{name}: {_harmless(value)}\n" for name, value in tags.items())
    return f"/*\n{lines}*/\n"


def _harmless(text: str) -> str:
    plain = text.replace('"', "'").replace("@", " at ").replace("*/", "* /").replace("/*", "/ *")
    return re.sub(r"\s+", " ", plain).strip()
