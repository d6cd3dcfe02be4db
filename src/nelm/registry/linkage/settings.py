"""What the linkage is told: `content/registry/linkage.yaml`, or a file of one's own in the same form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nelm.criteria import nearest
from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError, Finding
from nelm.knowledge.store import content_root
from nelm.knowledge.yamlfile import Path_, UnreadableFile, read

FILE = "registry/linkage.yaml"
NAMES = ("given_name", "family_name")
DATES = ("birth_date", "diagnosis_date")
FIELDS = (*NAMES, *DATES, "sex", "postcode", "municipality", "national_id")
DERIVED = {
    "birth_year": "birth_date",
    "birth_year_and_month": "birth_date",
    "birth_day_month": "birth_date",
    "given_name_start": "given_name",
    "family_name_start": "family_name",
    "both_names": "given_name",
}
Field = Literal["given_name", "family_name", "birth_date", "diagnosis_date", "sex", "postcode", "municipality", "national_id"]
Kind = Literal[
    "same",
    "swapped_with",
    "similar",
    "shares_a_part",
    "day_and_month_swapped",
    "one_digit_differs",
    "two_of_three",
    "begins_alike",
    "within_days",
    "different",
]
NEEDS: dict[str, str] = {"swapped_with": "other", "similar": "at_least", "begins_alike": "characters", "within_days": "days"}
ONLY_FOR: dict[str, tuple[str, ...]] = {
    "swapped_with": NAMES,
    "shares_a_part": NAMES,
    "day_and_month_swapped": DATES,
    "two_of_three": DATES,
    "within_days": DATES,
}


@dataclass(frozen=True)
class Normalisation:
    """How writings of one name become alike; see `normalise`."""

    __pydantic_config__ = STRICT
    letters: dict[str, str]
    folded: dict[str, str]
    transliterated: dict[str, str]
    particles: tuple[str, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """One degree of agreement; `words` is how decisions speak of it."""

    __pydantic_config__ = STRICT
    is_: Kind
    words: str
    other: Field | None = None
    at_least: float | None = None
    characters: int | None = None
    days: int | None = None
    rare_counts_more: bool = False


@dataclass(frozen=True)
class Comparison:
    """The degrees of agreement of a field, closest first; the last is "different".

    A pair in which this field and `counted_with` have changed places counts there alone. Where both persons have a value of
    `only_without`, this field counts nothing: it would say the same again.
    """

    __pydantic_config__ = STRICT
    field: Field
    levels: tuple[Level, ...]
    required: bool = False
    counted_with: Field | None = None
    only_without: Field | None = None


@dataclass(frozen=True)
class PersonsNotHouseholds:
    """A bound on the learnt m of the levels of a kind, summed: what training on persons gives, and on households does not."""

    __pydantic_config__ = STRICT
    field: Field
    level: Kind
    m_at_least: float = 0.0
    m_at_most: float = 1.0


@dataclass(frozen=True)
class Training:
    """How m, u and the share of true pairs are learnt."""

    __pydantic_config__ = STRICT
    random_pairs: int
    seed: int
    expectation_maximisation: tuple[tuple[Field, ...], ...]
    pairs_at_most: int
    surely_the_same: tuple[tuple[Field, ...], ...]
    surely_the_same_finds: float
    values_at_least: int
    never_seen: Literal["refuse", "rare"]
    persons_not_households: tuple[PersonsNotHouseholds, ...]
    assumed: str


@dataclass(frozen=True)
class NeverWithoutReview:
    """A disagreement that no weight outweighs without a person who looked at the pair."""

    __pydantic_config__ = STRICT
    field: Field
    level: Kind
    why: str


@dataclass(frozen=True)
class Decisions:
    """The thresholds, in units of the match weight (or of likeness from 0 to 1, for encodings)."""

    __pydantic_config__ = STRICT
    upper: float
    lower: float
    margin: float
    never_without_review: tuple[NeverWithoutReview, ...] = ()
    assumed: str = ""


@dataclass(frozen=True)
class LinkageSettings:
    """All that the linkage is told."""

    __pydantic_config__ = STRICT
    normalisation: Normalisation
    comparisons: tuple[Comparison, ...]
    candidates: tuple[tuple[str, ...], ...]
    training: Training
    decisions: Decisions

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that both tables must have."""
        return tuple(comparison.field for comparison in self.comparisons if comparison.required)


def linkage_settings(file: Path | None = None) -> LinkageSettings:
    """The settings of the content, or those of a file of one's own. Raises ContentError with every mistake and its line."""
    root, name = (content_root(), FILE) if file is None else (file.parent, file.name)
    reader = reader_of(root, name, own=file)
    found = reader.whole(LinkageSettings, name)
    if found is not None:
        for path, problem in _problems(found):
            reader.report(reader.documents[name], path, problem)
    if reader.findings or found is None:
        raise ContentError(reader.findings)
    return found


def reader_of(root: Path, name: str, *, own: Path | None) -> Reader:
    """A reader of content; a file of one's own is called by the name that it was given. Raises ContentError where it is unreadable."""
    reader = Reader(root)
    if own is not None:
        try:
            reader.documents[name] = read(own)
        except UnreadableFile as error:
            raise ContentError([Finding(error.mark, error.message)]) from None
    return reader


def _problems(settings: LinkageSettings) -> Iterator[tuple[Path_, str]]:
    """What is wrong with the settings: where, and a sentence for their author."""
    yield from _wrong_comparisons(settings)
    fields = {comparison.field for comparison in settings.comparisons}
    permitted = (*FIELDS, *DERIVED)
    for number, rule in enumerate(settings.candidates):
        for part, name in enumerate(rule):
            if name not in permitted:
                yield (
                    ("candidates", number, part),
                    f"The field {name!r} is not known. Permitted: {', '.join(permitted)}.{nearest(name, permitted)}",
                )
        if not rule:
            yield ("candidates", number), "Found no field. Every pair would be compared; name at least one."
    if not settings.candidates:
        yield ("candidates",), "Found no rule. Without one no pair is compared."
    yield from _wrong_training(settings, fields)
    yield from _wrong_decisions(settings)


def _wrong_comparisons(settings: LinkageSettings) -> Iterator[tuple[Path_, str]]:
    seen: set[str] = set()
    for number, comparison in enumerate(settings.comparisons):
        if comparison.field in seen:
            yield ("comparisons", number, "field"), f"{comparison.field!r} is compared twice. Keep one."
        seen.add(comparison.field)
        if len(comparison.levels) < 2 or comparison.levels[-1].is_ != "different":
            yield ("comparisons", number, "levels"), "The last of at least two levels has to be 'different': what no other level is."
        for place, level in enumerate(comparison.levels):
            where = ("comparisons", number, "levels", place)
            if level.is_ == "different" and place < len(comparison.levels) - 1:
                yield where, "'different' holds always: no level after it would count. Put it last."
            need = NEEDS.get(level.is_)
            if need is not None and getattr(level, need) is None:
                yield where, f"{level.is_!r} needs the field {need!r}."
            if comparison.field not in ONLY_FOR.get(level.is_, FIELDS):
                yield where, f"{level.is_!r} is for {', '.join(ONLY_FOR[level.is_])}, not for {comparison.field}."


def _wrong_training(settings: LinkageSettings, fields: set[Field]) -> Iterator[tuple[Path_, str]]:
    training = settings.training
    if not 0 < training.surely_the_same_finds <= 1:
        yield ("training", "surely_the_same_finds"), f"Found {training.surely_the_same_finds:g}. Permitted: above 0, at most 1."
    for name in ("random_pairs", "pairs_at_most", "values_at_least"):
        if getattr(training, name) < 1:
            yield ("training", name), f"Found {getattr(training, name)}. Permitted: a whole number from 1 on."
    for name in ("expectation_maximisation", "surely_the_same"):
        if not getattr(training, name) or not all(getattr(training, name)):
            yield ("training", name), "Found no rule, or one without a field. Give at least one, each with at least one field."
    for number, rule in enumerate(training.expectation_maximisation):
        for part, field in enumerate(rule):
            if field not in fields:
                yield ("training", "expectation_maximisation", number, part), f"{field!r} is not compared. Compare it, or take another."


def _wrong_decisions(settings: LinkageSettings) -> Iterator[tuple[Path_, str]]:
    if settings.decisions.upper < settings.decisions.lower:
        yield (
            ("decisions", "upper"),
            f"The upper weight {settings.decisions.upper:g} is below the lower one, {settings.decisions.lower:g}. Raise it.",
        )
    if settings.decisions.margin < 0:
        yield ("decisions", "margin"), f"Found {settings.decisions.margin:g}. Permitted: a number from 0 on."
    levels = {(comparison.field, level.is_) for comparison in settings.comparisons for level in comparison.levels}
    for number, rule in enumerate(settings.decisions.never_without_review):
        if (rule.field, rule.level) not in levels:
            yield ("decisions", "never_without_review", number), f"{rule.field} has no level {rule.level!r}. Name one that it has."
    for number, bound in enumerate(settings.training.persons_not_households):
        if (bound.field, bound.level) not in levels:
            yield ("training", "persons_not_households", number), f"{bound.field} has no level {bound.level!r}. Name one that it has."
