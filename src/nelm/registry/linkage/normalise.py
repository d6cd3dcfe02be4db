"""Names, places and numbers as they are compared: differences of writing that say nothing about the person are gone.

In this order: compatibility forms apart (Unicode NFKD) and lower case; letters that do not come apart written out (ß, ø); accents
dropped; other alphabets letter by letter; apostrophes closed up, all other signs taken for blanks; both ways of writing an umlaut
made one; titles and particles left out as long as a word is left. Every step and its tables are content.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from nelm.registry.linkage.settings import Normalisation

_CLOSED_UP = re.compile("['\u2019\u02bc`\u00b4\u2018]")  # apostrophes, and what is typed for them
_NOT_A_LETTER = re.compile(r"[^a-z]+")
_NOT_A_SIGN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Normaliser:
    """Writings to comparable texts. A text of which nothing is left is no value: None."""

    tables: Normalisation

    def name(self, text: str) -> str | None:
        """A given or family name: lower-case words of a to z with single blanks, without titles and particles."""
        words = _NOT_A_LETTER.sub(" ", self._folded(self._plain(text))).split()
        for left_out in (self._titles, self._particles):
            words = [word for word in words if word not in left_out] or words
        return " ".join(words) or None

    def place(self, text: str) -> str | None:
        """A municipality: as a name, its particles kept."""
        return " ".join(_NOT_A_LETTER.sub(" ", self._folded(self._plain(text))).split()) or None

    def number(self, text: str) -> str | None:
        """A postcode or the number of a person: letters and digits only."""
        return _NOT_A_SIGN.sub("", self._plain(text)) or None

    def column(self, values: pl.Series, rule: Callable[[str], str | None]) -> pl.Series:
        """A column under a rule, each different value worked out once."""
        different = values.drop_nulls().unique()
        written = {value: rule(value) for value in different.to_list()}
        return values.replace_strict(written, default=None, return_dtype=pl.String)

    def _plain(self, text: str) -> str:
        lower = unicodedata.normalize("NFC", text).casefold()
        apart = unicodedata.normalize("NFKD", lower.translate(self._letters))
        bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
        return _CLOSED_UP.sub("", bare.translate(self._transliterated))

    def _folded(self, text: str) -> str:
        for pair, one in self.tables.folded.items():
            text = text.replace(pair, one)
        return text

    @cached_property
    def _letters(self) -> dict[int, str]:
        return str.maketrans(self.tables.letters)

    @cached_property
    def _transliterated(self) -> dict[int, str]:
        return str.maketrans(self.tables.transliterated)

    @cached_property
    def _titles(self) -> frozenset[str]:
        return frozenset(map(self.place_word, self.tables.titles))

    @cached_property
    def _particles(self) -> frozenset[str]:
        return frozenset(map(self.place_word, self.tables.particles))

    def place_word(self, word: str) -> str:
        """A word of the tables as it stands in a normalised name."""
        return self._folded(self._plain(word))
