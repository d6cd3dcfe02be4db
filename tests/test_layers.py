"""Who may import whom: the floors of the house, and the checker that holds the code to them.

The checker reads the imports from the syntax tree, so an import inside a function or under `TYPE_CHECKING` counts too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

# Ground floor first. A room imports from floors below its own, never from above, and not from its neighbours.
FLOORS = (
    {"criteria"},
    {"knowledge"},
    {"patient"},
    {"advice", "epidemiology"},
    {"cohort", "conference"},
    {"registry"},
    {"reports"},
    {"interop"},
    {"workspace", "cli"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# The advice needs none of these, and neither does what it stands on: `nelm assess` starts fast and installs small.
HEAVY = {
    "data frames": {"polars", "pandas", "pyarrow", "duckdb", "numpy", "scipy", "sklearn", "altair"},
    "web": {"django", "ninja", "flask", "fastapi", "starlette", "uvicorn", "requests", "httpx", "aiohttp", "urllib3", "http", "socket"},
    "cluster": {"pyspark", "dask", "ray", "distributed"},
}
HEAVY_KIND = {library: kind for kind, libraries in HEAVY.items() for library in libraries}
ROOMS_OF_THE_ADVICE = {"criteria", "knowledge", "patient", "advice"}

MEDICAL = re.compile(
    r"\b(tumou?rs?|cancers?|carcino\w+|neuroendocrine|metasta\w+|liver|hepat\w+|pancrea\w+|ki-?67|grades?|biops\w+|specimens?"
    r"|disease|diagnos\w+|therap\w+|treatments?|surg\w+|resect\w+|transplant\w+|drugs?|dos(?:e|es|age)|clinic\w*|guidelines?)\b",
    re.IGNORECASE,
)


class Import(NamedTuple):
    """A module that a file imports, in full (`nelm.knowledge.load`), and the line."""

    module: str
    line: int


def imports_of(text: str, package: str) -> Iterator[Import]:
    """Every import of a source text that stands in `package`, relative ones and those by name included."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from (Import(name.name, node.lineno) for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                around = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                base = ".".join([*around, *([module] if module else [])])
                yield from (Import(f"{base}.{name.name}", node.lineno) for name in names)
            case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]):
                yield Import(name, node.lineno)
            case _:
                pass


def violations(source: Path) -> list[str]:
    """What breaks the rules of the house in the package at `source` (`…/nelm`), each with file and line."""
    found: list[str] = []
    for file in sorted(source.rglob("*.py")):
        inside = file.relative_to(source)
        if len(inside.parts) == 1 and inside.name != "__main__.py":
            found += [f"{inside}:{item.line}: the package itself imports {item.module}" for item in _own(file, "nelm") if _room(item)]
            continue
        room = "cli" if inside.name == "__main__.py" and len(inside.parts) == 1 else inside.parts[0]
        if room not in FLOOR:
            found.append(f"{inside}: the room {room!r} has no floor; give it one in tests/test_layers.py")
            continue
        package = ".".join(["nelm", *inside.parent.parts])
        found += [f"{inside}:{item.line}: {problem}" for item in _own(file, package) if (problem := _problem(room, item))]
    found += [
        f"{file.relative_to(source)}:{number}: medical word {word.group()!r} in criteria"
        for file in sorted((source / "criteria").rglob("*"))
        if file.is_file() and file.suffix in {".py", ".lark"}
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        for word in MEDICAL.finditer(line)
    ]
    return found


def _own(file: Path, package: str) -> list[Import]:
    return list(imports_of(file.read_text(encoding="utf-8"), package))


def _room(item: Import) -> str | None:
    """The room that an import leads to; None for libraries and for the package itself (its version)."""
    parts = item.module.split(".")
    return parts[1] if parts[0] == "nelm" and len(parts) > 1 and not parts[1].startswith("__") else None


def _problem(room: str, item: Import) -> str | None:
    target = _room(item)
    library = item.module.split(".")[0]
    if room in ROOMS_OF_THE_ADVICE and library in HEAVY_KIND:
        return f"{room} imports {library} ({HEAVY_KIND[library]})"
    if target is None or target == room:
        return None
    if target not in FLOOR:
        return f"{room} imports {target}, which has no floor"
    if FLOOR[target] > FLOOR[room]:
        return f"{room} imports upwards from {target}"
    return f"{room} imports sideways from {target}" if FLOOR[target] == FLOOR[room] else None


def test_the_code_keeps_to_its_floors(root: Path) -> None:
    assert violations(root / "src" / "nelm") == []


def test_every_room_of_the_advice_is_there(root: Path) -> None:
    """Otherwise the test above would pass on an empty folder."""
    assert {path.name for path in (root / "src" / "nelm").iterdir() if path.is_dir()} >= ROOMS_OF_THE_ADVICE


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("knowledge/load.py", "from nelm.patient.record import Record", "knowledge/load.py:1: knowledge imports upwards from patient"),
        ("knowledge/load.py", "import os\nimport nelm.cli.main", "knowledge/load.py:2: knowledge imports upwards from cli"),
        ("knowledge/load.py", "from nelm import advice", "knowledge/load.py:1: knowledge imports upwards from advice"),
        ("criteria/deep/er.py", "from ...knowledge import base", "criteria/deep/er.py:1: criteria imports upwards from knowledge"),
        ("patient/facts.py", "from .. import reports", "patient/facts.py:1: patient imports upwards from reports"),
        ("advice/gaps.py", "from nelm.epidemiology import rates", "advice/gaps.py:1: advice imports sideways from epidemiology"),
        ("registry/entry.py", "def f():\n    import nelm.reports.html", "registry/entry.py:2: registry imports upwards from reports"),
        ("cli/main.py", "from nelm.workspace import views", "cli/main.py:1: cli imports sideways from workspace"),
        ("patient/a.py", "if TYPE_CHECKING:\n    from nelm.advice import b", "patient/a.py:2: patient imports upwards from advice"),
        ("patient/a.py", "importlib.import_module('nelm.advice.b')", "patient/a.py:1: patient imports upwards from advice"),
        ("patient/a.py", "from nelm.cellar import b", "patient/a.py:1: patient imports cellar, which has no floor"),
        ("cellar/a.py", "", "cellar/a.py: the room 'cellar' has no floor; give it one in tests/test_layers.py"),
        ("__init__.py", "from nelm.criteria import parse", "__init__.py:1: the package itself imports nelm.criteria.parse"),
        ("advice/a.py", "import polars as pl", "advice/a.py:1: advice imports polars (data frames)"),
        ("advice/a.py", "from django.db import models", "advice/a.py:1: advice imports django (web)"),
        ("patient/a.py", "from pyspark.sql import functions", "patient/a.py:1: patient imports pyspark (cluster)"),
        ("criteria/a.py", "# the Liver\n", "criteria/a.py:1: medical word 'Liver' in criteria"),
        ("criteria/grammar.lark", "a: b\n// tumour", "criteria/grammar.lark:2: medical word 'tumour' in criteria"),
    ],
)
def test_the_checker_sees(tmp_path: Path, file: str, text: str, expected: str) -> None:
    assert violations(_house(tmp_path, {file: text})) == [expected]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("knowledge/load.py", "import re\nfrom nelm.criteria import parse\nfrom nelm.knowledge.base import Knowledge"),
        ("advice/findings.py", "from nelm import __version__\nfrom nelm.patient.facts import Facts"),
        ("reports/html.py", "import jinja2\nfrom nelm.advice.findings import Advice"),
        ("cohort/columns.py", "import polars"),
        ("__main__.py", "from nelm.cli.main import run"),
        ("knowledge/words.py", "LIVER = 'liver'"),
    ],
)
def test_the_checker_lets_pass(tmp_path: Path, file: str, text: str) -> None:
    assert violations(_house(tmp_path, {file: text})) == []


def _house(folder: Path, files: dict[str, str]) -> Path:
    """A made-up package with these files."""
    source = folder / "nelm"
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")
    return source
