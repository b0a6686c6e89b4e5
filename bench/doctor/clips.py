"""What a run needs of the corpus: clips that can be read, speakers to resample, and none too long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from bench.corpora import Corpus
from bench.doctor.findings import NOTE, OK, Finding, checked
from bench.errors import BenchError
from bench.runners import Conditions, Source, find_source, fits_here, require_fitting, require_speakers
from bench.suite import ArmSpec, Suite


def check_corpus(suite: Suite, conditions: Conditions) -> Iterator[Finding]:
    """Clips and speakers a language. Raises BenchError where a condition finds no material."""
    corpus = conditions.corpus
    clips = ", ".join(f"{language} {len(clips):,}" for language, clips in corpus.utterances.items())
    yield Finding(OK, "data", f"{corpus.name}: {clips} clips")
    yield from (Finding(NOTE, "data", note) for note in corpus.notes)
    rejected = {language: sum(reasons.values()) for language, reasons in corpus.rejected.items()}
    if any(rejected.values()):
        counts = ", ".join(f"{language} {count}" for language, count in rejected.items() if count)
        yield Finding(NOTE, "data", f"rows rejected: {counts}; `bench data` says why")
    yield from _placed(corpus)
    yield from checked("speakers", lambda: _speakers(suite, corpus))
    conditions.require_material(suite.conditions, suite.languages)


def _placed(corpus: Corpus) -> Iterator[Finding]:
    """Clips whose names tell where they lie here."""
    placed = [clip for clips in corpus.utterances.values() for clip in clips if PurePath(clip.id).is_absolute()]
    if placed:
        first = f"{placed[0].language} clip {placed[0].id}"
        what = f"{len(placed):,} clips are called by a place on this machine ({first}), which records and pages show"
        yield Finding(NOTE, "data", f"{what}; give an id column, or paths relative to the manifest")


def _speakers(suite: Suite, corpus: Corpus) -> Iterator[Finding]:
    require_speakers(suite, corpus)
    clusters = corpus.identity.clusters
    if clusters != "speaker":
        yield Finding(NOTE, "speakers", f"the corpus names none; clips of one {clusters} are resampled together")
        return
    nameless = [language for language, clips in corpus.utterances.items() if not all(clip.speaker for clip in clips)]
    alone = [language for language, clips in corpus.utterances.items() if len({clip.speaker for clip in clips}) == 1]
    if nameless:
        names = " ".join(nameless)
        yield Finding(NOTE, "speakers", f"not every clip names one in {names}; clips are resampled there")
    if single := [language for language in alone if language not in nameless]:
        names = " ".join(single)
        yield Finding(NOTE, "speakers", f"all clips are by one in {names}; clips are resampled, as if it were many")
    if not nameless and not single:
        yield Finding(OK, "speakers", "named for every clip, and resampled")


def check_window(suite: Suite, corpus: Corpus) -> Iterator[Finding]:
    """Of the arms whose models are here: what becomes of the others is said where they stand."""
    sources = [source for arm in suite.arms if fits_here(arm) and (source := _found(suite, arm)) is not None]
    require_fitting(suite.decode, corpus, sources)
    if suite.decode.long_clips == "refuse" and sources:
        yield Finding(OK, "data", "no clip is longer than the models' window")


def _found(suite: Suite, arm: ArmSpec) -> Source | None:
    try:
        return find_source(suite, arm)
    except BenchError:
        return None
