"""Which clips a conversion is made on and which it is tested on: never the same, in Common Voice never a voice's."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpora import CalibrationClips, Utterance, load_corpus
from bench.errors import BenchError
from bench.suite import CorpusSpec

COMMON_VOICE = "common_voice/cv-corpus-6.1-2020-12-11"
LOCALES = ("en", "de", "es", "fr", "ru", "tr", "cy", "ar", "th", "zh", "ka")
"""The published card's eleven languages."""
LATIN = ("en", "de", "es", "fr")
"""What a calibration hears that does not think of the others."""
FLEURS = ("en", "de", "es", "fr", "pt")
CALIBRATE = 3
"""Of Common Voice's speakers every third is heard in calibration; the others are tested on."""


def data_folder() -> Path:
    """Raises BenchError where it is not named."""
    return _named("BENCH_TEST_DATA", "real speech")


def model_folder(name: str) -> str:
    """Of a real Whisper. Raises BenchError where the folder of models is not named, or lacks it."""
    folder = _named("BENCH_REAL_MODELS", "real Whispers") / name
    if not folder.is_dir():
        raise BenchError(f"{folder}: no such model; make it first")
    return str(folder)


def _named(variable: str, what: str) -> Path:
    folder = os.environ.get(variable)
    if not folder:
        raise BenchError(f"{variable} is not set: name the folder of {what}")
    return Path(folder).resolve()


@dataclass(frozen=True)
class Parts:
    """Clips by language, in the corpus's order: those to calibrate on and those to test on."""

    corpus: str
    calibrate: Mapping[str, Sequence[Utterance]]
    test: Mapping[str, Sequence[Utterance]]

    def heard(self, languages: Sequence[str]) -> CalibrationClips:
        """Calibration in these languages alone, measured on the test's clips of all."""
        seen = tuple(clip for language in languages for clip in self.calibrate[language])
        tested = tuple(clip for clips in self.test.values() for clip in clips)
        return CalibrationClips(self.corpus, "", tuple(self.test), seen, tested)


def common_voice() -> Parts:
    """All clips there are of each locale, apart by speaker."""
    path = data_folder() / COMMON_VOICE
    return _by_speaker(CorpusSpec(kind="common-voice", path=path, split="validated", set_aside=CALIBRATE), LOCALES)


def read_speech(model: str, work: Path) -> Parts:
    """FLEURS, every other clip; for an English-only model LibriSpeech, by speaker. Writes their manifest to `work`."""
    english = model.endswith(".en")
    name, languages = ("librispeech_other", ("en",)) if english else ("fleurs", FLEURS)
    spec = CorpusSpec(kind="manifest", path=_write_manifest(name, languages, work))
    if english:
        return _by_speaker(spec.model_copy(update={"set_aside": 2}), languages)
    corpus = load_corpus(spec, languages, seed=1)
    every_other = [{name: clips[first::2] for name, clips in corpus.utterances.items()} for first in (0, 1)]
    return Parts(corpus.name, *every_other)


def _write_manifest(name: str, languages: Sequence[str], work: Path) -> Path:
    """Of the speech folder's clips from one source."""
    folder, manifest = data_folder() / "speech", (work / f"{name}.tsv").resolve()
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["path"].startswith(f"{name}/")]
    chosen = [
        {"path": str(folder / row["path"]), "text": row["text"], "speaker": row["speaker"], "lang": row["lang"]}
        for row in rows
        if row["lang"] in languages
    ]
    work.mkdir(parents=True, exist_ok=True)
    with manifest.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(chosen[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(chosen)
    return manifest


def _by_speaker(spec: CorpusSpec, languages: tuple[str, ...]) -> Parts:
    aside, tested = (load_corpus(spec, languages, seed=1, aside=aside) for aside in (True, False))
    return Parts(tested.name, aside.utterances, tested.utterances)
