"""Training clips: checked against the test split, and drawn in an order that depends on seed and step alone."""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b

import numpy as np
import torch
from torch import Tensor, nn

from bench.arms import IGNORED, Arm
from bench.audio import Audio, Segment, UnreadableAudioError
from bench.corpora import READERS, Utterance, load_corpus, read_utterance
from bench.errors import BenchError
from bench.features import log_mel
from bench.recovery.training import Batch
from bench.suite import CorpusSpec, RecoverySpec, Suite


@dataclass(frozen=True)
class TrainingClips:
    """All clips of all languages in one list; `fingerprint` covers ids, references and audio.

    `notes`: what was passed over in the list, a line each.
    """

    name: str
    utterances: tuple[Utterance, ...]
    fingerprint: str
    notes: tuple[str, ...] = ()

    def of_step(self, step: int, batch: int, seed: int) -> list[int]:
        """The clips of one step, by number: each once an epoch, in an order that is drawn anew for every epoch."""
        count = len(self.utterances)
        places = (divmod(place, count) for place in range(step * batch, (step + 1) * batch))
        return [_order(seed, epoch, count)[index] for epoch, index in places]


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, count: int) -> tuple[int, ...]:
    return tuple(np.random.default_rng([seed, epoch]).permutation(count).tolist())


def load_training_clips(suite: Suite, recovery: RecoverySpec) -> TrainingClips:
    """Those of the [recovery] section. Raises BenchError where one of them is in the suite's test split.

    By file, or by the bytes of its audio; by id within a language where both are splits of one release.
    """
    spec = _corpus_of(suite, recovery)
    aside = recovery.path is None and spec.set_aside is not None
    corpus = load_corpus(spec, suite.languages, suite.seed, aside=aside)
    utterances = tuple(utterance for clips in corpus.utterances.values() for utterance in clips)
    tested = load_corpus(suite.corpus.model_copy(update={"utterances": None}), suite.languages, suite.seed)
    everything = [utterance for clips in tested.utterances.values() for utterance in clips]
    _refuse_shared(utterances, everything, by_id=recovery.path is None)
    digest = blake2b(digest_size=16)
    for u in utterances:
        digest.update("\0".join((u.language, u.id, u.reference, u.audio_hash(), "")).encode())
    return TrainingClips(corpus.name, utterances, digest.hexdigest(), corpus.notes)


def _corpus_of(suite: Suite, recovery: RecoverySpec) -> CorpusSpec:
    """A manifest, or another split of the release that is tested on."""
    if recovery.path is not None:
        if unset := re.search(r"\$\{?\w+\}?", str(recovery.path)):
            raise BenchError(f"recovery.path = {recovery.path.name}: {unset.group()} is not set; export it")
        return CorpusSpec(kind="manifest", path=recovery.path, utterances=recovery.utterances)
    if suite.corpus.kind != "common-voice":
        raise BenchError("recovery.path: missing; name a manifest of training clips")
    if recovery.split == suite.corpus.split and suite.corpus.set_aside is None:
        raise BenchError(
            f'recovery.split = "{recovery.split}": is what the suite tests on; take another, or set speakers aside'
        )
    return suite.corpus.model_copy(update={"split": recovery.split, "utterances": recovery.utterances})


def _refuse_shared(training: Iterable[Utterance], tested: Iterable[Utterance], by_id: bool) -> None:
    tested = list(tested)
    ids = {(utterance.language, utterance.id) for utterance in tested} if by_id else set()
    parts: dict[str, list[Segment]] = {}
    for utterance in tested:
        parts.setdefault(utterance.file_hash(), []).append(utterance.segment)
    shared = [
        u.id
        for u in training
        if (u.language, u.id) in ids or any(u.segment.overlaps(part) for part in parts.get(u.file_hash(), ()))
    ]
    if shared:
        more = f", and {len(shared) - 1} more" if len(shared) > 1 else ""
        raise BenchError(
            f"recovery: training clip {shared[0]} is in the test split{more}; take what is tested on out of the "
            "training list"
        )


def make_batch(arm: Arm, clips: TrainingClips, numbers: Sequence[int]) -> Batch:
    """Labels of these clips, and how their features are read."""
    utterances = [clips.utterances[number] for number in numbers]
    rows = [torch.tensor(label_ids(arm, utterance)) for utterance in utterances]
    labels: Tensor = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=IGNORED)
    return Batch(partial(_features, arm, utterances), labels, tuple(numbers))


def _features(arm: Arm, utterances: Sequence[Utterance]) -> Tensor:
    """Log-mel. Raises BenchError for audio that cannot be read."""
    with ThreadPoolExecutor(READERS) as pool:
        audio = list(pool.map(_read, utterances))
    return log_mel(arm.extractor, audio, torch.device("cpu"))


def _read(utterance: Utterance) -> Audio:
    try:
        return read_utterance(utterance)
    except UnreadableAudioError as error:
        raise BenchError(
            f"recovery: training clip {utterance.id} cannot be read: {error}; take it out of the training list"
        ) from None


def label_ids(arm: Arm, utterance: Utterance) -> list[int]:
    """Language and task, where the model is told them, text and end: what follows <|startoftranscript|>.

    Cut where the decoder has no more positions.
    """
    _, *prompt = arm.vocabulary.prompt(utterance.language)
    text = arm.tokenizer(utterance.reference, add_special_tokens=False).input_ids
    return [*prompt, *text, arm.vocabulary.end][: arm.model.config.max_target_positions]
