"""From a suite's corpus section to the utterances of each of its languages."""

import re
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
        return NAME, read_demo()
    path = _manifest_path(spec)
    return f"manifest/{path.stem}", read_manifest(path, languages)


def _manifest_path(spec: CorpusSpec) -> Path:
    if spec.path is None:
        raise BenchError("corpus.path: missing; name a .jsonl or .tsv manifest in the suite or give --corpus-path")
    if unset := re.search(r"\$\{?\w+\}?", str(spec.path)):
        raise BenchError(f"corpus.path = {spec.path}: {unset.group()} is not set; export it or give --corpus-path")
    return spec.path
