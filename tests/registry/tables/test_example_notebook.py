"""The notebook docs/examples/registry-epidemiology.ipynb: a notebook of the format, without outputs, whose cells run in order."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.epidemiology.test_net_survival import DATA, rows_of

NOTEBOOK = Path(__file__).parents[3] / "docs" / "examples" / "registry-epidemiology.ipynb"
BOOK: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
CODE = [cell for cell in BOOK["cells"] if cell["cell_type"] == "code"]


def test_it_is_a_notebook_of_format_4_5() -> None:
    assert (BOOK["nbformat"], BOOK["nbformat_minor"]) == (4, 5)
    assert set(BOOK) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    names = [cell["id"] for cell in BOOK["cells"]]
    assert len(set(names)) == len(names)
    for cell in BOOK["cells"]:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        wanted = {"cell_type", "id", "metadata", "source"} | ({"execution_count", "outputs"} if cell in CODE else set())
        assert set(cell) == wanted, cell["id"]
        assert cell["cell_type"] in {"code", "markdown"}
        assert all(isinstance(line, str) for line in cell["source"])


def test_outputs_are_stripped() -> None:
    assert [cell["id"] for cell in CODE if cell["outputs"] or cell["execution_count"] is not None] == []


@pytest.fixture(scope="module")
def shown() -> tuple[dict[str, Any], dict[str, object]]:
    """What the cells leave behind, and by first line of each cell what it shows."""
    names: dict[str, Any] = {"__name__": "notebook"}
    found: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(NOTEBOOK.parent)
        for cell in CODE:
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, cell["id"], "exec"), names)
            if last is not None:
                found[cell["id"]] = eval(compile(ast.Expression(last.value), cell["id"], "eval"), names)
    return names, found


def test_its_figures_are_those_of_r(shown: tuple[dict[str, Any], dict[str, object]]) -> None:
    names, _ = shown
    (net,) = (
        row
        for row in rows_of(DATA / "reference_survival.csv.gz")
        if (row["method"], row["group"], row["years"]) == ("pohar-perme daily grid", "1", "5")
    )
    assert names["net"].at([5.0]).survival[0] == pytest.approx(float(net["surv"]), abs=1e-10)
    (standard,) = (row for row in rows_of(DATA / "reference_age_standardised_icss1.csv") if row["years"] == "5")
    assert names["standardised"].at([5.0])[0].survival == pytest.approx(float(standard["as_net"]), abs=1e-8)
    for rule, counts in names["counts"].items():
        expected = [
            float(row["prevalence"])
            for row in rows_of(DATA / "reference_prevalence.csv")
            if row["index"] == "2018-01-01" and row["rule"] == rule and row["duration"] in {"5", "10", "29"}
        ]
        assert counts == [round(value, 1) for value in expected]


def test_what_it_says_is_so(shown: tuple[dict[str, Any], dict[str, object]]) -> None:
    """Five of 484 are at risk; probabilities add up; the invented treatment does nothing, and only the naive comparison says otherwise."""
    names, found = shown
    (late,) = names["by_grade"].estimates().filter(grade="3", years=10.0).iter_rows(named=True)
    assert (late["persons"], late["at_risk"], late["survival"], late["support"]) == (484, 5, None, "refused")
    assert any(str(value).startswith("3000 persons, 1912 deaths, 0 rows") for value in found.values())
    assert sum(share for _, share in [*names["parts"], ("alive", round(names["observed"].at([10.0]).survival[0], 3))]) == pytest.approx(
        1, abs=2e-3
    )
    treated, others = names["naive"]
    assert treated - others > 0.15
    low, high = names["comparison"].benefits[0].bootstrap.percentile
    assert low < 0 < high
    assert names["Picture"]("<svg/>")._repr_svg_() == "<svg/>"
