"""`nelm assess`: the advice on one patient, or on several."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nelm.advice.assess import UnknownGuideline, assess
from nelm.advice.findings import Advice
from nelm.cli.common import BAD_INPUT, Format, day, errors, load_knowledge, output, records_in, stop, writable_folder, write_aside
from nelm.knowledge.base import Knowledge
from nelm.patient.record import RecordError, read_record

SUFFIX = {Format.text: "txt", Format.html: "html", Format.pdf: "pdf", Format.json: "json"}


def assess_cases(
    cases: Annotated[
        list[Path], typer.Argument(metavar="CASE…", help="Patient records (YAML or JSON), or folders of them.", show_default=False)
    ],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="The day the advice is for (year-month-day): later entries do not count.")
    ] = None,
    guideline: Annotated[
        list[str] | None,
        typer.Option(
            "--guideline", "-g", metavar="ID", help="Only this document (an id that 'nelm guideline list' shows); may be repeated."
        ),
    ] = None,
    formats: Annotated[
        list[Format] | None, typer.Option("--format", "-f", help="How to write the advice; may be repeated. Default: text.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write files there instead of printing.")] = None,
    site: Annotated[
        str, typer.Option("--site", metavar="ADDRESS", help="Where the pages of 'nelm guideline build' lie: findings are linked to them.")
    ] = "",
    set_aside_invalid: Annotated[
        bool,
        typer.Option(
            "--set-aside-invalid", help="Go on without values that cannot be true (Ki-67 of 130 %): they are shown, the fact stays unknown."
        ),
    ] = False,
) -> None:
    """What the consensus documents say about a patient, why, what is missing, and what would change it."""
    files, when = records_in(cases), day(as_of)
    wanted = tuple(dict.fromkeys(formats or [Format.text]))
    if folder is None and (len(wanted) > 1 or Format.pdf in wanted):
        stop("Several formats, or a PDF, need a folder to be written to: add --output DIR.")
    knowledge = load_knowledge()
    _known_guidelines(knowledge, guideline or [])
    target = writable_folder(folder) if folder is not None else None
    job = _Job(knowledge, when, tuple(guideline or ()), wanted, target, set_aside_invalid, site)
    failed = job.one(files[0], alone=True) if len(files) == 1 else job.many(files)
    if failed:
        raise typer.Exit(BAD_INPUT)


def _known_guidelines(knowledge: Knowledge, names: list[str]) -> None:
    for name in names:
        if name not in knowledge.guidelines:
            stop(f"--guideline: found {name!r}. Permitted: {', '.join(knowledge.guidelines)}.")


class _Job:
    def __init__(
        self,
        knowledge: Knowledge,
        when: date | None,
        guidelines: tuple[str, ...],
        formats: tuple[Format, ...],
        target: Path | None,
        set_aside: bool,
        site: str,
    ) -> None:
        self.knowledge = knowledge
        self.when = when
        self.guidelines = guidelines
        self.formats = formats
        self.target = target
        self.set_aside = set_aside
        self.site = site

    def many(self, files: list[Path]) -> int:
        """All files with a progress bar; one failure does not stop the rest. The number of failures."""
        names = [file.stem for file in files]
        if self.target is not None and len(set(names)) < len(names):
            stop("Two records have the same file name; their advice would overwrite one another. Rename one.")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        failed = 0
        with Progress(*columns, console=errors, transient=True) as progress:
            task = progress.add_task("Assessing", total=len(files))
            for file in files:
                progress.update(task, description=file.name)
                failed += self.one(file, alone=False)
                progress.advance(task)
        errors.print(f"{len(files) - failed} of {len(files)} records assessed{f', {failed} could not be read' if failed else ''}.")
        return failed

    def one(self, file: Path, *, alone: bool) -> int:
        """One file; 1 where it could not be read."""
        try:
            record = read_record(file, self.knowledge, set_aside_invalid=self.set_aside)
            advice = assess(record, self.knowledge, as_of=self.when, guidelines=self.guidelines)
        except (RecordError, UnknownGuideline) as error:
            errors.print(str(error), markup=False)
            return 1
        for warning in record.warnings:
            errors.print(f"{warning} (warning)", markup=False)
        for kind in self.formats:
            self._write(advice, kind, file, alone)
        return 0

    def _write(self, advice: Advice, kind: Format, file: Path, alone: bool) -> None:
        if self.target is None:
            output.print(rendered(advice, kind, width=output.width, site=self.site).decode("utf-8"), markup=False, soft_wrap=True, end="\n")
            return
        written = self.target / f"{file.stem}.{SUFFIX[kind]}"
        write_aside(written, rendered(advice, kind, width=100, site=self.site))
        if alone:
            output.print(f"{kind.value.upper()}: {written}", markup=False, soft_wrap=True)


def rendered(advice: Advice, kind: Format, *, width: int, site: str = "") -> bytes:
    """The advice in one format, with links to the pages of the guidelines where their address is given."""
    from nelm import reports

    if kind is Format.json:
        return reports.render_json(advice).encode("utf-8")
    page = reports.page_of(advice, site=site)
    if kind is Format.html:
        return reports.render_html(page).encode("utf-8")
    if kind is Format.pdf:
        return reports.render_pdf(page)
    return reports.render_text(page, width).encode("utf-8")
