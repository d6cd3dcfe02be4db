"""The folder of the report: there as a whole or not at all, never over something else; tables and JSON as computed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nelm.cohort.tables import OutputError
from nelm.registry.annual.model import Section, Table
from nelm.reports import annual
from nelm.reports.annual import files as files_module
from tests.reports.annual.conftest import FREEZE, Shown, made_up

KINDS = pl.DataFrame(
    {
        "text": ["a,b", 'say "x"', "", None, "two\nlines"],
        "whole": [1, -2, None, 0, 10**15],
        "real": [0.1, 1e-7, None, -0.5, 1234567.25],
        "is_so": [True, None, False, True, None],
        "day": [date(2024, 2, 29), None, date(1999, 12, 31), date(2000, 1, 1), None],
    }
)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_written(plain: Shown, tmp_path: Path) -> None:
    written = annual.write_report(plain.report, tmp_path / "new" / "report")
    found = contents(tmp_path / "new" / "report")
    names = {"report.html", "report.pdf", "report.json", *(f"tables/{table.id}.csv" for table in plain.report.tables)}
    assert {path.relative_to(tmp_path / "new" / "report").as_posix() for path in written} == set(found) == names
    assert (found["report.html"].decode(), found["report.pdf"]) == (plain.html, plain.pdf)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report"]


def test_the_tables_are_the_frames(plain: Shown, tmp_path: Path) -> None:
    kinds = Table("kinds", "Kinds", KINDS, tuple(KINDS.columns))
    report = replace(plain.report, sections=(*plain.report.sections, Section("more", "More", tables=(kinds,))))
    annual.write_report(report, tmp_path / "report")
    for table in report.tables:
        read = pl.read_csv(tmp_path / "report" / "tables" / f"{table.id}.csv", schema=table.frame.schema)
        assert read.equals(table.frame), table.id
    data = json.loads((tmp_path / "report" / "report.json").read_bytes())
    assert data["sections"][-1]["tables"][0]["rows"][0] == ["a,b", 1, 0.1, True, "2024-02-29"]
    assert data["sections"][-1]["tables"][0]["rows"][3] == [None, 0, -0.5, True, "2000-01-01"]


def test_the_json_says_all_but_the_drawings(plain: Shown) -> None:
    data = json.loads(annual.render_json(plain.report))
    assert (data["schema"], data["freeze"], data["mark"]) == ("nelm-annual-report/1", FREEZE, "SYNTHETIC DATA")
    assert data["key_numbers"][1] == {
        "label": "new patients per 100,000 and year",
        "value": "0.61",
        "detail": "95 % interval 0.58 to 0.64, world standard",
    }
    flow = data["sections"][0]["tables"][0]
    assert flow["columns"][1] == {"name": "records", "head": "Records", "is_number": True}
    assert flow["rows"] == [["Received", 12034], ["Eligible", 9120], ["Excluded", None], ["Undetermined", 802]]
    assert flow["sha256"] == hashlib.sha256(b"step,records\nReceived,12034\nEligible,9120\nExcluded,\nUndetermined,802\n").hexdigest()
    assert data["sections"][2]["pictures"][0]["says"].startswith("Net survival falls")
    assert data["methods"][0]["tables"][0]["file"] == "tables/centres-3.csv"
    assert "<svg" not in json.dumps(data)


def test_a_new_report_takes_the_place_of_an_earlier_one_as_a_whole(plain: Shown, tmp_path: Path) -> None:
    annual.write_report(plain.report, tmp_path / "report")
    annual.write_report(replace(plain.report, sections=(), methods=()), tmp_path / "report")
    assert set(contents(tmp_path / "report")) == {"report.html", "report.pdf", "report.json"}
    annual.write_report(plain.report, tmp_path / "report")
    assert "tables/flow.csv" in contents(tmp_path / "report")


def test_an_empty_folder_may_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    annual.write_report(made_up(), Path())
    assert (tmp_path / "empty" / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ({"notes.txt": "mine"}, "notes.txt"),
        ({"report.json": "{}"}, "report.json"),
        ({"report.json": "not JSON"}, "report.json"),
        ({"report.json": '{"schema": "nelm-annual-report/1"}', "notes.txt": "mine"}, "notes.txt"),
        ({"report.json": '{"schema": "nelm-annual-report/1"}', "tables/notes.txt": "mine"}, "tables/notes.txt"),
        ({"report.json": '{"schema": "nelm-annual-report/1"}', "more/a.csv": "mine"}, "more, more/a.csv"),
        ({"a": "", "b": "", "c": "", "d": "", "e": ""}, "a, b, c and 2 more"),
    ],
)
def test_what_something_else_left_is_never_touched(there: dict[str, str], found: str, tmp_path: Path) -> None:
    for name, text in there.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(OutputError) as raised:
        annual.write_report(made_up(), tmp_path)
    assert str(raised.value).startswith(f"{tmp_path}: found {found}, which no report wrote. Permitted: a folder that is new")
    assert contents(tmp_path) == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="report: found a file"):
        annual.write_report(made_up(), tmp_path / "report")
    assert contents(tmp_path) == {"report": b"mine"}


@pytest.mark.parametrize("failing", ["render_pdf", "csv_of"])
def test_an_interrupted_run_leaves_what_stood_there(failing: str, plain: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    annual.write_report(plain.report, tmp_path / "report")
    before = contents(tmp_path)

    def interrupted(_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(files_module, failing, interrupted)
    with pytest.raises(KeyboardInterrupt):
        annual.write_report(replace(plain.report, title="Another"), tmp_path / "report")
    assert contents(tmp_path) == before


def test_a_disk_that_fails_leaves_what_stood_there(plain: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    annual.write_report(plain.report, tmp_path / "report")
    before, write = contents(tmp_path), Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "wide.csv":
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device"):
        annual.write_report(replace(plain.report, title="Another"), tmp_path / "report")
    assert contents(tmp_path) == before


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        annual.write_report(made_up(), tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
