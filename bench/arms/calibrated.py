"""Where a conversion on calibration clips is kept once it is made."""

from hashlib import blake2b
from pathlib import Path

from bench.corpora import CalibrationClips, choose_clips
from bench.errors import BenchError
from bench.io.files import cache_root
from bench.suite import ArmSpec

RECIPE = 2
"""Rises with any change to how such conversions are made."""
CLIPS = 16
"""Of each language; every fourth is held back."""


def calibration_clips(spec: ArmSpec) -> CalibrationClips:
    """Those that the arm names. Raises BenchError where they cannot be had."""
    try:
        return choose_clips(spec.calibration or "", CLIPS)
    except BenchError as error:
        raise BenchError(f"arm {spec.id}: {error}") from None


def conversion_folder(spec: ArmSpec, original: str) -> Path:
    """Of the arm's conversion from a model of that fingerprint, whether it is there or not.

    Its name is a hash of model, conversion, recipe and clips. Raises BenchError where the clips cannot be had.
    """
    conversion, _ = spec.calibrated or ("", "")
    if conversion.startswith("least") and spec.kv is not None:  # for that cache it was searched
        conversion += f"-{spec.kv}"
    digest = blake2b(f"{RECIPE}\0{conversion}\0{original}".encode(), digest_size=8)
    clips = calibration_clips(spec)
    for part, utterances in (("seen", clips.seen), ("held back", clips.held_back)):
        for clip in utterances:
            digest.update(f"\0{part}\0{clip.language}\0{clip.audio_hash()}\0{clip.reference}".encode())
    return cache_root() / "conversions" / f"{conversion}-{digest.hexdigest()}"
