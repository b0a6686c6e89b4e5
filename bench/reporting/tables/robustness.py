"""The robustness section of a model card: costs in noise, over a telephone, in rooms, with somebody else speaking."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.analysis.robustness import crossings_of, hurting_of, totals_of
from bench.compare import Tables, rows_of
from bench.frames import records
from bench.io.files import write_atomically, write_text
from bench.reporting.degraded import Row, degraded_specs, mean_costs, names_of
from bench.reporting.tables.every_cell import every_cell
from bench.reporting.text.cells import csv_head, csv_of, metric_note, signature_of
from bench.reporting.text.format import interval, rate, signed
from bench.reporting.text.markdown import code, markdown_table
from bench.suite import CLEAN, ArmSpec, ConditionSpec, Suite

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
    "in points and by that ratio, each after Benjamini and Hochberg over the arm's languages and conditions; "
    "exploratory. floor: the control itself is unusable there, so nothing is said. capped: each clip's errors at "
    "most its length. shift: how much less noise the converted arm bears; ✱ after Benjamini and Hochberg over the "
    "arm's ladders and languages; not determined where resamples do not cross. Intervals: 95 %, paired bootstrap "
    "over speakers, unadjusted, clean and noisy cells from the same resamples. In brackets after loops and "
    "empties: the control's. truncated: clips cut at the model's window. The ratio that was achieved and what was "
    "added stand in every stored decode."
)


def write_robustness(suite: Suite, tables: Tables, folder: Path) -> None:
    """Writes robustness.md and .csv, and thresholds.csv where there are ladders, if anything is held against clean."""
    if tables.interactions.empty:
        return
    header = csv_head(suite, "rates and costs in percentage points", tables.comparisons)
    contents = {
        "robustness.md": render_robustness(suite, tables),
        "robustness.csv": header + csv_of(tables.interactions),
    }
    if len(tables.thresholds):
        contents["thresholds.csv"] = header + csv_of(tables.thresholds)
    for name, content in contents.items():
        write_atomically(folder / name, partial(write_text, content))


def render_robustness(suite: Suite, tables: Tables) -> str:
    """All of it as Markdown: for each converted arm what its card would say, means, thresholds; then every cell."""
    arms = [arm for arm in suite.arms if arm.control is not None]
    sections = [_arm_section(suite, arm, tables) for arm in arms]
    signature = f"signature: {code(signature_of(tables.comparisons))}"
    every = [every_cell(arm, tables) for arm in arms]
    title = f"# Robustness\n\n{suite.label}: {suite.name}"
    return "\n\n".join([title, noise_caveat(suite), *sections, *every, LEGEND, signature]) + "\n"


def noise_caveat(suite: Suite) -> str:
    """What an SNR is, and what it is not."""
    return " ".join([ADDED, *([] if suite.corpus.kind == "demo" else [RECORDED]), SAME])


def robustness_lines(suite: Suite, arm: ArmSpec, tables: Tables) -> Iterator[str]:
    """A line a condition or ladder, under the arm's table of clean costs."""
    for spec in degraded_specs(suite):
        overall = mean_costs(arm, names_of(spec), tables)
        rows = [row for row in overall if row["metric"] == "wer"] or overall
        at = "" if spec.rungs is None else f" at {' / '.join(f'{rung:g}' for rung in spec.rungs)} dB"
        costs, more = " / ".join(signed(row["cost"]) for row in rows), " / ".join(signed(row["excess"]) for row in rows)
        if len(rows) == 1:
            costs += f" {interval(rows[0]['low'], rows[0]['high'])}"
            more += f" {interval(rows[0]['excess_low'], rows[0]['excess_high'])}"
        found = hurting_of(tables, arm, [row["condition"] for row in rows])
        yield (
            f"- {spec.name}{at}: mean cost over the {rows[0]['metric'].upper()} rows {costs}; more than clean by "
            f"{more}; hurts more in {len(found.cells)} of {found.usable} usable cells (exploratory)"
        )


def _arm_section(suite: Suite, arm: ArmSpec, tables: Tables) -> str:
    specs = degraded_specs(suite)
    parts = [f"## {arm.id} against {arm.control}", _statement(arm, specs, tables), overall_table(suite, arm, tables)]
    thresholds = rows_of(tables.thresholds, arm)
    for spec in specs:
        if len(thresholds) and (thresholds["ladder"] == spec.name).any():
            of_ladder = records(thresholds[thresholds["ladder"] == spec.name])
            parts.append(f"{spec.name}: where both arms reach the same rate, twice the control's clean one")
            parts.append(_threshold_table(arm, spec, of_ladder))
    return "\n\n".join(parts)


def _statement(arm: ArmSpec, specs: Sequence[ConditionSpec], tables: Tables) -> str:
    """What a reader of the card wants to know, in sentences."""
    found = hurting_of(tables, arm)
    hurting = ", ".join(" ".join(cell) for cell in found.cells)
    detectable = " How large an excess a cell would show is not known here."
    if found.detectable is not None:
        low, high = found.detectable
        detectable = (
            f" A cell alone would show an excess of {low:.1f} to {high:.1f} points with 80 % chance, so none found is "
            "no proof of none."
        )
    floors = f"; {found.floors} more are beyond the floor" if found.floors else ""
    sentences = [
        f"Measured under {', '.join(spec.name for spec in specs)}. Conversion costs more there than on clean speech, "
        f"both in points and relative to the errors made, in {len(found.cells)} of {found.usable} usable cells"
        f"{f': {hurting}' if hurting else ''} (exploratory){floors}.{detectable}"
    ]
    crossings = crossings_of(tables, arm)
    if crossings.cases:
        shifted = "; ".join(f"{row['language']} {row['ladder']} {_shift(row)}" for row in crossings.shifted)
        sentences.append(
            f"Both curves cross twice the control's clean error rate in {crossings.crossing} of {crossings.cases} "
            "cases (languages by ladders); the converted arm's does so at another noise level in "
            f"{len(crossings.shifted)} of them, after correction{f': {shifted}' if shifted else ''} (exploratory)."
        )
    return " ".join(sentences)


def overall_table(suite: Suite, arm: ArmSpec, tables: Tables) -> str:
    header = ["condition", "metric", "mean cost, 95 % interval", "more than clean", "hurts more", "floor"]
    header += ["loops", "empties", "truncated", "left out"]
    body = [
        [
            row["condition"],
            f"{row['metric'].upper()} ({len(row['languages'])})",
            _with_interval(row["cost"], row["low"], row["high"]),
            "" if row["condition"] == CLEAN else _with_interval(row["excess"], row["excess_low"], row["excess_high"]),
            *_counts(arm, row, tables),
        ]
        for row in mean_costs(arm, [condition.name for condition in suite.conditions], tables)
    ]
    return markdown_table(header, body)


def _with_interval(value: float, low: float, high: float) -> str:
    return "floor" if math.isnan(value) else f"{signed(value)} {interval(low, high)}"


def _counts(arm: ArmSpec, row: Row, tables: Tables) -> list[str]:
    """Hurts more, floors, loops, empties, clips cut at the window and clips left out, over all languages of the row."""
    cells = totals_of(tables, arm, row["condition"], row["metric"])
    found = hurting_of(tables, arm, [row["condition"]], row["metric"])
    return [
        "" if row["condition"] == CLEAN else f"{len(found.cells)} of {found.usable}",
        str(cells.floors),
        f"{cells.loops} ({cells.control_loops})",
        f"{cells.empties} ({cells.control_empties})",
        f"{cells.truncated} of {cells.clips}",
        f"{cells.unreadable} of {cells.clips}",
    ]


def _threshold_table(arm: ArmSpec, spec: ConditionSpec, rows: list[Row]) -> str:
    header = ["Lang", "rate", f"{rows[0]['control']} at", f"{arm.id} at", "shift, 95 % interval"]
    rungs = spec.rungs or ()
    ends = f"under {min(rungs):g} dB", f"over {max(rungs):g} dB"
    body = [
        [
            row["language"] + metric_note(row),
            rate(row["rate"]),
            _decibels(row["control_snr_db"], ends),
            _decibels(row["snr_db"], ends),
            "" if math.isnan(row["shift_db"]) else _shift(row) + (" ✱" if row["shifted"] else ""),
        ]
        for row in rows
    ]
    return markdown_table(header, body)


def _decibels(value: float, ends: tuple[str, str]) -> str:
    return f"{value:.1f} dB" if math.isfinite(value) else ends[int(value > 0)]


def _shift(row: Row) -> str:
    bounds = f"[{signed(row['low'], 1)}, {signed(row['high'], 1)}]"
    finite = math.isfinite(row["low"] + row["high"])
    return f"{signed(row['shift_db'], 1)} dB {bounds if finite else '[not determined]'}"
