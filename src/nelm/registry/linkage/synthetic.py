"""Made-up persons in two registries, with the pairs that are one person: for trying and measuring linkage.

What names are made of, and how often what happens, is content (`content/registry/synthetic_persons.yaml`). Nobody is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root
from nelm.registry.linkage.settings import reader_of
from nelm.registry.linkage.synthetic_changes import Changes, Missing, changed, with_gaps

FILE = "registry/synthetic_persons.yaml"
POSTCODES_PER_PLACE = 40
OLDEST, YOUNGEST = 1928, 2004
FIRST_DIAGNOSIS, LAST_DIAGNOSIS = "2005-01-01", "2024-12-31"
Texts = npt.NDArray[np.object_]


class SimulationError(ValueError):
    """Persons that cannot be made up: what was found, what is permitted."""


@dataclass(frozen=True)
class Language:
    """Parts of names that sound alike."""

    __pydantic_config__ = STRICT
    language: str
    share: float
    given_female: tuple[str, ...]
    given_male: tuple[str, ...]
    family_starts: tuple[str, ...]
    family_ends: tuple[str, ...]
    particles: tuple[str, ...]


@dataclass(frozen=True)
class Households:
    """Shares of persons who live with others, and of those who are easily taken for another."""

    __pydantic_config__ = STRICT
    of_several: float
    same_family_name: float
    twins: float
    same_given_name_as_parent: float


@dataclass(frozen=True)
class MadeUpPersons:
    """The content file."""

    __pydantic_config__ = STRICT
    languages: tuple[Language, ...]
    places: tuple[str, ...]
    households: Households
    changes: Changes
    missing: Missing
    assumed: str


@dataclass(frozen=True)
class LabelledPersons:
    """Two tables of persons, and the truth: the pairs `ours`, `theirs` that are one person, with `kinds` of what differs.

    `look_alikes` has the pairs of different persons who are easily taken for one another, with `kind`.
    """

    ours: pl.DataFrame
    theirs: pl.DataFrame
    truth: pl.DataFrame
    look_alikes: pl.DataFrame


def made_up_persons(root: Path | None = None) -> MadeUpPersons:
    """The description in the content. Raises ContentError."""
    reader = reader_of(root or content_root(), FILE, own=None)
    found = reader.whole(MadeUpPersons, FILE)
    if reader.findings or found is None:
        raise ContentError(reader.findings)
    return found


def simulate_persons(description: MadeUpPersons, ours: int, theirs: int, *, in_both: float = 0.6, seed: int = 1) -> LabelledPersons:
    """Two registries of this many persons; the share `in_both` of the smaller one is in the other as well. The same seed gives the same.

    Raises SimulationError where there would be nobody, or a share that is none.
    """
    if min(ours, theirs) < 1 or not 0 <= in_both <= 1:
        raise SimulationError(
            f"Found {ours} and {theirs} persons, {in_both:g} of them in both. Permitted: at least 1 each, a share from 0 to 1."
        )
    random = np.random.default_rng(seed)
    shared = round(in_both * min(ours, theirs))
    people = _people(description, ours + theirs - shared, random)
    order = random.permutation(people.height)
    mine, other = order[:ours], np.concatenate([order[:shared], order[ours:]])
    our_ids = pl.Series("id", [f"A{number:07}" for number in random.permutation(ours)])
    their_ids = pl.Series("id", [f"B{number:07}" for number in random.permutation(theirs)])
    there, kinds = changed(people[other], shared, description.changes, _new_names(description, random), random)
    here = with_gaps(people[mine], description.missing, random)
    truth = pl.DataFrame({"ours": our_ids[:shared], "theirs": their_ids[:shared], "kinds": kinds})
    return LabelledPersons(
        _shown(here.with_columns(our_ids)),
        _shown(with_gaps(there, description.missing, random).with_columns(their_ids)),
        truth.sort("ours"),
        _look_alikes(people, mine, other, our_ids, their_ids),
    )


COLUMNS = ("id", "given_name", "family_name", "birth_date", "sex", "postcode", "municipality", "diagnosis_date")


def _shown(people: pl.DataFrame) -> pl.DataFrame:
    return people.select(COLUMNS).sort("id")


# -- people ----------------------------------------------------------------------------------------------------


def _people(description: MadeUpPersons, number: int, random: np.random.Generator) -> pl.DataFrame:
    """Persons in households; `resembles` is the row of the person whom somebody is easily taken for, `why` says why."""
    household = _households(description.households, number, random)
    first = np.searchsorted(household, household)  # the row of the first person of each household
    is_first = first == np.arange(number)
    language = random.choice(len(description.languages), number, p=_shares(description))[first]
    female = random.random(number) < 0.5
    family = _family_names(description, language, random)
    keeps = random.random(number) < description.households.same_family_name
    family = np.where(keeps, family[first], family)
    given = _given_names(description, language, female, random)
    birth = _dates(random, number, f"{OLDEST}-01-01", f"{YOUNGEST}-12-31")
    place = random.integers(len(description.places) * POSTCODES_PER_PLACE, size=number)[first]

    second = ~is_first & (first == np.arange(number) - 1)
    twin = second & (random.random(number) < 2 * description.households.twins)
    birth, family = np.where(twin, birth[first], birth), np.where(twin, family[first], family)
    namesake = second & ~twin & (random.random(number) < 4 * description.households.same_given_name_as_parent)
    given, female = np.where(namesake, given[first], given), np.where(namesake, female[first], female)
    family = np.where(namesake, family[first], family)
    return pl.DataFrame(
        {
            "given_name": pl.Series(given.tolist(), dtype=pl.String),
            "family_name": pl.Series(family.tolist(), dtype=pl.String),
            "birth_date": pl.Series(np.datetime_as_string(birth)),
            "sex": np.where(female, "female", "male"),
            "postcode": pl.Series([f"{10000 + 617 * int(code) % 89999:05}" for code in place]),
            "municipality": pl.Series([description.places[code // POSTCODES_PER_PLACE] for code in place]),
            "diagnosis_date": pl.Series(np.datetime_as_string(_dates(random, number, FIRST_DIAGNOSIS, LAST_DIAGNOSIS))),
            "resembles": pl.Series(np.where(twin | namesake, first, -1)),
            "why": np.where(twin, "twin", np.where(namesake, "same name in the household", "")),
        }
    )


def _households(shares: Households, number: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """The household of each person, in rising order."""
    alone = random.random(number) >= shares.of_several
    sizes = np.where(alone, 1, random.integers(2, 5, number))
    return np.repeat(np.arange(number), sizes)[:number]


def _shares(description: MadeUpPersons) -> npt.NDArray[np.float64]:
    shares = np.array([language.share for language in description.languages], dtype=np.float64)
    return np.asarray(shares / shares.sum())


def _rank(random: np.random.Generator, size: int, values: int) -> npt.NDArray[np.int64]:
    """Some values are frequent, most are rare, as names are: the chance falls with the square root of the rank."""
    chances = 1 / np.sqrt(np.arange(1, values + 1))
    return random.choice(values, size, p=chances / chances.sum())


def _family_names(description: MadeUpPersons, language: npt.NDArray[np.int64], random: np.random.Generator) -> Texts:
    names = np.empty(language.size, dtype=object)
    for number, parts in enumerate(description.languages):
        of = np.flatnonzero(language == number)
        starts, ends = (np.array(kind, dtype=object) for kind in (parts.family_starts, parts.family_ends))
        made = starts[_rank(random, of.size, starts.size)] + ends[_rank(random, of.size, ends.size)]
        if parts.particles:
            particle = np.array(parts.particles, dtype=object)[random.integers(len(parts.particles), size=of.size)]
            made = np.where(random.random(of.size) < 0.03, particle + " " + made, made)
        names[of] = made
    return names


def _given_names(
    description: MadeUpPersons, language: npt.NDArray[np.int64], female: npt.NDArray[np.bool_], random: np.random.Generator
) -> Texts:
    names = np.empty(language.size, dtype=object)
    for number, parts in enumerate(description.languages):
        for women, pool in ((True, parts.given_female), (False, parts.given_male)):
            of = np.flatnonzero((language == number) & (female == women))
            one, two = (np.array(pool, dtype=object)[_rank(random, of.size, len(pool))] for _ in range(2))
            names[of] = np.where((random.random(of.size) < 0.15) & (one != two), one + " " + two, one)
    return names


def _new_names(description: MadeUpPersons, random: np.random.Generator) -> Texts:
    """Family names to change to."""
    return _family_names(description, random.choice(len(description.languages), 1000, p=_shares(description)), random)


def _dates(random: np.random.Generator, number: int, first: str, last: str) -> npt.NDArray[np.datetime64]:
    span = (np.datetime64(last) - np.datetime64(first)).astype(int) + 1
    return np.datetime64(first) + random.integers(span, size=number).astype("timedelta64[D]")


def _look_alikes(
    people: pl.DataFrame, mine: npt.NDArray[np.int64], other: npt.NDArray[np.int64], our_ids: pl.Series, their_ids: pl.Series
) -> pl.DataFrame:
    """The pairs of one registry's person with the other's that look alike and are not the same."""
    here = pl.DataFrame({"row": mine, "ours": our_ids})
    there = pl.DataFrame({"row": other, "theirs": their_ids})
    like = people.with_row_index("row").filter(pl.col("resembles") >= 0).select(pl.col("row").cast(pl.Int64), "resembles", kind="why")
    both = pl.concat([like, like.select(row="resembles", resembles="row", kind="kind")])
    return (
        both.join(here, on="row").join(there, left_on="resembles", right_on="row").select("ours", "theirs", "kind").sort("ours", "theirs")
    )
