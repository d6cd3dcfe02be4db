"""What `content/report.yaml` may say, and what is said about mistakes in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from nelm.reports.layout import FILE, read_layout
from nelm.reports.page import make_page
from tests.reports.test_page import Case


def test_the_layout_of_the_content_is_valid(knowledge: Knowledge, content: Path) -> None:
    layout = read_layout(knowledge, content)
    assert layout.main_options in layout.options
    assert {group.label for group in layout.key_facts} >= {"Primary", "Grade", "Liver"}


@pytest.mark.parametrize(
    ("printed", "instead", "said"),
    [
        ("question: question", "question: questoin", "'questoin' is not known. Did you mean 'question'?"),
        ("person: [age_years", "person: [age_year", "'age_year' is not known. Did you mean 'age_years'?"),
        ("wishes: patient_wishes", "wishes: no_such_fact", "'no_such_fact' is not known."),
        ("main_options: treatment", "main_options: care", "'care' is not known."),
        ("fact: performance_status", "fact: performance", "'performance' is not known."),
        ("fact: comorbidities", "fact: comorbidity", "'comorbidity' is not known."),
        ("entries: treatments", "entries: treatment", "'treatment' is not known. Did you mean 'treatments'?"),
        ("show: [treatment_kind", "show: [treatment_sort", "'treatment_sort' is not known."),
        ("  imaging: [imaging_modality]", "  images: [imaging_modality]", "'images' is not known."),
        ("  work-up: Work-up\n", "", "The options have a group 'work-up' without a label."),
        ("limits:", "boundaries:", "boundaries"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    knowledge: Knowledge, content: Path, tmp_path: Path, printed: str, instead: str, said: str
) -> None:
    text = (content / FILE).read_text(encoding="utf-8")
    assert text.count(printed) == 1
    (tmp_path / FILE).write_text(text.replace(printed, instead), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_layout(knowledge, tmp_path)
    assert f"{FILE}:" in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_layout_is_said(knowledge: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=FILE):
        read_layout(knowledge, tmp_path)


def test_a_group_of_options_without_any_is_not_shown(case: Case) -> None:
    advice = case("p05").advice
    layout = read_layout(advice.knowledge)
    page = make_page(advice, layout=replace(layout, options={"rest": "The rest", **layout.options}))
    assert [group.label for group in page.summary] == [group.label for group in page.options] == ["Treatment", "Work-up", "Follow-up"]
