"""What can be wrong with a distribution: every mistake with its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from nelm.cohort.synthetic.model import BY_PARTS, OTHERWISE, WAYS, WITHOUT_NUMBERS, Distribution, Number
from nelm.cohort.synthetic.types import type_of
from nelm.criteria import BooleanType, CodedType, CriteriaError, DateType, Model, NumberType, ValueType, check, nearest, parse
from nelm.criteria.syntax import names
from nelm.knowledge.files import Reader
from nelm.knowledge.findings import Finding
from nelm.knowledge.yamlfile import Document, Path_

SAMPLED = ("normal", "lognormal", "uniform", "weibull")
TOLERANCE = 1e-9


@dataclass
class Checks:
    """Checks distributions and conditions of one file; `drawn` are the names that stand before the place being checked."""

    reader: Reader
    document: Document
    types: Mapping[str, ValueType]
    claims: Collection[str]
    drawn: dict[str, None] = field(default_factory=dict)

    def report(self, path: Path_, message: str) -> None:
        self.reader.report(self.document, path, message)

    # -- names ------------------------------------------------------------------------------------

    def known(self, name: str, path: Path_) -> ValueType | None:
        """The type of a name that is drawn before this place; None where it is not (reported)."""
        if name in self.drawn:
            return self.types.get(name)
        if name in self.types:
            self.report(path, f"{name!r} is drawn only later. Move it before this place.")
        else:
            self.report(path, f"The name {name!r} is not known.{nearest(name, self.drawn)}")
        return None

    def number(self, number: Number | None, path: Path_, above: float | None = None) -> None:
        """A parameter: a number (above a limit), or the name of a variable that holds one."""
        if isinstance(number, str):
            found = self.known(number, path)
            if found is not None and not isinstance(found, NumberType):
                self.report(path, f"{number!r} is a {found.name} fact where a number is expected.")
        elif number is not None and above is not None and number <= above:
            self.report(path, f"Found {number:g}; it has to be above {above:g}.")

    def condition(self, text: str, path: Path_) -> None:
        """A condition about what is drawn before this place."""
        try:
            expression = parse(text)
        except CriteriaError as error:
            for problem in error.problems:
                self._in_text(path, problem.at.line, problem.at.column, problem.message)
            return
        strange = [name for name in names(expression) if name.name not in self.drawn]
        for name in strange:
            later = f"{name.name!r} is drawn only later. Move it before this place."
            unknown = f"The name {name.name!r} is not known.{nearest(name.name, self.drawn)}"
            self._in_text(path, name.at.line, name.at.column, later if name.name in self.types else unknown)
        for problem in check(expression, Model(self.types), self.drawn) if not strange else ():
            self._in_text(path, problem.at.line, problem.at.column, problem.message)

    def _in_text(self, path: Path_, line: int, column: int, message: str) -> None:
        self.reader.findings.append(Finding(self.document.inside(path, line, column), message))

    def grounds(self, claims: tuple[str, ...], path: Path_) -> None:
        """Named findings exist."""
        for claim in claims:
            if claim not in self.claims:
                self.report((*path, "claims"), f"The claim {claim!r} is not known.{nearest(claim, self.claims)}")

    # -- distributions ----------------------------------------------------------------------------

    def distribution(self, given: Distribution, path: Path_, *, grounded: bool = False) -> ValueType | None:
        """Everything about a distribution and its parts; its type where it is sound. `grounded`: what holds it states the source."""
        self.grounds(given.claims, path)
        if len(given.ways) != 1:
            found = f"found {', '.join(given.ways)}" if given.ways else "found none"
            self.report(path, f"Give exactly one of {', '.join(way.rstrip('_') for way in WAYS)}; {found}.")
            return None
        way = given.ways[0]
        grounded |= given.is_grounded
        if not grounded and way not in WITHOUT_NUMBERS and (way not in BY_PARTS or given.values is not None):
            self.report(path, "Say where the numbers are from: 'claims' (ids of published findings) or 'assumed' (the reason in one line).")
        self._limits(given, way, path)
        self._by_way(given, way, path)
        for part, below in given.parts():
            self.distribution(part, (*path, *below), grounded=grounded)
        kind = type_of(given, self.types)
        parts = [type_of(part, self.types) for part, _ in given.parts()]
        if kind is None and way in ("by", "cases") and parts and None not in parts:
            self.report(path, "The parts give values of different kinds.")
        return kind

    def _by_way(self, given: Distribution, way: str, path: Path_) -> None:
        match way:
            case "choice":
                self._weights(given.choice or {}, (*path, "choice"))
            case "chance":
                self.share(given.chance or 0.0, (*path, "chance"))
            case "same_as":
                self.known(given.same_as or "", (*path, "same_as"))
            case "is":
                self.condition(given.is_ or "", (*path, "is"))
            case "after":
                self._after(given, path)
            case "earliest" | "latest":
                for number, name in enumerate(given.earliest or given.latest or ()):
                    self._day(name, (*path, way, number))
            case "by":
                self._by(given, path)
            case "cases":
                self._cases(given, path)
            case "product" | "sum":
                for number, part in enumerate(given.product or given.sum or ()):
                    self.number(part, (*path, way, number))
            case _:
                self._parameters(given, path)

    def share(self, share: Number, path: Path_) -> None:
        """A probability, or the name of a variable that holds one."""
        self.number(share, path)
        if not isinstance(share, str) and not 0 <= share <= 1:
            self.report(path, f"Found {share:g}; a share lies between 0 and 1.")

    def _weights(self, weights: Mapping[str, float], path: Path_) -> None:
        for code, weight in weights.items():
            if weight < 0:
                self.report((*path, code), f"Found the weight {weight:g}; a weight is not negative.")
        if not any(weights.values()):
            self.report(path, "The weights add up to nothing. Give at least one above 0.")

    def _parameters(self, given: Distribution, path: Path_) -> None:
        if given.normal is not None:
            self.number(given.normal.mean, (*path, "normal", "mean"))
            self.number(given.normal.sd, (*path, "normal", "sd"), above=0)
        if given.lognormal is not None:
            self.number(given.lognormal.median, (*path, "lognormal", "median"), above=0)
            self.number(given.lognormal.sigma, (*path, "lognormal", "sigma"), above=0)
        if given.weibull is not None:
            self.number(given.weibull.median, (*path, "weibull", "median"), above=0)
            self.number(given.weibull.shape, (*path, "weibull", "shape"), above=0)
        if given.uniform is not None:
            low, high = given.uniform.low, given.uniform.high
            self.number(low, (*path, "uniform", "low"))
            self.number(high, (*path, "uniform", "high"))
            self._in_order(low, high, (*path, "uniform"))

    def _in_order(self, low: Number | None, high: Number | None, path: Path_) -> None:
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            self.report(path, f"The range from {low:g} to {high:g} is upside down.")

    def _limits(self, given: Distribution, way: str, path: Path_) -> None:
        for name in ("low", "high", "digits"):
            if getattr(given, name) is not None and way not in (*SAMPLED, "product", "sum"):
                self.report((*path, name), f"{name!r} is for numbers that are drawn or computed, not for {way!r}.")
        self.number(given.low, (*path, "low"))
        self.number(given.high, (*path, "high"))
        self._in_order(given.low, given.high, (*path, "low"))
        for name in ("days", "months"):
            if getattr(given, name) is not None and way != "after":
                self.report((*path, name), f"{name!r} needs 'after'.")

    def _after(self, given: Distribution, path: Path_) -> None:
        self._day(given.after or "", (*path, "after"))
        if (given.days is None) == (given.months is None):
            self.report(path, "A date needs either 'days' or 'months' beside 'after'.")
        for part, below in given.parts():
            kind = type_of(part, self.types)
            if kind is not None and not isinstance(kind, NumberType):
                self.report((*path, *below), f"A number is expected here, not a {kind.name} value.")

    def _day(self, name: str, path: Path_) -> None:
        if not name.startswith("@"):
            found = self.known(name, path)
            if found is not None and not isinstance(found, DateType):
                self.report(path, f"{name!r} is a {found.name} fact where a date is expected.")
            return
        try:
            date.fromisoformat(name[1:])
        except ValueError:
            self.report(path, f"{name!r} is not a day of the calendar. Permitted: a name, or a day as @2005-01-31.")

    def _by(self, given: Distribution, path: Path_) -> None:
        if (given.values is None) == (given.tables is None):
            self.report(path, "'by' needs either 'values' or 'tables'.")
            return
        key = "values" if given.values is not None else "tables"
        keys = list(given.values or given.tables or {})
        kind = self.known(given.by or "", (*path, "by"))
        if kind is None:
            return
        if not isinstance(kind, CodedType | BooleanType):
            self.report((*path, "by"), f"{given.by!r} is a {kind.name} fact; 'by' is for codes, and for true and false.")
            return
        codes = kind.codes if isinstance(kind, CodedType) else ("true", "false")
        for code in keys:
            if code not in (*codes, OTHERWISE):
                self.report((*path, key, code), f"The code {code!r} is not permitted. Permitted: {', '.join(codes)}.{nearest(code, codes)}")
        left_out = [code for code in codes if code not in keys]
        if left_out and OTHERWISE not in keys:
            self.report((*path, key), f"Nothing is said for {', '.join(left_out)}. Add it, or '{OTHERWISE}'.")

    def _cases(self, given: Distribution, path: Path_) -> None:
        cases = given.cases or ()
        if not cases or cases[-1].when is not None:
            self.report(path, "The last case needs to be one without 'when'.")
        for number, case in enumerate(cases):
            if case.when is not None:
                self.condition(case.when, (*path, "cases", number, "when"))
            elif number != len(cases) - 1:
                self.report((*path, "cases", number), "Only the last case may be without 'when'.")
