"""How many foreseen tokens to feed at once: learnt from how often they came true, and from how long passes took."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from bench.runners.search.drafts import LONGEST

WIDEST = 64
"""Foreseen tokens that are ever fed at once."""
BELIEVED, WEIGHT = 0.8, 8
"""How often a token is foreseen rightly until that is known, and how many tokens that belief counts for."""
MEMORY = 256
"""Tokens behind which all earlier ones count by half."""
PASSES = 64
"""Latest passes that tell what a token costs."""
COST, PRIOR = 0.25, ((1, 1.0), (17, 1.0))
"""Of one more token a row, in passes of one, until that is known: as if passes of so many tokens, with such weights,
had taken that.
"""
CHEAPEST, DEAREST = 0.01, 1.0
"""Bounds of that cost, whatever a busy machine makes of it."""


class Pace:
    """One arm's, over all of its batches. How many tokens are fed together changes no result."""

    def __init__(self) -> None:
        self._hits: dict[str, np.ndarray] = {}
        self._tries: dict[str, np.ndarray] = {}
        self._passes: deque[tuple[int, int, float]] = deque(maxlen=PASSES)

    def _tallies(self, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """By run of agreement: how often the next token was foreseen rightly, of how many times."""
        if kind not in self._hits:
            self._hits[kind] = np.full(LONGEST + 1, BELIEVED * WEIGHT)
            self._tries[kind] = np.full(LONGEST + 1, float(WEIGHT))
        return self._hits[kind], self._tries[kind]

    def learn(self, kind: str, run: int, foreseen: Sequence[int], said: Sequence[int]) -> None:
        """What a guide of that kind and run had foreseen, and what was said, up to where they part."""
        hits, tries = self._tallies(kind)
        for token, true in zip(foreseen, said, strict=False):
            hits[run] += token == true
            tries[run] += 1
            if tries[run] >= MEMORY:
                hits[run], tries[run] = hits[run] / 2, tries[run] / 2
            if token != true:
                return
            run = min(run + 1, LONGEST)

    def chances(self, kind: str, run: int, length: int) -> np.ndarray:
        """That what such a guide foresees comes true up to the first token, the second, …: `length` probabilities."""
        hits, tries = self._tallies(kind)
        runs = np.minimum(run + np.arange(length), LONGEST)
        return np.cumprod(hits[runs] / tries[runs])

    def took(self, rows: int, width: int, seconds: float) -> None:
        """A pass of so many rows and tokens a row."""
        self._passes.append((rows, width, seconds))

    def cost(self) -> float:
        """Of one more token a row, in passes of one: by least squares over relative errors, seconds = rows (a + b
        width).
        """
        if not self._passes:
            return COST
        rows, width, seconds = np.array(self._passes).T
        scale = np.median(seconds / rows / _expected(width))
        before = np.array([[weight, weight * width] for width, weight in PRIOR])
        before /= scale * _expected(np.array([[width] for width, _ in PRIOR]))
        terms = np.concatenate([np.stack([rows / seconds, rows * width / seconds], axis=1), before])
        ones = np.concatenate([np.ones(len(rows)), [weight for _, weight in PRIOR]])
        row, token = np.linalg.lstsq(terms, ones, rcond=None)[0]
        return float(np.clip(token / max(row + token, token, 1e-300), CHEAPEST, DEAREST))


def _expected(width: np.ndarray) -> np.ndarray:
    """What a pass of that many tokens a row takes, in passes of one."""
    return np.asarray(1 + COST * (width - 1))


def best_width(chances: Sequence[np.ndarray], cost: float) -> int:
    """The foreseen tokens a row for which most tokens are to be expected in the time; 0 is plain decoding.

    `chances`: each row's, as of `Pace.chances`. A pass of w costs 1 + `cost` w; every row says one token more than come
    true.
    """
    gained = np.zeros(1 + max((len(row) for row in chances), default=0))
    gained[0] = len(chances)
    for row in chances:
        gained[1 : 1 + len(row)] += row
    return int(np.argmax(np.cumsum(gained) / (1 + cost * np.arange(len(gained)))))
