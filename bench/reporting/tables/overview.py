"""All converted arms of a suite in one table: what conversion cost before training, and what is left of it."""

import pandas as pd

from bench.frames import records
from bench.reporting.text.format import interval, signed
from bench.reporting.text.markdown import markdown_table
from bench.suite import ArmSpec, Suite

MANY = 3
"""Converted arms, from which on a suite gets an overview."""
COLUMNS = {"WER, zero-shot": ("wer", "zero-shot mean"), "WER": ("wer", "mean"), "CER": ("cer", "mean")}


def overview_section(suite: Suite, summaries: pd.DataFrame) -> str:
    """Mean costs over the languages of each metric, floor rows among them; empty where there are few arms."""
    arms = [arm for arm in suite.arms if arm.control is not None]
    if len(arms) < MANY or summaries.empty:
        return ""
    shown = {name: key for name, key in COLUMNS.items() if (summaries["statistic"] == key[1]).any()}
    header = ["arm", "control", *(f"mean cost, {name}" for name in shown)]
    rows = [_row(suite, arm, summaries, shown) for arm in arms]
    return f"## All arms\n\n{markdown_table(header, rows)}"


def _row(suite: Suite, arm: ArmSpec, summaries: pd.DataFrame, shown: dict[str, tuple[str, str]]) -> list[str]:
    control = suite.control_of(arm)
    of_arm = summaries[(summaries["arm"] == arm.id) & summaries["floors"] & (summaries["condition"] == "clean")]
    cells = []
    for metric, statistic in shown.values():
        found = records(of_arm[(of_arm["metric"] == metric) & (of_arm["statistic"] == statistic)])
        cells.append(f"{signed(found[0]['value'])} {interval(found[0]['low'], found[0]['high'])}" if found else "")
    return [arm.id, control.id if control else "", *cells]
