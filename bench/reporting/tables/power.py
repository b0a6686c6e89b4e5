"""A plan as text."""

from collections.abc import Callable
from math import nan

from bench.analysis.power import LanguagePlan
from bench.plan import Plan
from bench.reporting.tables.cost import render_cost
from bench.reporting.text.format import detectable, rate
from bench.reporting.text.legend import LEAST
from bench.reporting.text.markdown import markdown_table

LEGEND = f"points; 80 % power; marked: after Holm's first step, alone: this language only; {LEAST}"


def render_plan(plan: Plan) -> str:
    """One line a language: what its clips can show now, and what the target would take."""
    columns: dict[str, Callable[[LanguagePlan], str]] = {
        "Lang": lambda row: row.size.language,
        "arm": lambda row: row.size.arm,
        "clips": lambda row: str(row.size.clips),
        "speakers": lambda row: str(row.size.speakers),
        "SE": lambda row: rate(row.size.standard_error, 2),
        "detects, marked": lambda row: detectable(row.detectable, row.size.least),
        "alone": lambda row: detectable(row.detectable_alone, row.size.least),
        f"speakers for {plan.target:g}": lambda row: _count(row.speakers_for_target),
        "clips for it": lambda row: _count(row.clips_for_target),
    }
    if any(row.size.design_effect for row in plan.languages):
        columns["design effect"] = lambda row: rate(_known(row.size.design_effect))
    if plan.margin is not None:
        columns[f"power to show < {plan.margin:g}"] = lambda row: rate(_known(row.power_for_margin), 2)
    if plan.simulation:
        columns[f"marks {plan.target:g}, simulated"] = lambda row: _chances(row.simulated)
    rows = [[cell(row) for cell in columns.values()] for row in plan.languages]
    simulation = (
        f"simulated: {plan.simulation}; the chance of a mark, and alone; a large cost brings errors of its own"
        if plan.simulation
        else ""
    )
    lines = [
        f"from {plan.source}; {LEGEND}",
        simulation,
        markdown_table(list(columns), rows),
        render_cost(plan.cost),
    ]
    return "\n\n".join(filter(None, lines)) + "\n"


def _known(value: float | None) -> float:
    return nan if value is None else value


def _chances(simulated: tuple[float, float] | None) -> str:
    return "n/a" if simulated is None else "; alone ".join(f"{100 * chance:.0f} %" for chance in simulated)


def _count(value: int | None) -> str:
    return "n/a" if value is None else f"{value:,}"
