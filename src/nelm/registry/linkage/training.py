"""Learning the weights: u from random pairs, m by expectation-maximisation, and checks that what was learnt is about persons.

splink does the counting. It takes over in silence, or with a line in a log, what it could not learn; here every level says what its
parameters come from, and a training that settled on households or twins is refused.

The share of true pairs among the random ones is taken out of u: a random pair reaches a level with p = s·m + (1 - s)·u, where s is
that share, so u = (p - s·m) / (1 - s). In small tables this matters: of 1,000 by 1,000 pairs with 600 true ones more have the same
birth date because they are one person than by chance.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nelm.registry.linkage.comparing import compared, splink_settings, usable
from nelm.registry.linkage.model import NOT_OBSERVED, LevelLearnt, Model, TrainingError, with_parameters
from nelm.registry.linkage.settings import Comparison, LinkageSettings

if TYPE_CHECKING:
    from splink import Linker

    from nelm.registry.linkage.workshop import Workshop

NEVER_REACHED = 1e-6  # what splink reports as m where no pair of the training reached a level
ROUNDS = 2  # of learning m with a u from which the true pairs are taken out
Shares = Mapping[tuple[str, int], float | None]


@dataclass(frozen=True)
class Training:
    """What was learnt, and what the report says about it."""

    model: Model
    rules: tuple[tuple[str, ...], ...]
    pairs_in_all: int
    random_pairs: int
    surely_the_same: int
    not_compared: tuple[str, ...]


def train(workshop: Workshop, settings: LinkageSettings) -> Training:
    """Learn from the two tables of the workshop.

    Raises TrainingError where no pair is surely the same, a field is learnt by no rule or too few pairs, a level was never seen (if the
    settings say `refuse`), or the result is not that of persons.
    """
    comparisons = compared(settings, workshop.fields)
    rules = usable(settings.training.expectation_maximisation, workshop.fields)
    _check_rules(comparisons, rules)
    told = splink_settings(comparisons, usable(settings.candidates, workshop.columns))
    sure, share = _share_of_true_pairs(workshop, settings)
    _check_support(workshop, comparisons, settings)
    pairs = min(settings.training.random_pairs, workshop.pairs_in_all)
    met = _met_at_random(workshop.linker(told), settings, comparisons)
    model = Model(comparisons, tuple(_first(comparisons, met, pairs)), share)
    for _ in range(ROUNDS):
        among_true = _learnt_m(workshop.linker(with_parameters(told, model)), rules, settings, comparisons)
        model = Model(comparisons, tuple(_levels(comparisons, met, among_true, share, pairs, sure)), share)
    if settings.training.never_seen == "refuse":
        check_all_seen(model)
    _check_persons(model, settings)
    missing = tuple(comparison.field for comparison in settings.comparisons if comparison not in comparisons)
    return Training(model, rules, workshop.pairs_in_all, pairs, sure, missing)


# -- the share of true pairs -----------------------------------------------------------------------------------


def _share_of_true_pairs(workshop: Workshop, settings: LinkageSettings) -> tuple[int, float]:
    rules = usable(settings.training.surely_the_same, workshop.fields)
    sure = workshop.pairs_that_agree(rules).height if rules else 0
    if sure == 0:
        wanted = " or ".join("the same " + ", ".join(rule) for rule in settings.training.surely_the_same)
        raise TrainingError(
            f"Nobody of one table agrees with anybody of the other on what is surely the same person ({wanted}). Nothing can be learnt. "
            "Do the tables overlap, and do their columns mean the same?"
        )
    share = sure / settings.training.surely_the_same_finds / workshop.pairs_in_all
    if share >= 0.5:
        raise TrainingError(
            f"{sure} of {workshop.pairs_in_all} pairs are surely the same person: too many to tell chance from agreement. "
            "Linkage by weights needs tables of some hundred persons at least."
        )
    return sure, share


# -- u -----------------------------------------------------------------------------------------------------------


def _met_at_random(linker: Linker, settings: LinkageSettings, comparisons: Sequence[Comparison]) -> Shares:
    """For each level the share of random pairs that reach it; None where none did."""
    training = settings.training
    linker.training.estimate_u_using_random_sampling(
        max_pairs=training.random_pairs, seed=training.seed, min_count_per_level=None, num_chunks=1
    )
    return _parameters(linker, comparisons, "u_probability")


def _parameters(linker: Linker, comparisons: Sequence[Comparison], kind: str) -> Shares:
    written = {item["output_column_name"]: item["comparison_levels"] for item in linker.misc.save_model_to_json()["comparisons"]}
    found: dict[tuple[str, int], float | None] = {}
    for comparison in comparisons:
        told = [level for level in written[comparison.field] if not level.get("is_null_level")]
        for number, level in enumerate(told):
            value: Any = level.get(kind)
            found[comparison.field, number] = None if value is None or value == NOT_OBSERVED else float(value)
    return found


# -- m -----------------------------------------------------------------------------------------------------------


def _first(comparisons: Sequence[Comparison], met: Shares, pairs: int) -> Iterator[LevelLearnt]:
    """Where expectation-maximisation begins: nine of ten true pairs agree, the rest is spread over the other levels."""
    for comparison in comparisons:
        others = len(comparison.levels) - 1
        for number, level in enumerate(comparison.levels):
            u = met[comparison.field, number] or 0.5 / pairs
            yield LevelLearnt(comparison.field, level, 0.9 if number == 0 else 0.1 / others, u, "", "")


def _learnt_m(linker: Linker, rules: Sequence[tuple[str, ...]], settings: LinkageSettings, comparisons: Sequence[Comparison]) -> Shares:
    """For each level the median over the rules of its share among true pairs; None where no pair of any rule reached it."""
    from splink import block_on
    from splink.internals.exceptions import EMTrainingException

    found: dict[tuple[str, int], list[float]] = {}
    for rule in rules:
        try:
            session = linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), estimate_without_term_frequencies=True, max_pairs=settings.training.pairs_at_most
            )
        except EMTrainingException:
            raise TrainingError(
                f"No pair agrees on {', '.join(rule)}: nothing can be learnt by this rule. Do the columns of both tables mean the same? "
                "Otherwise take another rule (training: expectation_maximisation)."
            ) from None
        for record in session.core_model_settings.parameters_as_detailed_records:
            if record.comparison_name is not None and record.m_probability not in (None, NEVER_REACHED):
                number = record.max_comparison_vector_value - record.comparison_vector_value
                found.setdefault((record.comparison_name, number), []).append(record.m_probability)
    keys = [(comparison.field, number) for comparison in comparisons for number in range(len(comparison.levels))]
    return {key: statistics.median(found[key]) if key in found else None for key in keys}


def _levels(
    comparisons: Sequence[Comparison], met: Shares, among_true: Shares, share: float, pairs: int, sure: int
) -> Iterator[LevelLearnt]:
    """Both parameters of each level, each with where it comes from."""
    for comparison in comparisons:
        for number, level in enumerate(comparison.levels):
            key = comparison.field, number
            m, m_from = among_true[key], "expectation-maximisation"
            if m is None or m <= 0.5 / sure:
                m, m_from = 0.5 / sure, "never seen in true pairs: taken for half a pair"
            at_random = met[key]
            by_chance = 0.0 if at_random is None else (at_random - share * m) / (1 - share)
            u, u_from = by_chance, "random pairs"
            if by_chance < 0.5 / pairs:
                u, u_from = 0.5 / pairs, "never seen in random pairs beyond the true ones: taken for half a pair"
            yield LevelLearnt(comparison.field, level, min(m, 1 - 1e-9), min(u, 1 - 1e-9), m_from, u_from)


# -- checks ------------------------------------------------------------------------------------------------------


def _check_rules(comparisons: Sequence[Comparison], rules: Sequence[tuple[str, ...]]) -> None:
    for comparison in comparisons:
        used = {
            comparison.field,
            comparison.counted_with,
            comparison.only_without,
            *(level.other for level in comparison.levels if level.other),
        }
        if all(used & set(rule) for rule in rules):
            raise TrainingError(
                f"{comparison.field}: no rule of the training can learn it, as each one demands agreement on it or on what it is compared "
                "with. Add a rule without it (training: expectation_maximisation)."
            )


def _check_support(workshop: Workshop, comparisons: Sequence[Comparison], settings: LinkageSettings) -> None:
    """A field that hardly any pair of one person has on both sides: what would be learnt of it is noise."""
    pairs = workshop.pairs_that_agree(usable(settings.training.surely_the_same, workshop.fields))
    for comparison in comparisons:
        found = workshop.with_values(pairs, comparison.field)
        if found < settings.training.values_at_least:
            raise TrainingError(
                f"{comparison.field}: of the pairs that are surely the same person, {found} have a value on both sides; at least "
                f"{settings.training.values_at_least} are needed to learn what it is worth. Leave the column out of one table, or take settings "
                "that do not compare it."
            )


def check_all_seen(model: Model) -> None:
    """Every level was met in true pairs and in others. Raises TrainingError naming those that were not."""
    unseen = [f"{level.field}: {level.level.words}" for level in model.learnt if "never seen" in level.m_from + level.u_from]
    if unseen:
        raise TrainingError(
            f"No pair of the training reached these levels: {'; '.join(unseen)}. Nothing is known of them. Give more random pairs or "
            "persons, take the level out, or state 'never_seen: rare'."
        )


def _check_persons(model: Model, settings: LinkageSettings) -> None:
    """What was learnt is about persons, not about those who share a name, an address or a birthday."""
    for bound in settings.training.persons_not_households:
        of_kind = [learnt for learnt in model.of(bound.field) if learnt.level.is_ == bound.level]
        m = sum(learnt.m for learnt in of_kind)
        if of_kind and not bound.m_at_least <= m <= bound.m_at_most:
            raise TrainingError(
                f"The training has settled on something else than persons: in {m:.0%} of its true pairs {bound.field} is "
                f"{of_kind[0].level.words!r}. Expected: {bound.m_at_least:.0%} to {bound.m_at_most:.0%}. Households and twins look so. "
                "Take rules that members of one household do not fulfil, such as with the date of diagnosis (training: expectation_maximisation; "
                "docs/linkage.md has an example)."
            )
