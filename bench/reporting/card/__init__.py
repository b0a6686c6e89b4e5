"""The model card of a converted arm, rendered from a suite's records."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.analysis.suite_records import SuiteRecords
from bench.io.files import write_atomically, write_text
from bench.reporting.card.acoustics import acoustics_lines, demo_words
from bench.reporting.card.marked import marked, replace_block
from bench.reporting.card.metadata import eval_results, front_matter
from bench.reporting.card.method import corpus_line, method_lines
from bench.reporting.card.sections import (
    limitation_lines,
    memory_section,
    result_lines,
    results_table,
    robustness_section,
)
from bench.reporting.card.sizing import sizing_lines
from bench.reporting.text.markdown import code
from bench.suite import ArmSpec, Suite

__all__ = ["EVAL_RESULTS", "card_name", "render_block", "render_card", "replace_block", "write_card"]

EVAL_RESULTS = ".eval_results"
"""The folder in which the hub looks for them, beside README.md."""


def card_name(suite: Suite, arm: ArmSpec) -> str:
    """card.md of a suite's only converted arm; where there are several, card-NAME.md."""
    return "card.md" if sum(other.control is not None for other in suite.arms) == 1 else f"card-{arm.id}.md"


def write_card(records: SuiteRecords, arm: ArmSpec, folder: Path) -> list[Path]:
    """Writes the card and, of a corpus of the hub, .eval_results/NAME.yaml; returns what was written.

    Raises BenchError, once the card is written, where huggingface_hub does not know .eval_results.
    """
    paths = [folder / card_name(records.suite, arm)]
    write_atomically(paths[0], partial(write_text, render_card(records, arm)))
    entries = eval_results(records, arm)
    if entries is not None:
        paths.append(folder / EVAL_RESULTS / f"{arm.id}.yaml")
        write_atomically(paths[1], partial(write_text, entries))
    return paths


def render_card(records: SuiteRecords, arm: ArmSpec) -> str:
    """All of it: the metadata, a title, the block."""
    return f"{front_matter(records, arm)}\n# {arm.id}\n\n{marked(render_block(records, arm))}"


def render_block(records: SuiteRecords, arm: ArmSpec) -> str:
    """What stands between the marks: everything below the title."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, autoescape=False
    )
    return environment.get_template("card.md.j2").render(
        demo=demo_words(records.suite),
        control=arm.control,
        corpus=corpus_line(records, arm),
        sizing="\n".join(sizing_lines(records, arm)),
        results=results_table(records, arm),
        result_lines="\n".join(result_lines(records, arm)),
        memory=memory_section(records, arm),
        robustness=robustness_section(records, arm),
        limitations="\n".join(limitation_lines(records, arm)),
        acoustics="\n\n".join(acoustics_lines(records)),
        method="\n".join(method_lines(records, arm)),
        signature=code(records.results.signature),
    )
