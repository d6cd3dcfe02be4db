"""The page as plain text for the terminal: no colour, nothing that depends on one."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nelm.reports.view import Cell, Condition, DocumentAnnex, FactGroup, Mark, OptionGroup, OptionSummary, Page, StatementLine

SMALLEST_WIDTH = 60
STATE_WIDTH = 22
LABEL_WIDTH = 19


def render_text(page: Page, width: int = 100, *, annex: bool = False) -> str:
    """The page as text of so many columns (at least 60); the annex, which is long, only where it is asked for."""
    out = _Out(page, max(width, SMALLEST_WIDTH))
    out.page_one()
    out.details()
    if annex:
        out.annex()
    else:
        out.put("", page.headings["no_annex"])
    return out.text()


def _mark(mark: Mark) -> str:
    return f"{mark.symbol} {mark.word}".strip()


def _joined(*parts: str, between: str = " ") -> str:
    return between.join(part for part in parts if part)


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


class _Out:
    def __init__(self, page: Page, width: int) -> None:
        self.page = page
        self.width = width
        self.stream = StringIO()
        self.console = Console(
            file=self.stream, width=width, color_system=None, highlight=False, markup=False, emoji=False, legacy_windows=False
        )

    def text(self) -> str:
        lines = (line.rstrip() for line in self.stream.getvalue().splitlines())
        return "\n".join(lines).strip("\n") + "\n"

    # -- pieces ---------------------------------------------------------------------------------------

    def put(self, *items: RenderableType) -> None:
        for item in items:
            self.console.print(Text(item) if isinstance(item, str) else item)

    def heading(self, text: str, line: str = "-") -> None:
        self.put("", text, line * min(len(text), self.width))

    def part(self, text: str) -> None:
        """One of the three parts of the page: page one, details, annex."""
        self.put("", "", "=" * self.width, text, "=" * self.width)

    def indented(self, text: str, by: int = 2) -> None:
        if text:
            self.put(Padding(Text(text), (0, 0, 0, by)))

    def pairs(self, items: Iterable[tuple[str, str]], width: int, indent: int = 0) -> None:
        """Two columns, the first of a fixed width."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False, expand=True)
        table.add_column(width=width, no_wrap=False)
        table.add_column(ratio=1)
        for first, second in items:
            table.add_row(Text(first), Text(second))
        self.put(Padding(table, (0, 0, 0, indent)))

    def table(self, columns: Iterable[tuple[str, int]], rows: Iterable[Iterable[RenderableType]]) -> None:
        """A table with a line under its header; a column's number is its share of the width."""
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, expand=True, header_style="")
        for name, share in columns:
            table.add_column(Text(name), ratio=share, overflow="fold", vertical="top")
        for row in rows:
            table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
        self.put(table)

    # -- page one -------------------------------------------------------------------------------------

    def page_one(self) -> None:
        self.bar()
        self.warnings()
        page, words = self.page, self.page.headings
        self.heading(words["answer"])
        self.pairs(((_mark(line.mark), "\n".join(line.lines)) for line in page.answer), STATE_WIDTH)
        self.heading(words["key_facts"])
        self.pairs(((group.label, _facts(group)) for group in page.key_facts), LABEL_WIDTH)
        self.heading(words["wishes"])
        self.put(page.wishes.text)
        if page.missing:
            self.heading(words["missing"])
            items = [f"{_joined(item.asks, _in_brackets(item.note))}: {item.waits}" for item in page.missing]
            self.pairs(((str(number), item) for number, item in enumerate(items, start=1)), 1)
            self.indented(page.missing_more, 3)
        self.heading(words["summary"])
        for group in page.summary:
            self.options_in_short(group)
        if page.disagreements_short:
            self.heading(words["disagreements_short"])
            self.put("; ".join(page.disagreements_short) + ".")
        self.heading(f"{words['decision']} ({words['decision_hint']})")
        for field in page.decision:
            self.put(f"{field.label} {'_' * (self.width - len(field.label) - 1)}", *(["_" * self.width] * (field.lines - 1)))
        self.put("", page.intended_use)

    def bar(self) -> None:
        head = self.page.header
        self.put("=" * self.width, _joined(head.case, head.title, between=" · "), "=" * self.width)
        self.put(_joined(head.person, head.as_of, head.made_on, between=" · "), head.status, " · ".join(head.versions))
        self.put("", f"{self.page.headings['question']}: {head.question}")

    def warnings(self) -> None:
        if not self.page.warnings:
            return
        self.heading(self.page.headings["warnings"], "!")
        for warning in self.page.warnings:
            self.put(f"! {warning.kind}: {warning.text}")
            for detail in warning.details:
                self.indented(detail)

    def options_in_short(self, group: OptionSummary) -> None:
        self.put("", group.label)
        if group.states:
            documents = [self.page.columns[f"says {cell.document}"] for cell in group.states[0].rows[0].cells]
            rows: list[list[RenderableType]] = []
            for state in group.states:
                rows.append([_mark(state.mark), *("" for _ in documents), ""])
                rows += [
                    [Padding(Text(row.option), (0, 0, 0, 2)), *map(_says, row.cells), _joined(row.reason, self._done(row.done))]
                    for row in state.rows
                ]
            columns = self.page.columns
            self.table([(columns["option"], 6), *((name, 3) for name in documents), (columns["reason"], 8)], rows)
            self.put("")
        self.pairs(((_mark(found.mark), found.text) for found in group.lists), STATE_WIDTH, 2)

    def _done(self, done: str) -> str:
        return f"{self.page.columns['done']}: {done}." if done else ""

    # -- details ----------------------------------------------------------------------------------------

    def details(self) -> None:
        page, words = self.page, self.page.headings
        self.part(words["details"])
        self.heading(words["options"])
        for group in page.options:
            self.options_in_full(group)
        self.put("", *page.options_note)
        if page.trace:
            self.heading(words["trace"])
            self.trace()
        if page.changes:
            self.heading(words["changes"])
            for change in page.changes:
                self.put(f"{page.columns['if']} {change.condition}")
                for effect in change.effects:
                    self.indented(f"{effect.verdict}: {effect.was} → {effect.becomes}", 4)
        if page.disagreements:
            self.heading(words["disagreements"])
            for found in page.disagreements:
                self.put("", f"{found.id} {found.title} ({found.touches}; {found.shown_with})")
                self.pairs(((position.who, position.text) for position in found.positions), 12, 2)
        if page.body_positions:
            self.heading(words["body_positions"])
            self.put(words["body_hint"])
            for line in page.body_positions:
                self.put(f"- {line.says} [{_place(line)}]")
        self.sources()

    def options_in_full(self, group: OptionGroup) -> None:
        self.put("", group.label)
        columns = self.page.columns
        for row in group.rows:
            if not row.applies:
                self.put(f"{_mark(row.mark)}: {row.option}. {row.reason}")
                continue
            self.put("", f"{_mark(row.mark)}: {row.option}")
            for cell in row.cells:
                said = "; ".join(
                    _joined(_joined(_mark(voice.mark), voice.detail, between=", "), f"[{voice.verdict}]") for voice in cell.voices
                )
                self.indented(f"{columns[f'says {cell.document}']}: {said or cell.mark.word}", 4)
            self.indented(f"{columns['relation']}: {row.relation}", 4)
            for reason in row.reasons:
                self.indented(f"{reason.document}: {reason.text}", 4)
            for vote in row.votes:
                self.indented(f"{columns['votes']}: {vote}.", 4)
            self.indented(self._done(row.done), 4)

    def trace(self) -> None:
        for trace in self.page.trace:
            self.put("", f"{_mark(trace.mark)}: {trace.option}")
            for step in trace.steps:
                head = _joined(_mark(step.mark), step.detail, between=", ")
                self.indented(f"{step.document} {step.verdict}: {head}. {step.because}")
                for line in step.statements:
                    self.indented(f"{line.says} [{_place(line)}]", 4)
                    for condition in line.conditions:
                        self.indented(_condition(condition), 6)

    def sources(self) -> None:
        page, words = self.page, self.page.headings
        self.heading(words["sources"])
        for source in page.sources:
            self.put("", f"{source.name}: {_mark(source.scope)}", source.citation, _joined(source.because, *source.notes))
            if source.locators:
                self.put(f"{words['locators']}: {'; '.join(source.locators)}.")
        self.put("", words["limits"], *(f"- {limit}" for limit in page.limits))
        self.put("", words["legend"])
        self.pairs(((_mark(item.mark), item.meaning) for item in page.legend), STATE_WIDTH)

    # -- annex ------------------------------------------------------------------------------------------

    def findings(self) -> None:
        if not self.page.findings:
            return
        self.heading(self.page.headings["findings"])
        self.put(self.page.headings["findings_hint"])
        for found in self.page.findings:
            self.put("", f"{_mark(found.mark)}: {found.option}")
            for line in found.lines:
                self.indented(f"- {line.says} {line.numbers}. {line.limits} [{line.document} {line.id}]", 4)
            if found.more:
                self.indented(found.more, 4)

    def annex(self) -> None:
        annex, words, columns = self.page.annex, self.page.headings, self.page.columns
        self.part(words["annex"])
        self.findings()
        if annex.missing:
            self.heading(words["annex_missing"])
            rows = ((_joined(item.asks, _in_brackets(item.note)), item.waits) for item in annex.missing)
            self.table([(columns["missing"], 1), (columns["waits"], 1)], rows)
        self.heading(words["annex_facts"])
        facts = ((fact.label, fact.value, fact.origin) for fact in annex.facts)
        self.table([(columns["fact"], 3), (columns["value"], 4), (columns["origin"], 4)], facts)
        for document in annex.documents:
            self.document(document)

    def document(self, found: DocumentAnnex) -> None:
        words = self.page.headings
        self.heading(found.document, "=")
        if found.note:
            self.put(found.note)
        if found.verdicts:
            self.heading(words["annex_verdicts"])
        for verdict in found.verdicts:
            head = _joined(_mark(verdict.mark), verdict.detail, between=", ")
            self.put(
                f"{verdict.id} {verdict.title}: {head}. {_joined(verdict.because, verdict.waits)} {f'[{verdict.shown}]' if verdict.shown else ''}"
            )
            for part in verdict.parts:
                said = _joined(_joined(_mark(part.mark), part.detail, between=", "), _in_brackets(part.beside))
                self.indented(_joined(f"{part.label}: {said}.", part.because, part.waits, f"[{part.places}]" if part.places else ""), 4)
        if found.statements:
            self.heading(words["annex_statements"])
        for line in found.statements:
            self.put(f"{line.id} {_mark(line.status)}: {line.says} [{line.kind}, {line.place}]")
            self.indented("; ".join(f"{condition.mark.symbol} {condition.text}" for condition in line.conditions), 4)
        if found.discrepancies:
            self.heading(words["annex_discrepancies"])
        for doubt in found.discrepancies:
            self.put(f"{doubt.id} {doubt.title} [{doubt.shown_with}]")
            self.indented(f"{self.page.columns['printed']}: {doubt.printed}", 4)
            self.indented(f"{self.page.columns['reading']}: {doubt.reading}", 4)


def _facts(group: FactGroup) -> str:
    clusters = []
    for cluster in group.clusters:
        facts = " · ".join(_joined(fact.label, fact.value, _in_brackets(fact.note)) for fact in cluster.facts)
        clusters.append(_joined(facts, _in_brackets(cluster.origin)))
    return _joined(*clusters, group.more, between=" · ")


def _says(cell: Cell) -> str:
    return _joined(cell.mark.word, cell.grade, between=", ")


def _condition(condition: Condition) -> str:
    return f"{condition.mark.symbol} {condition.text} {_in_brackets(_joined(condition.mark.word, condition.facts, between=': '))}"


def _place(line: StatementLine) -> str:
    return _joined(f"{line.document} {line.id}", line.kind, line.place, between=", ")
