"""What the commands about cohorts share: the libraries of the extra, progress, tables opened, tables shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from nelm.cli.common import errors, load_knowledge, output, stop, write_aside

if TYPE_CHECKING:
    import polars as pl

    from nelm.cohort.compiled import CompiledCohort
    from nelm.cohort.tables import FactsTable
    from nelm.knowledge.base import Knowledge

Found_co = TypeVar("Found_co", covariant=True)
NEVER_BROKEN = {"statement", "guideline", "outcome"}  # columns that are looked up by eye
FactsFile = Annotated[
    Path, typer.Argument(metavar="FACTS", help="A facts table, as 'nelm cohort facts' makes it, or its folder.", show_default=False)
]
Guidelines = Annotated[
    list[str] | None, typer.Option("--guideline", "-g", help="Only this guideline; may be repeated. Without it, all.", show_default=False)
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes; as many as the machine has, unless said.", show_default=False)
]
Folder = Annotated[Path, typer.Option("--output", "-o", help="Where to write.", show_default=False)]


@contextmanager
def cohort_room() -> Iterator[None]:
    """What cohorts find wrong, as a message; and what to install where the libraries are missing."""
    try:
        import polars  # noqa: F401
    except ImportError:
        stop(
            "Cohorts need more libraries than advice on one patient. Install them: pip install 'nelm[cohort]' (in a checkout: make setup)."
        )
    from nelm.advice.assess import UnknownGuideline
    from nelm.cohort.conditions import NoSuchCondition
    from nelm.cohort.groups import NotAGroup
    from nelm.cohort.records.making import WorkerLost
    from nelm.cohort.records.moments import UnknownMoment
    from nelm.cohort.records.sources import SourceError
    from nelm.cohort.tables import FactsTableError, OutputError

    try:
        yield
    except (
        FactsTableError,
        NoSuchCondition,
        NotAGroup,
        OutputError,
        SourceError,
        UnknownGuideline,
        UnknownMoment,
        WorkerLost,
    ) as error:
        stop(str(error))


@contextmanager
def progress_of(what: str, total: int | None) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on the terminal; nothing where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(what, total=total)

        def done(number: int, of: int | None) -> None:
            bar.update(task, completed=number, total=of)

        yield done


def opened(facts: Path, knowledge: Knowledge) -> FactsTable:
    """A facts table; what is doubtful about it is said."""
    from nelm.cohort.tables import open_facts

    table = open_facts(facts, knowledge)
    for note in table.notes:
        errors.print(note, markup=False)
    return table


def compiled_for(knowledge: Knowledge, guidelines: list[str] | None) -> CompiledCohort:
    from nelm.cohort.compiled import compile_cohort

    return compile_cohort(knowledge, guidelines or ())


def told(table: FactsTable, columns: list[str], what: str) -> Iterator[pl.DataFrame]:
    """The blocks of a facts table, with a bar that says how far it has come."""
    done = 0
    with progress_of(what, table.height) as tell:
        for block in table.blocks(columns):
            yield block
            done += block.height
            tell(done, table.height)


class Question(Protocol[Found_co]):
    """What can be asked of a facts table, block by block; `columns` are those that it reads."""

    @property
    def columns(self) -> list[str]: ...

    def run(self, blocks: Iterable[pl.DataFrame], /) -> Found_co: ...


def answered(facts: Path, guidelines: list[str] | None, ask: Callable[[CompiledCohort], Question[Found_co]]) -> tuple[FactsTable, Found_co]:
    """The facts table, opened, and the answer to a question about it."""
    knowledge = load_knowledge()
    table = opened(facts, knowledge)
    question = ask(compiled_for(knowledge, guidelines))
    return table, question.run(told(table, question.columns, "patients"))


def show(frame: pl.DataFrame, title: str, *, most: int | None = None) -> None:
    """A table on the terminal; where it has more rows than `most`, the first ones and how many there are."""
    shown = frame if most is None else frame.head(most)
    table = Table(title=title, title_justify="left")
    for name, kind in frame.schema.items():
        table.add_column(
            name.replace("_", " "), justify="right" if kind.is_numeric() else "left", no_wrap=name in NEVER_BROKEN, overflow="fold"
        )
    for row in shown.iter_rows():
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    output.print(table)
    if shown.height < frame.height:
        output.print(f"{frame.height - shown.height} more rows; --output writes them all.")


def write_table(frame: pl.DataFrame, folder: Path, name: str) -> None:
    """A table as CSV in a folder, whole or not at all."""
    write_file(folder, f"{name}.csv", frame.write_csv().encode("utf-8"))


def write_file(folder: Path, name: str, content: bytes) -> None:
    file = folder / name
    write_aside(file, content)
    output.print(str(file), markup=False, soft_wrap=True)
