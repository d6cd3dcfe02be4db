"""Conditions that cannot be used: each mistake at the very character."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.knowledge.world import CONFLICTS, DISCREPANCIES, GUIDELINE, OF_BOAT, OF_VOYAGES, QUESTION, RULES, WORDS, check_mistake


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            QUESTION,
            'is: "rust_percent < 10"',
            'is: "rust_percent < "',
            [
                "guidelines/pilot/questions/q1.yaml:10:25: Found the end, which does not fit here. Permitted here: '(', '+' or '-', 'false', 'true', a code or unit in single quotes, a date such as @2024-03-12, a name, a number.",
            ],
        ),
        (
            QUESTION,
            'is: "rust_percent < 10"',
            'is: "rust_percnt < 10"',
            [
                "guidelines/pilot/questions/q1.yaml:10:10: The name 'rust_percnt' is not known. Did you mean 'rust_percent'?",
            ],
        ),
        (
            QUESTION,
            'is: "rust_percent < 10"',
            "is: rust_percent < 10 'cm'",
            [
                "guidelines/pilot/questions/q1.yaml:10:24: The unit 'cm' does not fit. Permitted: '%', 'percent'.",
            ],
        ),
        (
            QUESTION,
            'is: "rust_percent < 10"',
            'is: "rust_percent"',
            [
                "guidelines/pilot/questions/q1.yaml:10:10: 'rust_percent' is a quantity, but a condition has to be true or false.",
            ],
        ),
        (
            QUESTION,
            'is: "rust_percent < 10"',
            "is: \"rust_percent < 10 and hull = 'stel'\"",
            [
                "guidelines/pilot/questions/q1.yaml:10:39: The code 'stel' is not permitted here. Permitted: 'wood', 'steel', 'not_steel'. Did you mean 'steel'?",
            ],
        ),
        (
            QUESTION,
            'is: "rust_percent < 10"',
            "is: >-\n      rust_percent <\n      110",
            [
                "guidelines/pilot/questions/q1.yaml:10:5: 110 lies outside the permitted range (0 to 100); the condition would never change.",
            ],
        ),
        (
            QUESTION,
            'is: "rust_percent < 10"',
            'is: "rust_percent is null"',
            [
                "guidelines/pilot/questions/q1.yaml:10:23: 'is' is not part of the language: a condition may not ask whether something is known ('is null'): what is known must stay known.",
            ],
        ),
        (
            QUESTION,
            'raised_by: "ever_fast"',
            'raised_by: "ever_fst"',
            [
                "guidelines/pilot/questions/q1.yaml:37:62: The name 'ever_fst' is not known. Did you mean 'ever_fast'?",
            ],
        ),
        (
            GUIDELINE,
            "hull = 'not_steel'",
            "hull = 'no_steel'",
            [
                "guidelines/pilot/guideline.yaml:18:22: The code 'no_steel' is not permitted here. Permitted: 'wood', 'steel', 'not_steel'. Did you mean 'not_steel'?",
            ],
        ),
        (
            QUESTION,
            "when: [sound, rust_low]",
            "when: [sound, rust_lo]",
            [
                "guidelines/pilot/questions/q1.yaml:20:19: The criterion 'rust_lo' is not known. Did you mean 'rust_low'?",
            ],
        ),
        (
            QUESTION,
            "when: [sound, rust_low]",
            "when: [sound, rust_percent]",
            [
                "guidelines/pilot/questions/q1.yaml:20:19: 'rust_percent' is a quantity fact, and a criterion has to be true or false. Define one with 'is'.",
            ],
        ),
        (
            QUESTION,
            "unless: [big]",
            "unless: [berth]",
            [
                "guidelines/pilot/questions/q1.yaml:21:14: 'berth' is a coded fact, and a criterion has to be true or false. Define one with 'is'.",
            ],
        ),
        (
            OF_VOYAGES,
            'is: "speed >= 25"',
            'is: "length_m >= 25"',
            [
                "derivations/voyages.yaml:13:49: The name 'length_m' is not known.",
            ],
        ),
        (
            OF_VOYAGES,
            "where: \"voyage_kind = 'cargo'\", any",
            "where: \"voyage_kind = 'carg'\", any",
            [
                "derivations/voyages.yaml:24:76: The code 'carg' is not permitted here. Permitted: 'fishing', 'cargo', 'ferry'. Did you mean 'cargo'?",
            ],
        ),
        (
            OF_BOAT,
            '{when: "ever_ferry", then',
            '{when: "never_ferry", then',
            [
                "derivations/boat.yaml:17:17: The name 'never_ferry' is not known. Did you mean 'ever_ferry'?",
            ],
        ),
        (
            RULES,
            "when: \"hull = 'wood'\"",
            "when: \"hull = 'wod'\"",
            [
                "derivations/consistency.yaml:7:32: The code 'wod' is not permitted here. Permitted: 'wood', 'steel', 'not_steel'. Did you mean 'wood'?",
            ],
        ),
        (
            DISCREPANCIES,
            'when: "length_m > 100"',
            'when: "length_m > 1000"',
            [
                "guidelines/pilot/discrepancies.yaml:9:23: 1000 lies outside the permitted range (0 to 400); the condition would never change.",
            ],
        ),
        (
            CONFLICTS,
            'when: "seaworthy"',
            'when: "seeworthy"',
            [
                "guidelines/conflicts.yaml:8:12: The name 'seeworthy' is not known. Did you mean 'seaworthy'?",
            ],
        ),
        (
            WORDS,
            'where: "holes > 0"',
            'where: "holes > many"',
            [
                "vocabulary/words.yaml:4:74: The name 'many' is not known.",
            ],
        ),
    ],
)
def test_mistakes(tmp_path: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    check_mistake(tmp_path, file, old, new, expected)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            QUESTION,
            'is: "rust_percent < 10"',
            'is: "rust_percent >= 0"',
            [
                "guidelines/pilot/questions/q1.yaml:10:10: This condition is always true, whatever the facts: 'rust_percent >= 0'.",
                "guidelines/pilot/questions/q1.yaml:38:21: This condition is always true, whatever the facts: 'pilot/Q1.rust_low'.",
            ],
        ),
        (
            QUESTION,
            'is: "rust_percent < 10"',
            'is: "rust_percent < 10 and holes >= 0"',
            [
                "guidelines/pilot/questions/q1.yaml:10:32: The part 'holes >= 0' is always true and decides nothing.",
            ],
        ),
        (
            GUIDELINE,
            "  sound:\n",
            "  idle: {label: Idle, is: \"hull = 'wood'\", source: S1}\n  sound:\n",
            [
                "guidelines/pilot/guideline.yaml:21:3: Nothing uses the criterion 'idle'. Use it, or take it out.",
            ],
        ),
        (
            QUESTION,
            "  rust_low:\n",
            "  idle: {label: Idle, is: \"hull = 'wood'\", source: S1}\n  rust_low:\n",
            [
                "guidelines/pilot/questions/q1.yaml:8:3: Nothing uses the criterion 'idle'. Use it, or take it out.",
            ],
        ),
    ],
)
def test_lints(tmp_path: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    check_mistake(tmp_path, file, old, new, expected, thorough=True)
