"""The survival part of `make bench`: how fast net survival is, whether its time grows with the patients alone, and beside what.

    python -m benchmarks.epidemiology [--persons 1000000]

`--persons` is the size of the largest cohort, which is run once and asked for its memory. The patients are the made-up ones of the
tests, drawn again and again. Figures of one run on one machine. With Rscript on the PATH, and relsurv in it, R is timed beside.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.epidemiology_parts import ROUNDS
from benchmarks.own_process import measured

PARTS = "benchmarks.epidemiology_parts"
SIZES = (6_000, 12_000, 30_000, 60_000)
IN_R = (6_000, 60_000)
NAMES_IN_R = {"PoharPerme": "Pohar Perme", "EdererII": "Ederer II"}
console = Console(width=110)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.epidemiology", description="How fast survival is computed.")
    parser.add_argument("--persons", type=int, default=1_000_000, help="persons of the largest cohort (default: 1 million)")
    largest: int = parser.parse_args().persons
    found = {size: measured(PARTS, "methods", size) for size in SIZES}
    days = found[SIZES[0]]["days"]
    console.print(
        f"The synthetic cohort, drawn again and again; a grid of {days:,.0f} days. {os.cpu_count()} cores, one used. Medians of {ROUNDS} rounds."
    )
    by_size(found)
    beside_r(found)
    once = measured(PARTS, "once", largest)
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in once["seconds"].items())
    memory = "not known here" if once["peak_mb"] is None else f"{once['peak_mb']:,.0f} MB"
    console.print(f"{largest:,} persons, {once['person_days'] / 1e9:.2f} billion person-days, once: {seconds}; peak memory {memory}")


def by_size(found: dict[int, dict[str, Any]]) -> None:
    table = Table(title="Seconds by number of persons", title_justify="left")
    for heading in ("Method", *(f"{size:,}" for size in found), "A million more", "R²"):
        table.add_column(heading, justify="left" if heading == "Method" else "right")
    for method in found[SIZES[0]]["seconds"]:
        seconds = [measurement["seconds"][method] for measurement in found.values()]
        processor = [measurement["processor_seconds"][method] for measurement in found.values()]
        fit, agreement = statistics.linear_regression(list(found), processor), statistics.correlation(list(found), processor) ** 2
        table.add_row(method, *(f"{value:.3f}" for value in seconds), f"{fit.slope * 1e6:.1f} s", f"{agreement:.4f}")
    console.print(table)
    console.print(
        "The last two columns: a straight line through the seconds of the processor, which other work on the machine disturbs less."
    )


def beside_r(found: dict[int, dict[str, Any]]) -> None:
    table = Table(title="Beside relsurv (one thread)", title_justify="left")
    for heading in ("What", "Found"):
        table.add_column(heading, justify="left" if heading == "What" else "right")
    for row in _rows_of_r(found):
        table.add_row(*row)
    console.print(table)


def _rows_of_r(found: dict[int, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for size in IN_R:
        theirs = measured(PARTS, "in_r", size)
        if "skipped" in theirs:
            yield "skipped", theirs["skipped"]
            return
        for short, name in NAMES_IN_R.items():
            seconds, ours = theirs["seconds"][short], found[size]["seconds"][name]
            yield f"{name}, {size:,} persons: R {seconds:.2f} s, NELM {ours:.3f} s", f"{seconds / ours:.1f} ×"
            yield (
                f"{name}, {size:,} persons: survival at 5 years in R and here",
                f"{theirs['at_5_years'][short]:.6f} {found[size]['at_5_years'][name]:.6f}",
            )


if __name__ == "__main__":
    main()
