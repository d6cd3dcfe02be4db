"""`nelm registry import`: tables, exports and records into the store of a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nelm.cli.cohort_common import cohort_room, progress_of
from nelm.cli.common import BAD_INPUT, errors, load_knowledge, output, stop

if TYPE_CHECKING:
    from nelm.registry.imports.run import Imported

SHOWN = 8  # columns that are named


def import_sources(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE…",
            help="Tables (CSV, REDCap export), JSON lines of records, or folders of either.",
            show_default=False,
        ),
    ],
    store: Annotated[
        Path, typer.Option("--store", help="The folder of the registry's records; made if it is not there.", show_default=False)
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="What the columns of the tables mean (YAML, see docs/registry-import.md).", show_default=False),
    ] = None,
    keep_good_rows: Annotated[
        bool,
        typer.Option("--keep-good-rows", help="Import a patient without the rows that are wrong, instead of holding the patient back."),
    ] = False,
) -> None:
    """Take records into the registry: each is checked, kept whole or given back with the reason; a second import changes nothing."""
    with cohort_room():
        from nelm.registry.imports.mapping_file import MappingError
        from nelm.registry.imports.run import import_records
        from nelm.registry.imports.store import StoreError
        from nelm.registry.imports.tables import ImportSourceError

        try:
            with progress_of("patients", None) as done:
                made = import_records(sources, store, load_knowledge(), mapping_file=mapping, keep_good_rows=keep_good_rows, progress=done)
        except (MappingError, ImportSourceError, StoreError) as error:
            stop(str(error))
    _say(made, store)
    if made.counts.rows and made.counts.rejected == made.counts.rows:
        raise typer.Exit(BAD_INPUT)


def _say(made: Imported, store: Path) -> None:
    """What became of everything."""
    from nelm.registry.imports.run import most_common_reasons

    counts = made.counts
    if made.already:
        _print(f"This import was made before ({made.key}); nothing was changed.")
    _print(f"{counts.rows} rows or records read.")
    _print(
        f"Records: {counts.records_new} new, {counts.records_replaced} replaced (the former kept in history), "
        f"{counts.records_unchanged} unchanged; {counts.records_in_store} in {store}."
    )
    if counts.not_known:
        _print(f"{counts.not_known} cells say that something is not known, as the mapping states.")
    if counts.nothing_in_them:
        _print(f"{counts.nothing_in_them} rows hold nothing that the mapping uses.")
    for source, columns in made.unmapped.items():
        rest = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
        _print(f"Not mapped in {source}: {', '.join(columns[:SHOWN])}{rest}.")
    if counts.rejected or counts.held_back:
        errors.print(
            f"Rejected rows: {counts.rejected}, mistakes in them: {counts.mistakes}; sound rows of the same patients, held back with them: "
            f"{counts.held_back}. Each with its reason: {made.rejected_folder}",
            markup=False,
        )
    for where, count, first in most_common_reasons(made.rejected):
        errors.print(f"  {count} × {where}, first {first}", markup=False)


def _print(text: str) -> None:
    output.print(text, markup=False, soft_wrap=True)
