"""The commands as a user meets them: what they print, what they write, and how they end."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from nelm.cli.main import app


@pytest.fixture(scope="session")
def cases(content: Path) -> Path:
    return content / "cases"


def nelm(*arguments: object) -> Result:
    """Run the command; whatever happens, no traceback."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def case(tmp_path: Path, cases: Path) -> Path:
    file = tmp_path / "patient.yaml"
    file.write_text((cases / "p01.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return file


def test_assess_prints_the_advice(case: Path) -> None:
    result = nelm("assess", case)
    assert result.exit_code == 0
    assert "Resection of the liver metastases" in result.output
    assert "pnelm-2023" in result.output or "Chi et al. 2023" in result.output


@pytest.mark.parametrize("kind", ["text", "html", "pdf", "json"])
def test_assess_writes_each_format(case: Path, tmp_path: Path, kind: str) -> None:
    result = nelm("assess", case, "--format", kind, "--output", tmp_path / "out")
    assert result.exit_code == 0
    written = list((tmp_path / "out").iterdir())
    assert [file.suffix for file in written] == [{"text": ".txt"}.get(kind, f".{kind}")]
    assert written[0].stat().st_size > 1000


def test_assess_prints_json_that_can_be_read(case: Path) -> None:
    found = json.loads(nelm("assess", case, "--format", "json").stdout)
    words = {verdict["key"]: verdict["verdict"] for verdict in found["verdicts"]}
    assert words["nelm-2014/Q08"] == "FOR"
    assert words["pnelm-2023/Q12"] == "OUT"


def test_assess_of_one_guideline_only(case: Path) -> None:
    found = json.loads(nelm("assess", case, "--format", "json", "--guideline", "nelm-2014").stdout)
    assert {verdict["guideline"] for verdict in found["verdicts"]} == {"nelm-2014"}


def test_several_cases_go_on_after_one_that_fails(case: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("specimens: [{ki67_percent: 130}]", encoding="utf-8")
    result = nelm("assess", tmp_path, "--format", "json", "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["patient.json"]
    assert "1 of 2 records assessed, 1 could not be read" in result.output
    assert "130" in result.output


def test_impossible_values_can_be_set_aside(tmp_path: Path, cases: Path) -> None:
    refused = nelm("assess", cases / "v23a.yaml")
    assert (refused.exit_code, "ki67_percent" in refused.output) == (2, True)
    found = nelm("assess", cases / "v23a.yaml", "--set-aside-invalid")
    assert found.exit_code == 0
    assert "130" in found.output


BAD_RECORDS = {
    "ki67 of 130 %": ("specimens: [{ki67_percent: 130}]", "ki67_percent"),
    "negative size": ("liver: [{largest_liver_metastasis_mm: -4}]", "largest_liver_metastasis_mm"),
    "age 0": ("patient: {age_years: 0}", "age_years"),
    "birth after death": ("patient: {birth_date: 2020-01-01}\nfollow_up: [{death_date: 2010-01-01}]", "birth"),
    "unknown code": ("tumour: {primary_site: elbow}", "Permitted: pancreas"),
    "wrong unit": ('tumour: {primary_diameter_mm: "3 kg"}', "kg"),
    "misspelt field": ("tumour: {primary_sight: ileum}", "Did you mean 'primary_site'"),
    "misspelt part": ("tumor: {primary_site: ileum}", "Did you mean 'tumour'"),
    "duplicate keys": ("tumour: {primary_site: ileum, primary_site: colon}", "twice"),
    "no mapping": ("- a\n- b", "fields"),
    "a single word": ("hello", "fields"),
    "empty": ("", "empty"),
    "only a comment": ("# nothing", "empty"),
    "binary": ("\0\1\2", "binary"),
    "anchors": ("tumour: &a {primary_site: ileum}\nliver: [*a]", "Anchors"),
    "a tag": ("tumour: !!python/object:os.system {}", "Tags"),
    "not YAML": ("tumour: {primary_site: [", "YAML"),
}


@pytest.mark.parametrize(("text", "said"), BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
def test_bad_input_ends_with_a_message_and_nothing_written(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    for command in (("assess", file, "--output", tmp_path / "out"), ("case", "check", file)):
        result = nelm(*command)
        assert result.exit_code == 2
        assert said in result.output.replace("\n", " ")
        assert "bad.yaml" in result.output
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_billion_laughs_file_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    file = tmp_path / "laughs.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    result = nelm("assess", file)
    assert (result.exit_code, "Anchors" in result.output) == (2, True)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as handle:
        handle.truncate(50_000_000)
    result = nelm("assess", file)
    assert (result.exit_code, "50 MB" in result.output) == (2, True)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser can read and write everything")
def test_a_file_that_may_not_be_read(case: Path) -> None:
    case.chmod(0)
    result = nelm("assess", case)
    case.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert (result.exit_code, "cannot be read" in result.output) == (2, True)


def test_an_output_folder_that_cannot_be_written(case: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    result = nelm("assess", case, "--output", tmp_path / "file" / "below")
    assert (result.exit_code, "cannot be written" in result.output or "nothing can be written" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("assess", "nowhere.yaml"), "there is no such file"),
        (("assess", "{case}", "--guideline", "nelm-2041"), "Permitted: nelm-2014, pnelm-2023"),
        (("assess", "{case}", "--as-of", "12.3.2024"), "year-month-day"),
        (("assess", "{case}", "--format", "pdf"), "--output"),
        (("assess", "{folder}"), "holds no record"),
        (("explain", "{case}", "nelm-2014/Q08.R9"), "neither a statement nor a question"),
        (("whatif", "{case}", "ki67"), "Did you mean 'ki67_percent'"),
        (("guideline", "show", "nelm"), "Permitted: nelm-2014, pnelm-2023"),
        (("case", "new", "{case}"), "exists"),
        (("case", "new", "{folder}/none/x.yaml"), "does not exist"),
    ],
)
def test_what_cannot_be_done_is_said(case: Path, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "empty").mkdir()
    filled = [argument.format(case=case, folder=tmp_path / "empty") for argument in arguments]
    result = nelm(*filled)
    assert result.exit_code == 2
    assert said in result.output.replace("\n", " ")


@pytest.mark.parametrize("name", ["v24a", "v24b", "v24d", "v24c"])
def test_out_of_scope_is_said_and_nothing_recommended(cases: Path, name: str) -> None:
    found = json.loads(nelm("assess", cases / f"{name}.yaml", "--format", "json").stdout)
    out = [verdict for verdict in found["verdicts"] if verdict["guideline"] == "pnelm-2023"]
    assert {verdict["verdict"] for verdict in out} == {"OUT"}
    assert all(verdict["because"] for verdict in out)
    assert all(not verdict["parts"] for verdict in out)


def test_explain_shows_a_statement_with_every_fact_and_its_entry(case: Path) -> None:
    result = nelm("explain", case, "nelm-2014/Q08.R1")
    assert result.exit_code == 0
    assert "specimens" in result.output
    assert "Grade 1 or 2" in result.output


def test_explain_shows_the_table_of_a_question(case: Path) -> None:
    result = nelm("explain", case, "nelm-2014/Q08")
    assert "FOR (weak)" in result.output


def test_explain_names_what_is_still_open(cases: Path) -> None:
    assert "Still open" in nelm("explain", cases / "v19.yaml", "nelm-2014/Q08.R1").output


def test_whatif_cuts_a_fact_at_its_thresholds(case: Path) -> None:
    result = nelm("whatif", case, "ki67_percent")
    assert result.exit_code == 0
    assert "above 20 %" in result.output
    assert "AGAINST" in result.output
    assert len(nelm("whatif", case, "ki67_percent", "--all").output) > len(result.output)


def test_whatif_says_where_nothing_changes(cases: Path) -> None:
    assert "No verdict changes" in nelm("whatif", cases / "v24a.yaml", "needle_gauge").output


def test_a_new_case_is_a_template_that_can_be_checked(tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    assert nelm("case", "new", file).exit_code == 0
    assert nelm("case", "new").output == file.read_text(encoding="utf-8")
    assert nelm("case", "new", file, "--force").exit_code == 0
    assert "says nothing" in nelm("case", "check", file).output


def test_check_says_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("tumour: {primary_site: elbow}\nspecimens: [{ki67_percent: 130, grade: 2}]", encoding="utf-8")
    output = nelm("case", "check", file).output
    assert all(word in output for word in ("elbow", "130", "grade: "))


def test_check_shows_contradictions_and_says_where_nothing_is_wrong(cases: Path) -> None:
    assert "contradiction" in nelm("case", "check", cases / "v23d.yaml").output
    assert "nothing wrong found" in nelm("case", "check", cases / "v24a.yaml").output


def test_the_schema_is_json_schema() -> None:
    found = json.loads(nelm("case", "schema").stdout)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_guidelines_are_listed_and_shown() -> None:
    assert "nelm-2014" in nelm("guideline", "list").output
    assert "Q08.R1" in nelm("guideline", "show", "nelm-2014").output


@pytest.mark.parametrize(("guideline", "count"), [("nelm-2014", 102), ("pnelm-2023", 225)])
def test_show_as_json_holds_every_statement_with_locator_and_kind(guideline: str, count: int) -> None:
    found = json.loads(nelm("guideline", "show", guideline, "--json").stdout)
    assert len(found["statements"]) == count
    assert all(statement["kind"] and statement["source"] and statement["says"] for statement in found["statements"])


def test_the_content_check_is_silent() -> None:
    result = nelm("guideline", "check")
    assert (result.exit_code, result.output) == (0, "")


def test_wrong_content_is_said_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("dictionary", "derivations", "vocabulary", "guidelines"):
        (tmp_path / folder).mkdir()
    (tmp_path / "dictionary" / "a.yaml").write_text("entity: [", encoding="utf-8")
    (tmp_path / "dictionary" / "b.yaml").write_text("entity: b\nrecord_key: b\n", encoding="utf-8")
    monkeypatch.setenv("NELM_CONTENT", str(tmp_path))
    for command in (("guideline", "check"), ("guideline", "list")):
        result = nelm(*command)
        assert result.exit_code == 2
        assert "content/dictionary/a.yaml:2" in result.output
        assert "content/dictionary/b.yaml" in result.output


def test_a_missing_content_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NELM_CONTENT", str(tmp_path / "gone"))
    result = nelm("guideline", "list")
    assert (result.exit_code, "NELM_CONTENT" in result.output) == (2, True)


def test_help_and_version() -> None:
    assert "supports a team" in nelm("--help").output.replace("\n", " ")
    for command in ("assess", "explain", "whatif", "case", "guideline"):
        assert nelm(command, "--help").exit_code == 0
    assert nelm("--version").output.startswith("nelm ")


def test_coverage_counts_by_question() -> None:
    output = nelm("guideline", "coverage").output
    assert all(name in output for name in ("Frilling et al. 2014", "Chi et al. 2023", "Q05.1", "257", "123"))


def test_the_site_is_built_where_it_is_asked_for(tmp_path: Path) -> None:
    result = nelm("guideline", "build", "--output", tmp_path / "site", "--no-pdf")
    assert (result.exit_code, "pages" in result.output) == (0, True)
    assert (tmp_path / "site" / "index.html").is_file()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert nelm("guideline", "build", "--output", tmp_path / "file" / "below").exit_code == 2


def test_findings_are_linked_to_the_site(case: Path) -> None:
    output = nelm("assess", case, "--format", "html", "--site", "../guidelines").output
    assert 'href="../guidelines/nelm-2014/' in output
    assert 'href="../guidelines/nelm-2014/' not in nelm("assess", case, "--format", "html").output
