"""The noise floor: a control's own weights under another setting, which by arithmetic alone change some transcripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.suite.arms import ArmSpec
from bench.suite.recognisers import TRANSFORMERS
from bench.suite.sections import DecodeSpec

MAKES_A_MODEL = ("runner", "model", "command", "revision", "processor", "kv", "compute_type")
"""Arms that are alike in all of these have the same weights and the same cache."""


def is_same_model(arm: ArmSpec, other: ArmSpec) -> bool:
    """Whether two arms differ in nothing but how they are decoded. A program's weights are its own affair."""
    made_of = [tuple(getattr(each, key) for key in MAKES_A_MODEL) for each in (arm, other)]
    return arm.runner == TRANSFORMERS and made_of[0] == made_of[1]


def floor_arms(arms: Sequence[ArmSpec], decode: DecodeSpec) -> Iterator[ArmSpec]:
    """For every control that transformers runs: its weights by another attention, in half the batch, in another dtype.

    Left out where the suite itself holds the control against that already.
    """
    for control in arms:
        if control.control is not None or control.runner != TRANSFORMERS:
            continue
        for name, setting in _others(decode.model_copy(update=control.settings)).items():
            arm = control.model_copy(
                update={"name": f"{control.name}-{name}", "control": control.name, "start": None, "family": None}
                | setting
            )
            if not any(_is_alike(arm, other, decode) for other in arms):
                yield arm


def _others(own: DecodeSpec) -> dict[str, dict[str, str | int]]:
    """One setting each that differs from its own, by what an arm of it is called."""
    attention = "eager" if own.attention == "sdpa" else "sdpa"
    dtype = "float32" if own.dtype == "bfloat16" else "bfloat16"
    batch = own.batch // 2 or 2
    return {attention: {"attention": attention}, f"batch-{batch}": {"batch": batch}, dtype: {"dtype": dtype}}


def _is_alike(arm: ArmSpec, other: ArmSpec, decode: DecodeSpec) -> bool:
    held = (arm.control, arm.seed, decode.model_copy(update=arm.settings))
    return is_same_model(arm, other) and held == (
        other.control,
        other.seed,
        decode.model_copy(update=other.settings),
    )
