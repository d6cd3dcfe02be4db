"""Encoded persons as a file that may leave the institution, and the list of pseudonyms that may not.

The file has a row for each person in the order of the pseudonyms, which says nothing about the table. Nothing in it is an id, a name
or a date. What the receiver must know stands in the metadata: version, institution, fingerprints of key and parameters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from nelm.registry.linkage.encoding import ENCODING_VERSION, Encoder, EncodingSettings
from nelm.registry.linkage.keys import LinkKey
from nelm.registry.linkage.persons import Persons, PersonsError
from nelm.registry.linkage.settings import NAMES, Normalisation

METADATA = "nelm_encoded_persons"
BLOCK_PERSONS = 50_000
NEEDED = (*NAMES, "birth_date")


class EncodedError(ValueError):
    """Encoded persons that cannot be used: which file, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class Encoded:
    """Encoded persons.

    `frame` has `pseudonym`, and for each pass `block_<n>` and `filter_<n>`, both empty for a person without the salt of the pass.
    """

    label: str
    site: str
    key: str
    parameters: str
    filter_bits: int
    salts: tuple[str, ...]
    frame: pl.DataFrame


@dataclass(frozen=True)
class Encoding:
    """What an institution makes: what may leave it, who is who, and how many could not be encoded."""

    encoded: Encoded
    pseudonyms: pl.DataFrame
    left_out: int


def encode(persons: Persons, key: LinkKey, settings: EncodingSettings, normalisation: Normalisation, *, site: str) -> Encoding:
    """Encode the persons of an institution; `site` is its name and makes its pseudonyms its own.

    A person without given name, family name or birth date is left out: too little would be compared. Raises PersonsError where
    the table lacks one of these fields or nobody is left, and where no institution is named.
    """
    if not site.strip():
        raise PersonsError("--site: found nothing. Name the institution; its pseudonyms are made with it.")
    missing = [name for name in NEEDED if name not in persons.fields]
    if missing:
        raise PersonsError(
            f"{persons.label}: no values for {', '.join(missing)}. Encoding needs {', '.join(NEEDED)}. Name the column of each."
        )
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in NEEDED)
    kept = persons.frame.filter(whole).with_columns(_pseudonyms(persons.frame.filter(whole), key, site)).sort("pseudonym")
    if kept.height == 0:
        raise PersonsError(f"{persons.label}: nobody has {', '.join(NEEDED)}. Nobody can be encoded.")
    frame = pl.concat(_encoded_rows(block, persons, Encoder(key, settings)) for block in kept.iter_slices(BLOCK_PERSONS))
    encoded = Encoded(
        persons.label,
        site,
        key.fingerprint,
        settings.fingerprint(normalisation),
        settings.filter_bits,
        tuple(one.salt for one in settings.passes),
        frame,
    )
    left_out = persons.frame.filter(~whole).select(pl.lit(None, pl.String).alias("pseudonym"), "id")
    return Encoding(encoded, pl.concat([kept.select("pseudonym", "id"), left_out]), left_out.height)


def _pseudonyms(frame: pl.DataFrame, key: LinkKey, site: str) -> pl.Series:
    return pl.Series("pseudonym", [key.digest("pseudonym", f"{site}|{name}").hex()[:24] for name in frame["id"].to_list()], pl.String)


def _encoded_rows(block: pl.DataFrame, persons: Persons, encoder: Encoder) -> pl.DataFrame:
    columns: list[pl.Series] = [block["pseudonym"]]
    some = Persons(persons.label, block, persons.fields)
    for number, one in enumerate(encoder.settings.passes, start=1):
        rows, raw = encoder.filters(some, one)
        finished = encoder.finished(raw, block["pseudonym"].gather(rows).to_list())
        filters: list[bytes | None] = [None] * block.height
        for row, bits in zip(rows.tolist(), finished, strict=True):
            filters[row] = bits.tobytes()
        blocks = {value: encoder.block(one, value) for value in block[one.salt].drop_nulls().unique().to_list()}
        columns.append(block[one.salt].replace_strict(blocks, default=None, return_dtype=pl.String).alias(f"block_{number}"))
        columns.append(pl.Series(f"filter_{number}", filters, pl.Binary))
    return pl.DataFrame(columns)


# -- on disk ---------------------------------------------------------------------------------------------------


def write_encoding(encoding: Encoding, file: Path, pseudonyms: Path) -> None:
    """Write both files, whole or not at all. Raises EncodedError where one exists or cannot be written."""
    told = {
        "version": ENCODING_VERSION,
        "site": encoding.encoded.site,
        "key": encoding.encoded.key,
        "parameters": encoding.encoded.parameters,
        "filter_bits": encoding.encoded.filter_bits,
        "salts": list(encoding.encoded.salts),
    }
    if file.resolve() == pseudonyms.resolve():
        raise EncodedError(
            f"{file}: given for the encodings and for the pseudonyms. The second may not leave the institution; name another."
        )
    for path in (file, pseudonyms):
        if path.exists():
            raise EncodedError(f"{path}: there is a file of this name. Choose another, or remove it.")
    asides = [path.with_name(f".{path.name}.part") for path in (file, pseudonyms)]
    try:
        encoding.encoded.frame.write_parquet(asides[0], metadata={METADATA: json.dumps(told)})
        asides[1].touch(mode=0o600)
        asides[1].write_bytes(encoding.pseudonyms.write_csv().encode("utf-8"))
        asides[1].replace(pseudonyms)
        asides[0].replace(file)
    except OSError as error:
        raise EncodedError(f"{error.filename or file}: cannot be written ({error.strerror}). Choose another place.") from None
    finally:
        for aside in asides:
            aside.unlink(missing_ok=True)


def read_encoded(file: Path) -> Encoded:
    """Encoded persons from a file. Raises EncodedError for a file that is none, is of another version, or holds somebody twice."""
    if not file.is_file():
        raise EncodedError(f"{file}: there is no such file. 'nelm registry encode' makes one.")
    try:
        metadata = pl.read_parquet_metadata(file)
        frame = pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise EncodedError(f"{file}: this is no file of encoded persons ({str(error).splitlines()[0]}). Ask for it again.") from None
    if METADATA not in metadata:
        raise EncodedError(f"{file}: a table, but not of encoded persons. 'nelm registry encode' makes these.")
    told = _told(file, metadata[METADATA])
    if told.get("version") != ENCODING_VERSION:
        raise EncodedError(
            f"{file}: encoded as version {told.get('version')}; this program reads {ENCODING_VERSION}. Encode with the same version of nelm everywhere."
        )
    made = Encoded(file.name, told["site"], told["key"], told["parameters"], told["filter_bits"], tuple(told["salts"]), frame)
    for problem in _problems(made):
        raise EncodedError(f"{file}: {problem} Ask for the file again.")
    return made


def _told(file: Path, text: str) -> dict[str, Any]:
    """The metadata. Raises EncodedError where they are damaged; those of another version may hold anything else."""
    try:
        told: dict[str, Any] = dict(json.loads(text))
    except (ValueError, TypeError):
        told = {}
    kinds = {"site": str, "key": str, "parameters": str, "filter_bits": int, "salts": list}
    whole = told.get("version") != ENCODING_VERSION or all(isinstance(told.get(name), kind) for name, kind in kinds.items())
    if not told or not whole:
        raise EncodedError(f"{file}: what the file says about itself is damaged. Ask for it again.")
    return told


def _problems(encoded: Encoded) -> Iterator[str]:
    frame, numbers = encoded.frame, range(1, len(encoded.salts) + 1)
    wanted: dict[str, pl.DataType] = {"pseudonym": pl.String()}
    for number in numbers:
        wanted |= {f"block_{number}": pl.String(), f"filter_{number}": pl.Binary()}
    if dict(frame.schema) != wanted:
        yield f"the columns are {', '.join(frame.columns)} where {', '.join(wanted)} are expected."
        return
    if frame.height == 0:
        yield "it holds nobody."
    if frame["pseudonym"].n_unique() != frame.height:
        yield "a pseudonym stands there twice; everybody has one row."
    for number in numbers:
        sizes = frame[f"filter_{number}"].bin.size().drop_nulls()
        if (sizes != encoded.filter_bits // 8).any():
            yield f"a filter has not {encoded.filter_bits} bits."


def check_comparable(ours: Encoded, theirs: Encoded) -> None:
    """Both were made with one key and one set of parameters. Raises EncodedError."""
    if ours.key != theirs.key:
        raise EncodedError(
            f"{ours.label} was encoded with the key {ours.key}, {theirs.label} with {theirs.key}: the institutions used different keys, and "
            "their filters have nothing in common. Agree on one key file and encode again."
        )
    if ours.parameters != theirs.parameters:
        raise EncodedError(
            f"{ours.label} was encoded with the parameters {ours.parameters}, {theirs.label} with {theirs.parameters}. Use the same version of "
            "nelm and the same settings (registry/encoding.yaml, and the normalisation of registry/linkage.yaml), and encode again."
        )
    if ours.site == theirs.site:
        raise EncodedError(f"{ours.label} and {theirs.label} are both from {ours.site!r}. Give the files of two institutions.")
