"""A compiled program as one SQL statement over a facts table, in plain boolean algebra.

The statement is a chain of stages. The first asks all questions about facts; each later one joins what the stages before
it gave. What several conditions share is a column of a stage and computed once; what is used once stands inside its user.
A column goes on as long as a later stage needs it, and none is ever null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from nelm.cohort.facts_table import Layout
from nelm.cohort.sql_questions import DUCKDB, SPARK, Dialect, NotInSql, Questions
from nelm.criteria.columns import All, Any, ByReference, Constant, Leaf, Node, Opposite, Program, parts_of

__all__ = ["DUCKDB", "SPARK", "Dialect", "FirstOf", "NotInSql", "select", "stages"]

DEEPEST = 12  # what is nested deeper becomes a column, so that no parser runs out of room


@dataclass(frozen=True)
class FirstOf:
    """A column of words: that of the first result that is true. `cases` are results of the program with their words."""

    cases: tuple[tuple[str, str], ...]
    otherwise: str


def stages(
    program: Program,
    dialect: Dialect,
    *,
    keep: Sequence[str] = (),
    words: Mapping[str, FirstOf] | None = None,
    answered: Mapping[ByReference, str] | None = None,
) -> list[list[str]]:
    """What each stage selects from the one before, the first of them from a facts table.

    The last one gives the columns `keep` of the table and the results of the program, a column of true and false each, or
    with `words` these columns instead. `answered` says in SQL what the reference evaluator has found; raises NotInSql for
    any other condition that only it can judge.
    """
    made = _Stages(program, dialect, answered or {})
    results = {name: made.said[number].text for name, number in program.results.items()}
    outputs = results if words is None else {name: _first_of(choice, results, dialect) for name, choice in words.items()}
    kept = [dialect.name(name) for name in keep]
    last = [*kept, *(f"{text} AS {dialect.name(name)}" for name, text in outputs.items())]
    return [*([*kept, *columns] for columns in made.selected()), last]


def select(program: Program, dialect: Dialect, table: str, *, keep: Sequence[str] = (), words: Mapping[str, FirstOf] | None = None) -> str:
    """The stages as one statement. `table` is written as it stands: a name, or what the engine reads a file with."""
    *inner, last = stages(program, dialect, keep=keep, words=words)
    sources = [table, *(f"stage_{number}" for number in range(len(inner)))]
    texts = [
        f"{name} {dialect.stage} (\n{_selected(items or ['TRUE AS nothing'], source)})"
        for name, items, source in zip(sources[1:], inner, sources, strict=False)
    ]
    return f"WITH {', '.join(texts)}\n{_selected(last, sources[-1])}"


def _first_of(choice: FirstOf, results: Mapping[str, str], dialect: Dialect) -> str:
    cases = " ".join(f"WHEN {results[result]} THEN {dialect.text(word)}" for result, word in choice.cases)
    return f"CASE {cases} ELSE {dialect.text(choice.otherwise)} END"


class _Said(NamedTuple):
    """How a node is said by those who use it, the columns it rests on, and how deep it is nested."""

    text: str
    needs: frozenset[int]
    depth: int


@dataclass
class _Stages:
    """The nodes of a program, each either a column of a stage or said inside its user."""

    program: Program
    dialect: Dialect
    answered: Mapping[ByReference, str]
    said: list[_Said] = field(init=False, default_factory=list)
    _columns: list[list[int]] = field(init=False, default_factory=lambda: [[]])  # the columns that each stage makes
    _made: dict[int, str] = field(init=False, default_factory=dict)  # what a column is made of
    _stage: dict[int, int] = field(init=False, default_factory=dict)
    _last_use: dict[int, int] = field(init=False, default_factory=dict)  # the last stage that reads a column

    def __post_init__(self) -> None:
        questions = Questions(Layout(self.program.model), self.dialect, self.answered)
        for node, uses in zip(self.program.nodes, _uses(self.program), strict=True):
            if isinstance(node, Leaf):
                self.said.append(self._column(questions.answer(node), frozenset()))
                continue
            parts = [self.said[part] for part in parts_of(node)]
            said = _Said(
                _joined(node, [part.text for part in parts]),
                frozenset[int]().union(*(part.needs for part in parts)),
                1 + max((part.depth for part in parts), default=0),
            )
            self.said.append(said if _stands_inside(node, uses, said.depth) else self._column(said.text, said.needs))
        for number in self.program.results.values():
            self._use(self.said[number].needs, len(self._columns))

    def _column(self, text: str, needs: frozenset[int]) -> _Said:
        """The next node as a column of the first stage that has all it needs."""
        number = len(self.said)
        stage = self._stage[number] = 1 + max((self._stage[column] for column in needs), default=-1)
        if stage == len(self._columns):
            self._columns.append([])
        self._columns[stage].append(number)
        self._made[number] = text
        self._use(needs, stage)
        return _Said(_name(number), frozenset({number}), 0)

    def _use(self, columns: Iterable[int], stage: int) -> None:
        self._last_use |= {column: max(stage, self._last_use.get(column, 0)) for column in columns}

    def selected(self) -> Iterator[list[str]]:
        """The columns of each stage, made there or carried on."""
        there: list[int] = []
        for stage, columns in enumerate(self._columns):
            carried = [number for number in there if self._last_use[number] > stage]
            yield [*map(_name, carried), *(f"{self._made[number]} AS {_name(number)}" for number in columns)]
            there = [*carried, *columns]


def _selected(items: Iterable[str], source: str) -> str:
    return "SELECT\n" + ",\n".join(f"  {item}" for item in items) + f"\nFROM {source}\n"


def _name(number: int) -> str:
    return f"node_{number}"


def _joined(node: Node, parts: Sequence[str]) -> str:
    match node:
        case All():
            return f"({' AND '.join(parts)})"
        case Any():
            return f"({' OR '.join(parts)})"
        case Opposite():
            return f"(NOT {parts[0]})"
        case Constant(value):
            return "TRUE" if value else "FALSE"
        case _:
            raise TypeError(f"{type(node).__name__} is a question about facts")


def _stands_inside(node: Node, uses: int, depth: int) -> bool:
    """Whether a node is said inside its users: where only one uses it, and every `not`, unless it is nested too deep."""
    return isinstance(node, Constant) or (depth <= DEEPEST and (uses == 1 or isinstance(node, Opposite)))


def _uses(program: Program) -> list[int]:
    """How often each node is said: by the results and by the nodes that use it, through every `not`."""
    uses = [0] * len(program.nodes)
    for number in program.results.values():
        uses[number] += 1
    for number in reversed(range(len(program.nodes))):
        node = program.nodes[number]
        for part in parts_of(node):
            uses[part] += uses[number] if isinstance(node, Opposite) else 1
    return uses
