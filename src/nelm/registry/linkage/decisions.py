"""From weights to decisions: link, review or no link, one person of one table with at most one of the other.

The same rules decide pairs weighed by names and by encodings. Each pair keeps the rule that decided it:

| rule | decision | when |
|---|---|---|
| `clerical` | link or no link | a person has decided the pair |
| `clerical_elsewhere` | no link | a person has linked one of the two with somebody else |
| `upper` | link | the weight reaches the upper threshold and no other pair of either person comes near |
| `disagreement` | review | the weight would suffice, but a field disagrees that no weight outweighs |
| `between` | review | the weight lies between the thresholds |
| `too_close` | review | another pair of the same person lies within the margin, or is one that is never linked unseen |
| `better_match` | no link | one of the two is linked, or under review, with somebody who fits better |
| `lower` | no link | the weight is below the lower threshold |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from nelm.registry.linkage.clerical import Clerical, ClericalDecision, NotDecidable
from nelm.registry.linkage.settings import Decisions

Decision = Literal["link", "review", "no link"]
DECISIONS = ("link", "review", "no link")
RULES = ("clerical", "clerical_elsewhere", "upper", "disagreement", "between", "too_close", "better_match", "lower")
Pair = tuple[str, str]
Person = tuple[str, str]  # the table, and the id in it


@dataclass(frozen=True)
class Decided:
    """A decision and its rule; `instead` is the pair that was preferred or lies too close, `why` a sentence where there is one."""

    decision: Decision
    rule: str
    instead: Pair | None = None
    why: str = ""


@dataclass(frozen=True)
class Candidate:
    """A pair that reaches the lower threshold; `held_back` says why it may not be linked without a person's look."""

    pair: Pair
    weight: float
    held_back: str


def decide(pairs: pl.DataFrame, rules: Decisions, clerical: Clerical | None = None) -> pl.DataFrame:
    """The pairs with `decision`, `rule`, `instead_ours`, `instead_theirs` and `why`, in the order of their ids.

    `pairs` has `ours`, `theirs`, `weight` and `held_back` (see the function of this name). The result depends on the pairs alone, not on their order. Raises NotDecidable for a clerical decision
    on a pair that is no candidate.
    """
    decided_by_hand = clerical.decisions if clerical is not None else {}
    _check_candidates(pairs, decided_by_hand)
    above = pairs.filter(pl.col("weight") >= rules.lower).select("ours", "theirs", "weight", "held_back")
    candidates = [Candidate((ours, theirs), weight, held) for ours, theirs, weight, held in above.iter_rows()]
    decided = dict(_resolved(candidates, rules, decided_by_hand))
    decided |= {pair: Decided(found.decision, "clerical", why=found.in_words) for pair, found in decided_by_hand.items()}
    return _joined(pairs, decided)


def held_back(pairs: pl.DataFrame, rules: Decisions, words: Mapping[tuple[str, str], str]) -> pl.DataFrame:
    """The pairs with `held_back`: why each may not be linked unseen, or an empty text. `words` has what a level is called."""
    reason: pl.Expr = pl.lit("")
    for rule in reversed(rules.never_without_review):
        if rule.field in pairs.columns and (rule.field, rule.level) in words:
            says_so = pl.col(rule.field).cast(pl.String) == words[rule.field, rule.level]
            reason = pl.when(says_so).then(pl.lit(rule.why)).otherwise(reason)
    return pairs.with_columns(reason.alias("held_back"))


def _check_candidates(pairs: pl.DataFrame, by_hand: Mapping[Pair, ClericalDecision]) -> None:
    if by_hand:
        wanted = pl.DataFrame(list(by_hand), schema={"ours": pl.String, "theirs": pl.String}, orient="row")
        strangers = wanted.join(pairs, on=["ours", "theirs"], how="anti").sort("ours", "theirs")
        if strangers.height:
            ours, theirs = strangers.row(0)
            raise NotDecidable(
                f"The clerical file decides {strangers.height} pairs that this linkage never compared, the first of them {ours} and {theirs}. "
                "Was it made for other tables or settings? Take these rows out, or link the tables for which it was made."
            )


# -- one to one ------------------------------------------------------------------------------------------------


def _resolved(candidates: list[Candidate], rules: Decisions, by_hand: Mapping[Pair, ClericalDecision]) -> Iterator[tuple[Pair, Decided]]:
    """What persons have decided comes first, then the best pair; whoever is taken is no longer free for a worse pair."""
    linked = {person: pair for pair, found in by_hand.items() if found.decision == "link" for person in _persons(pair)}
    free: list[Candidate] = []
    for candidate in candidates:
        taken = next((linked[person] for person in _persons(candidate.pair) if person in linked), None)
        if candidate.pair in by_hand:
            continue
        if taken is None:
            free.append(candidate)
        else:
            yield candidate.pair, Decided("no link", "clerical_elsewhere", taken)
    yield from _best_first(sorted(free, key=lambda candidate: (-candidate.weight, candidate.pair)), rules)


def _persons(pair: Pair) -> tuple[Person, Person]:
    return ("ours", pair[0]), ("theirs", pair[1])


def _best_first(candidates: list[Candidate], rules: Decisions) -> Iterator[tuple[Pair, Decided]]:
    """Set aside what a better pair of the same person beats; what is left and still shares a person is for review."""
    left: dict[Person, list[Candidate]] = {}
    staying: list[Candidate] = []
    for candidate in candidates:
        rivals = [rival for person in _persons(candidate.pair) for rival in left.get(person, ())]
        better = next((rival for rival in rivals if _beats(rival, candidate, rules.margin)), None)
        if better is not None:
            yield candidate.pair, Decided("no link", "better_match", better.pair)
            continue
        staying.append(candidate)
        for person in _persons(candidate.pair):
            left.setdefault(person, []).append(candidate)
    for candidate in staying:
        rivals = [rival for person in _persons(candidate.pair) for rival in left[person] if rival is not candidate]
        yield candidate.pair, _staying(candidate, rivals, rules)


def _beats(rival: Candidate, candidate: Candidate, margin: float) -> bool:
    """A pair that nobody would link unseen does not set aside one that agrees better in what matters."""
    return rival.weight - candidate.weight >= margin and (not rival.held_back or bool(candidate.held_back))


def _staying(candidate: Candidate, rivals: list[Candidate], rules: Decisions) -> Decided:
    if candidate.weight < rules.upper:
        return Decided("review", "between")
    if candidate.held_back:
        return Decided("review", "disagreement", why=candidate.held_back)
    return Decided("review", "too_close", rivals[0].pair) if rivals else Decided("link", "upper")


# -- back into the table ---------------------------------------------------------------------------------------


def _joined(pairs: pl.DataFrame, decided: Mapping[Pair, Decided]) -> pl.DataFrame:
    rows = [(*pair, found.decision, found.rule, *(found.instead or (None, None)), found.why) for pair, found in decided.items()]
    schema = {
        "ours": pl.String(),
        "theirs": pl.String(),
        "decision": pl.Enum(DECISIONS),
        "rule": pl.Enum(RULES),
        "instead_ours": pl.String(),
        "instead_theirs": pl.String(),
        "why": pl.String(),
    }
    found = pl.DataFrame(rows, schema=schema, orient="row")
    return (
        pairs.drop("held_back")
        .join(found, on=["ours", "theirs"], how="left", validate="1:1")
        .with_columns(
            pl.col("decision").fill_null(pl.lit("no link", dtype=pl.Enum(DECISIONS))),
            pl.col("rule").fill_null(pl.lit("lower", dtype=pl.Enum(RULES))),
            pl.col("why").fill_null(""),
        )
        .sort("ours", "theirs")
    )
