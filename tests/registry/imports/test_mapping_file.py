"""The mapping file: what is read, and every mistake in it with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.registry.imports.mapping import ImportMapping, Written
from nelm.registry.imports.mapping_file import MappingError, read_mapping

WHOLE = """\
format: 1
name: an export
ids: centre
separator: semicolon
encoding: windows-1252
decimal: comma
missing: [NK, 99]
complete: treatments
tables:
  - file: a*.csv
    id: PAT
    centre: C
    date_order: dmy
    parts:
      - part: patient
        fields:
          birth_date: B
          sex: {column: S, words: {1: male, 02: female}, missing: 9, decimal: point}
      - part: record
        fields: {as_of: T}
  - file: b.csv
    shape: redcap
    centre: g
    separator: ","
    encoding: utf-8
    parts:
      - part: extrahepatic
        where: {event: [one, 2], instrument: null}
        fields:
          extrahepatic_sites: {checkbox: s, words: {1: bone, -2: lung}}
          source: {value: export}
"""


def _mapping(folder: Path, text: str, knowledge: Knowledge) -> ImportMapping:
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    return read_mapping(folder / "mapping.yaml", knowledge)


def test_a_whole_mapping(tmp_path: Path, knowledge: Knowledge) -> None:
    mapping = _mapping(tmp_path, WHOLE, knowledge)
    assert (mapping.ids, mapping.centre, mapping.complete, len(mapping.digest)) == ("centre", None, ("treatments",), 64)
    first, second = mapping.tables
    assert (first.file, first.id, first.centre, first.shape, first.rows) == ("a*.csv", "PAT", "C", "csv", "one_per_patient")
    assert (first.separator, first.encoding) == (";", "cp1252")
    assert (second.id, second.rows, second.separator, second.encoding) == ("record_id", "many_per_patient", ",", "utf-8")
    birth, sex = first.parts[0].fields
    assert birth.written == Written("comma", "dmy", frozenset({"NK", "99"}))
    assert (sex.words, sex.written) == ({"1": "male", "02": "female"}, Written("point", "dmy", frozenset({"NK", "99", "9"})))
    sites, source = second.parts[0].fields
    assert (sites.columns, source.constant, source.columns) == (("s___1", "s____2"), "export", ())
    assert second.parts[0].where == {"event": {"one", "2"}, "instrument": {""}}
    assert (first.is_of_patients, second.is_of_patients) == (True, False)
    assert first.columns == {"PAT", "C", "B", "S", "T"}
    assert second.columns == {"record_id", "g", "event", "instrument", "s___1", "s____2"}


def _part(text: str) -> str:
    """A mapping with one table and one part; line 6 is the first of the text."""
    return f"tables:\n  - file: a.csv\n    id: PAT\n    parts:\n      - part: tumour\n{text}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "mapping.yaml:1:1: Found None where fields ('name: value') are expected. Permitted: format, name, ids,"),
        ("- a", "mapping.yaml:1:1: Found ['a'] where fields"),
        ("a: [", "mapping.yaml:2:1: This is not YAML"),
        ("formt: 1", "mapping.yaml:1:1: The field 'formt' is not known. Did you mean 'format'? Permitted: format,"),
        ("format: 2", "mapping.yaml:1:1: format: found '2'. Permitted: 1."),
        ("ids: country", "mapping.yaml:1:1: ids: found 'country'. Permitted: registry, centre."),
        ("complete: [treatment]", "complete: found 'treatment'. Permitted: cardiac,"),
        ("separator: space", "separator: found 'space'. Permitted: comma, semicolon, tab, pipe."),
        ("encoding: utf8-big", "encoding: found 'utf8-big'. Permitted: utf-8, utf-16,"),
        ("decimal: coma", "decimal: found 'coma'. Permitted: point, comma. Did you mean 'comma'?"),
        ("date_order: [dmy]", "Found a list or fields where a single value is expected."),
        ("tables:", "A list of tables is expected, each after '- '."),
        ("tables: [x]", "mapping.yaml:1:10: Found 'x' where fields ('name: value') are expected. Permitted: file, shape, id,"),
        ("tables:\n  - id: a\n    parts: [{part: tumour, fields: {diagnosis_date: D}}]", "mapping.yaml:2:5: 'file' is missing: the name of the file"),
        ("tables:\n  - file: a\n    parts: [{part: tumour, fields: {diagnosis_date: D}}]", "mapping.yaml:2:5: 'id' is missing: the column with the patient's id."),
        ("tables:\n  - file: a\n    id: a", "mapping.yaml:2:5: A list of parts of the record is expected"),
        ("tables:\n  - file: a\n    id: a\n    parts: [{part: tumor, fields: {}}]", "part: found 'tumor'. Did you mean 'tumour'? Permitted: "),
        ("tables:\n  - file: a\n    id: a\n    parts: [{fields: {}}]", "'part' is missing"),
        (_part(""), "part tumour: 'fields' is missing"),
        (_part("        fields: {diagnosis_dat: D}"), "mapping.yaml:6:18: The dictionary has no element 'diagnosis_dat' in the part 'tumour'. Did you mean 'diagnosis_date'?"),
        (_part("        fields: {ki67_percent: D}"), "The element 'ki67_percent' belongs to the part 'specimens', not to 'tumour'. Move it there."),
        (_part("        fields:\n          diagnosis_date:"), "mapping.yaml:7:11: diagnosis_date: the column is missing."),
        (_part("        fields: {diagnosis_date: {col: D}}"), "The field 'col' is not known."),
        (_part("        fields: {diagnosis_date: {unit: cm}}"), "diagnosis_date: found none of column, checkbox and value. State one"),
        (_part("        fields: {diagnosis_date: {column: D, value: 2020}}"), "diagnosis_date: found column, value of column, checkbox and value."),
        (_part("        fields: {diagnosis_date: {column: D, unit: cm}}"), "diagnosis_date has no unit. Take 'unit' out."),
        (_part("        fields: {primary_diameter_mm: {column: D, unit: kg}}"), "primary_diameter_mm: found the unit 'kg'. Permitted: mm, um, cm, m."),
        (_part("        fields: {primary_site: {column: D, words: {1: knee}}}"), "mapping.yaml:6:52: primary_site: Found 'knee'. Permitted: pancreas,"),
        (_part("        fields: {primary_site: {column: D, words: [1]}}"), "words: what each word means is expected"),
        (_part("        fields: {primary_site: {column: D, split: ','}}"), "primary_site: only a list is split; this element is of kind coded."),
        (_part("        fields: {primary_site: {checkbox: D, words: {1: colon}}}"), "primary_site: checkbox columns give a list"),
        (_part("        fields: {primary_site: {value: knee}}"), "primary_site: Found 'knee'."),
        (_part("        fields: {primary_site: {value: colon}}"), "part tumour: all of its fields are constants"),
        (_part("        fields: {date: {value: soon}, primary_site: S}"), "date: Found 'soon'."),
        (_part("        where: event\n        fields: {primary_site: S}"), "where: columns with the words"),
        ("ids: centre\n" + _part("        fields: {primary_site: S}"), "mapping.yaml:3:5: 'ids: centre' needs the centre of every row."),
        ("centre: C01\n" + _part("        fields: {primary_site: S}").replace("id: PAT", "id: PAT\n    centre: C"), "mapping.yaml:5:5: The centre is stated for the whole mapping too."),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, knowledge: Knowledge, text: str, says: str) -> None:
    with pytest.raises(MappingError) as found:
        _mapping(tmp_path, text, knowledge)
    assert says in str(found.value)


def test_all_mistakes_are_said_at_once_in_the_order_of_their_lines(tmp_path: Path, knowledge: Knowledge) -> None:
    with pytest.raises(MappingError) as found:
        _mapping(tmp_path, "ids: x\n" + _part("        fields: {primary_sit: S, ki67_percent: K}") + "\ndecimal: y\n", knowledge)
    assert [line.split(":")[1] for line in str(found.value).splitlines()] == ["1", "7", "7", "8"]


def test_a_mapping_that_is_not_there(tmp_path: Path, knowledge: Knowledge) -> None:
    with pytest.raises(MappingError, match="cannot be read: No such file"):
        read_mapping(tmp_path / "mapping.yaml", knowledge)
