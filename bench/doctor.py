"""What a run needs, examined before it fails: a finding for everything, with what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from math import isnan
from pathlib import Path
from typing import Final, Literal

import torch

from bench.arms import conversion_folder, find_arm, require_device
from bench.conversion.by_word import list_missing
from bench.corpora import Corpus
from bench.cost import BYTES_PER_DECODE
from bench.errors import BenchError
from bench.io.places import Remote
from bench.plan import Supposition, make_plan
from bench.runners import (
    Conditions,
    Source,
    conditions_of,
    describe_arm,
    find_source,
    fits_here,
    plan_work,
    require_fitting,
    require_same_commits,
    require_speakers,
)
from bench.store import Store
from bench.suite import ArmSpec, Suite

State = Literal["ok", "note", "FAIL"]
OK: Final = "ok"
NOTE: Final = "note"
FAIL: Final = "FAIL"
SUPPOSED_WER = 30.0
"""The control's error rate, in per cent, where nothing is decoded yet."""
ROOM = 2
"""How many times the disk that decodes take must be free: with less, they come too near the end of it."""


@dataclass(frozen=True)
class Finding:
    """One thing that a run needs; with `FAIL` the run would not go through.

    `text` says what is the case, and for a failure what to do.
    """

    state: State
    topic: str
    text: str


def examine(suite: Suite, store: Store) -> Iterator[Finding]:
    """Findings in the order in which a run would stumble over them; without a corpus, none of what needs one.

    Models are loaded one after the other, on the CPU.
    """
    yield from _versions(suite)
    yield from _checked("GPU", lambda: _device(suite))
    for arm in suite.arms:
        state: State = FAIL if fits_here(arm) else NOTE
        yield from _checked("models", lambda arm=arm: _model(suite, arm), state)  # type: ignore[misc]
    try:
        conditions = conditions_of(suite)
    except BenchError as error:
        yield Finding(FAIL, "data", str(error))
        return
    yield from _checked("data", lambda: _data(suite, conditions))
    yield from _checked("data", lambda: _fitting(suite, conditions.corpus))
    yield from _checked("decodes", lambda: _decodes(suite, store, conditions))
    yield from _checked("effect", lambda: _effect(suite, store, conditions.corpus))


def _checked(topic: str, check: Callable[[], Iterator[Finding]], state: State = FAIL) -> Iterator[Finding]:
    """The check's findings; a BenchError that ends it becomes one in that state."""
    try:
        yield from check()
    except BenchError as error:
        yield Finding(state, topic, str(error))


def _versions(suite: Suite) -> Iterator[Finding]:
    here = f"torch {version('torch')}, transformers {version('transformers')}"
    yield Finding(OK, "versions", here)
    elsewhere = [arm for arm in suite.arms if not fits_here(arm)]
    for wanted in dict.fromkeys(arm.transformers for arm in elsewhere):
        names = ", ".join(arm.id for arm in elsewhere if arm.transformers == wanted)
        text = f"{names}: to be decoded with transformers {wanted}; `bench run` leaves them to such an environment"
        yield Finding(FAIL if len(elsewhere) == len(suite.arms) else NOTE, "versions", text)


def _device(suite: Suite) -> Iterator[Finding]:
    """Of transformers; other runners find their own when they load."""
    if suite.decode.device == "cpu":
        yield Finding(OK, "GPU", 'none is asked for (decode.device = "cpu")')
    elif suite.models:
        require_device(suite.decode.device)
        free, total = torch.cuda.mem_get_info()
        yield Finding(OK, "GPU", f"{torch.cuda.get_device_name()}, {free / 2**30:.1f} of {total / 2**30:.1f} GB free")


def _model(suite: Suite, arm: ArmSpec) -> Iterator[Finding]:
    if arm.calibrated is not None:
        folder = conversion_folder(arm, find_arm(suite.files_of(arm)).fingerprint)
        if not folder.is_dir():
            yield Finding(OK, "models", f"{arm.id}: {arm.model} is not made yet; `bench run` makes it first ({folder})")
            return
    yield Finding(OK, "models", f"{arm.id}: {describe_arm(suite, arm)}")
    calibration = find_source(suite, arm).calibration()
    if calibration is not None and (caution := calibration.caution(arm.id, suite.languages)):
        yield Finding(NOTE, "languages", caution)
    if arm.trust_remote_code:
        folder = find_arm(arm).folder
        yield Finding(NOTE, "code", f"{arm.id} runs code of its own ({folder}/*.py), with your consent: read it")


def _data(suite: Suite, conditions: Conditions) -> Iterator[Finding]:
    corpus = conditions.corpus
    clips = ", ".join(f"{language} {len(clips):,}" for language, clips in corpus.utterances.items())
    yield Finding(OK, "data", f"{corpus.name}: {clips} clips")
    yield from (Finding(NOTE, "data", note) for note in corpus.notes)
    rejected = {language: sum(reasons.values()) for language, reasons in corpus.rejected.items()}
    if any(rejected.values()):
        counts = ", ".join(f"{language} {count}" for language, count in rejected.items() if count)
        yield Finding(NOTE, "data", f"rows rejected: {counts}; `bench data` says why")
    yield from _checked("speakers", lambda: _speakers(suite, corpus))
    conditions.require_material(suite.conditions, suite.languages)


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


def _decodes(suite: Suite, store: Store, conditions: Conditions) -> Iterator[Finding]:
    if unmade := list_missing(suite):
        names = ", ".join(missing.spec.id for missing in unmade)
        yield Finding(OK, "decodes", f"are counted when {names} {'are' if len(unmade) > 1 else 'is'} made")
        return
    work = plan_work(suite, [], conditions)
    require_same_commits(store, work)
    missing = sum(gap.decodes for gap in work.missing(store))
    there = f"{work.decodes - missing:,} of {work.decodes:,} are there; {missing:,} to be made in this environment"
    yield Finding(OK, "decodes", there)
    needed = missing * (store.bytes_per_decode() or BYTES_PER_DECODE)
    if isinstance(store.folder, Remote):
        yield Finding(NOTE, "disk", f"{needed / 1e6:.1f} MB needed at {store.folder}; what is free there is not known")
        return
    free = shutil.disk_usage(_existing(store.folder)).free
    text = f"{needed / 1e6:.1f} MB needed in {store.folder}, {free / 1e9:.1f} GB free"
    if needed * ROOM > free:
        yield Finding(FAIL, "disk", f"{text}; make room or name another --results")
    else:
        yield Finding(OK, "disk", text)


def _fitting(suite: Suite, corpus: Corpus) -> Iterator[Finding]:
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


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())


def _effect(suite: Suite, store: Store, corpus: Corpus) -> Iterator[Finding]:
    """The cost that would be marked with 80 % chance, in the language that tells most and the one that tells least."""
    if not any(arm.control for arm in suite.arms):
        yield Finding(NOTE, "effect", "no arm has a control, so nothing is compared")
        return
    try:
        plan, source = make_plan(suite, store, None, None), "as the stored decodes have it"
    except BenchError:
        plan = make_plan(suite, store, Supposition(SUPPOSED_WER), None, corpus)
        source = f"if the control's rate is {SUPPOSED_WER:g} %"
    known = sorted((row.detectable, row.size.language) for row in plan.languages if not isnan(row.detectable))
    if known:
        (lowest, best), (most, worst) = known[0], known[-1]
        least = "at least " if any(row.size.least for row in plan.languages) else ""
        text = f"a cost of {least}{lowest:.1f} ({best}) to {most:.1f} points ({worst}) would be marked, {source}"
        yield Finding(OK, "effect", f"{text}; `bench plan` says more")
