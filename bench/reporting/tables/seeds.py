"""Arms trained from several seeds, pooled: what may be said of the method."""

from collections.abc import Iterator

from bench.comparing import Results, SeedCost
from bench.reporting.text.cells import cell_name, metric_note
from bench.reporting.text.format import interval, rate, signed
from bench.reporting.text.markdown import markdown_table
from bench.stats import FEWEST_SEEDS


def seeds_sections(results: Results) -> Iterator[str]:
    """A section a name: the mean cost over its seeds, each language by its own metric."""
    primary = [cost for cost in results.seeds if cost.primary]
    for name in dict.fromkeys(cost.name for cost in primary):
        costs = [cost for cost in primary if cost.name == name]
        count, controls = costs[0].seeds, costs[0].controls
        header = ["Lang", "control, mean rate", "mean cost, 95 % interval", ""]
        table = markdown_table(header, [_row(cost) for cost in costs])
        yield f"## {name}, {count} training seeds pooled\n\n{table}\n\n{_claim(count, controls)}"


def _row(cost: SeedCost) -> list[str]:
    mean = f"{signed(cost.delta.value)}{metric_note(cost.metric)}"
    if cost.seeds < FEWEST_SEEDS:
        return [cell_name(cost), rate(cost.control_rate), mean, "not tested"]
    mark = "floor" if cost.floor else "✱" if cost.significant else "(ns)"
    return [cell_name(cost), rate(cost.control_rate), f"{mean} {interval(cost.delta.low, cost.delta.high)}", mark]


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
