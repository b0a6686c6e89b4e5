"""Threads that do not fight: how many torch may use for a step, and what is made ahead of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

CHOSEN = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables by which users set the number themselves."""
Given = TypeVar("Given")
Made = TypeVar("Made")


def share_processors(usual: int) -> None:
    """Gives torch its share of the processors, up to `usual` threads: fewer where other programs want some as well.

    A step's threads wait for the last of them: one that has to wait for a processor holds up all, thousands of times a
    second. What users have set stays.
    """
    if any(os.environ.get(name) for name in CHOSEN) or not hasattr(os, "getloadavg"):
        return
    now = torch.get_num_threads()
    threads = fitting_threads(usual, now, os.getloadavg()[0], os.cpu_count() or 1)
    if threads != now:
        torch.set_num_threads(threads)


def fitting_threads(usual: int, now: int, load: float, processors: int) -> int:
    """For a program that runs `now` of the `load` threads that want to run: as large a part of the processors."""
    return min(usual, max(1, round(now * processors / max(load, now))))


def made_ahead(make: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """What is made of each, in order, the next being made by another thread while the caller works on this one."""
    with ThreadPoolExecutor(1) as thread:
        waiting: Future[Made] | None = None
        for each in given:
            following = thread.submit(make, each)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()
