"""Pieces of CQL text, joined with the parentheses that they need and the few that help a reader.

CQL binds `not` more tightly than a comparison: `not x = 1` asks whether `not x` is 1. So nothing but a
name stands behind `not` without parentheses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """Text, and the word or sign that holds its outermost parts together; none for what stands alone."""

    text: str
    held_by: str = ""


TRUE, FALSE = Piece("true"), Piece("false")
UNKNOWN = Piece("(null as Boolean)")
CONSTANT = {True: TRUE, False: FALSE, None: UNKNOWN}


def quoted(name: str) -> str:
    """A name as CQL refers to it."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def code(text: str) -> str:
    """A code as a CQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def reference(name: str) -> Piece:
    """A definition of the library."""
    return Piece(quoted(name))


def compared(left: str, comparator: str, right: str) -> Piece:
    return Piece(f"{left} {comparator} {right}", "=")


def enclosed(piece: Piece) -> str:
    """Text that can stand beside any sign."""
    return f"({piece.text})" if piece.held_by else piece.text


def negated(piece: Piece) -> Piece:
    """The opposite."""
    if piece in (TRUE, FALSE):
        return FALSE if piece == TRUE else TRUE
    return Piece(f"not {enclosed(piece)}", "not")


def joined(word: str, pieces: Iterable[Piece]) -> Piece:
    """Pieces with `and`, `or`, `xor` or `implies` between them; a single one stays as it is."""
    parts = list(pieces)
    if len(parts) == 1:
        return parts[0]
    bare = ("", "=", "not", word) if word in ("and", "or") else ("", "=", "not")
    return Piece(f" {word} ".join(part.text if part.held_by in bare else enclosed(part) for part in parts), word)


def chosen(rows: Iterable[tuple[Piece, bool | None]], otherwise: bool | None) -> Piece:
    """What the first row that holds says: true, false, or null where it leaves that open.

    With a row that is null the result is what it and the rows below it have in common, as the reference
    evaluator has it. `case` would take null for false.
    """
    rest = CONSTANT[otherwise]
    for when, says in reversed(list(rows)):
        rest = _either_way(when, says, rest)
    return rest


def _either_way(when: Piece, says: bool | None, rest: Piece) -> Piece:
    if CONSTANT[says] == rest:
        return rest
    if says is True:
        return when if rest == FALSE else joined("or", [when, rest])
    if says is False:
        return negated(when) if rest == TRUE else joined("and", [negated(when), rest])
    if rest == TRUE:
        return joined("or", [negated(when), UNKNOWN])
    if rest == FALSE:
        return joined("and", [when, UNKNOWN])
    return joined("or", [joined("and", [when, UNKNOWN]), joined("and", [negated(when), rest])])
