"""What a run needs, examined before it fails: a finding for everything, with what to do."""

from __future__ import annotations

from collections.abc import Iterator

from bench.doctor.calibration import check_calibration
from bench.doctor.clips import check_corpus, check_window
from bench.doctor.decodes import check_decodes, check_effect
from bench.doctor.environment import check_device, check_model, check_versions
from bench.doctor.findings import FAIL, NOTE, Finding, State, checked
from bench.errors import BenchError
from bench.runners import conditions_of, fits_here
from bench.store import Store
from bench.suite import Suite

__all__ = ["FAIL", "Finding", "examine"]


def examine(suite: Suite, store: Store) -> Iterator[Finding]:
    """Findings in the order in which a run would stumble over them; without a corpus, none of what needs one.

    Models are loaded one after the other, on the CPU.
    """
    yield from check_versions(suite)
    yield from checked("GPU", lambda: check_device(suite))
    for arm in suite.arms:
        state: State = FAIL if fits_here(arm) else NOTE
        yield from checked("models", lambda arm=arm: check_model(suite, arm), state)  # type: ignore[misc]
    try:
        conditions = conditions_of(suite)
    except BenchError as error:
        yield Finding(FAIL, "data", str(error))
        return
    yield from checked("data", lambda: check_corpus(suite, conditions))
    yield from checked("data", lambda: check_window(suite, conditions.corpus))
    yield from checked("speakers", lambda: check_calibration(suite, conditions.corpus))
    yield from checked("decodes", lambda: check_decodes(suite, store, conditions))
    yield from checked("effect", lambda: check_effect(suite, store, conditions.corpus))
