"""The wording of the reports: plain English with a symbol for every state. No clinical facts.

Symbols stand beside their word everywhere, so that nothing depends on a colour or a glyph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nelm.advice.findings import OptionState, Relation, Status, Word
from nelm.criteria import Truth
from nelm.reports.view import Legend, Mark

VERDICTS: dict[Word, Mark] = {
    Word.FOR: Mark("✓", "For", "good"),
    Word.AGAINST: Mark("✗", "Against", "bad"),
    Word.UNKNOWN: Mark("?", "Cannot judge yet", "open"),
    Word.OPEN: Mark("◇", "Left open", "open"),
    Word.NO_REC: Mark("○", "No recommendation", "quiet"),
    Word.NOT_MET: Mark("—", "Condition not met", "quiet"),
    Word.NA: Mark("·", "Not concerned", "quiet"),
    Word.OUT: Mark("⊘", "Out of scope", "quiet"),
    Word.IN: Mark("✓", "Speaks about this patient", "good"),
}

MEANINGS: dict[Word, str] = {
    Word.FOR: "the recommendation applies; what is still to check is listed",
    Word.AGAINST: "the document advises against it for this patient",
    Word.NO_REC: "the document looked at it and makes no recommendation",
    Word.NOT_MET: "a recommendation exists, but one of its conditions is not met; this is not advice against",
    Word.UNKNOWN: "depends on something that is missing; it is named",
    Word.OPEN: "the document is silent, or contradicts itself, on exactly this point",
    Word.NA: "the question does not concern this patient",
    Word.OUT: "the document does not speak about this patient; nothing is quoted from it",
}

# For a document that has no question on an option: no state, so no symbol.
NOT_ADDRESSED = Mark("", "not addressed", "quiet")

SCOPES: dict[Word, Mark] = {
    Word.IN: VERDICTS[Word.IN],
    Word.OUT: Mark("⊘", "Out of scope", "quiet"),
    Word.UNKNOWN: Mark("?", "Scope not settled", "open"),
    Word.OPEN: Mark("◇", "Scope left open by the document", "open"),
}

STATES: dict[OptionState, Mark] = {
    OptionState.FAVOURED: Mark("✓", "Favoured", "good"),
    OptionState.POSSIBLE: Mark("◐", "Possible", "part"),
    OptionState.DISAGREE: Mark("⇄", "Documents disagree", "split"),
    OptionState.NOT_ADVISED: Mark("✗", "Not advised", "bad"),
    OptionState.CANNOT_JUDGE: Mark("?", "Cannot judge yet", "open"),
    OptionState.NO_RECOMMENDATION: Mark("○", "No recommendation", "quiet"),
    OptionState.DOES_NOT_APPLY: Mark("—", "Does not apply", "quiet"),
}

STATE_MEANINGS: dict[OptionState, str] = {
    OptionState.FAVOURED: "at least one document speaks for it, none against",
    OptionState.POSSIBLE: "a document allows it under conditions",
    OptionState.DISAGREE: "one document speaks for it, another does not",
    OptionState.NOT_ADVISED: "a document advises against it, none for",
    OptionState.CANNOT_JUDGE: "depends on what is missing, or on what a document leaves open",
    OptionState.NO_RECOMMENDATION: "looked at, and no recommendation made",
    OptionState.DOES_NOT_APPLY: "no document recommends it for a patient like this",
}

# In place of "Favoured", so that no tick stands where nothing is.
NOTHING_FAVOURED = Mark("—", "Nothing favoured", "quiet")

# The order of rows: what can be acted on first, what does not apply last.
STATE_ORDER = tuple(STATES)

STATUSES: dict[Status, Mark] = {
    Status.APPLIES: Mark("✓", "Applies", "good"),
    Status.DOES_NOT_APPLY: Mark("—", "Does not apply", "quiet"),
    Status.UNDETERMINED: Mark("?", "Not settled", "open"),
    Status.BLOCKED: Mark("✗", "Blocked", "bad"),
    Status.NO_CONDITIONS: Mark("·", "No conditions printed", "quiet"),
    Status.OUT_OF_SCOPE: Mark("⊘", "Out of scope", "quiet"),
}

TRUTHS: dict[Truth, Mark] = {
    Truth.TRUE: Mark("✓", "met", "good"),
    Truth.FALSE: Mark("✗", "not met", "bad"),
    Truth.UNDETERMINED: Mark("?", "not known", "open"),
}

RELATIONS: dict[Relation, str] = {
    Relation.AGREE: "Agree",
    Relation.REFINE: "No conflict; one says more",
    Relation.CONFLICT: "Disagree for this patient",
    Relation.ONE_SPEAKS: "Only {speaker} speaks",
    Relation.NOT_YET: "Cannot be compared yet",
    Relation.NEITHER: "None speaks to it",
}

STANDINGS: dict[str, str] = {
    "panel": "panel",
    "consensus": "consensus paragraph",
    "jury": "jury",
    "body": "body text",
    "reported": "reported from elsewhere",
}

# Where in a document that contradicts itself; other keys of the content are shown as they stand.
PLACES: dict[str, str] = {
    "panel": "recommendation",
    "text": "body text",
    "first": "one place",
    "second": "another place",
}

SEVERITIES: dict[str, str] = {
    "contradiction": "Contradiction in the record",
    "implausible": "Please check",
    "review": "Please check",
}

NOT_KNOWN = "not known"
NOT_ASKED = "Not asked."
NO_QUESTION = "No question has been written down."
DRAFT = "Draft: not approved by an MDT"
NO_DATE = "no date"
SET_ASIDE = "Value set aside"
SCOPE = "Scope"
IN_DISPUTE = "in dispute"

HEADINGS: dict[str, str] = {
    "page": "Advice for the MDT",
    "skip": "Skip to the advice",
    "question": "Question for the MDT",
    "answer": "In short",
    "warnings": "Before you read on",
    "key_facts": "Key facts",
    "wishes": "What the patient wants",
    "missing": "Missing, most decisive first",
    "summary": "Options",
    "disagreements_short": "Where the documents disagree or contradict themselves",
    "decision": "Decision of the MDT",
    "decision_hint": "to be filled in by hand",
    "details": "Details",
    "options": "Options in full",
    "trace": "Why",
    "findings": "Published findings on the options",
    "findings_hint": "About cohorts, often chosen ones; no patient's prognosis. Series of different patients cannot be ranked against one another.",
    "changes": "What would change it",
    "disagreements": "Disagreements in full",
    "body_positions": "Also in the body text",
    "body_hint": "Running text, not a recommendation of the panel or the consensus paragraph. Its conditions are met.",
    "sources": "Sources and limits",
    "limits": "Limits",
    "locators": "Where to look",
    "legend": "Words and symbols",
    "annex": "Annex",
    "no_annex": "The annex (every question, every statement, all facts, all that is missing) stands in the HTML, PDF and JSON reports.",
    "annex_missing": "Everything that is missing",
    "annex_facts": "Facts behind this page",
    "annex_verdicts": "All questions",
    "annex_statements": "All statements",
    "annex_discrepancies": "Doubtful places in the document that matter here",
    "contents": "On this page",
    "nav_disagreements": "Disagreements",
    "nav_findings": "Published findings",
}

COLUMNS: dict[str, str] = {
    "option": "Option",
    "state": "For this patient",
    "reason": "Why, or what is missing",
    "relation": "How they relate",
    "votes": "Votes",
    "done": "Done",
    "missing": "Missing",
    "waits": "What waits for it",
    "fact": "Fact",
    "value": "Value",
    "origin": "From",
    "question": "Question",
    "verdict": "Verdict",
    "statement": "Statement",
    "status": "For this patient",
    "place": "Place",
    "printed": "What is printed",
    "reading": "Reading in use",
    "document": "Document",
    "if": "If",
    "then": "then",
}

# Label, lines to write on, columns (of two) that they take.
DECISION: tuple[tuple[str, int, int], ...] = (
    ("Decision", 2, 2),
    ("Reason, if it departs from the advice", 1, 2),
    ("Conditions and fallback", 1, 2),
    ("Present", 1, 1),
    ("Dissent", 1, 1),
)


def legend() -> tuple[Legend, ...]:
    """Every state of an option, then every word of a verdict that has a symbol of its own."""
    states = [Legend(mark, STATE_MEANINGS[state]) for state, mark in STATES.items()]
    known = {mark.mark.word for mark in states}
    verdicts = [Legend(VERDICTS[word], meaning) for word, meaning in MEANINGS.items() if VERDICTS[word].word not in known]
    return (*states, *verdicts)


def counted(number: int, one: str, several: str | None = None) -> str:
    """`1 question`, `3 questions`."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def cut(items: Sequence[str], most: int, *, where: str = "") -> tuple[str, ...]:
    """At most so many items; what is left out is counted as the last one. Never `and 1 more` where the item itself would fit."""
    if len(items) <= most + 1:
        return tuple(items)
    return (*items[:most], f"and {len(items) - most} more{where}")


def shortened(text: str, most: int) -> str:
    """The text up to the end of a clause, with an ellipsis where something is left out.

    It is never cut at a comma or a colon: half of "this, or that", or a condition without what follows from it, would say
    something else.
    """
    if len(text) <= most:
        return text
    ends = sorted(place for sign in (". ", "; ") for place in _places(text, sign))
    fitting = [place for place in ends if place <= most]
    end = max(fitting, default=min(ends, default=len(text)))
    return text if end == len(text) else f"{text[:end]} …"


def _places(text: str, sign: str) -> list[int]:
    return [place for place in range(len(text)) if text.startswith(sign, place)]


def sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def together(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def by_document(said: Mapping[str, str]) -> str:
    """What documents say, each under its name; the same text of several once, and without a name where all say it."""
    under: dict[str, list[str]] = {}
    for document, text in said.items():
        under.setdefault(text, []).append(document)
    if len(under) == 1:
        return next(iter(under))
    return " ".join(f"{together(documents)}: {text}" for text, documents in under.items() if text)


def as_class(code: str) -> str:
    """A wording class (`may-help`) as words."""
    return code.replace("-", " ").replace("_", " ")
