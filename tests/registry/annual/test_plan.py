"""The plan of the annual report: content, checked against the dictionary."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from nelm.registry.annual.plan import FILE, read_plan


def test_the_plan_of_the_content(knowledge: Knowledge) -> None:
    plan = read_plan(knowledge)
    assert plan.baseline_moment.name == "liver_metastases_first_seen+90"
    assert plan.survival.fewest_at_risk >= 10
    assert 29 in plan.prevalence.years


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("death: death_date", "death: grade", "'grade' is no date of the dictionary"),
        ("sex: sex", "sex: birth_date", "'birth_date' is no coded fact"),
        ("dead: dead", "dead: gone", "'gone' is no code of vital_status. Permitted: alive, dead"),
        ("{female: female, male: male}", "{women: female, male: male}", "'women' is no sex of a life table"),
        ("first_malignancy: first_malignancy_ever", "first_malignancy: sex", "'sex' is no fact of the dictionary that is yes or no"),
        ("by: [primary_site,", "by: [birth_date,", "'birth_date' is neither coded nor yes or no"),
        ("covariates: [grade,", "covariates: [birth_date,", "'birth_date' is neither coded nor yes or no"),
        ("treatment: liver_resection", "treatment: hope", "'hope' is no term that a record shows as done"),
        ("estimand: overlap", "estimand: att2", "'att2' is not permitted"),
        ("terms: [liver_resection,", "terms: [hepatic_resection,", "'hepatic_resection' is no term that a record shows as done"),
        ("standards: [world_1960,", "standards: [mars,", "'mars' is no standard population"),
        ("standard: icss_1", "standard: icss_9", "'icss_9' is no standard population"),
        ("fewest_at_risk: 10", "fewest_at_risk: 0", "Found 0. Permitted: a whole number from 1 on"),
        ("landmark_days: 180", "landmark_days: soon", "Found 'soon' where a whole number is expected"),
        ("years: [1, 2, 3, 5, 10]", "years: [2, 1]", r"Found \[2, 1\]. Permitted: whole years from 1 on"),
    ],
)
def test_mistakes_are_said_with_their_line(tmp_path: Path, content: Path, knowledge: Knowledge, old: str, new: str, message: str) -> None:
    (tmp_path / "registry").mkdir()
    shutil.copy(content / "registry" / "standard_populations.yaml", tmp_path / "registry")
    text = (content / FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError, match=rf"annual_report.yaml:\d+:\d+: .*{message}"):
        read_plan(knowledge, tmp_path)
