"""Writes vectors that hold every statement and every verdict row to what it says.

For each statement with conditions: facts for which it applies, facts for which each single condition fails (or
each contraindication holds), and facts for which it is undetermined. For each row of a verdict table: facts for
which it decides. The facts are found by solving the conditions; what is expected follows from which condition was
made to hold or to fail. The files are then part of the content: read them, and keep them when a condition changes
on purpose by running this again.

    python tools/make_vectors.py                writes cases/boundaries/rules-<guideline>.yaml for every guideline
    python tools/make_vectors.py nelm-2014      for this one only

The content is the one that `nelm` uses: `NELM_CONTENT` if it is set, else the one of this checkout.
"""

from __future__ import annotations

import sys

from nelm.criteria import Codes, Spans, Truth, Value
from nelm.criteria.evaluate import Evaluator
from nelm.criteria.syntax import And, BooleanLiteral, Expression, Name, Not
from nelm.criteria.witness import witness
from nelm.knowledge.base import CompiledGuideline, Knowledge
from nelm.knowledge.load import load
from nelm.knowledge.store import content_root


def conjunction(parts: list[Expression]) -> Expression:
    return And(tuple(parts)) if len(parts) > 1 else (parts or [BooleanLiteral(True)])[0]


def in_scope(compiled: CompiledGuideline) -> list[Expression]:
    return [Not(row.when) for row in compiled.scope if row.row.when is not None]


def written(name: str, value: Value) -> str:
    """A value as a record would write it."""
    if isinstance(value, Truth):
        return "true" if value is Truth.TRUE else "false"
    if isinstance(value, Codes):
        ordered = sorted(value.members)
        return ordered[0] if len(ordered) == 1 else f"[{', '.join(ordered)}]"
    assert isinstance(value, Spans)
    span = value.parts[0]
    if span.is_point:
        return f"{span.low:g}"
    if span.low == float("-inf"):
        return f'"{"<" if span.high_open else "<="} {span.high:g}"'
    if span.high == float("inf"):
        return f'"{">" if span.low_open else ">="} {span.low:g}"'
    middle = (span.low + span.high) / 2
    return f"{round(middle) if value.integral else middle:g}"


def line(identifier: str, facts: dict[str, Value], expect: str) -> str:
    given = ", ".join(f"{name}: {written(name, value)}" for name, value in facts.items())
    return f'  - {{id: "{identifier}", given: {{{given}}}, expect: {{{expect}}}}}\n'


def statement_lines(compiled: CompiledGuideline, knowledge: Knowledge) -> list[str]:
    lines: list[str] = []
    model, scope = knowledge.model, in_scope(compiled)
    for item in compiled.statements:
        when, unless = [Name(name) for name in item.when], [Name(name) for name in item.unless]
        if not when and not unless:
            continue
        holds = [*scope, *when, *(Not(name) for name in unless)]
        applies = witness(conjunction(holds), model, Truth.TRUE)
        if applies is None:
            print(f"{item.key}: never applies", file=sys.stderr)
            continue
        lines.append(line(f"{item.statement.id} applies", applies, f"statements: {{{item.key}: applies}}"))
        for failing in when:
            others = [part for part in [*scope, *when] if part != failing]
            facts = witness(conjunction([*others, Not(failing)]), model, Truth.TRUE)
            if facts is not None:
                short = failing.name.rsplit(".", 1)[-1]
                lines.append(line(f"{item.statement.id} without {short}", facts, f"statements: {{{item.key}: does_not_apply}}"))
        for blocking in unless:
            facts = witness(conjunction([*scope, *when, blocking]), model, Truth.TRUE)
            if facts is not None:
                short = blocking.name.rsplit(".", 1)[-1]
                lines.append(line(f"{item.statement.id} blocked by {short}", facts, f"statements: {{{item.key}: blocked}}"))
        needed = _one_left_out(conjunction([*when, *(Not(name) for name in unless)]), applies, scope, knowledge)
        if needed is not None:
            lines.append(line(f"{item.statement.id} undetermined", needed, f"statements: {{{item.key}: undetermined}}"))
    return lines


def _one_left_out(condition: Expression, facts: dict[str, Value], scope: list[Expression], knowledge: Knowledge) -> dict[str, Value] | None:
    """The same facts without one, so that the condition is open while the scope is not."""
    for name in reversed(facts):
        if name in knowledge.derivations and knowledge.derivations[name].fired:
            continue  # whether a rule fired is always known
        fewer = {other: value for other, value in facts.items() if other != name}
        evaluator = Evaluator(knowledge.model, fewer)
        if evaluator.truth(condition) is Truth.UNDETERMINED and evaluator.truth(conjunction(scope)) is Truth.TRUE:
            return fewer
    return None


def row_lines(compiled: CompiledGuideline, knowledge: Knowledge) -> list[str]:
    lines: list[str] = []
    scope = in_scope(compiled)
    for verdict in compiled.verdicts:
        for part in verdict.parts:
            before: list[Expression] = []
            for number, row in enumerate(part.rows, start=1):
                own = [] if row.row.when is None else [row.when]
                otherwise_decides = next((later.when for later in part.rows[number:-1] if later.row.word != row.row.word), None)
                wanted = conjunction([*scope, *before, *own])
                facts = witness(wanted, knowledge.model, Truth.TRUE)
                if otherwise_decides is not None and facts is not None:
                    # a row is only shown to decide where another one would say something else
                    facts = witness(conjunction([wanted, otherwise_decides]), knowledge.model, Truth.TRUE) or facts
                before.append(Not(row.when))
                reference = f"{verdict.key}#{part.part.id}"
                if facts is None:
                    print(f"{reference} row {number} ({row.row.word}) is never reached", file=sys.stderr)
                    continue
                lines.append(line(f"{reference.split('/')[1]} row {number}", facts, f'parts: {{"{reference}": {row.row.word}}}'))
    return lines


def main(wanted: list[str]) -> None:
    folder = content_root()
    knowledge = load(folder)
    unknown = [name for name in wanted if name not in knowledge.guidelines]
    if unknown:
        sys.exit(f"The guideline {unknown[0]!r} is not known. Permitted: {', '.join(knowledge.guidelines)}.")
    for name in wanted or knowledge.guidelines:
        compiled = knowledge.guidelines[name]
        lines = statement_lines(compiled, knowledge) + row_lines(compiled, knowledge)
        head = "# Made by tools/make_vectors.py from the conditions, then read. One line per condition that decides something.\nvectors:\n"
        (folder / "cases" / "boundaries" / f"rules-{name}.yaml").write_text(head + "".join(lines), encoding="utf-8")
        print(f"{name}: {len(lines)} vectors")


if __name__ == "__main__":
    main(sys.argv[1:])
