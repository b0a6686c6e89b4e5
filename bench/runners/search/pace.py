"""How many foreseen tokens to feed at once: learnt from how often they came true, and from how long passes took."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls

from bench.runners.search.drafts import LONGEST

WIDEST = 64
"""Foreseen tokens that are ever fed at once."""
BELIEVED, WEIGHT = 0.8, 8
"""How often a token is foreseen rightly until that is known, and how many tokens that belief counts for."""
MEMORY = 256
"""Tokens behind which all earlier ones count by half."""
PASSES, ANEW = 64, 8
"""Latest passes that tell what a token costs, and after how many of them that is reckoned anew."""
COST, FEW, MANY = 0.25, 1, 17
"""Of one more token a row, in passes of one, until that is known: as if a pass of few and one of many had shown it."""
CHEAPEST, DEAREST = 0.01, 1.0
"""Bounds of that cost, whatever a busy machine makes of it."""


class Pace:
    """One arm's, over all of its batches. How many tokens are fed together changes no result."""

    def __init__(self) -> None:
        self._hits: dict[str, np.ndarray] = {}
        self._tries: dict[str, np.ndarray] = {}
        self._passes: deque[tuple[int, int, float]] = deque(maxlen=PASSES)
        self._count = 0
        self._terms = np.array([0.0, 1 - COST, COST])

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
        """A pass of so many rows and tokens a row: seconds of this thread, whatever else the machine does."""
        self._passes.append((rows, width, seconds))
        self._count += 1
        if self._count % ANEW == 0:
            self._terms = _fit(np.array(self._passes))

    def cost(self, rows: int) -> float:
        """Of one more token a row, in passes of one."""
        fixed, row, token = self._terms
        return float(np.clip(rows * token / (fixed + rows * (row + token)), CHEAPEST, DEAREST))


def _fit(passes: np.ndarray) -> np.ndarray:
    """Seconds of a pass, of a row and of a row's token, none below 0: by least squares over relative errors.

    `passes`: rows, tokens a row and seconds of each.
    """
    rows, width, seconds = passes.T
    usual = float(np.median(rows))
    scale = float(np.median(seconds / rows / (1 + COST * (width - 1))))
    before = [(usual, tokens, usual * scale * (1 + COST * (tokens - 1))) for tokens in (FEW, MANY)]
    rows, width, seconds = np.concatenate([passes, before]).T
    terms, _ = nnls(np.stack([1 / seconds, rows / seconds, rows * width / seconds], axis=1), np.ones(len(rows)))
    return np.asarray(terms)


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
