"""The measurements of survival, each in a process of its own: `python -m benchmarks.epidemiology_parts PART …`."""

from __future__ import annotations

import csv
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.own_process import answer
from benchmarks.run import ROOT
from nelm.epidemiology.crude_mortality import crude_mortality
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, SEXES, FollowUp, follow_up
from nelm.epidemiology.life_table import LifeTable, read_life_table
from nelm.epidemiology.net_survival import ederer1, ederer2, hakulinen, pohar_perme

DATA = ROOT / "tests" / "epidemiology" / "data"
R_SCRIPT = Path(__file__).with_name("relsurv.R")
SEED = 1
ROUNDS = 3
YEARS = (5,)
CLOSING = np.datetime64("2022-12-31")


def life_table() -> LifeTable:
    return read_life_table(DATA / "lifetable.csv.gz")


def cohort(persons: int) -> FollowUp:
    """The synthetic cohort of the tests, drawn again and again until it has so many persons."""
    with (DATA / "cohort.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["tumour_no"] == "1"]
    drawn = np.random.default_rng(SEED).integers(0, len(rows), persons)
    column = {name: np.array([row[name] for row in rows])[drawn] for name in ("sex", "age_days", "diag_date", "time", "dead")}
    return follow_up(
        sex=[SEXES[int(sex) - 1] for sex in column["sex"]],
        age_days=column["age_days"].astype(np.float64),
        diagnosis=column["diag_date"].astype("datetime64[D]"),
        exit_days=column["time"].astype(np.float64),
        dead=column["dead"] == "1",
    )


def timed(job: Callable[[], object]) -> tuple[float, float]:
    """The median seconds of one call on the clock and of the processor, after one that is not counted."""
    job()
    rounds = []
    for _ in range(ROUNDS):
        clock, processor = time.perf_counter(), time.process_time()
        job()
        rounds.append((time.perf_counter() - clock, time.process_time() - processor))
    walls, processors = zip(*rounds, strict=True)
    return statistics.median(walls), statistics.median(processors)


def methods(persons: str) -> dict[str, Any]:
    """Median seconds of each method, and what they say of 5 years."""
    people, table = cohort(int(persons)), life_table()
    work: dict[str, Callable[[], Any]] = {
        "Pohar Perme": lambda: pohar_perme(people, table, years=YEARS),
        "Ederer II": lambda: ederer2(people, table),
        "Ederer I": lambda: ederer1(people, table),
        "Hakulinen": lambda: hakulinen(people, table, closing=CLOSING.item()),
        "crude mortality": lambda: crude_mortality(people, table, years=YEARS),
    }
    seconds = {name: timed(job) for name, job in work.items()}
    return {
        "seconds": {name: wall for name, (wall, _) in seconds.items()},
        "processor_seconds": {name: processor for name, (_, processor) in seconds.items()},
        "person_days": float(people.exit_days.sum()),
        "days": float(people.exit_days.max()),
        "at_5_years": {name: float(work[name]().at(YEARS).survival[0]) for name in ("Pohar Perme", "Ederer II")},
    }


def once(persons: str) -> dict[str, Any]:
    """Pohar Perme and Ederer II once each, compiled beforehand; the rest of the memory is that of the data."""
    table = life_table()
    few = cohort(10)
    pohar_perme(few, table), ederer2(few, table)
    people = cohort(int(persons))
    seconds = {}
    for name, job in (("Pohar Perme", lambda: pohar_perme(people, table, years=YEARS)), ("Ederer II", lambda: ederer2(people, table))):
        start = time.perf_counter()
        job()
        seconds[name] = time.perf_counter() - start
    return {"seconds": seconds, "person_days": float(people.exit_days.sum())}


def in_r(persons: str) -> dict[str, Any]:
    """The same by relsurv, where R has it; in one thread, as it runs."""
    program = shutil.which("Rscript")
    if program is None:
        return {"skipped": "Rscript is not on the PATH"}
    known = subprocess.run([program, "-e", "cat(requireNamespace('relsurv', quietly = TRUE))"], capture_output=True, text=True, check=False)
    if known.stdout.strip() != "TRUE":
        return {"skipped": "R is here, and has no package relsurv"}
    people = cohort(int(persons))
    with tempfile.TemporaryDirectory(prefix="nelm-bench-") as name:
        folder = Path(name)
        who = people.persons
        with (folder / "cohort.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(("sex", "age", "diagnosis", "time", "dead"))
            dates = who.diagnosis_days.astype(np.int64).astype("datetime64[D]")
            out.writerows(zip(who.sex + 1, who.age_days, dates, people.exit_days, people.dead.astype(int), strict=True))
        table = life_table()
        for place, sex in enumerate(SEXES):
            np.savetxt(folder / f"{sex}.csv", np.exp(-table.hazard[place] * DAYS_PER_YEAR), delimiter=",")
        limits = str(table.years[0]), str(table.years[-1])
        done = subprocess.run([program, str(R_SCRIPT), str(folder), *limits, str(ROUNDS)], capture_output=True, text=True, check=False)
        if done.returncode:
            return {"skipped": f"R stopped: {done.stderr.strip()[-500:]}"}
        rows = [line.split(",") for line in (folder / "found.csv").read_text(encoding="utf-8").split()]
    seconds = {method: statistics.median(map(float, times)) for method, _, *times in rows}
    return {"seconds": seconds, "at_5_years": {method: float(value) for method, value, *_ in rows}}


if __name__ == "__main__":
    answer({"methods": methods, "once": once, "in_r": in_r})
