"""Generated conditions, decision tables and entered values: exported together as one library, and compared the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nelm.criteria import Definition, Evaluator, Expression, Model, Row, Span, Spans, Table, Value, is_settled
from nelm.criteria.syntax import Arithmetic, Name, map_names, walk
from nelm.criteria.types import DateType
from nelm.interop.cql import CannotSay, Define, Library, parameter_values
from nelm.interop.cql.definitions import defines, definition_order, parameters_of
from nelm.interop.cql.library import Section
from nelm.interop.cql.writing import Writer
from tests.criteria.generated import DAYS, RANGE, TYPES, World, conditions, worlds
from tests.interop.cql_agreement import Agreement
from tests.interop.cql_engine import Engine
from tests.interop.cql_patients import exact
from tests.interop.cql_reference import of_model

CONDITIONS = 250
PATIENTS = 200
ENTERED = 0.3


@dataclass(frozen=True)
class Exported:
    """The conditions that could be written, as one library; and how many could not."""

    library: Library
    model: Model
    partly_known: list[dict[str, Value]]
    refused: int


@st.composite
def asked(draw: st.DrawFn) -> tuple[World, Expression]:
    world = draw(worlds(questions=True, enterable=True))
    return world, draw(conditions(world.model, [*world.model.types, *world.model.definitions], questions=True))


def drawn(count: int) -> list[tuple[World, Expression]]:
    """So many examples of hypothesis, to be handled together."""
    found: list[tuple[World, Expression]] = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(asked())
    def collect(example: tuple[World, Expression]) -> None:
        found.append(example)

    collect()
    return found


def named_apart(number: int, world: World, condition: Expression) -> tuple[dict[str, Definition], frozenset[str]]:
    """The definitions of a world and the condition, under names that no other world has; and those that can be entered."""
    names = {name: f"w{number}_{name}" for name in world.model.definitions}

    def renamed(node: Expression) -> Expression:
        return map_names(node, lambda name: Name(names.get(name.name, name.name)))

    def moved(definition: Definition) -> Definition:
        if not isinstance(definition, Table):
            return renamed(definition)
        return Table(definition.codes, tuple(Row(renamed(row.when), row.then) for row in definition.rows), definition.otherwise)

    definitions = {names[name]: moved(definition) for name, definition in world.model.definitions.items()}
    return {**definitions, f"c{number}": renamed(condition)}, frozenset(names[name] for name in world.model.enterable)


def exported(examples: list[tuple[World, Expression]]) -> Exported:
    definitions: dict[str, Definition] = {}
    enterable: set[str] = set()
    written: list[Define] = []
    partly_known: list[dict[str, Value]] = []
    refused = 0
    for number, (world, condition) in enumerate(examples):
        own, open_to_entry = named_apart(number, world, condition)
        model = Model(TYPES, own, open_to_entry)
        writer = Writer(model, definition_order(model, own))
        try:
            found = [define for name in writer.names for define in defines(writer, name, {})]
        except CannotSay:
            refused += 1
            assert any(isinstance(node, Arithmetic) for name in own for part in model.conditions_of(name) for node in walk(part))
            continue
        definitions |= own
        enterable |= open_to_entry
        written += found
        partly_known.append(world.facts)
    model = Model(TYPES, definitions, frozenset(enterable))
    parameters = parameters_of(Writer(model, tuple(definitions)), (), {})
    return Exported(Library("Generated", "1", parameters, (Section("Generated", tuple(written)),)), model, partly_known, refused)


def generated(model: Model, count: int) -> Iterator[tuple[dict[str, Value], bool]]:
    """Exact facts, every second time all of them; some computed ones are entered, and every fourth time some of these inexactly.

    With each whether all of them are exactly known.
    """
    random = Random(20261121)
    choices = {
        name: exact(kind, [Spans((Span(DAYS.low, DAYS.high),), integral=True)])
        for name, kind in TYPES.items()
        if isinstance(kind, DateType)
    }
    cut: list[Value] = [Spans.of([Span(low / 2, low / 2)]) for low in range(int(RANGE.high) * 2 + 1)]
    choices |= {name: exact(kind, cut) for name, kind in TYPES.items() if name not in choices}
    for number in range(count):
        missing = 0.0 if number % 2 == 0 else random.choice((0.2, 0.5, 0.8))
        values = {name: random.choice(choices[name]) for name in TYPES if random.random() >= missing}
        for name in sorted(model.enterable):
            if random.random() < ENTERED:
                values[name] = _entry(model, name, random, exactly=number % 4 != 0)
        yield values, missing == 0 and all(is_settled(value) for value in values.values())


def _entry(model: Model, name: str, random: Random, *, exactly: bool) -> Value:
    kind = model.type_of(name)
    assert kind is not None
    if not exactly and random.random() < ENTERED:
        return kind.domain
    return random.choice(exact(kind, []))


def test_agreement_on_generated_conditions(engine: Engine, record_property: Callable[[str, object], None]) -> None:
    """Complete facts: the same everywhere. Else CQL may be open where the range of an unknown fact already decides."""
    found = exported(drawn(CONDITIONS))
    patients = [*generated(found.model, PATIENTS), *((values, False) for values in found.partly_known)]
    results = engine.run(found.library.text, [parameter_values(found.library, values) for values, _ in patients])
    agreement = Agreement()
    for number, ((values, complete), result) in enumerate(zip(patients, results, strict=True)):
        evaluator = Evaluator(found.model, values)
        agreement.add(f"patient {number}", result, {name: of_model(name, evaluator) for name in result}, complete=complete)
    conditions_exported = sum(name.startswith("c") for name in found.model.definitions)
    record_property("generated conditions", conditions_exported)
    record_property("generated conditions with arithmetic, refused", found.refused)
    for name, value in agreement.numbers().items():
        record_property(f"generated: {name}", value)
    assert agreement.differences == []
    assert conditions_exported > CONDITIONS // 2
