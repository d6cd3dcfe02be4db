"""The annex: all verdicts, all statements, everything that is missing, the doubtful places."""

from __future__ import annotations

from collections.abc import Iterable

from nelm.advice.findings import Advice, Gap, OptionFinding, PartFinding, ScopeFinding, VerdictFinding, Word
from nelm.knowledge.guideline import Discrepancy
from nelm.reports.facts_shown import FactWords
from nelm.reports.trace import TraceWords
from nelm.reports.view import Annex, DiscrepancyLine, DocumentAnnex, MissingItem, Source, StatementLine, VerdictLine, VerdictPartLine
from nelm.reports.voices import VoiceWords
from nelm.reports.words import IN_DISPUTE, SCOPES, cut, sentence

OPTIONS_NAMED = 1
ONLY_IF = "Only as what would hold if this document spoke about the patient."


class AnnexWords:
    """The complete findings on one patient, in words."""

    def __init__(self, advice: Advice, facts: FactWords, voices: VoiceWords, trace: TraceWords) -> None:
        self.advice = advice
        self.knowledge = advice.knowledge
        self.facts = facts
        self.voices = voices
        self.trace = trace

    def annex(self) -> Annex:
        missing = self.missing(self.advice.gaps)
        return Annex(missing, tuple(self.facts.known()), tuple(self._document(scope) for scope in self.advice.scopes))

    # -- what is missing --------------------------------------------------------------------------------

    def missing(self, gaps: Iterable[Gap]) -> tuple[MissingItem, ...]:
        """What is missing in words; gaps that are asked for with the same words are one item."""
        merged: dict[str, list[Gap]] = {}
        for gap in gaps:
            merged.setdefault(gap.asks, []).append(gap)
        return tuple(self._missing(asks, group) for asks, group in merged.items())

    def _missing(self, asks: str, group: list[Gap]) -> MissingItem:
        names = {gap.name for gap in group}
        note = IN_DISPUTE if any(gap.contradicted for gap in group) else ""
        return MissingItem(sentence(asks).rstrip("."), self._waiting(names), note)

    def _waiting(self, names: set[str]) -> str:
        """The options that cannot be judged without it, then those for which it has still to be checked."""
        main = self.facts.layout.main_options
        options = sorted(self.advice.options, key=lambda option: option.option.group != main)
        held = [option.option.label for option in options if names & set(option.missing)]
        checked = [option.option.label for option in options if option.option.label not in held and self._to_check(option, names)]
        if held:
            return f"holds up {'; '.join(cut(held, OPTIONS_NAMED))}"
        return f"to check for {'; '.join(cut(checked, OPTIONS_NAMED))}" if checked else "could change a part or a single statement"

    def _to_check(self, option: OptionFinding, names: set[str]) -> bool:
        """Whether a document speaks for the option with this left to check."""
        return any(voice.word is Word.FOR and names & set((voice.part or voice.verdict).listed) for voice in option.voices)

    def is_decisive(self, gap: Gap) -> bool:
        """Whether an open verdict waits for this fact."""
        return any(verdict.word is Word.UNKNOWN and gap.name in verdict.decisive for verdict in self.advice.verdicts)

    # -- one document ------------------------------------------------------------------------------------

    def _document(self, scope: ScopeFinding) -> DocumentAnnex:
        name = self.knowledge.guidelines[scope.guideline].guideline.name
        if scope.word in (Word.OUT, Word.OPEN):
            return DocumentAnnex(name, f"{SCOPES[scope.word].word}: {scope.because}. Nothing is quoted from it.")
        verdicts = [verdict for verdict in self.advice.verdicts if verdict.compiled.guideline == scope.guideline]
        return DocumentAnnex(
            document=name,
            note=ONLY_IF if scope.word is Word.UNKNOWN else "",
            verdicts=tuple(self._verdict(verdict) for verdict in verdicts),
            statements=self._statements(scope.guideline),
            discrepancies=_discrepancies(verdicts),
        )

    def _statements(self, guideline: str) -> tuple[StatementLine, ...]:
        found = [item for item in self.advice.statements if item.compiled.guideline == guideline]
        return tuple(self.trace.statement(item, with_facts=False) for item in found)

    def _verdict(self, verdict: VerdictFinding) -> VerdictLine:
        shown = [conflict.id for conflict in verdict.conflicts] + [found.id for found in verdict.discrepancies]
        contradicted = self.voices.asked(verdict.contradicted)
        because = verdict.because if verdict.word is not Word.UNKNOWN else ""
        detail = self.voices.detail(verdict, verdict.word, verdict.strength, verdict.wording)
        return VerdictLine(
            id=verdict.compiled.rule.id,
            title=verdict.title,
            mark=self.voices.mark(verdict.word),
            detail=self.voices.conditional(verdict, None) or detail,
            because=sentence(because),
            waits=sentence(". ".join(filter(None, (self._waits(verdict), f"In dispute: {contradicted}" if contradicted else "")))),
            shown=", ".join(shown),
            parts=tuple(self._part(verdict, part) for part in verdict.parts) if len(verdict.parts) > 1 else (),
        )

    def _waits(self, verdict: VerdictFinding) -> str:
        possible = verdict.parts[0].possible if len(verdict.parts) == 1 else ()
        return self.voices.waits(verdict.decisive, verdict.listed, possible)

    def _part(self, verdict: VerdictFinding, part: PartFinding) -> VerdictPartLine:
        return VerdictPartLine(
            label=part.part.label,
            mark=self.voices.mark(part.word),
            detail=self.voices.detail(verdict, part.word, part.strength, part.wording),
            because=sentence(part.because) if part.word is not Word.UNKNOWN else "",
            waits=sentence(self.voices.waits(part.decisive, part.listed, part.possible)),
            beside="" if part.part.counts else "stands beside the verdict",
            places=", ".join(part.sources),
        )

    # -- sources -----------------------------------------------------------------------------------------

    def sources(self) -> tuple[Source, ...]:
        return tuple(self._source(scope) for scope in self.advice.scopes)

    def _source(self, scope: ScopeFinding) -> Source:
        found = self.knowledge.guidelines[scope.guideline].guideline
        notes = (found.covers, found.body, found.strength_scale, found.level_note, found.dated)
        locators = () if scope.word is Word.OUT else tuple(f"{short}: {meaning}" for short, meaning in found.locators.items())
        name = f"{found.name} ({found.id} {found.version})"
        return Source(name, found.citation, SCOPES[scope.word], sentence(scope.because), tuple(map(sentence, notes)), locators)


def _discrepancies(verdicts: Iterable[VerdictFinding]) -> tuple[DiscrepancyLine, ...]:
    """Each doubtful place once, with the questions it matters for."""
    shown: dict[str, tuple[Discrepancy, list[str]]] = {}
    for verdict in verdicts:
        for found in verdict.discrepancies:
            shown.setdefault(found.id, (found, []))[1].append(verdict.compiled.rule.id)
    return tuple(
        DiscrepancyLine(found.id, found.title, found.printed, found.reading, ", ".join(questions)) for found, questions in shown.values()
    )
