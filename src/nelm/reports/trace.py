"""Why: facts, criteria, statements. What would change it. Where the documents disagree. What the body text adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nelm.advice.findings import Advice, ConditionFinding, OptionFinding, OptionState, StatementFinding, Status, VerdictFinding, Word
from nelm.advice.findings import Voice as Finding
from nelm.advice.options import speaker
from nelm.advice.verdicts import Judge
from nelm.criteria import Explained, Truth, explain, residual
from nelm.criteria.syntax import And, Name, Or
from nelm.criteria.truth import NOT
from nelm.knowledge.guideline import Conflict, as_tuple
from nelm.reports.facts_shown import FactWords
from nelm.reports.view import ChangeLine, Condition, Disagreement, Effect, Position, StatementLine, Step, Trace
from nelm.reports.voices import VoiceWords, deciding
from nelm.reports.words import NOT_KNOWN, PLACES, STANDINGS, STATES, STATUSES, TRUTHS, sentence

TRACED = (OptionState.FAVOURED, OptionState.POSSIBLE, OptionState.DISAGREE, OptionState.NOT_ADVISED)
STATEMENTS_OF_STEP, STATEMENTS_BESIDE = 2, 1
FACTS_OF_CONDITION = 3
TOUCHES = "touches this patient"
MAY_TOUCH = "may touch this patient"


class Change(NamedTuple):
    """A single change of one fact that would change a verdict, in words (what `nelm.advice.whatif` found)."""

    fact: str
    condition: str
    verdict: str
    was: str
    becomes: str


class TraceWords:
    """The reasoning behind one patient's advice, in words."""

    def __init__(self, advice: Advice, facts: FactWords, voices: VoiceWords) -> None:
        self.advice = advice
        self.facts = facts
        self.voices = voices
        self.judge = Judge(advice.knowledge, advice.facts)

    # -- statements -----------------------------------------------------------------------------------

    def statement(self, found: StatementFinding, *, with_facts: bool = True) -> StatementLine:
        statement = found.compiled.statement
        standing = STANDINGS[statement.standing]
        kind = statement.kind.replace("_", " ")
        return StatementLine(
            id=statement.id,
            document=self.voices.documents[found.compiled.guideline],
            kind=standing if statement.kind == statement.standing else f"{standing}, {kind}",
            status=STATUSES[found.status],
            says=statement.says,
            place=", ".join(as_tuple(statement.source)),
            conditions=tuple(self._conditions(found, with_facts)),
        )

    def _conditions(self, found: StatementFinding, with_facts: bool) -> Iterator[Condition]:
        for condition in found.when:
            yield Condition(TRUTHS[condition.truth], condition.label, self._behind(condition) if with_facts else "")
        for condition in found.unless:
            text = f"must not be: {condition.label}"
            yield Condition(TRUTHS[NOT[condition.truth]], text, self._behind(condition) if with_facts else "")

    def _behind(self, condition: ConditionFinding) -> str:
        """The facts that make a condition hold or fail; what is missing where it is open."""
        name = Name(condition.name)
        if condition.truth is Truth.UNDETERMINED:
            waits = residual(name, self.advice.knowledge.model, self.advice.facts.values)
            order = self.advice.knowledge.position
            return self.voices.asked(sorted(waits, key=lambda fact: (order.get(fact, len(order)), fact)), FACTS_OF_CONDITION)
        names = dict.fromkeys(telling_facts(explain(name, self.advice.facts.evaluator)))
        known = [(fact, value) for fact in names if (value := self.facts.value(fact)) != NOT_KNOWN]
        return "; ".join(f"{self.advice.knowledge.label(fact)}: {value}" for fact, value in known[:FACTS_OF_CONDITION])

    # -- why --------------------------------------------------------------------------------------------

    def traces(self, findings: Iterable[OptionFinding], main: str) -> tuple[Trace, ...]:
        """One trace for each option that is favoured, possible, disputed or not advised; the main group is told in more detail."""
        found = []
        for option in findings:
            if option.state in TRACED:
                most = STATEMENTS_OF_STEP if option.option.group == main else STATEMENTS_BESIDE
                telling = [voice for voice in speaker(option.voices).values() if voice.word not in (Word.OUT, Word.NA)]
                found.append(Trace(option.option.label, STATES[option.state], tuple(self._step(voice, most) for voice in telling)))
        return tuple(found)

    def _step(self, voice: Finding, most: int) -> Step:
        verdict = voice.verdict
        found = self.voices.statements_of(verdict, voice.part or deciding(verdict))
        telling = [statement for number, statement in enumerate(found) if number == 0 or statement.when or statement.unless]
        return Step(
            document=self.voices.document_of(verdict),
            verdict=verdict.compiled.rule.id,
            title=verdict.title,
            mark=self.voices.mark(voice.word),
            detail=self.voices.detail(verdict, voice.word, voice.strength, voice.wording),
            because=sentence(self.voices.reason(voice, said=found[0].compiled.statement.says if found else "")),
            statements=tuple(self.statement(statement) for statement in telling[:most]),
        )

    # -- disagreements ----------------------------------------------------------------------------------

    def disagreements(self) -> tuple[Disagreement, ...]:
        """Every conflict shown with a verdict, once: those that touch this patient first, those for everybody last."""
        shown: dict[str, tuple[Conflict, list[VerdictFinding]]] = {}
        for verdict in self.advice.verdicts:
            for conflict in verdict.conflicts:
                shown.setdefault(conflict.id, (conflict, []))[1].append(verdict)
        order = {conflict.id: number for number, conflict in enumerate(self.advice.knowledge.conflicts)}
        found = sorted(shown.values(), key=lambda item: (*self._rank(item[0]), order[item[0].id]))
        return tuple(self._disagreement(conflict, verdicts) for conflict, verdicts in found)

    def _rank(self, conflict: Conflict) -> tuple[bool, bool, bool]:
        return (self.judge.touches(conflict) is not Truth.TRUE, conflict.when is None, len(conflict.between) < 2)

    def _disagreement(self, conflict: Conflict, verdicts: Iterable[VerdictFinding]) -> Disagreement:
        return Disagreement(
            id=conflict.id,
            title=conflict.title,
            touches=TOUCHES if self.judge.touches(conflict) is Truth.TRUE else MAY_TOUCH,
            positions=tuple(Position(self._who(who, conflict), text) for who, text in conflict.says.items()),
            shown_with=", ".join(f"{self.voices.document_of(verdict)} {verdict.compiled.rule.id}" for verdict in verdicts),
        )

    def _who(self, who: str, conflict: Conflict) -> str:
        """The document; inside one document the place in it."""
        if who in self.voices.documents:
            return self.voices.documents[who]
        within = [self.voices.documents[name] for name in conflict.between if name in self.voices.documents]
        return ", ".join((*within, PLACES.get(who, who.replace("_", " ")))) if len(within) == 1 else who.replace("_", " ")

    # -- body text ----------------------------------------------------------------------------------------

    def body_positions(self) -> tuple[StatementLine, ...]:
        """Recommendations of the running text whose conditions are met, in documents that speak about this patient."""
        found = [item for item in self.advice.statements if item.compiled.statement.standing == "body"]
        found = [item for item in found if item.compiled.statement.kind == "recommendation" and item.status is Status.APPLIES]
        return tuple(self.statement(item, with_facts=False) for item in found if self.voices.scopes[item.compiled.guideline] is Word.IN)


def telling_facts(tree: Explained) -> Iterator[str]:
    """The recorded facts that settle a condition: of an `or` that holds the parts that hold, of an `and` that fails those that fail."""
    settling = {(Or, Truth.TRUE), (And, Truth.FALSE)}
    telling = [part for part in tree.parts if part.truth is tree.truth] if (type(tree.expression), tree.truth) in settling else tree.parts
    for part in telling:
        yield from telling_facts(part)
    for fact in tree.facts:
        if not fact.derived:
            yield fact.name
        for row in fact.rows:
            yield from telling_facts(row)


def change_lines(flips: Iterable[Change]) -> tuple[ChangeLine, ...]:
    """The effects of the same change of a fact together."""
    effects: dict[str, list[Effect]] = {}
    for fact, condition, verdict, was, becomes in flips:
        effects.setdefault(f"{fact}: {condition}", []).append(Effect(verdict, was, becomes))
    return tuple(ChangeLine(condition, tuple(found)) for condition, found in effects.items())
