"""The results table of a model card: rates, cost with its interval, mark and verdict, medians, signature."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.analysis.cautions import list_cautions
from bench.analysis.noise_floor import noise_floor_of
from bench.comparing import Cells, Comparison, Measurement, Results, Sample
from bench.comparing.results import CellPair
from bench.comparing.schema import COMPARISONS, SLICES
from bench.io.files import write_atomically, write_text
from bench.reporting.tables.details import details_table
from bench.reporting.tables.notes import (
    disagreement_lines,
    failure_lines,
    noise_floor_lines,
    slice_lines,
    summary_lines,
    unseen_lines,
)
from bench.reporting.tables.overview import overview_section
from bench.reporting.tables.robustness import robustness_lines
from bench.reporting.tables.seeds import seeds_sections
from bench.reporting.tables.training import training_sections, zero_shot_costs
from bench.reporting.text.cells import cell_name, clips_cell, csv_head, metric_note, signature_line
from bench.reporting.text.format import cost_interval, mark, rate, signed, verdict
from bench.reporting.text.legend import write_legend
from bench.reporting.text.markdown import inline, markdown_table
from bench.reporting.text.new_language import new_language_lines
from bench.suite import CLEAN, ArmSpec, Suite

DEMO = "demo: synthetic speech, micro models"
HOW_TO_RUN_YOURS = (
    "To measure two models of your own: name them and your clips in a suite file (15 lines, see README.md), then "
    "`bench run my-suite.toml` and `bench table my-suite.toml`."
)


def render_table(suite: Suite, results: Results, unheard: Sequence[str] = ()) -> str:
    """The whole table as Markdown: costs of each arm that has a control, rates of arms that nothing is held against.

    `unheard`: lines about calibrations that did not hear every language, which no number shows.
    """
    title = DEMO if suite.corpus.kind == "demo" else f"{suite.label}: {suite.name}"
    sections = [_section(suite, arm, results) for arm in suite.arms]
    legend = write_legend(suite) if any(arm.control for arm in suite.arms) else ""
    cautions = "\n".join(f"- caution: {inline(line)}" for line in [*list_cautions(results.comparisons), *unheard])
    signature = signature_line(results.signature)
    closing = HOW_TO_RUN_YOURS if suite.corpus.kind == "demo" else ""
    trends = [*training_sections(suite, results), *seeds_sections(results), _trends(results)]
    parts = [title, overview_section(suite, results), *sections, *trends, cautions, legend, signature, closing]
    return "\n\n".join(filter(None, parts)) + "\n"


def write_table(suite: Suite, results: Results, folder: Path, unheard: Sequence[str] = ()) -> str:
    """Writes table.md, and table.csv and slices.csv with a row for each metric of each cell; returns the Markdown."""
    text = render_table(suite, results, unheard)
    header = csv_head(suite, "rates and deltas in percentage points", results)
    contents = {"table.md": text, "table.csv": header + COMPARISONS.csv(results.measurements)}
    if results.slices:
        contents["slices.csv"] = header + SLICES.csv(results.slices)
    for name, content in contents.items():
        write_atomically(folder / name, partial(write_text, content))
    return text


def _section(suite: Suite, arm: ArmSpec, results: Results) -> str:
    """Costs of a converted arm; rates of one that is nobody's control or start: theirs stand beside others'."""
    control = suite.control_of(arm)
    if control is not None:
        return _costs_section(suite, arm, control, results)
    if arm.name in {name for other in suite.arms for name in (other.control, other.start)}:
        return ""
    return _rates_section(arm, results.rates_of(arm))


def _costs_section(suite: Suite, spec: ArmSpec, control: ArmSpec, results: Results) -> str:
    arm = results.of(spec)
    header, rows = cost_table(suite, spec, control, results)
    notes = [
        *summary_lines([summary for summary in arm.summaries if summary.condition == CLEAN]),
        *(f"- {line}" for line in new_language_lines(arm)),
        *unseen_lines(arm.clean.primary),
        *noise_floor_lines(noise_floor_of(suite, results, spec), spec.control),
        *robustness_lines(suite, arm),
        *disagreement_lines(arm.clean.primary),
        *failure_lines(arm.clean.primary, control.id),
        *slice_lines(arm.slices),
    ]
    return "\n\n".join(
        [
            f"## {arm.id} against {control.id}",
            markdown_table(header, rows),
            "\n".join(notes),
            f"What the costs of {arm.id} are made of:",
            details_table(arm.clean.primary, suite.scoring.sensitivity),
        ]
    )


def cost_table(suite: Suite, spec: ArmSpec, control: ArmSpec, results: Results) -> tuple[list[str], list[list[str]]]:
    """Header and rows, a row a language: rates, cost with interval, mark, verdict, clips, speakers."""
    arm = results.of(spec)
    rates = [f"{name} (WER / CER)" for name in (arm.id, control.id)]
    before = zero_shot_costs(arm)
    costs = ["zero-shot cost", "recovered cost, 95 % interval"] if before else ["cost, 95 % interval"]
    header = ["Lang", *rates, *costs, "", "verdict", "clips", "speakers"]
    return header, [_cost_row(cell, suite.statistics.margin, before) for cell in arm.clean.pairs]


def _rates_section(arm: ArmSpec, cells: Cells[Measurement]) -> str:
    header = ["Lang", "WER", "CER", "clips", "speakers"]
    rows = [
        [cell_name(pair.wer), rate(pair.wer.rate.value), rate(pair.cer.rate.value), *_sizes(pair.wer.sample)]
        for pair in cells.pairs
    ]
    return f"## {arm.id}\n\n{markdown_table(header, rows)}"


def _trends(results: Results) -> str:
    """The slopes of families that come in several sizes."""
    slopes = [slope for slope in results.slopes() if slope.condition == CLEAN]
    sections = [
        f"## {family}: cost over model size, points a doubling of parameters\n\n"
        + "\n".join(summary_lines([slope for slope in slopes if slope.of == family]))
        for family in dict.fromkeys(slope.of for slope in slopes)
    ]
    return "\n\n".join(sections)


def _cost_row(pair: CellPair[Comparison], margin: float | None, before: dict[tuple[str, str], str]) -> list[str]:
    wer, cer, primary = pair.wer, pair.cer, pair.primary
    zero_shot = [before[primary.language, primary.condition]] if before else []
    return [
        cell_name(primary),
        f"{rate(wer.rate.value)} / {rate(cer.rate.value)}",
        f"{rate(wer.control_result.rate)} / {rate(cer.control_result.rate)}",
        *zero_shot,
        f"{signed(primary.delta.value)}{metric_note(primary.metric)} {cost_interval(primary)}",
        mark(primary),
        verdict(primary, margin),
        *_sizes(primary.sample),
    ]


def _sizes(sample: Sample) -> list[str]:
    return [clips_cell(sample), str(sample.speakers)]
