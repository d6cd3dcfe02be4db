"""A table with planted mistakes, each with the line and the field at which an import has to find it.

`python -m tests.registry.planted 100000` imports a table of that size and says what was found.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

HEADER = ("PATNR", "ZENTRUM", "GEBDAT", "SEX", "DXDAT", "SITE", "SIZE_CM", "PROBE", "KI67", "MITOSEN", "GRAD", "THERAPIE", "THDAT", "KONTAKT", "STATUS", "RAUCHER", "NOTIZ")  # fmt: skip
MAPPING = """\
format: 1
separator: semicolon
decimal: comma
date_order: dmy
missing: [NK, "99"]
tables:
  - file: planted*.csv
    id: PATNR
    parts:
      - part: patient
        fields:
          centre: ZENTRUM
          birth_date: GEBDAT
          sex: {column: SEX, words: {1: male, 2: female}, missing: [9]}
      - part: tumour
        fields:
          diagnosis_date: DXDAT
          primary_site: {column: SITE, words: {C25: pancreas, C17.2: ileum, C17: small intestine, C16: stomach}}
          primary_diameter_mm: {column: SIZE_CM, unit: cm}
      - part: specimens
        fields:
          date: PROBE
          ki67_percent: KI67
          mitoses_per_2mm2: MITOSEN
          grade_reported: GRAD
          specimen_site: {value: primary}
          note: NOTIZ
      - part: treatments
        fields:
          treatment_kind: {column: THERAPIE, words: {1: liver_resection, 2: psh}}
          date: THDAT
      - part: follow_up
        fields:
          last_contact_date: KONTAKT
          vital_status: {column: STATUS, words: {A: alive, T: dead}}
"""
NOTES = ("", "", "unauffällig", '"quoted; with a separator"', '"two\nlines"', '"he said ""no"""', '"three\n\nlines; of text"')
ROW = len(HEADER)
Cells = dict[str, str]


@dataclass(frozen=True)
class Planted:
    """The text of a table; the mistakes by line and field (empty: the whole row), with their kinds; and the ids of the good rows."""

    text: str
    mistakes: dict[tuple[int, str], str]
    good: dict[str, Cells] = field(repr=False)


def _cells(number: int, draw: random.Random) -> Cells:
    diagnosis = date(2000, 1, 1) + timedelta(draw.randrange(7000))
    later = diagnosis + timedelta(draw.randrange(30, 2000))
    day = "%d.%m.%Y"
    return {
        "PATNR": f"P{number:06d}",
        "ZENTRUM": f"Z{draw.randrange(9)}",
        "GEBDAT": (diagnosis - timedelta(draw.randrange(9000, 30000))).strftime(draw.choice((day, day, "%Y-%m-%d", "%Y", "%m.%Y"))),
        "SEX": draw.choice("1129"),
        "DXDAT": diagnosis.strftime(day),
        "SITE": draw.choice(("C25", "C17.2", "C17", "C16", "NK", "")),
        "SIZE_CM": draw.choice(("1,1", "2", "0,8", "<2", "1,5-2,5", "14 mm", "99", "")),
        "PROBE": diagnosis.strftime(day),
        "KI67": draw.choice(("1,5", "2", "<2", "3-5", ">20", "12,25", "NK", "")),
        "MITOSEN": draw.choice(("1", "0", "12", "")),
        "GRAD": draw.choice(("G1", "G2", "NET G3", "G1/G2", "not: NEC", "")),
        "THERAPIE": draw.choice(("1", "2", "")),
        "THDAT": later.strftime(day),
        "KONTAKT": later.strftime(day),
        "STATUS": draw.choice("AT"),
        "RAUCHER": draw.choice("jn"),
        "NOTIZ": draw.choice(NOTES),
    }


def _set(name: str, value: str) -> Callable[[Cells], tuple[str, str]]:
    """A mistake in one cell: gives the text of the row, and the field."""

    def planted(cells: Cells) -> tuple[str, str]:
        return ";".join((cells | {"NOTIZ": "", name: value}).values()), name

    return planted


def _whole(change: Callable[[str], str]) -> Callable[[Cells], tuple[str, str]]:
    """A mistake in the form of a row."""
    return lambda cells: (change(";".join((cells | {"NOTIZ": ""}).values())), "")


KINDS: dict[str, Callable[[Cells], tuple[str, str]]] = {
    "impossible date": _set("DXDAT", "31.02.2015"),
    "no date": _set("PROBE", "last spring"),
    "month and day swapped": _set("DXDAT", "03/25/2015"),
    "year of two digits": _set("KONTAKT", "03.04.15"),
    "date with a time": _set("THDAT", "2015-03-04 10:30"),
    "Ki-67 above 100": _set("KI67", "140"),
    "negative size": _set("SIZE_CM", "-3"),
    "unknown code": _set("SEX", "7"),
    "unknown site": _set("SITE", "C99"),
    "code of another letter case": _set("STATUS", "t"),
    "missing id": _set("PATNR", "  "),
    "decimal point": _set("KI67", "12.5"),
    "sign between thousands": _set("MITOSEN", "1.234,5"),
    "wrong unit": _set("SIZE_CM", "12 kg"),
    "text for a number": _set("KI67", "zwölf"),
    "range upside down": _set("KI67", "15-10"),
    "unknown grade": _set("GRAD", "G7"),
    "birth after diagnosis": lambda cells: (";".join((cells | {"NOTIZ": "", "GEBDAT": "01.01.2022"}).values()), "DXDAT"),
    "quote not closed": _whole(lambda row: f'{row}"not closed'),
    "quote inside a field": _whole(lambda row: f'{row}5" tumour'),
    "text after a quote": _whole(lambda row: f'{row}"a"b'),
    "too few fields": _whole(lambda row: row.rsplit(";", 2)[0]),
    "too many fields": _whole(lambda row: f"{row};;"),
    "no text": _whole(lambda row: f"{row}a\x07b"),
}


def planted(rows: int, seed: int = 1, share: float = 0.01) -> Planted:
    """A table with a share of rows with a mistake, every kind in turn, duplicate ids among them."""
    draw = random.Random(seed)
    wrong = set(draw.sample(range(rows), round(rows * share)))
    kinds = [*KINDS, "duplicate id"]
    lines, mistakes, good, line, turn = [";".join(HEADER)], {}, {}, 2, 0
    waiting: tuple[str, int] | None = None  # a row whose id is to stand a second time
    for number in range(rows):
        cells = _cells(number, draw)
        if number not in wrong:
            text = ";".join(cells.values())
            good[cells["PATNR"]] = cells
        elif waiting is not None:
            text, name = _set("PATNR", waiting[0])(cells)
            mistakes[line, name] = mistakes[waiting[1], name] = "duplicate id"
            waiting = None
        elif (kind := kinds[turn % len(kinds)]) == "duplicate id" and number < max(wrong):
            text = ";".join(cells.values())
            waiting, turn = (cells["PATNR"], line), turn + 1
        else:
            kind, turn = ("no date" if kind == "duplicate id" else kind), turn + 1
            text, name = KINDS[kind](cells)
            mistakes[line, name] = kind
        lines.append(text)
        line += text.count("\n") + 1
    return Planted("\n".join(lines) + "\n", mistakes, good)


def main(rows: int) -> None:
    from nelm.knowledge.store import knowledge
    from nelm.registry.imports.run import import_records

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = planted(rows)
        (folder / "planted.csv").write_text(table.text, encoding="utf-8")
        (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
        start = time.perf_counter()
        made = import_records([folder / "planted.csv"], folder / "store", knowledge(), mapping_file=folder / "mapping.yaml")
        seconds = time.perf_counter() - start
    found, expected = {(item.line, item.field) for item in made.rejected}, set(table.mistakes)
    sys.stdout.write(
        f"{rows} rows, {len(expected)} planted mistakes of {len(set(table.mistakes.values()))} kinds\n"
        f"found {len(found & expected)}, missed {sorted(expected - found)[:5]}, others {sorted(found - expected)[:5]}\n"
        f"good rows {len(table.good)}, imported {made.counts.records_in_store}\n"
        f"{seconds:.1f} s, {rows / seconds:.0f} rows a second\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
