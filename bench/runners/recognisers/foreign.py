"""What recognisers have in common that transformers does not run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.audio import decoder, resampler
from bench.calibrated_languages import CalibratedLanguages
from bench.conversion_record import ConversionRecord
from bench.runners.blocks import RECIPE
from bench.runners.spending import Measured
from bench.suite import ArmSpec, DecodeSpec

UNKNOWN = (
    *("device", "dtype", "batch", "max_new_tokens", "beams", "temperature", "attention"),
    *("kv", "prompt_tokens", "torch", "transformers"),
)


@dataclass(frozen=True)
class ForeignSource:
    """One that is on this machine, with nothing of the hub; what it holds, and how it was made, is not known."""

    spec: ArmSpec
    fingerprint: str

    @property
    def files(self) -> ArmSpec:
        return self.spec

    @property
    def commit(self) -> str | None:
        return None

    def parameters(self) -> int | None:
        return None

    def calibration(self) -> CalibratedLanguages | None:
        return None

    def conversion(self) -> ConversionRecord | None:
        return None


class OneArm:
    """Of a recogniser that serves one arm and has nothing to say, before it begins or of its time."""

    source: ForeignSource

    @property
    def arm_ids(self) -> tuple[str, ...]:
        return (self.source.spec.id,)

    def notes(self) -> Iterator[str]:
        return iter(())

    def measured(self) -> Measured:
        return Measured()


def foreign_settings(decode: DecodeSpec, runner: str) -> dict[str, Any]:
    """What holds of every such arm, the rest unknown. No runner but transformers gives likelihoods."""
    known = {"runner": runner, "long_clips": decode.long_clips, "task": "transcribe", "recipe": RECIPE, "nll": False}
    return dict.fromkeys(UNKNOWN) | known


def heard_through() -> dict[str, str]:
    """What the clips' bytes became samples by."""
    return {"audio": decoder(), "resampler": resampler()}
