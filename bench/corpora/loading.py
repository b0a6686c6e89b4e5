"""From a suite's corpus section to the utterances of each of its languages."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bench.corpora.common_voice import read_common_voice
from bench.corpora.demo import IDENTITY, read_demo
from bench.corpora.manifest import read_manifest
from bench.corpora.sampling import Draw, no_speaker
from bench.corpora.utterance import Corpus, Utterance
from bench.corpus_identity import CorpusIdentity, ManifestCorpus
from bench.errors import BenchError
from bench.languages import match
from bench.suite import CorpusSpec


def load_corpus(spec: CorpusSpec, languages: tuple[str, ...], seed: int, pool: int = 0, aside: bool = False) -> Corpus:
    """The sampled utterances of every language, and as many of its first clips as `pool` says.

    `aside`: of the speakers that are set aside, not of those that are tested on. A language without utterances is an
    error, never an empty row.
    """
    draw = Draw(seed, spec.set_aside, aside)
    if spec.kind == "common-voice":
        path = _require_path(spec, "a Common Voice release: its folder, or the archive of a locale")
        return read_common_voice(path, languages, spec.split, spec.release, spec.utterances, draw, pool)
    if spec.kind == "hub":
        from bench.corpora.hub.reading import read_hub  # with the hub's client, which no other corpus waits for

        if spec.path is not None and not _require_path(spec, "a copy of the repository").is_dir():
            raise BenchError(f"corpus.path = {spec.path}: no such folder; mend it, or leave it out to take the hub's")
        return read_hub(spec, languages, draw, pool)
    identity, everything = _read(spec, languages)
    utterances, pools = {}, {}
    for language in languages:
        of_language = [utterance for utterance in everything if utterance.language == language]
        if not of_language:
            have = sorted({utterance.language for utterance in everything})
            raise BenchError(
                f"language {language!r} has no utterances in {spec.path or identity.name} (it has "
                f"{', '.join(have) or 'none'}); take it out of `languages` or add its clips"
            )
        utterances[language] = draw.sample(of_language, spec.utterances)
        pools[language] = draw.sample(of_language, pool)
        if not utterances[language]:
            raise BenchError(f"language {language!r}: {no_speaker(draw)}")
    return Corpus(identity, utterances, pool=pools, notes=tuple(_passed_over(spec, everything, languages)))


def _passed_over(spec: CorpusSpec, everything: Iterable[Utterance], languages: Collection[str]) -> Iterator[str]:
    """That a file's rows are of languages that nobody asks for, in one line."""
    others = Counter(utterance.language for utterance in everything if utterance.language not in languages)
    if spec.path is not None and others:
        named = ", ".join(f"{language} ({count:,})" for language, count in others.most_common())
        yield f"{spec.path.name}: rows of languages not asked for are passed over: {named}"


def _read(spec: CorpusSpec, languages: tuple[str, ...]) -> tuple[CorpusIdentity, list[Utterance]]:
    if spec.kind == "demo":
        return IDENTITY, [
            replace(clip, language=match(clip.language, languages) or clip.language) for clip in read_demo()
        ]
    path = _require_path(spec, "a .jsonl or .tsv manifest")
    return ManifestCorpus(stem=path.stem), read_manifest(path, languages)


def _require_path(spec: CorpusSpec, what: str) -> Path:
    if spec.path is None:
        raise BenchError(f"corpus.path: missing; name {what} in the suite or give --corpus-path")
    if unset := re.search(r"\$\{?\w+\}?", str(spec.path)):
        raise BenchError(f"corpus.path = {spec.path}: {unset.group()} is not set; export it or give --corpus-path")
    return spec.path
