"""The local engine: one process decodes what is missing and not another run's, all arms of a block together."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console

from bench.arms import require_device
from bench.progress import duration, progress_bar
from bench.runners.choosing import choose_arms
from bench.runners.decoding import decode_gaps
from bench.runners.fitting import require_fitting
from bench.runners.gaps import Gap, write_part
from bench.runners.leases import Leases
from bench.runners.recognisers import load_recognisers
from bench.runners.recording import record_work, require_same_commits
from bench.runners.sharding import WHOLE, Shard
from bench.runners.share import Share
from bench.runners.work import Work, plan_work
from bench.store import Store
from bench.suite import TRANSFORMERS, Suite
from bench.visible import visible


@dataclass(frozen=True)
class RunSummary:
    """Decodes made by this run and found on disk, in clips summed over its arms; and the arms still to be decoded.

    Those that several arms share count once. `shards`: of a job array, those that still have something to decode.
    """

    decoded: int
    found: int
    missing: tuple[str, ...]
    shards: tuple[int, ...] = ()


def run_suite(
    suite: Suite, store: Store, arm_names: Sequence[str], console: Console, shard: Shard = WHOLE
) -> RunSummary:
    """Decodes what is missing for the named arms (all if none is named) and writes the manifest.

    Of a `shard` alone, whose share of the blocks nobody else decodes.
    """
    if any(arm.runner == TRANSFORMERS for arm in choose_arms(suite, arm_names)):
        require_device(suite.decode.device)
    work = plan_work(suite, arm_names)
    require_same_commits(store, work)
    for note in work.conditions.corpus.notes:
        console.print(visible(f"caution: {note}"), soft_wrap=True, markup=False, highlight=False)
    everything = work.missing(store)
    gaps = [gap for gap in everything if shard.holds(gap.place)]
    for gap in gaps:
        if not gap.lacking:
            for arm_id in gap.parts:
                write_part(store, gap, arm_id, [])
    missing = [gap for gap in gaps if gap.lacking]
    with Leases(store.lease_folder) as leases:
        decoded = _decode(store, work, missing, leases, console) if missing else 0
        keys = {part.name.key for gap in gaps for part in gap.parts.values()}
        with leases.wait_for("manifest"):
            unwhole = record_work(store, work, keys)
    left = shard.of_blocks(gap.place for gap in work.missing(store)) if unwhole else []
    elsewhere = sum(gap.decodes for gap in missing) - decoded
    found = work.decodes - sum(gap.decodes for gap in everything) + elsewhere
    return RunSummary(decoded, found, unwhole, tuple(left))


def _announce(store: Store, decodes: int, arms: int, console: Console) -> None:
    """How much is to be done, and where the last run says so how long that takes."""
    known = store.read_speed()
    line = f"{decodes:,} decodes to make, of {arms} arms"
    if known:
        line += f": about {duration(decodes * known['seconds'] / known['decodes'])} at the speed of the last run"
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _decode(store: Store, work: Work, missing: Sequence[Gap], leases: Leases, console: Console) -> int:
    """Returns how many decodes this run made, of those that were missing; other runs made the rest."""
    started = time.monotonic()
    needed = {arm_id for gap in missing for arm_id in gap.parts}
    _announce(store, sum(gap.decodes for gap in missing), len(needed), console)
    sources = [arm.source for arm in work.arms if arm.id in needed]
    require_fitting(work.suite.decode, work.corpus, sources)
    recognisers = load_recognisers(work.suite, sources)
    for recogniser in recognisers:
        for note in recogniser.notes():
            console.print(visible(note), soft_wrap=True, markup=False)
    work.conditions.prepare({gap.block.condition for gap in missing}, console)
    with progress_bar(console, "clips") as progress:
        task = progress.add_task("", total=sum(gap.decodes for gap in missing))
        advance = partial(progress.advance, task)
        share = Share(missing, work.blocks, leases, store, advance)

        def taken() -> Iterator[Gap]:
            for gap in share.take():
                progress.update(task, description=f"decoding {gap.block.cell}")
                yield gap

        while not share.is_done:
            for gap in decode_gaps(store, recognisers, taken(), work.conditions, advance):
                share.close(gap)
            share.wait(console)
    if share.decoded:
        store.write_speed(share.decoded, time.monotonic() - started)
    return share.decoded
