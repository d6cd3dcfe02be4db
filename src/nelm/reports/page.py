"""From advice to page: all that text, HTML and PDF show, made once and laid out three times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

import nelm
from nelm.advice.findings import Advice
from nelm.advice.whatif import flips as found_flips
from nelm.patient.words import value_in_words
from nelm.reports import room
from nelm.reports.annex import AnnexWords
from nelm.reports.characters import without_controls
from nelm.reports.claims_shown import ClaimWords
from nelm.reports.facts_shown import FactWords
from nelm.reports.layout import Layout, read_layout
from nelm.reports.notices import notices
from nelm.reports.options_shown import OptionWords
from nelm.reports.trace import TOUCHES, Change, TraceWords, change_lines
from nelm.reports.view import DecisionField, Disagreement, Header, MissingItem, Page
from nelm.reports.voices import VoiceWords
from nelm.reports.words import COLUMNS, DECISION, DRAFT, HEADINGS, NO_QUESTION, NOT_KNOWN, VERDICTS, counted, legend

__all__ = ["Change", "Page", "changes_of", "make_page", "page_of"]

MISSING_SHOWN = 6
DISAGREEMENTS_SHOWN = 4
FLIPS_LOOKED_FOR = 40

T = TypeVar("T")


def page_of(advice: Advice, *, made_on: date | None = None, site: str = "") -> Page:
    """The page with everything on it: also what would change the advice, and the day it was made (today, if none is given).

    `site` is the address of the pages that `nelm guideline build` writes; findings are linked to it.
    """
    layout = read_layout(advice.knowledge)
    return make_page(advice, made_on=made_on or date.today(), flips=changes_of(advice), layout=layout, site=site)


def changes_of(advice: Advice) -> tuple[Change, ...]:
    """The nearest changes of known facts that would turn a verdict behind an option, in words."""
    voices = VoiceWords(advice)
    watched = dict.fromkeys(voice.verdict.key for option in advice.options for voice in option.voices)
    knowledge = advice.knowledge
    verdicts = {verdict.key: verdict for verdict in advice.verdicts}
    return tuple(
        Change(
            fact=knowledge.label(flip.fact),
            condition=value_in_words(flip.fact, flip.value, knowledge),
            verdict=f"{voices.document_of(verdicts[flip.verdict])}: {verdicts[flip.verdict].title}",
            was=VERDICTS[flip.was].word,
            becomes=VERDICTS[flip.becomes].word,
        )
        for flip in found_flips(advice, watched, limit=FLIPS_LOOKED_FOR)
    )


def make_page(
    advice: Advice,
    *,
    made_on: date | None = None,
    flips: Iterable[Change | tuple[str, str, str, str, str]] = (),
    layout: Layout | None = None,
    site: str = "",
) -> Page:
    """The page on one patient.

    `flips` are changes of a fact that would change a verdict, each as fact, condition, verdict, word now, word then;
    `made_on` the day the page was made, not shown if absent; `layout` what `content/report.yaml` says, read if absent;
    `site` the address of the guidelines' pages, without which findings have no links.
    Raises ContentError where that file is wrong.
    """
    shown = layout or read_layout(advice.knowledge)
    facts, voices = FactWords(advice, shown), VoiceWords(advice)
    options, trace = OptionWords(advice, shown, voices), TraceWords(advice, facts, voices)
    annex = AnnexWords(advice, facts, voices, trace)
    disagreements = trace.disagreements()
    missing, missing_more = _missing_on_page_one(advice, annex)
    answer, warnings, key_facts = options.answer(), notices(advice, facts), facts.key_facts()
    above = room.lines_above(answer, warnings, key_facts, missing)
    summary, short = options.summary(room.LINES_TO_THE_TABLE - above), _short(disagreements)
    page = Page(
        language="en",
        headings=HEADINGS,
        columns={**COLUMNS, **{f"says {document}": f"{document} says" for document in voices.documents.values()}},
        lines=room.LINES_OF_THE_FRAME + above + room.lines_of_summary(summary) + room.lines_of_text(short),
        header=_header(advice, shown, facts, made_on),
        answer=answer,
        warnings=warnings,
        key_facts=key_facts,
        wishes=facts.wishes(),
        missing=missing,
        missing_more=missing_more,
        summary=summary,
        summary_note=_note(advice)[0] if _note(advice) else "",
        disagreements_short=short,
        decision=tuple(DecisionField(*field) for field in DECISION),
        intended_use=shown.intended_use,
        options=options.full(),
        options_note=_note(advice),
        trace=trace.traces(sorted(options.findings, key=lambda found: found.option.group != shown.main_options), shown.main_options),
        findings=ClaimWords(advice, voices, site).of_options(options.findings),
        changes=change_lines(Change(*flip) for flip in flips),
        disagreements=disagreements,
        body_positions=trace.body_positions(),
        sources=annex.sources(),
        limits=shown.limits,
        legend=legend(),
        annex=annex.annex(),
    )
    return without_controls(page)


def _header(advice: Advice, layout: Layout, facts: FactWords, made_on: date | None) -> Header:
    record = advice.facts.record
    question = facts.value(layout.question)
    known = question != NOT_KNOWN
    guidelines = [advice.knowledge.guidelines[scope.guideline].guideline for scope in advice.scopes]
    as_of = advice.facts.as_of
    return Header(
        case=record.id,
        title=record.title or "",
        person=facts.person(),
        as_of=f"As of {as_of.isoformat()}" if as_of else "All entries count: no date given",
        made_on=f"made on {made_on.isoformat()}" if made_on else "",
        question=question if known else NO_QUESTION,
        question_is_known=known,
        status=DRAFT,
        versions=(f"NELM {nelm.__version__}", *(f"{found.id} {found.version}" for found in guidelines)),
    )


def _missing_on_page_one(advice: Advice, annex: AnnexWords) -> tuple[tuple[MissingItem, ...], str]:
    """What open verdicts wait for; where none is open, what could still change one."""
    everything = annex.missing(advice.gaps)
    decisive = annex.missing(gap for gap in advice.gaps if annex.is_decisive(gap))
    wanted = decisive or annex.missing(gap for gap in advice.gaps if gap.verdicts)
    shown = _most(wanted, MISSING_SHOWN)
    more = len(everything) - len(shown)
    return shown, f"and {more} more in the annex" if more else ""


def _most(items: Sequence[T], most: int) -> tuple[T, ...]:
    return tuple(items) if len(items) <= most else tuple(items[:most])


def _short(disagreements: Sequence[Disagreement]) -> tuple[str, ...]:
    """Those that touch this patient, by number and title."""
    touching = [f"{found.id} {found.title}" for found in disagreements if found.touches == TOUCHES]
    shown = touching[:DISAGREEMENTS_SHOWN]
    left = len(disagreements) - len(shown)
    return (*shown, *((f"and {counted(left, 'more place')} in the details",) if left and shown else ()))


def _note(advice: Advice) -> tuple[str, ...]:
    """What a reader has to know about strength and evidence, in the documents' own terms."""
    guidelines = [advice.knowledge.guidelines[scope.guideline].guideline for scope in advice.scopes]
    return tuple(f"{found.name}: {found.strength_scale} {found.level_note}" for found in guidelines)
