"""The YAML subset: plain data with places; everything that could surprise is refused with a message."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nelm.knowledge.yamlfile import MAXIMUM_BYTES, MAXIMUM_DEPTH, Document, Mark, UnreadableFile, parse, plain, read


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("007", 7),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("2.5E-3", 0.0025),
        ("123456789012345678", 123456789012345678),
        # everything else is the text that was written
        ("1234567890123456789", "1234567890123456789"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("2024-03-12", "2024-03-12"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("0o7", "0o7"),
        (".5", ".5"),
        ("5.", "5."),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e400", "1e400"),
        ("<2", "<2"),
    ],
)
def test_plain_scalars(written: str, understood: object) -> None:
    assert plain(written) == understood
    assert type(plain(written)) is type(understood)
    assert parse(f"field: {written}", "f.yaml").data == {"field": understood}


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# nothing but a remark\n", None),
        ("---\n", None),
        ("---\na: 1\n...\n", {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: '1'\nb: \"2\"", {"a": "1", "b": "2"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("a: [1, {b: null}, []]", {"a": [1, {"b": None}, []]}),
        ("a:\r\n  - 1\r\n", {"a": [1]}),
        ("a: {<<: {b: 1}}", {"a": {"<<": {"b": 1}}}),
        ("? \n: b", {"": "b"}),
        ("a: 😀", {"a": "😀"}),
        ('{\n\t"a": [true,\n\t"x\\/y"]\n}', {"a": [True, "x/y"]}),
        ("plain text", "plain text"),
        ("- 1\n- 2", [1, 2]),
    ],
)
def test_documents(text: str, data: object) -> None:
    assert parse(text, "f.yaml").data == data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: The field 'a' stands here twice (first in line 1). Keep one."),
        ("x:\n  - {a: 1, a: 2}", "f.yaml:2:12: The field 'a' stands here twice (first in line 2). Keep one."),
        ("a: &x 1\nb: 2", "f.yaml:1:4: Anchors and aliases ('&', '*') are not permitted. Write the value out."),
        ("a: *x", "f.yaml:1:4: Anchors and aliases ('&', '*') are not permitted. Write the value out."),
        ("&x a: 1", "f.yaml:1:1: Anchors and aliases ('&', '*') are not permitted. Write the value out."),
        ("{*x : 1}", "f.yaml:1:2: Anchors and aliases ('&', '*') are not permitted. Write the value out."),
        (
            "a: !!python/object/apply:os.system [ls]",
            "f.yaml:1:4: Tags ('tag:yaml.org,2002:python/object/apply:os.system') are not permitted. Remove it.",
        ),
        ("!!str a: 1", "f.yaml:1:1: Tags ('tag:yaml.org,2002:str') are not permitted. Remove it."),
        ("a: ! 12", "f.yaml:1:4: Tags ('!') are not permitted. Remove it."),
        ("a: !own {b: 1}", "f.yaml:1:4: Tags ('!own') are not permitted. Remove it."),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: The file holds more than one document ('---'). Write one."),
        ("? [a]\n: b", "f.yaml:1:3: A field name has to be plain text."),
        ("{{a: 1}: 2}", "f.yaml:1:2: A field name has to be plain text."),
        ("a: [1\nb: 2", "f.yaml:2:2: This is not YAML: did not find expected ',' or ']'."),
        ("a:\n\tb: 1", "f.yaml:2:1: This is not YAML: found character that cannot start any token."),
        ("a: 'open", "f.yaml:1:9: This is not YAML: found unexpected end of stream."),
        ("a: b: c", "f.yaml:1:5: This is not YAML: mapping values are not allowed in this context."),
        ("a: \0", "f.yaml:1:1: The file is binary, not text."),
        ("a: 1\nb: \x07", "f.yaml:2:4: The character U+0007 is not permitted in text. Remove it."),
        ("a: \x7f", "f.yaml:1:4: The character U+007F is not permitted in text. Remove it."),
        ("a: \ud800", "f.yaml:1:4: The character U+D800 is not permitted in text. Remove it."),
        ("\ufffe", "f.yaml:1:1: The character U+FFFE is not permitted in text. Remove it."),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        parse(text, "f.yaml")
    assert str(caught.value) == message


def test_deep_nesting_is_refused_before_it_can_harm() -> None:
    deepest = "[" * MAXIMUM_DEPTH + "1" + "]" * MAXIMUM_DEPTH
    assert str(parse(deepest, "f.yaml").data) == deepest
    for text in (f"[{deepest}]", "[" * 200_000, "{a: " * 200_000, "- " * 200_000):
        with pytest.raises(UnreadableFile, match=f"nested deeper than {MAXIMUM_DEPTH}"):
            parse(text, "f.yaml")


def test_a_billion_laughs_are_refused_at_the_first() -> None:
    lines = ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"{this}: &{this} [{', '.join([f'*{before}'] * 9)}]" for before, this in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(UnreadableFile, match=r"f\.yaml:1:4: Anchors"):
        parse("\n".join(lines), "f.yaml")


# -- files --------------------------------------------------------------------------------------------


def test_a_file_is_called_by_its_name_in_messages(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read(file).data == {"a": 1}
    assert read(file).file == str(file)
    assert read(file, "content/case.yaml").mark(("a",)) == Mark("content/case.yaml", 1, 1)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"a: 1\nb: caf\xe9\n", 2, "The file is not UTF-8 text. Save it as UTF-8."),
        (b"\xff\xfea\x00:\x00", 1, "The file is not UTF-8 text. Save it as UTF-8."),
        (b"\x7fELF\x02\x01\x01\x00", 1, "The file is binary, not text."),
        (bytes(64), 1, "The file is binary, not text."),
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    file = tmp_path / "case.yaml"
    file.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        read(file, "case.yaml")
    assert (caught.value.message, caught.value.mark) == (message, Mark("case.yaml", line, 1))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    with file.open("wb") as out:
        out.truncate(50_000_000)  # sparse: it takes no room on the disk
    with pytest.raises(UnreadableFile, match="The file has 50 MB; at most 5 MB are read"):
        read(file)
    with file.open("wb") as out:
        out.truncate(MAXIMUM_BYTES + 1)
    with pytest.raises(UnreadableFile, match="at most 5 MB are read"):
        read(file)
    file.write_text("a: 1" + " " * (MAXIMUM_BYTES - 4), encoding="utf-8")
    assert read(file).data == {"a": 1}


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="The file cannot be read: Is a directory"):
        read(tmp_path, "here")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nowhere\.yaml:1:1: The file cannot be read: No such file or directory"):
        read(tmp_path / "nowhere.yaml", "nowhere.yaml")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "case.yaml"
    file.write_text("a: 1", encoding="utf-8")
    file.chmod(0)
    if os.access(file, os.R_OK):  # the superuser reads everything

        def refuse(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UnreadableFile, match="The file cannot be read: Permission denied"):
        read(file)


# -- places ---------------------------------------------------------------------------------------------

TEXT = """\
first: 1
list:
  - {a: "quoted text"}
  - b: 'x'
    c: plain words
    d: |
      block
      more
    e: two
      lines
"""


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("first",), 1, 1),
        (("list",), 2, 1),
        (("list", 0), 3, 5),
        (("list", 0, "a"), 3, 6),
        (("list", 1), 4, 5),
        (("list", 1, "c"), 5, 5),
        (("list", 1, "missing", "deeper"), 4, 5),
        (("nowhere",), 1, 1),
    ],
)
def test_where_a_value_stands(path: tuple[str | int, ...], line: int, column: int) -> None:
    assert parse(TEXT, "f.yaml").mark(path) == Mark("f.yaml", line, column)


@pytest.mark.parametrize(
    ("path", "at", "line", "column"),
    [
        (("list", 0, "a"), (1, 1), 3, 10),  # behind the quotation mark
        (("list", 0, "a"), (1, 8), 3, 17),
        (("list", 1, "c"), (1, 1), 5, 8),
        (("list", 1, "c"), (1, 7), 5, 14),
        (("list", 1, "d"), (2, 3), 6, 5),  # texts over several lines: where they begin
        (("list", 1, "e"), (1, 5), 9, 5),
        (("list", 1), (1, 5), 4, 5),  # no text at all
    ],
)
def test_where_a_character_inside_a_text_stands(path: tuple[str | int, ...], at: tuple[int, int], line: int, column: int) -> None:
    assert parse(TEXT, "f.yaml").inside(path, *at) == Mark("f.yaml", line, column)


def test_a_document_without_places_names_its_file() -> None:
    assert Document({}, "f.yaml").mark(("a",)) == Mark("f.yaml", 1, 1)
    assert str(Mark("f.yaml", 2, 3)) == "f.yaml:2:3"


def test_a_value_as_it_was_written() -> None:
    document = parse("a: 007\nb: 1.10\nc: ~\nd: text\ne: '5'", "f.yaml")
    assert [document.written((key,), document.data[key]) for key in "abcde"] == ["007", "1.10", "~", "text", "5"]
