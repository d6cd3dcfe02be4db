"""Persons as filters of bits: keyed Bloom filters, one for all fields of a person.

The method is that of Schnell, Bachteler and Reiher (BMC Med Inform Decis Mak 2009;9:41), all fields in one filter (Schnell, Bachteler,
Reiher 2011), with what was published since against its attacks; `docs/linkage.md` names the sources:

- the positions of a token come from HMAC-SHA-512 under the shared key, each independent of the others (no double hashing);
- every token is salted with a stable attribute of the person;
- a field sets about as many positions whatever its length;
- the filter is folded, balanced with its complement, and permuted by the key; random noise if wanted.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root
from nelm.knowledge.yamlfile import Path_
from nelm.registry.linkage.keys import LinkKey
from nelm.registry.linkage.persons import Persons
from nelm.registry.linkage.settings import Decisions, Field, Normalisation, reader_of

FILE = "registry/encoding.yaml"
ENCODING_VERSION = 1
POSITIONS = struct.Struct(">32H")  # of a digest; the length of a filter is a power of two, so that all are equally likely
Bits = npt.NDArray[np.uint8]
Tokens = Literal["pairs", "day_and_month", "year", "whole", "beginnings"]
Salt = Literal["birth_year", "birth_day_month"]


@dataclass(frozen=True)
class Part:
    """A field in a filter: how it is cut into tokens, and how many positions it sets in all."""

    __pydantic_config__ = STRICT
    field: Field
    tokens: Tokens
    hash: str
    bits: int


@dataclass(frozen=True)
class Pass:
    """One filter of each person, salted with an attribute; only persons who share it are compared."""

    __pydantic_config__ = STRICT
    salt: Salt
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class EncodingSettings:
    """The content file. What two institutions must have in common is in `fingerprint`; thresholds are not."""

    __pydantic_config__ = STRICT
    version: int
    bits: int
    folded: bool
    balanced: bool
    noise: float
    passes: tuple[Pass, ...]
    kept: float
    decisions: Decisions

    def fingerprint(self, normalisation: Normalisation) -> str:
        """Equal where persons are written and encoded alike. Noise is no part of it: each institution may add its own."""
        told = asdict(self)
        for left_out in ("kept", "decisions", "noise"):
            del told[left_out]
        text = json.dumps({"encoding": told, "normalisation": asdict(normalisation)}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def filter_bits(self) -> int:
        """The length of a finished filter."""
        return (self.bits // 2 if self.folded else self.bits) * (2 if self.balanced else 1)


def encoding_settings(file: Path | None = None) -> EncodingSettings:
    """The settings of the content, or those of a file of one's own. Raises ContentError with every mistake and its line."""
    root, name = (content_root(), FILE) if file is None else (file.parent, file.name)
    reader = reader_of(root, name, own=file)
    found = reader.whole(EncodingSettings, name)
    if found is not None:
        for path, problem in _problems(found):
            reader.report(reader.documents[name], path, problem)
    if reader.findings or found is None:
        raise ContentError(reader.findings)
    return found


def _problems(settings: EncodingSettings) -> Iterator[tuple[Path_, str]]:
    if settings.version != ENCODING_VERSION:
        yield ("version",), f"Found {settings.version}. Permitted: {ENCODING_VERSION}, the version that this program writes."
    if not 128 <= settings.bits <= 65536 or settings.bits & (settings.bits - 1):
        yield ("bits",), f"Found {settings.bits}. Permitted: a power of two from 128 to 65536."
    if not 0 <= settings.noise < 1:
        yield ("noise",), f"Found {settings.noise:g}. Permitted: a share from 0 to below 1."
    if not settings.passes:
        yield ("passes",), "Found none. Without a pass nobody is encoded."
    for number, one in enumerate(settings.passes):
        if [other.salt for other in settings.passes].index(one.salt) != number:
            yield ("passes", number, "salt"), f"{one.salt!r} salts two passes. Give each pass its own."
        for place, part in enumerate(one.parts):
            if part.bits < 1:
                yield ("passes", number, "parts", place, "bits"), f"Found {part.bits}. Permitted: a whole number from 1 on."
    rules = settings.decisions
    if not 0 <= settings.kept <= rules.lower <= rules.upper <= 1:
        yield ("decisions",), f"Found kept {settings.kept:g}, lower {rules.lower:g}, upper {rules.upper:g}. Permitted: rising, from 0 to 1."


# -- tokens ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=50_000)
def _pairs(text: str) -> tuple[str, ...]:
    """Pairs of neighbouring letters, a blank before and after each word; one that is met again is numbered."""
    found: list[str] = []
    for word in text.split():
        padded = f" {word} "
        found += [padded[place : place + 2] for place in range(len(padded) - 1)]
    return tuple(pair if (before := found[:place].count(pair)) == 0 else f"{pair}{before}" for place, pair in enumerate(found))


def _day_and_month(text: str) -> list[str]:
    """The four digits in their places, and both numbers in no order, so that a swap keeps two tokens of six."""
    digits = text[5:7] + text[8:10]
    return [*(f"{place}:{digit}" for place, digit in enumerate(digits)), f"one:{text[5:7]}", f"one:{text[8:10]}"]


def _year(text: str) -> list[str]:
    return [*(f"{place}:{digit}" for place, digit in enumerate(text[:4])), f"year:{text[:4]}"]


def _beginnings(text: str) -> list[str]:
    return [text[:length] for length in range(2, len(text) + 1)] or [text]


TOKENS: Mapping[str, Callable[[str], Sequence[str]]] = {
    "pairs": _pairs,
    "day_and_month": _day_and_month,
    "year": _year,
    "whole": lambda text: [text],
    "beginnings": _beginnings,
}


# -- filters ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Encoder:
    """Makes filters under a key."""

    key: LinkKey
    settings: EncodingSettings

    def filters(self, persons: Persons, one: Pass) -> tuple[npt.NDArray[np.int64], Bits]:
        """The rows of the persons who have the salt, and their raw filters, packed: persons × bits/8."""
        frame = persons.frame
        rows = frame[one.salt].is_not_null().arg_true().to_numpy().astype(np.int64)
        columns = {part: self._column(frame, part) for part in one.parts}
        salts = frame[one.salt].to_list()
        width = self.settings.bits // 8
        packed = np.empty((rows.size, width), dtype=np.uint8)
        of_salt: dict[str, _Masks] = {}
        for place, row in sorted(enumerate(rows.tolist()), key=lambda both: salts[both[1]]):
            if salts[row] not in of_salt:
                of_salt = {salts[row]: _Masks(self.key, self.settings.bits, salts[row])}  # those of the salt before are not needed again
            whole = 0
            for part, values in columns.items():
                if (value := values[row]) is not None:
                    whole |= of_salt[salts[row]].of(part, value)
            packed[place] = np.frombuffer(whole.to_bytes(width, "big"), dtype=np.uint8)
        return rows, packed

    def finished(self, raw: Bits, noise_of: list[str]) -> Bits:
        """Raw filters folded, with noise, balanced and permuted. `noise_of` names the persons: each has noise of its own."""
        bits = np.unpackbits(raw, axis=1)
        if self.settings.folded:
            half = self.settings.bits // 2
            bits = bits[:, :half] ^ bits[:, half:]
        if self.settings.noise:
            bits = np.stack([self._with_noise(row, name) for row, name in zip(bits, noise_of, strict=True)])
        if self.settings.balanced:
            bits = np.concatenate([bits, 1 - bits], axis=1)[:, self._permutation]
        return np.packbits(bits, axis=1)

    def block(self, one: Pass, value: str) -> str:
        """What stands for the salt in the file: persons with the same one are compared."""
        return self.key.digest("block", f"{one.salt}|{value}").hex()[:16]

    def _column(self, frame: pl.DataFrame, part: Part) -> list[str | None]:
        if part.field not in frame.columns:
            return [None] * frame.height
        return frame[part.field].to_list()

    def _with_noise(self, bits: Bits, name: str) -> Bits:
        """Permanent randomised response: each bit is drawn anew with the chance `noise`."""
        random = np.random.default_rng(list(self.key.digest("noise", name)[:32]))
        drawn = random.random(bits.size) < self.settings.noise
        return np.where(drawn, random.integers(0, 2, bits.size, dtype=np.uint8), bits)

    @cached_property
    def _permutation(self) -> npt.NDArray[np.int64]:
        """The order of the bits of balanced filters: by a keyed number for each. No generator of random numbers, as these change."""
        numbers = [self.key.digest("permutation", str(bit)) for bit in range(self.settings.filter_bits)]
        return np.array(sorted(range(len(numbers)), key=numbers.__getitem__), dtype=np.int64)


class _Masks:
    """The positions of tokens under one salt, as whole numbers with a bit for each; each token is hashed once."""

    def __init__(self, key: LinkKey, bits: int, salt: str) -> None:
        self._key, self._bits, self._salt = key, bits, salt
        self._first: dict[tuple[str, str], list[int]] = {}  # of each token the mask of its first position, of its first two, …

    def of(self, part: Part, value: str) -> int:
        """All positions of a value: as many for each token as make up the bits of the part."""
        tokens = TOKENS[part.tokens](value)
        each = max(1, round(part.bits / len(tokens)))
        mask = 0
        for token in tokens:
            first = self._first.get((part.hash, token))
            if first is None or len(first) < each:
                first = self._first[part.hash, token] = self._hashed(part.hash, token, each)
            mask |= first[each - 1]
        return mask

    def _hashed(self, name: str, token: str, number: int) -> list[int]:
        found: list[int] = []
        mask, largest = 0, self._bits - 1
        while len(found) < number:
            digest = self._key.digest("positions", f"{name}|{self._salt}|{token}|{len(found)}")
            for position in POSITIONS.unpack(digest)[: number - len(found)]:
                mask |= 1 << (position & largest)
                found.append(mask)
        return found
