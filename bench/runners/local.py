"""The local engine: one process decodes every missing part, cell by cell, all arms of a block together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from torch import Tensor

from bench import __version__
from bench.arms import Arm, ArmSource, find_arm, load_arm, require_device
from bench.corpora import load_corpus
from bench.errors import BenchError
from bench.features import log_mel, window_samples
from bench.runners.blocks import Block, block_key, blocks_of, decode_settings
from bench.runners.clips import Clip, batches, read_clips
from bench.runners.greedy import Hypothesis, decode, encode
from bench.store import Store
from bench.suite import Suite


@dataclass(frozen=True)
class RunSummary:
    """Decodes made by this run and decodes found on disk, in clips summed over arms; and whether no cell is missing."""

    decoded: int
    found: int
    whole: bool


def run_suite(suite: Suite, store: Store, arm_names: Sequence[str], console: Console) -> RunSummary:
    """Decodes what is missing for the named arms (all if none is named) and writes the manifest."""
    require_device(suite.decode.device)
    sources = [find_arm(spec) for spec in suite.arms if not arm_names or spec.name in arm_names]
    if unknown := set(arm_names) - {source.spec.name for source in sources}:
        raise BenchError(f"--arm {sorted(unknown)[0]}: the suite's arms are {', '.join(arm.id for arm in suite.arms)}")
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed)
    blocks = list(blocks_of(suite, corpus))
    settings = decode_settings(suite.decode)
    keys = {(s.spec.id, i): block_key(b, s, settings, suite.seed) for s in sources for i, b in enumerate(blocks)}
    missing = {i: [s for s in sources if not store.has_part(keys[s.spec.id, i])] for i in range(len(blocks))}
    decoded = sum(len(blocks[i].utterances) * len(arms) for i, arms in missing.items())
    if decoded:
        _decode_missing(suite, store, blocks, missing, keys, console)
    arms = _manifest_arms(sources, settings, blocks, keys)
    whole = _write_manifest(suite, store, corpus.name, arms)
    return RunSummary(decoded, sum(len(block.utterances) for block in blocks) * len(sources) - decoded, whole)


def _decode_missing(
    suite: Suite,
    store: Store,
    blocks: Sequence[Block],
    missing: Mapping[int, Sequence[ArmSource]],
    keys: Mapping[tuple[str, int], str],
    console: Console,
) -> None:
    needed = {source.spec.id: source for sources in missing.values() for source in sources}
    console.print(f"loading {len(needed)} arms: {', '.join(needed)}")
    arms = {arm_id: load_arm(source, suite.decode, suite.languages) for arm_id, source in needed.items()}
    for group in _by_encoder(list(arms.values())):
        if len(group) > 1:
            names = ", ".join(arm.source.spec.id for arm in group)
            console.print(
                f"{names} have identical encoders ({group[0].encoder_key[:8]}) and share one pass", soft_wrap=True
            )
    with _progress(console) as progress:
        total = sum(len(blocks[i].utterances) * len(sources) for i, sources in missing.items())
        task = progress.add_task("decoding", total=total)
        for i, sources in missing.items():
            if not sources:
                continue
            progress.update(task, description=f"decoding {blocks[i].cell}")
            for group in _by_encoder([arms[source.spec.id] for source in sources]):
                _decode_block(
                    suite, store, blocks[i], group, {a.source.spec.id: keys[a.source.spec.id, i] for a in group}
                )
                progress.advance(task, len(blocks[i].utterances) * len(group))


class _Speed(ProgressColumn):
    """Clips a second since the start, summed over arms."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed / task.elapsed:.0f} clips/s" if task.elapsed else "")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def _by_encoder(arms: list[Arm]) -> list[list[Arm]]:
    """Arms whose encoders are shown identical, together: they share one encoder pass."""
    groups: dict[str, list[Arm]] = {}
    for arm in arms:
        groups.setdefault(arm.encoder_key, []).append(arm)
    return list(groups.values())


def _decode_block(suite: Suite, store: Store, block: Block, arms: list[Arm], keys: Mapping[str, str]) -> None:
    """Writes one part an arm; the arms share features and encoder states and see the same batches."""
    clips = read_clips(block, window_samples(arms[0].extractor), suite.decode.long_clips)
    hypotheses: dict[str, dict[int, Hypothesis]] = {arm.source.spec.id: {} for arm in arms}
    for batch in batches(clips, suite.decode):
        states = _encode_batch(arms[0], [clips[i] for i in batch])
        for arm in arms:
            decoded = decode(arm, states, block.language, suite.decode.max_new_tokens)
            hypotheses[arm.source.spec.id].update(zip(batch, decoded, strict=True))
    for arm in arms:
        arm_id = arm.source.spec.id
        rows = [_row(arm, block, clip, hypotheses[arm_id].get(i)) for i, clip in enumerate(clips)]
        store.write_part(keys[arm_id], rows)


def _encode_batch(arm: Arm, clips: list[Clip]) -> Tensor:
    audio = [clip.audio for clip in clips if clip.audio is not None]
    return encode(arm, log_mel(arm.extractor, audio, arm.model.device))


def _row(arm: Arm, block: Block, clip: Clip, hypothesis: Hypothesis | None) -> dict[str, Any]:
    return {
        "arm": arm.source.spec.name,
        "seed": arm.source.spec.seed,
        "language": block.language,
        "condition": block.condition.name,
        **clip.row(),
        "hypothesis": hypothesis.text if hypothesis else "",
        "tokens": hypothesis.tokens if hypothesis else 0,
        "finish": hypothesis.finish if hypothesis else None,
    }


def _manifest_arms(
    sources: Sequence[ArmSource], settings: dict[str, Any], blocks: Sequence[Block], keys: Mapping[tuple[str, int], str]
) -> dict[str, Any]:
    """What the manifest says of each arm: model, fingerprint, settings, and the parts of each cell in order."""
    arms: dict[str, Any] = {}
    for source in sources:
        parts: dict[str, list[str]] = {}
        for i, block in enumerate(blocks):
            parts.setdefault(block.cell, []).append(keys[source.spec.id, i])
        arms[source.spec.id] = {"fingerprint": source.fingerprint, "settings": settings, "parts": parts}
    return arms


def _write_manifest(suite: Suite, store: Store, corpus_name: str, arms: dict[str, Any]) -> bool:
    """Keeps what earlier runs of other arms recorded; True if every arm of the suite is now there."""
    earlier = store.read_manifest()["arms"] if store.manifest_path.exists() else {}
    ids = [arm.id for arm in suite.arms]
    merged = {arm_id: arms.get(arm_id) or earlier[arm_id] for arm_id in ids if arm_id in arms or arm_id in earlier}
    measured = suite.what_is_decoded()
    store.write_manifest({"bench": __version__, "corpus": corpus_name, "suite": measured, "arms": merged})
    return set(merged) == set(ids)
