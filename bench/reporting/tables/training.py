"""What training changed, and what conversion did before it."""

from bench.comparing import ArmResults, Results, TrainingChange
from bench.reporting.text.cells import cell_name, metric_note
from bench.reporting.text.format import interval, rate, signed
from bench.reporting.text.markdown import markdown_table
from bench.suite import ArmSpec, Suite


def zero_shot_costs(arm: ArmResults) -> dict[tuple[str, str], str]:
    """Writes, by language and condition, what the arm's conversion cost before any training, with its interval."""
    return {(change.language, change.condition): _difference(change) for change in arm.changes("zero-shot")}


def training_sections(suite: Suite, results: Results) -> list[str]:
    """A table a control that was trained: its rates before and after."""
    controls = [arm for arm in suite.arms if arm.start and arm.control is None]
    return [_section(arm, results.training_of(arm)) for arm in controls]


def _section(control: ArmSpec, changes: tuple[TrainingChange, ...]) -> str:
    start = changes[0].against
    header = ["Lang", start, control.id, "difference, 95 % interval"]
    cells = [
        [
            cell_name(change) + metric_note(change.metric),
            rate(change.against_rate),
            rate(change.rate),
            _difference(change),
        ]
        for change in changes
    ]
    return f"## What training itself changed: {control.id}, from {start}\n\n{markdown_table(header, cells)}"


def _difference(change: TrainingChange) -> str:
    delta = change.delta
    return f"{signed(delta.value)}{metric_note(change.metric)} {interval(delta.low, delta.high)}"
