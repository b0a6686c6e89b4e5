"""Alignments as NIST's sclite makes them: weighted, and with its choice where several cost the same.

A substitution costs 4, an insertion or a deletion 3, so that right units stand opposite each other rather than wrong
ones. From the end of both texts backwards, sclite takes a pair (right or substituted) before anything else, and an
insertion before a deletion. rapidfuzz weighs distances but not alignments, hence numpy: many texts at once, a unit of
the references at a time, and of the hypotheses only those that the cheapest way can have come by (Ukkonen's band).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from bench.scoring.alignment import DELETION, INSERTION, RIGHT, SUBSTITUTION

SUBSTITUTING, SHIFTING = 4, 3
"""What a substitution costs, and what an insertion or a deletion does."""
START, PAIRED, DELETED, INSERTED = range(4)
"""The last step of the cheapest way to a place; none where both texts begin."""
LETTERS = np.frombuffer(f" {RIGHT}{DELETION}{INSERTION}".encode(), dtype=np.uint8)
BACK = np.array([[0, 0], [-1, 0], [-1, 1], [0, -1]])
"""By step, where it came from: by so many units of the reference, and so many places of the band."""
UNAMBIGUOUS: tuple[set[str], ...] = (set(), {RIGHT}, {DELETION}, {INSERTION})
"""Edits of texts that are alike, or of which one is empty: there is no other way."""
MOST_PLACES = 1 << 21
"""Texts are aligned together as long as their bands have so many places: two megabytes."""
NOWHERE = 1 << 28
"""The cost of a place before the hypothesis begins."""

Codes = npt.NDArray[np.int32]
Steps = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class _Pair:
    """Units of a reference and of a hypothesis. The cheapest way stays where the units of the hypothesis that are used
    less those of the reference are `first` or up to `width` - 1 more.
    """

    number: int
    reference: Sequence[str]
    hypothesis: Sequence[str]
    first: int
    width: int


def align_as_sclite(
    references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]], edits: Sequence[str]
) -> list[str]:
    """Of each reference and hypothesis, given as units, the edits in order, a letter each.

    `edits`: any alignment of each, as `bench.scoring.alignment` writes it; what it costs bounds what the cheapest does.
    The edits may be more than the fewest, which is what error rates count.
    """
    aligned = list(edits)
    pairs = [
        _pair(i, references[i], hypotheses[i], letters)
        for i, letters in enumerate(edits)
        if set(letters) not in UNAMBIGUOUS
    ]
    for batch in _batches(pairs):
        for pair, letters in zip(batch, _align(batch), strict=True):
            aligned[pair.number] = letters
    return aligned


def _pair(number: int, reference: Sequence[str], hypothesis: Sequence[str], edits: str) -> _Pair:
    """A way that leaves the straight one by d units to either side comes back by as many: 6 d more."""
    most = SUBSTITUTING * edits.count(SUBSTITUTION) + SHIFTING * (edits.count(DELETION) + edits.count(INSERTION))
    more = len(hypothesis) - len(reference)
    aside = (most - SHIFTING * abs(more)) // (2 * SHIFTING)
    return _Pair(number, reference, hypothesis, min(0, more) - aside, abs(more) + 2 * aside + 1)


def _batches(pairs: Sequence[_Pair]) -> Iterator[list[_Pair]]:
    """Pairs of like size together, for every band is as large as the largest."""
    batch: list[_Pair] = []
    longest = 0
    for pair in sorted(pairs, key=lambda pair: (pair.width, len(pair.reference))):
        longest = max(longest, len(pair.reference))
        if batch and (len(batch) + 1) * (longest + 1) * pair.width > MOST_PLACES:
            yield batch
            batch, longest = [], len(pair.reference)
        batch.append(pair)
    if batch:
        yield batch


def _align(pairs: Sequence[_Pair]) -> list[str]:
    width, longest = pairs[-1].width, max(len(pair.reference) for pair in pairs)
    before = np.array([-pair.first for pair in pairs])
    codes: defaultdict[str, int] = defaultdict(count(1).__next__)
    references = _encode([pair.reference for pair in pairs], np.zeros_like(before), longest, codes, 0)
    hypotheses = _encode([pair.hypothesis for pair in pairs], before, longest + width, codes, -1)
    steps = _steps(references, hypotheses, before, width)
    everyone = np.arange(len(pairs))
    ends = np.array([len(pair.reference) for pair in pairs])
    place = np.stack([ends, np.array([len(pair.hypothesis) for pair in pairs]) - ends + before])
    letters: list[Steps] = []
    while (step := steps[place[0], everyone, place[1]]).any():
        i = place[0] - 1
        wrong = (step == PAIRED) & (references[everyone, i] != hypotheses[everyone, i + place[1]])
        letters.append(np.where(wrong, ord(SUBSTITUTION), LETTERS[step]).astype(np.uint8))
        place = place + BACK[step].T
    return [row.tobytes().decode("ascii").lstrip() for row in np.stack(letters[::-1], axis=1)]


def _encode(
    texts: Sequence[Sequence[str]], before: npt.NDArray[np.int64], size: int, codes: defaultdict[str, int], filler: int
) -> Codes:
    """(n, size): a number for every unit, after so many fillers and before the rest of them."""
    encoded = np.full((len(texts), size), filler, dtype=np.int32)
    for row, units, start in zip(encoded, texts, before, strict=True):
        row[start : start + len(units)] = list(map(codes.__getitem__, units))
    return encoded


def _steps(references: Codes, hypotheses: Codes, before: npt.NDArray[np.int64], width: int) -> Steps:
    """(units of the references + 1, n, width): the last step of the cheapest way to every place of the bands."""
    along = SHIFTING * np.arange(width, dtype=np.int32)
    steps = np.full((references.shape[1] + 1, len(before), width), DELETED, dtype=np.uint8)
    cost = along - SHIFTING * before[:, None].astype(np.int32)
    steps[0] = np.where(cost > 0, INSERTED, START)
    cost[cost < 0] = NOWHERE
    for i, units in enumerate(references.T):
        above, paired = cost, cost + SUBSTITUTING * (units[:, None] != hypotheses[:, i : i + width])
        cost = paired.copy()
        np.minimum(paired[:, :-1], above[:, 1:] + SHIFTING, out=cost[:, :-1])
        # Insertions: the cheapest of all places to the left, each as far as it is away.
        cost -= along
        np.minimum.accumulate(cost, axis=1, out=cost)
        cost += along
        steps[i + 1, :, 1:] += cost[:, 1:] == cost[:, :-1] + SHIFTING  # DELETED becomes INSERTED
        steps[i + 1][cost == paired] = PAIRED
    return steps
