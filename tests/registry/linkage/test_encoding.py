"""Encodings: alike where persons are alike, the same length and weight for everybody, and nothing in them that names anybody."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nelm.registry.linkage.encoded_file import (
    METADATA,
    EncodedError,
    Encoding,
    check_comparable,
    encode,
    read_encoded,
    write_encoding,
)
from nelm.registry.linkage.encoded_kernel import alike, ones
from nelm.registry.linkage.encoded_pairs import EncodedLinkage, link_encoded, write_encoded_linkage
from nelm.registry.linkage.encoding import TOKENS, Encoder, EncodingSettings, encoding_settings
from nelm.registry.linkage.evaluate import evaluate
from nelm.registry.linkage.keys import LinkKey
from nelm.registry.linkage.normalise import Normaliser
from nelm.registry.linkage.persons import Persons, PersonsError, persons_of
from nelm.registry.linkage.settings import LinkageSettings, linkage_settings
from nelm.registry.linkage.synthetic import LabelledPersons

KEY = LinkKey(bytes(range(32)))
ENCODING = encoding_settings()
EVERY_RELEASE = ["f0a0894d053b582c", "a9c3c59f3d46630f", "8451af39aea60a5f", "df9da96650c2e736"]
NORMALISER = Normaliser(linkage_settings().normalisation)
ADA = {"given_name": "Ada", "family_name": "Steinbach", "birth_date": "1958-03-11", "sex": "female", "postcode": "12345"}


def encoded(*rows: dict[str, str | None], key: LinkKey = KEY, settings: EncodingSettings = ENCODING, site: str = "one") -> Encoding:
    table = pl.DataFrame([{"id": f"P-{number}", **row} for number, row in enumerate(rows)])
    return encode(persons_of(table, "ours", NORMALISER), key, settings, NORMALISER.tables, site=site)


def likeness(change: dict[str, str | None], settings: EncodingSettings = ENCODING, key: LinkKey = KEY) -> float:
    """Of a person and the same with a change: the better of both passes, 0 where they share no salt."""
    one, other = encoded(ADA, settings=settings).encoded, encoded({**ADA, **change}, settings=settings, site="other", key=key).encoded
    found = 0.0
    for number in range(1, len(one.salts) + 1):
        if one.frame[f"block_{number}"][0] == other.frame[f"block_{number}"][0]:
            bits, others = (np.unpackbits(np.frombuffer(side.frame[f"filter_{number}"][0], dtype=np.uint8)) for side in (one, other))
            dice = 2 * int((bits & others).sum()) / int(bits.sum() + others.sum())
            found = max(found, dice)
    return found


# -- likeness --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "at_least", "at_most"),
    [
        ({}, 1.0, 1.0),
        ({"family_name": "STEINBACH"}, 1.0, 1.0),
        ({"given_name": "Steinbach", "family_name": "Ada"}, 0.85, 0.999),
        ({"family_name": "Steinbch"}, 0.8, 0.97),
        ({"birth_date": "1958-11-03"}, 1.0, 1.0),  # the second pass takes day and month in either order
        ({"birth_date": "1985-03-11"}, 0.8, 0.97),
        ({"postcode": None}, 0.9, 0.99),
        ({"given_name": "Birgit", "family_name": "Wolfram"}, 0.4, 0.75),
        ({"birth_date": "1985-07-29"}, 0.0, 0.0),
    ],
)
def test_likeness(change: dict[str, str | None], at_least: float, at_most: float) -> None:
    assert at_least <= likeness(change) <= at_most


def test_another_key_makes_strangers() -> None:
    assert likeness({}, key=LinkKey(bytes(32))) == 0.0


def test_swapped_day_and_month_share_the_salt_of_the_second_pass() -> None:
    one, other = encoded(ADA).encoded.frame, encoded({**ADA, "birth_date": "1985-11-03"}).encoded.frame
    assert one["block_1"][0] != other["block_1"][0]
    assert one["block_2"][0] == other["block_2"][0]


@pytest.mark.parametrize(
    ("kind", "text", "tokens"),
    [
        ("pairs", "anna", [" a", "an", "nn", "na", "a "]),
        ("pairs", "aaa b", [" a", "aa", "aa1", "a ", " b", "b "]),
        ("day_and_month", "1958-03-11", ["0:0", "1:3", "2:1", "3:1", "one:03", "one:11"]),
        ("year", "1958-03-11", ["0:1", "1:9", "2:5", "3:8", "year:1958"]),
        ("beginnings", "123", ["12", "123"]),
        ("beginnings", "1", ["1"]),
        ("whole", "female", ["female"]),
    ],
)
def test_tokens(kind: str, text: str, tokens: list[str]) -> None:
    assert list(TOKENS[kind](text)) == tokens


# -- nothing leaks ---------------------------------------------------------------------------------------------

WORDS = st.text("abcdefghijklmnopqrstuvwxyzäöüéł", min_size=6, max_size=12).filter(lambda text: len(NORMALISER.name(text) or "") >= 5)


@hypothesis_settings(max_examples=25, deadline=None)
@given(WORDS, WORDS, st.dates(), st.text("0123456789", min_size=7, max_size=9))
def test_no_value_stands_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, given_name: str, family_name: str, born: object, number: str
) -> None:
    """Neither in the bytes, nor by any part of a name of five letters, nor by the id."""
    folder = tmp_path_factory.mktemp("encoded")
    row = {
        "id": f"P{number}",
        "given_name": given_name,
        "family_name": family_name,
        "birth_date": str(born),
        "sex": "female",
        "postcode": number,
    }
    made = encode(persons_of(pl.DataFrame([row]), "ours", NORMALISER), KEY, ENCODING, NORMALISER.tables, site="one")
    write_encoding(made, folder / "a.parquet", folder / "who.csv")
    written = (folder / "a.parquet").read_bytes()
    frame = pl.read_parquet(folder / "a.parquet")
    everything = (
        written + repr(frame.rows()).encode() + b"".join(value for row in frame.rows() for value in row if isinstance(value, bytes))
    )
    lower = everything.lower()
    for text in (given_name, family_name, NORMALISER.name(given_name), NORMALISER.name(family_name)):
        for place in range(len(text or "") - 4):
            assert (text or "")[place : place + 5].encode() not in lower
    for text in (str(born), str(born).replace("-", ""), number, row["id"]):
        assert text.encode() not in everything
    assert KEY.secret not in everything
    assert f"P{number}" in (folder / "who.csv").read_text()


@hypothesis_settings(max_examples=25, deadline=None)
@given(WORDS, WORDS)
def test_every_filter_has_the_same_number_of_ones(given_name: str, family_name: str) -> None:
    frame = encoded({**ADA, "given_name": given_name, "family_name": family_name}).encoded.frame
    for number in (1, 2):
        bits = np.unpackbits(np.frombuffer(frame[f"filter_{number}"][0], dtype=np.uint8))
        assert bits.size == ENCODING.filter_bits
        assert bits.sum() == ENCODING.filter_bits // 2


def test_a_name_has_other_bits_in_every_year_of_birth() -> None:
    """Two persons of one name, born on the same day of two years: without the salt nearly all bits would agree."""
    one, other = encoded(ADA, {**ADA, "birth_date": "1959-03-11"}).encoded.frame["filter_1"]
    agree = np.unpackbits(np.frombuffer(one, dtype=np.uint8)) == np.unpackbits(np.frombuffer(other, dtype=np.uint8))
    assert 0.4 < agree.mean() < 0.6


def test_pseudonyms_are_those_of_the_institution_and_hide_the_order() -> None:
    rows = [{**ADA, "given_name": name} for name in ("Ada", "Bea", "Cleo", "Dora")]
    here, there = encoded(*rows), encoded(*rows, site="other")
    assert not set(here.encoded.frame["pseudonym"]) & set(there.encoded.frame["pseudonym"])
    assert here.encoded.frame["pseudonym"].is_sorted()
    assert here.pseudonyms.height == 4


def test_noise_is_drawn_for_each_person_and_the_same_again() -> None:
    noisy = replace(ENCODING, noise=0.1)
    rows = [ADA, ADA]
    one, other = encoded(*rows, settings=noisy).encoded.frame["filter_1"]
    assert one != other
    assert encoded(*rows, settings=noisy).encoded.frame["filter_1"].to_list() == [one, other]
    assert 0.85 < likeness({}, settings=noisy) < 0.97


@pytest.mark.parametrize(
    ("folded", "balanced", "bits"), [(True, True, 1024), (True, False, 512), (False, True, 2048), (False, False, 1024)]
)
def test_the_hardening_can_be_chosen(folded: bool, balanced: bool, bits: int) -> None:
    chosen = replace(ENCODING, folded=folded, balanced=balanced)
    assert len(encoded(ADA, settings=chosen).encoded.frame["filter_1"][0]) * 8 == bits == chosen.filter_bits


def test_folding_lays_one_half_over_the_other() -> None:
    small = replace(ENCODING, bits=128, balanced=False)
    raw = np.packbits([[1] * 64 + [0, 1] * 32], axis=1)
    assert np.unpackbits(Encoder(KEY, small).finished(raw, [""])).tolist() == [1, 0] * 32


def test_the_same_person_has_the_same_filters_in_every_release() -> None:
    """Institutions do not update on one day. If this fails, the version of the encoding has to rise."""
    frame = encoded(ADA).encoded.frame
    digests = [hashlib.sha256(frame[name][0]).hexdigest()[:16] for name in ("filter_1", "filter_2")]
    assert [frame["block_1"][0], frame["block_2"][0], *digests] == EVERY_RELEASE


# -- the kernel ------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**64 - 1))
def test_ones(word: int) -> None:
    assert ones(np.uint64(word)) == word.bit_count()


def test_the_kernel_finds_what_a_plain_loop_finds() -> None:
    random = np.random.default_rng(3)
    ours, theirs = (random.integers(0, 2**63, (60, 2), dtype=np.uint64) for _ in range(2))
    edges = np.array([0, 10, 60])
    left, right, distance = alike(ours, theirs, edges[:-1], edges[1:], edges[:-1], edges[1:], 58)
    plain = [
        (i, j, found)
        for first, last in ((0, 10), (10, 60))
        for i in range(first, last)
        for j in range(first, last)
        if (found := sum(int(a ^ b).bit_count() for a, b in zip(ours[i].tolist(), theirs[j].tolist(), strict=True))) <= 58
    ]
    assert plain
    assert list(zip(left.tolist(), right.tolist(), distance.tolist(), strict=True)) == plain


def test_the_kernel_has_room_for_any_number_of_pairs() -> None:
    same = np.zeros((50, 1), dtype=np.uint64)
    left, _, distance = alike(same, same, *(np.array([value]) for value in (0, 50, 0, 50)), 0)
    assert left.size == 2500
    assert not distance.any()


# -- linking ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both(ours: Persons, theirs: Persons) -> tuple[Encoding, Encoding]:
    return tuple(encode(side, KEY, ENCODING, NORMALISER.tables, site=site) for side, site in ((ours, "one"), (theirs, "other")))


@pytest.fixture(scope="module")
def found(both: tuple[Encoding, Encoding]) -> EncodedLinkage:
    return link_encoded(both[0].encoded, both[1].encoded, ENCODING.decisions, kept=ENCODING.kept)


def test_it_finds_most_persons_and_no_others(found: EncodedLinkage, both: tuple[Encoding, Encoding], made_up: LabelledPersons) -> None:
    truth = made_up.truth
    for side, encoding in zip(("ours", "theirs"), both, strict=True):
        names = dict(encoding.pseudonyms.select("id", "pseudonym").iter_rows())
        truth = truth.with_columns(pl.Series(side, [names[name] or f"?{name}" for name in truth[side]]))
    evaluation = evaluate(found.decisions, truth, persons=made_up.ours.height)
    assert evaluation.recall is not None
    assert evaluation.precision is not None
    assert evaluation.recall >= 0.88
    assert evaluation.precision >= 0.995
    assert (evaluation.recall_after_review or 0) >= 0.93
    assert evaluation.review_load <= 40


def test_every_kept_pair_has_a_decision_and_nobody_is_linked_twice(found: EncodedLinkage) -> None:
    links = found.decisions.filter(pl.col("decision") == "link")
    assert links["ours"].is_unique().all()
    assert links["theirs"].is_unique().all()
    assert found.decisions.filter(pl.col("rule").is_null() | (pl.col("weight") < ENCODING.kept)).height == 0
    assert found.compared > found.decisions.height


def test_the_kept_pairs_are_those_of_a_plain_comparison(both: tuple[Encoding, Encoding], found: EncodedLinkage) -> None:
    def dice(one: bytes, other: bytes) -> float:
        bits, others = (int.from_bytes(filter_, "big") for filter_ in (one, other))
        return 2 * (bits & others).bit_count() / (bits.bit_count() + others.bit_count())

    expected: dict[tuple[str, str], float] = {}
    for number in (1, 2):
        pairs = both[0].encoded.frame.join(both[1].encoded.frame, on=f"block_{number}", suffix="_other")
        for row in pairs.select("pseudonym", "pseudonym_other", f"filter_{number}", f"filter_{number}_other").iter_rows():
            if (same := dice(row[2], row[3])) >= ENCODING.kept:
                expected[row[:2]] = max(same, expected.get(row[:2], 0))
    weights = {(row[0], row[1]): row[2] for row in found.decisions.select("ours", "theirs", "weight").iter_rows()}
    assert weights == pytest.approx(expected, abs=1e-6)


def test_the_outputs_hold_pseudonyms_only(found: EncodedLinkage, made_up: LabelledPersons, tmp_path: Path) -> None:
    write_encoded_linkage(found, tmp_path / "out")
    text = "".join((tmp_path / "out" / name).read_text() for name in ("links.csv", "review.csv", "linkage.json"))
    assert json.loads((tmp_path / "out" / "linkage.json").read_text())["key"] == KEY.fingerprint
    for name in (*made_up.ours["id"], *made_up.ours["family_name"].drop_nulls(), *made_up.ours["birth_date"].drop_nulls()):
        assert name not in text


# -- what is refused -------------------------------------------------------------------------------------------


def written(folder: Path, made: Encoding, name: str = "a") -> Path:
    write_encoding(made, folder / f"{name}.parquet", folder / f"{name}.csv")
    return folder / f"{name}.parquet"


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    made = encoded(ADA, {**ADA, "given_name": None}, {**ADA, "birth_date": "1958-03"})
    back = read_encoded(written(tmp_path, made))
    assert back.frame.equals(made.encoded.frame)
    assert (back.key, back.parameters, back.site, back.salts) == (
        KEY.fingerprint,
        made.encoded.parameters,
        "one",
        ("birth_year", "birth_day_month"),
    )
    assert made.left_out == 2
    assert made.pseudonyms["id"].to_list() == ["P-0", "P-1", "P-2"]
    assert (tmp_path / "a.csv").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": "0" * 16}, "the institutions used different keys"),
        ({"parameters": "0" * 16}, "Use the same version of nelm and the same settings"),
        ({"site": "one"}, "are both from 'one'"),
    ],
)
def test_encodings_that_do_not_fit_one_another(change: dict[str, str], message: str) -> None:
    one, other = encoded(ADA).encoded, encoded(ADA, site="other").encoded
    check_comparable(one, other)
    with pytest.raises(EncodedError, match=message):
        check_comparable(one, replace(other, **change))


def test_other_settings_have_another_fingerprint(settings: LinkageSettings) -> None:
    tables = settings.normalisation
    assert ENCODING.fingerprint(tables) == replace(ENCODING, kept=0.5, noise=0.1).fingerprint(tables)
    assert ENCODING.fingerprint(tables) != replace(ENCODING, folded=False).fingerprint(tables)
    assert ENCODING.fingerprint(tables) != ENCODING.fingerprint(replace(tables, particles=()))


def test_nobody_shares_a_salt() -> None:
    one, other = encoded(ADA).encoded, encoded({**ADA, "birth_date": "1999-09-09"}, site="other").encoded
    with pytest.raises(EncodedError, match="Nobody of one file shares a year or day of birth"):
        link_encoded(one, other, ENCODING.decisions, kept=0.7)


def test_a_person_without_a_name_is_left_out_and_listed() -> None:
    made = encoded(ADA, {**ADA, "family_name": None})
    assert made.pseudonyms.filter(pl.col("pseudonym").is_null())["id"].to_list() == ["P-1"]
    with pytest.raises(PersonsError, match="no values for family_name"):
        encoded({**ADA, "family_name": None})
    with pytest.raises(PersonsError, match="nobody has given_name, family_name, birth_date"):
        encoded({**ADA, "family_name": None}, {**ADA, "given_name": None})
    with pytest.raises(PersonsError, match="--site"):
        encoded(ADA, site=" ")


def test_files_that_are_none(tmp_path: Path) -> None:
    def refused(file: Path, message: str) -> None:
        with pytest.raises(EncodedError, match=message):
            read_encoded(file)

    good = written(tmp_path, encoded(ADA))
    frame, told = pl.read_parquet(good), json.loads(pl.read_parquet_metadata(good)[METADATA])
    bad = tmp_path / "bad.parquet"
    refused(bad, "there is no such file")
    bad.write_text("id,name")
    refused(bad, "this is no file of encoded persons")
    frame.write_parquet(bad)
    refused(bad, "not of encoded persons")
    for table, metadata, message in (
        (frame, {**told, "version": 99}, "encoded as version 99; this program reads 1"),
        (frame.drop("filter_2"), told, "the columns are"),
        (frame.clear(), told, "it holds nobody"),
        (pl.concat([frame, frame]), told, "a pseudonym stands there twice"),
        (frame, {**told, "filter_bits": 512}, "a filter has not 512 bits"),
    ):
        table.write_parquet(bad, metadata={METADATA: json.dumps(metadata)})
        refused(bad, message)
    for text in ("", "[]", "3", "no", '{"version": 1}', json.dumps({**told, "salts": 3})):
        frame.write_parquet(bad, metadata={METADATA: text})
        refused(bad, "what the file says about itself is damaged")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    made = encoded(ADA)
    file = written(tmp_path, made)
    before = file.read_bytes()
    with pytest.raises(EncodedError, match="there is a file of this name"):
        write_encoding(made, file, tmp_path / "new.csv")
    with pytest.raises(EncodedError, match="The second may not leave the institution"):
        write_encoding(made, tmp_path / "b.parquet", tmp_path / "b.parquet")
    with pytest.raises(EncodedError, match="cannot be written"):
        write_encoding(made, tmp_path / "none" / "b.parquet", tmp_path / "b.csv")
    assert file.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"a.parquet", "a.csv"}
