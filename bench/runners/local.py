"""The local engine: one process decodes every missing part, cell by cell, all arms of a block together."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import Console
from torch import Tensor

from bench.arms import Arm, load_arm, require_device
from bench.features import log_mel, window_samples
from bench.progress import progress_bar
from bench.runners.blocks import Block
from bench.runners.clips import Clip, batches, fit_window, read_ahead
from bench.runners.conditions import Conditions
from bench.runners.fitting import require_fitting
from bench.runners.gaps import Gap, write_part
from bench.runners.greedy import Hypothesis, decode, decode_long, encode
from bench.runners.likelihood import Likelihood, score_references
from bench.runners.recording import record_work, require_same_commits
from bench.runners.work import plan_work
from bench.store import Store
from bench.suite import Suite


@dataclass(frozen=True)
class RunSummary:
    """Decodes made by this run and found on disk, in clips summed over its arms; and the arms still to be decoded.

    Those that several arms share count once.
    """

    decoded: int
    found: int
    missing: tuple[str, ...]


def run_suite(suite: Suite, store: Store, arm_names: Sequence[str], console: Console) -> RunSummary:
    """Decodes what is missing for the named arms (all if none is named) and writes the manifest."""
    require_device(suite.decode.device)
    work = plan_work(suite, arm_names)
    require_same_commits(store, work)
    for note in work.conditions.corpus.notes:
        console.print(f"caution: {note}", soft_wrap=True, markup=False, highlight=False)
    gaps = work.missing(store)
    missing = [gap for gap in gaps if gap.lacking]
    decoded = sum(gap.decodes for gap in missing)
    started = time.monotonic()
    if decoded:
        needed = {arm_id for gap in missing for arm_id in gap.parts}
        sources = [arm.source for arm in work.arms if arm.source.spec.id in needed]
        require_fitting(suite.decode, work.corpus, sources)
        arms = [load_arm(source, suite.decode_of(source.spec), suite.languages) for source in sources]
        _announce(arms, console)
        work.conditions.prepare({gap.block.condition for gap in missing}, console)
        _decode_missing(store, arms, missing, work.conditions, console)
        store.write_speed(decoded, time.monotonic() - started)
    for gap in gaps:
        if not gap.lacking:
            for arm_id in gap.parts:
                write_part(store, gap, arm_id, [])
    keys = {part.name.key for gap in gaps for part in gap.parts.values()}
    return RunSummary(decoded, work.decodes - decoded, record_work(store, work, keys))


def _announce(arms: Sequence[Arm], console: Console) -> None:
    for group in _by_encoder(arms):
        if len(group) > 1:
            names = ", ".join(arm.source.spec.id for arm in group)
            key = group[0].encoder_key[:8]
            console.print(f"{names} have identical encoders ({key}) and share one pass", soft_wrap=True)


def _decode_missing(
    store: Store,
    arms: Sequence[Arm],
    gaps: Sequence[Gap],
    conditions: Conditions,
    console: Console,
) -> None:
    with progress_bar(console, "clips") as progress:
        task = progress.add_task("", total=sum(gap.decodes for gap in gaps))
        read = read_ahead((gap.block for gap in gaps), conditions)
        for gap, clips in zip(gaps, read, strict=True):
            progress.update(task, description=f"decoding {gap.block.cell}")
            for group in _by_encoder([arm for arm in arms if arm.source.spec.id in gap.parts]):
                _decode_gap(store, gap, clips, group, partial(progress.advance, task))


def _by_encoder(arms: Sequence[Arm]) -> list[list[Arm]]:
    """Arms whose encoders are shown identical, and that take as many clips at once, together: they share one encoder
    pass.
    """
    groups: dict[tuple[str, int], list[Arm]] = {}
    for arm in arms:
        groups.setdefault((arm.encoder_key, arm.settings.batch), []).append(arm)
    return list(groups.values())


def _decode_gap(
    store: Store,
    gap: Gap,
    clips: Sequence[Clip],
    arms: Sequence[Arm],
    advance: Callable[[float], None],
) -> None:
    """Writes one part an arm; the arms share features and encoder states and see the same batches."""
    block = gap.block
    settings, window = arms[0].settings, window_samples(arms[0].extractor)
    clips = fit_window(clips, window, settings.long_clips)
    hypotheses: dict[str, dict[int, Hypothesis]] = {arm.source.spec.id: {} for arm in arms}
    likelihoods: dict[str, dict[int, Likelihood]] = {arm.source.spec.id: {} for arm in arms}
    for batch in batches(clips, window, settings.batch):
        states = _encode_batch(arms[0], [clips[i] for i in batch])
        for arm in arms:
            decoded = decode(arm, states, block.language, settings.max_new_tokens)
            hypotheses[arm.source.spec.id].update(zip(batch, decoded, strict=True))
            if settings.nll:
                references = [clips[i].utterance.reference for i in batch]
                scored = score_references(arm, states, references, block.language)
                likelihoods[arm.source.spec.id].update(zip(batch, scored, strict=True))
            advance(len(batch))
    for i, clip in enumerate(clips):
        if clip.audio is not None and not clip.fits(window):
            for arm in arms:
                hypotheses[arm.source.spec.id][i] = decode_long(
                    arm, clip.audio, block.language, settings.max_new_tokens
                )
                advance(1)
    advance(len(arms) * sum(clip.audio is None for clip in clips))
    for arm in arms:
        arm_id = arm.source.spec.id
        rows = [
            _row(block, clip, hypotheses[arm_id].get(i), likelihoods[arm_id].get(i)) for i, clip in enumerate(clips)
        ]
        write_part(store, gap, arm_id, rows)


def _encode_batch(arm: Arm, clips: Sequence[Clip]) -> Tensor:
    audio = [clip.audio for clip in clips if clip.audio is not None]
    return encode(arm, log_mel(arm.extractor, audio, arm.model.device))


def _row(block: Block, clip: Clip, hypothesis: Hypothesis | None, likelihood: Likelihood | None) -> dict[str, Any]:
    return {
        "language": block.language,
        "condition": block.condition.name,
        **clip.row(),
        "hypothesis": hypothesis.text if hypothesis else "",
        "tokens": hypothesis.tokens if hypothesis else 0,
        "finish": hypothesis.finish if hypothesis else None,
        "nll": likelihood.nll if likelihood else None,
        "nll_tokens": likelihood.tokens if likelihood else None,
    }
