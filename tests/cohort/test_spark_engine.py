"""Spark says what the reference says of generated cohorts, and what Polars says of the content.

Spark takes seconds to plan a program, so all generated cohorts are asked about at once: each condition of each cohort of
every patient of all cohorts. All tests that need Spark stand in this file and share one session.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from nelm.cohort.compiled import compile_cohort
from nelm.cohort.facts_table import ABOUT, Layout
from nelm.cohort.spark_engine import SparkEngine, SparkNotInstalled, local_session, read_facts, require_spark, statuses_with_spark
from nelm.criteria import Definition, Expression, Model, Row, Table
from nelm.criteria.columns import Columns
from nelm.criteria.syntax import Name, map_names
from nelm.knowledge.base import Knowledge
from tests.cohort.engines import everybody, everything_about, reference_says
from tests.cohort.generated import Cohort, cohorts
from tests.criteria.generated import TYPES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = TypeVar("T")
COHORTS = 60


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """Spark on this machine; skipped where there is no Java, but continuous integration has to have it."""
    try:
        require_spark()
    except SparkNotInstalled as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{missing} .ci/run shows how.")
    with pytest.MonkeyPatch.context() as patch:
        # quick to start rather than quick to run
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        with local_session(threads=2) as session:
            yield session


# ------------------------------------------------------------------------------------------------ generated cohorts


def drawn(strategy: SearchStrategy[T], number: int) -> list[T]:
    """So many examples, always the same."""
    found: list[T] = []

    @settings(max_examples=number, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    collect()
    return found


def together(parts: list[Cohort]) -> Cohort:
    """One cohort of several; the definitions of each get names of their own, its patients and conditions stay what they are."""
    types = dict(TYPES)
    definitions: dict[str, Definition] = {}
    conditions: list[Expression] = []
    patients = []
    for number, part in enumerate(parts):
        rename = _renaming(f"c{number}_", part.model)
        types |= {rename(name): kind for name, kind in part.model.types.items()}
        definitions |= {rename(name): _renamed(definition, rename) for name, definition in part.model.definitions.items()}
        conditions += [_renamed_in(condition, rename) for condition in part.conditions]
        patients += [{rename(name): value for name, value in facts.items()} for facts in part.patients]
    return Cohort(Model(types, definitions), tuple(conditions), tuple(patients))


def _renaming(prefix: str, model: Model) -> Callable[[str], str]:
    return lambda name: f"{prefix}{name}" if name in model.definitions else name


def _renamed_in(condition: Expression, rename: Callable[[str], str]) -> Expression:
    return map_names(condition, lambda name: Name(rename(name.name)))


def _renamed(definition: Definition, rename: Callable[[str], str]) -> Definition:
    if not isinstance(definition, Table):
        return _renamed_in(definition, rename)
    rows = tuple(Row(_renamed_in(row.when, rename), row.then) for row in definition.rows)
    return Table(definition.codes, rows, definition.otherwise)


def test_generated_cohorts_as_the_reference_says(
    spark: SparkSession, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    cohort = together(drawn(cohorts(), COHORTS))
    columns = Columns(cohort.model)
    engine = SparkEngine(columns.program(everything_about(cohort, columns)))
    cohort.frame.write_parquet(tmp_path / "facts.parquet")
    made = engine.run(read_facts(spark, tmp_path / "facts.parquet"), keep=["patient"]).collect()
    assert len(made) == len(cohort.patients) > COHORTS
    assert engine.by_reference  # some of them have to be asked of the reference evaluator
    for row in made:
        found = row.asDict()
        facts = cohort.patients[int(found.pop("patient"))]
        assert found == reference_says(cohort, facts)
    record_property("results compared", len(made) * len(engine.program.results))


# ------------------------------------------------------------------------------------------------ the content


def test_statuses_of_the_content_as_polars_says(spark: SparkSession, knowledge: Knowledge, content: Path, tmp_path: Path) -> None:
    compiled = compile_cohort(knowledge)
    frame = everybody(knowledge, content)
    frame.write_parquet(tmp_path / "facts.parquet", row_group_size=300)
    statuses_with_spark(tmp_path / "facts.parquet", tmp_path / "statuses", compiled, spark, keep=["patient", "as_of"])
    made = frame.select("patient", "as_of").join(pl.read_parquet(tmp_path / "statuses" / "*.parquet"), on=["patient", "as_of"], how="left")
    assert made.height == frame.height
    assert made.drop("patient", "as_of").equals(compiled.status_engine(compiled.statements).run(frame).cast(pl.String))


def test_what_is_there_is_written_over_only_on_demand(spark: SparkSession, harbour: Knowledge, tmp_path: Path) -> None:
    from pyspark.errors import AnalysisException

    compiled = compile_cohort(harbour)
    layout = Layout(harbour.model)
    layout.frame([{"patient": "A"}, {"patient": "B"}]).write_parquet(tmp_path / "facts.parquet")
    statuses_with_spark(tmp_path / "facts.parquet", tmp_path / "statuses", compiled)  # the session that runs
    with pytest.raises(AnalysisException, match="PATH_ALREADY_EXISTS"):
        statuses_with_spark(tmp_path / "facts.parquet", tmp_path / "statuses", compiled, spark)
    statuses_with_spark(tmp_path / "facts.parquet", tmp_path / "statuses", compiled, spark, overwrite=True)
    made = pl.read_parquet(tmp_path / "statuses" / "*.parquet")
    assert made.columns == [*ABOUT, *(statement.key for statement in compiled.statements)]
    assert sorted(made["patient"]) == ["A", "B"]


# ------------------------------------------------------------------------------------------------ what is not there


def test_without_spark_it_says_how_to_install_it(harbour: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(SparkNotInstalled, match=r"pip install 'nelm\[spark\]'"):
        statuses_with_spark("facts.parquet", "statuses", compile_cohort(harbour))


@pytest.mark.parametrize("variable", ["JAVA_HOME", "PATH"])
def test_without_java_it_says_so(harbour: Knowledge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    with pytest.raises(SparkNotInstalled, match="Java 17"):
        statuses_with_spark("facts.parquet", "statuses", compile_cohort(harbour))
