"""The robustness section of a model card: costs in noise, over a telephone, in rooms, with somebody else speaking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.analysis.robustness import crossings_of, degraded_specs, mean_costs, names_of, significant_interactions
from bench.comparing import ArmResults, Results
from bench.comparing.schema import INTERACTIONS, THRESHOLDS
from bench.io.files import write_atomically, write_text
from bench.reporting.tables.every_cell import every_cell
from bench.reporting.tables.robustness_tables import overall_table, shown_shift, threshold_table
from bench.reporting.text.cells import csv_head, signature_line
from bench.reporting.text.format import estimated, signed
from bench.stats import COARSEST
from bench.suite import ArmSpec, ConditionSpec, Suite

ADDED = "SNR is of *added* noise, over the active speech level of ITU-T P.56 (plain level where a condition says rms)."
RECORDED = (
    "Recordings have noise of their own, so the clean rows are not free of noise and high ratios may add nothing new."
)
SAME = (
    "Every arm hears the same audio: noise is drawn from the suite's seed, the utterance and the kind of noise, and "
    "one piece is scaled to every rung."
)
LEGEND = (
    "mean cost: converted minus control, mean over the languages of that metric, floor cells left out. more than "
    "clean: the same minus the clean cost. ratio to clean: the converted arm's relative error rate there over the "
    "clean one; below 1 where errors grow faster than the cost. hurts more: the cost exceeds the clean one both "
    "in points and by that ratio, both one-sided; the larger p, after Benjamini and Hochberg over the arm's languages "
    "and conditions, is at most 0.05; exploratory. floor: the control itself is unusable there, so nothing is said. "
    "capped: each clip's errors at most its length. shift: how much less noise the converted arm bears; ✱ after "
    "Benjamini and Hochberg over the arm's ladders and languages; not determined where resamples do not cross; rungs "
    f"too coarse: a curve crosses between two that are over {COARSEST:g} dB apart, so no shift is given. Intervals: "
    "95 %, paired bootstrap over speakers, unadjusted, clean and noisy cells from the same resamples. In brackets "
    "after loops and empties: the control's. truncated: clips cut at the model's window. The ratio that was achieved "
    "and what was added stand in every stored decode."
)


def write_robustness(suite: Suite, results: Results, folder: Path) -> None:
    """Writes robustness.md and .csv, and thresholds.csv where there are ladders, if anything is held against clean."""
    if not results.interactions:
        return
    header = csv_head(suite, "rates and costs in percentage points", results)
    contents = {
        "robustness.md": render_robustness(suite, results),
        "robustness.csv": header + INTERACTIONS.csv(results.interactions),
    }
    if results.thresholds:
        contents["thresholds.csv"] = header + THRESHOLDS.csv(results.thresholds)
    for name, content in contents.items():
        write_atomically(folder / name, partial(write_text, content))


def render_robustness(suite: Suite, results: Results) -> str:
    """All of it as Markdown: for each converted arm what its card would say, means, thresholds; then every cell."""
    arms = [(arm, results.of(arm)) for arm in suite.arms if arm.control is not None]
    sections = [_arm_section(suite, arm, of_arm) for arm, of_arm in arms]
    signature = signature_line(results.signature)
    every = [every_cell(arm, of_arm) for arm, of_arm in arms]
    title = f"# Robustness\n\n{suite.label}: {suite.name}"
    return "\n\n".join([title, noise_caveat(suite), *sections, *every, LEGEND, signature]) + "\n"


def noise_caveat(suite: Suite) -> str:
    """What an SNR is, and what it is not."""
    return " ".join([ADDED, *([] if suite.corpus.kind == "demo" else [RECORDED]), SAME])


def robustness_lines(suite: Suite, arm: ArmResults) -> Iterator[str]:
    """A line a condition or ladder, under the arm's table of clean costs."""
    for spec in degraded_specs(suite):
        overall = mean_costs(arm, names_of(spec))
        means = [mean for mean in overall if mean.metric == "wer"] or overall
        at = "" if spec.rungs is None else f" at {' / '.join(f'{rung:g}' for rung in spec.rungs)} dB"
        costs = " / ".join(signed(mean.cost.value) for mean in means)
        more = " / ".join(signed(mean.excess.value) for mean in means)
        if len(means) == 1:
            costs, more = estimated(means[0].cost), estimated(means[0].excess)
        hurting = significant_interactions(arm, [mean.condition for mean in means])
        yield (
            f"- {spec.name}{at}: mean cost over the {means[0].metric.upper()} rows {costs}; more than clean by "
            f"{more}; hurts more in {len(hurting.cells)} of {hurting.usable} usable cells (exploratory)"
        )


def _arm_section(suite: Suite, arm: ArmSpec, results: ArmResults) -> str:
    specs = degraded_specs(suite)
    parts = [f"## {arm.id} against {arm.control}", _statement(specs, results), overall_table(suite, results)]
    for spec in specs:
        of_ladder = [threshold for threshold in results.thresholds if threshold.ladder == spec.name]
        if of_ladder:
            parts.append(f"{spec.name}: where both arms reach the same rate, twice the control's clean one")
            parts.append(threshold_table(spec, of_ladder))
    return "\n\n".join(parts)


def _statement(specs: Sequence[ConditionSpec], arm: ArmResults) -> str:
    """What a reader of the card wants to know, in sentences."""
    hurting = significant_interactions(arm)
    cells = ", ".join(" ".join(cell) for cell in hurting.cells)
    detectable = " How large an excess a cell would show is not known here."
    if hurting.detectable is not None:
        low, high = hurting.detectable
        detectable = (
            f" A cell alone would show an excess of {'at least ' if hurting.least else ''}{low:.1f} to {high:.1f} "
            "points with 80 % chance, so none found is no proof of none."
        )
    floors = f"; {hurting.floors} more are beyond the floor" if hurting.floors else ""
    sentences = [
        f"Measured under {', '.join(spec.name for spec in specs)}. Conversion costs more there than on clean speech, "
        f"both in points and relative to the errors made, in {len(hurting.cells)} of {hurting.usable} usable cells"
        f"{f': {cells}' if cells else ''} (exploratory){floors}.{detectable}"
    ]
    crossings = crossings_of(arm)
    if crossings.cases:
        shifted = "; ".join(
            f"{threshold.language} {threshold.ladder} {shown_shift(threshold)}" for threshold in crossings.shifted
        )
        refused = f", {crossings.refused} of them between rungs too coarse for a shift" if crossings.refused else ""
        sentences.append(
            f"Both curves cross twice the control's clean error rate in {crossings.crossing} of {crossings.cases} "
            f"cases (languages by ladders){refused}; the converted arm's does so at another noise level in "
            f"{len(crossings.shifted)} of them, after correction{f': {shifted}' if shifted else ''} (exploratory)."
        )
    return " ".join(sentences)
