"""What is run on other engines than Polars and held to the reference, and DuckDB as one of these engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from nelm.cohort.sql import DUCKDB, FirstOf, select
from nelm.criteria import CodedType, Codes, Evaluator, Truth, Value
from nelm.criteria.columns import Columns, Program
from nelm.knowledge.base import Knowledge
from nelm.knowledge.yamlfile import read
from nelm.patient.facts import Facts, facts_of
from nelm.patient.record import read_record
from tests.cohort.generated import Cohort
from tests.cohort.patients import facts_frame, random_patients

RANDOM = 1_100


def in_duckdb(program: Program, facts: pl.DataFrame | Path, words: Mapping[str, FirstOf] | None = None, threads: int = 2) -> pl.DataFrame:
    """What DuckDB makes of a program, in the order of the rows; a frame goes there as the Parquet file that it would be."""
    if isinstance(facts, pl.DataFrame):
        with TemporaryDirectory() as folder:
            facts.write_parquet(Path(folder) / "facts.parquet")
            return in_duckdb(program, Path(folder) / "facts.parquet", words, threads)
    with duckdb.connect(config={"threads": threads}) as connection:
        made = connection.execute(select(program, DUCKDB, DUCKDB.text(str(facts)), words=words))
        names = [column[0] for column in made.description or ()]
        return pl.DataFrame(made.fetchall(), schema=names, orient="row", infer_schema_length=None)


# ------------------------------------------------------------------------------------------------ generated cohorts


def everything_about(cohort: Cohort, columns: Columns) -> dict[str, int]:
    """The nodes of each condition (`0+` can be true, `0-` can be false) and each definition (a coded one by `name=code`)."""
    found: dict[str, int] = {}
    for number, condition in enumerate(cohort.conditions):
        found[f"{number}+"], found[f"{number}-"] = columns.condition(condition)
    for name in cohort.model.definitions:
        kind = cohort.model.type_of(name)
        if isinstance(kind, CodedType):
            found |= {f"{name}={code}": columns.member(name, frozenset({code})) for code in kind.codes}
        else:
            found[f"{name}+"], found[f"{name}-"] = columns.named(name)
    return found


def reference_says(cohort: Cohort, facts: Mapping[str, Value]) -> dict[str, bool]:
    """The same of one patient, by the reference evaluator."""
    evaluator = Evaluator(cohort.model, facts)
    values: dict[str, Value] = {str(number): evaluator.truth(condition) for number, condition in enumerate(cohort.conditions)}
    values |= {name: evaluator.value_of(name) for name in cohort.model.definitions}
    found: dict[str, bool] = {}
    for name, value in values.items():
        if isinstance(value, Codes):
            found |= {f"{name}={code}": code in value.members for code in cohort.model.type_of(name).codes}  # type: ignore[union-attr]
        else:
            assert isinstance(value, Truth)
            found |= {f"{name}+": value.can_be_true, f"{name}-": value.can_be_false}
    return found


# ------------------------------------------------------------------------------------------------ the real content


def worked_cases(knowledge: Knowledge, content: Path) -> list[Facts]:
    """The facts of every worked case."""
    found: list[Facts] = []
    for file in sorted((content / "cases" / "expected").glob("*.yaml")):
        expected = read(file).data
        aside = bool((expected.get("read") or {}).get("set_aside_invalid"))
        record = read_record(content / "cases" / f"{expected['case']}.yaml", knowledge, set_aside_invalid=aside)
        found.append(facts_of(record, knowledge))
    return found


def everybody(knowledge: Knowledge, content: Path) -> pl.DataFrame:
    """The facts of the worked cases, then of generated patients."""
    cases: Sequence[Mapping[str, Value]] = [facts.values for facts in worked_cases(knowledge, content)]
    return facts_frame(knowledge, [*cases, *random_patients(knowledge, RANDOM, seed=43)])
