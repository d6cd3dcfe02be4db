"""Pictures from the claims: every number drawn is a number of a claim or of a vote, with the table behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nelm.knowledge.base import Knowledge
from nelm.knowledge.evidence import Claim, PictureRule, Value
from nelm.knowledge.guideline import Vote
from nelm.reports.site.chart import Bar, Chart, Line, Share, draw
from nelm.reports.site.wording import DESIGNS, outcome_words, value_words

SEVERAL = "Several in one report"


@dataclass(frozen=True)
class Row:
    """One line of a picture: a printed number with where it comes from."""

    group: str
    label: str
    among: str
    words: str
    claim: str
    design: str
    refs: tuple[int, ...]
    selection_bias: bool
    bar: Bar | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A picture, its text alternative, and its rows."""

    id: str
    title: str
    says: str
    rows: tuple[Row, ...]
    svg: str
    note: str | None = None

    def plain(self) -> dict[str, Any]:
        rows = [
            {
                "group": row.group,
                "label": row.label,
                "among": row.among,
                "value": row.words,
                "claim": row.claim,
                "design": row.design,
                "refs": list(row.refs),
                "selection_bias": row.selection_bias,
            }
            for row in self.rows
        ]
        return {
            "id": f"picture/{self.id}",
            "anchor": self.id,
            "title": self.title,
            "says": self.says,
            "rows": rows,
            "svg": self.svg,
            "votes": any(row.shares for row in self.rows),
            "note": self.note,
        }


def pictures(knowledge: Knowledge) -> tuple[Picture, ...]:
    """Every picture that the content asks for."""
    return tuple(_picture(rule, knowledge) for rule in knowledge.pictures)


def _picture(rule: PictureRule, knowledge: Knowledge) -> Picture:
    rows = tuple(_vote_rows(knowledge) if rule.votes else _claim_rows(rule, knowledge))
    ordered = tuple(sorted(rows, key=lambda row: (row.group == SEVERAL, row.group))) if not rule.claims and not rule.votes else rows
    return Picture(rule.id, rule.title, rule.says, ordered, draw(_chart(rule, ordered)), rule.note)


def _chart(rule: PictureRule, rows: Iterable[Row]) -> Chart:
    lines = tuple(
        Line(row.group, row.label + (" †" if row.selection_bias else ""), row.among, row.words, row.bar, row.shares) for row in rows
    )
    return Chart(rule.id, rule.title, rule.says, lines, is_percent=rule.unit == "percent")


# -- claims -----------------------------------------------------------------------------------------


def _claim_rows(rule: PictureRule, knowledge: Knowledge) -> Iterator[Row]:
    chosen = tuple(_chosen(rule, knowledge))
    several = len({claim.outcome for _, claim in chosen}) > 1
    for name, claim in chosen:
        for value in claim.values:
            bar = _bar(value)
            if value.unit != rule.unit or bar is None or (rule.at_years is not None and value.at_years != rule.at_years):
                continue
            yield Row(
                group=_group(rule, name, claim, knowledge),
                label=_label(claim, value, say_outcome=several, say_exposure=rule.group_by != "action" or not several),
                among=", ".join(part for part in (claim.population, _cited(claim)) if part),
                words=value_words(value, with_group=False, with_time=rule.at_years is None),
                claim=f"{name}/{claim.id}",
                design=DESIGNS[claim.design],
                refs=claim.refs,
                selection_bias=claim.selection_bias,
                bar=bar,
            )


def _chosen(rule: PictureRule, knowledge: Knowledge) -> Iterator[tuple[str, Claim]]:
    claims = {f"{name}/{claim.id}": (name, claim) for name, reported in knowledge.reported.items() for claim in reported.claims()}
    if rule.claims:
        yield from (claims[key] for key in rule.claims)
        return
    for name, claim in claims.values():
        kinds = {knowledge.terms[action].kind for action in claim.actions}
        if claim.outcome in rule.outcomes and claim.actions and (not rule.kinds or kinds & set(rule.kinds)):
            yield name, claim


def _group(rule: PictureRule, name: str, claim: Claim, knowledge: Knowledge) -> str:
    match rule.group_by:
        case "outcome":
            return outcome_words(claim.outcome)
        case "document":
            return knowledge.guidelines[name].guideline.name
        case _:
            if len(claim.actions) > 1:
                return SEVERAL
            return knowledge.terms[claim.actions[0]].label if claim.actions else outcome_words(claim.outcome)


def _label(claim: Claim, value: Value, *, say_outcome: bool, say_exposure: bool) -> str:
    """What was measured, and of what: as much as the heading above does not say."""
    exposure = value.of or claim.exposure or claim.measure or claim.population
    parts = [outcome_words(claim.outcome) if say_outcome else "", exposure if say_exposure else value.of or ""]
    return ": ".join(part for part in parts if part)


def _cited(claim: Claim) -> str:
    return f"[{', '.join(map(str, claim.refs))}]" if claim.refs else ""


def _bar(value: Value) -> Bar | None:
    """What can be drawn of a number; nothing of one that is doubtful."""
    if value.token is not None:
        return None
    if value.limit is not None:
        name, number = value.limit
        return Bar(low=None, high=number) if name in ("below", "at_most") else Bar(low=number, high=None)
    if value.ends is None:
        return None
    low, high = value.ends
    return Bar(low=low, high=high, point=value.value)


# -- votes --------------------------------------------------------------------------------------------


def _vote_rows(knowledge: Knowledge) -> Iterator[Row]:
    """Every printed vote once, although several statements may carry it."""
    seen: set[tuple[str, str, tuple[Share, ...]]] = set()
    for compiled in knowledge.guidelines.values():
        for statement in compiled.statements:
            for vote in statement.statement.votes:
                shares = _shares(vote)
                group = f"{compiled.guideline.name}: {statement.question.title}"
                if shares and vote.unit == "percent" and (group, vote.motion, shares) not in seen:
                    seen.add((group, vote.motion, shares))
                    words = ", ".join(f"{share.label} {share.percent:g} %" for share in shares)
                    yield Row(group, vote.motion, vote.body, words, statement.key, "vote", (), False, None, shares)


def _shares(vote: Vote) -> tuple[Share, ...]:
    sides = (("for", vote.for_), ("against", vote.against), ("abstained", vote.abstain))
    return tuple(Share(label, percent) for label, percent in sides if percent is not None)
