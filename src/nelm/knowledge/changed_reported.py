"""Changes of what documents report besides their statements: claims with their numbers, remarks, references, doubtful places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nelm.knowledge.base import Knowledge
from nelm.knowledge.changes import Change, Kind, Thing, field_changes, pairs, shown
from nelm.knowledge.coverage import home
from nelm.knowledge.evidence import Claim, Evidence, Printed, Reference, Remark, Reported, Section, Value
from nelm.knowledge.guideline import Discrepancy
from nelm.knowledge.numbers import number_in_words

Placed = tuple[Claim | Remark, Kind, str]


def evidence_changes(old: Knowledge, new: Knowledge, guideline: str) -> Iterator[Change]:
    """Claims, caveats and research proposals, each under the question that it belongs to; then the titles of the files."""
    before, after = (_items(knowledge, guideline) for knowledge in (old, new))
    for key, then, now in pairs(before, after):
        placed = now or then
        assert placed is not None
        thing = Thing(placed[1], f"{guideline}/{key}", key, guideline, placed[2])
        if then is not None and now is not None:
            yield from _item(thing, then[0], now[0])
        else:
            yield from thing.whole(*(None if found is None else _said(found[0]) for found in (then, now)))
    blocks = [{block.about: block for block in _reported(knowledge, guideline).evidence} for knowledge in (old, new)]
    for about, old_block, new_block in pairs(*blocks):
        if old_block is not None and new_block is not None:
            thing = Thing("evidence", f"{guideline}/{about}", f"evidence on {about}", guideline, about)
            yield from field_changes(thing, old_block, new_block, skip=("claims", "caveats", "research"))


def _reported(knowledge: Knowledge, guideline: str) -> Reported:
    return knowledge.reported.get(guideline, Reported())


def _items(knowledge: Knowledge, guideline: str) -> dict[str, Placed]:
    """Everything with an id, with its kind and the question that it stands under."""
    questions = [question.id for question in knowledge.guidelines[guideline].guideline.questions]
    found: dict[str, Placed] = {}
    for block in _reported(knowledge, guideline).evidence:
        for kind, items in _kinds(block):
            found |= {item.id: (item, kind, home(item.id, block.about, questions)) for item in items}
    return found


def _kinds(block: Evidence) -> tuple[tuple[Kind, Sequence[Claim | Remark]], ...]:
    return ("claim", block.claims), ("caveat", block.caveats), ("research_proposal", block.research)


def _said(item: Claim | Remark) -> str:
    numbers = [number_in_words(value) for value in item.values] if isinstance(item, Claim) else []
    return f"{item.says} ({'; '.join(numbers)})" if numbers else item.says


def _item(thing: Thing, old: Claim | Remark, new: Claim | Remark) -> Iterator[Change]:
    if isinstance(old, Claim) and isinstance(new, Claim):
        yield from field_changes(thing, old, new, skip=("values",))
        yield from _numbers(thing, old.values, new.values)
    elif isinstance(old, Remark) and isinstance(new, Remark):
        yield from field_changes(thing, old, new)
    else:  # an id that stood for the one and stands for the other
        yield from thing.was_is("says", _said(old), _said(new))


def _numbers(thing: Thing, old: Sequence[Value], new: Sequence[Value]) -> Iterator[Change]:
    """The numbers that differ, in words; a number that stands in both versions is not repeated."""
    before, after = _words_of_numbers(old, new), _words_of_numbers(new, old)
    if before and after:
        yield thing.change(f"{thing.name}: the number was {before}, is now {after}", before, after, "values")
    elif after:
        yield thing.change(f"{thing.name} now also reports {after}", None, after, "values")
    elif before:
        yield thing.change(f"{thing.name} no longer reports {before}", before, None, "values")


def _words_of_numbers(values: Iterable[Value], others: Sequence[Value]) -> str:
    return "; ".join(number_in_words(value) for value in values if value not in others)


def discrepancy_changes(old: Knowledge, new: Knowledge, guideline: str) -> Iterator[Change]:
    """The doubtful places of a document: new, gone, or read differently."""
    before, after = ({found.id: found for found in knowledge.guidelines[guideline].guideline.discrepancies} for knowledge in (old, new))
    for key, then, now in pairs(before, after):
        thing = Thing("doubtful_place", f"{guideline}/{key}", key, guideline)
        if then is not None and now is not None:
            yield from field_changes(thing, then, now)
        else:
            yield from thing.whole(*(None if found is None else _doubt(found) for found in (then, now)))


def _doubt(found: Discrepancy) -> str:
    return f"{found.title}; the reading in use: {found.reading}"


def document_changes(old: Knowledge, new: Knowledge, guideline: str) -> Iterator[Change]:
    """Facts about the document itself, section by section, and its list of references."""
    before, after = (_reported(knowledge, guideline) for knowledge in (old, new))
    for key, then, now in pairs(*({section.id: section for section in found.sections} for found in (before, after))):
        yield from _section(Thing("section", f"{guideline}/{key}", f"section {key}", guideline), then, now)
    for number, old_work, new_work in pairs(before.references, after.references):
        thing = Thing("reference", f"{guideline}/reference-{number}", f"reference {number}", guideline)
        if old_work is not None and new_work is not None:
            yield from field_changes(thing, old_work, new_work)
        else:
            named = Thing("reference", thing.id, str(number), guideline)
            yield from named.whole(*(None if work is None else _work(work) for work in (old_work, new_work)))


def _work(work: Reference) -> str:
    names = [name.literal or " ".join(filter(None, (name.family, name.given))) for name in work.author]
    return ". ".join(text for text in (", ".join(names), work.title, work.container_title, shown(work.year)) if text)


def _section(thing: Thing, old: Section | None, new: Section | None) -> Iterator[Change]:
    if old is not None and new is not None:
        yield from field_changes(thing, old, new, skip=("facts", "remarks"))
    else:
        named = Thing("section", thing.id, thing.id.rpartition("/")[2], thing.guideline)
        yield from named.whole(*(None if section is None else section.title for section in (old, new)))
    before, after = ({} if section is None else _facts(section) for section in (old, new))
    for key, then, now in pairs(before, after):
        kind: Kind = "remark" if isinstance(now or then, Remark) else "fact_about_the_document"
        name = key if kind == "remark" else f"“{key}”"
        fact = Thing(kind, f"{thing.guideline if kind == 'remark' else thing.id}/{key}", name, thing.guideline)
        if then is not None and now is not None:
            yield from field_changes(fact, then, now)
        else:
            yield from fact.whole(*(None if found is None else found.says for found in (then, now)))


def _facts(section: Section) -> dict[str, Printed | Remark]:
    """Facts by what they are about (a second one about the same with its number), remarks by their id."""
    found: dict[str, Printed | Remark] = {}
    for number, fact in enumerate(section.facts, start=1):
        found[fact.item if fact.item not in found else f"{fact.item} [{number}]"] = fact
    return found | {remark.id: remark for remark in section.remarks}
