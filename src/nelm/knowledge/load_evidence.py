"""Loads what documents report: evidence by question, facts about the document, the reference list; and checks it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from nelm.criteria import nearest
from nelm.knowledge.evidence import LIMITS, Claim, Evidence, Reference, Remark, Reported, Section, Value
from nelm.knowledge.files import Reader
from nelm.knowledge.yamlfile import Document, Path_


@dataclass(frozen=True)
class Known:
    """The ids that evidence may mention."""

    actions: Collection[str]
    statements: Collection[str]
    discrepancies: Collection[str]


@dataclass
class EvidenceLoader:
    """Reads the files of one guideline below `guidelines/<id>/`; every mistake goes to the reader."""

    reader: Reader
    base: str
    ids: dict[str, str] = field(default_factory=dict)
    places: list[tuple[Claim | Remark | Section, Document, Path_]] = field(default_factory=list)

    def read(self) -> Reported:
        """Everything reported; empty where the guideline has no such files."""
        evidence: list[Evidence] = []
        for file in self.reader.files(f"{self.base}/evidence"):
            block = self.reader.whole(Evidence, file)
            if block is not None:
                evidence.append(block)
                for key in ("claims", "caveats", "research"):
                    self._place(getattr(block, key), self.reader.documents[file], (key,))
        return Reported(tuple(evidence), self._sections(), self._references())

    def _sections(self) -> tuple[Section, ...]:
        file = f"{self.base}/document.yaml"
        if not (self.reader.root / file).exists():
            return ()
        found = self.reader.items(Section, file, "sections")
        for section, document, path in found:
            self._place([section], document, path[:1], start=int(path[1]))
            self._place(section.remarks, document, (*path, "remarks"))
        return tuple(section for section, _, _ in found)

    def _references(self) -> dict[int, Reference]:
        file = f"{self.base}/references.yaml"
        if not (self.reader.root / file).exists():
            return {}
        known: dict[int, Reference] = {}
        for reference, document, path in self.reader.items(Reference, file, "references"):
            if reference.number in known:
                self.reader.report(document, path, f"Reference {reference.number} is given twice. Keep one.")
            known[reference.number] = reference
        return known

    def _place(self, items: Sequence[Claim | Remark | Section], document: Document, path: Path_, start: int = 0) -> None:
        for number, item in enumerate(items, start=start):
            place = (*path, number)
            if item.id in self.ids:
                self.reader.report(document, place, f"{item.id!r} is given twice, here and in {self.ids[item.id]}. Keep one.")
            self.ids[item.id] = document.file
            self.places.append((item, document, place))

    # -- checks -----------------------------------------------------------------------------------

    def check(self, reported: Reported, known: Known) -> None:
        """Do the ids exist, and can the numbers be?"""
        for item, document, path in self.places:
            if isinstance(item, Section):
                for number, fact in enumerate(item.facts):
                    self._each(document, (*path, "facts", number), fact.discrepancies, known.discrepancies, "discrepancy")
                continue
            self._each(document, (*path, "refs"), item.refs, reported.references, "reference")
            self._each(document, (*path, "discrepancies"), item.discrepancies, known.discrepancies, "discrepancy")
            if isinstance(item, Claim):
                self._claim(item, document, path, known)
            else:
                self._each(document, (*path, "statements"), item.statements, known.statements, "statement")

    def _claim(self, claim: Claim, document: Document, path: Path_, known: Known) -> None:
        self._each(document, (*path, "actions"), claim.actions, known.actions, "test or treatment")
        if not claim.refs and claim.refs_note is None:
            self.reader.report(
                document, path, f"{claim.id!r} has no reference. Give 'refs', or say in 'refs_note' what is printed ('none printed')."
            )
        for number, value in enumerate(claim.values):
            for message in mistakes_in(value):
                self.reader.report(document, (*path, "values", number), message)

    def _each(
        self, document: Document, path: Path_, named: Iterable[str | int], known: Collection[str] | Collection[int], what: str
    ) -> None:
        for name in named:
            if name not in known:
                hint = nearest(name, [str(each) for each in known]) if isinstance(name, str) else ""
                self.reader.report_unknown(document, path, f"The {what} {name!r} is not known.{hint}")


def mistakes_in(value: Value) -> list[str]:
    """What cannot be in a number: no number at all, a range upside down, a share above 100 %."""
    limits = [name for name in LIMITS if getattr(value, name) is not None]
    found: list[str] = []
    if (value.low is None) != (value.high is None):
        found.append("A range needs 'low' and 'high'.")
    if value.ends is None and not limits and value.token is None:
        found.append(f"The value has no number. Give 'value', 'low' and 'high', or one of {', '.join(LIMITS)}; or the printed 'token'.")
    if len(limits) > 1 or (limits and value.ends is not None):
        found.append("A limit stands alone: give one of it, and no value beside it.")
    for within in (value, value.interval):
        if within is not None and within.low is not None and within.high is not None:
            found += _mistakes_in_range(within.low, within.high, value.value)
    if value.unit == "percent" and value.statistic != "ratio" and (value.ends or (0, 0))[1] > 100 and value.token is None:
        found.append("A share cannot be above 100 %. If it is printed so, give what is printed as 'token'.")
    if value.at_years is not None and value.at_months is not None:
        found.append("Give the time either in years or in months.")
    return found


def _mistakes_in_range(low: float, high: float, value: float | None) -> list[str]:
    if low > high:
        return [f"The range from {low:g} to {high:g} is upside down."]
    return [] if value is None or low <= value <= high else [f"The value {value:g} lies outside its range from {low:g} to {high:g}."]
