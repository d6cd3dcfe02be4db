"""What the columns of a source mean: the mapping, as the user states it in YAML. `read_mapping` in `mapping_file` reads one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nelm.knowledge.dictionary import Element, Entity
from nelm.knowledge.yamlfile import Mark
from nelm.registry.tables.delimited_values import DateOrder, Decimal

RECORD = "record"  # the part whose fields stand at the head of a record
RECORD_FIELDS = ("title", "kind", "reference", "note", "as_of")
CENTRE = "centre"  # the element that names the reporting centre

Scope = Literal["registry", "centre"]
Shape = Literal["csv", "redcap"]
RowsOf = Literal["one_per_patient", "many_per_patient"]


@dataclass(frozen=True)
class Written:
    """How cells are written: what may be stated for the whole mapping, for a table, and for a field.

    `missing` are the words for "not known".
    """

    decimal: Decimal | None = None
    date_order: DateOrder | None = None
    missing: frozenset[str] = frozenset()

    def under(self, wider: Written) -> Written:
        """This, completed by what is stated for something wider; words for "not known" add up."""
        return Written(self.decimal or wider.decimal, self.date_order or wider.date_order, self.missing | wider.missing)


@dataclass(frozen=True)
class Field:
    """Where the value of one field comes from: a column, checkbox columns (`column___code`), or a constant.

    `words` says what each written word means (where there are any, no other is permitted), `unit` the unit of numbers without one,
    `split` the sign between the items of a list. `element` is None for what every entry may carry (date, source, note) and for the
    head of the record.
    """

    name: str
    element: Element | None
    mark: Mark
    column: str | None = None
    checkbox: str | None = None
    constant: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    split: str | None = None
    written: Written = field(default_factory=Written)

    @property
    def is_date(self) -> bool:
        return self.name in ("date", "as_of") if self.element is None else self.element.type == "date"

    @property
    def is_number(self) -> bool:
        return self.element is not None and self.element.type in ("quantity", "count")

    def checkbox_column(self, code: str) -> str:
        """The column of a checkbox, as REDCap names it: `sites___2`, for the code -9 `sites____9`."""
        return f"{self.checkbox}___{code.lower().replace('-', '_')}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        if self.checkbox is not None:
            return tuple(map(self.checkbox_column, self.words))
        return () if self.column is None else (self.column,)


@dataclass(frozen=True)
class Part:
    """What part of a record a row gives: the head (`entity` None), a part of which there is one, or an entry of a list.

    Only rows that have one of the words of `where` in its columns do. A row gives the entry if at least one of its columns says something.
    """

    key: str
    entity: Entity | None
    fields: tuple[Field, ...]
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def only_one(self) -> bool:
        """Whether a record has this part once."""
        return self.entity is None or not self.entity.many


@dataclass(frozen=True)
class Table:
    """A kind of file: how its name looks, which columns hold the patient's id and the centre, and what its rows give.

    `rows` says whether a patient may have more than one row, `id_missing` which words in the column of the id mean that it is not known.
    """

    file: str
    mark: Mark
    id: str
    parts: tuple[Part, ...]
    centre: str | None = None
    shape: Shape = "csv"
    rows: RowsOf = "many_per_patient"
    separator: str | None = None
    encoding: str = "utf-8"
    id_missing: frozenset[str] = frozenset()

    @property
    def is_of_patients(self) -> bool:
        """Whether its rows give something that a record has once: without such a row there is no record."""
        return any(part.only_one for part in self.parts)

    @property
    def columns(self) -> frozenset[str]:
        """All columns that are read."""
        named = {name for part in self.parts for item in part.fields for name in item.columns}
        asked = {name for part in self.parts for name in part.where}
        return frozenset({self.id} | named | asked | ({self.centre} if self.centre else set()))


@dataclass(frozen=True)
class ImportMapping:
    """A whole mapping. `centre` is the centre of all records, where it is not a column; `complete` the lists that leave nothing out.

    `ids` says whether an id names one patient in the whole registry, or only within its centre. `digest` is the SHA-256 of the file.
    """

    file: str
    digest: str
    tables: tuple[Table, ...] = ()
    ids: Scope = "registry"
    centre: str | None = None
    complete: tuple[str, ...] = ()
