"""A small invented guideline about kettles, so that the rules of the advice can be tested apart from any disease."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from nelm.advice.assess import assess
from nelm.advice.findings import Advice
from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load
from nelm.patient.record import parse_record

DICTIONARY = """
entity: kettle
record_key: kettle
label: Kettle
many: false
elements:
  - {name: material, label: Material, type: coded, codes: [{code: steel, label: Steel}, {code: glass, label: Glass}, {code: clay, label: Clay}]}
  - {name: litres, label: Volume, type: quantity, range: "> 0, <= 10", asks: how much it holds}
  - {name: leaks, label: It leaks, type: boolean, origin: judgement}
  - {name: whistles, label: It whistles, type: boolean}
  - {name: shape, label: Shape, type: coded, origin: recorded_or_derived, codes: [{code: round, label: Round}, {code: tall, label: Tall}]}
  - {name: words, label: Words, type: text}
"""
READINGS = """
entity: reading
record_key: readings
label: Readings
many: true
apart: true
elements:
  - {name: heat, label: Heat, type: quantity, unit: "%", range: ">= 0, <= 100"}
  - {name: scale, label: Scale as written, type: coded, codes: [{code: low, label: Low}, {code: high, label: High}]}
  - {name: kind, label: Kind of reading, type: coded, codes: [{code: probe, label: Probe}, {code: guess, label: Guess}]}
"""
DERIVATIONS = """
derivations:
  - name: heat_class
    label: Class of one reading
    per: reading
    type: coded
    codes: [{code: low, label: Low}, {code: high, label: High}]
    table:
      - {when: "heat > 60", then: high}
      - {otherwise: low}
    entered: scale
  - {name: top_class, label: Highest class, over: reading, highest: heat_class, codes: [{code: low, label: Low}, {code: high, label: High}], type: coded}
  - {name: top_heat, label: Heat that counts, type: quantity, unit: "%", over: reading, at_highest: {of: heat, by: heat_class}}
  - name: shape
    label: Shape
    type: coded
    codes: [{code: round, label: Round}, {code: tall, label: Tall}]
    table:
      - {when: "litres > 5", then: round}
      - {otherwise: [round, tall]}
    entered: shape
"""
RULES = """
rules:
  - {id: clay_whistles, when: "material = 'clay' and whistles", says: Clay cannot whistle., widens: [whistles], severity: contradiction}
"""
VOCABULARY = """
interventions:
  - {id: descale, label: Descaling, kind: care}
  - {id: probe, label: Probe reading, kind: test, done: {over: reading, where: "kind = 'probe'"}}
  - {id: heat_noted, label: Heat noted, kind: test, done: {over: reading, stated: heat}}
  - {id: guess_noted, label: Guess with heat, kind: test, done: {over: reading, stated: heat, where: "kind = 'guess'"}}
needs:
  - {id: workshop, label: A workshop}
"""
GUIDELINE = """
id: {id}
letter: {letter}
name: {id}
title: On kettles
citation: Kettles
year: 2000
version: 1.0.0
body: invented
covers: kettles of steel and glass
strength_scale: invented
level_note: invented
dated: invented
locators: {{p: page}}
scope:
  source: p1
  rows:
    - {{when: "material = 'clay'", then: OUT, because: clay is no kettle}}
    - {{otherwise: IN}}
criteria:
  small: {{label: Small, is: "litres <= 2", source: p1}}
"""
QUESTION = """
id: Q01
title: Descaling
asks: When to descale?
about: care
source: p1
criteria:
  sound: {label: It does not leak, is: "not leaks", source: p1}
  big: {label: Holds more than 5, is: "litres > 5", source: p1}
  loud: {label: It whistles, is: "whistles", source: p1}
statements:
  - {id: Q01.R1, kind: recommendation, standing: panel, says: Descale., stance: for, strength: strong, actions: [descale], when: [sound, small], unless: [loud], source: p1,
     votes: [{body: jury, motion: descale, for: 60, against: 40}]}
  - {id: Q01.R2, kind: recommendation, standing: panel, says: Perhaps polish., stance: conditional_for, strength: weak, when: [loud], source: p1}
  - {id: Q01.T1, kind: finding, standing: body, says: Kettles boil., source: p1}
verdicts:
  - id: Q01
    title: Descaling
    parts:
      - id: panel
        label: Descale
        statements: [Q01.R1]
        rows:
          - {when: "leaks", then: NOT_MET, because: it leaks}
          - {when: "big", then: AGAINST, because: too big}
          - {when: "loud", then: NOT_MET, because: it whistles, if_unknown: list, raised_by: "material = 'glass'"}
          - {otherwise: FOR, because: sound}
      - id: polish
        label: Polish
        statements: [Q01.R2]
        counts: false
        rows:
          - {when: "loud", then: FOR}
          - {otherwise: NO_REC}
  - id: Q02
    title: Two parts
    parts:
      - {id: one, label: One, rows: [{when: "leaks", then: FOR}, {otherwise: NA}]}
      - {id: two, label: Two, statements: [Q01.R2], rows: [{when: "big", then: AGAINST}, {otherwise: NO_REC}]}
  - id: Q03
    title: The first decides
    combine: first
    parts:
      - {id: one, label: One, counts: false, rows: [{when: "leaks", then: OPEN}, {otherwise: NO_REC}]}
      - {id: two, label: Two, counts: false, rows: [{otherwise: FOR}]}
  - id: Q04
    title: By what governs
    parts:
      - {id: one, label: One, statements: [Q01.R1], rows: [{when: "top_class = 'high' and top_heat > 80", then: FOR}, {when: "shape = 'tall'", then: NO_REC}, {otherwise: NOT_MET}]}
  - id: Q05
    title: Repeated facts
    parts:
      - {id: one, label: One, rows: [{when: "litres > 5 or leaks and litres <= 5", then: FOR}, {when: "not leaks and litres <= 5", then: NA}, {otherwise: NOT_MET}]}
"""
QUESTION_2 = """
id: Q01
title: Descaling
asks: When to descale?
about: care
source: p1
statements:
  - {id: Q01.R1, kind: recommendation, standing: consensus, says: Descale., stance: conditional, wording: can-be, source: p1}
  - {id: Q01.R2, kind: recommendation, standing: consensus, says: Leave it., stance: against, wording: not-recommended, source: p1}
verdicts:
  - id: Q01
    title: Descaling
    parts:
      - {id: one, label: One, statements: [Q01.R1], rows: [{when: "small", then: FOR}, {when: "whistles", then: OPEN}, {otherwise: NOT_MET}]}
      - {id: two, label: Two, statements: [Q01.R2], counts: false, rows: [{when: "small", then: AGAINST}, {otherwise: NA}]}
"""
DISCREPANCIES = """
discrepancies:
  - {id: D1, kind: x, title: Doubt, printed: Unclear., reading: none, shown_with: [Q01], when: "whistles"}
  - {id: D2, kind: x, title: Always, printed: Unclear., reading: none, shown_with: [Q01]}
"""
CONFLICTS = """
conflicts:
  - {id: K1, between: [kettle-a, kettle-b], title: Everywhere, says: {kettle-a: yes, kettle-b: no}, shown_with: {kettle-a: [Q01], kettle-b: [Q01]}}
  - {id: K2, between: [kettle-a, kettle-b], title: If small, says: {kettle-a: yes}, shown_with: {kettle-a: [Q01]}, when: "litres <= 2"}
"""
OPTIONS = """
options:
  - {id: descale, label: Descale, group: treatment, actions: [descale, probe, heat_noted, guess_noted], topics: [T-1], verdicts: [kettle-a/Q01, kettle-b/Q01#one]}
  - {id: boil, label: Boil, group: treatment, topics: [T-2], verdicts: [kettle-a/Q01, "kettle-b/Q01#one"]}
  - {id: again, label: Descale again, group: treatment, verdicts: [kettle-a/Q01, kettle-a/Q03, "kettle-b/Q01#one"]}
  - {id: polish, label: Polish, group: treatment, verdicts: ["kettle-a/Q01#polish"]}
  - {id: leave, label: Leave it, group: treatment, verdicts: [kettle-a/Q04, "kettle-b/Q01#two"]}
"""
TOPICS = """
topics:
  - {id: T-1, title: Descaling, aspects: [{relation: refine, says: more detail, statements: {kettle-a: [Q01.R1], kettle-b: [Q01.R1]}}]}
  - {id: T-2, title: Boiling, aspects: [{relation: conflict, says: they disagree, statements: {kettle-a: [Q01.R1]}}]}
"""
FILES = {
    "dictionary/kettle.yaml": DICTIONARY,
    "dictionary/readings.yaml": READINGS,
    "derivations/kettle.yaml": DERIVATIONS,
    "derivations/consistency.yaml": RULES,
    "vocabulary/care.yaml": VOCABULARY,
    "guidelines/kettle-a/guideline.yaml": GUIDELINE.format(id="kettle-a", letter="A"),
    "guidelines/kettle-a/questions/q01.yaml": QUESTION,
    "guidelines/kettle-a/discrepancies.yaml": DISCREPANCIES,
    "guidelines/kettle-b/guideline.yaml": GUIDELINE.format(id="kettle-b", letter="B"),
    "guidelines/kettle-b/questions/q01.yaml": QUESTION_2,
    "guidelines/conflicts.yaml": CONFLICTS,
    "guidelines/options.yaml": OPTIONS,
    "guidelines/topics.yaml": TOPICS,
}


@pytest.fixture(scope="session")
def kettle_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented content as files."""
    root = tmp_path_factory.mktemp("kettles")
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def kettles(kettle_content: Path) -> Knowledge:
    return load(kettle_content)


@pytest.fixture
def advise(kettles: Knowledge) -> Callable[..., Advice]:
    """The advice on a kettle written as YAML; of steel, unless it says otherwise."""

    def make(text: str, **options: object) -> Advice:
        aside = bool(options.pop("set_aside_invalid", False))
        if "material" not in text:
            text = text.replace("kettle: {", "kettle: {material: steel, ")
        record = parse_record(dedent(text), "kettle.yaml", kettles, set_aside_invalid=aside)
        return assess(record, kettles, **options)  # type: ignore[arg-type]

    return make
