"""What stands in the content files, with the place of everything that is compiled or checked later."""

from __future__ import annotations

from dataclasses import dataclass, field

from nelm.knowledge.derivations import ConsistencyRule, Derivation
from nelm.knowledge.dictionary import Element, Entity
from nelm.knowledge.evidence import PictureRule, Reported
from nelm.knowledge.guideline import Conflict, Guideline, Option, Topic
from nelm.knowledge.load_evidence import EvidenceLoader
from nelm.knowledge.vocabulary import Term
from nelm.knowledge.yamlfile import Document, Path_

Place = tuple[Document, Path_]


@dataclass
class Loaded:
    """The content before it is compiled. A guideline stands with its own file and the files of its questions."""

    entities: dict[str, Entity] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    derivations: dict[str, tuple[Derivation, Document, Path_]] = field(default_factory=dict)
    rules: dict[str, tuple[ConsistencyRule, Document, Path_]] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    term_places: dict[str, Place] = field(default_factory=dict)
    needs: dict[str, Term] = field(default_factory=dict)
    guidelines: dict[str, tuple[Guideline, Document, dict[str, Document]]] = field(default_factory=dict)
    reported: dict[str, tuple[Reported, EvidenceLoader]] = field(default_factory=dict)
    conflicts: dict[str, tuple[Conflict, Document, Path_]] = field(default_factory=dict)
    topics: dict[str, tuple[Topic, Document, Path_]] = field(default_factory=dict)
    options: dict[str, tuple[Option, Document, Path_]] = field(default_factory=dict)
    pictures: dict[str, tuple[PictureRule, Document, Path_]] = field(default_factory=dict)
    discrepancy_places: dict[tuple[str, str], Place] = field(default_factory=dict)
