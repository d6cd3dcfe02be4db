"""Loads the content: files to typed objects, objects to a compiled knowledge base."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nelm.criteria import BooleanType, CodedType, CriteriaError, DateType, Definition, Model, NumberType, Row, Table, ValueType, nearest
from nelm.criteria.syntax import CodeLiteral, Member, Name
from nelm.knowledge.base import CompiledGuideline, CompiledPart, CompiledRow, CompiledStatement, CompiledVerdict, Knowledge
from nelm.knowledge.checks import (
    check_derivation,
    check_element,
    check_entity,
    check_fired,
    check_gathered,
    check_history,
    check_stated,
    gathered_from,
)
from nelm.knowledge.compile import Compiler
from nelm.knowledge.derivations import ConsistencyRule, Derivation, Then
from nelm.knowledge.dictionary import Element, Entity
from nelm.knowledge.evidence import PictureRule
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import ContentError, Finding
from nelm.knowledge.guideline import Conflict, Criterion, Discrepancy, Guideline, Option, Question, Topic, VerdictRow
from nelm.knowledge.load_evidence import EvidenceLoader, Known
from nelm.knowledge.loaded import Loaded
from nelm.knowledge.references import References
from nelm.knowledge.vocabulary import Term
from nelm.knowledge.yamlfile import Document, Mark, Path_

BOOLEAN = ("true", "false")
SCOPE_WORDS = ("IN", "OPEN", "OUT")
VERDICT_WORDS = ("FOR", "AGAINST", "NO_REC", "NOT_MET", "OPEN", "NA")
FOLDERS = ("dictionary", "guidelines")
VOCABULARY = ("tests", "interventions", "drugs", "regimens", "needs")


def load(root: Path, *, thorough: bool = False) -> Knowledge:
    """Load the content below `root`.

    Raises ContentError with every mistake found; `thorough` adds the lints (conditions that never change,
    criteria that nothing uses).
    """
    missing = [folder for folder in FOLDERS if not (root / folder).is_dir()]
    if missing:
        raise ContentError([Finding(Mark("content"), f"The content has no folder {folder!r}.") for folder in missing])
    builder = _Builder(Reader(root), thorough)
    knowledge = builder.build()
    if builder.reader.findings:
        raise ContentError(builder.reader.findings)
    return knowledge


class _Builder:
    def __init__(self, reader: Reader, thorough: bool) -> None:
        self.reader = reader
        self.thorough = thorough
        self.compiler = Compiler(reader)
        self.loaded = Loaded()
        self.types: dict[str, ValueType] = {}
        self.definitions: dict[str, Definition] = {}
        self.entry_types: dict[str, dict[str, ValueType]] = {}
        self.entry_definitions: dict[str, dict[str, Definition]] = {}
        self.conditions: dict[str, Any] = {}
        self.labels: dict[str, str] = {}

    def build(self) -> Knowledge:
        self._read_files()
        self._collect_types()
        self._define_derivations()
        guidelines = {name: self._compile_guideline(name) for name in self._oldest_first()}
        self._compile_conditions()
        models = {entity: self._entry_model(entity) for entity in self.entry_types}
        model = Model(self.types, self.definitions, frozenset(self.loaded.elements) & frozenset(self.definitions))
        self._check_circles(model)
        References(self.loaded, self.reader, model, models).check()
        self._check_evidence()
        self.compiler.check_all({"": model, **models})
        if self.thorough and not self.reader.findings:  # lints presuppose sound content
            self.compiler.lint_all({"": model, **models})
            self._report_unused()
        loaded = self.loaded
        return Knowledge(
            entities=loaded.entities,
            elements=loaded.elements,
            derivations={name: item[0] for name, item in loaded.derivations.items()},
            rules=tuple(item[0] for item in loaded.rules.values()),
            terms=loaded.terms,
            needs=loaded.needs,
            guidelines=guidelines,
            conflicts=tuple(item[0] for item in loaded.conflicts.values()),
            topics=tuple(item[0] for item in loaded.topics.values()),
            options=tuple(item[0] for item in loaded.options.values()),
            pictures=tuple(item[0] for item in loaded.pictures.values()),
            reported={name: loaded.reported[name][0] for name in guidelines},
            model=model,
            entry_models=models,
            conditions=self.conditions,
            labels=self.labels,
        )

    def _oldest_first(self) -> list[str]:
        """The guidelines in the order in which reports show them: by year, whatever their folders are called."""
        known = self.loaded.guidelines
        return sorted(known, key=lambda name: (known[name][0].year, name))

    # -- files ------------------------------------------------------------------------------------

    def _read_files(self) -> None:
        reader, loaded = self.reader, self.loaded
        for file in reader.files("dictionary"):
            entity = reader.whole(Entity, file)
            if entity is not None:
                self._add_entity(entity, reader.documents[file])
        for file in reader.files("derivations"):
            if file.endswith("consistency.yaml"):
                self._add(loaded.rules, reader.items(ConsistencyRule, file, "rules"))
                continue
            for derivation, document, path in reader.items(Derivation, file, "derivations"):
                self._once(loaded.derivations, derivation.name, document, path)
                loaded.derivations[derivation.name] = (derivation, document, path)
        for file in reader.files("vocabulary"):
            for term, document, path in reader.items(Term, file, *VOCABULARY):
                target = loaded.needs if path[0] == "needs" else loaded.terms
                self._once(target, term.id, document, path)
                target[term.id] = term
                loaded.term_places[term.id] = (document, path)
        for folder in sorted(path.name for path in (reader.root / "guidelines").iterdir() if path.is_dir()):
            self._read_guideline(folder)
        self._add(loaded.conflicts, self._optional(Conflict, "conflicts"))
        self._add(loaded.topics, self._optional(Topic, "topics"))
        self._add(loaded.options, self._optional(Option, "options"))
        self._add(loaded.pictures, self._optional(PictureRule, "pictures"))

    def _add(self, known: dict[str, Any], items: list[Any]) -> None:
        """Things with an id, each with its place; an id stands for one thing."""
        for item in items:
            made, document, path = item
            self._once(known, made.id, document, path)
            known[made.id] = item

    def _optional(self, kind: type[Any], name: str) -> list[Any]:
        file = f"guidelines/{name}.yaml"
        return self.reader.items(kind, file, name) if (self.reader.root / file).exists() else []

    def _add_entity(self, entity: Entity, document: Document) -> None:
        check_entity(entity, document, self.reader)
        known = {found.entity: found for found in self.loaded.entities.values()}
        self._once(self.loaded.entities, entity.record_key, document, ("record_key",))
        self._once(known, entity.entity, document, ("entity",))
        if entity.record_key in self.loaded.entities or entity.entity in known:
            self.reader.something_left_out = True
            return
        elements: list[Element] = []
        for number, element in enumerate(entity.elements):
            path: Path_ = ("elements", number)
            self._once(self.loaded.elements, element.name, document, path)
            usable = check_element(element, document, path, self.reader)
            placed = replace(element, entity=entity.entity, range=element.range if usable else None)
            elements.append(placed)
            self.loaded.elements[element.name] = placed
        self.loaded.entities[entity.record_key] = replace(entity, elements=tuple(elements))

    def _read_guideline(self, folder: str) -> None:
        base = f"guidelines/{folder}"
        questions: list[Question] = []
        documents: dict[str, Document] = {}
        for file in self.reader.files(f"{base}/questions"):
            question = self.reader.whole(Question, file)
            if question is not None:
                self._once(documents, question.id, self.reader.documents[file], ("id",))
                questions.append(question)
                documents[question.id] = self.reader.documents[file]
        discrepancies: list[Discrepancy] = []
        if (self.reader.root / f"{base}/discrepancies.yaml").exists():
            for item, document, path in self.reader.items(Discrepancy, f"{base}/discrepancies.yaml", "discrepancies"):
                self._once({known.id: known for known in discrepancies}, item.id, document, path)
                discrepancies.append(item)
                self.loaded.discrepancy_places[folder, item.id] = (document, path)
        guideline = self.reader.whole(Guideline, f"{base}/guideline.yaml")
        if guideline is not None:
            self._once(self.loaded.guidelines, guideline.id, self.reader.documents[f"{base}/guideline.yaml"], ("id",))
            check_history(guideline, self.reader.documents[f"{base}/guideline.yaml"], self.reader)
            evidence = EvidenceLoader(self.reader, base)
            self.loaded.reported[guideline.id] = (evidence.read(), evidence)
            whole = replace(guideline, questions=tuple(questions), discrepancies=tuple(discrepancies))
            self.loaded.guidelines[guideline.id] = (whole, self.reader.documents[f"{base}/guideline.yaml"], documents)

    def _once(self, known: dict[str, Any], name: str, document: Document, path: Path_) -> None:
        if name in known:
            self.reader.report(document, path, f"{name!r} is defined twice. Keep one.")

    # -- types and derived facts -------------------------------------------------------------------

    def _collect_types(self) -> None:
        for entity in self.loaded.entities.values():
            self.entry_types[entity.entity] = {}
            self.entry_definitions[entity.entity] = {}
        for element in self.loaded.elements.values():
            self.labels[element.name] = element.label
            found = element.value_type
            if found is not None:
                self.types[element.name] = found
                self.entry_types[element.entity][element.name] = found
        for derivation, document, path in self.loaded.derivations.values():
            self.labels[derivation.name] = derivation.label
            found = self._type_of(derivation)
            if found is None:
                self.reader.report(document, path, f"The type of {derivation.name!r} cannot be told: give 'codes' or 'type'.")
            elif derivation.per is None:
                self.types[derivation.name] = found
            elif derivation.per in self.entry_types:
                self.entry_types[derivation.per][derivation.name] = found
            else:
                self.reader.report_unknown(
                    document, (*path, "per"), f"The entity {derivation.per!r} is not known.{nearest(derivation.per, self.entry_types)}"
                )

    def _type_of(self, derivation: Derivation, asked: tuple[str, ...] = ()) -> ValueType | None:
        """The type of a derived fact; `asked` are the facts whose type hangs on it."""
        element = self.loaded.elements.get(derivation.name)
        if element is not None:
            return element.value_type
        if derivation.codes:
            return CodedType(tuple(code.code for code in derivation.codes))
        for name in (derivation.same_as, derivation.entered, *gathered_from(derivation)):
            other = self.loaded.elements.get(name or "")
            if other is not None:
                return other.value_type
            if name in self.loaded.derivations and name not in (derivation.name, *asked):
                return self._type_of(self.loaded.derivations[name][0], (*asked, derivation.name))
        match derivation.type:
            case "boolean":
                return BooleanType()
            case "quantity" | "count":
                return NumberType(derivation.unit, integral=derivation.type == "count")
            case "date":
                return DateType()
            case _:
                return None

    def _define_derivations(self) -> None:
        for derivation, document, path in self.loaded.derivations.values():
            for key in ("where", "unless", "any"):
                if (text := getattr(derivation, key)) is not None:
                    self._keep(f"{derivation.name}#{key}", text, document, (*path, key), derivation.over or "")
            found = self._type_of(derivation)
            if found is not None:
                check_derivation(derivation, found, document, path, self.loaded, self.reader)
            if derivation.is_gathered:
                check_fired(derivation, document, path, self.loaded, self.reader)
                check_stated(derivation, document, path, self.loaded, self.reader)
                if derivation.over is not None:
                    check_gathered(derivation, found, self.entry_types, document, path, self.reader)
                continue
            if derivation.per is not None and derivation.per not in self.entry_types:
                continue
            target = self.entry_definitions.get(derivation.per, {}) if derivation.per else self.definitions
            made = self._definition(derivation, document, path)
            if isinstance(made, Table) and made.codes == BOOLEAN:
                target[f"{derivation.name}#table"] = made
                made = Member(Name(f"{derivation.name}#table"), (CodeLiteral("true"),))
            if made is not None:
                target[derivation.name] = made

    def _definition(self, derivation: Derivation, document: Document, path: Path_) -> Definition | None:
        if derivation.is_ is not None:
            return self.compiler.condition(derivation.is_, document, (*path, "is"), model=derivation.per or "")
        source, source_document, source_path = derivation, document, path
        if derivation.same_as is not None:
            if derivation.same_as not in self.loaded.derivations:
                self.reader.report_unknown(
                    document,
                    (*path, "same_as"),
                    f"The derivation {derivation.same_as!r} is not known.{nearest(derivation.same_as, self.loaded.derivations)}",
                )
                return None
            source, source_document, source_path = self.loaded.derivations[derivation.same_as]
        if not source.table:
            self.reader.report(
                document, path, f"{derivation.name!r} needs one of 'is', 'table', 'same_as' (a table), 'over', 'years_since', 'fired'."
            )
            return None
        found = self._type_of(derivation)
        if found is None:
            return None  # reported already
        if not isinstance(found, CodedType | BooleanType):
            self.reader.report(document, path, f"{derivation.name!r} has a table and so has to be coded or boolean.")
            return None
        codes = found.codes if isinstance(found, CodedType) else BOOLEAN
        rows: list[Row] = []
        otherwise = frozenset(codes)
        for number, row in enumerate(source.table):
            place = (*source_path, "table", number)
            result = self._result(row.then if row.when is not None else row.otherwise, codes, source_document, place)
            if row.when is None:
                otherwise = result
            else:
                rows.append(Row(self.compiler.condition(row.when, source_document, (*place, "when"), model=derivation.per or ""), result))
        return Table(codes, tuple(rows), otherwise)

    def _result(self, then: Then | None, codes: tuple[str, ...], document: Document, path: Path_) -> frozenset[str]:
        written = then if isinstance(then, tuple) else () if then is None else (then,)
        wanted = frozenset(str(code).lower() if isinstance(code, bool) else code for code in written)
        for code in sorted(wanted - set(codes)):
            self.reader.report(
                document, path, f"The result {code!r} is not permitted. Permitted: {', '.join(codes)}.{nearest(code, codes)}"
            )
        return wanted & set(codes) or frozenset(codes)

    def _keep(self, key: str, text: str, document: Document, path: Path_, model: str) -> None:
        if model and model not in self.entry_types:
            self.reader.report_unknown(document, path, f"The entity {model!r} is not known.{nearest(model, self.entry_types)}")
            return
        self.conditions[key] = self.compiler.condition(text, document, path, model=model)

    def _compile_conditions(self) -> None:
        """Conditions outside guidelines: consistency rules, conflicts, discrepancies, what counts as done."""
        for rule, document, path in self.loaded.rules.values():
            self._keep(f"rule:{rule.id}", rule.when, document, (*path, "when"), rule.per or "")
        for conflict, document, path in self.loaded.conflicts.values():
            if conflict.when is not None:
                self._keep(f"conflict:{conflict.id}", conflict.when, document, (*path, "when"), "")
        for name, (guideline, _, _) in self.loaded.guidelines.items():
            for discrepancy in guideline.discrepancies:
                if discrepancy.when is not None:
                    document, path = self.loaded.discrepancy_places[name, discrepancy.id]
                    self._keep(f"discrepancy:{name}/{discrepancy.id}", discrepancy.when, document, (*path, "when"), "")
        for term in self.loaded.terms.values():
            if term.done is not None and term.done.where is not None:
                document, path = self.loaded.term_places[term.id]
                self._keep(f"done:{term.id}", term.done.where, document, (*path, "done", "where"), term.done.over)

    # -- guidelines -------------------------------------------------------------------------------

    def _compile_guideline(self, name: str) -> CompiledGuideline:
        guideline, document, documents = self.loaded.guidelines[name]
        shared = {local: f"{name}.{local}" for local in guideline.criteria}
        self._report_taken(guideline.criteria, (), document)
        self._define_criteria(guideline.criteria, shared, shared, document)
        scope = self._rows(guideline.scope.rows, document, ("scope", "rows"), shared, SCOPE_WORDS)
        statements: list[CompiledStatement] = []
        verdicts: list[CompiledVerdict] = []
        for question in guideline.questions:
            place = documents[question.id]
            local = {own: f"{name}/{question.id}.{own}" for own in question.criteria}
            self._report_taken(question.criteria, shared, place)
            names = {**shared, **local}
            self._define_criteria(question.criteria, local, names, place)
            statements += self._statements(name, question, place, names)
            verdicts += self._verdicts(name, question, place, names)
        return CompiledGuideline(guideline, scope, tuple(statements), tuple(verdicts))

    def _report_taken(self, criteria: Iterable[str], shared: Container[str], document: Document) -> None:
        for own in criteria:
            if own in shared or own in self.types or own in self.definitions:
                self.reader.report(
                    document, ("criteria", own), f"The name {own!r} exists already elsewhere; a name may stand in one place only."
                )

    def _define_criteria(self, criteria: dict[str, Criterion], own: dict[str, str], names: dict[str, str], document: Document) -> None:
        for local, criterion in criteria.items():
            self.labels[own[local]] = criterion.label
            self.definitions[own[local]] = self.compiler.condition(criterion.is_, document, ("criteria", local, "is"), local=names)

    def _statements(self, name: str, question: Question, document: Document, names: dict[str, str]) -> list[CompiledStatement]:
        model = Model(self.types, self.definitions)
        made: list[CompiledStatement] = []
        for number, statement in enumerate(question.statements):
            path: Path_ = ("statements", number)
            when, unless = (
                tuple(
                    self.compiler.criterion_name(criterion, document, (*path, key, index), names, model)
                    for index, criterion in enumerate(getattr(statement, key))
                )
                for key in ("when", "unless")
            )
            made.append(CompiledStatement(f"{name}/{statement.id}", name, question, statement, when, unless))
        return made

    def _verdicts(self, name: str, question: Question, document: Document, names: dict[str, str]) -> list[CompiledVerdict]:
        made: list[CompiledVerdict] = []
        for number, rule in enumerate(question.verdicts):
            parts = tuple(
                CompiledPart(part, self._rows(part.rows, document, ("verdicts", number, "parts", index, "rows"), names, VERDICT_WORDS))
                for index, part in enumerate(rule.parts)
            )
            made.append(CompiledVerdict(f"{name}/{rule.id}", name, question, rule, parts))
        return made

    def _rows(
        self, rows: tuple[VerdictRow, ...], document: Document, path: Path_, names: dict[str, str], words: tuple[str, ...]
    ) -> tuple[CompiledRow, ...]:
        """The rows of a verdict or scope table, with `words` as the results that it may have."""
        made: list[CompiledRow] = []
        for number, row in enumerate(rows):
            place = (*path, number)
            if (row.when is None) == (row.otherwise is None) or (row.when is None) != (row.then is None):
                self.reader.report(document, place, "A row needs 'when' with 'then', or 'otherwise' alone.")
                continue
            if row.word not in words:
                self.reader.report(document, place, f"The word {row.word!r} is not permitted here. Permitted: {', '.join(words)}.")
            if row.otherwise is not None and number != len(rows) - 1:
                self.reader.report(document, place, "'otherwise' has to be the last row.")
            when = self.compiler.condition(row.when or "true", document, (*place, "when"), local=names, check_lint=row.when is not None)
            raised = None if row.raised_by is None else self.compiler.condition(row.raised_by, document, (*place, "raised_by"), local=names)
            made.append(CompiledRow(row, when, raised))
        if not rows or rows[-1].otherwise is None:
            self.reader.report(document, path, "The table needs a last row with 'otherwise'.")
        return tuple(made)

    def _check_evidence(self) -> None:
        for name, (reported, evidence) in self.loaded.reported.items():
            guideline = self.loaded.guidelines[name][0]
            statements = [statement.id for statement in guideline.statements()]
            evidence.check(reported, Known(self.loaded.terms, statements, [found.id for found in guideline.discrepancies]))
        known = [f"{name}/{claim.id}" for name, (reported, _) in self.loaded.reported.items() for claim in reported.claims()]
        for picture, document, path in self.loaded.pictures.values():
            for claim in picture.claims:
                if claim not in known:
                    self.reader.report_unknown(document, (*path, "claims"), f"The claim {claim!r} is not known.{nearest(claim, known)}")

    def _report_unused(self) -> None:
        """Criteria that no condition, statement or table mentions."""
        for name, (guideline, document, documents) in self.loaded.guidelines.items():
            blocks = [(f"{name}.", guideline.criteria, document)]
            blocks += [(f"{name}/{question.id}.", question.criteria, documents[question.id]) for question in guideline.questions]
            for prefix, criteria, place in blocks:
                for local in criteria:
                    if prefix + local not in self.compiler.used:
                        self.reader.report(place, ("criteria", local), f"Nothing uses the criterion {local!r}. Use it, or take it out.")

    def _entry_model(self, entity: str) -> Model:
        """The facts of one entry; what is derived there under the name of an element can be entered too."""
        definitions = self.entry_definitions[entity]
        return Model(self.entry_types[entity], definitions, frozenset(self.loaded.elements) & frozenset(definitions))

    def _check_circles(self, model: Model) -> None:
        for world in (model, *(self._entry_model(entity) for entity in self.entry_types)):
            try:
                world.order()
            except CriteriaError as error:
                self.reader.findings.append(Finding(self._place_of(world, str(error)), str(error)))

    def _place_of(self, world: Model, circle: str) -> Mark:
        """Where the first definition that a circle names stands."""
        name = next(name for name in world.definitions if f" {name} -> " in circle).removesuffix("#table")
        if name in self.loaded.derivations:
            _, document, path = self.loaded.derivations[name]
            return document.mark(path)
        block, local = name.split(".", 1) if "/" not in name else name.rsplit(".", 1)
        guideline, _, question = block.partition("/")
        _, document, documents = self.loaded.guidelines[guideline]
        return documents.get(question, document).mark(("criteria", local))
