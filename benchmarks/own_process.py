"""A measurement in a process of its own, so that its memory is its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.run import ROOT


class MeasurementFailed(Exception):
    """What the process wrote before it failed."""


def measured(module: str, part: str, *arguments: object) -> dict[str, Any]:
    """What a part of a module found; `peak_mb` is the most memory that its process had. Raises MeasurementFailed."""
    command = [sys.executable, "-m", module, part, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MeasurementFailed(f"{part}: {done.stderr.strip()[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def answer(parts: Mapping[str, Callable[..., dict[str, Any]]]) -> None:
    """In the process: does the part that is named, and says what it found in the last line."""
    name, *arguments = sys.argv[1:]
    found = parts[name](*arguments)
    print(json.dumps({**found, "peak_mb": peak_mb()}))


def peak_mb() -> float | None:
    """The most memory that this program had; None where the system does not say.

    `ru_maxrss` would not do: Linux hands it on from the process that started this one, so it is never less than that one's.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024
