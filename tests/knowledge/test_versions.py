"""What changed between two versions of the content: one edit, and the exact sentences that it yields."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.changed_rules import MOST_NAMED, row_changes
from nelm.knowledge.changes import Change, Thing, merged, quoted, shown
from nelm.knowledge.derivations import DerivationRow
from nelm.knowledge.evidence import Interval, Value
from nelm.knowledge.guideline import Vote
from nelm.knowledge.load import load
from nelm.knowledge.numbers import number_in_words
from nelm.knowledge.versions import compare
from tests.knowledge.world import (
    BOAT,
    CONFLICTS,
    DISCREPANCIES,
    DOCUMENT,
    EVIDENCE,
    GUIDELINE,
    OF_BOAT,
    OF_VOYAGES,
    OPTIONS,
    PICTURES,
    QUESTION,
    REFERENCES,
    RULES,
    SURVEYS,
    TOPICS,
    WORDS,
    copy_of_harbour,
    replace_in,
)

Edit = tuple[str, str, str]
Edited = Callable[..., Knowledge]

# file, what stands there, what is written instead, what is said of it
TABLE: list[tuple[str, str, str, list[str]]] = [
    (GUIDELINE, "says: A first draft.", "says: A draft.", ["History, version 0.9.0 is reworded: was “A first draft”, is now “A draft”."]),
    (GUIDELINE, "year: 1890", "year: 1891", ["The pilot: the year was 1890, is now 1891."]),
    (GUIDELINE, "S: Section", "S: Part", ["The pilot, S: the locator was Section, is now Part."]),
    (GUIDELINE, "  source: S0", "  source: S9", ["The scope: the place was S0, is now S9."]),
    (
        GUIDELINE,
        "then: OUT, because",
        "then: OPEN, because",
        ["The scope: if `hull = 'not_steel'`, the answer was “out of scope”, is now “open”."],
    ),
    (
        GUIDELINE,
        "not_steel'\"",
        "wood'\"",
        ["The scope: “out of scope” (not built for this harbour) was said if `hull = 'not_steel'`, is now said if `hull = 'wood'`."],
    ),
    (
        GUIDELINE,
        "label: The boat is sound",
        "label: The boat is fit",
        ["'The boat is fit': the label was “The boat is sound”, is now “The boat is fit”."],
    ),
    (GUIDELINE, 'is: "seaworthy"', 'is: "(seaworthy)"', []),
    (
        GUIDELINE,
        'is: "seaworthy"',
        'is: "seaworthy and insured"',
        ["'The boat is sound': was `seaworthy`, is now `seaworthy and insured` (in Q1.R1, the verdict Q1)."],
    ),
    (
        QUESTION,
        'is: "rust_percent < 10"',
        'is: "rust_percent < 5"',
        ["'Little rust': was `rust_percent < 10`, is now `rust_percent < 5` (in Q1.R1, the verdict Q1)."],
    ),
    (QUESTION, 'level_of_evidence: "1"', 'level_of_evidence: "2"', ["Q1: the level of evidence was 1, is now 2."]),
    (QUESTION, ", cost: low", "", ["Q1: the cost is no longer given; it was low."]),
    (QUESTION, "cost: low", "cost: low, benefit_harm: even", ["Q1: the balance of benefit and harm is now even, where none was given."]),
    (
        QUESTION,
        'grading: {level_of_evidence: "1", cost: low}\n',
        "",
        ["Q1: the level of evidence is no longer given; it was 1.", "Q1: the cost is no longer given; it was low."],
    ),
    (
        QUESTION,
        "asks: When may a boat leave?",
        "asks: When may a boat go?",
        ["Q1: the question asked was “When may a boat leave?”, is now “When may a boat go?”."],
    ),
    (
        QUESTION,
        "says: A sound boat with little rust may leave.",
        "says: A sound boat may leave.",
        ["Q1.R1 is reworded: was “A sound boat with little rust may leave”, is now “A sound boat may leave”."],
    ),
    (QUESTION, "strength: strong", "strength: weak", ["Q1.R1: the strength was strong, is now weak."]),
    (QUESTION, "    strength: strong\n", "", ["Q1.R1: the strength is no longer given; it was strong."]),
    (
        QUESTION,
        "strength: strong",
        "strength: strong\n    wording: can-be",
        ["Q1.R1: the class of the wording is now can-be, where none was given."],
    ),
    (QUESTION, "stance: for", "stance: conditional_for", ["Q1.R1: the stance was for, is now “conditional for”."]),
    (QUESTION, "when: [sound, rust_low]", "when: [sound, rust_low, insured]", ["Q1.R1 now also asks for 'Insured'."]),
    (QUESTION, "when: [sound, rust_low]", "when: [sound]", ["Q1.R1 no longer asks for 'Little rust'."]),
    (QUESTION, "when: [sound, rust_low]", "when: [rust_low, sound]", []),
    (QUESTION, "unless: [big]", "unless: []", ["Q1.R1 is no longer ruled out by 'Big boat'."]),
    (QUESTION, "unless: [big]", "unless: [big, leaks]", ["Q1.R1 is now ruled out by 'Leaks'."]),
    (QUESTION, "    needs: [dry_dock]\n", "", ["Q1.R1 no longer needs 'In a dry dock' (dry_dock)."]),
    (
        QUESTION,
        "    actions: [caulking]\n    when",
        "    actions: [caulking, sounding]\n    when",
        ["Q1.R1 now speaks to 'Sounding' (sounding)."],
    ),
    (
        QUESTION,
        "for: 10, against: 2}",
        "for: 10, against: 3}",
        ["Q1.R1: the vote of guild on “leave” was 10 for, 2 against (percent), is now 10 for, 3 against (percent)."],
    ),
    (
        QUESTION,
        "for: 10, against: 2}",
        "for: 10, against: 2}, {body: crew, motion: stay}",
        ["Q1.R1: the vote of crew on “stay” is new: no shares (percent)."],
    ),
    (
        QUESTION,
        "    votes: [{body: guild, motion: leave, for: 10, against: 2}]\n",
        "",
        ["Q1.R1: the vote of guild on “leave” is gone: 10 for, 2 against (percent)."],
    ),
    (QUESTION, "    discrepancies: [DISC.01]\n", "", ["Q1.R1 is no longer marked by the doubtful place DISC.01."]),
    (
        QUESTION,
        "    discrepancies: [DISC.01]\n    source: S1\nverdicts",
        "    discrepancies: [DISC.01]\n    source: S1\n  - {id: Q1.R2, kind: finding, standing: body, says: Boats float., source: S2}\nverdicts",
        ["New statement Q1.R2: “Boats float”."],
    ),
    (
        QUESTION,
        "then: AGAINST, because: rust, from",
        "then: NOT_MET, because: rust, from",
        ["Verdict Q1, 'May leave': if `rust_percent > 80`, the answer was “against”, is now “not met”."],
    ),
    (
        QUESTION,
        "because: rust, from",
        "because: much rust, from",
        ["Verdict Q1, 'May leave', if `rust_percent > 80`: the reason was rust, is now “much rust”."],
    ),
    (
        QUESTION,
        "rust_percent > 80",
        "rust_percent > 70",
        ["Verdict Q1, 'May leave': “against” (rust) was said if `rust_percent > 80`, is now said if `rust_percent > 70`."],
    ),
    (
        QUESTION,
        '          - {when: "rust_percent > 80", then: AGAINST, because: rust, from: [Q1.R1]}\n',
        "",
        ["Verdict Q1, 'May leave' no longer says, in row 2: if `rust_percent > 80`, “against” (rust)."],
    ),
    (
        QUESTION,
        "{otherwise: OPEN}",
        "{otherwise: NO_REC}",
        ["Verdict Q1, 'May leave': otherwise, the answer was “open”, is now “no recommendation”."],
    ),
    (
        QUESTION,
        "          - {otherwise: OPEN}",
        '          - {when: "leaks", then: NOT_MET, because: it leaks}\n          - {otherwise: OPEN}',
        ["Verdict Q1, 'May leave' now also says, in row 5: if `leaks`, “not met” (it leaks)."],
    ),
    (
        QUESTION,
        'when: "rust_low", then: FOR}',
        'when: "rust_low", then: FOR, if_unknown: list}',
        ["Verdict Q1, 'May leave', if `rust_low`: the handling where it is not known is now list, where none was given."],
    ),
    (
        QUESTION,
        'then: FOR, raised_by: "ever_fast"',
        "then: FOR",
        ["Verdict Q1, 'May leave', if `top_class = 'A'`: the condition that raises it is no longer given; it was `ever_fast`."],
    ),
    (
        QUESTION,
        'top_class = \'A\'", then: FOR, raised_by: "ever_fast"',
        "top_class = 'B'\", then: FOR",
        [
            "Verdict Q1, 'May leave': “for” was said if `top_class = 'A'`, is now said if `top_class = 'B'`.",
            "Verdict Q1, 'May leave', if `top_class = 'B'`: the condition that raises it is no longer given; it was `ever_fast`.",
        ],
    ),
    (QUESTION, "label: May leave", "label: Leaves", ["Verdict Q1, 'Leaves': the label was “May leave”, is now Leaves."]),
    (
        QUESTION,
        "label: May leave",
        "label: May leave\n        counts: false",
        ["Verdict Q1, 'May leave': the weight in the verdict (counts) was yes, is now no."],
    ),
    (
        QUESTION,
        "    parts:",
        "    combine: first\n    parts:",
        ["Verdict Q1: the way to combine the parts was “most committing”, is now first."],
    ),
    (DISCREPANCIES, "reading: section 1", "reading: section 2", ["DISC.01: the reading was “section 1”, is now “section 2”."]),
    (
        DISCREPANCIES,
        "  - {id: DISC.02, kind: L, title: A word without meaning, printed: A word., reading: none}\n",
        "",
        ["The doubtful place DISC.02 is gone: “A word without meaning; the reading in use: none”."],
    ),
    (DISCREPANCIES, "length_m > 100", "length_m > 90", ["DISC.01: the condition was `length_m > 100`, is now `length_m > 90`."]),
    (DISCREPANCIES, "length_m > 100", "(length_m   > 100)", []),
    (
        EVIDENCE,
        "value: 90,",
        "value: 91,",
        ["Q1.E1: the number was caulked: 90 (80–95) % after 1 year (n = 100), is now caulked: 91 (80–95) % after 1 year (n = 100)."],
    ),
    (EVIDENCE, "refs: [1]\n    source", "refs: [1, 2]\n    source", ["Q1.E1 now cites reference 2."]),
    (
        EVIDENCE,
        "      - {at_most: 60, unit: percent, at_years: 1, of: not caulked}\n",
        "",
        ["Q1.E1 no longer reports not caulked: up to 60 % after 1 year."],
    ),
    (
        EVIDENCE,
        "    refs_note: none printed",
        "    refs_note: none printed\n    values: [{above: 3, unit: years}]",
        ["Q1.E2 now also reports above 3 years."],
    ),
    (EVIDENCE, "    outcome: prognosis", "    outcome: biology", ["Q1.E2: the outcome was prognosis, is now biology."]),
    (
        EVIDENCE,
        "  - id: Q1.E2\n    says: Rust is bad for boats.\n    population: boats\n    outcome: prognosis\n    refs_note: none printed\n    source: S2\n",
        "",
        ["The claim Q1.E2 is gone: “Rust is bad for boats”."],
    ),
    (
        EVIDENCE,
        "says: The boats were chosen.",
        "says: They were chosen.",
        ["Q1.C1 is reworded: was “The boats were chosen”, is now “They were chosen”."],
    ),
    (
        EVIDENCE,
        "{id: Q1.P1, says: Count the boats., source: S3}",
        "{id: Q1.P2, says: Count the boats., source: S3}",
        ["The research proposal Q1.P1 is gone: “Count the boats”.", "New research proposal Q1.P2: “Count the boats”."],
    ),
    (EVIDENCE, "title: Leaving the harbour", "title: Leaving", ["Evidence on Q1: the title was “Leaving the harbour”, is now Leaving."]),
    (DOCUMENT, 'says: "1900"', 'says: "1901"', ["“Year” is reworded: was 1900, is now 1901."]),
    (
        DOCUMENT,
        "item: Year",
        "item: Month",
        ["The fact about the document “Year” is gone: 1900.", "New fact about the document “Month”: 1900."],
    ),
    (DOCUMENT, "says: The guild meets.", "says: The guild sits.", ["PROC.01 is reworded: was “The guild meets”, is now “The guild sits”."]),
    (DOCUMENT, "title: The rules", "title: Rules", ["Section META: the title was “The rules”, is now Rules."]),
    (
        DOCUMENT,
        "id: META",
        "id: MORE",
        [
            "The section META is gone: “The rules”.",
            "The fact about the document “Year” is gone: 1900.",
            "The remark PROC.01 is gone: “The guild meets”.",
            "New section MORE: “The rules”.",
            "New fact about the document “Year”: 1900.",
            "New remark PROC.01: “The guild meets”.",
        ],
    ),
    (REFERENCES, "title: On tar", "title: On pitch", ["Reference 2: the title was “On tar”, is now “On pitch”."]),
    (REFERENCES, "{family: Smith, given: A}, ", "", ["Reference 1 has one entry less under author: “family Smith, given A”."]),
    (REFERENCES, "  - {number: 2, title: On tar, type: book, publisher: Harbour Press}\n", "", ["The reference 2 is gone: “On tar”."]),
    (TOPICS, "relation: agree", "relation: refine", ["Topic T1, “They agree”: the relation was agree, is now refine."]),
    (TOPICS, "says: They agree.", "says: They differ.", ["Topic T1, “They agree” is reworded: was “They agree”, is now “They differ”."]),
    (
        TOPICS,
        "pilot: A sound boat leaves.",
        "pilot: A boat leaves.",
        ["Topic T1, pilot: the short text was “A sound boat leaves”, is now “A boat leaves”."],
    ),
    (TOPICS, "verdicts: {pilot: [Q1]}", "verdicts: {}", ["Topic T1, pilot: the list of verdicts is no longer given; it was Q1."]),
    (
        CONFLICTS,
        "pilot: Leave and stay.",
        "pilot: Leave or stay.",
        ["Conflict K1, pilot is reworded: was “Leave and stay”, is now “Leave or stay”."],
    ),
    (
        CONFLICTS,
        "  - {id: K2, between: [pilot], title: Shown to nobody, says: {pilot: Stay.}, shown_with: {}}\n",
        "",
        ["The conflict K2 is gone: “Shown to nobody”."],
    ),
    (OPTIONS, "label: Leave,", "label: Go,", ["'Go' (leave): the label was Leave, is now Go."]),
    (OF_BOAT, "length_m > 50", "length_m > 60", ["'Big boat' (big): the condition was `length_m > 50`, is now `length_m > 60`."]),
    (OF_BOAT, "then: outer}", "then: inner}", ["'Berth' (berth): if `length_m > 20`, the answer was “outer”, is now “inner”."]),
    (OF_BOAT, "length_m > 20", "length_m > 25", ["'Berth' (berth): “outer” was said if `length_m > 20`, is now said if `length_m > 25`."]),
    (OF_BOAT, "[true, false]", "false", ["'Calm trade' (calm): otherwise, the answer was “yes or no”, is now “no”."]),
    (
        OF_BOAT,
        "fired: [wooden]",
        "fired: [tiny]",
        [
            "'A wooden hull is recorded' (wooden_seen) has one entry less under rules asked about: wooden.",
            "'A wooden hull is recorded' (wooden_seen) has a new entry under rules asked about: tiny.",
        ],
    ),
    (
        OF_VOYAGES,
        "unless: \"voyage_kind = 'ferry'\"",
        "where: \"voyage_kind = 'ferry'\"",
        [
            "'First speed that was no ferry's' (first_speed): the entries that count is now `voyage_kind = 'ferry'`, where none was given.",
            "'First speed that was no ferry's' (first_speed): the entries left out is no longer given; it was `voyage_kind = 'ferry'`.",
        ],
    ),
    (
        OF_VOYAGES,
        "highest: voyage_class\n",
        "lowest: voyage_class\n",
        [
            "'Highest class' (top_class): the fact taken where it is highest is no longer given; it was voyage_class.",
            "'Highest class' (top_class): the fact taken where it is lowest is now voyage_class, where none was given.",
        ],
    ),
    (
        OF_VOYAGES,
        "at_highest: {of: speed, by: voyage_class}",
        "at_highest: {of: speed, by: class_given}",
        ["'Speed in the highest class' (top_speed): the fact or document that decides was voyage_class, is now class_given."],
    ),
    (
        RULES,
        "severity: review}\n  - {id: wooden",
        "severity: implausible}\n  - {id: wooden",
        ["Consistency rule tiny: the severity was review, is now implausible."],
    ),
    (
        RULES,
        '  - {id: tiny, when: "length_m < 1", says: Hardly a boat., severity: review}\n',
        "",
        ["The consistency rule tiny is gone: “Hardly a boat (if `length_m < 1`)”."],
    ),
    (BOAT, 'range: "> 0, <= 400"', 'range: "> 0, <= 300"', ["'Length' (length_m): the range was “> 0, <= 400”, is now “> 0, <= 300”."]),
    (BOAT, "unit: m,", "unit: km,", ["'Length' (length_m): the unit was m, is now km."]),
    (
        BOAT,
        "      - {code: steel, label: Steel}\n",
        "      - {code: steel, label: Steel}\n      - {code: iron, label: Iron}\n",
        ["'Hull' (hull) may now also be 'Iron' (iron)."],
    ),
    (BOAT, 'also: [timber, "1"]', "also: [timber]", ["'Hull' (hull), code wood has one entry less under also: 1."]),
    (BOAT, "  - {name: boat_name, label: Name, type: text}\n", "", ["The data element boat_name is gone: Name."]),
    (
        BOAT,
        "{name: freight, label: Freight, type: quantity}",
        "{name: freight, label: Freight, type: quantity, unit: t}",
        ["'Freight' (freight): the unit is now t, where none was given."],
    ),
    (
        BOAT,
        "asks: what the hull is made of",
        "asks: the hull",
        ["'Hull' (hull): the question asked was “what the hull is made of”, is now “the hull”."],
    ),
    (BOAT, "origin: judgement", "origin: recorded", ["'Seaworthy' (seaworthy): the origin was judgement, is now recorded."]),
    (
        BOAT,
        '"ordinary": [wood, steel]',
        '"ordinary": [wood]',
        ["'Hull' (hull), ordinary: the group of codes was “wood, steel”, is now wood."],
    ),
    (
        SURVEYS,
        "[{code: good, label: Good}, {code: fair, label: Fair}, {code: poor, label: Poor}]\n  - name: every",
        "[{code: fair, label: Fair}, {code: good, label: Good}, {code: poor, label: Poor}]\n  - name: every",
        ["'Condition' (condition): the order of the codes was “good, fair, poor”, is now “fair, good, poor”."],
    ),
    (SURVEYS, "label: Surveys", "label: Inspections", ["'Inspections' (surveys): the label was Surveys, is now Inspections."]),
    (WORDS, "label: Tar}", "label: Pitch}", ["'Pitch' (tar): the label was Tar, is now Pitch."]),
    (WORDS, "holes > 0", "holes > 1", ["'Caulking' (caulking): the entries that count was `holes > 0`, is now `holes > 1`."]),
    (WORDS, "label: In a dry dock", "label: In dock", ["'In dock' (dry_dock): the label was “In a dry dock”, is now “In dock”."]),
    (PICTURES, "says: By treatment.", "says: All.", ["Picture came_back is reworded: was “By treatment”, is now All."]),
]
# file and edits of it that belong together, and what is said of them
SEVERAL: list[tuple[list[Edit], list[str]]] = [
    (
        [
            (GUIDELINE, "version: 1.0.0\nbody", "version: 1.1.0\nbody"),
            (GUIDELINE, "as printed.}\n", 'as printed.}\n  - {version: 1.1.0, date: "1891-01-01", says: Less rust.}\n'),
        ],
        ["The pilot: the version was 1.0.0, is now 1.1.0.", "New history of version 1.1.0: “1891-01-01: Less rust”."],
    ),
    (  # a criterion that only moved into the shared ones
        [
            (QUESTION, 'criteria:\n  rust_low:\n    label: Little rust\n    is: "rust_percent < 10"\n    source: S1\n', ""),
            (GUIDELINE, "criteria:\n", 'criteria:\n  rust_low: {label: Little rust, is: "(rust_percent < 10)", source: S1}\n'),
        ],
        [],
    ),
    (
        [
            (QUESTION, "criteria:\n", 'criteria:\n  holed: {label: It has holes, is: "holes > 0", source: S1}\n'),
            (QUESTION, "unless: [big]", "unless: [big, holed]"),
        ],
        ["New condition 'It has holes': `holes > 0`.", "Q1.R1 is now ruled out by 'It has holes'."],
    ),
    (
        [
            (QUESTION, "parts:\n", "parts:\n      - {id: stay, label: May stay, rows: [{otherwise: FOR}]}\n"),
            (
                QUESTION,
                "          - {otherwise: OPEN}",
                "          - {otherwise: OPEN}\n  - {id: Q2, title: Staying, parts: [{id: stay, label: Stay, rows: [{otherwise: FOR}]}]}",
            ),
        ],
        ["New part stay of the verdict Q1: “May stay”.", "New verdict Q2: Staying."],
    ),
    (
        [
            (QUESTION, '          - {when: "rust_low", then: FOR}\n', ""),
            (QUESTION, '          - {when: "not sound"', '          - {when: "rust_low", then: FOR}\n          - {when: "not sound"'),
        ],
        [
            "Verdict Q1, 'May leave': the order of the rows was “if `not sound`, if `rust_percent > 80`, if `top_class = 'A'`, if `rust_low`, "
            "otherwise”, is now “if `rust_low`, if `not sound`, if `rust_percent > 80`, if `top_class = 'A'`, otherwise”."
        ],
    ),
    (
        [(TOPICS, "    aspects:\n", "    aspects:\n      - {relation: only_one, by: pilot, says: The guild is silent.}\n")],
        ["New aspect of topic T1: “only one: The guild is silent”."],
    ),
    (  # an id that stands for another kind of thing
        [
            (EVIDENCE, "caveats:\n  - {id: Q1.C1, says: The boats were chosen., source: S1, statements: [Q1.R1], refs: [1]}\n", ""),
            (EVIDENCE, "id: Q1.E2", "id: Q1.C1"),
        ],
        [
            "The claim Q1.E2 is gone: “Rust is bad for boats”.",
            "Q1.C1 is reworded: was “The boats were chosen”, is now “Rust is bad for boats”.",
        ],
    ),
]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """The harbour after some edits."""

    def make(*edits: Edit) -> Knowledge:
        root = copy_of_harbour(tmp_path)
        for edit in edits:
            replace_in(root, *edit)
        return load(root)

    return make


def sentences(changes: tuple[Change, ...]) -> list[str]:
    return [change.says for change in changes]


@pytest.mark.parametrize(("file", "before", "after", "said"), TABLE)
def test_one_edit_is_said_in_words(harbour: Knowledge, edited: Edited, file: str, before: str, after: str, said: list[str]) -> None:
    assert sentences(compare(harbour, edited((file, before, after)))) == said


@pytest.mark.parametrize(("edits", "said"), SEVERAL)
def test_edits_that_belong_together(harbour: Knowledge, edited: Edited, edits: list[Edit], said: list[str]) -> None:
    assert sentences(compare(harbour, edited(*edits))) == said


@pytest.mark.parametrize("edits", [[row[:3]] for row in TABLE] + [row[0] for row in SEVERAL])
def test_the_other_way_round_is_the_mirror(harbour: Knowledge, edited: Edited, edits: list[Edit]) -> None:
    """The same things change, and what is new one way is gone the other."""
    other = edited(*edits)
    there, back = compare(harbour, other), compare(other, harbour)
    assert sorted(seen_from(change, change.before, change.after) for change in there) == sorted(
        seen_from(change, change.after, change.before) for change in back
    )


def seen_from(change: Change, before: str | None, after: str | None) -> tuple[str, ...]:
    """A change without its sentence and its kind, which is that of the newer where an id stands for something else."""
    return change.id, change.field or "", repr(before), repr(after)


def test_nothing_differs_between_content_and_itself(harbour: Knowledge, knowledge: Knowledge, edited: Edited) -> None:
    assert compare(harbour, harbour) == ()
    assert compare(harbour, edited()) == ()
    assert compare(knowledge, knowledge) == ()


def test_a_change_holds_what_a_program_needs(harbour: Knowledge, edited: Edited) -> None:
    (change,) = compare(harbour, edited((QUESTION, "rust_percent < 10", "rust_percent < 5")))
    assert change == Change(
        id="pilot/Q1.rust_low",
        kind="condition",
        says="'Little rust': was `rust_percent < 10`, is now `rust_percent < 5` (in Q1.R1, the verdict Q1).",
        before="rust_percent < 10",
        after="rust_percent < 5",
        field="is",
        guideline="pilot",
        question="Q1",
    )
    assert change.how == "changed"


def test_a_change_says_whether_a_thing_is_new_or_gone(harbour: Knowledge, edited: Edited) -> None:
    other = edited((QUESTION, "    needs: [dry_dock]\n", ""))
    assert [change.how for change in (*compare(harbour, other), *compare(other, harbour))] == ["removed", "added"]


def test_documents_come_first_and_what_they_share_last(harbour: Knowledge, edited: Edited) -> None:
    other = edited(
        (BOAT, "label: Length", "label: Length overall"),
        (REFERENCES, "On tar", "On pitch"),
        (DISCREPANCIES, "reading: section 1", "reading: section 2"),
        (EVIDENCE, "says: Count the boats.", "says: Count all boats."),
        (QUESTION, "strength: strong", "strength: weak"),
        (GUIDELINE, "label: The boat is sound", "label: The boat is fit"),
        (GUIDELINE, "year: 1890", "year: 1891"),
    )
    assert [(change.guideline, change.question, change.kind) for change in compare(harbour, other)] == [
        ("pilot", None, "document"),
        ("pilot", None, "condition"),
        ("pilot", "Q1", "statement"),
        ("pilot", "Q1", "research_proposal"),
        ("pilot", None, "doubtful_place"),
        ("pilot", None, "reference"),
        (None, None, "data_element"),
    ]


def test_a_new_question_comes_with_its_statements(harbour: Knowledge, tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    (root / "guidelines/pilot/questions/q2.yaml").write_text(
        "{id: Q2, title: Staying, asks: Who stays?, about: liver, source: S2, statements: "
        "[{id: Q2.R1, kind: remark, standing: body, says: Stay in port., source: S2}]}",
        encoding="utf-8",
    )
    assert sentences(compare(harbour, load(root))) == ["New question Q2: “Who stays?”.", "New statement Q2.R1: “Stay in port”."]


def test_a_statement_and_a_verdict_that_move_to_another_question(harbour: Knowledge, tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    text = (root / QUESTION).read_text(encoding="utf-8")
    head, rest = text.split("criteria:\n")
    (root / QUESTION).write_text(f"{head}statements: []\n", encoding="utf-8")
    body = "id: Q9\ntitle: Other\nasks: Other?\nabout: liver\nsource: S1\ngrading: {cost: low}\ncriteria:\n"
    (root / "guidelines/pilot/questions/q9.yaml").write_text(body + rest, encoding="utf-8")
    found = compare(harbour, load(root))
    assert sentences(found) == [
        "New question Q9: Other?",
        "Q1.R1: the question was Q1, is now Q9.",
        "Verdict Q1: the question was Q1, is now Q9.",
    ]
    assert {change.question for change in found} == {"Q9"}


def test_a_document_that_is_new_or_gone_is_one_change(harbour: Knowledge, tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    folder = root / "guidelines" / "second"
    folder.mkdir()
    text = (root / GUIDELINE).read_text(encoding="utf-8").replace("id: pilot", "id: second").replace("sound:", "sound2:")
    (folder / "guideline.yaml").write_text(text, encoding="utf-8")
    other = load(root)
    assert sentences(compare(harbour, other)) == ["New document second: “Pilots' handbook, 1890”."]
    assert sentences(compare(other, harbour)) == ["The document second is gone: “Pilots' handbook, 1890”."]


def test_what_is_reported_may_be_missing_altogether(harbour: Knowledge, tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    for file in (EVIDENCE, DOCUMENT, REFERENCES, PICTURES):
        (root / file).unlink()
    said = sentences(compare(harbour, load(root)))
    assert said == [
        "The claim Q1.E1 is gone: “Of a hundred boats that left with little rust, ninety came back. (caulked: 90 (80–95) % after 1 year "
        "(n = 100); not caulked: up to 60 % after 1 year)”.",
        "The claim Q1.E2 is gone: “Rust is bad for boats”.",
        "The caveat Q1.C1 is gone: “The boats were chosen”.",
        "The research proposal Q1.P1 is gone: “Count the boats”.",
        "The section META is gone: “The rules”.",
        "The fact about the document “Year” is gone: 1900.",
        "The remark PROC.01 is gone: “The guild meets”.",
        "The reference 1 is gone: “Smith A, The guild. On rust. Boats. 1900”.",
        "The reference 2 is gone: “On tar”.",
        "The picture came_back is gone: “Boats that came back”.",
    ]


def test_two_facts_about_the_same_are_told_apart(harbour: Knowledge, edited: Edited) -> None:
    other = edited((DOCUMENT, "    remarks:", '      - {item: Year, says: "1902"}\n    remarks:'))
    assert sentences(compare(harbour, other)) == ["New fact about the document “Year [2]”: 1902."]


def test_only_the_first_users_of_a_condition_are_named(knowledge: Knowledge, tmp_path: Path, content: Path) -> None:
    before = knowledge.guidelines["nelm-2014"].guideline.criteria["metastases_present"]
    root = copy_of_content(content, tmp_path)
    replace_in(
        root,
        "guidelines/nelm-2014/guideline.yaml",
        'is: "liver_metastases_present"\n',
        'is: "liver_metastases_present and not cleared_on_record"\n',
    )
    (change,) = compare(knowledge, load(root))
    assert change.before == before.is_
    assert change.says.count(", ") - change.says.partition(" (in ")[0].count(", ") == MOST_NAMED - 1
    assert change.says.endswith(" more).")


def copy_of_content(content: Path, folder: Path) -> Path:
    """The real content without its cases, to be changed."""
    return Path(shutil.copytree(content, folder / "content", ignore=shutil.ignore_patterns("cases")))


def test_rows_with_the_same_condition_twice_are_told_apart() -> None:
    first, again = DerivationRow(when="a", then="x"), DerivationRow(when="a", then="y")
    thing = Thing("derived_fact", "d", "d")
    assert sentences(tuple(row_changes(thing, [first], [first, again]))) == ["D now also says, in row 2: if `a [row 2]`, “y”."]


def test_the_order_of_both_is_kept() -> None:
    assert merged("abcd", "xbd") == ["a", "x", "b", "c", "d"]
    assert merged("ab", "") == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, None),
        ((), None),
        (["a", None, "b"], "a, b"),
        ({}, None),
        ({"a": ("b", "c"), "d": 1}, "a: b, c; d: 1"),
        (True, "yes"),
        (12.50, "12.5"),
        (Vote("jury", "leave", for_=60.0), "body jury, motion leave, for 60, unit percent"),
    ],
)
def test_any_value_is_shown(value: object, said: str | None) -> None:
    assert shown(value) == said


@pytest.mark.parametrize(("text", "said"), [("two words.", "“two words”"), ("word.", "word"), ("'a b' (c)", "'a b' (c)"), ("", "")])
def test_texts_are_quoted_where_they_need_it(text: str, said: str) -> None:
    assert quoted(text) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Value("percent", value=50.0, about=True), "about 50 %"),
        (Value("months", low=3.0, high=12.5, statistic="median"), "median 3–12.5 months"),
        (Value("patients", at_least=12000.0, at_months=1.0), "at least 12 000 patients after 1 month"),
        (Value("percent", below=5.0, at_years=2.0, p="p < 0.05"), "below 5 % after 2 years (p < 0.05)"),
        (Value("hazard_ratio", value=0.5, interval=Interval(0.3, 0.8, 95.0)), "0.5 hazard ratio (95 % confidence interval 0.3–0.8)"),
        (Value("hazard_ratio", value=0.5, interval=Interval(0.3, 0.8)), "0.5 hazard ratio (confidence interval 0.3–0.8)"),
        (Value("mm", token="5-S"), "mm (printed as “5-S”)"),
    ],
)
def test_numbers_in_words(value: Value, said: str) -> None:
    assert number_in_words(value) == said


def test_a_known_threshold_of_the_real_content(knowledge: Knowledge, content: Path, tmp_path: Path) -> None:
    root = copy_of_content(content, tmp_path)
    replace_in(root, "guidelines/nelm-2014/questions/q08.yaml", "future_liver_remnant_percent >= 30", "future_liver_remnant_percent >= 25")
    assert sentences(compare(knowledge, load(root))) == [
        "'Future liver remnant at least 30 %': was `future_liver_remnant_percent >= 30`, is now `future_liver_remnant_percent >= 25` "
        "(in Q08.T1, the verdict Q08)."
    ]
