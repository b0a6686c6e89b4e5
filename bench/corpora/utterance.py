"""The values every corpus is reduced to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Utterance:
    """One clip and what was said in it.

    `speaker` is empty where the corpus names none. `audio` is a file or the file's bytes; `stamp` changes whenever they
    do, without anyone having to read them.
    """

    id: str
    language: str
    reference: str
    speaker: str
    audio: Path | bytes
    stamp: str


@dataclass(frozen=True)
class Corpus:
    """`name` as printed in signatures, and each language's utterances in sampling order."""

    name: str
    utterances: Mapping[str, Sequence[Utterance]]
