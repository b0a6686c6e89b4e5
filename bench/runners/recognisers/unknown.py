"""Settings of decodes that transformers does not make."""

from typing import Any

from bench.audio import decoder, resampler
from bench.runners.blocks import RECIPE
from bench.suite import DecodeSpec

UNKNOWN = (
    *("device", "dtype", "batch", "max_new_tokens", "beams", "temperature", "attention"),
    *("kv", "prompt_tokens", "torch", "transformers"),
)


def foreign_settings(decode: DecodeSpec, runner: str) -> dict[str, Any]:
    """What holds of every such arm, the rest unknown. No runner but transformers gives likelihoods."""
    known = {"runner": runner, "long_clips": decode.long_clips, "task": "transcribe", "recipe": RECIPE, "nll": False}
    return dict.fromkeys(UNKNOWN) | known


def heard_through() -> dict[str, str]:
    """What the clips' bytes became samples by."""
    return {"audio": decoder(), "resampler": resampler()}
