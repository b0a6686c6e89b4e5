"""Arms that transformers decodes, from encoder states that they share where their encoders are shown identical."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from bench.arms import Arm, ArmSource, find_arm, load_arm, read_window, require_device
from bench.features import log_mel, window_samples
from bench.manifest import DecodeSettings
from bench.runners.blocks import Block, decode_settings, fixed_settings
from bench.runners.choosing import fits_here
from bench.runners.clips import Clip, batches, fit_window
from bench.runners.greedy import Hypothesis, decode_long, encode, read_tokens, try_decoding
from bench.runners.heard import Heard
from bench.runners.likelihood import Likelihood, score_references
from bench.runners.recognisers.protocol import Advance, Recognised, Recogniser, Transcript
from bench.runners.search import Crosses, Searcher
from bench.runners.spending import Measured, Spending
from bench.runners.threads import made_ahead, share_processors
from bench.suite import ArmSpec, DecodeSpec, Suite


@dataclass(frozen=True, eq=False)
class TransformersRecogniser:
    """All such arms of a run: what one says of a clip drafts what the next says of it, and its own next condition.

    `threads`: those that a step has at most.
    """

    searchers: tuple[Searcher, ...]
    threads: int
    _heard: Heard = field(default_factory=Heard)
    _spent: Spending = field(default_factory=Spending)

    @property
    def arm_ids(self) -> tuple[str, ...]:
        return tuple(searcher.arm.source.spec.id for searcher in self.searchers)

    def notes(self) -> Iterator[str]:
        for group in _by_encoder(self.searchers):
            if len(group) > 1:
                names = ", ".join(searcher.arm.source.spec.id for searcher in group)
                yield f"{names} have identical encoders ({group[0].arm.encoder_key[:8]}) and share one pass"

    def measured(self) -> Measured:
        named = {str(searcher.arm.source.spec.id): searcher for searcher in self.searchers}
        searched = {name: searcher.batches for name, searcher in named.items()}
        again = {name: searcher.again for name, searcher in named.items()}
        return Measured(self._spent.seconds, searched, again)

    def recognise(
        self, block: Block, clips: Sequence[Clip], arm_ids: Sequence[str], advance: Advance
    ) -> Iterator[Recognised]:
        self._heard.begin(block)
        for group in _by_encoder([each for each in self.searchers if each.arm.source.spec.id in arm_ids]):
            yield from self._recognise_group(block, clips, group, advance)

    def _recognise_group(
        self, block: Block, clips: Sequence[Clip], group: Sequence[Searcher], advance: Advance
    ) -> list[Recognised]:
        """The arms share features and encoder states and see the same batches."""
        arms = [searcher.arm for searcher in group]
        settings, window = arms[0].settings, window_samples(arms[0].extractor)
        clips = fit_window(clips, window, settings.long_clips)
        transcripts: dict[str, dict[int, Transcript]] = {arm.source.spec.id: {} for arm in arms}
        cut = batches(clips, window, settings.batch)
        encoded = self._encode_batches(arms[0], [[clips[i] for i in batch] for batch in cut])
        for batch, states in zip(cut, encoded, strict=True):
            share_processors(self.threads)
            crosses = Crosses(arms)
            for searcher in group:
                decoded = self._decode_batch(searcher, states, [clips[i] for i in batch], block.language, crosses)
                transcripts[searcher.arm.source.spec.id].update(zip(batch, decoded, strict=True))
                advance(len(batch))
        for i, clip in enumerate(clips):
            if clip.audio is not None and not clip.fits(window):
                for arm in arms:
                    hypothesis = decode_long(arm, clip.audio, block.language, settings.max_new_tokens)
                    transcripts[arm.source.spec.id][i] = _transcript(hypothesis, None)
                    advance(1)
        advance(len(arms) * sum(clip.audio is None for clip in clips))
        return [
            Recognised(arm_id, clips, [said.get(i) for i in range(len(clips))]) for arm_id, said in transcripts.items()
        ]

    def _encode_batches(self, arm: Arm, cut: Sequence[Sequence[Clip]]) -> Iterator[Tensor]:
        """Encoder states of each batch. Log-mel is made ahead; where a step takes one thread, so are the states."""

        def features(clips: Sequence[Clip]) -> Tensor:
            audio = [clip.audio for clip in clips if clip.audio is not None]
            with self._spent.on("log-mel"):
                return log_mel(arm.extractor, audio, arm.model.device)

        def states(made: Tensor) -> Tensor:
            with self._spent.on("encoder"):
                return encode(arm, made)

        if torch.get_num_threads() == 1 and arm.model.device.type == "cpu":
            yield from made_ahead(lambda clips: states(features(clips)), cut)
        else:
            yield from map(states, made_ahead(features, cut))

    def _decode_batch(
        self, searcher: Searcher, states: Tensor, clips: Sequence[Clip], language: str, crosses: Crosses
    ) -> list[Transcript]:
        """Hypotheses, and the references' likelihoods where they are asked for."""
        arm, budget, cross = searcher.arm, searcher.arm.settings.max_new_tokens, crosses.take(searcher.arm)
        drafts = [self._heard.drafts(arm, clip.utterance.id) for clip in clips]
        with self._spent.on(arm.source.spec.id):
            said = searcher.decode(states, language, budget, drafts, cross)
        with self._spent.on("text"):
            hypotheses = read_tokens(arm, said, budget)
        for clip, hypothesis in zip(clips, hypotheses, strict=True):
            self._heard.add(arm, clip.utterance.id, hypothesis.ids)
        likelihoods: Sequence[Likelihood | None] = [None] * len(clips)
        if arm.settings.nll:
            references = [clip.utterance.reference for clip in clips]
            with self._spent.on("likelihoods"):
                likelihoods = score_references(arm, states, references, language, searcher.new_cache(cross))
        crosses.leave(arm, cross)
        return [_transcript(*pair) for pair in zip(hypotheses, likelihoods, strict=True)]


def _by_encoder(searchers: Sequence[Searcher]) -> list[list[Searcher]]:
    """Arms whose encoders are shown identical, and that take as many clips at once, together: they share one encoder
    pass.
    """
    groups: dict[tuple[str, int], list[Searcher]] = {}
    for searcher in searchers:
        groups.setdefault((searcher.arm.encoder_key, searcher.arm.settings.batch), []).append(searcher)
    return list(groups.values())


def _transcript(hypothesis: Hypothesis, likelihood: Likelihood | None) -> Transcript:
    said = (hypothesis.text, hypothesis.tokens, hypothesis.finish)
    return Transcript(*said) if likelihood is None else Transcript(*said, likelihood.nll, likelihood.tokens)


class TransformersRunner:
    """Stock Whispers and converted ones, from folders, the hub, or built from another arm."""

    def find(self, suite: Suite, spec: ArmSpec) -> ArmSource:
        return find_arm(spec, suite.files_of(spec))

    def window(self, source: ArmSource) -> int | None:
        return read_window(source)

    def asked(self, decode: DecodeSpec, spec: ArmSpec) -> dict[str, Any]:
        return fixed_settings(decode) | {"kv": spec.kv}

    def settings(self, decode: DecodeSpec, source: ArmSource) -> DecodeSettings:
        return decode_settings(decode, source)

    def load(self, suite: Suite, sources: Sequence[ArmSource]) -> list[Recogniser]:
        require_device(suite.decode.device)
        threads = torch.get_num_threads()
        share_processors(threads)
        arms = tuple(load_arm(source, suite.decode_of(source.spec), suite.languages) for source in sources)
        for arm in arms:
            try_decoding(arm, suite.languages[0])
        return [TransformersRecogniser(tuple(Searcher(arm) for arm in arms), threads)]

    def describe(self, suite: Suite, source: ArmSource) -> str:
        """Loads it on the CPU, where this environment has the transformers that it wants."""
        here = fits_here(source.spec)
        if here:
            decode = suite.decode_of(source.spec).model_copy(update={"device": "cpu"})
            try_decoding(load_arm(source, decode, suite.languages), suite.languages[0])
        parameters = source.parameters()
        size = f", {parameters / 1e6:.1f} M parameters" if parameters else ""
        commit = f" at {source.commit}" if source.commit else ""
        return f"{source.spec.model}{commit} {'loads' if here else 'is there'}{size}"
