"""Chapter: how good the records are, in all and centre by centre."""

from __future__ import annotations

from typing import Any

import polars as pl

from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Section, Table
from nelm.registry.annual.words import NOT_SHOWN, decimals, number, table
from nelm.registry.checks.content import load_checks
from nelm.registry.entry.decisions import DECISIONS
from nelm.registry.freeze.write import DUPLICATES, FINDINGS, QUALITY
from nelm.registry.quality.indices import ALL_CENTRES, DAYS, PERCENT, RECORDS

SEVERITIES = ("error", "warning", "note")
ENTRY_INDICES = frozenset(f"entry {decision}" for decision in DECISIONS)


def chapter(context: Context) -> Section:
    """The indices with their denominators, the indices of each centre, and what the checks found most.

    The decisions of entry add up to all records, and are held back together in the chapter on entry; they are not repeated here.
    """
    indices, findings = context.freeze.table(QUALITY), context.freeze.table(FINDINGS)
    pairs = context.freeze.rows(DUPLICATES)
    graded = {name: int((findings["severity"].cast(pl.String) == name).sum()) for name in SEVERITIES}
    said = ", ".join(f"{context.shown.count(count)} {name}{'' if count == 1 else 's'}" for name, count in graded.items())
    return Section(
        id="quality",
        title="How good the records are",
        paragraphs=(
            f"The checks found {said} in {number(context.freeze.rows('facts'))} records. An error cannot be true, a warning hardly, a note "
            "deserves a look. Nothing was corrected: records are mended where they are kept.",
            f"{context.shown.count(pairs)} pairs of records of one centre may be of one person; they are counted twice until somebody decides.",
        ),
        tables=(_all_centres(context, indices), _by_centre(context, indices), _findings(context, findings)),
        limits=("All records are in these indices, those that did not enter included. Small centres vary by chance.",),
    )


def _all_centres(context: Context, indices: pl.DataFrame) -> Table:
    rows = [
        (row["label"], *_counts(context, row), context.shown.count(row["not_known"]))
        for row in indices.filter((pl.col("centre") == ALL_CENTRES) & (pl.col("unit") == PERCENT)).iter_rows(named=True)
        if row["index"] not in ENTRY_INDICES
    ]
    notes = [
        f"{row['label']}: {decimals(row['value'], 0)} ({number(row['denominator'])} records)."
        for row in indices.filter((pl.col("centre") == ALL_CENTRES) & (pl.col("unit") == DAYS)).iter_rows(named=True)
        if row["value"] is not None and not context.shown.hides(int(row["denominator"]))
    ]
    return table("quality", "Indices of quality, all centres", ("Index", "With", "Of", "%", "Not known"), rows, notes=notes)


def _counts(context: Context, row: dict[str, Any]) -> tuple[str, str, str]:
    """Numerator, denominator and share; the share only where both numbers behind it may be printed."""
    above, below = round(row["numerator"]), round(row["denominator"])
    unknown = int(row["not_known"])
    without = below - above
    count = context.shown.line([above, unknown, without - unknown] if 0 < unknown <= without else [above, without])[0]
    hidden = count != number(above)
    share = NOT_SHOWN if hidden else "–" if row["value"] is None else decimals(row["value"])
    return count, context.shown.count(below), share


def _by_centre(context: Context, indices: pl.DataFrame) -> Table:
    wanted = context.plan.quality.by_centre
    labels = dict(indices.filter(pl.col("centre") == ALL_CENTRES).select("index", "label").iter_rows())
    units = dict(indices.filter(pl.col("centre") == ALL_CENTRES).select("index", "unit").iter_rows())
    of_centres = indices.filter(pl.col("centre") != ALL_CENTRES)
    centres = of_centres["centre"].unique(maintain_order=True).to_list()
    columns = [_column(context, of_centres.filter(pl.col("index") == name)) for name in wanted]
    rows = [(centre, *(column.get(centre, "–") for column in columns)) for centre in centres]
    heads = ("Centre", *(f"{labels.get(name, name)}{', %' if units.get(name) == PERCENT else ''}" for name in wanted))
    return table("quality-by-centre", "Indices of quality by centre", heads, rows)


def _column(context: Context, index: pl.DataFrame) -> dict[str, str]:
    """An index of each centre. All centres together stand beside it, so what is held back of one must not follow from the others."""
    rows = list(index.iter_rows(named=True))
    if rows and rows[0]["unit"] == RECORDS:
        return dict(zip((row["centre"] for row in rows), context.shown.line([round(row["value"]) for row in rows]), strict=True))
    cells = {row["centre"]: _cell(context, row) for row in rows}
    hidden = [row for row in rows if cells[row["centre"]] == NOT_SHOWN]
    if len(hidden) == 1:
        others = [row for row in rows if row not in hidden and row["denominator"]]
        cells |= {row["centre"]: NOT_SHOWN for row in sorted(others, key=lambda row: float(row["denominator"]))[:1]}
    return cells


def _cell(context: Context, row: dict[str, Any]) -> str:
    if row["value"] is None:
        return "–"
    if row["unit"] == DAYS:
        return NOT_SHOWN if context.shown.hides(round(row["denominator"])) else decimals(row["value"], 0)
    return _counts(context, row)[2]


def _findings(context: Context, findings: pl.DataFrame) -> Table:
    labels = load_checks(context.knowledge).labels()
    counts = findings.with_columns(pl.col("severity").cast(pl.String)).group_by("severity", "check").agg(pl.len().alias("count"))
    order = {name: place for place, name in enumerate(SEVERITIES)}
    ranked = sorted(counts.iter_rows(), key=lambda row: (-row[2], order[row[0]], row[1]))
    most = context.plan.quality.most_findings
    rows = [(labels.get(check, check), severity, context.shown.count(count)) for severity, check, count in ranked[:most]]
    notes = [f"The {most} most frequent of {len(ranked)} kinds of finding."] if len(ranked) > most else []
    return table("findings", "What the checks found most", ("Check", "Severity", "Findings"), rows, texts=2, notes=notes)
