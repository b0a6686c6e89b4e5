"""From a repository of the hub to sampled utterances; their audio, and no other, is kept beside the hub's own cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from bench.corpora.hub.files import find_split
from bench.corpora.hub.layouts import Layout, config_of, layout_of
from bench.corpora.hub.rows import Rows
from bench.corpora.sampling import Draw, no_speaker
from bench.corpora.utterance import Corpus, Utterance
from bench.corpus_identity import HubCorpus
from bench.errors import BenchError
from bench.io.files import cache_root, write_atomically
from bench.io.tabular import known, text_of
from bench.suite import CorpusSpec

SPEAKER = "speaker"
EMPTY = "no text"
RECIPE = 1
"""Raised whenever the same files would give other clips."""


def read_hub(spec: CorpusSpec, languages: Sequence[str], draw: Draw, pool: int = 0) -> Corpus:
    """Each language's sampled utterances; clips without text are rejected and counted.

    Raises BenchError naming what could not be had: repository, config, split, column or clip.
    """
    layout = layout_of(spec)
    utterances, pools, rejected, configs, commits = {}, {}, {}, {}, set()
    revision = spec.revision or layout.revision
    needed = None if spec.utterances is None else max(spec.utterances, pool)
    for language in languages:
        configs[language] = config = config_of(spec, layout, language)
        where = f"{spec.repo} {config or ''}".strip()
        split = find_split(spec.repo or "", revision, spec.path, config, spec.split, spec.streaming)
        commits.add(split.commit)
        rows = Rows(where, split, layout)
        everything, rejected[language] = _utterances(rows, language)
        drawn = draw.sample(everything, needed)
        if not drawn:
            raise BenchError(f"{where}: {no_speaker(draw)}")
        sampled = _with_audio(rows, drawn)
        utterances[language], pools[language] = sampled[: spec.utterances], sampled[:pool]
    if len(commits) > 1:
        raise BenchError(f"corpus.repo = {spec.repo}: it changed while it was read; run again")
    (commit,) = commits
    identity = HubCorpus(
        repo=spec.repo or "",
        revision=revision,
        commit=commit,
        split=spec.split,
        configs=configs,
        clusters=layout.cluster or SPEAKER,
    )
    return Corpus(identity, utterances, rejected, pools)


def _utterances(rows: Rows, language: str) -> tuple[list[Utterance], dict[str, int]]:
    """Without their audio, of which `audio` is the row's number for now."""
    layout, found, rejected = rows.layout, [], Counter[str]()
    for number, row in enumerate(rows.without_audio()):
        place = f"{rows.where}: row {number + 1}"
        text = (text_of(place, layout.text, row[layout.text]) or "").strip()
        if not text:
            rejected[EMPTY] += 1
            continue
        found.append(
            Utterance(
                id=Path(str(row[layout.id])).name if layout.id else f"{number:06d}",
                language=language,
                reference=text,
                speaker=_name(place, row, layout.speaker or layout.cluster),
                audio=str(number).encode(),
                gender=_gender(place, row, layout),
            )
        )
    if not found:
        raise BenchError(f"{rows.where}: no clip with text; mend corpus.columns")
    ids = Counter(utterance.id for utterance in found)
    if twice := [name for name, count in ids.items() if count > 1]:
        raise BenchError(f"{rows.where}: {twice[0]} stands {ids[twice[0]]} times; name a column of ids of its own")
    return found, dict(rejected)


def _name(place: str, row: Mapping[str, Any], column: str | None) -> str:
    """Empty where nobody is named."""
    return "" if column is None else known(text_of(place, column, row[column]) or "")


def _gender(place: str, row: Mapping[str, Any], layout: Layout) -> str:
    value = None if layout.gender is None else row[layout.gender]
    if isinstance(value, int) and layout.genders:
        return layout.genders[value] if 0 <= value < len(layout.genders) else ""
    return _name(place, row, layout.gender)


def _with_audio(rows: Rows, sampled: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """The same with files of their audio: written where they are not there yet, or as they lie in a local folder."""
    numbers = [int(utterance.audio) for utterance in sampled if isinstance(utterance.audio, bytes)]
    if rows.split.folder is not None and rows.split.commit is None:
        places = {number: Path(place) for number, place in rows.places(numbers)}
        return tuple(replace(clip, audio=places[number]) for clip, number in zip(sampled, numbers, strict=True))
    folder = _clip_folder(rows)
    places = {number: folder / f"{number:06d}" for number in numbers}
    lacking = {number for number, path in places.items() if not path.is_file()}
    if lacking:
        for number, audio in rows.audio(lacking):
            write_atomically(places[number], partial(_write, audio))
    return tuple(replace(clip, audio=places[number]) for clip, number in zip(sampled, numbers, strict=True))


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _clip_folder(rows: Rows) -> Path:
    """By what the clips are taken from: files of a commit never change, local ones are known by size and time."""
    split = rows.split
    digest = blake2b(f"{RECIPE}\0{split.kind}\0{split.folder}\0{rows.layout.audio}".encode(), digest_size=12)
    for name in split.files:
        digest.update(name.encode() + b"\0")
        if split.commit is None:
            state = Path(name).stat()
            digest.update(f"{state.st_size} {state.st_mtime_ns}".encode())
    return cache_root() / "hub" / "clips" / digest.hexdigest()
