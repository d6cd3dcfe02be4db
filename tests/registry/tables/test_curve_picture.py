"""The picture of curves: what is drawn, what stands below it, and when there is none."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.registry.tables.curve_picture import COLOURS, DASHES, MOST_CURVES, Curve, NoPicture, draw_curves


def curve(label: str = "all", *, until: float = 4 * DAYS_PER_YEAR, highest: float = 1.0) -> Curve:
    """Yearly steps down from `highest`; 40, 30, 20, 10 at risk."""
    time = np.arange(1, 5) * DAYS_PER_YEAR
    value = highest * np.array([0.9, 0.8, 0.7, math.nan])
    return Curve(label, time, value, value - 0.05, value + 0.05, np.array([40, 30, 20, 10]), until)


def draw(*curves: Curve, years: float = 4) -> str:
    return draw_curves(curves, title="A <title>", says=["What it says."], axis="Survival", notes=["A note."], years=years)


def words(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)<", svg)


def test_numbers_at_risk_stand_under_the_plot() -> None:
    svg = draw(curve())
    found = words(svg)
    assert "A &lt;title&gt;" in svg
    assert {"100 %", "At risk", "all", "years since diagnosis", "What it says.", "A note."} <= set(found)
    assert [found.count(number) for number in ("40", "30", "20", "10")] == [3, 2, 2, 2], "every half year; 40 until the first step"


def test_it_is_read_aloud() -> None:
    (said,) = re.findall(r"<desc[^>]*>(.*?)</desc>", draw(curve(), years=3))
    assert said.startswith("What it says. all: ")
    assert "90.0 % at 1 years" in said
    assert "70.0 % at 3 years" in said


def test_a_curve_ends_where_it_is_to_end() -> None:
    """The last point lies at `until`, the plot goes on to the years asked for."""

    def last_x(svg: str) -> float:
        path = max(re.findall(rf'd="(M[^"]*)"[^>]*stroke="{COLOURS[0]}"', svg), key=len)
        return max(float(x) for x, _ in re.findall(r"(-?[0-9.]+),(-?[0-9.]+)", path))

    whole, half = last_x(draw(curve())), last_x(draw(curve(until=2 * DAYS_PER_YEAR)))
    origin = whole - 600
    assert half - origin == pytest.approx(300, abs=1)


def test_survival_above_1_fits_in() -> None:
    assert "120 %" in words(draw(curve(highest=1.4)))
    assert "120 %" not in words(draw(curve()))


def test_many_points_become_one_for_each_pixel() -> None:
    time = np.arange(1, 20_001, dtype=np.float64)
    value = np.exp(-time / 20_000)
    many = Curve("all", time, value, value, value, np.full(time.size, 99), 20_000)
    assert len(draw(many, years=50)) < 80_000


def test_curves_differ_in_colour_and_dashes() -> None:
    assert len(set(COLOURS)) == len(set(DASHES)) == MOST_CURVES
    svg = draw(*(curve(str(number)) for number in range(MOST_CURVES)))
    assert all(f'stroke="{colour}"' in svg for colour in COLOURS)


def test_no_picture() -> None:
    with pytest.raises(NoPicture, match="9 curves; up to 8 can be told apart"):
        draw(*(curve(str(number)) for number in range(9)))
    with pytest.raises(NoPicture, match="no curve with enough persons at risk"):
        draw(curve(until=0.0))


def test_a_small_number_at_risk_does_not_follow_from_the_others() -> None:
    """Where the sum stands elsewhere, a second number of the same time is held back."""
    time = np.array([400.0])
    nothing = np.full(1, np.nan)
    curves = [Curve(label, time, np.ones(1), nothing, nothing, np.array([risk]), 400.0) for label, risk in (("a", 53), ("b", 37), ("c", 3))]
    svg = draw_curves(curves, title="T", says=[], axis="A", notes=[], years=1, below=5)
    assert "&lt;5" in svg
    assert ">53<" in svg
    assert ">37<" not in svg
    assert ">37<" in draw_curves(curves, title="T", says=[], axis="A", notes=[], years=1)
