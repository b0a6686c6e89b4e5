"""From gaps to stored parts: every clip read, heard by every arm that lacks it, written as soon as all are heard."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bench.runners.blocks import Block
from bench.runners.clips import Clip, read_ahead
from bench.runners.conditions import Conditions
from bench.runners.gaps import Gap, write_part
from bench.runners.recognisers import Recognised, Recogniser, Transcript
from bench.store import Store

NOTHING_HEARD = Transcript("", tokens=0)
"""In a clip that cannot be read."""


def decode_gaps(
    store: Store,
    recognisers: Sequence[Recogniser],
    gaps: Iterable[Gap],
    conditions: Conditions,
    advance: Callable[[float], None],
) -> Iterator[Gap]:
    """Yields each gap once its parts are written. The next gap is asked for while one is decoded."""
    begun: deque[Gap] = deque()

    def blocks() -> Iterator[Block]:
        for gap in gaps:
            begun.append(gap)
            yield gap.block

    for clips in read_ahead(blocks(), conditions):
        gap = begun.popleft()
        for recogniser in recognisers:
            arm_ids = [arm_id for arm_id in recogniser.arm_ids if arm_id in gap.parts]
            if not arm_ids:
                continue
            for heard in recogniser.recognise(gap.block, clips, arm_ids, advance):
                with conditions.spent.on("decodes written"):
                    write_part(store, gap, heard.arm_id, _rows(gap.block, heard))
        yield gap


def _rows(block: Block, heard: Recognised) -> list[dict[str, Any]]:
    pairs = zip(heard.clips, heard.transcripts, strict=True)
    return [_row(block, clip, transcript or NOTHING_HEARD) for clip, transcript in pairs]


def _row(block: Block, clip: Clip, transcript: Transcript) -> dict[str, Any]:
    return {
        "language": block.language,
        "condition": block.condition.name,
        **clip.columns,
        "hypothesis": transcript.text,
        "tokens": transcript.tokens,
        "finish": transcript.finish,
        "nll": transcript.nll,
        "nll_tokens": transcript.nll_tokens,
    }
