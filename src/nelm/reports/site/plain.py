"""Content as plain data for pages and their JSON twins: what a template shows and what a program reads is one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nelm.criteria import to_text
from nelm.knowledge.base import CompiledStatement, Knowledge
from nelm.knowledge.derivations import Derivation
from nelm.knowledge.dictionary import Element
from nelm.knowledge.evidence import Claim, Printed, Reference, Remark, Section
from nelm.knowledge.guideline import Discrepancy, Grading, Topic, Vote, as_tuple
from nelm.knowledge.vocabulary import Term
from nelm.reports.site.wording import DESIGNS, KINDS, RELATIONS, STANCES, STANDING, outcome_words, value_words

Plain = dict[str, Any]


class Plainly:
    """Turns content into plain data. Ids are given in full (`nelm-2014/Q08.R1`), so that pages can link them."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def document(self, voice: str | None) -> str:
        """How pages call a document (`Frilling et al. 2014`), or one of its voices (`Jury`)."""
        known = self.knowledge.guidelines.get(voice or "")
        return known.guideline.name if known else (voice or "").replace("_", " ").capitalize()

    # -- statements -------------------------------------------------------------------------------

    def statement(self, compiled: CompiledStatement) -> Plain:
        found = compiled.statement
        graded = found.standing in ("panel", "jury")
        return _filled(
            {
                "id": compiled.key,
                "anchor": found.id,
                "says": found.says,
                "kind": KINDS[found.kind],
                "standing": found.standing,
                "standing_words": STANDING[found.standing],
                "stance": STANCES[found.stance] if found.stance else None,
                "strength": found.strength,
                "wording": found.wording,
                "grading": self.grading(compiled.question.grading) if graded else None,
                "applies_if": [self.condition(name) for name in compiled.when],
                "not_if": [self.condition(name) for name in compiled.unless],
                "needs": [self.knowledge.needs[need].label for need in found.needs],
                "actions": [self.named(action) for action in found.actions],
                "votes": [self.vote(vote) for vote in found.votes],
                "refs": [f"{compiled.guideline}/ref-{number}" for number in found.refs],
                "source": list(as_tuple(found.source)),
                "discrepancies": [f"{compiled.guideline}/{each}" for each in found.discrepancies],
                "reading": found.reading,
                "note": found.note or found.evidence_note,
            }
        )

    def condition(self, name: str) -> Plain:
        """A criterion with its label and, where it is a condition of its own, its text."""
        definitions = self.knowledge.model.conditions_of(name)
        return _filled({"name": name, "label": self.knowledge.label(name), "condition": to_text(definitions[0]) if definitions else None})

    def grading(self, grading: Grading | None) -> Plain | None:
        if grading is None:
            return None
        return _filled(
            {
                "level_of_evidence": grading.level_of_evidence,
                "benefit_harm": grading.benefit_harm,
                "cost": grading.cost,
                "note": grading.note,
            }
        )

    def vote(self, vote: Vote) -> Plain:
        return _filled(
            {
                "body": vote.body,
                "motion": vote.motion,
                "for": vote.for_,
                "against": vote.against,
                "abstain": vote.abstain,
                "unit": vote.unit,
                "note": vote.note,
            }
        )

    def named(self, action: str) -> Plain:
        return {"id": f"term/{action}", "label": self.knowledge.terms[action].label}

    # -- evidence -------------------------------------------------------------------------------

    def claim(self, guideline: str, claim: Claim) -> Plain:
        return _filled(
            {
                "id": f"{guideline}/{claim.id}",
                "anchor": claim.id,
                "says": claim.says,
                "population": claim.population,
                "exposure": claim.exposure,
                "comparator": claim.comparator,
                "outcome": outcome_words(claim.outcome),
                "measure": claim.measure,
                "printed": [value_words(value) for value in claim.values],
                "n": claim.n,
                "design": DESIGNS[claim.design] if claim.design != "not_stated" else None,
                "selection_bias": claim.selection_bias or None,
                "actions": [self.named(action) for action in claim.actions],
                "refs": [f"{guideline}/ref-{number}" for number in claim.refs],
                "refs_note": claim.refs_note,
                "source": list(as_tuple(claim.source)),
                "discrepancies": [f"{guideline}/{each}" for each in claim.discrepancies],
                "note": claim.note,
            }
        )

    def remark(self, guideline: str, remark: Remark) -> Plain:
        return _filled(
            {
                "id": f"{guideline}/{remark.id}",
                "anchor": remark.id,
                "says": remark.says,
                "statements": [f"{guideline}/{each}" for each in remark.statements],
                "refs": [f"{guideline}/ref-{number}" for number in remark.refs],
                "source": list(as_tuple(remark.source)),
                "discrepancies": [f"{guideline}/{each}" for each in remark.discrepancies],
                "note": remark.note,
            }
        )

    def section(self, guideline: str, section: Section) -> Plain:
        return {
            "id": f"{guideline}/{section.id}",
            "anchor": section.id,
            "title": section.title,
            "facts": [self.printed(guideline, fact) for fact in section.facts],
            "remarks": [self.remark(guideline, remark) for remark in section.remarks],
        }

    def printed(self, guideline: str, fact: Printed) -> Plain:
        return _filled(
            {
                "item": fact.item,
                "says": fact.says,
                "source": list(as_tuple(fact.source)),
                "discrepancies": [f"{guideline}/{each}" for each in fact.discrepancies],
            }
        )

    def reference(self, guideline: str, reference: Reference) -> Plain:
        names = [name.literal or f"{name.family} {name.given or ''}".strip() for name in reference.author]
        where = "".join(
            (
                f"{reference.container_title} " if reference.container_title else "",
                f"{reference.year}" if reference.year else "",
                f"; {reference.volume}" if reference.volume else "",
                f" ({reference.issue})" if reference.issue else "",
                f": {reference.page}" if reference.page else "",
            )
        )
        return _filled(
            {
                "id": f"{guideline}/ref-{reference.number}",
                "anchor": f"ref-{reference.number}",
                "number": reference.number,
                "authors": ", ".join([*names, *(["et al."] if reference.others else [])]),
                "title": reference.title,
                "where": where,
                "note": reference.note,
            }
        )

    def discrepancy(self, guideline: str, found: Discrepancy) -> Plain:
        touched = dict.fromkeys(f"{guideline}/{each}" for each in (*found.touches, *found.claims, *self._naming(guideline, found)))
        return _filled(
            {
                "id": f"{guideline}/{found.id}",
                "anchor": found.id,
                "title": found.title,
                "kind": found.kind,
                "printed": found.printed,
                "reading": found.reading,
                "touches": list(touched),
                "source": list(as_tuple(found.source)),
                "note": found.note,
            }
        )

    def _naming(self, guideline: str, found: Discrepancy) -> Iterator[str]:
        """The statements, claims, caveats and proposals that name a doubtful place."""
        for compiled in self.knowledge.guidelines[guideline].statements:
            if found.id in compiled.statement.discrepancies:
                yield compiled.statement.id
        for block in self.knowledge.reported[guideline].evidence:
            yield from (claim.id for claim in block.claims if found.id in claim.discrepancies)
            yield from (remark.id for remark in (*block.caveats, *block.research) if found.id in remark.discrepancies)

    # -- comparison, vocabulary, dictionary ---------------------------------------------------------

    def topic(self, topic: Topic) -> Plain:
        return _filled(
            {
                "id": f"topic/{topic.id}",
                "anchor": topic.id,
                "title": topic.title,
                "documents": [
                    {"guideline": name, "name": found.guideline.name, "says": topic.documents.get(name)}
                    for name, found in self.knowledge.guidelines.items()
                ],
                "aspects": [
                    {
                        "relation": aspect.relation,
                        "relation_words": RELATIONS[aspect.relation].format(document=self.document(aspect.by)),
                        "says": aspect.says,
                        "statements": [
                            {"name": self.document(name), "ids": [f"{name}/{each}" for each in ids]}
                            for name, ids in aspect.statements.items()
                            if ids
                        ],
                    }
                    for aspect in topic.aspects
                ],
                "note": topic.note,
            }
        )

    def term(self, term: Term) -> Plain:
        return _filled(
            {
                "id": f"term/{term.id}",
                "anchor": term.id,
                "label": term.label,
                "kind": term.kind.replace("_", " "),
                "meaning": term.meaning,
                "also": list(term.also),
                "coding": [{"system": system.upper(), "code": code} for system, code in term.coding.items()],
                "agents": [self.named(agent) for agent in term.agents],
                "note": term.note,
            }
        )

    def element(self, element: Element) -> Plain:
        return _filled(
            {
                "id": f"element/{element.name}",
                "anchor": element.name,
                "label": element.label,
                "type": element.type,
                "unit": element.unit,
                "range": element.range,
                "plausible": element.plausible,
                "meaning": element.meaning,
                "origin": element.origin.replace("_", " "),
                "select": element.select,
                "codes": [{"code": code.code, "label": code.label} for code in element.codes],
                "coding": [{"system": system, "code": code} for system, code in element.coding.items()],
            }
        )

    def derivation(self, derivation: Derivation) -> Plain:
        rows = [_filled({"when": row.when, "then": _result(row.then if row.when else row.otherwise), "because": row.because})
                for row in derivation.table]  # fmt: skip
        return _filled(
            {
                "id": f"derivation/{derivation.name}",
                "anchor": derivation.name,
                "label": derivation.label,
                "meaning": derivation.meaning,
                "is": derivation.is_,
                "rows": rows,
                "same_as": f"derivation/{derivation.same_as}" if derivation.same_as else None,
                "gathered": _gathered(derivation),
                "codes": [{"code": code.code, "label": code.label} for code in derivation.codes],
                "source": _source(derivation.source),
                "outside": derivation.outside,
                "reading": derivation.reading,
            }
        )


def _gathered(derivation: Derivation) -> str | None:
    """How a fact is taken from the entries of a list, in words."""
    if derivation.years_since is not None:
        return f"whole years since {derivation.years_since}"
    if derivation.fired:
        return f"true where one of these rules finds a contradiction or a finding: {', '.join(derivation.fired)}"
    if derivation.over is None:
        return None
    ways = ("any", "stated", "highest", "lowest", "latest", "earliest")
    said = next((f"{way} {named}" for way in ways if (named := getattr(derivation, way))), "")
    if derivation.at_highest is not None:
        said = f"{derivation.at_highest.of} where {derivation.at_highest.by} is highest"
    where = f", where {derivation.where}" if derivation.where else ""
    unless = f", unless {derivation.unless}" if derivation.unless else ""
    return f"over every {derivation.over}: {said}{where}{unless}"


def _result(then: object) -> str:
    return " or ".join(map(_word, then)) if isinstance(then, tuple) else _word(then)


def _word(value: object) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _source(source: object) -> list[str]:
    if isinstance(source, dict):
        return [f"{document}: {_listed(place)}" for document, place in source.items()]
    return [_listed(source)] if source else []


def _listed(place: object) -> str:
    return ", ".join(map(str, place)) if isinstance(place, Iterable) and not isinstance(place, str) else str(place)


def _filled(fields: Plain) -> Plain:
    """Only the fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}
