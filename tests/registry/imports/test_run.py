"""An import from sources to the store: whole patients, centres, reruns, replaced records, and what cannot be imported at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nelm.knowledge.base import Knowledge
from nelm.registry.imports.run import Imported, import_records
from nelm.registry.imports.store import StoreError
from nelm.registry.imports.tables import ImportSourceError

TABLES = """\
tables:
  - file: patients*.csv
    id: id
    parts:
      - part: patient
        fields: {sex: sex, birth_date: born}
      - part: tumour
        fields: {diagnosis_date: found}
  - file: treatments*.csv
    id: id
    parts:
      - part: treatments
        fields: {date: date, treatment_kind: kind}
"""
PATIENTS = "id,sex,born,found\nA,male,1950,2010-01-01\nB,female,1960,2011-01-01\nC,,1970,2012-01-01\n"
TREATMENTS = "id,date,kind\nA,2010-02-01,rfa\nA,2010-03-01,mwa\nB,2011-02-01,rfa\n"


class Sources:
    """Files of an import, by their texts, and the store that they go to."""

    def __init__(self, folder: Path, knowledge: Knowledge) -> None:
        self.folder = folder / "sources"
        self.store = folder / "store"
        self.knowledge = knowledge
        self.folder.mkdir()

    def imported(self, mapping: str | None = TABLES, *, store: Path | None = None, keep_good_rows: bool = False, **files: str) -> Imported:
        """Import exactly these files: `patients="…"` is patients.csv."""
        for old in self.folder.iterdir():
            old.unlink()
        for name, text in files.items():
            (self.folder / (name.replace("__", ".") if "__" in name else f"{name}.csv")).write_text(text, encoding="utf-8")
        file = None
        if mapping is not None:
            file = self.folder.parent / "mapping.yaml"
            file.write_text(mapping, encoding="utf-8")
        return import_records([self.folder], store or self.store, self.knowledge, mapping_file=file, keep_good_rows=keep_good_rows)

    @property
    def records(self) -> dict[str, Any]:
        return {record["id"]: record for record in map(json.loads, (self.store / "records.jsonl").read_bytes().splitlines())}

    @property
    def kinds(self) -> dict[str, list[str]]:
        """The treatments of each patient."""
        return {patient: [entry["treatment_kind"] for entry in record.get("treatments", [])] for patient, record in self.records.items()}

    def files(self, store: Path | None = None) -> dict[str, bytes]:
        home = store or self.store
        return {str(file.relative_to(home)): file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file()}


@pytest.fixture
def sources(tmp_path: Path, knowledge: Knowledge) -> Sources:
    return Sources(tmp_path, knowledge)


def _said(made: Imported) -> list[tuple[str, int, str, str, bool]]:
    return sorted((item.source, item.line, item.field, item.patient, item.held_back) for item in made.rejected)


# -- whole patients ----------------------------------------------------------------------------------------


def test_rows_of_several_tables_make_one_record(sources: Sources) -> None:
    made = sources.imported(patients=PATIENTS, treatments=TREATMENTS)
    assert (made.counts.rows, made.counts.records_new, made.rejected, made.rejected_folder) == (6, 3, (), None)
    assert sources.kinds == {"A": ["rfa", "mwa"], "B": ["rfa"], "C": []}
    assert sources.records["C"] == {
        "nelm": 1,
        "id": "C",
        "patient": {"birth_date": "1970"},
        "tumour": {"diagnosis_date": "2012-01-01"},
    }


@pytest.mark.parametrize(
    ("patients", "treatments", "said", "kept", "kept_good_rows"),
    [
        (  # a wrong treatment
            PATIENTS,
            TREATMENTS.replace("mwa", "knife"),
            [("patients.csv", 2, "", "A", True), ("treatments.csv", 2, "", "A", True), ("treatments.csv", 3, "kind", "A", False)],
            {"B": ["rfa"], "C": []},
            {"A": ["rfa"], "B": ["rfa"], "C": []},
        ),
        (  # a wrong patient
            PATIENTS.replace("1950", "1950-13"),
            TREATMENTS,
            [("patients.csv", 2, "born", "A", False), ("treatments.csv", 2, "", "A", True), ("treatments.csv", 3, "", "A", True)],
            {"B": ["rfa"], "C": []},
            {"B": ["rfa"], "C": []},
        ),
        (  # what cannot be together
            PATIENTS.replace("1950", "2020"),
            TREATMENTS,
            [("patients.csv", 2, "found", "A", False), ("treatments.csv", 2, "", "A", True), ("treatments.csv", 3, "", "A", True)],
            {"B": ["rfa"], "C": []},
            {"B": ["rfa"], "C": []},
        ),
        (  # a patient twice
            PATIENTS + "B,female,1960,2011-01-01\n",
            TREATMENTS,
            [("patients.csv", 3, "id", "B", False), ("patients.csv", 5, "id", "B", False), ("treatments.csv", 4, "", "B", True)],
            {"A": ["rfa", "mwa"], "C": []},
            {"A": ["rfa", "mwa"], "C": []},
        ),
        (  # treatments of nobody
            PATIENTS,
            TREATMENTS + "D,2011-02-01,rfa\n",
            [("treatments.csv", 5, "id", "D", False)],
            {"A": ["rfa", "mwa"], "B": ["rfa"], "C": []},
            {"A": ["rfa", "mwa"], "B": ["rfa"], "C": []},
        ),
        (  # a broken row that tells whose it is
            PATIENTS,
            TREATMENTS + "C,2011-02-01\n",
            [("patients.csv", 4, "", "C", True), ("treatments.csv", 5, "", "C", False)],
            {"A": ["rfa", "mwa"], "B": ["rfa"]},
            {"A": ["rfa", "mwa"], "B": ["rfa"], "C": []},
        ),
        (  # a broken row of a patient: his treatments are of nobody
            PATIENTS.replace(",1950,", ',"1950,'),
            TREATMENTS,
            [("patients.csv", 2, "", "A", False), ("treatments.csv", 2, "id", "A", False), ("treatments.csv", 3, "id", "A", False)],
            {"B": ["rfa"], "C": []},
            {"B": ["rfa"], "C": []},
        ),
    ],
)
def test_a_patient_is_imported_whole_or_not_at_all(
    sources: Sources, patients: str, treatments: str, said: list[Any], kept: dict[str, Any], kept_good_rows: dict[str, Any], tmp_path: Path
) -> None:
    made = sources.imported(patients=patients, treatments=treatments)
    assert (_said(made), sources.kinds) == (said, kept)
    shutil.rmtree(sources.store)
    again = sources.imported(patients=patients, treatments=treatments, keep_good_rows=True)
    assert sources.kinds == kept_good_rows
    assert [item for item in _said(again) if not item[4]] == [item for item in said if not item[4]]


def test_rows_that_are_held_back_are_given_back_with_the_others(sources: Sources) -> None:
    made = sources.imported(patients=PATIENTS, treatments=TREATMENTS.replace("mwa", "knife"))
    assert made.rejected_folder is not None
    rows = {file.name: file.read_text() for file in (made.rejected_folder / "rejected_rows").iterdir()}
    assert rows == {
        "patients.csv": "id,sex,born,found\nA,male,1950,2010-01-01\n",
        "treatments.csv": "id,date,kind\nA,2010-02-01,rfa\nA,2010-03-01,knife\n",
    }
    held = [item.reason for item in made.rejected if item.held_back]
    assert held == ["Held back: a patient is imported whole or not at all, and this is wrong: treatments.csv:3, kind."] * 2
    corrected = {name.removesuffix(".csv"): text.replace("knife", "mwa") for name, text in rows.items()}
    assert sources.imported(**corrected).counts.records_new == 1
    assert list(sources.records) == ["A", "B", "C"], "sorted by id, whenever they came"
    assert sources.kinds == {"A": ["rfa", "mwa"], "B": ["rfa"], "C": []}


@pytest.mark.parametrize("row", [",2011-02-01,rfa", 'X"Y,2011-02-01,rfa', "E,2011"])
def test_a_row_of_nobody_ends_an_import_that_could_lack_it(sources: Sources, row: str) -> None:
    with pytest.raises(ImportSourceError, match=r"treatments.csv:5: .*\n1 rows do not say whose they are(.|\n)*--keep-good-rows"):
        sources.imported(patients=PATIENTS, treatments=f"{TREATMENTS}{row}\n")
    assert not sources.store.exists()
    made = sources.imported(patients=PATIENTS, treatments=f"{TREATMENTS}{row}\n", keep_good_rows=True)
    assert (made.counts.rejected, made.counts.records_new) == (1, 3)


def test_what_a_record_has_once_may_stand_twice_if_it_agrees(sources: Sources) -> None:
    many = TABLES.replace("    id: id\n", "    id: id\n    rows: many_per_patient\n", 1)
    sources.imported(many, patients=PATIENTS + "A,male,,\nB,,,2011-01-01\n", treatments=TREATMENTS)
    assert sources.records["A"]["patient"] == {"sex": "male", "birth_date": "1950"}
    made = sources.imported(many, patients=PATIENTS + "A,female,,\n", treatments=TREATMENTS)
    (found,) = [item for item in made.rejected if not item.held_back]
    assert str(found).startswith("patients.csv:5: sex → sex: found 'female'. The record has this once, and patients.csv:2 says 'male'.")


def test_rows_without_anything_and_columns_that_are_not_mapped_are_said(sources: Sources) -> None:
    made = sources.imported(patients="id,sex,born,found,smoker\nA,,,,y\nB,f,,,n\n,,,,\n", treatments=TREATMENTS.replace("A,", "B,"))
    assert (made.counts.nothing_in_them, made.unmapped) == (1, {"patients.csv": ["smoker"]})
    assert [(item.line, item.patient) for item in made.rejected] == [(2, "A")], "a record that says nothing is none"


def test_the_head_of_a_record_and_constants(sources: Sources) -> None:
    head = """\
complete: [treatments]
tables:
  - file: patients.csv
    id: id
    parts:
      - part: record
        fields: {as_of: day, title: title, kind: {value: export}}
      - part: specimens
        fields: {specimen_site: {value: primary}, ki67_percent: ki67, source: {value: pathology}}
      - part: specimens
        fields: {specimen_site: {value: liver_metastasis}, ki67_percent: ki67_liver}
"""
    sources.imported(head, patients="id,day,title,ki67,ki67_liver\nA,2020-03,007,2,<5\nB,,x,,3\n")
    assert sources.records == {
        "A": {
            "nelm": 1,
            "id": "A",
            "as_of": "2020-03",
            "title": "007",
            "kind": "export",
            "complete": ["treatments"],
            "specimens": [
                {"ki67_percent": 2, "specimen_site": "primary", "source": "pathology"},
                {"ki67_percent": "<5", "specimen_site": "liver_metastasis"},
            ],
        },
        "B": {
            "nelm": 1,
            "id": "B",
            "title": "x",
            "kind": "export",
            "complete": ["treatments"],
            "specimens": [{"ki67_percent": 3, "specimen_site": "liver_metastasis"}],
        },
    }


def test_only_rows_with_these_words_give_a_part(sources: Sources) -> None:
    """A value in a row that is not meant is neither taken nor judged; one that is wrong is not nothing."""
    mapping = """\
tables:
  - file: long.csv
    id: id
    parts:
      - part: specimens
        where: {kind: [ki67, K]}
        fields: {ki67_percent: value}
      - part: tumour
        where: {kind: size}
        fields: {primary_diameter_mm: value}
    rows: many_per_patient
"""
    text = "id,kind,value\nA,ki67,2\nA, K ,3\nA,size,200\nA,weight,heavy\nB,ki67,200\n"
    made = sources.imported(mapping, long=text)
    assert sources.records["A"] == {
        "nelm": 1,
        "id": "A",
        "specimens": [{"ki67_percent": 2}, {"ki67_percent": 3}],
        "tumour": {"primary_diameter_mm": 200},
    }
    assert ([item.line for item in made.rejected], made.counts.nothing_in_them) == ([6], 1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    patients=st.lists(
        st.tuples(st.sampled_from(["A", "B", "C", "D", ""]), st.sampled_from(["f", "m", "q", "", '"x'])), min_size=1, max_size=6
    ),
    treatments=st.lists(
        st.tuples(st.sampled_from(["A", "B", "C", "E", ""]), st.sampled_from(["rfa", "mwa", "knife", "", "rfa,rfa"])),
        min_size=1,
        max_size=6,
    ),
)
def test_every_row_is_imported_or_given_back(
    tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge, patients: list[tuple[str, str]], treatments: list[tuple[str, str]]
) -> None:
    """With good rows kept: each row of the sources is in the store, or among the rejected rows, and never in both."""
    sources = Sources(tmp_path_factory.mktemp("rows"), knowledge)
    numbered = [f"{patient},,{sex},{1900 + number}" for number, (patient, sex) in enumerate(patients)]
    dated = [f"{patient},{2000 + number},{kind}" for number, (patient, kind) in enumerate(treatments)]
    made = sources.imported(
        patients="id,found,sex,born\n" + "\n".join(numbered), treatments="id,date,kind\n" + "\n".join(dated), keep_good_rows=True
    )
    back = {(item.source, item.line) for item in made.rejected}
    births = {record["patient"]["birth_date"] for record in sources.records.values()}
    dates = {entry["date"] for record in sources.records.values() for entry in record.get("treatments", [])}
    for number in range(len(numbered)):
        assert (("patients.csv", number + 2) in back) != (str(1900 + number) in births)
    for number in range(len(dated)):
        assert (("treatments.csv", number + 2) in back) != (str(2000 + number) in dates)


def test_rows_are_given_back_as_they_stand(sources: Sources, knowledge: Knowledge) -> None:
    """In the encoding of the source, with its line ends, whatever is in them."""
    text = 'id;sex;born;found\r\nÄ;q;1950;\r\nB;f;1950;\r\n;;;\r\nC;q;"19\r\n50\r";\r\nD;f;"1950";\r\nE;q;1950;'
    file = sources.folder / "patients.csv"
    file.write_bytes(text.encode("cp1252"))
    mapping = sources.folder.parent / "mapping.yaml"
    mapping.write_text("encoding: windows-1252\n" + TABLES.partition("  - file: treatments")[0])
    made = import_records([file], sources.store, knowledge, mapping_file=mapping)
    assert list(sources.records) == ["B", "D"]
    assert made.rejected_folder is not None
    given_back = 'id;sex;born;found\r\nÄ;q;1950;\r\nC;q;"19\r\n50\r";\r\nE;q;1950;\n'
    assert (made.rejected_folder / "rejected_rows" / "patients.csv").read_bytes() == given_back.encode("cp1252")


# -- centres -----------------------------------------------------------------------------------------------

CENTRES = TABLES.replace("    id: id\n", "    id: id\n    centre: centre\n")
TWO_PATIENTS = "centre,id,sex,born,found\nN,A,male,1950,\nS,A,female,1960,\n"
TWO_TREATMENTS = "centre,id,date,kind\nN,A,2010-02-01,rfa\nS,A,2010-03-01,mwa\n"


def test_one_id_from_two_centres_is_refused(sources: Sources) -> None:
    made = sources.imported(CENTRES, patients=TWO_PATIENTS + "S,B,male,1950,\n", treatments=TWO_TREATMENTS)
    assert list(sources.records) == ["B"]
    reasons = {item.reason for item in made.rejected if item.field == "centre"}
    assert reasons == {
        "The id A comes from more than one centre (N, S). If each centre gives its own ids, state 'ids: centre' in the mapping; "
        "if it is one patient, state one centre."
    }


def test_ids_of_centres(sources: Sources) -> None:
    made = sources.imported(
        "ids: centre\n" + CENTRES, patients=TWO_PATIENTS + ",C,male,1950,\n", treatments=TWO_TREATMENTS, keep_good_rows=True
    )
    assert sources.kinds == {"N:A": ["rfa"], "S:A": ["mwa"]}
    assert {patient: record["patient"]["centre"] for patient, record in sources.records.items()} == {"N:A": "N", "S:A": "S"}
    assert [(item.line, item.field, item.element) for item in made.rejected] == [(4, "centre", "centre")]


def test_a_broken_row_of_one_centre(sources: Sources) -> None:
    mapping = "ids: centre\ncentre: N\n" + TABLES
    made = sources.imported(mapping, patients=PATIENTS, treatments=TREATMENTS + "A,2010\n")
    assert list(sources.records) == ["N:B", "N:C"]
    assert [item.patient for item in made.rejected] == ["N:A"] * 4


def test_an_id_that_the_store_has_from_another_centre(sources: Sources) -> None:
    sources.imported("centre: N\n" + TABLES, patients=PATIENTS, treatments=TREATMENTS)
    before = sources.files()["records.jsonl"]
    made = sources.imported("centre: S\n" + TABLES, patients=PATIENTS.replace("C,", "D,"), treatments=TREATMENTS)
    assert made.counts.records_new == 1
    assert sources.files()["records.jsonl"].startswith(before)
    assert [(item.source, item.line, item.held_back) for item in made.rejected] == [
        ("patients.csv", 2, False),
        ("treatments.csv", 2, True),
        ("treatments.csv", 3, True),
        ("patients.csv", 3, False),
        ("treatments.csv", 4, True),
    ]
    assert "more than one centre (S here, N in the store)" in made.rejected[0].reason


# -- the store ---------------------------------------------------------------------------------------------


def test_the_same_sources_give_the_same_store_and_once_more_change_nothing(sources: Sources, tmp_path: Path) -> None:
    wrong = TREATMENTS.replace("mwa", "knife")
    first = sources.imported(patients=PATIENTS, treatments=wrong)
    before = sources.files()
    again = sources.imported(patients=PATIENTS, treatments=wrong)
    assert (again.already, again.counts, again.rejected_folder) == (True, first.counts, first.rejected_folder)
    assert sources.files() == before
    sources.imported(patients=PATIENTS, treatments=wrong, store=tmp_path / "another")
    assert sources.files(tmp_path / "another") == before
    assert set(before) == {
        "imports.jsonl",
        "records.jsonl",
        f"rejected/{first.key}/rejected.csv",
        f"rejected/{first.key}/rejected_rows/patients.csv",
        f"rejected/{first.key}/rejected_rows/treatments.csv",
    }
    assert str(tmp_path).encode() not in b"".join(before.values()), "a store names no folder of the machine"


def test_a_replaced_record_is_kept_with_its_hash(sources: Sources) -> None:
    from hashlib import sha256

    sources.imported(patients=PATIENTS, treatments=TREATMENTS)
    former = sources.files()["records.jsonl"].splitlines()[1]
    made = sources.imported(patients=PATIENTS.replace("1960", "1961"), treatments=TREATMENTS)
    counts = made.counts
    assert (counts.records_new, counts.records_replaced, counts.records_unchanged, counts.records_in_store) == (0, 1, 2, 3)
    assert sources.records["B"]["patient"]["birth_date"] == "1961"
    (kept,) = map(json.loads, sources.files()[f"history/{made.key}.jsonl"].splitlines())
    assert kept == {"id": "B", "sha256": sha256(former).hexdigest(), "record": former.decode()}
    imports = list(map(json.loads, sources.files()["imports.jsonl"].splitlines()))
    assert [entry["counts"]["records_replaced"] for entry in imports] == [0, 1]
    assert imports[1]["records_sha256"] == sha256(sources.files()["records.jsonl"]).hexdigest()


@pytest.mark.parametrize("last", ["records.jsonl", "imports.jsonl", ".importing"])
def test_an_interrupted_import_is_completed_by_importing_again(sources: Sources, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    """The power fails just before `last` is replaced (or, at the end, removed)."""
    from nelm.registry.imports import store as store_module

    sources.imported(patients=PATIENTS, treatments=TREATMENTS)
    changed = {"patients": PATIENTS.replace("1960", "1961"), "treatments": TREATMENTS.replace("mwa", "knife")}
    replace = store_module._replace

    def failing(file: Path, content: bytes) -> None:
        if file.name == last:
            raise KeyboardInterrupt
        replace(file, content)

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "_replace", failing)
        with pytest.raises(KeyboardInterrupt):
            sources.imported(**changed)
    made = sources.imported(**changed)
    assert (made.already, sources.records["B"]["patient"]["birth_date"]) == (False, "1961")
    assert next(map(json.loads, sources.files()[f"history/{made.key}.jsonl"].splitlines()))["id"] == "B"
    assert len(sources.files()["imports.jsonl"].splitlines()) == 2
    assert ".importing" not in sources.files()


def test_records_that_were_changed_by_other_means_are_refused(sources: Sources) -> None:
    sources.imported(patients=PATIENTS, treatments=TREATMENTS)
    file = sources.store / "records.jsonl"
    file.write_text(file.read_text().replace("1950", "1951"))
    before = sources.files()
    with pytest.raises(StoreError, match=r"records.jsonl: was changed since the last import"):
        sources.imported(patients=PATIENTS.replace("1960", "1961"), treatments=TREATMENTS)
    assert sources.files() == before


@pytest.mark.parametrize(
    ("name", "held", "says"),
    [
        ("holiday.jpg", b"", r"holds something else than a store \(holiday.jpg\)"),
        ("records.jsonl", b"[]\n", r"records.jsonl: a line is not a record"),
        ("imports.jsonl", b"x\n", r"imports.jsonl: cannot be read"),
    ],
)
def test_a_folder_that_is_no_store(sources: Sources, name: str, held: bytes, says: str) -> None:
    sources.store.mkdir()
    (sources.store / name).write_bytes(held)
    with pytest.raises(StoreError, match=says):
        sources.imported(patients=PATIENTS, treatments=TREATMENTS)
    assert sources.files() == {name: held}


def test_a_store_that_is_a_file_or_cannot_be_written(sources: Sources, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(StoreError, match="there is a file of this name"):
        sources.imported(patients=PATIENTS, treatments=TREATMENTS, store=file)
    with pytest.raises(StoreError, match=r"file/store: cannot be written \(File exists\)"):
        sources.imported(patients=PATIENTS, treatments=TREATMENTS, store=file / "store")


def test_a_full_disk_leaves_the_store_as_it_was(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    from nelm.registry.imports import store as store_module

    sources.imported(patients=PATIENTS, treatments=TREATMENTS)
    before = sources.files()

    def full(file: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "_replace", full)
    with pytest.raises(StoreError, match=r"store: cannot be written \(No space left on device\). Nothing was imported"):
        sources.imported(patients=PATIENTS.replace("1960", "1961"), treatments=TREATMENTS)
    assert sources.files() == before


def test_two_imports_at_once(sources: Sources, tmp_path: Path) -> None:
    lock = tmp_path / ".store.lock"
    lock.touch()
    with pytest.raises(StoreError, match="another import is under way, or one was interrupted"):
        sources.imported(patients=PATIENTS, treatments=TREATMENTS)
    assert (lock.exists(), sources.store.exists()) == (True, False)
    lock.unlink()
    sources.imported(patients=PATIENTS, treatments=TREATMENTS)
    assert not lock.exists()


# -- records as sources --------------------------------------------------------------------------------------

LINES = '{"id":"A","patient":{"sex":"f"}}\n\n{"id":"B","specimens":[{"ki67_percent":"<2"}]}\n'


def test_json_lines(sources: Sources) -> None:
    made = sources.imported(None, records__jsonl=LINES + '{"id":"C","patient":{"sex":"q"}}\n{"patient":{"sex":"f"}}\nnonsense\n')
    assert sources.records == {
        "A": {"nelm": 1, "id": "A", "patient": {"sex": "female"}},
        "B": {"nelm": 1, "id": "B", "specimens": [{"ki67_percent": "<2"}]},
    }
    assert [(item.source, item.line, item.element) for item in made.rejected] == [
        ("records.jsonl", 4, "sex"),
        ("records.jsonl", 5, "id"),
        ("records.jsonl", 6, ""),
    ]
    assert (made.counts.rows, made.counts.rejected) == (5, 3)
    assert made.rejected_folder is not None
    assert (made.rejected_folder / "rejected_rows" / "records.jsonl").read_text().count("\n") == 3


def test_a_record_that_stands_twice(sources: Sources) -> None:
    made = sources.imported(None, a__jsonl=LINES, b__jsonl='{"id":"A","patient":{"sex":"m"}}\n')
    assert list(sources.records) == ["B"]
    assert [(item.source, item.line, item.patient) for item in made.rejected] == [("a.jsonl", 1, "A"), ("b.jsonl", 1, "A")]


def test_a_folder_of_records(sources: Sources) -> None:
    bad = "id: C\npatient:\n  sex: q\n  age_years: 200\n"
    made = sources.imported(None, a__yaml="id: A\npatient: {sex: f}\n", b__json='{"patient": {"sex": "m"}}', c__yaml=bad)
    assert {patient: record["patient"]["sex"] for patient, record in sources.records.items()} == {"A": "female", "b": "male"}
    assert (made.counts.rows, made.counts.rejected, made.counts.mistakes) == (3, 1, 2)
    assert made.rejected_folder is not None
    assert (made.rejected_folder / "rejected_rows" / "c.yaml").read_text() == bad


# -- sources that cannot be imported at all --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mapping", "files", "says"),
    [
        (TABLES, {"patients": "", "treatments": TREATMENTS}, "patients.csv: the file is empty."),
        (TABLES, {"patients": "id,sex,born,found\n", "treatments": TREATMENTS}, "patients.csv: the table has a header and no rows."),
        (TABLES, {"patients": PATIENTS.replace("born", "born;y"), "treatments": TREATMENTS}, "--separator comma or semicolon. (In an import it is stated in the mapping: 'separator: …'.)"),
        (TABLES, {"patients": PATIENTS.replace("born", "birth"), "treatments": TREATMENTS}, "mapping.yaml:6:28: the column 'born' is not in "),
        (TABLES, {"patients": PATIENTS.replace("id,", "ID,"), "treatments": TREATMENTS}, "mapping.yaml:2:5: the column 'id' is not in "),
        (TABLES, {"patients": PATIENTS.replace("1950", "1.2.1950"), "treatments": TREATMENTS}, "patients.csv:2: born → birth_date: found '1.2.1950'. Only year-month-day"),
        (TABLES, {"patients": PATIENTS}, "mapping.yaml:9:5: none of the sources is called 'treatments*.csv'."),
        (TABLES, {"patients": PATIENTS, "treatments": TREATMENTS, "other": "a\n"}, "other.csv: no table of the mapping "),
        (TABLES.replace("patients*.csv", "'*.csv'"), {"patients": PATIENTS, "treatments": TREATMENTS}, "treatments.csv: 2 tables (*.csv, treatments*.csv) of the mapping "),
        (TABLES, {"a__jsonl": LINES}, "the folder holds none of *.csv, *.tsv, *.tab, *.txt."),
        (None, {"patients": PATIENTS}, "the folder holds none of *.jsonl,"),
        (None, {"a__jsonl": "\n"}, "there is no record in it."),
        ("separator: semicolon\n" + TABLES, {"patients": PATIENTS, "treatments": TREATMENTS}, "the header does not hold the stated separator ';'"),
    ],
)  # fmt: skip
def test_sources_that_cannot_be_imported(sources: Sources, mapping: str | None, files: dict[str, str], says: str) -> None:
    with pytest.raises(ImportSourceError) as found:
        sources.imported(mapping, **files)
    assert says in str(found.value)
    assert not sources.store.exists()


def test_a_source_in_another_encoding(sources: Sources, knowledge: Knowledge) -> None:
    file = sources.folder / "patients.csv"
    file.write_bytes("id,sex,born,found\nÄ,f,,\n".encode("latin-1"))
    mapping = sources.folder.parent / "mapping.yaml"
    one_table = TABLES.partition("  - file: treatments")[0]
    mapping.write_text(one_table)
    with pytest.raises(ImportSourceError, match=r"patients.csv:2: byte 18 is not utf-8 text"):
        import_records([file], sources.store, knowledge, mapping_file=mapping)
    mapping.write_text("encoding: iso-8859-1\n" + one_table)
    made = import_records([file], sources.store, knowledge, mapping_file=mapping)
    assert (made.counts.records_new, list(sources.records)) == (1, ["Ä"])


@pytest.mark.parametrize(
    ("name", "mapped", "says"),
    [
        ("a.csv", False, "a.csv: a table needs a mapping that says what its columns mean. State it: --mapping MAP.yaml"),
        ("a.jsonl", True, "a.jsonl: this is a record, and the mapping "),
        ("a.xlsx", True, "a.xlsx: found a file that ends in '.xlsx'. Permitted: .csv,"),
        ("a.parquet", False, "a.parquet: found a file that ends in '.parquet'."),
        ("missing.csv", True, "missing.csv: there is no such file or folder."),
    ],
)
def test_files_that_are_no_sources(sources: Sources, knowledge: Knowledge, name: str, mapped: bool, says: str) -> None:
    file, mapping = sources.folder / name, sources.folder.parent / "mapping.yaml"
    mapping.write_text(TABLES)
    if not name.startswith("missing"):
        file.write_text("x")
    with pytest.raises(ImportSourceError) as found:
        import_records([file], sources.store, knowledge, mapping_file=mapping if mapped else None)
    assert says in str(found.value)


def test_a_source_in_the_store(sources: Sources, knowledge: Knowledge) -> None:
    made = sources.imported(patients=PATIENTS, treatments=TREATMENTS.replace("mwa", "knife"))
    assert made.rejected_folder is not None
    for source in (sources.store / "records.jsonl", made.rejected_folder / "rejected_rows"):
        mapping = None if source.suffix else sources.folder.parent / "mapping.yaml"
        with pytest.raises(ImportSourceError, match="lies in the store"):
            import_records([source], sources.store, knowledge, mapping_file=mapping)


# -- REDCap ----------------------------------------------------------------------------------------------------

REDCAP = """\
tables:
  - file: export.csv
    shape: redcap
    parts:
      - part: patient
        fields: {sex: {column: sex, words: {1: male, 2: female}}}
      - part: extrahepatic
        fields: {extrahepatic_sites: {checkbox: sites, words: {1: bone}}}
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Record ID,Sex,sites___1\n1,1,1\n", "export.csv:1: this export has labels instead of variable names ('Record ID')."),
        ("record_id,sex,sites___1\n1,1,1\n2,1,Checked\n", "export.csv:3: sites___1: found 'Checked', a label instead of a code."),
        ("record_id,sex,sites___1,visit_complete\n1,1,1,Complete\n", "export.csv:2: visit_complete: found 'Complete', a label"),
        ("record_id,sex,sites___1,sites___2\n1,1,1,0\n", "mapping.yaml:8:18: 'words' says nothing of the box 'sites___2'"),
        ("study_id,sex,sites___1\n1,1,1\n", "mapping.yaml:2:5: the column 'record_id' is not in"),
    ],
)
def test_exports_that_cannot_be_read(sources: Sources, text: str, says: str) -> None:
    with pytest.raises(ImportSourceError) as found:
        sources.imported(REDCAP, export=text)
    assert says in str(found.value)


def test_rows_of_a_record_are_joined_and_contradictions_rejected(sources: Sources) -> None:
    text = "record_id,redcap_event_name,sex,sites___1,age\n1,a,1,1,50\n1,b,,0,\n2,a,1,,\n2,b,2,,\n"
    made = sources.imported(REDCAP, export=text)
    assert sources.records == {"1": {"nelm": 1, "id": "1", "patient": {"sex": "male"}, "extrahepatic": [{"extrahepatic_sites": ["bone"]}]}}
    assert made.unmapped == {"export.csv": ["age"]}
    assert _said(made) == [("export.csv", 4, "", "2", True), ("export.csv", 5, "sex", "2", False)]


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ("1,treatment,,knife", {"1": ["rfa"], "2": []}),
        ("1,treatment", {"2": []}),
        ("1,treatment,9,rfa", {"2": []}),
    ],
)
def test_of_a_long_export_rows_can_be_left_out_that_give_nothing_a_record_has_once(
    sources: Sources, row: str, kept: dict[str, Any]
) -> None:
    """A row that cannot be read may have been one that does."""
    mapping = """\
tables:
  - file: export.csv
    shape: redcap
    parts:
      - part: patient
        fields: {sex: {column: sex, words: {1: male, 2: female}}}
      - part: treatments
        fields: {treatment_kind: kind}
"""
    text = f"record_id,redcap_repeat_instrument,sex,kind\n1,,1,\n1,treatment,,rfa\n{row}\n2,,2,\n"
    made = sources.imported(mapping, export=text, keep_good_rows=True)
    assert sources.kinds == kept
    assert [item.line for item in made.rejected if not item.held_back] == [4]
    shutil.rmtree(sources.store)
    sources.imported(mapping, export=text)
    assert sources.kinds == {"2": []}
