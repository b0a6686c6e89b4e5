"""Matched-pairs sentence-segment word-error test (MAPSSWE), as NIST's sc_stats prints it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.stats.distributions import normal_sf
from bench.stats.sums import ROUNDING

NAN = float("nan")
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Mapsswe:
    """Segments, mean and standard deviation of the error difference a segment (converted - control), z, two-sided p."""

    segments: int
    mean: float
    sd: float
    z: float
    p: float


def mapsswe(differences: npt.ArrayLike) -> Mapsswe:
    """The test on the segments' differences of errors. Gillick & Cox (1989).

    Nothing differs, or there is no segment: p 1. One segment, or all alike: z and p are NaN. The test takes segments
    for independent; within a speaker they are not, which is why it only stands beside the bootstrap.
    """
    d = np.asarray(differences, dtype=float)
    if not d.any():
        return Mapsswe(len(d), 0.0, 0.0, 0.0, 1.0)
    mean, sd = float(d.mean()), float(d.std(ddof=1)) if len(d) > 1 else NAN
    z = mean / (sd / np.sqrt(len(d))) if sd > ROUNDING * abs(mean) else NAN
    return Mapsswe(len(d), mean, sd, float(z), 2 * normal_sf(abs(z)))


def segment_differences(control: Sequence[str], converted: Sequence[str]) -> Ints:
    """The errors of the converted arm minus those of the control, one difference a segment, over all utterances.

    Each utterance is the edits of one alignment in order, a letter each: `=` right, `S`, `D` one reference word wrong,
    `I` a word inserted. Where errors stand depends on the alignment: sc_stats has sclite's. A segment opens at the
    first error of either arm and closes at two consecutive reference words that both got right with no insertion
    between, or at the utterance's end; error-free stretches are no segments.
    """
    ours, theirs = _slots(converted), _slots(control)
    if len(ours.errors) != len(theirs.errors):
        raise ValueError("both arms must be aligned with the same references")
    wrong = (ours.errors + theirs.errors) > 0
    differing = np.flatnonzero(wrong)
    if not len(differing):
        return np.zeros(0, dtype=np.int64)
    closed = np.cumsum(_closes(wrong, ours.place))
    segment = np.stack([ours.utterance[differing], closed[differing]])
    first = np.flatnonzero(np.r_[True, (np.diff(segment, axis=1) != 0).any(axis=0)])
    return np.asarray(np.add.reduceat((ours.errors - theirs.errors)[differing], first))


@dataclass(frozen=True)
class _Slots:
    """The places where an error can be: a gap before the first reference word, each word, and a gap after it.

    An utterance of L words has 2 L + 1 slots; `place` is a slot's number in its utterance, words at the odd ones.
    """

    errors: Ints
    utterance: Ints
    place: Ints


def _slots(alignments: Sequence[str]) -> _Slots:
    edits = np.frombuffer("".join(alignments).encode("ascii"), dtype=np.uint8)
    of_edit = np.repeat(np.arange(len(alignments)), [len(edits) for edits in alignments])
    is_word = edits != ord("I")
    words = np.bincount(of_edit[is_word], minlength=len(alignments))
    size = 2 * words + 1
    start = np.cumsum(size) - size
    words_before = np.cumsum(is_word) - is_word - (np.cumsum(words) - words)[of_edit]
    slot = start[of_edit] + 2 * words_before + is_word
    errors = np.bincount(slot, weights=edits != ord("="), minlength=int(size.sum())).astype(np.int64)
    utterance = np.repeat(np.arange(len(alignments)), size)
    return _Slots(errors, utterance, np.arange(len(errors)) - start[utterance])


def _closes(wrong: npt.NDArray[np.bool_], place: Ints) -> npt.NDArray[np.bool_]:
    """The slots that hold the second of two consecutive right words, with nothing wrong in the gap between them."""
    right = ~wrong
    closes = right & (place % 2 == 1) & (place >= 3)
    closes[2:] &= right[1:-1] & right[:-2]
    return np.asarray(closes)
