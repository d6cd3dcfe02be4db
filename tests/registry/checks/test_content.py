"""Every mistake in the file of checks, at its place."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from nelm.registry.checks.content import FILE, RULE, load_checks

CONDITION = """
conditions:
  - id: young
    label: Young
    severity: note
    when: "age_years < 18"
    says: Look.
    assumed: A test.
"""
DOCUMENTED = """
documented:
  - {id: no_date, per: treatment, label: No date, severity: note, item: date, beside: treatment_kind, says: Enter it., assumed: A test.}
"""
BETWEEN = """
between:
  - {id: order, label: Order, severity: error, from: tumour.diagnosis_date, to: treatments.date, at_least_days: 0, says: Correct it., assumed: A test.}
"""


def file_of(content: Path, rest: str) -> str:
    """The head of the file of the content, its rule for duplicates, and other checks."""
    text = (content / FILE).read_text(encoding="utf-8")
    return text[: text.index("conditions:\n")] + rest + text[text.index("duplicates:\n") :]


def problem(content: Path, knowledge: Knowledge, folder: Path, text: str) -> str:
    (folder / FILE).parent.mkdir()
    (folder / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        load_checks(knowledge, folder)
    return str(raised.value)


def test_the_checks_name_their_version_and_file(content: Path, knowledge: Knowledge) -> None:
    checks = load_checks(knowledge, content)
    assert (checks.id, checks.version) == ("nelm-registry-checks", "1.0.0")
    assert checks.digest == hashlib.sha256((content / FILE).read_bytes()).hexdigest()


def test_rules_of_consistency_are_checks(content: Path, knowledge: Knowledge) -> None:
    """All but those that only serve other facts, and those of the patient whose facts are then contradicted."""
    made = {check.named.id.removeprefix(RULE) for check in load_checks(knowledge, content).conditions if check.named.id.startswith(RULE)}
    spoken = {
        rule.id for rule in knowledge.rules if rule.severity != "quiet" and not (rule.per is None and rule.severity == "contradiction")
    }
    assert made == spoken
    assert len(made) > 20


@pytest.mark.parametrize(
    ("rest", "before", "after", "message"),
    [
        (CONDITION, "age_years <", "age_year <", "'age_year' is not known. Did you mean 'age_years'?"),
        (CONDITION, "age_years < 18", "age_years < 18 or age_years >= 18", "This condition is always true, whatever the facts"),
        (CONDITION, "    assumed: A test.\n", "", "'young' needs a 'source', 'outside', or 'assumed' with the reason."),
        (CONDITION, "    severity: note", "    severity: notice", "'notice' is not permitted. Permitted: 'error', 'warning' or 'note'."),
        (CONDITION, '    when: "age', '    per: specimens\n    when: "age', "'specimens' is not an entity of the dictionary. Did you mean 'specimen'?"),
        (DOCUMENTED, "item: date", "item: dat", "'dat' is not a field of 'treatment'. Did you mean 'date'?"),
        (DOCUMENTED, "beside: treatment_kind", "beside: treatment_kin", "'treatment_kin' is not a field of 'treatment'."),
        (DOCUMENTED, "per: treatment, ", "", "'date' is not a fact that a facts table holds."),
        (DOCUMENTED, "per: treatment, ", "", "'beside' needs 'per': the entity whose entries are meant."),
        (BETWEEN, "treatments.date", "treatments.dat", "'treatments.dat' is not a date of a record, such as 'treatments.date', or 'closing'."),
        (BETWEEN, "treatments.date", "treatment.date", "Did you mean 'treatments'?"),
        (BETWEEN, "tumour.diagnosis_date", "tumour.primary_site", "'tumour.primary_site' is not a date of a record"),
        (BETWEEN, "at_least_days: 0, ", "", "'order' needs exactly one of at_least_days, at_most_days, at_least_years, at_most_years."),
        (BETWEEN, "at_least_days: 0", "at_least_days: 0, at_most_years: 3", "'order' needs exactly one of"),
        (BETWEEN, "from: tumour.diagnosis_date, to: treatments.date", "from: closing, to: closing", "'order' needs a date of the record."),
        (BETWEEN + CONDITION, "id: young", "id: order", "The id 'order' is given twice. Give each check its own."),
        (CONDITION, "same: [birth_date]", "same: [sex]", "'sex' is not a date of the dictionary."),
        (CONDITION, "same: [birth_date]", "same: []", "Nothing has to be the same. Give at least one date."),
        (CONDITION, "not_different: [sex", "not_different: [birth_date", "'birth_date' is not a coded fact of the dictionary."),
        (CONDITION, "{name: review,", "{name: reviewed,", "Permitted: each of not_permitted, unusual, contradicted"),
        (CONDITION, 'date: "2026-11-21"', "date: soon", "Found 'soon' where a date (2026-11-21) is expected."),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong(
    content: Path, knowledge: Knowledge, tmp_path: Path, rest: str, before: str, after: str, message: str
) -> None:
    text = file_of(content, rest)
    assert text.count(before) == 1
    assert message in problem(content, knowledge, tmp_path, text.replace(before, after))
