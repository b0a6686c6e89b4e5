"""One cell: every arm's counts over the same clips in the same order, and what is resampled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.comparing.clips import ArmClips, Floats
from bench.comparing.parts import Sample
from bench.comparing.protocol import Protocol
from bench.scoring import Metric
from bench.stats import PairedSums, Totals, cross, effective_clusters, resample_weights, sum_within
from bench.suite import CLEAN, SPEECH_MARGIN, ArmId

MOSTLY = 0.5
"""The share of clips beyond which a language is taken to be written as they are."""
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Cell:
    """The readable clips of one language under one condition.

    `clips`: what all arms have in common, ids, speakers and references among it. `arms` has every arm's errors by arm
    id, in the order of `clips`; `sensitivity` the same under the second normaliser, if there is one. `group` numbers
    the unit (speaker, utterance, or what clips are grouped by where no speaker is named) that each clip belongs to;
    `unit_note` says why it is not the speaker where nobody asked for that.
    """

    language: str
    condition: str
    clips: pd.DataFrame
    arms: Mapping[ArmId, ArmClips]
    sensitivity: Mapping[ArmId, ArmClips] | None
    unit: str
    unit_note: str
    group: Ints
    unreadable: int

    @property
    def name(self) -> str:
        return f"{self.language}/{self.condition}"

    @property
    def sample(self) -> Sample:
        """What every arm's row says of the clips themselves."""
        return Sample(
            clips=len(self.clips),
            speakers=len(set(self.clips["speaker_id"]) - {""}),
            unit=self.unit,
            unit_note=self.unit_note,
            unreadable=self.unreadable,
            word_growth=self.word_growth(self.arms),
            masked=int((self.clips["speech_db"] - self.clips["background_db"] < SPEECH_MARGIN).sum()),
            truncated=int((self.clips["audio_status"] == "truncated").sum()),
            unspaced=bool(self.clips["unspaced"].mean() > MOSTLY),
            effective=effective_clusters(np.bincount(self.group)),
            sentences=None if self.sentences is None else int(self.sentences[0].max()) + 1,
        )

    def word_growth(self, arms: Mapping[ArmId, ArmClips]) -> float:
        """How many words a normaliser makes of one that was written."""
        written = int(self.clips["written_words"].sum())
        words = int(next(iter(arms.values())).by_metric["wer"].length.sum())
        return words / written if written else float("nan")

    def length(self, metric: Metric) -> Floats:
        """Reference units, summed within each unit: (G,)."""
        return self.by_unit(next(iter(self.arms.values())).by_metric[metric].length)

    def over(self, ids: Collection[str]) -> Cell:
        """A cell of these utterances only, under the first normaliser."""
        kept = self.clips["utterance_id"].isin(ids).to_numpy()
        return replace(
            self,
            clips=self.clips[kept].reset_index(drop=True),
            arms={arm_id: clips.where(kept) for arm_id, clips in self.arms.items()},
            sensitivity=None,
            group=np.unique(self.group[kept], return_inverse=True)[1],
            unreadable=self.unreadable + int((~kept).sum()),
        )

    def by_unit(self, values: npt.ArrayLike) -> Floats:
        """One value a clip, summed within each unit: (G,)."""
        return sum_within(self.group, values)

    def totals(self, *values: npt.ArrayLike) -> Totals:
        """Values of one entry a clip, (n,) each, summed within each unit: (G, k); and over sentences where units share
        some.
        """
        return Totals.within(values, self.group, self.sentences)

    @cached_property
    def sentences(self) -> tuple[Ints, Ints] | None:
        """The number of each clip's sentence, the reference as it is scored, and that of the sentence and the unit;
        None where nothing is crossed.
        """
        sentence = np.unique(self.clips["normalized_reference"].to_numpy(dtype=str), return_inverse=True)[1]
        return cross(self.group, sentence)

    def sums(
        self,
        arm: ArmId,
        control: ArmId,
        metric: Metric,
        measure: str = "errors",
        arms: Mapping[ArmId, ArmClips] | None = None,
    ) -> PairedSums:
        """A count of two arms (errors, capped, substitutions, …) and the reference length, summed within each unit.

        `arms`: of the first normaliser unless given.
        """
        ours, theirs = ((arms or self.arms)[name].by_metric[metric] for name in (arm, control))
        return PairedSums.of_totals(self.totals(getattr(theirs, measure), getattr(ours, measure), ours.length))

    def weights(self, protocol: Protocol) -> Floats:
        """(B, G): the same resamples for every arm, metric and condition, other ones for every language."""
        return resample_weights(int(self.group.max()) + 1, protocol.resamples, self.rng(protocol))

    def rng(self, protocol: Protocol, *purpose: int) -> np.random.Generator:
        return language_rng(protocol, self.language, *purpose)


def language_rng(protocol: Protocol, language: str, *purpose: int) -> np.random.Generator:
    """Seeded by the suite's seed and the language: costs under all conditions are compared with the clean one."""
    return _rng(f"{protocol.seed}\0{language}\0{CLEAN}", *purpose)


def fixed_rng(language: str, *purpose: int) -> np.random.Generator:
    """The same whatever the suite's seed: of what marks and verdicts hang on where they are close."""
    return _rng(language, *purpose)


def _rng(name: str, *purpose: int) -> np.random.Generator:
    return np.random.default_rng([int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big"), *purpose])


@dataclass(frozen=True)
class Resamples:
    """The resamples of one language's speakers, drawn once for all of its cells: the same ones under every condition.

    (B, G) for every number of speakers that is asked for.
    """

    protocol: Protocol
    drawn: dict[int, Floats] = field(default_factory=dict)

    def of(self, cell: Cell) -> Floats:
        clusters = int(cell.group.max()) + 1
        if clusters not in self.drawn:
            self.drawn[clusters] = cell.weights(self.protocol)
        return self.drawn[clusters]
