"""The linkage part of `make bench`: two registries of made-up persons, with names and with encodings that hold none.

    python -m benchmarks.linkage [--persons 100000]

Each way runs in a process of its own, so that its memory is its own. Figures of one run on one machine; nothing here says anything about
real persons: how often what differs is set by hand (content/registry/synthetic_persons.yaml).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.own_process import answer, measured

SEED = 20140108
IN_BOTH = 0.6
FIGURES = (
    ("recall", "True pairs linked", "{:.2%}"),
    ("recall_after_review", "… or left for review", "{:.2%}"),
    ("precision", "Links that are right", "{:.2%}"),
    ("false_links", "Wrong links", "{:,}"),
    ("reviews", "Pairs for review", "{:,}"),
    ("review_load", "… per 1,000 persons", "{:.1f}"),
    ("compared", "Pairs compared", "{:,}"),
    ("prepare_seconds", "Normalising or encoding, s", "{:.1f}"),
    ("link_seconds", "Learning, weighing, deciding, s", "{:.1f}"),
    ("processor_seconds", "All of it, of all processors, s", "{:.1f}"),
    ("peak_mb", "Peak memory, MB", "{:,.0f}"),
)
console = Console(width=110)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linkage", description="How well and how fast persons are linked.")
    parser.add_argument("--persons", type=int, default=100_000, help="persons in each registry (default: 100,000)")
    persons: int = parser.parse_args().persons
    found = {name: measured("benchmarks.linkage", name, persons) for name in PARTS}
    console.print(f"{persons:,} made-up persons against {persons:,}, {IN_BOTH:.0%} of them in both (seed {SEED}). {os.cpu_count()} cores.")
    table = Table(title="Linkage", title_justify="left")
    for heading in ("", *found):
        table.add_column(heading.replace("_", " "), justify="right" if heading else "left")
    for key, words, form in FIGURES:
        table.add_row(words, *(form.format(figures[key]) if figures[key] is not None else "none" for figures in found.values()))
    console.print(table)


def _made_up(persons: int) -> Any:
    from nelm.registry.linkage.synthetic import made_up_persons, simulate_persons

    return simulate_persons(made_up_persons(), persons, persons, in_both=IN_BOTH, seed=SEED)


def with_names(number: str) -> dict[str, Any]:
    from nelm.registry.linkage.evaluate import evaluate
    from nelm.registry.linkage.link import link
    from nelm.registry.linkage.normalise import Normaliser
    from nelm.registry.linkage.persons import persons_of
    from nelm.registry.linkage.settings import linkage_settings

    made, settings = _made_up(int(number)), linkage_settings()
    normaliser = Normaliser(settings.normalisation)
    start, processor = time.perf_counter(), time.process_time()
    ours, theirs = persons_of(made.ours, "ours", normaliser), persons_of(made.theirs, "theirs", normaliser)
    prepared = time.perf_counter()
    found = link(ours, theirs, settings)
    done, processor = time.perf_counter(), time.process_time() - processor
    evaluation = evaluate(found.decisions, made.truth, persons=int(number))
    return {**_figures(evaluation), "compared": found.decisions.height, **_times(start, prepared, done, processor)}


def encoded(number: str) -> dict[str, Any]:
    import polars as pl

    from nelm.registry.linkage.encoded_file import encode
    from nelm.registry.linkage.encoded_pairs import link_encoded
    from nelm.registry.linkage.encoding import encoding_settings
    from nelm.registry.linkage.evaluate import evaluate
    from nelm.registry.linkage.keys import LinkKey
    from nelm.registry.linkage.normalise import Normaliser
    from nelm.registry.linkage.persons import persons_of
    from nelm.registry.linkage.settings import linkage_settings

    made, normalisation, settings = _made_up(int(number)), linkage_settings().normalisation, encoding_settings()
    key, normaliser = LinkKey(bytes(range(32))), Normaliser(normalisation)
    start, processor = time.perf_counter(), time.process_time()
    ours = encode(persons_of(made.ours, "ours", normaliser), key, settings, normalisation, site="one")
    theirs = encode(persons_of(made.theirs, "theirs", normaliser), key, settings, normalisation, site="other")
    prepared = time.perf_counter()
    found = link_encoded(ours.encoded, theirs.encoded, settings.decisions, kept=settings.kept)
    done, processor = time.perf_counter(), time.process_time() - processor
    truth = made.truth
    for side, encoding in (("ours", ours), ("theirs", theirs)):
        names = dict(encoding.pseudonyms.select("id", "pseudonym").iter_rows())
        truth = truth.with_columns(pl.Series(side, [names[name] or f"?{name}" for name in truth[side].to_list()]))
    evaluation = evaluate(found.decisions, truth, persons=int(number))
    return {**_figures(evaluation), "compared": found.compared, **_times(start, prepared, done, processor)}


def _times(start: float, prepared: float, done: float, processor: float) -> dict[str, float]:
    return {"prepare_seconds": prepared - start, "link_seconds": done - prepared, "processor_seconds": processor}


def _figures(evaluation: Any) -> dict[str, Any]:
    return {
        "recall": evaluation.recall,
        "recall_after_review": evaluation.recall_after_review,
        "precision": evaluation.precision,
        "false_links": evaluation.false_links,
        "reviews": evaluation.in_review + evaluation.false_reviews,
        "review_load": evaluation.review_load,
    }


PARTS = {"with_names": with_names, "encoded": encoded}

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in PARTS:
        answer(PARTS)
    else:
        main()
