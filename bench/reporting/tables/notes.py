"""The lines under a results table: medians, runaways, methods that disagree, slices that stand out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite

from bench.analysis.noise_floor import FloorRow
from bench.comparing import Comparison, Slice, Summary
from bench.reporting.text.cells import cell_name, metric_note
from bench.reporting.text.format import counted, estimated, interval, signed
from bench.reporting.text.markdown import inline
from bench.scoring import Metric
from bench.stats import is_significant
from bench.suite import CLEAN

SHOWN_SLICES = 5
COUNTED: Mapping[Metric, str] = {"wer": "words", "cer": "characters"}
QUANTITIES = {"cost": "", "zero-shot": "zero-shot ", "more than clean": "more than clean: "}


def summary_lines(summaries: Sequence[Summary]) -> Iterator[str]:
    """Median and mean cost of one arm, or their trend over a family's sizes: each with its languages named.

    With every language, and without the floors where there are any. Nothing of a single cost, which is its own mean.
    """
    if all(summary.languages == summaries[0].languages[:1] and not summary.is_slope for summary in summaries):
        return
    for key in dict.fromkeys((summary.condition, summary.metric) for summary in summaries):
        chosen = [summary for summary in summaries if (summary.condition, summary.metric) == key]
        first = chosen[0]
        where = "" if first.condition == CLEAN else f", {first.condition}"
        count = counted(len(first.languages), f"{first.metric.upper()} row")
        head = f"- cost over the {count} ({' '.join(first.languages)}){where}"
        everything = _values(summary for summary in chosen if summary.with_floors)
        if not first.floors:
            yield f"{head}: {everything}; none of them is a floor row"
        else:
            without = _values(summary for summary in chosen if not summary.with_floors) or "none is left"
            yield f"{head}: {everything}; without floor rows ({' '.join(first.floors)}): {without}"


def _values(summaries: Iterator[Summary]) -> str:
    return ", ".join(f"{_statistic(summary)} {estimated(summary.estimate)}" for summary in summaries)


def _statistic(summary: Summary) -> str:
    return f"{QUANTITIES[summary.quantity]}{'slope of the ' if summary.is_slope else ''}{summary.statistic}"


def noise_floor_lines(rows: Sequence[FloorRow], control: str | None) -> Iterator[str]:
    """What the control's own weights cost when decoded otherwise, in one line; nothing where no arm shows it."""
    if rows:
        told = "; ".join(f"{row.arm} {_floor_costs(row)}" for row in rows)
        yield f"- noise floor, {control} itself decoded otherwise, without floor rows: {told}"


def _floor_costs(row: FloorRow) -> str:
    means = ", ".join(f"mean {metric.upper()} {estimated(mean)}" for metric, mean in row.means.items())
    if row.farthest is None:
        return means or "none is left"
    cost = f"{signed(row.farthest.delta.value)}{metric_note(row.farthest.metric)}"
    return f"{means}, farthest {cell_name(row.farthest)} {cost}"


def unseen_lines(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """How many runaways the samples cannot rule out, and what they would add to a cost, in one line."""
    rows = [row for row in comparisons if not row.floor]
    if not rows:
        return
    least, most = (pick(rows, key=lambda row: row.runaways.share) for pick in (min, max))
    seen = sum(row.result.runaways for row in rows)
    shares = _from_to(f"{least.runaways.share:.1f} %", f"{most.runaways.share:.1f} % of clips ({most.language})", rows)
    yield (
        f"- runaways, hypotheses with more errors than their reference is long: {seen} of "
        f"{sum(row.sample.clips for row in rows):,} seen; not ruled out: {shares}{_added(rows)}"
    )


def _from_to(low: str, high: str, rows: Sequence[Comparison]) -> str:
    return high if len(rows) == 1 else f"{low} to {high}"


def _added(rows: Sequence[Comparison]) -> str:
    """What so many would add at the decoder's limit, where that is known."""
    points = [row.runaways.points for row in rows]
    if not all(map(isfinite, points)):
        return ""
    added = _from_to(signed(min(points), 1), signed(max(points), 1), rows)
    return f", which would add {added} points to the cost if each were as long as the decoder may write"


def failure_lines(
    comparisons: Sequence[Comparison], control: str, name: Callable[[Comparison], str] = cell_name
) -> Iterator[str]:
    """Where clips of either arm have more errors than words, how many, and the cost with each clip's errors capped.

    How often either arm loops, there and elsewhere; nothing where neither is so.
    """
    for row in comparisons:
        ours, theirs = row.result, row.control_result
        counts = {
            f"clips with more errors than {COUNTED[row.metric]}": (ours.runaways, theirs.runaways),
            "loops": (ours.loops, theirs.loops),
        }
        told = [f"{what}: {own} ({other} in {control})" for what, (own, other) in counts.items() if own or other]
        if told and not row.floor:
            yield f"- {name(row)}, {', '.join(told)}{_capped(row) if row.has_runaways else ''}"


def _capped(row: Comparison) -> str:
    driven = "; loop-driven: capped, the mark would be the other one" if row.verdict.loop_driven else ""
    return f"; with each clip's errors capped at its length, cost {estimated(row.capped)}{driven}"


def disagreement_lines(
    comparisons: Sequence[Comparison], name: Callable[[Comparison], str] = cell_name
) -> Iterator[str]:
    """† rows, with the methods whose own p, corrected likewise, sets another flag."""
    for row in comparisons:
        if row.verdict.dissenting and not row.floor:
            flag = "not significant" if is_significant(row.verdict.p_adjusted) else "significant"
            yield f"- † {name(row)}: {flag} by {', '.join(row.verdict.dissenting)}"


def slice_lines(slices: Sequence[Slice]) -> Iterator[str]:
    """The parts of cells whose cost stands out after Benjamini and Hochberg, the surest first."""
    if not slices:
        return
    surest = sorted(
        (part for part in slices if is_significant(part.p_bh)),
        key=lambda part: (part.p_bh, part.p, part.language, part.kind, part.value),
    )
    yield (
        f"- exploratory: {len(surest)} of {len(slices)} slices (reference length in quartiles; gender, age and accent "
        "where known) have a cost after Benjamini and Hochberg" + (": the surest" if len(surest) > SHOWN_SLICES else "")
    )
    for part in surest[:SHOWN_SLICES]:
        cost = f"{signed(part.delta.value)}{metric_note(part.metric)} {interval(part.delta.low, part.delta.high)}"
        yield f"  - {cell_name(part)}, {part.kind} {inline(part.value)}: {cost} over {part.clips} clips"
