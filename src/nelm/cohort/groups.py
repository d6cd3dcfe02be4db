"""Groups of patients: by centre, by year, or by any fact or derivation that has codes or is yes or no.

A patient of whom it is not settled to which group he or she belongs is counted under "not known", and never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.polars_engine import PolarsEngine
from nelm.criteria import BooleanType, CodedType

NOT_KNOWN = "not known"
CENTRE, YEAR = "centre", "year"
COLUMN_BEHIND = {CENTRE: "centre", YEAR: "as_of"}  # groups that are no facts


class NotAGroup(ValueError):
    """Something that patients cannot be grouped by."""


@dataclass(frozen=True)
class Grouping:
    """Divides the patients of a facts table by several things at once; `columns` are those of the table that it reads."""

    names: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]]  # of a fact: for each code its label, in the order of the dictionary
    engine: PolarsEngine

    @property
    def columns(self) -> list[str]:
        return [*(COLUMN_BEHIND[name] for name in self.names if name in COLUMN_BEHIND), *self.engine.columns]

    def run(self, block: pl.DataFrame) -> pl.DataFrame:
        """A column of words for each name."""
        made = pl.DataFrame([column.alias(name) for name, column in self.engine.run(block).items()])
        facts = made.select(self._word(name) for name in self.names if name in self.words)
        columns = [_about(block, name) if name in COLUMN_BEHIND else facts[name] for name in self.names]
        return pl.DataFrame(columns)

    def _word(self, name: str) -> pl.Expr:
        """The label of the only code that is possible; more than one is nothing known."""
        words = self.words[name]
        possible = [pl.col(f"{name} {code}") for code in words]
        how_many = pl.sum_horizontal(column.cast(pl.UInt8) for column in possible)
        found: Any = pl.when(how_many != 1).then(pl.lit(NOT_KNOWN))
        for column, label in zip(possible, words.values(), strict=True):
            found = found.when(column).then(pl.lit(label))
        word: pl.Expr = found.otherwise(pl.lit(NOT_KNOWN))
        return word.alias(name)

    def sorted(self, frame: pl.DataFrame, *, then: Sequence[str] = ()) -> pl.DataFrame:
        """Rows in the order in which people read them: codes as in the dictionary, "not known" last."""
        keys = [self._place(frame, name) for name in self.names]
        return frame.with_columns(key.alias(f"#{number}") for number, key in enumerate(keys)).sort(
            [*(f"#{number}" for number in range(len(keys))), *then], maintain_order=True
        )[frame.columns]

    def _place(self, frame: pl.DataFrame, name: str) -> pl.Series:
        words = [*self.words[name].values()] if name in self.words else sorted(set(frame[name]) - {NOT_KNOWN})
        place = {word: number for number, word in enumerate([*words, NOT_KNOWN])}
        return pl.Series([place[word] for word in frame[name]], dtype=pl.Int32)


def _about(block: pl.DataFrame, name: str) -> pl.Series:
    column = block[COLUMN_BEHIND[name]]
    return (column.dt.year() if name == YEAR else column).cast(pl.String).fill_null(NOT_KNOWN).alias(name)


def grouping(cohort: CompiledCohort, names: Iterable[str]) -> Grouping:
    """Groups by these names. Raises NotAGroup for one that is neither `centre` nor `year` nor a fact with codes or yes and no."""
    chosen = tuple(dict.fromkeys(names))
    words: dict[str, Mapping[str, str]] = {}
    results: dict[str, int] = {}
    for name in chosen:
        if name in COLUMN_BEHIND:
            continue
        codes = _nodes_of(cohort, name)
        words[name] = _words(cohort, name, list(codes))
        results |= {f"{name} {code}": node for code, node in codes.items()}
    return Grouping(chosen, words, PolarsEngine(cohort.program(results)))


def _nodes_of(cohort: CompiledCohort, name: str) -> dict[str, int]:
    """For each code of a fact whether it is possible."""
    match cohort.knowledge.model.type_of(name):
        case CodedType(codes):
            return {code: cohort.columns.member(name, frozenset({code})) for code in codes}
        case BooleanType():
            return dict(zip(("yes", "no"), cohort.columns.named(name), strict=True))
        case None:
            raise NotAGroup(f"{name!r} is not known. Groups are made by centre, by year, or by a fact or derivation of the content.")
        case kind:
            raise NotAGroup(
                f"{cohort.knowledge.label(name)} ({name}) is a {kind.name}, and groups need codes, or yes and no. "
                "Write a derivation that divides it, and group by that."
            )


def _words(cohort: CompiledCohort, name: str, codes: Sequence[str]) -> dict[str, str]:
    """What a clinician calls the codes; the code itself where two are called alike."""
    known = {code.code: code.label for code in cohort.knowledge.codes_of(name)}
    labels = [known.get(code, code) for code in codes]
    alike = {label for label in labels if labels.count(label) > 1 or label == NOT_KNOWN}
    return {code: code if label in alike else label for code, label in zip(codes, labels, strict=True)}
