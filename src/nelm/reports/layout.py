"""Which facts the page shows and in what groups: content, read from `content/report.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nelm.criteria import nearest
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root
from nelm.knowledge.yamlfile import Path_

FILE = "report.yaml"


@dataclass(frozen=True)
class ShownFact:
    """A fact of the strip; `label` replaces the one of the dictionary, `bare` leaves it out where the value is known."""

    __pydantic_config__ = STRICT
    fact: str
    label: str | None = None
    bare: bool = False


@dataclass(frozen=True)
class ShownGroup:
    """A group of the strip: facts, or (with `entries`) one line per entry of that part of the record."""

    __pydantic_config__ = STRICT
    label: str
    facts: tuple[ShownFact, ...] = ()
    if_known: tuple[ShownFact, ...] = ()
    entries: str | None = None
    show: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """The layout of the patient page, as the content states it."""

    __pydantic_config__ = STRICT
    person: tuple[str, ...]
    question: str
    wishes: str
    key_facts: tuple[ShownGroup, ...]
    main_options: str
    options: dict[str, str]
    intended_use: str
    limits: tuple[str, ...] = ()
    entry_names: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_layout(knowledge: Knowledge, root: Path | None = None) -> Layout:
    """The layout in `report.yaml` of the content folder.

    Raises ContentError with every mistake: a field that is not known, a fact or a part of the record that does not exist.
    """
    reader = Reader(root or content_root())
    layout = reader.whole(Layout, FILE)
    document = reader.documents.get(FILE)
    if layout is not None and document is not None:
        facts = {*knowledge.elements, *knowledge.derivations}
        groups = {option.group for option in knowledge.options}
        for name, path, known in _names(layout, facts, set(knowledge.entities), groups):
            if name not in known:
                reader.report(document, path, f"{name!r} is not known.{nearest(name, sorted(known))} Permitted: a name of the content.")
        for group in sorted(groups - set(layout.options)):
            reader.report(document, ("options",), f"The options have a group {group!r} without a label. Add '{group}: …'.")
    if reader.findings or layout is None:
        raise ContentError(reader.findings)
    return layout


def _names(layout: Layout, facts: set[str], parts: set[str], groups: set[str]) -> Iterator[tuple[str, Path_, set[str]]]:
    """Every name that has to exist, where it stands, and what is permitted there."""
    yield layout.question, ("question",), facts
    yield layout.wishes, ("wishes",), facts
    yield layout.main_options, ("main_options",), groups
    for number, name in enumerate(layout.person):
        yield name, ("person", number), facts
    for part, names in layout.entry_names.items():
        yield part, ("entry_names", part), parts
        for number, name in enumerate(names):
            yield name, ("entry_names", part, number), facts
    for number, group in enumerate(layout.key_facts):
        for key, shown in (("facts", group.facts), ("if_known", group.if_known)):
            for place, fact in enumerate(shown):
                yield fact.fact, ("key_facts", number, key, place, "fact"), facts
        if group.entries is not None:
            yield group.entries, ("key_facts", number, "entries"), parts
        for place, name in enumerate(group.show):
            yield name, ("key_facts", number, "show", place), facts
