"""The published findings that speak to each option: cohorts with their limits, never a prognosis."""

from __future__ import annotations

from collections.abc import Iterable

from nelm.advice.findings import Advice, OptionFinding, OptionState, Word
from nelm.knowledge.coverage import home
from nelm.knowledge.evidence import Claim
from nelm.reports.site.wording import DESIGNS, value_words
from nelm.reports.view import FindingLine, OptionFindings
from nelm.reports.voices import VoiceWords
from nelm.reports.words import STATES, counted, sentence

FINDINGS_SHOWN = 6
NO_NUMBER = "no number"


class ClaimWords:
    """Published findings in words. `site` is where the pages of the guidelines lie, for links; without it there are none."""

    def __init__(self, advice: Advice, voices: VoiceWords, site: str = "") -> None:
        self.advice = advice
        self.voices = voices
        self.site = site.rstrip("/")
        self.speaking = {scope.guideline for scope in advice.scopes if scope.word is not Word.OUT}

    def of_options(self, options: Iterable[OptionFinding]) -> tuple[OptionFindings, ...]:
        """For each option that is a matter for this patient, the findings of the documents that speak about the patient."""
        shown = [self._of_option(found) for found in options if found.state is not OptionState.DOES_NOT_APPLY]
        return tuple(found for found in shown if found.lines)

    def _of_option(self, found: OptionFinding) -> OptionFindings:
        claims = [(name, claim) for name, claim in self.advice.knowledge.claims_about(found.option) if name in self.speaking]
        more = len(claims) - FINDINGS_SHOWN
        return OptionFindings(
            option=found.option.label,
            mark=STATES[found.state],
            lines=tuple(self._line(name, claim) for name, claim in claims[:FINDINGS_SHOWN]),
            more=f"and {counted(more, 'finding')} more in the pages of the guidelines" if more > 0 else "",
        )

    def _line(self, guideline: str, claim: Claim) -> FindingLine:
        return FindingLine(
            id=claim.id,
            document=self.voices.documents[guideline],
            says=sentence(claim.says),
            numbers="; ".join(value_words(value) for value in claim.values) or NO_NUMBER,
            limits=sentence("; ".join(_limits(claim))),
            href=self._href(guideline, claim),
        )

    def _href(self, guideline: str, claim: Claim) -> str:
        if not self.site:
            return ""
        questions = [question.id for question in self.advice.knowledge.guidelines[guideline].guideline.questions]
        page = home(claim.id, "", questions) or claim.id.partition(".")[0].rstrip("0123456789").lower()
        return f"{self.site}/{guideline}/{page}.html#{claim.id}"


def _limits(claim: Claim) -> Iterable[str]:
    """What to bear in mind: the design, the choice of patients, doubtful places, the references."""
    yield DESIGNS[claim.design]
    if claim.n is not None:
        yield f"n = {claim.n}"
    if claim.selection_bias:
        yield "selection probable"
    if claim.discrepancies:
        yield f"doubtful: {', '.join(claim.discrepancies)}"
    yield f"references {', '.join(map(str, claim.refs))}" if claim.refs else f"references: {claim.refs_note}"
