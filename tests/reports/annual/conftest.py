"""A made-up annual report, laid out once for all tests; and one whose texts try to break out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl
import pytest

from nelm.registry.annual.model import SYNTHETIC, AnnualReport, KeyNumber, Picture, Section, Table
from nelm.reports import annual

FREEZE = "2024-12-31-5f0c9a1e7b3d"
MARKUP = r'#panic("no") *star* $x^2$ [box] \backslash _low_ <label> @cite `raw` // comment = head'
POISON = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}{% raw %}</style>"
LONG_WORD = "gastroenteropancreatic" * 9


def curve(colour: str = "#0b5566") -> str:
    """Survival as steps, with a pattern whose id another drawing has too."""
    steps = " ".join(f"L{70 + 55 * year} {30 + 21 * (year - 1)} L{70 + 55 * year} {30 + 21 * year}" for year in range(1, 11))
    years = "".join(f'<text x="{70 + 55 * year}" y="330" text-anchor="middle" font-size="13">{year}</text>' for year in range(0, 11, 2))
    return f"""<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="680" height="370" viewBox="0 0 680 370"
 role="img" aria-labelledby="title"><title id="title">Survival</title><defs>
<pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="3" height="6" fill="{colour}"/></pattern></defs>
<g font-family="Arial, Liberation Sans, sans-serif" fill="#1c1f23"><rect x="70" y="290" width="550" height="16" fill="url(#stripes)"/>
<path class="line" d="M70 30 {steps}" fill="none" stroke="{colour}" stroke-width="2"/><path d="M70 30V306H625" fill="none" stroke="#1c1f23"/>
<text x="64" y="35" text-anchor="end" font-size="13">100 %</text>{years}
<text x="345" y="358" text-anchor="middle" font-size="13">Years since diagnosis</text></g></svg>"""


def small_table(name: str = "flow", **changes: object) -> Table:
    frame = pl.DataFrame({"step": ["Received", "Eligible", "Excluded", "Undetermined"], "records": [12034, 9120, None, 802]})
    table = Table(name, "Records by entry", frame, ("Step", "Records"), frozenset({"records"}), ("Small numbers are held back.",))
    return replace(table, **changes)  # type: ignore[arg-type]


def centres(rows: int = 14) -> Table:
    sites = ("Small bowel", "Pancreas", "Colon and rectum", "Lung and bronchus, where it is the primary", "Unknown primary")
    frame = pl.DataFrame(
        {
            "centre": [f"Centre {n:04d}" for n in range(rows)],
            "site": [sites[n % len(sites)] for n in range(rows)],
            "patients": [100 + n % 61 for n in range(rows)],
            "verified": [f"{90 + n % 10}.{n % 7} ({81 + n % 10}.0–{97 + n % 3}.1)" for n in range(rows)],
            "survival": ["not estimated: 3 at risk" if n % 9 == 0 else f"0.{60 + n % 30} (0.51–0.93)" for n in range(rows)],
        }
    )
    heads = ("Centre", "Site", "Patients", "Microscopically verified, %", "Net survival after 5 years")
    return Table(f"centres-{rows}", "Quality and survival by centre", frame, heads, frozenset({"patients", "verified"}))


def wide(columns: int = 40) -> Table:
    frame = pl.DataFrame(
        {"year": [str(year) for year in range(2015, 2025)]} | {f"c{n}": [n * 3 + k for k in range(10)] for n in range(1, columns)}
    )
    heads = ("Year", *(f"Centre {n}" for n in range(1, columns)))
    return Table("wide", "New patients by year and centre", frame, heads, frozenset(frame.columns[1:]))


def empty() -> Table:
    return Table(
        "empty", "Second primaries", pl.DataFrame(schema={"site": pl.String, "n": pl.Int64}), ("Site", "Patients"), frozenset({"n"})
    )


def made_up() -> AnnualReport:
    says = "Net survival falls from 100 % at diagnosis to 66 % after 5 and 24 % after 10 years; 412 patients are at risk at 10 years."
    survival = Picture("survival", "Net survival after diagnosis", curve(), says, ("Shaded: fewer than 100 at risk.",))
    again = Picture("survival-by-grade", "Net survival, grade 2", curve("#8a4b00"), says)
    return AnnualReport(
        title="Annual report 2024",
        registry="Example Registry of Neuroendocrine Liver Metastases",
        period="Diagnoses from 1 January 2015 to 31 December 2024",
        freeze=FREEZE,
        mark=SYNTHETIC,
        intended_use="For registries and researchers. It describes cohorts, and nobody's prognosis. Not approved as a medical device.",
        key_numbers=(
            KeyNumber("patients entered", "9,120", "of 12,034 received; 802 undetermined"),
            KeyNumber("new patients per 100,000 and year", "0.61", "95 % interval 0.58 to 0.64, world standard"),
            KeyNumber("alive on 31 December 2024", "4,377", "10-year prevalence"),
            KeyNumber("net survival after 5 years", "66 %", "95 % interval 64 to 68 %; 2,031 at risk"),
            KeyNumber("microscopically verified", "97.3 %", "lowest centre 88 %"),
            KeyNumber("net survival after 15 years", "not estimated", "fewer than 10 at risk in two age groups"),
        ),
        warnings=(
            "Follow-up ends before the closing date for 312 patients of two centres; survival after 2022 rests on the others.",
            "Incidence is a lower limit: 4 of 17 centres have not linked to their cancer registry.",
        ),
        sections=(
            Section("entry", "Who is in it", ("Of 12,034 records received, 9,120 meet every entry criterion.",), tables=(small_table(),)),
            Section("centres", "Quality by centre", ("Centres are in order of their number.",), tables=(centres(), empty())),
            Section(
                "survival",
                "Survival",
                ("Net survival by the method of Pohar Perme, on the daily grid.", "Nobody was lost to follow-up at death."),
                (survival, again),
                limits=("After 10 years few are at risk.", "Centres differ in how they follow up."),
            ),
            Section("years", "Years and centres", tables=(wide(),)),
        ),
        methods=(
            Section("software", "Software and content", ("Computed with NELM from the freeze that is named above.",), tables=(centres(3),)),
            Section("rates", "Rates", ("Age-standardised to the world standard population.",)),
        ),
    )


def nasty() -> AnnualReport:
    """Every text is markup, poison, or a word without end."""
    text = f"{POISON} {MARKUP} {LONG_WORD}"
    frame = pl.DataFrame({f"{name} {POISON}": [MARKUP, POISON, LONG_WORD, None] for name in ("a", "b", "c", "d")})
    table = Table("nasty", text, frame, (text, "", MARKUP, LONG_WORD), notes=(text,))
    picture = Picture("nasty", text, curve(), text, (text,))
    section = Section("nasty", text, (text, MARKUP), (picture,), (table,), (text, MARKUP))
    return AnnualReport(
        title=text,
        registry=text,
        period=text,
        freeze=f"{MARKUP} {POISON}",
        mark=text,
        intended_use=text,
        key_numbers=(KeyNumber(text, text, text), KeyNumber(MARKUP, MARKUP, MARKUP), KeyNumber(LONG_WORD, LONG_WORD, LONG_WORD)),
        warnings=(text, MARKUP),
        sections=(section,),
        methods=(replace(section, id="other", pictures=(), tables=()),),
    )


@dataclass(frozen=True, eq=False)
class Shown:
    """A report and its pages, each made when first asked for."""

    report: AnnualReport

    @cached_property
    def html(self) -> str:
        return annual.render_html(self.report)

    @cached_property
    def pdf(self) -> bytes:
        return annual.render_pdf(self.report)

    @property
    def items(self) -> int:
        """Tables and pictures."""
        return sum(len(section.tables) + len(section.pictures) for section in (*self.report.sections, *self.report.methods))


@pytest.fixture(scope="session")
def plain() -> Shown:
    return Shown(made_up())


@pytest.fixture(scope="session")
def poisoned() -> Shown:
    return Shown(nasty())
