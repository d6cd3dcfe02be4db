"""From verdict tables to verdicts: one word per part, one per question.

How a verdict follows is content (`verdicts` of a question); this module only reads the tables:

- a row that is false is passed over, a row that is true ends the reading, an undetermined row keeps its
  word possible;
- a row marked `if_unknown: list` does not hold the verdict up while it is undetermined: its open facts are
  listed; unless the record itself raises the matter (`raised_by`) or entries contradict one another on it;
- one possible word is the word; several words that all say "does not apply" give the word of the row that
  is true; anything else is UNKNOWN, with the facts that can still change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nelm.advice.findings import COMMITMENT, OpenItems, PartFinding, ScopeFinding, VerdictFinding, Word
from nelm.criteria import Row, Table, Truth, is_settled, residual, settle_table, settled_result
from nelm.knowledge.base import CompiledPart, CompiledRow, CompiledStatement, CompiledVerdict, Knowledge
from nelm.knowledge.guideline import Conflict, Discrepancy, as_tuple
from nelm.patient.facts import Facts

# A verdict carries the printed strength, wording and votes of its statement only where it says the same.
SIDE: dict[Word, tuple[str, ...]] = {
    Word.FOR: ("for", "conditional_for", "conditional", "info", "definition"),
    Word.AGAINST: ("against", "constraint"),
    Word.NO_REC: ("no_recommendation", "none"),
}


@dataclass(frozen=True)
class Reading:
    """A verdict table read for one patient."""

    word: Word
    row: CompiledRow
    possible: tuple[Word, ...]
    standing: tuple[CompiledRow, ...]
    listed_rows: tuple[CompiledRow, ...]


class Judge:
    """Reads the verdict tables of a knowledge base for one patient."""

    def __init__(self, knowledge: Knowledge, facts: Facts) -> None:
        self.knowledge = knowledge
        self.facts = facts
        self.evaluator = facts.evaluator
        self.contradicted = facts.contradicted()
        self.settled = frozenset(name for name, value in facts.values.items() if is_settled(value))

    # -- tables -----------------------------------------------------------------------------------

    def read(self, rows: Sequence[CompiledRow]) -> Reading:
        """The word of a table; its last row always holds."""
        standing: list[CompiledRow] = []
        listed: list[CompiledRow] = []
        for row in rows[:-1]:
            holds = self.evaluator.truth(row.when)
            if holds is Truth.TRUE:
                standing.append(row)
                break
            if holds is Truth.UNDETERMINED:
                (listed if self._only_listed(row) else standing).append(row)
        else:
            standing.append(rows[-1])
        words = tuple(dict.fromkeys(Word(row.row.word) for row in standing))
        if len(words) == 1:
            return Reading(words[0], standing[-1], words, tuple(standing), tuple(listed))
        settled = settled_result(_table(standing), self.evaluator) if self._share_facts(standing) else None
        if settled is not None:
            (outcome,) = settled
            row = next(row for row in standing if row.row.word == outcome)
            return Reading(Word(outcome), row, (Word(outcome),), (row,), tuple(listed))
        word = Word(standing[-1].row.word) if all(word.says_does_not_apply for word in words) else Word.UNKNOWN
        return Reading(word, standing[-1], words, tuple(standing), tuple(listed))

    def _share_facts(self, standing: Sequence[CompiledRow]) -> bool:
        """Some open fact is asked about by several rows, so that together they may settle what none settles alone."""
        seen: set[str] = set()
        for row in standing:
            asked = self.knowledge.facts_behind(row.when) - self.settled
            if asked & seen or (asked and self.knowledge.repeats(row.when)):
                return True
            seen |= asked
        return False

    def open_items(self, reading: Reading) -> OpenItems:
        """What can still change a verdict, found when somebody asks."""

        def decisive() -> tuple[str, ...]:
            if len(reading.possible) < 2:
                return ()
            return self._in_order(settle_table(_table(reading.standing), self.knowledge.model, self.facts.values)[1])

        return OpenItems(decisive, lambda: self._listed(reading.listed_rows))

    def word(self, compiled: CompiledVerdict) -> Word:
        """The word of a question inside the scope of its guideline, without what is missing: for many what-ifs."""
        words = [(part.part.counts, self._quick_word(part.rows)) for part in compiled.parts]
        counting = [word for counts, word in words if counts] or [word for _, word in words]
        return counting[0] if compiled.rule.combine == "first" else min(counting, key=COMMITMENT.index)

    def part_word(self, compiled: CompiledPart) -> Word:
        """The word of one part alone."""
        return self.read(compiled.rows).word

    def _quick_word(self, rows: Sequence[CompiledRow]) -> Word:
        words: dict[Word, None] = {}
        for row in rows[:-1]:
            holds = self.evaluator.truth(row.when)
            if holds is Truth.FALSE or (holds is Truth.UNDETERMINED and self._only_listed(row)):
                continue
            words[Word(row.row.word)] = None
            if holds is Truth.TRUE:
                break
        else:
            words[Word(rows[-1].row.word)] = None
        if len(words) == 1 or all(word.says_does_not_apply for word in words):
            return list(words)[-1]
        return Word.UNKNOWN

    def _only_listed(self, row: CompiledRow) -> bool:
        """An undetermined row that does not hold the verdict up."""
        if row.row.if_unknown != "list":
            return False
        if row.raised_by is not None and self.evaluator.truth(row.raised_by) is Truth.TRUE:
            return False
        if not self.contradicted & self.knowledge.facts_behind(row.when):
            return True
        return not self.contradicted & residual(row.when, self.knowledge.model, self.facts.values)

    def _in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Facts in the order of the dictionary, so that lists read alike everywhere."""
        position = self.knowledge.position
        return tuple(sorted(names, key=lambda name: position.get(name, len(position))))

    def _listed(self, rows: Iterable[CompiledRow]) -> tuple[str, ...]:
        found: set[str] = set()
        for row in rows:
            found |= residual(row.when, self.knowledge.model, self.facts.values)
        return self._in_order(found)

    # -- scope ------------------------------------------------------------------------------------

    def scope(self, guideline: str) -> ScopeFinding:
        """Whether a guideline speaks about this patient."""
        reading = self.read(self.knowledge.guidelines[guideline].scope)
        because = reading.row.row.because or ("the patient belongs to the population of the document" if reading.word is Word.IN else "")
        if reading.word is Word.UNKNOWN:
            because = "whether the patient belongs to the population of the document depends on what is missing"
        return ScopeFinding(guideline, reading.word, because, self.open_items(reading).decisive)

    def scope_word(self, guideline: str) -> Word:
        """The word of the scope alone."""
        return self._quick_word(self.knowledge.guidelines[guideline].scope)

    # -- parts and questions ------------------------------------------------------------------------

    def part(self, compiled: CompiledPart, guideline: str) -> PartFinding:
        reading = self.read(compiled.rows)
        lead = self._lead(compiled, guideline)
        statement = lead.statement if lead else None
        said = statement is not None and statement.stance in SIDE.get(reading.word, ())
        return PartFinding(
            part=compiled.part,
            word=reading.word,
            because=reading.row.row.because or (statement.says if statement and said else ""),
            possible=reading.possible,
            strength=(compiled.part.strength if reading.word in SIDE else None) or (statement.strength if statement and said else None),
            wording=statement.wording if statement and said else None,
            stance=statement.stance if statement else None,
            votes=statement.votes if statement and said else (),
            open_items=self.open_items(reading),
            listed_because=tuple(row.row.because for row in reading.listed_rows if row.row.because),
            sources=tuple(dict.fromkeys((*reading.row.row.from_, *as_tuple(reading.row.row.source)))),
        )

    def _lead(self, compiled: CompiledPart, guideline: str) -> CompiledStatement | None:
        if not compiled.part.statements:
            return None
        return self.knowledge.statement(f"{guideline}/{compiled.part.statements[0]}")

    def verdict(self, compiled: CompiledVerdict, scope: ScopeFinding, scopes: Iterable[ScopeFinding]) -> VerdictFinding:
        """The verdict of one question, given whether the guideline is in scope."""
        if scope.word in (Word.OUT, Word.OPEN):
            return VerdictFinding(compiled, scope.word, (), scope.because)
        parts = tuple(self.part(part, compiled.guideline) for part in compiled.parts)
        deciding = _deciding(parts, compiled.rule.combine)
        word = deciding[0].word
        disputed = self._disputed(compiled)
        conflicts = self.conflicts_with(compiled, scopes)
        finding = VerdictFinding(
            compiled=compiled,
            word=word,
            parts=parts,
            because=deciding[0].because,
            strength=deciding[0].strength if word is Word.FOR else None,
            wording=deciding[0].wording if word is Word.FOR else None,
            deciding=tuple(deciding),
            conflicts=conflicts,
            discrepancies=self.discrepancies_with(compiled),
            contradicted=disputed,
        )
        return finding if scope.word is Word.IN else _outside_unless(finding, scope)

    def _disputed(self, compiled: CompiledVerdict) -> tuple[str, ...]:
        """The facts in dispute that some row of the question asks about: always named with its verdict."""
        if not self.contradicted:
            return ()
        asked = {name for part in compiled.parts for row in part.rows for name in self.knowledge.facts_behind(row.when)}
        return self._in_order(self.contradicted & asked)

    def conflicts_with(self, compiled: CompiledVerdict, scopes: Iterable[ScopeFinding]) -> tuple[Conflict, ...]:
        """The contradictions that have to be shown with a verdict.

        Those not ruled out for this patient; while it is open whether a document speaks about the patient at all,
        only those that touch everybody or are known to touch this patient.
        """
        words = {scope.guideline: scope.word for scope in scopes}
        found: list[Conflict] = []
        for conflict in self.knowledge.conflicts_with(compiled):
            between = {words.get(guideline, Word.OUT) for guideline in conflict.between}
            if Word.OUT in between:
                continue
            touches = self.touches(conflict)
            if touches is Truth.TRUE or (touches is Truth.UNDETERMINED and between == {Word.IN}):
                found.append(conflict)
        return tuple(found)

    def touches(self, conflict: Conflict) -> Truth:
        """Whether a contradiction of the documents concerns this patient."""
        condition = self.knowledge.conditions.get(f"conflict:{conflict.id}")
        return Truth.TRUE if condition is None else self.evaluator.truth(condition)

    def discrepancies_with(self, compiled: CompiledVerdict) -> tuple[Discrepancy, ...]:
        shown = self.knowledge.discrepancies_with(compiled)
        return tuple(found for found in shown if self._not_ruled_out(f"discrepancy:{compiled.guideline}/{found.id}"))

    def _not_ruled_out(self, key: str) -> bool:
        condition = self.knowledge.conditions.get(key)
        return condition is None or self.evaluator.truth(condition).can_be_true


def _table(standing: Sequence[CompiledRow]) -> Table:
    """Rows of a verdict as a decision table; the last always holds."""
    words = tuple(sorted({row.row.word for row in standing}))
    return Table(words, tuple(Row(row.when, frozenset({row.row.word})) for row in standing[:-1]), frozenset({standing[-1].row.word}))


def _deciding(parts: Sequence[PartFinding], combine: str) -> list[PartFinding]:
    """The parts that give the question its word: the first, or all with the most committing word."""
    counting = [part for part in parts if part.part.counts] or list(parts)
    if combine == "first":
        return [counting[0]]
    word = min((part.word for part in counting), key=COMMITMENT.index)
    return [part for part in counting if part.word is word]


def _outside_unless(finding: VerdictFinding, scope: ScopeFinding) -> VerdictFinding:
    """A verdict that holds only if the patient belongs to the document's population."""
    because = f"{scope.because}; if so: {finding.because or finding.word.value}"
    return replace(
        finding, word=Word.UNKNOWN, because=because, strength=None, wording=None, scope_missing=scope.missing, if_in_scope=finding.word
    )
