"""Nodes: equality, walking, renaming, and the text that spells them."""

from __future__ import annotations

from datetime import date

import pytest

from nelm.criteria import Expression, Position, parse, to_text
from nelm.criteria.syntax import (
    And,
    Arithmetic,
    Between,
    BooleanLiteral,
    CodeLiteral,
    Comparison,
    DateLiteral,
    Implies,
    Member,
    Name,
    Not,
    NumberLiteral,
    Or,
    Xor,
    children,
    map_names,
    names,
    walk,
)

A, B, C = Name("a"), Name("b"), Name("c")
ONE, TWO = NumberLiteral(1), NumberLiteral(2)
RED = CodeLiteral("red")

# Every kind of node: its text, and its parts.
KINDS: list[tuple[Expression, str, tuple[Expression, ...]]] = [
    (A, "a", ()),
    (BooleanLiteral(True), "true", ()),
    (BooleanLiteral(False), "false", ()),
    (RED, "'red'", ()),
    (NumberLiteral(30.0), "30", ()),
    (NumberLiteral(0.1 + 0.2), "0.30000000000000004", ()),
    (NumberLiteral(1e-7), "0.0000001", ()),
    (NumberLiteral(1e21), "1000000000000000000000", ()),
    (NumberLiteral(-1.5), "-1.5", ()),
    (NumberLiteral(-2.0, "cm"), "-2 'cm'", ()),
    (DateLiteral(date(2021, 7, 26).toordinal(), "2021-07-26"), "@2021-07-26", ()),
    (Not(A), "not a", (A,)),
    (And((A, B, C)), "a and b and c", (A, B, C)),
    (Or((A, B, C)), "a or b or c", (A, B, C)),
    (Xor(A, B), "a xor b", (A, B)),
    (Implies(A, B), "a implies b", (A, B)),
    (Comparison("!=", A, B), "a != b", (A, B)),
    (Between(A, ONE, TWO), "a between 1 and 2", (A, ONE, TWO)),
    (Member(A, (RED, CodeLiteral("green"))), "a in { 'red', 'green' }", (A, RED, CodeLiteral("green"))),
    (Arithmetic("*", A, TWO), "a * 2", (A, TWO)),
]


@pytest.mark.parametrize(("node", "text", "parts"), KINDS, ids=[text for _, text, _ in KINDS])
def test_every_kind_of_node(node: Expression, text: str, parts: tuple[Expression, ...]) -> None:
    assert to_text(node) == text
    assert parse(text) == node
    assert children(node) == parts
    assert list(walk(node)) == [node, *parts]


@pytest.mark.parametrize(
    ("node", "text"),
    [
        # and binds tighter than or and xor, which bind alike and to the left; implies binds to the right
        (Or((A, And((B, C)))), "a or b and c"),
        (And((A, Or((B, C)))), "a and (b or c)"),
        (And((A, And((B, C)))), "a and (b and c)"),
        (Or((A, Or((B, C)))), "a or (b or c)"),
        (Xor(Or((A, B)), C), "a or b xor c"),
        (Or((Xor(A, B), C)), "(a xor b) or c"),
        (Xor(A, Xor(B, C)), "a xor (b xor c)"),
        (Xor(Xor(A, B), C), "a xor b xor c"),
        (Implies(A, Implies(B, C)), "a implies b implies c"),
        (Implies(Implies(A, B), C), "(a implies b) implies c"),
        (Implies(Or((A, B)), C), "a or b implies c"),
        (Or((A, Implies(B, C))), "a or (b implies c)"),
        # not binds tighter than and, looser than a comparison
        (And((Not(A), B)), "not a and b"),
        (Not(And((A, B))), "not (a and b)"),
        (Not(Not(A)), "not not a"),
        (Not(Comparison(">", A, ONE)), "not a > 1"),
        (Comparison("=", Not(A), B), "(not a) = b"),
        (Comparison("=", And((A, B)), C), "(a and b) = c"),
        (Comparison("=", Comparison("<", A, ONE), B), "(a < 1) = b"),
        # the 'and' of between is its own
        (And((Between(A, ONE, TWO), B)), "a between 1 and 2 and b"),
        (Between(A, Arithmetic("+", B, ONE), C), "a between b + 1 and c"),
        (Member(Arithmetic("+", A, B), (RED,)), "a + b in { 'red' }"),
        # arithmetic binds tightest, products before sums, all to the left
        (Arithmetic("-", Arithmetic("-", A, B), C), "a - b - c"),
        (Arithmetic("-", A, Arithmetic("-", B, C)), "a - (b - c)"),
        (Arithmetic("+", A, Arithmetic("*", B, C)), "a + b * c"),
        (Arithmetic("*", Arithmetic("+", A, B), C), "(a + b) * c"),
        (Arithmetic("/", Arithmetic("/", A, B), C), "a / b / c"),
        (Arithmetic("/", A, Arithmetic("/", B, C)), "a / (b / c)"),
        (Arithmetic("-", A, NumberLiteral(-1)), "a - -1"),
        (Comparison("<", Arithmetic("+", A, ONE), Arithmetic("/", B, TWO)), "a + 1 < b / 2"),
    ],
)
def test_what_binds_tighter(node: Expression, text: str) -> None:
    assert parse(text) == node
    assert to_text(node) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a))", "a"),
        ("(a and b) and c", "a and b and c"),
        ("(a or b) or c", "a or b or c"),
        ("(a * b) + (c)", "a * b + c"),
        ("a=b", "a = b"),
        ("a in{'red','green'}", "a in { 'red', 'green' }"),
        ("\ta\n  and\r\n b", "a and b"),
        ("+5 = 05.50", "5 = 5.5"),
        ("notable and into", "notable and into"),  # names may begin with words of the language
        ("a -1 = b", "a - 1 = b"),
    ],
)
def test_ways_to_write_the_same(text: str, canonical: str) -> None:
    assert to_text(parse(text)) == canonical


def test_every_node_knows_where_it_stands() -> None:
    condition = parse("a and\n  not (b > 1 'cm'\n    or c in { 'red' })")
    places = {to_text(part): part.at for part in walk(condition)}
    assert places == {
        to_text(condition): Position(1, 1),
        "a": Position(1, 1),
        "not (b > 1 'cm' or c in { 'red' })": Position(2, 3),
        "b > 1 'cm' or c in { 'red' }": Position(2, 8),
        "b > 1 'cm'": Position(2, 8),
        "b": Position(2, 8),
        "1 'cm'": Position(2, 12),
        "c in { 'red' }": Position(3, 8),
        "c": Position(3, 8),
        "'red'": Position(3, 15),
    }


def test_the_place_takes_no_part_in_comparison() -> None:
    assert Name("a", Position(3, 4)) == A
    assert hash(Name("a", Position(3, 4))) == hash(A)


def test_names_are_listed_with_repeats() -> None:
    assert [name.name for name in names(parse("b + a > 1 and (a = 2 or c in { 'red' })"))] == ["b", "a", "a", "c"]


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("a", "own_a"),
        ("true", "true"),
        ("not a", "not own_a"),
        ("a and b or c", "own_a and own_b or own_c"),
        ("a xor b", "own_a xor own_b"),
        ("a implies b", "own_a implies own_b"),
        ("a < 5 'cm'", "own_a < 5 'cm'"),
        ("a = 'red'", "own_a = 'red'"),
        ("a > @2024-01-01", "own_a > @2024-01-01"),
        ("a between b and c", "own_a between own_b and own_c"),
        ("a in { 'red' }", "own_a in { 'red' }"),
        ("a + b * 2 > 1", "own_a + own_b * 2 > 1"),
    ],
)
def test_every_name_can_be_replaced(text: str, renamed: str) -> None:
    assert map_names(parse(text), lambda name: Name(f"own_{name.name}")) == parse(renamed)
