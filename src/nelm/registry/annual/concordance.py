"""Chapter: treatments held against the documents in force at the time, and survival by that, with its limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from nelm.cohort.concordance import OUTCOMES, Concordance, comparing, whole_patients
from nelm.cohort.outcomes import MEANING, Outcome
from nelm.epidemiology.follow_up import times
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.survival import Group, by_group, drawn, grouped
from nelm.registry.annual.words import NOT_SHOWN, table
from nelm.registry.freeze.write import DECISIONS

JUDGED = (Outcome.CONCORDANT.value, Outcome.DISCORDANT.value)
DIRECTED = (*JUDGED, Outcome.CONTRADICTORY.value, Outcome.NOT_ASSESSABLE.value)
SINCE = "the first treatment that could be judged"
OUTCOME_COLUMNS = dict.fromkeys(("patient", "event", "as_of", "centre", "guideline", "outcome"), pl.String) | {"as_of": pl.Date}


@dataclass(frozen=True, eq=False)
class Compared:
    """Every treatment of an eligible patient with its outcomes: by decision and document, one word of `JUDGED` where there is one."""

    found: Concordance
    judged: pl.DataFrame  # patient, as_of, centre, guideline, outcome: a row per decision and document


def compared(context: Context) -> Compared | None:
    """The comparison; None where nobody was treated."""
    if not context.freeze.rows(DECISIONS):
        return None
    compare = comparing(context.compiled)
    rows: list[pl.DataFrame] = []
    counted = pl.col("patient").is_in(context.patients.frame["patient"].implode()) & (pl.col("as_of") <= context.patients.closing)
    blocks = (block.filter(counted) for block in context.freeze.facts(DECISIONS).blocks(compare.columns))
    found = compare.run(whole_patients(blocks), lambda outcomes: rows.append(outcomes.select(list(OUTCOME_COLUMNS))))
    return Compared(found, _judged(pl.concat([pl.DataFrame(schema=OUTCOME_COLUMNS), *rows], how="vertical_relaxed")))


def _judged(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Concordant if one of the terms of a treatment is, else discordant if one is; treatments of which neither holds are left out."""
    is_concordant, is_discordant = ((pl.col("outcome") == word).any() for word in JUDGED)
    word = pl.when(is_concordant).then(pl.lit(JUDGED[0])).when(is_discordant).then(pl.lit(JUDGED[1]))
    return (
        outcomes.group_by("patient", "event", "guideline", maintain_order=True)
        .agg(pl.col("as_of").first(), pl.col("centre").first(), outcome=word)
        .filter(pl.col("outcome").is_not_null())
    )


def chapter(context: Context, found: Compared | None) -> Section:
    """Totals by document, by treatment, and survival by outcome."""
    if found is None:
        return Section("concordance", "Treatment and guidelines", ("No treatment is on record.",))
    pictures: list[Picture] = []
    tables = [_totals(context, found), *_by_treatment(context, found)]
    for name, compiled in context.knowledge.guidelines.items():
        groups = _groups(context, found.judged.filter(pl.col("guideline") == name))
        title = f"Survival by the first treatment judged by {compiled.guideline.name}"
        pictures += list(drawn(context, f"concordance-{name}", title, groups, SINCE))
        if groups:
            tables.append(by_group(context, f"concordance-{name}", title, groups, SINCE))
    meanings = " ".join(f"{word.value.replace('_', ' ').capitalize()}: {says}" for word, says in MEANING.items())
    return Section(
        id="concordance",
        title="Treatment and guidelines",
        paragraphs=(
            f"{context.shown.count(found.found.decisions)} treatments of eligible patients were held against what each document in force at the time says, "
            "with what was on record before the treatment.",
            meanings,
        ),
        pictures=tuple(pictures),
        tables=tuple(tables),
        limits=(context.plan.concordance.limits,),
    )


def _groups(context: Context, judged: pl.DataFrame) -> list[Group]:
    """Survival from the first decision of a patient that could be judged."""
    first = judged.sort("as_of", maintain_order=True).unique("patient", keep="first", maintain_order=True)
    frame = context.patients.followed.join(first.select("patient", "as_of", "outcome"), on="patient").filter(
        pl.col("end") >= pl.col("as_of")
    )
    found = {}
    for word in JUDGED:
        own = frame.filter(pl.col("outcome") == word)
        if own.height:
            days = own.select((pl.col("end") - pl.col("as_of")).dt.total_days()).to_series().to_numpy()
            found[word.capitalize()] = times(exit_days=days, dead=own["dead"].to_numpy())
    return grouped(context, found)


def _totals(context: Context, found: Compared) -> Table:
    frame = found.found.totals((), context.settings.below)
    rows = [[_document(context, row["guideline"]), *_cells(row)] for row in frame.iter_rows(named=True)]
    return table(
        "concordance-totals",
        "Outcomes by document",
        ("Document", *_heads(), "Of"),
        rows,
        notes=("A treatment that several terms name counts for each.",),
    )


def _by_treatment(context: Context, found: Compared) -> Iterator[Table]:
    """A table per document, of the treatments about which it could be asked."""
    said = found.found.counts.filter(pl.col("outcome").is_in(DIRECTED)).select("guideline", "term").unique()
    frame = found.found.totals(("term",), context.settings.below).join(said, on=["guideline", "term"], how="semi", maintain_order="left")
    notes = ("Treatments of which something could be judged, or could not for want of facts; the others are in the totals.",)
    for name in context.knowledge.guidelines:
        rows = [[row["label"], *_cells(row)] for row in frame.filter(pl.col("guideline") == name).iter_rows(named=True)]
        if rows:
            title = f"Outcomes by treatment: {_document(context, name)}"
            yield table(f"concordance-by-treatment-{name}", title, ("Treatment", *_heads(), "Of"), rows, notes=notes)


def _heads() -> Sequence[str]:
    return [outcome.replace("_", " ").capitalize() for outcome in OUTCOMES]


def _cells(row: dict[str, object]) -> list[str]:
    return [NOT_SHOWN if row[name] == "suppressed" else str(row[name]) for name in (*OUTCOMES, "of")]


def _document(context: Context, name: str) -> str:
    return context.knowledge.guidelines[name].guideline.name
