"""The robustness section of a model card: costs in noise, over a telephone, in rooms, with somebody else speaking."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.compare import MORE_THAN_CLEAN, Tables
from bench.files import write_atomically, write_text
from bench.reporting.format import interval, markdown_table, rate, signed
from bench.reporting.rows import csv_of, metric_note, records, rows_of, signature_of
from bench.suite import CLEAN, ArmSpec, ConditionSpec, Suite

Row = dict[str, Any]
CAVEAT = (
    "SNR is of *added* noise, over the active speech level of ITU-T P.56 (plain level where a condition says rms). The "
    "recordings have noise of their own, as crowdsourced ones do, so the clean column is not free of noise and 30 dB "
    "may add nothing that was not there. Every arm hears the same audio: noise is drawn from the suite's seed, the "
    "utterance and the kind of noise, and one piece is scaled to every rung."
)
LEGEND = (
    "mean cost: converted minus control, mean over the languages of that metric. more than clean: the same minus the "
    "clean cost. hurts more: languages where the cost exceeds the clean one both in points and as a ratio of error "
    "rates, each after Benjamini and Hochberg over the arm's grid of languages and conditions; exploratory. ratio: the "
    "converted arm's relative error rate there over the clean one; below 1 where errors grow faster than the cost. "
    "floor: the control itself is unusable there, so nothing is said. capped: each clip's errors at most its length. "
    "Intervals: 95 %, paired bootstrap over speakers, unadjusted, clean and noisy cells from the same resamples. In "
    "brackets after loops and empties: the control's."
)


def render_robustness(suite: Suite, tables: Tables) -> str:
    """All of it as Markdown; empty for a suite whose only condition is clean."""
    specs = degraded_specs(suite)
    if not specs or tables.interactions.empty:
        return ""
    arms = [arm for arm in suite.arms if arm.control is not None]
    title = f"# Robustness\n\n{suite.label}: {suite.name}"
    sections = [_arm_section(suite, arm, specs, tables) for arm in arms]
    signature = f"signature: `{signature_of(tables.comparisons)}`"
    every = [_every_cell(arm, tables) for arm in arms]
    return "\n\n".join([title, CAVEAT, *sections, *every, LEGEND, signature]) + "\n"


def write_robustness(suite: Suite, tables: Tables, folder: Path) -> bool:
    """Writes robustness.md, and robustness.csv and thresholds.csv; whether there was anything to write."""
    text = render_robustness(suite, tables)
    if not text:
        return False
    header = f"# {suite.label}; rates and costs in percentage points; {signature_of(tables.comparisons)}\n"
    contents = {"robustness.md": text, "robustness.csv": header + csv_of(tables.interactions)}
    if len(tables.thresholds):
        contents["thresholds.csv"] = header + csv_of(tables.thresholds)
    for name, content in contents.items():
        write_atomically(folder / name, partial(write_text, content))
    return True


def degraded_specs(suite: Suite) -> list[ConditionSpec]:
    return [spec for spec in suite.condition_specs if spec.name != CLEAN]


def robustness_lines(suite: Suite, arm: ArmSpec, tables: Tables) -> Iterator[str]:
    """A line a condition or ladder, under the arm's table of clean costs."""
    for spec in degraded_specs(suite):
        rows = [row for row in _overall(arm, spec, tables) if row["metric"] == "wer"] or _overall(arm, spec, tables)
        if not rows:
            continue
        at = "" if spec.rungs is None else f" at {' / '.join(f'{rung:g}' for rung in spec.rungs)} dB"
        costs, more = " / ".join(signed(row["cost"]) for row in rows), " / ".join(signed(row["excess"]) for row in rows)
        if len(rows) == 1:
            costs += f" {interval(rows[0]['low'], rows[0]['high'])}"
            more += f" {interval(rows[0]['excess_low'], rows[0]['excess_high'])}"
        names = rows[0]["rows"].split()
        count, cells = _hurting(arm, spec, tables)
        yield (
            f"- {spec.name}{at}: mean cost over the {len(names)} {rows[0]['metric'].upper()} rows {costs}; more than "
            f"clean by {more}; hurts more in {count} of {cells} cells (exploratory)"
        )


def _arm_section(suite: Suite, arm: ArmSpec, specs: Sequence[ConditionSpec], tables: Tables) -> str:
    parts = [f"## {arm.id} against {arm.control}", _statement(arm, specs, tables), _overall_table(arm, specs, tables)]
    for spec in specs:
        thresholds = rows_of(tables.thresholds, arm)
        if len(thresholds) and (thresholds["ladder"] == spec.name).any():
            of_ladder = records(thresholds[thresholds["ladder"] == spec.name])
            parts.append(f"{spec.name}: where both arms reach the same rate, twice the control's clean one")
            parts.append(_threshold_table(arm, of_ladder))
    return "\n\n".join(parts)


def _statement(arm: ArmSpec, specs: Sequence[ConditionSpec], tables: Tables) -> str:
    """What a reader of the card wants to know, in sentences."""
    interactions = rows_of(tables.interactions, arm)
    primary = interactions[interactions["primary"]]
    hurting = primary[primary["hurts_more"]]
    told = ", ".join(f"{row['language']} {row['condition']}" for row in records(hurting))
    sentences = [
        f"Measured under {', '.join(spec.name for spec in specs)}, {primary['language'].nunique()} languages. "
        f"Conversion costs more there than on clean speech, both in points and relative to the errors made, in "
        f"{len(hurting)} of {len(primary)} cells{f' ({told})' if told else ''}; "
        f"{int(primary['floor'].sum())} cells are beyond the floor."
    ]
    thresholds = rows_of(tables.thresholds, arm)
    if len(thresholds):
        known = thresholds["low"].map(math.isfinite) & thresholds["high"].map(math.isfinite)
        sure = thresholds[known & ((thresholds["low"] > 0) | (thresholds["high"] < 0))]
        shifts = "; ".join(
            f"{row['language']} {row['ladder']} {signed(row['shift_db'], 1)} dB {_bounds(row)}" for row in records(sure)
        )
        sentences.append(
            f"Twice the control's clean error rate is reached at another noise level than the control's, each told "
            f"from nothing by itself, in {len(sure)} of {int(known.sum())} cases where both curves cross it"
            + (f": {shifts}." if shifts else ".")
        )
    return " ".join(sentences)


def _overall_table(arm: ArmSpec, specs: Sequence[ConditionSpec], tables: Tables) -> str:
    header = ["condition", "metric", "mean cost, 95 % interval", "more than clean", "hurts more", "floor"]
    header += ["loops", "empties", "truncated"]
    body = [
        [
            row["condition"],
            f"{row['metric'].upper()} ({len(row['rows'].split())})",
            f"{signed(row['cost'])} {interval(row['low'], row['high'])}",
            f"{signed(row['excess'])} {interval(row['excess_low'], row['excess_high'])}",
            *_counts(arm, row, tables),
        ]
        for spec in specs
        for row in _overall(arm, spec, tables)
    ]
    return markdown_table(header, body)


def _overall(arm: ArmSpec, spec: ConditionSpec, tables: Tables) -> list[Row]:
    """A row a rung and metric: the mean cost over the languages of that metric, and how far above the clean one."""
    of_arm = tables.summaries[(tables.summaries["arm"] == arm.id) & tables.summaries["floors"]]
    rows = []
    for condition in spec.conditions(None):
        here = of_arm[of_arm["condition"] == condition.name]
        for mean in records(here[here["statistic"] == "mean"]):
            of_metric = here[(here["metric"] == mean["metric"]) & (here["statistic"] == f"{MORE_THAN_CLEAN} mean")]
            (excess,) = records(of_metric)
            more = {"excess": excess["value"], "excess_low": excess["low"], "excess_high": excess["high"]}
            rows.append({**mean, "cost": mean["value"], **more})
    return rows


def _counts(arm: ArmSpec, row: Row, tables: Tables) -> list[str]:
    """Hurts more, floors, loops, empties and clips cut at the window, over the languages of the row."""
    here = rows_of(tables.interactions, arm)
    here = here[(here["condition"] == row["condition"]) & (here["metric"] == row["metric"]) & here["primary"]]
    cells = rows_of(tables.comparisons, arm)
    cells = cells[(cells["condition"] == row["condition"]) & (cells["metric"] == row["metric"]) & cells["primary"]]
    failures = [f"{cells[name].sum():.0f} ({cells[f'control_{name}'].sum():.0f})" for name in ("loops", "empties")]
    counts = [f"{here['hurts_more'].sum()} of {len(here)}", str(int(here["floor"].sum()))]
    return [*counts, *failures, str(int(cells["truncated"].sum()))]


def _hurting(arm: ArmSpec, spec: ConditionSpec, tables: Tables) -> tuple[int, int]:
    names = [condition.name for condition in spec.conditions(None)]
    rows = rows_of(tables.interactions, arm)
    rows = rows[rows["condition"].isin(names) & rows["primary"]]
    return int(rows["hurts_more"].sum()), len(rows)


def _threshold_table(arm: ArmSpec, rows: list[Row]) -> str:
    header = ["Lang", "rate", f"{rows[0]['control']} at", f"{arm.id} at", "shift, 95 % interval"]
    body = [
        [
            row["language"] + metric_note(row),
            rate(row["rate"]),
            _decibels(row["control_snr_db"]),
            _decibels(row["snr_db"]),
            "not crossed" if math.isnan(row["shift_db"]) else f"{signed(row['shift_db'], 1)} dB {_bounds(row)}",
        ]
        for row in rows
    ]
    return markdown_table(header, body)


def _decibels(value: float) -> str:
    return "not crossed" if math.isnan(value) else f"{value:.1f} dB"


def _bounds(row: Row) -> str:
    if not math.isfinite(row["low"] + row["high"]):
        return "[not determined]"
    return f"[{signed(row['low'], 1)}, {signed(row['high'], 1)}]"


def _every_cell(arm: ArmSpec, tables: Tables) -> str:
    """Both arms' rates, cost raw and capped, and the interaction both ways, in every cell."""
    header = ["cell", str(arm.control), arm.id, "cost, 95 % interval", "capped", "more than clean, points"]
    header += ["ratio to clean", "", "loops", "empties"]
    comparisons = rows_of(tables.comparisons, arm)
    cells = comparisons[comparisons["primary"] & (comparisons["condition"] != CLEAN)]
    with_interaction = cells.merge(
        rows_of(tables.interactions, arm),
        on=["language", "condition", "metric"],
        suffixes=("", "_more"),
        validate="one_to_one",
    )
    body = [_cell(row) for row in records(with_interaction)]
    return f"## Every cell of {arm.id}\n\n{markdown_table(header, body)}"


def _cell(row: Row) -> list[str]:
    mark = "floor" if row["floor"] else "hurts more" if row["hurts_more"] else ""
    return [
        f"{row['language']} {row['condition']}{metric_note(row)}",
        rate(row["control_rate"]),
        rate(row["rate"]),
        f"{signed(row['delta'])} {interval(row['low'], row['high'])}",
        f"{signed(row['capped_delta'])} {interval(row['capped_low'], row['capped_high'])}",
        f"{signed(row['difference'])} {interval(row['low_more'], row['high_more'])}",
        _ratio(row),
        mark,
        f"{row['loops']} ({row['control_loops']:.0f})",
        f"{row['empties']} ({row['control_empties']:.0f})",
    ]


def _ratio(row: Row) -> str:
    if math.isnan(row["ratio"]):
        return "n/a"
    if not math.isfinite(row["ratio_low"] + row["ratio_high"]):
        return f"×{row['ratio']:.2f}"
    return f"×{row['ratio']:.2f} [{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]"
