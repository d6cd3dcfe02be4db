"""The freeze and the annual report of a synthetic registry: time and peak memory.

    python -m benchmarks.registry_report [--patients 100000] [--workers 2]

A freeze reads every record once and computes its facts at three moments; that is nearly all of the time. The report reads the freeze.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.own_process import measured

PATIENTS = 2_000
PARTS = "benchmarks.registry_parts"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registry_report", description="How long a freeze and its report take.")
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nelm-bench-") as name:
        folder = Path(name)
        made = measured(PARTS, "make", folder, wanted.patients, wanted.workers)
        told = measured(PARTS, "report", folder)
    table = Table(title=f"A registry of {wanted.patients:,} made-up patients, {wanted.workers} processes (once)", title_justify="left")
    table.add_column("Step")
    table.add_column("Seconds", justify="right")
    for found in (made, told):
        for step, seconds in found.items():
            if step != "peak_mb":
                table.add_row(step, f"{seconds:.1f}")
    console = Console(width=110)
    console.print(table)
    console.print(f"Peak memory: making {made['peak_mb']:.0f} MB (one process), report {told['peak_mb']:.0f} MB.")


if __name__ == "__main__":
    main()
