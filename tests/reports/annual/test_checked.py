"""Reports that cannot be laid out truthfully: every mistake at once, with what is permitted."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from nelm.registry.annual.model import AnnualReport, Picture, Section, Table
from nelm.reports import annual
from tests.reports.annual.conftest import curve, made_up, small_table


def with_table(frame: pl.DataFrame, *numbers: str) -> AnnualReport:
    return with_section(Section("one", "One", tables=(Table("t", "T", frame, tuple(frame.columns), frozenset(numbers)),)))


def with_section(*sections: Section) -> AnnualReport:
    return replace(made_up(), sections=sections, methods=())


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (replace(made_up(), freeze=" "), "Report: freeze is empty."),
        (with_section(Section("A b", "A")), "Section 'A b': not an id."),
        (with_section(Section("../up", "A")), "Section '../up': not an id."),
        (with_section(Section("a", "A"), Section("a", "B")), "Section 'a': there are two of this id."),
        (with_section(Section("a", "A", tables=(small_table(), small_table()))), "Table 'flow': there are two of this id."),
        (with_section(Section("a", "A", tables=(small_table("../x"),))), "Table '../x': not an id."),
        (with_section(Section("a", "A", pictures=(Picture("p", "P", curve(), " "),))), "Picture p: 'says' is empty."),
        (with_section(Section("a", "A", pictures=(Picture("P", "P", curve(), "s"),))), "Picture 'P': not an id."),
        (with_table(pl.DataFrame()), "Table t: it has no columns."),
        (with_table(pl.DataFrame({"a": [1]}), "b"), "Table t: 'numbers' names column 'b', which is not there. Permitted: a."),
        (with_table(pl.DataFrame({"a": [[1]]})), "Table t, column 'a': found List(Int64)."),
        (with_table(pl.DataFrame({"a": [b"x"]})), "Table t, column 'a': found Binary."),
        (with_table(pl.DataFrame({"a": [1.0, None, float("nan")]})), "Table t, column 'a', row 3: found nan."),
        (with_table(pl.DataFrame({"a": [float("inf")]})), "Table t, column 'a', row 1: found inf."),
    ],
)
def test_what_is_refused(report: AnnualReport, expected: str) -> None:
    for render in (annual.render_html, annual.render_pdf, annual.render_json):
        with pytest.raises(annual.NotPrintable) as raised:
            render(report)
        assert str(raised.value).startswith(expected)


def test_all_mistakes_are_told_at_once() -> None:
    report = replace(with_table(pl.DataFrame({"a": [float("nan")]}), "b"), title="", period="")
    with pytest.raises(annual.NotPrintable) as raised:
        annual.render_html(report)
    assert len(str(raised.value).splitlines()) == 4
