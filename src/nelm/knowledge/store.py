"""Where the content lies, and a ready-made copy of it so that a command starts quickly.

Reading and compiling some forty YAML files takes a moment; the compiled knowledge base is therefore kept
in the user's cache folder and used as long as no content file, no NELM version and no Python has changed.
The copy is only ever an accelerator: whatever is wrong with it, the content is read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
from pathlib import Path

import nelm
from nelm.knowledge.base import Knowledge


def content_root() -> Path:
    """The folder of the content: `NELM_CONTENT` if set, the one shipped in the package, or the one of a checkout.

    Raises FileNotFoundError where there is none.
    """
    package = Path(nelm.__file__).parent
    chosen = os.environ.get("NELM_CONTENT")
    for folder in [Path(chosen)] if chosen else [package / "content", package.parents[1] / "content"]:
        if (folder / "dictionary").is_dir() and (folder / "guidelines").is_dir():
            return folder
    raise FileNotFoundError(f"No content folder was found{f' at {chosen}' if chosen else ''}. Install NELM again, or set NELM_CONTENT.")


def knowledge(root: Path | None = None) -> Knowledge:
    """The knowledge base, from the cache where it is up to date.

    Raises ContentError where the content is wrong, FileNotFoundError where there is none.
    """
    folder = root or content_root()
    cached = _cache_folder() / f"knowledge-{_fingerprint(folder)}.pickle"
    found = _unpickled(cached)
    if found is None:
        from nelm.knowledge.load import load

        found = load(folder)
        _keep(found, cached)
    return found


def _fingerprint(folder: Path) -> str:
    """Changes with every content file (name, size, time), with NELM's own files, and with Python."""
    own = Path(nelm.__file__).parent
    files = sorted([*folder.rglob("*.yaml"), *(own / "knowledge").glob("*.py"), *(own / "criteria").iterdir()])
    digest = hashlib.sha256(f"{nelm.__version__} {sys.version} {folder}".encode())
    for file in files:
        if file.is_file():
            status = file.stat()
            digest.update(f"{file.relative_to(file.anchor)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:24]


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "nelm"


def _unpickled(file: Path) -> Knowledge | None:
    """The copy in the user's own cache folder; None where there is none, or none that can be trusted to be ours."""
    try:
        status = file.stat()
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            return None
        found = pickle.loads(file.read_bytes())
    except Exception:
        return None
    return found if isinstance(found, Knowledge) else None


def _keep(found: Knowledge, file: Path) -> None:
    """Write aside, then rename; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in file.parent.glob("knowledge-*.pickle"):
            old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as aside:
            pickle.dump(found, aside, protocol=pickle.HIGHEST_PROTOCOL)
        Path(aside.name).replace(file)
