"""Who enters the registry: one record by the reference evaluator, a whole facts table by compiled columns. Both say the same.

A criterion that certainly fails decides; a record of which all criteria certainly hold is eligible; every other is undetermined, and
the facts that can still decide are named. Unknown is neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from nelm.cohort.polars_engine import PolarsEngine
from nelm.cohort.tables import FactsTable
from nelm.criteria import Codes, Evaluator, Expression, Spans, Truth, Value, residual
from nelm.criteria.columns import Columns, Program
from nelm.criteria.waiting_columns import waits_for
from nelm.patient.facts import Facts
from nelm.registry.entry.content import CENTRE, CompiledItem, EntryCriteria, TimingRule

ELIGIBLE, NOT_ELIGIBLE, UNDETERMINED = "eligible", "not_eligible", "undetermined"
DECISIONS = (ELIGIBLE, NOT_ELIGIBLE, UNDETERMINED)
DECISION_TYPE = pl.Enum(DECISIONS)
SCHEMA: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "centre": pl.String(),
    "decision": DECISION_TYPE,
    "reasons": pl.List(pl.String()),
    "missing": pl.List(pl.String()),
    "incomplete": pl.List(pl.String()),
    "timing": pl.String(),
}


@dataclass(frozen=True)
class EntryDecision:
    """What the criteria say of one record.

    `reasons` are the criteria that certainly fail, exclusions that certainly hold included; `missing` the facts that can still decide
    an undetermined record; `incomplete` the required items that are not on record; `timing` is a code of the content, or undetermined.
    """

    patient: str
    centre: str | None
    decision: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    incomplete: tuple[str, ...]
    timing: str


# -- one record, by the reference evaluator ----------------------------------------------------------------


def entry_decision(facts: Facts, entry: EntryCriteria) -> EntryDecision:
    """The decision on one record."""
    centre = facts.record.text(CENTRE)
    return decision_on(facts.record.id, centre, facts.values, entry)


def decision_on(patient: str, centre: str | None, values: Mapping[str, Value], entry: EntryCriteria) -> EntryDecision:
    """The decision on what is known of a patient."""
    evaluator = Evaluator(entry.model, values)
    truths = {name: evaluator.truth(condition) for name, condition in entry.conditions.items()}
    reasons = tuple(name for name, truth in truths.items() if truth is Truth.FALSE)
    is_open = not reasons and any(truth is not Truth.TRUE for truth in truths.values())
    return EntryDecision(
        patient=patient,
        centre=centre,
        decision=NOT_ELIGIBLE if reasons else UNDETERMINED if is_open else ELIGIBLE,
        reasons=reasons,
        missing=_in_order(residual(entry.condition, entry.model, values), entry) if is_open else (),
        incomplete=tuple(found.item for found in entry.required if _is_lacking(found, centre, evaluator)),
        timing=_timing(entry.timing, evaluator),
    )


def _in_order(facts: Iterable[str], entry: EntryCriteria) -> tuple[str, ...]:
    """Facts in the order of the dictionary."""
    wanted = set(facts)
    return tuple(name for name in entry.model.types if name in wanted)


def _is_lacking(item: CompiledItem, centre: str | None, evaluator: Evaluator) -> bool:
    required = item.when is None or evaluator.truth(item.when) is Truth.TRUE
    spared = item.unless is not None and evaluator.truth(item.unless) is Truth.TRUE
    if not required or spared:
        return False
    return centre is None if item.item == CENTRE else not is_on_record(evaluator.facts.get(item.item))


def is_on_record(value: Value | None) -> bool:
    """Whether anything was recorded, contradictory or not; as in the column of a facts table that is not empty."""
    return value is not None and value is not Truth.UNDETERMINED


def _timing(rule: TimingRule, evaluator: Evaluator) -> str:
    first, second = evaluator.facts.get(rule.from_), evaluator.facts.get(rule.to)
    if isinstance(first, Spans) and isinstance(second, Spans):
        if second.high.high - first.low.low <= rule.days:
            return rule.within
        if second.low.low - first.high.high > rule.days:
            return rule.after
    entered = evaluator.value_of(rule.entered)
    found = entered.single if isinstance(entered, Codes) else None
    return found if found in (rule.within, rule.after) else UNDETERMINED


# -- a facts table, by columns --------------------------------------------------------------------------------


def entry_decisions(facts: FactsTable | Iterable[pl.DataFrame], entry: EntryCriteria) -> pl.DataFrame:
    """A row per row of the facts table, in its order, with the columns of `SCHEMA`.

    `facts` is an open table, or its blocks (with the columns that `EntryTable.columns` names). What `missing` names is at least what
    the reference evaluator names.
    """
    deciding = EntryTable(entry)
    blocks = facts.blocks(deciding.columns) if isinstance(facts, FactsTable) else facts
    parts = [deciding.run(block) for block in blocks]
    return pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)


@dataclass(frozen=True, eq=False)
class EntryTable:
    """Decides blocks of a facts table; `columns` are those that it reads."""

    entry: EntryCriteria

    @cached_property
    def columns(self) -> list[str]:
        timing, layout = self.entry.timing, self._engine.layout
        items = (found.item for found in self.entry.required if found.item != CENTRE)
        needed = (*self._engine.columns, *layout.needed((timing.from_, timing.to, *items)))
        return list(dict.fromkeys(("patient", CENTRE, *needed)))

    def run(self, block: pl.DataFrame) -> pl.DataFrame:
        """The decisions on the patients of a block."""
        answers = pl.DataFrame([column.alias(name) for name, column in self._engine.run(block).items()])
        about = block.select("patient", CENTRE, *self._documented, within=self._is_within, after=self._is_after)
        whole = pl.concat([about, answers], how="horizontal")
        return whole.select(
            "patient",
            CENTRE,
            pl.when("not eligible").then(pl.lit(NOT_ELIGIBLE, dtype=DECISION_TYPE))
            .when("open").then(pl.lit(UNDETERMINED, dtype=DECISION_TYPE))
            .otherwise(pl.lit(ELIGIBLE, dtype=DECISION_TYPE)).alias("decision"),
            _named({name: pl.col(f"fails {name}") for name in self.entry.conditions}).alias("reasons"),
            _named({name: pl.col(f"waits {name}") for name in self._waiting}).alias("missing"),
            _named(self._lacking).alias("incomplete"),
            self._timing.alias("timing"),
        )  # fmt: skip

    # -- the program --------------------------------------------------------------------------------------

    @cached_property
    def _make(self) -> Columns:
        return Columns(self.entry.model)

    @cached_property
    def _engine(self) -> PolarsEngine:
        return PolarsEngine(self._program)

    @cached_property
    def _program(self) -> Program:
        make = self._make
        results = {"open": self._open, "not eligible": make.any_of(self._fails.values())}
        results |= {f"fails {name}": node for name, node in self._fails.items()}
        results |= {f"waits {name}": node for name, node in self._waiting.items()}
        for number, item in enumerate(self.entry.required):
            results |= {f"required {number}": self._certainly(item.when, otherwise=True)}
            results |= {f"spared {number}": self._certainly(item.unless, otherwise=False)}
        for code in (self.entry.timing.within, self.entry.timing.after):
            results[f"entered {code}"] = self._is_only(self.entry.timing.entered, code)
        return make.program(results)

    @cached_property
    def _fails(self) -> Mapping[str, int]:
        make = self._make
        return {name: make.opposite(make.condition(condition).can_be_true) for name, condition in self.entry.conditions.items()}

    @cached_property
    def _open(self) -> int:
        """No criterion certainly fails, and one or more can."""
        make = self._make
        may_fail = make.any_of(make.condition(condition).can_be_false for condition in self.entry.conditions.values())
        return make.all_of([may_fail, *(make.opposite(node) for node in self._fails.values())])

    @cached_property
    def _waiting(self) -> Mapping[str, int]:
        """For each recorded fact, in the order of the dictionary, whether an undetermined record waits for it."""
        found = waits_for(self.entry.condition, self._open, self._make)
        return {name: found[name] for name in self.entry.model.types if name in found}

    def _certainly(self, condition: Expression | None, *, otherwise: bool) -> int:
        if condition is None:
            return self._make.constant(otherwise)
        return self._make.opposite(self._make.condition(condition).can_be_false)

    def _is_only(self, name: str, code: str) -> int:
        kind = self.entry.model.type_of(name)
        others = frozenset(getattr(kind, "codes", ())) - {code}
        return self._make.opposite(self._make.member(name, others))

    # -- columns --------------------------------------------------------------------------------------------

    @property
    def _documented(self) -> Iterator[pl.Expr]:
        of_facts = self._engine.layout.of_facts
        for number, item in enumerate(self.entry.required):
            column = CENTRE if item.item == CENTRE else next(iter(of_facts[item.item]))
            yield pl.col(column).is_not_null().alias(f"documented {number}")

    @property
    def _lacking(self) -> Mapping[str, pl.Expr]:
        return {
            item.item: pl.col(f"required {number}") & ~pl.col(f"spared {number}") & ~pl.col(f"documented {number}")
            for number, item in enumerate(self.entry.required)
        }

    @property
    def _is_within(self) -> pl.Expr:
        """The days between the two dates are certainly within the interval."""
        timing = self.entry.timing
        return _days_between(f"{timing.from_}_low", f"{timing.to}_high") <= timing.days

    @property
    def _is_after(self) -> pl.Expr:
        timing = self.entry.timing
        return _days_between(f"{timing.from_}_high", f"{timing.to}_low") > timing.days

    @property
    def _timing(self) -> pl.Expr:
        within, after = self.entry.timing.within, self.entry.timing.after
        return (
            pl.when("within").then(pl.lit(within)).when("after").then(pl.lit(after))
            .when(f"entered {within}").then(pl.lit(within)).when(f"entered {after}").then(pl.lit(after))
            .otherwise(pl.lit(UNDETERMINED))
        )  # fmt: skip


def _days_between(first: str, second: str) -> pl.Expr:
    return pl.col(second).to_physical() - pl.col(first).to_physical()


def _named(found: Mapping[str, pl.Expr]) -> pl.Expr:
    """For each row the names under which a column is true."""
    if not found:
        return pl.lit([], dtype=pl.List(pl.String()))
    return pl.concat_list([pl.when(column).then(pl.lit(name)) for name, column in found.items()]).list.drop_nulls()
