"""Conditions and decision tables as CQL text."""

from __future__ import annotations

import re

import pytest

from nelm.criteria import Model, Table, parse
from nelm.criteria.syntax import CodeLiteral, Comparison, Name, NumberLiteral
from nelm.interop.cql.definitions import defines, definition_order, parameters_of
from nelm.interop.cql.pieces import Piece, chosen, code, quoted
from nelm.interop.cql.writing import CannotSay, Writer
from tests.criteria.example import MODEL, TYPES, table

WRITER = Writer(MODEL, tuple(MODEL.definitions))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("wet", '"wet"'),
        ("not wet", 'not "wet"'),
        ("wet = false", '"wet" = false'),
        ("wet != warm", '"wet" != "warm"'),
        ("true", "true"),
        ("pleasant", '"pleasant"'),
        ("not pleasant", 'not "pleasant"'),
        ("pleasant = lit", '"pleasant" = "lit"'),
        ("(wet or lit) = pleasant", '("wet" or "lit") = "pleasant"'),
        # `not` binds more tightly in CQL than a comparison
        ("not height < 3", 'not ("height" < 3.0)'),
        ("not (not wet)", 'not (not "wet")'),
        ("not true", "false"),
        # and, or, xor, implies
        ("wet and warm and lit", '"wet" and "warm" and "lit"'),
        ("wet and warm or lit", '("wet" and "warm") or "lit"'),
        ("wet and (warm or not lit)", '"wet" and ("warm" or not "lit")'),
        ("wet xor warm xor lit", '("wet" xor "warm") xor "lit"'),
        ("wet implies warm implies lit", '"wet" implies ("warm" implies "lit")'),
        # `null in { … }` is false in CQL, so codes are compared one by one
        ("colour in { 'green', 'red' }", "\"colour\" = 'red' or \"colour\" = 'green'"),
        ("wet and colour in { 'green', 'red' }", '"wet" and ("colour" = \'red\' or "colour" = \'green\')'),
        ("colour in { 'red' }", "\"colour\" = 'red'"),
        ("not colour in { 'red' }", "not (\"colour\" = 'red')"),
        ("colour != 'red'", "\"colour\" != 'red'"),
        ("'red' = colour", "\"colour\" = 'red'"),
        ("colour = roof", '"colour" = "roof"'),
        # a derived code has definitions of its own
        ("size = 'large'", '"size: large"'),
        ("size != 'large'", 'not "size: large"'),
        ("size in { 'middle', 'small' }", '"size: small or middle"'),
        ("not size in { 'small' }", 'not "size: small"'),
        (
            "size = price",
            '("size: small" and "price: small") or ("size: middle" and "price: middle") or ("size: large" and "price: large")',
        ),
        # numbers, in the unit of the fact
        ("height >= 1.5 'm'", '"height" >= 150.0'),
        ("12 'mm' < height", '1.2 < "height"'),
        ("score > -0.5", '"score" > -0.5'),
        ("rooms = 3", '"rooms" = 3'),
        ("rooms < 2.5", '"rooms" < 2.5'),
        ("rooms < 3000000000", '"rooms" < 3000000000.0'),
        ("rooms = doors", '"rooms" = "doors"'),
        ("height between 3 and 20 'mm'", '"height" between 3.0 and 2.0'),
        ("wet and height between 3 and 20", '"wet" and ("height" between 3.0 and 20.0)'),
        ("rooms between 1 and doors", '"rooms" between 1 and "doors"'),
        # dates
        ("built < @2024-03-12", '"built" < @2024-03-12'),
        ("sold between built and @2024-03-12", '"sold" between "built" and @2024-03-12'),
    ],
)
def test_condition(condition: str, expected: str) -> None:
    assert WRITER.condition(parse(condition)).text == expected


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("height + width > 3", "'height + width > 3' calculates with 'height + width'"),
        ("wet and height between 1 and width * 2", "calculates with 'width * 2'"),
        ("height > 0.123456789", "has at most 8 digits after the point and 28 in all, and 0.123456789 has more"),
    ],
)
def test_what_cql_is_not_written_for_is_named(condition: str, says: str) -> None:
    with pytest.raises(CannotSay, match=re.escape(says)):
        WRITER.condition(parse(condition))


def test_the_definition_is_named_too() -> None:
    model = Model(TYPES, {"steep": parse("height / width > 1")})
    with pytest.raises(CannotSay, match=r"^steep: 'height / width > 1' calculates with"):
        list(defines(Writer(model, ("steep",)), "steep", {}))


def test_what_is_no_condition_is_refused() -> None:
    with pytest.raises(CannotSay, match="'3' is not a condition"):
        WRITER.condition(NumberLiteral(3))


ROWS = {"a": Piece('"a"'), "b": Piece('"b"'), "c": Piece('"c"', "=")}
TELL = {"yes": True, "no": False, "open": None}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("a yes, no", '"a"'),
        ("a no, yes", 'not "a"'),
        ("a yes, yes", "true"),
        ("a open, open", "(null as Boolean)"),
        ("a yes, open", '"a" or (null as Boolean)'),
        ("a no, open", 'not "a" and (null as Boolean)'),
        ("a open, yes", 'not "a" or (null as Boolean)'),
        ("a open, no", '"a" and (null as Boolean)'),
        ("a yes, b yes, no", '"a" or "b"'),
        ("a no, b yes, no", 'not "a" and "b"'),
        ("a yes, b no, yes", '"a" or not "b"'),
        ("a no, b no, yes", 'not "a" and not "b"'),
        ("c no, b yes, no", 'not ("c") and "b"'),
        ("a no, b yes, c yes, no", 'not "a" and ("b" or "c")'),
        ("a open, b yes, no", '("a" and (null as Boolean)) or (not "a" and "b")'),
        ("a yes, b yes, yes", "true"),
        ("a no, b open, no", 'not "a" and "b" and (null as Boolean)'),
    ],
)
def test_rows_that_are_read_from_the_top(rows: str, expected: str) -> None:
    *before, last = rows.split(", ")
    written = [(ROWS[row.split()[0]], TELL[row.split()[1]]) for row in before]
    assert chosen(written, TELL[last]).text == expected


def test_the_definitions_of_a_decision_table() -> None:
    size = table(("height < 100", "small"), ("wet", "small/middle"), otherwise="large")
    writer = Writer(Model(TYPES, {"size": size, "low": parse("size in { 'small', 'middle' }")}), ("size", "low"))
    found = {define.name: define.expression for define in defines(writer, "size", {})}
    assert found == {
        "size, row 1": '"height" < 100.0',
        "size, row 2": '"wet"',
        "size: small": '"size, row 1" or ("size, row 2" and (null as Boolean))',
        "size: middle": 'not "size, row 1" and "size, row 2" and (null as Boolean)',
        "size: large": 'not "size, row 1" and not "size, row 2"',
        "size: small or middle": '"size, row 1" or "size, row 2"',
        "size": "case when \"size: small\" then 'small' when \"size: middle\" then 'middle' when \"size: large\" then 'large' else null end",
    }


def test_what_was_entered_goes_before_what_is_computed() -> None:
    model = Model(
        {**TYPES, "shape": TYPES["shape"]},
        {"pleasant": parse("warm and not wet"), "shape": Table(("round", "square"), (), frozenset({"square"}))},
        frozenset({"pleasant", "shape"}),
    )
    writer = Writer(model, ("pleasant", "shape"))
    found = {define.name: define.expression for name in writer.names for define in defines(writer, name, {})}
    computed = '"warm" and not "wet"'
    assert found["pleasant"] == f'if "pleasant entered inexactly" then null else Coalesce("pleasant entered", {computed})'
    assert found["shape: round"] == 'if "shape entered inexactly" then null else Coalesce("shape entered" = \'round\', false)'
    assert [(parameter.name, parameter.type, parameter.fact) for parameter in parameters_of(writer, (), {})] == [
        ("wet", "Boolean", "wet"),
        ("warm", "Boolean", "warm"),
        ("shape entered", "String", "shape"),
        ("shape entered inexactly", "Boolean", "shape"),
        ("pleasant entered", "Boolean", "pleasant"),
        ("pleasant entered inexactly", "Boolean", "pleasant"),
    ]


def test_a_fact_that_is_called_like_a_code_is_told_apart() -> None:
    """Translators warn of a string that is spelled like a name."""
    model = Model({**TYPES, "red": TYPES["wet"]}, {"round": parse("red and colour = 'red'")})
    writer = Writer(model, ("round",))
    assert [define.text for define in defines(writer, "round", {})] == ['define "round (fact)":\n  "red (fact)" and "colour" = \'red\'\n']
    assert writer.condition(parse("not red and not round")).text == 'not "red (fact)" and not "round (fact)"'


@pytest.mark.parametrize(
    ("name", "type_"), [("wet", "Boolean"), ("colour", "String"), ("height", "Decimal"), ("rooms", "Integer"), ("built", "Date")]
)
def test_types_of_parameters(name: str, type_: str) -> None:
    (parameter,) = parameters_of(Writer(MODEL, ()), [name], {})
    assert (parameter.name, parameter.type, parameter.text) == (name, type_, f'parameter "{name}" {type_} default null\n')


def test_definitions_stand_after_what_they_use_and_each_once() -> None:
    assert definition_order(MODEL, ["price", "inviting", "wet", "inviting"]) == ("pleasant", "inviting", "size", "price")


def test_names_and_codes_with_signs_of_their_own() -> None:
    assert quoted('a "b" \\') == r'"a \"b\" \\"'
    assert code("it's \\") == r"'it\'s \\'"
    assert WRITER.condition(Comparison("=", Name("colour"), CodeLiteral("a\\b"))).text == "\"colour\" = 'a\\\\b'"
