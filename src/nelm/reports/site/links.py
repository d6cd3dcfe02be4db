"""Where every id is found: links between pages that work from a file, with anchors that stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from nelm.reports.site.plan import SitePage


class NoSuchAnchor(KeyError):
    """An id that no page holds."""


@dataclass(frozen=True)
class Links:
    """Addresses by id, written as seen from one page."""

    places: Mapping[str, str]
    root: str

    def href(self, name: str) -> str:
        """The relative address of an id. Raises NoSuchAnchor."""
        if name not in self.places:
            raise NoSuchAnchor(name)
        return self.root + self.places[name]

    def link(self, name: str, words: str | None = None) -> Markup:
        """A link to an id, in its own letters unless words are given."""
        shown = words if words is not None else short(name)
        return Markup('<a href="{}">{}</a>').format(self.href(name), escape(shown))


def short(name: str) -> str:
    """An id as it is shown: without the document in front, a reference as its number in brackets."""
    last = name.rsplit("/", 1)[-1]
    return f"[{last.removeprefix('ref-')}]" if last.startswith("ref-") else last


def places(pages: Iterable[SitePage]) -> dict[str, str]:
    """Each id with its page and anchor; an id that stands on two pages is found on the first."""
    found: dict[str, str] = {}
    for page in pages:
        for name, anchor in page.anchors.items():
            found.setdefault(name, f"{page.path}#{anchor}" if anchor else page.path)
    return found
