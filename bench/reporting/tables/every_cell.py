"""Every cell of an arm under every condition: what a robustness report is consulted for."""

import math

from bench.comparing import ArmResults, Comparison, Interaction
from bench.reporting.text.cells import metric_note
from bench.reporting.text.format import estimated, rate
from bench.reporting.text.markdown import markdown_table
from bench.suite import ArmSpec


def every_cell(arm: ArmSpec, results: ArmResults) -> str:
    """Both arms' rates, cost raw and capped, and the interaction both ways, in every cell."""
    header = ["cell", str(arm.control), arm.id, "cost, 95 % interval", "capped", "more than clean, points", "capped"]
    header += ["ratio to clean", "", "loops", "empties"]
    interactions = {(row.language, row.condition, row.metric): row for row in results.interactions}
    rows = [
        _row(cell, interactions.get((cell.language, cell.condition, cell.metric)))
        for cell in results.cells
        if cell.primary
    ]
    return f"## Every cell of {arm.id}\n\n{markdown_table(header, rows)}"


def _row(cell: Comparison, interaction: Interaction | None) -> list[str]:
    """A clean cell has no interaction."""
    more, hurts = [""] * 3, False
    if interaction is not None:
        more = [estimated(interaction.difference), estimated(interaction.capped_difference), _ratio(interaction)]
        hurts = interaction.hurts_more
    return [
        f"{cell.language} {cell.condition}{metric_note(cell.metric)}",
        rate(cell.control_result.rate),
        rate(cell.result.rate),
        estimated(cell.delta),
        estimated(cell.capped),
        *more,
        "floor" if cell.floor else "hurts more" if hurts else "",
        f"{cell.result.loops} ({cell.control_result.loops})",
        f"{cell.result.empties} ({cell.control_result.empties})",
    ]


def _ratio(interaction: Interaction) -> str:
    ratio = interaction.ratio
    if math.isnan(ratio.value):
        return "n/a"
    if not ratio.is_determined:
        return f"×{ratio.value:.2f}"
    return f"×{ratio.value:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
