"""What `benchmarks.cohort` measures, part by part, each in a process of its own."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.own_process import answer
from benchmarks.run import ROOT
from nelm.cohort.assess import assess_table
from nelm.cohort.compiled import CompiledCohort, StatusEngine, compile_cohort
from nelm.cohort.facts_table import DOUBT, Layout
from nelm.cohort.polars_engine import PolarsEngine
from nelm.cohort.tables import BLOCK_ROWS, open_facts
from nelm.knowledge.base import Knowledge
from nelm.knowledge.store import knowledge

ROUNDS = 3
CQL_PATIENTS, SPARK_PATIENTS = 300, 20_000
Found = dict[str, Any]


def rounds(works: dict[str, Callable[[], object]], times: int = ROUNDS) -> dict[str, list[float]]:
    """The seconds that each piece of work took; the pieces take turns, after one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(times + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if number:
                taken[name].append(time.perf_counter() - start)
    return taken


def medians(taken: dict[str, list[float]]) -> dict[str, float]:
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def blocks(frame: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """As from a facts table on disk."""
    return frame.iter_slices(BLOCK_ROWS)


# -- ours --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InMemory:
    """Every derivation and criterion, and every status, of patients whose facts are in memory."""

    definitions: PolarsEngine
    statuses: StatusEngine
    frame: pl.DataFrame

    @classmethod
    def of(cls, file: str, compiled: CompiledCohort) -> InMemory:
        definitions = PolarsEngine(compiled.program(compiled.definitions()))
        statuses = compiled.status_engine(compiled.statements)
        columns = sorted({*definitions.columns, *statuses.engine.columns})
        return cls(definitions, statuses, pl.read_parquet(file, columns=columns).rechunk())

    def judge(self, *run: Callable[[pl.DataFrame], object]) -> None:
        for block in blocks(self.frame):
            for one in run:
                one(block)

    def judge_all(self) -> None:
        self.judge(self.definitions.run, self.statuses.run)


def in_memory(file: str) -> Found:
    compiled = compile_cohort(knowledge())
    at_hand = InMemory.of(file, compiled)
    taken = rounds(
        {
            "definitions": lambda: at_hand.judge(at_hand.definitions.run),
            "statuses": lambda: at_hand.judge(at_hand.statuses.run),
            "both": at_hand.judge_all,
        }
    )
    return {
        "seconds": medians(taken),
        "rows": at_hand.frame.height,
        "columns": at_hand.frame.width,
        "frame_mb": at_hand.frame.estimated_size("mb"),
        "definitions": len(compiled.knowledge.model.definitions),
        "statements": len(compiled.statements),
        "nodes": [len(at_hand.definitions.program.nodes), len(at_hand.statuses.engine.program.nodes)],
    }


def on_disk(file: str, times: str = "1") -> Found:
    """Every status, from a facts table in Parquet to verdicts in Parquet, as `nelm cohort assess` does it."""
    content = knowledge()
    taken: list[tuple[float, float]] = []
    for _ in range(int(times)):
        start, processor = time.perf_counter(), time.process_time()
        assess_file(file, content)
        taken.append((time.perf_counter() - start, time.process_time() - processor))
    seconds, processor_seconds = (statistics.median(column) for column in zip(*taken, strict=True))
    return {"seconds": seconds, "processor_seconds": processor_seconds}


def assess_file(file: str, content: Knowledge) -> None:
    with tempfile.TemporaryDirectory(dir=Path(file).parent) as folder:
        assess_table(open_facts(Path(file), content), compile_cohort(content), Path(folder))


# -- the hundred rules ---------------------------------------------------------------------------------------


def hundred(file: str) -> Found:
    """A hundred rules: compiled, written by hand in Polars, and in SQL for DuckDB."""
    import duckdb

    from benchmarks import by_hand_duckdb, by_hand_polars

    content = knowledge()
    engine = hundred_compiled(compile_cohort(content), by_hand_polars.RULES)
    asked = {column for rule in by_hand_polars.RULES.values() for column in rule.meta.root_names()}
    frame = pl.read_parquet(file, columns=sorted({*engine.columns, *asked})).rechunk()
    with by_hand_duckdb.loaded(Path(file), pl.thread_pool_size()) as connection:
        taken = rounds(
            {
                "ours": lambda: [pl.DataFrame(engine.run(block)) for block in blocks(frame)],
                "Polars": lambda: by_hand_polars.run(frame),
                "DuckDB": lambda: by_hand_duckdb.run(connection),
            }
        )
    ratios = {name: [mine / other for mine, other in zip(taken["ours"], taken[name], strict=True)] for name in ("Polars", "DuckDB")}
    return {
        "seconds": medians(taken),
        "ratios": medians(ratios),
        "rows": frame.height,
        "versions": {"Polars": pl.__version__, "DuckDB": duckdb.__version__},
        "differ": differences(engine, by_hand_polars.run(frame), frame),
    }


def hundred_compiled(compiled: CompiledCohort, names: Iterable[str]) -> PolarsEngine:
    results: dict[str, int] = {}
    for name in names:
        results[f"{name} +"], results[f"{name} -"] = compiled.columns.named(name)
    return PolarsEngine(compiled.program(results))


def differences(engine: PolarsEngine, by_hand: pl.DataFrame, frame: pl.DataFrame) -> int:
    """How many answers differ, of patients about whom nothing is held open and whose numbers are in one range."""
    plain = pl.all_horizontal(pl.col(name).list.len().fill_null(0) == 0 for name in DOUBT if name in frame.columns)
    differ = 0
    for start, block in zip(range(0, frame.height, BLOCK_ROWS), blocks(frame), strict=True):
        made = pl.DataFrame(engine.run(block))
        known = made.select(
            pl.when(pl.col(f"{name} +") != pl.col(f"{name} -")).then(pl.col(f"{name} +")).alias(name) for name in by_hand.columns
        )
        certain = block.select(plain).to_series()
        hand = by_hand.slice(start, block.height)
        differ += sum(int((known[name].ne_missing(hand[name]) & certain).sum()) for name in by_hand.columns)
    return differ


# -- other engines over the same content --------------------------------------------------------------------


def cql(file: str, large: str) -> Found:
    """The exported libraries of both documents, in the JavaScript engine of the CQL standard; ours, with more patients, in turns with it."""
    from nelm.interop.cql import cql_library, parameter_values
    from tests.interop.cql_engine import FOLDER, Engine, NotInstalled

    node, npm = shutil.which("node") or shutil.which("nodejs"), shutil.which("npm")
    if node is None or npm is None:
        return {"skipped": f"{'node' if node is None else 'npm'} is not there"}
    content = knowledge()
    layout = Layout(content.model)
    people = [layout.values(row) for row in pl.read_parquet(file, n_rows=CQL_PATIENTS).iter_rows(named=True)]
    at_hand = InMemory.of(large, compile_cohort(content))
    taken: dict[str, list[float]] = {"cql": [], "in memory": [], "on disk": []}
    with tempfile.TemporaryDirectory() as folder:
        try:
            engine = Engine.installed(node, npm, cache=ROOT / ".venv" / "cache" / "npm", work=Path(folder))
        except NotInstalled as reason:
            return {"skipped": str(reason)}
        libraries = [cql_library(content, name) for name in content.guidelines]
        prepared = [(engine.translate(found.text), [parameter_values(found, values) for values in people]) for found in libraries]
        for _ in range(ROUNDS):
            taken["cql"].append(sum(_in_cql(node, FOLDER / "run.mjs", elm, given) for elm, given in prepared) / len(people))
            for name, work in (("in memory", at_hand.judge_all), ("on disk", lambda: assess_file(large, content))):
                start = time.perf_counter()
                work()
                taken[name].append((time.perf_counter() - start) / at_hand.frame.height)
    package = json.loads((FOLDER / "node_modules" / "cql-execution" / "package.json").read_text(encoding="utf-8"))
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    times = {name: [theirs / mine for theirs, mine in zip(taken["cql"], taken[name], strict=True)] for name in ("in memory", "on disk")}
    return {"seconds": medians(taken), "times": medians(times), "patients": len(people), "version": package["version"], "node": version}


def _in_cql(node: str, script: Path, elm: Path, people: list[dict[str, Any]]) -> float:
    """Seconds of execution alone: neither loading nor reading nor writing."""
    lines = "".join(json.dumps(given) + "\n" for given in people)
    done = subprocess.run([node, str(script), "--time", str(elm)], input=lines, capture_output=True, text=True, check=True)
    milliseconds: float = json.loads(done.stderr.splitlines()[-1])["milliseconds"]
    return milliseconds / 1000


def spark(file: str) -> Found:
    """The statuses by Spark on this machine, held against ours."""
    from nelm.cohort.spark_engine import SparkEngine, SparkNotInstalled, local_session, read_facts, statuses_with_spark
    from nelm.cohort.status_words import status_words

    compiled = compile_cohort(knowledge())
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "statuses"
        start = time.perf_counter()
        try:
            with local_session(pl.thread_pool_size()) as session:
                started = time.perf_counter()
                with redirect_stdout(StringIO()):
                    SparkEngine(*status_words(compiled.status_engine(compiled.statements))).run(read_facts(session, file)).explain()
                planned = time.perf_counter()
                statuses_with_spark(file, output, compiled, session)
                ended = time.perf_counter()
                version = session.version
        except SparkNotInstalled as reason:
            return {"skipped": str(reason)}
        theirs = pl.read_parquet(output / "*.parquet").sort("patient")
        ours = assess_table(open_facts(Path(file), compiled.knowledge), compiled, Path(folder) / "ours")
        mine = pl.read_parquet(ours.folder / "*.parquet").sort("patient").select(pl.col(theirs.columns).cast(pl.String))
    differ = sum(int(theirs[name].cast(pl.String).ne_missing(mine[name]).sum()) for name in theirs.columns)
    return {
        "start": started - start,
        "plan": planned - started,
        "run": ended - planned,
        "rows": theirs.height,
        "statements": len(compiled.statements),
        "version": version,
        "differ": differ,
    }


def from_records(folder: str) -> Found:
    """The facts of made-up records, by one process."""
    from benchmarks.cohort_data import DIFFERENT, facts

    content: Knowledge = knowledge()
    taken: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        facts(Path(folder), content)
        taken.append(time.perf_counter() - start)
    return {"seconds": statistics.median(taken), "records": DIFFERENT}


PARTS: dict[str, Callable[..., Found]] = {
    "in_memory": in_memory,
    "on_disk": on_disk,
    "hundred": hundred,
    "cql": cql,
    "spark": spark,
    "from_records": from_records,
}

if __name__ == "__main__":
    answer(PARTS)
