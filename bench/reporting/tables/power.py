"""A plan as text."""

from math import nan

from bench.analysis.power import LanguagePlan
from bench.plan import Plan
from bench.reporting.text.format import rate
from bench.reporting.text.markdown import markdown_table


def render_plan(plan: Plan) -> str:
    """One line a language: what its clips can show now, and what the target would take."""
    header = [
        "Lang",
        "arm",
        "clips",
        "speakers",
        "SE",
        "detects, marked",
        "alone",
        f"speakers for {plan.target:g}",
        "clips",
    ]
    if plan.margin is not None:
        header.append(f"power to show < {plan.margin:g}")
    lines = [
        f"from {plan.source}; points; 80 % power; marked: after Holm's first step, alone: this language only",
        markdown_table(header, [_row(plan, language) for language in plan.languages]),
        f"decoding all of it: {plan.decodes:,} decodes, {_time(plan)}, about {plan.megabytes:.1f} MB",
    ]
    return "\n\n".join(lines) + "\n"


def _row(plan: Plan, language: LanguagePlan) -> list[str]:
    size = language.size
    cells = [
        size.language,
        size.arm,
        str(size.clips),
        str(size.speakers),
        rate(size.standard_error, 2),
        rate(language.detectable),
        rate(language.detectable_alone),
        _count(language.speakers_for_target),
        _count(language.clips_for_target),
    ]
    power = rate(nan if language.power_for_margin is None else language.power_for_margin, 2)
    return cells if plan.margin is None else [*cells, power]


def _count(value: int | None) -> str:
    return "n/a" if value is None else f"{value:,}"


def _time(plan: Plan) -> str:
    if plan.seconds is None:
        return "time not known before a first run (try a few utterances)"
    minutes = plan.seconds / 60
    return (
        f"{plan.seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
    )
