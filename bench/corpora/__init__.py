"""Where utterances come from: one loader a kind of corpus, and the sampling they share."""

from bench.corpora.calibration import CalibrationClips, choose_clips, split_clips
from bench.corpora.lengths import require_within
from bench.corpora.loading import load_corpus
from bench.corpora.manifest import manifest_languages
from bench.corpora.reading import READERS, read_utterance
from bench.corpora.texts import read_texts
from bench.corpora.utterance import Corpus, Utterance

__all__ = [
    "READERS",
    "CalibrationClips",
    "Corpus",
    "Utterance",
    "choose_clips",
    "load_corpus",
    "manifest_languages",
    "read_texts",
    "read_utterance",
    "require_within",
    "split_clips",
]
