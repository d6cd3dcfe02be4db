"""The secret that institutions share to encode persons alike. It stands in a file of its own and nowhere else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

HEADER = "nelm link key 1"
KEY_BYTES = 32
FINGERPRINT_HEX = 16


class KeyFileError(ValueError):
    """A key that cannot be used: which file, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class LinkKey:
    """The shared secret. It is never shown: neither by `repr` nor in any output; `fingerprint` tells two keys apart."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """HMAC-SHA-256 of a constant, shortened: equal for equal keys, and of no help in finding the key."""
        return self.digest("fingerprint", "nelm link key").hex()[:FINGERPRINT_HEX]

    def digest(self, purpose: str, text: str) -> bytes:
        """HMAC-SHA-512 of a text under a key that is made for this purpose alone, so that no output tells of another."""
        return hmac.digest(_key_for(self.secret, purpose), text.encode("utf-8"), "sha512")


@cache
def _key_for(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, f"purpose: {purpose}".encode(), hashlib.sha256)


def make_key(file: Path) -> LinkKey:
    """A new random key in a file that only its owner can read. Raises KeyFileError where the file exists or cannot be written."""
    key = LinkKey(secrets.token_bytes(KEY_BYTES))
    text = f"{HEADER}\n{base64.b64encode(key.secret).decode()}\n"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileError(
            f"{file}: there is a file of this name. A key is never overwritten: what was encoded with it would be lost. Choose another name."
        ) from None
    except OSError as error:
        raise KeyFileError(f"{file}: cannot be written ({error.strerror}). Choose another place.") from None
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(text)
    return key


def read_key(file: Path) -> LinkKey:
    """The key of a file. Raises KeyFileError; the message never holds what the file holds."""
    try:
        lines = file.read_bytes().decode("ascii").split("\n")
    except OSError as error:
        raise KeyFileError(f"{file}: the key cannot be read ({error.strerror}). 'nelm registry make-key' makes one.") from None
    except UnicodeDecodeError:
        lines = []
    try:
        secret = base64.b64decode(lines[1].strip(), validate=True) if len(lines) > 1 and lines[0].strip() == HEADER else b""
    except binascii.Error:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise KeyFileError(
            f"{file}: this is not a whole link key (a first line {HEADER!r}, then {KEY_BYTES} bytes in base64). Copy the file again from "
            "where it was made; do not type a password instead."
        )
    return LinkKey(secret)
