"""What the quality of a registry is measured by, as the content states it (`content/registry/quality.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nelm.criteria import CodedType, DateType, Expression, nearest
from nelm.knowledge.base import Knowledge
from nelm.knowledge.compile import Compiler
from nelm.knowledge.dictionary import STRICT
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError
from nelm.knowledge.store import content_root
from nelm.knowledge.yamlfile import Document, Path_
from nelm.registry.entry.content import Grounds, check_day, digest_of

FILE = "registry/quality.yaml"


@dataclass(frozen=True, kw_only=True)
class ShareRule(Grounds):
    """A share: of those of whom `among` certainly holds (without it: all), those of whom `counts` certainly holds."""

    __pydantic_config__ = STRICT
    name: str
    label: str
    counts: str
    among: str | None = None


@dataclass(frozen=True, kw_only=True)
class TimelinessRule(Grounds):
    """The days from one date to another, and the limits under which shares are given."""

    __pydantic_config__ = STRICT
    from_: str
    to: str
    within_days: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class FollowUpRule(Grounds):
    """From when follow-up is counted, and by which facts: a status with its two codes, the last day seen, the day of death."""

    __pydantic_config__ = STRICT
    from_: str
    status: str
    alive: str
    dead: str
    seen: str
    died: str
    grace_days: int


@dataclass(frozen=True, kw_only=True)
class QualityFile:
    """The file as it is written. A date that may lie on more than `widest_days` days is not used."""

    __pydantic_config__ = STRICT
    id: str
    version: str
    date: str
    title: str
    shares: tuple[ShareRule, ...]
    timeliness: TimelinessRule
    follow_up: FollowUpRule
    widest_days: int


@dataclass(frozen=True, eq=False)
class QualityRules:
    """The rules, ready to be used; `digest` is the SHA-256 of their file."""

    file: QualityFile
    counts: Mapping[str, Expression]
    among: Mapping[str, Expression]
    digest: str

    @property
    def version(self) -> str:
        return self.file.version


def load_quality(knowledge: Knowledge, root: Path | None = None) -> QualityRules:
    """The rules of the content; `root` is its folder. Raises ContentError with everything that is wrong with the file."""
    folder = root or content_root()
    reader = Reader(folder)
    found = reader.whole(QualityFile, FILE)
    made = None if found is None else _Loading(knowledge, reader, found, reader.documents[FILE]).rules(digest_of(folder / FILE))
    if made is None or reader.findings:
        raise ContentError(reader.findings)
    return made


class _Loading:
    def __init__(self, knowledge: Knowledge, reader: Reader, file: QualityFile, document: Document) -> None:
        self.knowledge = knowledge
        self.reader = reader
        self.file = file
        self.document = document
        self.compiler = Compiler(reader)

    def rules(self, digest: str) -> QualityRules:
        check_day(self.file.date, self.document, ("date",), self.reader)
        counts, among = self._shares()
        late, follow = self.file.timeliness, self.file.follow_up
        dates: tuple[tuple[Path_, str], ...] = (
            (("timeliness", "from"), late.from_), (("timeliness", "to"), late.to), (("follow_up", "from"), follow.from_),
            (("follow_up", "seen"), follow.seen), (("follow_up", "died"), follow.died),
        )  # fmt: skip
        for path, name in dates:
            if not isinstance(self.knowledge.model.types.get(name), DateType):
                self._report(path, f"{name!r} is not a date of the dictionary.{nearest(name, self.knowledge.model.types)}")
        self._check_status()
        grounded: tuple[tuple[Path_, Grounds], ...] = ((("timeliness",), late), (("follow_up",), follow))
        for path, rule in (*grounded, *((("shares", number), share) for number, share in enumerate(self.file.shares))):
            if not rule.are_given:
                self._report(path, "This needs a 'source', 'outside', or 'assumed' with the reason.")
        self.compiler.check_all({"": self.knowledge.model})
        if not self.reader.findings:
            self.compiler.lint_all({"": self.knowledge.model})
        return QualityRules(self.file, counts, among, digest)

    def _shares(self) -> tuple[dict[str, Expression], dict[str, Expression]]:
        counts: dict[str, Expression] = {}
        among: dict[str, Expression] = {}
        for number, share in enumerate(self.file.shares):
            path: Path_ = ("shares", number)
            if share.name in counts:
                self._report((*path, "name"), f"The name {share.name!r} is given twice. Give each share its own.")
            counts[share.name] = self.compiler.condition(share.counts, self.document, (*path, "counts"))
            if share.among is not None:
                among[share.name] = self.compiler.condition(share.among, self.document, (*path, "among"))
        return counts, among

    def _check_status(self) -> None:
        rule = self.file.follow_up
        kind = self.knowledge.model.types.get(rule.status)
        codes = kind.codes if isinstance(kind, CodedType) else ()
        for key, code in (("alive", rule.alive), ("dead", rule.dead)):
            if code not in codes:
                self._report(("follow_up", key), f"{code!r} is not a code of {rule.status!r}.{nearest(code, codes)}")

    def _report(self, path: Path_, message: str) -> None:
        self.reader.report(self.document, path, message)
