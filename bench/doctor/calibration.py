"""Whether who calibrates a suite's conversions is tested too: then they have heard what they are tested on."""

from __future__ import annotations

from collections.abc import Iterator

from bench.arms import calibration_clips
from bench.corpora import Corpus, Utterance
from bench.doctor.findings import NOTE, OK, Finding
from bench.suite import ArmSpec, Suite

WAY_OUT = "calibrate on others for figures to publish (corpus.set_aside keeps some)"


def check_calibration(suite: Suite, corpus: Corpus) -> Iterator[Finding]:
    """For every list of clips that conversions are made on. Raises BenchError where one cannot be had."""
    tested = [utterance for utterances in corpus.utterances.values() for utterance in utterances]
    by_list: dict[str, list[ArmSpec]] = {}
    for arm in suite.models:
        if arm.calibrated is not None and arm.calibration is not None:
            by_list.setdefault(arm.calibration, []).append(arm)
    for arms in by_list.values():
        clips, names = calibration_clips(arms[0]), ", ".join(arm.id for arm in arms)
        if shared := _shared([*clips.seen, *clips.held_back], tested):
            yield Finding(NOTE, "speakers", f"{shared} {names}; {WAY_OUT}")
        else:
            yield Finding(OK, "speakers", f"nobody and nothing that is tested calibrates {names}")


def _shared(heard: list[Utterance], tested: list[Utterance]) -> str:
    """The speakers or, where none is named, the clips; empty where there are none."""
    speakers, others = ({(u.language, u.speaker) for u in clips if u.speaker} for clips in (heard, tested))
    if both := speakers & others:
        return f"{len(both):,} of {len(speakers):,} speakers who calibrate are tested:"
    audio, other = ({u.audio_hash() for u in clips} for clips in (heard, tested))
    if same := audio & other:
        return f"{len(same):,} of {len(audio):,} clips that calibrate are tested:"
    return ""
