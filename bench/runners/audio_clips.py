"""Chosen clips as the arms heard them, encoded for people to play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from bench.audio import SAMPLE_RATE, Audio, to_mp3
from bench.audio_clip import AudioClip
from bench.errors import BenchError
from bench.progress import progress_bar
from bench.runners.blocks import Block
from bench.runners.clips import Clip, hash_int16, read_ahead
from bench.runners.conditions import Conditions, conditions_of
from bench.store import Store
from bench.suite import Suite

MISFITS = 20
"""Clips that no longer fit, after which no other is tried."""


def encode_clips(
    suite: Suite, store: Store, wanted: Sequence[tuple[str, str, str]], most_bytes: int, console: Console
) -> list[AudioClip]:
    """Encodes clips as MP3, wanted by language, condition and id, in that order until `most_bytes` are full.

    Raises BenchError where the corpus no longer holds what was decoded: the audio is made again from it and held
    against the hash in the decodes.
    """
    conditions = conditions_of(suite)
    cells = {(language, condition) for language, condition, _ in wanted}
    conditions.prepare({known for known in suite.conditions if known.name in {name for _, name in cells}}, console)
    decoded: dict[tuple[str, str], dict[str, tuple[float, str]]] = {}
    encoded: list[AudioClip] = []
    full = misfits = 0
    with progress_bar(console, "clips") as progress:
        task = progress.add_task("making audible", total=len(wanted))
        for (language, condition, name), clip in zip(wanted, _clips(suite, conditions, wanted), strict=True):
            if (language, condition) not in decoded:
                decoded[language, condition] = _decoded(suite, store, language, condition)
            content = to_mp3(_as_heard(clip, *decoded[language, condition][name]))
            progress.advance(task)
            if full + len(content) > most_bytes:
                misfits += 1
                if misfits == MISFITS:
                    break
                continue
            full += len(content)
            encoded.append(AudioClip(language, condition, name, content))
    return encoded


def _decoded(suite: Suite, store: Store, language: str, condition: str) -> dict[str, tuple[float, str]]:
    """Seconds and hash of each clip's audio, by utterance id; the same for all arms."""
    decodes = store.read_cell(store.read_manifest().arms[suite.arms[0].id], f"{language}/{condition}")
    columns = (decodes[name] for name in ("utterance_id", "audio_seconds", "audio_hash"))
    return {name: (seconds, audio_hash) for name, seconds, audio_hash in zip(*columns, strict=True)}


def _clips(suite: Suite, conditions: Conditions, wanted: Sequence[tuple[str, str, str]]) -> Iterator[Clip]:
    named = {condition.name: condition for condition in suite.conditions}
    corpus = conditions.corpus
    known = {
        (utterance.language, utterance.id): utterance
        for utterances in corpus.utterances.values()
        for utterance in utterances
    }
    blocks = []
    for language, condition, name in wanted:
        if (language, name) not in known:
            raise BenchError(f"{language} clip {name}: {corpus.name} no longer has it; run `bench run` again")
        blocks.append(Block(language, named[condition], (known[language, name],)))
    return (clip for (clip,) in read_ahead(blocks, conditions))


def _as_heard(clip: Clip, seconds: float, audio_hash: str) -> Audio:
    """Cut where it was cut for decoding."""
    audio = None if clip.audio is None else clip.audio[: round(seconds * SAMPLE_RATE)]
    if audio is None or hash_int16(audio) != audio_hash:
        raise BenchError(
            f"{clip.utterance.language} clip {clip.utterance.id}: its audio is no longer what was decoded; run "
            "`bench run` again"
        )
    return audio
