"""A seeded sample of a language's utterances that does not depend on the order of rows."""

from collections.abc import Iterable
from hashlib import blake2b

from bench.corpora.utterance import Utterance


def sample(utterances: Iterable[Utterance], count: int | None, seed: int) -> tuple[Utterance, ...]:
    """The `count` utterances with the smallest keyed hash of their id, in the order of that hash; all if None.

    Nested: a sample of 1,000 is the beginning of a sample of 1,500.
    """
    return tuple(sorted(utterances, key=lambda utterance: _rank(utterance.id, seed))[:count])


def _rank(utterance_id: str, seed: int) -> bytes:
    return blake2b(f"{seed}\0{utterance_id}".encode(), digest_size=16).digest()
