"""One row for each patient of a freeze, as rates, prevalence and survival count them: from when to when, and how it ended.

Patients are counted from the day on which their liver metastases were first seen. A date that is known only in part is used as the
plan of the report says, and counted; what cannot be used leaves the patient out, and the reason is counted too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from nelm.cohort.compiled import CompiledCohort, compile_cohort
from nelm.cohort.facts_table import codes_of
from nelm.cohort.groups import NOT_KNOWN, grouping
from nelm.criteria import CodedType
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, follow_up
from nelm.registry.annual.plan import AnnualPlan
from nelm.registry.freeze.open import Freeze
from nelm.registry.freeze.write import BASELINE, FACTS, FOLLOWED

DATES = ("birth_date", "diagnosis", "metastases", "death", "last_contact")
ELIGIBLE = "eligible"
CENTRE = "centre"
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class LeftOut:
    """Why a number of patients are not in an analysis."""

    reason: str
    patients: int


@dataclass(frozen=True, eq=False)
class Patients:
    """The patients of a freeze that entered the registry.

    `frame` has a row each: patient, centre, sex (null where it is neither of a life table), the five dates, `dead` (on the closing day, as
    far as is known), `end` (the last day known), `age_days` (when the metastases were first seen), `first_malignancy`, and the groups of
    the plan in words. `estimated_dates` counts how many of each date were known only in part and taken as the middle.
    """

    frame: pl.DataFrame
    groups: Mapping[str, tuple[str, ...]]
    estimated_dates: Mapping[str, int]
    closing: date
    begin: date

    def __len__(self) -> int:
        return self.frame.height

    @cached_property
    def reasons(self) -> pl.Series:
        """Why a patient cannot be followed; null for those who can."""
        wrong = {
            "the day on which the metastases were first seen is not known": pl.col("metastases").is_null(),
            "metastases first seen before registration began: whoever died before it could not be registered": pl.col("metastases")
            < self.begin,
            "recorded as alive, with a date of death": pl.col("alive") & pl.col("death").is_not_null(),
            "dead, and the date of death is not known": pl.col("recorded_dead") & pl.col("death").is_null(),
            "neither a last contact nor a date of death is known": pl.col("end").is_null(),
            "the last day known lies before the metastases were first seen": pl.col("end") < pl.col("metastases"),
        }
        found = pl.lit(None, dtype=pl.String)
        for reason, condition in reversed(wrong.items()):
            found = pl.when(condition.fill_null(value=False)).then(pl.lit(reason)).otherwise(found)
        return self.frame.select(found.alias("reason"))["reason"]

    @cached_property
    def followed(self) -> pl.DataFrame:
        """The patients whose survival can be counted."""
        return self.frame.filter(self.reasons.is_null())

    @cached_property
    def not_followed(self) -> tuple[LeftOut, ...]:
        """How many are not, by reason."""
        counts = self.reasons.drop_nulls().value_counts(sort=True, name="patients")
        return tuple(LeftOut(reason, patients) for reason, patients in sorted(counts.iter_rows(), key=lambda row: (-row[1], row[0])))

    @cached_property
    def with_life_table(self) -> pl.DataFrame:
        """Those of them whose age and sex are known, so that a life table can be asked."""
        return self.followed.filter(pl.col("age_days").is_not_null() & pl.col("sex").is_not_null())


def days_followed(frame: pl.DataFrame) -> Floats:
    """Days from the first sight of the metastases to the last day known."""
    return frame.select((pl.col("end") - pl.col("metastases")).dt.total_days()).to_series().to_numpy().astype(np.float64)


def followed_up(frame: pl.DataFrame, entry_days: Floats | None = None) -> FollowUp:
    """The follow-up of patients with a life table (rows of `Patients.with_life_table`)."""
    return follow_up(
        sex=frame["sex"].to_list(),
        age_days=frame["age_days"].to_numpy(),
        diagnosis=frame["metastases"].to_numpy().astype("datetime64[D]"),
        exit_days=days_followed(frame),
        dead=frame["dead"].to_numpy(),
        entry_days=entry_days,
    )


def patients_of(freeze: Freeze, plan: AnnualPlan) -> Patients:
    """The eligible patients of a freeze. How they ended is taken from all that is known by now, and cut off at the closing day."""
    compiled, person, closing = compile_cohort(freeze.knowledge), plan.person, freeze.manifest.closing
    told = _columns(freeze, FACTS, (person.sex, person.first_malignancy, person.birth_date, person.diagnosis, person.metastases), CENTRE)
    later = _columns(freeze, FOLLOWED, (person.vital_status, person.death, person.last_contact))
    raw = told.filter(pl.col("patient").is_in(_eligible(freeze).implode())).join(later, on="patient", how="left", maintain_order="left")
    frame, estimated = _with_dates(raw, plan)
    frame = frame.with_columns(
        sex=_sex(frame, plan, compiled),
        alive=_is(frame, person.vital_status, person.alive, compiled),
        recorded_dead=_is(frame, person.vital_status, person.dead, compiled),
        first_malignancy=pl.col(person.first_malignancy),
        centre=pl.col(CENTRE).fill_null(NOT_KNOWN),
    )
    age = (pl.col("metastases") - pl.col("birth_date")).dt.total_days().cast(pl.Float64)
    frame = ended(frame, closing).with_columns(age_days=pl.when(age >= 0).then(age))
    grouped, words = _grouped(freeze, plan, compiled)
    kept = ["patient", CENTRE, "sex", *DATES, "alive", "recorded_dead", "dead", "end", "age_days", "first_malignancy"]
    frame = frame.select(kept).join(grouped, on="patient", how="left").with_columns(pl.col(list(words)).fill_null(NOT_KNOWN))
    divided = {name: words[name] for name in plan.survival.by}
    return Patients(frame.sort("patient"), divided, estimated, closing, freeze.settings.settings.begin)


def _columns(freeze: Freeze, table: str, facts: Sequence[str], *others: str) -> pl.DataFrame:
    """The columns of some facts of a facts table, for every patient."""
    found = freeze.facts(table)
    columns = ["patient", *others, *(column for name in facts for column in found.layout.of_facts[name])]
    return pl.concat(found.blocks(columns)).select(columns)


def ended(frame: pl.DataFrame, closing: date) -> pl.DataFrame:
    """The last day known of each patient, the closing day at the latest, and whether it was death. Without a day there is no end."""
    last = pl.coalesce("death", "last_contact")
    return frame.with_columns(
        dead=pl.col("death").is_not_null() & (pl.col("death") <= closing),
        end=pl.when(last.is_not_null()).then(pl.min_horizontal(last, pl.lit(closing))),
    )


def _eligible(freeze: Freeze) -> pl.Series:
    entry = freeze.table("entry")
    return entry.filter(pl.col("decision") == ELIGIBLE)["patient"]


def _with_dates(raw: pl.DataFrame, plan: AnnualPlan) -> tuple[pl.DataFrame, dict[str, int]]:
    """The dates as days, and how many of each are the middle of a few."""
    estimated: dict[str, int] = {}
    made = raw
    for field in DATES:
        name = getattr(plan.person, field)
        low, high = pl.col(f"{name}_low"), pl.col(f"{name}_high")
        width = (high - low).dt.total_days()
        usable = width < plan.partial_dates.at_most_days
        middle = low + pl.duration(days=(width // 2))
        estimated[field] = int(raw.select((usable & (width > 0)).sum()).item())
        made = made.with_columns(pl.when(usable).then(middle).alias(field))
    return made, estimated


def _sex(frame: pl.DataFrame, plan: AnnualPlan, compiled: CompiledCohort) -> pl.Series:
    words = {code: word for word, code in plan.person.sexes.items()}
    codes = frame[plan.person.sex].to_list()
    return pl.Series("sex", [words.get(code or "") for code in _only_code(codes, plan.person.sex, compiled)], dtype=pl.String)


def _is(frame: pl.DataFrame, name: str, code: str, compiled: CompiledCohort) -> pl.Series:
    return pl.Series([found == code for found in _only_code(frame[name].to_list(), name, compiled)], dtype=pl.Boolean)


def _only_code(bits: Sequence[int | None], name: str, compiled: CompiledCohort) -> Iterator[str | None]:
    """The one code that is possible; None where there are more."""
    kind = compiled.knowledge.model.types[name]
    assert isinstance(kind, CodedType), f"{name} is not coded"
    known: dict[int | None, str | None] = {None: None}
    for value in bits:
        if value not in known:
            codes = codes_of(value or 0, kind)
            known[value] = next(iter(codes)) if len(codes) == 1 else None
        yield known[value]


def _grouped(freeze: Freeze, plan: AnnualPlan, compiled: CompiledCohort) -> tuple[pl.DataFrame, dict[str, tuple[str, ...]]]:
    """The groups of each patient at baseline, and the words of each grouping in the order of the dictionary."""
    groups = grouping(compiled, plan.divided_by)
    words = {name: (*groups.words[name].values(), NOT_KNOWN) for name in groups.names}
    schema = {"patient": pl.String, **dict.fromkeys(groups.names, pl.String)}
    if not freeze.rows(BASELINE):
        return pl.DataFrame(schema=schema), words
    found = [
        pl.DataFrame([block["patient"], *groups.run(block).get_columns()])
        for block in freeze.facts(BASELINE).blocks(["patient", *groups.columns])
    ]
    return pl.concat(found), words


def age_groups(age_days: pl.Series, from_age: Sequence[int], names: Sequence[str]) -> pl.Series:
    """The age group of each patient, by age in years of 365.241 days; null below the first; without those whose age is not known."""
    known = age_days.drop_nulls() / DAYS_PER_YEAR
    place = pl.Series(list(from_age), dtype=pl.Float64).search_sorted(known, side="right").cast(pl.Int64) - 1
    return pl.Series([names[number] if number >= 0 else None for number in place], dtype=pl.String)
