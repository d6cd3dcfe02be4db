"""A standard population by its name, or from a file of one's own with the columns from_age and weight."""

from __future__ import annotations

from pathlib import Path

from nelm.epidemiology.standards import StandardPopulation, StandardPopulationError, Use, custom_standard, standard_population
from nelm.registry.tables.delimited import Column, read_table

COLUMNS = {"from_age": Column("whole", needed=True), "weight": Column("number", needed=True)}


def standard_from(name: str, *, use: Use) -> StandardPopulation:
    """The standard of the content with this id, or that of a CSV file. Raises StandardPopulationError and DelimitedError."""
    path = Path(name)
    if path.suffix.lower() != ".csv":
        return standard_population(name)
    if not path.is_file():
        raise StandardPopulationError(
            f"{name}: there is no such file. Give a CSV file with the columns from_age and weight, or the name of a standard."
        )
    found = read_table(path, columns=COLUMNS)
    if found.rejected:
        raise StandardPopulationError(f"{found.rejected[0]}\nA standard is whole or refused: correct the file.")
    return custom_standard(
        path.stem, found.frame["from_age"].to_list(), found.frame["weight"].to_list(), use=use, source=f"the file {path.name}"
    )
