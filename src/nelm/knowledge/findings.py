"""What is wrong with the content: every finding with file, line and column, all at once."""

from __future__ import annotations

from dataclasses import dataclass

from nelm.knowledge.yamlfile import Mark


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake or doubt in a content file."""

    mark: Mark
    message: str

    def __str__(self) -> str:
        return f"{self.mark}: {self.message}"


class ContentError(Exception):
    """Content that cannot be used; `findings` holds everything that is wrong."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = sorted(dict.fromkeys(findings), key=lambda finding: (finding.mark.file, finding.mark.line, finding.mark.column))
        count = len(self.findings)
        super().__init__(f"{count} {'mistake' if count == 1 else 'mistakes'} in the content:\n" + "\n".join(map(str, self.findings)))
