"""How a family's costs go with the size of its models."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analysis.size_curves import size_curves
from bench.analysis.suite_records import SuiteRecords
from bench.reporting.text.format import estimated
from bench.suite import ArmSpec

MILLION = 1e6


def family_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Its family's medians from the smallest model to the largest, and their trend."""
    for curve in size_curves(records.suite, records.results, records.parameters):
        if curve.family != arm.family or len({point.parameters for point in curve.points}) < 2:
            continue
        medians = ", ".join(
            f"{point.arm} ({point.parameters / MILLION:.3g} M) {estimated(point.median)}" for point in curve.points
        )
        trend = curve.slope
        told = f"; trend {estimated(trend)} a doubling of parameters" if trend else ""
        yield (
            f"- over the sizes of the family {curve.family} (the controls' parameters), median cost over the "
            f"{curve.metric.upper()} rows, in points: {medians}{told}"
        )
