"""The exported libraries, translated and run by the tools of the standard, say what NELM says.

The numbers of compared results are properties of the tests: `pytest tests/interop --junit-xml=FILE` holds them, and a run of this folder
alone shows them at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from nelm.advice.findings import Status
from nelm.advice.worked_cases import facts_of_vector
from nelm.interop.cql import Define, Library, parameter_values
from nelm.interop.cql.library import Section
from nelm.knowledge.base import Knowledge
from nelm.knowledge.yamlfile import read
from nelm.patient.facts import Facts, facts_of
from nelm.patient.record import read_record
from tests.conftest import ROOT
from tests.interop.cql_agreement import Agreement, Said, values_taken
from tests.interop.cql_engine import Engine
from tests.interop.cql_mutants import Mutant, mutants
from tests.interop.cql_patients import Patient, patients
from tests.interop.cql_reference import Reference

GUIDELINES = sorted(folder.name for folder in (ROOT / "content" / "guidelines").iterdir() if folder.is_dir())
PATIENTS = 1000
PATIENTS_FOR_MUTANTS = 600
# Every so many-th vector: they differ in one threshold each.
VECTORS = 7
# Of a thousand mutants that many may stay unnoticed: what tells them apart may be a patient whom chance does not make.
UNNOTICED_IN_1000 = 3
# And of a hundred mutants of a null: where the rows of a table leave nothing over, what stands below them is never reached.
UNNOTICED_NULLS_IN_100 = 20

Make = Callable[[str], list[Patient]]
Record = Callable[[str, object], None]


@pytest.fixture(scope="session")
def made(knowledge: Knowledge, libraries: Mapping[str, Library]) -> Make:
    """The generated patients of a guideline."""
    return cache(lambda guideline: list(patients(knowledge, libraries[guideline], guideline, PATIENTS)))


@pytest.mark.parametrize("guideline", GUIDELINES)
def test_the_translator_has_nothing_to_say(engine: Engine, libraries: Mapping[str, Library], guideline: str) -> None:
    """No error, no warning, no information: otherwise `elm` raises."""
    library = libraries[guideline]
    elm = engine.elm(library.text)
    assert elm["identifier"] == {"id": library.name, "version": library.version}
    assert [found["name"] for found in elm["parameters"]["def"]] == [parameter.name for parameter in library.parameters]
    assert [found["name"] for found in elm["statements"]["def"]] == [define.name for define in library.defines]


@pytest.mark.parametrize("guideline", GUIDELINES)
def test_what_is_said_of_a_definition_is_in_the_elm(engine: Engine, libraries: Mapping[str, Library], guideline: str) -> None:
    """The translator makes annotations of the tags, all of them, and of nothing else."""
    library = libraries[guideline]
    elm = engine.elm(library.text)
    found = {item["name"]: item["annotation"] for item in (*elm["parameters"]["def"], *elm["statements"]["def"])}
    for item in (*library.parameters, *library.defines):
        tags = {tag["name"]: tag["value"] for note in found[item.name] for tag in note["t"]}
        assert tags == {name: value.replace('"', "'") for name, value in item.tags.items()}, item.name


@pytest.mark.parametrize("guideline", GUIDELINES)
def test_agreement_on_generated_patients(
    engine: Engine, knowledge: Knowledge, libraries: Mapping[str, Library], made: Make, guideline: str, record_property: Record
) -> None:
    """Facts exactly known or not known at all: then CQL and NELM say the same, also where both say that it is open.

    Nearly every definition comes out true for one patient and false for another.
    """
    library = libraries[guideline]
    results = engine.run(library.text, [parameter_values(library, patient.values) for patient in made(guideline)])
    agreement = Agreement()
    for number, (patient, found) in enumerate(zip(made(guideline), results, strict=True)):
        reference = Reference.of_values(knowledge, guideline, patient.values)
        agreement.add(f"patient {number}", found, {name: reference.says(name) for name in found}, complete=patient.complete)
        assert _statuses(found, reference) == reference.statuses
    for name, value in agreement.numbers().items():
        record_property(f"{guideline}: {name}", value)
    assert agreement.differences == []
    assert agreement.says_less == 0
    assert agreement.compared == PATIENTS * len(library.defines)
    assert _one_sided(results) <= len(library.defines) // 50


def _one_sided(results: Sequence[Mapping[str, Said]]) -> int:
    """The number of definitions that never come out true, or never false: agreement on these means little."""
    taken = values_taken(results).values()
    return sum(not {True, False} <= said and not any(isinstance(one, str) for one in said) for said in taken)


def _statuses(found: Mapping[str, object], reference: Reference) -> dict[str, Status]:
    """The status of each statement, put together from what CQL says."""
    statuses: dict[str, Status] = {}
    for key in reference.statuses:
        if f"{key} applies" not in found:
            statuses[key] = Status.NO_CONDITIONS
        elif found[f"{key} applies"] is True:
            statuses[key] = Status.APPLIES
        elif found[f"{key} applies"] is None:
            statuses[key] = Status.UNDETERMINED
        elif found.get(f"{key} conditions met") is False:
            statuses[key] = Status.DOES_NOT_APPLY
        else:
            statuses[key] = Status.BLOCKED
        if found[f"{reference.guideline} scope: OUT"] is True:
            statuses[key] = Status.OUT_OF_SCOPE
    return statuses


@pytest.mark.parametrize("guideline", GUIDELINES)
def test_a_parameter_that_is_left_out_is_unknown(engine: Engine, libraries: Mapping[str, Library], made: Make, guideline: str) -> None:
    """For the engine such a parameter is neither null nor false, unless it has a default."""
    library = libraries[guideline]
    given = [parameter_values(library, patient.values) for patient in made(guideline)[:100]]
    without = [{name: value for name, value in parameters.items() if value is not None} for parameters in given]
    assert engine.run(library.text, without, leave_out=True) == engine.run(library.text, given)


@pytest.mark.parametrize("guideline", GUIDELINES)
def test_agreement_on_worked_cases(
    engine: Engine, knowledge: Knowledge, libraries: Mapping[str, Library], content: Path, guideline: str, record_property: Record
) -> None:
    """Records with partly known values and contradictions: CQL may say less, and says nothing else."""
    library = libraries[guideline]
    cases = _worked(knowledge, content, {parameter.fact for parameter in library.parameters})
    results = engine.run(library.text, [parameter_values(library, facts.values) for facts in cases.values()])
    agreement = Agreement()
    for (case, facts), found in zip(cases.items(), results, strict=True):
        reference = Reference(knowledge, guideline, facts)
        agreement.add(case, found, {name: reference.says(name) for name in found}, complete=False)
    for name, value in agreement.numbers().items():
        record_property(f"{guideline} worked cases: {name}", value)
    assert agreement.differences == []
    assert agreement.says_less > 0, "partly known values are what CQL cannot say"


def _worked(knowledge: Knowledge, content: Path, parameters: set[str]) -> dict[str, Facts]:
    """The worked cases, every vector with partial values, and some of the others."""
    files = sorted((content / "cases").glob("*.yaml"))
    found = {file.stem: facts_of(read_record(file, knowledge, set_aside_invalid=True), knowledge) for file in files}
    for file in sorted((content / "cases" / "boundaries").glob("*.yaml")):
        document = read(file)
        for number, vector in enumerate(document.data["vectors"]):
            chosen = file.stem == "partial" or number % VECTORS == 0
            # a vector may give a fact that is only ever computed
            if chosen and all(name in parameters or name not in knowledge.model.definitions for name in vector.get("given", ())):
                found[vector["id"]] = facts_of_vector(vector, document, knowledge)
    return found


@pytest.mark.parametrize("guideline", GUIDELINES)
def test_a_mistake_in_the_export_is_noticed(
    engine: Engine, knowledge: Knowledge, libraries: Mapping[str, Library], made: Make, guideline: str, record_property: Record
) -> None:
    """Every `and`, `or`, `not`, comparison sign, number, code, true and false of every definition is changed, one at a time.

    All mutants stand in one library, each as a definition of its own beside the right ones.
    """
    library = libraries[guideline]
    wrong = {f"mutant {number}": mutant for number, mutant in enumerate(mutants(library, knowledge.model))}
    section = Section("Mutants", tuple(Define(name, mutant.expression) for name, mutant in wrong.items()))
    some = made(guideline)[:PATIENTS_FOR_MUTANTS]
    given = [parameter_values(library, patient.values) for patient in some]
    results = engine.run(replace(library, sections=(*library.sections, section)).text, given, list(wrong))
    references = [Reference.of_values(knowledge, guideline, patient.values) for patient in some]

    def noticed(name: str, mutant: Mutant) -> bool:
        return any(found[name] != reference.says(mutant.of) for found, reference in zip(results, references, strict=True))

    unnoticed = {name: mutant for name, mutant in wrong.items() if not noticed(name, mutant)}
    nulls = {name for name, mutant in wrong.items() if mutant.kind.startswith("null")}
    record_property(f"{guideline}: mutants", len(wrong))
    record_property(f"{guideline}: mutants unnoticed", len(unnoticed))
    record_property(f"{guideline}: of these, of a null", len(nulls & {*unnoticed}))
    assert {mutant.kind for mutant in wrong.values()} >= {"and -> or", "or -> and", "not left out", "number", "code", "null -> false"}
    assert len({*unnoticed} - nulls) <= len(wrong) * UNNOTICED_IN_1000 // 1000, unnoticed
    assert len({*unnoticed} & nulls) <= len(nulls) * UNNOTICED_NULLS_IN_100 // 100, unnoticed
