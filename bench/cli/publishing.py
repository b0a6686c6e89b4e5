"""Verbs that render what is published: the model card and the explorer."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import (
    BaseModel,
    ConvertedArm,
    CorpusPath,
    Licence,
    Push,
    Reports,
    Results,
    SuiteArgument,
    Title,
    converted_arm,
    load,
    read_records,
)
from bench.cli.saying import warn
from bench.errors import BenchError

if TYPE_CHECKING:
    from bench.analysis.alignments import Movement
    from bench.audio_clip import AudioClip
    from bench.store import Store
    from bench.suite import Suite

EACH_WAY = 5
"""Utterances of a cell that can be heard, of those that became worse and of those that became better."""
MOST_AUDIO = 1_250_000
"""The most bytes of audio in a page."""


def card(
    suite: SuiteArgument,
    arm: ConvertedArm = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="README.md", help="Also replace the marked block of this card; nothing else of it."
        ),
    ] = None,
    title: Title = None,
    base_model: BaseModel = None,
    licence: Licence = None,
    push: Push = None,
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Write the model card of a converted arm, with its picture and the hub's metadata, from the suite's records."""
    loaded = load(suite, results=results)
    chosen = converted_arm(loaded, arm)
    records = read_records(loaded, results)
    from bench.io.publishing import require_repo
    from bench.reporting.card import CardWords, read_words, render_block, replace_block, write_card
    from bench.reporting.card.readme import PICTURE, copy_picture, push_card
    from bench.reporting.card.words import missing_lines

    if push is not None:
        require_repo(push)
    said = CardWords(title, base_model, licence)
    if into is not None:
        replace_block(into, render_block(records, chosen, said.over(read_words(into)), PICTURE))
        print(f"replaced the marked block of {into}")
        print(f"wrote {copy_picture(records, chosen, into.parent)}")
    paths = write_card(records, chosen, reports / loaded.name, said)
    for path in paths:
        print(f"wrote {path}")
    words = read_words(paths[0])
    if into is not None:
        warn("its front matter is left as it is: the figures for machines are in the files above")
    for line in missing_lines(records, chosen, words):
        warn(line)
    if push is not None:
        print(f"pushed {push_card(records, chosen, words, push)}")


def report(
    suite: SuiteArgument,
    without_audio: Annotated[
        bool, typer.Option("--without-audio", help="For a corpus that is not at hand any more.")
    ] = False,
    corpus_path: CorpusPath = None,
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Write the explorer: one HTML file with every verdict, and the utterances behind it to read and hear."""
    loaded = load(suite, corpus_path, results)
    records = read_records(loaded, results)
    from bench.analysis.published import find_claims
    from bench.analysis.utterances import read_movements
    from bench.reporting.explorer import MOST_UTTERANCES, write_explorer
    from bench.store import Store

    store = Store(results / loaded.name)
    movements = list(read_movements(loaded, store, MOST_UTTERANCES))
    if not movements:
        raise BenchError(f"suite {loaded.name}: no arm has a control, so nothing is compared; give one a control")
    audio = _read_audio(loaded, store, movements, without_audio)
    print(f"wrote {write_explorer(records, movements, audio, find_claims(results), reports / loaded.name)}")


def _read_audio(
    suite: "Suite", store: "Store", movements: "Sequence[Movement]", without_audio: bool
) -> "list[AudioClip] | None":
    """The audio of the utterances that moved most; None where it is to be left out."""
    from rich.console import Console

    from bench.analysis.alignments import clips_to_play
    from bench.runners import encode_clips

    if without_audio:
        return None
    try:
        return encode_clips(suite, store, clips_to_play(movements, EACH_WAY), MOST_AUDIO, Console(stderr=True))
    except BenchError as error:
        raise BenchError(f"{error}; or leave audio out by --without-audio") from None
