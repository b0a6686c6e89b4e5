"""What a run is to decode, the disk that takes, and what its clips could show."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from math import isnan
from pathlib import Path

from bench.conversion.by_word import list_missing
from bench.corpora import Corpus
from bench.cost import BYTES_PER_DECODE
from bench.doctor.findings import FAIL, NOTE, OK, Finding
from bench.errors import BenchError
from bench.io.remote import Remote
from bench.plan import Supposition, make_plan
from bench.runners import Conditions, plan_work, require_same_commits
from bench.store import Store
from bench.suite import Suite

SUPPOSED_WER = 30.0
"""The control's error rate, in per cent, where nothing is decoded yet."""
ROOM = 2
"""How many times the disk that decodes take must be free: with less, they come too near the end of it."""


def check_decodes(suite: Suite, store: Store, conditions: Conditions) -> Iterator[Finding]:
    """How many are missing, and whether the disk holds them. Raises BenchError for decodes of other commits."""
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


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())


def check_effect(suite: Suite, store: Store, corpus: Corpus) -> Iterator[Finding]:
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
        costs = f"{lowest:.1f} ({best}) to {most:.1f} points ({worst})" if len(known) > 1 else f"{most:.1f} points"
        text = f"a cost of {least}{costs} would be marked, {source}"
        yield Finding(OK, "effect", f"{text}; `bench plan` says more")
