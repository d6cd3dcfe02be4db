"""What one document says of one thing, in words: the verdict, its strength or wording as printed, why, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nelm.advice.findings import Advice, PartFinding, StatementFinding, VerdictFinding, Word
from nelm.advice.findings import Voice as Finding
from nelm.knowledge.guideline import Vote
from nelm.reports.view import Mark
from nelm.reports.words import VERDICTS, as_class, cut

SPEAKING = (Word.FOR, Word.AGAINST, Word.NO_REC)
MISSING_SHOWN = 6


class VoiceWords:
    """Verdicts, parts of verdicts, and statements of one patient's advice, in words."""

    def __init__(self, advice: Advice) -> None:
        self.advice = advice
        self.knowledge = advice.knowledge
        self.statements = {finding.key: finding for finding in advice.statements}
        self.scopes = {scope.guideline: scope.word for scope in advice.scopes}
        self.documents = {scope.guideline: self._document(scope.guideline) for scope in advice.scopes}

    def _document(self, guideline: str) -> str:
        """How a document is called in a column: its year, or its name where two are of one year."""
        found = self.knowledge.guidelines[guideline].guideline
        years = [self.knowledge.guidelines[scope.guideline].guideline.year for scope in self.advice.scopes]
        return str(found.year) if years.count(found.year) == 1 else found.name

    def document_of(self, verdict: VerdictFinding) -> str:
        return self.documents[verdict.compiled.guideline]

    # -- names of what is missing -------------------------------------------------------------------

    def asked(self, names: Iterable[str], most: int = MISSING_SHOWN) -> str:
        """Missing facts as they are asked for, each once."""
        return "; ".join(cut(tuple(dict.fromkeys(self.knowledge.asks(name) for name in names)), most))

    # -- words --------------------------------------------------------------------------------------

    def mark(self, word: Word) -> Mark:
        return VERDICTS[word]

    def detail(self, verdict: VerdictFinding, word: Word, strength: str | None, wording: str | None) -> str:
        """Strength and level of evidence as printed, or the class of the wording; nothing where nothing is printed."""
        if word not in SPEAKING:
            return ""
        grading = verdict.compiled.question.grading
        level = grading.level_of_evidence if grading is not None else None
        said = (strength, as_class(wording) if wording else None, f"evidence {level}" if level else None)
        return ", ".join(part for part in said if part)

    def grade(self, voice: Finding) -> str:
        """Strength as printed, or the class of the wording, of a voice that says something."""
        if voice.word not in SPEAKING:
            return ""
        return voice.strength or (as_class(voice.wording) if voice.wording else "")

    def conditional(self, verdict: VerdictFinding, part: PartFinding | None) -> str:
        """What a verdict would be if the document spoke about this patient; empty where that is settled."""
        if verdict.if_in_scope is None:
            return ""
        then = part.word if part is not None else verdict.if_in_scope
        return f"only if it speaks about this patient; then: {self.mark(then).word.lower()}"

    # -- why ----------------------------------------------------------------------------------------

    def reason(self, voice: Finding, most: int = MISSING_SHOWN, *, said: str = "") -> str:
        """Why a document says what it says, then (at most so many) what is missing or still to check.

        A reason that only repeats what is `said` beside it is left out.
        """
        verdict, part = voice.verdict, voice.part
        if voice.word is Word.OUT:
            return f"out of scope: {verdict.because}"
        if verdict.if_in_scope is not None:
            return self.conditional(verdict, part)
        decisive, listed = (part.decisive, part.listed) if part is not None else (verdict.decisive, verdict.listed)
        if voice.word is Word.UNKNOWN:
            return f"depends on {self.asked(decisive, most)}" if decisive else voice.because
        because = self.because(voice)
        return ". ".join(filter(None, ("" if because == said else because.rstrip("."), self.to_check(voice.word, listed, most))))

    def because(self, voice: Finding) -> str:
        """Why, as the content says; where it says nothing, what the part of the question is about."""
        return voice.because or (voice.part.part.label if voice.part is not None else "")

    def listed(self, voice: Finding) -> tuple[str, ...]:
        """What a voice for something leaves to be checked."""
        if voice.word is not Word.FOR:
            return ()
        return voice.part.listed if voice.part is not None else voice.verdict.listed

    def to_check(self, word: Word, listed: Sequence[str], most: int) -> str:
        """What a recommendation that applies leaves to be checked; nothing for other words."""
        return f"Still to check: {self.asked(listed, most)}" if listed and word is Word.FOR else ""

    def statements_of(self, verdict: VerdictFinding, part: PartFinding | None) -> tuple[StatementFinding, ...]:
        """The statements that a part rests on, then those that gave this patient's row its word."""
        names = (*part.part.statements, *part.sources) if part is not None else ()
        keys = dict.fromkeys(f"{verdict.compiled.guideline}/{name}" for name in names)
        return tuple(self.statements[key] for key in keys if key in self.statements)

    def waits(self, decisive: Sequence[str], listed: Sequence[str], possible: Sequence[Word] = ()) -> str:
        """What can still change a verdict, and into what."""
        said = []
        if decisive:
            words = " or ".join(self.mark(word).word.lower() for word in possible) if len(possible) > 1 else ""
            said.append(f"Depends on: {self.asked(decisive, 30)}{f' ({words})' if words else ''}")
        if listed:
            said.append(f"Still to check: {self.asked(listed, 30)}")
        return ". ".join(said)


def deciding(verdict: VerdictFinding) -> PartFinding | None:
    """The part that gave a question its word."""
    return verdict.deciding[0] if verdict.deciding else None


def vote_in_words(vote: Vote) -> str:
    """`Jury on …: 30 % for, 50 % against, 20 % abstained`; a share that is not printed is left out."""
    unit = " %" if vote.unit == "percent" else f" {vote.unit}"
    shares = (("for", vote.for_), ("against", vote.against), ("abstained", vote.abstain))
    counts = ", ".join(f"{share:g}{unit} {side}" for side, share in shares if share is not None)
    return f"{vote.body.capitalize()}, motion “{vote.motion}”: {counts or 'no figures printed'}"
