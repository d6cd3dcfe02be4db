"""Who is counted from when to when: against the records themselves, read by this test alone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nelm.knowledge.base import Knowledge
from nelm.registry.annual.persons import Patients, age_groups, days_followed, ended, followed_up, patients_of
from nelm.registry.annual.plan import AnnualPlan, read_plan
from nelm.registry.freeze.open import Freeze
from nelm.registry.freeze.write import Wanted, write_freeze
from nelm.registry.settings import read_settings

CLOSING = date(2025, 12, 31)
Day = date | None


@pytest.fixture(scope="module")
def plan(knowledge: Knowledge) -> AnnualPlan:
    return read_plan(knowledge)


@pytest.fixture(scope="module")
def patients(freeze: Freeze, plan: AnnualPlan) -> Patients:
    return patients_of(freeze, plan)


def day(text: str | None) -> Day:
    """A day, the middle of a month, or nothing."""
    match (text or "").split("-"):
        case [year, month, day_]:
            return date(int(year), int(month), int(day_))
        case [year, month]:
            last = date(int(year) + (month == "12"), int(month) % 12 + 1, 1).toordinal() - 1
            first = date(int(year), int(month), 1).toordinal()
            return date.fromordinal(first + (last - first) // 2)
        case _:
            return None


def first_in(entries: list[dict[str, Any]], name: str) -> set[str]:
    return {entry[name] for entry in entries if isinstance(entry.get(name), str) and len(entry[name]) >= 7}


def test_dates_are_those_of_the_records(records: Path, patients: Patients) -> None:
    """Where a record holds one date of a kind, and a plain one, it is the one that is counted."""
    compared = 0
    rows = {row["patient"]: row for row in patients.frame.iter_rows(named=True)}
    for line in records.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["id"] not in rows:
            continue
        row = rows[record["id"]]
        seen = first_in(record.get("liver", []), "liver_metastases_first_seen")
        died = first_in(record.get("follow_up", []), "death_date")
        assert row["birth_date"] == day(record["patient"].get("birth_date"))
        for name, found in (("metastases", seen), ("death", died)):
            if len(found) == 1:
                assert row[name] == day(*found)
                compared += 1
    assert compared > 200


def test_only_eligible_patients_are_counted(freeze: Freeze, patients: Patients) -> None:
    entry = freeze.table("entry")
    assert set(patients.frame["patient"]) == set(entry.filter(pl.col("decision") == "eligible")["patient"])
    assert 0 < len(patients) < entry.height


def test_follow_up_ends_on_the_closing_day_at_the_latest(patients: Patients) -> None:
    assert patients.followed["end"].max() <= CLOSING  # type: ignore[operator]
    assert patients.followed.filter(pl.col("dead") & (pl.col("end") != pl.col("death"))).is_empty()
    assert (days_followed(patients.followed) >= 0).all()


def test_everybody_is_followed_or_left_out_for_a_reason(patients: Patients) -> None:
    assert patients.followed.height + sum(left.patients for left in patients.not_followed) == len(patients)


def test_groups_are_words_of_the_dictionary(patients: Patients, plan: AnnualPlan) -> None:
    assert tuple(patients.groups) == plan.survival.by
    for name, words in patients.groups.items():
        assert set(patients.frame[name]) <= set(words)
        assert words[-1] == "not known"
    assert patients.frame["grade"].n_unique() == 4


def test_a_life_table_needs_age_and_sex(patients: Patients) -> None:
    found = followed_up(patients.with_life_table)
    assert len(found) == patients.with_life_table.height <= patients.followed.height
    assert found.persons.age_days.min() >= 0


@pytest.mark.parametrize(
    ("death", "last_contact", "end", "dead"),
    [
        (None, None, None, False),  # never the closing day: nobody knows whether the patient lived until then
        (None, date(2020, 5, 1), date(2020, 5, 1), False),
        (None, date(2026, 5, 1), CLOSING, False),
        (date(2020, 5, 1), date(2020, 4, 1), date(2020, 5, 1), True),
        (date(2020, 5, 1), None, date(2020, 5, 1), True),
        (CLOSING, None, CLOSING, True),
        (date(2026, 1, 1), date(2025, 1, 1), CLOSING, False),
    ],
)
def test_how_follow_up_ends(death: Day, last_contact: Day, end: Day, dead: bool) -> None:
    frame = pl.DataFrame({"death": [death], "last_contact": [last_contact]}, schema={"death": pl.Date, "last_contact": pl.Date})
    (row,) = ended(frame, CLOSING).iter_rows(named=True)
    assert (row["end"], row["dead"]) == (end, dead)


def test_why_patients_cannot_be_followed() -> None:
    """A row for each reason, and one that is fine."""
    seen, died, contact = date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)
    rows: list[tuple[str, Day, Day, Day, bool, bool, str | None]] = [
        ("fine", seen, None, contact, True, False, None),
        ("unseen", None, None, contact, True, False, "metastases were first seen is not known"),
        ("undead", seen, died, contact, True, False, "recorded as alive, with a date of death"),
        ("undated", seen, None, contact, False, True, "dead, and the date of death is not known"),
        ("unheard", seen, None, None, False, False, "neither a last contact nor a date of death"),
        ("before", contact, died, None, False, True, "lies before the metastases were first seen"),
        ("early", date(1999, 12, 31), None, contact, True, False, "before registration began"),
    ]
    frame = pl.DataFrame(
        [(name, s, d, c, alive, dead, d or c) for name, s, d, c, alive, dead, _ in rows],
        schema=["patient", "metastases", "death", "last_contact", "alive", "recorded_dead", "end"],
        orient="row",
    )
    found = Patients(frame, {}, {}, CLOSING, date(2000, 1, 1))
    for reason, row in zip(found.reasons, rows, strict=True):
        assert (reason is None) if row[-1] is None else (row[-1] in reason)
    assert found.followed["patient"].to_list() == ["fine"]
    assert sum(left.patients for left in found.not_followed) == 6


def test_age_groups() -> None:
    days = pl.Series([14.9, 15.0, 44.9, 75.0, 101.0]) * 365.241
    assert age_groups(days, (15, 45, 75), ("15-44", "45-74", "75+")).to_list() == [None, "15-44", "15-44", "75+", "75+"]


def test_whoever_is_seen_after_the_closing_day_was_alive_on_it(
    tmp_path: Path, records: Path, knowledge: Knowledge, plan: AnnualPlan
) -> None:
    """The same records, closed ten years earlier: nobody who is seen or dies later is lost."""
    for name in ("population.csv", "life_table.csv"):
        (tmp_path / name).write_bytes((records.parent / name).read_bytes())
    text = (records.parent / "registry.yaml").read_text(encoding="utf-8").replace("2025-12-31", "2015-12-31")
    (tmp_path / "registry.yaml").write_text(text, encoding="utf-8")
    lines = records.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "records.jsonl").write_text("".join(lines[:150]), encoding="utf-8")
    made = write_freeze(tmp_path / "records.jsonl", tmp_path / "freeze", knowledge, read_settings(tmp_path / "registry.yaml"), Wanted())
    found = patients_of(made, plan).followed
    closing = date(2015, 12, 31)
    later = found.filter((pl.col("death") > closing) | (pl.col("last_contact") > closing))
    assert later.height > 10
    assert set(later["end"]) == {closing}
    assert not later["dead"].any()
    assert found.filter(pl.col("death") <= closing)["dead"].all()
