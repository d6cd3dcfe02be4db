"""Who enters the registry: the criteria of the content case by case, columns against the reference, and every mistake in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pytest

from nelm.cohort.facts_table import Layout
from nelm.criteria import Codes, Span, Spans, Truth, Value
from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from nelm.patient.facts import facts_of
from nelm.patient.record import parse_record
from nelm.registry.entry.content import FILE, EntryCriteria, UnknownInterval, load_entry
from nelm.registry.entry.decisions import DECISIONS, SCHEMA, EntryDecision, EntryTable, decision_on, entry_decision, entry_decisions
from tests.cohort.patients import facts_frame, random_patients

YES, NO = Truth.TRUE, Truth.FALSE


def days(first: str, last: str | None = None) -> Spans:
    return Spans.of([Span(date.fromisoformat(first).toordinal(), date.fromisoformat(last or first).toordinal())], integral=True)


GOOD: dict[str, Value] = {
    "liver_metastases_ever": YES,
    "tumour_entity": Codes.of("net"),
    "basis_of_diagnosis": Codes.of("histology_primary"),
    "liver_metastases_first_seen": days("2020-05-01"),
    "diagnosis_date": days("2020-05-01"),
    "registry_consent": Codes.of("given"),
    "primary_site": Codes.of("ileum"),
}


@pytest.fixture(scope="module")
def entry(knowledge: Knowledge, content: Path) -> EntryCriteria:
    return load_entry(knowledge, content)


def decided(entry: EntryCriteria, **changes: Value | None) -> EntryDecision:
    """The decision on the good patient with changes, the same by both ways; None takes a fact away."""
    values = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    found = decision_on("P1", "C01", values, entry)
    layout = Layout(entry.model)
    row = {"patient": "P1", "centre": "C01", **layout.row(values)}
    assert entry_decisions([layout.frame([row])], entry).row(0, named=True) == {
        name: list(value) if isinstance(value, tuple) else value for name, value in vars(found).items()
    }
    return found


@pytest.mark.parametrize(
    ("changes", "decision", "reasons", "missing"),
    [
        ({}, "eligible", [], []),
        ({"liver_metastases_ever": NO}, "undetermined", [], ["liver_metastases_present"]),
        ({"liver_metastases_ever": NO, "liver_metastases_present": NO}, "not_eligible", ["liver_metastases"], []),
        ({"liver_metastases_ever": None, "liver_metastases_present": YES}, "eligible", [], []),
        ({"tumour_entity": Codes.of("nec")}, "eligible", [], []),
        ({"tumour_entity": Codes.of("net", "nec")}, "eligible", [], []),
        ({"tumour_entity": Codes.of("minen")}, "not_eligible", ["neuroendocrine"], []),
        ({"tumour_entity": Codes.of("net", "minen")}, "undetermined", [], ["tumour_entity"]),
        ({"basis_of_diagnosis": Codes.of("cytology")}, "eligible", [], []),
        ({"basis_of_diagnosis": Codes.of("clinical"), "tissue_shows_disease": NO}, "not_eligible", ["confirmed_by_microscopy"], []),
        ({"basis_of_diagnosis": Codes.of("clinical"), "tissue_shows_disease": YES}, "eligible", [], []),
        ({"basis_of_diagnosis": Codes.of("clinical")}, "undetermined", [], ["tissue_shows_disease"]),
        ({"liver_metastases_first_seen": days("1999-12-31")}, "not_eligible", ["within_the_years"], []),
        ({"liver_metastases_first_seen": days("2000-01-01")}, "eligible", [], []),
        ({"liver_metastases_first_seen": days("1999-12-01", "2000-01-31")}, "undetermined", [], ["liver_metastases_first_seen"]),
        ({"registry_consent": Codes.of("not_required")}, "eligible", [], []),
        ({"registry_consent": Codes.of("refused")}, "not_eligible", ["consent"], []),
        ({"registry_consent": Codes.of("withdrawn")}, "not_eligible", ["consent"], []),
        ({"registry_consent": None}, "undetermined", [], ["registry_consent"]),
        ({"primary_site": Codes.of("liver"), "primary_status": Codes.of("in_situ")}, "not_eligible", ["primary_in_the_liver"], []),
        ({"primary_site": None, "primary_status": Codes.of("not_found")}, "eligible", [], []),
        (
            {"basis_of_diagnosis": Codes.of("death_certificate_only"), "tissue_shows_disease": NO},
            "not_eligible",
            ["confirmed_by_microscopy", "death_certificate_only"],
            [],
        ),
        ({"registry_consent": Codes.of("refused"), "tumour_entity": None}, "not_eligible", ["consent"], []),
    ],
)
def test_each_criterion(
    entry: EntryCriteria, changes: Mapping[str, Value | None], decision: str, reasons: list[str], missing: list[str]
) -> None:
    found = decided(entry, **changes)
    assert (found.decision, list(found.reasons), list(found.missing)) == (decision, reasons, missing)


@pytest.mark.parametrize(
    ("diagnosis", "seen", "entered", "at_diagnosis", "three_months", "six_months"),
    [
        ("2020-01-01", "2020-01-01", None, "synchronous", "synchronous", "synchronous"),
        ("2020-01-01", "2019-12-01", None, "synchronous", "synchronous", "synchronous"),
        ("2020-01-01", "2020-01-02", None, "metachronous", "synchronous", "synchronous"),
        ("2020-01-01", "2020-04-02", None, "metachronous", "synchronous", "synchronous"),  # 92 days
        ("2020-01-01", "2020-04-03", None, "metachronous", "metachronous", "synchronous"),
        ("2020-01-01", "2020-07-02", None, "metachronous", "metachronous", "synchronous"),  # 183 days
        ("2020-01-01", "2020-07-03", "synchronous", "metachronous", "metachronous", "metachronous"),
        (None, "2020-07-03", "synchronous", "synchronous", "synchronous", "synchronous"),
        (None, "2020-07-03", None, "undetermined", "undetermined", "undetermined"),
    ],
)
def test_timing_by_interval(
    entry: EntryCriteria, diagnosis: str | None, seen: str, entered: str | None, at_diagnosis: str, three_months: str, six_months: str
) -> None:
    values = {
        "diagnosis_date": None if diagnosis is None else days(diagnosis),
        "liver_metastases_first_seen": days(seen),
        "metastasis_timing": None if entered is None else Codes.of(entered),
    }
    found = [decided(entry.with_interval(name), **values).timing for name in ("at_diagnosis", "three_months", "six_months")]
    assert found == [at_diagnosis, three_months, six_months]
    assert entry.timing.interval == "six_months"


def test_a_month_without_its_day_leaves_the_timing_to_what_was_entered(entry: EntryCriteria) -> None:
    seen = days("2020-07-01", "2020-07-31")
    assert decided(entry, diagnosis_date=days("2020-01-01"), liver_metastases_first_seen=seen).timing == "undetermined"
    both = decided(
        entry,
        diagnosis_date=days("2020-01-01"),
        liver_metastases_first_seen=seen,
        metastasis_timing=Codes.of("synchronous", "metachronous"),
    )
    assert both.timing == "undetermined"
    assert (
        decided(
            entry, diagnosis_date=days("2020-01-01"), liver_metastases_first_seen=seen, metastasis_timing=Codes.of("metachronous")
        ).timing
        == "metachronous"
    )


@pytest.mark.parametrize(
    ("seen", "timing"),
    [("2020-07-02", "synchronous"), ("2020-07-15", "undetermined"), ("2020-08-01", "undetermined"), ("2020-08-02", "metachronous")],
)
def test_a_diagnosis_known_by_its_month(entry: EntryCriteria, seen: str, timing: str) -> None:
    january = days("2020-01-01", "2020-01-31")  # 183 days later: from 2 July to 1 August
    assert decided(entry, diagnosis_date=january, liver_metastases_first_seen=days(seen)).timing == timing


def test_required_items(entry: EntryCriteria) -> None:
    alive, dead = {"vital_status": Codes.of("alive")}, {"vital_status": Codes.of("dead")}
    assert "last_contact_date" in decided(entry, **alive).incomplete
    assert "death_date" not in decided(entry, **alive).incomplete
    assert "death_date" in decided(entry, **dead).incomplete
    assert "last_contact_date" not in decided(entry, **dead).incomplete
    assert "primary_site" in decided(entry, primary_site=None).incomplete
    assert "primary_site" not in decided(entry, primary_site=None, primary_status=Codes.of("not_found")).incomplete
    assert decided(entry).incomplete[0] != "centre"
    assert decision_on("P1", None, GOOD, entry).incomplete[0] == "centre"


def test_a_record(entry: EntryCriteria, knowledge: Knowledge) -> None:
    text = """
id: P7
patient: {sex: female, centre: C03}
tumour: {diagnosis_date: 2021-02-03, primary_site: ileum, tumour_entity: net, basis_of_diagnosis: "7"}
liver:
  - {date: 2021-02-10, liver_metastases_present: true, liver_metastases_first_seen: 2021-02-01}
"""
    found = entry_decision(facts_of(parse_record(text, "p7.yaml", knowledge), knowledge), entry)
    assert (found.patient, found.centre, found.decision, found.missing) == ("P7", "C03", "undetermined", ("registry_consent",))
    assert found.timing == "synchronous"
    assert found.incomplete == (
        "birth_date", "registry_source", "registry_consent", "governing_who_class", "vital_status", "last_contact_date", "first_malignancy_ever",
    )  # fmt: skip


def test_every_reason_has_a_label(entry: EntryCriteria) -> None:
    assert set(entry.label_of) == set(entry.conditions)
    assert all(entry.label_of.values())


# -- columns against the reference ----------------------------------------------------------------------------


FAILING: list[dict[str, Value]] = [
    {"tumour_entity": Codes.of("minen")},
    {"basis_of_diagnosis": Codes.of("death_certificate_only"), "tissue_shows_disease": NO},
    {"liver_metastases_first_seen": days("1990-01-01", "1990-12-31")},
    {"primary_site": Codes.of("liver"), "primary_status": Codes.of("resected")},
    {"liver_metastases_ever": NO, "liver_metastases_present": NO},
    {"registry_consent": Codes.of("withdrawn")},
]


def entering(knowledge: Knowledge, n: int, seed: int) -> list[dict[str, Value]]:
    """Generated patients, most of whom fail at one criterion or none, so that every decision occurs."""
    random = Random(seed)
    made = random_patients(knowledge, n, seed)
    for values in made:
        for name, value in GOOD.items():
            if random.random() < 0.85:
                values[name] = value
        if random.random() < 0.3:
            values.pop(random.choice(list(GOOD)), None)
        if random.random() < 0.3:
            values.update(random.choice(FAILING))
    return made


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_columns_say_what_the_reference_says(entry: EntryCriteria, knowledge: Knowledge, seed: int) -> None:
    people = entering(knowledge, 400, seed)
    frame = facts_frame(knowledge, people, centre=["A", None, "B"])
    found = entry_decisions([frame.slice(0, 150), frame.slice(150)], entry)
    expected = [decision_on(f"P{number}", ["A", None, "B"][number % 3], values, entry) for number, values in enumerate(people)]
    assert found.schema == pl.Schema(SCHEMA)
    for row, reference in zip(found.iter_rows(named=True), expected, strict=True):
        exact = {name: row[name] for name in SCHEMA if name != "missing"}
        assert exact == {name: list(value) if isinstance(value := getattr(reference, name), tuple) else value for name in exact}, (
            f"seed {seed}: {row['patient']}"
        )
        assert set(row["missing"]) >= set(reference.missing)
        assert bool(row["missing"]) == (row["decision"] == "undetermined")
    assert set(found["decision"].unique()) == set(DECISIONS)
    assert set(found["timing"].unique()) == {"synchronous", "metachronous", "undetermined"}
    assert set(found["reasons"].explode(empty_as_null=True, keep_nulls=True).drop_nulls()) == set(entry.conditions)


def test_only_the_columns_that_are_named_are_read(entry: EntryCriteria, knowledge: Knowledge) -> None:
    frame = facts_frame(knowledge, entering(knowledge, 50, 9), centre=["A"])
    deciding = EntryTable(entry)
    assert deciding.run(frame.select(deciding.columns)).equals(deciding.run(frame))
    assert len(deciding.columns) == len(set(deciding.columns)) < 60


def test_no_block_gives_no_row(entry: EntryCriteria) -> None:
    assert entry_decisions([], entry).schema == pl.Schema(SCHEMA)


# -- the file ---------------------------------------------------------------------------------------------------


def test_the_criteria_name_their_version_and_the_file_they_were_read_from(entry: EntryCriteria, content: Path) -> None:
    assert (entry.id, entry.version) == ("nelm-registry-entry", "1.0.0")
    assert entry.digest == hashlib.sha256((content / FILE).read_bytes()).hexdigest()


def test_an_interval_that_is_not_known(entry: EntryCriteria) -> None:
    with pytest.raises(UnknownInterval) as raised:
        entry.with_interval("six_month")
    assert str(raised.value) == (
        "The interval 'six_month' is not known. Did you mean 'six_months'? Permitted: at_diagnosis, three_months, six_months."
    )


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("'net', 'nec' }", "'net', 'nek' }", "content/registry/entry.yaml:15:36: The code 'nek' is not permitted here."),
        ('date: "2026-11-21"', 'date: "21.11.2026"', "content/registry/entry.yaml:5:1: Found '21.11.2026' where a date (2026-11-21) is expected."),
        ("name: consent", "name: neuroendocrine", "The name 'neuroendocrine' is given twice. Give each criterion its own."),
        ("{item: sex}", "{item: sexx}", "'sexx' is not a fact that a facts table holds. Did you mean 'sex'?"),
        ("interval: six_months", "interval: six_month", "The interval 'six_month' is not among the intervals. Did you mean 'six_months'?"),
        ("to: liver_metastases_first_seen", "to: liver_metastases_count", "'liver_metastases_count' is not a date of the dictionary."),
        ("within: synchronous", "within: synchronus", "'synchronus' is not a code of 'metastasis_timing'. Did you mean 'synchronous'?"),
        ("entered: metastasis_timing", "entered: sporadic", "'synchronous' is not a code of 'sporadic'."),
        ("    assumed: Older records", "    note: Older records", "The field 'note' is not known here."),
        (
            "    assumed: Older records hold neither the grade nor the imaging that the questions of the registry rest on.\n",
            "",
            "'within_the_years' needs a 'source', 'outside', or 'assumed' with the reason.",
        ),
        ("  assumed: Neither document prints an interval", "  # assumed: ", "The timing needs a 'source', 'outside', or 'assumed' with the reason."),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong(content: Path, knowledge: Knowledge, tmp_path: Path, before: str, after: str, message: str) -> None:
    text = (content / FILE).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        load_entry(knowledge, tmp_path)
    assert message in str(raised.value)


def test_a_registry_without_criteria(content: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    text = (content / FILE).read_text(encoding="utf-8")
    start, end = text.index("include:"), text.index("exclude:")
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text[:start] + "include: []\n\n" + text[end:], encoding="utf-8")
    with pytest.raises(ContentError, match="No criterion is given"):
        load_entry(knowledge, tmp_path)
