"""Worked cases: records with the verdicts they must yield, and small vectors for single thresholds.

How a verdict is scored: the word itself or one of `also`; an answer UNKNOWN that names the same items is as good where
the key lists `decisive_unknowns` (never the other way round); NOT_MET and NA count as the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nelm.advice.assess import assess
from nelm.advice.findings import Advice, ScopeFinding, VerdictFinding, Word
from nelm.advice.statements import judge_statement
from nelm.advice.verdicts import Judge
from nelm.criteria import Codes, Spans, Truth, Value, is_settled
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import Element, Kind
from nelm.knowledge.yamlfile import Document, Mark, Path_, read
from nelm.patient.facts import Facts, facts_of
from nelm.patient.partial import NotPermitted, understand
from nelm.patient.record import Record, RecordError, read_record, understand_record

T = TypeVar("T")
SAME = ({Word.NOT_MET, Word.NA},)


@dataclass(frozen=True)
class Deviation:
    """A place where the advice does not say what a worked case demands."""

    case: str
    where: str
    expected: str
    found: str
    mark: Mark

    def __str__(self) -> str:
        return f"{self.mark}: {self.case}: {self.where}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class Run:
    """The outcome of one worked case or vector."""

    case: str
    checks: int
    deviations: tuple[Deviation, ...]


def run_case(expected_file: Path, cases: Path, knowledge: Knowledge) -> Run:
    """One worked case against its expected verdicts."""
    expected = read(expected_file, f"content/cases/expected/{expected_file.name}")
    case = str(expected.data["case"])
    check = _Check(case, expected)
    aside = bool((expected.data.get("read") or {}).get("set_aside_invalid"))
    try:
        record = read_record(cases / f"{case}.yaml", knowledge, set_aside_invalid=aside)
    except RecordError as error:
        check.deviate("the record", "a record that can be read", str(error), ())
        return check.result()
    check.advice(assess(record, knowledge), expected.data, (), key_facts(cases.parent))
    return check.result()


def key_facts(content: Path) -> tuple[str, ...]:
    """The facts that the page shows even while they are not known; none where the content has no page."""
    file = content / "report.yaml"
    groups = read(file).data["key_facts"] if file.exists() else ()
    return tuple(item["fact"] for group in groups for item in group.get("facts", ()))


def run_vectors(file: Path, knowledge: Knowledge) -> Iterator[Run]:
    """The vectors of one boundaries file."""
    document = read(file, f"content/cases/boundaries/{file.name}")
    for number, vector in enumerate(document.data["vectors"]):
        check = _Check(str(vector["id"]), document)
        path: Path_ = ("vectors", number)
        try:
            facts = facts_of_vector(vector, document, knowledge)
        except (RecordError, NotPermitted) as error:
            check.deviate("the record", "a record that can be read", str(error), path)
        else:
            check.vector(facts, knowledge, vector["expect"], (*path, "expect"))
        yield check.result()


def facts_of_vector(vector: Mapping[str, Any], document: Document, knowledge: Knowledge) -> Facts:
    """The facts of a vector: a fragment of a record, or facts that are simply `given`."""
    if "record" in vector:
        return facts_of(understand_record(Document({"nelm": 1, **vector["record"]}, document.file), knowledge), knowledge)
    empty = Record(file=document.file, id=str(vector["id"]), entries=())
    return facts_of(empty, knowledge, assume={name: given_value(name, written, knowledge) for name, written in vector["given"].items()})


def given_value(name: str, written: object, knowledge: Knowledge) -> Value:
    """The value of a fact, recorded or derived, as a vector writes it. Raises NotPermitted."""
    known = knowledge.elements.get(name) or _as_element(name, knowledge)
    value = understand(known, written)
    if value is None or isinstance(value, str | tuple):
        raise NotPermitted(f"{name}: found {written!r}, which says nothing.")
    return value


def _as_element(name: str, knowledge: Knowledge) -> Element:
    """A derived fact as if it were an element, so that its values are written alike."""
    kind = knowledge.model.type_of(name)
    if kind is None:
        raise NotPermitted(f"{name!r} is not a fact.")
    kinds: dict[str, Kind] = {"boolean": "boolean", "coded": "coded", "quantity": "quantity", "count": "count", "date": "date"}
    return Element(name, knowledge.label(name), kinds[kind.name], unit=knowledge.unit_of(name), codes=knowledge.codes_of(name))


def run_all(content: Path, knowledge: Knowledge) -> Iterator[Run]:
    """Every worked case, then every vector."""
    cases = content / "cases"
    for file in sorted((cases / "expected").glob("*.yaml")):
        yield run_case(file, cases, knowledge)
    for file in sorted((cases / "boundaries").glob("*.yaml")):
        yield from run_vectors(file, knowledge)


class _Check:
    def __init__(self, case: str, document: Document) -> None:
        self.case = case
        self.document = document
        self.checks = 0
        self.deviations: list[Deviation] = []

    def result(self) -> Run:
        return Run(self.case, self.checks, tuple(self.deviations))

    def deviate(self, where: str, expected: object, found: object, path: Path_) -> None:
        self.deviations.append(Deviation(self.case, where, str(expected), str(found), self.document.mark(path)))

    def equal(self, where: str, expected: object, found: object, path: Path_) -> None:
        self.checks += 1
        if expected != found:
            self.deviate(where, expected, found, path)

    def vector(self, facts: Facts, knowledge: Knowledge, expected: Mapping[str, Any], path: Path_) -> None:
        """Only what is asked for is judged, so that a thousand vectors are quick."""
        judge = Judge(knowledge, facts)
        scopes = {name: judge.scope(name) for name in knowledge.guidelines}
        for guideline, word in (expected.get("scope") or {}).items():
            self.equal(f"scope of {guideline}", word, scopes[guideline].word.value, (*path, "scope", guideline))
        for key, wanted in (expected.get("verdicts") or {}).items():
            compiled = _found(knowledge.verdict, key)
            found = None if compiled is None else judge.verdict(compiled, scopes[compiled.guideline], scopes.values())
            self._verdict(key, found, {"verdict": wanted} if isinstance(wanted, str) else wanted, (*path, "verdicts", key))
        for reference, word in (expected.get("parts") or {}).items():
            self.equal(reference, word, _part_word(reference, judge, knowledge), (*path, "parts", reference))
        for key, status in (expected.get("statements") or {}).items():
            self.equal(key, status, _status(key, facts, knowledge, scopes), (*path, "statements", key))
        for kind in ("facts", "criteria"):
            for name, value in (expected.get(kind) or {}).items():
                self._fact(facts, name, value, (*path, kind, name))

    def advice(self, advice: Advice, expected: Mapping[str, Any], path: Path_, shown_open: Iterable[str] = ()) -> None:
        """Everything that a worked case demands; an item counts as asked for where the page shows that it is open."""
        self.vector(advice.facts, advice.knowledge, expected, path)
        shown = {conflict.id for verdict in advice.verdicts for conflict in verdict.conflicts}
        self._contains("conflicts of the case", expected.get("conflicts") or (), shown, (*path, "conflicts"))
        named = {gap.name for gap in advice.gaps} | {name for name in shown_open if not is_settled(advice.facts.value_of(name))}
        self._contains("missing items of the case", expected.get("missing") or (), named, (*path, "missing"))

    def _verdict(self, key: str, found: VerdictFinding | None, wanted: Mapping[str, Any], path: Path_) -> None:
        self.checks += 1
        if found is None:
            self.deviate(key, wanted["verdict"], "no such verdict", path)
            return
        permitted = {Word(wanted["verdict"]), *(Word(word) for word in wanted.get("also") or ())}
        unknowns = wanted.get("decisive_unknowns") or ()
        if not _same(found.word, permitted) and not (found.word is Word.UNKNOWN and unknowns):
            self.deviate(
                key, wanted["verdict"], f"{found.word.value} ({found.because}; open: {', '.join(found.unknowns) or 'nothing'})", path
            )
        if found.word is Word.FOR and "strength" in wanted:
            self.equal(f"{key} strength", wanted.get("strength"), found.strength, path)
        self._contains(f"{key} open items", unknowns, set(found.unknowns), (*path, "decisive_unknowns"))
        self._contains(
            f"{key} conflicts", wanted.get("conflicts") or (), {conflict.id for conflict in found.conflicts}, (*path, "conflicts")
        )
        for number, part in enumerate(wanted.get("parts") or ()):
            self._part(key, found, part, (*path, "parts", number))

    def _part(self, key: str, found: VerdictFinding, wanted: Mapping[str, Any], path: Path_) -> None:
        self.checks += 1
        part = next((part for part in found.parts if part.part.id == wanted.get("id")), None)
        if part is None:
            self.deviate(
                f"{key} part {wanted.get('part')!r}",
                wanted["verdict"],
                f"no such part among {[part.part.id for part in found.parts]}",
                path,
            )
        elif not _same(part.word, {Word(wanted["verdict"])}):
            self.deviate(
                f"{key} part {part.part.id}",
                wanted["verdict"],
                f"{part.word.value} ({part.because}; open: {', '.join(part.decisive)})",
                path,
            )

    def _contains(self, where: str, wanted: Iterable[str], found: set[str], path: Path_) -> None:
        """Every wanted name, or one of its alternatives (`a|b`), has been found."""
        for item in wanted:
            self.checks += 1
            if not set(item.split("|")) & found:
                self.deviate(where, item, ", ".join(sorted(found)) or "nothing", path)

    def _fact(self, facts: Facts, name: str, wanted: object, path: Path_) -> None:
        try:
            value = facts.value_of(name)
        except KeyError:
            self.deviate(name, wanted, "no such fact", path)
            return
        self.equal(name, _plain_expected(wanted), plain_value(value), path)


def _found(find: Callable[[str], T], key: str) -> T | None:
    """What a key names, or None where it names nothing."""
    try:
        return find(key)
    except KeyError:
        return None


def _part_word(reference: str, judge: Judge, knowledge: Knowledge) -> str:
    key, _, name = reference.partition("#")
    compiled = _found(knowledge.verdict, key)
    parts = compiled.parts if compiled is not None else ()
    return next((judge.part_word(part).value for part in parts if part.part.id == name), "no such part")


def _status(key: str, facts: Facts, knowledge: Knowledge, scopes: Mapping[str, ScopeFinding]) -> str:
    statement = _found(knowledge.statement, key)
    return (
        "no such statement" if statement is None else judge_statement(statement, knowledge, facts, scopes[statement.guideline]).status.value
    )


def _same(word: Word, permitted: set[Word]) -> bool:
    return word in permitted or any(word in group and group & permitted for group in SAME)


def _plain_expected(wanted: object) -> object:
    if isinstance(wanted, bool):
        return wanted
    if isinstance(wanted, list):
        return sorted(str(item) for item in wanted)
    return float(wanted) if isinstance(wanted, int | float) else wanted


def plain_value(value: Value) -> object:
    """A value as worked cases write it: true, false, `undetermined`, a code, a sorted list of codes, a number."""
    if isinstance(value, Truth):
        return {Truth.TRUE: True, Truth.FALSE: False}.get(value, "undetermined")
    if isinstance(value, Codes):
        return value.single or sorted(value.members)
    assert isinstance(value, Spans)
    return value.single if value.single is not None else "undetermined"
