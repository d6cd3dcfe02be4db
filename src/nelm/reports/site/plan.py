"""Which pages there are, what stands on each, and where every id is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nelm.knowledge.base import CompiledGuideline, CompiledStatement, Knowledge
from nelm.knowledge.coverage import home
from nelm.knowledge.evidence import Claim, Evidence, Remark, Reported
from nelm.knowledge.guideline import Question
from nelm.reports.site.pictures import Picture, pictures
from nelm.reports.site.plain import Plain, Plainly
from nelm.reports.site.wording import STANDING


@dataclass(frozen=True)
class SitePage:
    """One page: where it lies, its template, and its data, which are also its JSON twin. `anchors` are the ids found on it."""

    path: str
    title: str
    template: str
    data: Plain
    about: str = ""
    anchors: Mapping[str, str] = field(default_factory=dict)

    @property
    def twin(self) -> str:
        """The path of the JSON twin."""
        return self.path.removesuffix(".html") + ".json"

    @property
    def root(self) -> str:
        """From this page to the folder of the site: `../` for each folder that it lies in."""
        return "../" * self.path.count("/")


def plan(knowledge: Knowledge) -> tuple[SitePage, ...]:
    """All pages of the site."""
    return tuple(_Plan(knowledge).pages())


class _Plan:
    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.plain = Plainly(knowledge)

    def pages(self) -> Iterator[SitePage]:
        yield self._start()
        for name, guideline in self.knowledge.guidelines.items():
            yield self._contents(guideline)
            for question in guideline.guideline.questions:
                yield self._question(guideline, question)
            yield from self._other_evidence(guideline)
            yield self._discrepancies(guideline)
            yield self._document(guideline)
            yield self._references(name)
        yield self._topics()
        yield self._terms()
        yield self._dictionary()
        yield self._derivations()
        yield self._research()
        yield self._pictures()
        yield SitePage("search.html", "Search", "search", {})

    # -- the start and a document's contents --------------------------------------------------------

    def _start(self) -> SitePage:
        documents = [
            {
                "id": f"{name}/contents",
                "name": compiled.guideline.name,
                "title": compiled.guideline.title,
                "citation": compiled.guideline.citation,
                "covers": compiled.guideline.covers,
                "dated": compiled.guideline.dated,
                "version": compiled.guideline.version,
                "questions": len(compiled.guideline.questions),
                "statements": len(compiled.statements),
                "claims": len(self._reported(name).claims()),
                "discrepancies": len(compiled.guideline.discrepancies),
                "pdf": f"{name}/{name}.pdf",
            }
            for name, compiled in self.knowledge.guidelines.items()
        ]
        return SitePage("index.html", "The guidelines", "start", {"documents": documents, "topics": len(self.knowledge.topics)})

    def _contents(self, compiled: CompiledGuideline) -> SitePage:
        found = compiled.guideline
        questions = [
            {
                "id": f"{found.id}/{question.id}",
                "number": question.id,
                "title": question.title,
                "asks": question.asks,
                "statements": len(question.statements),
            }
            for question in found.questions
        ]
        data = self._about(compiled) | {"questions": questions, "evidence": [page.data["id"] for page in self._other_evidence(compiled)]}
        return SitePage(f"{found.id}/index.html", found.name, "contents", data, found.name, {f"{found.id}/contents": ""})

    def _about(self, compiled: CompiledGuideline) -> Plain:
        found = compiled.guideline
        return {
            "guideline": found.id,
            "name": found.name,
            "citation": found.citation,
            "title": found.title,
            "covers": found.covers,
            "dated": found.dated,
            "strength_scale": found.strength_scale,
            "level_note": found.level_note,
            "version": found.version,
        }

    # -- questions ----------------------------------------------------------------------------------

    def _question(self, compiled: CompiledGuideline, question: Question) -> SitePage:
        name = compiled.guideline.id
        statements = [statement for statement in compiled.statements if statement.question.id == question.id]
        blocks = [
            {"standing": standing, "title": title, "statements": made}
            for standing, title in STANDING.items()
            if (made := [self.plain.statement(statement) for statement in statements if statement.statement.standing == standing])
        ]
        claims, caveats, research = self._evidence_of(compiled, question.id)
        data = {
            "id": f"{name}/{question.id}",
            "number": question.id,
            "title": question.title,
            "asks": question.asks,
            "document": self._about(compiled),
            "grading": self.plain.grading(question.grading),
            "blocks": blocks,
            "key_facts": self._key_facts(statements),
            "claims": [self.plain.claim(name, claim) for claim in claims],
            "caveats": [self.plain.remark(name, remark) for remark in caveats],
            "research": [self.plain.remark(name, remark) for remark in research],
            "discrepancies": self._discrepancies_of(compiled, question, statements, claims),
            "topics": self._topics_of(name, statements),
            "note": question.note,
        }
        said = (
            [statement.statement.id for statement in statements]
            + [item.id for item in claims]
            + [item.id for item in (*caveats, *research)]
        )
        anchors = {f"{name}/{question.id}": ""} | {f"{name}/{each}": each for each in said}
        return SitePage(f"{name}/{question.id}.html", f"{question.id} {question.title}", "question", data, compiled.guideline.name, anchors)

    def _key_facts(self, statements: Iterable[CompiledStatement]) -> list[Plain]:
        """The facts of a patient that the statements of a question ask about."""
        asked = {
            fact
            for statement in statements
            for name in (*statement.when, *statement.unless)
            for condition in self.knowledge.model.conditions_of(name)
            for fact in self.knowledge.model.recorded_facts(condition)
        }
        elements = {element for fact in asked for element in self.knowledge.elements_behind(fact)}
        ranked = sorted(elements, key=lambda name: self.knowledge.position.get(name, 0))
        return [{"id": f"element/{name}", "label": self.knowledge.label(name)} for name in ranked]

    def _evidence_of(self, compiled: CompiledGuideline, question: str) -> tuple[list[Claim], list[Remark], list[Remark]]:
        """The claims, caveats and research proposals of a question, from the files of evidence."""
        homes = self._homes[compiled.guideline.id]
        blocks = self._reported(compiled.guideline.id).evidence
        return (
            [item for block in blocks for item in block.claims if homes[item.id] == question],
            [item for block in blocks for item in block.caveats if homes[item.id] == question],
            [item for block in blocks for item in block.research if homes[item.id] == question],
        )

    @cached_property
    def _homes(self) -> Mapping[str, Mapping[str, str]]:
        """For each document, the question that each piece of evidence stands under: the one that begins its id, or its file."""
        return {
            name: {
                item.id: home(item.id, block.about, [question.id for question in compiled.guideline.questions])
                for block in self._reported(name).evidence
                for item in _items(block)
            }
            for name, compiled in self.knowledge.guidelines.items()
        }

    def _reported(self, guideline: str) -> Reported:
        return self.knowledge.reported.get(guideline, Reported())

    def _discrepancies_of(
        self, compiled: CompiledGuideline, question: Question, statements: list[CompiledStatement], claims: list[Claim]
    ) -> list[Plain]:
        here = {statement.statement.id for statement in statements} | {claim.id for claim in claims}
        name = compiled.guideline.id
        named = {each for statement in statements for each in statement.statement.discrepancies}
        named |= {each for claim in claims for each in claim.discrepancies}
        return [
            self.plain.discrepancy(name, found)
            for found in compiled.guideline.discrepancies
            if found.id in named or here & {*found.touches, *found.claims}
        ]

    def _topics_of(self, name: str, statements: list[CompiledStatement]) -> list[Plain]:
        here = {statement.statement.id for statement in statements}
        return [
            {"id": f"topic/{topic.id}", "title": topic.title}
            for topic in self.knowledge.topics
            if here & {each for aspect in topic.aspects for each in aspect.statements.get(name, ())}
        ]

    def _other_evidence(self, compiled: CompiledGuideline) -> Iterator[SitePage]:
        """Evidence that belongs to no question: introduction, figures, conclusions."""
        name = compiled.guideline.id
        questions = {question.id for question in compiled.guideline.questions}
        for block in self._reported(name).evidence:
            items = [item for item in _items(block) if self._homes[name][item.id] not in questions]
            if not items:
                continue
            data = {
                "id": f"{name}/{block.about}",
                "title": block.title,
                "document": self._about(compiled),
                "claims": [self.plain.claim(name, item) for item in items if isinstance(item, Claim)],
                "remarks": [self.plain.remark(name, item) for item in items if isinstance(item, Remark)],
            }
            anchors = {f"{name}/{block.about}": ""} | {f"{name}/{item.id}": item.id for item in items}
            yield SitePage(f"{name}/{block.about.lower()}.html", block.title, "evidence", data, compiled.guideline.name, anchors)

    # -- the document itself --------------------------------------------------------------------------

    def _discrepancies(self, compiled: CompiledGuideline) -> SitePage:
        name = compiled.guideline.id
        found = [self.plain.discrepancy(name, each) for each in compiled.guideline.discrepancies]
        anchors = {f"{name}/{each.id}": each.id for each in compiled.guideline.discrepancies}
        data = {"id": f"{name}/discrepancies", "document": self._about(compiled), "discrepancies": found}
        return SitePage(
            f"{name}/discrepancies.html",
            "Doubtful places",
            "discrepancies",
            data,
            compiled.guideline.name,
            {f"{name}/discrepancies": ""} | anchors,
        )

    def _document(self, compiled: CompiledGuideline) -> SitePage:
        name = compiled.guideline.id
        sections = self._reported(name).sections
        ids = [each for section in sections for each in (section.id, *(remark.id for remark in section.remarks))]
        data = {
            "id": f"{name}/document",
            "document": self._about(compiled),
            "sections": [self.plain.section(name, section) for section in sections],
        }
        return SitePage(
            f"{name}/document.html",
            "The document",
            "document",
            data,
            compiled.guideline.name,
            {f"{name}/document": ""} | {f"{name}/{each}": each for each in ids},
        )

    def _references(self, name: str) -> SitePage:
        references = self._reported(name).references
        cited: dict[int, list[str]] = {}
        for claim in self._reported(name).claims():
            for number in claim.refs:
                cited.setdefault(number, []).append(f"{name}/{claim.id}")
        listed = [self.plain.reference(name, found) | {"cited_by": cited.get(found.number, [])} for found in references.values()]
        about = self._about(self.knowledge.guidelines[name])
        data = {"id": f"{name}/references", "document": about, "references": listed}
        anchors = {f"{name}/references": ""} | {f"{name}/ref-{number}": f"ref-{number}" for number in references}
        return SitePage(f"{name}/references.html", "References", "references", data, about["name"], anchors)

    # -- across the documents -------------------------------------------------------------------------

    def _topics(self) -> SitePage:
        topics = [self.plain.topic(topic) for topic in self.knowledge.topics]
        conflicts = [
            {
                "id": f"conflict/{found.id}",
                "anchor": found.id,
                "title": found.title,
                "says": [{"name": self.plain.document(name), "says": said} for name, said in found.says.items()],
                "statements": [
                    {"name": self.plain.document(name), "ids": [f"{name}/{each}" for each in ids]} for name, ids in found.statements.items()
                ],
            }
            for found in self.knowledge.conflicts
        ]
        anchors = {"topics": ""} | {f"topic/{topic.id}": topic.id for topic in self.knowledge.topics}
        anchors |= {f"conflict/{found.id}": found.id for found in self.knowledge.conflicts}
        return SitePage("comparison.html", "The documents compared", "topics", {"topics": topics, "conflicts": conflicts}, "", anchors)

    def _terms(self) -> SitePage:
        said = self._said_of_terms()
        terms = [self.plain.term(term) | {"said": said.get(term.id, [])} for term in self.knowledge.terms.values()]
        ordered = sorted(terms, key=lambda term: (not term["said"], str(term["label"]).lower()))
        anchors = {"terms": ""} | {f"term/{name}": name for name in self.knowledge.terms}
        return SitePage("terms.html", "Tests and treatments", "terms", {"terms": ordered}, "", anchors)

    def _said_of_terms(self) -> dict[str, list[Plain]]:
        """All that is said about each test and treatment, document by document: statements first, then claims."""
        found: dict[str, list[Plain]] = {}
        for name, compiled in self.knowledge.guidelines.items():
            for statement in compiled.statements:
                for action in statement.statement.actions:
                    standing = STANDING[statement.statement.standing]
                    found.setdefault(action, []).append({"id": statement.key, "says": statement.statement.says, "standing": standing})
            for claim in self._reported(name).claims():
                for action in claim.actions:
                    found.setdefault(action, []).append({"id": f"{name}/{claim.id}", "says": claim.says, "standing": "Reported finding"})
        return found

    def _dictionary(self) -> SitePage:
        entities = [
            {
                "label": entity.label,
                "record_key": key,
                "many": entity.many,
                "elements": [self.plain.element(one) for one in entity.elements],
            }
            for key, entity in self.knowledge.entities.items()
        ]
        anchors = {"dictionary": ""} | {f"element/{name}": name for name in self.knowledge.elements}
        return SitePage("dictionary.html", "Data dictionary", "dictionary", {"entities": entities}, "", anchors)

    def _derivations(self) -> SitePage:
        found = [self.plain.derivation(derivation) for derivation in self.knowledge.derivations.values()]
        anchors = {"derivations": ""} | {f"derivation/{name}": name for name in self.knowledge.derivations}
        return SitePage("derivations.html", "Derived facts", "derivations", {"derivations": found}, "", anchors)

    def _research(self) -> SitePage:
        agenda = [
            {
                "document": compiled.guideline.name,
                "proposals": [self.plain.remark(name, remark) for block in self._reported(name).evidence for remark in block.research],
            }
            for name, compiled in self.knowledge.guidelines.items()
        ]
        return SitePage("research.html", "Research agenda", "research", {"agenda": agenda}, "", {"research": ""})

    def _pictures(self) -> SitePage:
        made: tuple[Picture, ...] = pictures(self.knowledge)
        data: dict[str, Any] = {"pictures": [picture.plain() for picture in made]}
        return SitePage("pictures.html", "Pictures", "pictures", data, "", {"pictures": ""} | {f"picture/{one.id}": one.id for one in made})


def _items(block: Evidence) -> list[Claim | Remark]:
    return [*block.claims, *block.caveats, *block.research]
