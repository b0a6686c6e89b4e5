"""Calibration clips: which of any suite or manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpora.loading import load_corpus
from bench.corpora.manifest import manifest_languages
from bench.corpora.utterance import Corpus, Utterance
from bench.errors import BenchError
from bench.suite import CorpusSpec, load_suite, ready_made

HELD_BACK = 4
"""Of each language every fourth clip is held back from calibration, to measure on."""
MANIFESTS = {".tsv", ".jsonl", ".json"}


@dataclass(frozen=True)
class CalibrationClips:
    """Those a conversion may be made with, `seen`, and those it is measured on, `held_back`.

    `texts`: sentences by language, for languages of which no clip is heard. `caution` says what to be wary of in
    figures made with them.
    """

    corpus: str
    caution: str
    languages: tuple[str, ...]
    seen: tuple[Utterance, ...]
    held_back: tuple[Utterance, ...]
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def choose_clips(argument: str, count: int) -> CalibrationClips:
    """`count` of each language, of a manifest or of a suite's corpus (with its languages and seed).

    Of a suite that sets speakers aside theirs are taken; else those it tests on, with a caution. Raises BenchError
    where they cannot be had, or too few to hold one back.
    """
    path, caution, aside = Path(argument), "", False
    if argument not in ready_made() and (path.is_dir() or path.suffix in MANIFESTS):
        spec, languages, seed = CorpusSpec(kind="manifest", path=path.resolve()), manifest_languages(path), 1
    elif argument in ready_made() or path.suffix == ".toml":
        suite = load_suite(argument)
        spec, languages, seed = suite.corpus, suite.languages, suite.seed
        aside = spec.set_aside is not None
        if not aside:
            caution = f"these clips are among those that {argument} tests on; take others for figures to publish"
    else:
        raise BenchError(
            f"--calibration {argument}: is neither a manifest ({', '.join(sorted(MANIFESTS))}) nor a suite (a path "
            f"ending in .toml, or one of {', '.join(ready_made())})"
        )
    corpus = load_corpus(spec.model_copy(update={"utterances": count}), languages, seed, aside=aside)
    return split_clips(corpus, caution)


def split_clips(corpus: Corpus, caution: str = "") -> CalibrationClips:
    """Every fourth clip of each language is held back. Raises BenchError where that leaves none."""
    numbered = [pair for utterances in corpus.utterances.values() for pair in enumerate(utterances, 1)]
    seen = tuple(utterance for number, utterance in numbered if number % HELD_BACK)
    held_back = tuple(utterance for number, utterance in numbered if number % HELD_BACK == 0)
    if not held_back:
        raise BenchError(f"{corpus.name}: too few clips to hold one back; {HELD_BACK} of a language are needed")
    return CalibrationClips(corpus.name, caution, tuple(corpus.utterances), seen, held_back)
