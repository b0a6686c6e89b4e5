"""From a suite's corpus section to the utterances of each of its languages."""

from pathlib import Path

from bench.corpora.demo import NAME, read_demo
from bench.corpora.manifest import read_manifest
from bench.corpora.sampling import sample
from bench.corpora.utterance import Corpus, Utterance
from bench.errors import BenchError
from bench.suite import CorpusSpec


def load_corpus(spec: CorpusSpec, languages: tuple[str, ...], seed: int) -> Corpus:
    """The sampled utterances of every language. A language without utterances is an error, never an empty row."""
    name, everything = _read(spec, languages)
    utterances = {}
    for language in languages:
        of_language = [utterance for utterance in everything if utterance.language == language]
        if not of_language:
            have = sorted({utterance.language for utterance in everything})
            raise BenchError(
                f"language {language!r} has no utterances in {spec.path or name} (it has {', '.join(have) or 'none'}); "
                "take it out of `languages` or add its clips"
            )
        utterances[language] = sample(of_language, spec.utterances, seed)
    return Corpus(name, utterances)


def _read(spec: CorpusSpec, languages: tuple[str, ...]) -> tuple[str, list[Utterance]]:
    if spec.kind == "demo":
        if spec.split != "test":
            raise BenchError(f"corpus.split = {spec.split!r}: the demo ships its test split only")
        return f"{NAME}/{spec.split}", read_demo()
    path = spec.path or Path()
    return f"manifest/{path.stem}", read_manifest(path, languages)
