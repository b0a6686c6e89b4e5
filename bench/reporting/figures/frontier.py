"""Cost against the decode cache that it buys, and against the time that it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.analysis.frontier import Trade, trades_of
from bench.analysis.memory.headlines import ClipBytes, clip_bytes
from bench.analysis.suite_records import SuiteRecords
from bench.comparing import Results
from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.style import title_of
from bench.reporting.figures.trade_panels import draw_trades
from bench.scoring import METRICS, Metric
from bench.speed.record import GENERATE
from bench.suite import Suite

MIB = 2**20


def write_frontiers(records: SuiteRecords, folder: Path) -> list[Path]:
    """Writes frontier.svg and .png where memory was measured after a run, frontier-time where its arms were timed.

    Returns what was written.
    """
    return [*_write_over_bytes(records, folder), *_write_over_time(records, folder)]


def _write_over_bytes(records: SuiteRecords, folder: Path) -> list[Path]:
    memory = records.memory
    clips = [] if memory is None else clip_bytes(memory.records)
    if memory is None or memory.transcripts is None or not clips:
        return []
    positions = memory.transcripts.longest
    chosen = _in_their_dtypes(records.suite, clips)
    dtypes = ", ".join(dict.fromkeys(clip.dtype for clip in chosen))
    about = f"decode cache of a clip at {positions} positions (99th percentile), {dtypes}, MiB"
    caches = {clip.arm: clip.decode_cache(positions) / MIB for clip in chosen}
    return _write(records, caches, "decode cache", about, folder / "frontier")


def _write_over_time(records: SuiteRecords, folder: Path) -> list[Path]:
    timed = records.timed
    if timed is None:
        return []
    first = timed.arms[0]
    about = f"time of generate, of {first}'s: {timed.clips} clips, batches of {timed.batch}, {timed.device}"
    spent = {arm: timed.beside_first(arm, GENERATE) for arm in timed.arms}
    return _write(records, spent, "time", about, folder / "frontier-time")


def _write(records: SuiteRecords, spent: Mapping[str, float], what: str, about: str, path: Path) -> list[Path]:
    suite, results = records.suite, records.results
    panels = panels_of(suite, {metric: trades_of(suite, results, spent, metric) for metric in METRICS})
    if not panels:
        return []
    floors = _floors(suite, results)
    about += "; hollow: dominated" + (f"; without floor rows: {' '.join(floors)}" if floors else "")
    figure = draw_trades(title_of(suite, f"cost against {what}"), about, panels)
    save_figure(figure, suite.name, results.signature, path)
    return [path.with_suffix(f".{suffix}") for suffix in ("svg", "png")]


def _floors(suite: Suite, results: Results) -> list[str]:
    """Languages that some arm's mean leaves out."""
    means = [results.of(arm).summary(metric, "mean") for arm in suite.arms if arm.control for metric in METRICS]
    return list(dict.fromkeys(language for mean in means if mean is not None for language in mean.floors))


def _in_their_dtypes(suite: Suite, clips: Sequence[ClipBytes]) -> list[ClipBytes]:
    """Of each arm what was measured in the dtype that it is decoded in; in the first one that was, without it."""
    wanted: dict[str, str] = {arm.id: suite.decode_of(arm).dtype for arm in suite.arms}
    chosen: dict[str, ClipBytes] = {}
    for clip in clips:
        if clip.arm not in chosen or clip.dtype == wanted[clip.arm]:
            chosen[clip.arm] = clip
    return list(chosen.values())


def panels_of(suite: Suite, trades: Mapping[Metric, Sequence[Trade]]) -> dict[tuple[str, Metric], list[Trade]]:
    """Groups trades by control, training seeds apart, and metric, where anything is held against it."""
    controls = {arm.id: (suite.control_of(arm) or arm).id for arm in suite.arms}
    panels: dict[tuple[str, Metric], list[Trade]] = {}
    for control in dict.fromkeys(controls.values()):
        for metric, of_metric in trades.items():
            group = [trade for trade in of_metric if controls[trade.arm] == control]
            if any(trade.control for trade in group):
                panels[control, metric] = group
    return panels
