"""A comparison of two files of decodes as text."""

from typing import Any

from bench.reporting.tables.notes import disagreement_lines, failure_lines
from bench.reporting.text.format import interval, mark, rate, signed, verdict
from bench.reporting.text.markdown import code, inline, markdown_table

Row = dict[str, Any]
LEGEND = (
    "cost: converted minus control, in points. ✱: p <= 0.05, each condition alone; (ns): not, and MDE is the cost that "
    "would bear the mark with 80 % chance; †: another method disagrees; floor: the control itself is unusable, so no "
    "mark."
)


def render_pair(rows: tuple[Row, ...], margin: float | None) -> str:
    """A table of the conditions, what the cost of each is made of, and the signatures."""
    rows = tuple(row | {key: inline(row[key]) for key in ("condition", "language")} for row in rows)
    metric = rows[0]["metric"].upper()
    header = ["condition", f"control {metric}", f"converted {metric}", "cost, 95 % interval", "", "verdict", "p"]
    table = markdown_table([*header, "utterances", "speakers"], [_row(row, margin) for row in rows])
    lines = [line for row in rows for line in _lines(row)]
    notes = [*disagreement_lines(list(rows)), *failure_lines(list(rows), "control")]
    signatures = [f"- {code(row['signature'])}" for row in rows]
    return "\n\n".join([table, "\n".join([*lines, *notes]), LEGEND, "\n".join(signatures)]) + "\n"


def _row(row: Row, margin: float | None) -> list[str]:
    return [
        row["condition"],
        rate(row["control_rate"]),
        rate(row["rate"]),
        f"{signed(row['delta'])} {interval(row['low'], row['high'])}",
        mark(row),
        verdict(row, margin),
        rate(row["p"], 4),
        str(row["clips"]),
        str(row["speakers"]),
    ]


def _lines(row: Row) -> list[str]:
    """The tests beside the bootstrap, and the counts."""
    edits = ("substitutions", "deletions", "insertions")
    counts = [" / ".join(str(row[f"{side}{edit}"]) for edit in edits) for side in ("control_", "")]
    beside = {"sign-flip": row["p_signflip"], "clustered t": row["p_clustered_t"], "MAPSSWE": row["mapsswe_p"]}
    tests = ", ".join(f"{name} {rate(p, 4)}" for name, p in beside.items())
    segments = f"{row['mapsswe_segments']} segments, z {signed(row['mapsswe_z'], 3)}"
    return [
        f"- {row['condition']}: over {row['length']} reference units, sub / del / ins {counts[0]} in the control, "
        f"{counts[1]} in the converted; {row['changed']:.1f} % of transcripts changed, {row['improved']:.1f} % better, "
        f"{row['worsened']:.1f} % worse; relative {signed(row['relative_delta'], 1)} %",
        f"- {row['condition']}: p by {tests} ({segments})",
    ]
