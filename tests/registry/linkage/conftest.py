"""Two made-up registries, linked once for all tests that look at what came out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nelm.registry.linkage.encoding import EncodingSettings, encoding_settings
from nelm.registry.linkage.link import Linkage, link
from nelm.registry.linkage.normalise import Normaliser
from nelm.registry.linkage.persons import Persons, persons_of
from nelm.registry.linkage.settings import LinkageSettings, linkage_settings
from nelm.registry.linkage.synthetic import LabelledPersons, made_up_persons, simulate_persons

PERSONS = 700


@pytest.fixture(scope="session")
def settings() -> LinkageSettings:
    """Those of the content, with fewer random pairs than a registry would take."""
    found = linkage_settings()
    return replace(found, training=replace(found.training, random_pairs=200_000))


@pytest.fixture(scope="session")
def encoding() -> EncodingSettings:
    return encoding_settings()


@pytest.fixture(scope="session")
def normaliser(settings: LinkageSettings) -> Normaliser:
    return Normaliser(settings.normalisation)


@pytest.fixture(scope="session")
def made_up() -> LabelledPersons:
    return simulate_persons(made_up_persons(), PERSONS, PERSONS, seed=11)


@pytest.fixture(scope="session")
def ours(made_up: LabelledPersons, normaliser: Normaliser) -> Persons:
    return persons_of(made_up.ours, "ours", normaliser)


@pytest.fixture(scope="session")
def theirs(made_up: LabelledPersons, normaliser: Normaliser) -> Persons:
    return persons_of(made_up.theirs, "theirs", normaliser)


@pytest.fixture(scope="session")
def linkage(ours: Persons, theirs: Persons, settings: LinkageSettings) -> Linkage:
    return link(ours, theirs, settings)
