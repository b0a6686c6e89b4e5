"""What arms have said of the clips at hand, as drafts of what is said of them next; references are never among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.arms import Arm
from bench.runners.blocks import Block
from bench.runners.search import Drafts

BEFORE = "the condition before"
Said = dict[str, dict[str, tuple[int, ...]]]
"""Tokens by arm id and utterance id."""


@dataclass
class Heard:
    """Of one block and of the one before, whatever the corpus holds."""

    _language: str = ""
    _now: Said = field(default_factory=dict)
    _before: Said = field(default_factory=dict)
    _arms: dict[str, Arm] = field(default_factory=dict)

    def begin(self, block: Block) -> None:
        """Another block. A clip's last condition is another draft of it, in its own language."""
        self._before = self._now if block.language == self._language else {}
        self._now, self._language = {}, block.language

    def add(self, arm: Arm, utterance: str, tokens: Sequence[int]) -> None:
        """What the arm says of a clip under this condition."""
        self._arms[arm.source.spec.id] = arm
        self._now.setdefault(arm.source.spec.id, {})[utterance] = tuple(tokens)

    def drafts(self, arm: Arm, utterance: str) -> Drafts:
        """What other arms of its vocabulary said of the clip, in their order, then what it said one condition before;
        each text once.
        """
        others = {
            name: said[utterance]
            for name, said in self._now.items()
            if utterance in said and self._arms[name].vocabulary == arm.vocabulary
        }
        before = self._before.get(arm.source.spec.id, {}).get(utterance)
        known = others if before is None else {**others, BEFORE: before}
        first = {tokens: name for name, tokens in reversed(known.items())}
        return {name: tokens for name, tokens in known.items() if first[tokens] == name}
