"""Synthetic records: plausible, made up from a description in the content, and the same for the same seed.

Record `i` depends on the seed and on `i` alone: ten records are the first ten of a thousand, and blocks can be made anywhere.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from nelm.cohort.synthetic.conditions import Holds, World, certainly
from nelm.cohort.synthetic.draws import Draw, Drawing
from nelm.cohort.synthetic.model import Description, EntryRule, Variable
from nelm.cohort.synthetic.types import types_of
from nelm.cohort.synthetic.writing import DATE, Write, Writing, day_in_words
from nelm.criteria import parse
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import parse_range
from nelm.patient.record import FORMAT

KIND = "synthetic"  # what every record says of itself
BLOCK = 1000  # records that a process makes at a time
Plain = dict[str, Any]


@dataclass(frozen=True)
class Simulated:
    """One record, and everything that is true of the person, recorded or not."""

    record: Plain
    truth: World


def simulate(description: Description, knowledge: Knowledge, patients: int, seed: int, *, first: int = 1) -> Iterator[Plain]:
    """The records with the numbers from `first` on, as plain data. Raises ValueError for a negative number or seed."""
    return (simulated.record for simulated in simulate_with_truth(description, knowledge, patients, seed, first=first))


def simulate_with_truth(description: Description, knowledge: Knowledge, patients: int, seed: int, *, first: int = 1) -> Iterator[Simulated]:
    """As `simulate`, with what is true of each person beside what was recorded."""
    if patients < 0 or seed < 0 or first < 1:
        raise ValueError("The number of records and the seed cannot be negative, and records are counted from 1.")
    simulator = Simulator(description, knowledge)
    return (simulator.one(seed, number) for number in range(first, first + patients))


# One variable, made ready: its name, when it is drawn (None: always), how, and how it is written into an entry (None: it is not).
_Step = tuple[str, Holds | None, Draw, Write | None]


@dataclass(frozen=True)
class _Entry:
    """One rule for entries, made ready."""

    key: str
    many: bool
    when: Holds | None
    happens: Draw | None
    repeat: int
    date: Draw | None
    date_as: str | None
    write_date: Write
    steps: tuple[_Step, ...]


class Simulator:
    """Makes records from a checked description."""

    def __init__(self, description: Description, knowledge: Knowledge) -> None:
        self.description = description
        self.random = Random(0)
        self.elements = knowledge.elements
        self.types = types_of(description, knowledge)
        self.drawing = Drawing(self.random, self.types)
        self.writing = Writing(self.random, description.missing, description.partial)
        self.variables = tuple(self._step(variable, write=False) for variable in description.variables)
        self.entries = tuple(self._entry(rule, knowledge) for rule in description.entries)
        self.complete = tuple((key, self.drawing.draw(given)) for key, given in description.complete.items())
        parts = (description.missing, description.partial)
        self.factors = [part.factor for part in parts if part is not None and part.factor is not None]
        self.nothing: World = dict.fromkeys(self.types)

    def one(self, seed: int, number: int) -> Simulated:
        """The record with a number."""
        self.random.seed(seed << 64 | number)
        truth = self.nothing.copy()
        for name, when, draw, _ in self.variables:
            truth[name] = draw(truth) if when is None or when(truth) else None
        world = truth.copy()  # entries may say something else than what is true
        ends = world[self.description.ends]
        if ends is None:
            raise ValueError(f"{self.description.ends!r} is not drawn for record {number}: nothing says when it ends.")
        for factor in self.factors:
            world[factor] = 1.0 if world[factor] is None else world[factor]
        record: Plain = {
            "nelm": FORMAT,
            "id": f"SYN-{seed}-{number}",
            "kind": KIND,
            "reference": f"{self.description.id} {self.description.version}, seed {seed}, record {number}",
            "as_of": day_in_words(ends),
        }
        complete = [key for key, draw in self.complete if draw(world)]
        if complete:
            record["complete"] = complete
        dated: dict[str, list[tuple[int, Plain]]] = {}
        for rule in self.entries:
            self._write_entries(rule, world, ends, record, dated)
        for key, entries in dated.items():
            entries.sort(key=_day_of)
            record[key] = [entry for _, entry in entries]
        return Simulated(record, truth)

    def _write_entries(self, rule: _Entry, world: World, ends: int, record: Plain, dated: dict[str, list[tuple[int, Plain]]]) -> None:
        for _ in range(rule.repeat):
            if (rule.when is not None and not rule.when(world)) or (rule.happens is not None and not rule.happens(world)):
                return
            day = None if rule.date is None else rule.date(world)
            if rule.date_as is not None:
                world[rule.date_as] = day
            if day is not None and day > ends:
                return
            entry: Plain = {}
            if day is not None:
                rule.write_date(entry, day, world)
            for name, when, draw, write in rule.steps:
                if when is None or when(world):
                    value = world[name] = draw(world)
                    if write is not None and value is not None:
                        write(entry, value, world)
                else:
                    world[name] = None
            if not entry:
                continue
            if not rule.many:
                record[rule.key] = entry
            else:
                dated.setdefault(rule.key, []).append((day or ends, entry))

    def _step(self, variable: Variable, *, write: bool) -> _Step:
        element = self.elements.get(variable.name)
        within = parse_range(element.range) if element is not None and element.type in ("quantity", "count") else None
        return (
            variable.name,
            None if variable.when is None else certainly(parse(variable.when), self.types),
            self.drawing.draw(variable, within),
            self.writing.write(variable.name, element) if write and element is not None else None,
        )

    def _entry(self, rule: EntryRule, knowledge: Knowledge) -> _Entry:
        entity = knowledge.entity_by_name(rule.entity)
        own = {element.name for element in entity.elements}
        known = [Variable(name=name, same_as=name) for name in rule.writes]
        return _Entry(
            key=entity.record_key,
            many=entity.many,
            when=None if rule.when is None else certainly(parse(rule.when), self.types),
            happens=None if rule.happens is None else self.drawing.draw(rule.happens),
            repeat=rule.repeat,
            date=None if rule.date is None else self.drawing.draw(rule.date),
            date_as=rule.date_as,
            write_date=self.writing.write(DATE, None),
            steps=tuple(self._step(variable, write=variable.name in own) for variable in (*known, *rule.draws)),
        )


def _day_of(item: tuple[int, Plain]) -> int:
    return item[0]


# -- files ------------------------------------------------------------------------------------------------


def write_records(
    description: Description,
    knowledge: Knowledge,
    output: Path,
    patients: int,
    seed: int,
    *,
    workers: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write records as JSON lines, one record a line; the file appears when it is whole.

    `progress` hears how many records are written so far. The file is the same for any number of workers.
    Raises OSError where it cannot be written, ValueError as `simulate`.
    """
    if patients < 0 or seed < 0:
        raise ValueError("The number of records and the seed cannot be negative.")
    aside = output.with_name(f".{output.name}.{os.getpid()}.part")
    written = 0
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as file:
            for count, lines in _blocks(description, knowledge, patients, seed, workers):
                file.write(lines)
                written += count
                progress(written)
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)


def _blocks(description: Description, knowledge: Knowledge, patients: int, seed: int, workers: int) -> Iterator[tuple[int, str]]:
    """The lines of one block after the other, with the number of its records."""
    blocks = [(seed, first, min(BLOCK, patients + 1 - first)) for first in range(1, patients + 1, BLOCK)]
    if workers <= 1 or len(blocks) <= 1:
        simulator = Simulator(description, knowledge)
        yield from ((count, _lines(simulator, seed, first, count)) for seed, first, count in blocks)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _start, (description, knowledge)) as pool:
        waiting: deque[tuple[int, Future[str]]] = deque()
        for block in blocks:
            waiting.append((block[2], pool.submit(_lines_in_worker, block)))
            if len(waiting) > 2 * workers:  # no more is kept than the file can take
                yield _next_of(waiting)
        while waiting:
            yield _next_of(waiting)


def _next_of(waiting: deque[tuple[int, Future[str]]]) -> tuple[int, str]:
    count, future = waiting.popleft()
    return count, future.result()


def _lines(simulator: Simulator, seed: int, first: int, count: int) -> str:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return "".join(encode(simulator.one(seed, number).record) + "\n" for number in range(first, first + count))


_WORKER: list[Simulator] = []


def _start(description: Description, knowledge: Knowledge) -> None:
    """What a process needs, made once for all its blocks."""
    _WORKER[:] = [Simulator(description, knowledge)]


def _lines_in_worker(block: tuple[int, int, int]) -> str:
    return _lines(_WORKER[0], *block)
