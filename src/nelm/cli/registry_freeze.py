"""`nelm registry freeze` and `nelm registry report`: from records to files that never change, and from these to the annual report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nelm.cli.cohort_common import Folder, Workers, cohort_room, progress_of
from nelm.cli.common import errors, load_knowledge, output, stop

SETTINGS = "registry.yaml"


@contextmanager
def freeze_room() -> Iterator[None]:
    """What freezes and reports find wrong, as a message; and what to install where the libraries are missing."""
    with cohort_room():
        try:
            import numba  # noqa: F401
        except ImportError:
            stop("The registry needs more libraries than a cohort. Install them: pip install 'nelm[registry]' (in a checkout: make setup).")
        from nelm.epidemiology.life_table import LifeTableError
        from nelm.registry.freeze.manifest import FreezeError
        from nelm.registry.population import PopulationError
        from nelm.registry.settings import SettingsError
        from nelm.reports.annual import NotPrintable

        try:
            yield
        except (FreezeError, LifeTableError, NotPrintable, PopulationError, SettingsError) as error:
            stop(str(error))


def freeze(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RECORDS",
            help="A file of JSON lines ('-': standard input), a folder of records, a folder of entity tables, or the store of an import.",
            show_default=False,
        ),
    ],
    folder: Folder,
    settings: Annotated[
        Path | None,
        typer.Option(
            "--settings",
            help=f"The settings of the registry; without it {SETTINGS} beside the records, or beside the store.",
            show_default=False,
        ),
    ] = None,
    workers: Workers = None,
) -> None:
    """Freeze the records: entities, facts, entry, findings and verdicts as files that never change, with their hashes."""
    with freeze_room():
        from nelm.registry.freeze.write import Wanted, write_freeze
        from nelm.registry.settings import read_settings

        given = None if source == "-" else Path(source)
        records, chosen = given and _records_of(given), settings or _beside(given)
        knowledge, read = load_knowledge(), read_settings(chosen)
        with progress_of("records", None) as done:
            made = write_freeze(records, folder, knowledge, read, Wanted(workers=workers or os.cpu_count() or 1, progress=done))
        counts = made.manifest.counts
        output.print(f"{made.label}: {counts['records']} records, {len(made.manifest.files)} files: {folder}", markup=False, soft_wrap=True)
        if counts["rejected"]:
            where = folder / "rejected.jsonl"
            output.print(f"Cannot be used: {counts['rejected']} records; what is wrong with each: {where}", markup=False, soft_wrap=True)


def _records_of(source: Path) -> Path:
    """The records of a store that 'nelm registry import' keeps; anything else as it is."""
    from nelm.registry.imports.store import RECORDS

    return source / RECORDS if _is_store(source) else source


def _is_store(source: Path) -> bool:
    from nelm.registry.imports.store import IMPORTS

    return (source / IMPORTS).is_file()


def _beside(source: Path | None) -> Path:
    """The settings in the folder of the records, or of the store."""
    inside = source is not None and source.is_dir() and not _is_store(source)
    found = Path(SETTINGS) if source is None else (source if inside else source.parent) / SETTINGS
    if not found.is_file():
        stop(
            f"{found}: there are no settings of the registry. Say where they are with --settings. They hold the name, whom it covers, "
            "population_based, begin, closing, first_tumour, suppress_below, and the files of the population and of the life table."
        )
    return found


def report(
    folder: Annotated[Path, typer.Argument(metavar="FREEZE", help="What 'nelm registry freeze' made.", show_default=False)],
    into: Folder,
) -> None:
    """The annual report of a freeze: HTML, PDF, JSON, and every table as CSV. The freeze is held against its hashes first."""
    with freeze_room():
        from nelm.registry.annual.report import annual_report
        from nelm.registry.freeze.open import open_freeze
        from nelm.reports.annual import write_report

        knowledge = load_knowledge()
        with progress_of("files verified", None) as done:
            opened = open_freeze(folder, knowledge, done)
        if not opened.same_content:
            errors.print("The content was changed since the freeze was made; the report says so.", markup=False)
        with progress_of("chapters", None) as done:
            made = annual_report(opened, done)
        for file in write_report(made, into):
            if file.parent == into:
                output.print(str(file), markup=False, soft_wrap=True)
        output.print(f"{opened.label}; {len(made.tables)} tables as CSV: {into / 'tables'}", markup=False, soft_wrap=True)
