"""The template of a record: valid as it is, valid with everything uncommented, complete, and readable."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import RECORD_FIELDS
from nelm.patient.record import RecordError, parse_record
from nelm.patient.template import COMMENT_COLUMN, LINE_WIDTH, essentials, template


def field(line: str) -> str:
    """The line of a template as it is once its '# ' is deleted."""
    text = line.lstrip(" ")
    indent = len(line) - len(text)
    return " " * indent + text.removeprefix("# ")


def in_full(text: str) -> str:
    """The template with every field in use."""
    return "\n".join(field(line) for line in text.splitlines() if not line.lstrip().startswith("##"))


def test_it_is_a_record_that_says_nothing(knowledge: Knowledge) -> None:
    with pytest.raises(RecordError, match="says nothing about the patient yet") as caught:
        parse_record(template(knowledge), "new.yaml", knowledge)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("which", ["knowledge", "harbour"])
def test_every_field_of_the_dictionary_stands_in_it_once(which: str, request: pytest.FixtureRequest) -> None:
    known: Knowledge = request.getfixturevalue(which)
    lines = [field(line).strip(" -") for line in template(known).splitlines() if not line.lstrip().startswith("##")]
    fields = [line.split(":")[0] for line in lines if ":" in line]
    assert {name: fields.count(name) for name in known.elements} == dict.fromkeys(known.elements, 1)
    assert set(RECORD_FIELDS) <= set(fields)


def test_with_every_field_in_use_it_is_a_record_of_known_fields(harbour: Knowledge) -> None:
    parts = yaml.safe_load(in_full(template(harbour)))
    assert set(parts) == {*RECORD_FIELDS, *harbour.entities}
    assert list(parts["boat"]) == [element.name for element in harbour.entities["boat"].elements]
    assert list(parts["surveys"][0]) == ["date", *(element.name for element in harbour.entities["surveys"].elements), "source", "note"]


def test_what_decides_most_stands_open_and_everything_else_behind_a_mark(knowledge: Knowledge) -> None:
    lines = [line for line in template(knowledge).splitlines() if not line.lstrip().startswith("##")]
    opened = {line.strip(" -").split(":")[0] for line in lines if not line.lstrip().startswith("#")}
    chosen = essentials(knowledge)
    assert {"ki67_percent", "primary_site", "grade_reported"} <= chosen
    assert chosen <= opened
    assert "patient_wishes" not in opened


def test_a_part_that_continues_says_where_its_lines_belong(knowledge: Knowledge) -> None:
    text = template(knowledge)
    assert text.count("\nplan:") == 1
    assert "continued. To use a line, move it up to 'plan:' and delete its '# '." in text


def test_its_comments_stand_in_one_column_and_its_lines_fit(knowledge: Knowledge) -> None:
    lines = template(knowledge).splitlines()
    fields = [line for line in lines if not line.lstrip().startswith("##") and line]
    short = [line for line in fields if len(line[: line.index(": ")].strip(" #-")) < COMMENT_COLUMN - 8]
    assert len(short) > 0.9 * len(fields)
    assert {line.rindex(" # ", 0, line.index("# ", COMMENT_COLUMN) + 2) + 1 for line in short} == {COMMENT_COLUMN}
    assert max(map(len, lines)) <= LINE_WIDTH


def test_the_examples_of_values_are_read(harbour: Knowledge) -> None:
    head = template(harbour).split("nelm: 1")[0]
    assert 'rust_percent: "<2"' in head
    assert parse_record('surveys: [{rust_percent: "<2"}, {rust_percent: "10-15"}, {rust_percent: ">= 50"}]', "x", harbour)
    assert "hull: [wood, steel]" in head
    assert parse_record("boat: {hull: [wood, steel]}", "x", harbour)


def test_a_dictionary_without_numbers_or_codes_needs_no_example_of_them(harbour: Knowledge) -> None:
    texts = {name: element for name, element in harbour.elements.items() if element.type == "text"}
    bare = replace(harbour, elements=texts, guidelines={})
    head = template(bare).split("nelm: 1")[0]
    assert '"<2"' not in head
    assert "one of these" not in head


def test_a_number_that_permits_none_of_the_examples_is_no_example(harbour: Knowledge) -> None:
    speed = harbour.elements["speed"]
    narrow = replace(harbour, elements={"speed": replace(speed, range=">= 0, <= 5")}, guidelines={})
    assert '"<2"' not in template(narrow).split("nelm: 1")[0]
