"""Made-up persons: the same for a seed, with every kind of change, and as many in both as was asked."""

from __future__ import annotations

import polars as pl
import pytest

from nelm.registry.linkage.synthetic import LabelledPersons, SimulationError, made_up_persons, simulate_persons


def test_the_same_seed_gives_the_same_persons() -> None:
    description = made_up_persons()
    one, again, other = (simulate_persons(description, 60, 50, seed=seed) for seed in (5, 5, 6))
    assert all(left.equals(right) for left, right in zip(_tables(one), _tables(again), strict=True))
    assert not one.ours.equals(other.ours)


def _tables(made: LabelledPersons) -> tuple[pl.DataFrame, ...]:
    return made.ours, made.theirs, made.truth, made.look_alikes


def test_sizes_and_ids() -> None:
    made = simulate_persons(made_up_persons(), 60, 40, in_both=0.5)
    assert (made.ours.height, made.theirs.height, made.truth.height) == (60, 40, 20)
    assert set(made.truth["ours"]) <= set(made.ours["id"])
    assert set(made.truth["theirs"]) <= set(made.theirs["id"])
    for table in (made.ours, made.theirs):
        assert table["id"].is_unique().all()


def test_the_kinds_say_what_differs(made_up: LabelledPersons) -> None:
    pairs = made_up.truth.join(made_up.ours, left_on="ours", right_on="id").join(
        made_up.theirs, left_on="theirs", right_on="id", suffix="_there"
    )
    alone = {row["kinds"]: row for row in pairs.drop_nulls().iter_rows(named=True)}
    moved, swapped, same = alone["moved"], alone["names_swapped"], alone["no change"]
    assert moved["postcode"] != moved["postcode_there"]
    assert (swapped["given_name"], swapped["family_name"]) == (swapped["family_name_there"], swapped["given_name_there"])
    assert [same[name] == same[f"{name}_there"] for name in ("given_name", "birth_date", "postcode", "diagnosis_date")] == [True] * 4


def test_look_alikes_are_two_persons_who_share_much(made_up: LabelledPersons) -> None:
    assert set(made_up.look_alikes["kind"]) == {"twin", "same name in the household"}
    assert made_up.look_alikes.join(made_up.truth, on=["ours", "theirs"], how="inner").height == 0
    first = made_up.ours.rename({"id": "ours"})
    twins = (
        made_up.look_alikes.filter(kind="twin")
        .join(first, on="ours")
        .join(made_up.theirs.rename({"id": "theirs"}), on="theirs", suffix="_there")
    )
    same = twins.select((pl.col("birth_date") == pl.col("birth_date_there")).mean()).item()
    assert same > 0.8  # the other registry has its errors


@pytest.mark.parametrize(("ours", "theirs", "share"), [(0, 5, 0.5), (5, 0, 0.5), (5, 5, 1.5)])
def test_persons_that_cannot_be(ours: int, theirs: int, share: float) -> None:
    with pytest.raises(SimulationError, match="Permitted: at least 1 each, a share from 0 to 1"):
        simulate_persons(made_up_persons(), ours, theirs, in_both=share)
