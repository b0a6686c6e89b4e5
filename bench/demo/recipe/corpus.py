"""The demo's two splits: a shipped test split (Opus in Parquet) and a training split that is made anew."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import soundfile
from rich.progress import track

from bench.demo.recipe.sentences import Grammar, Sentence, draw_sentence, load_grammars
from bench.demo.recipe.voices import SAMPLE_RATE, Speaker, draw_speaker, list_variants, split_variants, synthesise
from bench.io.files import write_atomically

WINDOW_SECONDS = 3
WINDOW = WINDOW_SECONDS * SAMPLE_RATE
TEST_CLIPS = 100
TRAIN_CLIPS = 3_000
SPLIT_SEED, TEST_SEED, TRAIN_SEED = 1, 2, 3


@dataclass(frozen=True)
class Clip:
    """One utterance; audio is 16 kHz float32 of at most WINDOW samples."""

    language: str
    sentence: Sentence
    speaker: Speaker
    audio: npt.NDArray[np.float32]


def test_clips() -> Iterator[Clip]:
    """100 clips a language by 40 speakers, whose voice variants the training split never uses."""
    _, variants = split_variants(list_variants(), np.random.default_rng(SPLIT_SEED))
    for index, (language, grammar) in enumerate(load_grammars().items()):
        rng = np.random.default_rng([TEST_SEED, index])
        speakers = [draw_speaker(variant, rng) for variant in variants]
        order = [speakers[i % len(speakers)] for i in range(TEST_CLIPS)]
        for speaker in order:
            yield _clip(language, grammar, speaker, rng)


def train_clips(index: int, language: str) -> Iterator[Clip]:
    """TRAIN_CLIPS clips of one language; every clip draws its own pitch and rate."""
    variants, _ = split_variants(list_variants(), np.random.default_rng(SPLIT_SEED))
    rng = np.random.default_rng([TRAIN_SEED, index])
    grammar = load_grammars()[language]
    for _ in range(TRAIN_CLIPS):
        speaker = draw_speaker(variants[rng.integers(len(variants))], rng)
        yield _clip(language, grammar, speaker, rng)


def _clip(language: str, grammar: Grammar, speaker: Speaker, rng: np.random.Generator) -> Clip:
    """A sentence that fits the window; one that does not is drawn again."""
    while True:
        sentence = draw_sentence(grammar, rng)
        audio = synthesise(sentence.spoken, grammar.voice, speaker)
        if SAMPLE_RATE // 4 < len(audio) <= WINDOW:
            return Clip(language, sentence, speaker, audio)


def write_test_split(path: Path) -> None:
    """The shipped Parquet file: id, language, text, speaker, seconds, and Ogg Opus bytes."""
    rows = [_test_row(i % TEST_CLIPS, clip) for i, clip in enumerate(track(list(test_clips()), "test split"))]
    write_atomically(path, lambda target: pd.DataFrame(rows).to_parquet(target, index=False))


def _test_row(number: int, clip: Clip) -> dict[str, object]:
    buffer = io.BytesIO()
    soundfile.write(buffer, clip.audio, SAMPLE_RATE, format="OGG", subtype="OPUS")
    return {
        "id": f"{clip.language}-{number:03d}",
        "language": clip.language,
        "text": clip.sentence.text,
        "speaker": clip.speaker.name,
        "seconds": round(len(clip.audio) / SAMPLE_RATE, 3),
        "audio": buffer.getvalue(),
    }


def write_train_split(folder: Path) -> None:
    """`train.npy` (int16, clips x WINDOW, zero-padded) and `train.parquet` (language, text, seconds), made once."""
    if (folder / "train.parquet").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    languages = list(load_grammars())
    shape = (len(languages) * TRAIN_CLIPS, WINDOW)
    audio = np.lib.format.open_memmap(folder / "train.npy", mode="w+", dtype=np.int16, shape=shape)

    def fill(index: int) -> list[dict[str, object]]:
        rows = []
        for i, clip in enumerate(train_clips(index, languages[index])):
            audio[index * TRAIN_CLIPS + i, : len(clip.audio)] = np.round(clip.audio * 32767)
            seconds = len(clip.audio) / SAMPLE_RATE
            rows.append({"language": clip.language, "text": clip.sentence.text, "seconds": seconds})
        return rows

    with ThreadPoolExecutor() as pool:
        tables = list(track(pool.map(fill, range(len(languages))), "training split", total=len(languages)))
    audio.flush()
    table = pd.DataFrame([row for rows in tables for row in rows])
    write_atomically(folder / "train.parquet", lambda target: table.to_parquet(target, index=False))
