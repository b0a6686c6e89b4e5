"""A run: what is missing of a suite is decoded by an engine, in this process or on a cluster, and recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console

from bench.arms import require_device
from bench.runners.choosing import choose_arms
from bench.runners.fitting import require_fitting
from bench.runners.gaps import write_part
from bench.runners.job import Engine, Job
from bench.runners.leases import Leases
from bench.runners.local import decode_here
from bench.runners.recording import record_work, require_same_commits
from bench.runners.sharding import WHOLE, Shard
from bench.runners.work import plan_work
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
    suite: Suite,
    store: Store,
    arm_names: Sequence[str],
    console: Console,
    shard: Shard = WHOLE,
    engine: Engine = decode_here,
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
        decoded = _decode(Job(store, work, missing, leases, console), engine) if missing else 0
        keys = {part.name.key for gap in gaps for part in gap.parts.values()}
        with leases.wait_for("manifest"):
            unwhole = record_work(store, work, keys)
    left = shard.of_blocks(gap.place for gap in work.missing(store)) if unwhole else []
    elsewhere = sum(gap.decodes for gap in missing) - decoded
    found = work.decodes - sum(gap.decodes for gap in everything) + elsewhere
    return RunSummary(decoded, found, unwhole, tuple(left))


def _decode(job: Job, engine: Engine) -> int:
    """Returns how many decodes this run made, of those that were missing; other runs made the rest."""
    require_fitting(job.work.suite.decode, job.work.corpus, [arm.source for arm in job.arms])
    decoded, seconds, measured = engine(job)
    if decoded:
        job.store.write_speed(decoded, seconds, asdict(measured))
    return decoded
