"""Definitions of a model, with the facts under them, as parts of a library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nelm.criteria import BooleanType, CodedType, DateType, Model, NumberType
from nelm.interop.cql.library import Define, Parameter, Tags
from nelm.interop.cql.writing import CannotSay, Writer, entered, inexact

OPEN_ENTRY = "True where the entry leaves several values open: then nothing is computed in its place."


def definition_order(model: Model, wanted: Iterable[str]) -> tuple[str, ...]:
    """The definitions under some names, each after what it uses."""
    reached = {definition for name in wanted for definition in model.definitions_under(name)}
    return tuple(name for name in model.order() if name in reached)


def defines(writer: Writer, name: str, tags: Tags) -> Iterator[Define]:
    """A definition of a model as definitions of the library; the tags belong to the one with its title.

    Raises CannotSay, with the name of the definition.
    """
    try:
        for written in writer.definition(name):
            says = tags if written.name == writer.title(name) else {key: str(value) for key, value in written.says.items()}
            yield Define(written.name, written.piece.text, says)
    except CannotSay as error:
        raise CannotSay(f"{name}: {error}") from None


def parameters_of(writer: Writer, roots: Iterable[str], tags: Mapping[str, Tags]) -> tuple[Parameter, ...]:
    """The facts that definitions and `roots` reach, in the order of the model; also the entries that go before a computed value."""
    model = writer.model
    used = {*roots, *(used for name in writer.names for used in model.uses(name))}
    held = {*writer.names} & model.enterable
    found: list[Parameter] = []
    for name in dict.fromkeys((*model.types, *writer.names)):
        about = tags.get(name, {})
        if name in held:
            found.append(
                Parameter(entered(name), _cql_type(model, name), name, tags={**about, "entered": "Goes before the computed value."})
            )
            found.append(Parameter(inexact(name), "Boolean", name, inexact=True, tags={"entered": OPEN_ENTRY}))
        elif name in used and name not in model.definitions:
            found.append(Parameter(writer.title(name), _cql_type(model, name), name, tags=about))
    return tuple(found)


def _cql_type(model: Model, name: str) -> str:
    match model.type_of(name):
        case BooleanType():
            return "Boolean"
        case CodedType():
            return "String"
        case DateType():
            return "Date"
        case NumberType(integral=True):
            return "Integer"
        case _:
            return "Decimal"
