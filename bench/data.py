"""What a suite's corpus holds: clips, speakers, hours, what was rejected and why, and what training may have seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.audio import SAMPLE_RATE, UnreadableAudioError
from bench.corpora import Utterance, load_corpus, read_utterance
from bench.corpora.common_voice.rows import LARGEST_TABLE, REQUIRED
from bench.errors import BenchError
from bench.io.files import read_bounded
from bench.io.tabular import require_distinct
from bench.scoring import make_normalizer
from bench.suite import Suite

READERS = 2
AHEAD = 64
"""The clips being read at a time: what is in memory does not grow with the corpus."""
TOP = 10
"""The number of speakers whose share of the clips is named."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LanguageData:
    """One language's sample. `seconds` (readable clips) and `clips_per_speaker` are what the picture shows.

    `rejected` counts rows that could not be used, `unreadable` sampled clips whose audio cannot, both by reason.
    `shared` counts what a training list has too: clips, speakers, sentences; None where none was given.
    """

    language: str
    clips: int
    seconds: Floats
    lengths: npt.NDArray[np.int64]
    clips_per_speaker: npt.NDArray[np.int64]
    rejected: Mapping[str, int]
    unreadable: Mapping[str, int]
    fingerprint: str
    ids: tuple[str, ...]
    shared: Mapping[str, int] | None

    @property
    def speakers(self) -> int:
        return len(self.clips_per_speaker)

    @property
    def hours(self) -> float:
        return float(self.seconds.sum()) / 3600

    @property
    def top_share(self) -> float:
        """The share of the clips that is by the ten speakers who have most, in per cent."""
        return 100 * float(np.sort(self.clips_per_speaker)[-TOP:].sum()) / self.clips

    @property
    def effective_speakers(self) -> float:
        """The number of speakers of equally many clips that would weigh the same: (sum n)^2 / sum n^2."""
        counts = self.clips_per_speaker.astype(float)
        return float(counts.sum() ** 2 / (counts**2).sum()) if len(counts) else 0.0


@dataclass(frozen=True)
class DataReport:
    """What a corpus holds, language by language; `unread`: rows of the training list that could not be read.

    `notes`: what was passed over in the corpus, a line each.
    """

    corpus: str
    languages: tuple[LanguageData, ...]
    unread: int
    notes: tuple[str, ...] = ()


def describe_data(suite: Suite, training: Path | None, advance: Callable[[int], object]) -> DataReport:
    """Reads every sampled clip once. `advance` is told how many more are done.

    `training` is a Common Voice table (client_id, path, sentence), as train.tsv is.
    """
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed)
    seen, unread = _read_training(training) if training else (None, 0)
    languages = tuple(
        _describe(suite, language, utterances, corpus.rejected.get(language, {}), seen, advance)
        for language, utterances in corpus.utterances.items()
    )
    return DataReport(corpus.name, languages, unread, corpus.notes)


def _describe(
    suite: Suite,
    language: str,
    utterances: Sequence[Utterance],
    rejected: Mapping[str, int],
    seen: Mapping[str, set[str]] | None,
    advance: Callable[[int], object],
) -> LanguageData:
    normalize = make_normalizer(suite.scoring.normalizer)
    by_characters = language in suite.scoring.cer_primary
    texts = [normalize(utterance.reference, language).split() for utterance in utterances]
    digest = blake2b(digest_size=8)
    seconds, unreadable = [], Counter[str]()
    for utterance, (audio_hash, length, reason) in zip(utterances, _probe_all(utterances), strict=True):
        digest.update("\0".join([utterance.id, utterance.reference, utterance.speaker, audio_hash]).encode())
        if reason:
            unreadable[reason] += 1
        else:
            seconds.append(length)
        advance(1)
    speakers = Counter(utterance.speaker for utterance in utterances if utterance.speaker)
    return LanguageData(
        language=language,
        clips=len(utterances),
        seconds=np.array(seconds),
        lengths=np.array([len("".join(words)) if by_characters else len(words) for words in texts]),
        clips_per_speaker=np.array(sorted(speakers.values(), reverse=True), dtype=np.int64),
        rejected=rejected,
        unreadable=dict(sorted(unreadable.items())),
        fingerprint=digest.hexdigest(),
        ids=tuple(utterance.id for utterance in utterances),
        shared=None if seen is None else _shared(utterances, seen),
    )


def _probe_all(utterances: Sequence[Utterance]) -> Iterator[tuple[str, float, str]]:
    """(hash of the bytes, seconds, why unreadable) of every utterance in order, a few read at a time."""
    rest = iter(utterances)
    with ThreadPoolExecutor(READERS) as pool:
        while batch := list(islice(rest, AHEAD)):
            yield from pool.map(_probe, batch)


def _probe(utterance: Utterance) -> tuple[str, float, str]:
    audio_hash = utterance.audio_hash()
    try:
        return audio_hash, len(read_utterance(utterance)) / SAMPLE_RATE, ""
    except UnreadableAudioError as error:
        return audio_hash, 0.0, str(error).split(":")[0]


def _read_training(path: Path) -> tuple[dict[str, set[str]], int]:
    """Clips, speakers and sentences of a training list, and how many of its rows could not be read.

    Folders before a clip's name do not matter. Raises BenchError where no row can be read.
    """
    try:
        content = read_bounded(path, LARGEST_TABLE)
    except BenchError as error:
        raise BenchError(f"--training {error}") from None
    lines = content.replace(b"\r\n", b"\n").decode("utf-8", errors="replace").split("\n")
    header = lines[0].split("\t")
    require_distinct(f"--training {path}", header)
    if missing := [column for column in REQUIRED if column not in header]:
        raise BenchError(f"--training {path}: no column {missing[0]}; the header is {', '.join(header)[:200]}")
    at = {column: header.index(column) for column in REQUIRED}
    everything = [line.split("\t") for line in lines[1:] if line]
    rows = [row for row in everything if len(row) > max(at.values())]
    if not rows:
        raise BenchError(f"--training {path}: none of its {len(everything)} rows has the columns of its header")
    names = {
        "clips": {Path(row[at["path"]]).name for row in rows},
        "speakers": {row[at["client_id"]].strip() for row in rows} - {""},
        "sentences": {row[at["sentence"]].strip() for row in rows} - {""},
    }
    return names, len(everything) - len(rows)


def _shared(utterances: Sequence[Utterance], seen: Mapping[str, set[str]]) -> dict[str, int]:
    """The number of sampled clips, speakers and sentences that a training list has too, and of clips that touches."""
    clips = {utterance.id for utterance in utterances if Path(utterance.id).name in seen["clips"]}
    speakers = {utterance.speaker for utterance in utterances} & seen["speakers"]
    sentences = {utterance.reference for utterance in utterances} & seen["sentences"]
    touched = [u for u in utterances if u.id in clips or u.speaker in speakers or u.reference in sentences]
    counts = {"clips": len(clips), "speakers": len(speakers), "sentences": len(sentences)}
    return counts | {"clips touched by any of these": len(touched)}
