"""Is each element, derivation and table complete and free of contradiction in itself?

What a condition says is checked when it is compiled; here it is whether the content around it makes sense.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from nelm.criteria import BooleanType, CodedType, DateType, ValueType, nearest
from nelm.knowledge.derivations import Derivation, DerivationRow
from nelm.knowledge.dictionary import ENTRY_FIELDS, RECORD_FIELDS, Element, Entity, parse_range
from nelm.knowledge.files import Reader
from nelm.knowledge.guideline import Guideline
from nelm.knowledge.loaded import Loaded
from nelm.knowledge.yamlfile import Document, Path_

WAYS_TO_GATHER = ("any", "stated", "highest", "lowest", "latest", "earliest", "at_highest")


def check_entity(entity: Entity, document: Document, reader: Reader) -> None:
    """A part of a record may not take a name that every record has."""
    if entity.record_key in RECORD_FIELDS:
        reader.report(document, ("record_key",), f"{entity.record_key!r} is a field of every record. Choose another name.")


def check_element(element: Element, document: Document, path: Path_, reader: Reader) -> bool:
    """Whether an element can be used; what is wrong with it is reported."""
    before = len(reader.findings)
    for name in ("range", "plausible"):
        try:
            parse_range(getattr(element, name))
        except ValueError as error:
            reader.report(document, (*path, name), f"{error}.")
    if element.name in ENTRY_FIELDS:
        reader.report(document, path, f"{element.name!r} is a field of every entry. Choose another name.")
    if element.type == "coded" and len(element.codes) < 2:
        reader.report(document, path, f"{element.name!r} is coded and needs at least two codes.")
    if element.select == "any" and element.type != "boolean":
        reader.report(document, (*path, "select"), f"'any' is for a boolean; {element.name!r} is of the type {element.type}.")
    _check_spellings(element, document, path, reader)
    known = {code.code for code in element.codes}
    for word, codes in element.sets.items():
        for code in codes:
            if code not in known:
                reader.report(document, (*path, "sets", word), f"The code {code!r} is not one of this element.{nearest(code, known)}")
    return len(reader.findings) == before


def _check_spellings(element: Element, document: Document, path: Path_, reader: Reader) -> None:
    """One spelling means one code: otherwise what somebody enters would be read by the order of a list."""
    meaning: dict[str, int] = {}
    for number, code in enumerate(element.codes):
        words = (code.code, code.label, *code.also)
        taken = next((word for word in words if meaning.setdefault(word.lower(), number) != number), None)
        if taken is not None:
            other = element.codes[meaning[taken.lower()]].code
            reader.report(document, (*path, "codes", number), f"{taken!r} is a spelling of {other!r} already. One spelling, one code.")


def check_derivation(derivation: Derivation, found: ValueType, document: Document, path: Path_, loaded: Loaded, reader: Reader) -> None:
    """Whether the fields of a derivation fit one another. `found` is its type."""
    if derivation.per is not None and derivation.over is not None:
        reader.report(document, (*path, "per"), "'per' and 'over' exclude one another.")
    if derivation.over is None:
        for key in ("where", "unless", *WAYS_TO_GATHER):
            if getattr(derivation, key) is not None:
                reader.report(document, (*path, key), f"{key!r} needs 'over': the entity whose entries are meant.")
    if derivation.type not in ("boolean", found.name):
        reader.report(
            document,
            (*path, "type"),
            f"{derivation.name!r} is a {found.name} fact by what it comes from, not of the type {derivation.type}.",
        )
    if derivation.is_ is not None and not isinstance(found, BooleanType):
        reader.report(document, (*path, "is"), f"A condition is true or false, and {derivation.name!r} is of another type.")
    _check_entered(derivation, document, path, loaded, reader)
    if derivation.years_since is not None:
        birth = loaded.elements.get(derivation.years_since)
        if birth is None or not isinstance(birth.value_type, DateType):
            reader.report_unknown(document, (*path, "years_since"), f"{derivation.years_since!r} is not a date of the dictionary.")
    if derivation.unranked_with is not None and not (isinstance(found, CodedType) and derivation.unranked_with in found.codes):
        reader.report(document, (*path, "unranked_with"), f"{derivation.unranked_with!r} is not a code of {derivation.name!r}.")
    _check_rows(derivation.table, document, (*path, "table"), reader)


def _check_entered(derivation: Derivation, document: Document, path: Path_, loaded: Loaded, reader: Reader) -> None:
    """What was entered can be held against what is computed where both are of one entry, or one fact of the patient."""
    if derivation.entered is None:
        return
    element = loaded.elements.get(derivation.entered)
    if element is None:
        hint = nearest(derivation.entered, loaded.elements)
        reader.report_unknown(document, (*path, "entered"), f"{derivation.entered!r} is not an element of the dictionary.{hint}")
    elif derivation.per is None and derivation.entered != derivation.name:
        reader.report(document, (*path, "entered"), "For a fact of the patient, 'entered' has to be its own name.")
    elif derivation.per is not None and element.entity != derivation.per:
        reader.report(
            document, (*path, "entered"), f"{derivation.entered!r} is entered under {element.entity!r}, not under {derivation.per!r}."
        )


def _check_rows(rows: tuple[DerivationRow, ...], document: Document, path: Path_, reader: Reader) -> None:
    for number, row in enumerate(rows):
        has_then, has_otherwise = (result not in (None, ()) for result in (row.then, row.otherwise))
        if (row.when is not None) != has_then or has_then == has_otherwise:
            reader.report(document, (*path, number), "A row needs 'when' with 'then', or 'otherwise' alone.")
        elif has_otherwise and number != len(rows) - 1:
            reader.report(document, (*path, number), "'otherwise' has to be the last row.")


def check_gathered(
    derivation: Derivation,
    found: ValueType | None,
    entry_types: Mapping[str, Mapping[str, ValueType]],
    document: Document,
    path: Path_,
    reader: Reader,
) -> None:
    """Whether what is gathered over entries names one way to gather, and facts of that entity of the same type."""
    known = entry_types.get(derivation.over or "")
    if known is None:
        hint = nearest(derivation.over or "", entry_types)
        reader.report_unknown(document, (*path, "over"), f"The entity {derivation.over!r} is not known.{hint}")
        return
    ways = [way for way in WAYS_TO_GATHER if getattr(derivation, way) is not None]
    if len(ways) != 1:
        wrong = f"found {' and '.join(ways)}" if ways else "none is given"
        reader.report(document, path, f"{derivation.name!r} needs exactly one of {', '.join(WAYS_TO_GATHER)}; {wrong}.")
        return
    place = (*path, ways[0])
    if ways[0] in ("any", "stated") and found is not None and not isinstance(found, BooleanType):
        reader.report(document, place, f"{ways[0]!r} is true or false, and {derivation.name!r} is of another type.")
    for name in gathered_from(derivation):
        if name not in known:
            reader.report_unknown(document, place, f"{name!r} is not a fact of {derivation.over!r}.{nearest(name, known)}")
    at = derivation.at_highest
    taken = at.of if at else next(iter(gathered_from(derivation)), "")
    if taken in known and found is not None and not _alike(known[taken], found):
        reader.report(document, place, f"{taken!r} and {derivation.name!r} are not of one type.")
    if at is not None and at.by in known and not isinstance(known[at.by], CodedType):
        reader.report(document, place, f"{at.by!r} has no codes, and so no rank.")


def _alike(first: ValueType, second: ValueType) -> bool:
    if isinstance(first, CodedType) and isinstance(second, CodedType):
        return first.codes == second.codes
    return type(first) is type(second)


def check_stated(derivation: Derivation, document: Document, path: Path_, loaded: Loaded, reader: Reader) -> None:
    """Whether the field that an entry may state is one of its entity; text and lists count."""
    if derivation.stated is None:
        return
    fields = [element.name for element in loaded.elements.values() if element.entity == derivation.over]
    if derivation.stated not in fields:
        hint = nearest(derivation.stated, fields)
        reader.report_unknown(document, (*path, "stated"), f"{derivation.stated!r} is not a field of {derivation.over!r}.{hint}")


def check_fired(derivation: Derivation, document: Document, path: Path_, loaded: Loaded, reader: Reader) -> None:
    """Whether the rules and contradictions that a fact asks about exist."""
    known = {*loaded.rules, *(f"{name}_twice" for name in loaded.elements)}
    known |= {f"{name}_{why}" for name in loaded.derivations for why in ("unranked", "entered_and_computed")}
    for number, rule in enumerate(derivation.fired):
        if rule not in known:
            reader.report_unknown(document, (*path, "fired", number), f"The consistency rule {rule!r} is not known.{nearest(rule, known)}")


def gathered_from(derivation: Derivation) -> tuple[str, ...]:
    """The facts of an entry that a gathered fact takes its value from."""
    at = derivation.at_highest
    names = (derivation.highest, derivation.lowest, derivation.latest, derivation.earliest, *((at.of, at.by) if at else ()))
    return tuple(name for name in names if name is not None)


def check_history(guideline: Guideline, document: Document, reader: Reader) -> None:
    """Whether the history leads up to the version that the guideline says it is; content older than histories has none."""
    versions: set[str] = set()
    latest = date.min
    for number, entry in enumerate(guideline.history):
        place: Path_ = ("history", number)
        if entry.version in versions:
            reader.report(
                document, (*place, "version"), f"The version {entry.version!r} stands in the history already. Give each version once."
            )
        versions.add(entry.version)
        try:
            day = date.fromisoformat(entry.date)
        except ValueError:
            reader.report(document, (*place, "date"), f"Found {entry.date!r} where a date (2026-11-21) is expected.")
            continue
        if day < latest:
            reader.report(
                document, (*place, "date"), f"{entry.date} is before {latest}, the date above it. The newest version stands last."
            )
        latest = max(latest, day)
    if guideline.history and guideline.history[-1].version != guideline.version:
        last = guideline.history[-1].version
        reader.report(
            document,
            ("history", len(guideline.history) - 1, "version"),
            f"The history ends with {last!r}, and the guideline is of the version {guideline.version!r}. Add what this version changed.",
        )
