"""The settings of a linkage: each mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nelm.knowledge.findings import ContentError
from nelm.registry.linkage.encoding import encoding_settings
from nelm.registry.linkage.settings import linkage_settings


def changed(content: Path, folder: Path, name: str, old: str, new: str) -> Path:
    text = (content / "registry" / name).read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    file = folder / name
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def test_the_content_can_be_used() -> None:
    assert linkage_settings().required == ("given_name", "family_name", "birth_date", "sex")
    assert encoding_settings().filter_bits == 1024


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("- field: sex\n    required", "- field: sexe\n    required", "'sexe' is not permitted"),
        ("- field: municipality\n", "- field: postcode\n", "'postcode' is compared twice"),
        ("{is: same, words: the same day}", "{is: the_same, words: the same day}", "'the_same' is not permitted"),
        ("{is: similar, at_least: 0.92, words: nearly", "{is: similar, words: nearly", "'similar' needs the field 'at_least'"),
        (
            "{is: begins_alike, characters: 2, words",
            "{is: within_days, days: 2, words",
            "'within_days' is for birth_date, diagnosis_date, not for postcode",
        ),
        ("{is: within_days, days: 31, words: within a month}", "{is: different, words: other}", "'different' holds always"),
        ("      - {is: different, words: more than a year apart}\n", "", "has to be 'different'"),
        ("- [both_names]", "- [both_name]", "The field 'both_name' is not known"),
        ("- [both_names]", "- []", "Found no field"),
        ("surely_the_same_finds: 0.75", "surely_the_same_finds: 0", "Found 0. Permitted: above 0, at most 1"),
        ("random_pairs: 4000000", "random_pairs: 0", "Found 0. Permitted: a whole number from 1 on"),
        ("upper: 9", "upper: -1", "The upper weight -1 is below the lower one, 0"),
        ("margin: 4", "margin: -4", "Found -4. Permitted: a number from 0 on"),
        ("{field: birth_date, level: different, why", "{field: birth_date, level: similar, why", "birth_date has no level 'similar'"),
        ("{field: sex, level: different, m_at_most", "{field: sex, level: similar, m_at_most", "sex has no level 'similar'"),
        ("    - [given_name, family_name]\n  pairs_at_most", "    - []\n  pairs_at_most", "Found no rule, or one without a field"),
        ("training:", "trainings:", "The field 'training' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line(content: Path, tmp_path: Path, old: str, new: str, message: str) -> None:
    file = changed(content, tmp_path, "linkage.yaml", old, new)
    with pytest.raises(ContentError) as refused:
        linkage_settings(file)
    assert message in str(refused.value)
    assert f"{file}:" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1", "version: 2", "Found 2. Permitted: 1"),
        ("bits: 1024", "bits: 1000", "Found 1000. Permitted: a power of two"),
        ("noise: 0", "noise: 1.5", "Found 1.5. Permitted: a share"),
        ("salt: birth_day_month", "salt: birth_year", "'birth_year' salts two passes"),
        ("hash: sex, bits: 20", "hash: sex, bits: 0", "Found 0. Permitted: a whole number from 1 on"),
        ("kept: 0.70", "kept: 0.99", "Permitted: rising, from 0 to 1"),
    ],
)
def test_a_mistake_in_the_encoding(content: Path, tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ContentError, match=message.replace("(", r"\(")):
        encoding_settings(changed(content, tmp_path, "encoding.yaml", old, new))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for read in (linkage_settings, encoding_settings):
        with pytest.raises(ContentError, match="cannot be read"):
            read(tmp_path / "none.yaml")
