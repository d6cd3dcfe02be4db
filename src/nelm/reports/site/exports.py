"""The reference lists for reference managers: CSL-JSON, RIS, BibTeX."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from nelm.knowledge.evidence import Name, Reference

_RIS_TYPES = {"article-journal": "JOUR", "chapter": "CHAP", "paper-conference": "CPAPER", "book": "BOOK"}
_BIBTEX_TYPES = {"article-journal": "article", "chapter": "incollection", "paper-conference": "inproceedings", "book": "book"}
_BIBTEX_CONTAINERS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}


def csl_json(references: Iterable[Reference]) -> str:
    """A list in CSL-JSON 1.0.2; ids are the printed numbers."""
    return json.dumps([_csl(reference) for reference in references], indent=1, ensure_ascii=False) + "\n"


def _csl(reference: Reference) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": f"ref-{reference.number}",
        "type": reference.type,
        "title": reference.title,
        "author": [_csl_name(name) for name in reference.author],
        "container-title": reference.container_title,
        "issued": {"date-parts": [[reference.year]]} if reference.year else None,
        "volume": reference.volume,
        "issue": reference.issue,
        "page": _hyphenated(reference.page),
        "publisher": reference.publisher,
        "DOI": reference.doi,
        "note": "and others" if reference.others else None,
    }
    return {key: value for key, value in fields.items() if value}


def _csl_name(name: Name) -> dict[str, str]:
    fields = {"family": name.family, "given": name.given, "literal": name.literal}
    return {key: value for key, value in fields.items() if value}


def ris(references: Iterable[Reference]) -> str:
    """A list in RIS, one record after another."""
    return "".join(f"{tag}  - {value}\r\n" for reference in references for tag, value in _ris(reference))


def _ris(reference: Reference) -> Iterator[tuple[str, str]]:
    yield "TY", _RIS_TYPES.get(reference.type, "GEN")
    yield "ID", f"ref-{reference.number}"
    for name in reference.author:
        yield "AU", _family_first(name)
    yield "TI", reference.title
    start, _, end = (_hyphenated(reference.page) or "").partition("-")
    rest = {
        "T2": reference.container_title,
        "PY": str(reference.year) if reference.year else None,
        "VL": reference.volume,
        "IS": reference.issue,
        "SP": start,
        "EP": end,
        "PB": reference.publisher,
        "DO": reference.doi,
    }
    yield from ((tag, value) for tag, value in rest.items() if value)
    yield "ER", ""


def bibtex(references: Iterable[Reference]) -> str:
    """A list in BibTeX, in UTF-8."""
    return "\n".join(_bibtex(reference) for reference in references)


def _bibtex(reference: Reference) -> str:
    kind = _BIBTEX_TYPES.get(reference.type, "misc")
    authors = [_family_first(name) if name.family else f"{{{name.literal}}}" for name in reference.author]
    fields = {
        "author": " and ".join([*authors, *(["others"] if reference.others else [])]),
        "title": f"{{{reference.title}}}",
        _BIBTEX_CONTAINERS.get(kind, "howpublished"): reference.container_title,
        "year": str(reference.year) if reference.year else None,
        "volume": reference.volume,
        "number": reference.issue,
        "pages": (_hyphenated(reference.page) or "").replace("-", "--"),
        "publisher": reference.publisher,
        "doi": reference.doi,
    }
    lines = "".join(f"  {name} = {{{value.replace('&', chr(92) + '&')}}},\n" for name, value in fields.items() if value)
    return f"@{kind}{{ref-{reference.number},\n{lines}}}\n"


def _family_first(name: Name) -> str:
    return name.literal or ", ".join(part for part in (name.family, name.given) if part)


def _hyphenated(page: str | None) -> str | None:
    return page.replace("–", "-") if page else None
