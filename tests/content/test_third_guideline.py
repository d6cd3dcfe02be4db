"""The walk-through of docs/third-guideline.md, taken at its word: its blocks, added to a copy of the content, give a third guideline."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from nelm.advice.assess import assess
from nelm.advice.findings import Advice, OptionState, Relation
from nelm.cli import common
from nelm.cli.main import app
from nelm.knowledge.base import Knowledge
from nelm.knowledge.coverage import KINDS_COUNTED, coverage_rows
from nelm.knowledge.guideline import Option
from nelm.knowledge.load import load
from nelm.patient.record import read_record
from nelm.patient.schema import json_schema
from nelm.patient.template import template
from nelm.reports import page_of, render_pdf, render_text
from nelm.reports.view import OptionRow

PAGE = Path(__file__).parents[2] / "docs" / "third-guideline.md"
THIRD, ELEMENT, CASE, NAME = "invented-2030", "harbour_index", "x01", "Invented example 2030"
WIDTH = 100
BLOCK = re.compile(
    r"(?:(?P<how>New file|At the end of|Above the line) `(?P<first>[^`]+)`(?: in `(?P<file>[^`]+)`)?:\n\n)?"
    r"```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Addition:
    """A block of YAML and where it goes; `line` is the one that it is put above."""

    how: str
    file: str
    text: str
    line: str = ""

    def add_to(self, folder: Path) -> None:
        target = folder / self.file
        assert target.exists() == (self.how != "New file"), self.file
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.read_text(encoding="utf-8") if target.exists() else ""
        if self.line:
            assert before.count(f"\n{self.line}\n") == 1, f"{self.file}: {self.line}"
        head, above, tail = before.partition(f"{self.line}\n") if self.line else (before, "", "")
        target.write_text(head + self.text + above + tail, encoding="utf-8")


@dataclass(frozen=True)
class Command:
    """A command of the page and what it prints, `…` standing for anything."""

    line: str
    prints: str

    def prints_as_said(self, printed: str) -> bool:
        wanted = "".join(r"(?:.*\n)*?" if line == "…" else self._pattern(line) for line in self.prints.splitlines())
        found = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
        return re.fullmatch(wanted, found) is not None

    @staticmethod
    def _pattern(line: str) -> str:
        return ".*?".join(map(re.escape, line.split("…"))) + r"\n"


def steps() -> list[Addition | Command]:
    """Everything that the page adds and runs, in its order."""
    found: list[Addition | Command] = []
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["kind"] == "yaml":
            assert block["how"], f"a block without its place: {block['text'][:60]}"
            above = block["how"] == "Above the line"
            assert above == (block["file"] is not None)
            found.append(Addition(block["how"], block["file"] or block["first"], block["text"], block["first"] if above else ""))
        elif block["kind"] == "console":
            parts = re.split(r"^\$ ", block["text"], flags=re.MULTILINE)
            found += [Command(*part.split("\n", 1)) for part in parts[1:]]
    return found


@dataclass(frozen=True)
class Walked:
    """The copy after the last step; what each command printed."""

    folder: Path
    printed: list[tuple[Command, str]]


def run(command: Command, folder: Path) -> str:
    program, *arguments = shlex.split(command.line.replace("$repository", str(PAGE.parents[1])))
    if program == "python":
        done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr
    assert program == "nelm", command.line
    return CliRunner().invoke(app, arguments, catch_exceptions=False).output


@pytest.fixture(scope="module")
def walked(content: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Walks through the page once. The worked cases that are there already hold in their own test."""
    folder = tmp_path_factory.mktemp("third")
    shutil.copytree(content, folder / "content", ignore=shutil.ignore_patterns("cases"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NELM_CONTENT", "content")
        patch.chdir(folder)
        for console in (common.output, common.errors):
            patch.setattr(console, "width", WIDTH)
        printed: list[tuple[Command, str]] = []
        for step in steps():
            if isinstance(step, Addition):
                step.add_to(folder)
            else:
                printed.append((step, run(step, folder)))
        yield Walked(folder, printed)


@pytest.fixture(scope="module")
def third(walked: Walked) -> Knowledge:
    """The content with the third guideline; the thorough check is silent."""
    return load(walked.folder / "content", thorough=True)


@pytest.fixture(scope="module")
def advice(walked: Walked, third: Knowledge) -> Advice:
    return assess(read_record(walked.folder / "content" / "cases" / f"{CASE}.yaml", third), third)


# -- the page -------------------------------------------------------------------------------------------


def test_every_step_is_content() -> None:
    additions = [step for step in steps() if isinstance(step, Addition)]
    assert len(additions) == PAGE.read_text(encoding="utf-8").count("```yaml") >= 12
    for addition in additions:
        assert addition.file.startswith("content/"), addition.file
        assert addition.file.endswith(".yaml"), addition.file
        assert ".." not in Path(addition.file).parts


def test_every_command_prints_what_the_page_says(walked: Walked) -> None:
    assert len(walked.printed) >= 15
    wrong = [f"$ {command.line}\n{printed}" for command, printed in walked.printed if not command.prints_as_said(printed)]
    assert wrong == []


@pytest.mark.parametrize(
    ("prints", "printed", "fits"),
    [
        ("", "", True),
        ("", "a mistake\n", False),
        ("…\n", "anything\nat all\n", True),
        ("a …\n", "a b\n", True),
        ("a …\n", "a b\nc\n", False),
        ("a\n…\nc\n", "a\nb\nb\nc  \n", True),
        ("a\n…\nd\n", "a\nb\nc\n", False),
    ],
)
def test_what_a_command_prints_is_compared(prints: str, printed: str, *, fits: bool) -> None:
    assert Command("x", prints).prints_as_said(printed) is fits


def test_everything_added_is_marked_as_invented(third: Knowledge) -> None:
    found = third.guidelines[THIRD].guideline
    assert found.name == NAME
    assert "no such document exists, and nothing in it is clinical advice" in found.citation
    claims, references = third.reported[THIRD].claims(), third.reported[THIRD].references.values()
    (option,) = (option for option in third.options if any(key.startswith(THIRD) for key in option.verdicts))
    (topic,) = (topic for topic in third.topics if THIRD in topic.documents)
    shown = [found.title, found.covers, third.elements[ELEMENT].label, third.elements[ELEMENT].meaning, option.label, topic.title]
    shown += [question.title for question in found.questions] + [statement.says for statement in found.statements()]
    shown += [claim.says for claim in claims] + [reference.title for reference in references]
    shown += [third.terms[action].label for statement in found.statements() for action in statement.actions]
    assert [text for text in shown if "invented" not in text.lower()] == []


# -- the content ------------------------------------------------------------------------------------------


def test_the_documents_stand_in_the_order_of_their_years(third: Knowledge, knowledge: Knowledge) -> None:
    assert list(third.guidelines) == [*knowledge.guidelines, THIRD]
    assert list(third.reported) == list(third.guidelines)


def test_template_and_schema_know_the_new_element(third: Knowledge, knowledge: Knowledge) -> None:
    assert ELEMENT in template(third)
    assert ELEMENT not in template(knowledge)
    schema = json_schema(third)
    assert ELEMENT in json.dumps(schema)
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors({"nelm": 1, "harbour": {ELEMENT: 7}})) == []
    assert list(validator.iter_errors({"nelm": 1, "harbour": {ELEMENT: 11}})) != []


def test_nothing_changes_in_the_other_documents(advice: Advice, knowledge: Knowledge, walked: Walked, tmp_path: Path) -> None:
    before = (walked.folder / "content" / "cases" / f"{CASE}.yaml").read_text(encoding="utf-8")
    without = tmp_path / f"{CASE}.yaml"
    without.write_text("".join(line for line in before.splitlines(keepends=True) if not line.startswith("harbour:")), encoding="utf-8")
    words = assess(read_record(without, knowledge), knowledge).words()
    assert {key: word for key, word in advice.words().items() if not key.startswith(THIRD)} == words
    assert advice.words()[f"{THIRD}/Q01"].value == "FOR"


def test_coverage_counts_the_third_document(third: Knowledge) -> None:
    (row,) = coverage_rows(third, THIRD)
    counts = {kind: count for kind, count in zip(KINDS_COUNTED, row.counts, strict=True) if count}
    assert (row.question, counts) == ("Q01", {"panel": 2, "claims": 1})


# -- the reports ------------------------------------------------------------------------------------------


def test_every_report_names_the_third_document(walked: Walked, advice: Advice) -> None:
    folder = walked.folder / "advice"
    assert NAME in (folder / f"{CASE}.html").read_text(encoding="utf-8")
    written = json.loads((folder / f"{CASE}.json").read_text(encoding="utf-8"))
    assert [found["name"] for found in written["guidelines"]][-1] == NAME
    assert {verdict["key"]: verdict["verdict"] for verdict in written["verdicts"]}[f"{THIRD}/Q01"] == "FOR"
    assert NAME in render_text(page_of(advice), WIDTH)
    assert NAME in text_of((folder / f"{CASE}.pdf").read_bytes())


def test_page_one_of_the_fullest_case_is_still_one_page(third: Knowledge, content: Path) -> None:
    page = page_of(assess(read_record(content / "cases" / "v12a.yaml", third), third))
    assert " ".join(page.intended_use.split()) in text_of(render_pdf(page), "-l", "1")


def text_of(pdf: bytes, *options: str) -> str:
    program = shutil.which("pdftotext")
    assert program is not None, "Poppler is needed: .ci/run shows how it is installed"
    done = subprocess.run([program, "-q", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode("utf-8").split())


def test_one_row_with_three_voices(walked: Walked, third: Knowledge) -> None:
    """Two against one: the row is disputed, and each document keeps its own word."""
    verdicts = (f"{THIRD}/Q01", "nelm-2014/Q03", "pnelm-2023/Q03#molecular_diagnosis")
    more = replace(third, options=(Option("three", "Three voices", "treatment", verdicts),))
    advice = assess(read_record(walked.folder / "content" / "cases" / f"{CASE}.yaml", more), more)
    assert [(found.state, found.relation) for found in advice.options] == [(OptionState.DISAGREE, Relation.CONFLICT)]
    page = page_of(advice)
    row: OptionRow = page.options[0].rows[0]
    assert [(cell.document, cell.mark.word) for cell in row.cells] == [("2014", "No recommendation"), ("2023", "For"), ("2030", "For")]
    assert "2014 no recommendation, 2023 for, 2030 for: Three voices." in {line for said in page.answer for line in said.lines}
    assert [page.columns[f"says {cell.document}"] for cell in row.cells] == ["2014 says", "2023 says", "2030 says"]


def test_the_site_has_its_pages_and_no_dead_link(walked: Walked) -> None:
    site = walked.folder / "site"
    for path in ("index.html", "Q01.html", "discrepancies.html", "document.html", "references.html", "references.ris", f"{THIRD}.pdf"):
        assert (site / THIRD / path).is_file(), path
    pages = {file: file.read_text(encoding="utf-8") for file in site.rglob("*.html")}
    ids = {file: set(re.findall(r'\bid="([^"]+)"', text)) for file, text in pages.items()}
    assert {"Q01.R1", "Q01.R2", "Q01.E01"} <= ids[site / THIRD / "Q01.html"]
    assert "X-01" in ids[site / "comparison.html"]
    assert NAME in pages[site / "index.html"]
    dead = []
    for file, text in pages.items():
        for address in re.findall(r'\b(?:href|src)="([^"]+)"', text):
            path, _, anchor = address.partition("#")
            target = Path(os.path.normpath(file.parent / unquote(path))) if path else file
            if not target.is_file() or (anchor and target in ids and unquote(anchor) not in ids[target]):
                dead.append(f"{file.relative_to(site)}: {address}")
    assert dead == []
