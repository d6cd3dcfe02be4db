"""What `nelm survival`, `nelm rates` and `nelm prevalence` share: how a table is described, and how answers are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nelm.cli.cohort_common import show, write_file, write_table
from nelm.cli.common import errors, output, stop, writable_folder

if TYPE_CHECKING:
    import polars as pl

    from nelm.registry.tables.delimited_rows import Reject
    from nelm.registry.tables.mapping import TableMapping

REJECTED = "rejected.csv"
MOST_ROWS = 60


class AgeUnit(str, Enum):
    """What ages are counted in."""

    days = "days"
    years = "years"


class DateOrder(str, Enum):
    """How dates are written."""

    ymd = "ymd"
    dmy = "dmy"
    mdy = "mdy"


class Decimal(str, Enum):
    """Which sign stands before the fraction of a number."""

    point = "point"
    comma = "comma"


TableFile = Annotated[Path, typer.Argument(metavar="TABLE", help="A CSV file, or a .parquet file.", show_default=False)]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="A YAML file that says what these options say; options go before it.", show_default=False)
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", "-c", help="Which column holds what, as in time=fu_days; may be repeated.", show_default=False),
]
StatusCodes = Annotated[
    list[str] | None,
    typer.Option("--code", help="How the status is written, as in dead=1 or dead=1,2,alive=0; may be repeated.", show_default=False),
]
SexCodes = Annotated[list[str] | None, typer.Option("--sex", help="How the sex is written, as in male=1,female=2.", show_default=False)]
AgeUnits = Annotated[AgeUnit | None, typer.Option("--age-unit", help="What the age is counted in.", show_default=False)]
DateOrders = Annotated[DateOrder | None, typer.Option("--date-order", help="How dates are written, if not 2024-03-12.", show_default=False)]
Decimals = Annotated[Decimal | None, typer.Option("--decimal", help="The decimal sign, where it is not plain.", show_default=False)]
Separator = Annotated[
    str | None, typer.Option("--separator", help="What parts columns: ';' or semicolon, comma, tab, pipe.", show_default=False)
]
Encoding = Annotated[str | None, typer.Option("--encoding", help="How the text is encoded, if not in UTF-8.", show_default=False)]
Missing = Annotated[
    list[str] | None, typer.Option("--missing", help="An entry that means: not known; may be repeated.", show_default=False)
]
Where = Annotated[
    list[str] | None, typer.Option("--where", help="Only rows with this entry, as in tumour_no=1; may be repeated.", show_default=False)
]
DropUnusable = Annotated[
    bool, typer.Option("--drop-unusable", help="Leave rows that cannot be used out; they are counted, and listed in rejected.csv.")
]
Into = Annotated[Path | None, typer.Option("--output", "-o", help="A folder for tables (CSV) and pictures (SVG).", show_default=False)]
Confidence = Annotated[float, typer.Option("--confidence", help="The level of the intervals.")]
Per = Annotated[float, typer.Option("--per", help="How many people a rate or a proportion is for.")]


@contextmanager
def registry_room() -> Iterator[None]:
    """What the tools find wrong, as a message; and what to install where the libraries are missing."""
    try:
        import numba  # noqa: F401
        import polars  # noqa: F401
    except ImportError:
        stop("Rates, prevalence and survival need more libraries. Install them: pip install 'nelm[registry]' (in a checkout: make setup).")
    from nelm.epidemiology.follow_up import FollowUpError
    from nelm.epidemiology.life_table import LifeTableError
    from nelm.epidemiology.prevalence import PrevalenceError
    from nelm.epidemiology.rates import RateError
    from nelm.epidemiology.standards import StandardPopulationError
    from nelm.knowledge.findings import ContentError
    from nelm.registry.tables.delimited_rows import DelimitedError
    from nelm.registry.tables.mapping import MappingError
    from nelm.registry.tables.rows import TableError
    from nelm.registry.tables.survival_questions import QuestionError

    try:
        yield
    except (
        ContentError,
        DelimitedError,
        FollowUpError,
        LifeTableError,
        MappingError,
        PrevalenceError,
        QuestionError,
        RateError,
        StandardPopulationError,
        TableError,
    ) as error:
        stop(str(error))


def mapping_from(
    file: Path | None,
    *,
    columns: list[str] | None,
    codes: list[str] | None = None,
    sex: list[str] | None = None,
    first_ever: list[str] | None = None,
    where: list[str] | None = None,
    missing: list[str] | None = None,
    causes: bool = False,
    age_unit: AgeUnit | None = None,
    date_order: DateOrder | None = None,
    decimal: Decimal | None = None,
    separator: str | None = None,
    encoding: str | None = None,
) -> TableMapping:
    """What options and file say of a table; options go before the file."""
    from nelm.registry.tables.mapping import mapping_of, read_mapping

    stated = mapping_of(
        columns=columns or (),
        codes=codes or (),
        sex=sex or (),
        first_ever=first_ever or (),
        where=where or (),
        missing=missing or (),
        causes=causes,
        age_unit=age_unit and age_unit.value,
        date_order=date_order and date_order.value,
        decimal=decimal and decimal.value,
        separator=separator,
        encoding=encoding,
    )
    return stated if file is None else stated.over(read_mapping(file, causes=causes))


def a_day(option: str, text: str | None) -> date | None:
    """A date option; ends where it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(f"{option}: found {text!r}. Permitted: year-month-day, for example 2024-03-12.")


def numbers_of(option: str, text: str) -> tuple[float, ...]:
    """Numbers after commas, as in 1,3,5,10; ends where one is none."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        stop(f"{option}: found {text!r}. Permitted: numbers with commas between them, as in 1,3,5,10.")


def names_of(text: str | None) -> tuple[str, ...]:
    """Names after commas, as in year,sex; ends where one is given twice."""
    names = tuple(part.strip() for part in text.split(",") if part.strip()) if text else ()
    if len(set(names)) < len(names):
        stop(f"--by: found {text!r}. Permitted: names of columns with commas between them, each once.")
    return names


def period_of(text: str | None) -> tuple[int, int] | None:
    """The first and the last year of `2000-2019`; ends where it is something else."""
    if text is None:
        return None
    first, dash, last = text.partition("-")
    if not (dash and first.isascii() and last.isascii() and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        stop(f"--period: found {text!r}. Permitted: two years, the earlier first, as in 2000-2019.")
    return int(first), int(last)


def folder_for(folder: Path | None, *, drop: bool) -> Path | None:
    """The folder to write to; ends where rows are to be left out, and there is no place for the list of them."""
    if folder is None and drop:
        stop("--drop-unusable: the rows left out are listed in rejected.csv. Say in which folder: --output DIR.")
    return None if folder is None else writable_folder(folder)


def say_rows(used: int, what: str, not_asked: int, rejected: Sequence[Reject], folder: Path | None) -> None:
    """How many rows are behind an answer, and how many are not."""
    output.print(f"{used} {what}.", markup=False, soft_wrap=True)
    if not_asked:
        output.print(f"Not asked for (--where): {not_asked} rows.", markup=False)
    if rejected and folder is not None:
        from nelm.registry.tables.rows import rejected_csv

        lines = len({(reject.file, reject.line) for reject in rejected})
        output.print(f"Left out as unusable: {lines} rows; what is wrong with each: {folder / REJECTED}", markup=False, soft_wrap=True)
        write_file(folder, REJECTED, rejected_csv(rejected))


def say_notes(notes: Sequence[str]) -> None:
    for note in notes:
        errors.print(note, markup=False)


def between(low: str, high: str, digits: int, factor: float = 1.0) -> pl.Expr:
    """Two columns of limits as one of words; empty where there are none."""
    import polars as pl

    ends = [(factor * pl.col(name)).round(digits).cast(pl.String) for name in (low, high)]
    return pl.concat_str(ends[0], pl.lit(" to "), ends[1]).fill_null("")


def answer(frame: pl.DataFrame, title: str, folder: Path | None, name: str, shown: pl.DataFrame | None = None) -> None:
    """A table on the terminal (in short, if `shown` says how), and whole in the folder."""
    show(frame if shown is None else shown, title, most=MOST_ROWS)
    if folder is not None:
        write_table(frame, folder, name)
