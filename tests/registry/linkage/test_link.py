"""Linkage of made-up registries: how well, what is learnt, what is refused, and that every pair has its reason."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest

from nelm.registry.linkage.decisions import DECISIONS
from nelm.registry.linkage.evaluate import Evaluation, evaluate
from nelm.registry.linkage.link import Linkage, ThresholdError, explained, link, thresholds
from nelm.registry.linkage.model import LevelLearnt, TrainingError
from nelm.registry.linkage.normalise import Normaliser
from nelm.registry.linkage.persons import Persons, PersonsError, persons_of
from nelm.registry.linkage.scored import NO_VALUE, NoCandidates, contribution_of, score
from nelm.registry.linkage.settings import LinkageSettings
from nelm.registry.linkage.synthetic import LabelledPersons
from nelm.registry.linkage.training import check_all_seen, train
from nelm.registry.linkage.workshop import Workshop


@pytest.fixture(scope="module")
def evaluation(linkage: Linkage, made_up: LabelledPersons) -> Evaluation:
    return evaluate(linkage.decisions, made_up.truth, persons=made_up.ours.height, look_alikes=made_up.look_alikes)


def test_it_finds_the_persons_and_no_others(evaluation: Evaluation) -> None:
    assert evaluation.recall is not None
    assert evaluation.precision is not None
    assert evaluation.recall >= 0.97
    assert evaluation.precision >= 0.995
    assert evaluation.review_load <= 25


@pytest.mark.parametrize("kind", ["names_swapped", "typing_error_in_family_name", "family_name_changed", "other_way_of_writing", "moved"])
def test_it_finds_most_of_every_kind_of_change(evaluation: Evaluation, kind: str) -> None:
    row = evaluation.by_kind.row(by_predicate=pl.col("kind") == kind, named=True)
    assert row["pairs"] >= 4
    assert row["linked"] + row["review"] >= 0.75 * row["pairs"]


def test_nobody_is_linked_to_a_twin(evaluation: Evaluation) -> None:
    assert evaluation.look_alikes["pairs"].sum() >= 10
    assert evaluation.look_alikes["linked"].sum() == 0


def test_every_candidate_has_a_decision_a_rule_and_a_reason_that_adds_up(linkage: Linkage) -> None:
    model = linkage.training.model
    assert linkage.decisions.filter(pl.col("decision").is_null() | pl.col("rule").is_null()).height == 0
    assert sum(linkage.count(decision) for decision in DECISIONS) == linkage.decisions.height
    fields = [comparison.field for comparison in model.comparisons]
    added = linkage.decisions.select(pl.sum_horizontal(pl.col(contribution_of(field)).cast(pl.Float64) for field in fields)).to_series()
    assert (added + model.prior_weight - linkage.decisions["weight"]).abs().max() < 0.01
    for row in linkage.decisions.head(20).iter_rows(named=True):
        assert all(row[field] in {NO_VALUE, *(learnt.level.words for learnt in model.of(field))} for field in fields)
        assert f"in all {row['weight']:+.1f}" in explained(row, model)


def test_nobody_is_linked_twice(linkage: Linkage) -> None:
    links = linkage.decisions.filter(pl.col("decision") == "link")
    assert links["ours"].is_unique().all()
    assert links["theirs"].is_unique().all()


def test_a_level_means_what_its_words_say(
    normaliser: Normaliser, linkage: Linkage, ours: Persons, theirs: Persons, settings: LinkageSettings
) -> None:
    """One pair for each level, weighed with what was learnt before."""
    base = {
        "given_name": "Anna Lena",
        "family_name": "Steinbach",
        "birth_date": "1958-03-11",
        "sex": "female",
        "postcode": "12345",
        "municipality": "Lorvik",
        "diagnosis_date": "2015-05-01",
    }
    cases: list[tuple[str, dict[str, str | None], str]] = [
        ("given_name", {"given_name": "anna lena"}, "the same"),
        ("given_name", {"given_name": "Steinbach", "family_name": "Anna Lena"}, "given and family name have changed places"),
        ("family_name", {"given_name": "Steinbach", "family_name": "Anna Lena"}, NO_VALUE),
        ("given_name", {"given_name": "Anna Lenna"}, "nearly the same spelling"),
        ("given_name", {"given_name": "Lena"}, "one of several given names is the same"),
        ("given_name", {"given_name": "Birgit"}, "different"),
        ("given_name", {"given_name": None}, NO_VALUE),
        ("family_name", {"family_name": "Grün-Steinbach"}, "one part of a double name is the same"),
        ("birth_date", {"birth_date": "1958-11-03"}, "day and month have changed places"),
        ("birth_date", {"birth_date": "1958-03-12"}, "one digit differs"),
        ("birth_date", {"birth_date": "1958-07-11"}, "one digit differs"),
        ("birth_date", {"birth_date": "1958-12-11"}, "two of year, month and day are the same"),
        ("birth_date", {"birth_date": "1958-12-24"}, "different"),
        ("birth_date", {"birth_date": "1958-03"}, NO_VALUE),
        ("sex", {"sex": "male"}, "different"),
        ("postcode", {"postcode": "12999"}, "the same region"),
        ("postcode", {"postcode": "99999"}, "different"),
        ("municipality", {"municipality": "Almstedt"}, NO_VALUE),  # the postcode says it
        ("municipality", {"municipality": "Almstedt", "postcode": None}, "different"),
        ("municipality", {"municipality": "Lorvig", "postcode": None}, "nearly the same spelling"),
        ("diagnosis_date", {"diagnosis_date": "2015-05-20"}, "within a month"),
        ("diagnosis_date", {"diagnosis_date": "2014-12-24"}, "within a year"),
        ("diagnosis_date", {"diagnosis_date": "2011-12-24"}, "more than a year apart"),
    ]
    everybody = replace(settings, candidates=(("national_id",),))
    here = pl.DataFrame([{"id": str(number), **base, "national_id": str(number)} for number in range(len(cases))])
    there = pl.DataFrame([{"id": str(number), **base, **change, "national_id": str(number)} for number, (_, change, _) in enumerate(cases)])
    workshop = Workshop(persons_of(here, "ours", normaliser), persons_of(there, "theirs", normaliser))
    scored = {row["ours"]: row for row in score(workshop, everybody, linkage.training.model).iter_rows(named=True)}
    assert [(field, scored[str(number)][field]) for number, (field, _, _) in enumerate(cases)] == [
        (field, words) for field, _, words in cases
    ]


def test_the_same_tables_give_the_same_decisions(linkage: Linkage, ours: Persons, theirs: Persons, settings: LinkageSettings) -> None:
    shuffled = replace(ours, frame=ours.frame.reverse())
    assert link(shuffled, theirs, settings).decisions.equals(linkage.decisions)


def test_a_number_of_the_person_is_used_where_both_tables_have_it(
    made_up: LabelledPersons, normaliser: Normaliser, settings: LinkageSettings
) -> None:
    """It finds again what nothing else would: another family name, another place, and a wrong birth date."""
    some, rest = made_up.truth.head(200), made_up.theirs
    numbers = {row["theirs"]: row["ours"] for row in some.iter_rows(named=True)}
    here = made_up.ours.filter(pl.col("id").is_in(some["ours"].to_list())).with_columns(national_id=pl.col("id"))
    there = rest.filter(pl.col("id").is_in(some["theirs"].to_list())).with_columns(national_id=pl.col("id").replace_strict(numbers))
    lost = pl.col("id") == there["id"][0]
    changed = {"family_name": "Quellfurt", "birth_date": "1931-01-01", "postcode": "99998"}
    there = there.with_columns(pl.when(lost).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in changed.items())
    found = link(persons_of(here, "ours", normaliser), persons_of(there, "theirs", normaliser), settings)
    assert "national_id" not in found.training.not_compared
    row = found.decisions.row(by_predicate=pl.col("theirs") == there["id"][0], named=True)
    assert row["national_id"] == "the same"
    assert (row["decision"], row["rule"]) == ("review", "disagreement")


# -- what is learnt ------------------------------------------------------------------------------------------


def learnt(linkage: Linkage, field: str) -> dict[str, LevelLearnt]:
    return {found.level.is_: found for found in linkage.training.model.of(field)}


def test_the_parameters_are_those_of_the_made_up_persons(linkage: Linkage) -> None:
    """u of the sex is a half, of the birth date one in 28,000 days; m of the birth date what the errors leave."""
    assert learnt(linkage, "sex")["same"].u == pytest.approx(0.5, abs=0.02)
    assert learnt(linkage, "birth_date")["same"].u < 3e-4
    assert learnt(linkage, "birth_date")["same"].m == pytest.approx(0.95, abs=0.04)
    assert learnt(linkage, "given_name")["swapped_with"].m == pytest.approx(0.015, abs=0.015)
    for level in linkage.training.model.learnt:
        assert 0 < level.u < 1
        assert 0 < level.m < 1
        assert math.isfinite(level.weight)


def test_the_expected_number_of_pairs_is_near_the_truth(linkage: Linkage, made_up: LabelledPersons) -> None:
    assert linkage.expected_true_pairs == pytest.approx(made_up.truth.height, rel=0.06)
    assert linkage.expected_false_links < 2


def test_what_was_never_seen_is_said(linkage: Linkage) -> None:
    unseen = [level for level in linkage.training.model.learnt if "never seen" in level.m_from + level.u_from]
    notes = list(linkage.notes())
    assert unseen
    for level in unseen:
        assert any(note.startswith(f"{level.field}, {level.level.words}: never seen") for note in notes)
    assert "national_id: not compared, as not both tables have it." in notes


def test_what_was_never_seen_can_be_refused(linkage: Linkage) -> None:
    with pytest.raises(TrainingError, match="No pair of the training reached these levels: "):
        check_all_seen(linkage.training.model)


def test_training_that_settles_on_twins_is_refused(made_up: LabelledPersons, normaliser: Normaliser, settings: LinkageSettings) -> None:
    """The other registry knows the twin of nearly everybody: all is the same but the given name."""
    names = made_up.ours["given_name"].to_list()
    few = 30
    twins = made_up.ours.with_columns(
        pl.Series("given_name", [*names[:few], *names[few + 1 :], names[few]]), pl.Series("id", [f"t{name}" for name in made_up.ours["id"]])
    )
    with pytest.raises(TrainingError, match=r"has settled on something else than persons: in .* given_name is") as refused:
        train(Workshop(persons_of(made_up.ours, "ours", normaliser), persons_of(twins, "theirs", normaliser)), settings)
    assert "Households and twins look so" in str(refused.value)


# -- what is refused -----------------------------------------------------------------------------------------


def test_tables_without_overlap(made_up: LabelledPersons, theirs: Persons, normaliser: Normaliser, settings: LinkageSettings) -> None:
    strangers = made_up.ours.with_columns(birth_date=pl.lit("1900-01-01"))
    with pytest.raises(TrainingError, match="Nobody of one table agrees with anybody of the other on what is surely the same person"):
        link(persons_of(strangers, "ours", normaliser), theirs, settings)


def test_a_table_without_a_required_field(
    made_up: LabelledPersons, theirs: Persons, normaliser: Normaliser, settings: LinkageSettings
) -> None:
    with pytest.raises(PersonsError, match="ours: no values for given_name, sex; linkage needs given_name, family_name, birth_date, sex"):
        link(persons_of(made_up.ours.drop("given_name", "sex"), "ours", normaliser), theirs, settings)


def test_a_few_persons_teach_nothing(made_up: LabelledPersons, normaliser: Normaliser, settings: LinkageSettings) -> None:
    one = persons_of(made_up.ours.head(1), "ours", normaliser)
    with pytest.raises(TrainingError, match="too many to tell chance from agreement"):
        link(one, one, settings)


def test_a_field_that_no_pair_of_the_training_has(made_up: LabelledPersons, normaliser: Normaliser, settings: LinkageSettings) -> None:
    def numbered(table: pl.DataFrame, ids: list[str]) -> pl.DataFrame:
        return table.with_columns(national_id=pl.when(pl.col("id").is_in(ids)).then(pl.col("id")))

    only_here = made_up.ours.filter(~pl.col("id").is_in(made_up.truth["ours"].to_list()))["id"].head(1).to_list()
    only_there = made_up.theirs.filter(~pl.col("id").is_in(made_up.truth["theirs"].to_list()))["id"].head(1).to_list()
    ours, theirs = numbered(made_up.ours, only_here), numbered(made_up.theirs, only_there)
    with pytest.raises(
        TrainingError, match="national_id: of the pairs that are surely the same person, 0 have a value on both sides; at least 15"
    ):
        link(persons_of(ours, "ours", normaliser), persons_of(theirs, "theirs", normaliser), settings)


def test_a_field_that_no_rule_can_learn(ours: Persons, theirs: Persons, settings: LinkageSettings) -> None:
    one_rule = replace(settings, training=replace(settings.training, expectation_maximisation=(("birth_date",),)))
    with pytest.raises(TrainingError, match="birth_date: no rule of the training can learn it"):
        train(Workshop(ours, theirs), one_rule)


def test_no_rule_for_candidates_that_both_tables_know(ours: Persons, theirs: Persons, settings: LinkageSettings, linkage: Linkage) -> None:
    with pytest.raises(NoCandidates, match="A rule for candidates needs one of: national_id"):
        score(Workshop(ours, theirs), replace(settings, candidates=(("national_id",),)), linkage.training.model)


def test_no_pair_fulfils_a_rule(made_up: LabelledPersons, normaliser: Normaliser, settings: LinkageSettings, linkage: Linkage) -> None:
    tables = [persons_of(table.with_columns(national_id=pl.col("id")), "", normaliser) for table in (made_up.ours, made_up.theirs)]
    with pytest.raises(NoCandidates, match="No pair of persons agrees on what candidates need"):
        score(Workshop(*tables), replace(settings, candidates=(("national_id",),)), linkage.training.model)


def test_a_training_rule_that_no_pair_fulfils(
    made_up: LabelledPersons, theirs: Persons, normaliser: Normaliser, settings: LinkageSettings
) -> None:
    elsewhere = persons_of(made_up.ours.with_columns(postcode=pl.lit("x1")), "ours", normaliser)
    rules = (("postcode",), *settings.training.expectation_maximisation)
    with pytest.raises(TrainingError, match="No pair agrees on postcode: nothing can be learnt by this rule"):
        train(Workshop(elsewhere, theirs), replace(settings, training=replace(settings.training, expectation_maximisation=rules)))


def test_it_is_said_where_the_weights_expect_another_number_of_pairs(linkage: Linkage) -> None:
    other = replace(linkage, training=replace(linkage.training, pairs_in_all=10 * linkage.training.pairs_in_all))
    assert not any("The training assumed" in note for note in linkage.notes())
    assert any("The training assumed 4" in note and "Correct 'surely_the_same_finds'" in note for note in other.notes())


def test_thresholds_the_wrong_way_round(settings: LinkageSettings) -> None:
    assert thresholds(settings.decisions, 5, 2).upper == 5
    assert thresholds(settings.decisions, None, None) == settings.decisions
    with pytest.raises(ThresholdError, match="--upper 1, --lower 2"):
        thresholds(settings.decisions, 1, 2)
