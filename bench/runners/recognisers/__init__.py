"""What turns a block's clips into hypotheses: transformers, faster-whisper, or a program of the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.manifest import DecodeSettings
from bench.runners.recognisers.command_arms import CommandRunner
from bench.runners.recognisers.faster_whisper_arms import FasterWhisperRunner
from bench.runners.recognisers.protocol import Recognised, Recogniser, Runner, Source, Transcript
from bench.runners.recognisers.transformers_arms import TransformersRunner
from bench.suite import TRANSFORMERS, ArmSpec, Suite

__all__ = [
    "RUNNERS",
    "Recognised",
    "Recogniser",
    "Source",
    "Transcript",
    "asked_settings",
    "describe_arm",
    "find_source",
    "load_recognisers",
    "settings_of",
    "shortest_window",
    "window_of",
]


def find_source(suite: Suite, spec: ArmSpec) -> Source:
    """Raises BenchError saying what of an arm is not here, and how to get it."""
    source: Source = RUNNERS[spec.runner].find(suite, spec)
    return source


def asked_settings(suite: Suite, spec: ArmSpec) -> dict[str, Any]:
    """Those of its decodes that are the suite's and this program's, wherever it is decoded."""
    return RUNNERS[spec.runner].asked(suite.decode_of(spec), spec)


def settings_of(suite: Suite, source: Source) -> DecodeSettings:
    """All of them, as this environment decodes."""
    return RUNNERS[source.spec.runner].settings(suite.decode_of(source.spec), source)


def load_recognisers(suite: Suite, sources: Sequence[Source]) -> list[Recogniser]:
    """Of one runner after the other. Raises BenchError where an arm cannot do what the suite asks."""
    loaded: list[Recogniser] = []
    for name, runner in RUNNERS.items():
        if chosen := [source for source in sources if source.spec.runner == name]:
            loaded += runner.load(suite, chosen)
    return loaded


def describe_arm(suite: Suite, spec: ArmSpec) -> str:
    """Loads it as far as can be without a clip, and says what it is. Raises BenchError where a run would."""
    return RUNNERS[spec.runner].describe(suite, find_source(suite, spec))


def window_of(source: Source) -> int | None:
    """The most samples that it takes in at once; None where there is no limit."""
    return RUNNERS[source.spec.runner].window(source)


def shortest_window(suite: Suite) -> int | None:
    """Of the suite's models, in samples; None where programs alone decode it.

    Raises BenchError where a model is not here.
    """
    models = {spec.model: spec for arm in suite.arms if (spec := suite.files_of(arm)).runner != "command"}
    windows = [window_of(find_source(suite, spec)) for spec in models.values()]
    return min((window for window in windows if window is not None), default=None)


RUNNERS: Mapping[str, Runner[Any]] = {
    TRANSFORMERS: TransformersRunner(),
    "faster-whisper": FasterWhisperRunner(),
    "command": CommandRunner(shortest_window),
}
"""By the name that an arm calls each."""
