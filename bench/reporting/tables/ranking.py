"""More than two systems over the same utterances as text: a table by rate, the pairs, and what is to be said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bench.comparing import Comparison, Measurement
from bench.comparing.external import Ranking, is_told_apart
from bench.reporting.tables.notes import disagreement_lines, failure_lines
from bench.reporting.text.format import cost_interval, counted, mark, probability, rate, signed, verdict
from bench.reporting.text.markdown import code, inline, markdown_table
from bench.stats import Estimate

GROUPS = (
    "rank: 1 + the number of systems in better groups; the groups are those significantly better than {control}, those "
    "not told apart from it (and itself), and those significantly worse. Systems of one group are not compared with "
    "each other: all pairs are for that."
)
BEATEN = (
    "rank: 1 + the number of systems that are significantly better. Not being told apart is not transitive: a system "
    "between two that are told apart may be told apart from neither, and then shares the rank of the better one; the "
    "table of pairs says which."
)
LEGEND = (
    "cost: minus {control}, in points; its interval: 95 % for all {pairs} at once, so that it holds 0 exactly where "
    "there is no mark. p and ✱ (p <= 0.05): after Holm's correction over the {pairs}, each condition alone; (ns): not, "
    "and MDE is the cost that would bear the mark with 80 % chance; (on the line): more resamples might say ✱ or (ns); "
    "°: too few units differ for the bootstrap, so these bound the cost with each clip's errors at most its length; †: "
    "another method disagrees; floor: {control} itself is unusable, so no mark, but ranks."
)


def render_rankings(rankings: Sequence[Ranking], margin: float | None) -> str:
    """Of every condition a table, the pairs where all are compared, and notes; how to read them, and signatures."""
    first = rankings[0]
    words = {"control": inline(first.systems[0].arm), "pairs": counted(len(first.comparisons), "pair")}
    legend = [(BEATEN if first.all_pairs else GROUPS).format(**words), LEGEND.format(**words)]
    pins = "\n".join(f"- {code(ranking.signature)}" for ranking in rankings)
    return "\n\n".join([*(part for ranking in rankings for part in _parts(ranking, margin)), *legend, pins]) + "\n"


def _parts(ranking: Ranking, margin: float | None) -> Iterator[str]:
    """What stands of one condition, the systems by rate."""
    ordered = sorted(ranking.systems, key=lambda row: (math.isnan(row.rate.value), row.rate.value))
    sample = ranking.systems[0].sample
    speakers = f" by {counted(sample.speakers, 'speaker')}" if sample.speakers else ""
    yield f"{inline(ranking.systems[0].condition)}: {counted(sample.clips, 'utterance')}{speakers}"
    yield _systems_table(ranking, ordered, margin)
    if ranking.all_pairs:
        yield _pairs_table(ranking, ordered)
    if notes := list(_notes(ranking)):
        yield "\n".join(notes)


def _systems_table(ranking: Ranking, ordered: Sequence[Measurement], margin: float | None) -> str:
    control = ranking.systems[0]
    header = ["rank", "system", f"{control.metric.upper()}, 95 % interval", f"cost against {inline(control.arm)}"]
    header += ["p", ""] if margin is None else ["p", "", "verdict"]
    rows = []
    for row in ordered:
        cells = _cost_cells(row, margin) if isinstance(row, Comparison) else [""] * (len(header) - 3)
        rows.append([str(ranking.ranks[row.arm]), inline(row.arm), _rate(row.rate), *cells])
    return markdown_table(header, rows)


def _cost_cells(cost: Comparison, margin: float | None) -> list[str]:
    cells = [f"{signed(cost.delta.value)} {cost_interval(cost)}", probability(cost.verdict.p_adjusted), mark(cost)]
    return cells if margin is None else [*cells, verdict(cost, margin)]


def _rate(estimate: Estimate) -> str:
    """12.3 [10.1, 14.5]."""
    known = f"[{rate(estimate.low)}, {rate(estimate.high)}]" if estimate.is_determined else "[not determined]"
    return f"{rate(estimate.value)} {known}"


def _pairs_table(ranking: Ranking, ordered: Sequence[Measurement]) -> str:
    """How much higher each system's rate is than those above it."""
    pairs = {frozenset((row.control, row.arm)): row for row in ranking.comparisons}
    rows = []
    for place, row in enumerate(ordered):
        above = [_difference(pairs[frozenset((row.arm, other.arm))], row.arm) for other in ordered[:place]]
        empty = [""] * (len(ordered) - 1 - place)
        rows.append([f"({place + 1}) {inline(row.arm)}", *above, *empty])
    return markdown_table(["row minus column", *(f"({number})" for number in range(1, len(ordered)))], rows)


def _difference(pair: Comparison, name: str) -> str:
    """What one system's rate is above that of the other; marked where they are told apart."""
    difference = pair.delta.value if pair.arm == name else 0 - pair.delta.value
    return f"{signed(difference)} ✱" if is_told_apart(pair) else signed(difference)


def _notes(ranking: Ranking) -> Iterator[str]:
    """Where methods disagree; loops, of pairs without the control only where a mark hangs on them."""
    control = ranking.systems[0].arm
    yield from disagreement_lines(ranking.comparisons, _pair_name)
    for row in ranking.comparisons:
        if row.control == control or row.verdict.loop_driven:
            yield from failure_lines([row], inline(row.control), _pair_name)


def _pair_name(row: Comparison) -> str:
    return f"{inline(row.arm)} against {inline(row.control)}"
