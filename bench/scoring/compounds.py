"""Alignment to which white paper and whitepaper are the same words, by kaldialign."""

from bench.errors import BenchError
from bench.scoring.alignment import DELETION, INSERTION, RIGHT, SEPARATOR, SUBSTITUTION

NEEDED = 'scoring: "open-asr" needs whisper-normalizer and kaldialign; `pip install whisper-mla-bench[open-asr]`'


def align_merging(reference: str, hypothesis: str) -> tuple[str, str]:
    """The hypothesis, divided into words as the reference is where only spaces differ, and the edits that are left.

    Of two normalised strings; words on either side may be joined, any number of them, to equal one of the other. The
    edits are of the words of the reference as it stands: no hypothesis changes what an error rate is divided by.
    """
    if reference == hypothesis:
        return hypothesis, RIGHT * len(reference.split())
    divided: list[str] = []
    edits: list[str] = []
    for expected, said in _align(reference.split(), hypothesis.split()):
        if said == SEPARATOR:
            edits.append(DELETION)
        elif expected.replace(" ", "") == said.replace(" ", ""):
            words = expected.split(" ")
            divided += words
            edits += RIGHT * len(words)
        else:
            divided.append(said)
            edits.append(INSERTION if expected == SEPARATOR else SUBSTITUTION)
    return " ".join(divided), "".join(edits)


def _align(reference: list[str], hypothesis: list[str]) -> list[tuple[str, str]]:
    try:
        import kaldialign
    except ImportError:
        raise BenchError(NEEDED) from None
    return kaldialign.align(reference, hypothesis, SEPARATOR, merge_compounds=True)  # type: ignore[no-any-return]
