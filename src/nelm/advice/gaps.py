"""What to ask next: the missing facts, ordered by how much knowing them would settle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from nelm.advice.findings import Gap, StatementFinding, Status, VerdictFinding, Word
from nelm.advice.statements import missing
from nelm.advice.verdicts import Judge
from nelm.criteria import Evaluator, Expression, Value
from nelm.criteria.residual import cells
from nelm.knowledge.base import CompiledVerdict, Knowledge
from nelm.patient.facts import Facts


def gaps(verdicts: Iterable[VerdictFinding], statements: Iterable[StatementFinding], knowledge: Knowledge, facts: Facts) -> tuple[Gap, ...]:
    """The facts that can still change something, the most useful first.

    `settles` is the number of open verdicts that become determined by knowing the fact, on average over
    its possible values (no value is held likelier than another); `share` counts each open verdict once,
    divided among the facts it waits for. The order is by the first, then the second, then the number of verdicts.
    Facts that can change only a part beside a verdict, or whether a statement applies, come last.
    """
    named: dict[str, list[VerdictFinding]] = defaultdict(list)
    share: dict[str, float] = defaultdict(float)
    for name in _beside(verdicts, statements, knowledge, facts):
        named[name] = []
    for verdict in verdicts:
        for name in verdict.unknowns:
            named[name].append(verdict)
        if verdict.word is Word.UNKNOWN:
            for name in verdict.decisive:
                share[name] += 1 / len(verdict.decisive)
    contradicted = facts.contradicted()
    found = [
        Gap(
            name=name,
            asks=knowledge.asks(name),
            verdicts=tuple(verdict.key for verdict in waiting),
            settles=_settled(name, [verdict for verdict in waiting if name in verdict.decisive], knowledge, facts),
            share=share[name],
            contradicted=name in contradicted,
        )
        for name, waiting in named.items()
    ]
    return tuple(sorted(found, key=lambda gap: (-round(gap.settles, 6), -round(gap.share, 6), -len(gap.verdicts), gap.name)))


def _beside(
    verdicts: Iterable[VerdictFinding], statements: Iterable[StatementFinding], knowledge: Knowledge, facts: Facts
) -> Iterable[str]:
    for verdict in verdicts:
        for part in verdict.parts:
            yield from (*part.decisive, *part.listed)
    for statement in statements:
        if statement.status is Status.UNDETERMINED:
            yield from missing(statement, knowledge, facts)


def _settled(name: str, waiting: list[VerdictFinding], knowledge: Knowledge, facts: Facts) -> float:
    """How many of the waiting verdicts become determined, on average over the possible values of a fact."""
    waiting = [verdict for verdict in waiting if verdict.word is Word.UNKNOWN]
    if not waiting:
        return 0.0
    parts = cells_of(name, [verdict.compiled for verdict in waiting], knowledge, facts)
    settled = 0
    for cell in parts:
        judge = Judge(knowledge, supposing(facts, knowledge, {name: cell}))
        in_scope = {name: judge.scope_word(name) for name in {verdict.compiled.guideline for verdict in waiting}}
        settled += sum(_word(judge, verdict.compiled, in_scope) is not Word.UNKNOWN for verdict in waiting)
    return settled / len(parts) if parts else 0.0


def _word(judge: Judge, compiled: CompiledVerdict, scopes: dict[str, Word]) -> Word:
    scope = scopes[compiled.guideline]
    return judge.word(compiled) if scope is Word.IN else scope


def supposing(facts: Facts, knowledge: Knowledge, suppose: dict[str, Value]) -> Facts:
    """The same facts with some replaced by what is supposed."""
    values = {**facts.values, **suppose}
    return Facts(
        record=facts.record,
        as_of=facts.as_of,
        values=values,
        origins=facts.origins,
        contradictions=tuple(found for found in facts.contradictions if not set(found.facts) & set(suppose)),
        entries=facts.entries,
        by_entry=facts.by_entry,
        set_aside=facts.set_aside - set(suppose),
        evaluator=Evaluator(knowledge.model, values),
    )


def cells_of(name: str, verdicts: Iterable[CompiledVerdict], knowledge: Knowledge, facts: Facts) -> list[Value]:
    """The possible values of a fact, cut at every threshold that the verdicts' conditions mention."""
    value = facts.value_of(name)
    return cells(value, knowledge.comparisons_with(name, _conditions(verdicts, knowledge)), knowledge.model)


def _conditions(verdicts: Iterable[CompiledVerdict], knowledge: Knowledge) -> Iterable[Expression]:
    for verdict in verdicts:
        yield from (row.when for row in knowledge.guidelines[verdict.guideline].scope)
        for part in verdict.parts:
            yield from (row.when for row in part.rows)
