"""What a condition or table says, found the long way: by going through every way to complete what is known."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace

from nelm.criteria import Codes, Evaluator, Expression, Model, Row, Spans, Table, Truth, Value
from tests.criteria.generated import RANGE, World

QUARTERS = [quarter / 4 for quarter in range(int(RANGE.low) * 4, int(RANGE.high) * 4 + 1)]
Result = Hashable


def possible(value: Value) -> list[Value]:
    """Single values that stand for everything a value allows, where all constants are whole numbers."""
    if isinstance(value, Truth):
        return [value] if value.is_determined else [Truth.TRUE, Truth.FALSE]
    if isinstance(value, Codes):
        return [Codes.of(code) for code in sorted(value.members)]
    if value.integral:
        whole = itertools.chain.from_iterable(range(int(part.low), int(part.high) + 1) for part in value.parts)
        return [Spans.point(number, integral=True) for number in whole]
    return [point for number in QUARTERS if value.meet(point := Spans.point(number))]


@dataclass(frozen=True)
class Coordinate:
    """Something that is open, with all that it may turn out to be.

    A fact has its own name. The rest is hidden: whether a definition will also be entered (`name?`), and
    which of several codes a row of a table means.
    """

    key: str
    options: tuple[Value | bool | str, ...]
    fact: str | None = None


def coordinates(world: World) -> list[Coordinate]:
    """All that is open in a world."""
    evaluator = Evaluator(world.model, world.facts)
    found = [Coordinate(name, tuple(possible(evaluator.value_of(name))), name) for name in world.model.types]
    for name, definition in world.model.definitions.items():
        if name in world.model.enterable:
            found.append(Coordinate(f"{name}?", (False, True)))
            found.append(Coordinate(name, tuple(possible(evaluator.value_of(name))), name))
        if isinstance(definition, Table):
            found += [Coordinate(f"{name}:{number}", tuple(sorted(then))) for number, then in enumerate(_results(definition))]
    return found


def _results(table: Table) -> Iterator[frozenset[str]]:
    yield from (row.then for row in table.rows)
    yield table.otherwise


def size(world: World) -> int:
    """How many ways there are to complete a world."""
    return math.prod(len(coordinate.options) for coordinate in coordinates(world))


def completions(world: World) -> Iterator[tuple[tuple[Value | bool | str, ...], Evaluator]]:
    """Every way to complete a world, with an evaluator for it."""
    found = coordinates(world)
    keys = [coordinate.key for coordinate in found]
    for chosen in itertools.product(*(coordinate.options for coordinate in found)):
        yield chosen, _evaluator(world.model, dict(zip(keys, chosen, strict=True)))


def _evaluator(model: Model, chosen: dict[str, Value | bool | str]) -> Evaluator:
    facts: dict[str, Value] = {}
    for key, value in chosen.items():
        if isinstance(value, Truth | Codes | Spans) and chosen.get(f"{key}?", True):
            facts[key] = value
    settled = {
        name: _settled(name, definition, chosen) if isinstance(definition, Table) else definition
        for name, definition in model.definitions.items()
    }
    return Evaluator(replace(model, definitions=settled), facts)


def _settled(name: str, table: Table, chosen: dict[str, Value | bool | str]) -> Table:
    """The table in which every row means one code."""
    results = [frozenset({str(chosen[f"{name}:{number}"])}) for number in range(len(table.rows) + 1)]
    rows = tuple(Row(row.when, then) for row, then in zip(table.rows, results, strict=False))
    return Table(table.codes, rows, results[-1])


def results(world: World, ask: Expression | Table) -> dict[tuple[Value | bool | str, ...], Result]:
    """The result of a condition or a table in every completion."""
    return {chosen: _ask(evaluator, ask) for chosen, evaluator in completions(world)}


def _ask(evaluator: Evaluator, ask: Expression | Table) -> Result:
    return evaluator.outcomes(ask) if isinstance(ask, Table) else evaluator.truth(ask)


def truth(found: Iterable[Result]) -> Truth:
    """Whether something holds that has these results."""
    truths = set(found)
    return Truth.of(not truths <= {Truth.FALSE}, not truths <= {Truth.TRUE})


def facts_that_matter(world: World, found: dict[tuple[Value | bool | str, ...], Result]) -> frozenset[str]:
    """The facts for which two completions differ in this fact alone, with different results."""
    matter: set[str] = set()
    for number, coordinate in enumerate(coordinates(world)):
        if coordinate.fact is not None:
            alike: dict[object, set[Result]] = defaultdict(set)
            for chosen, result in found.items():
                alike[chosen[:number] + chosen[number + 1 :]].add(result)
            if any(len(different) > 1 for different in alike.values()):
                matter.add(coordinate.fact)
    return frozenset(matter)
