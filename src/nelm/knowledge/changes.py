"""What changed between two objects of the content, field by field, in sentences.

Every field of every dataclass is compared, so nothing that changed is passed over in silence; fields that deserve words of
their own are left to the modules that know them (`skip`). Conditions are compared as conditions: spaces and needless
parentheses are no change.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any, Literal, TypeVar

from nelm.criteria import parse, to_text

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Kind = Literal[
    # of one document
    "document", "history", "scope", "condition", "question", "statement", "verdict", "part", "claim", "caveat", "research_proposal",
    "evidence", "doubtful_place", "section", "fact_about_the_document", "remark", "reference",
    # what all documents share
    "topic", "aspect", "conflict", "option", "derived_fact", "consistency_rule", "part_of_the_record", "data_element", "code", "term", "need",
    "picture",
]  # fmt: skip
How = Literal["added", "removed", "changed"]

_WORDS = {
    "is_": "condition", "when": "condition", "where": "entries that count", "unless": "entries left out", "any": "condition on the entries",
    "raised_by": "condition that raises it", "says": "wording", "wording": "class of the wording", "from_": "statements behind it",
    "asks": "question asked", "benefit_harm": "balance of benefit and harm", "n": "number of patients", "source": "place",
    "refs": "references", "refs_note": "note on the references", "about": "part of the care", "doi": "DOI", "because": "reason",
    "if_unknown": "handling where it is not known", "counts": "weight in the verdict (counts)", "combine": "way to combine the parts",
    "locators": "locator", "documents": "short text", "verdicts": "list of verdicts", "statements": "list of statements",
    "shown_with": "list of verdicts that show it", "sets": "group of codes", "replaces": "name in the inventory", "fired": "rules asked about",
    "highest": "fact taken where it is highest", "lowest": "fact taken where it is lowest", "latest": "fact taken where it is latest",
    "earliest": "fact taken where it is earliest", "of": "fact that is taken", "by": "fact or document that decides",
}  # fmt: skip
# what an entry of a list means for the thing that has it: when it is new, when it is gone
_LISTED = {
    "actions": ("now speaks to {}", "no longer speaks to {}"),
    "needs": ("now needs {}", "no longer needs {}"),
    "discrepancies": ("is now marked by the doubtful place {}", "is no longer marked by the doubtful place {}"),
    "refs": ("now cites reference {}", "no longer cites reference {}"),
    "touches": ("now touches {}", "no longer touches {}"),
    "shown_with": ("is now shown with {}", "is no longer shown with {}"),
    "when": ("now also asks for {}", "no longer asks for {}"),
    "unless": ("is now ruled out by {}", "is no longer ruled out by {}"),
}
_CONDITIONS = frozenset({"is_", "when", "where", "unless", "any", "raised_by"})
_CODED = frozenset({"stance", "outcome", "design", "relation", "combine", "if_unknown", "origin"})


@dataclass(frozen=True)
class Change:
    """One thing that differs between two versions, said in one sentence.

    `id` names the thing as the content does (`nelm-2014/Q08.R1`), `field` what of it changed; absent where the whole thing is new
    or gone. `before` or `after` is None where there was, or is, nothing. `guideline` and `question` say under which heading it
    belongs; a change without a guideline concerns what all documents share.
    """

    id: str
    kind: Kind
    says: str
    before: str | None
    after: str | None
    field: str | None = None
    guideline: str | None = None
    question: str | None = None

    @property
    def how(self) -> How:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True)
class Thing:
    """What a change is about; `name` is how a sentence calls it."""

    kind: Kind
    id: str
    name: str
    guideline: str | None = None
    question: str | None = None

    def change(self, says: str, before: str | None, after: str | None, field: str | None = None) -> Change:
        sentence = f"{says[:1].upper()}{says[1:]}{'' if says.endswith('?') else '.'}"
        return Change(self.id, self.kind, sentence, _bare(before), _bare(after), field, self.guideline, self.question)

    def whole(self, before: str | None, after: str | None) -> Iterator[Change]:
        """The thing is new or gone; `before` and `after` tell what it says. Nothing where it is in both."""
        noun = self.kind.replace("_", " ")
        if before is None and after is not None:
            yield self.change(f"new {noun} {self.name}: {quoted(after)}", None, after)
        if after is None and before is not None:
            yield self.change(f"the {noun} {self.name} is gone: {quoted(before)}", before, None)

    def was_is(self, field: str, before: str | None, after: str | None) -> Iterator[Change]:
        """One field of the thing, already in words; nothing where the words are the same."""
        words = words_of(field)
        if before == after:
            return
        if before is None:
            says = f"{self.name}: the {words} is now {quoted(after or '')}, where none was given"
        elif after is None:
            says = f"{self.name}: the {words} is no longer given; it was {quoted(before)}"
        elif field == "says":
            says = f"{self.name} is reworded: was {quoted(before)}, is now {quoted(after)}"
        else:
            says = f"{self.name}: the {words} was {quoted(before)}, is now {quoted(after)}"
        yield self.change(says, before, after, field.rstrip("_"))

    def listed(self, field: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
        """A list of the thing: every entry that is new or gone; the order, where only that changed."""
        words = words_of(field)
        new, gone = _LISTED.get(field, (f"has a new entry under {words}: {{}}", f"has one entry less under {words}: {{}}"))
        for item in merged(before, after):
            if item not in before:
                yield self.change(f"{self.name} {new.format(quoted(item))}", None, item, field.rstrip("_"))
            elif item not in after:
                yield self.change(f"{self.name} {gone.format(quoted(item))}", item, None, field.rstrip("_"))
        if sorted(before) == sorted(after):
            yield from self.order(field, before, after)

    def order(self, field: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
        """The same entries in another order."""
        if list(before) != list(after):
            then, now = ", ".join(before), ", ".join(after)
            says = f"{self.name}: the order of the {words_of(field)} was {quoted(then)}, is now {quoted(now)}"
            yield self.change(says, then, now, field.rstrip("_"))


def words_of(field: str) -> str:
    """What a reader calls a field of the content."""
    return _WORDS.get(field, field.rstrip("_").replace("_", " "))


def quoted(text: str) -> str:
    """Texts in quotation marks; a single word, a number, a condition or a name that brings its own marks as it is."""
    bare = text.removesuffix(".")
    return bare if " " not in bare or bare[0] in "'`“" else f"“{bare}”"


def _bare(text: str | None) -> str | None:
    """A condition without the marks that set it off in a sentence."""
    return text[1:-1] if text is not None and text.startswith("`") and text.endswith("`") else text


def ticked(condition: str | None) -> str | None:
    """A condition as it is shown, in its one normal form."""
    return None if condition is None else f"`{normal(condition)}`"


@lru_cache(maxsize=4096)
def normal(condition: str) -> str:
    """The one way to write a condition of loaded content."""
    return to_text(parse(condition))


def same_condition(old: str | None, new: str | None) -> bool:
    return old == new or (old is not None and new is not None and normal(old) == normal(new))


def merged(old: Iterable[K], new: Iterable[K]) -> list[K]:
    """All keys of both, each once, in the order of the new; what is gone stands behind what it stood behind."""
    found = list(dict.fromkeys(new))
    place = 0
    for key in dict.fromkeys(old):
        if key in found:
            place = found.index(key) + 1
        else:
            found.insert(place, key)
            place += 1
    return found


def pairs(old: Mapping[K, V], new: Mapping[K, V]) -> Iterator[tuple[K, V | None, V | None]]:
    """Every key of both with what it stands for before and after."""
    for key in merged(old, new):
        yield key, old.get(key), new.get(key)


def shown(value: Any, field: str = "") -> str | None:
    """Any value of the content in words; None for nothing."""
    match value:
        case None | "" | () | []:
            return None
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.10g}"
        case str():
            return value.replace("_", " ") if field in _CODED else value
        case list() | tuple():
            return ", ".join(text for item in value if (text := shown(item)))
        case Mapping():
            return "; ".join(f"{key}: {shown(item)}" for key, item in value.items()) or None
        case _ if is_dataclass(value):
            written = ((words_of(item.name), shown(getattr(value, item.name), item.name)) for item in fields(value))
            return ", ".join(f"{name} {text}" for name, text in written if text not in (None, "no"))
        case _:
            return str(value)


def field_changes(thing: Thing, old: Any, new: Any, skip: Collection[str] = ()) -> Iterator[Change]:
    """Every field in which two objects of one class differ, those named in `skip` left out."""
    for item in fields(new):
        before, after = getattr(old, item.name), getattr(new, item.name)
        if item.name not in skip and before != after:
            yield from _field(thing, item.name, before, after)


def _field(thing: Thing, field: str, before: Any, after: Any) -> Iterator[Change]:
    if field in _CONDITIONS and all(value is None or isinstance(value, str) for value in (before, after)):
        if not same_condition(before, after):
            yield from thing.was_is(field, ticked(before), ticked(after))
    elif field == "source" or type(before) is not type(after):
        yield from thing.was_is(field, shown(before, field), shown(after, field))
    elif isinstance(before, tuple):
        yield from thing.listed(field, *([text for item in value if (text := shown(item))] for value in (before, after)))
    elif isinstance(before, Mapping):
        for key, then, now in pairs(before, after):
            of_key = Thing(thing.kind, thing.id, f"{thing.name}, {key}", thing.guideline, thing.question)
            yield from of_key.was_is(field, shown(then), shown(now))
    elif is_dataclass(before):
        yield from field_changes(thing, before, after)
    else:
        yield from thing.was_is(field, shown(before, field), shown(after, field))
