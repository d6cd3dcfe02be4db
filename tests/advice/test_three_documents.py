"""One option, three documents: each says what the record wants it to say, so that every combination can be tried."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from pathlib import Path

import pytest

from nelm.advice.assess import assess
from nelm.advice.findings import OptionFinding, OptionState, Relation
from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load
from nelm.patient.record import parse_record

WORDS = ("FOR", "AGAINST", "NO_REC", "NOT_MET", "OPEN", "NA")
UNKNOWN = "UNKNOWN"  # what the record does not say; "NA" there would be read as not available, so codes are in small letters
DOCUMENTS = ("a", "b", "c")
CODES = ", ".join(f"{{code: {word.lower()}_, label: Says {word}}}" for word in WORDS)
ELEMENTS = "\n".join(f"  - {{name: says_{name}, label: What {name} says, type: coded, codes: [{CODES}]}}" for name in DOCUMENTS)
ROWS = "\n".join(f"          - {{{{when: \"says_{{name}} = '{word.lower()}_'\", then: {word}}}}}" for word in WORDS[:-1])
QUESTION = (
    "id: Q1\ntitle: One thing\nasks: What of it?\nabout: it\nsource: p1\n"
    "statements: [{{id: Q1.R1, kind: recommendation, standing: panel, says: Do it., stance: for, source: p1}}]\n"
    "verdicts:\n  - id: Q1\n    title: One thing\n    parts:\n      - id: it\n        label: It\n        statements: [Q1.R1]\n"
    f"        rows:\n{ROWS}\n          - {{{{otherwise: NA}}}}\n"
)
GUIDELINE = (
    "{{id: {name}, letter: X, name: {name}, title: t, citation: c, year: 2000, version: 1.0.0, body: b, covers: c, strength_scale: s,"
    " level_note: l, dated: d, locators: {{p: page}}, scope: {{source: p1, rows: [{{otherwise: IN}}]}}}}"
)
BOTH = "{a: [Q1.R1], b: [Q1.R1]}"
TOPICS = f"""
topics:
  - {{id: T-conflict, title: A and b conflict, aspects: [{{relation: conflict, says: so, statements: {BOTH}}}]}}
  - {{id: T-refine, title: A refines b, aspects: [{{relation: refine, says: so, statements: {BOTH}}}]}}
  - {{id: T-by-topic, title: Conflict, documents: {{a: so, b: not so}}, aspects: [{{relation: conflict, says: so, statements: {{a: [Q1.R1]}}}}]}}
  - {{id: T-of-all, title: Conflict, aspects: [{{relation: conflict, says: so}}]}}
"""
OPTIONS = "options:\n" + "\n".join(
    f"  - {{id: {name}, label: {name}, group: g, topics: [{topics}], verdicts: [a/Q1, b/Q1, c/Q1]}}"
    for name, topics in (
        ("plain", ""),
        ("conflict", "T-conflict"),
        ("refine", "T-refine"),
        ("by_topic", "T-by-topic"),
        ("of_all", "T-of-all"),
    )
)

Ask = Callable[..., OptionFinding]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    root: Path = tmp_path_factory.mktemp("three")
    files = {
        "dictionary/it.yaml": f"entity: it\nrecord_key: it\nlabel: It\nmany: false\nelements:\n{ELEMENTS}\n",
        "guidelines/topics.yaml": TOPICS,
        "guidelines/options.yaml": OPTIONS,
    }
    for name in DOCUMENTS:
        files[f"guidelines/{name}/guideline.yaml"] = GUIDELINE.format(name=name)
        files[f"guidelines/{name}/questions/q1.yaml"] = QUESTION.format(name=name)
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    return load(root)


@pytest.fixture(scope="module")
def ask(three: Knowledge) -> Ask:
    """The option where the documents say these words; UNKNOWN where the record does not say."""

    def made(*words: str, option: str = "plain") -> OptionFinding:
        said = ", ".join(f"says_{name}: {word.lower()}_" for name, word in zip(DOCUMENTS, words, strict=True) if word != UNKNOWN)
        advice = assess(parse_record(f"it: {{{said}}}", "it.yaml", three), three)
        return next(found for found in advice.options if found.option.id == option)

    return made


@pytest.mark.parametrize(
    ("words", "state", "relation"),
    [
        (("FOR", "FOR", "FOR"), OptionState.FAVOURED, Relation.AGREE),
        (("FOR", "FOR", "AGAINST"), OptionState.DISAGREE, Relation.CONFLICT),
        (("FOR", "NOT_MET", "NO_REC"), OptionState.DISAGREE, Relation.CONFLICT),
        (("FOR", "AGAINST", UNKNOWN), OptionState.DISAGREE, Relation.CONFLICT),
        (("FOR", "NO_REC", "OPEN"), OptionState.DISAGREE, Relation.CONFLICT),
        (("FOR", "FOR", UNKNOWN), OptionState.FAVOURED, Relation.NOT_YET),
        (("FOR", "NOT_MET", UNKNOWN), OptionState.FAVOURED, Relation.NOT_YET),
        (("FOR", "FOR", "NOT_MET"), OptionState.FAVOURED, Relation.REFINE),
        (("AGAINST", "NO_REC", "NOT_MET"), OptionState.NOT_ADVISED, Relation.AGREE),
        (("AGAINST", "NOT_MET", UNKNOWN), OptionState.CANNOT_JUDGE, Relation.NOT_YET),
        (("FOR", "NA", "NA"), OptionState.FAVOURED, Relation.ONE_SPEAKS),
        (("NA", "NA", "NA"), OptionState.DOES_NOT_APPLY, Relation.NEITHER),
    ],
)
def test_the_two_that_are_furthest_apart_give_the_word(ask: Ask, words: tuple[str, ...], state: OptionState, relation: Relation) -> None:
    for order in set(permutations(words)):
        found = ask(*order)
        assert (found.state, found.relation) == (state, relation), order


def test_a_disputed_option_keeps_what_the_third_waits_for(ask: Ask) -> None:
    found = ask("FOR", "AGAINST", UNKNOWN)
    assert found.missing == ("says_c",)


@pytest.mark.parametrize("option", ["conflict", "by_topic"])
def test_a_conflict_of_two_documents_says_nothing_of_a_third(ask: Ask, option: str) -> None:
    assert ask("FOR", "NOT_MET", "NA", option=option).relation is Relation.CONFLICT
    assert ask("FOR", "NOT_MET", "FOR", option=option).relation is Relation.CONFLICT
    assert ask("FOR", "NA", "NOT_MET", option=option).relation is Relation.REFINE
    assert ask("FOR", "FOR", "NOT_MET", option=option).relation is Relation.REFINE


def test_an_aspect_that_names_no_document_is_about_all(ask: Ask) -> None:
    assert ask("FOR", "NA", "NOT_MET", option="of_all").relation is Relation.CONFLICT


def test_a_refinement_of_two_documents_says_nothing_of_a_third(ask: Ask) -> None:
    assert ask("FOR", "FOR", "NA", option="refine").relation is Relation.REFINE
    assert ask("FOR", "NA", "FOR", option="refine").relation is Relation.AGREE


def test_a_third_that_is_not_concerned_changes_nothing(ask: Ask) -> None:
    """Of two that speak, every word of every pair: the relation of all is that of the pair, wherever the silent one stands."""
    for first, second in product((*WORDS, UNKNOWN), repeat=2):
        seen = {(found.state, found.relation) for order in ((first, second, "NA"), (first, "NA", second), ("NA", first, second))
                for found in (ask(*order),)}  # fmt: skip
        assert len(seen) == 1, (first, second)
