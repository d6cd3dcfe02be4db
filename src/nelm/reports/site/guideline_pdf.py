"""A document as a PDF to print and to hand out: its statements, findings and doubtful places, question by question (PDF/UA-1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

from nelm.knowledge.base import Knowledge
from nelm.reports.site.plan import plan

TEMPLATE = Path(__file__).parents[1] / "templates" / "site" / "guideline.typ"


def render_guideline_pdf(knowledge: Knowledge, guideline: str) -> bytes:
    """One document as PDF. The same content gives the same bytes on machines with the same fonts."""
    data = json.dumps(_printed(knowledge, guideline), ensure_ascii=False)
    return typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs={"document": data}, pdf_standards="ua-1", timestamp=0)


def _printed(knowledge: Knowledge, guideline: str) -> dict[str, Any]:
    pages = [page for page in plan(knowledge) if page.path.startswith(f"{guideline}/")]
    by_template: dict[str, list[dict[str, Any]]] = {}
    for page in pages:
        by_template.setdefault(page.template, []).append(dict(page.data))
    return {
        "about": by_template["contents"][0],
        "questions": by_template["question"],
        "evidence": by_template.get("evidence", []),
        "discrepancies": by_template["discrepancies"][0]["discrepancies"],
        "references": by_template["references"][0]["references"],
    }
