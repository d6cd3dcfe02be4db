"""Records as tables of their entries: written and read again, values of any kind, and what is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nelm.cohort.records import entity_tables, write_entity_tables
from nelm.cohort.records.entity_tables import entity_tables_in
from nelm.cohort.records.sources import SourceError
from nelm.cohort.tables import OutputError
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import facts_of
from nelm.patient.record import Record
from tests.cohort.records import worked_cases
from tests.patient.world import record_of

write = write_entity_tables.write_entity_tables


def tables(folder: Path, **frames: dict[str, Any] | pl.DataFrame) -> Path:
    """A folder with these tables."""
    folder.mkdir(exist_ok=True)
    for key, frame in frames.items():
        pl.DataFrame(frame).write_parquet(folder / f"{key}.parquet")
    return folder


def read(folder: Path, knowledge: Knowledge) -> list[Record]:
    """All records, which have to be right."""
    found = [item for block in entity_tables_in(folder, knowledge).blocks() for item in block.read(knowledge)]
    assert [problem for item in found for problem in item.problems] == []
    assert [item.number for item in found] == list(range(len(found)))
    return [item.record for item in found if item.record is not None]


def problems(folder: Path, knowledge: Knowledge) -> list[str]:
    blocks = entity_tables_in(folder, knowledge).blocks()
    found = [str(problem) for block in blocks for item in block.read(knowledge) for problem in item.problems]
    return [text.replace(f"{folder}/", "") for text in found]


def refused(folder: Path, knowledge: Knowledge) -> str:
    with pytest.raises(SourceError) as error:
        list(entity_tables_in(folder, knowledge).blocks())
    return str(error.value).replace(f"{folder}/", "")


# -- there and back ----------------------------------------------------------------------------------


def test_the_worked_cases_there_and_back(content: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    cases = sorted(worked_cases(content, knowledge), key=lambda record: record.id)
    rows = write(cases, tmp_path / "tables", knowledge)
    again = read(tmp_path / "tables", knowledge)
    assert rows["records"] == len(cases) == len(again)
    for before, after in zip(cases, again, strict=True):
        assert (before.id, before.kind, before.title, before.complete) == (after.id, after.kind, after.title, after.complete)
        assert sorted(entry.name for entry in before.entries) == sorted(entry.name for entry in after.entries)
        first, second = facts_of(before, knowledge), facts_of(after, knowledge)
        assert (first.as_of, first.values, first.contradicted()) == (second.as_of, second.values, second.contradicted())


def test_what_is_hard_to_write(harbour: Knowledge, tmp_path: Path) -> None:
    """Blank entries keep their numbers, one of which nothing is known stays one, and lists of codes are codes."""
    text = """
        id: a
        as_of: 2024-03
        complete: [voyages]
        boat: {hull: [wood, steel], length_m: "12-15", boat_name: "1.10"}
        surveys: [null, {holes: unknown}, {date: "<2020", condition: "not: poor", leaks: true, source: yard}]
        voyages: [{ports: [Leith, 0012, {name: Hull, country: 3}], goods: coal, speed: 1 m/s}, {note: lost}]
    """
    before = record_of(text.replace("1 m/s", "7"), harbour)
    assert write([before], tmp_path / "tables", harbour) == {"records": 1, "boat": 1, "surveys": 3, "voyages": 2}
    (after,) = read(tmp_path / "tables", harbour)
    assert [entry.name for entry in after.entries] == ["boat 1", "surveys 2", "surveys 3", "voyages 1", "voyages 2"]
    for old, new in zip(before.entries, after.entries, strict=True):
        assert (old.values, old.date, old.source, old.note) == (new.values, new.date, new.source, new.note)
    assert (after.as_of, after.complete) == (before.as_of, before.complete)


def test_written_in_parts(harbour: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_entity_tables, "BLOCK_ROWS", 2)
    monkeypatch.setattr("nelm.cohort.records.parts.PART_ROWS", 3)
    records = [record_of(f"id: b{number:02}\nboat: {{length_m: {number}}}", harbour) for number in range(1, 12)]
    write(records, tmp_path / "tables", harbour)
    assert [record.id for record in read(tmp_path / "tables", harbour)] == [record.id for record in records]
    assert sorted(file.name for file in (tmp_path / "tables").iterdir()) == ["boat.parquet", "records.parquet"]
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_tables_take_the_place_of_tables_and_of_nothing_else(harbour: Knowledge, tmp_path: Path) -> None:
    first, second = record_of("id: a\nvoyages: {crew: 1}", harbour), record_of("id: b\nboat: {hull: wood}", harbour)
    write([first], tmp_path / "tables", harbour)
    write([second], tmp_path / "tables", harbour)
    assert [record.id for record in read(tmp_path / "tables", harbour)] == ["b"]
    (tmp_path / "tables" / "thesis.docx").touch()
    with pytest.raises(OutputError, match="there is something else than entity tables, which would be lost"):
        write([first], tmp_path / "tables", harbour)
    assert (tmp_path / "tables" / "thesis.docx").exists()


# -- values of any kind --------------------------------------------------------------------------------


def test_values_as_programs_hold_them(harbour: Knowledge, tmp_path: Path) -> None:
    boat = pl.DataFrame(
        {
            "patient": pl.Series([20, 3], dtype=pl.UInt16),
            "hull": pl.Series(["wood", "steel"], dtype=pl.Categorical()),
            "length_m": pl.Series([Decimal("12.50"), None]),
            "launched": [date(2001, 2, 3), None],
            "seaworthy": [True, None],
            "boat_name": [None, "Ann"],
            "insured": pl.Series([None, None], dtype=pl.Null),
            "age_years": pl.Series([21.0, 2.5], dtype=pl.Float32),
        }
    )
    voyages = {
        "patient": ["3", "20", "3"],
        "crew": [5, 6, 7],
        "ports": [["Leith"], None, ["Hull", "Leith"]],
        "date": ["2020", None, "2021-03"],
    }
    records = pl.DataFrame({"patient": ["3"], "as_of": [date(2021, 1, 1)], "complete": [["voyages"]], "kind": ["synthetic"]})
    found = read(tables(tmp_path / "tables", boat=boat, voyages=voyages, records=records), harbour)
    assert [record.id for record in found] == ["20", "3"]
    twenty, three = found
    expected = record_of(
        "boat: {hull: wood, length_m: 12.5, launched: 2001-02-03, seaworthy: true, age_years: 21}\nvoyages: {crew: 6}", harbour
    )
    assert [entry.values for entry in twenty.entries] == [entry.values for entry in expected.entries]
    assert (three.as_of_written, three.complete, three.kind) == ("2021-01-01", {"voyage"}, "synthetic")
    assert [(entry.name, entry.date_written, dict(entry.written)) for entry in three.of("voyage")] == [
        ("voyages 1", "2020", {"crew": "5", "ports": "Leith"}),
        ("voyages 2", "2021-03", {"crew": "7", "ports": "Hull, Leith"}),
    ]


def test_many_patients_in_pieces(harbour: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a patient keep their order, wherever in the table they stand."""
    monkeypatch.setattr(entity_tables, "PIECE_PATIENTS", 5)
    monkeypatch.setattr(entity_tables, "BLOCK_RECORDS", 2)
    ids = [f"b{number:02}" for number in range(13)]
    turned = [ids[number * 5 % 13] for number in range(13)]
    folder = tables(tmp_path / "tables", voyages={"patient": [*turned, *reversed(turned)], "crew": [*range(1, 14), *range(113, 100, -1)]})
    found = read(folder, harbour)
    assert [record.id for record in found] == ids
    crew = {record.id: [entry.written["crew"] for entry in record.entries] for record in found}
    assert crew == {patient: [str(number), str(number + 100)] for number, patient in enumerate(turned, start=1)}
    opened = entity_tables_in(folder, harbour)
    assert (opened.total, opened.place(2)) == (13, f"{folder}: patient b02")


# -- what is wrong ---------------------------------------------------------------------------------------


def test_mistakes_with_their_rows(harbour: Knowledge, tmp_path: Path) -> None:
    folder = tables(
        tmp_path / "tables",
        boat={"patient": ["a", "b", "b"], "length_m": ["900", "3", "4"]},
        voyages={"patient": ["c", "a", "c"], "crew": [1, 2, 0]},
        records={"patient": ["d", "c"], "as_of": ["2020", "yesterday"]},
    )
    assert problems(folder, harbour) == [
        "boat.parquet:1:1: length_m: Found 900 m. Permitted: more than 0 and at most 400 m. Correct it, or leave it out if it is not known.",
        "boat.parquet:2:1: boat: Boat is one entry, not a list of 2. Keep one.",
        "records.parquet:2:1: as_of: Found 'yesterday'. Permitted: a date as year-month-day (2024-03-12), 2024-03, or 2024.",
        "voyages.parquet:3:1: crew: Found 0. Permitted: at least 1. Correct it, or leave it out if it is not known.",
        f"{folder}:1:1: The record says nothing about the patient yet. Fill in at least one field; 'nelm case new' writes a template.",
    ]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (
            {"voyage": {"patient": ["a"]}},
            "voyage.parquet: no list of the record is called 'voyage'. Did you mean 'voyages'? "
            "Permitted names of tables: boat, surveys, voyages, records. Rename the file, or take it out of the folder.",
        ),
        ({"voyages": {"crew": [3]}}, "voyages.parquet: the column 'patient' is missing. Every row needs the id of its patient."),
        (
            {"voyages": {"patient": ["a"], "hull": ["wood"]}},
            "voyages.parquet: the column 'hull' is not known in voyages.parquet. Permitted: patient, voyage_kind, class_given, speed, "
            "crew, ports, goods, date, source, note. Rename it, or leave it out.",
        ),
        (
            {"records": {"patient": ["a"], "id": ["a"]}},
            "records.parquet: the column 'id' is not known in records.parquet. Did you mean 'kind'? Permitted: patient, nelm, title, kind, reference, note, "
            "as_of, complete. Rename it, or leave it out.",
        ),
        (
            {"voyages": {"patient": ["a"], "date": [datetime(2020, 1, 1)]}},
            "voyages.parquet: the column 'date' holds Datetime(time_unit='us', time_zone=None). Permitted: texts, numbers, days "
            "(without a time), booleans, and lists of them. Write it as text.",
        ),
        (
            {"voyages": {"patient": [1.5]}},
            "voyages.parquet: the column 'patient' holds Float64. Permitted: texts, or whole numbers. Write the ids as text.",
        ),
        (
            {"voyages": {"patient": ["a", None, ""], "crew": [1, 2, 3]}},
            "voyages.parquet: 2 rows have no patient, the first is row 2. Every row needs the id of its patient.",
        ),
        (
            {"records": {"patient": ["b", "a", "a"]}},
            "records.parquet: patient a stands there twice, in row 2 and in row 3. Keep one.",
        ),
    ],
)
def test_tables_that_are_refused(harbour: Knowledge, tmp_path: Path, frames: dict[str, dict[str, Any]], message: str) -> None:
    assert refused(tables(tmp_path / "tables", **frames), harbour) == message


def test_a_file_that_is_not_parquet(harbour: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "boat.parquet").write_text("hull: wood")
    assert refused(tmp_path, harbour).startswith("boat.parquet: this is not Parquet that can be read (")


def test_a_file_that_is_damaged_inside(harbour: Knowledge, tmp_path: Path) -> None:
    file = tables(tmp_path / "tables", boat={"patient": [f"b{number}" for number in range(5000)]}) / "boat.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:4] + bytes(2000) + whole[2004:])
    assert "this is not Parquet that can be read (" in refused(tmp_path / "tables", harbour)
