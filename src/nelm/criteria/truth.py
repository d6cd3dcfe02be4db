"""Kleene's strong three-valued logic, with its truth tables written out.

A condition over partly known facts can be true, can be false, or both. The three values name the
three possible answers; there is no fourth. Source of the tables: S. C. Kleene, Introduction to
Metamathematics (1952), section 64; HL7 CQL and SQL use the same.
"""

from __future__ import annotations

from enum import Enum


class Truth(Enum):
    """Whether a condition holds: `TRUE`, `FALSE`, or not determined by what is known."""

    TRUE = "true"
    FALSE = "false"
    UNDETERMINED = "undetermined"

    __hash__ = object.__hash__  # the members are the only instances; Enum's own hash is slow, and the tables are asked often

    @property
    def can_be_true(self) -> bool:
        return self is not FALSE

    @property
    def can_be_false(self) -> bool:
        return self is not TRUE

    @property
    def is_determined(self) -> bool:
        return self is not UNDETERMINED

    @classmethod
    def of(cls, can_be_true: bool, can_be_false: bool) -> Truth:
        """The truth value of something that can be true and/or can be false.

        Raises ValueError when neither is possible: a fact always has a value.
        """
        if can_be_true and can_be_false:
            return cls.UNDETERMINED
        if can_be_true:
            return cls.TRUE
        if can_be_false:
            return cls.FALSE
        raise ValueError("a condition must be able to be true or to be false")

    @classmethod
    def from_bool(cls, value: bool) -> Truth:
        return cls.TRUE if value else cls.FALSE


TRUE, FALSE, UNDETERMINED = Truth.TRUE, Truth.FALSE, Truth.UNDETERMINED

NOT: dict[Truth, Truth] = {
    TRUE: FALSE,
    FALSE: TRUE,
    UNDETERMINED: UNDETERMINED,
}

AND: dict[tuple[Truth, Truth], Truth] = {
    (TRUE, TRUE): TRUE,
    (TRUE, FALSE): FALSE,
    (TRUE, UNDETERMINED): UNDETERMINED,
    (FALSE, TRUE): FALSE,
    (FALSE, FALSE): FALSE,
    (FALSE, UNDETERMINED): FALSE,
    (UNDETERMINED, TRUE): UNDETERMINED,
    (UNDETERMINED, FALSE): FALSE,
    (UNDETERMINED, UNDETERMINED): UNDETERMINED,
}

OR: dict[tuple[Truth, Truth], Truth] = {
    (TRUE, TRUE): TRUE,
    (TRUE, FALSE): TRUE,
    (TRUE, UNDETERMINED): TRUE,
    (FALSE, TRUE): TRUE,
    (FALSE, FALSE): FALSE,
    (FALSE, UNDETERMINED): UNDETERMINED,
    (UNDETERMINED, TRUE): TRUE,
    (UNDETERMINED, FALSE): UNDETERMINED,
    (UNDETERMINED, UNDETERMINED): UNDETERMINED,
}

XOR: dict[tuple[Truth, Truth], Truth] = {
    (TRUE, TRUE): FALSE,
    (TRUE, FALSE): TRUE,
    (TRUE, UNDETERMINED): UNDETERMINED,
    (FALSE, TRUE): TRUE,
    (FALSE, FALSE): FALSE,
    (FALSE, UNDETERMINED): UNDETERMINED,
    (UNDETERMINED, TRUE): UNDETERMINED,
    (UNDETERMINED, FALSE): UNDETERMINED,
    (UNDETERMINED, UNDETERMINED): UNDETERMINED,
}

IMPLIES: dict[tuple[Truth, Truth], Truth] = {
    (TRUE, TRUE): TRUE,
    (TRUE, FALSE): FALSE,
    (TRUE, UNDETERMINED): UNDETERMINED,
    (FALSE, TRUE): TRUE,
    (FALSE, FALSE): TRUE,
    (FALSE, UNDETERMINED): TRUE,
    (UNDETERMINED, TRUE): TRUE,
    (UNDETERMINED, FALSE): UNDETERMINED,
    (UNDETERMINED, UNDETERMINED): UNDETERMINED,
}
