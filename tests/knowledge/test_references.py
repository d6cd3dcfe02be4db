"""Ids that stand for nothing, and ids that stand for two things."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.knowledge.world import CONFLICTS, DISCREPANCIES, OPTIONS, QUESTION, RULES, TOPICS, WORDS, check_mistake


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            RULES,
            "widens: [hull, rust_percent]",
            "widens: [hull, rust_percnt]",
            [
                "derivations/consistency.yaml:4:134: The fact 'rust_percnt' is not known. Did you mean 'rust_percent'?",
            ],
        ),
        (
            RULES,
            "widens: [painted, big]",
            "widens: [paint, big]",
            [
                "derivations/consistency.yaml:5:134: The fact 'paint' is not known. Did you mean 'painted'?",
            ],
        ),
        (
            WORDS,
            "agents: [tar]",
            "agents: [pitch]",
            [
                "vocabulary/words.yaml:8:57: The drug 'pitch' is not known.",
            ],
        ),
        (
            WORDS,
            "stated: surveyor",
            "stated: surveyer",
            [
                "vocabulary/words.yaml:2:58: The field of 'survey' 'surveyer' is not known. Did you mean 'surveyor'?",
            ],
        ),
        (
            QUESTION,
            "    actions: [caulking]\n    when",
            "    actions: [calking]\n    when",
            [
                "guidelines/pilot/questions/q1.yaml:19:15: The action 'calking' is not known. Did you mean 'caulking'?",
            ],
        ),
        (
            QUESTION,
            "needs: [dry_dock]",
            "needs: [dock]",
            [
                "guidelines/pilot/questions/q1.yaml:22:13: The need 'dock' is not known. Did you mean 'dry_dock'?",
            ],
        ),
        (
            QUESTION,
            "discrepancies: [DISC.01]",
            "discrepancies: [DISC.01, LOOSE]",
            [
                "guidelines/pilot/questions/q1.yaml:24:30: The discrepancy 'LOOSE' is not known.",
            ],
        ),
        (
            QUESTION,
            "    discrepancies: [DISC.01]\n    source: S1",
            '    discrepancies: [DISC.01]\n    source: ""',
            [
                "guidelines/pilot/questions/q1.yaml:25:5: The statement 'Q1.R1' has no source. Say where it is printed.",
            ],
        ),
        (
            QUESTION,
            "statements: [Q1.R1]",
            "statements: [Q1.R2]",
            [
                "guidelines/pilot/questions/q1.yaml:32:22: The statement 'Q1.R2' is not known. Did you mean 'Q1.R1'?",
            ],
        ),
        (
            QUESTION,
            "        actions: [caulking]\n        rows",
            "        actions: [calking]\n        rows",
            [
                "guidelines/pilot/questions/q1.yaml:33:19: The action 'calking' is not known. Did you mean 'caulking'?",
            ],
        ),
        (
            QUESTION,
            "from: [Q1.R1]",
            "from: [Q1.R1, Q1.R3]",
            [
                "guidelines/pilot/questions/q1.yaml:36:85: The statement 'Q1.R3' is not known. Did you mean 'Q1.R1'?",
            ],
        ),
        (
            QUESTION,
            "verdicts:\n",
            "  - {id: Q1.R1, kind: remark, standing: panel, says: Again., source: S1}\nverdicts:\n",
            [
                "guidelines/pilot/questions/q1.yaml:26:5: 'Q1.R1' is defined twice. Keep one.",
            ],
        ),
        (
            QUESTION,
            "verdicts:\n",
            "verdicts:\n  - {id: Q1, title: Again, parts: []}\n",
            [
                "guidelines/pilot/questions/q1.yaml:28:5: 'Q1' is defined twice. Keep one.",
            ],
        ),
        (
            QUESTION,
            "    parts:\n",
            "    parts:\n      - {id: leave, label: Again, rows: [{otherwise: OPEN}]}\n",
            [
                "guidelines/pilot/questions/q1.yaml:31:9: 'leave' is defined twice. Keep one.",
            ],
        ),
        (
            DISCREPANCIES,
            "touches: [Q1.R1]",
            "touches: [Q1.R1, Q1.R9]",
            [
                "guidelines/pilot/discrepancies.yaml:7:22: The statement 'Q1.R9' is not known. Did you mean 'Q1.R1'?",
            ],
        ),
        (
            DISCREPANCIES,
            "shown_with: [Q1]",
            "shown_with: [Q2]",
            [
                "guidelines/pilot/discrepancies.yaml:8:18: The verdict 'Q2' is not known.",
            ],
        ),
        (
            CONFLICTS,
            "between: [P, pilot]",
            "between: [P, piolt]",
            [
                "guidelines/conflicts.yaml:3:18: The guideline 'piolt' is not known. Did you mean 'pilot'?",
            ],
        ),
        (
            CONFLICTS,
            "shown_with: {pilot: [Q1]}",
            "shown_with: {pilot: [Q2]}",
            [
                "guidelines/conflicts.yaml:6:26: The verdict 'Q2' is not known.",
            ],
        ),
        (
            CONFLICTS,
            "shown_with: {pilot: [Q1]}",
            "shown_with: {piolt: [Q1]}",
            [
                "guidelines/conflicts.yaml:6:18: The guideline 'piolt' is not known. Did you mean 'pilot'?",
            ],
        ),
        (
            CONFLICTS,
            "statements: {pilot: [Q1.R1]}",
            "statements: {pilot: [Q1.R2]}",
            [
                "guidelines/conflicts.yaml:7:26: The statement 'Q1.R2' is not known. Did you mean 'Q1.R1'?",
            ],
        ),
        (
            CONFLICTS,
            "discrepancies: [DISC.01]",
            "discrepancies: [DISC.1]",
            [
                "guidelines/conflicts.yaml:9:21: The discrepancy 'DISC.1' is not known. Did you mean 'DISC.01'?",
            ],
        ),
        (
            CONFLICTS,
            "topics: [T1]",
            "topics: [T2]",
            [
                "guidelines/conflicts.yaml:10:14: The topic 'T2' is not known.",
            ],
        ),
        (
            TOPICS,
            "verdicts: {pilot: [Q1]}",
            "verdicts: {pilot: [Q7]}",
            [
                "guidelines/topics.yaml:4:24: The verdict 'Q7' is not known.",
            ],
        ),
        (
            TOPICS,
            "pilot: [Q1.R1]",
            "pilot: [Q1.R7]",
            [
                "guidelines/topics.yaml:7:67: The statement 'Q1.R7' is not known. Did you mean 'Q1.R1'?",
            ],
        ),
        (
            TOPICS,
            "documents: {pilot:",
            "documents: {pilots:",
            [
                "guidelines/topics.yaml:5:5: The guideline 'pilots' is not known. Did you mean 'pilot'?",
            ],
        ),
        (
            TOPICS,
            "relation: agree,",
            "relation: only_one,",
            [
                "guidelines/topics.yaml:7:9: 'relation: only_one' needs 'by' (the document that speaks), and no other relation has it.",
            ],
        ),
        (
            TOPICS,
            "relation: agree,",
            "relation: only_one, by: pilots,",
            [
                "guidelines/topics.yaml:7:30: The guideline 'pilots' is not known. Did you mean 'pilot'?",
            ],
        ),
        (
            OPTIONS,
            "verdicts: [pilot/Q1,",
            "verdicts: [pilot/Q2,",
            [
                "guidelines/options.yaml:2:60: The verdict 'pilot/Q2' is not known. Did you mean 'pilot/Q1'?",
            ],
        ),
        (
            OPTIONS,
            "pilot/Q1#leave",
            "pilot/Q1#leaf",
            [
                "guidelines/options.yaml:2:70: The verdict 'pilot/Q1#leaf' is not known. Did you mean 'pilot/Q1#leave'?",
            ],
        ),
        (
            OPTIONS,
            "actions: [caulking]",
            "actions: [calking]",
            [
                "guidelines/options.yaml:2:99: The action 'calking' is not known. Did you mean 'caulking'?",
            ],
        ),
        (
            OPTIONS,
            "topics: [T1]",
            "topics: [T9]",
            [
                "guidelines/options.yaml:2:119: The topic 'T9' is not known.",
            ],
        ),
    ],
)
def test_mistakes(tmp_path: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    check_mistake(tmp_path, file, old, new, expected)
