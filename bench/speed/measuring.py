"""Every way on every portion of a suite's clips, one after the other, so that a busy machine is busy for all alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
from bench.runners.recognisers.faster_whisper_arms import FasterWhisperRecogniser, FasterWhisperRunner
from bench.runners.search import Searcher
from bench.speed.record import BENCH, FASTER, GENERATE, PIPELINE, Portion, SpeedRecord
from bench.speed.ways import Clock, decode_alone, decode_together, make_pipeline, transcribe_all
from bench.suite import TRANSFORMERS, Suite
from bench.version import __version__

Decode = Callable[[Sequence[Audio], str], list[str]]
"""From clips and their language to texts."""
PORTIONS = 8
"""Batches that are measured: medians are over them."""


def measure_speed(suite: Suite, clips: int | None, done: Callable[[int, int], None]) -> SpeedRecord:
    """The arms that transformers runs by one set of settings, on the first `clips`, clean, or on `PORTIONS` batches.

    Beside the first of them, what faster-whisper makes of the same audio, where the suite has such an arm. `done` is
    told how many batches are measured, and of how many. Raises BenchError where arms do not share an encoder.
    """
    searchers = load_searchers(suite)
    arms = [searcher.arm for searcher in searchers]
    most = PORTIONS * suite.decode.batch if clips is None else clips
    batches = list(read_batches(suite, arms[0], most))
    if not batches:
        raise BenchError(f"suite {suite.name}: no clip fits the window, so nothing can be timed; take shorter clips")
    ways = _others(suite, arms)
    gpu = arms[0].model.device.type == "cuda"
    equal = {way: Counter[str]() for way in ways}
    portions: list[Portion] = []
    for language, audio in batches:
        clock = Clock(gpu)
        texts = decode_together(searchers, audio, language, clock)
        seconds = {BENCH: clock.seconds}
        for way, by_arm in ways.items():
            clock = Clock(gpu)
            for name, decode in by_arm.items():
                heard = clock.time(name, partial(decode, audio, language))
                equal[way][name] += sum(one == other for one, other in zip(heard, texts[name], strict=True))
            seconds[way] = clock.seconds
        first = seconds[PIPELINE][arms[0].source.spec.id]  # counted too for 8-bit caches, of which it makes none
        seconds[PIPELINE] = {name: seconds[PIPELINE].get(name, first) for name in seconds[GENERATE]}
        portions.append(Portion(len(audio), sum(map(len, audio)) / SAMPLE_RATE, seconds))
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


def _others(suite: Suite, arms: Sequence[Arm]) -> dict[str, dict[str, Decode]]:
    """By way and arm. The pipeline makes no 8-bit cache; faster-whisper is heard beside the first arm."""
    named = {str(arm.source.spec.id): arm for arm in arms}
    ways: dict[str, dict[str, Decode]] = {
        GENERATE: {name: partial(decode_alone, arm) for name, arm in named.items()},
        PIPELINE: {name: make_pipeline(arm) for name, arm in named.items() if arm.source.spec.kv is None},
    }
    if foreign := load_foreign(suite):
        ways[FASTER] = {next(iter(named)): partial(transcribe_all, foreign[0])}
    return ways


def load_searchers(suite: Suite) -> list[Searcher]:
    """Those that transformers runs here by the settings of the first: not the noise floor's."""
    specs = [spec for spec in suite.arms if spec.runner == TRANSFORMERS and fits_here(spec)]
    if not specs:
        raise BenchError(f"suite {suite.name}: transformers runs none of its arms, and no others are timed")
    specs = [spec for spec in specs if suite.decode_of(spec) == suite.decode_of(specs[0])]
    if specs[0].kv is not None:
        raise BenchError(f"arm {specs[0].id}: the first arm is what others are timed beside; put one without kv first")
    sources = [find_arm(spec, suite.files_of(spec)) for spec in specs]
    arms = [load_arm(source, suite.decode_of(source.spec), suite.languages) for source in sources]
    for arm in arms:
        if arm.encoder_key != arms[0].encoder_key:
            raise BenchError(
                f"arm {arm.source.spec.id} has another encoder than {arms[0].source.spec.id}; time arms that share one"
            )
    return [Searcher(arm) for arm in arms]


def load_foreign(suite: Suite) -> list[FasterWhisperRecogniser]:
    """The suite's arms that faster-whisper runs, without what would only be said of them."""
    runner = FasterWhisperRunner()
    return runner.load(suite, [runner.find(suite, spec) for spec in suite.arms if spec.runner == FASTER])


def read_batches(suite: Suite, arm: Arm, most: int) -> Iterator[tuple[str, list[Audio]]]:
    """Of the first clips that can be read and fit the window, language by language.

    Those of similar length are together, as in a run.
    """
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed)
    size, window = suite.decode.batch, window_samples(arm.extractor)
    for language in suite.languages:
        audio = (_read(utterance) for utterance in corpus.utterances[language])
        fitting = [samples for samples in audio if samples is not None and len(samples) <= window]
        by_length = sorted(islice(fitting, most), key=len)
        most -= len(by_length)
        for start in range(0, len(by_length), size):
            yield language, by_length[start : start + size]


def _read(utterance: Utterance) -> Audio | None:
    try:
        return read_utterance(utterance)
    except UnreadableAudioError:
        return None
