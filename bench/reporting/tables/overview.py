"""All converted arms of a suite in one table: what conversion cost before training, and what is left of it."""

from collections.abc import Sequence

from bench.comparing import Results
from bench.comparing.summaries import Quantity
from bench.reporting.text.format import estimated
from bench.reporting.text.markdown import markdown_table
from bench.scoring import Metric
from bench.suite import ArmSpec, Suite

MANY = 3
"""Converted arms, from which on a suite gets an overview."""
COLUMNS: dict[str, tuple[Metric, Quantity]] = {
    "WER, zero-shot": ("wer", "zero-shot"),
    "WER": ("wer", "cost"),
    "CER": ("cer", "cost"),
}


def overview_section(suite: Suite, results: Results) -> str:
    """Mean costs over the languages of each metric, without floor rows; empty where there are few arms."""
    arms = [arm for arm in suite.arms if arm.control is not None]
    if len(arms) < MANY or not results.summaries:
        return ""
    quantities = {summary.quantity for summary in results.summaries if not summary.is_slope}
    shown = {name: key for name, key in COLUMNS.items() if key[1] in quantities}
    header = ["arm", "control", *(f"mean cost, {name}" for name in shown)]
    rows = [_row(suite, arm, results, list(shown.values())) for arm in arms]
    left_out = _floors(results, arms, list(shown.values()))
    note = f"\n\nMeans leave out floor rows: {' '.join(left_out)}." if left_out else ""
    return f"## All arms\n\n{markdown_table(header, rows)}{note}"


def _floors(results: Results, arms: Sequence[ArmSpec], shown: Sequence[tuple[Metric, Quantity]]) -> list[str]:
    """Languages that some mean leaves out, in the order of the table."""
    means = [results.of(arm).summary(metric, "mean", quantity=quantity) for arm in arms for metric, quantity in shown]
    return list(dict.fromkeys(language for mean in means if mean is not None for language in mean.floors))


def _row(suite: Suite, arm: ArmSpec, results: Results, shown: list[tuple[Metric, Quantity]]) -> list[str]:
    control, of_arm = suite.control_of(arm), results.of(arm)
    means = [of_arm.summary(metric, "mean", quantity=quantity, floors=False) for metric, quantity in shown]
    cells = ["" if mean is None else estimated(mean.estimate) for mean in means]
    what = f"{arm.id} (noise floor)" if suite.is_noise_floor(arm) else arm.id
    return [what, control.id if control else "", *cells]
