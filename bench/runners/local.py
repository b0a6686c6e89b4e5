"""The local engine: one process decodes every missing part, cell by cell, all arms of a block together."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import Console

from bench.arms import require_device
from bench.progress import duration, progress_bar
from bench.runners.blocks import Block
from bench.runners.choosing import choose_arms
from bench.runners.clips import Clip, read_ahead
from bench.runners.conditions import Conditions
from bench.runners.fitting import require_fitting
from bench.runners.gaps import Gap, write_part
from bench.runners.recognisers import Recognised, Recogniser, Transcript, load_recognisers
from bench.runners.recording import record_work, require_same_commits
from bench.runners.sharding import WHOLE, Shard
from bench.runners.work import plan_work
from bench.store import Store
from bench.suite import TRANSFORMERS, Suite
from bench.visible import visible

NOTHING_HEARD = Transcript("", tokens=0)
"""In a clip that cannot be read."""


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
    missing = [gap for gap in gaps if gap.lacking]
    decoded = sum(gap.decodes for gap in missing)
    started = time.monotonic()
    if decoded:
        needed = {arm_id for gap in missing for arm_id in gap.parts}
        _announce(store, decoded, len(needed), console)
        sources = [arm.source for arm in work.arms if arm.source.spec.id in needed]
        require_fitting(suite.decode, work.corpus, sources)
        recognisers = load_recognisers(suite, sources)
        for recogniser in recognisers:
            for note in recogniser.notes():
                console.print(visible(note), soft_wrap=True, markup=False)
        work.conditions.prepare({gap.block.condition for gap in missing}, console)
        _decode_missing(store, recognisers, missing, work.conditions, console)
        store.write_speed(decoded, time.monotonic() - started)
    for gap in gaps:
        if not gap.lacking:
            for arm_id in gap.parts:
                write_part(store, gap, arm_id, [])
    keys = {part.name.key for gap in gaps for part in gap.parts.values()}
    unwhole = record_work(store, work, keys)
    left = shard.of_blocks(gap.place for gap in work.missing(store)) if unwhole else []
    return RunSummary(decoded, work.decodes - sum(gap.decodes for gap in everything), unwhole, tuple(left))


def _announce(store: Store, decodes: int, arms: int, console: Console) -> None:
    """How much is to be done, and where the last run says so how long that takes."""
    known = store.read_speed()
    line = f"{decodes:,} decodes to make, of {arms} arms"
    if known:
        line += f": about {duration(decodes * known['seconds'] / known['decodes'])} at the speed of the last run"
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _decode_missing(
    store: Store,
    recognisers: Sequence[Recogniser],
    gaps: Sequence[Gap],
    conditions: Conditions,
    console: Console,
) -> None:
    """Writes a part as soon as an arm has heard all clips of it."""
    with progress_bar(console, "clips") as progress:
        task = progress.add_task("", total=sum(gap.decodes for gap in gaps))
        read = read_ahead((gap.block for gap in gaps), conditions)
        for gap, clips in zip(gaps, read, strict=True):
            progress.update(task, description=f"decoding {gap.block.cell}")
            for recogniser in recognisers:
                arm_ids = [arm_id for arm_id in recogniser.arm_ids if arm_id in gap.parts]
                if not arm_ids:
                    continue
                for heard in recogniser.recognise(gap.block, clips, arm_ids, partial(progress.advance, task)):
                    write_part(store, gap, heard.arm_id, _rows(gap.block, heard))


def _rows(block: Block, heard: Recognised) -> list[dict[str, Any]]:
    pairs = zip(heard.clips, heard.transcripts, strict=True)
    return [_row(block, clip, transcript or NOTHING_HEARD) for clip, transcript in pairs]


def _row(block: Block, clip: Clip, transcript: Transcript) -> dict[str, Any]:
    return {
        "language": block.language,
        "condition": block.condition.name,
        **clip.row(),
        "hypothesis": transcript.text,
        "tokens": transcript.tokens,
        "finish": transcript.finish,
        "nll": transcript.nll,
        "nll_tokens": transcript.nll_tokens,
    }
