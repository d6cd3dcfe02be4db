"""Facts tables that cannot be used: each says what is wrong, and nothing is left half written."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from nelm.cohort.facts_table import METADATA_KEY, Layout
from nelm.cohort.tables import FactsTableError, OutputError, open_facts, written_aside
from nelm.knowledge.base import Knowledge
from tests.cohort.patients import facts_frame, random_patients

Change = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def frame(knowledge: Knowledge) -> pl.DataFrame:
    return facts_frame(knowledge, random_patients(knowledge, 60, seed=3))


@pytest.fixture
def made(frame: pl.DataFrame, knowledge: Knowledge, tmp_path: Path) -> Path:
    file = tmp_path / "facts.parquet"
    frame.write_parquet(file, metadata=Layout(knowledge.model).metadata())
    return file


def test_a_table_is_opened_and_read_in_blocks(made: Path, frame: pl.DataFrame, knowledge: Knowledge) -> None:
    table = open_facts(made, knowledge)
    assert (table.height, table.notes) == (60, ())
    blocks = list(table.blocks(["primary_site", "age_years_low"], rows=25))
    assert [block.height for block in blocks] == [25, 25, 10]
    assert pl.concat(blocks).equals(frame.select("patient", "primary_site", "age_years_low").select(blocks[0].columns))


def test_a_folder_stands_for_the_table_in_it(made: Path, knowledge: Knowledge) -> None:
    assert open_facts(made.parent, knowledge).path == made


def test_a_table_that_does_not_say_its_dictionary_is_read_and_noted(frame: pl.DataFrame, knowledge: Knowledge, tmp_path: Path) -> None:
    frame.write_parquet(tmp_path / "facts.parquet")
    (note,) = open_facts(tmp_path, knowledge).notes
    assert "does not say which dictionary" in note


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda frame: frame.drop("primary_site", "sex"), "columns are missing: sex, primary_site"),
        (
            lambda frame: frame.with_columns(pl.col("primary_site").cast(pl.String)),
            "column 'primary_site' is of type String. Permitted: Int16",
        ),
        (lambda frame: frame.clear(), "the table has columns and no rows"),
        (lambda frame: pl.concat([frame, frame.head(1)]), "patients that stand there more than once: P0"),
        (lambda frame: frame.with_columns(patient=pl.lit(None, dtype=pl.String)), "60 rows have no patient"),
    ],
)
def test_a_table_that_is_no_facts_table_is_refused(
    change: Change, says: str, frame: pl.DataFrame, knowledge: Knowledge, tmp_path: Path
) -> None:
    file = tmp_path / "facts.parquet"
    change(frame).write_parquet(file)
    with pytest.raises(FactsTableError) as error:
        open_facts(file, knowledge)
    assert says in str(error.value)
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda frame: frame.with_columns(sex=pl.lit(9, dtype=pl.Int8)), "patient P0: sex: found 9. Permitted: a sum of bits from 1 to 7"),
        (lambda frame: frame.with_columns(sex=pl.lit(0, dtype=pl.Int8)), "patient P0: sex: found 0"),
        (lambda frame: frame.with_columns(age_years_low=pl.lit(900.0), age_years_high=pl.lit(900.0)), "between 0 and 130"),
        (lambda frame: frame.with_columns(age_years_low=pl.lit(9.0), age_years_high=pl.lit(3.0)), "found 9.0 to 3.0"),
        (lambda frame: frame.with_columns(age_years_low=pl.lit(9.0), age_years_high=pl.lit(None, dtype=pl.Float64)), "found 9.0 to None"),
        (
            lambda frame: frame.with_columns(birth_date_low=pl.date(2020, 1, 2), birth_date_high=pl.date(2020, 1, 1)),
            "a first and a last day",
        ),
    ],
)
def test_a_value_that_is_not_permitted_is_named(
    change: Change, says: str, frame: pl.DataFrame, knowledge: Knowledge, tmp_path: Path
) -> None:
    file = tmp_path / "facts.parquet"
    change(frame).write_parquet(file)
    table = open_facts(file, knowledge)
    with pytest.raises(FactsTableError) as error:
        list(table.blocks(table.layout.schema))
    assert says in str(error.value)


@pytest.mark.parametrize("inside", [b"", b"no table", b"PAR1 and then nothing PAR1"])
def test_what_is_no_parquet_file_is_refused(inside: bytes, knowledge: Knowledge, tmp_path: Path) -> None:
    file = tmp_path / "facts.parquet"
    file.write_bytes(inside)
    with pytest.raises(FactsTableError, match="not a Parquet file that can be read"):
        open_facts(file, knowledge)


def test_a_file_cut_short_is_refused(made: Path, knowledge: Knowledge) -> None:
    made.write_bytes(made.read_bytes()[:-500])
    with pytest.raises(FactsTableError, match="not a Parquet file"):
        open_facts(made, knowledge)


def test_a_missing_file_says_how_to_make_one(knowledge: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(FactsTableError, match="nelm cohort facts"):
        open_facts(tmp_path / "none.parquet", knowledge)


def test_a_table_made_with_another_dictionary_is_refused(frame: pl.DataFrame, knowledge: Knowledge, tmp_path: Path) -> None:
    """A code more in the middle, and every bit behind it means something else."""
    file = tmp_path / "facts.parquet"
    metadata = Layout(knowledge.model).metadata()[METADATA_KEY].replace('"duodenum": 4', '"duodenum": 8')
    frame.write_parquet(file, metadata={METADATA_KEY: metadata})
    with pytest.raises(FactsTableError, match="another dictionary; these facts have since changed: primary_site"):
        open_facts(file, knowledge)


# -- outputs ---------------------------------------------------------------------------------------------


def test_an_output_takes_its_place_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "verdicts"
    for text in ("first", "second"):
        with written_aside(target) as folder:
            (folder / "part").write_text(text)
            assert not (target / "part").exists() or (target / "part").read_text() == "first"
        assert (target / "part").read_text() == text
    assert [path.name for path in target.parent.iterdir()] == ["verdicts"]


def interrupted(target: Path, error: BaseException) -> None:
    with written_aside(target) as folder:
        (folder / "part").write_text("second")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), FactsTableError("wrong")])
def test_an_interrupted_run_leaves_what_was_there(error: BaseException, tmp_path: Path) -> None:
    target = tmp_path / "verdicts"
    with written_aside(target) as folder:
        (folder / "part").write_text("first")
    with pytest.raises(type(error)):
        interrupted(target, error)
    assert (target / "part").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["verdicts"]


def test_what_an_earlier_run_left_aside_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / ".verdicts.part"
    left.mkdir()
    (left / "old").write_text("old")
    with written_aside(tmp_path / "verdicts") as folder:
        (folder / "part").write_text("new")
    assert [path.name for path in (tmp_path / "verdicts").iterdir()] == ["part"]


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), pl.exceptions.ComputeError("No space left on device (os error 28)\n…")]
)
def test_a_full_disk_is_said_plainly(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device"):
        interrupted(tmp_path / "verdicts", error)
    assert list(tmp_path.iterdir()) == []
