"""Whether every token is `generate`'s: `python -m bench.equality_study FOLDER SUITE...` adds rows to equality.csv.

The suites are run from nothing, as `bench run` does, and every batch of every arm is decoded a second time: by
transformers' `generate`, from the same encoder states, without drafts, into a cache of its own. On other transformers
than this environment's: with another environment's Python.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from torch import Tensor

from bench.api import load_suite, run
from bench.runners.greedy import generate
from bench.runners.search import Drafts, Searcher
from bench.runners.search.caches import CrossCache
from bench.suite import Suite


@dataclass
class Agreement:
    """Of one arm: decodes, how many have `generate`'s tokens, batches and how many of them `generate` had to take
    again, and seconds of one thread, ours (with what was taken again) and `generate`'s, after the encoder.
    """

    suite: str
    transformers: str
    attention: str
    batch: int
    arm: str
    decodes: int = 0
    equal: int = 0
    batches: int = 0
    again: int = 0
    seconds: float = 0.0
    seconds_generate: float = 0.0


@contextmanager
def beside_generate(suite: Suite) -> Iterator[dict[str, Agreement]]:
    """By arm id, filled while the suite runs."""
    found: dict[str, Agreement] = {}
    ours = Searcher.decode

    def decode(
        self: Searcher, states: Tensor, language: str, budget: int, drafts: Sequence[Drafts], cross: CrossCache
    ) -> list[list[int]]:
        arm, before = self.arm, self.again
        name, settings = arm.source.spec.id, arm.settings
        began = time.thread_time()
        tokens = ours(self, states, language, budget, drafts, cross)
        between = time.thread_time()
        expected = generate(arm, states, language, budget, arm.new_cache())
        fresh = Agreement(suite.name, version("transformers"), settings.attention, settings.batch, name)
        of = found.setdefault(name, fresh)
        of.decodes += len(expected)
        of.equal += sum(mine == other for mine, other in zip(tokens, expected, strict=True))
        of.batches += 1
        of.again += self.again - before
        of.seconds += between - began
        of.seconds_generate += time.thread_time() - between
        return tokens

    with patch.object(Searcher, "decode", decode):
        yield found


def main(folder: Path, names: Sequence[str]) -> None:
    """Rows of these suites are added to those that are there."""
    path = folder / "equality.csv"
    for name in names:
        suite = load_suite(name)
        with TemporaryDirectory() as scratch, beside_generate(suite) as found:
            run(suite, scratch)
        new = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(Agreement)])
            if new:
                writer.writeheader()
            writer.writerows(asdict(row) | _rounded(row) for row in found.values())


def _rounded(row: Agreement) -> dict[str, float]:
    return {name: round(getattr(row, name), 2) for name in ("seconds", "seconds_generate")}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
