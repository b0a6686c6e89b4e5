"""What is still to be decoded, clip by clip: a part that is missing takes what other parts of its stem hold already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bench.decode_parts import STEM_END, parts_by_stem
from bench.runners.blocks import Block
from bench.runners.keys import PartName
from bench.store import Store


@dataclass(frozen=True)
class MissingPart:
    """One that is to be written, and the parts that hold those of its clips that are decoded already.

    `misfits`: a file of its name is there, and holds other clips than its name says.
    """

    name: PartName
    sources: tuple[str, ...]
    misfits: bool = False


@dataclass(frozen=True)
class Gap:
    """Clips of a block that some arms have not decoded: `block` holds no others, `lacking` are their places in it.

    `place` is the block's among the suite's. `parts`, by arm id; arms that share a part have it once, under the first.
    """

    place: int
    block: Block
    lacking: tuple[int, ...]
    parts: Mapping[str, MissingPart]

    @property
    def decodes(self) -> int:
        return len(self.lacking) * len(self.parts)


@dataclass(frozen=True, eq=False)
class _Kept:
    """In which part each decoded clip is, by stem. Parts that were changed since they were recorded hold none."""

    store: Store
    recorded: Mapping[str, str]
    there: Collection[str]
    parts: Mapping[str, Sequence[str]]
    _clips: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store) -> _Kept:
        arms = store.read_manifest().arms.values() if store.is_readable() else ()
        recorded = {key: value for arm in arms for key, value in arm.hashes.items()}
        there = store.part_keys()
        return cls(store, recorded, there, parts_by_stem(there))

    def clips(self, stem: str) -> Mapping[str, str]:
        """The part that holds each clip, by clip key."""
        if stem not in self._clips:
            parts = [part for part in self.parts.get(stem, ()) if self._is_unchanged(part)]
            self._clips[stem] = {clip: part for part in parts for clip in self.store.read_clip_keys(part)}
        return self._clips[stem]

    def holds(self, key: str) -> bool:
        """Whether the part is there. So is one that was changed after it was recorded: comparing names it.

        One that no manifest knows, as of a killed run, is there if it holds the clips of its name.
        """
        return key in self.there and (key in self.recorded or self._is_unchanged(key))

    def _is_unchanged(self, part: str) -> bool:
        if part in self.recorded:
            return self.store.hash_part(part) == self.recorded[part]
        stem, _, _ = part.partition(STEM_END)
        return PartName(stem, tuple(self.store.read_clip_keys(part))).key == part


def find_gaps(blocks: Sequence[Block], arms: Mapping[str, Sequence[PartName]], store: Store) -> list[Gap]:
    """Parts that are not there, by block and by which clips they lack; where they lack none, `lacking` is empty.

    `arms`: by id, the part of every block. Such gaps of the same clips share one tuple of utterances.
    """
    kept, claimed = _Kept.of(store), set[str]()
    gaps: dict[tuple[int, tuple[int, ...]], dict[str, MissingPart]] = {}
    for i in range(len(blocks)):
        for arm_id, names in arms.items():
            name = names[i]
            if name.key in claimed or kept.holds(name.key):
                continue
            claimed.add(name.key)
            there = kept.clips(name.stem)
            lacking = tuple(place for place, clip in enumerate(name.clips) if clip not in there)
            sources = tuple(sorted({there[clip] for clip in name.clips if clip in there}))
            gaps.setdefault((i, lacking), {})[arm_id] = MissingPart(name, sources, name.key in kept.there)
    blocks_of_gaps = _narrowed(blocks, list(gaps))
    found = zip(blocks_of_gaps, gaps.items(), strict=True)
    return [Gap(place, block, lacking, parts) for block, ((place, lacking), parts) in found]


def _narrowed(blocks: Sequence[Block], places: Sequence[tuple[int, tuple[int, ...]]]) -> list[Block]:
    """Blocks with those of their clips alone."""
    shared: dict[tuple[int, tuple[int, ...]], tuple[Any, ...]] = {}
    narrowed = []
    for i, lacking in places:
        block = blocks[i]
        if len(lacking) < len(block.utterances):
            chosen = tuple(block.utterances[place] for place in lacking)
            utterances = shared.setdefault((id(block.utterances), lacking), chosen)
            block = Block(block.language, block.condition, utterances)
        narrowed.append(block)
    return narrowed


def still_missing(gaps: Iterable[Gap], is_there: Callable[[str], bool]) -> list[Gap]:
    """The gaps without those of their parts that have come meanwhile."""
    left = [
        replace(
            gap, parts={arm: part for arm, part in gap.parts.items() if part.misfits or not is_there(part.name.key)}
        )
        for gap in gaps
    ]
    return [gap for gap in left if gap.parts]


def write_part(store: Store, gap: Gap, arm_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes a whole part: `rows` of the clips that it lacked, in their order, and those that other parts held."""
    part = gap.parts[arm_id]
    decoded = store.read_rows(part.sources)
    fresh = {part.name.clips[place]: row for place, row in zip(gap.lacking, rows, strict=True)}
    merged = {**decoded, **{clip: {**row, "clip_key": clip} for clip, row in fresh.items()}}
    store.write_part(part.name.key, [merged[clip] for clip in part.name.clips])
