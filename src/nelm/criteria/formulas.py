"""Conditions as interned formulas: equal parts are one part, so that substitution and comparison are cheap.

A formula is a number. 0 is false, 1 is true. Every other number stands for an atom (a yes-or-no
question about facts), a negation, a conjunction, a disjunction, or an exclusive or.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nelm.criteria.syntax import Expression

NO, YES = 0, 1
_Key = tuple[str, tuple[int, ...]]


@dataclass
class Formulas:
    """A pool of formulas. `facts` of a formula are the positions of what its atoms ask about, as bits."""

    _numbers: dict[_Key | Expression, int] = field(default_factory=dict)
    _keys: list[_Key] = field(default_factory=lambda: [("false", ()), ("true", ())])
    _facts: list[int] = field(default_factory=lambda: [0, 0])

    def atom(self, question: Expression, fact_bits: int) -> int:
        """The formula that holds where the question is answered yes."""
        number = self._numbers.get(question)
        if number is None:
            number = self._numbers[question] = len(self._keys)
            self._keys.append(("atom", ()))
            self._facts.append(fact_bits)
        return number

    def facts(self, formula: int) -> int:
        return self._facts[formula]

    def negate(self, formula: int) -> int:
        if formula <= YES:
            return YES - formula
        kind, parts = self._keys[formula]
        return parts[0] if kind == "not" else self._make("not", (formula,))

    def conjunction(self, parts: Iterable[int]) -> int:
        return self._join("and", parts, neutral=YES, absorbing=NO)

    def disjunction(self, parts: Iterable[int]) -> int:
        return self._join("or", parts, neutral=NO, absorbing=YES)

    def exclusive(self, left: int, right: int) -> int:
        if left <= YES:
            return self.negate(right) if left == YES else right
        if right <= YES:
            return self.negate(left) if right == YES else left
        return NO if left == right else self._make("xor", (min(left, right), max(left, right)))

    def _join(self, kind: str, parts: Iterable[int], *, neutral: int, absorbing: int) -> int:
        kept: set[int] = set()
        for part in parts:
            if part == absorbing:
                return absorbing
            if part != neutral:
                part_kind, inner = self._keys[part]
                kept.update(inner if part_kind == kind else (part,))
        if any(self.negate(part) in kept for part in kept):
            return absorbing
        if not kept:
            return neutral
        return next(iter(kept)) if len(kept) == 1 else self._make(kind, tuple(sorted(kept)))

    def _make(self, kind: str, parts: tuple[int, ...]) -> int:
        key = (kind, parts)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._keys)
            self._keys.append(key)
            bits = 0
            for part in parts:
                bits |= self._facts[part]
            self._facts.append(bits)
        return number

    def settle(self, formula: int, answers: Mapping[int, int], bit: int, done: dict[int, int]) -> int:
        """The formula once the atoms about one fact (its `bit`) are answered; `done` keeps what was settled."""
        if not self._facts[formula] & bit:
            return formula
        if formula in done:
            return done[formula]
        kind, parts = self._keys[formula]
        match kind:
            case "atom":
                result = answers.get(formula, formula)
            case "not":
                result = self.negate(self.settle(parts[0], answers, bit, done))
            case "and":
                result = self.conjunction([self.settle(part, answers, bit, done) for part in parts])
            case "or":
                result = self.disjunction([self.settle(part, answers, bit, done) for part in parts])
            case _:
                result = self.exclusive(*(self.settle(part, answers, bit, done) for part in parts))
        done[formula] = result
        return result
