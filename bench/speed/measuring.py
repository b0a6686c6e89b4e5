"""Every way on every portion of a suite's clips, one after the other, so that a busy machine is busy for all alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from itertools import islice

import torch

from bench.arms import Arm, find_arm, load_arm
from bench.audio import SAMPLE_RATE, Audio, UnreadableAudioError
from bench.corpora import Utterance, load_corpus, read_utterance
from bench.errors import BenchError
from bench.features import window_samples
from bench.runners.blocks import gpu_name
from bench.runners.choosing import fits_here
from bench.runners.search import Searcher
from bench.speed.record import BENCH, GENERATE, PIPELINE, Portion, SpeedRecord
from bench.speed.ways import Clock, decode_alone, decode_together, make_pipeline
from bench.suite import TRANSFORMERS, Suite
from bench.version import __version__

PORTIONS = 8
"""Batches that are measured: medians are over them."""


def measure_speed(suite: Suite, done: Callable[[int, int], None]) -> SpeedRecord:
    """The arms that transformers runs by one set of settings, on the first clips, clean: up to `PORTIONS` batches.

    `done` is told how many batches are measured, and of how many. Raises BenchError where arms do not share an encoder.
    """
    searchers = _load(suite)
    arms = [searcher.arm for searcher in searchers]
    batches = list(islice(_batches(suite, arms[0]), PORTIONS))
    if not batches:
        raise BenchError(f"suite {suite.name}: no clip fits the window, so nothing can be timed; take shorter clips")
    pipelines = {arm.source.spec.id: make_pipeline(arm) for arm in arms if arm.source.spec.kv is None}
    gpu = arms[0].model.device.type == "cuda"
    equal = {GENERATE: Counter[str](), PIPELINE: Counter[str]()}
    portions: list[Portion] = []
    for language, clips in batches:
        clocks = {way: Clock(gpu) for way in (BENCH, GENERATE, PIPELINE)}
        texts = decode_together(searchers, clips, language, clocks[BENCH])
        for arm in arms:
            name = arm.source.spec.id
            said = {GENERATE: clocks[GENERATE].time(name, partial(decode_alone, arm, clips, language))}
            if name in pipelines:
                said[PIPELINE] = clocks[PIPELINE].time(name, partial(pipelines[name], clips, language))
            else:  # which makes no such cache: counted as if it were the first arm's
                clocks[PIPELINE].seconds[name] = clocks[PIPELINE].seconds[arms[0].source.spec.id]
            for way, heard in said.items():
                equal[way][name] += sum(one == other for one, other in zip(heard, texts[name], strict=True))
        seconds = sum(map(len, clips)) / SAMPLE_RATE
        portions.append(Portion(len(clips), seconds, {way: clock.seconds for way, clock in clocks.items()}))
        done(len(portions), len(batches))
    return SpeedRecord(
        suite=suite.name,
        arms=tuple(arm.source.spec.id for arm in arms),
        device=gpu_name() if gpu else "cpu",
        threads=torch.get_num_threads(),
        batch=suite.decode.batch,
        versions={"bench": __version__, "torch": version("torch"), "transformers": version("transformers")},
        portions=tuple(portions),
        equal={way: dict(counts) for way, counts in equal.items()},
        searched={searcher.arm.source.spec.id: searcher.batches for searcher in searchers},
        again={searcher.arm.source.spec.id: searcher.again for searcher in searchers},
    )


def _load(suite: Suite) -> list[Searcher]:
    """Those that transformers runs here by the settings of the first: not the noise floor's."""
    specs = [spec for spec in suite.arms if spec.runner == TRANSFORMERS and fits_here(spec)]
    if not specs:
        raise BenchError(f"suite {suite.name}: transformers runs none of its arms, and no others are timed")
    specs = [spec for spec in specs if suite.decode_of(spec) == suite.decode_of(specs[0])]
    sources = [find_arm(spec, suite.files_of(spec)) for spec in specs]
    arms = [load_arm(source, suite.decode_of(source.spec), suite.languages) for source in sources]
    for arm in arms:
        if arm.encoder_key != arms[0].encoder_key:
            raise BenchError(
                f"arm {arm.source.spec.id} has another encoder than {arms[0].source.spec.id}; time arms that share one"
            )
    return [Searcher(arm) for arm in arms]


def _batches(suite: Suite, arm: Arm) -> Iterator[tuple[str, list[Audio]]]:
    """Of clips that can be read and fit the window, language by language, of similar length together as in a run."""
    corpus, size, window = (
        load_corpus(suite.corpus, suite.languages, suite.seed),
        suite.decode.batch,
        window_samples(arm.extractor),
    )
    for language in suite.languages:
        audio = (_read(utterance) for utterance in corpus.utterances[language])
        fitting = [samples for samples in audio if samples is not None and len(samples) <= window]
        by_length = sorted(islice(fitting, PORTIONS * size), key=len)
        for start in range(0, len(by_length), size):
            yield language, by_length[start : start + size]


def _read(utterance: Utterance) -> Audio | None:
    try:
        return read_utterance(utterance)
    except UnreadableAudioError:
        return None
