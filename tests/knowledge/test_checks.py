"""Elements and derivations that contradict themselves: each mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.knowledge.world import BOAT, GUIDELINE, OF_BOAT, OF_VOYAGES, SURVEYS, check_mistake, copy_of_harbour, findings, replace_in


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            BOAT,
            "record_key: boat",
            "record_key: complete",
            [
                "dictionary/boat.yaml:2:1: 'complete' is a field of every record. Choose another name.",
            ],
        ),
        (
            BOAT,
            "name: freight",
            "name: note",
            [
                "dictionary/boat.yaml:24:5: 'note' is a field of every entry. Choose another name.",
            ],
        ),
        (
            BOAT,
            'range: "> 0, <= 400"',
            'range: "0 to 400"',
            [
                "dictionary/boat.yaml:17:62: a range reads like '>= 0, <= 100', not '0 to 400'.",
            ],
        ),
        (
            BOAT,
            'range: "> 0, <= 400"',
            'range: ">= 400, <= 0"',
            [
                "dictionary/boat.yaml:17:62: the interval from 400 to 0 is empty.",
            ],
        ),
        (
            BOAT,
            'plausible: "<= 200"',
            'plausible: "< many"',
            [
                "dictionary/boat.yaml:17:84: a range reads like '>= 0, <= 100', not '< many'.",
            ],
        ),
        (
            BOAT,
            "codes: [{code: inner, label: Inner}, {code: outer, label: Outer}]",
            "codes: [{code: inner, label: Inner}]",
            [
                "derivations/boat.yaml:10:9: The result 'outer' is not permitted. Permitted: inner.",
                "derivations/boat.yaml:11:9: The result 'outer' is not permitted. Permitted: inner.",
                "dictionary/boat.yaml:25:5: 'berth' is coded and needs at least two codes.",
            ],
        ),
        (
            BOAT,
            "{code: steel, label: Steel}",
            "{code: steel, label: Timber}",
            [
                "dictionary/boat.yaml:11:9: 'Timber' is a spelling of 'wood' already. One spelling, one code.",
            ],
        ),
        (
            BOAT,
            "{code: steel, label: Steel}",
            "{code: wood, label: Steel}",
            [
                "dictionary/boat.yaml:11:9: 'wood' is a spelling of 'wood' already. One spelling, one code.",
                "dictionary/boat.yaml:14:7: The code 'steel' is not one of this element. Did you mean 'not_steel'?",
            ],
        ),
        (
            BOAT,
            "[wood, steel]",
            "[wood, steal]",
            [
                "dictionary/boat.yaml:14:7: The code 'steal' is not one of this element. Did you mean 'steel'?",
            ],
        ),
        (
            OF_VOYAGES,
            "over: voyage, any: \"voyage_kind = 'ferry'\"",
            "any: \"voyage_kind = 'ferry'\"",
            [
                "derivations/voyages.yaml:23:5: 'ever_ferry' needs one of 'is', 'table', 'same_as' (a table), 'over', 'years_since', 'fired'.",
                "derivations/voyages.yaml:23:44: 'any' needs 'over': the entity whose entries are meant.",
            ],
        ),
        (
            OF_BOAT,
            'is: "seaworthy"}',
            'is: "seaworthy", where: "seaworthy"}',
            [
                "derivations/boat.yaml:3:54: 'where' needs 'over': the entity whose entries are meant.",
            ],
        ),
        (
            OF_VOYAGES,
            "over: voyage, lowest: class_given",
            "per: voyage, over: voyage, lowest: class_given",
            [
                "derivations/voyages.yaml:21:57: 'per' and 'over' exclude one another.",
            ],
        ),
        (
            OF_VOYAGES,
            "over: voyage, lowest: class_given",
            "over: journey, lowest: class_given",
            [
                "derivations/voyages.yaml:21:57: The entity 'journey' is not known. Did you mean 'survey'?",
            ],
        ),
        (
            OF_VOYAGES,
            "over: voyage, lowest: class_given",
            "over: voyage, lowest: class_givn",
            [
                "derivations/voyages.yaml:21:5: The type of 'low_class' cannot be told: give 'codes' or 'type'.",
                "derivations/voyages.yaml:21:71: 'class_givn' is not a fact of 'voyage'. Did you mean 'class_given'?",
            ],
        ),
        (
            OF_VOYAGES,
            "over: voyage, lowest: class_given",
            "over: voyage",
            [
                "derivations/voyages.yaml:21:5: The type of 'low_class' cannot be told: give 'codes' or 'type'.",
                "derivations/voyages.yaml:21:5: 'low_class' needs exactly one of any, stated, highest, lowest, latest, earliest, at_highest; none is given.",
            ],
        ),
        (
            OF_VOYAGES,
            "over: voyage, lowest: class_given",
            "over: voyage, lowest: class_given, highest: class_given",
            [
                "derivations/voyages.yaml:21:5: 'low_class' needs exactly one of any, stated, highest, lowest, latest, earliest, at_highest; found highest and lowest.",
            ],
        ),
        (
            OF_VOYAGES,
            "at_highest: {of: speed, by: voyage_class}",
            "at_highest: {of: speed, by: crew}",
            [
                "derivations/voyages.yaml:22:101: 'crew' has no codes, and so no rank.",
            ],
        ),
        (
            OF_VOYAGES,
            "at_highest: {of: speed, by: voyage_class}",
            "at_highest: {of: voyage_kind, by: voyage_class}",
            [
                "derivations/voyages.yaml:22:58: 'top_speed' is a coded fact by what it comes from, not of the type quantity.",
            ],
        ),
        (
            OF_VOYAGES,
            "unranked_with: X",
            "unranked_with: Y",
            [
                "derivations/voyages.yaml:20:5: 'Y' is not a code of 'top_class'.",
            ],
        ),
        (
            OF_VOYAGES,
            "stated: ports",
            "stated: port",
            [
                "derivations/voyages.yaml:25:63: 'port' is not a field of 'voyage'. Did you mean 'ports'?",
            ],
        ),
        (
            OF_VOYAGES,
            "{code: B, label: Class B}, {code: A, label: Class A}, {code: X, label: Out of class}]\n    over",
            "{code: B, label: Class B}, {code: A, label: Class A}]\n    over",
            [
                "derivations/voyages.yaml:19:5: 'voyage_class' and 'top_class' are not of one type.",
                "derivations/voyages.yaml:20:5: 'X' is not a code of 'top_class'.",
            ],
        ),
        (
            OF_VOYAGES,
            'is: "speed >= 25"',
            'type: quantity, is: "speed >= 25"',
            [
                "derivations/voyages.yaml:13:60: A condition is true or false, and 'fast' is of another type.",
            ],
        ),
        (
            OF_VOYAGES,
            "entered: class_given",
            "entered: class_givn",
            [
                "derivations/voyages.yaml:12:91: 'class_givn' is not an element of the dictionary. Did you mean 'class_given'?",
            ],
        ),
        (
            OF_VOYAGES,
            "entered: class_given",
            "entered: condition",
            [
                "derivations/voyages.yaml:12:91: 'condition' is entered under 'survey', not under 'voyage'.",
            ],
        ),
        (
            OF_BOAT,
            "years_since: launched, entered: age_years",
            "years_since: launched, entered: length_m",
            [
                "derivations/boat.yaml:4:87: For a fact of the patient, 'entered' has to be its own name.",
            ],
        ),
        (
            OF_BOAT,
            "years_since: launched",
            "years_since: hull",
            [
                "derivations/boat.yaml:4:64: 'hull' is not a date of the dictionary.",
            ],
        ),
        (
            OF_BOAT,
            "years_since: launched",
            "years_since: launch",
            [
                "derivations/boat.yaml:4:64: 'launch' is not a date of the dictionary.",
            ],
        ),
        (
            OF_BOAT,
            '{when: "length_m > 20", then: outer}',
            '{when: "length_m > 20"}',
            [
                "derivations/boat.yaml:10:9: A row needs 'when' with 'then', or 'otherwise' alone.",
            ],
        ),
        (
            OF_BOAT,
            '{when: "length_m > 20", then: outer}',
            '{when: "length_m > 20", then: []}',
            [
                "derivations/boat.yaml:10:9: A row needs 'when' with 'then', or 'otherwise' alone.",
            ],
        ),
        (
            OF_BOAT,
            '{when: "length_m > 20", then: outer}',
            "{then: outer}",
            [
                "derivations/boat.yaml:10:9: A row needs 'when' with 'then', or 'otherwise' alone.",
            ],
        ),
        (
            OF_BOAT,
            '{when: "length_m > 20", then: outer}',
            '{when: "length_m > 20", then: outer, otherwise: inner}',
            [
                "derivations/boat.yaml:10:9: A row needs 'when' with 'then', or 'otherwise' alone.",
            ],
        ),
        (
            OF_BOAT,
            '{when: "length_m > 20", then: outer}',
            "{otherwise: outer}",
            [
                "derivations/boat.yaml:10:9: 'otherwise' has to be the last row.",
            ],
        ),
        (
            OF_BOAT,
            "fired: [rust_percent_twice, rusty_wood]",
            "fired: [rust_percent_twice, rusty_woods]",
            [
                "derivations/boat.yaml:19:79: The consistency rule 'rusty_woods' is not known. Did you mean 'rusty_wood'?",
            ],
        ),
        (
            OF_VOYAGES,
            "at_highest: {of: speed, by: voyage_class}",
            "at_highest: {of: sped, by: voyage_clas}",
            [
                "derivations/voyages.yaml:22:101: 'sped' is not a fact of 'voyage'. Did you mean 'speed'?",
                "derivations/voyages.yaml:22:101: 'voyage_clas' is not a fact of 'voyage'. Did you mean 'voyage_class'?",
            ],
        ),
        (
            OF_VOYAGES,
            "{name: cargo_speed, label: Latest speed with cargo, type: quantity, over: voyage, latest: speed",
            "{name: cargo_speed, label: Latest, over: voyage, codes: [{code: A, label: A}, {code: B, label: B}], type: coded, latest: speed",
            [
                "derivations/voyages.yaml:26:118: 'speed' and 'cargo_speed' are not of one type.",
            ],
        ),
        (
            OF_VOYAGES,
            "label: Ports are named, over",
            "label: Ports are named, type: count, over",
            [
                "derivations/voyages.yaml:25:76: 'stated' is true or false, and 'ports_named' is of another type.",
            ],
        ),
        (
            SURVEYS,
            "type: boolean, select: any",
            "type: text, select: any",
            [
                "derivations/consistency.yaml:3:51: The name 'leaks' is not known. Did you mean 'holes'?",
                "dictionary/surveys.yaml:11:45: 'any' is for a boolean; 'leaks' is of the type text.",
            ],
        ),
        (
            OF_BOAT,
            'is: "length_m > 50", source',
            'is: "length_m > 50", unranked_with: A, source',
            [
                "derivations/boat.yaml:2:55: 'A' is not a code of 'big'.",
            ],
        ),
        (
            GUIDELINE,
            "version: 1.0.0\nbody",
            "version: 1.1.0\nbody",
            [
                "guidelines/pilot/guideline.yaml:27:6: The history ends with '1.0.0', and the guideline is of the version '1.1.0'. Add what this version changed.",
            ],
        ),
        (
            GUIDELINE,
            "{version: 0.9.0,",
            "{version: 1.0.0,",
            [
                "guidelines/pilot/guideline.yaml:27:6: The version '1.0.0' stands in the history already. Give each version once.",
            ],
        ),
        (
            GUIDELINE,
            'date: "1890-05-01"',
            'date: "1890-07-01"',
            [
                "guidelines/pilot/guideline.yaml:27:22: 1890-06-01 is before 1890-07-01, the date above it. The newest version stands last.",
            ],
        ),
        (
            GUIDELINE,
            'date: "1890-05-01"',
            "date: May 1890",
            [
                "guidelines/pilot/guideline.yaml:26:22: Found 'May 1890' where a date (2026-11-21) is expected.",
            ],
        ),
    ],
)
def test_mistakes(tmp_path: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    check_mistake(tmp_path, file, old, new, expected)


def test_content_older_than_histories_is_read(tmp_path: Path) -> None:
    root = copy_of_harbour(tmp_path)
    text = (root / GUIDELINE).read_text(encoding="utf-8")
    replace_in(root, GUIDELINE, text[text.index("history:") :], "")
    assert findings(root) == []
