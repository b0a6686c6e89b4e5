"""The results tables as LaTeX for a paper: booktabs, one table an arm, a number a paper can be held to."""

from __future__ import annotations

import re

from bench.comparing import Results
from bench.reporting.tables.costs import cost_table
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
    """A table for each arm that has a control."""
    compared = [(arm, control) for arm in suite.arms if (control := suite.control_of(arm)) is not None]
    return "\n\n".join([NEEDED, *(_table(suite, arm, control, results) for arm, control in compared)]) + "\n"


def _table(suite: Suite, arm: ArmSpec, control: ArmSpec, results: Results) -> str:
    header, rows = cost_table(suite, arm, control, results)
    lines = [" & ".join(map(latex, row)) + r" \\" for row in (header, *rows)]
    caption = (
        f"{latex(arm.id)} against {latex(control.id)} ({latex(suite.name)}): error rates in \\%, cost in percentage "
        "points with its simultaneous 95\\,\\% interval, paired bootstrap over speakers. $^{*}$: significant at "
        "5\\,\\% after Holm; (ns): not significant; MDE: the cost that would have been found with 80\\,\\% chance."
    )
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{caption}}}",
            rf"\label{{tab:{re.sub('[^A-Za-z0-9.:-]', '-', f'{suite.name}-{arm.id}')}}}",
            rf"\begin{{tabular}}{{l{'r' * (len(header) - 4)}lrr}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
            f"% signature: {visible(results.signature)}",
            r"\end{table}",
        ]
    )
