"""A seeded sample of a language's utterances that does not depend on the order of rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from bench.corpora.utterance import Utterance


@dataclass(frozen=True)
class Draw:
    """A seed, and whose clips are drawn from.

    All speakers' where none are `set_aside`; else every so many-th of them, by a hash of the name, is left out, or with
    `aside` those are drawn from and no others. A clip whose speaker is not known is a speaker of its own.
    """

    seed: int
    set_aside: int | None = None
    aside: bool = False

    def sample(self, utterances: Iterable[Utterance], count: int | None) -> tuple[Utterance, ...]:
        """Of those speakers, as `sample` takes them."""
        return sample((clip for clip in utterances if self._takes(clip)), count, self.seed)

    def _takes(self, clip: Utterance) -> bool:
        if self.set_aside is None:
            return True
        digest = blake2b((clip.speaker or clip.id).encode(), digest_size=4).digest()
        return (int.from_bytes(digest, "big") % self.set_aside == 0) == self.aside


def no_speaker(draw: Draw) -> str:
    """What is wrong where a draw finds no clip, and the way out."""
    which = "is" if draw.aside else "is not"
    return f"no speaker {which} set aside by corpus.set_aside = {draw.set_aside}; take another number or more clips"


def sample(utterances: Iterable[Utterance], count: int | None, seed: int) -> tuple[Utterance, ...]:
    """`count` utterances, spread over speakers and in the order of a keyed hash of their id; all if None.

    First one clip of every speaker, then a second of every speaker who has one, and so on: speakers, not clips, are
    what intervals rest on. Nested: a sample of 1,000 is the beginning of a sample of 1,500. A clip whose speaker is not
    known is a speaker of its own.
    """
    seen: Counter[str] = Counter()
    turns = []
    for utterance in sorted(utterances, key=lambda utterance: _rank(utterance.id, seed)):
        turns.append((seen[utterance.speaker], utterance))
        if utterance.speaker:
            seen[utterance.speaker] += 1
    turns.sort(key=lambda turn: turn[0])  # stable: within a turn the order of the hash stays
    return tuple(utterance for _, utterance in turns[:count])


def sample_texts(texts: Iterable[str], count: int, seed: int) -> tuple[str, ...]:
    """`count` of them, none twice, in the order of a keyed hash."""
    return tuple(sorted(set(texts), key=lambda text: _rank(text, seed))[:count])


def _rank(name: str, seed: int) -> bytes:
    return blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest()
