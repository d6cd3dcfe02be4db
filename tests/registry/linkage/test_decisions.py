"""From weights to decisions, as small tables; one person of one table with at most one of the other, whatever the weights."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nelm.registry.linkage.clerical import Clerical, ClericalDecision, NotDecidable
from nelm.registry.linkage.decisions import DECISIONS, RULES, decide, held_back
from nelm.registry.linkage.settings import Decisions, NeverWithoutReview

RULE = Decisions(upper=9, lower=0, margin=4)
Row = tuple[str, str, float] | tuple[str, str, float, str]


def pairs(*rows: Row) -> pl.DataFrame:
    full = [(*row, "")[:4] for row in rows]
    schema = {"ours": pl.String, "theirs": pl.String, "weight": pl.Float64, "held_back": pl.String}
    return pl.DataFrame(full, schema=schema, orient="row")


def by_hand(**decided: str) -> Clerical:
    """`a_x="link"`: somebody linked a and x."""
    return Clerical(
        "file", {tuple(pair.split("_")): ClericalDecision(word.replace("_", " "), "MK", date(2024, 3, 1)) for pair, word in decided.items()}
    )


def decided(table: pl.DataFrame, clerical: Clerical | None = None, rules: Decisions = RULE) -> dict[str, tuple[str, str]]:
    found = decide(table, rules, clerical)
    return {f"{row['ours']}{row['theirs']}": (row["decision"], row["rule"]) for row in found.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # one pair
        ([("a", "x", 9.0)], {"ax": ("link", "upper")}),
        ([("a", "x", 8.9)], {"ax": ("review", "between")}),
        ([("a", "x", 0.0)], {"ax": ("review", "between")}),
        ([("a", "x", -0.1)], {"ax": ("no link", "lower")}),
        ([("a", "x", 30.0, "twins?")], {"ax": ("review", "disagreement")}),
        # two pairs of one person
        ([("a", "x", 20.0), ("a", "y", 16.0)], {"ax": ("link", "upper"), "ay": ("no link", "better_match")}),
        ([("a", "x", 20.0), ("a", "y", 16.1)], {"ax": ("review", "too_close"), "ay": ("review", "too_close")}),
        ([("a", "x", 20.0), ("b", "x", 20.0)], {"ax": ("review", "too_close"), "bx": ("review", "too_close")}),
        ([("a", "x", 10.0), ("a", "y", 7.0)], {"ax": ("review", "too_close"), "ay": ("review", "between")}),
        ([("a", "x", 7.0), ("a", "y", 1.0)], {"ax": ("review", "between"), "ay": ("no link", "better_match")}),
        # the rival is itself beaten elsewhere, so it is none
        (
            [("a", "x", 14.0), ("a", "y", 12.0), ("b", "y", 30.0)],
            {"ax": ("link", "upper"), "ay": ("no link", "better_match"), "by": ("link", "upper")},
        ),
        # twins: the right pairs are linked, the crossed ones give way
        (
            [("a", "x", 30.0), ("b", "y", 30.0), ("a", "y", 15.0, "twins?"), ("b", "x", 15.0, "twins?")],
            {"ax": ("link", "upper"), "by": ("link", "upper"), "ay": ("no link", "better_match"), "bx": ("no link", "better_match")},
        ),
        # a pair that is never linked unseen does not set aside one that may be
        ([("a", "x", 30.0, "twins?"), ("a", "y", 10.0)], {"ax": ("review", "disagreement"), "ay": ("review", "too_close")}),
        ([("a", "x", 30.0, "twins?"), ("a", "y", 10.0, "twins?")], {"ax": ("review", "disagreement"), "ay": ("no link", "better_match")}),
    ],
)
def test_decisions(rows: list[Row], expected: dict[str, tuple[str, str]]) -> None:
    assert decided(pairs(*rows)) == expected


def test_what_was_preferred_is_named() -> None:
    found = decide(pairs(("a", "x", 20.0), ("a", "y", 10.0), ("b", "z", 30.0, "They differ.")), RULE)
    rows = {(row["ours"], row["theirs"]): row for row in found.iter_rows(named=True)}
    assert (rows["a", "y"]["instead_ours"], rows["a", "y"]["instead_theirs"]) == ("a", "x")
    assert rows["b", "z"]["why"] == "They differ."
    assert "held_back" not in found.columns


def test_a_person_overrides_everything() -> None:
    table = pairs(("a", "x", 20.0), ("a", "y", 1.0), ("b", "x", 15.0), ("c", "z", 30.0), ("d", "w", -50.0))
    found = decided(table, by_hand(a_y="link", c_z="no_link", d_w="link"))
    assert found == {
        "ax": ("no link", "clerical_elsewhere"),
        "ay": ("link", "clerical"),
        "bx": ("link", "upper"),
        "cz": ("no link", "clerical"),
        "dw": ("link", "clerical"),
    }


def test_a_refused_pair_sets_its_persons_free() -> None:
    table = pairs(("a", "x", 20.0, "twins?"), ("a", "y", 12.0))
    assert decided(table, by_hand(a_x="no_link")) == {"ax": ("no link", "clerical"), "ay": ("link", "upper")}


@pytest.mark.parametrize("backwards", [False, True])
def test_ties_are_broken_by_the_ids_alone(backwards: bool) -> None:
    rows: list[Row] = [("a", "x", 12.0), ("a", "y", 12.0), ("a", "z", 12.0)]
    table = pairs(*(reversed(rows) if backwards else rows))
    found = decide(table, RULE)
    assert found["instead_theirs"].to_list() == ["y", "x", "x"]
    assert decided(table, rules=Decisions(upper=9, lower=0, margin=0)) == {
        "ax": ("link", "upper"),
        "ay": ("no link", "better_match"),
        "az": ("no link", "better_match"),
    }


def test_who_decided_stays_with_the_pair() -> None:
    found = decide(pairs(("a", "x", 20.0)), RULE, by_hand(a_x="no_link"))
    assert found["why"].to_list() == ["Decided by MK on 2024-03-01."]


def test_a_decision_on_a_pair_that_was_never_compared_is_refused() -> None:
    with pytest.raises(NotDecidable, match="1 pairs that this linkage never compared, the first of them q and x"):
        decide(pairs(("a", "x", 20.0)), RULE, by_hand(q_x="link"))


def test_a_disagreement_holds_a_pair_back() -> None:
    table = pairs(("a", "x", 20.0), ("b", "y", 20.0)).drop("held_back").with_columns(given_name=pl.Series(["different", "the same"]))
    rules = Decisions(9, 0, 4, (NeverWithoutReview("given_name", "different", "Twins?"), NeverWithoutReview("sex", "different", "No sex.")))
    assert held_back(table, rules, {("given_name", "different"): "different"})["held_back"].to_list() == ["Twins?", ""]


IDS = st.sampled_from("abcdef")
WEIGHTS = st.integers(-8, 80).map(lambda number: number / 2)
TABLES = st.dictionaries(st.tuples(IDS, IDS), st.tuples(WEIGHTS, st.sampled_from(["", "", "twins?"])), max_size=36)
HANDS = st.lists(st.tuples(st.integers(0, 35), st.booleans()), max_size=4)


@settings(deadline=None)
@given(TABLES, HANDS, st.randoms(use_true_random=False))
def test_one_to_one_complete_and_in_any_order(
    table: dict[tuple[str, str], tuple[float, str]], hands: list[tuple[int, bool]], order: random.Random
) -> None:
    rows = [(*pair, *rest) for pair, rest in table.items()]
    clerical = _some_by_hand(list(table), hands)
    found = decide(pairs(*rows), RULE, clerical)
    links = found.filter(pl.col("decision") == "link")
    for side in ("ours", "theirs"):
        assert max(Counter(links[side].to_list()).values(), default=0) <= 1
    assert found.height == len(rows)
    assert found["decision"].is_in(DECISIONS).all()
    assert found["rule"].is_in(RULES).all()
    for row in links.iter_rows(named=True):
        pair = row["ours"], row["theirs"]
        assert pair in clerical.decisions or (table[pair][0] >= RULE.upper and not table[pair][1])
    order.shuffle(rows)
    assert decide(pairs(*rows), RULE, clerical).equals(found)


def _some_by_hand(known: list[tuple[str, str]], hands: list[tuple[int, bool]]) -> Clerical:
    """Decisions as a file may hold them: no person linked twice."""
    found: dict[tuple[str, str], ClericalDecision] = {}
    taken: set[str] = set()
    for number, yes in hands:
        if number < len(known) and known[number] not in found:
            ours, theirs = known[number]
            free = not {f"o{ours}", f"t{theirs}"} & taken
            found[known[number]] = ClericalDecision("link" if yes and free else "no link", "MK", date(2024, 3, 1))
            taken |= {f"o{ours}", f"t{theirs}"} if yes and free else set()
    return Clerical("file", found)
