"""What holds for the repository as a whole: lock files, the wheel, the documents that people read first."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import nelm
from nelm.advice.worked_cases import run_all
from nelm.knowledge.load import load

MAXIMUM_LINES = 500
LOCKS = ("core", "cohort", "dev")
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+) \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?P<more> \\)?$")
NEITHER = re.compile(r"^(\s*#.*)?$")
ADDRESS_OR_MACHINE_PATH = re.compile(r"(?:https?|file|git\+\w+)://|(?:^|[\s=\"'(])(?:/\w|[A-Za-z]:\\)")
EXAMPLE = re.compile(
    r"^(?P<how>At the end of|New file) `(?P<file>content/[^`]+)`:\n\n```yaml\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX)\b")


def normal(name: str) -> str:
    """The name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(requirements: list[str]) -> set[str]:
    """The names in a list of requirements (`polars>=1.35`)."""
    found = (re.match(r"[A-Za-z0-9._-]+", item) for item in requirements)
    return {normal(name.group()) for name in found if name}


def pins(lock: Path) -> dict[str, str]:
    """Name and version of each line of a lock file."""
    lines = (PINNED.match(line) for line in lock.read_text(encoding="utf-8").splitlines())
    return {normal(line["name"]): line["version"] for line in lines if line}


def text_files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (file for file in sorted(folder.rglob("*")) if file.is_file() and "__pycache__" not in file.parts)


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, object]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


# -- files ------------------------------------------------------------------------------------------


def test_no_source_file_is_too_long_to_open(root: Path) -> None:
    lengths = {str(file.relative_to(root)): len(file.read_bytes().splitlines()) for file in text_files(root / "src")}
    assert {file: lines for file, lines in lengths.items() if lines > MAXIMUM_LINES} == {}


def test_nothing_is_left_open(root: Path) -> None:
    found = [
        f"{file.relative_to(root)}:{number}: {line.strip()}"
        for file in text_files(root / "src", root / "content")
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if LEFT_OPEN.search(line)
    ]
    assert found == []


# -- lock files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_file_is_pinned_and_hashed(root: Path, name: str) -> None:
    lines = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    hashes_due = False
    for number, line in enumerate(lines, start=1):
        where = f"requirements/{name}.txt:{number}: {line}"
        if hashes_due:
            found = HASH.match(line)
            assert found, f"a hash is due here: {where}"
            hashes_due = found["more"] is not None
        else:
            hashes_due = PINNED.match(line) is not None
            assert hashes_due or NEITHER.match(line), f"neither a pinned version nor a comment: {where}"
    assert not hashes_due
    assert pins(root / "requirements" / f"{name}.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_name_no_address_and_no_machine(root: Path, name: str) -> None:
    lines = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if ADDRESS_OR_MACHINE_PATH.search(line)] == []


@pytest.mark.parametrize("line", ["--index-url https://x.org", "a @ file:///x", "# via -r /home/me/a.in", "# by --cache=/x", r"# C:\me"])
def test_the_search_for_addresses_finds_them(line: str) -> None:
    assert ADDRESS_OR_MACHINE_PATH.search(line)


def test_lock_files_hold_what_the_project_requires(root: Path, project: dict[str, dict[str, object]]) -> None:
    core, cohort, dev = (pins(root / "requirements" / f"{name}.txt") for name in LOCKS)
    needed, build = project["project"]["dependencies"], project["build-system"]["requires"]
    assert isinstance(needed, list)
    assert isinstance(build, list)
    assert required([*needed, *build]) <= set(core)
    extras = project["project"]["optional-dependencies"]
    assert isinstance(extras, dict)
    assert required(extras["cohort"]) <= set(cohort)
    assert required([*extras["dev"], *extras["spark"]]) - {"nelm"} <= set(dev)
    assert core.items() <= cohort.items() <= dev.items(), "the lock files have to name the same versions: make lock"


def test_core_stays_small(root: Path) -> None:
    """Advice on one patient needs no data frames, no web framework, no test tools."""
    assert not {"polars", "duckdb", "pandas", "numpy", "django", "pyspark", "pytest"} & set(pins(root / "requirements" / "core.txt"))


# -- version and wheel ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release would be."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_version_stands_in_one_place(project: dict[str, dict[str, object]], wheel: Path) -> None:
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"nelm-{nelm.__version__}.dist-info/METADATA").decode()
    assert f"\nVersion: {nelm.__version__}\n" in metadata


def test_the_wheel_holds_the_code_and_the_content(root: Path, content: Path, wheel: Path) -> None:
    source = root / "src"
    wanted = {file.relative_to(source).as_posix() for file in text_files(source / "nelm")}
    wanted |= {f"nelm/content/{file.relative_to(content).as_posix()}" for file in text_files(content)}
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert wanted - held == set()
    assert {name for name in held - wanted if ".dist-info/" not in name} == set()


def test_the_wheel_works_away_from_the_repository(wheel: Path, tmp_path: Path) -> None:
    """Installed elsewhere, the command finds the content that came with it."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    (tmp_path / "elsewhere").mkdir()
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); import nelm; assert nelm.__file__.startswith(sys.path[0]); "
    case = tmp_path / "installed" / "nelm" / "content" / "cases" / "p01.yaml"
    command = [sys.executable, "-c", start + "from nelm.cli.main import run; run()", str(tmp_path / "installed"), "assess", str(case)]
    done = subprocess.run(command, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Frilling" in done.stdout


# -- documents --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["make assess", "make test"])
def test_the_readme_names_the_commands(root: Path, command: str) -> None:
    assert command in (root / "README.md").read_text(encoding="utf-8")


def test_every_decision_has_a_number_and_a_title(root: Path) -> None:
    records = sorted((root / "docs" / "decisions").glob("*.md"))
    assert records
    for expected, record in enumerate(records, start=1):
        assert record.name.startswith(f"{expected:04}-"), f"{record.name}: the next number is {expected:04}"
        title = record.read_text(encoding="utf-8").splitlines()[0]
        assert re.fullmatch(rf"# {expected}\. \S.*", title), f"{record.name}: the first line reads '# {expected}. Title', not {title!r}"


def test_continuous_integration_runs_make_test(root: Path) -> None:
    script = root / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111, "continuous integration has to be able to run it"
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_the_examples_of_contributing_load_and_hold(root: Path, content: Path, tmp_path: Path) -> None:
    """Added to a copy of the content, they pass every check, and each worked case that they bring gives what it says."""
    page = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    examples = list(EXAMPLE.finditer(page))
    assert len(examples) == page.count("```yaml")
    shutil.copytree(content, tmp_path / "content", ignore=shutil.ignore_patterns("cases"))
    for example in examples:
        file = tmp_path / example["file"]
        assert file.exists() == (example["how"] == "At the end of"), example["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as open_file:
            open_file.write(example["text"])
    runs = list(run_all(tmp_path / "content", load(tmp_path / "content", thorough=True)))
    assert [deviation for run in runs for deviation in run.deviations] == []
    assert len(runs) > 1
    assert [run.case for run in runs if not run.checks] == []
