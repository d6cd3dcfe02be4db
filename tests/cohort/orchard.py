"""A made-up orchard with two old books on it: small content for tables that are worked out by hand.

A tree has a kind, an age, a height, may be sick; works are done on it (pruning, spraying, grafting).

- `farmer` (in print in May 1910): prune tall trees unless they are sick; spray sick trees; do not spray young trees; nothing is
  recommended about grafting; trees can be whitewashed. It does not speak about quinces.
- `gardener` (of 1950, no month): do not prune or graft tall trees, whitewash them; graft young ones; about whitewash on young ones
  nothing is said.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.criteria import CodedType, Codes, NumberType, Spans, Truth, Value
from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load

TREE = """
entity: tree
record_key: tree
label: Tree
many: false
elements:
  - {name: kind, label: Kind of tree, type: coded, codes: [{code: apple, label: Apple}, {code: pear, label: Pear}, {code: quince, label: Quince}]}
  - {name: age_years, label: Age, type: quantity, unit: years, range: ">= 0, <= 300"}
  - {name: height_m, label: Height, type: quantity, unit: m, range: ">= 0, <= 40"}
  - {name: sick, label: Sick, type: boolean}
  - {name: fenced, label: Fenced, type: boolean, origin: recorded_or_derived}
"""
WORKS = """
entity: work
record_key: works
label: Works
many: true
apart: true
elements:
  - {name: work_kind, label: Kind of work, type: coded, codes: [{code: prune, label: P}, {code: lop, label: L}, {code: spray, label: S}, {code: graft, label: G}, {code: wash, label: W}]}
"""
DERIVATIONS = """
derivations:
  - {name: fenced, label: Fenced, is: "height_m < 1"}
  - {name: young, label: Younger than 5 years, is: "age_years < 5"}
  - {name: tall, label: Higher than 3 m, is: "height_m > 3"}
  - name: size
    label: Size
    type: coded
    codes: [{code: small, label: Small}, {code: large, label: Large}]
    table:
      - {when: "height_m > 3", then: large}
      - {otherwise: small}
  - {name: for_show, label: Fit for the show, is: "kind = 'apple' and not sick and tall"}
"""
VOCABULARY = """
interventions:
  - {id: pruning, label: Pruning, done: {over: work, where: "work_kind in { 'prune', 'lop' }"}}
  - {id: lopping, label: Lopping, done: {over: work, where: "work_kind = 'lop'"}}
  - {id: spraying, label: Spraying, done: {over: work, where: "work_kind = 'spray'"}}
  - {id: grafting, label: Grafting, done: {over: work, where: "work_kind = 'graft'"}}
  - {id: washing, label: Whitewash, done: {over: work, where: "work_kind = 'wash'"}}
  - {id: measuring, label: Measuring, done: {over: tree, stated: height_m}}
"""
BOOK = """
id: {id}
letter: {letter}
name: The {id}
title: On trees
citation: Trees
year: {year}
version: 1.0.0
body: invented
covers: trees
strength_scale: invented
level_note: invented
dated: invented
locators: {{p: page}}
"""
FARMER = (
    BOOK.format(id="farmer", letter="F", year=1910)
    + """
published: 1910-05
scope:
  source: p1
  rows:
    - {when: "kind = 'quince'", then: OUT, because: no quinces}
    - {otherwise: IN}
criteria:
  high: {label: The tree is tall, is: tall, source: p1}
  ill: {label: The tree is sick, is: sick, source: p1}
  unripe: {label: The tree is young, is: young, source: p1}
"""
)
FARMER_Q1 = """
id: Q1
title: Care of trees
asks: What to do with a tree?
about: care
source: p1
statements:
  - {id: Q1.R1, kind: recommendation, standing: panel, says: Prune tall trees., stance: for, strength: strong, actions: [pruning], when: [high], unless: [ill], source: p1}
  - {id: Q1.R2, kind: recommendation, standing: panel, says: Spray sick trees., stance: conditional_for, strength: weak, actions: [spraying], when: [ill], source: p1}
  - {id: Q1.R3, kind: recommendation, standing: panel, says: Do not spray young trees., stance: against, actions: [spraying], when: [unripe], source: p1}
  - {id: Q1.R4, kind: recommendation, standing: panel, says: Of grafting nothing is known., stance: no_recommendation, actions: [grafting], when: [high], source: p1}
  - {id: Q1.R5, kind: recommendation, standing: body, says: Whitewash is good., stance: for, actions: [washing], source: p1}
  - {id: Q1.R6, kind: reported, standing: reported, says: Others graft young trees., stance: for, actions: [grafting], when: [unripe], source: p1}
  - {id: Q1.R7, kind: recommendation, standing: panel, says: Measure tall trees., stance: for, actions: [measuring], when: [high], source: p1}
"""
GARDENER = (
    BOOK.format(id="gardener", letter="G", year=1950)
    + """
scope:
  source: p1
  rows:
    - {otherwise: IN}
criteria:
  high: {label: The tree is tall, is: tall, source: p1}
  unripe: {label: The tree is young, is: young, source: p1}
"""
)
GARDENER_Q1 = """
id: Q1
title: Care of trees
asks: What to do with a tree?
about: care
source: p1
statements:
  - {id: Q1.R1, kind: recommendation, standing: consensus, says: Do not prune tall trees., stance: against, wording: not-recommended, actions: [pruning], when: [high], source: p1}
  - {id: Q1.R2, kind: recommendation, standing: consensus, says: Graft young trees., stance: conditional, wording: can-be, actions: [grafting], when: [unripe], source: p1}
  - {id: Q1.R3, kind: recommendation, standing: consensus, says: Graft no tall trees., stance: against, wording: not-recommended, actions: [grafting], when: [high], source: p1}
  - {id: Q1.R4, kind: recommendation, standing: consensus, says: Whitewash tall trees., stance: for, wording: should, actions: [washing], when: [high], source: p1}
  - {id: Q1.R5, kind: recommendation, standing: consensus, says: Of young trees nobody knows., stance: none, wording: descriptive, actions: [washing], when: [unripe], source: p1}
"""
FILES = {
    "dictionary/tree.yaml": TREE,
    "dictionary/works.yaml": WORKS,
    "derivations/tree.yaml": DERIVATIONS,
    "vocabulary/works.yaml": VOCABULARY,
    "guidelines/farmer/guideline.yaml": FARMER,
    "guidelines/farmer/questions/q1.yaml": FARMER_Q1,
    "guidelines/gardener/guideline.yaml": GARDENER,
    "guidelines/gardener/questions/q1.yaml": GARDENER_Q1,
}


def write_orchard(root: Path) -> None:
    """The content as files below a folder."""
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@cache
def orchard() -> Knowledge:
    with TemporaryDirectory() as folder:
        write_orchard(Path(folder))
        return load(Path(folder))


def trees(*rows: dict[str, Any]) -> pl.DataFrame:
    """Trees as a facts table: exact facts as plain values, anything else as it is; other columns (`centre`, `given`) by name.

    trees({"kind": "apple", "age_years": 3, "sick": False, "centre": "A"}, {})
    """
    model = orchard().model
    layout = Layout(model)
    made: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        facts = {name: _value(name, value) for name, value in row.items() if name in model.types}
        about = {name: value for name, value in row.items() if name not in model.types}
        made.append({"patient": f"T{number}", **about, **layout.row(facts)})
    return layout.frame(made)


def _value(name: str, value: Any) -> Value:
    match orchard().model.types[name], value:
        case CodedType(), str():
            return Codes.of(value)
        case NumberType(), int() | float():
            return Spans.point(float(value))
        case _, bool():
            return Truth.from_bool(value)
        case _:
            found: Value = value
            return found
