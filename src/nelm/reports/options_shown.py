"""The options: every row in full, and page one with what can be acted on first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nelm.advice.findings import Advice, OptionFinding, OptionState, Relation, Word
from nelm.advice.findings import Voice as Finding
from nelm.advice.options import speaker
from nelm.reports.layout import Layout
from nelm.reports.room import REASON, lines_of_row
from nelm.reports.view import AnswerLine, Cell, Mark, OptionGroup, OptionRow, OptionSummary, Reason, ShortList, StateRows, Voice
from nelm.reports.voices import SPEAKING, VoiceWords, vote_in_words
from nelm.reports.words import (
    NOT_ADDRESSED,
    NOTHING_FAVOURED,
    RELATIONS,
    STATE_ORDER,
    STATES,
    by_document,
    counted,
    cut,
    sentence,
    shortened,
    together,
)

ON_WHAT_IS_KNOWN = "On what is known so far."
NOTHING_APPLIES = "No document speaks about this patient, so there is no advice on this page."

LINES_OF_REASON = 2
ANSWERED = (OptionState.FAVOURED, OptionState.POSSIBLE, OptionState.DISAGREE, OptionState.NOT_ADVISED)
ANSWERS_SHOWN = 6
CHECKS_SHOWN = 3
MISSING_ON_PAGE_ONE = 2


class OptionWords:
    """The options of one patient, in words."""

    def __init__(self, advice: Advice, layout: Layout, voices: VoiceWords) -> None:
        self.advice = advice
        self.layout = layout
        self.voices = voices
        self.findings = sorted(advice.options, key=lambda found: STATE_ORDER.index(found.state))
        self.rows = {id(found): self._row(found) for found in self.findings}

    # -- rows -----------------------------------------------------------------------------------------

    def _row(self, found: OptionFinding) -> OptionRow:
        spoken = speaker(found.voices)
        cells = tuple(self._cell(document, guideline, spoken, found.voices) for guideline, document in self.voices.documents.items())
        applies = found.state is not OptionState.DOES_NOT_APPLY
        reasons = self._reasons(found, spoken)
        return OptionRow(
            option=found.option.label,
            mark=self._mark(found),
            applies=applies,
            relation=self._relation(found, spoken),
            cells=cells,
            reason=self._short_reason(found, spoken),
            reasons=reasons,
            votes=self._votes(found.voices) if applies else (),
            done=", ".join(found.done),
        )

    def _mark(self, found: OptionFinding) -> Mark:
        """The state; where no document that speaks to the option speaks about this patient, that, for it is no answer at all."""
        return self.voices.mark(Word.OUT) if _is_out(found) else STATES[found.state]

    def _cell(self, document: str, guideline: str, spoken: dict[str, Finding], every: Sequence[Finding]) -> Cell:
        own = [voice for voice in every if voice.verdict.compiled.guideline == guideline]
        if not own:
            return Cell(document, NOT_ADDRESSED)
        leading = spoken[guideline]
        voices = () if all(voice.word is Word.OUT for voice in own) else tuple(self._voice(voice) for voice in own)
        return Cell(document, self.voices.mark(leading.word), self.voices.grade(leading), voices)

    def _voice(self, voice: Finding) -> Voice:
        verdict = voice.verdict
        detail = self.voices.conditional(verdict, voice.part) or self.voices.detail(verdict, voice.word, voice.strength, voice.wording)
        return Voice(self.voices.mark(voice.word), detail, verdict.compiled.rule.id)

    def _relation(self, found: OptionFinding, spoken: dict[str, Finding]) -> str:
        speaking = [self.voices.documents[name] for name, voice in spoken.items() if voice.word not in (Word.NA, Word.OUT)]
        words = RELATIONS[found.relation]
        return words.format(speaker=speaking[0]) if found.relation is Relation.ONE_SPEAKS else words

    # -- reasons --------------------------------------------------------------------------------------

    def _reasons(self, found: OptionFinding, spoken: dict[str, Finding]) -> tuple[Reason, ...]:
        """Why, by document; where several verdicts of a document agree on why, once."""
        reasons: dict[tuple[str, str], Reason] = {}
        for voice in found.voices:
            document = self.voices.document_of(voice.verdict)
            leading = spoken[voice.verdict.compiled.guideline]
            text = self.voices.reason(voice)
            if text and (voice is leading or voice.word in SPEAKING):
                reasons[document, text] = Reason(document, sentence(text))
        return tuple(reasons.values())

    def _short_reason(self, found: OptionFinding, spoken: dict[str, Finding]) -> str:
        """For page one: what is missing where that decides, else why the documents say what they say."""
        if found.state is OptionState.CANNOT_JUDGE and found.missing:
            return f"Missing: {self.voices.asked(found.missing, MISSING_ON_PAGE_ONE)}."
        if _is_out(found):
            return by_document({self.voices.document_of(voice.verdict): sentence(voice.verdict.because) for voice in spoken.values()})
        telling = [voice for voice in spoken.values() if voice.word not in (Word.NA, Word.OUT)] or list(spoken.values())
        if found.state in (OptionState.FAVOURED, OptionState.POSSIBLE):
            telling = [voice for voice in telling if voice.word is Word.FOR] or telling
        room = REASON * LINES_OF_REASON
        return by_document({self.voices.document_of(voice.verdict): self._told(voice, room) for voice in telling})

    def _told(self, voice: Finding, room: int) -> str:
        """A reason that fits into so many characters; what is still to check is never left out of it."""
        if voice.word is not Word.FOR:
            return sentence(shortened(self.voices.reason(voice, MISSING_ON_PAGE_ONE), room))
        to_check = sentence(self.voices.to_check(voice.word, self.voices.listed(voice), MISSING_ON_PAGE_ONE))
        because = sentence(shortened(self.voices.because(voice), max(room - len(to_check), REASON)))
        return " ".join(filter(None, (because, to_check)))

    def _votes(self, voices: Iterable[Finding]) -> tuple[str, ...]:
        parts = [part for voice in voices for part in ([voice.part] if voice.part is not None else voice.verdict.parts)]
        spoken = [vote for part in parts for vote in part.votes]
        return tuple(dict.fromkeys(vote_in_words(vote) for vote in spoken))

    # -- groups ---------------------------------------------------------------------------------------

    def _of_group(self, group: str) -> list[OptionFinding]:
        return [found for found in self.findings if found.option.group == group]

    def full(self) -> tuple[OptionGroup, ...]:
        """Every option with everything that is said of it."""
        groups = ((label, self._of_group(group)) for group, label in self.layout.options.items())
        return tuple(OptionGroup(label, tuple(self.rows[id(found)] for found in findings)) for label, findings in groups if findings)

    def summary(self, room: int) -> tuple[OptionSummary, ...]:
        """Page one: the main group as a table within so many lines, everything else in short."""
        found = []
        for group, label in self.layout.options.items():
            findings = self._of_group(group)
            tabled = self._tabled(findings, room) if group == self.layout.main_options else []
            if findings:
                found.append(
                    OptionSummary(label, self._states(tabled), self._lists([item for item in findings if id(item) not in map(id, tabled)]))
                )
        return tuple(found)

    def _tabled(self, findings: Sequence[OptionFinding], room: int) -> list[OptionFinding]:
        """The rows of the table on page one: what can be acted on, then what cannot be judged yet if all of it fits."""
        tabled = [found for found in findings if found.state in ANSWERED]
        waiting = [found for found in findings if found.state is OptionState.CANNOT_JUDGE]
        lines = sum(lines_of_row(self.rows[id(found)]) for found in (*tabled, *waiting)) + len(
            {found.state for found in (*tabled, *waiting)}
        )
        return [*tabled, *waiting] if lines <= room else tabled

    def _states(self, tabled: Sequence[OptionFinding]) -> tuple[StateRows, ...]:
        rows = {state: tuple(self.rows[id(found)] for found in tabled if found.state is state) for state in STATE_ORDER}
        return tuple(StateRows(STATES[state], own) for state, own in rows.items() if own)

    def _lists(self, findings: Sequence[OptionFinding]) -> tuple[ShortList, ...]:
        """Options of one state in a line, in the order of the states."""
        labels: dict[Mark, list[str]] = {mark: [] for mark in STATES.values()}
        for found in findings:
            labels.setdefault(self._mark(found), []).append(found.option.label)
        return tuple(ShortList(mark, "; ".join(own)) for mark, own in labels.items() if own)

    # -- the answer -----------------------------------------------------------------------------------

    def answer(self) -> tuple[AnswerLine, ...]:
        """What the main group comes to, in a few lines: the state, then the options with what each document says."""
        findings = self._of_group(self.layout.main_options)
        if all(scope.word is Word.OUT for scope in self.advice.scopes):
            return (AnswerLine(self.voices.mark(Word.OUT), (NOTHING_APPLIES,)),)
        lines = [line for state in ANSWERED if (line := self._answer_line(state, findings)) is not None]
        if not any(found.state is OptionState.FAVOURED for found in findings):
            lines.insert(0, AnswerLine(NOTHING_FAVOURED, (ON_WHAT_IS_KNOWN,)))
        waiting = [found for found in findings if found.state is OptionState.CANNOT_JUDGE]
        if waiting:
            lines.append(AnswerLine(STATES[OptionState.CANNOT_JUDGE], _waiting_in_short(waiting)))
        return tuple(lines)

    def _answer_line(self, state: OptionState, findings: Sequence[OptionFinding]) -> AnswerLine | None:
        """The options in one state under those who say so; then what all of this leaves to be checked."""
        own = [found for found in findings if found.state is state]
        if not own:
            return None
        labels: dict[str, list[str]] = {}
        for found in own:
            labels.setdefault(self._who(found), []).append(found.option.label)
        said = [f"{who}: {'; '.join(cut(options, ANSWERS_SHOWN))}." for who, options in labels.items()]
        listed = [name for found in own for voice in speaker(found.voices).values() for name in self.voices.listed(voice)]
        to_check = sentence(self.voices.to_check(Word.FOR, listed, CHECKS_SHOWN))
        return AnswerLine(STATES[state], (*said, *([to_check] if to_check else [])))

    def _who(self, found: OptionFinding) -> str:
        """The documents that put an option into its state: `2014 and 2023`, or `2014 for, 2023 no recommendation`."""
        spoken = {self.voices.documents[name]: voice.word for name, voice in speaker(found.voices).items()}
        if found.state is OptionState.DISAGREE:
            said = {document: self.voices.mark(word).word.lower() for document, word in spoken.items() if word not in (Word.NA, Word.OUT)}
            return ", ".join(f"{document} {word}" for document, word in said.items())
        telling = Word.AGAINST if found.state is OptionState.NOT_ADVISED else Word.FOR
        return together([document for document, word in spoken.items() if word is telling])


def _is_out(found: OptionFinding) -> bool:
    return all(voice.word is Word.OUT for voice in found.voices)


def _waiting_in_short(findings: Sequence[OptionFinding]) -> tuple[str, ...]:
    """How many options wait for facts; by name those that no fact can settle, since a document leaves them open."""
    waiting = sum(bool(found.missing) for found in findings)
    left_open = [found.option.label for found in findings if not found.missing]
    said = [f"{counted(waiting, 'option')}, see what is missing."] if waiting else []
    return (*said, *([f"Left open by a document: {'; '.join(cut(left_open, ANSWERS_SHOWN))}."] if left_open else []))
