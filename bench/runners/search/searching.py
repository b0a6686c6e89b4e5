"""Greedy search: every token the model's own, but those that were foreseen are checked together, in one pass."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bench.runners.search.batch import Batch
from bench.runners.search.drafts import Draft, Echo, Guide
from bench.runners.search.pace import WIDEST, Pace, best_width

AT_ONCE = 128
"""Positions whose logits are in memory together."""
Drafts = Mapping[str, Sequence[int]]
"""What was said of a clip before, without prompt and end, by kind: likeliest first."""


@dataclass(frozen=True)
class Rules:
    """How a text begins, what it may not hold, and where it ends.

    `margin`: how close a second logit may come to the best, as a share of the largest magnitude of all, before the last
    digits of another way to compute them could choose otherwise.
    """

    prompt: tuple[int, ...]
    never: tuple[int, ...]
    never_first: tuple[int, ...]
    end: int
    budget: int
    margin: float


class TooCloseError(Exception):
    """The two best logits of a step lie within the margin."""


class _Row:
    """A text under way: `said` begins with the prompt; the last `pending` of its tokens are not fed yet."""

    def __init__(self, rules: Rules, drafts: Drafts) -> None:
        self._rules = rules
        self.said = list(rules.prompt)
        self.pending = len(self.said)
        self.done = False
        others = [Draft(kind, [*rules.prompt, *tokens], len(rules.prompt)) for kind, tokens in drafts.items()]
        self._guides: list[Guide] = [*others, Echo()]

    @property
    def text(self) -> list[int]:
        return self.said[len(self._rules.prompt) :]

    @property
    def left(self) -> int:
        """Of the budget."""
        return 0 if self.done else self._rules.budget - len(self.said) + len(self._rules.prompt)

    def guide(self) -> Guide:
        """The one that has been right for longest; the first of equals."""
        return max(self._guides, key=lambda guide: guide.run)

    def say(self, tokens: Sequence[int]) -> None:
        """Up to the end, or what is left of the budget."""
        self.pending = 1
        for token in tokens:
            if token == self._rules.end:
                self.done = True
                return
            self.said.append(token)
            for guide in self._guides:
                guide.hear(self.said)
        self.done = not self.left


def search(batch: Batch, rules: Rules, drafts: Sequence[Drafts], pace: Pace) -> list[list[int]]:
    """The tokens of each row, without prompt and end.

    Raises TooCloseError where what is said could depend on which tokens were fed together.
    """
    rows = [_Row(rules, of_row) for of_row in drafts]
    held = rows
    while going := [row for row in held if not row.done]:
        if len(going) <= len(held) / 2:
            batch.keep([i for i, row in enumerate(held) if not row.done])
            held = going
        _advance(batch, held, rules, pace)
    return [row.text for row in rows]


def _advance(batch: Batch, rows: Sequence[_Row], rules: Rules, pace: Pace) -> None:
    """One pass, in which every row that goes on says at least one token."""
    guides = [row.guide() for row in rows]
    foreseen = _foresee(rows, guides, pace)
    pairs = list(zip(rows, foreseen, strict=True))
    fed = [[] if row.done else [*row.said[-row.pending :], *tokens] for row, tokens in pairs]
    read = [0 if row.done else 1 + len(tokens) for row, tokens in pairs]
    began = time.thread_time()
    chosen = _choose(batch, batch.feed(fed, read), [not row.text for row in rows], read, rules)
    if fed[0] == fed[0][-read[0] :]:  # else it is the first, which takes in the prompt and the encoder's output
        pace.took(len(rows), max(read), time.thread_time() - began)
    rejected = []
    for (row, tokens), guide, (best, close) in zip(pairs, guides, chosen, strict=True):
        right = _common_start(tokens, best)
        rejected.append(len(tokens) - right)
        if row.done:
            continue
        if any(close[: right + 1]):
            raise TooCloseError
        pace.learn(guide.kind, guide.run, tokens or guide.ahead(row.said, 1), best[: right + 1])
        row.say(best[: right + 1])
    batch.forget(rejected)


def _foresee(rows: Sequence[_Row], guides: Sequence[Guide], pace: Pace) -> list[list[int]]:
    """The tokens that are worth feeding behind each row's own; one more than these can be said."""
    ahead = [
        guide.ahead(row.said, min(row.left - 1, WIDEST)) if row.left else []
        for row, guide in zip(rows, guides, strict=True)
    ]
    going = [(guide, tokens) for row, guide, tokens in zip(rows, guides, ahead, strict=True) if not row.done]
    chances = [pace.chances(guide.kind, guide.run, len(tokens)) for guide, tokens in going]
    width = best_width(chances, pace.cost(len(rows)))
    return [tokens[:width] for tokens in ahead]


def _common_start(one: Sequence[int], other: Sequence[int]) -> int:
    """How many first tokens are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _choose(
    batch: Batch, hidden: Tensor, first: Sequence[bool], read: Sequence[int], rules: Rules
) -> list[tuple[list[int], list[bool]]]:
    """For each row the best token after each position that was read, and whether another one comes close to it."""
    beginning = torch.zeros(len(hidden), dtype=torch.bool)
    beginning[[sum(read[:i]) for i, is_first in enumerate(first) if is_first and read[i]]] = True
    parts = zip(hidden.split(AT_ONCE), beginning.to(hidden.device).split(AT_ONCE), strict=True)
    best, close = zip(*(_best(batch.logits(part), is_first, rules) for part, is_first in parts), strict=True)
    by_row = (torch.cat(of_parts).cpu().split(list(read)) for of_parts in (best, close))
    return [(tokens.tolist(), near.tolist()) for tokens, near in zip(*by_row, strict=True)]


def _best(logits: Tensor, first: Tensor, rules: Rules) -> tuple[Tensor, Tensor]:
    """(positions, vocabulary) to the best allowed token of each, and whether another lies within the margin."""
    logits = logits.float()
    margin = rules.margin * logits.abs().amax(dim=-1)
    logits[:, list(rules.never)] = -torch.inf
    logits[:, list(rules.never_first)] = logits[:, list(rules.never_first)].masked_fill(first.unsqueeze(1), -torch.inf)
    top, best = logits.max(dim=-1)
    return best, (logits >= (top - margin).unsqueeze(1)).sum(dim=-1) > 1
