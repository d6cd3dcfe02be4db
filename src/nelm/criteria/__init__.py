"""The language of conditions: values, syntax, evaluation, explanation, what is missing.

Nothing here knows any medicine. The language is a closed, monotone subset of HL7 CQL expressions with
three-valued results; `docs/content.md` describes it for authors.
"""

from nelm.criteria.check import check
from nelm.criteria.evaluate import Evaluator, Facts
from nelm.criteria.explain import Explained, Explaining, FactUsed, explain
from nelm.criteria.lint import lint, weaker_than_it_looks
from nelm.criteria.model import Definition, Model, Row, Table
from nelm.criteria.problems import CriteriaError, Problem, nearest
from nelm.criteria.residual import exact_truth, residual, residual_of_table, settle_table, settled_result
from nelm.criteria.syntax import Expression, Position, to_text
from nelm.criteria.truth import Truth
from nelm.criteria.types import BooleanType, CodedType, DateType, NumberType, ValueType
from nelm.criteria.values import Codes, Span, Spans, Value, admits, is_settled, meet, union


def parse(text: str) -> Expression:
    """The condition that `text` spells; CriteriaError where it cannot be read.

    The parser is loaded when a condition is first read: advice from ready-made content needs none.
    """
    from nelm.criteria.parser import parse as read

    return read(text)


__all__ = [
    "BooleanType",
    "CodedType",
    "Codes",
    "CriteriaError",
    "DateType",
    "Definition",
    "Evaluator",
    "Explained",
    "Explaining",
    "Expression",
    "FactUsed",
    "Facts",
    "Model",
    "NumberType",
    "Position",
    "Problem",
    "Row",
    "Span",
    "Spans",
    "Table",
    "Truth",
    "Value",
    "ValueType",
    "admits",
    "check",
    "exact_truth",
    "explain",
    "is_settled",
    "lint",
    "meet",
    "nearest",
    "parse",
    "residual",
    "residual_of_table",
    "settle_table",
    "settled_result",
    "to_text",
    "union",
    "weaker_than_it_looks",
]
