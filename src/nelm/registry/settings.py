"""What a registry says of itself (`registry.yaml`): its name, whom it covers, to which day its follow-up is complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nelm.epidemiology.prevalence import FirstTumour
from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.files import Reader

LEAST_SUPPRESSED = 3


class SettingsError(ValueError):
    """Settings that cannot be used: file, line, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class Settings:
    """The settings of a registry.

    Registration began on `begin`; follow-up is complete to `closing`. `covers` says in words whom the registry covers;
    `population_based` whether that is everybody of an area: only then is there incidence. `first_tumour` is a choice without a
    default, and so is the least count that is printed (0: all are). `population` and `life_table` are files beside the settings.
    """

    __pydantic_config__ = STRICT
    name: str
    covers: str
    population_based: bool
    begin: date
    closing: date
    first_tumour: FirstTumour
    suppress_below: int
    population: str | None = None
    life_table: str | None = None

    @property
    def below(self) -> int | None:
        """The limit under which counts are not printed, as the tables of `nelm.cohort.suppression` take it."""
        return self.suppress_below or None


@dataclass(frozen=True)
class ReadSettings:
    """Settings with the folder in which the files that they name lie."""

    settings: Settings
    file: Path

    @property
    def population(self) -> Path | None:
        return None if self.settings.population is None else self.file.parent / self.settings.population

    @property
    def life_table(self) -> Path | None:
        return None if self.settings.life_table is None else self.file.parent / self.settings.life_table


def read_settings(file: Path) -> ReadSettings:
    """The settings in a file. Raises SettingsError with everything that is wrong with them."""
    reader = Reader(file.parent, f"{file.parent}/")
    settings = reader.whole(Settings, file.name)
    if settings is not None:
        document = reader.documents[file.name]
        for field, message in _problems(settings, file.parent):
            reader.report(document, (field,), message)
    if settings is None or reader.findings:
        raise SettingsError("\n".join(str(finding) for finding in reader.findings))
    return ReadSettings(settings, file)


def _problems(settings: Settings, folder: Path) -> Iterator[tuple[str, str]]:
    if settings.closing <= settings.begin:
        yield (
            "closing",
            f"Found {settings.closing}, and registration began on {settings.begin}. "
            "Permitted: a later day, the last to which follow-up is complete.",
        )
    if settings.suppress_below != 0 and settings.suppress_below < LEAST_SUPPRESSED:
        yield "suppress_below", f"Found {settings.suppress_below}. Permitted: 0 (print every count), or {LEAST_SUPPRESSED} and more."
    for field in ("population", "life_table"):
        name = getattr(settings, field)
        if name is None:
            continue
        if Path(name).is_absolute() or ".." in Path(name).parts:
            yield field, f"Found {name!r}. Permitted: a file beside the settings, as both are kept in a freeze. Copy it there."
        elif not (folder / name).is_file():
            yield field, f"Found {name!r}, and no such file lies beside the settings. Correct the name, or leave the line out."
