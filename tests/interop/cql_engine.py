"""Translator and engine of the CQL standard as the tests use them: one process for a library, one for all its patients."""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "cql"
Results = list[dict[str, bool | str | None]]


class NotInstalled(Exception):
    """The packages could not be installed; says why."""


class Refused(Exception):
    """A script ended with messages; holds all of them."""


@dataclass
class Engine:
    """Runs the scripts in `tests/interop/cql`. Results of one library are kept for the session by the hash of its text."""

    node: str
    work: Path
    _translated: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def installed(cls, node: str, npm: str, *, cache: Path, work: Path) -> Engine:
        """With the packages of the lock file, installed if they are missing or the lock changed. Raises NotInstalled."""
        modules, lock = FOLDER / "node_modules", (FOLDER / "package-lock.json").read_bytes()
        stamp, wanted = modules / ".installed-from", hashlib.sha256(lock).hexdigest()
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "installing.lock").open("w") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)  # tests run in several processes
            if not stamp.exists() or stamp.read_text() != wanted:
                command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", str(cache)]
                done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise NotInstalled(f"the packages in {FOLDER} cannot be installed: {done.stderr.strip()[-500:]}")
                stamp.write_text(wanted)
        return cls(node, work)

    def translate(self, text: str) -> Path:
        """The ELM of a library. Raises Refused where the translator has any message at all."""
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        if key not in self._translated:
            source, target = self.work / f"{key}.cql", self.work / f"{key}.json"
            source.write_text(text, encoding="utf-8")
            done = self._script("translate.mjs", source, target)
            if done.returncode:
                raise Refused(done.stderr)
            self._translated[key] = target
        return self._translated[key]

    def elm(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.translate(text).read_text(encoding="utf-8"))["library"]
        return found

    def run(self, text: str, patients: Iterable[Mapping[str, object]], defines: Sequence[str] = (), *, leave_out: bool = False) -> Results:
        """The definitions of a library (all, if none is named) for every patient; `leave_out` hands on only the parameters given.

        Raises Refused where a patient is not understood.
        """
        words = [*(["--leave-out"] if leave_out else []), *(word for name in defines for word in ("--define", name))]
        lines = "".join(f"{json.dumps(patient)}\n" for patient in patients)
        done = self._script("run.mjs", *words, self.translate(text), given=lines)
        if done.returncode:
            raise Refused(done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _script(self, name: str, *arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [self.node, str(FOLDER / name), *map(str, arguments)]
        return subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8", check=False)
