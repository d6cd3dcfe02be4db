"""Writings of one name end alike, and names that differ stay apart."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.registry.linkage.normalise import Normaliser
from nelm.registry.linkage.settings import linkage_settings

NORMALISER = Normaliser(linkage_settings().normalisation)


@pytest.mark.parametrize(
    ("writings", "expected"),
    [
        (("Müller", "Mueller", "MULLER", " müller "), "muller"),
        (("Ångström", "Aangstroem", "Angstrom"), "angstrom"),
        (("Łukasz", "Lukasz"), "lukasz"),
        (("Groß", "Gross", "GROSS"), "gross"),
        (("O'Neill", "O’Neill", "ONeill"), "oneill"),
        (("Jean-Luc", "jean luc", "Jean  Luc"), "jean luc"),
        (("van der Berg", "Berg, van der", "BERG"), "berg"),
        (("Dr. Eva", "Eva", "Prof. Dr. Eva"), "eva"),
        (("Иванова", "Ivanova"), "ivanova"),
        (("Παππάς", "Pappas"), "pappas"),
        (("Ђорђевић", "Đorđević"), "dordevic"),
        (("Le", "LE"), "le"),  # a particle that is all there is
        (("Van Der", "van der"), "van der"),
        (("E\u0301lodie", "\u00c9lodie", "Elodie"), "elodie"),  # accents apart and together
    ],
)
def test_writings_of_one_name(writings: tuple[str, ...], expected: str) -> None:
    assert {NORMALISER.name(text) for text in writings} == {expected}


@pytest.mark.parametrize("text", ["", "  ", "-", "?", "123", "李明"])
def test_nothing_is_left(text: str) -> None:
    assert NORMALISER.name(text) is None


def test_names_that_differ_stay_apart() -> None:
    assert len({NORMALISER.name(text) for text in ("Meier", "Maier", "Meyer", "Mayer", "Mair")}) == 5


def test_places_keep_their_particles_and_numbers_their_digits() -> None:
    assert NORMALISER.place("Le Mans") == "le mans"
    assert NORMALISER.number(" AB1-2cd ") == "ab12cd"
    assert NORMALISER.number("--") is None


@given(st.text(max_size=30))
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    once = NORMALISER.place(text)
    if once is not None:
        assert set(once) <= set("abcdefghijklmnopqrstuvwxyz ")
        assert NORMALISER.place(NORMALISER.place(once) or "") == NORMALISER.place(once)


def test_a_column_keeps_its_order_and_its_gaps() -> None:
    column = NORMALISER.column(pl.Series(["Groß", None, "?", "Gross"]), NORMALISER.name)
    assert column.to_list() == ["gross", None, None, "gross"]
