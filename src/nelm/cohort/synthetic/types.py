"""Which kind of value each name of a description stands for: what conditions about it may say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nelm.cohort.synthetic.model import Description, Distribution, Variable
from nelm.criteria import BooleanType, CodedType, DateType, NumberType, ValueType
from nelm.knowledge.base import Knowledge


def types_of(description: Description, knowledge: Knowledge) -> dict[str, ValueType]:
    """The type of every name. An element of the dictionary has its own; texts and lists count as the words that are drawn for them."""
    types: dict[str, ValueType] = {}
    for variable in drawn_in_order(description):
        element = knowledge.elements.get(variable.name)
        found = element.value_type if element is not None else None
        found = found or joined([types.get(variable.name), type_of(variable, types)])
        if found is not None:
            types[variable.name] = found
    return types


def drawn_in_order(description: Description) -> Iterator[Variable]:
    """Everything that is drawn under a name, the dates of entries included."""
    yield from description.variables
    for rule in description.entries:
        if rule.date_as is not None and rule.date is not None:
            yield Variable(name=rule.date_as, latest=())
        yield from rule.draws


def type_of(given: Distribution, types: Mapping[str, ValueType]) -> ValueType | None:
    """The type of what a distribution gives; None where it has none, or more than one."""
    match given.ways[0] if given.ways else "":
        case "choice":
            return CodedType(tuple(given.choice or {}))
        case "chance" | "is":
            return BooleanType()
        case "exactly":
            return _of_constant(given.exactly)
        case "same_as":
            return types.get(given.same_as or "")
        case "after" | "earliest" | "latest":
            return DateType()
        case "by" if given.values is not None:
            return NumberType()
        case "by" | "cases":
            return joined([type_of(part, types) for part, _ in given.parts()])
        case "":
            return None
        case _:
            return NumberType(integral=given.digits == 0)


def _of_constant(value: bool | float | str | None) -> ValueType:
    if isinstance(value, bool):
        return BooleanType()
    return CodedType((value,)) if isinstance(value, str) else NumberType()


def joined(types: list[ValueType | None]) -> ValueType | None:
    """One type for values of several; None where they do not go together."""
    known = [found for found in types if found is not None]
    if not known:
        return None
    codes = [code for found in known if isinstance(found, CodedType) for code in found.codes]
    if all(isinstance(found, CodedType) for found in known):
        return CodedType(tuple(dict.fromkeys(codes)))
    numbers = [found for found in known if isinstance(found, NumberType)]
    if len(numbers) == len(known):
        unit = next((found.unit for found in numbers if found.unit is not None), None)
        return NumberType(unit, integral=all(found.integral for found in numbers))
    return known[0] if all(type(found) is type(known[0]) for found in known) else None
