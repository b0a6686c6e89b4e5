"""`python -m bench.conversion_study.text_worth MODEL RELEASE [FOLDER]`: what text alone is worth in calibration.

MODEL: a multilingual Whisper; RELEASE: of Common Voice. A quarter of an hour for a base model on one core.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path

import pandas as pd

from bench.arms import find_arm, load_arm
from bench.conversion import convert_arm
from bench.conversion.clips import encode_clips
from bench.conversion.damage import divergence
from bench.conversion.texts import TEXTS
from bench.conversion_request import ConversionRequest
from bench.corpora import CalibrationClips, Corpus, Utterance, load_corpus
from bench.io.files import write_atomically, write_text
from bench.suite import ArmSpec, CorpusSpec, DecodeSpec, resolve_model

HEARD, OTHERS = ("en", "de"), ("ar", "ru", "th")
CLIPS, TESTED = 16, 12
"""Of each language, of other speakers."""
REQUEST = ConversionRequest(("self",), "balanced", 0.75, None, 0)


def measure_texts(model: str, release: Path) -> pd.DataFrame:
    """A row a language: divergence, in nats a token, by what calibration had of the languages in `OTHERS`."""
    spec = CorpusSpec(kind="common-voice", path=release, split="validated")
    corpus = load_corpus(spec, HEARD + OTHERS, 1)
    source = find_arm(ArmSpec(name="model", model=resolve_model(model, Path.cwd())))
    arm = load_arm(source, DecodeSpec(max_new_tokens=1), HEARD + OTHERS)
    tested = {language: list(encode_clips(arm, clips, _quietly)) for language, clips in clips_to_test(corpus).items()}
    rows = [{"language": language, "tested": len(batches)} for language, batches in tested.items()]
    for name, clips in calibrations(corpus).items():
        converted = convert_arm(arm, REQUEST, clips, _quietly).model
        for row, batches in zip(rows, tested.values(), strict=True):
            row[name] = divergence(arm.model, converted, batches, arm.vocabulary.prompt_tokens)
    return pd.DataFrame(rows)


def clips_to_test(corpus: Corpus) -> dict[str, list[Utterance]]:
    """Those that are measured on: of one half of the speakers, by a hash of their names."""
    return {
        language: [clip for clip in clips if _is_tested(clip)][:TESTED] for language, clips in corpus.utterances.items()
    }


def calibrations(corpus: Corpus) -> Mapping[str, CalibrationClips]:
    """Clips of the other speakers, in `HEARD` alone; with texts that are not tested; and clips in all languages."""
    tested = clips_to_test(corpus)
    said = {clip.reference for clips in tested.values() for clip in clips}
    free = {name: [clip for clip in clips if clip.reference not in said] for name, clips in corpus.utterances.items()}
    seen = {language: [clip for clip in clips if not _is_tested(clip)][:CLIPS] for language, clips in free.items()}
    texts = {name: tuple(dict.fromkeys(clip.reference for clip in free[name]))[:TEXTS] for name in OTHERS}
    few = CalibrationClips(corpus.name, "", HEARD, _joined(seen, HEARD), tuple(tested[HEARD[0]][:1]))
    return {
        "neither": few,
        "text": replace(few, texts=texts),
        "clips": replace(few, languages=HEARD + OTHERS, seen=_joined(seen, HEARD + OTHERS)),
    }


def _joined(clips: Mapping[str, Sequence[Utterance]], languages: Sequence[str]) -> tuple[Utterance, ...]:
    return tuple(clip for language in languages for clip in clips[language])


def _is_tested(clip: Utterance) -> bool:
    return blake2b(clip.speaker.encode(), digest_size=1).digest()[0] % 2 == 0


def _quietly(_: int) -> None:
    """Shows no progress."""


def main(model: str, release: Path, folder: Path) -> None:
    """text_worth.csv."""
    table = measure_texts(model, release)
    csv = table.to_csv(index=False, float_format="%.3g")
    write_atomically(folder / "text_worth.csv", partial(write_text, csv))
    print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3] if len(sys.argv) > 3 else "results/conversion"))
