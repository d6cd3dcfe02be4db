"""The words of the pages: numbers as read, standing and kind of statements, relations of the documents."""

from __future__ import annotations

from nelm.knowledge import numbers
from nelm.knowledge.evidence import Value

UNITS = numbers.UNITS | {
    "hazard_ratio": "(hazard ratio)", "odds_ratio": "(odds ratio)", "relative_risk": "(relative risk)", "ratio": "", "number": "",
    "cost_units": "(cost)", "fold": "times",
}  # fmt: skip
STATISTICS = {"median": "median", "mean": "mean", "threshold": "threshold", "ratio": "ratio"}

STANDING = {
    "panel": "Recommendation of the panel",
    "consensus": "Consensus statement",
    "jury": "Remark or vote of the jury",
    "body": "Body text, below the recommendations",
    "reported": "Position of others, as reported",
}
KINDS = {
    "recommendation": "recommendation",
    "criterion": "criterion",
    "definition": "definition",
    "finding": "finding",
    "process": "rule of process",
    "sequence": "order of steps",
    "research": "research",
    "remark": "remark",
    "vote": "vote",
    "reported": "reported position",
}
STANCES = {
    "for": "for",
    "conditional_for": "for, under conditions",
    "conditional": "for, under conditions",
    "against": "against",
    "no_recommendation": "no recommendation",
    "none": "no recommendation",
    "statement_of_fact": "statement of fact",
    "constraint": "restricts another statement",
    "info": "no instruction",
    "definition": "definition",
}
RELATIONS = {
    "agree": "The documents agree",
    "refine": "One refines the other",
    "conflict": "The documents conflict",
    "shift": "The later document moved on",
    "only_one": "Only {document} speaks",
}
DESIGNS = {
    "randomised_trial": "randomised trial",
    "prospective_cohort": "prospective cohort",
    "retrospective_cohort": "retrospective cohort",
    "comparative_study": "comparative study",
    "case_series": "case series",
    "registry": "registry",
    "meta_analysis": "meta-analysis",
    "systematic_review": "systematic review",
    "guideline": "guideline",
    "review": "review",
    "trial_not_randomised": "trial, not randomised",
    "laboratory_study": "laboratory study",
    "opinion": "opinion",
    "not_stated": "design not stated",
}


def outcome_words(outcome: str) -> str:
    """`overall_survival` as `Overall survival`."""
    return outcome.replace("_", " ").capitalize()


def value_words(value: Value, *, with_group: bool = True, with_time: bool = True) -> str:
    """A printed number as it is read: `resection: about 85 % after 5 years`."""
    parts = [f"{value.of}:" if with_group and value.of else "", STATISTICS.get(value.statistic or "", ""), _amount(value)]
    if value.interval is not None:
        level = f"{numbers.figure(value.interval.level_percent)} % " if value.interval.level_percent is not None else ""
        parts.append(f"({level}confidence interval {numbers.figure(value.interval.low)}–{numbers.figure(value.interval.high)})")
    parts += [_time(value) if with_time else "", f"({value.p})" if value.p else "", f"(n = {value.n})" if value.n is not None else ""]
    return " ".join(part for part in parts if part)


def _amount(value: Value) -> str:
    if value.token is not None:
        return f"printed as “{value.token}”, not computed with"
    unit = UNITS.get(value.unit, value.unit)
    if value.limit is not None:
        name, number = value.limit
        amount = f"{numbers.LIMIT_WORDS[name]} {numbers.figure(number)}"
    elif value.value is None:
        assert value.ends is not None, "a value has a number: checked when the content was loaded"
        amount = "–".join(map(numbers.figure, value.ends))
    else:
        amount = numbers.figure(value.value)
        if value.low is not None and value.high is not None:
            amount += f" ({numbers.figure(value.low)}–{numbers.figure(value.high)})"
    about = "about " if value.about else ""
    return f"{about}{amount} {unit}".strip()


def _time(value: Value) -> str:
    if value.at_years is not None:
        return f"after {numbers.figure(value.at_years)} {'year' if value.at_years == 1 else 'years'}"
    if value.at_months is not None:
        return f"after {numbers.figure(value.at_months)} {'month' if value.at_months == 1 else 'months'}"
    return ""
