"""Synthetic speakers: espeak-ng voice variants at a pitch and a speaking rate."""

import io
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from bench.errors import BenchError

SAMPLE_RATE = 16_000
TEST_VARIANTS = 40
WHISPERED = frozenset({"whisper", "whisperf"})
"""Unvoiced throughout, so without the tones that Thai and Chinese words differ in: heard in training, not tested on."""


@dataclass(frozen=True)
class Speaker:
    """A voice: espeak-ng variant, pitch (0-99) and rate (words a minute)."""

    variant: str
    pitch: int
    rate: int

    @property
    def name(self) -> str:
        return f"{self.variant.replace(' ', '_')}-p{self.pitch}-r{self.rate}"


def require_espeak() -> None:
    """Raises BenchError in one line when the synthesiser is missing."""
    if shutil.which("espeak-ng") is None:
        raise BenchError("espeak-ng not found: the demo's speech is made with it (Debian: apt install espeak-ng)")


def list_variants() -> list[str]:
    """The names of the installed voice variants, sorted."""
    listing = subprocess.run(["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True).stdout
    files = (line.split("!v/", 1)[1].strip() for line in listing.splitlines() if "!v/" in line)
    return sorted(set(files))


def split_variants(variants: list[str], rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """(training, test): the test speakers share no variant with the training speakers."""
    voiced = [name for name in variants if name not in WHISPERED]
    test = {voiced[i] for i in rng.permutation(len(voiced))[:TEST_VARIANTS]}
    return [name for name in variants if name not in test], sorted(test)


def draw_speaker(variant: str, rng: np.random.Generator) -> Speaker:
    return Speaker(variant, pitch=int(rng.integers(20, 81)), rate=int(rng.integers(150, 231)))


def synthesise(text: str, voice: str, speaker: Speaker) -> npt.NDArray[np.float32]:
    """The sentence as 16 kHz mono float32, peak at 0.5."""
    command = ["espeak-ng", "-v", f"{voice}+{speaker.variant}", "-p", str(speaker.pitch), "-s", str(speaker.rate)]
    wav = subprocess.run([*command, "--stdout", text], capture_output=True, check=True).stdout
    audio, rate = soundfile.read(io.BytesIO(wav), dtype="float32")
    resampled = soxr.resample(audio, rate, SAMPLE_RATE)
    return np.asarray(0.5 * resampled / max(float(np.abs(resampled).max()), 1e-6), dtype=np.float32)
