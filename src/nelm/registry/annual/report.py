"""The annual report of a freeze: every chapter computed, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nelm.cohort.compiled import compile_cohort
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.life_table import read_life_table
from nelm.epidemiology.prevalence import Prevalence
from nelm.epidemiology.rates import crude_rate
from nelm.registry.annual import centres, comparisons, concordance, flow, incidence, methods, prevalence, quality, survival, treatments
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import SYNTHETIC, AnnualReport, KeyNumber, Section
from nelm.registry.annual.persons import patients_of
from nelm.registry.annual.plan import read_plan
from nelm.registry.annual.survival import observed
from nelm.registry.annual.words import NO_ESTIMATE, NOT_SHOWN, between, decimals, number
from nelm.registry.freeze.open import Freeze
from nelm.registry.freeze.write import FINDINGS
from nelm.registry.population import read_population

Told = Callable[[int, int | None], None]
KEY_YEARS = 5
CHAPTERS = 10


def _silent(_: int, __: int | None) -> None:
    """Nobody watches."""


def context_of(freeze: Freeze) -> Context:
    """What the chapters are computed from. Raises ContentError, LifeTableError, PopulationError, FactsTableError."""
    settings, plan = freeze.settings, read_plan(freeze.knowledge)
    return Context(
        freeze=freeze,
        plan=plan,
        settings=settings.settings,
        compiled=compile_cohort(freeze.knowledge),
        patients=patients_of(freeze, plan),
        population=None if settings.population is None else read_population(settings.population),
        life_table=None if settings.life_table is None else read_life_table(settings.life_table),
    )


def annual_report(freeze: Freeze, told: Told = _silent) -> AnnualReport:
    """The report; `told` hears how many chapters are done. Raises as `context_of`."""
    context = context_of(freeze)
    done = 0

    def next_(section: Section) -> Section:
        nonlocal done
        done += 1
        told(done, CHAPTERS)
        return section

    people = prevalence.prevalences(context)
    entry = next_(flow.chapter(context))
    records = next_(quality.chapter(context))
    rates = next_(incidence.chapter(context))
    alive = next_(prevalence.chapter(context, people))
    lived = next_(survival.chapter(context))
    treated = next_(treatments.chapter(context))
    alike = next_(comparisons.chapter(context, treatments.decisions(context)))
    compared = concordance.compared(context)
    within = next_(concordance.chapter(context, compared))
    of_centres = next_(centres.chapter(context, compared))
    about = methods.chapters(context)
    next_(about[0])
    settings = context.settings
    return AnnualReport(
        title=context.plan.title,
        registry=settings.name,
        period=f"{settings.begin} to {settings.closing}",
        freeze=f"{freeze.id}, closed on {freeze.manifest.closing}",
        mark=_mark(freeze),
        intended_use=context.plan.intended_use,
        key_numbers=tuple(_key_numbers(context, people)),
        warnings=tuple(_warnings(context)),
        sections=(entry, records, rates, alive, lived, treated, alike, within, of_centres),
        methods=about,
    )


def _mark(freeze: Freeze) -> str:
    made_up, usable = freeze.manifest.synthetic_records, freeze.manifest.counts["records"] - freeze.manifest.counts["rejected"]
    return "" if not made_up else SYNTHETIC if made_up == usable else f"PARTLY {SYNTHETIC}"


def _key_numbers(context: Context, people: tuple[Prevalence, ...]) -> Iterator[KeyNumber]:
    patients, shown, closing = context.patients, context.shown, context.settings.closing
    yield KeyNumber("patients entered", shown.count(len(patients)), f"of {number(context.freeze.rows('facts'))} on record")
    year = incidence.last_whole_year(context)
    new = patients.frame.filter(patients.frame["metastases"].dt.year() == year).height
    yield KeyNumber(f"new in {year}", shown.count(new), "by the day on which liver metastases were first seen")
    population = context.population if context.settings.population_based else None
    if population is not None and year in incidence.years_of(context, population) and not shown.hides(new):
        rate = crude_rate(new, population.of_year(year), per=context.plan.incidence.per)
        yield KeyNumber("incidence", decimals(rate.value, 2), f"per {number(rate.per)} and year in {year}, crude")
    if people:
        longest = people[-1]
        value = number(longest.count) if prevalence.printed(context, (longest,)) else NOT_SHOWN
        yield KeyNumber("people alive", value, f"on {closing}, {longest.years}-year limited-duration prevalence")
    frame = patients.followed
    if frame.height and not shown.hides(frame.height) and not shown.hides(int(frame["dead"].sum())):
        (found,) = kaplan_meier(observed(frame)).at([KEY_YEARS], fewest_at_risk=context.plan.survival.fewest_at_risk)
        value = f"{decimals(100 * found.survival, 0)} %" if found.supported else NO_ESTIMATE
        detail = f"95 % interval {between(100 * found.lower, 100 * found.upper, 0)}" if found.supported else "patients followed so long"
        yield KeyNumber(f"{KEY_YEARS}-year survival", value, f"{detail}; a figure about groups, nobody's prognosis")
    findings = context.freeze.table(FINDINGS)
    wrong = findings.filter(findings["severity"] == "error")["patient"].n_unique()
    yield KeyNumber("records with errors", shown.count(wrong), "what cannot be true, as the checks see it")


def _warnings(context: Context) -> Iterator[str]:
    if _mark(context.freeze):
        yield "The data are made up. Nothing can be learnt from this report about patients, treatments or centres."
    if not context.settings.population_based:
        yield "The registry holds patients who were referred to its centres; the severe and the unusual are more frequent among them."
    if context.freeze.manifest.counts["rejected"]:
        yield f"{context.shown.count(context.freeze.manifest.counts['rejected'])} records could not be read and are not in the report."
    if not context.freeze.same_content:
        yield "The content was changed since the freeze was made; see the last chapter."
