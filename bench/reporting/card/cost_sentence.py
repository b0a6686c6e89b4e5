"""The sentence of a card that says what conversion costs: on average, by how many languages, and what stays open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import VerdictCounts, count_verdicts
from bench.comparing import ArmResults, Comparison
from bench.reporting.card.origin import listed
from bench.reporting.text.format import signed
from bench.reporting.text.verdict_sentences import points
from bench.scoring import METRICS, Metric
from bench.stats import Estimate

NUMBERS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
FEW = 3
"""Languages that are named one by one."""
MOVED = 1.0
"""Points by which runaways move a language's cost, above which they are named."""


def number(count: int) -> str:
    """Eleven; 24."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def cost_sentence(records: SuiteRecords, results: ArmResults) -> str:
    rows, outcomes = results.clean.primary, count_verdicts(results)
    counts, names = [row.sample.clips for row in rows], [row.language for row in rows]
    clips = f"{min(counts):,}" if len(set(counts)) == 1 else f"{min(counts):,} to {max(counts):,}"
    where = f"On {clips} clips in {listed(names) if len(names) <= FEW else f'each of {number(len(names))} languages'}"
    if all(row.is_identical for row in rows):
        return f"{where} it changes no transcript."
    usable = [row for row in rows if not row.floor]
    told = " and ".join(filter(None, (_mean(results, usable, metric) for metric in METRICS)))
    costs = f"it costs {told}{_runaways(usable)}: " if told else ""
    return f"{where} {costs}{_joined(list(_verdicts(rows, outcomes)))}{_within(records, outcomes)}."


def _mean(results: ArmResults, usable: Sequence[Comparison], metric: Metric) -> str:
    """+0.3 points of WER on average (nine languages; 95 %: −0.9 to +1.5)."""
    rows = [row for row in usable if row.metric == metric]
    summary = results.summary(metric, "mean", floors=False)
    if not rows or summary is None:
        return ""
    one, names = len(rows) == 1, [row.language for row in rows]
    estimate = rows[0].delta if one else summary.estimate
    shown = listed(names) if len(rows) < FEW else f"{number(len(rows))} languages"
    # Of a single language its verdict says what is not ruled out; an interval that is not there would deny it.
    bounded = len(results.clean.primary) == 1 and not estimate.is_determined and _most_open(rows) is not None
    over = f"{shown}; " if len(results.clean.primary) > len(rows) else ""
    average = "" if one else " on average"
    cost = f"{signed(estimate.value, 1)} points of {metric.upper()}{average}"
    return cost if bounded else f"{cost} ({over}{_interval(estimate)})"


def _interval(estimate: Estimate) -> str:
    if not estimate.is_determined:
        return "95 %: not determined"
    return f"95 %: {signed(estimate.low, 1)} to {signed(estimate.high, 1)}"


def _runaways(rows: Sequence[Comparison]) -> str:
    """Where clips that ran away make much of a cost."""
    moved = [row.language for row in rows if abs(row.delta.value - row.capped.value) > MOVED]
    where = f"{number(len(moved))} languages" if len(moved) > FEW else listed(moved)
    return f", much of it from runaway clips in {where}" if moved else ""


def _verdicts(rows: Sequence[Comparison], outcomes: VerdictCounts) -> Iterator[str]:
    total = outcomes.languages
    if outcomes.worse or total > 1:
        yield f"{_are(outcomes.worse, total)} marked worse"
    if outcomes.better:
        yield f"{_are(outcomes.better, total)} marked better"
    if outcomes.undecided:
        yield f"{_are(outcomes.undecided, total)} undecided{_open(rows)}"
    if outcomes.identical:
        yield f"{_are(outcomes.identical, total)} unchanged in every transcript"
    if outcomes.floor:
        yield f"{_are(outcomes.floor, total)} not judged, for the control itself fails there"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _are(languages: Sequence[str], total: int) -> str:
    """Welsh is; ten are; all eleven are; none is."""
    return f"{_some(languages, total) or 'none'} {'is' if len(languages) < 2 else 'are'}"


def _some(languages: Sequence[str], total: int) -> str:
    """Welsh and Thai; ten; all eleven."""
    if len(languages) <= FEW:
        return listed(languages)
    return f"all {number(total)}" if len(languages) == total else number(len(languages))


def _open(rows: Sequence[Comparison]) -> str:
    """How far the least known of the undecided languages may be off."""
    row, driven = _most_open(rows), [row.language for row in rows if _is_hidden(row)]
    worse = [f"with runaways capped {_are(driven, len(rows))} worse"] if driven else []
    if row is None:
        return f" ({worse[0]})" if worse else ""
    unit = " of CER" if row.metric == "cer" else ""
    capped = ", runaways capped" if row.has_runaways else ""
    where = f" in {listed([row.language])}" if len(rows) > 1 else ""
    highest = f"up to {signed(_highest(row), 1)} points{unit}{where}{capped}"
    return f" ({'; '.join([highest, *worse])})"


def _is_hidden(row: Comparison) -> bool:
    """Whether it would be marked worse, did clips that ran away not blur it."""
    return row.verdict.loop_driven and not row.verdict.significant and row.capped.value > 0


def _most_open(rows: Sequence[Comparison]) -> Comparison | None:
    """The undecided language in which the largest cost is not ruled out."""
    undecided = [row for row in rows if row.verdict.direction == "undecided" and not row.is_identical]
    return max((row for row in undecided if isfinite(_highest(row))), key=_highest, default=None)


def _highest(row: Comparison) -> float:
    """The largest cost that is not ruled out; capped, where clips ran away and nothing bounds their errors."""
    return row.capped.high if row.has_runaways else row.interval.high


def _within(records: SuiteRecords, outcomes: VerdictCounts) -> str:
    margin = records.suite.statistics.margin
    if margin is None or not outcomes.within:
        return ""
    return f"; for {_some(outcomes.within, outcomes.languages)} it is shown to cost less than {points(margin)}"
