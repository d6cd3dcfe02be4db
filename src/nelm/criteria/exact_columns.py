"""Decision tables compiled to columns exactly: repeated facts are seen as the same fact.

`nelm.criteria.columns` joins the rows of a table by Kleene's logic, which takes two questions about one fact as two
questions. Where a table asks the same few facts again and again, every combination of what they may be is looked at
instead, as `nelm.criteria.residual` does for one patient.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from nelm.criteria.columns import Columns, MayHave
from nelm.criteria.evaluate import Evaluator
from nelm.criteria.model import Table
from nelm.criteria.residual import atoms_of, cells, variable_of
from nelm.criteria.syntax import BooleanLiteral, CodeLiteral, Comparison, Expression, Member, Name
from nelm.criteria.truth import Truth
from nelm.criteria.values import Codes, Value

MAXIMUM_COMBINATIONS = 4096


def exact_results(table: Table, columns: Columns) -> Mapping[str, int] | None:
    """For each code of a table the node that says whether it can still be the result.

    None where a definition or a comparison of two facts stands between the table and what is recorded, or where the
    combinations are too many: then Kleene's logic alone has to do.
    """
    model = columns.model
    facts = sorted({fact for condition in table.conditions() for fact in model.recorded_facts(condition)})
    atoms = _plain_atoms(table, facts)
    if atoms is None or any(fact in model.definitions for fact in facts):
        return None
    choices = {fact: cells(model.domain_of(fact), atoms[fact], model) for fact in facts}
    if math.prod(len(found) for found in choices.values()) > MAXIMUM_COMBINATIONS:
        return None
    ways = _ways(table, columns, facts, choices, {})
    return {code: ways.get(code, columns.constant(False)) for code in table.codes}


def _ways(
    table: Table, columns: Columns, facts: list[str], choices: Mapping[str, list[Value]], given: Mapping[str, Value]
) -> dict[str, int]:
    """How each result can still come about, once some facts are given."""
    outcomes = Evaluator(columns.model, given).outcomes(table)
    if len(outcomes) == 1 or not facts:
        return dict.fromkeys(outcomes, columns.constant(True))
    first, rest = facts[0], facts[1:]
    found: dict[str, list[int]] = {}
    for cell in choices[first]:
        may_be = _may_be(columns, first, cell)
        for code, way in _ways(table, columns, rest, choices, {**given, first: cell}).items():
            found.setdefault(code, []).append(columns.all_of([may_be, way]))
    return {code: columns.any_of(ways) for code, ways in found.items()}


def _may_be(columns: Columns, fact: str, cell: Value) -> int:
    match cell:
        case Truth():
            return columns.node(MayHave(fact, frozenset({cell.value})))
        case Codes(members):
            return columns.member(fact, members)
        case _:
            return columns.any_of(columns.lies(fact, span) for span in cell.parts)


def _plain_atoms(table: Table, facts: Iterable[str]) -> dict[str, list[Expression]] | None:
    """The comparisons with each fact; None where one compares two facts or calculates."""
    found: dict[str, list[Expression]] = {fact: [] for fact in facts}
    for condition in table.conditions():
        for atom in atoms_of(condition):
            variable = variable_of(_about_one_fact(atom))
            if not isinstance(variable, str) or variable not in found:
                return None
            found[variable].append(atom)
    return found


def _about_one_fact(atom: Expression) -> Expression:
    """`x = 'a'` asks about one fact, as `x in { 'a' }` does; and so does `x = true`."""
    match atom:
        case Comparison("=" | "!=", Name() as name, CodeLiteral() as literal) | Comparison(
            "=" | "!=", CodeLiteral() as literal, Name() as name
        ):
            return Member(name, (literal,))
        case Comparison("=" | "!=", Name() as name, BooleanLiteral()) | Comparison("=" | "!=", BooleanLiteral(), Name() as name):
            return name
        case _:
            return atom
