"""A compiled program run by Spark, where the data outgrow one machine. Needs the extra `nelm[spark]` and Java.

The program goes to Spark as the stages of `nelm.cohort.sql`, which Spark plans and runs as its own. What SQL cannot say is
judged by the reference evaluator, row by row, in the Python of the executors; only then do they need NELM.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from nelm.cohort.compiled import CompiledCohort
from nelm.cohort.facts_table import ABOUT, Layout
from nelm.cohort.sql import SPARK, FirstOf, stages
from nelm.cohort.status_words import status_words
from nelm.criteria import Evaluator, Model
from nelm.criteria.columns import ByReference, Program

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

HERE = "127.0.0.1"
JUDGED = "judged_by_reference"
LOGGING = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = Spark: %m%n%ex
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = error
"""


class SparkNotInstalled(RuntimeError):
    """Spark, or the Java that it runs on, is not there."""


@dataclass(frozen=True)
class SparkEngine:
    """Runs one program over facts tables; with `words`, columns of words instead of the results."""

    program: Program
    words: Mapping[str, FirstOf] | None = None

    @cached_property
    def by_reference(self) -> tuple[ByReference, ...]:
        """What only the reference evaluator can judge."""
        return tuple(leaf for leaf in self.program.leaves() if isinstance(leaf, ByReference))

    def run(self, frame: DataFrame, keep: Sequence[str] = ()) -> DataFrame:
        """The columns `keep` of a facts table and the results of the program, a column of true and false each."""
        made = self._judged(frame) if self.by_reference else frame
        answered = {leaf: f"{JUDGED}[{place}]" for place, leaf in enumerate(self.by_reference)}
        for columns in stages(self.program, SPARK, keep=keep, words=self.words, answered=answered):
            made = made.selectExpr(*columns)
        return made

    def _judged(self, frame: DataFrame) -> DataFrame:
        from pyspark.sql.functions import struct, udf

        facts = {fact for leaf in self.by_reference for fact in leaf.facts}
        layout = Layout(Model({fact: self.program.model.types[fact] for fact in facts}))
        judge = udf(_judge(self.by_reference, layout), "array<boolean>", useArrow=False)
        return frame.withColumn(JUDGED, judge(struct(*layout.needed(facts))))


def _judge(leaves: Sequence[ByReference], layout: Layout) -> Callable[[Row], list[bool]]:
    def judge(row: Row) -> list[bool]:
        evaluator = Evaluator(layout.model, layout.values(row.asDict(recursive=True)))
        truths = [(leaf.outcome, evaluator.truth(leaf.comparison)) for leaf in leaves]
        return [truth.can_be_true if outcome else truth.can_be_false for outcome, truth in truths]

    return judge


def statuses_with_spark(
    facts: Path | str,
    output: Path | str,
    compiled: CompiledCohort,
    spark: SparkSession | None = None,
    *,
    keep: Sequence[str] = tuple(ABOUT),
    overwrite: bool = False,
) -> None:
    """A folder of Parquet files with a column for the status of each statement, in words, beside the columns `keep`.

    `facts` and `output` are whatever Spark reads and writes: paths, or addresses of a cluster's own storage. Without a
    session, Spark is started on this machine for as long as it takes. What is in `output` stays, and is an error, unless
    it may be written over. Raises SparkNotInstalled.
    """
    if spark is None:
        with local_session() as session:
            statuses_with_spark(facts, output, compiled, session, keep=keep, overwrite=overwrite)
        return
    engine = SparkEngine(*status_words(compiled.status_engine(compiled.statements)))
    statuses = engine.run(read_facts(spark, facts), keep)
    statuses.write.mode("overwrite" if overwrite else "error").parquet(str(output))


def read_facts(spark: SparkSession, path: Path | str) -> DataFrame:
    """A facts table in Parquet; its dates are those of today's calendar, also before it began."""
    return spark.read.option("datetimeRebaseMode", "CORRECTED").parquet(str(path))


# ------------------------------------------------------------------------------------------------ Spark on this machine


@contextmanager
def local_session(threads: int | None = None) -> Iterator[SparkSession]:
    """Spark on this machine, which nobody else can reach, and that leaves nothing behind; one that runs already is used as it is."""
    require_spark()
    from pyspark.sql import SparkSession

    if (running := SparkSession.getActiveSession()) is not None:
        yield running
        return
    with TemporaryDirectory(prefix="nelm-spark-") as folder:
        builder = SparkSession.builder.master(f"local[{threads or '*'}]").appName("nelm")
        for name, value in _settings(Path(folder)).items():
            builder = builder.config(name, value)
        with _environment(SPARK_LOCAL_IP=HERE, PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable):
            session = builder.getOrCreate()
        try:
            yield session
        finally:
            session.stop()


def require_spark() -> None:
    """Raises SparkNotInstalled where Spark cannot be started on this machine."""
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise SparkNotInstalled("Spark is not installed. Install it with: pip install 'nelm[spark]'") from error
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        raise SparkNotInstalled(f"Spark needs Java 17 or newer, and there is no java {f'in {home}/bin (JAVA_HOME)' if home else 'here'}.")


def _settings(folder: Path) -> dict[str, str]:
    logging = folder / "log4j2.properties"
    logging.write_text(LOGGING, encoding="utf-8")
    return {
        "spark.driver.bindAddress": HERE,
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={logging.as_uri()} -Djava.net.preferIPv4Stack=true",
        "spark.driver.host": HERE,
        "spark.local.dir": str(folder / "local"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Sets variables while Spark starts."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
