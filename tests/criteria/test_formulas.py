"""Interned formulas: equal ones are one, and constants and opposites fold away."""

from __future__ import annotations

import itertools

import pytest

from nelm.criteria.formulas import NO, YES, Formulas
from nelm.criteria.syntax import Name, Position


class Pool:
    """Three atoms, each about a fact of its own."""

    def __init__(self) -> None:
        self.make = Formulas()
        self.a, self.b, self.c = (self.make.atom(Name(name), 1 << number) for number, name in enumerate("abc"))

    def value(self, formula: int, *answers: int) -> int:
        """The formula once all atoms are answered."""
        for number, (atom, answer) in enumerate(zip((self.a, self.b, self.c), answers, strict=True)):
            formula = self.make.settle(formula, {atom: answer}, 1 << number, {})
        return formula


@pytest.fixture
def pool() -> Pool:
    return Pool()


def test_equal_formulas_are_one(pool: Pool) -> None:
    make = pool.make
    assert make.atom(Name("a", Position(5, 5)), 1) == pool.a
    assert make.conjunction([pool.a, pool.b]) == make.conjunction([pool.b, pool.a, pool.a])
    assert make.disjunction([pool.a, pool.b]) == make.disjunction([pool.b, pool.a])
    assert make.exclusive(pool.a, pool.b) == make.exclusive(pool.b, pool.a)
    assert make.conjunction([pool.a, make.conjunction([pool.b, pool.c])]) == make.conjunction([pool.a, pool.b, pool.c])


def test_constants_and_opposites_fold_away(pool: Pool) -> None:
    make, a, b = pool.make, pool.a, pool.b
    not_a = make.negate(a)
    folded = {
        "not true": (make.negate(YES), NO),
        "not false": (make.negate(NO), YES),
        "not not a": (make.negate(not_a), a),
        "and of nothing": (make.conjunction([]), YES),
        "or of nothing": (make.disjunction([]), NO),
        "a and true": (make.conjunction([a, YES]), a),
        "a and false": (make.conjunction([a, NO]), NO),
        "a or true": (make.disjunction([a, YES]), YES),
        "a or false": (make.disjunction([NO, a]), a),
        "a and not a": (make.conjunction([not_a, b, a]), NO),
        "a or not a": (make.disjunction([a, b, not_a]), YES),
        "a and (b and not a)": (make.conjunction([a, make.conjunction([b, not_a])]), NO),
        "a xor a": (make.exclusive(a, a), NO),
        "a xor true": (make.exclusive(a, YES), not_a),
        "a xor false": (make.exclusive(a, NO), a),
        "true xor a": (make.exclusive(YES, a), not_a),
        "false xor a": (make.exclusive(NO, a), a),
        "true xor true": (make.exclusive(YES, YES), NO),
    }
    assert {name: found for name, (found, _) in folded.items()} == {name: wanted for name, (_, wanted) in folded.items()}


def test_a_formula_knows_its_facts(pool: Pool) -> None:
    make = pool.make
    assert make.facts(YES) == 0
    assert make.facts(make.disjunction([make.negate(pool.a), make.exclusive(pool.c, pool.a)])) == 0b101


@pytest.mark.parametrize(("a", "b", "c"), [*itertools.product((NO, YES), repeat=3)])
def test_settling_every_atom_evaluates(pool: Pool, a: int, b: int, c: int) -> None:
    make = pool.make
    both = make.conjunction([pool.a, pool.b])
    assert pool.value(both, a, b, c) == (a and b)
    assert pool.value(make.disjunction([both, make.negate(pool.c)]), a, b, c) == int(bool(a and b) or not c)
    assert pool.value(make.exclusive(both, pool.c), a, b, c) == (a and b) ^ c
    assert pool.value(make.negate(pool.a), a, b, c) == 1 - a


def test_settling_a_fact_leaves_formulas_without_it_alone(pool: Pool) -> None:
    formula = pool.make.conjunction([pool.b, pool.c])
    assert pool.make.settle(formula, {pool.a: YES}, 0b001, {}) == formula


def test_a_part_that_occurs_twice_is_settled_once(pool: Pool) -> None:
    make = pool.make
    both = make.conjunction([pool.a, pool.b])
    done: dict[int, int] = {}
    assert make.settle(make.exclusive(both, make.disjunction([both, pool.c])), {pool.a: YES}, 0b001, done) == make.exclusive(
        pool.b, make.disjunction([pool.b, pool.c])
    )
    assert done[both] == pool.b
