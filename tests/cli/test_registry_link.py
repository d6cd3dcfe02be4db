"""`nelm registry link` and its neighbours as a user meets them, and how each ends when something is wrong."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from nelm.cli import registry_link

app = typer.Typer()
app.command("link")(registry_link.link_tables)
app.command("make-key")(registry_link.make_link_key)
app.command("encode")(registry_link.encode_persons)
app.command("link-encoded")(registry_link.link_encodings)
app.command("link-evaluate")(registry_link.evaluate_linkage)
app.command("link-simulate")(registry_link.simulate_registries)


def nelm(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def message(result: Result) -> str:
    """What a refused command says, on one line; it has written nothing else."""
    assert result.exit_code == 2
    return " ".join(result.output.split())


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def tree(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two registries, linked with names and, encoded, without."""
    folder = tmp_path_factory.mktemp("linkage")
    made = nelm("link-simulate", "--persons", 400, "--seed", 4, "--output", folder / "made")
    assert made.exit_code == 0, made.output
    linked = nelm("link", folder / "made" / "ours.csv", folder / "made" / "theirs.csv", "--output", folder / "linked")
    assert linked.exit_code == 0, linked.output
    assert nelm("make-key", folder / "key").exit_code == 0
    for site, table in (("one", "ours"), ("other", "theirs")):
        done = encode(folder, table, folder / "key", site, site)
        assert done.exit_code == 0, done.output
    linked = nelm("link-encoded", folder / "one.parquet", folder / "other.parquet", "--output", folder / "unnamed")
    assert linked.exit_code == 0, linked.output
    return folder


def encode(folder: Path, table: str, key: Path, site: str, name: str) -> Result:
    files = ("--output", folder / f"{name}.parquet", "--pseudonyms", folder / f"{name}.csv")
    return nelm("encode", folder / "made" / f"{table}.csv", "--key", key, "--site", site, *files)


def test_the_folder_holds_every_decision(folder: Path) -> None:
    assert tree(folder / "linked") == {"decisions.parquet", "links.csv", "review.csv", "conflicts.csv", "parameters.csv", "linkage.json"}
    told = json.loads((folder / "linked" / "linkage.json").read_text(encoding="utf-8"))
    decisions = pl.read_parquet(folder / "linked" / "decisions.parquet")
    assert told["candidate_pairs"] == decisions.height == sum(told["decisions"].values()) == sum(told["rules"].values())
    links = rows(folder / "linked" / "links.csv")
    assert len(links) == told["decisions"]["link"] > 200
    assert links[0]["explanation"].startswith("begins at -")
    assert {row["field"] for row in rows(folder / "linked" / "parameters.csv")} >= {"given_name", "birth_date"}


def test_it_is_held_against_labelled_pairs(folder: Path) -> None:
    result = nelm("link-evaluate", folder / "linked", folder / "made" / "truth.csv")
    assert result.exit_code == 0
    assert "precision of the links" in result.output
    lists = ("--our-pseudonyms", folder / "one.csv", "--their-pseudonyms", folder / "other.csv")
    result = nelm("link-evaluate", folder / "unnamed", folder / "made" / "truth.csv", *lists)
    assert result.exit_code == 0
    assert "240" in result.output


def test_decisions_of_people_are_read_back(folder: Path, tmp_path: Path) -> None:
    tables = (folder / "made" / "ours.csv", folder / "made" / "theirs.csv")
    review = rows(folder / "linked" / "review.csv")
    link = rows(folder / "linked" / "links.csv")[0]
    assert all(row["decision"] == "" for row in review)
    decided = [{"ours": link["ours"], "theirs": link["theirs"]}, *({"ours": row["ours"], "theirs": row["theirs"]} for row in review)]
    with (tmp_path / "decided.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["ours", "theirs", "decision", "decided_by", "decided_on"])
        writer.writeheader()
        writer.writerows({**pair, "decision": "no link", "decided_by": "MK", "decided_on": "2024-03-01"} for pair in decided)
    result = nelm("link", *tables, "--output", tmp_path / "again", "--clerical", tmp_path / "decided.csv")
    assert result.exit_code == 0, result.output
    after = pl.read_parquet(tmp_path / "again" / "decisions.parquet")
    by_hand = after.filter(pl.col("rule") == "clerical")
    assert by_hand.height == len(decided)
    assert by_hand["why"].unique().to_list() == ["Decided by MK on 2024-03-01."]
    assert set(by_hand["decision"]) == {"no link"}


def test_no_name_and_no_id_leaves_the_institution(folder: Path) -> None:
    leaves = b"".join((folder / name).read_bytes() for name in ("one.parquet", "other.parquet"))
    leaves += b"".join(file.read_bytes() for file in sorted((folder / "unnamed").iterdir()))
    leaves += b"".join(value for row in pl.read_parquet(folder / "one.parquet").rows() for value in row if isinstance(value, bytes))
    secret = (folder / "key").read_text().split()[-1].encode()
    for row in rows(folder / "made" / "ours.csv"):
        for field in ("id", "family_name", "birth_date"):
            assert not row[field] or row[field].encode() not in leaves
    assert secret not in leaves


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("link", "made/none.csv", "made/theirs.csv", "-o", "new"), "none.csv"),
        (("link", "made/truth.csv", "made/theirs.csv", "-o", "new"), "the column 'id' is not there"),
        (("link", "made/ours.csv", "made/theirs.csv", "-o", "new", "--column", "id"), "Permitted: FIELD=COLUMN"),
        (("link", "made/ours.csv", "made/theirs.csv", "-o", "new", "--column", "name=id"), "the field 'name' is not known"),
        (("link", "made/ours.csv", "made/theirs.csv", "-o", "new", "--upper", 1, "--lower", 2), "--upper 1, --lower 2"),
        (("link", "made/ours.csv", "made/theirs.csv", "-o", "new", "--settings", "none.yaml"), "cannot be read"),
        (("link", "made/ours.csv", "made/theirs.csv", "-o", "new", "--clerical", "made/truth.csv"), "these columns are missing: decision"),
        (("link", "made/ours.csv", "made/theirs.csv", "-o", "new", "--date-order", "dm"), "--date-order: found 'dm'"),
        (("link", "made/ours.csv", "made/theirs.csv", "-o", "made"), "it holds something that is not a linkage"),
        (("link-evaluate", "made", "made/truth.csv"), "this is not the folder of a linkage"),
        (("link-evaluate", "linked", "made/ours.csv"), "these columns are missing: ours, theirs"),
        (("link-evaluate", "unnamed", "made/truth.csv", "--our-pseudonyms", "one.csv"), "Give both, or neither"),
        (("make-key", "key"), "A key is never overwritten"),
        (("link-encoded", "one.parquet", "one.parquet", "-o", "new"), "are both from 'one'"),
        (("link-encoded", "one.parquet", "made/ours.csv", "-o", "new"), "this is no file of encoded persons"),
        (("link-encoded", "one.parquet", "linked/decisions.parquet", "-o", "new"), "not of encoded persons"),
        (
            ("encode", "made/ours.csv", "--key", "one.csv", "--site", "x", "-o", "new", "--pseudonyms", "who"),
            "this is not a whole link key",
        ),
        (
            ("encode", "made/ours.csv", "--key", "key", "--site", "x", "-o", "one.csv", "--pseudonyms", "who"),
            "there is a file of this name",
        ),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...], expected: str
) -> None:
    monkeypatch.chdir(folder)
    before = tree(folder)
    assert expected in message(nelm(*arguments))
    assert tree(folder) == before


def test_another_key_is_refused(folder: Path) -> None:
    nelm("make-key", folder / "key2")
    assert encode(folder, "theirs", folder / "key2", "third", "third").exit_code == 0
    said = message(nelm("link-encoded", folder / "one.parquet", folder / "third.parquet", "--output", folder / "new"))
    assert "the institutions used different keys" in said
    assert not (folder / "new").exists()
