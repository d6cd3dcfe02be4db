"""Conditions as authors write them, good and bad, each in a file of its own.

`good/` holds conditions that pass everything, one on a line. A file of `bad/` (refused) or `odd/` (well typed and
still not what anybody means) holds one condition, a line `---`, and all that is said of it, as line:column: message.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.criteria import CriteriaError, Problem, check, lint, parse, to_text
from tests.criteria.example import MODEL

FOLDER = Path(__file__).parent
KNOWN_NAMES = (*MODEL.types, *MODEL.definitions)


def files(folder: str) -> list[Path]:
    return sorted((FOLDER / folder).glob("*.txt"))


def problems(text: str, folder: str) -> tuple[Problem, ...]:
    try:
        condition = parse(text)
    except CriteriaError as error:
        return error.problems
    found = check(condition, MODEL, KNOWN_NAMES)
    return tuple(found or (lint(condition, MODEL) if folder == "odd" else []))


def messages_for(text: str, folder: str) -> str:
    return "\n".join(f"{found.at.line}:{found.at.column}: {found.message}" for found in problems(text, folder))


@pytest.mark.parametrize("file", [*files("bad"), *files("odd")], ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_what_is_said_of_a_mistake(file: Path) -> None:
    text, expected = file.read_text(encoding="utf-8").split("\n---\n")
    assert messages_for(text, file.parent.name) == expected.rstrip("\n")
    assert expected.strip(), "a condition of these folders has something wrong with it"


@pytest.mark.parametrize("file", files("good"), ids=lambda file: file.stem)
def test_good_conditions_pass(file: Path) -> None:
    conditions = [line for line in file.read_text(encoding="utf-8").splitlines() if line]
    assert conditions
    for text in conditions:
        condition = parse(text)
        assert parse(to_text(condition)) == condition
        assert (text, check(condition, MODEL, KNOWN_NAMES), lint(condition, MODEL)) == (text, [], [])


def test_the_first_mistake_of_the_text_ends_the_reading() -> None:
    with pytest.raises(CriteriaError) as caught:
        parse("warm warm ) )")
    assert len(caught.value.problems) == 1


def test_words_of_other_languages_may_be_codes() -> None:
    assert parse("colour in { 'is', 'case', 'Coalesce' }")


def test_a_name_is_suggested_only_from_the_names_given() -> None:
    condition = parse("heigth > 5")
    assert [found.message for found in check(condition, MODEL)] == ["The name 'heigth' is not known."]
    assert [found.message for found in check(condition, MODEL, ["height"])] == ["The name 'heigth' is not known. Did you mean 'height'?"]


@pytest.mark.parametrize("text", ["(" * 500 + "warm" + ")" * 500, "warm" + " or warm" * 450, "not " * 59 + "warm"])
def test_long_conditions_are_read_while_they_are_flat(text: str) -> None:
    assert check(parse(text), MODEL) == []


@pytest.mark.parametrize(
    "text", ["not " * 900 + "warm", "warm" + " xor warm" * 440, "warm" + " implies warm" * 300, "1" + "+1" * 1900 + ">2"]
)
def test_deep_conditions_are_refused_and_not_crashed_on(text: str) -> None:
    with pytest.raises(CriteriaError, match=r"^Parts are nested deeper than 60\. Give some of them names\.$"):
        parse(text)
