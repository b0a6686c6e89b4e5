"""Calibration clips encoded, and paired with what the decoder is taught."""

from collections.abc import Callable, Iterator, Sequence

from bench.arms import Arm
from bench.corpora import Utterance
from bench.features import log_mel, window_samples
from bench.mla.moments import Taught
from bench.runners.blocks import Block
from bench.runners.clips import read_ahead
from bench.runners.conditions import CLEAN_ONLY
from bench.runners.greedy import encode
from bench.runners.likelihood import teach
from bench.suite import CLEAN_CONDITION

TOGETHER = 8
"""Clips encoded at once."""


def encode_clips(arm: Arm, utterances: Sequence[Utterance], advance: Callable[[int], None]) -> Iterator[Taught]:
    """One clip a batch, so that nothing is padded. Clips that cannot be read or exceed the window are passed over."""
    window = window_samples(arm.extractor)
    for block, clips in zip(_blocks(utterances), read_ahead(_blocks(utterances), CLEAN_ONLY), strict=True):
        usable = [(clip.audio, clip.utterance) for clip in clips if clip.audio is not None and clip.fits(window)]
        if usable:
            states = encode(arm, log_mel(arm.extractor, [audio for audio, _ in usable], arm.model.device))
            for row, (_, utterance) in zip(states.split(1), usable, strict=True):
                inputs, _ = teach(arm, [utterance.reference], block.language)
                yield Taught(row.clone(), inputs.to(row.device), block.language)
        advance(len(clips))


def _blocks(utterances: Sequence[Utterance]) -> Iterator[Block]:
    by_language: dict[str, list[Utterance]] = {}
    for utterance in utterances:
        by_language.setdefault(utterance.language, []).append(utterance)
    for language, of_language in by_language.items():
        for start in range(0, len(of_language), TOGETHER):
            yield Block(language, CLEAN_CONDITION, tuple(of_language[start : start + TOGETHER]))
