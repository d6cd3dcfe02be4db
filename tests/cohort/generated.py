"""Generated cohorts: a model, conditions on it, and what is known of several patients."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from hypothesis import strategies as st

from nelm.cohort.facts_table import Layout
from nelm.criteria import Definition, Expression, Model, Value
from tests.criteria.generated import TYPES, conditions, known, partial, tables


@dataclass(frozen=True)
class Cohort:
    """Patients of whom different things are known."""

    model: Model
    conditions: tuple[Expression, ...]
    patients: tuple[dict[str, Value], ...]

    @property
    def frame(self) -> pl.DataFrame:
        layout = Layout(self.model)
        return layout.frame([{"patient": str(number), **layout.row(facts)} for number, facts in enumerate(self.patients)])


@st.composite
def cohorts(draw: st.DrawFn, *, patients: int = 6, questions: bool = True) -> Cohort:
    """Some facts, definitions of which some can also be recorded, a few conditions and patients."""
    names = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=2, max_size=5, unique=True))
    types = {name: TYPES[name] for name in names}
    definitions: dict[str, Definition] = {}
    for number in range(draw(st.integers(0, 3))):
        model = Model(types, dict(definitions))
        inner = conditions(model, [*names, *definitions], questions=questions, depth=1)
        definitions[f"k{number}"] = draw(st.one_of(inner, tables(st.lists(inner, max_size=3))))
    model = Model(types, definitions)
    also = draw(st.sets(st.sampled_from(sorted(definitions)))) if definitions else set()
    recorded = {name: kind for name in sorted(also) if (kind := model.type_of(name)) is not None}
    model = Model({**types, **recorded}, definitions)
    asked = draw(st.lists(conditions(model, [*names, *definitions], questions=questions), min_size=1, max_size=4))
    people = []
    for _ in range(draw(st.integers(1, patients))):
        entered = {name: draw(partial(kind)) for name, kind in recorded.items() if draw(st.booleans())}
        people.append({**draw(known(names)), **entered})
    return Cohort(model, tuple(asked), tuple(people))
