"""The results tables as LaTeX for a paper: booktabs, one table an arm, a number a paper can be held to."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from bench.analysis.power import is_least
from bench.comparing import Comparison, Results
from bench.reporting.text.format import cost_interval, rate, signed
from bench.suite import ArmSpec, Suite
from bench.visible import visible

SPECIAL = {letter: f"\\{letter}" for letter in "&%$#_{}"}
SPECIAL |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
SPECIAL |= {
    "−": "$-$",
    "✱": "$^{*}$",
    "†": r"$^{\dagger}$",
    "°": r"$^{\circ}$",
    "<": "$<$",
    ">": "$>$",
    "…": r"\dots{}",
}
"""What LaTeX would obey, or has no sign for in its usual fonts."""
NEEDED = r"% \usepackage{booktabs}"


def latex(text: str) -> str:
    """Text that LaTeX shows as it is, numbers with true minus signs."""
    return "".join(SPECIAL.get(letter, letter) for letter in visible(text))


def render_latex(suite: Suite, results: Results) -> str:
    """A table for each arm that has a control, no wider than a column of text."""
    compared = [(arm, control) for arm in suite.arms if (control := suite.control_of(arm)) is not None]
    return "\n\n".join([NEEDED, *(_table(suite, arm, control, results) for arm, control in compared)]) + "\n"


def _table(suite: Suite, arm: ArmSpec, control: ArmSpec, results: Results) -> str:
    costs = results.of(arm).clean.primary
    before = {change.language: change.delta.value for change in results.of(arm).changes("zero-shot")}
    margin = suite.statistics.margin
    header = ["", "control", "converted", *(["before"] if before else []), "cost", r"95\,\% interval", "MDE"]
    header += [] if margin is None else [rf"margin {margin:g}"]
    rows = [_row(row, before.get(row.language), margin is not None) for row in costs]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering\footnotesize\setlength{\tabcolsep}{3.5pt}",
            rf"\caption{{{_caption(suite, arm, control, costs, bool(before))}}}",
            rf"\label{{tab:{re.sub('[^A-Za-z0-9.:-]', '-', f'{suite.name}-{arm.id}')}}}",
            r"\par\smallskip",
            rf"\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}",
            r"\toprule",
            rf"{' & '.join(header)} \\",
            r"\midrule",
            *(rf"{' & '.join(row)} \\" for row in rows),
            r"\bottomrule",
            r"\end{tabular}",
            f"% signature: {visible(results.signature)}",
            r"\end{table}",
        ]
    )


def _caption(suite: Suite, arm: ArmSpec, control: ArmSpec, costs: Sequence[Comparison], trained: bool) -> str:
    clips, speakers = _range([row.sample.clips for row in costs]), _range([row.sample.speakers for row in costs])
    parts = [
        f"{latex(arm.id)} against {latex(control.id)} ({latex(suite.name)}): WER (CER where named) and its cost, in "
        f"\\% and points, on {clips} clips a language by {speakers} speakers. Interval: paired bootstrap, for all "
        r"languages at once; $^{\circ}$: bound of the capped cost. $^{*}$: significant at 5\,\% after Holm; "
        r"$^{\dagger}$: another method says otherwise; $^{\sim}$: more resamples might. MDE: the cost that would have "
        r"been found with 80\,\% chance ($\geq$: at least). floor: the control itself is unusable.",
        "before: the cost before both were trained." if trained else "",
    ]
    return " ".join(filter(None, parts))


def _row(row: Comparison, before: float | None, judged: bool) -> list[str]:
    language = row.language + (" (CER)" if row.metric == "cer" else "")
    cells = [language, rate(row.control_result.rate), rate(row.rate.value)]
    cells += [] if before is None else [signed(before)]
    margin = [row.verdict.margin if row.verdict.margin in ("within", "beyond") else "--"] if judged else []
    return [
        *map(latex, cells),
        f"{latex(signed(row.delta.value))}{_marks(row)}",
        latex(cost_interval(row)),
        "floor" if row.floor else _detectable(row),
        *margin,
    ]


def _marks(row: Comparison) -> str:
    if row.floor:
        return ""
    told = {"*": row.verdict.significant, r"\sim": row.verdict.on_the_line, r"\dagger": row.verdict.dissenting}
    signs = "".join(sign for sign, is_told in told.items() if is_told)
    return f"$^{{{signs}}}$" if signs else ""


def _detectable(row: Comparison) -> str:
    """Nothing of a marked cost."""
    if row.verdict.significant:
        return ""
    if not math.isfinite(row.detectable):
        return "n/a"
    least = r"$\geq$" if is_least(row) else ""
    bound = "" if row.is_resampled else r"$^{\circ}$"
    return f"{least}{row.detectable:.1f}{bound}"


def _range(numbers: Sequence[int]) -> str:
    """100; 23 to 30."""
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
