"""How much fits on page one: an estimate in lines of text, so that all three renderings cut at the same places."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from nelm.reports.view import AnswerLine, FactGroup, MissingItem, Notice, OptionRow, OptionSummary

# Lines that the table of options may take together with what stands above it.
LINES_TO_THE_TABLE = 42
# Bar, headings, spaces, the box for the decision, the intended use.
LINES_OF_THE_FRAME = 36

# Characters in a line of each part, as printed on A4.
WHOLE_LINE, ANSWER, HALF, FACT, LIST = 125, 90, 62, 46, 100
REASON, OPTION = 62, 34
# The option beside the columns of more than two documents, which take their room from it and leave the reason its own.
NARROW_OPTION = 26


def lines_above(
    answer: Sequence[AnswerLine], warnings: Sequence[Notice], key_facts: Sequence[FactGroup], missing: Sequence[MissingItem]
) -> int:
    """The lines above the options: answer and warnings, then key facts and what is missing in two columns."""
    told = sum(_lines(text, ANSWER) for line in answer for text in line.lines)
    told += sum(_lines(" ".join((notice.text, *notice.details)), WHOLE_LINE) for notice in warnings)
    told += math.ceil(sum(_lines("".join(_facts(group)), FACT) for group in key_facts) / 2)
    return told + math.ceil(sum(_lines(f"{item.asks} {item.waits}", HALF) for item in missing) / 2)


def lines_of_row(row: OptionRow) -> int:
    """The lines of an option in the table."""
    option = OPTION if len(row.cells) <= 2 else NARROW_OPTION
    return max(_lines(row.reason, REASON), _lines(row.option, option))


def lines_of_summary(groups: Sequence[OptionSummary]) -> int:
    """The lines of the options on page one: rows with a line for each state, then the lists."""
    rows = sum(1 + sum(lines_of_row(row) for row in state.rows) for group in groups for state in group.states)
    return rows + sum(_lines(found.text, LIST) for group in groups for found in group.lists) + len(groups)


def lines_of_text(parts: Sequence[str]) -> int:
    return _lines("; ".join(parts), WHOLE_LINE) if parts else 0


def _lines(text: str, characters: int) -> int:
    return max(1, math.ceil(len(text) / characters))


def _facts(group: FactGroup) -> Iterator[str]:
    for cluster in group.clusters:
        yield from (f"{fact.label} {fact.value} {fact.note} " for fact in cluster.facts)
        yield cluster.origin
    yield group.more
