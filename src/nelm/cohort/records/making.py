"""From blocks of records to whatever is made of them, in several processes, in the order of the records."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from typing import Any, Protocol, TypeVar

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.cohort.records.moments import Moment, View, Views, views_of
from nelm.cohort.records.sources import Block
from nelm.knowledge.base import Knowledge
from nelm.patient.record import Problem, Record
from nelm.patient.together import Said

BLOCKS_AHEAD = 2  # for every process, so that none waits
Made_co = TypeVar("Made_co", covariant=True)
Result = TypeVar("Result")


class Making(Protocol[Made_co]):
    """What is made of a block of records. It can be sent to another process, once."""

    def make(self, block: Block, /) -> Made_co: ...


class WorkerLost(Exception):
    """A process that ended before its work was done."""


@dataclass(frozen=True)
class Made:
    """What became of a block: rows of the table, the patients by the numbers of their records, and what is wrong with the others."""

    records: int
    rows: pl.DataFrame
    patients: tuple[tuple[int, str], ...]
    rejected: tuple[tuple[Problem, ...], ...]
    without_moment: int
    without_entry: int


@dataclass(frozen=True)
class Maker:
    """Makes rows of the facts table from records."""

    knowledge: Knowledge
    moment: Moment

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.knowledge.model)

    def make(self, block: Block) -> Made:
        """The facts of every record of a block."""
        rows: list[dict[str, Any]] = []
        patients: list[tuple[int, str]] = []
        rejected: list[tuple[Problem, ...]] = []
        without_moment = without_entry = 0
        for read in block.read(self.knowledge):
            if read.record is None:
                rejected.append(read.problems)
                continue
            patients.append((read.number, read.record.id))
            views = self.views(read.record)
            rows += self.rows(read.record, views)
            without_moment += views.without_moment
            without_entry += views.without_entry
        return Made(len(block), self.layout.frame(rows), tuple(patients), tuple(rejected), without_moment, without_entry)

    def views(self, record: Record, said: Said | None = None) -> Views:
        """The facts of a record at the moment; `said` as for `views_of`."""
        try:
            return views_of(record, self.knowledge, self.moment, said)
        except Exception as error:
            error.add_note(f"while choosing the facts of {record.id} in {record.file}")
            raise

    def rows(self, record: Record, views: Views) -> list[dict[str, Any]]:
        """The same as rows of the facts table."""
        return [self._row(record, view) for view in views.views]

    def _row(self, record: Record, view: View) -> dict[str, Any]:
        return {
            **self.layout.row(view.facts.values),
            "patient": record.id,
            "event": view.event,
            "as_of": view.facts.as_of,
            "centre": record.text("centre"),
            "synthetic": record.kind == "synthetic",
            "given": view.given,
            "contradicted": sorted(view.facts.contradicted()),
        }


def all_made(maker: Making[Result], blocks: Iterator[Block], workers: int) -> Generator[Result, None, None]:
    """What becomes of each block, in order. With one worker all is done in this process.

    Raises WorkerLost where a process ended unexpectedly. Closing the iterator ends the processes once they have done what they began.
    """
    if workers <= 1:
        yield from map(maker.make, blocks)
        return
    context = get_context("spawn")  # Polars does not survive a fork
    ended = context.Event()
    pool = ProcessPoolExecutor(workers, context, _start, (maker, ended))
    waiting: deque[Future[Result]] = deque()
    try:
        for block in blocks:
            waiting.append(pool.submit(_make, block))
            if len(waiting) > workers * BLOCKS_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except (BrokenProcessPool, OSError):
        raise WorkerLost(
            f"One of {workers} processes ended unexpectedly or could not be started, most often for want of memory. "
            "Nothing was written. Start again with fewer processes."
        ) from None
    finally:
        ended.set()
        pool.shutdown(cancel_futures=True)


# -- in the process of a worker ---------------------------------------------------------------------

_here: dict[str, Any] = {}  # the maker, and whether somebody still waits


def _start(maker: Making[Any], ended: Event) -> None:
    """Once per process. An interruption is the business of the process that started this one, which then says that all is `ended`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here.update(maker=maker, ended=ended)


def _make(block: Block) -> Any:
    if _here["ended"].is_set():
        raise CancelledError
    return _here["maker"].make(block)
