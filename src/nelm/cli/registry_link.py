"""`nelm registry link …`: which persons of two registries are the same, with names or between institutions without any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.table import Table

from nelm.cli.cohort_common import Folder, cohort_room
from nelm.cli.common import errors, output, stop, writable_folder, write_aside

if TYPE_CHECKING:
    from nelm.registry.linkage.clerical import Clerical
    from nelm.registry.linkage.persons import Persons
    from nelm.registry.linkage.settings import Normalisation
    from nelm.registry.tables.delimited_values import DateOrder

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", help="The column of a field, where it is called otherwise: given_name=Vorname. May be repeated.", show_default=False
    ),
]
TheirColumns = Annotated[
    list[str] | None, typer.Option("--their-column", help="The same for THEIRS; without it --column is for both.", show_default=False)
]
Separator = Annotated[
    str | None, typer.Option("--separator", help="comma, semicolon, tab or pipe, where the header leaves doubt.", show_default=False)
]
Encoding = Annotated[str, typer.Option("--encoding", help="How the text is encoded.")]
Order = Annotated[
    str | None, typer.Option("--date-order", help="dmy, mdy or ymd, where dates are not written year-month-day.", show_default=False)
]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="Settings of your own in place of content/registry/linkage.yaml.", show_default=False)
]
EncodingFile = Annotated[
    Path | None,
    typer.Option("--encoding-settings", help="Settings of your own in place of content/registry/encoding.yaml.", show_default=False),
]
Upper = Annotated[float | None, typer.Option("--upper", help="From here on a pair is linked.", show_default=False)]
Lower = Annotated[float | None, typer.Option("--lower", help="Below it is not; between both a person decides.", show_default=False)]
ClericalFile = Annotated[
    Path | None,
    typer.Option(
        "--clerical", help="Decisions that people made: review.csv with decision, decided_by and decided_on filled in.", show_default=False
    ),
]


@contextmanager
def linkage_room() -> Iterator[None]:
    """What linkage finds wrong, as a message; and what to install where the libraries are missing."""
    with cohort_room():
        try:
            import splink  # noqa: F401
        except ImportError:
            stop("Linkage needs more libraries. Install them: pip install 'nelm[registry]' (in a checkout: make setup).")
        from nelm.knowledge.findings import ContentError

        try:
            yield
        except (ContentError, ValueError) as error:  # all that linkage raises of its own are ValueErrors with a message for the reader
            if not isinstance(error, ContentError) and not type(error).__module__.startswith("nelm."):
                raise
            stop(str(error))


def link_tables(
    ours: Annotated[Path, typer.Argument(metavar="OURS", help="The registry's persons: delimited text with an id.", show_default=False)],
    theirs: Annotated[Path, typer.Argument(metavar="THEIRS", help="The other registry's persons.", show_default=False)],
    folder: Folder,
    column: Columns = None,
    their_column: TheirColumns = None,
    settings_file: SettingsFile = None,
    upper: Upper = None,
    lower: Lower = None,
    clerical: ClericalFile = None,
    separator: Separator = None,
    encoding: Encoding = "utf-8",
    date_order: Order = None,
) -> None:
    """Link the persons of two registries: every candidate pair with its weight, decision and reason; doubtful ones for people."""
    with linkage_room():
        from nelm.registry.linkage.files import check_folder, write_linkage
        from nelm.registry.linkage.link import counts, link
        from nelm.registry.linkage.settings import linkage_settings

        check_folder(folder)
        settings = linkage_settings(settings_file)
        decided = _clerical(clerical)
        here = _persons(ours, "ours", settings.normalisation, _columns(column), separator, encoding, date_order)
        there = _persons(theirs, "theirs", settings.normalisation, _columns(their_column or column), separator, encoding, date_order)
        found = link(here, there, settings, clerical=decided, upper=upper, lower=lower)
        write_linkage(found, folder)
        number = counts(found.decisions)
    output.print(
        f"{number['link']} links, {number['review']} pairs for review, {number['no link']} candidate pairs not linked: {folder}",
        markup=False,
        soft_wrap=True,
    )
    output.print(
        f"If the weights are right, {found.expected_false_links:.1f} of the links are wrong and {found.expected_true_pairs:.0f} pairs are true.",
        markup=False,
    )
    if number["review"]:
        output.print(f"Decide in {folder / 'review.csv'} and link again with --clerical.", markup=False, soft_wrap=True)
    for note in found.notes():
        errors.print(note, markup=False)


def make_link_key(
    file: Annotated[
        Path, typer.Argument(metavar="KEYFILE", help="The new file; an existing one is never overwritten.", show_default=False)
    ],
) -> None:
    """A new random key for encodings. Hand it on in person or encrypted, keep it where only you can read it, never send it with data."""
    with linkage_room():
        from nelm.registry.linkage.keys import make_key

        key = make_key(file)
    output.print(f"{file}: a new key. Its fingerprint, to compare with your partner: {key.fingerprint}", markup=False, soft_wrap=True)


def encode_persons(
    persons: Annotated[Path, typer.Argument(metavar="PERSONS", help="Persons: delimited text with an id.", show_default=False)],
    key_file: Annotated[Path, typer.Option("--key", help="The shared key, as 'nelm registry make-key' makes it.", show_default=False)],
    site: Annotated[str, typer.Option("--site", help="The name of the institution.", show_default=False)],
    file: Annotated[
        Path, typer.Option("--output", "-o", help="The encodings (a .parquet file), which may leave the institution.", show_default=False)
    ],
    pseudonyms: Annotated[
        Path, typer.Option("--pseudonyms", help="Which pseudonym is who (a .csv file). It stays here.", show_default=False)
    ],
    column: Columns = None,
    settings_file: SettingsFile = None,
    encoding_file: EncodingFile = None,
    separator: Separator = None,
    encoding: Encoding = "utf-8",
    date_order: Order = None,
) -> None:
    """Encode persons so that another institution, or a third, can link them without a name."""
    with linkage_room():
        from nelm.registry.linkage.encoded_file import encode, write_encoding
        from nelm.registry.linkage.encoding import encoding_settings
        from nelm.registry.linkage.keys import read_key
        from nelm.registry.linkage.settings import linkage_settings

        normalisation = linkage_settings(settings_file).normalisation
        key, settings = read_key(key_file), encoding_settings(encoding_file)
        table = _persons(persons, str(persons), normalisation, _columns(column), separator, encoding, date_order)
        made = encode(table, key, settings, normalisation, site=site)
        write_encoding(made, file, pseudonyms)
    output.print(f"{made.encoded.frame.height} persons encoded with the key {key.fingerprint}: {file}", markup=False, soft_wrap=True)
    output.print(f"Who is who stays here: {pseudonyms}", markup=False, soft_wrap=True)
    if made.left_out:
        output.print(
            f"{made.left_out} persons without given name, family name or full birth date are not encoded; they stand there without a pseudonym."
        )


def link_encodings(
    ours: Annotated[Path, typer.Argument(metavar="A", help="Encoded persons of one institution.", show_default=False)],
    theirs: Annotated[Path, typer.Argument(metavar="B", help="Encoded persons of another.", show_default=False)],
    folder: Folder,
    encoding_file: EncodingFile = None,
    upper: Upper = None,
    lower: Lower = None,
    clerical: ClericalFile = None,
) -> None:
    """Link two files of encoded persons, which hold no name."""
    with linkage_room():
        from nelm.registry.linkage.encoded_file import read_encoded
        from nelm.registry.linkage.encoded_pairs import link_encoded, write_encoded_linkage
        from nelm.registry.linkage.encoding import encoding_settings
        from nelm.registry.linkage.files import check_folder
        from nelm.registry.linkage.link import counts, thresholds

        check_folder(folder)
        settings = encoding_settings(encoding_file)
        rules = thresholds(settings.decisions, upper, lower)
        decided = _clerical(clerical)
        kept = min(settings.kept, rules.lower)
        found = link_encoded(read_encoded(ours), read_encoded(theirs), rules, kept=kept, clerical=decided)
        write_encoded_linkage(found, folder)
        number = counts(found.decisions)
    output.print(f"{found.compared} comparisons, {found.decisions.height} pairs at least {kept:g} alike.", markup=False)
    output.print(
        f"{number['link']} links, {number['review']} pairs for review, {number['no link']} not linked: {folder}",
        markup=False,
        soft_wrap=True,
    )


def evaluate_linkage(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a linkage.", show_default=False)],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="Labelled pairs: ours, theirs, and kinds if known.", show_default=False)],
    our_pseudonyms: Annotated[
        Path | None, typer.Option("--our-pseudonyms", help="Of encoded persons: who is who in A.", show_default=False)
    ] = None,
    their_pseudonyms: Annotated[
        Path | None, typer.Option("--their-pseudonyms", help="Of encoded persons: who is who in B.", show_default=False)
    ] = None,
) -> None:
    """Hold a linkage against labelled pairs: recall, precision, review load, by kind of error."""
    with linkage_room():
        from nelm.registry.linkage.evaluate import evaluate, in_pseudonyms, read_truth
        from nelm.registry.linkage.files import read_decisions

        if (our_pseudonyms is None) != (their_pseudonyms is None):
            stop("--our-pseudonyms and --their-pseudonyms: found one of them. Give both, or neither for a linkage with names.")
        decisions, persons = read_decisions(folder)
        pairs = read_truth(truth)
        if our_pseudonyms is not None and their_pseudonyms is not None:
            pairs = in_pseudonyms(pairs, our_pseudonyms, their_pseudonyms)
        found = evaluate(decisions, pairs, persons=persons)
    _print_table("Against the labelled pairs", ("", ""), list(found.rows()))
    kinds = [tuple(map(str, row)) for row in found.by_kind.iter_rows()]
    _print_table("True pairs by what differs", tuple(name.replace("_", " ") for name in found.by_kind.columns), kinds)


def simulate_registries(
    folder: Folder,
    persons: Annotated[int, typer.Option("--persons", "-n", min=1, help="How many in each registry.")] = 1000,
    in_both: Annotated[float, typer.Option("--in-both", min=0, max=1, help="The share that the other registry knows as well.")] = 0.6,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same persons.")] = 1,
) -> None:
    """Made-up persons in two registries, and which of them are the same, for trying and measuring linkage. Nobody is meant."""
    with linkage_room():
        from nelm.registry.linkage.synthetic import made_up_persons, simulate_persons

        made = simulate_persons(made_up_persons(), persons, persons, in_both=in_both, seed=seed)
        target = writable_folder(folder)
        for name, table in (("ours", made.ours), ("theirs", made.theirs), ("truth", made.truth), ("look_alikes", made.look_alikes)):
            write_aside(target / f"{name}.csv", table.write_csv().encode("utf-8"))
    output.print(
        f"{persons} made-up persons in each of two registries, {made.truth.height} of them in both: {folder}", markup=False, soft_wrap=True
    )


def _clerical(file: Path | None) -> Clerical | None:
    from nelm.registry.linkage.clerical import read_clerical

    return None if file is None else read_clerical(file)


def _persons(
    file: Path,
    label: str,
    normalisation: Normalisation,
    columns: Mapping[str, str],
    separator: str | None,
    encoding: str,
    date_order: str | None,
) -> Persons:
    from nelm.registry.linkage.normalise import Normaliser
    from nelm.registry.linkage.persons import read_persons

    order = cast("DateOrder | None", date_order)  # another word is refused where the table is read
    return read_persons(file, label, Normaliser(normalisation), columns=columns, separator=separator, encoding=encoding, date_order=order)


def _columns(stated: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in stated or ():
        field, sign, column = text.partition("=")
        if not sign or not field or not column:
            stop(f"--column: found {text!r}. Permitted: FIELD=COLUMN, for example given_name=Vorname.")
        found[field] = column
    return found


def _print_table(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(title=title, title_justify="left", show_header=any(headings))
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*row)
    output.print(table)
