"""Calibration clips as a conversion takes them: encoded once, for however many conversions of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.arms import Arm
from bench.calibrated_languages import CalibratedLanguages
from bench.conversion.clips import encode_clips
from bench.conversion.texts import with_texts
from bench.corpora import CalibrationClips, Utterance
from bench.errors import BenchError
from bench.mla.moments import Taught


@dataclass(frozen=True, eq=False)
class EncodedClips:
    """Of `clips` those that could be used, a batch each: `taught` to convert with, texts among them; `held_back` to
    measure on. `made_with` names the clips that were to be converted with; `heard` of them could be used, in
    `languages`.
    """

    clips: CalibrationClips
    taught: Sequence[Taught]
    held_back: Sequence[Taught]
    made_with: tuple[str, ...] = ()
    heard: int = 0
    languages: frozenset[str] = frozenset()

    @property
    def passed_over(self) -> int:
        """Clips that are unreadable or exceed the window."""
        return len(self.made_with) + len(self.clips.held_back) - self.heard - len(self.held_back)

    @property
    def calibration(self) -> CalibratedLanguages:
        """The languages that were heard, and those only read."""
        return CalibratedLanguages.of(set(self.languages), self.clips.texts)


def encode_calibration(
    arm: Arm, clips: CalibrationClips, calibrated: bool, advance: Callable[[int], None]
) -> EncodedClips:
    """For an init that is not `calibrated` the clips held back alone. `advance` hears of clips read.

    Raises BenchError where no clip can be used.
    """
    if not calibrated:
        return EncodedClips(clips, (), _encode(arm, clips, clips.held_back, advance))
    seen = _encode(arm, clips, clips.seen, advance)
    return EncodedClips(
        clips,
        list(with_texts(arm, seen, clips.texts, advance)),
        _encode(arm, clips, clips.held_back, advance),
        tuple(f"{clip.language}/{clip.id}" for clip in clips.seen),
        len(seen),
        frozenset(batch.language for batch in seen),
    )


def _encode(
    arm: Arm, clips: CalibrationClips, chosen: Sequence[Utterance], advance: Callable[[int], None]
) -> list[Taught]:
    batches = list(encode_clips(arm, chosen, advance))
    if not batches:
        raise BenchError(f"{clips.corpus}: every clip is unreadable or longer than the model's window; take others")
    return batches
