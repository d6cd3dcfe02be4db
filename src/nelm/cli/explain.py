"""`nelm explain`: one statement or verdict with its full tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text
from rich.tree import Tree

from nelm.advice.assess import assess
from nelm.advice.findings import Advice, StatementFinding, VerdictFinding
from nelm.advice.statements import missing, trees
from nelm.cli.common import day, load_knowledge, load_record, output, stop
from nelm.cli.values import MARK, value_text
from nelm.criteria import Explained, Explaining, nearest, to_text
from nelm.knowledge.base import Knowledge
from nelm.knowledge.guideline import as_tuple


def explain_statement(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="A patient record (YAML or JSON).", show_default=False)],
    statement: Annotated[
        str, typer.Argument(metavar="STATEMENT", help="A statement (nelm-2014/Q08.R1) or a question (nelm-2014/Q08).", show_default=False)
    ],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day the advice is for.")] = None,
) -> None:
    """Why a statement applies to a patient or not: every condition, every fact, and the entry each fact came from."""
    knowledge = load_knowledge()
    advice = assess(load_record(case, knowledge), knowledge, as_of=day(as_of))
    for item in advice.statements:
        if item.key == statement:
            output.print(_statement_tree(item, advice))
            return
    for verdict in advice.verdicts:
        if verdict.key == statement:
            output.print(_verdict_tree(verdict, advice))
            return
    known = [item.key for item in advice.statements] + [verdict.key for verdict in advice.verdicts]
    stop(f"{statement!r} is neither a statement nor a question.{nearest(statement, known)} 'nelm guideline show ID' lists them.")


def _statement_tree(item: StatementFinding, advice: Advice) -> Tree:
    statement, knowledge = item.compiled.statement, advice.knowledge
    root = Tree(f"{item.key}  {item.status.value.replace('_', ' ')}")
    root.add(Text(f"{statement.says}  ({', '.join(as_tuple(statement.source))})"))
    for tree in trees(item, Explaining(advice.facts.evaluator)):
        _add(root, tree, advice)
    open_items = sorted(missing(item, knowledge, advice.facts))
    if open_items:
        branch = root.add("Still open:")
        for name in open_items:
            branch.add(knowledge.asks(name))
    return root


def _verdict_tree(verdict: VerdictFinding, advice: Advice) -> Tree:
    knowledge = advice.knowledge
    root = Tree(f"{verdict.key}  {verdict.word.value}{f' ({verdict.strength})' if verdict.strength else ''}  {verdict.title}")
    if verdict.because:
        root.add(Text(verdict.because))
    for part, compiled in zip(verdict.parts, verdict.compiled.parts, strict=False):
        branch = root.add(f"{part.part.label}: {part.word.value}{'' if part.part.counts else ' (stands beside the verdict)'}")
        for row in compiled.rows:
            truth = advice.facts.evaluator.truth(row.when)
            text = "otherwise" if row.row.when is None else row.row.when
            branch.add(Text(f"{MARK[truth]} {row.row.word}: {text}{f' — {row.row.because}' if row.row.because else ''}"))
    for name in verdict.unknowns:
        root.add(f"Still open: {knowledge.asks(name)}")
    return root


def _add(branch: Tree, tree: Explained, advice: Advice) -> None:
    knowledge = advice.knowledge
    label = knowledge.labels.get(tree.name, "") if tree.name else ""
    text = f"{MARK[tree.truth]} {label or _readable(tree, knowledge)}"
    node = branch.add(Text(text))
    for fact in tree.facts:
        leaf = node.add(Text(f"{knowledge.label(fact.name)}: {value_text(fact.name, fact.value, knowledge)}{_origin(fact.name, advice)}"))
        for row in fact.rows:
            _add(leaf, row, advice)
    for part in tree.parts:
        _add(node, part, advice)


def _readable(tree: Explained, knowledge: Knowledge) -> str:
    """A condition with local criteria called by their labels."""
    text = to_text(tree.expression)
    for name, label in sorted(knowledge.labels.items(), key=lambda item: -len(item[0])):
        if "/" in name or "." in name:
            text = text.replace(name, label)
    return text


def _origin(name: str, advice: Advice) -> str:
    entries = advice.facts.origins.get(name, ())
    said = [
        f"{entry.name}{f', {entry.date_written}' if entry.date_written else ''}{f', {entry.source}' if entry.source else ''}"
        for entry in entries
    ]
    return f"  [{'; '.join(said)}]" if said else ""
