"""Synthetic records: the same for the same seed, accepted by the reader, and as the content says they are.

Shares are held against what the content states within an error that follows from the number of records: a right program fails a
comparison once in a million times, and the seeds are fixed.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from statistics import NormalDist
from typing import Any

import pytest

from nelm.advice.findings import Status
from nelm.advice.statements import judge_statement
from nelm.advice.verdicts import Judge
from nelm.cohort.synthetic import simulate as module
from nelm.cohort.synthetic.conditions import World, certainly
from nelm.cohort.synthetic.content import claims_of, load_description
from nelm.cohort.synthetic.draws import Drawing
from nelm.cohort.synthetic.model import Anchor, Description, Distribution
from nelm.cohort.synthetic.simulate import Plain, Simulated, simulate, simulate_with_truth, write_records
from nelm.cohort.synthetic.types import types_of
from nelm.criteria import parse
from nelm.knowledge.base import Knowledge
from nelm.knowledge.evidence import Value
from nelm.patient.facts import Facts, facts_of
from nelm.patient.partial import understand_date
from nelm.patient.record import parse_record

SEED, FEW, MANY = 7, 300, 3000
CERTAINTY = 1 - 1e-6
END = date(2025, 12, 31)
PARTIAL_NUMBER = re.compile(r"(<=|>=|<|>)?\d+(\.\d+)?(-\d+(\.\d+)?)?")


@pytest.fixture(scope="module")
def description(knowledge: Knowledge, content: Path) -> Description:
    return load_description(knowledge, content)


@pytest.fixture(scope="module")
def made(description: Description, knowledge: Knowledge) -> list[Simulated]:
    return list(simulate_with_truth(description, knowledge, FEW, SEED))


@pytest.fixture(scope="module")
def truths(description: Description, knowledge: Knowledge) -> list[World]:
    return [simulated.truth for simulated in simulate_with_truth(description, knowledge, MANY, SEED)]


@pytest.fixture(scope="module")
def facts(made: list[Simulated], knowledge: Knowledge) -> list[Facts]:
    """Every record went through JSON text, the reader and the choice of facts."""
    return [facts_of(parse_record(json.dumps(one.record), one.record["id"], knowledge), knowledge) for one in made]


def error_of(share: float, n: int, comparisons: int = 1) -> float:
    """How far a share that is drawn `n` times may lie from what it should be."""
    z = NormalDist().inv_cdf(1 - (1 - CERTAINTY) / (2 * comparisons))
    return z * math.sqrt(max(share * (1 - share), 1 / n) / n) + 1 / n


# -- the same records again ---------------------------------------------------------------------------------


def test_few_records_are_the_first_of_many(description: Description, knowledge: Knowledge, made: list[Simulated]) -> None:
    assert list(simulate(description, knowledge, 20, SEED)) == [one.record for one in made[:20]]


def test_a_block_can_be_made_anywhere(description: Description, knowledge: Knowledge, made: list[Simulated]) -> None:
    assert list(simulate(description, knowledge, 5, SEED, first=101)) == [one.record for one in made[100:105]]


def test_another_seed_gives_other_records(description: Description, knowledge: Knowledge, made: list[Simulated]) -> None:
    others = list(simulate(description, knowledge, 20, SEED + 1))
    assert all(
        other | {"id": "", "reference": ""} != one.record | {"id": "", "reference": ""}
        for other, one in zip(others, made[:20], strict=True)
    )


@pytest.mark.parametrize(("patients", "seed", "first"), [(-1, 1, 1), (1, -1, 1), (1, 1, 0)])
def test_numbers_that_cannot_be(description: Description, knowledge: Knowledge, patients: int, seed: int, first: int) -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        simulate(description, knowledge, patients, seed, first=first)


# -- what a record is ---------------------------------------------------------------------------------------------


def test_every_record_is_accepted_and_says_that_it_is_synthetic(description: Description, facts: list[Facts]) -> None:
    assert [found.record.id for found in facts] == [f"SYN-{SEED}-{number}" for number in range(1, FEW + 1)]
    assert {found.record.kind for found in facts} == {"synthetic"}
    assert all(
        found.record.reference == f"synthetic-cohort {description.version}, seed {SEED}, record {n}"
        for n, found in enumerate(facts, start=1)
    )
    assert all(found.record.text("centre") in {f"C{n:02}" for n in range(1, 21)} for found in facts)


def test_most_records_say_that_their_treatments_are_complete(facts: list[Facts]) -> None:
    assert sum("treatment" in found.record.complete for found in facts) > FEW * 0.8


def test_dates_are_in_order(made: list[Simulated]) -> None:
    """Birth, diagnosis, everything that was done, the last contact, the end of the data; a partly known date may lie in order."""
    for one in made:
        truth, record = one.truth, one.record
        last = truth["last_seen"]
        assert truth["birth_date"] < truth["diagnosis_date"] <= truth["known_from"] < truth["care_date"]
        assert last <= END.toordinal()
        for entry in entries_of(record):
            for name in ("date", "last_contact_date", "death_date"):
                if name in entry:
                    days = understand_date(entry[name])
                    assert days.high.high >= truth["diagnosis_date"] - (14 if "liver_metastases_first_seen" in entry else 0)
                    assert days.low.low <= last
        deaths = [entry["death_date"] for entry in record["follow_up"] if "death_date" in entry]
        assert len(deaths) <= truth["died"]
        assert record["as_of"] == date.fromordinal(last).isoformat()


def entries_of(record: Plain) -> Iterator[Plain]:
    return (entry for value in record.values() if isinstance(value, list) for entry in value if isinstance(entry, dict))


def test_entries_stand_in_the_order_of_their_dates(made: list[Simulated]) -> None:
    for one in made:
        whole = [entry["date"] for entry in one.record.get("treatments", []) if len(entry.get("date", "")) == len("2024-03-12")]
        assert whole == sorted(whole)


def test_values_are_left_out_more_where_a_centre_documents_badly(description: Description, knowledge: Knowledge) -> None:
    known: Counter[str] = Counter()
    due: Counter[str] = Counter()
    for one in simulate_with_truth(description, knowledge, 900, SEED):
        due[one.truth["centre_kind"]] += 1
        known[one.truth["centre_kind"]] += "performance_status" in next(iter(one.record.get("function", [{}])))
    shares = {kind: known[kind] / due[kind] for kind in due}
    assert 1 > shares["reference"] > shares["regional"] > shares["small"] > 0


def test_some_values_are_known_in_part(made: list[Simulated]) -> None:
    written: dict[str, set[str]] = {}
    for entry in (entry for one in made for entry in [*entries_of(one.record), one.record["tumour"], one.record["patient"]]):
        for name, value in entry.items():
            if isinstance(value, str):
                written.setdefault(name, set()).add(value)
    for name in ("ki67_percent", "liver_metastases_count", "liver_tumour_burden_percent"):
        assert written[name]
        assert all(PARTIAL_NUMBER.fullmatch(value) for value in written[name]), written[name]
    assert {"<10", ">50"} & written["liver_tumour_burden_percent"]
    assert {len(value) for value in written["diagnosis_date"]} >= {len("2024-03"), len("2024-03-12")}
    assert written["grade_reported"] & {"G3", "grade 3", "G1/2", "G1-2", "G1/G2", "NET"}
    assert any("/" in value for value in written["performance_status"])


def test_few_records_contradict_themselves(facts: list[Facts], truths: list[World]) -> None:
    contradictory = [found for found in facts if any(item.severity == "contradiction" for item in found.contradictions)]
    assert 0 < len(contradictory) < FEW * 0.1
    slips = sum(truth["slip"] != "none" for truth in truths) / MANY
    assert abs(slips - 0.011) < error_of(0.011, MANY)


def test_some_are_not_treated_as_advised(truths: list[World]) -> None:
    treated = [truth for truth in truths if truth["metastatic"]]
    departed = sum(truth["care"] != truth["advised"] for truth in treated) / len(treated)
    margin = error_of(0.25, len(treated))
    assert 0.2 - margin < departed < 0.3 + margin


def test_one_in_ten_is_outside_the_documents(truths: list[World]) -> None:
    assert abs(sum(not truth["in_a_document"] for truth in truths) / MANY - 0.1) < error_of(0.1, MANY)


def test_statements_of_both_documents_apply_to_somebody(facts: list[Facts], knowledge: Knowledge) -> None:
    applied: Counter[str] = Counter()
    for found in facts:
        judge = Judge(knowledge, found)
        for name, guideline in knowledge.guidelines.items():
            scope = judge.scope(name)
            findings = (judge_statement(statement, knowledge, found, scope) for statement in guideline.statements)
            applied.update(finding.key for finding in findings if finding.status is Status.APPLIES)
    for guideline in knowledge.guidelines.values():
        conditional = [statement.key for statement in guideline.statements if statement.when or statement.unless]
        never = [key for key in conditional if not applied[key]]
        assert len(never) <= 0.4 * len(conditional), never


# -- as the content says ------------------------------------------------------------------------------------------


def all_distributions(description: Description) -> Iterator[Distribution]:
    """Every distribution of a description, those inside others included."""
    waiting: list[Distribution] = [*description.variables, *description.complete.values()]
    for rule in description.entries:
        waiting += [*rule.draws, *(given for given in (rule.happens, rule.date) if given is not None)]
    while waiting:
        given = waiting.pop()
        waiting += [part for part, _ in given.parts()]
        yield given


def test_every_claim_that_is_named_exists(description: Description, knowledge: Knowledge) -> None:
    named = {claim for given in all_distributions(description) for claim in given.claims}
    named |= {claim for rule in description.entries for claim in rule.claims} | {anchor.claim for anchor in description.anchors}
    assert len(named) >= 60
    assert named <= set(claims_of(knowledge))


def test_choices_and_chances_come_out_as_stated(description: Description, knowledge: Knowledge) -> None:
    drawing = Drawing(Random(SEED), types_of(description, knowledge))
    choices = [given for given in all_distributions(description) if given.choice or isinstance(given.chance, float)]
    n, comparisons = 1000, sum(len(given.choice or "1") for given in choices)
    for given in choices:
        draw = drawing.draw(given)
        drawn = Counter(draw({}) for _ in range(n))
        weights: dict[Any, float] = dict(given.choice or {True: given.chance, False: 1 - float(given.chance or 0)})
        for value, weight in weights.items():
            share = weight / sum(weights.values())
            assert abs(drawn[value] / n - share) <= error_of(share, n, comparisons), (value, given)
        assert set(drawn) <= set(weights)


def test_centres_and_sexes_come_out_as_stated(description: Description, truths: list[World]) -> None:
    for name in ("centre", "sex"):
        variable = next(variable for variable in description.variables if variable.name == name)
        assert variable.choice is not None
        drawn = Counter(truth[name] for truth in truths)
        for code, weight in variable.choice.items():
            share = weight / sum(variable.choice.values())
            assert abs(drawn[code] / MANY - share) <= error_of(share, MANY, len(variable.choice)), code


def test_the_cohort_shows_the_published_shares(description: Description, knowledge: Knowledge, truths: list[World]) -> None:
    types, claims = types_of(description, knowledge), claims_of(knowledge)
    missed = []
    for anchor in description.anchors:
        among, holds = (certainly(parse(text), types) for text in (anchor.among, anchor.share))
        counted = [truth for truth in truths if among(truth)]
        share = sum(map(holds, counted)) / len(counted)
        low, high = printed(claims[anchor.claim].values[anchor.value], anchor)
        low, high = (end + sign * error_of(end, len(counted), len(description.anchors)) for end, sign in ((low, -1), (high, 1)))
        if not low <= share <= high:
            missed.append(f"{anchor.claim}: {share:.1%} of {len(counted)}, printed {low:.1%} to {high:.1%} (with the error of chance)")
    assert missed == []


def printed(value: Value, anchor: Anchor) -> tuple[float, float]:
    """The share that a finding allows, between 0 and 1."""
    low, high = value.ends or (0.0, 100.0)
    match value.limit:
        case ("below" | "at_most", number):
            high = number
        case ("above" | "at_least", number):
            low = number
    return max(low - anchor.within, 0) / 100, min(high + anchor.within, 100) / 100


# -- files ----------------------------------------------------------------------------------------------------------


def test_the_file_holds_the_records(description: Description, knowledge: Knowledge, made: list[Simulated], tmp_path: Path) -> None:
    heard: list[int] = []
    write_records(description, knowledge, tmp_path / "records.jsonl", 25, SEED, progress=heard.append)
    lines = (tmp_path / "records.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [one.record for one in made[:25]]
    assert heard == [25]
    assert [path.name for path in tmp_path.iterdir()] == ["records.jsonl"]


def test_the_file_is_the_same_for_any_number_of_workers(
    description: Description, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", 4)
    heard: list[int] = []
    write_records(description, knowledge, tmp_path / "one.jsonl", 30, SEED)
    write_records(description, knowledge, tmp_path / "two.jsonl", 30, SEED, workers=2, progress=heard.append)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert heard == [4, 8, 12, 16, 20, 24, 28, 30]


def test_nothing_is_left_of_a_file_that_was_not_finished(description: Description, knowledge: Knowledge, tmp_path: Path) -> None:
    def stop(written: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_records(description, knowledge, tmp_path / "records.jsonl", 5, SEED, progress=stop)
    with pytest.raises(ValueError, match="cannot be negative"):
        write_records(description, knowledge, tmp_path / "records.jsonl", -5, SEED)
    assert list(tmp_path.iterdir()) == []


def test_what_a_worker_does(description: Description, knowledge: Knowledge, made: list[Simulated], monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, where a debugger can follow it."""
    monkeypatch.setattr(module, "_WORKER", [])
    module._start(description, knowledge)
    assert [json.loads(line) for line in module._lines_in_worker((SEED, 3, 2)).splitlines()] == [one.record for one in made[2:4]]


# -- the page that explains it ------------------------------------------------------------------------------------------


def test_the_page_names_every_variable_that_states_numbers(description: Description, root: Path, knowledge: Knowledge) -> None:
    page = (root / "docs" / "synthetic-cohort.md").read_text(encoding="utf-8")
    stating = [variable.name for variable in description.variables if any(part.is_grounded for part in (variable, *inner(variable)))]
    assert [name for name in stating if f"`{name}`" not in page] == []
    assert f"all {len(description.anchors)} against" in page
    assert set(re.findall(r"p?nelm-20\d\d/[A-Z0-9.]+\d", page)) <= set(claims_of(knowledge))


def inner(given: Distribution) -> Iterator[Distribution]:
    for part, _ in given.parts():
        yield part
        yield from inner(part)
