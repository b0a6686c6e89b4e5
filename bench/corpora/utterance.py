"""The values every corpus is reduced to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from bench.audio import WHOLE, Segment
from bench.corpus_identity import CorpusIdentity
from bench.errors import BenchError


@dataclass(frozen=True, slots=True)
class Utterance:
    """One clip and what was said in it.

    `speaker` is empty where the corpus names none, and so are `gender`, `age` and `accent`, by which costs are sliced.
    `audio` is a file or the file's bytes, of which the utterance is a `segment`; the corpus says that it lasts
    `seconds`, if it says so.
    """

    id: str
    language: str
    reference: str
    speaker: str
    audio: Path | bytes
    gender: str = ""
    age: str = ""
    accent: str = ""
    sentence_id: str = ""
    seconds: float | None = None
    segment: Segment = WHOLE

    def audio_bytes(self) -> bytes:
        """The encoded audio. Raises BenchError if the file cannot be read."""
        if isinstance(self.audio, bytes):
            return self.audio
        try:
            return self.audio.read_bytes()
        except OSError as error:
            raise BenchError(f"{self.language} clip {self.id}: {self.audio}: {error.strerror}; mend the file") from None

    def described(self) -> dict[str, str]:
        """What is said and by whom: a row of `bench.utterance_records`."""
        return {
            "utterance_id": self.id,
            "language": self.language,
            "reference": self.reference,
            "speaker_id": self.speaker,
            "gender": self.gender,
            "age": self.age,
            "accent": self.accent,
            "sentence_id": self.sentence_id,
        }

    def file_hash(self) -> str:
        """Of the bytes, of whatever part of which the utterance is."""
        return blake2b(self.audio_bytes(), digest_size=8).hexdigest()

    def audio_hash(self) -> str:
        """Of the bytes, and of which part of them is heard."""
        if self.segment == WHOLE:
            return self.file_hash()
        return blake2b(f"{self.file_hash()} {self.segment}".encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Corpus:
    """What it is; each language's utterances in sampling order; its rejected rows by reason.

    `pool`: each language's first clips in that order, however many utterances were asked for; empty if none were.
    `notes`: what was passed over without being at fault, a line each.
    """

    identity: CorpusIdentity
    utterances: Mapping[str, Sequence[Utterance]]
    rejected: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pool: Mapping[str, Sequence[Utterance]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it is printed."""
        return self.identity.name

    def described(self) -> list[dict[str, str]]:
        """What is said in every utterance and by whom."""
        return [utterance.described() for clips in self.utterances.values() for utterance in clips]
