"""A made-up harbour: small content that uses every feature once, to be copied and broken."""

from __future__ import annotations

import shutil
from pathlib import Path

from nelm.knowledge.findings import ContentError
from nelm.knowledge.load import load

BOAT, SURVEYS, VOYAGES = "dictionary/boat.yaml", "dictionary/surveys.yaml", "dictionary/voyages.yaml"
OF_BOAT, OF_VOYAGES, RULES = "derivations/boat.yaml", "derivations/voyages.yaml", "derivations/consistency.yaml"
WORDS = "vocabulary/words.yaml"
GUIDELINE, QUESTION = "guidelines/pilot/guideline.yaml", "guidelines/pilot/questions/q1.yaml"
DISCREPANCIES = "guidelines/pilot/discrepancies.yaml"
EVIDENCE, DOCUMENT = "guidelines/pilot/evidence/q1.yaml", "guidelines/pilot/document.yaml"
REFERENCES, PICTURES = "guidelines/pilot/references.yaml", "guidelines/pictures.yaml"
CONFLICTS, TOPICS, OPTIONS = "guidelines/conflicts.yaml", "guidelines/topics.yaml", "guidelines/options.yaml"

HARBOUR = Path(__file__).parent / "harbour"


def copy_of_harbour(folder: Path) -> Path:
    """A copy of the content that a test may change."""
    return Path(shutil.copytree(HARBOUR, folder / "content"))


def replace_in(root: Path, file: str, old: str, new: str) -> None:
    """Change one place of a content file; the old text has to stand there once."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands in {file} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def findings(root: Path, *, thorough: bool = False) -> list[str]:
    """What the loader says against the content, as text."""
    try:
        load(root, thorough=thorough)
    except ContentError as error:
        return [str(finding) for finding in error.findings]
    return []


def check_mistake(folder: Path, file: str, old: str, new: str, expected: list[str], *, thorough: bool = False) -> None:
    """Break one place of the harbour; the loader says what is expected, each finding with its place below `content/`, and no more."""
    root = copy_of_harbour(folder)
    replace_in(root, file, old, new)
    assert findings(root, thorough=thorough) == [f"content/{finding}" for finding in expected]
