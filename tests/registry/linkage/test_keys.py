"""The shared secret: made once, read back, and never shown."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from nelm.registry.linkage.keys import KeyFileError, LinkKey, make_key, read_key


def test_a_key_is_read_as_it_was_made_and_only_by_its_owner(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key")
    assert read_key(tmp_path / "key") == key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert make_key(tmp_path / "other") != key


def test_a_key_is_never_shown() -> None:
    key = LinkKey(b"a secret that nobody may read...")
    shown = repr(key) + str(key) + key.fingerprint + key.digest("block", "1950").hex()
    assert "secret" not in repr(key)
    assert key.secret.hex() not in shown


def test_digests_of_different_purposes_have_nothing_in_common() -> None:
    key = LinkKey(bytes(32))
    assert key.digest("block", "1950") != key.digest("pseudonym", "1950")
    assert key.fingerprint == LinkKey(bytes(32)).fingerprint != LinkKey(bytes(31) + b"1").fingerprint
    assert len(key.fingerprint) == 16


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "key"
    make_key(file)
    before = file.read_bytes()
    with pytest.raises(KeyFileError, match="A key is never overwritten"):
        make_key(file)
    assert file.read_bytes() == before
    with pytest.raises(KeyFileError, match="cannot be written"):
        make_key(tmp_path / "none" / "key")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hunter2",
        b"nelm link key 1\n",
        b"nelm link key 1\n!!!!\n",
        b"nelm link key 1\n" + base64.b64encode(b"too short") + b"\n",
        b"nelm link key 2\n" + base64.b64encode(bytes(32)) + b"\n",
        b"\xff\xfe",
    ],
)
def test_a_file_that_is_no_key_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(KeyFileError, match="this is not a whole link key") as refused:
        read_key(file)
    assert "hunter2" not in str(refused.value)


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="the key cannot be read"):
        read_key(tmp_path / "key")
