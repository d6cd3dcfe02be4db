"""Text to condition, with the position of every part.

Words of CQL that ask whether something is known are refused by name: the language is monotone, so that
what is known stays known as data arrive.
"""

from __future__ import annotations

import math
import re
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from nelm.criteria import syntax
from nelm.criteria.problems import CriteriaError, Problem, nearest
from nelm.criteria.syntax import Expression, Position

_REFUSED = {
    "is": "a condition may not ask whether something is known ('is null'): what is known must stay known",
    "exists": "'exists' asks whether something is recorded; that belongs to the data-quality checks",
    "coalesce": "'Coalesce' replaces an unknown fact by a default; unknown is not false",
    "if": "'if' treats unknown as false; write a decision table",
    "case": "'case' treats unknown as false; write a decision table",
}
_EXPECTED = {
    "COMPARATOR": "a comparison",
    "NAME": "a name",
    "NUMBER": "a number",
    "CODE": "a code or unit in single quotes",
    "DATE": "a date such as @2024-03-12",
    "SIGN": "'+' or '-'",
    "FACTOR": "'*' or '/'",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "LPAR": "'('",
    "RPAR": "')'",
    "COMMA": "','",
    "$END": "the end of the condition",
}
_WORD = re.compile(r"\w+|[^\w\s]\S{0,19}")
MAXIMUM_LENGTH = 4_000
MAXIMUM_DEPTH = 60


@lru_cache(maxsize=8192)
def parse(text: str) -> Expression:
    """The condition that `text` spells.

    Raises CriteriaError with the line and column of the first place that cannot be read.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise CriteriaError([Problem(f"The condition has {len(text)} characters; at most {MAXIMUM_LENGTH} are permitted.")])
    _refuse_unknown_tests(text)
    try:
        condition = cast(Expression, _ToSyntax().transform(_parser().parse(text)))
    except VisitError as error:  # around the CriteriaError of a method of _ToSyntax
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise CriteriaError([_describe(error, text)]) from None
    _refuse_deep_nesting(condition)
    return condition


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _refuse_unknown_tests(text: str) -> None:
    without_codes = re.sub(r"'[^'\n]*'", lambda quoted: " " * len(quoted.group()), text)
    for word in re.finditer(r"[A-Za-z_][A-Za-z0-9_]*", without_codes):
        reason = _REFUSED.get(word.group().lower())
        if reason is not None:
            raise CriteriaError([Problem(f"{word.group()!r} is not part of the language: {reason}.", _position(text, word.start()))])


def _refuse_deep_nesting(condition: Expression) -> None:
    """Everything that works on conditions goes down them by recursion."""
    level: list[Expression] = [condition]
    for _ in range(MAXIMUM_DEPTH):
        level = [part for node in level for part in syntax.children(node)]
    if level:
        raise CriteriaError([Problem(f"Parts are nested deeper than {MAXIMUM_DEPTH}. Give some of them names.", level[0].at)])


def _position(text: str, offset: int) -> Position:
    line = text.count("\n", 0, offset) + 1
    return Position(line, offset - (text.rfind("\n", 0, offset) + 1) + 1)


def _describe(error: UnexpectedInput, text: str) -> Problem:
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    offset = len(text) if at_end else error.pos_in_stream or 0
    word = _WORD.match(text, offset)
    found = repr(word.group()) if word else "the end"
    permitted = cast(Any, error).interactive_parser.accepts()
    expected = ", ".join(sorted(_EXPECTED.get(name, f"'{name.lower()}'") for name in permitted))
    hint = nearest(word.group(), [name.lower() for name in permitted if name not in _EXPECTED]) if word else ""
    return Problem(f"Found {found}, which does not fit here. Permitted here: {expected}.{hint}", _position(text, offset))


@v_args(meta=True)
class _ToSyntax(Transformer_NonRecursive[Token, Any]):
    """Lark's tree to our nodes; a long chain of operators is a deep tree, hence without recursion."""

    def name(self, meta: Meta, parts: list[Token]) -> Expression:
        return syntax.Name(str(parts[0]), _at(meta))

    def true(self, meta: Meta, parts: list[Token]) -> Expression:
        return syntax.BooleanLiteral(True, _at(meta))

    def false(self, meta: Meta, parts: list[Token]) -> Expression:
        return syntax.BooleanLiteral(False, _at(meta))

    def number(self, meta: Meta, parts: list[Token]) -> Expression:
        sign, digits, unit = _of_number(parts)
        value = float(digits)
        if math.isinf(value):
            raise CriteriaError([Problem("This number is too large to be one. Correct it.", _at(meta))])
        return syntax.NumberLiteral(-value if sign == "-" else value, unit, _at(meta))

    def code(self, meta: Meta, parts: list[Token]) -> Expression:
        return syntax.CodeLiteral(str(parts[0])[1:-1], _at(meta))

    def date(self, meta: Meta, parts: list[Token]) -> Expression:
        written = str(parts[0])[1:]
        try:
            return syntax.DateLiteral(date.fromisoformat(written).toordinal(), written, _at(meta))
        except ValueError:
            raise CriteriaError([Problem(f"{written!r} is not a day of the calendar.", _at(meta))]) from None

    def not_(self, meta: Meta, parts: list[Expression]) -> Expression:
        return syntax.Not(parts[0], _at(meta))

    def and_(self, meta: Meta, parts: list[Expression]) -> Expression:
        left, right = parts
        return syntax.And((*(left.operands if isinstance(left, syntax.And) else (left,)), right), _at(meta))

    def or_(self, meta: Meta, parts: list[Expression]) -> Expression:
        left, right = parts
        return syntax.Or((*(left.operands if isinstance(left, syntax.Or) else (left,)), right), _at(meta))

    def xor(self, meta: Meta, parts: list[Expression]) -> Expression:
        return syntax.Xor(parts[0], parts[1], _at(meta))

    def implies(self, meta: Meta, parts: list[Expression]) -> Expression:
        return syntax.Implies(parts[0], parts[1], _at(meta))

    def compare(self, meta: Meta, parts: list[Any]) -> Expression:
        return syntax.Comparison(cast(syntax.Comparator, str(parts[1])), parts[0], parts[2], _at(meta))

    def between(self, meta: Meta, parts: list[Expression]) -> Expression:
        return syntax.Between(parts[0], parts[1], parts[2], _at(meta))

    def member(self, meta: Meta, parts: list[Any]) -> Expression:
        codes = tuple(syntax.CodeLiteral(str(token)[1:-1], Position(token.line or 1, token.column or 1)) for token in parts[1:])
        return syntax.Member(parts[0], codes, _at(meta))

    def arithmetic(self, meta: Meta, parts: list[Any]) -> Expression:
        return syntax.Arithmetic(cast(syntax.Operator, str(parts[1])), parts[0], parts[2], _at(meta))


def _of_number(parts: list[Token]) -> tuple[str, str, str | None]:
    """Sign, digits and unit of a number; only the digits are always there."""
    found = {token.type: str(token) for token in parts}
    return found.get("SIGN", "+"), found["NUMBER"], found["CODE"][1:-1] if "CODE" in found else None


def _at(meta: Meta) -> Position:
    return Position(meta.line, meta.column)
