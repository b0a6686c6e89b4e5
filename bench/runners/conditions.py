"""What a suite's conditions are made of besides the clips themselves: each language's pool, folders of recordings."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

from rich.console import Console

from bench.audio import UnreadableAudioError
from bench.corpora import READERS, Corpus, Utterance, load_corpus, read_utterance
from bench.corpus_identity import ManifestCorpus
from bench.errors import BenchError
from bench.runners.spending import Spending
from bench.snr_ladder import (
    FEWEST_TALKERS,
    POOL,
    Degraded,
    Material,
    Recordings,
    Said,
    Speech,
    degrade,
    makers,
    rooms_of,
)
from bench.suite import CLEAN, Condition, Suite

NO_MATERIAL = Material("", ())
"""For what is made from nobody else's speech."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """Makes the audio of every cell from a clip's own, the suite's seed, and the fixed pool of the clip's language."""

    corpus: Corpus
    seed: int
    spent: Spending = field(default_factory=Spending, repr=False)

    def read(self, utterance: Utterance) -> Speech:
        """Raises UnreadableAudioError."""
        with self.spent.on("audio"):
            return Speech(utterance.id, utterance.speaker, read_utterance(utterance), utterance.reference)

    def apply(self, condition: Condition, language: str, speech: Speech) -> Degraded:
        """Raises UnreadableAudioError for a clip that the condition cannot be made for."""
        material = self._materials[language] if condition.needs_pool else NO_MATERIAL
        with self.spent.on("conditions"):
            return degrade(condition, speech, material, self.seed)

    def fingerprint(self, condition: Condition, language: str) -> tuple[str, ...]:
        """Of whatever else the condition is made from: changes with its bytes."""
        if condition.kind == CLEAN:
            return ()
        pool = [self._hash_pool(language, condition.has_talkers)] if condition.needs_pool else []
        folders = [Recordings.of(step.path).fingerprint for step in condition.steps if step.path]
        return (makers(), *pool, *folders)

    def require_material(self, conditions: Iterable[Condition], languages: Iterable[str]) -> None:
        """Raises BenchError where a pool has too few speakers, before hours of decoding rather than after."""
        needed = {FEWEST_TALKERS: "babble", 1: "overlap"}
        kinds = {step.noise or step.kind for condition in conditions for step in condition.steps}
        for language in languages:
            for fewest, kind in needed.items():
                pool = self.corpus.pool.get(language, ())
                speakers = len({utterance.speaker or utterance.id for utterance in pool})
                if kind in kinds and speakers < fewest + 1:
                    raise BenchError(
                        f"{kind} in {language}: its pool has {speakers} speakers, and a clip needs {fewest} others; "
                        f"take {kind} out of the suite's conditions or add speakers"
                    )

    def unheard(self, utterance: Utterance) -> tuple[str, ...]:
        """The pool's clips that are never heard over this one: by its speaker, or of its text."""
        said = _said(utterance)
        pool = self._said_in_pools.get(utterance.language, ())
        return tuple(clip.id for clip in pool if not clip.may_be_heard_over(said))

    @cached_property
    def _said_in_pools(self) -> dict[str, list[Said]]:
        return {language: [_said(utterance) for utterance in pool] for language, pool in self.corpus.pool.items()}

    def _hash_pool(self, language: str, talkers: bool) -> str:
        """Of its audio; where its talkers are told apart, of which clips one of them said as well."""
        pool = self.corpus.pool[language]
        speakers = [utterance.speaker for utterance in pool]
        first = [speakers.index(speaker) if talkers and speaker else None for speaker in speakers]
        clips = [(u.id, u.seconds, u.audio_hash(), said) for u, said in zip(pool, first, strict=True)]
        return blake2b(repr(clips).encode(), digest_size=8).hexdigest()

    @cached_property
    def _materials(self) -> dict[str, Material]:
        """Every pool decoded: some 10 MB a language."""
        with ThreadPoolExecutor(READERS) as threads:
            return {
                language: Material.of(
                    language, [speech for speech in threads.map(self._read_if_readable, pool) if speech]
                )
                for language, pool in self.corpus.pool.items()
            }

    def _read_if_readable(self, utterance: Utterance) -> Speech | None:
        try:
            return self.read(utterance)
        except UnreadableAudioError:
            return None

    def prepare(self, conditions: Iterable[Condition], console: Console) -> None:
        """Decodes pools and builds rooms before clips are taken up in parallel. Raises BenchError for unfit rooms."""
        steps = {step for condition in conditions for step in condition.steps}
        with console.status("preparing rooms and other speakers"), self.spent.on("rooms and pools"):
            if any(step.needs_pool for step in steps):
                _ = self._materials
            for step in steps:
                if step.kind == "far-field":
                    rooms_of(step, self.seed)


def conditions_of(suite: Suite) -> Conditions:
    """Of the suite's corpus, with a pool where any condition is made from one."""
    pool = POOL if any(condition.needs_pool for condition in suite.conditions) else 0
    return Conditions(load_corpus(suite.corpus, suite.languages, suite.seed, pool), suite.seed)


CLEAN_ONLY = Conditions(Corpus(ManifestCorpus(stem=""), {}), 0)
"""For clips that are taken as they are."""


def _said(utterance: Utterance) -> Said:
    return Said(utterance.id, utterance.speaker, utterance.reference)
