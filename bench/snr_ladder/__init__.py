"""What is done to the audio before it is decoded: so far nothing, under the name `clean`."""

from collections.abc import Callable

from bench.audio import Audio
from bench.suite import ConditionSpec

Condition = Callable[[Audio], Audio]
"""A pure function of one clip's 16 kHz samples."""


def make_condition(spec: ConditionSpec) -> Condition:
    """The function that a condition's description stands for."""
    return {"clean": _clean}[spec.name]


def _clean(audio: Audio) -> Audio:
    return audio
