"""The model card of a converted arm, rendered from a suite's records."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.analysis.suite_records import SuiteRecords
from bench.io.files import write_atomically, write_text
from bench.reporting.card.acoustics import demo_words
from bench.reporting.card.marked import marked, replace_block
from bench.reporting.card.metadata import front_matter
from bench.reporting.card.method import corpus_line, method_lines
from bench.reporting.card.opening import opening_lines
from bench.reporting.card.origin import origin_lines, origin_of
from bench.reporting.card.sections import (
    limitation_lines,
    memory_lines,
    memory_section,
    note_lines,
    results_table,
    robustness_reading,
    robustness_section,
)
from bench.reporting.card.use import use_section
from bench.reporting.card.words import CardWords, read_words, words_of
from bench.reporting.figures.forest import write_forest
from bench.reporting.text.cells import signature_line
from bench.reporting.text.markdown import inline
from bench.suite import ArmSpec, Suite

__all__ = [
    "CardWords",
    "card_name",
    "read_words",
    "render_block",
    "render_card",
    "replace_block",
    "write_card",
    "write_picture",
]

NOTHING = CardWords()
READING = "✱: told from nothing, all languages considered; (ns): not told, which is no proof of equality."
ALT = "The cost in each language with its 95 % interval"


def card_name(suite: Suite, arm: ArmSpec) -> str:
    """card.md of a suite's only converted arm; where there are several, card-NAME.md."""
    return "card.md" if sum(other.control is not None for other in suite.arms) == 1 else f"card-{arm.id}.md"


def write_card(records: SuiteRecords, arm: ArmSpec, folder: Path, said: CardWords = NOTHING) -> list[Path]:
    """Writes the card and its picture; returns what was written.

    What is `said` of it stands in it; else what an existing card says, else what the records do.
    """
    path = folder / card_name(records.suite, arm)
    picture = write_picture(records, arm, path.with_suffix(".png"))
    words = said.over(read_words(path))
    write_atomically(path, partial(write_text, render_card(records, arm, words, picture.name)))
    return [path, picture]


def write_picture(records: SuiteRecords, arm: ArmSpec, path: Path) -> Path:
    """The costs of this arm alone, as .png and as .svg beside it; returns the path."""
    alone = records.suite.model_copy(update={"arms": (arm,)})
    write_forest(alone, records.results, path.parent, path.name)
    return path


def render_card(records: SuiteRecords, arm: ArmSpec, said: CardWords = NOTHING, picture: str = "") -> str:
    """All of it: the metadata, a title, the block."""
    words = words_of(records, arm, said)
    block = marked(render_block(records, arm, words, picture))
    return f"{front_matter(records, arm, words)}\n# {inline(words.title or '')}\n\n{block}"


def render_block(records: SuiteRecords, arm: ArmSpec, said: CardWords = NOTHING, picture: str = "") -> str:
    """What stands between the marks: everything below the title. `picture`: a file beside it, none where empty."""
    words, origin = words_of(records, arm, said), origin_of(records, arm)
    trained = f"Then trained from {arm.start} exactly as {arm.control} was" if arm.start else None
    return (
        _environment()
        .get_template("card.md.j2")
        .render(
            READING=READING,
            ALT=ALT,
            demo=demo_words(records.suite),
            opening=" ".join(opening_lines(records, arm)),
            control=arm.control,
            corpus=corpus_line(records, arm),
            results=results_table(records, arm),
            picture=quote(picture),
            use=use_section(records, arm, origin, words),
            origin="\n".join(origin_lines(origin, trained)) if origin else "",
            memory=memory_section(records, arm),
            robustness=robustness_section(records, arm),
            limitations="\n".join(limitation_lines(records, arm)),
            method="\n".join(_method(records, arm)),
            signature=signature_line(records.results.signature),
        )
    )


def _method(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    yield from note_lines(records, arm)
    yield from method_lines(records, arm)
    yield from memory_lines(records, arm)
    yield from robustness_reading(records.suite)


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, autoescape=False
    )
