"""The index behind the search box: a script with a list, so that it works from a file without a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nelm.reports.site.links import short
from nelm.reports.site.plan import SitePage

# fields whose text says what a thing is about, in the order in which they are shown
TEXTS = ("title", "label", "asks", "says", "printed", "meaning", "population", "item")


def search_index(pages: Iterable[SitePage], where: Mapping[str, str]) -> str:
    """A script that sets `NELM_INDEX`: for every id its short name, what it says, where it stands, and what kind of page that is."""
    entries: dict[str, list[str]] = {}
    for page in pages:
        for item in _items(page.data):
            name = item.get("id")
            text = " ".join(str(item[key]) for key in TEXTS if isinstance(item.get(key), str))
            if isinstance(name, str) and name in where and text and name not in entries and where[name].startswith(page.path):
                entries[name] = [short(name), text, where[name], page.about or page.title]
    listed = json.dumps(list(entries.values()), ensure_ascii=False, separators=(",", ":"))
    return f"window.NELM_INDEX = {listed};\n"


def _items(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        for value in data.values():
            yield from _items(value)
    elif isinstance(data, list):
        for value in data:
            yield from _items(value)
