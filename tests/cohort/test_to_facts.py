"""From records to the facts table: every form of source gives what `facts_of` says one by one; what goes wrong leaves nothing behind."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import nelm
from nelm.cohort.records import entity_tables, making, sources, to_facts
from nelm.cohort.records.making import Maker, WorkerLost, all_made
from nelm.cohort.records.moments import AsRecorded, BeforeEach, OnDateOf, moment_of
from nelm.cohort.records.sources import SourceError
from nelm.cohort.records.to_facts import Written, facts_table_from
from nelm.cohort.records.write_entity_tables import write_entity_tables
from nelm.cohort.tables import OutputError, open_facts
from nelm.knowledge.base import Knowledge
from tests.cohort.records import UNREADABLE, Good, Lethal, rejects_in, table_of, worked_cases, write_lines
from tests.patient.world import record_of

WOOD: dict[str, Any] = {"id": "a", "boat": {"hull": "wood"}}
STEEL: dict[str, Any] = {"id": "b", "boat": {"hull": "steel"}}
BRASS: dict[str, Any] = {"id": "c", "boat": {"hull": "brass"}}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "made" / "facts.parquet"


def made(source: Path | None, output: Path, knowledge: Knowledge, moment: str | None = None, **how: Any) -> Written:
    return facts_table_from(source, output, knowledge, moment_of(moment, knowledge), **how)


def counts(written: Written) -> tuple[int, int, int, int, int]:
    return written.records, written.rows, written.rejected, written.without_moment, written.without_entry


def left(output: Path) -> list[str]:
    """What stands in the folder of the output."""
    return sorted(path.name for path in output.parent.iterdir())


def in_small_blocks(patch: pytest.MonkeyPatch, size: int) -> None:
    for module in (sources, entity_tables, to_facts):
        patch.setattr(module, "BLOCK_RECORDS", size)


# -- every form of source ------------------------------------------------------------------------------


def test_a_folder_of_records(content: Path, knowledge: Knowledge, output: Path) -> None:
    written = made(content / "cases", output, knowledge)
    expected = table_of(worked_cases(content, knowledge), knowledge)
    assert_frame_equal(pl.read_parquet(output), expected)
    assert counts(written) == (expected.height + len(UNREADABLE), expected.height, len(UNREADABLE), 0, 0)
    assert (written.path, written.about) == (output, output.parent / "facts.json")
    assert left(output) == ["facts.json", "facts.parquet", "facts.rejects.jsonl"]
    assert written.rejects == output.parent / "facts.rejects.jsonl"
    assert rejects_in(written.rejects) == [
        (
            "v23a.yaml",
            7,
            6,
            "ki67_percent",
            "Found 130 %. Permitted: at least 0 and at most 100 %. Correct it, or leave it out if it is not known.",
        ),
        (
            "v23b.yaml",
            5,
            11,
            "age_years",
            "Found 0 years. Permitted: more than 0 and at most 130 years. Correct it, or leave it out if it is not known.",
        ),
    ]


def test_json_lines_and_entity_tables(content: Path, knowledge: Knowledge, tmp_path: Path, output: Path) -> None:
    cases = worked_cases(content, knowledge)
    lines = write_lines(tmp_path / "cases.jsonl", [dict(record.source) for record in cases])
    made(lines, output, knowledge)
    assert_frame_equal(pl.read_parquet(output), table_of(cases, knowledge))
    write_entity_tables(cases, tmp_path / "tables", knowledge)
    made(tmp_path / "tables", output, knowledge)
    assert_frame_equal(pl.read_parquet(output), table_of(cases, knowledge).sort("patient"))


def test_one_record_and_json_among_yaml(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "b.JSON").write_text(json.dumps({"boat": {"hull": "wood"}}))
    (folder / "a.yml").write_text("boat: {hull: steel}")
    (folder / "notes.txt").write_text("no record")
    (folder / "older").mkdir()
    assert made(folder, output, harbour).records == 2
    assert pl.read_parquet(output)["patient"].to_list() == ["a", "b"]
    assert made(folder / "a.yml", output, harbour).records == 1
    assert pl.read_parquet(output)["patient"].to_list() == ["a"]


def test_standard_input(harbour: Knowledge, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeff" + json.dumps(WOOD) + "\n\n   \n" + json.dumps(STEEL)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    told: list[tuple[int, int | None]] = []
    made(None, output, harbour, progress=lambda done, total: told.append((done, total)))
    assert pl.read_parquet(output)["patient"].to_list() == ["a", "b"]
    assert told == [(2, None)]


def test_a_pipe(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write_lines, args=(pipe, [WOOD, STEEL]))
    writer.start()
    assert made(pipe, output, harbour).records == 2
    writer.join()


# -- what the table says -----------------------------------------------------------------------------------


def test_a_row_for_each_entry(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    surveys = [{"date": "2020-01-02", "holes": 3, "surveyor": "Ann"}, {"holes": 1}, {"date": "2021", "holes": 2}]
    records = [{"id": "a", "kind": "synthetic", "surveys": surveys}, WOOD | {"id": "b"}]
    written = made(write_lines(tmp_path / "boats.jsonl", records), output, harbour, "each:surveys")
    assert counts(written) == (2, 2, 0, 1, 1)
    found = pl.read_parquet(output).select(
        "patient", "event", pl.col("as_of").cast(pl.String), "synthetic", "given", "holes_low", "contradicted"
    )
    assert found.rows() == [
        ("a", "surveys 1", "2020-01-02", True, ["sounding", "caulking"], 1, []),
        ("a", "surveys 3", "2021-01-01", True, ["caulking"], 1, ["holes"]),
    ]


def test_records_that_do_not_know_the_date(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    records = [{"id": "a", "boat": {"launched": "2019-05"}}, WOOD | {"id": "b"}]
    assert counts(made(write_lines(tmp_path / "boats.jsonl", records), output, harbour, "launched")) == (2, 1, 0, 1, 0)
    found = pl.read_parquet(output).select("patient", "event", pl.col("as_of").cast(pl.String), "synthetic", "given")
    assert found.rows() == [("a", "launched", "2019-05-31", False, None)]


def test_no_row_at_all_is_a_table_without_rows(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    assert counts(made(write_lines(tmp_path / "boats.jsonl", [WOOD, BRASS]), output, harbour, "launched")) == (2, 0, 1, 1, 0)
    assert pl.read_parquet(output).schema == making.Layout(harbour.model).frame([]).schema


def test_what_the_table_was_made_from(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    source = write_lines(tmp_path / "boats.jsonl", [WOOD, BRASS])
    about = json.loads(made(source, output, harbour).about.read_text(encoding="utf-8"))
    layout = making.Layout(harbour.model)
    assert {name: about[name] for name in ("table", "nelm", "guidelines", "source", "moment", "counts")} == {
        "table": "facts.parquet",
        "nelm": nelm.__version__,
        "guidelines": {"pilot": harbour.guidelines["pilot"].guideline.version},
        "source": str(source),
        "moment": "as_recorded",
        "counts": {"records": 2, "rows": 1, "rejected": 1, "without_moment": 0, "without_entry": 0},
    }
    assert about["facts"] == json.loads(json.dumps(layout.describe()["facts"]))
    assert pl.read_parquet_metadata(output).items() >= {**layout.metadata(), "nelm": nelm.__version__}.items()
    assert open_facts(output, harbour).height == 1


# -- over several processes -----------------------------------------------------------------------------------


def test_the_number_of_processes_changes_nothing(
    content: Path, knowledge: Knowledge, tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_blocks(monkeypatch, 7)
    monkeypatch.setattr("nelm.cohort.records.parts.PART_ROWS", 20)
    told: dict[int, list[tuple[int, int | None]]] = {1: [], 3: []}
    files: dict[int, list[bytes]] = {}
    for workers, heard in told.items():
        made(content / "cases", output, knowledge, workers=workers, progress=lambda done, total, heard=heard: heard.append((done, total)))
        files[workers] = [(output.parent / name).read_bytes() for name in left(output)]
        assert_frame_equal(pl.read_parquet(output), table_of(worked_cases(content, knowledge), knowledge))
    assert files[1] == files[3]
    total = len(list((content / "cases").glob("*.yaml")))
    assert told[1] == told[3] == [*((done, total) for done in range(7, total, 7)), (total, total)]


def test_a_process_that_ends(harbour: Knowledge) -> None:
    with pytest.raises(WorkerLost, match=r"One of 2 processes ended unexpectedly .* Start again with fewer processes\."):
        list(all_made(Maker(harbour, AsRecorded()), iter([Lethal()]), 2))


@pytest.mark.parametrize("workers", [1, 2])
def test_an_unforeseen_error_names_the_record(harbour: Knowledge, workers: int) -> None:
    record = record_of("id: a\nboat: {hull: wood}", harbour)
    with pytest.raises(AssertionError, match="hull is not a date") as error:
        list(all_made(Maker(harbour, OnDateOf("hull")), iter([Good(record)]), workers))
    assert "while choosing the facts of a in case.yaml" in error.value.__notes__


def test_no_more_processes_than_blocks(harbour: Knowledge, tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def watched(maker: Maker, blocks: Iterable[sources.Block], workers: int) -> Any:
        asked.append(workers)
        return all_made(maker, iter(blocks), workers)

    monkeypatch.setattr(to_facts, "all_made", watched)
    made(write_lines(tmp_path / "boats.jsonl", [WOOD, STEEL]), output, harbour, workers=64)
    assert asked == [1]


# -- records that cannot be used --------------------------------------------------------------------------------


def test_lines_that_cannot_be_used(harbour: Knowledge, tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAXIMUM_BYTES", 200)
    lines = [
        json.dumps(WOOD),
        "",
        '{"id": "c", "boat": {"hull": "brass", "length": 3}}',
        "id: a",
        json.dumps({"id": "d", "note": "x" * 900, "boat": {"hull": "wood"}}),
        json.dumps({"boat": {"hull": "wood"}}),
        json.dumps({"id": "", "boat": {"hull": "wood"}}),
        "\udcff",
        json.dumps(STEEL),
    ]
    (tmp_path / "boats.jsonl").write_bytes("\r\n".join(lines).encode(errors="surrogateescape"))
    written = made(tmp_path / "boats.jsonl", output, harbour)
    assert counts(written) == (8, 2, 6, 0, 0)
    assert pl.read_parquet(output)["patient"].to_list() == ["a", "b"]
    assert written.rejects is not None
    no_id = "The record has no id. A record in JSON lines needs the id of its patient."
    assert rejects_in(written.rejects) == [
        ("boats.jsonl", 3, 22, "hull", "Found 'brass'. Permitted: wood, steel, not_steel; several for 'one of these'; 'not: …'."),
        ("boats.jsonl", 3, 39, "length", "The field is not known under 'boat'. Did you mean 'length_m'? 'nelm case new' lists all fields."),
        ("boats.jsonl", 4, 1, "", "This is not JSON: Expecting value. Write one record in JSON a line."),
        ("boats.jsonl", 5, 1, "", "The line is longer than 0 MB, the most that is read. Write one record a line."),
        ("boats.jsonl", 6, 1, "id", no_id),
        ("boats.jsonl", 7, 1, "id", no_id),
        ("boats.jsonl", 8, 1, "", "The line is not UTF-8 text. Save the file as UTF-8."),
    ]


def test_strict_refuses_at_the_first(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    source = write_lines(tmp_path / "boats.jsonl", [WOOD, BRASS, "no JSON"])
    with pytest.raises(SourceError, match=r"boats\.jsonl:2:22: hull: Found 'brass'\."):
        made(source, output, harbour, strict=True)
    assert left(output) == []


def test_a_rerun_starts_clean(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    """Neither the rejects of an earlier run nor what an interrupted one left aside are there afterwards."""
    source = write_lines(tmp_path / "boats.jsonl", [WOOD, BRASS])
    made(source, output, harbour)
    (output.parent / ".facts.parquet.part").mkdir()
    (output.parent / ".facts.parquet.part" / "facts.rejects.jsonl").write_text("{}\n")
    written = made(write_lines(source, [WOOD, STEEL]), output, harbour)
    assert (written.rejects, left(output)) == (None, ["facts.json", "facts.parquet"])


# -- sources that cannot be used ----------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", [AsRecorded(), BeforeEach("surveys")])
def test_a_patient_twice(harbour: Knowledge, tmp_path: Path, output: Path, moment: AsRecorded | BeforeEach) -> None:
    source = write_lines(tmp_path / "boats.jsonl", [WOOD, STEEL, "", WOOD])
    with pytest.raises(SourceError) as error:
        facts_table_from(source, output, harbour, moment)
    assert str(error.value) == (
        f"Patient 'a' stands there twice: {source}:1 and {source}:4. Keep one of the two, or give them different ids."
    )
    assert left(output) == []


def test_a_patient_in_two_files(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.yaml").write_text("id: 007\nboat: {hull: wood}")
    with pytest.raises(SourceError, match=r"^Patient '007' stands there twice: .*x\.yaml and .*y\.yaml\."):
        made(tmp_path, output, harbour)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("missing", None, r"missing: there is no such file or folder\. Correct the path\."),
        ("boats.jsonl", "\n \n", r"boats\.jsonl: there is no record in it\."),
        ("boats.csv", "hull\n", r"boats\.csv: found a file that ends in '\.csv'\. Permitted: a folder of records"),
        ("boats.parquet", "", r"boats\.parquet: found a file that ends in '\.parquet'\. Permitted: a folder of records"),
        ("empty/", None, r"empty: the folder holds neither records \(\*\.yaml, \*\.yml, \*\.json\) nor entity tables \(\*\.parquet\)\."),
    ],
)
def test_sources_without_a_record(harbour: Knowledge, tmp_path: Path, output: Path, name: str, text: str | None, message: str) -> None:
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(SourceError, match=message):
        made(tmp_path / name, output, harbour)
    assert not output.exists()


def test_entity_tables_without_a_row(harbour: Knowledge, tmp_path: Path, output: Path) -> None:
    pl.DataFrame(schema={"patient": pl.String}).write_parquet(tmp_path / "boat.parquet")
    with pytest.raises(SourceError, match="there is no record in it"):
        made(tmp_path, output, harbour)


def test_a_file_that_cannot_be_read(harbour: Knowledge, tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_lines(tmp_path / "boats.jsonl", [WOOD])

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"boats\.jsonl: cannot be read \(Permission denied\)\. Check the path and its permissions\."):
        made(source, output, harbour)


# -- outputs that cannot be written ----------------------------------------------------------------------------------


def full(*_: Any, **__: Any) -> None:
    raise pl.exceptions.ComputeError("parquet: File out of specification: underlying IO error: No space left on device (os error 28)")


@pytest.mark.parametrize("writer", [(pl.DataFrame, "write_parquet"), (pl.LazyFrame, "sink_parquet")])
def test_a_full_disk(harbour: Knowledge, tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, writer: tuple[type, str]) -> None:
    source = write_lines(tmp_path / "boats.jsonl", [WOOD])
    made(source, output, harbour)
    before = [(output.parent / name).read_bytes() for name in left(output)]
    monkeypatch.setattr(*writer, full)
    with pytest.raises(OutputError) as error:
        made(write_lines(source, [STEEL]), output, harbour)
    assert str(error.value) == (
        f"{output}: cannot be written (No space left on device (os error 28)). Nothing was changed; choose another place or free some space."
    )
    assert [(output.parent / name).read_bytes() for name in left(output)] == before


def test_an_interrupted_run(harbour: Knowledge, tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_blocks(monkeypatch, 1)

    def interrupt(done: int, total: int | None) -> None:
        if done == 2:
            raise KeyboardInterrupt

    source = write_lines(tmp_path / "boats.jsonl", [WOOD, STEEL, WOOD | {"id": "c"}])
    for workers in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            made(source, output, harbour, progress=interrupt, workers=workers)
        assert left(output) == []
    assert made(source, output, harbour).rows == 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("facts.csv", "name the file that is to be written; it has to end in .parquet, for example facts.parquet."),
        ("folder.parquet", "name the file that is to be written; it has to end in .parquet, for example facts.parquet."),
        ("records/facts.parquet", "lies among the records, and would be taken for one of them next time. Choose another folder."),
        ("file/facts.parquet", "cannot be written (File exists). Nothing was changed; choose another place or free some space."),
    ],
)
def test_outputs_that_are_refused(harbour: Knowledge, tmp_path: Path, name: str, message: str) -> None:
    for folder in ("records", "folder.parquet"):
        (tmp_path / folder).mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "records" / "a.yaml").write_text("boat: {hull: wood}")
    with pytest.raises(OutputError) as error:
        made(tmp_path / "records", tmp_path / name, harbour)
    assert str(error.value) == f"{tmp_path / name}: {message}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.parquet", "records"]
