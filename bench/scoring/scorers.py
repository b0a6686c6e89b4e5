"""How a reference and a hypothesis become edits: a normaliser, which sees one text, an alignment, which sees both."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from bench.scoring.alignment import align_words
from bench.scoring.compounds import align_merging
from bench.scoring.normalizers import VERSIONS, Normalizer, make_normalizer
from bench.scoring.probes import MERGING_PROBES, PROBES

MERGING = {"open-asr"}
"""Normalisers whose scorer takes words that only spaces tell apart for the same."""


@dataclass(frozen=True)
class Scorer:
    """`align` takes a normalised reference and hypothesis and gives the hypothesis as aligned, and the edits of words.

    The reference is the same whatever the hypothesis, so that two arms' rates are over the same words.
    """

    normalize: Normalizer
    align: Callable[[str, str], tuple[str, str]]


def make_scorer(name: str) -> Scorer:
    """The scorer that a suite, or `--normalizer`, names."""
    return Scorer(make_normalizer(name), align_merging if name in MERGING else _align_as_written)


def normalizer_version(name: str) -> str:
    """The normaliser's name, its version, and a hash of what its scorer makes of the probes, as printed in signatures.

    The hash moves with the libraries and the Unicode tables that a scorer rests on, which no version of ours would.
    """
    scorer = make_scorer(name)
    made = [scorer.normalize(text, language) for language, text in PROBES]
    for pair in MERGING_PROBES if name in MERGING else ():
        reference, hypothesis = (scorer.normalize(text, "en") for text in pair)
        made += [reference, *scorer.align(reference, hypothesis)]
    digest = blake2b("\0".join(made).encode(), digest_size=4).hexdigest()
    return f"{name}-{VERSIONS[name]}-{digest}"


def _align_as_written(reference: str, hypothesis: str) -> tuple[str, str]:
    return hypothesis, align_words(reference, hypothesis)
