"""Pictures of a cohort: what they say, that they say it without colour, and that they give no small number away."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import vl_convert

from nelm.cohort.attrition import Attrition, falling
from nelm.cohort.canvas import DOTS, FULL, GREY, STRIPES, wrapped
from nelm.cohort.compiled import compile_cohort
from nelm.cohort.overlap import Overlap, overlapping
from nelm.cohort.pictures import (
    BAR_WIDTH,
    SETTING_COLUMNS,
    Setting,
    _Falling,
    _Together,
    draw_attrition,
    draw_overlap,
    setting_of,
    write_attrition,
    write_overlap,
)
from tests.cohort.orchard import orchard, trees

SVG = "{http://www.w3.org/2000/svg}"
FIT = {"kind": "apple", "sick": False, "height_m": 5}
SMALL = {"kind": "apple", "sick": False, "height_m": 2}
SICK = {"kind": "apple", "sick": True, "height_m": 5}
UNKNOWN: dict[str, object] = {}
MADE_UP = Setting(date(2025, 5, 1), date(2025, 5, 1), synthetic=20, rows=20)


def attrition(**rows: int) -> Attrition:
    """Trees for the show: so many fit, sick, small, unknown."""
    kinds = {"fit": FIT, "sick": SICK, "small": SMALL, "unknown": UNKNOWN}
    made = falling(compile_cohort(orchard()), "for_show")
    return made.run([trees(*(kinds[name] for name, number in rows.items() for _ in range(number)))])


def overlap(*rows: dict[str, object]) -> Overlap:
    return overlapping(compile_cohort(orchard()), ("tall", "sick")).run([trees(*rows)])


def texts(svg: str) -> list[str]:
    """All lines of text in a picture; it has to be XML that can be read."""
    return ["".join(found.itertext()) for found in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def fills(svg: str) -> set[str]:
    return set(re.findall(r'fill="(url\(#\w+\))"', svg))


# -- who falls out -------------------------------------------------------------------------------------------


def test_the_result_stands_first_and_every_number_beside_its_bar() -> None:
    svg = draw_attrition(attrition(fit=8, sick=6, small=4, unknown=2), MADE_UP)
    found = texts(svg)
    assert "Fit for the show" in found
    assert "Of 20 patients: all criteria met: 8; not met: 10; not known: 2." in found
    assert "Facts as of 2025-05-01." in found
    assert "SYNTHETIC DATA" in found
    assert found.index("still in") < found.index("not known") < found.index("falls out here")
    for label in ("Everybody", "Kind of tree = 'apple'", "Not: Sick", "Higher than 3 m"):
        assert label in found
    assert [words for words in found if words.isdigit()].count("2") == 3  # not known after each criterion


def test_the_states_differ_without_colour() -> None:
    assert fills(draw_attrition(attrition(fit=8, unknown=2), MADE_UP)) == {"url(#stripes)"}
    assert STRIPES not in draw_attrition(attrition(fit=8, unknown=2), MADE_UP)


def test_bars_are_as_long_as_the_counts() -> None:
    drawing = _Falling(attrition(fit=8, sick=6, small=4, unknown=2), MADE_UP, None)
    drawing.svg()
    widths: dict[str, list[float]] = {}
    for box in drawing.canvas._boxes[4:]:  # behind the mark of synthetic data and the legend
        widths.setdefault(box["fill"], []).append(round((box["x2"] - box["x"]) * 20 / BAR_WIDTH, 6))
    assert widths[FULL] == [20, 18, 12, 8]
    assert widths[STRIPES] == [2, 2, 2]
    assert widths[GREY] == [6, 4]


def test_it_can_be_read_aloud() -> None:
    root = ElementTree.fromstring(draw_attrition(attrition(fit=8, sick=6, unknown=2), MADE_UP))
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title description")
    title, description = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    assert title == "Who falls out: Fit for the show"
    assert description is not None
    assert "Not: Sick: 8 still in, 2 not known, 6 falls out here." in description
    assert "aria-label=" not in draw_attrition(attrition(fit=8), MADE_UP).replace("aria-labelledby=", "")


def test_fonts_that_exist_everywhere() -> None:
    families = set(re.findall(r'font-family="([^"]+)"', draw_attrition(attrition(fit=8), MADE_UP)))
    assert len(families) == 1
    assert families.pop().startswith("Arial, Helvetica")


def test_no_small_number_is_written_or_drawn() -> None:
    """2 sick trees: also who is left after them, and who is not known after that, would tell."""
    found = attrition(fit=20, sick=2, unknown=9)
    svg = draw_attrition(found, MADE_UP, 5)
    assert "<5" in texts(svg)
    assert "not shown" in texts(svg)
    assert not {"2", "18"} & set(texts(svg))
    assert "url(#dots)" in svg
    drawing = _Falling(found, MADE_UP, 5)
    drawing.svg()
    drawn = {(box["fill"], round((box["x2"] - box["x"]) * 31 / BAR_WIDTH, 6)) for box in drawing.canvas._boxes[4:]}
    shown = {step.still_in for step, marks in zip(found.steps, found.marks(5)[1:], strict=True) if marks[0].name == "SHOWN"} | {31}
    assert {width for fill, width in drawn if fill == FULL} == shown
    assert not [width for fill, width in drawn if fill == GREY and 0 < width < 5]
    assert [width for fill, width in drawn if fill == DOTS]


def test_nobody_and_no_day() -> None:
    found = texts(draw_attrition(falling(compile_cohort(orchard()), "for_show").run([]), Setting()))
    assert "Of 0 patients: all criteria met: 0; not met: 0; not known: 0." in found
    assert not [words for words in found if "SYNTHETIC" in words or "Facts as of" in words]


# -- what holds together -------------------------------------------------------------------------------------


def test_a_column_per_combination() -> None:
    found = overlap(*[FIT] * 9, *[SICK] * 4, *[SMALL] * 3, UNKNOWN)
    drawing = _Together(found, MADE_UP, 2, None)
    said = texts(drawing.svg())
    assert "Of 17 patients: in no column, because a condition is not known: 1; in 1 other combination: 3." in said
    assert {"9", "4", "13"} <= set(said)  # the two columns; tall in 13
    dots = [(dot["fill"] == FULL) for dot in drawing.canvas._dots[:4]]
    assert dots == [True, False, True, True]  # tall alone; tall and sick
    heights = [box["y2"] - box["y"] for box in drawing.canvas._boxes if box["fill"] == FULL]
    assert round(heights[1] / heights[0], 6) == round(4 / 9, 6)


def test_small_combinations_are_not_shown() -> None:
    found = overlap(*[FIT] * 9, *[SMALL] * 7, *[SICK] * 3)
    said = texts(draw_overlap(found, MADE_UP, suppress_below=5))
    assert "Of 19 patients: in no column, because a condition is not known: 0; in 1 other combination: <5." in said
    assert not {"3", "7", "12"} & set(said)
    assert said.count("shown") == 1  # "not" and "shown", one above the other
    few = texts(draw_overlap(overlap(FIT, SICK), MADE_UP, suppress_below=5))
    assert any(words.startswith("Of <5 patients") for words in few)
    assert texts(draw_overlap(overlap(), Setting()))


# -- setting and files ---------------------------------------------------------------------------------------


def test_the_setting_of_a_table() -> None:
    frame = trees({"as_of": date(2024, 5, 1), "synthetic": True}, {"as_of": date(2025, 1, 1)}, {}).select(SETTING_COLUMNS)
    found = setting_of([frame[:1], frame[1:]], "trees")
    assert found == Setting(date(2024, 5, 1), date(2025, 1, 1), synthetic=1, rows=3, counted="trees")
    assert (found.when(), found.mark()) == ("Facts as of 2024-05-01 to 2025-01-01.", "PARTLY SYNTHETIC DATA")
    assert (Setting().when(), Setting().mark()) == ("", "")
    assert setting_of([]) == Setting()


def test_every_picture_has_its_table(tmp_path: Path) -> None:
    files = write_attrition(attrition(fit=8, sick=6), MADE_UP, tmp_path / "new", "show")
    assert [file.name for file in files] == ["show.svg", "show.csv"]
    assert pl.read_csv(files[1])["still_in"].to_list() == [14, 14, 8, 8]
    files = write_overlap(overlap(FIT, SICK), MADE_UP, tmp_path)
    assert [file.name for file in files] == ["overlap.svg", "overlap.csv", "overlap-conditions.csv"]
    files = write_overlap(overlap(*[FIT] * 9, SICK), MADE_UP, tmp_path, suppress_below=5)
    assert [file.name for file in files] == ["overlap.svg", "overlap.csv"]
    assert pl.read_csv(files[1])["rows"].to_list()[1] == "<5"


def test_a_browser_is_not_needed() -> None:
    png = vl_convert.svg_to_png(draw_attrition(attrition(fit=8, sick=6, unknown=2), MADE_UP))
    assert png.startswith(b"\x89PNG")


def test_long_labels_are_wrapped_and_cut() -> None:
    assert wrapped("Ki-67 below 10 %", 12, 2) == ["Ki-67 below", "10\N{NO-BREAK SPACE}%"]
    assert wrapped("one two three four", 8, 2) == ["one two", "three …"]
    assert wrapped("", 8, 2) == [""]
