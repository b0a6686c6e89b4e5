"""Threads of a step give way to other programs; what is made ahead comes in order."""

import os
import threading
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bench.runners.threads import fitting_threads, made_ahead, share_processors

COUNTS = st.integers(1, 256)


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A machine of four processors on which only one of our threads runs."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(os, "getloadavg", lambda: (1.0, 9.0, 9.0))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield monkeypatch
    torch.set_num_threads(before)


@given(COUNTS, st.floats(0, 1000), COUNTS)
def test_no_more_than_usual_and_never_none(usual: int, load: float, processors: int) -> None:
    for now in (1, usual):
        assert 1 <= fitting_threads(usual, now, load, processors) <= usual


@given(COUNTS, COUNTS, st.integers(1, 9))
def test_runs_side_by_side_come_to_share_a_machine(processors: int, threads: int, runs: int) -> None:
    """Runs alike, by the load that they make together: each gets its part at once, and keeps it."""
    shared = fitting_threads(processors, threads, float(runs * threads), processors)
    assert shared == max(1, round(processors / runs))
    assert fitting_threads(processors, shared, float(runs * shared), processors) == shared


def test_idle_processors_are_used_and_given_up(idle: pytest.MonkeyPatch) -> None:
    share_processors(4)
    assert torch.get_num_threads() == 4
    idle.setattr(os, "getloadavg", lambda: (8.0, 0.0, 0.0))
    share_processors(4)
    assert torch.get_num_threads() == 2


def test_what_users_set_stays(idle: pytest.MonkeyPatch) -> None:
    idle.setenv("OMP_NUM_THREADS", "1")
    share_processors(4)
    assert torch.get_num_threads() == 1


def test_the_next_is_made_meanwhile_by_one_other_thread() -> None:
    made: list[int] = []

    def make(number: int) -> tuple[int, int]:
        made.append(number)
        return number, threading.get_ident()

    ahead = made_ahead(make, range(5))
    first = next(ahead)
    assert first[0] == 0
    rest = list(ahead)
    assert [number for number, _ in rest] == made[1:] == [1, 2, 3, 4]
    assert {thread for _, thread in rest} == {first[1]} != {threading.get_ident()}
    assert list(made_ahead(make, [])) == []


def test_what_fails_ahead_fails_in_its_turn() -> None:
    ahead = made_ahead(lambda number: 6 // number, [3, 0, 2])
    assert next(ahead) == 2
    with pytest.raises(ZeroDivisionError):
        next(ahead)
