"""Chapter: who entered the registry, who did not and why, and of whom it is not known."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from nelm.cohort.canvas import FAINT, FULL, GREY, INK, PAPER, SOFT, STRIPES, Canvas, wrapped
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.words import NOT_SHOWN, number, table
from nelm.registry.entry.content import load_entry
from nelm.registry.entry.decisions import ELIGIBLE, NOT_ELIGIBLE, UNDETERMINED

DECISIONS = {
    ELIGIBLE: ("Entered", FULL, PAPER),
    NOT_ELIGIBLE: ("Not eligible", GREY, INK),
    UNDETERMINED: ("Not settled: items are missing", STRIPES, INK),
}
MOST_MISSING = 12


def chapter(context: Context) -> Section:
    """The flow of entry, with a table of reasons and one of missing items."""
    entry = context.freeze.table("entry")
    criteria = load_entry(context.knowledge)
    counts = dict(entry["decision"].cast(pl.String).value_counts().iter_rows())
    decided = [int(counts.get(name, 0)) for name in DECISIONS]
    words = dict(zip(DECISIONS, context.shown.line(decided), strict=True))
    made_with = context.freeze.manifest.content.get(f"entry {criteria.id}", "not stated")
    received, rejected = (context.freeze.manifest.counts[name] for name in ("records", "rejected"))
    return Section(
        id="entry",
        title="Who entered the registry",
        paragraphs=(
            f"{number(received)} record{' was' if received == 1 else 's were'} received; {context.shown.count(rejected)} could not be read. Entry criteria: {criteria.id}, "
            f"version {made_with}. A record enters when every criterion certainly holds; one that fails a criterion does not; "
            "of the others it is not settled, and they are counted as neither.",
        ),
        pictures=(_picture(context, words, decided),),
        tables=(
            _reasons(context, entry, criteria.label_of, told=words[NOT_ELIGIBLE] != NOT_SHOWN),
            _missing(context, entry, told=words[UNDETERMINED] != NOT_SHOWN),
        ),
    )


def _reasons(context: Context, entry: pl.DataFrame, labels: Mapping[str, str], *, told: bool) -> Table:
    """How many failed each criterion; no number where that of all who failed is held back."""
    found = entry.filter(pl.col("decision") == NOT_ELIGIBLE)["reasons"].explode().drop_nulls().value_counts(sort=True, name="patients")
    rows = [
        (labels.get(reason, reason), context.shown.count(patients) if told else NOT_SHOWN) for reason, patients in _largest_first(found)
    ]
    return table(
        "entry-reasons",
        "Criteria that were not met",
        ("Criterion", "Patients"),
        rows,
        notes=("A patient may fail several criteria and is then counted for each.",),
    )


def _missing(context: Context, entry: pl.DataFrame, *, told: bool) -> Table:
    """How many wait for each item; no number where that of all who wait is held back."""
    found = entry.filter(pl.col("decision") == UNDETERMINED)["missing"].explode().drop_nulls().value_counts(sort=True, name="patients")
    rows = [
        (context.knowledge.label(fact), context.shown.count(patients) if told else NOT_SHOWN)
        for fact, patients in _largest_first(found)[:MOST_MISSING]
    ]
    return table(
        "entry-missing",
        "What would settle the others",
        ("Missing item", "Patients who wait for it"),
        rows,
        notes=("A patient may wait for several items.",),
    )


def _largest_first(counts: pl.DataFrame) -> list[tuple[str, int]]:
    return sorted(counts.iter_rows(), key=lambda row: (-row[1], row[0]))


# -- the picture -------------------------------------------------------------------------------------------

WIDTH, BOX_HEIGHT, GAP, MARGIN = 860, 92, 22, 18


def _picture(context: Context, words: Mapping[str, str], counts: list[int]) -> Picture:
    title = "From records received to patients entered"
    canvas = Canvas(WIDTH, BOX_HEIGHT + 156)
    top, middle = 10.0, WIDTH / 2
    usable = sum(counts)
    canvas.box(middle - 150, top, 300, 58, PAPER)
    canvas.text(middle, top + 20, number(usable), size=19, weight="bold", align="center")
    canvas.text(middle, top + 42, "patients on record", size=13, align="center")
    width = (WIDTH - 2 * MARGIN - 2 * GAP) / 3
    line = top + 58 + 18
    canvas.line(middle, top + 58, middle, line, colour=SOFT)
    canvas.line(MARGIN + width / 2, line, WIDTH - MARGIN - width / 2, line, colour=SOFT)
    for place, (name, (label, fill, _)) in enumerate(DECISIONS.items()):
        x = MARGIN + place * (width + GAP)
        canvas.line(x + width / 2, line, x + width / 2, line + 18, colour=SOFT)
        _box(canvas, x, line + 18, width, words[name], label, fill)
        if words[name] != NOT_SHOWN and usable and not words[name].startswith("<"):
            canvas.text(x + width / 2, line + 18 + 74, f"{100 * counts[place] / usable:.1f} %", size=12, colour=SOFT, align="center")
    canvas.text(MARGIN, line + 18 + BOX_HEIGHT + 24, context.named, size=11, colour=SOFT)
    says = "; ".join(f"{label}: {words[name]}" for name, (label, *_) in DECISIONS.items())
    return Picture("entry-flow", title, canvas.svg(title, f"{number(usable)} patients. {says}."), f"{number(usable)} patients. {says}.")


def _box(canvas: Canvas, x: float, y: float, width: float, count: str, label: str, fill: str) -> None:
    canvas.box(x, y, width, BOX_HEIGHT, PAPER, FAINT)
    canvas.box(x, y, width, 9, fill)
    canvas.text(x + width / 2, y + 32, count, size=19, weight="bold", align="center")
    canvas.lines_of_text(x + width / 2 - 3.1 * len(label), y + 54, wrapped(label, 40, 1), size=13)
