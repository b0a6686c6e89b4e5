"""The plan of a run: what it can detect, what it would take to detect more, and what it costs in time and disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.analysis.cautions import FEW_SPEAKERS
from bench.analysis.power import LanguagePlan, Size, plan_language, sizes_of
from bench.comparing import SPEAKER, UTTERANCE, Protocol, read_results
from bench.corpora import Corpus, Utterance, load_corpus
from bench.cost import BYTES_PER_DECODE, Cost, Speed
from bench.errors import BenchError
from bench.scoring import make_normalizer
from bench.stats import ALPHA, ICC, Clips, cross, effective_clusters, expected_standard_error, simulate_power
from bench.store import Store
from bench.suite import Suite

DEFAULT_TARGET = 1.0
CHARACTERS_TOGETHER = 3
"""Characters that go wrong together, about: errors of characters come in runs, not one by one."""
CLIPS_PER_SPEAKER = 10.0
"""Where the corpus names no speakers and nobody says how many: between Common Voice's few and an audiobook's many."""
CORPORA = 400
"""Simulated a language: a chance of 80 % is then known to 4 points."""


@dataclass(frozen=True)
class Plan:
    """What a suite can detect in each language, and what decoding it takes.

    `source` says where the standard errors are from, `simulation` what was simulated, empty if nothing was.
    """

    source: str
    target: float
    margin: float | None
    languages: tuple[LanguagePlan, ...]
    cost: Cost
    simulation: str = ""


@dataclass(frozen=True)
class Supposition:
    """What a plan without decodes rests on: the control's error rate in per cent, and where the corpus names no
    speakers how many clips each has.
    """

    wer: float
    clips_per_speaker: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.wer <= 1000:
            raise BenchError(f"--wer {self.wer:g}: a rate in per cent, above 0")
        if self.clips_per_speaker is not None and not 1 <= self.clips_per_speaker < float("inf"):
            raise BenchError(f"--clips-per-speaker {self.clips_per_speaker:g}: a number, 1 or more")


def make_plan(
    suite: Suite,
    store: Store,
    supposed: Supposition | None,
    target: float | None,
    corpus: Corpus | None = None,
    simulate: Callable[[int], object] | None = None,
) -> Plan:
    """The plan from stored decodes; or, of what is supposed, from references and speakers of the suite's corpus.

    `corpus`: where it is loaded already. `simulate`: corpora of what is supposed are drawn and compared too, and it is
    told how many more are done. Raises BenchError where there are neither decodes nor a supposition.
    """
    if target is not None and not 0 < target < float("inf"):
        raise BenchError(f"--target {target:g}: a cost in points, above 0")
    target = target or suite.statistics.margin or DEFAULT_TARGET
    if supposed is None:
        source, simulation = "the stored decodes", ""
        planned = [plan_language(suite, size, target) for size in _from_decodes(suite, store)]
    else:
        corpus = corpus or load_corpus(suite.corpus, suite.languages, suite.seed)
        source = _source(supposed, corpus)
        planned, simulation = _from_corpus(suite, supposed, corpus, target, simulate)
    clips_in_all = sum({plan.size.language: plan.size.clips for plan in planned}.values())
    speed = store.read_speed()
    cost = Cost(
        clips_in_all,
        len(suite.languages),
        len(suite.conditions),
        len(suite.arms),
        store.bytes_per_decode() or BYTES_PER_DECODE,
        Speed(speed["decodes"], speed["seconds"]) if speed else None,
    )
    return Plan(source, target, suite.statistics.margin, tuple(planned), cost, simulation)


def _from_decodes(suite: Suite, store: Store) -> list[Size]:
    try:
        sizes = sizes_of(suite, read_results(suite, store))
    except BenchError as error:
        raise BenchError(f"{error}; or state a WER by --wer to plan without decodes") from None
    if not sizes:
        raise BenchError(f"suite {suite.name}: no arm has a control, so there is nothing to detect")
    return sizes


def _from_corpus(
    suite: Suite, supposed: Supposition, corpus: Corpus, target: float, simulate: Callable[[int], object] | None
) -> tuple[list[LanguagePlan], str]:
    """Every language as it is supposed to be, and what was simulated of it, in words."""
    clips = {language: _clips(suite, supposed, corpus, language) for language in corpus.utterances}
    sizes = [_size(supposed, corpus, *of_language) for of_language in clips.items()]
    planned = [plan_language(suite, size, target) for size in sizes]
    if simulate is None:
        return planned, ""
    rate, resamples = supposed.wer / 100, Protocol.of(suite).resamples
    simulated = [
        replace(plan, simulated=_chances(suite, number, clips[plan.size.language], rate, target, simulate))
        for number, plan in enumerate(planned)
    ]
    return simulated, f"{CORPORA} corpora a language, seed {suite.seed}, B = {resamples:,} resamples each"


def _source(supposed: Supposition, corpus: Corpus) -> str:
    """What is supposed, in words. Raises BenchError where clips a speaker are given that the corpus knows better."""
    nameless = [language for language, clips in corpus.utterances.items() if not _names_speakers(corpus, clips)]
    if supposed.clips_per_speaker is not None and not nameless:
        raise BenchError("--clips-per-speaker: the corpus names every clip's speaker; leave the option out")
    each = f"{supposed.clips_per_speaker or CLIPS_PER_SPEAKER:g} clips a speaker in {' '.join(nameless)}, where none"
    speakers = f"; {each} are named (--clips-per-speaker)" if nameless else ""
    return (
        f"an error rate of {supposed.wer:g} %: 40 % of the errors each arm's own, no loops; costs of one speaker's "
        f"clips, and of one sentence's, correlate by {ICC:g}{speakers}"
    )


def _names_speakers(corpus: Corpus, utterances: Sequence[Utterance]) -> bool:
    return corpus.identity.clusters == SPEAKER and all(utterance.speaker for utterance in utterances)


def _clips(suite: Suite, supposed: Supposition, corpus: Corpus, language: str) -> Clips:
    """A language's clips, with so many words each, or units of characters where CER is primary.

    Speakers who are not named have equally many. What is resampled is what comparing will resample.
    """
    utterances = corpus.utterances[language]
    normalize = make_normalizer(suite.scoring.normalizer)
    texts = [normalize(utterance.reference, language).split() for utterance in utterances]
    by_characters = language in suite.scoring.cer_primary
    units = [len("".join(words)) / CHARACTERS_TOGETHER if by_characters else len(words) for words in texts]
    if not sum(units):
        raise BenchError(f"language {language}: its references hold no word; mend the corpus")
    clips = np.arange(len(utterances))
    names = [utterance.speaker for utterance in utterances]
    groups = np.unique(names, return_inverse=True)[1]
    together = all(names) and len(set(names)) > 1 and suite.statistics.unit != UTTERANCE
    each = supposed.clips_per_speaker or CLIPS_PER_SPEAKER
    speaker = groups if _names_speakers(corpus, utterances) else clips % max(1, round(len(clips) / each))
    unit = groups if together else clips
    sentence = np.unique([" ".join(words) for words in texts], return_inverse=True)[1]
    return Clips(np.array(units, dtype=float), speaker, unit, cross(unit, sentence))


def _size(supposed: Supposition, corpus: Corpus, language: str, clips: Clips) -> Size:
    """How much there is, and the SE to expect of clips by those speakers, in points."""
    standard_error = 100 * clips.design_effect**0.5 * expected_standard_error(supposed.wer / 100, clips.length.sum())
    named = len({utterance.speaker for utterance in corpus.utterances[language]} - {""})
    few = min(effective_clusters(np.bincount(of)) for of in (clips.speaker, clips.unit)) < FEW_SPEAKERS
    return Size(language, "any", len(clips.length), named, standard_error, few, clips.design_effect)


def _chances(
    suite: Suite, number: int, clips: Clips, rate: float, target: float, advance: Callable[[int], object]
) -> tuple[float, float]:
    """The chances that a cost of the target is marked after Holm's first step, and alone, in the suite's language of
    that number: of corpora that are compared as real ones will be, from a generator seeded by suite's seed and number.
    """
    alphas = ALPHA / len(suite.languages), ALPHA
    rng = np.random.default_rng([suite.seed, number])
    resamples = Protocol.of(suite).resamples
    marked, alone = simulate_power(clips, rate, target / 100, alphas, CORPORA, resamples, rng, advance)
    return marked, alone
