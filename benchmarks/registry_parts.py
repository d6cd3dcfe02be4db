"""What `benchmarks.registry_report` measures, each part in a process of its own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.own_process import answer


def make(where: str, patients: str, workers: str) -> dict[str, Any]:
    """Records, and their freeze; seconds of each."""
    from nelm.cohort.synthetic.content import load_description
    from nelm.cohort.synthetic.simulate import write_records
    from nelm.cohort.synthetic.surroundings import load_surroundings, write_surroundings
    from nelm.knowledge.store import knowledge
    from nelm.registry.freeze.write import Wanted, write_freeze
    from nelm.registry.settings import read_settings

    folder, content, begun = Path(where), knowledge(), time.perf_counter()
    write_records(load_description(content), content, folder / "records.jsonl", int(patients), 1, workers=int(workers))
    write_surroundings(load_surroundings(), folder, int(patients))
    simulated = time.perf_counter()
    settings = read_settings(folder / "registry.yaml")
    write_freeze(folder / "records.jsonl", folder / "freeze", content, settings, Wanted(workers=int(workers)))
    return {"simulate": simulated - begun, "freeze": time.perf_counter() - simulated}


def report(where: str) -> dict[str, Any]:
    """The report of that freeze; seconds of verifying, computing and writing."""
    from nelm.knowledge.store import knowledge
    from nelm.registry.annual.report import annual_report
    from nelm.registry.freeze.open import open_freeze
    from nelm.reports.annual import write_report

    folder, content, begun = Path(where), knowledge(), time.perf_counter()
    freeze = open_freeze(folder / "freeze", content)
    opened = time.perf_counter()
    made = annual_report(freeze)
    computed = time.perf_counter()
    write_report(made, folder / "report")
    return {"verify": opened - begun, "compute": computed - opened, "write": time.perf_counter() - computed}


if __name__ == "__main__":
    answer({"make": make, "report": report})
