"""Arms trained from several seeds, pooled: what may be said of the method."""

from collections.abc import Iterator

import pandas as pd

from bench.frames import records
from bench.reporting.text.cells import cell_name, metric_note
from bench.reporting.text.format import interval, rate, signed
from bench.reporting.text.markdown import markdown_table
from bench.stats import FEWEST_SEEDS


def seeds_sections(seeds: pd.DataFrame) -> Iterator[str]:
    """A section a name: primary rows, the mean delta over its seeds."""
    if seeds.empty:
        return
    for name, rows in seeds[seeds["primary"]].groupby("arm", sort=False):
        count, controls = int(rows["seeds"].iloc[0]), int(rows["controls"].iloc[0])
        table = markdown_table(
            ["Lang", "control, mean rate", "mean cost, 95 % interval", ""],
            [_seed_row(row, count) for row in records(rows)],
        )
        yield f"## {name}, {count} training seeds pooled\n\n{table}\n\n{_claim(count, controls)}"


def _seed_row(row: dict[str, object], count: int) -> list[str]:
    values = {key: float(row[key]) for key in ("control_rate", "delta", "low", "high")}  # type: ignore[arg-type]
    cost = f"{signed(values['delta'])}{metric_note(row)}"
    if count < FEWEST_SEEDS:
        return [cell_name(row), rate(values["control_rate"]), cost, "not tested"]
    mark = "floor" if row["floor"] else "✱" if row["significant"] else "(ns)"
    return [cell_name(row), rate(values["control_rate"]), f"{cost} {interval(values['low'], values['high'])}", mark]


def _claim(count: int, controls: int) -> str:
    if count < FEWEST_SEEDS:
        return f"Under {FEWEST_SEEDS} seeds nothing is said of the method: these are means of {count} checkpoints."
    if controls < count:
        return (
            f"The interval covers training the converted model again, not the control: {controls} control(s) stand "
            f"against {count} seeds."
        )
    return (
        "The interval covers training again as well as other speakers: the variances of seeds and speakers are added, "
        "with Satterthwaite's degrees of freedom."
    )
