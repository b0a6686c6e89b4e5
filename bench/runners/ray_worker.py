"""A worker of the Ray engine: it holds the models, and writes the parts of the blocks that it is given."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from bench.errors import BenchError
from bench.manifest import DecodeSettings
from bench.runners.conditions import Conditions
from bench.runners.decoding import decode_gaps
from bench.runners.gaps import Gap, still_missing
from bench.runners.recognisers import Recogniser, find_source, load_recognisers, settings_of
from bench.store import Store
from bench.suite import Condition, Suite


@dataclass(frozen=True)
class Order:
    """What every worker needs to know, once. `arms`: fingerprint and settings that the driver named parts by, by id.

    `folder`: what relative paths are of; `conditions` hold no clips but the pools.
    """

    suite: Suite
    store: Store
    arms: Mapping[str, tuple[str, DecodeSettings]]
    conditions: Conditions
    used: frozenset[Condition]
    threads: int
    folder: str


class Worker:
    """An actor; `load` comes first."""

    def load(self, order: Order) -> list[str]:
        """Loads the models; returns what they have to say. Raises BenchError where this is not the driver's world."""
        if Path(order.folder).is_dir():
            os.chdir(order.folder)
        torch.set_num_threads(order.threads)
        sources = [find_source(order.suite, spec) for spec in order.suite.arms if spec.id in order.arms]
        for source in sources:
            here = source.fingerprint, settings_of(order.suite, source)
            _require_same(source.spec.id, order.arms[source.spec.id], here)
        self._store, self._conditions = order.store, order.conditions
        self._recognisers: list[Recogniser] = load_recognisers(order.suite, sources)
        self._conditions.prepare(order.used, Console(quiet=True))
        return [note for recogniser in self._recognisers for note in recogniser.notes()]

    def decode(self, gaps: Sequence[Gap]) -> Iterator[int]:
        """Yields how many of the gaps are closed, in their order; parts that are there already are not made again."""
        lacking = [(number, left) for number, gap in enumerate(gaps, 1) for left in still_missing([gap], self._has)]
        closed = decode_gaps(
            self._store, self._recognisers, (gap for _, gap in lacking), self._conditions, lambda _: None
        )
        for (number, _), _ in zip(lacking, closed, strict=True):
            yield number
        yield len(gaps)

    def _has(self, key: str) -> bool:
        return self._store.has_part(key)


def _require_same(arm: str, driver: tuple[str, DecodeSettings], here: tuple[str, DecodeSettings]) -> None:
    """Raises BenchError where parts would bear the name of something else than is in them."""
    if driver == here:
        return
    told, known = ({"its files": pair[0], **_dump(pair[1])} for pair in (driver, here))
    name = next(name for name in {**told, **known} if told.get(name) != known.get(name))
    raise BenchError(
        f"arm {arm}: {name}: {known.get(name)} on {socket.gethostname()}, {told.get(name)} where the run was started; "
        "give every machine the same files and the same environment"
    )


def _dump(settings: DecodeSettings) -> dict[str, Any]:
    return settings.model_dump()
