"""A comparison of two files of decodes as text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bench.comparing import Comparison
from bench.reporting.tables.notes import disagreement_lines, failure_lines, unseen_lines
from bench.reporting.text.format import cost_interval, mark, probability, rate, signed, verdict
from bench.reporting.text.legend import LEAST
from bench.reporting.text.markdown import code, inline, markdown_table

LEGEND = (
    "cost: converted minus control, in points. ✱: p <= 0.05, each condition alone; (ns): not, and MDE is the cost that "
    f"would bear the mark with 80 % chance ({LEAST}); (on the line): more resamples might say ✱ or (ns); °: too few "
    "units differ for the bootstrap, so these bound the cost with each clip's errors at most its length; †: another "
    "method disagrees; floor: the control itself is unusable, so no mark."
)


def render_pair(comparisons: Sequence[Comparison], signatures: Sequence[str], margin: float | None) -> str:
    """A table of the conditions, what the cost of each is made of, and the signatures."""
    shown = [replace(row, condition=inline(row.condition), language=inline(row.language)) for row in comparisons]
    metric = shown[0].metric.upper()
    header = ["condition", f"control {metric}", f"converted {metric}", "cost, 95 % interval", "", "verdict", "p"]
    table = markdown_table([*header, "utterances", "speakers"], [_row(row, margin) for row in shown])
    lines = [f"- {line}" for row in shown for line in tested_lines(row)]
    notes = [*unseen_lines(shown), *disagreement_lines(shown), *failure_lines(shown, "control")]
    pins = "\n".join(f"- {code(signature)}" for signature in signatures)
    return "\n\n".join([table, "\n".join([*lines, *notes]), LEGEND, pins]) + "\n"


def _row(row: Comparison, margin: float | None) -> list[str]:
    return [
        row.condition,
        rate(row.control_result.rate),
        rate(row.result.rate),
        f"{signed(row.delta.value)} {cost_interval(row)}",
        mark(row),
        verdict(row, margin),
        probability(row.tests.p),
        str(row.sample.clips),
        str(row.sample.speakers),
    ]


def tested_lines(row: Comparison) -> Iterator[str]:
    """The counts, and the tests beside the bootstrap, in plain text."""
    edits = [
        f"{counts.substitutions} / {counts.deletions} / {counts.insertions}"
        for counts in (row.control_result.counts, row.result.counts)
    ]
    changes, mapsswe = row.changes, row.tests.mapsswe
    yield (
        f"{row.condition}: over {row.result.counts.length} reference units, sub / del / ins {edits[0]} in the "
        f"control, {edits[1]} in the converted; {changes.changed:.1f} % of transcripts changed, "
        f"{changes.improved:.1f} % better, {changes.worsened:.1f} % worse; relative {signed(row.relative.value, 1)} %"
    )
    beside = {name: p for name, p in row.tests.beside.items() if name != "percentile"}
    tests = ", ".join(f"{name} {probability(p)}" for name, p in beside.items())
    yield f"{row.condition}: p by {tests} ({mapsswe.segments} segments, z {signed(mapsswe.z, 3)})"
